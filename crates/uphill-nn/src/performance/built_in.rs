//! The performance functions of the lecture and the usual others, each as a user would write them.

use std::ops::RangeInclusive;

use uphill_graph::Scalar;

use super::Performance;

/// `P = −Σ_s Σ_z (d_z − o_z)²` (slide "Measuring Performance P").
///
/// Its slope by an output is `β_z = 2(d_z − o_z)`; for the book's `β_z = d_z − o_z` see
/// [`Convention`](crate::Convention).
#[derive(Debug, Clone, Copy, Default)]
pub struct SquaredError;

impl Performance for SquaredError {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        -squared_error(desired, computed)
    }
}

fn squared_error<S: Scalar>(desired: &[S], computed: &[S]) -> S {
    let squares: Vec<S> = desired.iter().zip(computed).map(|(&d, &o)| (d - o).square()).collect();
    S::total(&squares)
}

/// `P = −√(Σ_s Σ_z (d_z − o_z)² / (M·Z))`, the negative root mean squared error of the Acquaintance/Sibling network
/// (slide "Measuring Performance P").
#[derive(Debug, Clone, Copy, Default)]
pub struct NegativeRms;

impl Performance for NegativeRms {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        squared_error(desired, computed)
    }

    fn outer<S: Scalar>(&self, sum: S, samples: S, outputs: usize) -> S {
        -(sum / (samples * outputs as f64)).sqrt()
    }

    fn share(&self, _: usize, _: usize) -> f64 {
        1.0
    }
}

/// `P = Σ_s Σ_z d ln o + (1 − d) ln(1 − o)`: the log-likelihood of yes-or-no labels, for sigmoid outputs.
///
/// A factor that is exactly 0 makes its term 0, so an output of exactly 1 is right for a label of 1. Where an output is
/// so sure of the wrong answer that it rounds to 0 or 1, P is −∞; [`BinaryCrossEntropyOfSums`] has no such end.
#[derive(Debug, Clone, Copy, Default)]
pub struct BinaryCrossEntropy;

impl Performance for BinaryCrossEntropy {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        let pairs = desired.iter().zip(computed);
        let terms: Vec<S> = pairs.map(|(&d, &o)| d.xlogy(o) + (1.0 - d).xlogy(1.0 - o)).collect();
        S::total(&terms)
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        0.0..=1.0
    }
}

/// [`BinaryCrossEntropy`] of `o = sigmoid(σ)` for a last layer with identity activation, whose outputs are the sums σ:
/// `P = Σ_s Σ_z d·σ − softplus(σ)`, finite for sums of any size.
#[derive(Debug, Clone, Copy, Default)]
pub struct BinaryCrossEntropyOfSums;

impl Performance for BinaryCrossEntropyOfSums {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        let pairs = desired.iter().zip(computed);
        let terms: Vec<S> = pairs.map(|(&d, &sigma)| d * sigma - sigma.softplus()).collect();
        S::total(&terms)
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        0.0..=1.0
    }
}

/// `P = Σ_s Σ_z d ln o`: the log-likelihood of classes, for softmax outputs and one-hot (or proportional) labels.
///
/// Where the output of the right class rounds to 0, P is −∞; [`CategoricalCrossEntropyOfSums`] has no such end.
#[derive(Debug, Clone, Copy, Default)]
pub struct CategoricalCrossEntropy;

impl Performance for CategoricalCrossEntropy {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        let terms: Vec<S> = desired.iter().zip(computed).map(|(&d, &o)| d.xlogy(o)).collect();
        S::total(&terms)
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        0.0..=1.0
    }
}

/// [`CategoricalCrossEntropy`] of the softmax of a last layer with identity activation, whose outputs are the sums σ:
/// `P = Σ_s Σ_z d·(σ − ln Σ e^σ)`, finite for sums of any size.
#[derive(Debug, Clone, Copy, Default)]
pub struct CategoricalCrossEntropyOfSums;

impl Performance for CategoricalCrossEntropyOfSums {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        let all = S::log_sum_exp(computed);
        let pairs = desired.iter().zip(computed);
        let terms: Vec<S> = pairs.map(|(&d, &sigma)| d * (sigma - all)).collect();
        S::total(&terms)
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        0.0..=1.0
    }
}

/// Another performance less `strength · Σ w²` over all weights, thresholds and biases included.
///
/// ```
/// use uphill_nn::{Network, Problem, Samples, SquaredError, WeightDecay};
/// let network = Network::layered(&[1, 1]).no_offset().build()?;
/// let samples = Samples::new([[0.0]], [[0.5]])?;
/// let performance = WeightDecay { of: SquaredError, strength: 0.25 };
/// let problem = Problem::new(&network, performance, &samples)?;
/// assert_eq!(problem.performance(&[2.0])?, -1.0);
/// assert_eq!(problem.gradient(&[2.0])?, [-1.0]);
/// # Ok::<(), uphill_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct WeightDecay<P> {
    /// The other performance.
    pub of: P,
    /// The factor of the sum of squared weights.
    pub strength: f64,
}

impl<P: Performance> Performance for WeightDecay<P> {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        self.of.term(desired, computed)
    }

    fn outer<S: Scalar>(&self, sum: S, samples: S, outputs: usize) -> S {
        self.of.outer(sum, samples, outputs)
    }

    fn regularise<S: Scalar>(&self, weights: &[S]) -> S {
        self.of.regularise(weights) - self.strength * S::dot(weights, weights)
    }

    fn share(&self, batch: usize, samples: usize) -> f64 {
        self.of.share(batch, samples)
    }

    fn desired_range(&self) -> RangeInclusive<f64> {
        self.of.desired_range()
    }

    fn name(&self) -> String {
        format!("{} with weight decay {}", self.of.name(), self.strength)
    }
}
