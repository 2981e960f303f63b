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
mod evaluate;
mod explain;
mod file;
mod formula_text;
mod forward;
mod function;
mod function_text;
mod graph;
mod guard;
mod implicit;
mod index;
mod inputs;
mod keeping;
mod latex;
mod latex_name;
mod layout;
mod loop_writer;
pub mod loops;
mod new_ids;
mod node;
mod number_format;
mod op;
mod picture;
mod place_text;
mod print;
mod record;
mod repetition;
mod rerun;
mod reverse;
mod scalar;
mod scope;
mod script;
mod simplify;
mod slopes;
mod sparse;
mod summing;
mod symbolic;
mod trace;
mod valued;
mod values;
mod var;
mod verify;
pub mod view;
mod walk;

pub use dual::Dual;
pub use error::Error;
pub use explain::Explanation;
pub use function::{Function, InputGroup, Inputs, Output, Role};
pub use graph::{Body, Graph, Loop, Slice};
pub use implicit::Implicit;
#[doc(hidden)]
pub use implicit::Problem;
pub use index::{At, Index, Place};
pub use layout::Detail;
pub use node::{Node, NodeId};
pub use num_complex::Complex64;
#[doc(hidden)]
pub use op::{Address, Pair, PairVisitor, Row, RowVisitor, row};
pub use op::{Arity, Condition, Contribution, Custom, CustomOp, Form, Op, RuleError, Terms};
pub use petgraph;
pub use picture::PictureOptions;
pub use record::Recorder;
pub use repetition::{FoundLoop, Loops, MissedLoop};
pub use scalar::{LARGEST_EXPONENT, Literal, Scalar};
pub use script::Written;
pub use simplify::Laws;
pub use sparse::{Compressed, Entries, Names, Sparse};
pub use symbolic::{Definition, Derivative, Formulas};
pub use trace::{
    Adjoint, Difference, Iterations, Line, Sweep, TRACE_VERSION, Term, Trace, TraceText,
};
pub use valued::Valued;
pub use values::Values;
pub use var::Var;
pub use walk::{Feed, Outcome, Table, Target, Walk};
