//! Reverse mode through a loop: a loop that goes backwards, whose body is the reverse sweep of the body.
//!
//! Each iteration computes the body's values again, from what it reads and from the states as they were before it, which
//! the forward loop keeps. Adjoints of states are carried from the last iteration to the first. What is shared gets a
//! sum; an element of a vector gets what its iteration gives, in its own place; what is gathered gets what is scattered.

use std::collections::HashMap;
use std::sync::Arc;

use super::waiting::Waiting;
use super::{Sweep, active_in_body, active_inputs};
use crate::graph::{Graph, Loop, Slice};
use crate::guard::Guard;
use crate::loop_writer::{LoopWriter, input_slices, zeros};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::simplify::inputs_read;
use crate::slopes::Slope;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Target, Walk};

impl Sweep<'_> {
    /// Adjoints of a loop's results flow to what the loop reads.
    pub(super) fn through_loop<'g>(
        &self,
        waiting: &mut Waiting<'_, 'g>,
        around: &'g Recorder,
        head: NodeId,
        repeated: &Arc<Loop>,
        operands: &[NodeId],
    ) {
        let mut seeds: Vec<(Outcome, usize, Slope<'g>, Guard)> = Vec::new();
        for (outcome, place) in repeated.places() {
            let part = Slice { first: NodeId::new(head.index() + place.start), width: place.len() };
            if part.width > 0
                && self.active[part.first.index()]
                && let Some((adjoint, guard)) = waiting.take_part(part)
            {
                seeds.push((outcome, part.width, adjoint, guard));
            }
        }
        let Some(&(_, _, _, first)) = seeds.first() else { return };
        let same = seeds.iter().all(|(_, _, _, guard)| *guard == first);
        let guard = if same { first } else { Guard::ALWAYS };
        let seeds: Vec<(Outcome, Slope<'g>)> = seeds
            .into_iter()
            .map(|(outcome, width, adjoint, own)| {
                let counts = if same { adjoint } else { waiting.masked(adjoint, width, own) };
                (outcome, counts)
            })
            .collect();
        let inputs = active_inputs(self.function.graph(), repeated, operands, &self.active);
        let (active, _) = active_in_body(repeated, inputs);
        let backward = Backward {
            around,
            repeated,
            operands: repeated.each_operand(operands),
            active,
            part: &|node| self.function.graph().part(node),
        };
        for (to, adjoint) in backward.write(&seeds) {
            match adjoint {
                Slope::One(adjoint) => waiting.add(to, adjoint, guard),
                Slope::Vector(first) => waiting.add_vector(to, first, guard),
            }
        }
    }
}

/// A loop that is gone through backwards.
struct Backward<'a, 'g> {
    around: &'g Recorder,
    repeated: &'a Arc<Loop>,
    /// One a feed.
    operands: Vec<Option<NodeId>>,
    /// Which inputs of the body are active.
    active: Vec<bool>,
    /// The vector that a node around is an entry of.
    part: &'a dyn Fn(NodeId) -> Slice,
}

/// Where what flows back to an input of the body ends up.
#[derive(Clone, Copy)]
enum Destination {
    /// Nodes around, one by one.
    Nodes(Slice),
    /// A whole vector, by its first node.
    Vector(NodeId),
}

impl<'g> Backward<'_, 'g> {
    /// Writes the loop; gives the adjoints of nodes and vectors around.
    fn write(&self, seeds: &[(Outcome, Slope<'g>)]) -> Vec<(NodeId, Slope<'g>)> {
        let Loop { body, iterations, feeds, .. } = &**self.repeated;
        let slices = input_slices(&body.graph);
        let function = body.to_function();
        let recorder = Recorder::continuing(body.graph.clone());
        let mut writer = LoopWriter::new(*iterations);
        for (feed, operand) in feeds.iter().zip(&self.operands) {
            writer.feeds.push(reversed(feed, *iterations));
            writer.operands.push(*operand);
        }
        // The adjoints of states after the iteration.
        let mut of_outputs: Vec<(Slice, Slope<'_>)> = Vec::new();
        let mut carried: Vec<Option<usize>> = vec![None; feeds.len()];
        for (input, feed) in feeds.iter().enumerate() {
            let Feed::Carried { from } = *feed else { continue };
            if !self.active[input] {
                continue;
            }
            let width = slices[input].width;
            let last = seeds.iter().find(|(outcome, _)| *outcome == Outcome::Last { input });
            let first = match last {
                Some((_, adjoint)) => self.node(*adjoint),
                None => zeros(self.around, width),
            };
            carried[input] = Some(writer.feeds.len());
            let after = writer.feed(&recorder, Feed::Carried { from: 0 }, Some(first), width);
            of_outputs.push((body.outputs[from], Slope::at(&recorder, after)));
        }
        for &(outcome, adjoint) in seeds {
            for (output, walk) in read_back(self.repeated, outcome) {
                let width = body.outputs[output].width;
                let own = match adjoint {
                    // What is known is written into the body.
                    Slope::One(adjoint) if adjoint.constant_value().is_some() => {
                        Slope::One(Var::constant(adjoint.constant_value().unwrap_or(0.0)))
                    }
                    _ => {
                        let operand = self.node(adjoint);
                        let walk = Feed::Read(walk.reversed(*iterations));
                        let read = writer.feed(&recorder, walk, Some(operand), width);
                        Slope::at(&recorder, read)
                    }
                };
                of_outputs.push((body.outputs[output], own));
            }
        }
        let active = slices.iter().zip(&self.active).filter(|(_, active)| **active);
        let wrt: Vec<NodeId> = active
            .flat_map(|(slice, _)| (0..slice.width).map(|k| NodeId::new(slice.first.index() + k)))
            .collect();
        let sweep = Sweep::of_nodes(&function, wrt);
        let mut adjoints = sweep.adjoints_of_parts(&recorder, &of_outputs, &[]);

        let mut flows = Flows { destinations: Vec::new(), targets: HashMap::new() };
        for (input, slice) in slices.iter().enumerate().filter(|(input, _)| self.active[*input]) {
            let flow = adjoints.of_slice(*slice);
            let Some(operand) = self.operands[input] else { continue };
            if let Some(own) = carried[input] {
                let first = flow.unwrap_or_else(|| zeros(&recorder, slice.width));
                let from = writer.output(Slice { first, width: slice.width });
                writer.feeds[own] = Feed::Carried { from };
                let outcome = writer.outcome(Outcome::Last { input: own });
                let to = Slice { first: operand, width: slice.width };
                flows.destinations.push((outcome, self.destination(to)));
            } else if let (Some(first), Feed::Read(walk)) = (flow, &feeds[input]) {
                let output = writer.output(Slice { first, width: slice.width });
                self.collect(&mut writer, &mut flows, output, operand, walk);
            }
        }
        drop(adjoints);
        let graph = recorder.into_graph();
        self.feed_states(&mut writer, &graph);
        let results = writer.write(graph, self.around);
        let mut given = Vec::new();
        for (outcome, destination) in flows.destinations {
            let first = results[outcome];
            match destination {
                Destination::Vector(part) => given.push((part, Slope::Vector(first))),
                Destination::Nodes(nodes) => given.extend((0..nodes.width).map(|k| {
                    let adjoint = self.around.var(NodeId::new(first.index() + k));
                    (NodeId::new(nodes.first.index() + k), Slope::One(adjoint))
                })),
            }
        }
        given
    }

    fn destination(&self, to: Slice) -> Destination {
        match (self.part)(to.first) == to && to.width > 1 {
            true => Destination::Vector(to.first),
            false => Destination::Nodes(to),
        }
    }

    /// What an iteration gives for what it has read goes back to where it was read.
    fn collect(
        &self,
        writer: &mut LoopWriter,
        flows: &mut Flows,
        output: usize,
        operand: NodeId,
        walk: &Walk,
    ) {
        let width = writer.outputs[output].width;
        let part = (self.part)(operand);
        let before = operand.index() - part.first.index();
        let still =
            Slice { first: NodeId::new((operand.index() as i64 + walk.start) as usize), width };
        if part.width == 1 || (walk.is_still() && (width == 1 || still == part)) {
            let outcome = writer.outcome(Outcome::Sum { output });
            flows.destinations.push((outcome, self.destination(still)));
            return;
        }
        let walk = Walk { start: walk.start + before as i64, ..walk.clone() };
        let target = *flows.targets.entry(part.first).or_insert_with(|| {
            writer.targets.push(Target { width: part.width, writes: Vec::new() });
            let target = writer.targets.len() - 1;
            let outcome = writer.outcome(Outcome::Target { target });
            flows.destinations.push((outcome, Destination::Vector(part.first)));
            target
        });
        writer.targets[target].writes.push((output, walk.reversed(self.repeated.iterations)));
    }

    /// The backward loop reads the states as they were before each iteration, if it reads them at all.
    fn feed_states(&self, writer: &mut LoopWriter, backward: &Graph) {
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
            writer.feeds[input] = Feed::Read(walk.reversed(*iterations));
            writer.operands[input] = Some(states[outcome]);
        }
    }

    /// An adjoint as the first of as many nodes around.
    fn node(&self, adjoint: Slope<'g>) -> NodeId {
        match adjoint {
            Slope::One(adjoint) => self.around.node(adjoint),
            Slope::Vector(first) => first,
        }
    }
}

/// Results of the backward loop, with where they belong, and the target of each vector around.
struct Flows {
    destinations: Vec<(usize, Destination)>,
    targets: HashMap<NodeId, usize>,
}

/// Outputs by which a result reads the body, and the places where its adjoint lies.
pub(crate) fn read_back(repeated: &Loop, outcome: Outcome) -> Vec<(usize, Walk)> {
    match outcome {
        // By the states that are carried.
        Outcome::Last { .. } => Vec::new(),
        Outcome::Sequence { output } => {
            vec![(output, Walk::even(0, repeated.output_width(output) as i64))]
        }
        Outcome::Sum { output } => vec![(output, Walk::STILL)],
        Outcome::Target { target } => repeated.targets[target].writes.clone(),
    }
}

fn reversed(feed: &Feed, iterations: usize) -> Feed {
    match feed {
        Feed::Read(walk) => Feed::Read(walk.reversed(iterations)),
        Feed::Counter { start, step } => {
            Feed::Counter { start: start + step * iterations.saturating_sub(1) as i64, step: -step }
        }
        // Stands for what is fed in the end.
        Feed::Carried { .. } => Feed::Read(Walk::STILL),
    }
}
