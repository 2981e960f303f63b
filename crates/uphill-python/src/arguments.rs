//! What a function is called with: numbers one by one, arrays, names, or all inputs as one array; or recorded values.

use std::collections::HashMap;
use std::sync::Arc;

use numpy::{
    PyArray1, PyArrayDyn, PyArrayMethods, PyReadonlyArray1, PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyTuple};
use uphill_graph::Inputs;

use crate::error;
use crate::scalar::{Operands, Scalar, required};

/// All inputs, in order.
pub(crate) enum Arguments<'py> {
    /// An array that is as it should be.
    Lent(PyReadonlyArray1<'py, f64>),
    Numbers(Vec<f64>),
    Recorded(Operands),
}

impl Arguments<'_> {
    /// The numbers, with what is said where values are recorded.
    pub(crate) fn numbers(self, recorded: &str) -> PyResult<Vec<f64>> {
        match self {
            Arguments::Lent(array) => Ok(array.as_slice()?.to_vec()),
            Arguments::Numbers(numbers) => Ok(numbers),
            Arguments::Recorded(_) => Err(error::recording(recorded)),
        }
    }
}

/// The shapes of inputs that are matrices or more, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(pub(crate) Arc<HashMap<String, Vec<usize>>>);

impl Taken {
    /// Whether an array may be this input: one of another shape is a slip, unless it has one dimension.
    fn check(
        &self,
        name: &str,
        value: &Bound<'_, PyAny>,
        signature: &dyn Fn() -> String,
    ) -> PyResult<()> {
        let Some(expected) = self.0.get(name) else { return Ok(()) };
        let Ok(array) = value.cast::<PyUntypedArray>() else { return Ok(()) };
        if array.ndim() < 2 || array.shape() == expected {
            return Ok(());
        }
        Err(error::input(format!(
            "input `{name}` of {}: expected the shape {}, got {}",
            signature(),
            told(expected),
            told(array.shape())
        )))
    }
}

fn told(shape: &[usize]) -> String {
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", lengths.join(", "))
}

/// Reads the arguments of a call of what has these inputs.
pub(crate) fn arguments<'py>(
    inputs: &Inputs,
    signature: &dyn Fn() -> String,
    positional: &Bound<'py, PyTuple>,
    named: Option<&Bound<'py, PyDict>>,
) -> PyResult<Arguments<'py>> {
    shaped(inputs, &Taken::default(), signature, positional, named)
}

/// The same where inputs have shapes.
pub(crate) fn shaped<'py>(
    inputs: &Inputs,
    taken: &Taken,
    signature: &dyn Fn() -> String,
    positional: &Bound<'py, PyTuple>,
    named: Option<&Bound<'py, PyDict>>,
) -> PyResult<Arguments<'py>> {
    let named = named.filter(|named| !named.is_empty());
    if named.is_none()
        && let Ok(only) = positional.get_borrowed_item(0)
        && positional.len() == 1
    {
        if let Ok(array) = only.cast::<PyArray1<f64>>()
            && array.is_c_contiguous()
            && array.len() == inputs.len()
        {
            return Ok(Arguments::Lent(
                array.try_readonly().map_err(|e| error::input(e.to_string()))?,
            ));
        }
        if inputs.groups().len() != 1 {
            return gather(&[(only.to_owned(), inputs.len(), &|| {
                format!("inputs of {}", signature())
            })]);
        }
    }
    let groups = inputs.groups();
    if named.is_none()
        && (2..groups.len()).contains(&positional.len())
        && let Some(found) = several_at_once(inputs, positional)?
    {
        return Ok(found);
    }
    if positional.len() > groups.len() {
        return Err(error::input(format!(
            "{} takes {}, got {}: give one argument an input, all inputs as one array, or inputs by name",
            signature(),
            counted(groups.len(), "argument"),
            positional.len()
        )));
    }
    let mut found: Vec<Option<Bound<'py, PyAny>>> = positional.iter().map(Some).collect();
    found.resize(groups.len(), None);
    for (name, value) in named.into_iter().flatten() {
        let name: String = name.extract()?;
        let Some(place) = groups.iter().position(|group| group.name == name) else {
            return Err(error::unknown(format!("{}: no input is named `{name}`", signature())));
        };
        if found[place].replace(value).is_some() {
            return Err(error::input(format!("{}: `{name}` is given twice", signature())));
        }
    }
    let missing: Vec<String> = groups
        .iter()
        .zip(&found)
        .filter(|(_, found)| found.is_none())
        .map(|(group, _)| format!("`{}`", group.name))
        .collect();
    if !missing.is_empty() {
        return Err(error::input(format!("{}: {} not given", signature(), missing.join(", "))));
    }
    if !taken.0.is_empty() {
        for (group, value) in groups.iter().zip(found.iter().flatten()) {
            taken.check(&group.name, value, signature)?;
        }
    }
    let names: Vec<_> = groups
        .iter()
        .map(|group| move || format!("input `{}` of {}", group.name, signature()))
        .collect();
    let all: Vec<Wanted<'_, 'py>> = groups
        .iter()
        .zip(&names)
        .zip(found.into_iter().flatten())
        .map(|((group, name), value)| {
            (value, group.length.map_or(1, |n| n as usize), name as &dyn Fn() -> String)
        })
        .collect();
    gather(&all)
}

/// A value, how many numbers it should be, and what it is for.
type Wanted<'a, 'py> = (Bound<'py, PyAny>, usize, &'a dyn Fn() -> String);

/// Fewer arguments than inputs, of which some are arrays for several inputs in a row: `f.vjp()(x, v)`.
fn several_at_once<'py>(
    inputs: &Inputs,
    positional: &Bound<'py, PyTuple>,
) -> PyResult<Option<Arguments<'py>>> {
    let mut ends = std::collections::HashSet::new();
    let mut end = 0;
    for group in inputs.groups() {
        end += group.length.map_or(1, |length| length as usize);
        ends.insert(end);
    }
    let (mut all, mut end): (Vec<Wanted<'_, 'py>>, usize) = (Vec::new(), 0);
    for value in positional {
        let mut numbers = Vec::new();
        let count = match push(&value, &mut numbers)? {
            true => numbers.len(),
            false if value.is_instance_of::<Scalar>() => 1,
            false => flat(&value)?.len()?,
        };
        end += count;
        if !ends.contains(&end) {
            return Ok(None);
        }
        all.push((value, count, &String::new));
    }
    if end != inputs.len() {
        return Ok(None);
    }
    gather(&all).map(Some)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn gather<'py>(all: &[Wanted<'_, 'py>]) -> PyResult<Arguments<'py>> {
    let mut numbers = Vec::new();
    for (value, count, what) in all {
        let before = numbers.len();
        if !push(value, &mut numbers)? {
            return recorded(all);
        }
        check(what, *count, numbers.len() - before)?;
    }
    Ok(Arguments::Numbers(numbers))
}

fn check(what: &dyn Fn() -> String, expected: usize, got: usize) -> PyResult<()> {
    match expected == got {
        true => Ok(()),
        false => Err(error::input(format!(
            "{}: expected {}, got {got}",
            what(),
            counted(expected, "number")
        ))),
    }
}

/// Adds the numbers of a number or array; whether all were numbers.
pub(crate) fn push(value: &Bound<'_, PyAny>, numbers: &mut Vec<f64>) -> PyResult<bool> {
    if let Ok(number) = value.cast::<PyFloat>() {
        numbers.push(number.extract()?);
        return Ok(true);
    }
    if value.is_instance_of::<PyInt>() {
        numbers.push(value.extract()?);
        return Ok(true);
    }
    if value.is_instance_of::<Scalar>() {
        return Ok(false);
    }
    if let Ok(array) = value.cast::<PyArrayDyn<f64>>() {
        let array = array.try_readonly().map_err(|e| error::input(e.to_string()))?;
        match array.as_slice() {
            Ok(slice) => numbers.extend_from_slice(slice),
            Err(_) => numbers.extend(array.as_array().iter()),
        }
        return Ok(true);
    }
    let flat = flat(value)?;
    match flat.cast::<PyArray1<f64>>() {
        Ok(array) => {
            let array = array.try_readonly().map_err(|e| error::input(e.to_string()))?;
            numbers.extend(array.as_array().iter());
            Ok(true)
        }
        Err(_) => Ok(false),
    }
}

/// As an array of one dimension, of floats or of objects.
fn flat<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    value.py().import("uphill._array")?.getattr("_flat")?.call1((value,))
}

fn recorded<'py>(all: &[Wanted<'_, 'py>]) -> PyResult<Arguments<'py>> {
    let mut operands = Operands::new();
    for (value, count, what) in all {
        let before = operands.all.len();
        if value.is_instance_of::<Scalar>() {
            operands.push(required(value, "an input")?)?;
        } else {
            for value in flat(value)?.try_iter()? {
                operands.push(required(&value?, "an input")?)?;
            }
        }
        check(what, *count, operands.all.len() - before)?;
    }
    // An array of objects may hold numbers alone.
    Ok(match operands.numbers() {
        Some(numbers) => Arguments::Numbers(numbers.to_vec()),
        None => Arguments::Recorded(operands),
    })
}

/// Numbers of a list or array, with what they are for.
pub(crate) fn vector(value: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<f64>> {
    let mut numbers = Vec::new();
    match push(value, &mut numbers)? {
        true => Ok(numbers),
        false => Err(error::recording(format!("{what}: expected numbers, got recorded values"))),
    }
}

/// Numbers of a list or array, as a list.
#[pyfunction]
pub(crate) fn _numbers(given: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<f64>> {
    vector(given, what)
}
