//! Which nodes a derivative goes through: what depends on the inputs, and what may be infinite on the way.

use crate::function::Function;
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::input_slices;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::walk::{Feed, Outcome};

/// Which nodes depend differentiably on the given ones.
pub(crate) fn active(function: &Function, wrt: &[NodeId]) -> Vec<bool> {
    let graph = function.graph();
    let mut active = vec![false; graph.len()];
    for input in wrt {
        active[input.index()] = true;
    }
    for id in graph.heads() {
        match graph.node(id) {
            Node::Op(op, operands) => {
                active[id.index()] = operands
                    .iter()
                    .enumerate()
                    .any(|(k, operand)| active[operand.index()] && op.differentiable(k));
            }
            Node::Copy(_) => {
                for (k, entry) in graph.vector(id).iter().enumerate() {
                    active[id.index() + k] = active[entry.index()];
                }
            }
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                if repeated.is_implicit() {
                    let given = repeated.given_nodes(operands);
                    let is_active = given.iter().any(|(_, node)| active[node.index()]);
                    active[id.index()..id.index() + repeated.width()].fill(is_active);
                    continue;
                }
                let inputs = active_inputs(graph, repeated, operands, &active);
                let (inputs, outputs) = active_in_body(repeated, inputs);
                for (outcome, place) in repeated.places() {
                    let is_active = match outcome {
                        Outcome::Last { input } => inputs[input],
                        Outcome::Sequence { output } | Outcome::Sum { output } => outputs[output],
                        Outcome::Target { target } => repeated.targets[target]
                            .writes
                            .iter()
                            .any(|(output, _)| outputs[*output]),
                    };
                    active[id.index() + place.start..id.index() + place.end].fill(is_active);
                }
            }
            Node::Input(_) | Node::Constant(_) => {}
        }
    }
    active
}

/// Whether each input of a body depends on what is active around it, in the first iteration.
pub(crate) fn active_inputs(
    graph: &Graph,
    repeated: &Loop,
    operands: &[NodeId],
    active: &[bool],
) -> Vec<bool> {
    let read = |operand: Option<usize>| {
        operand.is_some_and(|operand| {
            let part = graph.part(operands[operand]);
            active[part.first.index()..part.first.index() + part.width].contains(&true)
        })
    };
    repeated.operand_places().map(read).collect()
}

/// Which inputs and outputs of a body are active, if these inputs are in the first iteration.
pub(crate) fn active_in_body(repeated: &Loop, mut inputs: Vec<bool>) -> (Vec<bool>, Vec<bool>) {
    let function = repeated.body.to_function();
    let slices = input_slices(function.graph());
    loop {
        let each = slices.iter().zip(&inputs).filter(|(_, active)| **active);
        let wrt: Vec<NodeId> = each
            .flat_map(|(slice, _)| (0..slice.width).map(|k| NodeId::new(slice.first.index() + k)))
            .collect();
        let nodes = active(&function, &wrt);
        let is_active = |slice: &Slice| {
            nodes[slice.first.index()..slice.first.index() + slice.width].contains(&true)
        };
        let outputs: Vec<bool> = repeated.body.outputs.iter().map(is_active).collect();
        let mut changed = false;
        for (input, feed) in repeated.feeds.iter().enumerate() {
            if let Feed::Carried { from } = *feed {
                changed |= outputs[from] && !inputs[input];
                inputs[input] |= outputs[from];
            }
        }
        if !changed {
            return (inputs, outputs);
        }
    }
}

/// Whether a graph has a choice, and partials that may be infinite, bodies included: there it matters whether a derivative
/// is 0 or is none.
pub(crate) fn chooses_with_poles(body: &Graph) -> bool {
    let (mut chooses, mut poles) = (false, false);
    let mut graphs = vec![body];
    while let Some(graph) = graphs.pop() {
        for head in graph.heads() {
            match graph.node(head) {
                Node::Op(op, operands) => {
                    chooses |= op.has_choices();
                    poles |= !op.has_finite_partials() && !scales(graph, op, operands);
                }
                Node::Result { number, .. } => {
                    let repeated = graph.repeated(number);
                    graphs.push(match &repeated.equations {
                        None => &repeated.body.graph,
                        Some(equations) => equations.known(repeated).function.graph(),
                    });
                }
                _ => {}
            }
        }
    }
    chooses && poles
}

/// What is divided by a number is multiplied by one.
fn scales(graph: &Graph, op: Op, operands: &[NodeId]) -> bool {
    op == Op::Div && matches!(graph.node(operands[1]), Node::Constant(number) if number != 0.0)
}

/// Whether each node is made by operations with finite partials alone, so that it and all behind it are finite where it
/// is; empty if no operation chooses by its own operands and there is no loop. Of inputs it may be known that it is not so.
pub(super) fn finite(graph: &Graph, active: &[bool], inputs: &[(Slice, bool)]) -> Vec<bool> {
    let chooses = |id: NodeId| matches!(graph.node(id), Node::Op(op, _) if op != Op::Select && op.has_choices());
    if !graph.has_loops()
        && inputs.is_empty()
        && !graph.heads().any(|id| active[id.index()] && chooses(id))
    {
        return Vec::new();
    }
    let mut finite = vec![true; graph.len()];
    for (input, known) in inputs {
        finite[input.first.index()..input.first.index() + input.width].fill(*known);
    }
    for id in graph.heads() {
        if let Node::Op(op, operands) = graph.node(id) {
            finite[id.index()] = (op.has_finite_partials() || scales(graph, op, operands))
                && operands.iter().all(|operand| finite[operand.index()]);
        } else if let Node::Copy(_) | Node::Result { .. } = graph.node(id) {
            // What a loop does on the way is not looked into.
            finite[id.index()..id.index() + graph.width(id)].fill(false);
        }
    }
    finite
}
