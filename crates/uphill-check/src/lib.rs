//! Independent oracles for derivatives: what a gradient should be, computed without the code that it judges.
//!
//! - [`closed_form`]: backpropagation by hand, as the lecture's slides write it, for any acyclic network of
//!   sigmoid nodes. It shares no code with the graph, reverse mode or the engine of `uphill`.
//! - [`numerical`]: differences with extrapolation and the complex step, for any closure and any function.
//! - [`gradient()`], [`jacobian`], [`hessian`] and [`against`]: checks in one line, with a [`Report`] of what differs and
//!   what to look at.

pub mod closed_form;
mod gradient;
mod gradient_against;
mod gradient_check;
mod gradient_entries;
pub mod numerical;
mod report;

pub use gradient::Gradient;
pub use gradient_against::{Against, against};
pub use gradient_check::{Check, gradient, hessian, jacobian};
pub use numerical::Error;
pub use report::{Entry, Failed, Report, Verdict};
