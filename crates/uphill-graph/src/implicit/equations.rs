//! What a loop solves: which outputs of its body are 0 where it ends, and these and their Jacobian as functions.
//!
//! A loop with equations is run like any other. But its results are what the equations say, and not what its iterations did:
//! so say its derivatives, by the implicit function theorem.

use std::sync::OnceLock;

use crate::error::Error;
use crate::function::{Function, Output};
use crate::graph::{Loop, Slice};
use crate::inputs::InputGroup;
use crate::loop_writer::input_slices;
use crate::node::NodeId;
use crate::record::Recorder;
use crate::reverse::Sweep;
use crate::scalar::Scalar;
use crate::simplify::inputs_read;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Walk};

/// How many unknowns one system may have: elimination is written out, a few operations for each cube.
pub(crate) const MOST_UNKNOWNS: usize = 64;

/// The equations of a loop. Its results are the unknowns, in order.
#[derive(Debug)]
pub(crate) struct Equations {
    /// The outputs of the body that are 0 where the loop ends.
    residuals: Vec<usize>,
    known: OnceLock<Known>,
}

impl Clone for Equations {
    /// The copy may change, and finds out anew.
    fn clone(&self) -> Equations {
        Equations::new(self.residuals.clone())
    }
}

impl PartialEq for Equations {
    fn eq(&self, other: &Equations) -> bool {
        self.residuals == other.residuals
    }
}

/// The equations as functions of all inputs of the body.
#[derive(Debug)]
pub(crate) struct Known {
    /// The residuals.
    pub(crate) function: Function,
    /// The residuals, then their slopes by each unknown, row by row.
    pub(crate) jacobian: Function,
    /// The position of each unknown among the inputs.
    pub(crate) unknowns: Vec<usize>,
}

impl Equations {
    pub(crate) fn new(residuals: Vec<usize>) -> Equations {
        Equations { residuals, known: OnceLock::new() }
    }

    /// The outputs of the body that are 0 where the loop ends.
    pub(crate) fn residuals(&self) -> impl Iterator<Item = usize> {
        self.residuals.iter().copied()
    }

    /// Outputs have other numbers.
    pub(crate) fn renumber(&mut self, new: impl Fn(usize) -> usize) {
        *self = Equations::new(self.residuals().map(new).collect());
    }

    /// What is found out once of a loop whose equations these are.
    pub(crate) fn known(&self, repeated: &Loop) -> &Known {
        self.known.get_or_init(|| {
            let body = &repeated.body.graph;
            let nodes = self.residuals.iter().flat_map(|&output| {
                let slice = repeated.body.outputs[output];
                (0..slice.width).map(move |k| NodeId::new(slice.first.index() + k))
            });
            let outputs = nodes.enumerate().map(|(k, node)| Output::new(format!("F{k}"), node));
            let mut graph = body.clone();
            let widths = input_slices(body).into_iter().enumerate();
            graph.rename_inputs(widths.map(|(k, s)| InputGroup::fed(k, s.width)).collect());
            let function = Function::from_pass(graph, outputs.collect()).into_simplified();
            let spans: Vec<_> = body.inputs().spans().map(|(_, positions)| positions).collect();
            let unknowns: Vec<usize> =
                unknown_inputs(repeated).flat_map(|input| spans[input].clone()).collect();
            let jacobian = jacobian(&function, &unknowns);
            Known { function, jacobian, unknowns }
        })
    }

    /// Whether they fit the loop.
    pub(crate) fn verify(&self, repeated: &Loop) -> Result<(), Error> {
        let invalid = |what: String| Err(Error::Invalid { what });
        let Some(residuals) = self
            .residuals
            .iter()
            .map(|&output| repeated.body.outputs.get(output))
            .collect::<Option<Vec<&Slice>>>()
        else {
            return invalid("an equation is an output of its body that is not there".into());
        };
        let mut unknowns: Vec<usize> = unknown_inputs(repeated).collect();
        let width: usize = unknowns.iter().map(|&input| repeated.input_width(input)).sum();
        let equations = residuals.iter().map(|slice| slice.width).sum::<usize>();
        if unknowns.len() != repeated.outcomes.len() || !repeated.targets.is_empty() {
            return invalid("it has equations, and results that are no states".into());
        }
        unknowns.sort_unstable();
        if unknowns.windows(2).any(|pair| pair[0] == pair[1]) || width != equations {
            return invalid(format!("{equations} equations for {width} unknowns"));
        }
        if width > MOST_UNKNOWNS {
            return invalid(format!("{width} unknowns, expected at most {MOST_UNKNOWNS}"));
        }
        let moves = |feed: &Feed| matches!(feed, Feed::Read(walk) if *walk != Walk::STILL);
        if let Some(input) = repeated.feeds.iter().position(moves) {
            return invalid(format!("it has equations, and input {input} of its body moves"));
        }
        let read = inputs_read(&repeated.body.graph, residuals);
        for (input, feed) in repeated.feeds.iter().enumerate() {
            let is_unknown = unknowns.binary_search(&input).is_ok();
            if read[input] && !is_unknown && !matches!(feed, Feed::Read(_)) {
                return invalid(format!(
                    "its equations read input {input} of its body, which is neither unknown nor given"
                ));
            }
        }
        Ok(())
    }
}

/// The inputs of a body that are unknowns, in order of the results.
fn unknown_inputs(repeated: &Loop) -> impl Iterator<Item = usize> {
    repeated.outcomes.iter().filter_map(|outcome| match *outcome {
        Outcome::Last { input } => Some(input),
        _ => None,
    })
}

/// The outputs of a function, then their slopes by these inputs, row by row.
pub(crate) fn jacobian(function: &Function, by: &[usize]) -> Function {
    let recorder = Recorder::continuing(function.graph().clone());
    let sweep = Sweep::new(function, by);
    let nodes: Vec<NodeId> = function.outputs().iter().flat_map(Output::nodes).collect();
    let mut outputs: Vec<Output> = Vec::new();
    let mut put = |node: NodeId| outputs.push(Output::new(format!("o{}", outputs.len()), node));
    nodes.iter().for_each(|&node| put(node));
    for &node in &nodes {
        for slope in sweep.adjoints(&recorder, &[(node, Var::constant(1.0))]) {
            put(recorder.node(slope));
        }
    }
    Function::from_pass(recorder.into_graph(), outputs).into_simplified()
}

impl Loop {
    /// Whether its results are defined by equations: the values at which some outputs of its body are 0. Iterations find
    /// them, and derivatives don't go through these ([`Implicit`](crate::Implicit)).
    #[must_use]
    pub fn is_implicit(&self) -> bool {
        self.equations.is_some()
    }

    /// The inputs of the body at the end: unknowns, and what is read from around, both by what gives their values; all else
    /// is not read by equations.
    pub(crate) fn solved_inputs<S: Scalar>(
        &self,
        operands: &[NodeId],
        unknowns: &[S],
        around: impl Fn(NodeId) -> S,
    ) -> Vec<S> {
        let mut inputs = Vec::new();
        let mut starts = vec![None; self.feeds.len()];
        let mut next = 0;
        for input in unknown_inputs(self) {
            starts[input] = Some(next);
            next += self.input_width(input);
        }
        let feeds = self.feeds.iter().zip(self.each_operand(operands)).enumerate();
        for (input, (feed, operand)) in feeds {
            let width = self.input_width(input);
            match (feed, operand, starts[input]) {
                (_, _, Some(start)) => inputs.extend_from_slice(&unknowns[start..start + width]),
                (Feed::Read(_), Some(operand), _) => {
                    let first = operand.index();
                    inputs.extend((first..first + width).map(|k| around(NodeId::new(k))));
                }
                _ => inputs.extend(std::iter::repeat_n(S::constant(0.0), width)),
            }
        }
        inputs
    }

    /// The nodes around that the equations read, one an entry of each such input of the body: the position among all
    /// inputs, and the node.
    pub(crate) fn given_nodes(&self, operands: &[NodeId]) -> Vec<(usize, NodeId)> {
        let mut given = Vec::new();
        let feeds = self.feeds.iter().zip(self.each_operand(operands));
        for ((feed, operand), (_, positions)) in feeds.zip(self.body.graph.inputs().spans()) {
            if let (Feed::Read(_), Some(operand)) = (feed, operand) {
                let first = operand.index();
                given.extend(positions.enumerate().map(|(k, at)| (at, NodeId::new(first + k))));
            }
        }
        given
    }
}
