//! The edges as petgraph sees them: each place in the pool of operands is an edge, from the operand to its user; a loop's
//! are edges to each of its results.
//!
//! Downstream an edge is found in the graph's index of users, upstream in the pool itself; the slot, an edge's weight,
//! is the distance from the user's first operand.

use std::ops::Range;

use petgraph::Direction;
use petgraph::visit::EdgeRef;

use crate::graph::Graph;
use crate::node::NodeId;

/// The number of an edge: its place in the list of all operands of all nodes, in order of evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeId(usize);

impl EdgeId {
    pub(super) fn new(place: usize) -> EdgeId {
        EdgeId(place)
    }

    /// The number as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// One use of a node: an edge from an operand to its user, which weighs the operand's slot.
///
/// ```
/// use petgraph::visit::{EdgeRef, IntoEdgeReferences};
/// use uphill_graph::{Function, petgraph};
///
/// let f = Function::record(["x", "y"], |v| v[1] - v[0])?;
/// let slots: Vec<_> = f.edge_references().map(|e| (e.source().index(), *e.weight())).collect();
/// assert_eq!(slots, [(1, 0), (0, 1)]); // y is the first operand, x the second.
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Edge {
    source: NodeId,
    target: NodeId,
    slot: usize,
    id: EdgeId,
}

impl EdgeRef for Edge {
    type NodeId = NodeId;
    type EdgeId = EdgeId;
    type Weight = usize;

    /// The operand.
    fn source(&self) -> NodeId {
        self.source
    }

    /// The user.
    fn target(&self) -> NodeId {
        self.target
    }

    /// The operand's slot: 0 for the first.
    fn weight(&self) -> &usize {
        &self.slot
    }

    fn id(&self) -> EdgeId {
        self.id
    }
}

/// The edges of one node, in one direction: users in order of evaluation, operands in order.
#[derive(Debug, Clone)]
pub struct Edges<'a> {
    graph: &'a Graph,
    node: NodeId,
    rest: Rest<'a>,
}

#[derive(Debug, Clone)]
enum Rest<'a> {
    /// The edges to a user's values that are not told yet, then other users.
    Users {
        told: usize,
        of: &'a [(NodeId, u32)],
        others: &'a [(NodeId, u32)],
    },
    Operands(Range<usize>),
}

impl<'a> Edges<'a> {
    pub(super) fn new(graph: &'a Graph, node: NodeId, direction: Direction) -> Edges<'a> {
        let rest = match direction {
            Direction::Outgoing => Rest::Users { told: 0, of: &[], others: graph.users().of(node) },
            Direction::Incoming => Rest::Operands(graph.operand_slots(node)),
        };
        Edges { graph, node, rest }
    }

    fn edge(&self, source: NodeId, target: NodeId, place: usize) -> Edge {
        let slot = place - self.graph.operand_slots(target).start;
        Edge { source, target, slot, id: EdgeId::new(self.graph.first_edge(target) + slot) }
    }
}

impl Iterator for Edges<'_> {
    type Item = Edge;

    fn next(&mut self) -> Option<Edge> {
        match &mut self.rest {
            Rest::Users { told, of, others } => {
                let values = |user: NodeId| match self.graph.loop_of(user) {
                    Some(_) => self.graph.width(user),
                    None => 1,
                };
                if of.first().is_none_or(|(user, _)| *told == of.len() * values(*user)) {
                    let &(user, _) = others.first()?;
                    let same = others.iter().take_while(|(other, _)| *other == user).count();
                    (*of, *others) = others.split_at(same);
                    *told = 0;
                }
                // A loop may read the node several times, and each of its results does so.
                let (user, place) = of[*told % of.len()];
                let user = NodeId::new(user.index() + *told / of.len());
                *told += 1;
                Some(self.edge(self.node, user, place as usize))
            }
            Rest::Operands(places) => {
                let place = places.next()?;
                Some(self.edge(self.graph.operand_at(place), self.node, place))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.rest {
            // Each user may be a loop with any number of results.
            Rest::Users { told, of, others } => {
                let least = of.len().saturating_sub(*told) + others.len();
                (least, if self.graph.has_loops() { None } else { Some(least) })
            }
            Rest::Operands(places) => places.size_hint(),
        }
    }
}

/// The neighbours of one node, in one direction: those at the far ends of its [`Edges`], in the same order.
#[derive(Debug, Clone)]
pub struct Neighbors<'a>(pub(super) Edges<'a>);

impl Iterator for Neighbors<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let edge = self.0.next()?;
        Some(match &self.0.rest {
            Rest::Users { .. } => edge.target,
            Rest::Operands(_) => edge.source,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// All edges of a graph, in the order of their numbers.
#[derive(Debug, Clone)]
pub struct AllEdges<'a> {
    pub(super) graph: &'a Graph,
    pub(super) places: Range<usize>,
    pub(super) user: usize,
}

impl Iterator for AllEdges<'_> {
    type Item = Edge;

    fn next(&mut self) -> Option<Edge> {
        let place = self.places.next()?;
        loop {
            let target = NodeId::new(self.user);
            let (slots, first) = (self.graph.operand_slots(target), self.graph.first_edge(target));
            match place.checked_sub(first).filter(|slot| *slot < slots.len()) {
                Some(slot) => {
                    let source = self.graph.operand_at(slots.start + slot);
                    return Some(Edge { source, target, slot, id: EdgeId::new(place) });
                }
                None => self.user += 1,
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}
