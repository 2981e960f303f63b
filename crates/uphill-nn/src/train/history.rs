//! What training leaves behind: a row of numbers every so many changes, for tables and plots.

use serde::{Deserialize, Serialize};

/// One look at the whole training data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Row {
    /// How many changes were made before.
    pub change: usize,
    /// How many whole passes over the samples these were.
    pub pass: usize,
    /// The rate of the change that follows.
    pub rate: f64,
    /// P over all samples.
    pub performance: f64,
    /// The length of ∇P.
    pub gradient_length: f64,
    /// What the samples add to P, a sample, as [`Problem::performance_per_sample`](crate::Problem::performance_per_sample)
    /// has it: what `validation` may be compared with.
    pub per_sample: f64,
    /// The same over the validation samples, if there are any and they were looked at.
    pub validation: Option<f64>,
    /// The weights, if asked for.
    pub weights: Option<Vec<f64>>,
}

impl Row {
    /// A row of what was kept elsewhere, in a table, say: pass and rate are 0, P is that of a sample, and there is
    /// nothing else, until they are set.
    ///
    /// ```
    /// use uphill_nn::Row;
    /// let mut row = Row::new(250, -0.125, 0.5);
    /// row.rate = 0.1;
    /// assert_eq!((row.change, row.performance, row.validation), (250, -0.125, None));
    /// ```
    #[must_use]
    pub fn new(change: usize, performance: f64, gradient_length: f64) -> Row {
        let (pass, rate) = (0, 0.0);
        Row {
            change,
            pass,
            rate,
            performance,
            gradient_length,
            per_sample: performance,
            validation: None,
            weights: None,
        }
    }
}

/// How often a row is kept, and whether with the weights.
///
/// By default, a row is kept after every change where a change goes over all samples, and after every pass otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    every: Option<usize>,
    none: bool,
    weights: bool,
}

impl History {
    /// A row after 0, k, 2k, … changes; at least 1.
    #[must_use]
    pub fn every(changes: usize) -> History {
        History { every: Some(changes.max(1)), ..History::default() }
    }

    /// No rows.
    #[must_use]
    pub fn none() -> History {
        History { none: true, ..History::default() }
    }

    /// The weights in each row, too.
    #[must_use]
    pub fn with_weights(mut self) -> History {
        self.weights = true;
        self
    }

    pub(super) fn is_due(self, changes: usize, usual: usize) -> bool {
        !self.none && changes.is_multiple_of(self.every.unwrap_or(usual))
    }

    pub(super) fn keeps_weights(self) -> bool {
        self.weights
    }
}
