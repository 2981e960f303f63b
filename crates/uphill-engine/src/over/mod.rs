//! Functions over samples: `P = outer(Σ term(θ, sample), θ)`, with inputs that a column of indices gathers.
//!
//! A function of one sample, and what becomes of its outputs (`function`): one number a sample each, or sums, of which an outer
//! function can be taken (`outer`). Derivatives are again of this form (`derive` with `through`, `hessian`); over given samples
//! it is a plain function with loops (`data`). `places` says where numbers stand. How it is run, the compiler decides.

mod data;
mod derive;
mod function;
mod hessian;
mod outer;
mod places;
mod through;

pub use function::OverSamples;
pub(crate) use function::{Fate, Given, Outer, Read, Yield};
