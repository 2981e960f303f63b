//! Fits, and draws from the posterior of their parameters: what `uphill-solve` finds, for `python/uphill/_fit.py`.

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};
use uphill_solve::{
    Basis, Columns, Fit, Method, Model, Parameter, Performance, Sampling, State, Weights,
};

use crate::error::{self, Raise};
use crate::function::Function;
use crate::posterior::Posterior;
use crate::solve::Limit;
use crate::watch::Watch;

/// What is asked of a fit.
#[derive(FromPyObject)]
pub(crate) struct Wanted {
    #[pyo3(item)]
    columns: Vec<(String, Vec<f64>)>,
    #[pyo3(item)]
    start: Vec<(String, f64)>,
    #[pyo3(item)]
    bounds: Vec<Limit>,
    #[pyo3(item)]
    fix: Vec<String>,
    #[pyo3(item)]
    performance: (String, f64),
    #[pyo3(item)]
    weights: Option<String>,
    #[pyo3(item)]
    frequencies: Option<String>,
    #[pyo3(item)]
    sigma: Option<String>,
    #[pyo3(item)]
    method: (String, f64),
    #[pyo3(item)]
    starts: Option<(usize, u64)>,
    #[pyo3(item)]
    most_iterations: Option<u64>,
}

fn performance((name, width): &(String, f64)) -> PyResult<Performance> {
    Ok(match name.as_str() {
        "squared error" => Performance::SquaredError,
        "root mean square" => Performance::RootMeanSquare,
        "huber" => Performance::Huber(*width),
        "log likelihood" => Performance::LogLikelihood,
        other => {
            return Err(error::input(format!(
                "no performance is named `{other}`; known: squared error, root mean square, huber, log likelihood"
            )));
        }
    })
}

fn method((name, rate): &(String, f64)) -> PyResult<Method> {
    Ok(match name.as_str() {
        "automatic" => Method::Automatic,
        "levenberg-marquardt" => Method::LevenbergMarquardt,
        "quasi-newton" => Method::QuasiNewton,
        "ascent" => Method::Ascent(*rate),
        other => {
            return Err(error::input(format!(
                "no way to climb is named `{other}`; known: automatic, levenberg-marquardt, quasi-newton, ascent"
            )));
        }
    })
}

/// What a fit found: `print(fit)` shows parameters with their errors, and where the climb ended.
#[pyclass(frozen, module = "uphill", name = "Fitted")]
pub(crate) struct Fitted {
    fitted: uphill_solve::Fitted,
}

/// Fits a model, a function with the outputs `desired` and `computed`.
#[pyfunction]
pub(crate) fn _fit(
    py: Python<'_>,
    sides: PyRef<'_, Function>,
    term: Option<PyRef<'_, Function>>,
    wanted: Wanted,
) -> PyResult<Fitted> {
    asked(py, &sides, term, wanted, |fit| Ok(Fitted { fitted: fit.run().raise()? }))
}

/// Draws from the posterior of the parameters that such a fit has: numbers of chains, of draws and of draws before these, and a
/// seed.
#[pyfunction]
pub(crate) fn _sample(
    py: Python<'_>,
    sides: PyRef<'_, Function>,
    term: Option<PyRef<'_, Function>>,
    wanted: Wanted,
    drawn: (usize, usize, usize, u64),
) -> PyResult<Posterior> {
    let (chains, draws, tuning, seed) = drawn;
    asked(py, &sides, term, wanted, |fit| {
        let sampling = Sampling::new(fit).chains(chains).draws(draws).tuning(tuning).seed(seed);
        Ok(Posterior { posterior: sampling.run().raise()? })
    })
}

/// Sets a fit up, and does something with it, which Ctrl-C ends.
fn asked<T: Send>(
    py: Python<'_>,
    sides: &Function,
    term: Option<PyRef<'_, Function>>,
    wanted: Wanted,
    run: impl FnOnce(Fit<'_>) -> PyResult<T> + Send,
) -> PyResult<T> {
    let sides = (*sides.function).clone();
    let term = term.map(|term| (*term.function).clone());
    let (performance, method) = (performance(&wanted.performance)?, method(&wanted.method)?);
    py.detach(|| {
        let names: Vec<String> = wanted.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut model = Model::new(sides, names).raise()?;
        if let Some(term) = term {
            model = model.with_term(term).raise()?;
        }
        let table = Columns::new(wanted.columns).raise()?;
        let mut start = Vec::new();
        for name in model.parameters() {
            let Some((_, number)) = wanted.start.iter().find(|(known, _)| known == name) else {
                return Err(error::unknown(format!(
                    "`{name}` is no column and has no start: start={{\"{name}\": …}}"
                )));
            };
            start.push(*number);
        }
        if let Some((name, _)) =
            wanted.start.iter().find(|(name, _)| !model.parameters().contains(name))
        {
            return Err(error::unknown(format!(
                "start: no parameter is named `{name}`; known: {}",
                model.parameters().join(", ")
            )));
        }
        let watch = Watch::new();
        let stop = || watch.stops();
        let mut fit = Fit::new(&model, &table).start(start).method(method).stop_when(&stop);
        if model.term().is_none() {
            fit = fit.performance(performance);
        }
        for (name, low, high) in wanted.bounds {
            fit = fit.bounds(name, low, high);
        }
        for name in wanted.fix {
            fit = fit.fix(name);
        }
        for (column, kind) in
            [(wanted.weights, Weights::Precision), (wanted.frequencies, Weights::Frequency)]
        {
            if let Some(column) = column {
                fit = fit.weights(column, kind);
            }
        }
        if let Some(column) = wanted.sigma {
            fit = fit.sigma(column);
        }
        if let Some((count, seed)) = wanted.starts {
            fit = fit.starts(count, seed);
        }
        if let Some(most) = wanted.most_iterations {
            fit = fit.most_iterations(most);
        }
        let found = run(fit);
        watch.end(found)
    })
}

/// Value, standard error, band and where an observation lies, a list each.
type Predicted = [Py<PyAny>; 6];

impl Fitted {
    /// Something of each parameter, by its name.
    fn by_name<'py, T: IntoPyObject<'py>>(
        &self,
        py: Python<'py>,
        part: impl Fn(&Parameter) -> T,
    ) -> PyResult<Bound<'py, PyDict>> {
        let all = self.fitted.parameters().iter();
        all.map(|parameter| (&parameter.name, part(parameter))).into_py_dict(py)
    }
}

#[pymethods]
impl Fitted {
    /// The value of each parameter, by its name.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.by_name(py, |parameter| parameter.value)
    }

    /// The standard error of each parameter, None for one that has none.
    #[getter]
    fn standard_errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.by_name(py, |parameter| parameter.standard_error)
    }

    /// Whether each parameter was `free`, `fixed` or `at bound`.
    #[getter]
    fn states<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.by_name(py, |parameter| match parameter.state {
            State::Free => "free",
            State::Fixed => "fixed",
            State::AtBound => "at bound",
        })
    }

    /// The value of this parameter.
    fn __getitem__(&self, name: &str) -> PyResult<f64> {
        self.fitted.value(name).raise()
    }

    /// The confidence interval of a parameter; None where there is none to be had.
    #[pyo3(signature = (name, level = 0.95))]
    fn interval(&self, name: &str, level: f64) -> PyResult<Option<(f64, f64)>> {
        self.fitted.interval(name, level).raise()
    }

    /// The covariance of the parameters, row by row; None where there is none to be had.
    #[getter]
    fn covariance(&self) -> Option<Vec<Vec<f64>>> {
        self.fitted.covariance()
    }

    /// The correlations of the parameters, row by row.
    #[getter]
    fn correlations(&self) -> Option<Vec<Vec<f64>>> {
        self.fitted.correlations()
    }

    /// P.
    #[getter]
    fn performance(&self) -> f64 {
        self.fitted.performance()
    }

    /// The sum of squared residuals.
    #[getter]
    fn squares(&self) -> f64 {
        self.fitted.squares()
    }

    /// How many rows counted.
    #[getter]
    fn rows(&self) -> usize {
        self.fitted.rows()
    }

    /// Observations less parameters that were free.
    #[getter]
    fn degrees_of_freedom(&self) -> f64 {
        self.fitted.degrees_of_freedom()
    }

    /// The standard deviation of residuals.
    #[getter]
    fn residual_standard_error(&self) -> Option<f64> {
        self.fitted.residual_standard_error()
    }

    /// The part of the spread that the model explains.
    #[getter]
    fn r_squared(&self) -> Option<f64> {
        self.fitted.r_squared()
    }

    /// Akaike's criterion.
    #[getter]
    fn aic(&self) -> Option<f64> {
        self.fitted.aic()
    }

    /// How many steps were made.
    #[getter]
    fn iterations(&self) -> u64 {
        self.fitted.iterations()
    }

    /// Whether P is as high here as it gets nearby.
    #[getter]
    fn converged(&self) -> bool {
        self.fitted.is_converged()
    }

    /// Where the climb ended, in one word.
    #[getter]
    fn ending(&self) -> &'static str {
        self.fitted.ending().name()
    }

    /// Whether standard errors rest on residuals or on known errors of measurement.
    #[getter]
    fn basis(&self) -> String {
        let basis: Basis = self.fitted.basis();
        format!("{basis:?}")
    }

    fn _predict(
        &self,
        py: Python<'_>,
        columns: Vec<(String, Vec<f64>)>,
        level: f64,
    ) -> PyResult<Predicted> {
        let rows = py.detach(|| {
            let table = Columns::new(columns)?;
            self.fitted.predict(&table, level)
        });
        let rows = rows.raise()?;
        let list = |part: &dyn Fn(&uphill_solve::Prediction) -> f64| {
            let numbers: Vec<f64> = rows.iter().map(part).collect();
            PyArray1::from_vec(py, numbers).into_any().unbind()
        };
        let side = |pair: Option<(f64, f64)>, high: bool| {
            pair.map_or(f64::NAN, |(low, up)| if high { up } else { low })
        };
        Ok([
            list(&|row| row.value),
            list(&|row| row.standard_error.unwrap_or(f64::NAN)),
            list(&|row| side(row.band, false)),
            list(&|row| side(row.band, true)),
            list(&|row| side(row.observation, false)),
            list(&|row| side(row.observation, true)),
        ])
    }

    fn __str__(&self) -> String {
        self.fitted.to_string()
    }

    fn __repr__(&self) -> String {
        self.fitted.to_string()
    }
}
