//! petgraph's view of a graph: its algorithms run on [`Graph`] and [`Function`] as they are, without a copy.
//!
//! Edges run with the data, from an operand to its user, and weigh the operand's slot: 0 for the first operand. An
//! operand used twice, as in `x * x`, has two edges. Nodes weigh a [`Label`], which prints the name or operation.
//! Node and edge numbers have no holes, and the order of the nodes is a topological order.
//!
//! ```
//! use petgraph::algo::{dominators, has_path_connecting, toposort};
//! use petgraph::visit::Reversed;
//! use uphill_graph::{Function, Scalar, petgraph};
//!
//! let f = Function::record(["x", "y"], |v| {
//!     let inner = (v[0] + 1.0).named("inner");
//!     inner.sin() * inner.exp()
//! })?;
//! let (x, y) = (f.graph().find("x")?, f.graph().find("y")?);
//! let (inner, p) = (f.graph().find("inner")?, f.output("P")?.node);
//!
//! assert!(has_path_connecting(&f, x, p, None)); // P depends on x,
//! assert!(!has_path_connecting(&f, y, p, None)); // but not on y.
//! assert_eq!(toposort(&f, None).map(|order| order.len()).ok(), Some(f.graph().len()));
//! // All that P gets from x goes through `inner`.
//! let upstream = dominators::simple_fast(Reversed(&f), p);
//! assert_eq!(upstream.immediate_dominator(x), Some(inner));
//! # Ok::<(), uphill_graph::Error>(())
//! ```
//!
//! Of [loops](crate::loops) they see results, each value a node like any other. All results of a loop have the loop's
//! operands as predecessors: the node at which each of its walks starts (not what it reads further on), and the first
//! value of each state. So paths don't follow single entries through a loop. What is repeated is a graph of its own, which
//! can be walked, too: [`Loop::body`](crate::Loop::body).
//!
//! ```
//! use petgraph::visit::IntoNeighborsDirected;
//! use uphill_graph::{At, Function, Inputs, Node, Scalar, loops, petgraph};
//!
//! let inputs = Inputs::new().variables("x", 4);
//! let f = Function::record(inputs, |x| loops::map(0..3, |i| x.at(i) * x.at(i + 1))[2])?;
//! let p = f.output("P")?.node;
//! let read = f.neighbors_directed(p, petgraph::Direction::Incoming);
//! assert_eq!(read.map(|id| f.graph().name(id)).collect::<Vec<_>>(), [Some("x[0]".into()), Some("x[0]".into())]);
//! let Node::Result { number, .. } = f.graph().node(p) else { unreachable!() };
//! let body = f.graph().repeated(number).body();
//! assert_eq!(petgraph::algo::toposort(body, None).unwrap().len(), 3);
//! # Ok::<(), uphill_graph::Error>(())
//! ```
//!
//! What the traits don't promise: a [`NodeId`] of another graph makes the walks panic or, where the number exists
//! here too, names another node. The first walk along the data (from operands to users) makes an index of users, 4
//! bytes a node and 8 an edge, which the graph keeps.

mod edges;
mod nodes;
mod owned;

use std::collections::HashSet;
use std::ops::Range;

use petgraph::visit::EdgeRef;
use petgraph::visit::{
    Data, EdgeCount, EdgeIndexable, GetAdjacencyMatrix, GraphBase, GraphProp, IntoEdgeReferences,
    IntoEdges, IntoEdgesDirected, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers,
    IntoNodeReferences, NodeCompactIndexable, NodeCount, NodeIndexable, Visitable,
};
use petgraph::{Directed, Direction};

pub use edges::{AllEdges, Edge, EdgeId, Edges, Neighbors};
pub(crate) use nodes::sign;
pub use nodes::{Label, Labels, Visited};
pub use owned::{NodeKind, OwnedNode};

use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::node::NodeId;

/// What petgraph can walk: a graph, and the outputs that lend their names to its nodes.
trait Walked {
    fn arena(&self) -> &Graph;
    fn named_outputs(&self) -> &[Output];
}

impl Walked for Graph {
    fn arena(&self) -> &Graph {
        self
    }

    fn named_outputs(&self) -> &[Output] {
        &[]
    }
}

impl Walked for Function {
    fn arena(&self) -> &Graph {
        self.graph()
    }

    fn named_outputs(&self) -> &[Output] {
        self.outputs()
    }
}

/// petgraph implements each trait for `&G` where `G` has it. `Data` alone is implemented for the reference only, since
/// a label borrows the graph.
macro_rules! walk_with_petgraph {
    ($($Walked:ty),*) => { $(
        impl GraphBase for $Walked {
            type NodeId = NodeId;
            type EdgeId = EdgeId;
        }

        impl GraphProp for $Walked {
            type EdgeType = Directed;
        }

        impl NodeCount for $Walked {
            fn node_count(&self) -> usize {
                self.arena().len()
            }
        }

        impl EdgeCount for $Walked {
            fn edge_count(&self) -> usize {
                self.arena().edge_count()
            }
        }

        impl NodeIndexable for $Walked {
            fn node_bound(&self) -> usize {
                self.arena().len()
            }

            fn to_index(&self, node: NodeId) -> usize {
                node.index()
            }

            fn from_index(&self, index: usize) -> NodeId {
                NodeId::new(index)
            }
        }

        impl NodeCompactIndexable for $Walked {}

        impl EdgeIndexable for $Walked {
            fn edge_bound(&self) -> usize {
                self.arena().edge_count()
            }

            fn to_index(&self, edge: EdgeId) -> usize {
                edge.index()
            }

            fn from_index(&self, index: usize) -> EdgeId {
                EdgeId::new(index)
            }
        }

        impl Visitable for $Walked {
            type Map = Visited;

            fn visit_map(&self) -> Visited {
                let mut map = Visited::default();
                map.clear(self.arena().len());
                map
            }

            fn reset_map(&self, map: &mut Visited) {
                map.clear(self.arena().len());
            }
        }

        impl GetAdjacencyMatrix for $Walked {
            type AdjMatrix = HashSet<(NodeId, NodeId)>;

            fn adjacency_matrix(&self) -> HashSet<(NodeId, NodeId)> {
                self.edge_references().map(|edge| (edge.source(), edge.target())).collect()
            }

            fn is_adjacent(
                &self,
                matrix: &HashSet<(NodeId, NodeId)>,
                operand: NodeId,
                user: NodeId,
            ) -> bool {
                matrix.contains(&(operand, user))
            }
        }

        impl<'a> Data for &'a $Walked {
            type NodeWeight = Label<'a>;
            type EdgeWeight = usize;
        }

        impl<'a> IntoNodeIdentifiers for &'a $Walked {
            type NodeIdentifiers = std::iter::Map<Range<usize>, fn(usize) -> NodeId>;

            fn node_identifiers(self) -> Self::NodeIdentifiers {
                (0..self.arena().len()).map(NodeId::new)
            }
        }

        impl<'a> IntoNodeReferences for &'a $Walked {
            type NodeRef = Label<'a>;
            type NodeReferences = Labels<'a>;

            fn node_references(self) -> Labels<'a> {
                let graph = self.arena();
                Labels { graph, outputs: self.named_outputs(), rest: 0..graph.len() }
            }
        }

        impl<'a> IntoNeighbors for &'a $Walked {
            type Neighbors = Neighbors<'a>;

            fn neighbors(self, node: NodeId) -> Neighbors<'a> {
                self.neighbors_directed(node, Direction::Outgoing)
            }
        }

        impl<'a> IntoNeighborsDirected for &'a $Walked {
            type NeighborsDirected = Neighbors<'a>;

            fn neighbors_directed(self, node: NodeId, direction: Direction) -> Neighbors<'a> {
                Neighbors(self.edges_directed(node, direction))
            }
        }

        impl<'a> IntoEdgeReferences for &'a $Walked {
            type EdgeRef = Edge;
            type EdgeReferences = AllEdges<'a>;

            fn edge_references(self) -> AllEdges<'a> {
                let graph = self.arena();
                AllEdges { graph, places: 0..graph.edge_count(), user: 0 }
            }
        }

        impl<'a> IntoEdges for &'a $Walked {
            type Edges = Edges<'a>;

            fn edges(self, node: NodeId) -> Edges<'a> {
                self.edges_directed(node, Direction::Outgoing)
            }
        }

        impl<'a> IntoEdgesDirected for &'a $Walked {
            type EdgesDirected = Edges<'a>;

            fn edges_directed(self, node: NodeId, direction: Direction) -> Edges<'a> {
                Edges::new(self.arena(), node, direction)
            }
        }
    )* };
}

walk_with_petgraph!(Graph, Function);
