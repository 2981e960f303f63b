//! Loops that are written into graphs, and places that loops go to as seen from loops around them.
//!
//! A loop of blocks reads a slice for each block, and the loop within goes along the slice. What an iteration counts is
//! what its block begins with and what it counts itself.

use crate::graph::{Graph, Slice};
use crate::inputs::InputGroup;
use crate::loop_writer::LoopWriter;
use crate::node::NodeId;
use crate::op::Op;
use crate::walk::{Feed, Outcome, Target, Walk};

/// A loop and its body, while both are written.
pub(super) struct Nest {
    pub(super) body: Graph,
    pub(super) writer: LoopWriter,
}

impl Nest {
    pub(super) fn new(iterations: usize) -> Nest {
        Nest { body: Graph::default(), writer: LoopWriter::new(iterations) }
    }

    /// A further input of the body: its first node.
    pub(super) fn input(&mut self, feed: Feed, operand: Option<NodeId>, width: usize) -> NodeId {
        let first = self.body.push_group(InputGroup::fed(self.writer.feeds.len(), width));
        self.writer.feeds.push(feed);
        self.writer.operands.push(operand);
        first
    }

    /// A further input that reads by a walk.
    pub(super) fn read(&mut self, walk: Walk, operand: NodeId, width: usize) -> NodeId {
        self.input(Feed::Read(walk), Some(operand), width)
    }

    pub(super) fn output(&mut self, first: NodeId, width: usize) -> usize {
        self.writer.output(Slice { first, width })
    }

    /// A further output, as a result.
    pub(super) fn sequence(&mut self, first: NodeId, width: usize) {
        let output = self.output(first, width);
        self.writer.outcome(Outcome::Sequence { output });
    }

    /// Writes the loop, whose one result is a target.
    pub(super) fn target(
        mut self,
        width: usize,
        writes: Vec<(usize, Walk)>,
        around: &mut Graph,
    ) -> NodeId {
        self.writer.targets.push(Target { width, writes });
        self.writer.outcome(Outcome::Target { target: 0 });
        self.write(around)[0]
    }

    /// Writes the loop; gives the first node of each result.
    pub(super) fn write(mut self, around: &mut Graph) -> Vec<NodeId> {
        self.body.shrink_to_fit();
        self.writer.push(self.body, around)
    }
}

/// Where an iteration finds something, as the graph around sees it.
#[derive(Debug, Clone)]
pub(super) enum Spot {
    /// A vector or an entry of one: `start + stride·i` nodes behind the operand.
    Place { operand: NodeId, start: i64, stride: i64, width: usize },
    /// The number `base + start + step·i`.
    Count { base: Option<NodeId>, start: i64, step: i64 },
}

impl Spot {
    /// From a later iteration on.
    pub(super) fn from(&self, iterations: usize) -> Spot {
        let later = iterations as i64;
        match *self {
            Spot::Place { operand, start, stride, width } => {
                Spot::Place { operand, start: start + stride * later, stride, width }
            }
            Spot::Count { base, start, step } => {
                Spot::Count { base, start: start + step * later, step }
            }
        }
    }

    /// Within a loop of blocks of so many iterations: the first begins with iteration `first`, and each `jump` later than
    /// the one before.
    pub(super) fn in_blocks(&self, nest: &mut Nest, first: i64, jump: i64, length: usize) -> Spot {
        match *self {
            Spot::Place { operand, start, stride, width } => {
                let low = lowest(stride, length);
                let walk = Walk::even(start + stride * first + low, stride * jump);
                let width_of_all = span(stride, width, length);
                let operand = nest.read(walk, operand, width_of_all);
                Spot::Place { operand, start: -low, stride, width }
            }
            Spot::Count { base, start, step } => {
                let counter = Feed::Counter { start: start + step * first, step: step * jump };
                let counter = nest.input(counter, None, 1);
                let base = match base {
                    Some(base) => {
                        let base = nest.read(Walk::STILL, base, 1);
                        nest.body.push_op(Op::Add, &[base, counter])
                    }
                    None => counter,
                };
                Spot::Count { base: Some(base), start: 0, step }
            }
        }
    }
}

/// The lowest place of so many iterations, as seen from that of the first.
pub(super) fn lowest(stride: i64, iterations: usize) -> i64 {
    (stride * (iterations as i64 - 1)).min(0)
}

/// How many places there are from the lowest to the highest of so many iterations, each as wide as this.
pub(super) fn span(stride: i64, width: usize, iterations: usize) -> usize {
    stride.unsigned_abs() as usize * (iterations - 1) + width
}

/// So many numbers -0, which change nothing by being added.
pub(super) fn nothing(graph: &mut Graph, width: usize) -> NodeId {
    match width {
        1 => graph.push_constant(-0.0),
        _ => graph.push_constants(std::iter::repeat_n(-0.0, width)).first,
    }
}

/// A vector made of vectors, entry by entry.
pub(super) fn each(
    graph: &mut Graph,
    width: usize,
    vectors: &[NodeId],
    entry: impl FnOnce(&mut Graph, &[NodeId]) -> NodeId,
) -> NodeId {
    if width == 1 {
        return entry(graph, vectors);
    }
    let mut nest = Nest::new(width);
    let entries: Vec<NodeId> =
        vectors.iter().map(|&vector| nest.read(Walk::even(0, 1), vector, 1)).collect();
    let entry = entry(&mut nest.body, &entries);
    nest.sequence(entry, 1);
    nest.write(graph)[0]
}

pub(super) fn add(graph: &mut Graph, width: usize, a: NodeId, b: NodeId) -> NodeId {
    each(graph, width, &[a, b], |graph, x| graph.push_op(Op::Add, &[x[0], x[1]]))
}
