//! Where a training stands: all that is needed to go on with the same bits as if it had not stopped.

use serde::{Deserialize, Serialize};

use super::method::{Memory, Method};
use super::order::Order;
use super::stop::{Best, Stop};
use super::{BestOnValidation, Convention};
use crate::error::Error;
use crate::problem::Problem;

/// No training makes more changes; a file that says so is wrong, and counting on would overflow.
const MOST_CHANGES: usize = usize::MAX / 2;

/// Where a training stands, from [`Outcome::state`](crate::Outcome) or [`Change::state`](crate::Change::state).
///
/// A [`Model`](crate::Model) saves it, [`Trainer::resume`](crate::Trainer::resume) goes on from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingState {
    pub(super) changes: usize,
    pub(super) weights: Vec<f64>,
    /// P at these weights over all samples: if it comes out otherwise, something is not as it was. None if the training
    /// was interrupted before it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) performance: Option<f64>,
    pub(super) memory: Memory,
    pub(super) progress: Vec<(Stop, Option<Best>)>,
    /// Files call it as it was called first.
    #[serde(rename = "held_out")]
    pub(super) validation: Option<BestOnValidation>,
    pub(super) settings: Settings,
}

/// The settings that must be the same for the same bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) performance: String,
    /// Fingerprint, in hexadecimal digits.
    pub(super) samples: String,
    #[serde(rename = "held_out")]
    pub(super) validation: Option<String>,
    pub(super) order: Order,
    pub(super) method: Method,
    pub(super) convention: Convention,
    pub(super) seed: u64,
}

impl TrainingState {
    /// The number of changes made so far.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// The weights after them.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Whether its numbers are finite, as a file needs them, and of the right number, its changes can be counted on, and
    /// nothing was best in the future.
    pub(crate) fn is_sound(&self) -> bool {
        let mut best = self.progress.iter().filter_map(|(_, best)| best.as_ref());
        let mut validation = self.validation.iter().flat_map(|validation| {
            validation.weights.iter().copied().chain([validation.performance])
        });
        self.changes <= MOST_CHANGES
            && self.performance.is_none_or(f64::is_finite)
            && self.weights.iter().all(|weight| weight.is_finite())
            && self.memory.fits(self.settings.method, self.weights.len())
            && best.all(|best| best.performance.is_finite() && best.change <= self.changes)
            && validation.all(f64::is_finite)
            && self.validation.as_ref().is_none_or(|validation| validation.change <= self.changes)
    }

    /// Checks that this belongs to a trainer with these settings and this problem.
    pub(super) fn check(&self, now: &Settings, problem: &Problem) -> Result<(), Error> {
        let then = &self.settings;
        let differs = |what: &str, then: &dyn std::fmt::Debug, now: &dyn std::fmt::Debug| {
            Err(Error::Resume { what: format!("{what} was {then:?} and is {now:?} now") })
        };
        for (what, then, now) in [
            ("the samples", Some(&then.samples), Some(&now.samples)),
            ("the validation samples", then.validation.as_ref(), now.validation.as_ref()),
        ] {
            if then != now {
                let shown = |print: Option<&String>| print.map_or("none".into(), String::clone);
                let what = format!(
                    "{what} are not those that training began with: their fingerprint was {} and is {} now",
                    shown(then),
                    shown(now)
                );
                return Err(Error::Resume { what });
            }
        }
        if then.performance != now.performance {
            return differs("the performance function", &then.performance, &now.performance);
        }
        if then.order != now.order {
            return differs("the order", &then.order, &now.order);
        }
        if then.method != now.method {
            return differs("the method", &then.method, &now.method);
        }
        if then.convention != now.convention {
            return differs("the convention", &then.convention, &now.convention);
        }
        if then.seed != now.seed {
            return differs("the seed", &then.seed, &now.seed);
        }
        let weights = problem.network().weight_count();
        let validation = self.validation.as_ref().map_or(weights, |best| best.weights.len());
        if self.weights.len() != weights || validation != weights {
            return differs("the number of weights", &self.weights.len(), &weights);
        }
        if !self.is_sound() {
            let what = "the state has numbers that don't belong there: infinite, NaN, too few, too large, or of the future";
            return Err(Error::Resume { what: what.into() });
        }
        // The saved P may come from a program that computes its gradient too, which may round elsewhere.
        const ROUNDING: f64 = 1e-9;
        let Some(before) = self.performance else { return Ok(()) };
        let performance = problem.performance(&self.weights)?;
        let same = (performance - before).abs() <= ROUNDING * performance.abs().max(before.abs());
        if !same {
            return Err(Error::Resume {
                what: format!(
                    "the performance at the saved weights was {before:?} and is {performance:?} now: \
                     the network or the performance function is another one"
                ),
            });
        }
        Ok(())
    }
}
