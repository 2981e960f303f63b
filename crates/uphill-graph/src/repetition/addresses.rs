//! Which address each node of a graph has in the list of its items: an entry a node, but for loops that were followed, whose
//! values are no nodes and may be many millions.

use std::ops::Range;

use super::follow::Repeated;
use crate::graph::Graph;
use crate::node::NodeId;

/// The address of what has none yet.
pub(super) const NO_ADDRESS: u32 = u32::MAX;

/// The addresses of a graph's nodes. Those of a loop that was followed lie one after the other, and have one entry.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    of: Vec<u32>,
    /// The nodes of each such loop, and how many before its end have no entry.
    loops: Vec<(Range<u32>, u32)>,
}

impl Addresses {
    pub(super) fn new(graph: &Graph, followed: &[Repeated]) -> Addresses {
        let mut without = 0;
        let loops = followed.iter().map(|repeated| {
            let nodes = repeated.first..repeated.first + repeated.width();
            without += repeated.width() - 1;
            (nodes, without)
        });
        let loops: Vec<(Range<u32>, u32)> = loops.collect();
        Addresses { of: vec![NO_ADDRESS; graph.len() - without as usize], loops }
    }

    /// The entry of a node, and how far the node is behind the one that has it.
    #[inline]
    fn entry(&self, node: NodeId) -> (usize, u32) {
        let node = node.index() as u32;
        let begun = self.loops.partition_point(|(nodes, _)| nodes.start <= node);
        let Some((nodes, without)) = begun.checked_sub(1).map(|last| &self.loops[last]) else {
            return (node as usize, 0);
        };
        match nodes.contains(&node) {
            true => ((nodes.end - 1 - without) as usize, node - nodes.start),
            false => ((node - without) as usize, 0),
        }
    }

    #[inline]
    pub(super) fn of(&self, node: NodeId) -> u32 {
        let (entry, behind) = self.entry(node);
        match self.of[entry] {
            NO_ADDRESS => NO_ADDRESS,
            first => first + behind,
        }
    }

    /// The address of a node, or of all nodes of a loop by the first.
    pub(super) fn set(&mut self, node: NodeId, address: u32) {
        let (entry, _) = self.entry(node);
        self.of[entry] = address;
    }
}
