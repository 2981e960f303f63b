//! A fit, checked and recorded: what [`Fit`](crate::Fit) asks for, as functions that can be climbed.

use uphill_graph::{Function, Scalar, Var};

use crate::error::Error;
use crate::model::{Model, Row};
use crate::passes::{Pass, Table};
use crate::performance::{Influence, Performance, Sums, Weights};

/// How rows count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counting {
    pub(crate) weights: Option<(String, Weights)>,
    pub(crate) sigma: Option<String>,
}

/// A model with a performance and how rows count.
pub(crate) struct Task {
    pub(crate) model: Model,
    pub(crate) performance: Performance,
    pub(crate) counting: Counting,
    weights: Option<usize>,
    sigma: Option<usize>,
}

impl Task {
    pub(crate) fn new(
        model: &Model,
        performance: Performance,
        counting: &Counting,
    ) -> Result<Task, Error> {
        performance.check()?;
        if counting.sigma.is_some()
            && counting.weights.as_ref().is_some_and(|(_, kind)| *kind == Weights::Precision)
        {
            return Err(Error::invalid(
                "both weights and sigma tell how precise a row is; give one, or weights that tell how often it was seen",
            ));
        }
        if model.term().is_some() && (counting.weights.is_some() || counting.sigma.is_some()) {
            return Err(Error::invalid(
                "weights and sigma go with the named performances; a performance of one's own says itself how rows count",
            ));
        }
        let names = counting.weights.iter().map(|(name, _)| name).chain(&counting.sigma);
        let model = names.fold(model.clone(), |model, name| model.beside(name));
        let place = |name: &String| model.columns().iter().position(|column| column == name);
        let weights = counting.weights.as_ref().and_then(|(name, _)| place(name));
        let sigma = counting.sigma.as_ref().and_then(place);
        Ok(Task { model, performance, counting: counting.clone(), weights, sigma })
    }

    /// The place of the column of weights.
    pub(crate) fn weights(&self) -> Option<usize> {
        self.weights
    }

    /// What a row's square is multiplied by.
    fn precision<'g>(&self, row: &Row<'g, '_>) -> Option<Var<'g>> {
        let weight = self.weights.map(|place| row.columns[place]);
        let sigma = self.sigma.map(|place| 1.0 / row.columns[place].square());
        match (weight, sigma) {
            (Some(weight), Some(sigma)) => Some(weight * sigma),
            (weight, sigma) => weight.or(sigma),
        }
    }

    /// The residual of a row, weighted.
    pub(crate) fn weighted<'g>(&self, row: &Row<'g, '_>) -> Var<'g> {
        let error = row.desired - row.computed;
        let error = self.sigma.map_or(error, |place| error / row.columns[place]);
        let residual = self.performance.residual(error);
        self.weights.map_or(residual, |place| row.columns[place].sqrt() * residual)
    }

    /// The residual, for performances that are sums of squares.
    pub(crate) fn residual(&self) -> Result<Function, Error> {
        self.model.canonical(|row| vec![("residual", self.weighted(row))])
    }

    /// The error of a row, weighted, without what a performance makes of it.
    pub(crate) fn error(&self) -> Result<Function, Error> {
        self.model.canonical(|row| {
            let error = row.desired - row.computed;
            let scaled = self.precision(row).map_or(error, |precision| precision.sqrt() * error);
            vec![("error", scaled)]
        })
    }

    /// The sum of squares of what is desired, weighted.
    pub(crate) fn desired_squares(&self, table: Table<'_>, at: &[f64]) -> Result<f64, Error> {
        let function = self.model.canonical(|row| {
            let square = row.desired.square();
            let weighted = self.precision(row).map_or(square, |precision| precision * square);
            vec![("desired", weighted)]
        })?;
        Ok(Pass::summed(&function, table)?.sums(at)?[0])
    }

    /// How far errors reach under Huber's performance of a width.
    pub(crate) fn influence(
        &self,
        width: f64,
        table: Table<'_>,
        at: &[f64],
    ) -> Result<Influence, Error> {
        let function = self.model.canonical(|row| {
            let error = row.desired - row.computed;
            let error = self.sigma.map_or(error, |place| error / row.columns[place]);
            let weight = self.weights.map_or(Var::constant(1.0), |place| row.columns[place]);
            let is_inside = error.abs().less_equal(Var::constant(width));
            let reach = error.abs().min(Var::constant(width));
            let seen = if self.is_frequency() { weight } else { Var::constant(1.0) };
            vec![("squares", weight * reach.square()), ("inside", seen * is_inside)]
        })?;
        let sums = Pass::summed(&function, table)?.sums(at)?;
        Ok(Influence { squares: sums[0], inside: sums[1] })
    }

    /// P's term, `-r²` or the model's own, and in units of the last place how far rounding of both sides moves it.
    pub(crate) fn term(&self) -> Result<Function, Error> {
        match self.model.term() {
            None => self.model.canonical(|row| {
                let residual = self.weighted(row);
                let sides = row.desired.abs() + row.computed.abs();
                let scale = self.precision(row).map_or(sides, |precision| precision.sqrt() * sides);
                vec![
                    ("performance", -residual.square()),
                    ("rounding", 2.0 * residual.abs() * scale),
                ]
            }),
            Some(_) => self
                .model
                .canonical(|row| row.term.map(|term| ("performance", term)).into_iter().collect()),
        }
    }

    /// Checks what weights and errors of measurement say.
    pub(crate) fn check_rows(&self, table: Table<'_>) -> Result<(), Error> {
        if table.row_count() == 0 {
            return Err(Error::invalid("the table has no rows, so there is nothing to fit to"));
        }
        if self.weights.is_none() && self.sigma.is_none() {
            return Ok(());
        }
        let mut counted = 0.0;
        let own = table.each(|row, numbers| {
            counted += 1.0;
            let wrong = |place: usize, expected: &str| {
                Err(Error::Row {
                    row,
                    column: Some(self.model.columns()[place].clone()),
                    what: format!("expected {expected}, got {}", numbers[place]),
                })
            };
            if let Some(place) = self.weights {
                let weight = numbers[place];
                if !(weight >= 0.0 && weight.is_finite()) {
                    return wrong(place, "a weight of 0 or more");
                }
                if self.is_frequency() && weight.fract() != 0.0 {
                    return wrong(place, "a whole number, how often the row was seen");
                }
            }
            match self.sigma {
                Some(place) if !(numbers[place] > 0.0 && numbers[place].is_finite()) => {
                    wrong(place, "a standard deviation above 0")
                }
                _ => Ok(()),
            }
        });
        let counted = table.ranks().gather(own.map(|()| Some(vec![counted])))?;
        if counted.concat().iter().all(|counted| *counted == 0.0) {
            return Err(Error::invalid(
                "all weights are 0, so no row counts, and there is nothing to fit to",
            ));
        }
        Ok(())
    }

    /// What the rows come to at a point.
    pub(crate) fn sums(&self, table: Table<'_>, at: &[f64]) -> Result<Sums, Error> {
        let one = Var::constant(1.0);
        let seen = self.weights.filter(|_| self.is_frequency());
        let function = self.model.canonical(|row| {
            let precision = self.precision(row).unwrap_or(one);
            let seen = seen.map_or(one, |place| row.columns[place]);
            let sides = [("desired", row.desired), ("computed", row.computed)];
            [&sides[..], &[("precision", precision), ("seen", seen)]].concat()
        })?;
        let note = |so_far: &mut Vec<f64>, taken: &[usize], results: &[f64]| {
            let [
                mut rows,
                mut observations,
                mut log_precision,
                mut squares,
                mut spread,
                mut total,
                mut mean,
            ] = of_rows(so_far);
            let count = taken.len();
            for row in 0..count {
                let of = |output: usize| results[output * count + row];
                let (desired, computed, precision, seen) = (of(0), of(1), of(2), of(3));
                rows += 1.0;
                observations += seen;
                if precision != seen {
                    log_precision += seen * Scalar::ln(precision / seen);
                }
                squares += precision * (desired - computed) * (desired - computed);
                // West's update of mean and spread.
                total += precision;
                let off = desired - mean;
                mean += precision / total * off;
                spread += precision * off * (desired - mean);
            }
            *so_far = [rows, observations, log_precision, squares, spread, total, mean].into();
            Ok(())
        };
        let all = Pass::each(&function, table)?
            .total(at, &[0.0; 7], note, |left, right| join(left, right))?;
        let [rows, observations, log_precision, squares, spread, ..] = of_rows(&all);
        let is_known = self.sigma.is_some();
        Ok(Sums { rows: rows as usize, observations, log_precision, is_known, squares, spread })
    }

    /// Whether weights tell how often a row was seen.
    fn is_frequency(&self) -> bool {
        self.counting.weights.as_ref().is_some_and(|(_, kind)| *kind == Weights::Frequency)
    }
}

/// Rows, observations, logarithms of precisions, squares, spread, precisions and mean, as they are summed up.
fn of_rows(numbers: &[f64]) -> [f64; 7] {
    numbers.try_into().unwrap_or([f64::NAN; 7])
}

/// Adds what rows on the right come to; the spread about the mean of both by the formula of Chan, Golub and LeVeque (1979).
fn join(left: &mut [f64], right: &[f64]) {
    let ([.., spread, total, mean], [.., own_spread, own_total, own_mean]) =
        (of_rows(left), of_rows(right));
    for (left, right) in left.iter_mut().zip(right) {
        *left += right;
    }
    let (both, off) = (total + own_total, own_mean - mean);
    if both > 0.0 {
        let part = own_total / both;
        left[4] = spread + own_spread + off * off * total * part;
        left[6] = mean + off * part;
    } else {
        left[6] = mean;
    }
}
