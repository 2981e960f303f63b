//! Whether a performance is linear in what a loop gives: then the loop's second derivatives are those of its body, and
//! nothing mixes what one iteration gives with what another does.

use crate::function::Function;
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::input_slices;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::reverse::{Stop, active, active_in_body, active_inputs};
use crate::walk::{Feed, Outcome};

/// How a node is reached from a performance: by derivatives at all, and by derivatives that change with the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Reached {
    at_all: bool,
    bent: bool,
}

impl Reached {
    pub(super) const LINEARLY: Reached = Reached { at_all: true, bent: false };

    fn add(&mut self, other: Reached) {
        self.at_all |= other.at_all;
        self.bent |= other.bent;
    }
}

/// The loops whose bodies can be derived by themselves: `None` if not all can that it takes.
///
/// Such a body is derived by what it reads of inputs. All else that is active in it, states first of all, it may only be
/// linear in, with slopes that no input changes: sums that run along.
///
/// # Arguments
///
/// `seeds`: what the performance is the sum of, with factors. `wrt`: the inputs by which it is derived. `is_read`: whether
/// all that is active in a vector is an input, or an entry of one.
pub(super) fn own_loops(
    function: &Function,
    seeds: &[Slice],
    wrt: &[NodeId],
    is_read: impl Fn(Slice) -> bool,
) -> Option<Vec<Stop>> {
    let graph = function.graph();
    let active = active(function, wrt);
    let mut reached = vec![Reached::default(); graph.len()];
    for slice in seeds {
        mark(&mut reached, *slice, Reached::LINEARLY);
    }
    let mut own = Vec::new();
    let sort = |head: NodeId, results: &[Reached]| {
        let Node::Result { number, operands, .. } = graph.node(head) else { return None };
        let repeated = graph.repeated(number);
        if results.iter().any(|result| result.bent) {
            return None;
        }
        let inputs = active_inputs(graph, repeated, operands, &active);
        let other = other_inputs(graph, repeated, operands, inputs.clone(), &is_read);
        let mut read = vec![Reached::default(); other.len()];
        if other.contains(&true) {
            let all = through(repeated, inputs, results);
            if !all.iter().any(|input| input.bent) {
                return Some(all);
            }
            // The inputs that it is derived by are where its own derivatives end.
            let others = all.into_iter().zip(&other).enumerate().filter(|(_, (_, other))| **other);
            others.for_each(|(input, (own, _))| read[input] = own);
            if read.iter().any(|input| input.bent) {
                return None;
            }
        }
        own.push(Stop { head, through: other });
        Some(read)
    };
    spread(function, &active, &mut reached, sort)?;
    Some(own)
}

/// Which inputs of a body are active, but not read straight from inputs: states, and what is computed.
pub(super) fn other_inputs(
    graph: &Graph,
    repeated: &Loop,
    operands: &[NodeId],
    inputs: Vec<bool>,
    is_read: impl Fn(Slice) -> bool,
) -> Vec<bool> {
    let (inputs, _) = active_in_body(repeated, inputs);
    let each = repeated.feeds().iter().zip(repeated.each_operand(operands)).zip(inputs);
    let other = each.map(|((feed, operand), active)| match (feed, operand) {
        (Feed::Read(_), Some(operand)) => active && !is_read(graph.part(operand)),
        _ => active,
    });
    other.collect()
}

fn mark(reached: &mut [Reached], slice: Slice, by: Reached) {
    let first = slice.first.index();
    reached[first..first + slice.width].iter_mut().for_each(|node| node.add(by));
}

/// Goes from the marked nodes back to what they read; `None` where `sort` gives up, which is told a loop's first node and
/// how its results are reached, and tells how the inputs of its body are.
fn spread(
    function: &Function,
    active: &[bool],
    reached: &mut [Reached],
    mut sort: impl FnMut(NodeId, &[Reached]) -> Option<Vec<Reached>>,
) -> Option<()> {
    let graph = function.graph();
    for id in graph.heads().rev() {
        match graph.node(id) {
            Node::Op(op, operands) => {
                let own = reached[id.index()];
                if !own.at_all || !active[id.index()] {
                    continue;
                }
                let is_active = |k: usize| op.differentiable(k) && active[operands[k].index()];
                for k in (0..operands.len()).filter(|&k| is_active(k)) {
                    let bent = own.bent || !is_linear(op, k, operands, active);
                    reached[operands[k].index()].add(Reached { at_all: true, bent });
                }
            }
            Node::Copy(_) => {
                for (k, entry) in graph.vector(id).iter().enumerate() {
                    let own = reached[id.index() + k];
                    reached[entry.index()].add(own);
                }
            }
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                let of_result = |slice: Slice| {
                    let first = slice.first.index();
                    let mut all = Reached::default();
                    let nodes = first..first + slice.width;
                    nodes.filter(|&k| active[k]).for_each(|k| all.add(reached[k]));
                    all
                };
                let results: Vec<Reached> = graph.results(id).into_iter().map(of_result).collect();
                if !results.iter().any(|result| result.at_all) {
                    continue;
                }
                if repeated.is_implicit() {
                    for (_, node) in repeated.given_nodes(operands) {
                        reached[node.index()].add(Reached { at_all: true, bent: true });
                    }
                    continue;
                }
                let read = sort(id, &results)?;
                for (operand, read) in repeated.each_operand(operands).into_iter().zip(read) {
                    if let Some(operand) = operand {
                        mark(reached, graph.part(operand), read);
                    }
                }
            }
            Node::Input(_) | Node::Constant(_) => {}
        }
    }
    Some(())
}

/// How each input of a body is reached, if the results of its loop are so.
fn through(repeated: &Loop, inputs: Vec<bool>, results: &[Reached]) -> Vec<Reached> {
    let (inputs, _) = active_in_body(repeated, inputs);
    let function = repeated.body.to_function();
    let graph = function.graph();
    let slices = input_slices(graph);
    let live = slices.iter().zip(&inputs).filter(|(_, active)| **active);
    let wrt: Vec<NodeId> = live
        .flat_map(|(slice, _)| (0..slice.width).map(|k| NodeId::new(slice.first.index() + k)))
        .collect();
    let active = active(&function, &wrt);
    let outputs = repeated.outputs();
    let mut of_outputs = vec![Reached::default(); outputs.len()];
    let mut of_states = vec![Reached::default(); slices.len()];
    for (outcome, &result) in repeated.outcomes().iter().zip(results) {
        match *outcome {
            Outcome::Last { input } => of_states[input].add(result),
            Outcome::Sequence { output } | Outcome::Sum { output } => {
                of_outputs[output].add(result);
            }
            Outcome::Target { target } => {
                let writes = repeated.targets()[target].writes().iter();
                writes.for_each(|(output, _)| of_outputs[*output].add(result));
            }
        }
    }
    loop {
        for (feed, state) in repeated.feeds().iter().zip(&of_states) {
            if let Feed::Carried { from } = *feed {
                of_outputs[from].add(*state);
            }
        }
        let mut reached = vec![Reached::default(); graph.len()];
        outputs.iter().zip(&of_outputs).for_each(|(slice, own)| mark(&mut reached, *slice, *own));
        let all_through = spread(&function, &active, &mut reached, |head, results| {
            let Node::Result { number, operands, .. } = graph.node(head) else { return None };
            let repeated = graph.repeated(number);
            let inputs = active_inputs(graph, repeated, operands, &active);
            Some(through(repeated, inputs, results))
        });
        debug_assert!(all_through.is_some());
        let of_slice = |slice: &Slice| {
            let first = slice.first.index();
            let mut all = Reached::default();
            reached[first..first + slice.width].iter().for_each(|node| all.add(*node));
            all
        };
        let read: Vec<Reached> = slices.iter().map(of_slice).collect();
        let before = of_states.clone();
        for (input, state) in of_states.iter_mut().enumerate() {
            if matches!(repeated.feeds()[input], Feed::Carried { .. }) {
                state.add(read[input]);
            }
        }
        if of_states == before {
            return read;
        }
    }
}

/// Whether an operation's slope by an operand is the same whatever the active nodes are.
fn is_linear(op: Op, k: usize, operands: &[NodeId], active: &[bool]) -> bool {
    let still = |k: usize| !active[operands[k].index()];
    match op {
        Op::Add | Op::Sub | Op::Neg | Op::Sum | Op::Mean => true,
        Op::Mul | Op::Product => (0..operands.len()).all(|other| other == k || still(other)),
        Op::Div => k == 0 && still(1),
        Op::Dot => still(k ^ 1),
        _ => false,
    }
}
