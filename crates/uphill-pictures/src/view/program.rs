//! What the page's own script computes by: for each line of a chain a list of elementary operations that gives its value
//! and its partial derivatives by what it reads.
//!
//! The script goes through the lines forward for the values, then backward by the chain rule. The partials are those of
//! this library, recorded as operations, so that the script knows no rule of differentiation but the chain rule.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use uphill_graph::{Function, Inputs, Node, NodeId, Op, Scalar, Var};

use crate::error::Error;
use crate::graph::model::Model;

/// More operations would make the page large and slow.
const MOST_STEPS: usize = 40_000;

/// The operations that `script/operations.js` has, under these names.
const KNOWN: [&str; 59] = [
    "add",
    "sub",
    "mul",
    "div",
    "neg",
    "recip",
    "square",
    "powi",
    "pow",
    "sqrt",
    "cbrt",
    "hypot",
    "exp",
    "exp2",
    "expm1",
    "ln",
    "log2",
    "log10",
    "log1p",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sigmoid",
    "softplus",
    "relu",
    "erf",
    "direction",
    "one_minus_square",
    "tanh_slope",
    "sigmoid_slope",
    "softsign",
    "floor",
    "ceil",
    "round",
    "mod",
    "fmod",
    "abs",
    "sign",
    "min",
    "max",
    "clamp",
    "xlogy",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "equal",
    "not_equal",
    "select",
];
const KNOWN_LISTS: [&str; 5] = ["sum", "product", "dot", "log_sum_exp", "mean"];

/// The lines of a chain as operations, and the numbers from which they start.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Program {
    /// The inputs, in order.
    start: Vec<f64>,
    /// What is computed after them, in order.
    lines: Vec<Line>,
}

/// One line: positions in `steps` count what it reads first.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    /// Which node of the chain it is, and which ones it reads.
    node: usize,
    reads: Vec<usize>,
    steps: Vec<Step>,
    /// Where the value is, and the derivatives by each of what it reads.
    value: usize,
    /// None where only values are wanted.
    partials: Vec<usize>,
    /// Whether an operation in it chooses, so that a partial of 0 may be that of what was left out.
    #[serde(skip_serializing_if = "is_false")]
    chooses: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(it: &bool) -> bool {
    !it
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Constant(f64),
    Op(&'static str, Vec<usize>),
}

impl Serialize for Step {
    /// `["mul", 0, 2]`, or `["const", 2.5]`, where JSON can't hold infinities but by name.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(None)?;
        match self {
            Step::Constant(number) => {
                list.serialize_element("const")?;
                match number.is_finite() {
                    true => list.serialize_element(number)?,
                    false => list.serialize_element(match *number {
                        f64::INFINITY => "Infinity",
                        f64::NEG_INFINITY => "-Infinity",
                        _ => "NaN",
                    })?,
                }
            }
            Step::Op(name, operands) => {
                list.serialize_element(name)?;
                operands.iter().try_for_each(|operand| list.serialize_element(operand))?;
            }
        }
        list.end()
    }
}

/// What a line has beside its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    Partials,
    Nothing,
}

impl Program {
    /// The program of a function's chain at a point; else, why the page can't compute it.
    pub(super) fn new(
        function: &Function,
        model: &Model,
        x: &[f64],
        with: With,
    ) -> Result<Result<Program, String>, Error> {
        if x.iter().any(|number| !number.is_finite()) {
            return Ok(Err("an input is not finite".into()));
        }
        let flat = function.flatten();
        let mut lines = Vec::new();
        let mut steps = 0;
        for position in x.len()..model.nodes.len() {
            let line = match line(&flat, model, position, with)? {
                Ok(line) => line,
                Err(name) => {
                    return Ok(Err(format!("`{name}` is not among the page's operations")));
                }
            };
            steps += line.steps.len();
            if steps > MOST_STEPS {
                return Ok(Err(format!("it has more than {MOST_STEPS} operations")));
            }
            lines.push(line);
        }
        Ok(Ok(Program { start: x.to_vec(), lines }))
    }

    /// How many operations there are.
    pub(super) fn length(&self) -> usize {
        self.lines.iter().map(|line| line.steps.len()).sum()
    }
}

/// One line of a chain, or the name of an operation that the script doesn't have.
fn line(
    flat: &Function,
    model: &Model,
    position: usize,
    with: With,
) -> Result<Result<Line, String>, Error> {
    let id = model.ids[position];
    let first = model.ids.iter().position(|&other| other == id).unwrap_or(position);
    if first < position {
        // Another name of the same value.
        let (reads, steps) = (vec![first], vec![Step::Constant(1.0)]);
        let (partials, chooses) = (vec![1], false);
        return Ok(Ok(Line { node: position, reads, steps, value: 0, partials, chooses }));
    }
    let reads: Vec<usize> =
        model.edges.iter().filter(|edge| edge.1 == position).map(|edge| edge.0).collect();
    let graph = flat.graph();
    let known: HashMap<NodeId, usize> =
        reads.iter().enumerate().map(|(k, &read)| (model.ids[read], k)).collect();
    let (mut between, mut waiting) = (BTreeSet::new(), vec![id]);
    while let Some(id) = waiting.pop() {
        if !known.contains_key(&id) && between.insert(id) {
            waiting.extend(graph.operands(id));
        }
    }
    if reads.is_empty() {
        // A number: of what it is made, nothing can change.
        let zeros = vec![0.0; flat.inputs().len()];
        let value = flat.node_values(&zeros)?[id.index()];
        let (steps, partials) = (vec![Step::Constant(value)], Vec::new());
        return Ok(Ok(Line { node: position, reads, steps, value: 0, partials, chooses: false }));
    }
    let names = (0..reads.len()).map(|k| format!("x{k}"));
    let inputs = names.fold(Inputs::new(), Inputs::variable);
    let local = Function::record(inputs, |x| {
        let mut values: HashMap<NodeId, Var<'_>> =
            known.iter().map(|(&id, &k)| (id, x[k])).collect();
        for &id in &between {
            let value = match graph.node(id) {
                Node::Input(_) => continue, // Every input is a line of the chain.
                Node::Constant(number) => Var::constant(number),
                Node::Copy(of) => match values.get(&of) {
                    Some(&value) => value,
                    None => continue,
                },
                // Loops are written out before.
                Node::Result { .. } => Var::constant(f64::NAN),
                Node::Op(op, operands) => {
                    let operands: Vec<Var<'_>> =
                        operands.iter().filter_map(|id| values.get(id).copied()).collect();
                    Var::apply(op, &operands)
                }
            };
            values.insert(id, value);
        }
        values[&id]
    })?;
    let chooses =
        between.iter().any(|&id| matches!(graph.node(id), Node::Op(op, _) if op.has_choices()));
    let whole = match with {
        With::Partials => local.with_gradient()?.simplify(),
        With::Nothing => local.simplify(),
    };
    Ok(listed(&whole).map(|(steps, places)| Line {
        node: position,
        reads,
        steps,
        value: places[0],
        partials: places[1..].to_vec(),
        chooses,
    }))
}

/// A function as steps, with the places of its outputs.
fn listed(function: &Function) -> Result<(Vec<Step>, Vec<usize>), String> {
    let graph = function.graph();
    let inputs = graph.input_nodes();
    let mut places: HashMap<NodeId, usize> =
        inputs.iter().enumerate().map(|(k, &id)| (id, k)).collect();
    let mut steps = Vec::new();
    for id in graph.ids() {
        let step = match graph.node(id) {
            Node::Input(_) => continue,
            Node::Constant(number) => Step::Constant(number),
            Node::Copy(of) => {
                places.insert(id, places[&of]);
                continue;
            }
            Node::Result { .. } => return Err("loop".into()),
            Node::Op(op, operands) => {
                let name = op.name();
                let is_known = KNOWN.contains(&name) || KNOWN_LISTS.contains(&name);
                if matches!(op, Op::Custom(_)) || !is_known {
                    return Err(name.into());
                }
                Step::Op(name, operands.iter().map(|operand| places[operand]).collect())
            }
        };
        places.insert(id, inputs.len() + steps.len());
        steps.push(step);
    }
    Ok((steps, function.outputs().iter().map(|output| places[&output.node]).collect()))
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, KNOWN_LISTS};

    #[test]
    fn the_script_has_what_is_promised() {
        let script = include_str!("script/operations.js");
        for name in KNOWN.iter().chain(&KNOWN_LISTS) {
            assert!(script.contains(&format!("\n  {name}: ")), "{name}");
        }
        let count = script.lines().filter(|line| line.contains(": (")).count();
        assert_eq!(count, KNOWN.len() + KNOWN_LISTS.len(), "each of them is used");
    }
}
