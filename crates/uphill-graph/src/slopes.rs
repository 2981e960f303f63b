//! Derivatives of nodes and of vectors of nodes: the adjoints of a reverse sweep, the tangents of a forward one.

use std::collections::{BTreeMap, HashMap};

use crate::graph::{Graph, Slice};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;

/// The derivative of a node, or those of a vector of nodes.
#[derive(Clone, Copy)]
pub(crate) enum Slope<'g> {
    One(Var<'g>),
    /// The first of as many nodes.
    Vector(NodeId),
}

impl<'g> Slope<'g> {
    /// That of a node, or those of a vector, that a recording has at these nodes.
    pub(crate) fn at(recorder: &'g Recorder, slice: Slice) -> Slope<'g> {
        match slice.width {
            1 => Slope::One(recorder.var(slice.first)),
            _ => Slope::Vector(slice.first),
        }
    }
}

/// The derivatives that are known so far.
pub(crate) struct Slopes<'f, 'g> {
    graph: &'f Graph,
    recorder: &'g Recorder,
    /// Of single nodes, by their places among the stored ones.
    single: Vec<Option<Var<'g>>>,
    /// Of entries of vectors.
    entries: BTreeMap<NodeId, Var<'g>>,
    /// Of whole vectors, by their first nodes.
    vectors: HashMap<NodeId, NodeId>,
}

impl<'f, 'g> Slopes<'f, 'g> {
    pub(crate) fn new(graph: &'f Graph, recorder: &'g Recorder) -> Slopes<'f, 'g> {
        Slopes {
            graph,
            recorder,
            single: vec![None; graph.stored_count()],
            entries: BTreeMap::new(),
            vectors: HashMap::new(),
        }
    }

    pub(crate) fn graph(&self) -> &'f Graph {
        self.graph
    }

    pub(crate) fn recorder(&self) -> &'g Recorder {
        self.recorder
    }

    #[inline]
    pub(crate) fn add(&mut self, node: NodeId, term: Var<'g>) {
        if let Some(single) = self.graph.single(node) {
            let sum = &mut self.single[single];
            *sum = Some(sum.map_or(term, |sum| sum + term));
        } else {
            self.entries.entry(node).and_modify(|sum| *sum += term).or_insert(term);
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, node: NodeId, slope: Var<'g>) {
        match self.graph.single(node) {
            Some(single) => self.single[single] = Some(slope),
            None => {
                self.entries.insert(node, slope);
            }
        }
    }

    pub(crate) fn set_vector(&mut self, part: NodeId, first: NodeId) {
        self.vectors.insert(part, first);
    }

    /// What a node has by itself, and not as an entry of a vector that has one as a whole.
    #[inline]
    pub(crate) fn own(&self, node: NodeId) -> Option<Var<'g>> {
        match self.graph.single(node) {
            Some(single) => self.single[single],
            None => self.entries.get(&node).copied(),
        }
    }

    /// The entries of a vector that have one by themselves.
    pub(crate) fn entries_of(&self, part: Slice) -> impl Iterator<Item = NodeId> {
        let end = NodeId::new(part.first.index() + part.width);
        self.entries.range(part.first..end).map(|(node, _)| *node)
    }

    /// Forgets what an entry of a vector has by itself.
    pub(crate) fn forget_entry(&mut self, node: NodeId) {
        self.entries.remove(&node);
    }

    /// That of a node, if it has one.
    #[inline]
    pub(crate) fn of(&self, node: NodeId) -> Option<Var<'g>> {
        if !self.vectors.is_empty() {
            let part = self.graph.part(node).first;
            if let Some(first) = self.vectors.get(&part) {
                let behind = node.index() - part.index();
                return Some(self.recorder.var(NodeId::new(first.index() + behind)));
            }
        }
        self.own(node)
    }

    /// That of a whole vector, if it has one as a whole.
    pub(crate) fn whole(&self, part: Slice) -> Option<NodeId> {
        self.vectors.get(&part.first).copied()
    }

    /// That of a whole vector as the first of as many nodes, put together if need be; `None` if no entry has one.
    pub(crate) fn of_part(&mut self, part: Slice) -> Option<NodeId> {
        if let Some(first) = self.whole(part) {
            return Some(first);
        }
        if part.width == 1 {
            return self.own(part.first).map(|slope| self.recorder.node(slope));
        }
        self.entries_of(part).next()?;
        let nodes = (0..part.width).map(|k| {
            let slope = self.own(NodeId::new(part.first.index() + k));
            self.recorder.node(slope.unwrap_or(Var::constant(0.0)))
        });
        let nodes: Vec<NodeId> = nodes.collect();
        // What lies one after the other already is a vector.
        let even = nodes.windows(2).all(|pair| pair[1].index() == pair[0].index() + 1);
        let own = Slice { first: nodes[0], width: nodes.len() };
        let first = match even && self.recorder.is_one_part(own) {
            true => own.first,
            false => self.recorder.push_vector(&nodes),
        };
        self.vectors.insert(part.first, first);
        Some(first)
    }

    /// That of a slice, which may be less than a whole vector, as the first of as many nodes.
    pub(crate) fn of_slice(&mut self, slice: Slice) -> Option<NodeId> {
        if slice.width == 1 {
            return self.of(slice.first).map(|slope| self.recorder.node(slope));
        }
        let part = self.graph.part(slice.first);
        let behind = slice.first.index() - part.first.index();
        self.of_part(part).map(|first| NodeId::new(first.index() + behind))
    }
}
