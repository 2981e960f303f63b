//! Write a performance function in plain Rust, climb its gradient.
//!
//! `uphill` is automatic differentiation of scalar code. A function is written once, for any [`Scalar`]: on `f64` it
//! computes, on a [`Var`] it is recorded as a [`Function`], which has a gradient, a Jacobian, a Hessian, a trace and an
//! explanation, each a function or plain data.
//!
//! ```
//! use uphill::prelude::*;
//!
//! fn performance<S: Scalar>(w: &[S]) -> S {
//!     let o1 = w[0] - 2.0 * w[1] + 5.0 * w[2];
//!     let o2 = 2.0 * w[0] - w[1] - 6.0;
//!     3.0 * o1 - 7.0 * o2
//! }
//!
//! let p = Function::record(["w1", "w2", "w3"], |w| performance(w))?;
//! assert_eq!(p.value(&[1.0, 1.0, 1.0])?, 47.0);
//! assert_eq!(p.gradient()?.eval(&[1.0, 1.0, 1.0])?, [-11.0, 1.0, 15.0]);
//! # Ok::<(), uphill::Error>(())
//! ```
//!
//! Code that repeats itself is written by [`loops`], and stays as small as one turn of it, whatever the number of turns; so
//! are its derivatives:
//!
//! ```
//! use uphill::prelude::*;
//!
//! /// By how much neighbours differ.
//! fn roughness<S: Scalar>(x: &[S]) -> S {
//!     loops::sum(1..x.len(), |i| (x.at(i) - x.at(i - 1)).square())
//! }
//!
//! let f = Function::record(Inputs::new().variables("x", 1_000_000), |x| roughness(x))?;
//! assert_eq!(f.graph().operation_count(), 2);
//! assert!(f.gradient()?.graph().operation_count() < 20);
//! # Ok::<(), uphill::Error>(())
//! ```
//!
//! This crate is the facade of a workspace. What it holds, and the feature that turns it on:
//!
//! | where | what | feature |
//! | --- | --- | --- |
//! | the root, and [`prelude`] | recording, derivatives, traces, explanations, files: the crate `uphill-graph` | always |
//! | `engine` | functions compiled to programs, over samples and in lanes; a tape for what runs once | `engine`, on by default |
//! | `nn` | networks of sigmoid nodes, performance functions, training | `nn`, on by default |
//! | `solve` | fits with standard errors, summits of any function | `solve`, on by default |
//! | the root: `Sparse` | sparse derivatives as other crates' matrices | `faer`, `nalgebra`, `sprs` |
//! | `solve` | what `argmin`'s solvers ask for | `argmin` |
//! | `solve` | draws from the posterior of a fit's parameters | `nuts` |
//! | `ode` | differential equations: states, sensitivities, gradients by adjoints | `ode` |
//! | `table` | CSV of any size as numbers in bounded memory | `table` |
//! | `learn` | networks that learn tables: samples, scores, models in files | `learn` |
//! | `table` | Parquet and Arrow, too | `parquet` |
//! | `onnx` | functions and models of tables as ONNX | `onnx` |
//! | `check` | derivatives judged by other means, for tests | `check` |
//! | `ranks` | trainings and fits shared by ranks: threads, or machines | `nn`, `solve` |
//! | `mpi` | ranks by MPI | `mpi` |
//! | `engine`, `nn`, `solve` | samples on several threads | `threads` |
//! | `engine` | samples in single precision | `f32` |
//! | `engine` | machine code | `jit` |
//!
//! The repository's README has a longer tour; `docs/loops.md` is a guide to loops, and `docs/implicit.md` one to values that
//! equations define. Their examples are run as tests of this crate.

#[cfg(feature = "check")]
pub use uphill_check as check;
#[cfg(feature = "engine")]
pub use uphill_engine as engine;
pub use uphill_graph::*;
#[cfg(feature = "learn")]
pub use uphill_learn as learn;
#[cfg(feature = "mpi")]
pub use uphill_mpi as mpi;
#[cfg(feature = "nn")]
pub use uphill_nn as nn;
#[cfg(feature = "ode")]
pub use uphill_ode as ode;
#[cfg(feature = "onnx")]
pub use uphill_onnx as onnx;
#[cfg(any(feature = "nn", feature = "solve"))]
pub use uphill_ranks as ranks;
#[cfg(feature = "solve")]
pub use uphill_solve as solve;
#[cfg(feature = "table")]
pub use uphill_table as table;

/// What most programs need: `use uphill::prelude::*;`.
pub mod prelude {
    pub use uphill_graph::{
        At, Custom, CustomOp, Detail, Dual, Function, Implicit, Index, Inputs, Laws, Op, Recorder,
        Scalar, Table, Trace, Valued, Var, loops,
    };
}

/// The README's examples, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The guide to loops: its examples, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/loops.md")]
struct Loops;

/// The guide to implicit functions: its examples, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/implicit.md")]
struct ImplicitFunctions;

/// The comparison with other tools: its examples of uphill, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/compare.md")]
struct Comparison;
