//! The new numbers of old nodes, while a graph is written anew.
//!
//! What is wide has one entry, so that the price is that of what is written down and not of its values.

use std::collections::HashMap;

use crate::graph::Graph;
use crate::node::NodeId;

pub(crate) struct NewIds<'g> {
    old: &'g Graph,
    /// Of stored nodes but loops, by place: the new number of the first value.
    stored: Vec<NodeId>,
    /// Of results of loops, by their first values.
    results: HashMap<NodeId, NodeId>,
}

impl<'g> NewIds<'g> {
    pub(crate) fn new(old: &'g Graph) -> NewIds<'g> {
        let stored = vec![NodeId::new(0); old.stored_count()];
        NewIds { old, stored, results: HashMap::new() }
    }

    /// The new number of a value, which must have been set.
    #[inline]
    pub(crate) fn of(&self, id: NodeId) -> NodeId {
        let (place, behind) = self.old.place(id);
        if !self.results.is_empty() && self.old.loop_of(id).is_some() {
            return self.of_result(id);
        }
        NodeId::new(self.stored[place].index() + behind)
    }

    fn of_result(&self, id: NodeId) -> NodeId {
        let part = self.old.part(id).first;
        // What nobody needs has no new number.
        let first = self.results.get(&part).map_or(0, |first| first.index());
        NodeId::new(first + id.index() - part.index())
    }

    /// The new numbers of all values, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = NodeId> {
        self.old.ids().map(|id| self.of(id))
    }

    /// A stored node is written from this number on, all results of a loop one after the other.
    pub(crate) fn set(&mut self, head: NodeId, first: NodeId) {
        if self.old.loop_of(head).is_none() {
            self.stored[self.old.place(head).0] = first;
            return;
        }
        for result in self.old.results(head) {
            let behind = result.first.index() - head.index();
            self.set_result(result.first, result.width, NodeId::new(first.index() + behind));
        }
    }

    /// One result of a loop, by its first value, is written from this number on.
    pub(crate) fn set_result(&mut self, result: NodeId, width: usize, first: NodeId) {
        if width > 0 {
            self.results.insert(result, first);
        }
    }
}
