//! Squares of roots, whose slope is 1 at 0 too.

use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::scalar::Scalar;

impl Function {
    /// [`squared_root`] of a root that nothing else reads and nobody has named: who has, sees its own adjoint.
    pub(crate) fn squared_root(&self, op: Op, operands: &[NodeId]) -> Option<NodeId> {
        let (graph, s) = (self.graph(), squared_root(self.graph(), op, operands)?);
        let root = operands[0];
        let alone = graph.users().of(root).len() == 1;
        let shown = graph.given_name(root).is_some()
            || self.outputs().iter().any(|output| output.node == root);
        (alone && !shown).then_some(s)
    }
}

/// `s`, if the operation squares `√s`: its slope is 1, at 0 too, where the ways of root and square are ∞ and 0.
pub(crate) fn squared_root(graph: &Graph, op: Op, operands: &[NodeId]) -> Option<NodeId> {
    let squares = match (op, operands) {
        (Op::Square, _) => true,
        (Op::Powi, [_, n]) => matches!(graph.node(*n), Node::Constant(2.0)),
        _ => false,
    };
    match graph.node(*operands.first().filter(|_| squares)?) {
        Node::Op(Op::Sqrt, &[s]) => Some(s),
        _ => None,
    }
}

/// The slope of `(√s)²` by `s`: 1 where there is a root.
pub(crate) fn slope_of_squared_root<S: Scalar>(s: S) -> S {
    S::select(s.less(S::constant(0.0)), S::constant(f64::NAN), S::constant(1.0))
}
