//! Algebraic identities, one at a time: what an operation on known operands comes to.

use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::simplify::Laws;

/// What an operation can be replaced by.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Replacement {
    /// A node that is there.
    Node(NodeId),
    /// A number.
    Number(f64),
    /// Another operation.
    Op(Op, [NodeId; 1]),
    /// Another operation of two operands.
    Binary(Op, [NodeId; 2]),
    /// A formula of several operations.
    Formula(Op, Vec<Term>),
}

/// A part of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    Node(NodeId),
    Number(f64),
    Op(Op, Vec<Term>),
}

use Replacement::{Binary, Formula, Node as Same, Number};

/// The first identity that fits, if any. `graph` is the one being written, `x` are nodes of it.
pub(super) fn identity(graph: &Graph, op: Op, x: &[NodeId], laws: Laws) -> Option<Replacement> {
    exact(graph, op, x).or_else(|| match laws {
        Laws::Exact => None,
        Laws::Slopes => slope(op, x),
        Laws::Relaxed => slope(op, x).or_else(|| relaxed(graph, op, x)),
    })
}

fn number(graph: &Graph, id: NodeId) -> Option<f64> {
    match graph.node(id) {
        Node::Constant(number) => Some(number),
        _ => None,
    }
}

/// The operand of a negation.
fn negated(graph: &Graph, id: NodeId) -> Option<NodeId> {
    match graph.node(id) {
        Node::Op(Op::Neg, &[x]) => Some(x),
        _ => None,
    }
}

fn is(number: Option<f64>, bits: f64) -> bool {
    number.is_some_and(|number| number.to_bits() == bits.to_bits())
}

/// Identities that hold for every operand, zeros of both signs, infinities and NaN included.
fn exact(graph: &Graph, op: Op, x: &[NodeId]) -> Option<Replacement> {
    let unary = |op, x| Some(Replacement::Op(op, [x]));
    match (op, x) {
        // -0 changes nothing by being added; +0 turns -0 into +0.
        (Op::Add, &[x, y]) if is(number(graph, y), -0.0) => Some(Same(x)),
        (Op::Add, &[x, y]) if is(number(graph, x), -0.0) => Some(Same(y)),
        (Op::Add, &[x, y]) => {
            if let Some(y) = negated(graph, y) {
                Some(Binary(Op::Sub, [x, y]))
            } else {
                negated(graph, x).map(|x| Binary(Op::Sub, [y, x]))
            }
        }
        (Op::Sub, &[x, y]) if is(number(graph, y), 0.0) => Some(Same(x)),
        (Op::Sub, &[x, y]) if is(number(graph, x), -0.0) => unary(Op::Neg, y),
        (Op::Sub, &[x, y]) => negated(graph, y).map(|y| Binary(Op::Add, [x, y])),
        (Op::Mul, &[x, y]) => match (number(graph, x), number(graph, y)) {
            (a, _) if is(a, 1.0) => Some(Same(y)),
            (_, b) if is(b, 1.0) => Some(Same(x)),
            (a, _) if is(a, -1.0) => unary(Op::Neg, y),
            (_, b) if is(b, -1.0) => unary(Op::Neg, x),
            _ => match (negated(graph, x), negated(graph, y)) {
                (Some(x), Some(y)) => Some(Binary(Op::Mul, [x, y])),
                _ if x == y => unary(Op::Square, x),
                _ => None,
            },
        },
        (Op::Div, &[x, y]) => match (number(graph, x), number(graph, y)) {
            (_, b) if is(b, 1.0) => Some(Same(x)),
            (_, b) if is(b, -1.0) => unary(Op::Neg, x),
            (a, _) if is(a, 1.0) => unary(Op::Recip, y),
            _ => None,
        },
        (Op::Neg, &[x]) => match graph.node(x) {
            Node::Op(Op::Neg, &[x]) => Some(Same(x)),
            _ => None,
        },
        (Op::Square, &[x]) => match graph.node(x) {
            Node::Op(Op::Neg | Op::Abs, &[x]) => unary(Op::Square, x),
            _ => None,
        },
        (Op::Abs, &[x]) => match graph.node(x) {
            Node::Op(Op::Neg, &[x]) => unary(Op::Abs, x),
            Node::Op(Op::Abs, _) => Some(Same(x)),
            _ => None,
        },
        (Op::Powi, &[x, n]) => match number(graph, n)? {
            0.0 => Some(Number(1.0)),
            1.0 => Some(Same(x)),
            2.0 => unary(Op::Square, x),
            -1.0 => unary(Op::Recip, x),
            _ => None,
        },
        (Op::Min | Op::Max, &[x, y]) if x == y => Some(Same(x)),
        (Op::Select, &[c, x, y]) => match number(graph, c) {
            Some(c) => Some(Same(if c == 0.0 { y } else { x })),
            None if x == y => Some(Same(x)),
            None => None,
        },
        (Op::Sum | Op::Product | Op::Mean, &[x]) => Some(Same(x)),
        (Op::Sum, &[x, y]) => Some(Binary(Op::Add, [x, y])),
        (Op::Product, &[x, y]) => Some(Binary(Op::Mul, [x, y])),
        _ => None,
    }
}

/// Identities of finite real numbers.
fn relaxed(graph: &Graph, op: Op, x: &[NodeId]) -> Option<Replacement> {
    match (op, x) {
        (Op::Add, &[x, y]) => match (number(graph, x), number(graph, y)) {
            (Some(0.0), _) => Some(Same(y)),
            (_, Some(0.0)) => Some(Same(x)),
            _ => None,
        },
        (Op::Sub, &[x, y]) if x == y => Some(Number(0.0)),
        (Op::Sub, &[x, y]) if number(graph, x) == Some(0.0) => Some(Replacement::Op(Op::Neg, [y])),
        (Op::Mul, &[x, y]) if number(graph, x) == Some(0.0) || number(graph, y) == Some(0.0) => {
            Some(Number(0.0))
        }
        (Op::Div, &[x, y]) if x == y => Some(Number(1.0)),
        (Op::Div, &[x, _]) if number(graph, x) == Some(0.0) => Some(Number(0.0)),
        (Op::Recip, &[x]) => match graph.node(x) {
            Node::Op(Op::Recip, &[x]) => Some(Same(x)),
            _ => None,
        },
        (Op::Ln, &[x]) => match graph.node(x) {
            Node::Op(Op::Exp, &[x]) => Some(Same(x)),
            _ => None,
        },
        (Op::Exp, &[x]) => match graph.node(x) {
            Node::Op(Op::Ln, &[x]) => Some(Same(x)),
            _ => None,
        },
        (Op::Square, &[x]) => match graph.node(x) {
            Node::Op(Op::Sqrt, &[x]) => Some(Same(x)),
            Node::Op(Op::Recip, &[length]) => match graph.node(length) {
                // As the slope of the arc tangent is written.
                Node::Op(Op::Hypot, &[x, one]) if number(graph, one) == Some(1.0) => {
                    let square = Term::Op(Op::Square, vec![Term::Node(x)]);
                    let sum = Term::Op(Op::Add, vec![square, Term::Number(1.0)]);
                    Some(Formula(Op::Recip, vec![sum]))
                }
                _ => None,
            },
            _ => None,
        },
        (Op::OneMinusSquare, &[x]) => {
            let square = Term::Op(Op::Square, vec![Term::Node(x)]);
            Some(Formula(Op::Sub, vec![Term::Number(1.0), square]))
        }
        (Op::Direction, &[x, _, r]) => Some(Binary(Op::Div, [x, r])),
        _ => None,
    }
}

/// The lecture's slopes, from the values that go along.
fn slope(op: Op, x: &[NodeId]) -> Option<Replacement> {
    let one = Term::Number(1.0);
    match (op, x) {
        (Op::SigmoidSlope, &[_, f]) => {
            let rest = Term::Op(Op::Sub, vec![one, Term::Node(f)]);
            Some(Formula(Op::Mul, vec![Term::Node(f), rest]))
        }
        (Op::TanhSlope, &[_, t]) => {
            Some(Formula(Op::Sub, vec![one, Term::Op(Op::Square, vec![Term::Node(t)])]))
        }
        _ => None,
    }
}
