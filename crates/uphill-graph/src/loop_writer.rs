//! Loops written by passes: a body from a recording of its own, and what is fed to it.

use std::sync::Arc;

use crate::function::{Function, Output};
use crate::graph::{Body, Graph, Loop, Slice};
use crate::implicit::Equations;
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
    pub(crate) equations: Option<Equations>,
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

    /// A further output, of one value.
    pub(crate) fn output_of(&mut self, body: &Recorder, value: Var<'_>) -> usize {
        self.output(Slice::one(body.node(value)))
    }

    /// A further result of the loop.
    pub(crate) fn outcome(&mut self, outcome: Outcome) -> usize {
        self.outcomes.push(outcome);
        self.outcomes.len() - 1
    }

    /// An output of so many entries, all of which are this node.
    pub(crate) fn repeated(&mut self, body: &Recorder, node: NodeId, width: usize) -> usize {
        let first = if width == 1 { node } else { body.push_vector(&vec![node; width]) };
        self.output(Slice { first, width })
    }

    /// A result that is not 0 if a node of the body was not, in any iteration.
    pub(crate) fn once(&mut self, around: &Recorder, body: &Recorder, node: NodeId) -> usize {
        let never = around.node(Var::constant(0.0));
        let own = self.feeds.len();
        // What is carried is known in a moment.
        let before = self.feed(body, Feed::Carried { from: 0 }, Some(never), 1);
        let one = Var::constant(1.0);
        let after = Var::select(body.var(node), one, body.var(before.first));
        let from = self.output(Slice::one(body.node(after)));
        self.feeds[own] = Feed::Carried { from };
        self.outcome(Outcome::Last { input: own })
    }

    /// Writes the loop; gives the first node of each result.
    pub(crate) fn write(self, body: Graph, around: &Recorder) -> Vec<NodeId> {
        self.written(body, |repeated, operands| around.push_loop(repeated, operands))
    }

    /// [`LoopWriter::write`], into a graph.
    pub(crate) fn push(self, body: Graph, around: &mut Graph) -> Vec<NodeId> {
        self.written(body, |repeated, operands| around.push_loop(Arc::new(repeated), operands))
    }

    /// The loop by itself.
    pub(crate) fn into_loop(self, body: Graph) -> Loop {
        Loop {
            body: Arc::new(Body { graph: body, outputs: self.outputs }),
            iterations: self.iterations,
            feeds: self.feeds,
            outcomes: self.outcomes,
            targets: self.targets,
            equations: self.equations,
        }
    }

    fn written(self, body: Graph, push: impl FnOnce(Loop, &[NodeId]) -> NodeId) -> Vec<NodeId> {
        let operands: Vec<NodeId> = self.operands.iter().flatten().copied().collect();
        let repeated = self.into_loop(body);
        let starts: Vec<usize> = repeated.places().map(|(_, place)| place.start).collect();
        let head = push(repeated, &operands);
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
