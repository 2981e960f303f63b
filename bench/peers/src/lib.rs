//! The workloads that libraries are measured on, as one generic code, what makes each library's scalars run it, and what
//! takes gradients of it by each library.
//!
//! Each library has a trait of its own for such code, or none; [`Number`] is what these have in common. Its methods are one
//! call of the library each, so a compiler leaves nothing of it.

mod gradients;
mod number;
mod workloads;

pub use gradients::{Calls, Gradients, Performance, record};
pub use number::{Code, Datum, Number};
pub use workloads::{chain, chained, network, polynomial, residual, rosenbrock};
