//! The nodes that have been written, found again by what they are.
//!
//! A node is listed with its latest operand, so that looking for its equal reads memory that was in use a moment ago. In
//! a graph of ten million nodes, one table of hashes alone would miss every cache at every node. Lists are kept short:
//! what does not fit in one, and numbers, go to such a table, so that no graph makes the search slow.

use std::hash::{Hash, Hasher};

use hashbrown::HashTable;

use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;

/// How long a list gets.
const LONGEST: usize = 8;

/// Every distinct node of a graph that is being written.
pub(super) struct Known {
    links: Links,
    table: HashTable<NodeId>,
}

/// The latest node listed with this one, and the one listed before this one where this one is listed.
#[derive(Clone, Copy)]
struct Link {
    latest: u32,
    before: u32,
}

impl Link {
    /// Stands for no node.
    const NONE: u32 = u32::MAX;
    const EMPTY: Link = Link { latest: Link::NONE, before: Link::NONE };
}

/// One for each node, in pages that are there once something on them is linked: of a vector of a million nodes as a rule
/// few are.
struct Links(Vec<Option<Box<[Link; Links::PAGE]>>>);

impl Links {
    const PAGE: usize = 512;

    #[inline]
    fn get(&self, node: usize) -> Link {
        match self.0.get(node / Links::PAGE) {
            Some(Some(page)) => page[node % Links::PAGE],
            _ => Link::EMPTY,
        }
    }

    #[inline]
    fn get_mut(&mut self, node: usize) -> &mut Link {
        let page = node / Links::PAGE;
        if page >= self.0.len() {
            self.0.resize_with(page + 1, || None);
        }
        let page = self.0[page].get_or_insert_with(|| Box::new([Link::EMPTY; Links::PAGE]));
        &mut page[node % Links::PAGE]
    }
}

/// Where a node that was not found is to be put.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// The list of this node.
    List(NodeId),
    /// The table.
    Table,
}

impl Known {
    /// Room for so many nodes, of which so many are numbers.
    pub(super) fn with_capacity(nodes: usize, numbers: usize) -> Known {
        let links = Links(Vec::with_capacity(nodes.div_ceil(Links::PAGE)));
        Known { links, table: HashTable::with_capacity(numbers) }
    }

    /// The number with these bits.
    pub(super) fn number(&self, graph: &Graph, number: f64) -> Option<NodeId> {
        let same = |id: &NodeId| match graph.node(*id) {
            Node::Constant(known) => known.to_bits() == number.to_bits(),
            _ => false,
        };
        self.table.find(hash(Node::Constant(number)), same).copied()
    }

    /// The first written of the equal operations, or where to put the new one.
    pub(super) fn operation(
        &self,
        graph: &Graph,
        op: Op,
        operands: &[NodeId],
    ) -> Result<NodeId, Place> {
        let same = |id: &NodeId| match graph.node(*id) {
            Node::Op(known, ids) => known == op && same_operands(op, ids, operands),
            _ => false,
        };
        if let Some(&owner) = operands.iter().max() {
            let (mut at, mut length, mut found) = (self.links.get(owner.index()).latest, 0, None);
            while at != Link::NONE {
                let id = NodeId::new(at as usize);
                if same(&id) {
                    found = Some(id);
                }
                (at, length) = (self.links.get(id.index()).before, length + 1);
            }
            if let Some(id) = found {
                return Ok(id);
            }
            if length < LONGEST {
                return Err(Place::List(owner));
            }
        }
        self.table.find(hash(Node::Op(op, operands)), same).copied().ok_or(Place::Table)
    }

    /// Puts a new node where it will be found.
    pub(super) fn insert(&mut self, graph: &Graph, id: NodeId, place: Place) {
        match place {
            Place::List(owner) => {
                let latest = &mut self.links.get_mut(owner.index()).latest;
                let before = std::mem::replace(latest, id.index() as u32);
                self.links.get_mut(id.index()).before = before;
            }
            Place::Table => {
                let hash_of = |id: &NodeId| hash(graph.node(*id));
                self.table.insert_unique(hash_of(&id), id, hash_of);
            }
        }
    }
}

/// Sums and products of two give the same bits in either order.
fn commutes(op: Op) -> bool {
    matches!(op, Op::Add | Op::Mul | Op::Equal | Op::NotEqual)
}

fn same_operands(op: Op, a: &[NodeId], b: &[NodeId]) -> bool {
    a == b || (commutes(op) && a[0] == b[1] && a[1] == b[0])
}

/// What a node is, as a hash: the same in every process.
fn hash(node: Node<'_>) -> u64 {
    let mut state = Mixed(0);
    match node {
        Node::Input(position) => position.hash(&mut state),
        Node::Constant(number) => number.to_bits().hash(&mut state),
        Node::Op(op, operands) => {
            op.hash(&mut state);
            if commutes(op) {
                operands[0].min(operands[1]).hash(&mut state);
                operands[0].max(operands[1]).hash(&mut state);
            } else {
                operands.iter().for_each(|operand| operand.hash(&mut state));
            }
        }
        // Neither is looked for here.
        Node::Copy(_) | Node::Result { .. } => {}
    }
    state.finish()
}

/// A small hash for small keys: multiply and rotate (after Fowler, Noll and Vo; the final mixing is that of
/// splitmix64). Graph files come through `verify`, and a crafted collision only costs time.
struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }
    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    fn write_isize(&mut self, word: isize) {
        self.write_u64(word as u64);
    }
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 27)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Inputs, Recorder};

    #[test]
    fn equal_nodes_are_found_beside_however_many_others() {
        // All products have x as their latest operand, so they meet in its list, and most of them in the table.
        for count in [1, 7, 8, 9, 1000, 20_000] {
            let inputs = Inputs::new().variables("w", count).variable("x");
            // A pass looks for no loops.
            let recorder = Recorder::of_a_pass();
            let v = recorder.inputs(inputs).unwrap();
            let (w, x) = (&v[..count], v[count]);
            recorder.output("P", w.iter().map(|w| (*w - x) + (*w - x)).sum());
            let simple = recorder.finish().unwrap().simplify();
            let differences = simple.graph().ids().filter(|id| {
                matches!(simple.graph().node(*id), crate::Node::Op(crate::Op::Sub, _))
            });
            assert_eq!(differences.count(), count);
        }
    }
}
