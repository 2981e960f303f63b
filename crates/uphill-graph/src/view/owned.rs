//! An owned petgraph graph, for algorithms that change or keep what they work on.
//!
//! Same nodes, same edges, same numbers: node `k` here is node `k` there, and so are the edges.

use std::fmt;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{EdgeRef, IntoEdgeReferences, IntoNodeReferences};

use super::nodes::output_names;
use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;

/// A node's weight in an owned graph: prints its label.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedNode {
    /// Its name, or its number, or its operation: what [`Label`](super::Label) prints.
    pub label: String,
    /// What it is.
    pub kind: NodeKind,
}

impl fmt::Display for OwnedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// What a node of an owned graph is; its operands are its incoming edges, by slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NodeKind {
    /// The input with this position.
    Input(usize),
    /// A number.
    Constant(f64),
    /// An operation.
    Op(Op),
    /// An entry of a vector that was put together.
    Copy,
    /// The result of a loop: the loop's number, and the place among its results.
    Result {
        /// The loop's number.
        number: usize,
        /// The place among the loop's results.
        place: usize,
    },
}

impl From<Node<'_>> for NodeKind {
    fn from(node: Node<'_>) -> NodeKind {
        match node {
            Node::Input(position) => NodeKind::Input(position),
            Node::Constant(x) => NodeKind::Constant(x),
            Node::Op(op, _) => NodeKind::Op(op),
            Node::Copy(_) => NodeKind::Copy,
            Node::Result { number, place, .. } => NodeKind::Result { number, place },
        }
    }
}

impl Graph {
    /// Copies the graph into a petgraph graph of its own.
    ///
    /// # Returns
    ///
    /// A [`DiGraph`] with the same numbers of nodes and edges in the same order. Edges run from operand to user and
    /// weigh the operand's slot: 0 for the first. A graph can be walked without this copy: see [`view`](crate::view).
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges, with one small string a node.
    ///
    /// ```
    /// use uphill_graph::{Function, petgraph};
    ///
    /// let f = Function::record(["x", "y"], |v| v[0] / v[1])?;
    /// let owned = f.graph().to_petgraph();
    /// let labels: Vec<_> = owned.node_weights().map(|node| node.to_string()).collect();
    /// assert_eq!(labels, ["x", "y", "/"]);
    /// assert_eq!(owned.edge_weights().collect::<Vec<_>>(), [&0, &1]);
    /// assert!(!petgraph::algo::is_cyclic_directed(&owned));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn to_petgraph(&self) -> DiGraph<OwnedNode, usize> {
        let mut copy = DiGraph::with_capacity(self.len(), self.edge_count());
        for label in self.node_references() {
            copy.add_node(OwnedNode { label: label.to_string(), kind: label.node().into() });
        }
        for edge in self.edge_references() {
            let end = |node: NodeId| NodeIndex::new(node.index());
            copy.add_edge(end(edge.source()), end(edge.target()), *edge.weight());
        }
        copy
    }
}

impl Function {
    /// Copies the graph into a petgraph graph of its own: as [`Graph::to_petgraph`], but operations without a name
    /// have that of the first output they compute.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let owned = Function::record(["x", "y"], |v| v[0] / v[1])?.to_petgraph();
    /// let labels: Vec<_> = owned.node_weights().map(|node| node.to_string()).collect();
    /// assert_eq!(labels, ["x", "y", "P"]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn to_petgraph(&self) -> DiGraph<OwnedNode, usize> {
        let mut copy = self.graph().to_petgraph();
        for (node, name) in output_names(self) {
            copy[NodeIndex::new(node.index())].label = name.to_owned();
        }
        copy
    }
}
