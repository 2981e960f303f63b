//! What a recording ends as: a function, with names of outputs and shapes of arrays.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;

use crate::arguments::Taken;
use crate::error::Raise;
use crate::function::Function;
use crate::index::PyTape;
use crate::replay::{self, Result_};
use crate::shapes::Shapes;

/// Outputs as a recording gives them: name, values, shape.
type Given<'py> = (Option<String>, Vec<Bound<'py, PyAny>>, Option<Vec<usize>>);

/// Ends a recording: for each output its name, or None, its values, and the shape if it is an array; and the shapes of inputs that
/// are matrices or more.
#[pyfunction]
pub(crate) fn _finish(
    py: Python<'_>,
    recording: PyRef<'_, PyTape>,
    outputs: Vec<Given<'_>>,
    single: bool,
    taken: HashMap<String, Vec<usize>>,
) -> PyResult<Function> {
    let tape = &recording.tape;
    let mut given_names = std::collections::HashSet::new();
    let mut results = Vec::new();
    let mut parts = Vec::new();
    let count = outputs.len();
    for (place, (name, values, shape)) in outputs.into_iter().enumerate() {
        let values = recording.outputs(&values)?;
        let given = match (values.as_slice(), &shape) {
            // A number has the name that the code gave it.
            ([crate::tape::Operand::Value(entry)], None) => tape
                .written()
                .names
                .get(entry)
                .filter(|_| *entry as usize >= tape.inputs.len())
                .cloned(),
            _ => None,
        };
        let name = match name.or(given).filter(|name| given_names.insert(name.clone())) {
            Some(name) => name,
            None if count == 1 => "P".into(),
            None => format!("P{}", place + 1),
        };
        let is_vector = shape.is_some();
        parts.push(shape);
        results.push(Result_ { name, values, is_vector });
    }
    let function = py.detach(|| replay::function(tape, &results));
    tape.written().ended = true;
    let taken = Taken(Arc::new(taken));
    Ok(Function { taken, ..Function::new(function.raise()?, Shapes { parts, single }) })
}
