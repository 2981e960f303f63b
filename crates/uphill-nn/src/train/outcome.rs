//! What training gives: while it runs, to the callback; and at its end.

use serde::{Deserialize, Serialize};

use super::history::Row;
use super::state::TrainingState;
use super::stop::Reason;
use crate::error::Error;

/// What a training ended with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The weights after the last change: the trained network.
    pub weights: Vec<f64>,
    /// P at these weights, over all samples; NaN if the training was [interrupted](Reason::Interrupted) before it was
    /// known.
    pub performance: f64,
    /// The number of changes made, those before a resumption included.
    pub changes: usize,
    /// What ended the training.
    pub reason: Reason,
    /// Numbers along the way, from the start or the resumption.
    pub history: Vec<Row>,
    /// The best weights for the validation samples, if there were any.
    pub validation: Option<BestOnValidation>,
    /// Where the training stands, to be saved or resumed.
    pub state: TrainingState,
}

/// The weights that were best on validation samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct BestOnValidation {
    /// P a sample over the validation samples, as [`Problem::performance_per_sample`](crate::Problem::performance_per_sample)
    /// has it.
    pub performance: f64,
    /// The number of changes that led there.
    pub change: usize,
    /// The weights.
    pub weights: Vec<f64>,
}

/// What the callback sees before each change, and once at the end.
#[non_exhaustive]
pub struct Change<'r> {
    /// The number of changes made so far.
    pub number: usize,
    /// The number of whole passes over the samples so far.
    pub pass: usize,
    /// The rate of the change that follows.
    pub rate: f64,
    /// P over the samples that the change looks at: all, unless the order says otherwise.
    pub performance: f64,
    /// ∇P over these samples, the true one whatever the convention.
    pub gradient: &'r [f64],
    /// The length of that gradient.
    pub gradient_length: f64,
    /// The weights before the change.
    pub weights: &'r [f64],
    pub(super) state: &'r dyn Fn() -> Result<TrainingState, Error>,
}

impl Change<'_> {
    /// Where the training stands, to be saved along the way.
    ///
    /// # Errors
    ///
    /// As for [`Problem::performance`](crate::Problem::performance), which this computes.
    pub fn state(&self) -> Result<TrainingState, Error> {
        (self.state)()
    }
}

impl std::fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change")
            .field("number", &self.number)
            .field("rate", &self.rate)
            .field("performance", &self.performance)
            .field("gradient_length", &self.gradient_length)
            .finish_non_exhaustive()
    }
}
