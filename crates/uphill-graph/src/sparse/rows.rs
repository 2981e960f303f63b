//! First derivatives of loops without coloured sweeps: rows that a loop gives are derived by its body, which is derived once.
//!
//! As in `bodies`, a loop reads inputs alone. It carries no state, but for what is derived itself: a sum that runs along, each
//! of whose terms counts once. Whole results of such loops in a body are split again; what else a body gives is derived by
//! coloured sweeps within an iteration.

use super::bodies::{MOST_ENTRIES, Repeated, named};
use super::coloured::{Coloured, Shape, coloured};
use super::linear::other_inputs;
use super::places::contains;
use super::terms::{Entering, Found, Term};
use crate::error::Error;
use crate::function::Function;
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::input_slices;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::reverse::{Stop, active, active_in_body, active_inputs, read_back};
use crate::walk::{Feed, Outcome, Walk};

/// First derivatives of results of loops, and of other nodes of a body; `None` if these are too many.
///
/// # Arguments
///
/// `rows`: what is derived: whole results of loops that read inputs alone are derived by their bodies, all else node by
/// node, by sweeps that give no more than `most` entries.
pub(super) fn first(
    function: &Function,
    rows: &[Slice],
    wrt: &[NodeId],
    is_read: &dyn Fn(Slice) -> bool,
    most: usize,
) -> Result<Option<Found>, Error> {
    let graph = function.graph();
    let active = active(function, wrt);
    let mut of_loops: Vec<(Stop, Vec<Given>)> = Vec::new();
    let mut rest: Vec<NodeId> = Vec::new();
    for &slice in rows {
        match own_result(graph, slice, &active, is_read) {
            Some((stop, given)) => {
                match of_loops.iter_mut().find(|(other, _)| other.head == stop.head) {
                    Some((_, all)) => all.extend(given),
                    None => of_loops.push((stop, given)),
                }
            }
            None => rest.extend((0..slice.width).map(|k| NodeId::new(slice.first.index() + k))),
        }
    }
    let mut found = Found::default();
    for (stop, given) in of_loops {
        let Some(own) = Repeated::new(graph, &stop, &active) else { continue };
        if own.repeated.iterations == 0 {
            continue;
        }
        match first_of_body(&own, &given)? {
            Some(entering) => found.loops.push(entering),
            None => return Ok(None),
        }
    }
    rest.sort_unstable();
    rest.dedup();
    rest.retain(|node| active[node.index()]);
    found.graph = graph.clone();
    if rest.is_empty() {
        return Ok(Some(found));
    }
    let outputs = named(rest.iter().copied());
    let Some(all) = coloured(found.graph, outputs, wrt, Shape::Rectangular, most)? else {
        return Ok(None);
    };
    let Coloured { graph, pattern, values, sweeps } = all;
    let entries = pattern.entries().zip(values);
    found.single.extend(
        entries.map(|((row, column), value)| Term::still(value, rest[row], wrt[column], false)),
    );
    (found.graph, found.sweeps) = (graph, sweeps);
    Ok(Some(found))
}

/// What a body gives for a result of its loop.
pub(super) struct Given {
    output: Slice,
    /// Where in the result an iteration has it.
    walk: Walk,
    /// The first node of the result.
    result: NodeId,
}

/// The loop of which these nodes are a whole result, and what of its body makes this, if the body can be derived by itself.
pub(super) fn own_result(
    graph: &Graph,
    slice: Slice,
    active: &[bool],
    is_read: &dyn Fn(Slice) -> bool,
) -> Option<(Stop, Vec<Given>)> {
    let repeated = graph.loop_of(slice.first)?;
    if !active[slice.first.index()] {
        return None;
    }
    let head = graph.head(slice.first);
    let outcome = repeated.outcomes[graph.results(head).iter().position(|r| *r == slice)?];
    let operands = graph.operands(slice.first);
    let inputs = active_inputs(graph, repeated, operands, active);
    let other = other_inputs(graph, repeated, operands, inputs.clone(), is_read);
    let outputs = match (outcome, &repeated.feeds) {
        _ if !other.contains(&true) => read_back(repeated, outcome),
        (Outcome::Last { input }, feeds) if !inputs[input] && adds(repeated, input, &other) => {
            let Feed::Carried { from } = feeds[input] else { return None };
            vec![(from, Walk::STILL)]
        }
        _ => return None,
    };
    let given = outputs.into_iter().map(|(output, walk)| {
        let output = repeated.body.outputs[output];
        Given { output, walk, result: slice.first }
    });
    Some((Stop { head, through: other }, given.collect()))
}

/// Whether a state only has something added to it that depends on no state, these inputs of the body among which it is.
fn adds(repeated: &Loop, state: usize, states: &[bool]) -> bool {
    let Feed::Carried { from } = repeated.feeds[state] else { return false };
    let function = repeated.body.to_function();
    let graph = function.graph();
    let slices = input_slices(graph);
    let each = slices.iter().zip(states).filter(|(_, is_state)| **is_state);
    let nodes: Vec<NodeId> = each
        .flat_map(|(slice, _)| (0..slice.width).map(|k| NodeId::new(slice.first.index() + k)))
        .collect();
    let active = active(&function, &nodes);
    let output = repeated.body.outputs[from];
    let mut node = output.first;
    while node != slices[state].first {
        let before = match graph.node(node) {
            Node::Op(Op::Sub, [before, term]) if !active[term.index()] => Some(*before),
            Node::Op(Op::Add | Op::Sum, operands) => {
                let mut of_states = operands.iter().filter(|operand| active[operand.index()]);
                of_states.next().filter(|_| of_states.next().is_none()).copied()
            }
            Node::Result { number, operands, .. } => {
                let inner = graph.repeated(number);
                let result = graph.results(graph.head(node)).iter().position(|r| r.first == node);
                let outcome = result.map(|result| inner.outcomes[result]);
                let inputs = active_inputs(graph, inner, operands, &active);
                let (states, _) = active_in_body(inner, inputs);
                match outcome {
                    Some(Outcome::Last { input }) if adds(inner, input, &states) => {
                        inner.each_operand(operands)[input]
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match before {
            Some(before) => node = before,
            None => return false,
        }
    }
    output.width == 1
}

/// The entries that an iteration gives for these results of the loop.
fn first_of_body(own: &Repeated<'_>, given: &[Given]) -> Result<Option<Entering>, Error> {
    let function = own.repeated.body.to_function();
    let mut rows: Vec<Slice> = Vec::new();
    for given in given {
        if !rows.contains(&given.output) {
            rows.push(given.output);
        }
    }
    let is_input = |slice| own.is_input(slice);
    let Some(found) = first(&function, &rows, &own.wrt, &is_input, MOST_ENTRIES)? else {
        return Ok(None);
    };
    let (body, inner) = found.close();
    let mut terms = Vec::new();
    for term in inner {
        let column = term.column.clone();
        let Some(column) = column.read_by(own.repeated, &own.inputs, &own.operands) else {
            return Ok(None);
        };
        for Given { output, walk, result } in given {
            if contains(*output, term.row.vector) {
                let row = term.row.clone().given_by(*output, *result, walk.clone());
                terms.push(Term { row, column: column.clone(), ..term.clone() });
            }
        }
    }
    Ok(Some(Entering { writer: own.writer(), body, terms }))
}
