//! Which performance is maximised, by name, so that it can be saved and found again.
//!
//! A performance by formula belongs here: a variant of [`Measure`] that holds the text, whose `term` evaluates the
//! formula's function on any scalar.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use uphill_graph::Scalar;
use uphill_nn::{
    BinaryCrossEntropy, CategoricalCrossEntropy, NegativeRms, Performance, SquaredError,
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// `−Σ (d − o)²`.
    SquaredError,
    /// `−√(mean of (d − o)²)`.
    Rms,
    /// The log-likelihood of classes that exclude each other: `Σ d ln o`.
    CrossEntropy,
    /// The log-likelihood of yes or no for each output: `Σ d ln o + (1 − d) ln(1 − o)`.
    BinaryCrossEntropy,
}

/// A measure less a part of the squared weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// What is measured.
    pub measure: Measure,
    /// The factor of the sum of squared weights.
    pub decay: f64,
}

impl Measure {
    /// The name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Measure::SquaredError => "squared error",
            Measure::Rms => "negative RMS",
            Measure::CrossEntropy => "cross-entropy",
            Measure::BinaryCrossEntropy => "binary cross-entropy",
        }
    }
}

impl Performance for Chosen {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        match self.measure {
            Measure::SquaredError => SquaredError.term(desired, computed),
            Measure::Rms => NegativeRms.term(desired, computed),
            Measure::CrossEntropy => CategoricalCrossEntropy.term(desired, computed),
            Measure::BinaryCrossEntropy => BinaryCrossEntropy.term(desired, computed),
        }
    }

    fn outer<S: Scalar>(&self, sum: S, samples: usize, outputs: usize) -> S {
        match self.measure {
            Measure::Rms => NegativeRms.outer(sum, samples, outputs),
            _ => sum,
        }
    }

    fn regularise<S: Scalar>(&self, weights: &[S]) -> S {
        if self.decay == 0.0 { S::constant(0.0) } else { -(self.decay * S::dot(weights, weights)) }
    }

    fn share(&self, batch: usize, samples: usize) -> f64 {
        match self.measure {
            Measure::Rms => NegativeRms.share(batch, samples),
            _ => batch as f64 / samples as f64,
        }
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        match self.measure {
            Measure::SquaredError | Measure::Rms => f64::MIN..=f64::MAX,
            Measure::CrossEntropy => CategoricalCrossEntropy.desired_range(),
            Measure::BinaryCrossEntropy => BinaryCrossEntropy.desired_range(),
        }
    }

    fn name(&self) -> String {
        match self.decay {
            0.0 => self.measure.name().into(),
            decay => format!("{} less {decay} of the squared weights", self.measure.name()),
        }
    }
}
