//! uphill for Python: the native half, `uphill._uphill`.
//!
//! `tape.rs` is what Python code writes while it is recorded, `replay.rs` makes a graph of it. `function.rs`, `program.rs`
//! and `over.rs` are functions as Python calls them, `texts.rs` what people see of them. Whatever reads better in Python,
//! arrays above all, is in `python/uphill`.

mod arguments;
mod error;
mod function;
mod index;
mod over;
mod place;
mod program;
mod replay;
mod scalar;
mod shapes;
mod tape;
mod texts;

/// The module.
#[pyo3::pymodule]
mod _uphill {
    #[pymodule_export]
    use crate::function::{_restore, Function, formula};
    #[pymodule_export]
    use crate::index::{Index, PlaceTable, PyTape, entries};
    #[pymodule_export]
    use crate::over::OverSamples;
    #[pymodule_export]
    use crate::program::{_compile, Program};
    #[pymodule_export]
    use crate::scalar::{Operation, Scalar};
    #[pymodule_export]
    use crate::texts::{Explanation, Formulas, Page, Picture, Trace};
}
