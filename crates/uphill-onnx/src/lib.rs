//! Functions of uphill as ONNX: files by which other programs compute what a function computes.
//!
//! [`function`] writes a [`Function`](uphill_graph::Function) down, each operation of the table as the operator of ONNX
//! that means the same, or as a few of them; what neither is there for is an error that names it ([`operations`] has the
//! list). Numbers are of 64 or of 32 bits, the [`Width`]. A [`Writer`] takes operators one after the other; networks and
//! whatever else is more than a function are written by it.
//!
//! ```
//! use uphill_graph::{Function, Scalar};
//! use uphill_onnx::{Width, function};
//!
//! let f = Function::record(["x", "y"], |v| (v[0] * v[1]).sin() + v[0].exp())?;
//! let file: Vec<u8> = function(&f, Width::Double)?;
//! std::fs::write(std::env::temp_dir().join("f.onnx"), file)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod function;
pub mod message;
pub mod operations;
mod writer;

pub use error::Error;
pub use function::function;
pub use writer::{Kind, OPSET, Width, Writer};
