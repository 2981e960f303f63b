//! What happened at one point, line by line: every value, and every adjoint with the terms that sum to it.
//!
//! A [`Trace`] is plain data. Its text is a contract: versioned, with stable names and numbers that read back, so that a
//! snapshot of it is a good test and a review shows what changed in a derivative.

mod difference;
mod loops;
mod text;

use serde::{Deserialize, Serialize};

pub use difference::Difference;
pub use loops::Iterations;
pub use text::TraceText;

use crate::birth;
use crate::error::Error;
use crate::formula_text::Style;
use crate::function::{Function, MOST_WRITTEN_OUT};
use crate::implicit::root_slopes;
use crate::layout::{Bodies, Detail, Layout, resolved};
use crate::node::{Node, NodeId};
use crate::number_format;
use crate::print::number;
use crate::record::Recorder;
use crate::reverse::{Sweep as ReverseSweep, active, slope_of_squared_root, squared_root};
use crate::scalar::Scalar;
use crate::var::Var;

/// The version of the form of traces, as data and as text.
pub const TRACE_VERSION: u32 = 1;

/// Values and adjoints at one point: see [`Function::trace`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The version of this form: [`TRACE_VERSION`].
    pub version: u32,
    /// What was traced: `P(w1, w2, w3)`.
    pub function: String,
    /// Inputs and lines, in order of evaluation.
    pub forward: Vec<Line>,
    /// One sweep back from each output.
    pub backward: Vec<Sweep>,
    /// Where infinities and NaN arose; empty if all is finite.
    pub troubles: Vec<String>,
}

/// One value on the way forward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its name: an input's, a given one, an output's, or `t1`, `t2`, ….
    pub name: String,
    /// The node's number, to join the line to the graph.
    pub node: NodeId,
    /// The formula; none for an input.
    pub formula: Option<String>,
    /// The value.
    #[serde(with = "number_format")]
    pub value: f64,
    /// Whether somebody chose the name: not so for `t1`, `t2`, ….
    pub named: bool,
}

/// The adjoints of one output, from it back to the inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// The output.
    pub output: String,
    /// The adjoints: of lines, from the last to the first, then of inputs, in their order.
    pub adjoints: Vec<Adjoint>,
}

/// The derivative of the output by one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjoint {
    /// The value's name.
    pub name: String,
    /// The node's number.
    pub node: NodeId,
    /// Whether it is an input.
    pub input: bool,
    /// The sum of the terms.
    #[serde(with = "number_format")]
    pub value: f64,
    /// The terms of the chain rule, one for each line that uses the value.
    pub terms: Vec<Term>,
}

/// One term of the chain rule: the adjoint of a line times the line's local partial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The line that uses the value.
    pub through: String,
    /// The derivative of the output by that line.
    #[serde(with = "number_format")]
    pub adjoint: f64,
    /// The derivative of that line by the value.
    #[serde(with = "number_format")]
    pub partial: f64,
    /// Their product.
    #[serde(with = "number_format")]
    pub value: f64,
}

impl Function {
    /// Traces the function at `x`: one line for each named, shared or final value.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let p = Function::record(["w1", "w2", "w3"], |w| {
    ///     let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
    ///     let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
    ///     3.0 * o1 - 7.0 * o2
    /// })?;
    /// let expected = "\
    /// uphill trace 1
    /// forward
    ///   w1 = 1
    ///   w2 = 1
    ///   w3 = 1
    ///   o1 = w1 - 2*w2 + 5*w3 = 4
    ///   o2 = 2*w1 - w2 - 6 = -5
    ///   P  = 3*o1 - 7*o2 = 47
    /// backward
    ///   dP/do2 = -7
    ///   dP/do1 = 3
    ///   dP/dw1 = dP/do1 * 1 + dP/do2 * 2 = 3*1 + -7*2 = -11
    ///   dP/dw2 = dP/do1 * -2 + dP/do2 * -1 = 3*-2 + -7*-1 = 1
    ///   dP/dw3 = dP/do1 * 5 = 3*5 = 15
    /// ";
    /// assert_eq!(p.trace(&[1.0, 1.0, 1.0])?.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn trace(&self, x: &[f64]) -> Result<Trace, Error> {
        self.trace_with(x, Detail::Shared)
    }

    /// [`Function::trace`] with a choice of which values get a line.
    ///
    /// [Loops](crate::loops) are written out if that makes no more than 10,000 operations; of longer ones the first and
    /// the last iteration are told, as [`Function::trace_iterations`] does.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`].
    pub fn trace_with(&self, x: &[f64], detail: Detail) -> Result<Trace, Error> {
        if !self.graph().is_written_out() {
            if self.graph().written_out_operations() > MOST_WRITTEN_OUT {
                return self.trace_iterations(x, detail, &Iterations::FirstAndLast);
            }
            return self.unrolled()?.trace_with(x, detail);
        }
        let (flat, origins) = self.flatten_with_origins();
        let values = flat.node_values(x)?;
        let (layout, names) = Layout::with_names(&flat, detail, Bodies::Inside);
        let mut troubles: Vec<String> = Vec::new();
        for output in flat.outputs() {
            let value = values[output.node.index()];
            if !value.is_finite() {
                let story = birth::story_by(&layout, names.clone(), &values, output.node);
                troubles.push(format!("{} = {}: {story}", output.name, number(value, None)));
            }
        }
        let wrt = flat.graph().input_nodes();
        let tracer = Tracer { layout: &layout, values: &values, active: active(&flat, wrt) };
        let mut backward = Vec::new();
        let adjoints = Adjoints { function: self, layout: &layout, origins: &origins };
        for (k, output) in flat.outputs().iter().enumerate() {
            let adjoints = adjoints.of(k, x)?;
            backward.push(tracer.sweep(&output.name, output.node, &adjoints, &mut troubles));
        }
        let forward = tracer.forward();
        Ok(Trace {
            version: TRACE_VERSION,
            function: flat.signature(),
            forward,
            backward,
            troubles,
        })
    }
}

/// The adjoints of all labelled nodes as numbers, by the node of the flat function. They come from the graph that
/// [`Function::gradient`] is made of, so that a trace and a gradient have the same bits.
struct Adjoints<'a> {
    function: &'a Function,
    layout: &'a Layout<'a>,
    /// The node of the function that each node of the flat one comes from.
    origins: &'a [Option<NodeId>],
}

impl Adjoints<'_> {
    /// `None` for what the flat function alone has, such as the `-2*w2` of a difference.
    fn of(&self, output: usize, x: &[f64]) -> Result<Vec<Option<f64>>, Error> {
        let function = self.function;
        let inputs: Vec<usize> = (0..function.inputs().len()).collect();
        let labelled = self.layout.graph.ids().filter(|&id| self.layout.is_atom(id));
        let mut labelled: Vec<NodeId> =
            labelled.filter_map(|id| self.origins[id.index()]).collect();
        labelled.sort_unstable();
        let recorder = Recorder::continuing(function.graph().clone());
        let seeds = [(function.outputs()[output].node, Var::constant(1.0))];
        let sweep = ReverseSweep::new(function, &inputs);
        let adjoints = sweep.all_adjoints(&recorder, &seeds, &labelled);
        let adjoints: Vec<Option<(Option<f64>, Option<NodeId>)>> = function
            .graph()
            .ids()
            .map(|id| adjoints.of(id).map(|adjoint| (adjoint.constant_value(), adjoint.id())))
            .collect();
        let values = recorder.finish()?.node_values(x)?;
        let number = |origin: Option<NodeId>| {
            let known = |(number, node): (Option<f64>, Option<NodeId>)| {
                number.or_else(|| Some(values[node?.index()]))
            };
            Some(adjoints[origin?.index()].and_then(known).unwrap_or(0.0))
        };
        Ok(self.origins.iter().map(|&origin| number(origin)).collect())
    }
}

struct Tracer<'a> {
    layout: &'a Layout<'a>,
    values: &'a [f64],
    active: Vec<bool>,
}

impl Tracer<'_> {
    fn value(&self, id: NodeId) -> f64 {
        self.values[id.index()]
    }

    fn forward(&self) -> Vec<Line> {
        let graph = self.layout.graph;
        let line = |node: NodeId, formula: Option<String>| Line {
            name: self.layout.label(node),
            node,
            formula,
            value: self.value(node),
            named: !self.layout.is_numbered(node),
        };
        let inputs = graph.input_nodes().iter().map(|&id| line(id, None));
        let lines = self
            .layout
            .lines
            .iter()
            .map(|&id| line(id, Some(self.layout.formula(id, &Style::TRACE))));
        let aliases = self.layout.aliases.iter().map(|&(name, node)| Line {
            name: name.into(),
            node,
            formula: Some(self.layout.label(node)),
            value: self.value(node),
            named: true,
        });
        inputs.chain(lines).chain(aliases).collect()
    }

    /// The adjoints of everything with a name, from the last line to the first input.
    fn sweep(
        &self,
        output: &str,
        root: NodeId,
        adjoints_of: &[Option<f64>],
        troubles: &mut Vec<String>,
    ) -> Sweep {
        let graph = self.layout.graph;
        let mut terms: Vec<Vec<Term>> = vec![Vec::new(); graph.len()];
        let mut local = Local::new(graph.len());
        let mut adjoints = Vec::new();
        let mut known_trouble = false;
        for id in graph.ids().take(root.index() + 1).rev().filter(|&id| self.layout.is_atom(id)) {
            let mut own = std::mem::take(&mut terms[id.index()]);
            if id == root {
                if !self.active[id.index()] {
                    break;
                }
            } else if own.is_empty() || !self.active[id.index()] {
                continue;
            }
            own.reverse();
            let sum = || own.iter().fold(0.0, |sum, term| sum + term.value);
            let value = adjoints_of[id.index()].unwrap_or_else(sum);
            let name = self.layout.label(id);
            if !value.is_finite() && !known_trouble {
                known_trouble = true;
                troubles.push(adjoint_trouble(output, &name, value, &own));
            }
            for (atom, partial) in local.partials(self, id) {
                // A branch that was not taken has no partial: its term is exactly 0.
                let (partial, product) = partial.map_or((0.0, 0.0), |p| (p, value * p));
                terms[atom.index()].push(Term {
                    through: name.clone(),
                    adjoint: value,
                    partial,
                    value: product,
                });
            }
            let input = matches!(graph.node(id), Node::Input(_));
            if id != root || input {
                adjoints.push(Adjoint { name, node: id, input, value, terms: own });
            }
        }
        // Nothing comes after an input, so inputs can stand in the order in which people know them.
        adjoints.sort_by_key(|adjoint| if adjoint.input { Some(adjoint.node) } else { None });
        Sweep { output: output.into(), adjoints }
    }
}

fn adjoint_trouble(output: &str, name: &str, value: f64, terms: &[Term]) -> String {
    let culprit = terms.iter().find(|term| !term.value.is_finite());
    let story = culprit.map_or_else(
        || "the sum of its terms overflows".to_owned(),
        |term| {
            let (through, partial) = (&term.through, number(term.partial, None));
            if term.partial.is_finite() {
                let adjoint = number(term.adjoint, None);
                format!("born at d{output}/d{through} * d{through}/d{name} = {adjoint}*{partial}")
            } else {
                format!("born at the local derivative d{through}/d{name} = {partial}")
            }
        },
    );
    format!("d{output}/d{name} = {}: {story}", number(value, None))
}

/// Derivatives inside one line: from its own node down to the labelled ones that its formula reads.
struct Local {
    adjoint: Vec<Option<Reached>>,
}

/// The derivative of a line by a node in it; `None` where every way to it was left out by a choice.
type Reached = Option<f64>;

impl Local {
    fn new(nodes: usize) -> Local {
        Local { adjoint: vec![None; nodes] }
    }

    /// The partials by each labelled node below, which comes out in order of the node numbers, the largest first.
    fn partials(&mut self, tracer: &Tracer<'_>, line: NodeId) -> Vec<(NodeId, Reached)> {
        let graph = tracer.layout.graph;
        let mut waiting = std::collections::BTreeSet::from([line]);
        self.adjoint[line.index()] = Some(Some(1.0));
        let mut found = Vec::new();
        while let Some(id) = waiting.pop_last() {
            let Some(adjoint) = self.adjoint[id.index()].take() else { continue };
            if id != line && tracer.layout.is_atom(id) {
                found.push((id, adjoint));
                continue;
            }
            if let Node::Result { place, .. } = graph.node(id) {
                for (given, slopes) in root_slopes(graph, id, tracer.values) {
                    if tracer.active[given.index()] {
                        let given = resolved(graph, given);
                        self.add(given, adjoint.map(|d| d * slopes[place]));
                        waiting.insert(given);
                    }
                }
                continue;
            }
            let Node::Op(op, operands) = graph.node(id) else { continue };
            let is_shown = |id: NodeId| tracer.layout.is_atom(id);
            if let Some(s) = squared_root(graph, op, operands).filter(|_| !is_shown(operands[0])) {
                self.add(s, adjoint.map(|d| d * slope_of_squared_root(tracer.value(s))));
                waiting.insert(s);
                continue;
            }
            let x: Vec<f64> = operands.iter().map(|operand| tracer.value(*operand)).collect();
            let wanted = |k: usize| tracer.active[operands[k].index()];
            let terms = op.chain_all(&x, tracer.value(id), |_| adjoint.unwrap_or(0.0), wanted);
            for (operand, term) in operands.iter().zip(terms) {
                let Some(term) = term else { continue };
                let term = adjoint.filter(|_| term.counts()).map(|_| term.value);
                self.add(*operand, term);
                waiting.insert(*operand);
            }
        }
        found
    }

    fn add(&mut self, node: NodeId, term: Reached) {
        let sum = self.adjoint[node.index()].get_or_insert(None);
        *sum = match (*sum, term) {
            (Some(sum), Some(term)) => Some(sum + term),
            (sum, term) => sum.or(term),
        };
    }
}
