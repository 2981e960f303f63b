//! Functions that are called with recorded values.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::scalar::{Operands, Scalar};

/// A call that is recorded.
pub(crate) fn recorded(
    py: Python<'_>,
    function: &Arc<uphill_graph::Function>,
    operands: Operands,
) -> PyResult<Vec<Py<PyAny>>> {
    let Some(tape) = operands.tape else { return Ok(Vec::new()) };
    let values = {
        let mut written = tape.written();
        written.check(&operands.read)?;
        written.call(function.clone(), operands.all.into_boxed_slice())?
    };
    values.into_iter().map(|value| Scalar::object(py, &tape, value)).collect()
}
