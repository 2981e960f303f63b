//! What is made of a gradient: the slides' plain step, momentum, or Adam, each with what it remembers.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How a gradient becomes a change of the weights.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Method {
    /// `w + r·∇P` (slide "Update Rule of Backprop Algorithm").
    #[default]
    Plain,
    /// `v ← factor·v + r·∇P`, then `w + v` (Polyak 1964).
    Momentum {
        /// How much of the last change is kept, from 0 up to 1.
        factor: f64,
    },
    /// `w + r·m̂/(√v̂ + epsilon)` with running means of ∇P and of its squares (Kingma and Ba 2015), uphill.
    Adam {
        /// How much of the mean of ∇P is kept, from 0 up to 1.
        beta1: f64,
        /// How much of the mean of squares is kept, from 0 up to 1.
        beta2: f64,
        /// What keeps the division from exploding, positive.
        epsilon: f64,
    },
}

impl Method {
    /// Adam with its authors' numbers: 0.9, 0.999, 1e-8.
    #[must_use]
    pub fn adam() -> Method {
        Method::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }

    pub(super) fn check(self) -> Result<(), Error> {
        let part = |what: &str, number: f64| match (0.0..1.0).contains(&number) {
            true => Ok(()),
            false => Err(Error::setting(format!(
                "{what} is {number}; give a number from 0 up to, not including, 1"
            ))),
        };
        match self {
            Method::Plain => Ok(()),
            Method::Momentum { factor } => part("the part that momentum keeps", factor),
            Method::Adam { beta1, beta2, epsilon } => {
                part("Adam's first factor, beta1,", beta1)?;
                part("Adam's second factor, beta2,", beta2)?;
                if epsilon > 0.0 && epsilon.is_finite() {
                    return Ok(());
                }
                Err(Error::setting(format!("Adam's epsilon is {epsilon}; give one above 0")))
            }
        }
    }
}

/// What a method remembers from change to change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Memory {
    Plain,
    Momentum {
        velocity: Vec<f64>,
    },
    Adam {
        means: Vec<f64>,
        squares: Vec<f64>,
        /// `beta1` and `beta2` to the power of the number of changes.
        powers: [f64; 2],
    },
}

impl Memory {
    pub(super) fn new(method: Method, weights: usize) -> Memory {
        match method {
            Method::Plain => Memory::Plain,
            Method::Momentum { .. } => Memory::Momentum { velocity: vec![0.0; weights] },
            Method::Adam { .. } => Memory::Adam {
                means: vec![0.0; weights],
                squares: vec![0.0; weights],
                powers: [1.0; 2],
            },
        }
    }

    /// Whether this is the memory of that method for so many weights, all of it finite.
    pub(super) fn fits(&self, method: Method, weights: usize) -> bool {
        let fine = |values: &[f64]| values.len() == weights && values.iter().all(|x| x.is_finite());
        match (self, method) {
            (Memory::Plain, Method::Plain) => true,
            (Memory::Momentum { velocity }, Method::Momentum { .. }) => fine(velocity),
            (Memory::Adam { means, squares, powers }, Method::Adam { .. }) => {
                fine(means) && fine(squares) && powers.iter().all(|x| x.is_finite())
            }
            _ => false,
        }
    }

    /// Moves the weights uphill.
    pub(super) fn climb(
        &mut self,
        method: Method,
        weights: &mut [f64],
        gradient: &[f64],
        rate: f64,
        frozen: impl Fn(usize) -> bool,
    ) {
        if let (Memory::Adam { powers, .. }, Method::Adam { beta1, beta2, .. }) =
            (&mut *self, method)
        {
            powers[0] *= beta1;
            powers[1] *= beta2;
        }
        for (i, (weight, &slope)) in weights.iter_mut().zip(gradient).enumerate() {
            if frozen(i) {
                continue;
            }
            *weight += match (&mut *self, method) {
                (Memory::Momentum { velocity }, Method::Momentum { factor }) => {
                    velocity[i] = factor * velocity[i] + rate * slope;
                    velocity[i]
                }
                (
                    Memory::Adam { means, squares, powers },
                    Method::Adam { beta1, beta2, epsilon },
                ) => {
                    means[i] = beta1 * means[i] + (1.0 - beta1) * slope;
                    squares[i] = beta2 * squares[i] + (1.0 - beta2) * (slope * slope);
                    let mean = means[i] / (1.0 - powers[0]);
                    let square = squares[i] / (1.0 - powers[1]);
                    rate * mean / (square.sqrt() + epsilon)
                }
                _ => rate * slope,
            };
        }
    }
}
