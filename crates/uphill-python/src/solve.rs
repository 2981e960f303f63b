//! Climbs, and problems with constraints: what `uphill-solve` finds, for `python/uphill/_solve.py`.

use pyo3::prelude::*;
use uphill_solve::{Climb, Problem};

use crate::error::Raise;
use crate::function::Function;
use crate::watch::Watch;

/// Name, lowest and highest number.
pub(crate) type Limit = (String, f64, f64);

/// Where a climb ended: numbers, P, ending in a word and in a sentence, whether it is a summit, steps.
type Summit = (Vec<f64>, f64, &'static str, String, bool, u64);

/// A summit of a function with one output.
#[pyfunction]
pub(crate) fn _climb(
    py: Python<'_>,
    function: PyRef<'_, Function>,
    start: Vec<f64>,
    bounds: Vec<Limit>,
    fixed: Vec<String>,
    most_iterations: Option<u64>,
) -> PyResult<Summit> {
    let function = function.function.clone();
    py.detach(|| {
        let watch = Watch::new();
        let stop = || watch.stops();
        let mut climb = Climb::new(&function).start(start).stop_when(&stop);
        for (name, low, high) in bounds {
            climb = climb.bounds(name, low, high);
        }
        for name in fixed {
            climb = climb.fix(name);
        }
        if let Some(most) = most_iterations {
            climb = climb.most_iterations(most);
        }
        let summit = climb.run().raise().map(|summit| {
            let ending = &summit.ending;
            let told = (ending.name(), ending.to_string(), ending.is_converged());
            (summit.values, summit.performance, told.0, told.1, told.2, summit.iterations)
        });
        watch.end(summit)
    })
}

/// An optimum: numbers, P, status in a word and in a sentence, steps, constraints (name, value, low, high, multiplier),
/// multipliers of bounds.
type Optimum =
    (Vec<f64>, f64, &'static str, String, u64, Vec<(String, f64, f64, f64, f64)>, Vec<f64>);

/// What is asked of a problem with constraints.
#[derive(FromPyObject)]
pub(crate) struct Asked {
    #[pyo3(item)]
    maximise: bool,
    #[pyo3(item)]
    start: Option<Vec<f64>>,
    #[pyo3(item)]
    constraints: Vec<Limit>,
    #[pyo3(item)]
    bounds: Vec<Limit>,
    #[pyo3(item)]
    tolerance: Option<f64>,
    #[pyo3(item)]
    most_iterations: Option<u64>,
}

/// The best value of a function's first output under limits on the others.
#[pyfunction]
pub(crate) fn _optimum(
    py: Python<'_>,
    function: PyRef<'_, Function>,
    asked: Asked,
    progress: Option<Py<PyAny>>,
) -> PyResult<Optimum> {
    let function = function.function.clone();
    py.detach(|| {
        let watch = Watch::new();
        let stop = || watch.stops();
        let tell = |iteration: &uphill_solve::Iteration| {
            if let Some(progress) = &progress {
                let (number, value) = (iteration.number, iteration.value);
                let all = (number, value, iteration.violation, iteration.error);
                watch.run(|py| progress.call1(py, all));
            }
        };
        let mut problem = match asked.maximise {
            true => Problem::maximise(&function),
            false => Problem::minimise(&function),
        };
        problem = problem.stop_when(&stop).progress(&tell);
        if let Some(start) = asked.start {
            problem = problem.start(start);
        }
        for (name, low, high) in asked.constraints {
            problem = problem.constrain(name, low, high);
        }
        for (name, low, high) in asked.bounds {
            problem = problem.bounds(name, low, high);
        }
        if let Some(tolerance) = asked.tolerance {
            problem = problem.tolerance(tolerance);
        }
        if let Some(most) = asked.most_iterations {
            problem = problem.most_iterations(most);
        }
        let optimum = problem.solve().raise().map(|optimum| {
            let constraints = optimum.constraints.into_iter();
            let constraints = constraints.map(|c| (c.name, c.value, c.low, c.high, c.multiplier));
            let (word, sentence) = (optimum.status.word(), optimum.status.to_string());
            let numbers = (optimum.values, optimum.value);
            let rest = (optimum.iterations, constraints.collect(), optimum.bound_multipliers);
            (numbers.0, numbers.1, word, sentence, rest.0, rest.1, rest.2)
        });
        watch.end(optimum)
    })
}
