//! Write a performance function in plain Rust, climb its gradient.
//!
//! This is the facade of the `uphill` workspace: the graph crate at the root and in [`prelude`].
#![doc = include_str!("../../README.md")]

pub use uphill_graph::*;

/// What most programs need: `use uphill::prelude::*;`.
pub mod prelude {
    pub use uphill_graph::{
        Custom, CustomOp, Detail, Dual, Function, Inputs, Laws, Op, Recorder, Scalar, Trace, Var,
    };
}
