//! A recorded value, as Python code computes with it: every operator, and no way to look at a value that isn't there.

use std::sync::Arc;

use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyTuple};
use smallvec::{SmallVec, smallvec};
use uphill_graph::{LARGEST_EXPONENT, Op};

use crate::error;
use crate::index::Index;
use crate::tape::{Entry, Operand, Tape, Value};

/// A value of a recording.
///
/// Numbers, operators and functions make further ones of it: `3*x - y**2`, `abs(x)`, `numpy.exp(x)`,
/// `uphill.sigmoid(x)`. It has no number yet, so that `if`, `float(x)` and `max(x, y)` raise `uphill.RecordingError`, which
/// tells what to write instead. Comparisons are values too: 1 where they hold, else 0.
#[pyclass(frozen, module = "uphill", name = "Scalar")]
pub(crate) struct Scalar {
    pub(crate) tape: Arc<Tape>,
    pub(crate) value: Value,
}

/// What stands in an operation.
pub(crate) enum Given {
    Number(f64),
    Recorded(Arc<Tape>, Value),
}

/// A number, a recorded value, or a place as a number; `None` for what is none of these.
pub(crate) fn given(object: &Bound<'_, PyAny>) -> PyResult<Option<Given>> {
    if let Ok(scalar) = object.cast::<Scalar>() {
        let Scalar { tape, value } = scalar.get();
        return Ok(Some(Given::Recorded(tape.clone(), *value)));
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Some(Given::Number(number.extract()?)));
    }
    if object.is_instance_of::<PyInt>() {
        return Ok(Some(Given::Number(object.extract()?)));
    }
    if let Ok(index) = object.cast::<Index>() {
        let index = index.get();
        return Ok(Some(Given::Recorded(index.tape.clone(), index.as_value()?)));
    }
    // numpy's numbers, fractions and decimals, but no arrays, not even those of one number.
    let py = object.py();
    let is_number = object.hasattr(pyo3::intern!(py, "__float__"))?
        && !object.hasattr(pyo3::intern!(py, "__len__"))?;
    Ok(match is_number {
        true => object.extract().ok().map(Given::Number),
        false => None,
    })
}

/// The same where nothing else will do.
pub(crate) fn required(object: &Bound<'_, PyAny>, what: &str) -> PyResult<Given> {
    given(object)?.ok_or_else(|| {
        let came = object.get_type().name().map_or_else(|_| "?".into(), |name| name.to_string());
        error::input(format!("{what}: expected a number or a recorded value, got {came}"))
    })
}

/// Operands of one operation, and the tape that those which are recorded share.
pub(crate) struct Operands {
    pub(crate) tape: Option<Arc<Tape>>,
    pub(crate) all: SmallVec<[Operand; 2]>,
    pub(crate) read: SmallVec<[Value; 2]>,
}

impl Operands {
    pub(crate) fn new() -> Operands {
        Operands { tape: None, all: SmallVec::new(), read: SmallVec::new() }
    }

    pub(crate) fn push(&mut self, given: Given) -> PyResult<()> {
        match given {
            Given::Number(number) => self.all.push(Operand::Number(number)),
            Given::Recorded(tape, value) => {
                match &self.tape {
                    Some(own) if !Arc::ptr_eq(own, &tape) => return Err(mixed()),
                    Some(_) => {}
                    None => self.tape = Some(tape),
                }
                self.all.push(Operand::Value(value.entry));
                self.read.push(value);
            }
        }
        Ok(())
    }

    /// The numbers, if all are.
    pub(crate) fn numbers(&self) -> Option<SmallVec<[f64; 4]>> {
        self.all.iter().map(|operand| operand.number()).collect()
    }
}

pub(crate) fn mixed() -> PyErr {
    error::recording(
        "one operation mixes values of two recordings: finish the inner one, and call the function that it gives",
    )
}

impl Scalar {
    /// A value of a recording, as Python has it.
    pub(crate) fn object(py: Python<'_>, tape: &Arc<Tape>, value: Value) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Scalar { tape: tape.clone(), value })?.into_any())
    }

    fn unary(&self, op: Op) -> PyResult<Scalar> {
        let operands = smallvec![Operand::Value(self.value.entry)];
        let value = self.tape.push(Entry::Operation(op, operands), &[self.value])?;
        Ok(Scalar { tape: self.tape.clone(), value })
    }

    fn binary(
        &self,
        other: &Bound<'_, PyAny>,
        op: Op,
        is_swapped: bool,
    ) -> PyResult<Option<Scalar>> {
        let Some(other) = given(other)? else { return Ok(None) };
        let own = Operand::Value(self.value.entry);
        let (other, value) = match other {
            Given::Number(number) => (Operand::Number(number), self.value),
            Given::Recorded(tape, _) if !Arc::ptr_eq(&tape, &self.tape) => return Err(mixed()),
            Given::Recorded(_, value) => (Operand::Value(value.entry), value),
        };
        let operands = match is_swapped {
            true => smallvec![other, own],
            false => smallvec![own, other],
        };
        let value = self.tape.push(Entry::Operation(op, operands), &[self.value, value])?;
        Ok(Some(Scalar { tape: self.tape.clone(), value }))
    }
}

/// What an operator gives: `NotImplemented` for an operand that isn't known here, so that arrays have their turn.
fn answer(py: Python<'_>, result: PyResult<Option<Scalar>>) -> PyResult<Py<PyAny>> {
    match result? {
        Some(scalar) => Ok(Py::new(py, scalar)?.into_any()),
        None => Ok(py.NotImplemented()),
    }
}

fn no_value(what: &str, instead: &str) -> PyErr {
    error::recording(format!("{what} looks at a value while code is recorded: {instead}"))
}

#[pymethods]
impl Scalar {
    fn __add__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Add, false))
    }
    fn __radd__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Add, true))
    }
    fn __sub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Sub, false))
    }
    fn __rsub__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Sub, true))
    }
    fn __mul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Mul, false))
    }
    fn __rmul__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Mul, true))
    }
    fn __truediv__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Div, false))
    }
    fn __rtruediv__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Div, true))
    }
    fn __mod__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Mod, false))
    }
    fn __rmod__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        answer(other.py(), self.binary(other, Op::Mod, true))
    }
    fn __floordiv__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let quotient = self.binary(other, Op::Div, false)?;
        answer(other.py(), quotient.map(|quotient| quotient.unary(Op::Floor)).transpose())
    }
    fn __rfloordiv__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let quotient = self.binary(other, Op::Div, true)?;
        answer(other.py(), quotient.map(|quotient| quotient.unary(Op::Floor)).transpose())
    }
    fn __pow__(
        &self,
        exponent: &Bound<'_, PyAny>,
        modulo: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let py = exponent.py();
        if modulo.is_some() {
            return Ok(py.NotImplemented());
        }
        let whole = match exponent.is_instance_of::<PyInt>() {
            true => exponent.extract::<i32>().ok(),
            false => None,
        };
        let op = match whole {
            Some(2) => return Ok(Py::new(py, self.unary(Op::Square)?)?.into_any()),
            Some(n) if n.unsigned_abs() <= LARGEST_EXPONENT => Op::Powi,
            _ => Op::Pow,
        };
        answer(py, self.binary(exponent, op, false))
    }
    fn __rpow__(
        &self,
        base: &Bound<'_, PyAny>,
        modulo: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        if modulo.is_some() {
            return Ok(base.py().NotImplemented());
        }
        answer(base.py(), self.binary(base, Op::Pow, true))
    }
    fn __neg__(&self) -> PyResult<Scalar> {
        self.unary(Op::Neg)
    }
    fn __pos__(slf: PyRef<'_, Self>) -> Py<Scalar> {
        slf.into()
    }
    fn __abs__(&self) -> PyResult<Scalar> {
        self.unary(Op::Abs)
    }
    fn __floor__(&self) -> PyResult<Scalar> {
        self.unary(Op::Floor)
    }
    fn __ceil__(&self) -> PyResult<Scalar> {
        self.unary(Op::Ceil)
    }
    #[pyo3(signature = (digits = None))]
    fn __round__(&self, digits: Option<&Bound<'_, PyAny>>) -> PyResult<Scalar> {
        match digits {
            None => self.unary(Op::Round),
            Some(_) => Err(error::recording("round(x, digits): write round(x * 10**n) / 10**n")),
        }
    }
    /// 1 where both are not 0.
    fn __and__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.both(other, true)
    }
    fn __rand__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.both(other, true)
    }
    /// 1 where one is not 0.
    fn __or__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.both(other, false)
    }
    fn __ror__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.both(other, false)
    }
    /// 1 where this is 0.
    fn __invert__(&self) -> PyResult<Scalar> {
        let operands = smallvec![Operand::Value(self.value.entry), Operand::Number(0.0)];
        let value = self.tape.push(Entry::Operation(Op::Equal, operands), &[self.value])?;
        Ok(Scalar { tape: self.tape.clone(), value })
    }
    fn __richcmp__(&self, other: &Bound<'_, PyAny>, how: CompareOp) -> PyResult<Py<PyAny>> {
        let op = match how {
            CompareOp::Lt => Op::Less,
            CompareOp::Le => Op::LessEqual,
            CompareOp::Eq => Op::Equal,
            CompareOp::Ne => Op::NotEqual,
            CompareOp::Gt => Op::Greater,
            CompareOp::Ge => Op::GreaterEqual,
        };
        answer(other.py(), self.binary(other, op, false))
    }
    fn __hash__(&self) -> u64 {
        u64::from(self.value.entry)
    }
    fn __bool__(&self) -> PyResult<bool> {
        Err(no_value(
            "`if`, `while`, `and`, `or`, `not`, `min` or `max`",
            "write uphill.where(condition, a, b) for a choice, uphill.minimum(a, b) and uphill.maximum(a, b), \
             a & b, a | b and ~a for conditions, and uphill.loops.repeat_while for a loop that ends by a value",
        ))
    }
    fn __float__(&self) -> PyResult<f64> {
        Err(no_value(
            "float(x), a function of `math`, or an array of floats",
            "write numpy.exp(x) or uphill.exp(x) instead of math.exp(x), and collect recorded values in a list, \
             in uphill.array([…]) or in uphill.zeros(shape)",
        ))
    }
    fn __int__(&self) -> PyResult<i64> {
        Err(no_value("int(x)", "write uphill.floor(x)"))
    }
    fn __index__(&self) -> PyResult<i64> {
        Err(no_value("a subscript", "pick by the counter of uphill.loops, or by uphill.where"))
    }
    fn __complex__(&self) -> PyResult<f64> {
        Err(no_value("complex(x)", "uphill computes with real numbers"))
    }
    #[pyo3(signature = (ufunc, method, *inputs, **settings))]
    fn __array_ufunc__(
        &self,
        ufunc: &Bound<'_, PyAny>,
        method: &Bound<'_, PyAny>,
        inputs: &Bound<'_, PyTuple>,
        settings: Option<&Bound<'_, pyo3::types::PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let py = ufunc.py();
        let run = py.import("uphill._array")?.getattr("_ufunc")?;
        let mut all = vec![ufunc.clone(), method.clone()];
        all.extend(inputs.iter());
        Ok(run.call(PyTuple::new(py, all)?, settings)?.unbind())
    }
    #[pyo3(signature = (function, types, arguments, settings))]
    fn __array_function__(
        &self,
        function: &Bound<'_, PyAny>,
        types: &Bound<'_, PyAny>,
        arguments: &Bound<'_, PyAny>,
        settings: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let _ = types;
        let run = function.py().import("uphill._array")?.getattr("_function")?;
        Ok(run.call1((function, arguments, settings))?.unbind())
    }
    fn __format__(slf: PyRef<'_, Self>, how: &str) -> PyResult<String> {
        match how.is_empty() {
            true => Ok(slf.__repr__()),
            false => Err(no_value(
                "a format",
                "print the value itself, {x}, or look at the trace of the function",
            )),
        }
    }
    /// Gives the value a name, for traces, explanations and pictures; gives it back.
    ///
    /// A name that was given before becomes `name#2`; an input keeps its own.
    fn named(slf: PyRef<'_, Self>, name: String) -> PyResult<Py<Scalar>> {
        {
            let mut written = slf.tape.written();
            written.check(&[slf.value])?;
            written.names.entry(slf.value.entry).or_insert(name);
        }
        Ok(slf.into())
    }
    fn __repr__(&self) -> String {
        let written = self.tape.written();
        let entry = self.value.entry;
        let inputs = &self.tape.inputs;
        match written.names.get(&entry) {
            Some(name) => format!("<recorded {name}>"),
            None if (entry as usize) < inputs.len() => {
                format!("<recorded {}>", inputs.name(entry as usize))
            }
            None => format!("<recorded value {entry}>"),
        }
    }
    /// Functions as methods, `x.exp()`: numpy looks for them in arrays of objects.
    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        // numpy asks each entry of an array for several of these.
        if name.starts_with("__") {
            return Err(pyo3::exceptions::PyAttributeError::new_err(name.to_owned()));
        }
        let functions = py.import("uphill._functions")?;
        Ok(functions.getattr("_method")?.call1((slf, name))?.unbind())
    }
}

impl Scalar {
    fn both(&self, other: &Bound<'_, PyAny>, all: bool) -> PyResult<Py<PyAny>> {
        let truth = |scalar: &Scalar| {
            let operands = smallvec![Operand::Value(scalar.value.entry), Operand::Number(0.0)];
            let value =
                scalar.tape.push(Entry::Operation(Op::NotEqual, operands), &[scalar.value])?;
            PyResult::Ok(Scalar { tape: scalar.tape.clone(), value })
        };
        let py = other.py();
        let (one, op) = (truth(self)?, if all { Op::Min } else { Op::Max });
        let other = match given(other)? {
            None => return Ok(py.NotImplemented()),
            Some(Given::Number(number)) => {
                PyFloat::new(py, f64::from(u8::from(number != 0.0))).into_any()
            }
            Some(Given::Recorded(tape, value)) => {
                Bound::new(py, truth(&Scalar { tape, value })?)?.into_any()
            }
        };
        answer(py, one.binary(&other, op, false))
    }
}
