//! Functions over samples: P = outer(Σ term), with derivatives by what all samples share.

use pyo3::prelude::*;
use uphill_graph::{InputGroup, Inputs, Role};

use crate::error::Raise;
use crate::function::Function;
use crate::program::{Program, Table};
use crate::shapes::Shapes;

/// A function of one sample, of which some inputs differ from sample to sample: made by `Function.over_samples`.
///
/// `f.over_samples(["x", "y"]).sum()` adds its outputs up; derivatives are taken by the other inputs. `compile()` makes the
/// program that runs over a table.
#[pyclass(frozen, module = "uphill", name = "OverSamples")]
pub(crate) struct OverSamples {
    pub(crate) over: uphill_engine::OverSamples,
    pub(crate) shapes: Shapes,
    pub(crate) is_sum: bool,
}

impl OverSamples {
    pub(crate) fn of(function: &Function, columns: Vec<String>) -> PyResult<OverSamples> {
        let over =
            uphill_engine::OverSamples::new((*function.function).clone(), columns).raise()?;
        Ok(OverSamples { over, shapes: function.shapes.clone(), is_sum: false })
    }

    /// The shared inputs, entries of one vector together.
    pub(crate) fn shared(&self) -> Inputs {
        let mut groups: Vec<InputGroup> = Vec::new();
        for name in self.over.shared_names() {
            if let Some(last) = groups.last_mut()
                && let Some(length) = last.length
                && name == format!("{}[{length}]", last.name)
            {
                last.length = Some(length + 1);
                continue;
            }
            groups.push(match name.strip_suffix("[0]") {
                Some(vector) => {
                    InputGroup { name: vector.into(), length: Some(1), role: Role::Variable }
                }
                None => InputGroup { name, length: None, role: Role::Variable },
            });
        }
        Inputs::from_iter(groups)
    }

    fn like(&self, over: uphill_engine::OverSamples, shapes: Shapes) -> OverSamples {
        OverSamples { over, shapes, is_sum: self.is_sum }
    }
}

#[pymethods]
impl OverSamples {
    /// All outputs added up over samples, in an order that doesn't depend on machine or threads.
    fn sum(&self) -> OverSamples {
        OverSamples { over: self.over.clone().sum(), shapes: self.shapes.clone(), is_sum: true }
    }

    /// A function of the sums: its inputs are named as the outputs of the term, `samples` for their number, or as shared
    /// inputs.
    fn outer(&self, function: PyRef<'_, Function>) -> PyResult<OverSamples> {
        let over = self.over.clone().outer(&function.function).raise()?;
        Ok(OverSamples { over, shapes: function.shapes.clone(), is_sum: true })
    }

    /// The gradient by the shared variables: an array.
    fn gradient(&self, py: Python<'_>) -> PyResult<OverSamples> {
        let gradient = py.detach(|| self.over.gradient()).raise()?;
        let count = gradient.output_names().len();
        Ok(self.like(gradient, Shapes::array([count])))
    }

    /// Value and gradient: a float and an array.
    fn with_gradient(&self, py: Python<'_>) -> PyResult<OverSamples> {
        let both = py.detach(|| self.over.with_gradient()).raise()?;
        let count = both.output_names().len() - 1;
        Ok(self.like(both, Shapes::with_vector(count)))
    }

    /// The Hessian by the shared variables: a square array.
    fn hessian(&self, py: Python<'_>) -> PyResult<OverSamples> {
        let hessian = py.detach(|| self.over.hessian()).raise()?;
        let side = hessian.output_names().len().isqrt();
        Ok(self.like(hessian, Shapes::array([side, side])))
    }

    /// The Hessian-vector product, with further shared inputs `dw`.
    fn hvp(&self, py: Python<'_>) -> PyResult<OverSamples> {
        let product = py.detach(|| self.over.hvp()).raise()?;
        let count = product.output_names().len();
        Ok(self.like(product, Shapes::array([count])))
    }

    /// The Jacobian-vector product, with further shared inputs `dw`.
    fn jvp(&self, py: Python<'_>) -> PyResult<OverSamples> {
        let product = py.detach(|| self.over.jvp()).raise()?;
        Ok(self.like(product, self.shapes.clone()))
    }

    /// The same over the rows of this table, as a function of the shared inputs: sums become loops, the rows their data, so that
    /// all that a function has is there. Last digits differ from those of a run over samples.
    fn over(&self, py: Python<'_>, table: &Bound<'_, PyAny>) -> PyResult<Function> {
        let table = Table::read(table, self.over.column_names())?;
        let function = table.with(|samples| py.detach(|| self.over.over(samples)).raise())?;
        match function.output_count() == self.shapes.len() {
            true => Ok(Function::new(function, self.shapes.clone())),
            false => Ok(Function::plain(function)),
        }
    }

    /// The program: `threads` share the samples, 0 for as many as there are cores.
    #[pyo3(signature = (*, strict = false, threads = 1))]
    fn compile(&self, py: Python<'_>, strict: bool, threads: usize) -> PyResult<Program> {
        Program::over_samples(py, self, strict, threads)
    }

    /// The columns that a table has, in order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.over.column_names().to_vec()
    }

    /// The inputs that all samples share.
    #[getter]
    fn shared_names(&self) -> Vec<String> {
        self.over.shared_names()
    }

    /// The name of each output.
    #[getter]
    fn output_names(&self) -> Vec<String> {
        self.over.output_names()
    }

    fn __repr__(&self) -> String {
        let what = if self.is_sum { "sum over samples" } else { "over samples" };
        format!("<uphill.OverSamples: {} of columns {}>", what, self.over.column_names().join(", "))
    }
}
