//! Reverse mode up to loops: what comes to the results of loops that somebody else derives.

use super::Sweep;
use crate::graph::Slice;
use crate::guard::Guard;
use crate::node::{Node, NodeId};
use crate::record::Recorder;
use crate::slopes::Slope;
use crate::var::Var;
use crate::walk::Outcome;

/// What a sweep gives that ends at loops.
pub(crate) struct UpTo<'g> {
    /// Each loop, by its first node, and what came to its results.
    pub(crate) loops: Vec<(NodeId, Vec<(Outcome, Slope<'g>)>)>,
    /// Inputs and entries, in order.
    pub(crate) inputs: Vec<(NodeId, Var<'g>)>,
}

impl Sweep<'_> {
    /// Writes the adjoints that flow back, but not through these loops: gives what comes to their results, and to single
    /// inputs and entries. What comes to vectors of inputs as a whole, from other loops, is left out. `None` if a choice
    /// decides whether a loop counts.
    pub(crate) fn adjoints_up_to<'g>(
        &self,
        recorder: &'g Recorder,
        seeds: &[(Slice, Slope<'g>)],
        stops: &[NodeId],
    ) -> Option<UpTo<'g>> {
        let graph = self.function.graph();
        let mut waiting = self.flow(recorder, seeds, &[], Some(stops));
        let mut loops = Vec::with_capacity(stops.len());
        for &head in stops {
            let mut outcomes = Vec::new();
            let results = graph.results(head).into_iter().zip(
                graph.loop_of(head).into_iter().flat_map(|repeated| repeated.outcomes().iter()),
            );
            for (part, &outcome) in results.filter(|(part, _)| part.width > 0) {
                if let Some((adjoint, guard)) = waiting.take_part(part) {
                    if guard != Guard::ALWAYS {
                        return None;
                    }
                    outcomes.push((outcome, adjoint));
                }
            }
            loops.push((head, outcomes));
        }
        let mut inputs = Vec::new();
        for head in graph.heads().filter(|head| matches!(graph.node(*head), Node::Input(_))) {
            for node in waiting.nodes_of(graph.part(head)) {
                if let Some((adjoint, guard)) = waiting.take(node) {
                    inputs.push((node, waiting.guards.mask(adjoint, guard)));
                }
            }
        }
        Some(UpTo { loops, inputs })
    }
}
