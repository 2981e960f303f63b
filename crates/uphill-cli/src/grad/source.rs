//! A formula and its derivatives as source text: `--rust` and `--c`.

use uphill_engine::{Compiler, Program, Source};
use uphill_graph::Function;

use crate::error::Error;

/// A language that there is text in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    C,
}

/// Value and gradient of one output, or values and Jacobian of several, with the bits of what `uphill grad` prints, or
/// in single precision.
pub(super) fn text(
    function: &Function,
    language: Language,
    is_single: bool,
) -> Result<String, Error> {
    let compile = |function: &Function| Compiler::new().strict().compile(function);
    let functions: Vec<(&str, Program)> = match function.outputs().len() {
        _ if function.input_names().next().is_none() => vec![("value", compile(function)?)],
        1 => vec![("value_and_gradient", compile(&function.with_gradient()?)?)],
        _ => vec![("values", compile(function)?), ("jacobian", compile(&function.jacobian()?)?)],
    };
    let source = match language {
        Language::Rust => Source::rust(),
        Language::C => Source::c(),
    };
    let source = if is_single { source.in_single_precision() } else { source };
    let all = functions.iter().fold(source, |all, (name, program)| all.function(*name, program));
    Ok(all.text()?)
}
