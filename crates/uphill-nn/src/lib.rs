//! Networks of nodes, performance functions, and training by climbing the gradient.
//!
//! The story runs as on the slides ("Backpropagation Neural Net Training Algorithm"): wire a [`Network`], say what a good
//! performance is ([`Performance`]: any scalar code of desired and computed outputs), bring [`Samples`], and let a
//! [`Trainer`] climb. The gradient comes from recording that code, so a performance function of your own needs nothing
//! else. A [`Problem`] gives value, gradient and Hessian-vector product to other optimisers.
//!
//! ```
//! use uphill_nn::{Network, Samples, SquaredError, Start, Stop, Trainer};
//!
//! let network = Network::layered(&[2, 2, 1]).bias().build()?;
//! let exclusive_or = Samples::new(
//!     [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]],
//!     [[0.0], [1.0], [1.0], [0.0]],
//! )?;
//! let outcome = Trainer::new(&network, SquaredError, &exclusive_or)
//!     .start(Start::Uniform(1.0))
//!     .seed(1)
//!     .rate(2.0)
//!     .stop(Stop::outputs_within(0.1))
//!     .stop(Stop::changes(20_000))
//!     .train()?;
//!
//! assert_eq!(outcome.reason.to_string(), "every output is within 0.1 of the desired one");
//! let computed = network.computed(&outcome.weights, &[0.0, 1.0])?;
//! assert!(computed[0] > 0.9);
//! # Ok::<(), uphill_nn::Error>(())
//! ```

mod activation;
mod closeness;
mod compiled;
mod error;
mod network;
#[cfg(feature = "argmin")]
mod objective;
mod performance;
mod problem;
mod random;
mod ranks;
mod recorded;
mod row_source;
mod samples;
mod save;
mod train;

pub use activation::{Activation, CustomActivation};
pub use error::{Divergence, Error};
pub use network::{Builder, Edge, Layered, Network, Node, NodeSpec, Offset, Weight};
pub use performance::{
    BinaryCrossEntropy, BinaryCrossEntropyOfSums, CategoricalCrossEntropy,
    CategoricalCrossEntropyOfSums, NegativeRms, Performance, SquaredError, WeightDecay,
};
pub use problem::Problem;
pub use row_source::RowSource;
pub use samples::Samples;
pub use save::{Model, WholeFile, read_weights, write_weights};
pub use train::{
    BestOnValidation, Change, Convention, DEFAULT_LIMIT, History, Method, Order, Outcome, Rate,
    Reason, Row, Rule, Start, Stop, Trainer, TrainingState,
};
