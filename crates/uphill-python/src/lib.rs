//! uphill for Python: the native half, `uphill._uphill`.
//!
//! `tape.rs` is what Python code writes while it is recorded, `replay.rs` makes a graph of it. `function.rs`, `program.rs`
//! and `over.rs` are functions as Python calls them, `texts.rs` what people see of them. `solve.rs`, `network.rs`,
//! `training.rs` and `check.rs` hand on what the crates of these names do. Whatever reads better in Python,
//! arrays above all, is in `python/uphill`.

mod arguments;
mod check;
mod error;
mod function;
mod index;
mod network;
mod over;
mod place;
mod program;
mod replay;
mod scalar;
mod shapes;
mod solve;
mod tape;
mod texts;
mod training;
mod watch;

/// The module.
#[pyo3::pymodule]
mod _uphill {
    #[pymodule_export]
    use crate::check::{_check, _surface, Report};
    #[pymodule_export]
    use crate::function::{_restore, Function, formula};
    #[pymodule_export]
    use crate::index::{Index, PlaceTable, PyTape, entries};
    #[pymodule_export]
    use crate::network::{_network, Network, load_network};
    #[pymodule_export]
    use crate::over::OverSamples;
    #[pymodule_export]
    use crate::program::{_compile, Program};
    #[pymodule_export]
    use crate::scalar::{Operation, Scalar};
    #[pymodule_export]
    use crate::solve::{_climb, _fit, _optimum, Fitted};
    #[pymodule_export]
    use crate::texts::{Explanation, Formulas, Page, Picture, Trace};
    #[pymodule_export]
    use crate::training::{_numbers, _performance, _train, Change, Training};
}
