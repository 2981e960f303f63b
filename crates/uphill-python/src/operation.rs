//! Elementary functions of numbers and recorded values, by their names.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyTuple};
use uphill_graph::{Function, Op};

use crate::error::{self, Raise};
use crate::scalar::{Operands, Scalar, required};
use crate::tape::Does;

/// An operation of the table, or a function made of several, as a function of numbers and recorded values.
#[pyclass(frozen, module = "uphill._uphill", name = "Operation")]
pub(crate) struct Operation {
    name: String,
    does: Does,
}

/// Functions that are no operation: from the methods of `Scalar` in Rust, so that the bits are theirs.
fn composed(name: &str) -> Option<Result<Function, uphill_graph::Error>> {
    use uphill_graph::Scalar as _;
    let two = ["x", "y"];
    Some(match name {
        "ndtr" => Function::record(["x"], |x| x[0].ndtr()),
        "logit" => Function::record(["x"], |x| x[0].logit()),
        "log_expit" => Function::record(["x"], |x| x[0].log_expit()),
        "silu" => Function::record(["x"], |x| x[0].silu()),
        "gelu" => Function::record(["x"], |x| x[0].gelu()),
        "elu" => Function::record(["x", "alpha"], |x| x[0].elu(x[1])),
        "ln_beta" => Function::record(two, |x| x[0].ln_beta(x[1])),
        "beta" => Function::record(two, |x| x[0].beta(x[1])),
        _ => return None,
    })
}

#[pymethods]
impl Operation {
    #[new]
    fn new(name: &str) -> PyResult<Operation> {
        let does = match (composed(name), Op::ALL.iter().find(|op| op.name() == name)) {
            (Some(function), _) => Does::Composed(Arc::new(function.raise()?)),
            (None, Some(&op)) => Does::Op(op),
            (None, None) => return Err(error::unknown(format!("no function is named `{name}`"))),
        };
        Ok(Operation { name: name.to_owned(), does })
    }

    #[pyo3(signature = (*operands))]
    fn __call__(&self, operands: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        let py = operands.py();
        let mut all = Operands::new();
        for operand in operands {
            all.push(required(&operand, &self.name)?)?;
        }
        let does = self.on(all.all.len())?;
        let Some(tape) = &all.tape else {
            let numbers = all.numbers().unwrap_or_default();
            return Ok(PyFloat::new(py, does.apply(&numbers)).into_any().unbind());
        };
        let value = {
            let mut written = tape.written();
            written.check(&all.read)?;
            written.one(does, all.all)?
        };
        Scalar::object(py, tape, value)
    }
}

impl Operation {
    /// What it does to so many operands.
    pub(crate) fn on(&self, operands: usize) -> PyResult<&Does> {
        let fits = match &self.does {
            Does::Op(op) => op.arity().accepts(operands),
            Does::Composed(function) => function.inputs().len() == operands,
        };
        match fits {
            true => Ok(&self.does),
            false => {
                Err(error::input(format!("{}: so many operands don't fit: {operands}", self.name)))
            }
        }
    }
}
