//! Tangents of nodes, and of vectors of nodes.

use std::collections::HashMap;

use crate::graph::{Graph, Slice};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;

/// The tangent of a node or of a vector of nodes.
#[derive(Clone, Copy)]
pub(super) enum Tangent<'g> {
    One(Var<'g>),
    /// The first of as many nodes.
    Vector(NodeId),
}

/// The tangents that are known so far.
pub(super) struct Tangents<'f, 'g> {
    graph: &'f Graph,
    recorder: &'g Recorder,
    /// Of single nodes, by their places among the stored ones.
    single: Vec<Option<Var<'g>>>,
    /// Of entries of vectors.
    entries: HashMap<NodeId, Var<'g>>,
    /// How many entries of each vector have one, by its first node.
    counts: HashMap<NodeId, usize>,
    /// Of whole vectors, by their first nodes.
    vectors: HashMap<NodeId, NodeId>,
}

impl<'f, 'g> Tangents<'f, 'g> {
    pub(super) fn new(graph: &'f Graph, recorder: &'g Recorder) -> Tangents<'f, 'g> {
        Tangents {
            graph,
            recorder,
            single: vec![None; graph.stored_count()],
            entries: HashMap::new(),
            counts: HashMap::new(),
            vectors: HashMap::new(),
        }
    }

    pub(super) fn graph(&self) -> &'f Graph {
        self.graph
    }

    pub(super) fn set(&mut self, node: NodeId, tangent: Var<'g>) {
        match self.graph.single(node) {
            Some(single) => self.single[single] = Some(tangent),
            None => {
                if self.entries.insert(node, tangent).is_none() {
                    *self.counts.entry(self.graph.part(node).first).or_default() += 1;
                }
            }
        }
    }

    pub(super) fn set_vector(&mut self, part: NodeId, first: NodeId) {
        self.vectors.insert(part, first);
    }

    /// That of a node, if it has one.
    #[inline]
    pub(super) fn of(&self, node: NodeId) -> Option<Var<'g>> {
        if let Some(single) = self.graph.single(node) {
            return self.single[single];
        }
        let part = self.graph.part(node).first;
        match self.vectors.get(&part) {
            Some(first) => {
                let behind = node.index() - part.index();
                Some(self.recorder.var(NodeId::new(first.index() + behind)))
            }
            None => self.entries.get(&node).copied(),
        }
    }

    /// That of a whole vector, put together if need be; `None` if no entry has one.
    pub(super) fn of_part(&mut self, part: Slice) -> Option<NodeId> {
        if let Some(first) = self.vectors.get(&part.first) {
            return Some(*first);
        }
        if part.width == 1 {
            return self.of(part.first).map(|tangent| self.recorder.node(tangent));
        }
        self.counts.get(&part.first)?;
        let nodes = (0..part.width).map(|k| {
            let tangent = self.of(NodeId::new(part.first.index() + k));
            self.recorder.node(tangent.unwrap_or(Var::constant(0.0)))
        });
        let nodes: Vec<NodeId> = nodes.collect();
        // What lies one after the other already is a vector.
        let even = nodes.windows(2).all(|pair| pair[1].index() == pair[0].index() + 1);
        let first = match even && self.recorder.is_one_part(nodes[0], nodes.len()) {
            true => nodes[0],
            false => self.recorder.push_vector(&nodes),
        };
        self.vectors.insert(part.first, first);
        Some(first)
    }
}
