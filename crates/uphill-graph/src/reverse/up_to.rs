//! Reverse mode up to loops: what comes to the outputs of bodies that somebody else derives.
//!
//! Such a body is derived by what it reads of inputs. What else it reads, and the states it carries, adjoints go through as
//! in any loop: they must not depend on anything that it is derived by.

use super::loops::{Given, OfOutput, read_back};
use super::waiting::{Taken, Waiting};
use super::{Seed, Sweep};
use crate::graph::Slice;
use crate::guard::Guard;
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::slopes::Slope;
use crate::var::Var;
use crate::walk::Outcome;

/// A loop whose body somebody else derives.
pub(crate) struct Stop {
    /// Its first node.
    pub(crate) head: NodeId,
    /// Which inputs of its body adjoints go through all the same.
    pub(crate) through: Vec<bool>,
}

/// What a sweep gives that ends at loops.
pub(crate) struct UpTo<'s, 'g> {
    /// What came to the outputs of each loop's body, from its results and from iteration to iteration.
    pub(crate) loops: Vec<(&'s Stop, Vec<OfOutput<'g>>)>,
    /// Inputs and entries, in order.
    pub(crate) inputs: Vec<(NodeId, Var<'g>)>,
}

impl Sweep<'_> {
    /// Writes the adjoints that flow back, but not into the bodies of these loops: gives what comes to their outputs, and to
    /// single inputs and entries. What comes to vectors of inputs as a whole, from other loops, is left out. `None` if a
    /// choice decides whether a loop counts.
    pub(crate) fn adjoints_up_to<'s, 'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[(Slice, Slope<'g>)],
        stops: &'s [Stop],
    ) -> Option<UpTo<'s, 'g>> {
        let graph = self.function.graph();
        let seed = |&(to, adjoint): &(Slice, Slope<'g>)| Seed { to, adjoint, counts: None };
        let seeds: Vec<Seed<'g>> = seeds.iter().map(seed).collect();
        let mut loops = Vec::with_capacity(stops.len());
        let mut all_count = true;
        let mut stop_at = |waiting: &mut Waiting<'_, 'g>, head: NodeId| {
            let Some(stop) = stops.iter().find(|stop| stop.head == head) else { return false };
            match self.up_to_loop(waiting, recorder, stop) {
                Some(adjoints) => loops.push((stop, adjoints)),
                None => all_count = false,
            }
            true
        };
        let mut waiting = self.swept(recorder, &seeds, &[], Some(&mut stop_at));
        if !all_count {
            return None;
        }
        let mut inputs = Vec::new();
        for head in graph.heads().filter(|head| matches!(graph.node(*head), Node::Input(_))) {
            for node in waiting.nodes_of(graph.part(head)) {
                if let Some((adjoint, guard)) = waiting.take(node)
                    && self.active[node.index()]
                {
                    inputs.push((node, waiting.guards.mask(adjoint, guard)));
                }
            }
        }
        Some(UpTo { loops, inputs })
    }

    /// What comes to a body's outputs; what goes through the loop goes on. `None` if a choice decides whether it counts.
    fn up_to_loop<'g>(
        &self,
        waiting: &mut Waiting<'_, 'g>,
        around: &'g Recorder,
        stop: &Stop,
    ) -> Option<Vec<OfOutput<'g>>> {
        let graph = self.function.graph();
        let mut outputs = Vec::new();
        let Node::Result { number, operands, .. } = graph.node(stop.head) else {
            return Some(outputs);
        };
        let repeated = graph.repeated(number);
        let mut seeds: Vec<(Outcome, Given<'g>)> = Vec::new();
        for (part, &outcome) in graph.results(stop.head).into_iter().zip(repeated.outcomes()) {
            if part.width == 0 {
                continue;
            }
            let Some(Taken { adjoint, guard, each }) = waiting.take_part(part) else { continue };
            if guard != Guard::ALWAYS || each.is_some() {
                return None;
            }
            let of_output = |(output, walk)| OfOutput { output, adjoint, walk };
            outputs.extend(read_back(repeated, outcome).into_iter().map(of_output));
            seeds.push((outcome, Given::always(adjoint)));
        }
        if seeds.is_empty() || !stop.through.contains(&true) {
            return Some(outputs);
        }
        let backward = self.backward(around, repeated, operands, stop.through.clone());
        let flown = backward.write_with_states(&seeds)?;
        for (to, given) in flown.given {
            match given.adjoint {
                Slope::One(adjoint) => waiting.add(to, adjoint, Guard::ALWAYS),
                Slope::Vector(first) => waiting.add_vector(to, first, Guard::ALWAYS, None),
            }
        }
        outputs.extend(flown.of_states);
        Some(outputs)
    }
}
