//! Forward mode through a loop: a loop whose body computes tangents beside values.
//!
//! Tangents come in as their values do, from the same places of vectors of tangents, and states carry theirs along.

use std::sync::Arc;

use super::all_tangents;
use crate::graph::{Loop, Slice};
use crate::loop_writer::{LoopWriter, input_slices, zeros};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::reverse::active_in_body;
use crate::slopes::{Slope, Slopes};
use crate::walk::{Feed, Outcome, Target};

/// Tangents of what a loop reads become tangents of its results.
pub(super) fn through_loop<'g>(
    tangents: &mut Slopes<'_, 'g>,
    around: &'g Recorder,
    head: NodeId,
    repeated: &Arc<Loop>,
    operands: &[NodeId],
) {
    let Loop { body, iterations, feeds, outcomes, targets } = &**repeated;
    let slices = input_slices(&body.graph);
    let operands = repeated.each_operand(operands);
    // The tangents that what the body reads has around it.
    let mut first: Vec<Option<NodeId>> = Vec::with_capacity(feeds.len());
    for ((feed, operand), slice) in feeds.iter().zip(&operands).zip(&slices) {
        let tangent = operand.and_then(|operand| match feed {
            Feed::Carried { .. } => tangents.of_slice(Slice { first: operand, width: slice.width }),
            _ => {
                let part = tangents.graph().part(operand);
                let behind = operand.index() - part.first.index();
                tangents.of_part(part).map(|first| NodeId::new(first.index() + behind))
            }
        });
        first.push(tangent);
    }
    let (active, active_outputs) =
        active_in_body(repeated, first.iter().map(Option::is_some).collect());
    if !active.contains(&true) {
        return;
    }
    let function = body.to_function();
    let recorder = Recorder::continuing(body.graph.clone());
    let mut writer = LoopWriter::new(*iterations);
    writer.feeds.clone_from(feeds);
    writer.operands.clone_from(&operands);
    writer.outputs.clone_from(&body.outputs);
    let mut seeds = Vec::new();
    let mut of_state: Vec<Option<usize>> = vec![None; feeds.len()];
    for (input, slice) in slices.iter().enumerate().filter(|(input, _)| active[*input]) {
        let operand = first[input].unwrap_or_else(|| zeros(around, slice.width));
        of_state[input] = Some(writer.feeds.len());
        let read = writer.feed(&recorder, feeds[input].clone(), Some(operand), slice.width);
        seeds.push((slice.first, Slope::at(&recorder, read)));
    }
    let mut inner = all_tangents(&function, &recorder, &seeds);
    let mut of_output: Vec<Option<usize>> = vec![None; body.outputs.len()];
    for (output, slice) in
        body.outputs.iter().enumerate().filter(|(output, _)| active_outputs[*output])
    {
        let tangent = inner.of_slice(*slice);
        let first = tangent.unwrap_or_else(|| zeros(&recorder, slice.width));
        of_output[output] = Some(writer.output(Slice { first, width: slice.width }));
    }
    drop(inner);
    for (input, own) in of_state.iter().enumerate() {
        if let (Some(own), Feed::Carried { from }) = (own, &feeds[input]) {
            let from = of_output[*from].unwrap_or_else(|| {
                let width = slices[input].width;
                writer.output(Slice { first: zeros(&recorder, width), width })
            });
            writer.feeds[*own] = Feed::Carried { from };
        }
    }
    let mut given = Vec::new();
    for (outcome, place) in outcomes.iter().zip(repeated.places().map(|(_, place)| place)) {
        let tangent = match *outcome {
            Outcome::Last { input } => of_state[input].map(|input| Outcome::Last { input }),
            Outcome::Sequence { output } => {
                of_output[output].map(|output| Outcome::Sequence { output })
            }
            Outcome::Sum { output } => of_output[output].map(|output| Outcome::Sum { output }),
            Outcome::Target { target } => {
                let Target { width, writes } = &targets[target];
                let writes = writes
                    .iter()
                    .filter_map(|(output, walk)| Some((of_output[*output]?, walk.clone())));
                let writes: Vec<_> = writes.collect();
                (!writes.is_empty()).then(|| {
                    writer.targets.push(Target { width: *width, writes });
                    Outcome::Target { target: writer.targets.len() - 1 }
                })
            }
        };
        if let Some(tangent) = tangent
            && !place.is_empty()
        {
            given.push((writer.outcome(tangent), place));
        }
    }
    let results = writer.write(recorder.into_graph(), around);
    for (outcome, place) in given {
        let node = NodeId::new(head.index() + place.start);
        match place.len() {
            1 if tangents.graph().single(node).is_some() => {
                tangents.set(node, around.var(results[outcome]));
            }
            _ => tangents.set_vector(node, results[outcome]),
        }
    }
}
