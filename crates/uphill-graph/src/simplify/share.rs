//! One pass from inputs to outputs: drop what no output needs, fold constants, apply identities, share equal nodes.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use smallvec::SmallVec;

use super::Laws;
use super::identities::{Replacement, identity};
use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;

pub(super) fn share(function: &Function, laws: Laws) -> Function {
    let old = function.graph();
    let live = live(function);
    let most = live.iter().filter(|live| **live).count();
    let mut writer = Writer::new(old.same_inputs(), laws, most);
    let mut new_ids = vec![NodeId::new(0); old.len()];
    let mut operands = Vec::new();
    for id in old.ids().filter(|id| live[id.index()]) {
        let name = old.given_name(id);
        new_ids[id.index()] = match old.node(id) {
            Node::Input(position) => writer.graph.input_nodes()[position],
            Node::Constant(number) => writer.constant(number, name),
            Node::Op(op, ids) => {
                operands.clear();
                operands.extend(ids.iter().map(|operand| new_ids[operand.index()]));
                writer.op(op, &mut operands, name)
            }
        };
    }
    let outputs = function.outputs().iter();
    let outputs =
        outputs.map(|output| Output::new(&output.name, new_ids[output.node.index()])).collect();
    Function::from_pass(writer.graph, outputs)
}

/// Which nodes some output needs.
fn live(function: &Function) -> Vec<bool> {
    let graph = function.graph();
    let mut live = vec![false; graph.len()];
    for output in function.outputs() {
        live[output.node.index()] = true;
    }
    for id in graph.ids().rev().filter(|id| !graph.operands(*id).is_empty()) {
        if live[id.index()] {
            for operand in graph.operands(id) {
                live[operand.index()] = true;
            }
        }
    }
    live
}

/// Writes nodes, each distinct one once.
struct Writer {
    graph: Graph,
    laws: Laws,
    known: HashTable<NodeId>,
    hasher: Mixer,
}

impl Writer {
    /// The table has room for as many nodes as there can be: growing it would hash all of them again and again.
    fn new(graph: Graph, laws: Laws, most: usize) -> Writer {
        Writer { graph, laws, known: HashTable::with_capacity(most), hasher: Mixer }
    }

    fn constant(&mut self, number: f64, name: Option<&str>) -> NodeId {
        let number = if number.is_nan() { f64::NAN } else { number };
        let hash = self.hasher.hash_one(number.to_bits());
        let same = |node: Node<'_>| match node {
            Node::Constant(known) => known.to_bits() == number.to_bits(),
            _ => false,
        };
        self.known_or_new(hash, name, same, |graph| graph.push_constant(number))
    }

    fn op(&mut self, op: Op, operands: &mut Vec<NodeId>, name: Option<&str>) -> NodeId {
        let (mut op, mut fresh) = (op, true);
        // A replacement may be replaced in turn; each one is simpler, so this ends.
        while fresh {
            if let Some(number) = self.folded(op, operands) {
                return self.constant(number, name);
            }
            fresh = false;
            match identity(&self.graph, op, operands, self.laws) {
                Some(Replacement::Number(number)) => return self.constant(number, name),
                Some(Replacement::Node(id)) => {
                    // A named node must not vanish into another one that has a name.
                    if take_name(&mut self.graph, id, name) {
                        return id;
                    }
                }
                Some(Replacement::Op(other, x)) => {
                    (op, fresh) = (other, true);
                    operands.clear();
                    operands.extend_from_slice(&x);
                }
                Some(Replacement::Binary(other, x)) => {
                    (op, fresh) = (other, true);
                    operands.clear();
                    operands.extend_from_slice(&x);
                }
                None => {}
            }
        }
        let hash = hash_op(self.hasher, op, operands);
        let same = |node: Node<'_>| match node {
            Node::Op(known, ids) => known == op && same_operands(op, ids, operands),
            _ => false,
        };
        self.known_or_new(hash, name, same, |graph| graph.push_op(op, operands))
    }

    /// The node that is the same, unless both it and the new one have names; else the new one, now known.
    fn known_or_new(
        &mut self,
        hash: u64,
        name: Option<&str>,
        same: impl Fn(Node<'_>) -> bool,
        push: impl FnOnce(&mut Graph) -> NodeId,
    ) -> NodeId {
        let (graph, hasher) = (&mut self.graph, self.hasher);
        let rehash = |graph: &Graph, id| match graph.node(id) {
            Node::Input(position) => hasher.hash_one(position),
            Node::Constant(number) => hasher.hash_one(number.to_bits()),
            Node::Op(op, operands) => hash_op(hasher, op, operands),
        };
        let entry = self.known.entry(hash, |&id| same(graph.node(id)), |&id| rehash(graph, id));
        match entry {
            Entry::Occupied(known) if take_name(graph, *known.get(), name) => *known.get(),
            Entry::Occupied(_) => {
                let id = push(graph);
                take_name(graph, id, name);
                self.known.insert_unique(hash, id, |&id| rehash(graph, id));
                id
            }
            Entry::Vacant(place) => {
                let id = push(graph);
                take_name(graph, id, name);
                place.insert(id);
                id
            }
        }
    }

    /// The value, if all operands are numbers.
    fn folded(&self, op: Op, operands: &[NodeId]) -> Option<f64> {
        let number = |&operand: &NodeId| match self.graph.node(operand) {
            Node::Constant(number) => Some(number),
            _ => None,
        };
        if operands.iter().any(|operand| number(operand).is_none()) {
            return None;
        }
        let numbers: SmallVec<[f64; 8]> = operands.iter().filter_map(number).collect();
        Some(op.value(&numbers))
    }
}

/// Gives a node the name of the one that it stands for; not if it has one already.
fn take_name(graph: &mut Graph, id: NodeId, name: Option<&str>) -> bool {
    let Some(name) = name else { return true };
    let free = graph.name(id).is_none();
    if free {
        graph.set_name(id, name);
    }
    free
}

/// Sums and products of two give the same bits in either order.
fn commutes(op: Op) -> bool {
    matches!(op, Op::Add | Op::Mul | Op::StrongBoth | Op::Equal | Op::NotEqual)
}

fn same_operands(op: Op, a: &[NodeId], b: &[NodeId]) -> bool {
    a == b || (commutes(op) && a[0] == b[1] && a[1] == b[0])
}

fn hash_op(hasher: Mixer, op: Op, operands: &[NodeId]) -> u64 {
    let mut state = hasher.build_hasher();
    op.hash(&mut state);
    if commutes(op) {
        (operands[0].min(operands[1]), operands[0].max(operands[1])).hash(&mut state);
    } else {
        for operand in operands {
            operand.hash(&mut state);
        }
    }
    state.finish()
}

/// A small hash for small keys, the same in every process: multiply and rotate (after Fowler, Noll and Vo; the final
/// mixing is that of splitmix64). Graph files come through `verify`, and a crafted collision only costs time.
#[derive(Debug, Clone, Copy, Default)]
struct Mixer;

struct Mixed(u64);

impl BuildHasher for Mixer {
    type Hasher = Mixed;
    fn build_hasher(&self) -> Mixed {
        Mixed(0)
    }
}

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
