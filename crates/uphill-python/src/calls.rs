//! Functions that are called with numbers or recorded values, one by one.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyTuple};

use crate::error::Raise;
use crate::scalar::{Operands, Scalar};

/// The outputs at these operands: numbers, or recorded values if one operand is. One alone if there is one.
pub(crate) fn call(
    py: Python<'_>,
    function: &Arc<uphill_graph::Function>,
    operands: Operands,
    single: bool,
) -> PyResult<Py<PyAny>> {
    let mut results = match operands.numbers() {
        Some(numbers) => {
            let results = function.eval(&numbers).raise()?;
            results.into_iter().map(|number| PyFloat::new(py, number).into_any().unbind()).collect()
        }
        None => recorded(py, function, operands)?,
    };
    match (single, results.pop()) {
        (true, Some(last)) => Ok(last),
        (_, last) => {
            results.extend(last);
            Ok(PyTuple::new(py, results)?.into_any().unbind())
        }
    }
}

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
