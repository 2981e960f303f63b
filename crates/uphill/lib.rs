//! Write a performance function in plain Rust, climb its gradient.
//!
//! This is the facade of the `uphill` workspace: the graph crate at the root and in [`prelude`], compiled programs as
//! `engine` and networks as `nn` (features of these names, on by default), independent oracles as `check` (feature
//! `check`). Features `jit` and `threads` give the engine machine code and threads.
#![doc = include_str!("../../README.md")]

#[cfg(feature = "check")]
pub use uphill_check as check;
#[cfg(feature = "engine")]
pub use uphill_engine as engine;
pub use uphill_graph::*;
#[cfg(feature = "nn")]
pub use uphill_nn as nn;

/// What most programs need: `use uphill::prelude::*;`.
pub mod prelude {
    pub use uphill_graph::{
        Custom, CustomOp, Detail, Dual, Function, Inputs, Laws, Op, Recorder, Scalar, Trace, Var,
    };
}
