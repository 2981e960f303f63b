//! A problem: a performance that is made as small or as large as it can be, and what it is subject to.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use uphill_graph::{Function, Inputs};

use crate::conditions::{Limited, Meaning};
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::limits::Limits;
use crate::place::Source;
use crate::program::Program;
use crate::syntax::{Condition, Expression, Goal, Kind, Sense, Spanned, Statement, What};
use crate::tape::{Tape, Value, Whole};
use crate::{inputs, names, print, text};

/// A text that was read: what is minimised or maximised, and the constraints and bounds that it is subject to.
///
/// Shown, it is its text in one spelling, without comments: what reads as the same problem.
///
/// ```
/// use uphill_formula::{Problem, Sense};
///
/// let problem = Problem::parse(
///     "minimise x1*x4*(x1 + x2 + x3) + x3
///      subject to
///        x1*x2*x3*x4 >= 25
///        sphere: x1^2 + x2^2 + x3^2 + x4^2 = 40
///        1 <= x1 <= 5; 1 <= x2 <= 5; 1 <= x3 <= 5; 1 <= x4 <= 5",
/// )?;
/// assert_eq!(problem.sense(), Sense::Minimise);
/// let [product, sphere] = problem.constraints() else { panic!("bounds are no constraints") };
/// assert_eq!((product.name.as_str(), product.low, product.high), ("c1", 25.0, f64::INFINITY));
/// assert_eq!((sphere.name.as_str(), sphere.low, sphere.high), ("sphere", 40.0, 40.0));
/// assert_eq!(problem.bounds()[0].positions, 0..4);
///
/// // The performance, then what the constraints limit; inputs come as they first appear.
/// let function = problem.function()?;
/// assert_eq!(function.input_names().collect::<Vec<_>>(), ["x1", "x4", "x2", "x3"]);
/// assert_eq!(function.output_names().collect::<Vec<_>>(), ["P", "c1", "sphere"]);
/// assert_eq!(function.eval(&[1.0, 1.0, 5.0, 5.0])?, [16.0, 25.0, 52.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Problem {
    statements: Vec<Statement>,
    sense: Sense,
    tape: Tape,
    inputs: Inputs,
    /// The place of each input of the tape among the inputs.
    positions: Vec<usize>,
    performance: (String, Value),
    constraints: Vec<Constraint>,
    /// What they limit, in the same order.
    limited: Vec<Whole>,
    bounds: Vec<Bound>,
}

/// Limits of a named output, or of all entries of a vector of outputs. Where there is none, it is infinite.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// The name of the output.
    pub name: String,
    /// No value is below this.
    pub low: f64,
    /// No value is above this.
    pub high: f64,
}

/// Limits of inputs that follow one another. Where there is none, it is infinite.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The positions of the inputs.
    pub positions: Range<usize>,
    /// No value is below this.
    pub low: f64,
    /// No value is above this.
    pub high: f64,
}

impl Problem {
    /// Reads a text, within the usual [`Limits`].
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place: see [`Error`].
    pub fn parse(text: &str) -> Result<Problem, Error> {
        Problem::parse_within(text, &Limits::default())
    }

    /// Reads a text, within given limits.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its place: see [`Error`].
    pub fn parse_within(text: &str, limits: &Limits) -> Result<Problem, Error> {
        if text.len() > limits.bytes {
            return Err(Error::TooLong { bytes: text.len(), limit: limits.bytes });
        }
        let source = Source(text);
        let statements = text::statements(source, limits)?;
        let goal = the_goal(source, &statements)?;
        let sense = goal.sense;
        let declared = inputs::declared(source, &statements, limits)?;
        let program = Program::new(source, &statements, declared.as_ref())?;
        let order = program.order_of_definitions()?;
        let mut evaluation = Evaluation::new(&program, declared.as_ref(), &order, limits)?;
        let value = match &goal.what {
            What::Named(definition) => {
                evaluation.global(&definition.target.name, &definition.expression)?
            }
            What::Bare(x) => evaluation.expression(x)?,
        };
        let mut meanings = Vec::new();
        for statement in &statements {
            if let Statement::Condition(condition) = statement {
                meanings.push((condition, evaluation.condition(condition)?));
            }
        }
        let (inputs, positions) = match &declared {
            Some(declared) => {
                let position = |name: &String| Ok(declared.positions(name)?.start);
                let positions: Result<_, Error> = evaluation.inputs.iter().map(position).collect();
                (declared.clone(), positions?)
            }
            None => inputs::ordered(&evaluation.inputs, &program.appearance, true),
        };
        if inputs.variable_positions().is_empty() {
            let what = "nothing varies: no input is a variable".into();
            return Err(Error::Constraint { what, place: source.place(&goal.span, "") });
        }
        let mut taken = Taken::new(source, &inputs, &program, &statements)?;
        let name = match &goal.what {
            What::Named(definition) => definition.target.name.clone(),
            What::Bare(Expression { kind: Kind::Name(name), .. })
                if program.definition(name).is_some() =>
            {
                name.clone()
            }
            What::Bare(_) => taken.free("P", "performance"),
        };
        let mut bounds = Bounds::new(source, &inputs);
        let (mut constraints, mut limited) = (Vec::new(), Vec::new());
        for (condition, meaning) in meanings {
            match meaning {
                Meaning::Bounds(all) => {
                    let tape = &evaluation.tape;
                    let position = |input: Limited| match input {
                        Limited::Position(position) => position,
                        Limited::Entry(entry) => {
                            tape.inputs.binary_search(&entry).map_or(0, |input| positions[input])
                        }
                    };
                    for (input, low, high) in all {
                        bounds.add(condition, position(input), (low, high))?;
                    }
                }
                Meaning::Constraint(whole, low, high) => {
                    let number = constraints.len() + 1;
                    let name = match &condition.name {
                        Some(name) => name.name.clone(),
                        None => taken.free(&format!("c{number}"), &format!("constraint{number}")),
                    };
                    if let Whole::One(value) = whole {
                        evaluation.tape.name(value, &name);
                    }
                    constraints.push(Constraint { name, low, high });
                    limited.push(whole);
                }
            }
        }
        evaluation.tape.name(value, &name);
        let bounds = bounds.runs();
        let tape = evaluation.tape;
        drop(program);
        let performance = (name, value);
        Ok(Problem {
            statements,
            sense,
            tape,
            inputs,
            positions,
            performance,
            constraints,
            limited,
            bounds,
        })
    }

    /// Whether the least or the largest performance is the best.
    #[must_use]
    pub fn sense(&self) -> Sense {
        self.sense
    }

    /// The performance, then what each constraint limits, as a function of the inputs.
    ///
    /// The performance has the name that the text gives it, or `P`; each constraint has its own. Constraints with ranges are a
    /// vector of outputs each, `name[0]`, `name[1]`, ….
    ///
    /// # Errors
    ///
    /// [`Error::Graph`], if the graph refuses what was read; no text is known for which it does.
    pub fn function(&self) -> Result<Function, Error> {
        let performance = (self.performance.0.as_str(), Whole::One(self.performance.1));
        let names = self.constraints.iter().map(|constraint| constraint.name.as_str());
        let constraints = names.zip(self.limited.iter().cloned());
        let outputs: Vec<(&str, Whole)> = std::iter::once(performance).chain(constraints).collect();
        self.tape.function(&self.inputs, &self.positions, &outputs)
    }

    /// The constraints, in the order of the text; those without a name are `c1`, `c2`, … by that order. Limits of inputs by
    /// numbers are [bounds](Problem::bounds).
    #[must_use]
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// The bounds of inputs, by position; inputs side by side with the same limits come together.
    #[must_use]
    pub fn bounds(&self) -> &[Bound] {
        &self.bounds
    }

    /// The inputs, in order. If none are declared, entries `x[0]`, `x[1]`, … of which none is missing are a vector.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }
}

/// What is minimised or maximised; one thing.
fn the_goal<'s>(source: Source<'_>, statements: &'s [Statement]) -> Result<&'s Goal, Error> {
    let mut found: Option<&Goal> = None;
    for statement in statements {
        match statement {
            Statement::Goal(goal) => {
                if let Some(first) = found.replace(goal) {
                    let line = source.place(&first.span, "").line();
                    let what =
                        format!("the text has a second goal; the first one is in line {line}");
                    let place = source.place(&goal.span, "a sum of both can be one");
                    return Err(Error::Constraint { what, place });
                }
            }
            Statement::Outputs(names) => {
                let what = "a problem has no `outputs` but its performance and its constraints";
                let span = names.first().map_or(0..0, |name| name.span.clone());
                let place = source.place(&span, "write `minimise` or `maximise` before it");
                return Err(Error::Constraint { what: what.into(), place });
            }
            _ => {}
        }
    }
    found.ok_or_else(|| {
        let defined = statements.iter().rev().find_map(|statement| match statement {
            Statement::Definition(definition) => Some(definition.target.name.as_str()),
            _ => None,
        });
        let name = defined.filter(|name| names::written_target(name) == *name).unwrap_or("P");
        Error::NotAProblem { hint: format!("add a line, `maximise {name}` or `minimise {name}`") }
    })
}

/// The names that nothing else can have.
struct Taken(HashSet<String>);

impl Taken {
    /// Of inputs, definitions and named constraints, no two of which may be the same.
    fn new(
        source: Source<'_>,
        inputs: &Inputs,
        program: &Program<'_>,
        statements: &[Statement],
    ) -> Result<Taken, Error> {
        let mut taken: HashMap<&str, &str> = HashMap::new();
        for group in inputs.groups() {
            taken.insert(names::base(&group.name), "an input");
        }
        for item in program.items() {
            taken.insert(names::base(item.name().0), "a definition");
        }
        for statement in statements {
            let Statement::Condition(Condition { name: Some(name), .. }) = statement else {
                continue;
            };
            let Spanned { name, span } = name;
            if let Some(first) = taken.insert(names::base(name), "the name of a constraint") {
                let second = match first {
                    "the name of a constraint" => "of another one",
                    _ => "the name of a constraint",
                };
                return Err(Error::DefinedTwice {
                    name: names::base(name).to_owned(),
                    first: first.into(),
                    second: second.into(),
                    place: source.place(span, ""),
                });
            }
        }
        Ok(Taken(taken.into_keys().map(str::to_owned).collect()))
    }

    /// The first of these names that nothing has.
    fn free(&mut self, first: &str, other: &str) -> String {
        let mut name = first.to_owned();
        if self.0.contains(&name) {
            name = other.to_owned();
        }
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// The limits of all inputs.
struct Bounds<'i> {
    source: Source<'i>,
    inputs: &'i Inputs,
    /// By position, from the first bound on.
    limits: Vec<(f64, f64)>,
}

const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

impl Bounds<'_> {
    fn new<'i>(source: Source<'i>, inputs: &'i Inputs) -> Bounds<'i> {
        Bounds { source, inputs, limits: Vec::new() }
    }

    fn add(
        &mut self,
        condition: &Condition,
        position: usize,
        (low, high): (f64, f64),
    ) -> Result<(), Error> {
        self.limits.resize(self.inputs.len(), FREE);
        let limits = &mut self.limits[position];
        *limits = (limits.0.max(low), limits.1.min(high));
        let (low, high) = *limits;
        if low <= high {
            return Ok(());
        }
        let name = self.inputs.name(position);
        let what = format!("`{name}` can't be at least {low} and at most {high}");
        Err(Error::Constraint { what, place: self.source.place(&condition.span(), "") })
    }

    /// Inputs side by side with the same limits, together.
    fn runs(&self) -> Vec<Bound> {
        let mut runs = Vec::new();
        let mut first = 0;
        for same in self.limits.chunk_by(|x, y| x == y) {
            let positions = first..first + same.len();
            first = positions.end;
            let (low, high) = same[0];
            if same[0] != FREE {
                runs.push(Bound { positions, low, high });
            }
        }
        runs
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::statements(f, &self.statements)
    }
}

impl FromStr for Problem {
    type Err = Error;

    fn from_str(text: &str) -> Result<Problem, Error> {
        Problem::parse(text)
    }
}
