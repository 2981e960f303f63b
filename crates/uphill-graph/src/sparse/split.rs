//! Sparse derivatives of functions with loops, split into those of bodies: what may be split, and the whole put together.
//!
//! What a loop reads counts as an input also where a vector is put together from inputs, or a loop only copies them.

use super::assemble::{Assembled, Single, assemble};
use super::bodies::{Seed, second};
use super::coloured::{Shape, coloured};
use super::families::Frame;
use super::places::{Lines, NONE, contains};
use super::rows::{first, own_result};
use super::terms::Found;
use crate::error::Error;
use crate::function::{Function, Output};
use crate::graph::Slice;
use crate::loop_writer::input_slices;
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::reverse::active;
use crate::walk::{Feed, Outcome};

/// A matrix, and how many sweeps over the whole function it took.
pub(super) struct Split {
    pub(super) matrix: Assembled,
    pub(super) sweeps: usize,
}

/// The Hessian of an output; `None` if the performance is not linear in its loops, or these carry states or read what is
/// computed.
pub(super) fn hessian(
    function: &Function,
    output: NodeId,
    wrt: &[NodeId],
) -> Result<Option<Split>, Error> {
    let (columns, computed) = columns(function, wrt);
    let is_read = |slice: Slice| !any(&computed, slice);
    let recorder = Recorder::continuing(function.graph().clone());
    let seeds = [(Slice::one(output), Seed::Number(1.0))];
    let Some(found) = second(function, recorder, &seeds, wrt, &is_read)? else { return Ok(None) };
    drop(computed);
    let sweeps = found.sweeps;
    let lines = Lines::new(columns);
    let (height, width) = (wrt.len(), wrt.len());
    let frame = Frame { rows: &lines, columns: &lines, height, width };
    let matrix = assemble(found, &frame, Vec::new())?;
    Ok(Some(Split { matrix, sweeps }))
}

/// A Jacobian; `None` if no loop's body can be derived by itself.
pub(super) fn jacobian(function: &Function, wrt: &[NodeId]) -> Result<Option<Split>, Error> {
    let graph = function.graph();
    let (columns, computed) = columns(function, wrt);
    let is_read = |slice: Slice| !any(&computed, slice);
    let outputs: Vec<NodeId> = function.outputs().iter().flat_map(Output::nodes).collect();
    let mut rows = vec![NONE; graph.len()];
    // The first output of each node.
    for (row, node) in outputs.iter().enumerate().rev() {
        rows[node.index()] = row as u32;
    }
    let active = active(function, wrt);
    let mut whole: Vec<Slice> = Vec::new();
    for head in graph.heads() {
        for result in graph.results(head).into_iter().filter(|result| result.width > 0) {
            let nodes = result.first.index()..result.first.index() + result.width;
            let asked = rows[nodes].iter().filter(|&&row| row != NONE).count();
            // A few rows of many are less work by themselves.
            if 4 * asked >= result.width && own_result(graph, result, &active, &is_read).is_some() {
                whole.push(result);
            }
        }
    }
    if whole.is_empty() {
        return Ok(None);
    }
    let Some(mut found) = first(function, &whole, wrt, &is_read, usize::MAX)? else {
        return Ok(None);
    };
    let given = |node: NodeId| whole.iter().any(|result| contains(*result, node));
    let rest = (0..outputs.len())
        .filter(|&row| rows[outputs[row].index()] != row as u32 || !given(outputs[row]));
    let rest: Vec<usize> = rest.collect();
    let single = others(&mut found, &outputs, &rest, wrt)?;
    let sweeps = found.sweeps;
    let (rows, columns) = (Lines::new(rows), Lines::new(columns));
    let (height, width) = (outputs.len(), wrt.len());
    let frame = Frame { rows: &rows, columns: &columns, height, width };
    let matrix = assemble(found, &frame, single)?;
    Ok(Some(Split { matrix, sweeps }))
}

/// The rows that no loop gives, by sweeps.
fn others(
    found: &mut Found,
    outputs: &[NodeId],
    rest: &[usize],
    wrt: &[NodeId],
) -> Result<Vec<Single>, Error> {
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let named = rest.iter().map(|&row| Output::new(format!("o{row}"), outputs[row])).collect();
    let graph = std::mem::take(&mut found.graph);
    let Some(all) = coloured(graph, named, wrt, Shape::Rectangular, usize::MAX)? else {
        return Ok(Vec::new());
    };
    found.graph = all.graph;
    found.sweeps += all.sweeps;
    let entries = all.pattern.entries().zip(all.values);
    let single = entries.map(|((row, column), value)| {
        let (row, column) = (rest[row] as u32, column as u32);
        Single { row, column, value, mirrored: false }
    });
    Ok(single.collect())
}

fn any(marked: &[bool], slice: Slice) -> bool {
    marked[slice.first.index()..slice.first.index() + slice.width].contains(&true)
}

/// For each node, which of these inputs it is or copies; and whether it is computed from them.
fn columns(function: &Function, wrt: &[NodeId]) -> (Vec<u32>, Vec<bool>) {
    let graph = function.graph();
    let active = active(function, wrt);
    let mut columns = vec![NONE; graph.len()];
    for (column, input) in wrt.iter().enumerate() {
        columns[input.index()] = column as u32;
    }
    let mut computed = vec![false; graph.len()];
    for id in graph.heads() {
        match graph.node(id) {
            Node::Input(_) | Node::Constant(_) => {}
            Node::Op(..) => computed[id.index()] = active[id.index()],
            Node::Copy(_) => {
                for (k, entry) in graph.vector(id).iter().enumerate() {
                    columns[id.index() + k] = columns[entry.index()];
                    computed[id.index() + k] = computed[entry.index()];
                }
            }
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                let operands = repeated.each_operand(operands);
                let inputs = input_slices(repeated.body());
                for (result, &outcome) in graph.results(id).into_iter().zip(repeated.outcomes()) {
                    let first = result.first.index();
                    let copied = match outcome {
                        Outcome::Sequence { output } => {
                            let slice = repeated.outputs()[output];
                            let inside = |input: &Slice| contains(*input, slice.first);
                            inputs.iter().position(inside).map(|input| (input, slice))
                        }
                        _ => None,
                    };
                    let read = copied.and_then(|(input, slice)| {
                        let Feed::Read(walk) = &repeated.feeds()[input] else { return None };
                        let behind = slice.first.index() - inputs[input].first.index();
                        Some((walk, operands[input]?.index() + behind, slice.width))
                    });
                    let Some((walk, start, width)) = read else {
                        computed[first..first + result.width]
                            .copy_from_slice(&active[first..first + result.width]);
                        continue;
                    };
                    for k in 0..result.width {
                        let from = (start as i64 + walk.at(k / width)) as usize + k % width;
                        columns[first + k] = columns[from];
                        computed[first + k] = computed[from];
                    }
                }
            }
        }
    }
    (columns, computed)
}
