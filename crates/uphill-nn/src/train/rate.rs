//! How far to go: the learning rate r, constant or falling with the number of changes.

use serde::{Deserialize, Serialize};
use uphill_graph::Scalar;

use crate::error::Error;

/// The learning rate r at each change (slide "Update Rule of Backprop Algorithm").
///
/// A plain number is a constant rate.
///
/// ```
/// use uphill_nn::Rate;
/// let rate = Rate::Step { first: 0.8, factor: 0.5, every: 100 };
/// assert_eq!([rate.at(0), rate.at(99), rate.at(100), rate.at(250)], [0.8, 0.8, 0.4, 0.2]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Rate {
    /// Always this.
    Constant(f64),
    /// `first`, times `factor` after each `every` changes.
    Step {
        /// The first rate.
        first: f64,
        /// What it is multiplied by.
        factor: f64,
        /// After how many changes.
        every: usize,
    },
    /// `first · factor^(n / every)` after n changes.
    Exponential {
        /// The first rate.
        first: f64,
        /// What it is multiplied by over `every` changes.
        factor: f64,
        /// The number of changes.
        every: usize,
    },
    /// `first / (1 + decay · n)` after n changes.
    InverseTime {
        /// The first rate.
        first: f64,
        /// How fast it falls.
        decay: f64,
    },
}

impl From<f64> for Rate {
    fn from(rate: f64) -> Rate {
        Rate::Constant(rate)
    }
}

impl Rate {
    /// The rate of the change that follows after this many.
    #[must_use]
    pub fn at(&self, changes: usize) -> f64 {
        match *self {
            Rate::Constant(rate) => rate,
            Rate::Step { first, factor, every } => {
                first * Scalar::pow(factor, (changes / every.max(1)) as f64)
            }
            Rate::Exponential { first, factor, every } => {
                first * Scalar::pow(factor, changes as f64 / every.max(1) as f64)
            }
            Rate::InverseTime { first, decay } => first / (1.0 + decay * changes as f64),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let (first, factor, every) = match *self {
            Rate::Constant(rate) => (rate, 1.0, 1),
            Rate::Step { first, factor, every } | Rate::Exponential { first, factor, every } => {
                (first, factor, every)
            }
            Rate::InverseTime { first, decay } => (first, 1.0 + decay, 1),
        };
        let positive = |number: f64| number > 0.0 && number.is_finite();
        if !positive(first) {
            return Err(Error::setting(format!(
                "the rate is {first}; give a positive one, uphill is the way of the gradient"
            )));
        }
        let falling = match *self {
            Rate::InverseTime { decay, .. } => decay >= 0.0 && decay.is_finite(),
            _ => positive(factor),
        };
        if !falling || every == 0 {
            return Err(Error::setting(format!(
                "the rate schedule {self:?}; give a positive factor, a decay ≥ 0, and at least 1 change"
            )));
        }
        Ok(())
    }
}
