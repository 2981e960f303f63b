//! Forward mode through a loop: a loop whose body computes tangents beside values.
//!
//! Tangents come in as their values do, from the same places of vectors of tangents, and states carry theirs along. A
//! tangent that does not always count has a number beside it that is 0 where it doesn't, by the same ways.

use std::sync::Arc;

use super::{Seed, Tangents, all_tangents};
use crate::graph::{Loop, Slice};
use crate::guard::Guard;
use crate::loop_writer::{LoopWriter, input_slices, zeros};
use crate::node::NodeId;
use crate::op::Condition;
use crate::record::Recorder;
use crate::reverse::{active_in_body, chooses_with_poles};
use crate::scalar::Scalar;
use crate::slopes::Slope;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Target, Walk};

/// Tangents of what a loop reads become tangents of its results.
pub(super) fn through_loop<'g>(
    tangents: &mut Tangents<'_, 'g>,
    around: &'g Recorder,
    head: NodeId,
    repeated: &Arc<Loop>,
    operands: &[NodeId],
) {
    let operands = repeated.each_operand(operands);
    // What has no tangent at first has none, and not one of 0. That is told where there are choices.
    let mut chooses = chooses_with_poles(&repeated.body.graph);
    let first: Vec<Option<Fed>> = (0..repeated.feeds.len())
        .map(|input| Fed::of(tangents, around, repeated, input, operands[input]))
        .collect();
    chooses |= first.iter().flatten().any(|fed| fed.counts.is_some());
    let (active, active_outputs) =
        active_in_body(repeated, first.iter().map(Option::is_some).collect());
    if !active.contains(&true) {
        return;
    }
    let through = Through { around, repeated, operands, first, active, active_outputs };
    let is_guarded = |input: usize| {
        through.active[input]
            && matches!(repeated.feeds[input], Feed::Carried { .. })
            && through.first[input].as_ref().map_or(chooses, |fed| fed.counts.is_some())
    };
    let mut guarded: Vec<bool> = (0..repeated.feeds.len()).map(is_guarded).collect();
    // Which states do not always count turns out while the body is written.
    let given = loop {
        match through.attempt(&guarded) {
            Ok(given) => break given,
            Err(more) => guarded = more,
        }
    };
    for Given { place, first, condition, each } in given {
        let node = NodeId::new(head.index() + place.start);
        match place.len() {
            1 if tangents.slopes.graph().single(node).is_some() => {
                tangents.slopes.set(node, around.var(first));
            }
            _ => tangents.slopes.set_vector(node, first),
        }
        let width = if condition.is_some() { place.len() } else { 0 };
        for k in 0..width {
            let value = around.var(condition.unwrap_or(first));
            let guard = tangents.guards.and(Guard::ALWAYS, Condition { value, is: true });
            tangents.set_guard(NodeId::new(node.index() + k), guard.unwrap_or(Guard::ALWAYS));
        }
        if let Some(each) = each {
            tangents.each.insert(node, each);
        }
    }
}

/// The tangent that an input of the body has around the loop.
struct Fed {
    first: NodeId,
    /// What is 0 where it does not count: beside each entry, or for all.
    counts: Option<NodeId>,
}

impl Fed {
    fn of(
        tangents: &mut Tangents<'_, '_>,
        around: &Recorder,
        repeated: &Loop,
        input: usize,
        operand: Option<NodeId>,
    ) -> Option<Fed> {
        let operand = operand?;
        let slice = Slice { first: operand, width: repeated.input_width(input) };
        let part = tangents.slopes.graph().part(operand);
        if matches!(repeated.feeds[input], Feed::Carried { .. }) || part.width == 1 {
            let first = tangents.slopes.of_slice(slice)?;
            let guard = tangents.guard_of_any(slice);
            let counts = tangents.guards.condition(guard).map(|counts| around.node(counts));
            return Some(Fed { first, counts });
        }
        let behind = operand.index() - part.first.index();
        let at = |first: NodeId| NodeId::new(first.index() + behind);
        let first = at(tangents.of_part(part)?);
        Some(Fed { first, counts: tangents.each_of(part).map(at) })
    }
}

/// A loop whose tangents are written.
struct Through<'a, 'g> {
    around: &'g Recorder,
    repeated: &'a Loop,
    operands: Vec<Option<NodeId>>,
    first: Vec<Option<Fed>>,
    active: Vec<bool>,
    active_outputs: Vec<bool>,
}

/// The tangents of a result, and where they count.
struct Given {
    place: std::ops::Range<usize>,
    first: NodeId,
    condition: Option<NodeId>,
    each: Option<NodeId>,
}

/// The tangent of an output: its own output, and the node of what is 0 where it does not count.
#[derive(Clone, Copy)]
struct OfOutput {
    output: usize,
    counts: Option<NodeId>,
}

impl Through<'_, '_> {
    /// Writes the loop, if no other states than these turn out not to count always; else gives those that do not.
    fn attempt(&self, guarded: &[bool]) -> Result<Vec<Given>, Vec<bool>> {
        let Loop { body, iterations, feeds, .. } = self.repeated;
        let slices = input_slices(&body.graph);
        let function = body.to_function();
        let recorder = Recorder::continuing(body.graph.clone());
        let mut writer = LoopWriter::new(*iterations);
        writer.feeds.clone_from(feeds);
        writer.operands.clone_from(&self.operands);
        writer.outputs.clone_from(&body.outputs);
        let mut seeds = Vec::new();
        // The inputs of a state's tangent, and of what is 0 where that does not count.
        let mut of_state: Vec<Option<(usize, Option<usize>)>> = vec![None; feeds.len()];
        for (input, slice) in slices.iter().enumerate().filter(|(input, _)| self.active[*input]) {
            let fed = self.first[input].as_ref();
            let operand = fed.map_or_else(|| zeros(self.around, slice.width), |fed| fed.first);
            let own = writer.feeds.len();
            let read = writer.feed(&recorder, feeds[input].clone(), Some(operand), slice.width);
            let counts = self.feed_counts(&mut writer, &recorder, input, guarded[input]);
            of_state[input] = Some((own, counts.map(|(input, _)| input)));
            let counts = counts.map(|(_, slice)| any(&recorder, slice));
            seeds.push(Seed { to: slice.first, tangent: Slope::at(&recorder, read), counts });
        }
        let mut inner = all_tangents(&function, &recorder, &seeds);
        drop(seeds);
        let mut of_output: Vec<Option<OfOutput>> = vec![None; body.outputs.len()];
        for (output, slice) in body.outputs.iter().enumerate() {
            if !self.active_outputs[output] {
                continue;
            }
            let tangent = inner.slopes.of_slice(*slice);
            let guard = inner.guard_of_any(*slice);
            let first = tangent.unwrap_or_else(|| zeros(&recorder, slice.width));
            let counts = inner.guards.condition(guard).map(|counts| recorder.node(counts));
            let output_of = writer.output(Slice { first, width: slice.width });
            of_output[output] = Some(OfOutput { output: output_of, counts });
        }
        drop(inner);
        let mut more = guarded.to_vec();
        for (input, feed) in feeds.iter().enumerate() {
            if let (Some(_), Feed::Carried { from }) = (of_state[input], feed) {
                more[input] |= of_output[*from].is_some_and(|own| own.counts.is_some());
            }
        }
        if more != guarded {
            return Err(more);
        }
        for (input, state) in of_state.iter().enumerate() {
            let (Some((own, counts)), Feed::Carried { from }) = (state, &feeds[input]) else {
                continue;
            };
            let next = of_output[*from];
            let from = next.map_or_else(
                || {
                    let width = slices[input].width;
                    writer.output(Slice { first: zeros(&recorder, width), width })
                },
                |next| next.output,
            );
            writer.feeds[*own] = Feed::Carried { from };
            if let Some(counts) = *counts {
                let always = || recorder.node(Var::constant(f64::from(u8::from(next.is_some()))));
                let node = next.and_then(|next| next.counts).unwrap_or_else(always);
                writer.feeds[counts] = Feed::Carried { from: writer.output(Slice::one(node)) };
            }
        }
        let given = self.outcomes(&mut writer, &recorder, &of_state, &of_output);
        let results = writer.write(recorder.into_graph(), self.around);
        let given = given.into_iter().map(|(place, outcome, condition, each)| Given {
            place,
            first: results[outcome],
            condition: condition.map(|condition| results[condition]),
            each: each.map(|each| results[each]),
        });
        Ok(given.collect())
    }

    /// A further input that is 0 where the tangent of an input does not count, if it does not always: its position and
    /// nodes.
    fn feed_counts(
        &self,
        writer: &mut LoopWriter,
        recorder: &Recorder,
        input: usize,
        guarded: bool,
    ) -> Option<(usize, Slice)> {
        let own = writer.feeds.len();
        let fed = self.first[input].as_ref();
        let counts = fed.and_then(|fed| fed.counts);
        let slice = match &self.repeated.feeds[input] {
            Feed::Carried { .. } => {
                let first = guarded.then(|| {
                    let always = Var::constant(f64::from(u8::from(fed.is_some())));
                    counts.unwrap_or_else(|| self.around.node(always))
                })?;
                writer.feed(recorder, Feed::Carried { from: 0 }, Some(first), 1)
            }
            Feed::Read(walk) if walk.is_still() && self.repeated.input_width(input) == 1 => {
                writer.feed(recorder, Feed::Read(walk.clone()), Some(counts?), 1)
            }
            feed => {
                let width = self.repeated.input_width(input);
                writer.feed(recorder, feed.clone(), Some(counts?), width)
            }
        };
        Some((own, slice))
    }

    /// The tangents of all results: their places among the loop's, and the results that they are and that tell where they
    /// count, for all entries or for each.
    #[allow(clippy::type_complexity, reason = "as told")]
    fn outcomes(
        &self,
        writer: &mut LoopWriter,
        recorder: &Recorder,
        of_state: &[Option<(usize, Option<usize>)>],
        of_output: &[Option<OfOutput>],
    ) -> Vec<(std::ops::Range<usize>, usize, Option<usize>, Option<usize>)> {
        let mut given = Vec::new();
        for (outcome, place) in self.repeated.places().filter(|(_, place)| !place.is_empty()) {
            match outcome {
                Outcome::Last { input } => {
                    let Some((own, counts)) = of_state[input] else { continue };
                    let tangent = writer.outcome(Outcome::Last { input: own });
                    let condition = counts.map(|input| writer.outcome(Outcome::Last { input }));
                    given.push((place, tangent, condition, None));
                }
                Outcome::Sequence { output } => {
                    let Some(own) = of_output[output] else { continue };
                    let tangent = writer.outcome(Outcome::Sequence { output: own.output });
                    let each = own.counts.map(|counts| {
                        let width = writer.outputs[own.output].width;
                        let output = writer.repeated(recorder, counts, width);
                        writer.outcome(Outcome::Sequence { output })
                    });
                    given.push((place, tangent, None, each));
                }
                Outcome::Sum { output } => {
                    let Some(own) = of_output[output] else { continue };
                    let tangent = writer.outcome(Outcome::Sum { output: own.output });
                    let condition =
                        own.counts.map(|counts| writer.once(self.around, recorder, counts));
                    given.push((place, tangent, condition, None));
                }
                Outcome::Target { target } => {
                    let Target { width, writes } = &self.repeated.targets[target];
                    let mut terms = Vec::new();
                    for (output, walk) in writes {
                        if let Some(own) = of_output[*output] {
                            terms.push((own, walk.clone()));
                        }
                    }
                    if terms.is_empty() {
                        continue;
                    }
                    let add = |writer: &mut LoopWriter, writes: Vec<(usize, Walk)>| {
                        writer.targets.push(Target { width: *width, writes });
                        writer.outcome(Outcome::Target { target: writer.targets.len() - 1 })
                    };
                    let writes = terms.iter().map(|(own, walk)| (own.output, walk.clone()));
                    let tangent = add(writer, writes.collect());
                    let some = terms.iter().any(|(own, _)| own.counts.is_some());
                    let each = some.then(|| {
                        let one = Var::constant(1.0);
                        let counted = terms.iter().map(|(own, walk)| {
                            let counts = own.counts.map_or(one, |counts| {
                                Var::select(recorder.var(counts), one, Var::constant(0.0))
                            });
                            let counts = recorder.node(counts);
                            let width = writer.outputs[own.output].width;
                            (writer.repeated(recorder, counts, width), walk.clone())
                        });
                        let counted = counted.collect();
                        add(writer, counted)
                    });
                    given.push((place, tangent, None, each));
                }
            }
        }
        given
    }
}

/// Not 0 if any of these is not.
fn any<'g>(recorder: &'g Recorder, slice: Slice) -> Var<'g> {
    let nodes = (0..slice.width).map(|k| recorder.var(NodeId::new(slice.first.index() + k)));
    let either = |any, entry| Var::select(any, Var::constant(1.0), entry);
    nodes.reduce(either).unwrap_or(Var::constant(0.0))
}
