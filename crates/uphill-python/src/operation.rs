//! Elementary functions of numbers and recorded values, by their names.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use uphill_graph::Op;

use crate::calls::call;
use crate::error;
use crate::scalar::{Operands, apply, required};
use crate::tape::Does;

/// An operation of the table, or a function made of several, as a function of numbers and recorded values.
#[pyclass(frozen, module = "uphill._uphill", name = "Operation")]
pub(crate) struct Operation {
    name: &'static str,
    does: Does,
}

/// Functions that are no operation: from the methods of `Scalar` in Rust, so that the bits are theirs.
fn composed(
    name: &str,
) -> Option<(&'static str, Result<uphill_graph::Function, uphill_graph::Error>)> {
    use uphill_graph::{Function, Scalar as _};
    let two = ["x", "y"];
    Some(match name {
        "ndtr" => ("ndtr", Function::record(["x"], |x| x[0].ndtr())),
        "logit" => ("logit", Function::record(["x"], |x| x[0].logit())),
        "log_expit" => ("log_expit", Function::record(["x"], |x| x[0].log_expit())),
        "silu" => ("silu", Function::record(["x"], |x| x[0].silu())),
        "gelu" => ("gelu", Function::record(["x"], |x| x[0].gelu())),
        "elu" => ("elu", Function::record(["x", "alpha"], |x| x[0].elu(x[1]))),
        "ln_beta" => ("ln_beta", Function::record(two, |x| x[0].ln_beta(x[1]))),
        "beta" => ("beta", Function::record(two, |x| x[0].beta(x[1]))),
        _ => return None,
    })
}

#[pymethods]
impl Operation {
    #[new]
    fn new(name: &str) -> PyResult<Operation> {
        use crate::error::Raise;
        if let Some((name, function)) = composed(name) {
            return Ok(Operation { name, does: Does::Composed(Arc::new(function.raise()?)) });
        }
        match Op::ALL.iter().find(|op| op.name() == name) {
            Some(&op) => Ok(Operation { name: op.name(), does: Does::Op(op) }),
            None => Err(error::unknown(format!("no function is named `{name}`"))),
        }
    }

    #[pyo3(signature = (*operands))]
    fn __call__(&self, operands: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        let py = operands.py();
        let mut all = Operands::new();
        for operand in operands {
            all.push(required(&operand, self.name)?)?;
        }
        self.check(all.all.len())?;
        match &self.does {
            Does::Op(op) => apply(py, *op, all),
            Does::Composed(function) => call(py, function, all, true),
        }
    }
}

impl Operation {
    /// What it does to so many operands.
    pub(crate) fn on(&self, operands: usize) -> PyResult<&Does> {
        self.check(operands).map(|()| &self.does)
    }

    fn check(&self, operands: usize) -> PyResult<()> {
        let fits = match &self.does {
            Does::Op(op) => op.arity().accepts(operands),
            Does::Composed(function) => function.inputs().len() == operands,
        };
        match fits {
            true => Ok(()),
            false => {
                Err(error::input(format!("{}: so many operands don't fit: {operands}", self.name)))
            }
        }
    }
}
