//! The same function with other inputs held fixed: what columns and numbers of samples are, whatever was declared.

use std::borrow::Cow;
use std::ops::Range;

use uphill_graph::{Function, InputGroup, Inputs, Recorder, Role};

use crate::error::Error;

/// The function with those groups of inputs as variables for whose positions it is said, and the others as parameters.
pub(super) fn with_roles(
    function: &Function,
    is_variable: impl Fn(Range<usize>) -> bool,
) -> Result<Cow<'_, Function>, Error> {
    let (mut groups, mut start) = (Vec::new(), 0);
    for group in function.inputs().groups() {
        let end = start + group.length.unwrap_or(1) as usize;
        let role = if is_variable(start..end) { Role::Variable } else { Role::Parameter };
        groups.push(InputGroup { role, ..group.clone() });
        start = end;
    }
    if groups == function.inputs().groups() {
        return Ok(Cow::Borrowed(function));
    }
    let recorder = Recorder::new();
    let inputs = recorder.inputs(Inputs::from_iter(groups))?;
    let values = function.node_values(&inputs)?;
    for (id, name) in function.graph().names() {
        let _ = values[id.index()].named(name);
    }
    for output in function.single_outputs() {
        recorder.output(output.name, values[output.node.index()]);
    }
    drop((inputs, values));
    Ok(Cow::Owned(recorder.finish()?))
}
