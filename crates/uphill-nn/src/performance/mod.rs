//! Performance functions: what training maximises, written as plain scalar code.
//!
//! P = outer(Σ over samples of term(desired, computed)) + regularise(weights). A performance function says `term`, and
//! the other two where they aren't the identity and nothing. Their derivatives come from the code itself.

mod built_in;
mod erased;

use std::ops::RangeInclusive;

pub use built_in::{
    BinaryCrossEntropy, BinaryCrossEntropyOfSums, CategoricalCrossEntropy,
    CategoricalCrossEntropyOfSums, NegativeRms, SquaredError, WeightDecay,
};
pub(crate) use erased::Erased;
use uphill_graph::Scalar;

/// A performance function P, which training maximises (slide "Measuring Performance P").
///
/// Only [`Performance::term`] has to be written. A mean absolute error, for instance:
///
/// ```
/// use uphill_graph::Scalar;
/// use uphill_nn::{Network, Performance, Problem, Samples};
///
/// struct MeanAbsoluteError;
///
/// impl Performance for MeanAbsoluteError {
///     fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
///         desired.iter().zip(computed).map(|(&d, &o)| -(d - o).abs()).sum()
///     }
///     fn outer<S: Scalar>(&self, sum: S, samples: S, outputs: usize) -> S {
///         sum / (samples * outputs as f64)
///     }
/// }
///
/// let network = Network::layered(&[1, 1]).build()?;
/// let samples = Samples::new([[1.0], [2.0]], [[0.0], [1.0]])?;
/// let problem = Problem::new(&network, MeanAbsoluteError, &samples)?;
/// assert_eq!(problem.performance(&[0.0, 0.0])?, -0.5);
/// let gradient = problem.gradient(&[0.0, 0.0])?;
/// assert_eq!(gradient, [0.125, 0.0]); // ½·¼·(−1·1 + 1·2), ½·¼·(1 − 1)
/// # Ok::<(), uphill_nn::Error>(())
/// ```
pub trait Performance: Send + Sync + 'static {
    /// What one sample adds to the sum, given its desired and computed outputs, slices of one length.
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S;

    /// P from the sum over `samples` samples of `outputs` outputs: the sum itself, unless this is written.
    ///
    /// In mini-batch order, `samples` is the number of samples in the batch. It is a scalar, since this is recorded once for
    /// any number of them.
    fn outer<S: Scalar>(&self, sum: S, samples: S, outputs: usize) -> S {
        let _ = (samples, outputs);
        sum
    }

    /// What the weights themselves add to P: nothing, unless this is written.
    fn regularise<S: Scalar>(&self, weights: &[S]) -> S {
        let _ = weights;
        S::constant(0.0)
    }

    /// How much of [`Performance::regularise`] counts for a batch of some of the samples.
    ///
    /// The part that they are of all, unless this is written: then the batches of one pass add up to P, as they do for
    /// a plain sum. Write `1.0` if `outer` is a mean.
    fn share(&self, batch: usize, samples: usize) -> f64 {
        batch as f64 / samples as f64
    }

    /// Which desired outputs make sense; others are refused with row and column.
    fn desired_range(&self) -> RangeInclusive<f64> {
        f64::MIN..=f64::MAX
    }

    /// The name in reports and files: the type's, unless this is written.
    fn name(&self) -> String {
        let full = std::any::type_name::<Self>();
        full.rsplit("::").next().unwrap_or(full).into()
    }
}
