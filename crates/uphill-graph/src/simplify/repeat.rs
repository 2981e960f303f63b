//! Loops made smaller: what nobody needs is left out, what no iteration changes moves out, and bodies are simplified as
//! any graph is.

use std::sync::Arc;

use smallvec::SmallVec;

use super::marks::Marks;
use super::{Dead, Laws, flat, inputs_read, needed, share};
use crate::function::{Function, Output};
use crate::graph::{Body, Graph, Loop, Slice};
use crate::implicit::Equations;
use crate::inputs::InputGroup;
use crate::loop_writer::input_slices;
use crate::new_ids::NewIds;
use crate::node::{Node, NodeId};
use crate::walk::{Feed, Outcome, Target, Walk};

/// Which parts of a loop are needed.
#[derive(Debug, Clone)]
pub(super) struct Needed {
    pub(super) inputs: Vec<bool>,
    outputs: Vec<bool>,
    pub(super) outcomes: Vec<bool>,
}

impl Needed {
    /// What is needed for those results that are needed. A state that is carried is needed only if something is that
    /// depends on it.
    pub(super) fn of(repeated: &Loop, outcomes: Vec<bool>) -> Needed {
        let Loop { body, feeds, targets, equations, .. } = repeated;
        // Each equation has a part in each result.
        if equations.is_some() && outcomes.contains(&true) {
            return Needed {
                inputs: vec![true; feeds.len()],
                outputs: vec![true; body.outputs.len()],
                outcomes: vec![true; outcomes.len()],
            };
        }
        let mut needed = Needed {
            inputs: vec![false; feeds.len()],
            outputs: vec![false; body.outputs.len()],
            outcomes,
        };
        for (outcome, _) in
            repeated.outcomes.iter().zip(&needed.outcomes).filter(|(_, needed)| **needed)
        {
            match *outcome {
                Outcome::Last { input } => needed.inputs[input] = true,
                Outcome::Sequence { output } | Outcome::Sum { output } => {
                    needed.outputs[output] = true;
                }
                Outcome::Target { target } => {
                    targets[target]
                        .writes
                        .iter()
                        .for_each(|(output, _)| needed.outputs[*output] = true);
                }
            }
        }
        loop {
            for (input, feed) in feeds.iter().enumerate() {
                if let Feed::Carried { from } = *feed {
                    needed.outputs[from] |= needed.inputs[input];
                }
            }
            let outputs = body.outputs.iter().zip(&needed.outputs);
            let outputs = outputs.filter(|(_, needed)| **needed).map(|(slice, _)| slice);
            let mut changed = false;
            for (input, read) in inputs_read(&body.graph, outputs).into_iter().enumerate() {
                changed |= read && !needed.inputs[input];
                needed.inputs[input] |= read;
            }
            if !changed {
                return needed;
            }
        }
    }
}

/// Whether each result of a loop is needed, of a graph in which what is needed is marked.
pub(super) fn needed_outcomes(repeated: &Loop, head: NodeId, marked: &Marks<'_>) -> Vec<bool> {
    let is_marked = |start: usize| marked.has(NodeId::new(head.index() + start));
    repeated.places().map(|(_, place)| !place.is_empty() && is_marked(place.start)).collect()
}

/// A loop on its way to be smaller.
#[derive(Clone)]
pub(super) struct Smaller {
    pub(super) graph: Graph,
    pub(super) outputs: Vec<Slice>,
    pub(super) feeds: Vec<Feed>,
    /// One a feed: the node around, of what has one.
    pub(super) operands: Vec<Option<NodeId>>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) targets: Vec<Target>,
    pub(super) iterations: usize,
    pub(super) equations: Option<Equations>,
}

impl Smaller {
    /// The loop with what is needed alone, and a simplified body. `operands` are those of all feeds, nothing for counters
    /// and what is not needed; `numbers` tells which of them are known.
    pub(super) fn new(
        repeated: &Loop,
        needed: &Needed,
        operands: Vec<Option<NodeId>>,
        numbers: &[Option<f64>],
        laws: Laws,
    ) -> Smaller {
        let mut smaller = Smaller {
            graph: repeated.body.graph.clone(),
            outputs: repeated.body.outputs.clone(),
            feeds: repeated.feeds.clone(),
            operands,
            outcomes: repeated.outcomes.clone(),
            targets: repeated.targets.clone(),
            iterations: repeated.iterations,
            equations: repeated.equations.clone(),
        };
        let mut kept = needed.outcomes.iter();
        smaller.outcomes.retain(|_| *kept.next().unwrap_or(&true));
        smaller.keep_outputs(&needed.outputs);
        smaller.keep_targets();
        smaller.take_in(numbers);
        smaller.simplify_body(laws);
        smaller.keep_inputs(&needed.inputs);
        smaller
    }

    /// Numbers that all iterations read stand in the body.
    fn take_in(&mut self, numbers: &[Option<f64>]) {
        let is_read = |feed: &Feed| matches!(feed, Feed::Read(_));
        let known = self.feeds.iter().zip(numbers);
        let known: Vec<Option<f64>> =
            known.map(|(feed, number)| number.filter(|_| is_read(feed))).collect();
        if known.iter().all(Option::is_none) {
            return;
        }
        let mut graph = self.graph.same_inputs();
        let mut new_ids = NewIds::new(&self.graph);
        let mut inputs = known.into_iter();
        for id in self.graph.heads() {
            let first = match self.graph.node(id) {
                Node::Input(position) => match inputs.next().flatten() {
                    Some(number) => graph.push_constant(number),
                    None => graph.input_nodes()[position],
                },
                _ => copy(&self.graph, &mut graph, id, &new_ids),
            };
            new_ids.set(id, first);
        }
        self.outputs.iter_mut().for_each(|slice| slice.first = new_ids.of(slice.first));
        self.graph = graph;
    }

    /// Drops outputs; those that are kept get new positions.
    fn keep_outputs(&mut self, keep: &[bool]) {
        let new = positions(keep);
        let mut kept = keep.iter();
        self.outputs.retain(|_| *kept.next().unwrap_or(&true));
        self.outcomes.iter_mut().for_each(|outcome| {
            if let Outcome::Sequence { output } | Outcome::Sum { output } = outcome {
                *output = new[*output];
            }
        });
        let read: Vec<bool> = (0..self.targets.len())
            .map(|k| self.outcomes.contains(&Outcome::Target { target: k }))
            .collect();
        for (target, _) in self.targets.iter_mut().zip(read).filter(|(_, read)| *read) {
            target.writes.iter_mut().for_each(|(output, _)| *output = new[*output]);
        }
        if let Some(equations) = &mut self.equations {
            equations.renumber(|output| new[output]);
        }
        for feed in &mut self.feeds {
            if let Feed::Carried { from } = feed {
                // What is carried and not needed is dropped in a moment.
                *from = if keep[*from] { new[*from] } else { 0 };
            }
        }
    }

    /// Drops targets that are no result.
    pub(super) fn keep_targets(&mut self) {
        let keep: Vec<bool> = (0..self.targets.len())
            .map(|k| self.outcomes.contains(&Outcome::Target { target: k }))
            .collect();
        let new = positions(&keep);
        let mut kept = keep.iter();
        self.targets.retain(|_| *kept.next().unwrap_or(&true));
        self.outcomes.iter_mut().for_each(|outcome| {
            if let Outcome::Target { target } = outcome {
                *target = new[*target];
            }
        });
    }

    /// Drops inputs; nodes that read them must be dead. Those that stay are named by their positions, so that equal bodies
    /// are equal.
    fn keep_inputs(&mut self, keep: &[bool]) {
        if keep.iter().all(|keep| *keep) {
            let slices = input_slices(&self.graph).into_iter().enumerate();
            let groups = slices.map(|(position, slice)| InputGroup::fed(position, slice.width));
            self.graph.rename_inputs(groups.collect());
            return;
        }
        let new = positions(keep);
        let live = self.needed();
        let mut graph = Graph::default();
        let mut new_ids = NewIds::new(&self.graph);
        let mut group = 0;
        for id in self.graph.heads() {
            if let Node::Input(_) = self.graph.node(id) {
                if keep[group] {
                    let first = graph.push_group(InputGroup::fed(new[group], self.graph.width(id)));
                    new_ids.set(id, first);
                }
                group += 1;
            } else if is_live(&self.graph, id, &live) {
                let first = copy(&self.graph, &mut graph, id, &new_ids);
                new_ids.set(id, first);
            }
        }
        self.outputs.iter_mut().for_each(|slice| slice.first = new_ids.of(slice.first));
        self.graph = graph;
        let mut kept = keep.iter();
        self.feeds.retain(|_| *kept.next().unwrap_or(&true));
        let mut kept = keep.iter();
        self.operands.retain(|_| *kept.next().unwrap_or(&true));
        self.outcomes.iter_mut().for_each(|outcome| {
            if let Outcome::Last { input } = outcome {
                *input = new[*input];
            }
        });
    }

    /// Simplifies the body as the graph of a function.
    pub(super) fn simplify_body(&mut self, laws: Laws) {
        let outputs = self.outputs.iter().enumerate();
        let outputs = outputs.map(|(k, slice)| Output::new(format!("o{k}"), slice.first)).collect();
        let function = Function::from_pass(std::mem::take(&mut self.graph), outputs);
        let function = flat(share::share(&function, laws), Dead::All);
        let widths = self.outputs.iter().map(|slice| slice.width);
        let nodes = function.outputs().iter().map(|output| output.node);
        self.outputs = nodes.zip(widths).map(|(first, width)| Slice { first, width }).collect();
        self.graph = function.into_graph();
    }

    /// A further input: its position and first node.
    pub(super) fn add_input(
        &mut self,
        feed: Feed,
        operand: Option<NodeId>,
        width: usize,
    ) -> (usize, NodeId) {
        let position = self.feeds.len();
        let first = self.graph.push_group(InputGroup::fed(position, width));
        self.feeds.push(feed);
        self.operands.push(operand);
        (position, first)
    }

    /// The nodes of the body that its outputs need.
    fn needed(&self) -> Marks<'_> {
        needed(&self.graph, self.outputs.iter().map(|slice| slice.first))
    }

    /// States that no iteration changes are shared.
    pub(super) fn share_unchanged(&mut self) {
        for (input, slice) in input_slices(&self.graph).into_iter().enumerate() {
            if let Feed::Carried { from } = self.feeds[input]
                && self.outputs[from] == slice
                && !self.outcomes.contains(&Outcome::Last { input })
            {
                self.feeds[input] = Feed::Read(Walk::STILL);
            }
        }
    }

    /// Takes what depends on nothing but what all iterations share out of the body. `write` writes a node of the body to
    /// the graph around; it is given the body's graph, the node, and the nodes around of those that moved out.
    pub(super) fn move_out(
        &mut self,
        mut write: impl FnMut(&Graph, NodeId, &[Option<NodeId>]) -> Option<NodeId>,
    ) {
        let mut outside: Vec<Option<NodeId>> = vec![None; self.graph.len()];
        for (input, slice) in input_slices(&self.graph).into_iter().enumerate() {
            if let (Feed::Read(walk), Some(operand)) = (&self.feeds[input], self.operands[input])
                && walk.is_still()
            {
                let first = (operand.index() as i64 + walk.start) as usize;
                for k in 0..slice.width {
                    outside[slice.first.index() + k] = Some(NodeId::new(first + k));
                }
            }
        }
        let mut moved = vec![false; self.graph.len()];
        for id in self.graph.heads() {
            let Node::Op(_, operands) = self.graph.node(id) else { continue };
            let is_shared = |id: &NodeId| {
                outside[id.index()].is_some() || matches!(self.graph.node(*id), Node::Constant(_))
            };
            if operands.iter().all(is_shared)
                && let Some(node) = write(&self.graph, id, &outside)
            {
                outside[id.index()] = Some(node);
                moved[id.index()] = true;
            }
        }
        if moved.contains(&true) {
            self.feed_moved(&moved, &outside);
        }
    }

    /// Nodes that moved out become inputs, where something still reads them.
    fn feed_moved(&mut self, moved: &[bool], outside: &[Option<NodeId>]) {
        let mut read = vec![false; self.graph.len()];
        for id in self.graph.heads().filter(|id| !moved[id.index()]) {
            let slots = match self.graph.node(id) {
                Node::Copy(_) => self.graph.vector(id),
                _ => self.graph.operands(id),
            };
            slots.iter().for_each(|operand| read[operand.index()] = true);
        }
        self.outputs.iter().for_each(|slice| read[slice.first.index()] = true);
        let mut graph = self.graph.same_inputs();
        let mut new_ids = NewIds::new(&self.graph);
        for id in self.graph.heads() {
            let first = match self.graph.node(id) {
                Node::Input(position) => graph.input_nodes()[position],
                _ if moved[id.index()] => {
                    if !read[id.index()] {
                        continue;
                    }
                    let fed = InputGroup::fed(self.feeds.len(), 1);
                    self.feeds.push(Feed::Read(Walk::STILL));
                    self.operands.push(outside[id.index()]);
                    graph.push_group(fed)
                }
                _ => copy(&self.graph, &mut graph, id, &new_ids),
            };
            new_ids.set(id, first);
        }
        self.outputs.iter_mut().for_each(|slice| slice.first = new_ids.of(slice.first));
        self.graph = graph;
    }

    /// Drops inputs and outputs that nothing reads any more.
    fn drop_unread(&mut self) {
        loop {
            let mut used = vec![false; self.outputs.len()];
            let targets =
                self.targets.iter().flat_map(|target| target.writes.iter().map(|write| write.0));
            let outcomes = self.outcomes.iter().filter_map(|outcome| match *outcome {
                Outcome::Sequence { output } | Outcome::Sum { output } => Some(output),
                Outcome::Last { .. } | Outcome::Target { .. } => None,
            });
            let carried = self.feeds.iter().filter_map(|feed| match *feed {
                Feed::Carried { from } => Some(from),
                _ => None,
            });
            let residuals = self.equations.iter().flat_map(|equations| equations.residuals());
            let used_outputs = targets.chain(outcomes).chain(carried).chain(residuals);
            used_outputs.for_each(|output| used[output] = true);
            self.keep_outputs(&used);
            let live = self.needed();
            let inputs = input_slices(&self.graph).into_iter().enumerate();
            let read = inputs.map(|(input, slice)| {
                live.has(slice.first) || self.outcomes.contains(&Outcome::Last { input })
            });
            let keep: Vec<bool> = read.collect();
            if keep.iter().all(|keep| *keep) {
                return;
            }
            self.keep_inputs(&keep);
        }
    }

    /// The loop and its operands.
    pub(super) fn finish(mut self) -> (Loop, Vec<NodeId>) {
        self.drop_unread();
        self.graph.shrink_to_fit();
        let operands = self.operands.into_iter().flatten().collect();
        let repeated = Loop {
            body: Arc::new(Body { graph: self.graph, outputs: self.outputs }),
            iterations: self.iterations,
            feeds: self.feeds,
            outcomes: self.outcomes,
            targets: self.targets,
            equations: self.equations,
        };
        (repeated, operands)
    }
}

/// A loop with some of its results alone, and what they need; `operands` are one a feed, before and after.
pub(crate) fn reduced(
    repeated: &Loop,
    operands: &[Option<NodeId>],
    outcomes: Vec<bool>,
) -> (Loop, Vec<Option<NodeId>>) {
    let needed = Needed::of(repeated, outcomes);
    let operands = operands.iter().zip(&needed.inputs);
    let operands = operands.map(|(operand, needed)| operand.filter(|_| *needed)).collect();
    let (reduced, operands) = Smaller::new(repeated, &needed, operands, &[], Laws::Exact).finish();
    let operands = reduced.each_operand(&operands);
    (reduced, operands)
}

/// The new positions of what is kept.
fn positions(keep: &[bool]) -> Vec<usize> {
    let mut next = 0;
    let position = |keep: &bool| {
        let position = next;
        next += usize::from(*keep);
        position
    };
    keep.iter().map(position).collect()
}

/// Whether any part of a stored node is needed.
pub(super) fn is_live(graph: &Graph, head: NodeId, live: &Marks<'_>) -> bool {
    match graph.loop_of(head) {
        None => live.has(head),
        Some(repeated) => needed_outcomes(repeated, head, live).contains(&true),
    }
}

/// Writes a stored node that is no input to another graph, as it is, but for its name.
pub(super) fn copy_unnamed(
    old: &Graph,
    new: &mut Graph,
    id: NodeId,
    new_ids: &NewIds<'_>,
) -> NodeId {
    let mapped = |ids: &[NodeId]| -> SmallVec<[NodeId; 8]> {
        ids.iter().map(|id| new_ids.of(*id)).collect()
    };
    match old.node(id) {
        Node::Input(position) => new.input_nodes()[position],
        Node::Constant(number) if old.part(id).width == 1 => new.push_constant(number),
        Node::Constant(_) => new.push_constants(old.constants_from(id).iter().copied()).first,
        Node::Op(op, operands) => new.push_op(op, &mapped(operands)),
        Node::Copy(_) => new.push_vector(&mapped(old.vector(id))).first,
        Node::Result { number, operands, .. } => {
            new.push_loop(Arc::clone(old.repeated(number)), &mapped(operands))
        }
    }
}

/// [`copy_unnamed`], with its name.
pub(crate) fn copy(old: &Graph, new: &mut Graph, id: NodeId, new_ids: &NewIds<'_>) -> NodeId {
    let first = copy_unnamed(old, new, id, new_ids);
    for (behind, name) in old.given_names(id) {
        new.set_name(NodeId::new(first.index() + behind), name);
    }
    first
}
