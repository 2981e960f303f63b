//! What is climbed: the performances that have a name, and what weights and known errors of measurement make of a row.

use uphill_graph::{Scalar, Var};

use crate::error::Error;

/// What is climbed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum Performance {
    /// `-Σ (d - o)²`.
    #[default]
    SquaredError,
    /// `-√(Σ (d - o)²/n)`.
    RootMeanSquare,
    /// Squares up to an error of this width, lines beyond: outliers do less harm.
    Huber(f64),
    /// That of normal errors, whose deviation is the best one or, with [`Fit::sigma`](crate::Fit::sigma), known.
    LogLikelihood,
}

/// What a column of weights says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weights {
    /// How precise it is: its error's variance is in proportion to 1/weight. A row is one observation.
    #[default]
    Precision,
    /// How often it was seen: the row counts as so many observations.
    Frequency,
}

impl Performance {
    pub(crate) fn check(self) -> Result<(), Error> {
        match self {
            Performance::Huber(width) if !(width > 0.0 && width.is_finite()) => {
                let what = format!("Huber's width: expected a positive number, got {width}");
                Err(Error::invalid(what))
            }
            _ => Ok(()),
        }
    }

    /// The residual of an error, whose squares' sum has its least where P has its greatest.
    pub(crate) fn residual<'g>(self, error: Var<'g>) -> Var<'g> {
        let Performance::Huber(width) = self else { return error };
        // r² is twice Huber's function: the square of the width itself inside, a line beyond.
        let size = error.abs();
        let sign =
            Var::select(error.less(Var::constant(0.0)), Var::constant(-1.0), Var::constant(1.0));
        let beyond = sign * (2.0 * width * size - width * width).sqrt();
        Var::select(size.less_equal(Var::constant(width)), error, beyond)
    }

    /// P from what the rows come to.
    pub(crate) fn value(self, squares: f64, sums: &Sums) -> f64 {
        let count = sums.observations;
        match self {
            Performance::SquaredError => -squares,
            Performance::RootMeanSquare => -(squares / count).sqrt(),
            Performance::Huber(_) => -squares / 2.0,
            Performance::LogLikelihood => sums.log_likelihood(squares),
        }
    }
}

/// What the rows come to besides residuals.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    /// Rows that count.
    pub(crate) rows: usize,
    /// The number of rows, or of observations if weights are frequencies.
    pub(crate) observations: f64,
    /// The logarithms of precisions.
    pub(crate) log_precision: f64,
    /// Whether errors of measurement are known.
    pub(crate) is_known: bool,
    /// Of squared errors.
    pub(crate) squares: f64,
    /// Of squared distances of what is desired from its mean.
    pub(crate) spread: f64,
}

impl Sums {
    /// That of normal errors.
    pub(crate) fn log_likelihood(&self, squares: f64) -> f64 {
        let count = self.observations;
        // The kernel of formulas rather than the system's: the same bits everywhere.
        let ln = |number: f64| Scalar::ln(number);
        let tau = 2.0 * std::f64::consts::PI;
        match self.is_known {
            true => -(squares + count * ln(tau) - self.log_precision) / 2.0,
            false => -(count * (ln(tau * squares / count) + 1.0) - self.log_precision) / 2.0,
        }
    }
}

/// How far errors reach under Huber's performance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Influence {
    /// The sum of squares of errors, of which none counts as more than the width.
    pub(crate) squares: f64,
    /// How many observations lie within the width.
    pub(crate) inside: f64,
}
