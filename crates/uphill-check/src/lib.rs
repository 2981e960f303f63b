//! Independent oracles for derivatives: what a gradient should be, computed without the code that it judges.
//!
//! - [`closed_form`]: backpropagation by hand, as the lecture's slides write it, for any acyclic network of
//!   sigmoid nodes. It shares no code with the graph, reverse mode or the engine of `uphill`.
//! - [`numerical`]: differences with extrapolation and the complex step, for any closure and any function.
//! - [`gradient()`], [`jacobian`], [`hessian`] and [`against`]: checks in one line, with a [`Report`] of what differs and
//!   what to look at.

pub mod closed_form;
#[cfg(feature = "numerical")]
mod gradient;
#[cfg(feature = "numerical")]
mod gradient_against;
#[cfg(feature = "numerical")]
mod gradient_check;
#[cfg(feature = "numerical")]
mod gradient_entries;
#[cfg(feature = "numerical")]
pub mod numerical;
#[cfg(feature = "numerical")]
mod report;

#[cfg(feature = "numerical")]
pub use gradient::Gradient;
#[cfg(feature = "numerical")]
pub use gradient_against::{Against, against};
#[cfg(feature = "numerical")]
pub use gradient_check::{Check, gradient, hessian, jacobian};
#[cfg(feature = "numerical")]
pub use numerical::Error;
#[cfg(feature = "numerical")]
pub use report::{Entry, Failed, Report, Verdict};
