//! A formula: what a text says, looked up and computed once, so that functions can be taken of it.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use uphill_graph::{Function, Inputs};

use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::limits::Limits;
use crate::members::Line;
use crate::place::Source;
use crate::program::{Item, Program};
use crate::syntax::Statement;
use crate::tape::{Tape, Value, Whole};
use crate::{inputs, names, print, text};

/// A text that was read: definitions of names, some of which are its outputs.
///
/// Shown, it is its text in one spelling, without comments: what reads as the same formula.
///
/// ```
/// use uphill_formula::Formula;
///
/// let formula: Formula = "P = (x ** 2) · y  # an area; y = 3 + +z".parse()?;
/// assert_eq!(formula.to_string(), "P = x^2*y");
/// # Ok::<(), uphill_formula::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Formula {
    statements: Vec<Statement>,
    tape: Tape,
    inputs: Inputs,
    /// The place of each input of the tape among the inputs.
    positions: Vec<usize>,
    definitions: Vec<(String, Value)>,
    /// Entries that are defined by their index, and that a loop keeps.
    lines: Vec<Line>,
    outputs: Vec<(String, Value)>,
}

impl Formula {
    /// Reads a text, within the usual [`Limits`].
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place: see [`Error`].
    pub fn parse(text: &str) -> Result<Formula, Error> {
        Formula::parse_within(text, &Limits::default())
    }

    /// Reads a text, within given limits.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place: see [`Error`].
    pub fn parse_within(text: &str, limits: &Limits) -> Result<Formula, Error> {
        if text.len() > limits.bytes {
            return Err(Error::TooLong { bytes: text.len(), limit: limits.bytes });
        }
        let source = Source(text);
        let statements = text::statements(source, limits)?;
        refuse_problems(source, &statements)?;
        let declared = inputs::declared(source, &statements, limits)?;
        let program = Program::new(source, &statements, declared.as_ref())?;
        let order = program.order_of_definitions()?;
        let evaluation = Evaluation::new(&program, declared.as_ref(), &order, limits)?;
        let referred = program.referred(&order);
        let (mut definitions, mut unused) = (Vec::new(), Vec::new());
        for (item, what) in program.items().iter().enumerate() {
            if let (Item::Definition(definition), Some(value)) = (what, evaluation.value(item)) {
                let definition = (definition.target.name.clone(), value);
                if !referred[item] && !evaluation.used[item] {
                    unused.push(definition.clone());
                }
                definitions.push(definition);
            }
            unused.extend(evaluation.unused(item)?);
        }
        let input_names = evaluation.inputs.clone();
        let (tape, written, lines) = evaluation.entries();
        definitions.extend(written);
        let find = |name: &str| named(&definitions, &lines, name);
        let outputs = listed_outputs(&program, &statements, find)?.unwrap_or(unused);
        if outputs.is_empty() {
            return Err(Error::NoOutput { hint: what_to_write(&statements) });
        }
        let (inputs, positions) = match &declared {
            Some(declared) => {
                let position = |name: &String| Ok(declared.positions(name)?.start);
                let positions: Result<Vec<usize>, Error> =
                    input_names.iter().map(position).collect();
                (declared.clone(), positions?)
            }
            None => inputs::ordered(&input_names, &program.appearance, false),
        };
        drop(program);
        Ok(Formula { statements, tape, inputs, positions, definitions, lines, outputs })
    }

    /// The outputs as a function of the inputs.
    ///
    /// Named definitions are named nodes of its graph.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`], if the graph refuses what was read; no text is known for which it does.
    pub fn function(&self) -> Result<Function, Error> {
        self.record(&self.outputs)
    }

    /// Some definitions, outputs or not, as a function of all inputs of the formula.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOutput`] for a name that the formula doesn't define, [`Error::Graph`] for one that is given
    /// twice.
    pub fn function_of<N: AsRef<str>>(&self, names: &[N]) -> Result<Function, Error> {
        let find = |name: &N| {
            let name = name.as_ref().to_owned();
            match named(&self.definitions, &self.lines, &name) {
                Some(value) => Ok((name, value)),
                None => {
                    let known = names::few(self.definition_names());
                    Err(Error::UnknownOutput { name, known })
                }
            }
        };
        let chosen: Result<Vec<(String, Value)>, Error> = names.iter().map(find).collect();
        self.record(&chosen?)
    }

    fn record(&self, chosen: &[(String, Value)]) -> Result<Function, Error> {
        let outputs: Vec<(&str, Whole)> =
            chosen.iter().map(|(name, value)| (name.as_str(), Whole::One(*value))).collect();
        self.tape.function(&self.inputs, &self.positions, &outputs)
    }

    /// The inputs, in order.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The names of the inputs, in the order in which [`function`](Formula::function) takes them.
    pub fn input_names(&self) -> impl Iterator<Item = String> {
        self.inputs.names()
    }

    /// The names of the outputs, in the order in which [`function`](Formula::function) gives them.
    pub fn output_names(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|(name, _)| name.as_str())
    }

    /// The names of all definitions, in the order of the text, then of entries that are defined by their index.
    ///
    /// Of entries that are a loop there are too many for a list; [`Formula::function_of`] has each of them, too.
    pub fn definition_names(&self) -> impl Iterator<Item = &str> {
        self.definitions.iter().map(|(name, _)| name.as_str())
    }
}

/// A problem has one output that counts, and constraints, which a formula has no place for.
fn refuse_problems(source: Source<'_>, statements: &[Statement]) -> Result<(), Error> {
    let span = statements.iter().find_map(|statement| match statement {
        Statement::Goal(goal) => Some(&goal.span),
        Statement::SubjectTo(span) => Some(span),
        _ => None,
    });
    span.map_or(Ok(()), |span| {
        Err(Error::NotAFormula { place: source.place(span, "a formula is `P = …` alone") })
    })
}

/// A function is no output, though it looks like a definition: its values are.
fn what_to_write(statements: &[Statement]) -> String {
    let function = statements.iter().rev().find_map(|statement| match statement {
        Statement::Function(function) => Some(function),
        _ => None,
    });
    let Some(function) = function else { return "write for example `P = 3*x`".into() };
    let name = &function.target.name;
    format!(
        "`{name}` is a function; write it without parameters, `{} = …`: names that nothing defines are inputs",
        names::written(name)
    )
}

/// The value of this name.
fn named(definitions: &[(String, Value)], lines: &[Line], name: &str) -> Option<Value> {
    let known = definitions.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    known.or_else(|| lines.iter().find_map(|line| line.value(name)))
}

/// The definitions that the text lists as outputs, if it does.
fn listed_outputs(
    program: &Program<'_>,
    statements: &[Statement],
    find: impl Fn(&str) -> Option<Value>,
) -> Result<Option<Vec<(String, Value)>>, Error> {
    let mut listed: Option<Vec<(String, Value)>> = None;
    let mut seen = HashSet::new();
    for statement in statements {
        let Statement::Outputs(names) = statement else { continue };
        for target in names {
            let name = target.name.as_str();
            let Some(value) = find(name) else {
                let hint = names::suggestion(name, program.definitions());
                let place = program.source.place(&target.span, hint);
                return Err(Error::UnknownName { kind: "definition", name: name.into(), place });
            };
            if !seen.insert(name) {
                let (first, second) = ("listed as an output".into(), "listed again".into());
                let place = program.source.place(&target.span, "");
                return Err(Error::DefinedTwice { name: name.into(), first, second, place });
            }
            listed.get_or_insert_default().push((name.to_owned(), value));
        }
    }
    Ok(listed)
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::statements(f, &self.statements)
    }
}

impl FromStr for Formula {
    type Err = Error;

    fn from_str(text: &str) -> Result<Formula, Error> {
        Formula::parse(text)
    }
}
