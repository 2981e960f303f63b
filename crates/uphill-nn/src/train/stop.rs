//! When to stop: rules that can be combined, and the reason that training gives.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A rule for when the performance is satisfactory, or further climbing is not worth it (slide "Training Algorithm",
/// step 3). Training stops as soon as any of its rules says so.
///
/// Rules look at the whole training data. They look after every change where a change goes over all samples, and after
/// every pass otherwise, unless [`Stop::looked_at_every`] says how many changes lie between looks. The first look is
/// before the first change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    rule: Rule,
    every: Option<usize>,
}

/// What a [`Stop`] looks at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Rule {
    /// P is at least this.
    Performance {
        /// The performance to be reached.
        at_least: f64,
    },
    /// Every computed output of every sample is closer than this to the desired one.
    OutputsWithin {
        /// How close.
        tolerance: f64,
    },
    /// The gradient is shorter than this.
    GradientShorterThan {
        /// The length.
        length: f64,
    },
    /// P has not risen by at least `least` over this many changes.
    NoProgress {
        /// The number of changes.
        changes: usize,
        /// What counts as a rise.
        least: f64,
    },
    /// This many changes have been made.
    Changes {
        /// The number of changes.
        at_most: usize,
    },
}

impl Stop {
    fn new(rule: Rule) -> Stop {
        Stop { rule, every: None }
    }

    /// Stops when P is at least this.
    #[must_use]
    pub fn performance(at_least: f64) -> Stop {
        Stop::new(Rule::Performance { at_least })
    }

    /// Stops when every computed output of every sample is closer than this to the desired one.
    ///
    /// ```
    /// use uphill_nn::Stop;
    /// let stop = Stop::outputs_within(0.1).looked_at_every(25); // the Acquaintance/Sibling network's
    /// let expected = "every output is within 0.1 of the desired one, looked at every 25 changes";
    /// assert_eq!(stop.to_string(), expected);
    /// ```
    #[must_use]
    pub fn outputs_within(tolerance: f64) -> Stop {
        Stop::new(Rule::OutputsWithin { tolerance })
    }

    /// Stops when the length of ∇P is below this.
    #[must_use]
    pub fn gradient_shorter_than(length: f64) -> Stop {
        Stop::new(Rule::GradientShorterThan { length })
    }

    /// Stops when P has not risen above its best by at least `least` over this many changes.
    #[must_use]
    pub fn no_progress(changes: usize, least: f64) -> Stop {
        Stop::new(Rule::NoProgress { changes, least })
    }

    /// Stops after this many changes of the weights, counted from the start of training, resumptions included.
    #[must_use]
    pub fn changes(at_most: usize) -> Stop {
        Stop::new(Rule::Changes { at_most })
    }

    /// Looks only after 0, k, 2k, … changes. A limit on changes is always looked at.
    #[must_use]
    pub fn looked_at_every(mut self, changes: usize) -> Stop {
        self.every = Some(changes);
        self
    }

    /// What it looks at.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    pub(super) fn is_due(&self, changes: usize, usual: usize) -> bool {
        let every = match self.rule {
            Rule::Changes { .. } => 1,
            _ => self.every.unwrap_or(usual),
        };
        changes.is_multiple_of(every)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let positive = |number: f64| number > 0.0 && number.is_finite();
        let wrong = match self.rule {
            _ if self.every == Some(0) => "look every change, or every 2 or more",
            Rule::Performance { at_least } if at_least.is_nan() => "give a number",
            Rule::OutputsWithin { tolerance } if !positive(tolerance) => "give a distance above 0",
            Rule::GradientShorterThan { length } if !positive(length) => "give a length above 0",
            Rule::NoProgress { changes: 0, .. } => "give at least 1 change",
            Rule::NoProgress { least, .. } if !(least >= 0.0 && least.is_finite()) => {
                "give a rise that is not negative"
            }
            _ => return Ok(()),
        };
        Err(Error::setting(format!("the stop rule `{self}`: {wrong}")))
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.rule {
            Rule::Performance { at_least } => write!(f, "the performance is at least {at_least}"),
            Rule::OutputsWithin { tolerance } => {
                write!(f, "every output is within {tolerance} of the desired one")
            }
            Rule::GradientShorterThan { length } => {
                write!(f, "the gradient is shorter than {length}")
            }
            Rule::NoProgress { changes, least } => {
                write!(f, "the performance has not risen by {least} over {changes} changes")
            }
            Rule::Changes { at_most } => write!(f, "{at_most} changes were made"),
        }?;
        match (self.rule, self.every) {
            (Rule::Changes { .. }, _) | (_, None) => Ok(()),
            (_, Some(1)) => f.write_str(", looked at every change"),
            (_, Some(every)) => write!(f, ", looked at every {every} changes"),
        }
    }
}

/// What ended a training.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// A stop rule; the first of those given, if several hold at once.
    Rule(Stop),
    /// The performance on validation data has not risen for long enough.
    Validation {
        /// The number of changes after which it was best.
        best_change: usize,
    },
    /// The callback asked for it.
    Callback,
    /// The flag of [`Trainer::interrupted_by`](crate::Trainer::interrupted_by) was raised.
    Interrupted,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::Rule(stop) => stop.fmt(f),
            Reason::Validation { best_change } => {
                write!(f, "the performance on validation data was best after {best_change} changes")
            }
            Reason::Callback => f.write_str("the callback asked to stop"),
            Reason::Interrupted => f.write_str("it was interrupted"),
        }
    }
}

/// The best P so far and when it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Best {
    pub(super) performance: f64,
    pub(super) change: usize,
}

impl Best {
    /// Takes note of a new P; gives the number of changes since the last rise.
    pub(super) fn note(best: &mut Option<Best>, now: Best, least: f64) -> usize {
        match best {
            Some(so_far)
                if now.performance < so_far.performance + least
                    || now.performance <= so_far.performance =>
            {
                now.change - so_far.change
            }
            _ => {
                *best = Some(now);
                0
            }
        }
    }
}
