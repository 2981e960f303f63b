//! Functions: called, differentiated, told and saved.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};
use uphill_graph::{Laws, PictureOptions};

use crate::arguments::{Arguments, Taken, shaped};
use crate::calls::recorded;
use crate::error::{self, Raise};
use crate::over::OverSamples;
use crate::program::Program;
use crate::shapes::Shapes;
use crate::texts::{Explanation, Formulas, Page, Picture, Trace};

/// A function of named inputs, recorded, read or derived.
///
/// It is called with one argument an input, with all inputs as one array, or with inputs by name: `f(1.0, 2.0)`,
/// `f([1.0, 2.0])`, `f(w1=1.0, w2=2.0)`; a vector of inputs is one argument, of any shape. One output is a float, an array
/// is an array. A call with recorded values is recorded.
///
/// Derivatives are functions again. Raises `uphill.InputError` for the wrong number of numbers, and
/// `uphill.UnknownNameError` for a name that nothing has.
#[pyclass(frozen, module = "uphill", name = "Function")]
pub(crate) struct Function {
    pub(crate) function: Arc<uphill_graph::Function>,
    pub(crate) shapes: Shapes,
    /// The shapes of inputs that are matrices or more.
    pub(crate) taken: Taken,
}

/// Above this a function is told by its size.
const MOST_SHOWN: usize = 200;

impl Function {
    pub(crate) fn new(function: uphill_graph::Function, shapes: Shapes) -> Function {
        debug_assert_eq!(function.output_count(), shapes.len());
        Function { function: Arc::new(function), shapes, taken: Taken::default() }
    }

    /// A function of the same inputs, or of these and more.
    fn derived(&self, function: uphill_graph::Function, shapes: Shapes) -> Function {
        Function { taken: self.taken.clone(), ..Function::new(function, shapes) }
    }

    /// A function with the shapes that its outputs have.
    pub(crate) fn plain(function: uphill_graph::Function) -> Function {
        let shapes = Shapes::of(function.outputs());
        Function::new(function, shapes)
    }

    /// The same inputs and outputs in another form.
    fn like(&self, function: uphill_graph::Function) -> Function {
        self.derived(function, self.shapes.clone())
    }

    fn variables(&self) -> usize {
        self.function.inputs().variable_positions().len()
    }

    /// A point, as numbers.
    pub(crate) fn point(
        &self,
        positional: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Vec<f64>> {
        let signature = || self.function.signature();
        let given = shaped(self.function.inputs(), &self.taken, &signature, positional, named)?;
        given.numbers(
            "a point has numbers; recorded values go into calls and into further recordings",
        )
    }

    /// The output that is meant where none is named.
    fn output_name(&self, output: Option<&str>) -> PyResult<String> {
        match (output, self.function.outputs()) {
            (Some(output), _) => Ok(output.to_owned()),
            (None, [only]) if only.length.is_none() => Ok(only.name.clone()),
            _ => {
                let names: Vec<String> = self.function.output_names().take(8).collect();
                Err(error::input(format!(
                    "say which output: output=…, one of {}",
                    names.join(", ")
                )))
            }
        }
    }
}

#[pymethods]
impl Function {
    #[pyo3(signature = (*arguments, **named))]
    fn __call__(
        &self,
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let signature = || self.function.signature();
        let inputs = self.function.inputs();
        let given = shaped(inputs, &self.taken, &signature, arguments, named)?;
        let results = match given {
            Arguments::Recorded(operands) => {
                return self.shapes.put_recorded(py, recorded(py, &self.function, operands)?);
            }
            Arguments::Lent(array) => {
                let numbers = array.as_slice()?;
                py.detach(|| self.function.eval(numbers))
            }
            Arguments::Numbers(numbers) => py.detach(|| self.function.eval(&numbers)),
        };
        self.shapes.put(py, &results.raise()?)
    }

    /// All outputs, which must be finite.
    ///
    /// Called as the function is. Raises `uphill.NotFiniteError`, which names the operation where the first infinity or
    /// NaN was born.
    #[pyo3(signature = (*arguments, **named))]
    fn finite(
        &self,
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let point = self.point(arguments, named)?;
        self.shapes.put(py, &py.detach(|| self.function.eval_finite(&point)).raise()?)
    }

    /// The gradient of a function with one output, by all variables or by the inputs of these names: an array with one
    /// number a variable.
    #[pyo3(signature = (by = None))]
    fn gradient(&self, py: Python<'_>, by: Option<Vec<String>>) -> PyResult<Function> {
        let gradient = py.detach(|| match by {
            None => self.function.gradient(),
            Some(names) => self.function.gradient_wrt(&names),
        });
        let gradient = gradient.raise()?;
        let shapes = Shapes::array([gradient.output_count()]);
        Ok(self.derived(gradient, shapes))
    }

    /// Value and gradient: a tuple of a float and an array.
    fn with_gradient(&self, py: Python<'_>) -> PyResult<Function> {
        let both = py.detach(|| self.function.with_gradient()).raise()?;
        Ok(self.derived(both, Shapes::with_vector(self.variables())))
    }

    /// The Jacobian, by all variables or by the inputs of these names: an array with one row an output and one column a
    /// variable.
    #[pyo3(signature = (by = None))]
    fn jacobian(&self, py: Python<'_>, by: Option<Vec<String>>) -> PyResult<Function> {
        let jacobian = py.detach(|| match by {
            None => self.function.jacobian(),
            Some(names) => self.function.jacobian_wrt(&names),
        });
        let (jacobian, rows) = (jacobian.raise()?, self.function.output_count());
        let columns = jacobian.output_count().checked_div(rows).unwrap_or(0);
        Ok(self.derived(jacobian, Shapes::array([rows, columns])))
    }

    /// The Hessian of a function with one output, by all variables or by the inputs of these names: a square array.
    #[pyo3(signature = (by = None))]
    fn hessian(&self, py: Python<'_>, by: Option<Vec<String>>) -> PyResult<Function> {
        let hessian = py.detach(|| match by {
            None => self.function.hessian(),
            Some(names) => self.function.hessian_wrt(&names),
        });
        let hessian = hessian.raise()?;
        let side = hessian.output_count().isqrt();
        Ok(self.derived(hessian, Shapes::array([side, side])))
    }

    /// Entries, rows, columns and shape of the sparse Jacobian or Hessian.
    fn _sparse(&self, py: Python<'_>, is_hessian: bool) -> PyResult<SparseParts> {
        let sparse = py.detach(|| match is_hessian {
            true => self.function.sparse_hessian(),
            false => self.function.sparse_jacobian(),
        });
        let sparse = sparse.raise()?;
        let count = sparse.entries.len();
        let (mut rows, mut columns) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (row, column) in sparse.entries.iter() {
            rows.push(row as u32);
            columns.push(column as u32);
        }
        let rows = numpy::PyArray1::from_vec(py, rows).into_any().unbind();
        let columns = numpy::PyArray1::from_vec(py, columns).into_any().unbind();
        let function = self.derived(sparse.function, Shapes::array([count]));
        Ok((function, rows, columns, (sparse.rows, sparse.columns), sparse.sweeps))
    }

    /// The entries of the Jacobian that can differ from 0, by all variables: a `Sparse`, which gives matrices of scipy.
    fn sparse_jacobian(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let sparse = slf.py().import("uphill._sparse")?.getattr("_sparse")?;
        Ok(sparse.call1((slf, false))?.unbind())
    }

    /// The entries of the Hessian that can differ from 0, on both sides of the diagonal: a `Sparse`, which gives matrices of
    /// scipy.
    fn sparse_hessian(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let sparse = slf.py().import("uphill._sparse")?.getattr("_sparse")?;
        Ok(sparse.call1((slf, true))?.unbind())
    }

    /// The Jacobian-vector product: further inputs `dw1`, `dw2`, …, one a variable; the result has the function's shape.
    fn jvp(&self, py: Python<'_>) -> PyResult<Function> {
        Ok(self.like(py.detach(|| self.function.jvp()).raise()?))
    }

    /// The vector-Jacobian product: further inputs `adjoint_P1`, …, one an output; an array with one number a variable.
    fn vjp(&self, py: Python<'_>) -> PyResult<Function> {
        let product = py.detach(|| self.function.vjp()).raise()?;
        let shapes = Shapes::array([product.output_count()]);
        Ok(self.derived(product, shapes))
    }

    /// The Hessian-vector product: further inputs `dw1`, `dw2`, …; an array with one number a variable.
    fn hvp(&self, py: Python<'_>) -> PyResult<Function> {
        let product = py.detach(|| self.function.hvp()).raise()?;
        let shapes = Shapes::array([product.output_count()]);
        Ok(self.derived(product, shapes))
    }

    /// The same function in less operations, and the same bits; with `relaxed` by laws of real numbers that change bits.
    #[pyo3(signature = (*, relaxed = false))]
    fn simplify(&self, py: Python<'_>, relaxed: bool) -> Function {
        self.like(py.detach(|| match relaxed {
            true => self.function.simplify_with(Laws::Relaxed),
            false => self.function.simplify(),
        }))
    }

    /// The same function with these outputs alone, in this order.
    fn select(&self, outputs: Vec<String>) -> PyResult<Function> {
        let selected = self.function.select(&outputs).raise()?;
        let shapes = Shapes::of(selected.outputs());
        Ok(self.derived(selected, shapes))
    }

    /// A program that runs many times: `strict` keeps the bits of the function (no fused multiply-add); `threads` run long
    /// loops, 0 for as many as there are cores.
    #[pyo3(signature = (*, strict = false, threads = 1))]
    fn compile(&self, py: Python<'_>, strict: bool, threads: usize) -> PyResult<Program> {
        Program::of_function(py, self, strict, threads)
    }

    /// This function over samples: the inputs of these names differ from sample to sample.
    fn over_samples(&self, columns: Vec<String>) -> PyResult<OverSamples> {
        OverSamples::of(self, columns)
    }

    /// What happened at a point, line by line: every value, and every adjoint with the terms that sum to it.
    ///
    /// Called as the function is.
    #[pyo3(signature = (*arguments, **named))]
    fn trace(
        &self,
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Trace> {
        let point = self.point(arguments, named)?;
        Ok(Trace { trace: py.detach(|| self.function.trace(&point)).raise()? })
    }

    /// Explains the derivative of an output by an input or a named value as a lecturer does: `f.explain("w1", 1, 1, 1)` at a
    /// point, `f.explain("w1")` without one.
    #[pyo3(signature = (by, *arguments, output = None, **named))]
    fn explain(
        &self,
        py: Python<'_>,
        by: &str,
        arguments: &Bound<'_, PyTuple>,
        output: Option<&str>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Explanation> {
        let output = self.output_name(output)?;
        let explanation = match arguments.is_empty() && named.is_none_or(|named| named.is_empty()) {
            true => py.detach(|| self.function.derive(&output, by)),
            false => {
                let point = self.point(arguments, named)?;
                py.detach(|| self.function.explain(&output, by, &point))
            }
        };
        Ok(Explanation { explanation: explanation.raise()? })
    }

    /// Named values and outputs as formulas, for reading.
    fn formulas(&self, py: Python<'_>) -> Formulas {
        Formulas { formulas: py.detach(|| self.function.formulas()) }
    }

    /// The gradient as formulas.
    fn gradient_formulas(&self, py: Python<'_>) -> PyResult<Formulas> {
        Ok(Formulas { formulas: py.detach(|| self.function.gradient_formulas()).raise()? })
    }

    /// The gradient and the Hessian as formulas.
    fn hessian_formulas(&self, py: Python<'_>) -> PyResult<Formulas> {
        Ok(Formulas { formulas: py.detach(|| self.function.hessian_formulas()).raise()? })
    }

    /// The formulas in LaTeX: one `aligned` block.
    fn latex(&self, py: Python<'_>) -> String {
        py.detach(|| self.function.formulas().latex())
    }

    /// The graph for Graphviz.
    fn to_dot(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.function.to_dot(&PictureOptions::default())).raise()
    }

    /// The graph for Mermaid.
    fn to_mermaid(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.function.to_mermaid(&PictureOptions::default())).raise()
    }

    /// A picture of the graph; at a point with every value and adjoint.
    #[pyo3(signature = (*arguments, **named))]
    fn picture(
        &self,
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Picture> {
        use uphill_pictures::GraphPicture;
        let picture = match arguments.is_empty() && named.is_none_or(|named| named.is_empty()) {
            true => py.detach(|| GraphPicture::new(&self.function)),
            false => {
                let point = self.point(arguments, named)?;
                py.detach(|| GraphPicture::at(&self.function, &point))
            }
        };
        Ok(Picture { picture: picture.raise()?.picture() })
    }

    /// A page to step through the chain rule at a point.
    #[pyo3(signature = (*arguments, title = None, **named))]
    fn view(
        &self,
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        title: Option<String>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Page> {
        let point = self.point(arguments, named)?;
        let title = title.unwrap_or_else(|| self.function.signature());
        let html = py.detach(|| {
            let view = uphill_pictures::View::new(title);
            view.trace(&self.function, &point).and_then(|view| view.html())
        });
        Ok(Page { html: html.raise()? })
    }

    /// The function as JSON: versioned, and read with checks by `Function.from_json`.
    fn to_json(&self, py: Python<'_>) -> String {
        py.detach(|| self.function.to_json())
    }

    /// The function that `to_json` wrote, here or in Rust. Raises `uphill.FormatError` for what is none.
    #[classmethod]
    fn from_json(_: &Bound<'_, PyType>, py: Python<'_>, text: &str) -> PyResult<Function> {
        Ok(Function::plain(py.detach(|| uphill_graph::Function::from_json(text)).raise()?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Saved)> {
        let own = slf.get();
        let restore = slf.py().import("uphill._uphill")?.getattr("_restore")?;
        let (shapes, taken) = (own.shapes.clone(), own.taken.0.as_ref().clone());
        Ok((restore, (own.function.to_json(), shapes.parts, shapes.single, taken)))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let other = other.cast::<Function>();
        other.is_ok_and(|other| other.get().function == self.function)
    }

    fn __hash__(&self) -> u64 {
        self.function.graph().len() as u64
    }

    /// The inputs: name, length (None for a single number), and `variable` or `parameter`.
    #[getter]
    fn inputs(&self) -> Vec<(String, Option<u32>, &'static str)> {
        let role = |role| match role {
            uphill_graph::Role::Variable => "variable",
            uphill_graph::Role::Parameter => "parameter",
        };
        let groups = self.function.inputs().groups().iter();
        groups.map(|group| (group.name.clone(), group.length, role(group.role))).collect()
    }

    /// The name of each input, entries of vectors one by one.
    #[getter]
    fn input_names(&self) -> Vec<String> {
        self.function.input_names().collect()
    }

    /// The name of each output, entries of vectors one by one.
    #[getter]
    fn output_names(&self) -> Vec<String> {
        self.function.output_names().collect()
    }

    /// How many operations are written down; a loop's body counts once.
    #[getter]
    fn operation_count(&self) -> usize {
        self.function.graph().operation_count()
    }

    /// `P(w1, w2)`.
    #[getter]
    fn signature(&self) -> String {
        self.function.signature()
    }

    /// The shape of each part of a result, None for a number.
    #[getter]
    fn _shapes(&self) -> (Vec<Option<Vec<usize>>>, bool) {
        (self.shapes.parts.clone(), self.shapes.single)
    }

    fn __str__(&self, py: Python<'_>) -> String {
        py.detach(|| self.function.to_string())
    }

    fn __repr__(&self) -> String {
        format!("<uphill.Function {}>", self.function.summary())
    }

    fn _repr_latex_(&self, py: Python<'_>) -> Option<String> {
        let is_short = self.function.graph().operation_count() <= MOST_SHOWN
            && self.function.output_count() <= MOST_SHOWN;
        is_short.then(|| format!("$${}$$", self.latex(py).trim_end()))
    }
}

/// The function of the entries, their rows and columns, the shape, the sweeps that it took.
type SparseParts = (Function, Py<PyAny>, Py<PyAny>, (usize, usize), usize);

/// JSON, shapes of outputs, and shapes of inputs.
type Saved = (String, Vec<Option<Vec<usize>>>, bool, HashMap<String, Vec<usize>>);

/// What `pickle` calls.
#[pyfunction]
#[pyo3(signature = (json, parts, single, taken = HashMap::new()))]
pub(crate) fn _restore(
    json: &str,
    parts: Vec<Option<Vec<usize>>>,
    single: bool,
    taken: HashMap<String, Vec<usize>>,
) -> PyResult<Function> {
    let function = uphill_graph::Function::from_json(json).raise()?;
    let shapes = Shapes { parts, single };
    match shapes.len() == function.output_count() {
        true => Ok(Function { taken: Taken(Arc::new(taken)), ..Function::new(function, shapes) }),
        false => Err(error::input("the shapes of a saved function don't fit its outputs")),
    }
}

/// Reads a formula: definitions by `;` or lines, `P = 3*o1 - 7*o2; o1 = w1 - 2*w2`.
///
/// `outputs` names the definitions that are outputs; else those that no other uses. Raises `uphill.FormulaError`, with line
/// and column.
#[pyfunction]
#[pyo3(signature = (text, outputs = None))]
pub(crate) fn formula(
    py: Python<'_>,
    text: &str,
    outputs: Option<Vec<String>>,
) -> PyResult<Function> {
    let function = py.detach(|| {
        let formula = uphill_formula::Formula::parse(text)?;
        match outputs {
            None => formula.function(),
            Some(names) => formula.function_of(&names),
        }
    });
    Ok(Function::plain(function.raise()?))
}
