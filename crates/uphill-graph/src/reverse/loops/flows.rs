//! What flows back out of a loop: results of the backward loop, where they belong, and where they count.

use std::collections::HashMap;

use super::Backward;
use crate::graph::Slice;
use crate::loop_writer::LoopWriter;
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;
use crate::walk::{Outcome, Target, Walk};

/// Where what flows back to an input of the body ends up.
#[derive(Clone, Copy)]
pub(super) enum Destination {
    /// Nodes around, one by one.
    Nodes(Slice),
    /// A whole vector, by its first node.
    Vector(NodeId),
}

/// A result of the backward loop and where it belongs, with the results that tell where it counts.
pub(super) struct Flow {
    pub(super) outcome: usize,
    pub(super) to: Destination,
    pub(super) condition: Option<usize>,
    pub(super) each: Option<usize>,
}

/// Results of the backward loop. Of each vector around that is a target: the target, which flow it is, and where each of
/// its terms counts.
pub(super) struct Flows {
    pub(super) destinations: Vec<Flow>,
    pub(super) targets: HashMap<NodeId, (usize, usize, Vec<Option<NodeId>>)>,
}

impl Backward<'_, '_> {
    pub(super) fn destination(&self, to: Slice) -> Destination {
        match self.graph.part(to.first) == to && to.width > 1 {
            true => Destination::Vector(to.first),
            false => Destination::Nodes(to),
        }
    }

    /// What an iteration gives for what it has read goes back to where it was read, with where it counts.
    pub(super) fn collect(
        &self,
        writer: &mut LoopWriter,
        recorder: &Recorder,
        flows: &mut Flows,
        (output, condition): (usize, Option<NodeId>),
        operand: NodeId,
        walk: &Walk,
    ) {
        let width = writer.outputs[output].width;
        let part = self.graph.part(operand);
        let before = operand.index() - part.first.index();
        let still =
            Slice { first: NodeId::new((operand.index() as i64 + walk.start) as usize), width };
        if part.width == 1 || (walk.is_still() && (width == 1 || still == part)) {
            let outcome = writer.outcome(Outcome::Sum { output });
            let condition =
                condition.map(|condition| writer.once(self.around, recorder, condition));
            let to = self.destination(still);
            flows.destinations.push(Flow { outcome, to, condition, each: None });
            return;
        }
        let walk = Walk { start: walk.start + before as i64, ..walk.clone() };
        let (target, _, conditions) = flows.targets.entry(part.first).or_insert_with(|| {
            writer.targets.push(Target { width: part.width, writes: Vec::new() });
            let target = writer.targets.len() - 1;
            let outcome = writer.outcome(Outcome::Target { target });
            let to = Destination::Vector(part.first);
            flows.destinations.push(Flow { outcome, to, condition: None, each: None });
            (target, flows.destinations.len() - 1, Vec::new())
        });
        conditions.push(condition);
        writer.targets[*target].writes.push((output, walk));
    }

    /// Vectors to which some terms are added that do not always count have others beside them that count the terms which
    /// do.
    pub(super) fn count_targets(
        &self,
        writer: &mut LoopWriter,
        recorder: &Recorder,
        flows: &mut Flows,
    ) {
        let mut targets: Vec<_> = flows.targets.values().collect();
        targets.sort_unstable();
        for (target, flow, conditions) in targets {
            if conditions.iter().all(Option::is_none) {
                continue;
            }
            let Target { width, writes } = writer.targets[*target].clone();
            let counted = writes.into_iter().zip(conditions).map(|((output, walk), condition)| {
                let (one, zero) = (Var::constant(1.0), Var::constant(0.0));
                let counts = match condition {
                    Some(condition) => Var::select(recorder.var(*condition), one, zero),
                    None => one,
                };
                let width = writer.outputs[output].width;
                (writer.repeated(recorder, recorder.node(counts), width), walk)
            });
            let writes = counted.collect();
            writer.targets.push(Target { width, writes });
            let target = writer.targets.len() - 1;
            flows.destinations[*flow].each = Some(writer.outcome(Outcome::Target { target }));
        }
    }
}
