//! Scalar code in; value, gradient graph, trace and explanation out.
//!
//! Write a performance function once for any [`Scalar`], record it as a [`Function`], and ask for its
//! [gradient](Function::gradient), [Jacobian](Function::jacobian) or [Hessian](Function::hessian): each is a
//! [`Function`] again.

mod arithmetic;
mod birth;
mod complex;
mod dual;
mod error;
mod explain;
mod file;
mod forward;
mod function;
mod graph;
mod inputs;
mod latex;
mod node;
mod number_format;
mod op;
mod picture;
mod print;
mod record;
mod reverse;
mod scalar;
mod simplify;
mod sparse;
mod trace;
mod var;
pub mod view;

pub use dual::Dual;
pub use error::Error;
pub use explain::Explanation;
pub use function::{Function, InputGroup, Inputs, Output, Role};
pub use graph::Graph;
pub use node::{Node, NodeId};
pub use num_complex::Complex64;
pub use op::{Arity, Custom, CustomOp, Form, Op, RuleError, Terms};
pub use petgraph;
pub use picture::PictureOptions;
pub use print::Detail;
pub use record::Recorder;
pub use scalar::{LARGEST_EXPONENT, Literal, Scalar};
pub use simplify::Laws;
pub use sparse::Sparse;
pub use trace::{Adjoint, Difference, Line, Sweep, TRACE_VERSION, Term, Trace, TraceText};
pub use var::Var;
