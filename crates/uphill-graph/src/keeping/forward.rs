//! The loop that keeps: it gives the states before each block, from which a block is computed again.

use super::levels::counts;
use super::nest::Spot;
use super::steps::{Gathered, Given, Steps};
use crate::graph::{Graph, Loop};
use crate::node::NodeId;
use crate::walk::{Feed, Outcome};

/// A loop whose iterations are computed again.
pub(super) struct Forward {
    pub(super) steps: Steps,
    pub(super) spots: Vec<Spot>,
    pub(super) first: Vec<NodeId>,
    /// By level, from the shortest blocks: the states before each of its blocks, and the iterations before all of them.
    pub(super) blocks: Vec<(Vec<NodeId>, usize)>,
    /// The outputs that are kept, and their widths.
    pub(super) kept: Vec<(usize, usize)>,
    /// For each state, what it holds in the end.
    last: Vec<NodeId>,
}

impl Forward {
    /// Writes the loop so that it gives the states before each block.
    pub(super) fn write(
        graph: &mut Graph,
        repeated: &Loop,
        operands: &[Option<NodeId>],
        lengths: &[usize],
        gathered: &mut Gathered,
    ) -> Forward {
        let (steps, spots, first) = Steps::new(graph, repeated, operands, |_| None, gathered);
        let kept = repeated.outcomes.iter().filter_map(|outcome| match *outcome {
            Outcome::Sequence { output } => Some((output, repeated.output_width(output))),
            _ => None,
        });
        let kept = kept.collect();
        let (counts, mut done) = counts(repeated.iterations, lengths);
        let mut states = first.clone();
        if done > 0 {
            states = steps.states_after(graph, done, &spots, &states);
        }
        let mut blocks = Vec::new();
        for (&count, &length) in counts.iter().zip(lengths) {
            let mut before = Vec::new();
            if count > 0 {
                let spots: Vec<Spot> = spots.iter().map(|spot| spot.from(done)).collect();
                (before, states) = steps.states_of_blocks(graph, count, length, &spots, &states);
            }
            blocks.push((before, done));
            done += count * length;
        }
        Forward { steps, spots, first, blocks, kept, last: states }
    }

    /// What a state holds in the end.
    pub(super) fn last(&self, input: usize, repeated: &Loop) -> NodeId {
        let before = repeated.feeds[..input].iter();
        self.last[before.filter(|feed| matches!(feed, Feed::Carried { .. })).count()]
    }

    /// What is kept of so many iterations from these states on.
    pub(super) fn keep(&self, graph: &mut Graph, iterations: usize, own: &Own) -> Vec<NodeId> {
        let outcomes = self.kept.iter().map(|&(output, _)| Outcome::Sequence { output }).collect();
        let given = Given { spots: &own.spots, states: &own.states, kept: &[] };
        self.steps.run(graph, iterations, &given, outcomes, Vec::new())
    }
}

/// A loop's spots, and its states.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) spots: Vec<Spot>,
    pub(super) states: Vec<NodeId>,
}
