//! What a fit found: numbers with their errors, how well they fit, where the climb ended, and predictions.

use std::fmt;

use crate::climb::{Ending, Space};
use crate::error::Error;
use crate::hill::Hill;
use crate::levenberg::Jacobian;
use crate::method::Method;
use crate::passes::Table;
use crate::performance::{Performance, Sums};
use crate::rows::Rows;
use crate::search::Found;
use crate::statistics::{Basis, Errors, half_width};
use crate::task::Task;

/// Whether a parameter was free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was sought, and lies between its bounds.
    Free,
    /// It kept its number.
    Fixed,
    /// It was sought, and lies at a bound.
    AtBound,
}

/// A parameter as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its number.
    pub value: f64,
    /// Its standard error; none if it was not free, or where there is none to be had.
    pub standard_error: Option<f64>,
    /// Whether it was free.
    pub state: State,
}

/// The computed side of a row, with how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// What the model computes.
    pub value: f64,
    /// Its standard error, from those of the parameters; none without them.
    pub standard_error: Option<f64>,
    /// The confidence band: where the model's true value lies.
    pub band: Option<(f64, f64)>,
    /// Where a new observation lies, if its error is like those of the fit; none where that is not known.
    pub observation: Option<(f64, f64)>,
}

/// What a fit found.
#[derive(Debug, Clone)]
pub struct Fitted {
    pub(crate) model: crate::model::Model,
    parameters: Vec<Parameter>,
    errors: Errors,
    performance: f64,
    sums: Sums,
    kind: Option<Performance>,
    free: usize,
    is_weighted: bool,
    iterations: u64,
    ending: Ending,
    method: Method,
    starts: [usize; 2],
}

impl Fitted {
    pub(crate) fn new(
        task: &Task,
        space: &Space,
        table: Table<'_>,
        hill: &mut Hill<'_>,
        method: Method,
        found: Found,
        starts: [usize; 2],
    ) -> Result<Fitted, Error> {
        let Found { at, value, iterations, ending } = found;
        let width = at.len();
        let sums = task.sums(table, &at)?;
        let state = |place: usize| match (space.fixed[place], space.side(place, &at) == 0.0) {
            (true, _) => State::Fixed,
            (false, true) => State::Free,
            (false, false) => State::AtBound,
        };
        let free: Vec<usize> = (0..width).filter(|&place| state(place) == State::Free).collect();
        let kind = task.model.term().is_none().then_some(task.performance);
        let errors = match kind {
            _ if matches!(ending, Ending::Valley(_)) => Errors::none(Basis::Undetermined),
            _ if ending != Ending::Summit => Errors::none(Basis::NoSummit),
            Some(Performance::Huber(reach)) => {
                let triangle = Jacobian::new(&task.error()?, width, table)?.folded(&at)?;
                let inverse = triangle.damped(&free, None).inverse_square();
                Errors::robust(inverse, &task.influence(reach, table, &at)?, &sums, free.len())
            }
            Some(_) => {
                let triangle = Jacobian::new(&task.residual()?, width, table)?.folded(&at)?;
                let inverse = triangle.damped(&free, None).inverse_square();
                Errors::of_squares(inverse, -value, &sums, free.len())
            }
            None => Errors::of_curvature(&hill.curvature(&at)?.part(&free)),
        }
        .spread(&free, width);
        let parameter = |place: usize| Parameter {
            name: task.model.parameters()[place].clone(),
            value: at[place],
            standard_error: match state(place) {
                State::Free => errors.standard_error(place),
                _ => None,
            },
            state: state(place),
        };
        Ok(Fitted {
            model: task.model.clone(),
            parameters: (0..width).map(parameter).collect(),
            errors,
            performance: kind.map_or(value, |kind| kind.value(-value, &sums)),
            sums,
            kind,
            free: free.len(),
            is_weighted: task.weights().is_some(),
            iterations,
            ending,
            method,
            starts,
        })
    }

    /// The parameters, in the model's order.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn place(&self, name: &str) -> Result<usize, Error> {
        let found = self.parameters.iter().position(|parameter| parameter.name == name);
        found.ok_or_else(|| Error::unknown("parameter", name, self.model.parameters()))
    }

    /// The numbers of all parameters, in the model's order.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.parameters.iter().map(|parameter| parameter.value).collect()
    }

    /// A parameter's number.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn value(&self, name: &str) -> Result<f64, Error> {
        Ok(self.parameters[self.place(name)?].value)
    }

    /// A parameter's standard error; none if it was not free, or where there is none to be had.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn standard_error(&self, name: &str) -> Result<Option<f64>, Error> {
        Ok(self.parameters[self.place(name)?].standard_error)
    }

    /// What standard errors rest on, or why there are none.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.errors.basis
    }

    /// A parameter's confidence interval at a level such as 0.95: by Student's distribution, or by the normal one where
    /// errors are known rather than estimated.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`]; [`Error::Invalid`] for a level that is not between 0 and 1.
    pub fn interval(&self, name: &str, level: f64) -> Result<Option<(f64, f64)>, Error> {
        let parameter = &self.parameters[self.place(name)?];
        let factor = half_width(level, self.quantile_degrees())?;
        let around =
            |error: f64| (parameter.value - factor * error, parameter.value + factor * error);
        Ok(parameter.standard_error.map(around))
    }

    /// The covariances of the parameters, in the model's order; 0 for parameters that were not free. None where there are
    /// no standard errors.
    #[must_use]
    pub fn covariance(&self) -> Option<Vec<Vec<f64>>> {
        let covariance = self.errors.covariance.as_ref()?;
        let row =
            |row: usize| (0..covariance.width()).map(|column| covariance.at(row, column)).collect();
        Some((0..covariance.width()).map(row).collect())
    }

    /// The correlations of the parameters, in the model's order; NaN for parameters that were not free. None where there
    /// are no standard errors.
    #[must_use]
    pub fn correlations(&self) -> Option<Vec<Vec<f64>>> {
        let covariance = self.errors.covariance.as_ref()?;
        let entry = |row: usize, column: usize| {
            covariance.at(row, column)
                / (covariance.at(row, row).sqrt() * covariance.at(column, column).sqrt())
        };
        let row = |row: usize| (0..covariance.width()).map(|column| entry(row, column)).collect();
        Some((0..covariance.width()).map(row).collect())
    }

    /// P at the end.
    #[must_use]
    pub fn performance(&self) -> f64 {
        self.performance
    }

    /// The sum of squares of desired minus computed, each times its weight, or in units of its known standard deviation.
    #[must_use]
    pub fn squares(&self) -> f64 {
        self.sums.squares
    }

    /// The number of rows that count: those of weight 0 don't.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.sums.rows
    }

    /// The number of observations minus that of free parameters. Observations are rows, or, with weights as
    /// [frequencies](crate::Weights::Frequency), the sum of weights.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> f64 {
        (self.sums.observations - self.free as f64).max(0.0)
    }

    /// `√(squares / degrees of freedom)`; none without degrees of freedom.
    #[must_use]
    pub fn residual_standard_error(&self) -> Option<f64> {
        let degrees = self.degrees_of_freedom();
        (degrees > 0.0).then(|| (self.sums.squares / degrees).sqrt())
    }

    /// R²: the part of the spread about the mean that the model explains. None where nothing spreads, and for a performance of
    /// one's own, which need not be about distances.
    #[must_use]
    pub fn r_squared(&self) -> Option<f64> {
        (self.kind.is_some() && self.sums.spread > 0.0)
            .then(|| 1.0 - self.sums.squares / self.sums.spread)
    }

    /// Akaike's criterion `2k − 2 ln L` of normal errors, the lower the better: k counts free parameters, and the
    /// deviation unless it is known. None for performances that are no sums of squares.
    #[must_use]
    pub fn aic(&self) -> Option<f64> {
        match self.kind? {
            Performance::Huber(_) => None,
            _ => {
                let count = self.free as f64 + f64::from(!self.sums.is_known);
                Some(2.0 * count - 2.0 * self.sums.log_likelihood(self.sums.squares))
            }
        }
    }

    /// The number of steps that led from the start to the end.
    #[must_use]
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// Where the climb ended.
    #[must_use]
    pub fn ending(&self) -> &Ending {
        &self.ending
    }

    /// Whether P is as high here as it gets nearby, at the precision of numbers.
    #[must_use]
    pub fn is_converged(&self) -> bool {
        self.ending.is_converged()
    }

    /// How it was climbed.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// From how many starts it was climbed, and how many of them led to this height.
    #[must_use]
    pub fn starts(&self) -> [usize; 2] {
        self.starts
    }

    /// Degrees of freedom of Student's distribution; none for the normal one.
    fn quantile_degrees(&self) -> Option<f64> {
        let is_estimated = matches!(self.errors.basis, Basis::Residuals | Basis::Robust);
        is_estimated.then(|| self.degrees_of_freedom())
    }

    /// The computed side of rows, with bands at a level such as 0.95. Only the columns are asked for that `computed` looks
    /// at.
    ///
    /// ```
    /// use uphill_solve::{Columns, Fit, Model};
    ///
    /// let model = Model::record(["a", "b"], ["x"], "y", |w, x| w[0] + w[1] * x[0])?;
    /// let table = Columns::new([
    ///     ("x", vec![0.0, 1.0, 2.0, 3.0, 4.0]),
    ///     ("y", vec![1.0, 3.0, 4.0, 8.0, 9.0]),
    /// ])?;
    /// let fit = Fit::new(&model, &table).start([0.0, 0.0]).run()?;
    /// let there = fit.predict(&Columns::new([("x", vec![5.0])])?, 0.95)?[0];
    /// assert!((there.value - 11.3).abs() < 1e-9);
    /// let (low, high) = there.band.unwrap_or_default();
    /// assert!((low - 8.644).abs() < 1e-3 && (high - 13.956).abs() < 1e-3);
    /// # Ok::<(), uphill_solve::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for a column that is missing; [`Error::Invalid`] for a level that is not between 0 and 1;
    /// [`Error::Read`].
    pub fn predict(&self, rows: &dyn Rows, level: f64) -> Result<Vec<Prediction>, Error> {
        let factor = half_width(level, self.quantile_degrees())?;
        let computed = self.model.canonical(|row| vec![("computed", row.computed)])?;
        let known = rows.column_names();
        let looked_at = self.model.looked_at();
        let mut places = Vec::new();
        for name in self.model.columns() {
            let place = known.iter().position(|other| other == name);
            if place.is_none() && looked_at.contains(&name.as_str()) {
                return Err(Error::unknown("column", name, known));
            }
            // What is not looked at may be anything.
            places.push(place.unwrap_or(0));
        }
        let table = Table::new(rows, &places, None);
        let spread = match self.errors.basis {
            Basis::Residuals if self.has_like_errors() => {
                self.residual_standard_error().map(|error| error * error)
            }
            _ => None,
        };
        let (values, width) = (self.values(), self.parameters.len());
        let mut list = Vec::with_capacity(rows.row_count());
        crate::passes::Pass::each(&computed.with_gradient()?, table)?.visit(
            &values,
            |taken, results| {
                let count = taken.len();
                for row in 0..count {
                    let value = results[row];
                    let slopes: Vec<f64> =
                        (1..=width).map(|output| results[output * count + row]).collect();
                    let variance = self.errors.variance(&slopes);
                    let around = |variance: f64| {
                        let half = factor * variance.sqrt();
                        (value - half, value + half)
                    };
                    list.push(Prediction {
                        value,
                        standard_error: variance.map(f64::sqrt),
                        band: variance.map(around),
                        observation: variance.zip(spread).map(|(v, own)| around(v + own)),
                    });
                }
                Ok(())
            },
        )?;
        Ok(list)
    }

    /// Whether a new observation's error is like those of the fit.
    fn has_like_errors(&self) -> bool {
        self.kind.is_some_and(|kind| !matches!(kind, Performance::Huber(_))) && !self.is_weighted
    }
}

impl fmt::Display for Fitted {
    /// A line for each parameter, then how well it fits and where the climb ended.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Parameter { name, value, standard_error, state } in &self.parameters {
            match (standard_error, state) {
                (Some(error), _) => writeln!(f, "{name} = {value:?} ± {error:?}")?,
                (None, State::Fixed) => writeln!(f, "{name} = {value:?}, fixed")?,
                (None, State::AtBound) => writeln!(f, "{name} = {value:?}, at its bound")?,
                (None, State::Free) => writeln!(f, "{name} = {value:?}")?,
            }
        }
        writeln!(
            f,
            "P = {:?}, sum of squares {:?}, {} rows",
            self.performance, self.sums.squares, self.sums.rows
        )?;
        write!(f, "{}", self.ending)
    }
}
