//! What can't be drawn: each message names the data, where in it the trouble is, and what to do.

use crate::number::short;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// From the graph: a function could not be traced.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
    /// From the network: its performance could not be recorded, or its samples not be read.
    #[error(transparent)]
    Network(#[from] uphill_nn::Error),
    /// Too little data for a picture.
    #[error("{what}: a picture needs at least {needed}, got {got}")]
    Empty {
        /// What there is too little of.
        what: String,
        /// How many are needed.
        needed: usize,
        /// How many came.
        got: usize,
    },
    /// Two lists that belong together and differ in length.
    #[error("{what}: expected {expected} numbers, got {got}")]
    WrongLength {
        /// What the list was for.
        what: String,
        /// How many entries it must have.
        expected: usize,
        /// How many it had.
        got: usize,
    },
    /// A number that is infinite or NaN.
    #[error(
        "{what} at position {index} is {value}; only finite numbers can be drawn (positions count from 0)"
    )]
    NotFinite {
        /// The list.
        what: String,
        /// The position in it.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A surface without a single finite value.
    #[error("{what} is finite nowhere in these ranges; choose others")]
    FiniteNowhere {
        /// The value.
        what: String,
    },
    /// A range that can't be an axis.
    #[error("the range of `{axis}` from {} to {} can't be drawn: {why}", short(*low), short(*high))]
    Range {
        /// The axis.
        axis: String,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More than a picture can show.
    #[error("{what}: {count} are too many for a picture, at most {limit} can be read; {advice}")]
    TooLarge {
        /// What there is too much of.
        what: String,
        /// How many came.
        count: usize,
        /// How many can be drawn.
        limit: usize,
        /// What to do about it.
        advice: &'static str,
    },
    /// A climb that can't begin.
    #[error("can't climb: {what}")]
    Climb {
        /// The reason, and what to do.
        what: String,
    },
    /// A row of a history without weights.
    #[error("row {row} of the history has no weights; keep them by `History::with_weights`")]
    NoWeights {
        /// The position of the row.
        row: usize,
    },
    /// A picture that can't be made into pixels.
    #[error("can't make a PNG: {what}")]
    Pixels {
        /// The reason.
        what: String,
    },
}

impl Error {
    /// Checks that all numbers of a list are finite.
    pub(crate) fn check_finite(what: &str, numbers: &[f64]) -> Result<(), Error> {
        match numbers.iter().position(|number| !number.is_finite()) {
            Some(index) => {
                Err(Error::NotFinite { what: what.into(), index, value: numbers[index] })
            }
            None => Ok(()),
        }
    }

    /// Checks the length of a list.
    pub(crate) fn check_length(what: &str, expected: usize, got: usize) -> Result<(), Error> {
        if expected == got {
            return Ok(());
        }
        Err(Error::WrongLength { what: what.into(), expected, got })
    }

    /// Checks that a list is long enough.
    pub(crate) fn check_enough(what: &str, needed: usize, got: usize) -> Result<(), Error> {
        if got >= needed {
            return Ok(());
        }
        Err(Error::Empty { what: what.into(), needed, got })
    }
}
