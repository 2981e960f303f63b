//! Climbs by the gradient of P, a sum over rows: plain steps at a rate, or L-BFGS.
//!
//! L-BFGS is argmin's. It works on parameters in units of their start values, since a model's may be 500 and 0.0001; the
//! best point seen is kept, since a line search fails where numbers can't tell better from worse.

use std::cell::RefCell;

use argmin::core::{CostFunction, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use super::arguments::{Method, Task};
use super::levenberg::{Climb, Stopped};
use super::model::Model;
use super::report::Report;
use super::residuals::Rows;
use crate::error::Error;
use crate::table::Store;

/// P and its gradient, as sums over the rows.
struct Performance<'t> {
    rows: Rows<'t>,
    places: Vec<Option<usize>>,
    outputs: usize,
}

impl Performance<'_> {
    fn at(&mut self, parameters: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let mut sums = vec![0.0; self.outputs];
        self.rows.visit(parameters, |count, results| {
            for (sum, results) in sums.iter_mut().zip(results.chunks(count)) {
                *sum += results.iter().sum::<f64>();
            }
            Ok(())
        })?;
        let mut gradient = vec![0.0; parameters.len()];
        for (place, slope) in self.places.iter().zip(&sums[1..]) {
            if let Some(place) = place {
                gradient[*place] = *slope;
            }
        }
        Ok((sums[0], gradient))
    }
}

/// Climbs, and reports without standard errors.
pub(super) fn fit(
    model: &Model,
    term: &str,
    method: Method,
    task: &Task,
    climb: &Climb<'_>,
    store: &Store,
    start: &[f64],
) -> Result<Report, Error> {
    let function = model.function(&format!("performance = {term}"), &["performance"])?;
    let with = function.with_gradient()?;
    let place = |output: &str| {
        let by = output.strip_prefix("dperformance/d")?;
        model.parameters.iter().position(|parameter| parameter == by)
    };
    let mut performance = Performance {
        places: with.output_names().skip(1).map(place).collect(),
        outputs: with.output_names().count(),
        rows: Rows::new(&with, &model.columns, &model.parameters, store)?,
    };
    let (value, slopes) = performance.at(start)?;
    if !value.is_finite() || slopes.iter().any(|slope| !slope.is_finite()) {
        let what =
            "the performance or its gradient is not finite at the start; choose other start values";
        return Err(Error::Fit(what.into()));
    }
    let (values, iterations, stopped) = match method {
        Method::Ascent => ascend(&mut performance, task, climb, start)?,
        _ => l_bfgs(performance, climb, start)?,
    };
    let squares = super::plain_squares(model, store, &values)?;
    let with = Rows::new(&function, &model.columns, &model.parameters, store)?;
    let mut total = Performance { rows: with, places: Vec::new(), outputs: 1 };
    let (value, _) = total.at(&values)?;
    let count = store.row_count();
    Ok(Report::of_ascent(model, climb, values, value, squares, count, iterations, stopped, method))
}

type Climbed = (Vec<f64>, u64, Stopped);

/// `w + r·∇P` until the parameters stand still.
fn ascend(
    performance: &mut Performance<'_>,
    task: &Task,
    climb: &Climb<'_>,
    start: &[f64],
) -> Result<Climbed, Error> {
    let rate = task.rate.unwrap_or_default();
    if !(rate > 0.0 && rate.is_finite()) {
        return Err(Error::Use(format!("--rate: expected a positive number, got {rate}")));
    }
    let mut parameters = start.to_vec();
    for iteration in 0..climb.most_iterations {
        if crate::interrupt::asked() {
            return Ok((parameters, iteration, Stopped::Interrupted));
        }
        let (_, slopes) = performance.at(&parameters)?;
        let mut still = true;
        for place in 0..parameters.len() {
            if climb.fixed[place] {
                continue;
            }
            let (low, high) = climb.bounds[place];
            let next = (parameters[place] + rate * slopes[place]).clamp(low, high);
            if next.is_nan() {
                let what = format!(
                    "the ascent diverged in iteration {}: take a lower rate than {rate}",
                    iteration + 1
                );
                return Err(Error::Fit(what));
            }
            still &= (next - parameters[place]).abs() <= 1e-14 * parameters[place].abs();
            parameters[place] = next;
        }
        if still {
            return Ok((parameters, iteration + 1, Stopped::NoImprovement));
        }
    }
    Ok((parameters, climb.most_iterations, Stopped::MostIterations))
}

/// What argmin descends: -P over parameters in units of their starts.
struct Descent<'t> {
    performance: RefCell<Performance<'t>>,
    units: Vec<f64>,
    start: Vec<f64>,
    free: Vec<usize>,
    best: RefCell<(f64, Vec<f64>)>,
}

impl Descent<'_> {
    fn parameters(&self, z: &[f64]) -> Vec<f64> {
        let mut parameters = self.start.clone();
        for (&place, z) in self.free.iter().zip(z) {
            parameters[place] = z * self.units[place];
        }
        parameters
    }
}

impl CostFunction for &Descent<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, z: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        let parameters = self.parameters(z);
        let (value, _) = self.performance.borrow_mut().at(&parameters)?;
        if value > self.best.borrow().0 {
            *self.best.borrow_mut() = (value, parameters);
        }
        // A line search comes back from a wall, not from NaN.
        Ok(if value.is_finite() { -value } else { f64::MAX.sqrt() })
    }
}

impl Gradient for &Descent<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, z: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        let (_, slopes) = self.performance.borrow_mut().at(&self.parameters(z))?;
        let slope = |&place: &usize| {
            let slope = -slopes[place] * self.units[place];
            if slope.is_finite() { slope } else { 0.0 }
        };
        Ok(self.free.iter().map(slope).collect())
    }
}

fn l_bfgs(
    performance: Performance<'_>,
    climb: &Climb<'_>,
    start: &[f64],
) -> Result<Climbed, Error> {
    if climb.bounds.iter().any(|(low, high)| low.is_finite() || high.is_finite()) {
        let what = "l-bfgs knows no bounds; take --method levenberg-marquardt or ascent";
        return Err(Error::Use(what.into()));
    }
    let free: Vec<usize> = (0..start.len()).filter(|&place| !climb.fixed[place]).collect();
    let units: Vec<f64> = start.iter().map(|x| if *x == 0.0 { 1.0 } else { x.abs() }).collect();
    let mut at: Vec<f64> = free.iter().map(|&place| start[place] / units[place]).collect();
    let descent = Descent {
        performance: RefCell::new(performance),
        units,
        start: start.to_vec(),
        free,
        best: RefCell::new((f64::NEG_INFINITY, start.to_vec())),
    };
    let mut iterations = 0;
    let mut before = f64::NEG_INFINITY;
    // A search that fails begins anew at the best point, with no memory; twice without a gain is the end.
    loop {
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10)
            .with_tolerance_grad(0.0)
            .and_then(|solver| solver.with_tolerance_cost(0.0))
            .map_err(|error| Error::Fit(error.to_string()))?;
        let left = climb.most_iterations - iterations;
        let run = Executor::new(&descent, solver)
            .configure(|state| state.param(at.clone()).max_iters(left.min(200)))
            .run();
        iterations += run.map_or(1, |result| result.state().get_iter().max(1));
        let (value, parameters) = descent.best.borrow().clone();
        let stopped = if crate::interrupt::asked() {
            Stopped::Interrupted
        } else if value <= before {
            Stopped::NoImprovement
        } else if iterations >= climb.most_iterations {
            Stopped::MostIterations
        } else {
            before = value;
            at = descent.free.iter().map(|&p| parameters[p] / descent.units[p]).collect();
            continue;
        };
        return Ok((parameters, iterations, stopped));
    }
}
