//! Climbing any performance: fits with standard errors, bounds, several starts, and an honest word about where it ended.
//!
//! A [`Model`] is scalar code over parameters and columns; [`Fit`] climbs its performance over [`Rows`], and [`Fitted`]
//! tells the numbers, how far they may be off, and what they predict. [`Climb`] looks for the summit of any function,
//! [`Problem`] for the best point where constraints hold. Solvers from outside get what they ask for from [`Compiled`]; the
//! feature `argmin` has that crate's traits on it. The feature `nuts` draws from the posterior of a fit's parameters.
//!
//! ```text
//! Model, Rows ──Fit──► Task ──► Hill ──Levenberg, QuasiNewton, Ascent──► search, ground ──► Fitted
//! ```
//!
//! ```
//! use uphill_graph::Scalar;
//! use uphill_solve::{Columns, Fit, Model};
//!
//! let model = Model::record(["a", "k"], ["t"], "y", |w, x| w[0] * (-w[1] * x[0]).exp())?;
//! let table = Columns::new([("t", vec![0.0, 1.0, 2.0, 3.0]), ("y", vec![8.0, 4.1, 2.2, 1.0])])?;
//! let fit = Fit::new(&model, &table).start([1.0, 1.0]).run()?;
//! assert!(fit.is_converged(), "{fit}");
//! let (low, high) = fit.interval("k", 0.95)?.unwrap_or_default();
//! assert!(low < 0.66 && 0.66 < high);
//! # Ok::<(), uphill_solve::Error>(())
//! ```

#[cfg(feature = "argmin")]
mod argmin;
mod ascent;
mod climb;
mod constrained;
mod dense;
mod error;
mod fit;
mod fitted;
mod ground;
mod hill;
mod kink;
mod levenberg;
mod line;
mod method;
mod model;
#[cfg(feature = "nuts")]
mod nuts;
mod objective;
mod passes;
mod performance;
mod place;
#[cfg(feature = "nuts")]
mod posterior;
mod quasi_newton;
mod ranks;
mod rows;
mod search;
mod settings;
mod short;
mod starts;
mod statistics;
mod summit;
mod task;
mod triangle;
mod trouble;
#[cfg(feature = "nuts")]
mod unbounded;
mod weak;

#[cfg(feature = "argmin")]
pub use argmin::{Downhill, HessianAt};
pub use climb::Ending;
pub use constrained::{ConstraintAt, Iteration, Optimum, Problem, Status};
pub use error::Error;
pub use fit::Fit;
pub use fitted::{Fitted, Parameter, Prediction, State};
pub use method::Method;
pub use model::Model;
#[cfg(feature = "nuts")]
pub use nuts::Sampling;
pub use objective::{Compiled, Objective};
pub use performance::{Performance, Weights};
#[cfg(feature = "nuts")]
pub use posterior::Posterior;
pub use rows::{Columns, Rows};
pub use statistics::Basis;
pub use summit::{Climb, Summit};
