//! Reverse mode through a loop: a loop of as many iterations, whose body is the reverse sweep of the body.
//!
//! Each iteration computes the body's values again, from what it reads. What is shared gets a sum; an element of a vector
//! gets what its iteration gives, in its own place; what is gathered gets what is scattered. Adjoints of states are carried
//! from the last iteration to the first: such a loop goes backwards, and reads the states as they were before each iteration,
//! which the forward loop keeps. Where none is carried, it goes the way of the loop itself, so that both can be joined.

mod feeds;
mod flows;

use std::collections::HashMap;
use std::sync::Arc;

use flows::{Destination, Flow, Flows};

use super::waiting::{Taken, Waiting};
use super::{Seed, Sweep, active_in_body, active_inputs, chooses_with_poles};
use crate::graph::{Graph, Loop, Slice};
use crate::guard::Guard;
use crate::loop_writer::{LoopWriter, input_slices, zeros};
use crate::node::{Node, NodeId};
use crate::op::Condition;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::slopes::Slope;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Walk};

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
        let mut taken: Vec<(Outcome, Taken<'g>)> = Vec::new();
        for (outcome, place) in repeated.places() {
            let part = Slice { first: NodeId::new(head.index() + place.start), width: place.len() };
            if part.width > 0
                && self.active[part.first.index()]
                && let Some(own) = waiting.take_part(part)
            {
                taken.push((outcome, own));
            }
        }
        let Some(&(_, Taken { guard: first, .. })) = taken.first() else { return };
        // What all have in common is around the loop.
        let same = taken.iter().all(|(_, own)| own.guard == first);
        let guard = if same { first } else { Guard::ALWAYS };
        let seeds: Vec<(Outcome, Given<'g>)> = taken
            .into_iter()
            .map(|(outcome, Taken { adjoint, guard, each })| {
                let condition = if same { None } else { waiting.guards.condition(guard) };
                (outcome, Given { adjoint, condition, each })
            })
            .collect();
        let graph = self.function.graph();
        let inputs = active_inputs(graph, repeated, operands, &self.active);
        let (active, _) = active_in_body(repeated, inputs);
        let backward = self.backward(around, repeated, operands, active);
        for (to, given) in backward.write(&seeds) {
            let guard = match given.condition {
                None => guard,
                Some(value) => match waiting.guards.and(guard, Condition { value, is: true }) {
                    Some(guard) => guard,
                    None => continue,
                },
            };
            match given.adjoint {
                Slope::One(adjoint) => waiting.add(to, adjoint, guard),
                Slope::Vector(first) => waiting.add_vector(to, first, guard, given.each),
            }
        }
    }

    /// A loop of the function, to be gone through by these inputs of its body.
    pub(super) fn backward<'a, 'g>(
        &'a self,
        around: &'g Recorder,
        repeated: &'a Arc<Loop>,
        operands: &[NodeId],
        active: Vec<bool>,
    ) -> Backward<'a, 'g> {
        let graph = self.function.graph();
        let operands = repeated.each_operand(operands);
        let is_finite =
            |operand: &Option<NodeId>| operand.is_none_or(|operand| self.finite[operand.index()]);
        let finite = operands.iter().map(is_finite).collect();
        let is_end = |operand: &Option<NodeId>| {
            !self.is_body
                && operand.is_some_and(|operand| matches!(graph.node(operand), Node::Input(_)))
        };
        let ends = operands.iter().map(is_end).collect();
        Backward { around, repeated, operands, active, finite, ends, graph }
    }
}

/// An adjoint that comes to a loop or from it.
#[derive(Clone, Copy)]
pub(super) struct Given<'g> {
    pub(super) adjoint: Slope<'g>,
    /// Where this is 0, it does not count.
    pub(super) condition: Option<Var<'g>>,
    /// Of a vector: numbers that are 0 for entries which do not count.
    pub(super) each: Option<NodeId>,
}

impl<'g> Given<'g> {
    /// What counts always.
    pub(super) fn always(adjoint: Slope<'g>) -> Given<'g> {
        Given { adjoint, condition: None, each: None }
    }
}

/// The adjoint of an output of a body, in each iteration.
pub(crate) struct OfOutput<'g> {
    pub(crate) output: usize,
    pub(crate) adjoint: Slope<'g>,
    /// Where in a vector of adjoints an iteration finds its own.
    pub(crate) walk: Walk,
}

/// What came of a loop that was gone through.
pub(super) struct Flown<'g> {
    /// The adjoints of nodes and vectors around.
    pub(super) given: Vec<(NodeId, Given<'g>)>,
    /// Those of what the body gives for its states, if asked for.
    pub(super) of_states: Vec<OfOutput<'g>>,
}

/// A loop that is gone through backwards.
pub(super) struct Backward<'a, 'g> {
    around: &'g Recorder,
    repeated: &'a Arc<Loop>,
    /// One a feed.
    operands: Vec<Option<NodeId>>,
    /// Which inputs of the body are active.
    active: Vec<bool>,
    /// Of each feed, whether a 0 stays 0 on all ways back from what it reads.
    finite: Vec<bool>,
    /// Of each feed, whether nothing lies behind what it reads: then it does not matter where an adjoint counts.
    ends: Vec<bool>,
    /// The graph around, before derivatives were added.
    graph: &'a Graph,
}

impl<'g> Backward<'_, 'g> {
    /// Writes the loop; gives the adjoints of nodes and vectors around.
    ///
    /// A state whose adjoint does not always count carries a number beside it that is 0 where it doesn't. Which do turns out
    /// while the body is written.
    fn write(&self, seeds: &[(Outcome, Given<'g>)]) -> Vec<(NodeId, Given<'g>)> {
        // What no adjoint comes to in the end has none, and not one of 0. That is told where there are choices.
        let guarded = |given: &Given<'g>| given.condition.is_some() || given.each.is_some();
        let chooses = chooses_with_poles(&self.repeated.body.graph)
            || seeds.iter().any(|(_, given)| guarded(given));
        let is_guarded = |input: usize| {
            let is_state = matches!(self.repeated.feeds[input], Feed::Carried { .. });
            let own = seeds.iter().find(|(outcome, _)| *outcome == Outcome::Last { input });
            is_state
                && self.active[input]
                && own.map_or(chooses, |(_, given)| given.condition.is_some())
        };
        let mut guarded: Vec<bool> = (0..self.repeated.feeds.len()).map(is_guarded).collect();
        loop {
            match self.attempt(seeds, &guarded, false) {
                Ok(flown) => return flown.given,
                Err(more) => guarded = more,
            }
        }
    }

    /// [`Backward::write`], with the adjoints of states after each iteration; `None` if a choice may decide what counts.
    pub(super) fn write_with_states(&self, seeds: &[(Outcome, Given<'g>)]) -> Option<Flown<'g>> {
        let chooses = chooses_with_poles(&self.repeated.body.graph);
        let flown = self.attempt(seeds, &vec![false; self.repeated.feeds.len()], true).ok()?;
        let always = |given: &Given<'_>| given.condition.is_none() && given.each.is_none();
        // What goes past a loop counts whatever happens in it.
        let past = |state: &OfOutput<'_>| state.walk == Walk::STILL;
        let active = self.active.iter().filter(|active| **active).count();
        let all_past = flown.of_states.len() == active && flown.of_states.iter().all(past);
        let counts = flown.given.iter().all(|(_, given)| always(given)) && (all_past || !chooses);
        counts.then_some(flown)
    }

    /// [`Backward::write`], if no other states than these turn out not to count always; else those that do not. The adjoints
    /// of states are kept if asked for.
    fn attempt(
        &self,
        seeds: &[(Outcome, Given<'g>)],
        guarded: &[bool],
        keeps_states: bool,
    ) -> Result<Flown<'g>, Vec<bool>> {
        let Loop { body, iterations, feeds, .. } = &**self.repeated;
        let slices = input_slices(&body.graph);
        let function = body.to_function();
        let recorder = Recorder::continuing(body.graph.clone());
        let mut writer = LoopWriter::new(*iterations);
        for (feed, operand) in feeds.iter().zip(&self.operands) {
            writer.feeds.push(match feed {
                // Stands for what is fed in the end.
                Feed::Carried { .. } => Feed::Read(Walk::STILL),
                other => other.clone(),
            });
            writer.operands.push(*operand);
        }
        let states = self.feed_adjoints(&mut writer, &recorder, seeds, guarded);
        let mut of_outputs: Vec<Seed<'_>> = Vec::new();
        for (input, state) in states.iter().enumerate() {
            if let (Some(state), Feed::Carried { from }) = (state, &feeds[input]) {
                let adjoint = Slope::at(&recorder, state.slice);
                let counts = state.counts.map(|(_, node)| recorder.var(node));
                of_outputs.push(Seed { to: body.outputs[*from], adjoint, counts });
            }
        }
        for (outcome, given) in seeds {
            for (output, walk) in read_back(self.repeated, *outcome) {
                of_outputs.push(self.seed(&mut writer, &recorder, output, walk, given));
            }
        }
        let sweep = Sweep::of_body(&function, self.repeated, &self.active, &self.finite);
        let mut swept = sweep.swept(&recorder, &of_outputs, &[], None);
        let counts: Vec<Option<Guard>> = slices
            .iter()
            .zip(&self.active)
            .map(|(slice, active)| if *active { swept.counts(*slice) } else { None })
            .collect();
        let more: Vec<bool> = (0..feeds.len())
            .map(|input| {
                let changes = counts[input].is_some_and(|guard| guard != Guard::ALWAYS);
                guarded[input] || (changes && states[input].is_some())
            })
            .collect();
        if more != guarded {
            return Err(more);
        }

        let mut flows = Flows { destinations: Vec::new(), targets: HashMap::new() };
        let mut given: Vec<(NodeId, Given<'g>)> = Vec::new();
        let mut of_states: Vec<OfOutput<'g>> = Vec::new();
        // Of states whose adjoints change: outputs of the body, and the results that have the adjoints.
        let mut kept: Vec<(usize, usize)> = Vec::new();
        let mut is_backward = false;
        for (input, slice) in slices.iter().enumerate().filter(|(input, _)| self.active[*input]) {
            let flow = swept.slopes().of_slice(*slice);
            let condition = counts[input].and_then(|guard| swept.guards.condition(guard));
            let Some(operand) = self.operands[input] else { continue };
            if let (Some(state), Feed::Carried { from: next }) = (&states[input], &feeds[input]) {
                let to = self.destination(Slice { first: operand, width: slice.width });
                let last = seeds.iter().find(|(outcome, _)| *outcome == Outcome::Last { input });
                let unchanged = flow == Some(state.slice.first) && state.counts.is_none();
                if let (true, Some((_, own))) = (unchanged, last) {
                    // What is only added to has one adjoint, which goes past the loop.
                    writer.feeds[state.input] = Feed::Read(Walk::STILL);
                    self.give(&mut given, to, *own);
                    let (output, walk) = (*next, Walk::STILL);
                    of_states.push(OfOutput { output, adjoint: own.adjoint, walk });
                    continue;
                }
                is_backward = true;
                if keeps_states && (flow.is_some() || last.is_some()) {
                    let output = writer.output(state.slice);
                    kept.push((*next, writer.outcome(Outcome::Sequence { output })));
                }
                let first = flow.unwrap_or_else(|| zeros(&recorder, slice.width));
                let from = writer.output(Slice { first, width: slice.width });
                writer.feeds[state.input] = Feed::Carried { from };
                let outcome = writer.outcome(Outcome::Last { input: state.input });
                let condition = state.counts.map(|(own, _)| {
                    let always = Var::constant(f64::from(u8::from(counts[input].is_some())));
                    let next = recorder.node(condition.unwrap_or(always));
                    writer.feeds[own] = Feed::Carried { from: writer.output(Slice::one(next)) };
                    writer.outcome(Outcome::Last { input: own })
                });
                flows.destinations.push(Flow { outcome, to, condition, each: None });
            } else if let (Some(first), Feed::Read(walk)) = (flow, &feeds[input]) {
                let output = writer.output(Slice { first, width: slice.width });
                let condition = condition.filter(|_| !self.ends[input]);
                let condition = condition.map(|condition| recorder.node(condition));
                self.collect(
                    &mut writer,
                    &recorder,
                    &mut flows,
                    (output, condition),
                    operand,
                    walk,
                );
            }
        }
        self.count_targets(&mut writer, &recorder, &mut flows);
        drop(swept);
        drop(of_outputs);
        if writer.outcomes.is_empty() {
            return Ok(Flown { given, of_states });
        }
        let graph = recorder.into_graph();
        if is_backward {
            self.feed_kept_states(&mut writer, &graph);
            turn_around(&mut writer);
        } else {
            self.carry_states(&mut writer, &graph);
        }
        let results = writer.write(graph, self.around);
        for Flow { outcome, to, condition, each } in flows.destinations {
            let condition = condition.map(|condition| self.around.var(results[condition]));
            let each = each.map(|each| results[each]);
            let adjoint = Slope::Vector(results[outcome]);
            self.give(&mut given, to, Given { adjoint, condition, each });
        }
        of_states.extend(kept.into_iter().map(|(output, outcome)| {
            let walk = Walk::even(0, self.repeated.output_width(output) as i64);
            let walk = walk.reversed(*iterations);
            OfOutput { output, adjoint: Slope::Vector(results[outcome]), walk }
        }));
        Ok(Flown { given, of_states })
    }

    /// Brings an adjoint to a vector around, or to nodes one by one.
    fn give(&self, all: &mut Vec<(NodeId, Given<'g>)>, to: Destination, own: Given<'g>) {
        match (to, own.adjoint) {
            (Destination::Vector(part), _) => all.push((part, own)),
            (Destination::Nodes(nodes), Slope::One(_)) => all.push((nodes.first, own)),
            (Destination::Nodes(nodes), Slope::Vector(first)) => {
                all.extend((0..nodes.width).map(|k| {
                    let adjoint = self.around.var(NodeId::new(first.index() + k));
                    let node = NodeId::new(nodes.first.index() + k);
                    (node, Given { adjoint: Slope::One(adjoint), each: None, ..own })
                }));
            }
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

/// The last iteration comes first; what is carried is carried back.
fn turn_around(writer: &mut LoopWriter) {
    let iterations = writer.iterations;
    for feed in &mut writer.feeds {
        match feed {
            Feed::Read(walk) => *walk = walk.reversed(iterations),
            Feed::Counter { start, step } => {
                *start += *step * iterations.saturating_sub(1) as i64;
                *step = -*step;
            }
            Feed::Carried { .. } => {}
        }
    }
    for (_, walk) in writer.targets.iter_mut().flat_map(|target| &mut target.writes) {
        *walk = walk.reversed(iterations);
    }
}
