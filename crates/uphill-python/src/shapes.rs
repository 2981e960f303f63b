//! How results reach Python: a float, an array of some shape, or a tuple of these.

use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyTuple};
use uphill_graph::Output;

/// The shape of each part of a result; a number has none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shapes {
    pub(crate) parts: Vec<Option<Vec<usize>>>,
    /// Whether the one part stands by itself, and not in a tuple.
    pub(crate) single: bool,
}

impl Shapes {
    /// One array.
    pub(crate) fn array(shape: impl Into<Vec<usize>>) -> Shapes {
        Shapes { parts: vec![Some(shape.into())], single: true }
    }

    /// A number before an array of this length.
    pub(crate) fn with_vector(length: usize) -> Shapes {
        Shapes { parts: vec![None, Some(vec![length])], single: false }
    }

    /// One number for an output, one vector for a vector of outputs: of one output that alone, of several all in one array
    /// if all are numbers.
    pub(crate) fn of(outputs: &[Output]) -> Shapes {
        let part = |output: &Output| output.length.map(|length| vec![length as usize]);
        match outputs {
            [output] => Shapes { parts: vec![part(output)], single: true },
            outputs if outputs.iter().all(|output| output.length.is_none()) => {
                Shapes::array([outputs.len()])
            }
            outputs => Shapes { parts: outputs.iter().map(part).collect(), single: false },
        }
    }

    fn count(part: &Option<Vec<usize>>) -> usize {
        part.as_ref().map_or(1, |shape| shape.iter().product())
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(Shapes::count).sum()
    }

    /// Numbers as the result.
    pub(crate) fn put(&self, py: Python<'_>, numbers: &[f64]) -> PyResult<Py<PyAny>> {
        let mut rest = numbers;
        self.each(py, |part| {
            let (own, others) = rest.split_at(Shapes::count(part));
            rest = others;
            let Some(shape) = part else {
                return Ok(PyFloat::new(py, own[0]).into_any().unbind());
            };
            let array = PyArray1::from_slice(py, own);
            Ok(match shape.len() {
                1 => array.into_any().unbind(),
                _ => array.reshape(shape.clone())?.into_any().unbind(),
            })
        })
    }

    /// Recorded values as the result.
    pub(crate) fn put_recorded(
        &self,
        py: Python<'_>,
        values: Vec<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let shaped = py.import("uphill._array")?.getattr("_shaped")?;
        let mut rest = values.into_iter();
        self.each(py, |part| {
            let own: Vec<Py<PyAny>> = rest.by_ref().take(Shapes::count(part)).collect();
            match (part, own.into_iter()) {
                (None, mut own) => own.next().map_or_else(|| Ok(py.None()), Ok),
                (Some(shape), own) => {
                    Ok(shaped.call1((own.collect::<Vec<_>>(), PyTuple::new(py, shape)?))?.unbind())
                }
            }
        })
    }

    fn each(
        &self,
        py: Python<'_>,
        mut put: impl FnMut(&Option<Vec<usize>>) -> PyResult<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        match self.parts.as_slice() {
            [part] if self.single => put(part),
            parts => {
                let parts = parts.iter().map(put).collect::<PyResult<Vec<_>>>()?;
                Ok(PyTuple::new(py, parts)?.into_any().unbind())
            }
        }
    }
}
