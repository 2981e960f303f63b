//! Compiled programs: a function of scalars, run at the speed of hand-written code.

mod code;
mod compile;
mod error;
#[cfg(feature = "jit")]
mod jit;
mod lanes;
mod over;
mod program;
mod run;
mod samples;
mod source;
mod steps;
pub mod tape;
mod threads;

pub use compile::{Compiler, Pass};
pub use error::Error;
pub use lanes::InstructionSet;
pub use over::OverSamples;
pub use program::Program;
pub use program::report::Report;
pub use run::{Backend, Total, Workspace};
#[cfg(feature = "f32")]
pub use run::{OutputsF32, WorkspaceF32};
pub use samples::Samples;
pub use source::Source;
