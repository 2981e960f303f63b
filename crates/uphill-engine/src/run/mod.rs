//! Running a program: memory that is used again, the choice of an executor, and the order of a call.
//!
//! `call` is where a run starts. `backend` says what runs it and what that takes, `workspace` and `single_precision` hold the
//! memory. Samples go through a `tree` of leaves, by one thread or a `team`; a leaf is some `tiles`, run by lanes, machine code
//! or the `interpreter`, which is the reference for all. `gathering` brings inputs to samples and adds what they scatter,
//! `total` takes samples that come in blocks, `finite` tells where an infinity or NaN arose.

mod backend;
mod call;
mod finite;
mod gathering;
mod interpreter;
#[cfg(feature = "f32")]
mod single_precision;
#[cfg(feature = "threads")]
mod team;
mod tiles;
mod total;
mod tree;
mod workspace;

pub use backend::Backend;
#[cfg(feature = "f32")]
pub use single_precision::{OutputsF32, WorkspaceF32};
pub use total::Total;
pub use workspace::Workspace;
