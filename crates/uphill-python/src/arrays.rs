//! Whole arrays at once: what numpy's functions do to arrays of recorded values, in one call.
//!
//! Python hands over plain arrays, of floats or of objects, that have been broadcast to one shape. An operation on many
//! entries is written down as one entry of the tape (`Entry::Entrywise`), of which `replay.rs` makes a loop where it is long.
//! Numbers among the entries, as in an array that was filled from zeros, are computed.

use std::sync::Arc;

use numpy::{PyArray1, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyFloat;
use smallvec::SmallVec;
use uphill_graph::Op;

use crate::error;
use crate::operation::Operation;
use crate::scalar::{Given, Scalar, mixed, required};
use crate::tape::{Does, Operand, Source, Tape, Value, Written};

/// From how many entries on an operation is written down for all of them.
const MANY: usize = 16;

/// Entries of an array, in order.
struct Entries {
    values: Vec<Operand>,
    recorded: usize,
    /// Bodies of loops in which entries were made.
    bodies: SmallVec<[u32; 2]>,
}

/// The recording that all arrays share, if one has recorded values.
type Shared = Option<Arc<Tape>>;

impl Entries {
    fn read(array: &Bound<'_, PyAny>, tape: &mut Shared) -> PyResult<Entries> {
        let lent = |e: numpy::BorrowError| error::input(e.to_string());
        let mut entries = Entries { values: Vec::new(), recorded: 0, bodies: SmallVec::new() };
        if let Ok(numbers) = array.cast::<PyArrayDyn<f64>>() {
            let numbers = numbers.try_readonly().map_err(lent)?;
            entries.values.reserve_exact(numbers.len());
            entries.values.extend(numbers.as_array().iter().map(|&x| Operand::Number(x)));
            return Ok(entries);
        }
        let Ok(objects) = array.cast::<PyArrayDyn<Py<PyAny>>>() else {
            // Whole numbers, floats of 32 bits, truths.
            let floats = array.call_method1("astype", ("float64",))?;
            return Entries::read(&floats, tape);
        };
        let objects: PyReadonlyArrayDyn<'_, Py<PyAny>> = objects.try_readonly().map_err(lent)?;
        let py = array.py();
        entries.values.reserve_exact(objects.len());
        for object in objects.as_array() {
            entries.push(object.bind(py), tape)?;
        }
        Ok(entries)
    }

    fn push(&mut self, object: &Bound<'_, PyAny>, tape: &mut Shared) -> PyResult<()> {
        if let Ok(scalar) = object.cast::<Scalar>() {
            let scalar = scalar.get();
            return self.recorded(&scalar.tape, scalar.value, tape);
        }
        match required(object, "an entry of an array")? {
            Given::Number(number) => {
                self.values.push(Operand::Number(number));
                Ok(())
            }
            Given::Recorded(own, value) => self.recorded(&own, value, tape),
        }
    }

    fn recorded(&mut self, own: &Arc<Tape>, value: Value, tape: &mut Shared) -> PyResult<()> {
        match tape {
            Some(tape) if Arc::ptr_eq(tape, own) => {}
            Some(_) => return Err(mixed()),
            None => *tape = Some(own.clone()),
        }
        if self.bodies.last() != Some(&value.body) && !self.bodies.contains(&value.body) {
            self.bodies.push(value.body);
        }
        self.values.push(Operand::Value(value.entry));
        self.recorded += 1;
        Ok(())
    }

    /// Whether the values may be used now.
    fn check(&self, written: &Written) -> PyResult<()> {
        let read: SmallVec<[Value; 2]> =
            self.bodies.iter().map(|&body| Value { entry: 0, body }).collect();
        written.check(&read)
    }

    /// What an operation on `count` entries reads: one array of one entry stands for all.
    fn source(self, count: usize) -> Source {
        match self.values.as_slice() {
            [only] if count != 1 => Source::Same(*only),
            values => Source::of(values),
        }
    }
}

/// An operation of the table on all entries of arrays: an array of the shape of the largest, of recorded values, and of numbers
/// where all operands are numbers.
///
/// Arrays have one entry, or as many as the largest.
#[pyfunction]
pub(crate) fn _entrywise<'py>(
    py: Python<'py>,
    operation: PyRef<'_, Operation>,
    arrays: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArray1<Py<PyAny>>>> {
    let does = operation.on(arrays.len())?;
    let mut tape = None;
    let all: SmallVec<[Entries; 2]> =
        arrays.iter().map(|array| Entries::read(array, &mut tape)).collect::<PyResult<_>>()?;
    let lengths = || all.iter().map(|entries| entries.values.len());
    let count = lengths().find(|&length| length != 1).unwrap_or(1);
    if lengths().any(|length| length != 1 && length != count) {
        return Err(error::input("arrays of one operation have one shape"));
    }
    let Some(tape) = tape else {
        let none = Tape::new(uphill_graph::Inputs::new());
        return one_by_one(py, &Arc::new(none), does, &all, count);
    };
    {
        let written = tape.written();
        all.iter().try_for_each(|entries| entries.check(&written))?;
    }
    let is_recorded = |entries: &Entries| entries.recorded == entries.values.len();
    if count < MANY || !all.iter().any(is_recorded) {
        return one_by_one(py, &tape, does, &all, count);
    }
    let operands = all.into_iter().map(|entries| entries.source(count)).collect();
    let first = tape.written().entrywise(does.clone(), operands, count)?;
    let scalar =
        |k: u32| Scalar::object(py, &tape, Value { entry: first.entry + k, body: first.body });
    let results: Vec<Py<PyAny>> = (0..count as u32).map(scalar).collect::<PyResult<_>>()?;
    Ok(PyArray1::from_vec(py, results))
}

fn one_by_one<'py>(
    py: Python<'py>,
    tape: &Arc<Tape>,
    does: &Does,
    all: &[Entries],
    count: usize,
) -> PyResult<Bound<'py, PyArray1<Py<PyAny>>>> {
    let mut results = Vec::with_capacity(count);
    let mut numbers: SmallVec<[f64; 4]> = SmallVec::new();
    let mut written = tape.written();
    for k in 0..count {
        let operands: SmallVec<[Operand; 2]> = all
            .iter()
            .map(|entries| entries.values[if entries.values.len() == 1 { 0 } else { k }])
            .collect();
        numbers.clear();
        numbers.extend(operands.iter().filter_map(|operand| operand.number()));
        results.push(match numbers.len() == operands.len() {
            true => PyFloat::new(py, does.apply(&numbers)).into_any().unbind(),
            false => {
                let value = written.one(does, operands)?;
                Scalar::object(py, tape, value)?
            }
        });
    }
    Ok(PyArray1::from_vec(py, results))
}

/// The sum of each run of `length` entries of an array.
#[pyfunction]
pub(crate) fn _sums<'py>(
    py: Python<'py>,
    array: &Bound<'py, PyAny>,
    length: usize,
) -> PyResult<Bound<'py, PyArray1<Py<PyAny>>>> {
    let mut tape = None;
    let entries = Entries::read(array, &mut tape)?;
    let mut results = Vec::with_capacity(entries.values.len() / length.max(1));
    if let Some(tape) = &tape {
        entries.check(&tape.written())?;
    }
    for terms in entries.values.chunks(length.max(1)) {
        let numbers: Option<Vec<f64>> = terms.iter().map(|term| term.number()).collect();
        results.push(match (numbers, &tape) {
            (None, Some(tape)) => {
                let value = tape.written().sum(terms)?;
                Scalar::object(py, tape, value)?
            }
            (numbers, _) => {
                let numbers = numbers.unwrap_or_default();
                let sum = numbers.iter().copied().reduce(|sum, term| sum + term).unwrap_or(0.0);
                PyFloat::new(py, sum).into_any().unbind()
            }
        });
    }
    Ok(PyArray1::from_vec(py, results))
}

/// The product of two matrices, row by row: (rows, inner) times (inner, columns).
#[pyfunction]
pub(crate) fn _product<'py>(
    py: Python<'py>,
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
    inner: usize,
) -> PyResult<Bound<'py, PyArray1<Py<PyAny>>>> {
    let mut tape = None;
    let (left, right) = (Entries::read(left, &mut tape)?, Entries::read(right, &mut tape)?);
    let tape = tape.unwrap_or_else(|| Arc::new(Tape::new(uphill_graph::Inputs::new())));
    let mut written = tape.written();
    left.check(&written)?;
    right.check(&written)?;
    let columns = right.values.len().checked_div(inner).unwrap_or(0);
    let mut results = Vec::new();
    for row in left.values.chunks(inner.max(1)) {
        for column in 0..columns {
            let mut sum: Option<Operand> = None;
            for (place, &one) in row.iter().enumerate() {
                let product =
                    written.operate(Op::Mul, [one, right.values[place * columns + column]])?;
                sum = Some(match sum {
                    Some(sum) => written.operate(Op::Add, [sum, product])?,
                    None => product,
                });
            }
            results.push(sum.unwrap_or(Operand::Number(0.0)));
        }
    }
    let body = written.body();
    drop(written);
    let object = |operand: Operand| match operand {
        Operand::Number(number) => Ok(PyFloat::new(py, number).into_any().unbind()),
        Operand::Value(entry) => Scalar::object(py, &tape, Value { entry, body }),
    };
    Ok(PyArray1::from_vec(py, results.into_iter().map(object).collect::<PyResult<_>>()?))
}
