//! First derivatives of loops without coloured sweeps: rows that a loop gives are derived by its body, which is derived once.
//!
//! As in `bodies`, a loop carries no state and reads inputs alone. Whole results of such loops in a body are split again;
//! what else a body gives is derived by coloured sweeps within an iteration.

use super::bodies::{MOST_ENTRIES, Repeated, named};
use super::coloured::{Coloured, Shape, coloured};
use super::linear::other_inputs;
use super::places::contains;
use super::terms::{Entering, Found, Term};
use crate::error::Error;
use crate::function::Function;
use crate::graph::{Graph, Slice};
use crate::node::NodeId;
use crate::reverse::{Stop, active, active_inputs, read_back};
use crate::walk::Outcome;

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
    let mut of_loops: Vec<(NodeId, Vec<(Outcome, NodeId)>)> = Vec::new();
    let mut rest: Vec<NodeId> = Vec::new();
    for &slice in rows {
        match own_result(graph, slice, &active, is_read) {
            Some((head, outcome)) => match of_loops.iter_mut().find(|(other, _)| *other == head) {
                Some((_, outcomes)) => outcomes.push((outcome, slice.first)),
                None => of_loops.push((head, vec![(outcome, slice.first)])),
            },
            None => rest.extend((0..slice.width).map(|k| NodeId::new(slice.first.index() + k))),
        }
    }
    let mut found = Found::default();
    for (head, outcomes) in of_loops {
        let through = graph.loop_of(head).map_or(0, |repeated| repeated.feeds().len());
        let stop = Stop { head, through: vec![false; through] };
        let Some(own) = Repeated::new(graph, &stop, &active) else { continue };
        if own.repeated.iterations == 0 {
            continue;
        }
        match first_of_body(&own, &outcomes)? {
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

/// The loop of which these nodes are a whole result, if its body can be derived by itself.
pub(super) fn own_result(
    graph: &Graph,
    slice: Slice,
    active: &[bool],
    is_read: &dyn Fn(Slice) -> bool,
) -> Option<(NodeId, Outcome)> {
    let repeated = graph.loop_of(slice.first)?;
    let operands = graph.operands(slice.first);
    let inputs = active_inputs(graph, repeated, operands, active);
    if !active[slice.first.index()]
        || other_inputs(graph, repeated, operands, inputs, is_read).contains(&true)
    {
        return None;
    }
    let head = graph.head(slice.first);
    let result = graph.results(head).iter().position(|result| *result == slice)?;
    Some((head, repeated.outcomes[result]))
}

/// The entries that an iteration gives for these results of the loop.
fn first_of_body(
    own: &Repeated<'_>,
    results: &[(Outcome, NodeId)],
) -> Result<Option<Entering>, Error> {
    let function = own.repeated.body.to_function();
    let given: Vec<_> = results
        .iter()
        .flat_map(|&(outcome, result)| {
            let outputs = read_back(own.repeated, outcome).into_iter();
            outputs.map(move |(output, walk)| (own.repeated.body.outputs[output], walk, result))
        })
        .collect();
    let mut rows: Vec<Slice> = Vec::new();
    for (slice, _, _) in &given {
        if !rows.contains(slice) {
            rows.push(*slice);
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
        for (slice, walk, result) in &given {
            if contains(*slice, term.row.vector) {
                let row = term.row.clone().given_by(*slice, *result, walk.clone());
                terms.push(Term { row, column: column.clone(), ..term.clone() });
            }
        }
    }
    Ok(Some(Entering { writer: own.writer(), body, terms }))
}
