//! What there is to draw of a function: lines of its trace as nodes, joined by what each formula reads, with the sweeps
//! back from its outputs.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use uphill_graph::{Detail, Function, NodeId, Trace};

use crate::error::Error;

/// More boxes can't be read in one picture.
const LIMIT: usize = 400;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    pub(crate) function: String,
    pub(crate) has_numbers: bool,
    pub(crate) nodes: Vec<Node>,
    /// The place of each in the flattened graph.
    pub(crate) ids: Vec<NodeId>,
    /// From what is read to what reads it.
    pub(crate) edges: Vec<(usize, usize)>,
    pub(crate) sweeps: Vec<Sweep>,
    pub(crate) troubles: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) formula: Option<String>,
    pub(crate) value: Option<f64>,
    pub(crate) is_input: bool,
    /// An input by which derivatives are taken.
    pub(crate) is_variable: bool,
    pub(crate) is_output: bool,
}

/// The way back from one output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sweep {
    pub(crate) output: String,
    pub(crate) node: usize,
    pub(crate) adjoints: Vec<Adjoint>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Adjoint {
    pub(crate) node: usize,
    pub(crate) value: f64,
    pub(crate) terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    pub(crate) through: usize,
    pub(crate) adjoint: f64,
    pub(crate) partial: f64,
    pub(crate) value: f64,
}

impl Sweep {
    /// The derivative of the output by a node, if the sweep has it.
    pub(crate) fn adjoint(&self, node: usize) -> Option<f64> {
        if node == self.node {
            return Some(1.0);
        }
        self.adjoints.iter().find(|adjoint| adjoint.node == node).map(|adjoint| adjoint.value)
    }
}

/// The function with its loops written out: each of its operations is a thing to draw.
///
/// # Errors
///
/// [`Error::TooLarge`] for more operations than any picture has.
pub(crate) fn written_out(function: &Function) -> Result<Cow<'_, Function>, Error> {
    const MOST: usize = 10_000;
    if function.graph().is_written_out() {
        return Ok(Cow::Borrowed(function));
    }
    let count = usize::try_from(function.graph().run_operations()).unwrap_or(usize::MAX);
    if count > MOST {
        return Err(Error::TooLarge {
            what: format!(
                "the operations of {} with its loops written out",
                short_name(&function.signature())
            ),
            count,
            limit: MOST,
            advice: "take fewer iterations, or draw what is repeated once, in DOT or Mermaid",
        });
    }
    Ok(Cow::Owned(function.unrolled()?))
}

impl Model {
    /// A function's graph, with numbers at a point if there is one.
    pub(crate) fn new(
        function: &Function,
        x: Option<&[f64]>,
        detail: Detail,
    ) -> Result<Model, Error> {
        let zeros = vec![0.0; function.inputs().len()];
        let trace = function.trace_with(x.unwrap_or(&zeros), detail)?;
        Model::of(function, &trace, x.is_some())
    }

    /// The lines of a trace of this function.
    fn of(function: &Function, trace: &Trace, has_numbers: bool) -> Result<Model, Error> {
        Error::check_enough("a graph's boxes", 1, trace.forward.len())?;
        if trace.forward.len() > LIMIT {
            return Err(Error::TooLarge {
                what: format!("the boxes of {}", short_name(&trace.function)),
                count: trace.forward.len(),
                limit: LIMIT,
                advice: "name fewer values, or draw the part of one output or one sample",
            });
        }
        let flat = function.flatten();
        let inputs = function.inputs().len();
        let outputs: HashSet<NodeId> = flat.outputs().iter().map(|output| output.node).collect();
        let names: HashSet<String> = function.output_names().collect();
        let mut nodes = Vec::with_capacity(trace.forward.len());
        let mut positions: HashMap<NodeId, usize> = HashMap::new();
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        let mut edges = Vec::new();
        for (position, line) in trace.forward.iter().enumerate() {
            let is_alias = positions.contains_key(&line.node);
            if is_alias {
                edges.push((positions[&line.node], position));
            } else {
                positions.insert(line.node, position);
                let atoms = atoms(&flat, line.node, &positions);
                edges.extend(atoms.into_iter().map(|atom| (atom, position)));
            }
            by_name.insert(&line.name, position);
            let is_input = position < inputs;
            nodes.push(Node {
                name: line.name.clone(),
                formula: line.formula.clone(),
                value: has_numbers.then_some(line.value),
                is_input,
                is_variable: is_input && function.inputs().is_variable(position),
                is_output: outputs.contains(&line.node) && names.contains(line.name.as_str()),
            });
        }
        let term = |term: &uphill_graph::Term| {
            let through = *by_name.get(term.through.as_str())?;
            let (adjoint, partial, value) = (term.adjoint, term.partial, term.value);
            Some(Term { through, adjoint, partial, value })
        };
        let adjoint = |adjoint: &uphill_graph::Adjoint| {
            let node = *positions.get(&adjoint.node)?;
            let terms = adjoint.terms.iter().filter_map(term).collect();
            Some(Adjoint { node, value: adjoint.value, terms })
        };
        let sweeps = trace.backward.iter().zip(flat.outputs()).filter_map(|(sweep, output)| {
            let node = *positions.get(&output.node)?;
            let adjoints = sweep.adjoints.iter().filter_map(adjoint).collect();
            Some(Sweep { output: sweep.output.clone(), node, adjoints })
        });
        let sweeps = if has_numbers { sweeps.collect() } else { Vec::new() };
        let troubles = if has_numbers { trace.troubles.clone() } else { Vec::new() };
        let function = trace.function.clone();
        let ids = trace.forward.iter().map(|line| line.node).collect();
        let mut model = Model { function, has_numbers, nodes, ids, edges, sweeps, troubles };
        model.shorten();
        Ok(model)
    }

    /// Leaves the column out of names such as `species=setosa` and `h1→species=setosa`, which look like equations in
    /// formulas, where all names stay different and none is read as something else.
    fn shorten(&mut self) {
        let columns: BTreeSet<String> = self
            .nodes
            .iter()
            .filter(|node| !node.name.contains(['→', '(']))
            .filter_map(|node| Some(node.name.split_once('=')?.0.to_owned()))
            .filter(|column| !column.is_empty())
            .collect();
        for column in columns {
            let prefix = format!("{column}=");
            let begins_well = |rest: &str| rest.starts_with(|c: char| c.is_alphabetic());
            let is_name = |text: &str| text.split(&prefix).skip(1).all(begins_well);
            let all_names = self
                .nodes
                .iter()
                .flat_map(|node| [Some(&node.name), node.formula.as_ref()])
                .flatten()
                .all(|text| is_name(text));
            let mut names: Vec<String> =
                self.nodes.iter().map(|node| node.name.replace(&prefix, "")).collect();
            names.sort_unstable();
            let is_clear = all_names
                && names.windows(2).all(|pair| pair[0] != pair[1])
                && !self.nodes.iter().any(|node| node.name == column);
            if !is_clear {
                continue;
            }
            let cut = |text: &mut String| *text = text.replace(&prefix, "");
            for node in &mut self.nodes {
                cut(&mut node.name);
                node.formula.iter_mut().for_each(cut);
            }
            cut(&mut self.function);
            self.sweeps.iter_mut().for_each(|sweep| cut(&mut sweep.output));
            self.troubles.iter_mut().for_each(cut);
        }
    }
}

/// The nodes that a line's formula reads, in order of appearance.
fn atoms(flat: &Function, line: NodeId, positions: &HashMap<NodeId, usize>) -> Vec<usize> {
    let graph = flat.graph();
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut waiting: Vec<NodeId> = graph.operands(line).iter().rev().copied().collect();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        match positions.get(&id) {
            Some(&position) => found.push(position),
            None => waiting.extend(graph.operands(id).iter().rev()),
        }
    }
    found
}

fn short_name(signature: &str) -> String {
    signature.split('(').next().unwrap_or(signature).into()
}
