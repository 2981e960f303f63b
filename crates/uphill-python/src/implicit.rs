//! What equations define: numbers y for which F(y, x) = 0, for `python/uphill/_implicit.py`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use uphill_graph::Inputs;

use crate::arguments::{Arguments, arguments};
use crate::error::{self, Raise};
use crate::function::Function;
use crate::scalar::{Operands, Scalar, mixed};
use crate::shapes::Shapes;
use crate::tape::Operand;

/// Unknowns that are defined by as many equations F(y, x) = 0: made by `uphill.implicit`.
///
/// `solve` gives them by Newton's method, on numbers and in recordings, where derivatives to any order are those of the
/// implicit function theorem. Where there is no root they are NaN; `root` raises an error that tells why.
#[pyclass(frozen, module = "uphill", name = "Implicit")]
pub(crate) struct Implicit {
    implicit: Arc<uphill_graph::Implicit>,
    unknowns: Inputs,
    given: Inputs,
    shapes: Shapes,
}

/// Equations as a function of unknowns, the first `unknowns` of its inputs, and of what is given.
#[pyfunction]
pub(crate) fn _implicit(
    py: Python<'_>,
    equations: PyRef<'_, Function>,
    unknowns: usize,
    shapes: Vec<Option<Vec<usize>>>,
    at_most: Option<usize>,
) -> PyResult<Implicit> {
    let function = equations.function.clone();
    let (first, rest) = function.inputs().groups().split_at(unknowns);
    let (first, rest) =
        (Inputs::from_iter(first.iter().cloned()), Inputs::from_iter(rest.iter().cloned()));
    let implicit = py.detach(|| {
        uphill_graph::Implicit::record(first.len(), rest.len(), |y, x| {
            // There are as many operands as inputs.
            function.eval_scalar(&[y, x].concat()).unwrap_or_default()
        })
    });
    let implicit = implicit.raise()?;
    let implicit = match at_most {
        None => implicit,
        Some(0) => return Err(error::input("at_most: expected at least one step, got 0")),
        Some(steps) => implicit.at_most(steps),
    };
    let shapes = Shapes { single: shapes.len() == 1, parts: shapes };
    Ok(Implicit { implicit: Arc::new(implicit), unknowns: first, given: rest, shapes })
}

/// A start and what is given, as operands of one recording or as numbers.
struct Point {
    start: Operands,
    given: Operands,
}

impl Implicit {
    fn point(
        &self,
        start: &Bound<'_, PyAny>,
        given: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Point> {
        let py = start.py();
        let (start, by_name) = match (start.cast::<PyTuple>(), start.cast::<PyDict>()) {
            (Ok(all), _) if self.unknowns.groups().len() > 1 => (all.clone(), None),
            (_, Ok(by_name)) => (PyTuple::empty(py), Some(by_name)),
            _ => (PyTuple::new(py, [start])?, None),
        };
        let own = || format!("the start of {}", names(&self.unknowns));
        let start = operands(arguments(&self.unknowns, &own, &start, by_name)?)?;
        let given = operands(arguments(&self.given, &|| self.signature(), given, named)?)?;
        Ok(Point { start, given })
    }

    fn signature(&self) -> String {
        format!("({})({})", names(&self.unknowns), names(&self.given))
    }
}

fn names(inputs: &Inputs) -> String {
    let names: Vec<&str> = inputs.groups().iter().map(|group| group.name.as_str()).collect();
    names.join(", ")
}

fn operands(arguments: Arguments<'_>) -> PyResult<Operands> {
    let mut operands = Operands::new();
    match arguments {
        Arguments::Recorded(operands) => return Ok(operands),
        Arguments::Lent(array) => {
            operands.all.extend(array.as_slice()?.iter().map(|&number| Operand::Number(number)));
        }
        Arguments::Numbers(numbers) => {
            operands.all.extend(numbers.into_iter().map(Operand::Number));
        }
    }
    Ok(operands)
}

#[pymethods]
impl Implicit {
    /// The root that Newton's method comes to from a start: of one unknown a value or an array, of several a tuple.
    ///
    /// What is given follows the start, by position or by name. No derivative goes through the start. On numbers that lead to
    /// no root the result is NaN.
    #[pyo3(signature = (start, *given, **named))]
    fn solve(
        &self,
        py: Python<'_>,
        start: &Bound<'_, PyAny>,
        given: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let Point { start, given } = self.point(start, given, named)?;
        let tape = match (&start.tape, &given.tape) {
            (Some(one), Some(other)) if !Arc::ptr_eq(one, other) => return Err(mixed()),
            (one, other) => one.as_ref().or(other.as_ref()),
        };
        let Some(tape) = tape else {
            let numbers = |operands: &Operands| operands.numbers().unwrap_or_default();
            let (start, given) = (numbers(&start), numbers(&given));
            let root = py.detach(|| self.implicit.solve(&start, &given));
            return self.shapes.put(py, &root);
        };
        let root = {
            let mut written = tape.written();
            written.check(&start.read)?;
            written.check(&given.read)?;
            let (start, given) = (start.all.into_vec().into(), given.all.into_vec().into());
            written.root(self.implicit.clone(), start, given)?
        };
        let root = root.into_iter().map(|value| Scalar::object(py, tape, value));
        let root = root.collect::<PyResult<Vec<_>>>()?;
        self.shapes.put_recorded(py, root)
    }

    /// `solve` on numbers, with an error where there is no root.
    ///
    /// Raises `uphill.NotFiniteError`, which tells where the method ended.
    #[pyo3(signature = (start, *given, **named))]
    fn root(
        &self,
        py: Python<'_>,
        start: &Bound<'_, PyAny>,
        given: &Bound<'_, PyTuple>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let Point { start, given } = self.point(start, given, named)?;
        let (Some(start), Some(given)) = (start.numbers(), given.numbers()) else {
            return Err(error::recording("root looks at numbers: write solve in recorded code"));
        };
        let root = py.detach(|| self.implicit.root(&start, &given)).raise()?;
        self.shapes.put(py, &root)
    }

    /// The equations, as a function of unknowns and of what is given.
    #[getter]
    fn equations(&self) -> Function {
        Function::plain(self.implicit.equations().clone())
    }

    fn __repr__(&self) -> String {
        format!("<uphill.Implicit {}>", self.signature())
    }
}
