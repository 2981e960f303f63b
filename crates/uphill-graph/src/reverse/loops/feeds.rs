//! What the loop of adjoints is fed: adjoints of states, which are carried back, those that come to results of the loop, and
//! the states as they were before each iteration.

use super::super::Seed;
use super::{Backward, Given};
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::{LoopWriter, input_slices, zeros};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::simplify::inputs_read;
use crate::slopes::Slope;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Walk};

/// The adjoint of a state, as it is carried.
pub(super) struct State {
    /// Which input of the backward body it is, and its nodes there.
    pub(super) input: usize,
    pub(super) slice: Slice,
    /// The input and node of what is 0 where it does not count.
    pub(super) counts: Option<(usize, NodeId)>,
}

impl<'g> Backward<'_, 'g> {
    /// Feeds of the adjoints of states after an iteration, of those that are active.
    pub(super) fn feed_adjoints(
        &self,
        writer: &mut LoopWriter,
        recorder: &Recorder,
        seeds: &[(Outcome, Given<'g>)],
        guarded: &[bool],
    ) -> Vec<Option<State>> {
        let mut states: Vec<Option<State>> = Vec::new();
        for (input, slice) in input_slices(&self.repeated.body.graph).into_iter().enumerate() {
            let Feed::Carried { .. } = self.repeated.feeds[input] else {
                states.push(None);
                continue;
            };
            if !self.active[input] {
                states.push(None);
                continue;
            }
            let last = seeds.iter().find(|(outcome, _)| *outcome == Outcome::Last { input });
            let first = match last {
                Some((_, given)) => self.node(given.adjoint),
                None => zeros(self.around, slice.width),
            };
            // Stands for what is carried in the end.
            let later = Feed::Carried { from: 0 };
            let own = writer.feeds.len();
            let adjoint = writer.feed(recorder, later.clone(), Some(first), slice.width);
            let counts = guarded[input].then(|| {
                let always = Var::constant(f64::from(u8::from(last.is_some())));
                let condition = last.and_then(|(_, given)| given.condition).unwrap_or(always);
                let first = self.around.node(condition);
                let own = writer.feeds.len();
                (own, writer.feed(recorder, later, Some(first), 1).first)
            });
            states.push(Some(State { input: own, slice: adjoint, counts }));
        }
        states
    }

    /// The adjoint of an output that an outcome's adjoint gives in each iteration.
    pub(super) fn seed<'b>(
        &self,
        writer: &mut LoopWriter,
        recorder: &'b Recorder,
        output: usize,
        walk: Walk,
        given: &Given<'g>,
    ) -> Seed<'b> {
        let to = self.repeated.body.outputs[output];
        let adjoint = match given.adjoint {
            // What is known is written into the body.
            Slope::One(adjoint) if adjoint.constant_value().is_some() => {
                Slope::One(Var::constant(adjoint.constant_value().unwrap_or(0.0)))
            }
            _ => {
                let (walk, operand) = (Feed::Read(walk.clone()), self.node(given.adjoint));
                Slope::at(recorder, writer.feed(recorder, walk, Some(operand), to.width))
            }
        };
        let shared = given.condition.map(|condition| {
            let operand = Some(self.around.node(condition));
            recorder.var(writer.feed(recorder, Feed::Read(Walk::STILL), operand, 1).first)
        });
        // Entries that an iteration reads together count together.
        let own = given.each.map(|each| {
            let read = writer.feed(recorder, Feed::Read(walk), Some(each), to.width);
            let entries = (0..to.width).map(|k| NodeId::new(read.first.index() + k));
            let entries = entries.map(|entry| recorder.var(entry));
            let either = |any, entry| Var::select(any, Var::constant(1.0), entry);
            entries.reduce(either).unwrap_or(Var::constant(0.0))
        });
        let counts = match (shared, own) {
            (Some(shared), Some(own)) => Some(Var::select(shared, own, Var::constant(0.0))),
            (one, other) => one.or(other),
        };
        Seed { to, adjoint, counts }
    }

    /// A loop that goes forwards carries the states along, if it reads them at all, as the loop itself does.
    pub(super) fn carry_states(&self, writer: &mut LoopWriter, forward: &Graph) {
        let later = Feed::Read(Walk::STILL);
        loop {
            let read = inputs_read(forward, &writer.outputs);
            let next =
                self.repeated.feeds.iter().enumerate().find_map(|(input, feed)| match feed {
                    Feed::Carried { from } if read[input] && writer.feeds[input] == later => {
                        Some((input, *from))
                    }
                    _ => None,
                });
            let Some((input, from)) = next else { return };
            let from = writer.output(self.repeated.body.outputs[from]);
            writer.feeds[input] = Feed::Carried { from };
        }
    }

    /// A loop that goes backwards reads the states as they were before each iteration, if it reads them at all.
    pub(super) fn feed_kept_states(&self, writer: &mut LoopWriter, backward: &Graph) {
        let Loop { body, iterations, feeds, .. } = &**self.repeated;
        let read = inputs_read(backward, &writer.outputs);
        let mut forward = LoopWriter::new(*iterations);
        forward.outputs.clone_from(&body.outputs);
        let mut kept = Vec::new();
        for (input, slice) in input_slices(&body.graph).into_iter().enumerate() {
            if *iterations > 0 && read[input] && matches!(feeds[input], Feed::Carried { .. }) {
                let output = forward.output(slice);
                kept.push((input, slice.width, forward.outcome(Outcome::Sequence { output })));
            }
        }
        if kept.is_empty() {
            return;
        }
        forward.feeds.clone_from(feeds);
        forward.operands.clone_from(&self.operands);
        let states = forward.write(body.graph.clone(), self.around);
        for (input, width, outcome) in kept {
            let walk = Walk::even(0, width as i64);
            writer.feeds[input] = Feed::Read(walk);
            writer.operands[input] = Some(states[outcome]);
        }
    }
}
