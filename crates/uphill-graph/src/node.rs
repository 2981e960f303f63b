//! A node's number and what it is.

use crate::op::Op;

/// The number of a node in its graph: operands have smaller numbers than their users.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct NodeId(u32);

impl NodeId {
    pub(crate) fn new(index: usize) -> NodeId {
        debug_assert!(u32::try_from(index).is_ok(), "a graph holds at most 2^32 - 1 nodes");
        NodeId(index as u32)
    }

    /// The number as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl std::fmt::Debug for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// What a node is.
///
/// A node is one value. Vectors of inputs or numbers and the results of a loop are stored as one, and have consecutive
/// numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node<'a> {
    /// The input with this position.
    Input(usize),
    /// A number.
    Constant(f64),
    /// An operation on other nodes, in order.
    Op(Op, &'a [NodeId]),
    /// An entry of a vector that was put together: the value of this node.
    Copy(NodeId),
    /// A result of the loop with this number ([`Graph::repeated`](crate::Graph::repeated)): the value at this place
    /// among all of its results. The loop reads the nodes.
    Result {
        /// The loop's number.
        number: usize,
        /// The nodes that the loop reads.
        operands: &'a [NodeId],
        /// The place among the loop's results.
        place: usize,
    },
}

/// A node as it is stored: 12 bytes, the operands in the graph's pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stored {
    pub(crate) kind: Kind,
    /// Where its operands start in the pool; they end where the next node's start.
    pub(crate) first: u32,
}

/// What a stored node is; numbers lie in the graph's table of constants. All but operations may be wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// The inputs from this position on.
    Input(u32),
    /// The numbers from this place in the table on.
    Constant(u32),
    Op(Op),
    /// A vector of other nodes' values.
    Vector,
    /// The results of the loop with this number.
    Loop(u32),
}

// A recorded binary operation costs 12 bytes and two operands of 4: twenty.
const _: () = assert!(size_of::<Stored>() == 12);
