//! Loops written by passes: a body from a recording of its own, and what is fed to it.

use std::sync::Arc;

use crate::function::{Function, Output};
use crate::graph::{Body, Graph, Loop, Slice};
use crate::inputs::InputGroup;
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Target, Walk};

/// A loop that is being written. Its body is recorded beside it.
#[derive(Debug, Default)]
pub(crate) struct LoopWriter {
    pub(crate) iterations: usize,
    pub(crate) feeds: Vec<Feed>,
    /// One a feed: the node around, of what has one.
    pub(crate) operands: Vec<Option<NodeId>>,
    pub(crate) outputs: Vec<Slice>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) targets: Vec<Target>,
}

impl LoopWriter {
    pub(crate) fn new(iterations: usize) -> LoopWriter {
        LoopWriter { iterations, ..LoopWriter::default() }
    }

    /// A further input of the body.
    pub(crate) fn feed(
        &mut self,
        body: &Recorder,
        feed: Feed,
        operand: Option<NodeId>,
        width: usize,
    ) -> Slice {
        let first = body.declare_group(InputGroup::fed(self.feeds.len(), width));
        self.feeds.push(feed);
        self.operands.push(operand);
        Slice { first, width }
    }

    /// A further output of the body.
    pub(crate) fn output(&mut self, slice: Slice) -> usize {
        self.outputs.push(slice);
        self.outputs.len() - 1
    }

    /// A further result of the loop.
    pub(crate) fn outcome(&mut self, outcome: Outcome) -> usize {
        self.outcomes.push(outcome);
        self.outcomes.len() - 1
    }

    /// Writes the loop; gives the first node of each result.
    pub(crate) fn write(self, body: Graph, around: &Recorder) -> Vec<NodeId> {
        let repeated = Loop {
            body: Arc::new(Body { graph: body, outputs: self.outputs }),
            iterations: self.iterations,
            feeds: self.feeds,
            outcomes: self.outcomes,
            targets: self.targets,
        };
        let starts: Vec<usize> = repeated.places().map(|(_, place)| place.start).collect();
        let operands: Vec<NodeId> = self.operands.into_iter().flatten().collect();
        let head = around.push_loop(repeated, &operands);
        starts.into_iter().map(|start| NodeId::new(head.index() + start)).collect()
    }
}

/// A vector made of vectors of one length, entry by entry, and of what is the same for all entries.
pub(crate) fn elementwise(
    around: &Recorder,
    width: usize,
    vectors: &[NodeId],
    shared: &[Var<'_>],
    f: impl for<'b> FnOnce(&[Var<'b>], &[Var<'b>]) -> Var<'b>,
) -> NodeId {
    let body = Recorder::of_a_pass();
    let mut writer = LoopWriter::new(width);
    let mut input = |feed, operand| {
        let first = writer.feed(&body, feed, Some(operand), 1).first;
        body.var(first)
    };
    let vectors: Vec<Var<'_>> =
        vectors.iter().map(|&vector| input(Feed::Read(Walk::even(0, 1)), vector)).collect();
    let shared: Vec<Var<'_>> =
        shared.iter().map(|&shared| input(Feed::Read(Walk::STILL), around.node(shared))).collect();
    let entry = body.node(f(&vectors, &shared));
    let output = writer.output(Slice::one(entry));
    writer.outcome(Outcome::Sequence { output });
    writer.write(body.into_graph(), around)[0]
}

/// So many zeros, as a node or a vector.
pub(crate) fn zeros(recorder: &Recorder, width: usize) -> NodeId {
    let zero = recorder.node(Var::constant(0.0));
    if width == 1 { zero } else { recorder.push_vector(&vec![zero; width]) }
}

impl Body {
    /// The body as a function, whose outputs are the first nodes of the body's.
    pub(crate) fn to_function(&self) -> Function {
        let outputs = self.outputs.iter().enumerate();
        let outputs = outputs.map(|(k, slice)| Output::new(format!("o{k}"), slice.first));
        Function::from_pass(self.graph.clone(), outputs.collect())
    }
}

/// The first node of each group of inputs, and how many there are.
pub(crate) fn input_slices(graph: &Graph) -> Vec<Slice> {
    let spans = graph.inputs().spans();
    spans
        .map(|(_, positions)| Slice {
            first: graph.input_nodes()[positions.start],
            width: positions.len(),
        })
        .collect()
}
