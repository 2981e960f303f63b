//! Marks on the parts of a graph: single nodes, vectors, results of loops.
//!
//! What is wide has one mark, so that the price is that of what is written down and not of its values.

use std::collections::HashSet;

use crate::graph::Graph;
use crate::node::NodeId;

pub(super) struct Marks<'g> {
    graph: &'g Graph,
    /// Of stored nodes but loops, by place.
    stored: Vec<bool>,
    /// Results of loops that are marked, by their first values.
    results: HashSet<NodeId>,
}

impl<'g> Marks<'g> {
    /// No marks yet.
    pub(super) fn new(graph: &'g Graph) -> Marks<'g> {
        Marks { graph, stored: vec![false; graph.stored_count()], results: HashSet::new() }
    }

    /// Marks the part that a node is of.
    #[inline]
    pub(super) fn mark(&mut self, id: NodeId) {
        match self.graph.loop_of(id) {
            None => self.stored[self.graph.place(id).0] = true,
            Some(_) => {
                self.results.insert(self.graph.part(id).first);
            }
        }
    }

    /// Whether the part that a node is of is marked.
    #[inline]
    pub(super) fn has(&self, id: NodeId) -> bool {
        match self.graph.loop_of(id) {
            None => self.stored[self.graph.place(id).0],
            Some(_) => self.results.contains(&self.graph.part(id).first),
        }
    }
}

/// Marks on single nodes; on entries of vectors and results of loops there is none.
pub(super) struct Singles<'g> {
    graph: &'g Graph,
    marked: Vec<bool>,
    any: bool,
}

impl<'g> Singles<'g> {
    /// Those that a list has, by place among the stored nodes.
    pub(super) fn new(graph: &'g Graph, marked: Vec<bool>) -> Singles<'g> {
        Singles { graph, any: marked.contains(&true), marked }
    }

    #[inline]
    pub(super) fn mark(&mut self, id: NodeId) {
        if let Some(place) = self.graph.single(id) {
            self.marked[place] = true;
            self.any = true;
        }
    }

    #[inline]
    pub(super) fn has(&self, id: NodeId) -> bool {
        self.graph.single(id).is_some_and(|place| self.marked[place])
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }
}
