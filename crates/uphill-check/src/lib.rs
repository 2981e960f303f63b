//! Independent oracles for derivatives: what a gradient should be, computed without the code that it judges.
//!
//! - [`closed_form`]: backpropagation by hand, as the lecture's slides write it, for any acyclic network of
//!   sigmoid nodes. It shares no code with the graph, reverse mode or the engine of `uphill`.

pub mod closed_form;
pub mod numerical;
