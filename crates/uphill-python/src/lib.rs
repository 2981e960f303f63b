//! uphill for Python: the native half, `uphill._uphill`.
//!
//! `tape.rs` is what Python code writes while it is recorded, `replay.rs` makes a graph of it. `arrays.rs` writes operations
//! on whole arrays down, `groups.rs` says which of them become one loop, and `turn.rs` is a turn of it. `function.rs`,
//! `program.rs` and `over.rs` are functions as Python calls them, `texts.rs` what people see of them. `implicit.rs`,
//! `solve.rs`, `fit.rs`, `posterior.rs`, `equations.rs`, `network.rs`, `performance.rs`, `training.rs` and `check.rs` hand on
//! what the crates do. Whatever reads better in Python, arrays above all, is in `python/uphill`.

mod arguments;
mod arrays;
mod calls;
mod check;
mod equations;
mod error;
mod finish;
mod fit;
mod function;
mod groups;
mod implicit;
mod index;
mod network;
mod operation;
mod over;
mod performance;
mod place;
mod posterior;
mod program;
mod replay;
mod scalar;
mod shapes;
mod solve;
mod tape;
mod texts;
mod training;
mod turn;
mod watch;

/// The module.
#[pyo3::pymodule]
mod _uphill {
    #[pymodule_export]
    use crate::arguments::_numbers;
    #[pymodule_export]
    use crate::arrays::{_entrywise, _product, _sums};
    #[pymodule_export]
    use crate::check::{_check, _surface, Report};
    #[pymodule_export]
    use crate::equations::{Equations, PyMeasured};
    #[pymodule_export]
    use crate::finish::_finish;
    #[pymodule_export]
    use crate::fit::{_fit, _sample, Fitted};
    #[pymodule_export]
    use crate::function::{_restore, Function, formula};
    #[pymodule_export]
    use crate::implicit::{_implicit, Implicit};
    #[pymodule_export]
    use crate::index::{Index, PlaceTable, PyTape, entries};
    #[pymodule_export]
    use crate::network::{_network, Network, load_network};
    #[pymodule_export]
    use crate::operation::Operation;
    #[pymodule_export]
    use crate::over::OverSamples;
    #[pymodule_export]
    use crate::performance::_performance;
    #[pymodule_export]
    use crate::posterior::Posterior;
    #[pymodule_export]
    use crate::program::{_compile, Program};
    #[pymodule_export]
    use crate::scalar::Scalar;
    #[pymodule_export]
    use crate::solve::{_climb, _optimum};
    #[pymodule_export]
    use crate::texts::{Explanation, Formulas, Page, Picture, Trace};
    #[pymodule_export]
    use crate::training::{_train, Change, Training};
}
