//! Climbs by the gradient of P, a sum over rows: plain steps at a rate, or L-BFGS (`quasi_newton`).

use uphill_table::Table;

use super::arguments::{Method, Task};
use super::levenberg::{Climb, Stopped};
use super::model::Model;
use super::report::Report;
use super::residuals::Rows;
use super::trouble;
use crate::error::Error;

/// P and its gradient, as sums over the rows.
pub(super) struct Performance<'t> {
    rows: Rows<'t>,
    places: Vec<Option<usize>>,
    outputs: usize,
}

impl Performance<'_> {
    pub(super) fn at(&mut self, parameters: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let mut sums = vec![0.0; self.outputs];
        self.rows.visit(parameters, |count, results| {
            for (sum, results) in sums.iter_mut().zip(results.chunks(count)) {
                *sum += results.iter().sum::<f64>();
            }
            Ok(())
        })?;
        Ok((sums[0], self.by_parameter(&sums, parameters.len())))
    }

    /// The gradient as it would be if no row's part took anything from another's: what rounding is measured by.
    pub(super) fn sizes(&mut self, parameters: &[f64]) -> Result<Vec<f64>, Error> {
        let mut sums = vec![0.0; self.outputs];
        self.rows.visit(parameters, |count, results| {
            for (sum, results) in sums.iter_mut().zip(results.chunks(count)) {
                *sum += results.iter().map(|part| part.abs()).sum::<f64>();
            }
            Ok(())
        })?;
        Ok(self.by_parameter(&sums, parameters.len()))
    }

    fn by_parameter(&self, sums: &[f64], parameters: usize) -> Vec<f64> {
        let mut list = vec![0.0; parameters];
        for (place, sum) in self.places.iter().zip(&sums[1..]) {
            if let Some(place) = place {
                list[*place] = *sum;
            }
        }
        list
    }
}

/// Climbs, and reports without standard errors. `definition` is that of `performance`, unless the model has it.
pub(super) fn fit(
    model: &Model,
    definition: &str,
    method: Method,
    task: &Task,
    climb: &Climb<'_>,
    table: &Table,
    start: &[f64],
) -> Result<Report, Error> {
    let store = &table.store;
    let function = model.function(definition, &["performance"])?;
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
        return Err(trouble::Fit { task, model, table, start }.error(&function)?);
    }
    let (values, iterations, stopped) = match method {
        Method::Ascent => ascend(&mut performance, model, task, climb, start)?,
        _ => super::quasi_newton::climb(performance, model, climb, start)?,
    };
    let squares = super::plain_squares(model, store, &values)?;
    let with = Rows::new(&function, &model.columns, &model.parameters, store)?;
    let mut total = Performance { rows: with, places: Vec::new(), outputs: 1 };
    let (value, _) = total.at(&values)?;
    let count = store.row_count();
    Ok(Report::of_ascent(model, climb, values, value, squares, count, iterations, stopped, method))
}

/// Where a climb ended, after how many iterations, and why.
pub(super) type Climbed = (Vec<f64>, u64, Stopped);

/// `w + r·∇P` until the parameters stand still.
fn ascend(
    performance: &mut Performance<'_>,
    model: &Model,
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
        let (value, slopes) = performance.at(&parameters)?;
        if value == f64::INFINITY {
            return Err(without_bound(model, value, &parameters));
        }
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

/// A performance that has no summit.
pub(super) fn without_bound(model: &Model, value: f64, parameters: &[f64]) -> Error {
    let number = |number: f64| crate::numbers::short(number, 4);
    let reached = model.parameters.iter().zip(parameters);
    let reached: Vec<String> =
        reached.map(|(name, at)| format!("{name} = {}", number(*at))).collect();
    Error::Fit(format!(
        "P rises without bound, so there is nothing to find: it is {} at {}; is a minus sign missing? \
         Errors must lower P, as in `-(desired - computed)^2`",
        number(value),
        reached.join(", ")
    ))
}
