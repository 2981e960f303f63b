//! The chain rule for readers: the rules of the op table, written so that a formula comes out as a textbook has it.
//!
//! A call's own value stands for itself, as `o` does in `o·(1 − o)`; that of a quotient or power is not used, so that the
//! slope of `f = 1/u` is `−1/u²` and not `−f²`. The guard of a power at 0 is left to the functions that compute.

use std::collections::BTreeMap;

use smallvec::{SmallVec, smallvec};

use crate::graph::Graph;
use crate::guard::{Guard, Guarded, Guards};
use crate::implicit::jacobian;
use crate::node::{Node, NodeId};
use crate::op::{Contribution, Op, Terms};
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;

/// Where a sweep goes.
pub(crate) struct Sweep<'a, 'g> {
    pub(crate) graph: &'a Graph,
    pub(crate) recorder: &'g Recorder,
    /// The variable that stands for a node.
    pub(crate) var: &'a dyn Fn(NodeId) -> Var<'g>,
    /// Whether a node depends on what the derivative is by.
    pub(crate) active: &'a dyn Fn(NodeId) -> bool,
    /// Whether the sweep ends at a node: a value with a name of its own, or an input.
    pub(crate) ends: &'a dyn Fn(NodeId) -> bool,
}

impl<'g> Sweep<'_, 'g> {
    /// The derivatives of one node by those at which the sweep ends, in order of evaluation.
    pub(crate) fn from(&self, top: NodeId) -> BTreeMap<NodeId, Var<'g>> {
        let mut guards = Guards::new(self.recorder);
        let start: SmallVec<[Guarded<'g>; 4]> = smallvec![(Var::constant(1.0), Guard::ALWAYS)];
        let mut waiting = BTreeMap::from([(top, start)]);
        let mut ends = BTreeMap::new();
        while let Some((id, terms)) = waiting.pop_last() {
            let Some((adjoint, guard)) = guards.sum(terms) else { continue };
            let end = id != top && (self.ends)(id);
            if !end && let Some(flows) = self.through_equations(id, adjoint) {
                for (node, term) in flows {
                    waiting.entry(node).or_default().push((term, guard));
                }
                continue;
            }
            let (Node::Op(op, operands), false) = (self.graph.node(id), end) else {
                ends.insert(id, guards.mask(adjoint, guard));
                continue;
            };
            let x: Vec<Var<'g>> = operands.iter().map(|&x| (self.var)(x)).collect();
            let wanted = |k: usize| op.differentiable(k) && (self.active)(operands[k]);
            let terms = rule(op, &x, (self.var)(id), adjoint, wanted);
            for (&operand, term) in operands.iter().zip(terms) {
                let Some(term) = term else { continue };
                if term.value.constant_value() == Some(0.0) {
                    continue;
                }
                let guard = match term.only_if {
                    None => Some(guard),
                    Some(condition) => guards.and(guard, condition),
                };
                if let Some(guard) = guard {
                    waiting.entry(operand).or_default().push((term.value, guard));
                }
            }
        }
        ends
    }

    /// What a root gives to what its equations read: the slopes by Cramer's rule, as a textbook has them. Nothing if the node
    /// is none.
    fn through_equations(&self, id: NodeId, adjoint: Var<'g>) -> Option<Vec<(NodeId, Var<'g>)>> {
        let Node::Result { number, operands, place } = self.graph.node(id) else { return None };
        let repeated = self.graph.repeated(number);
        let known = repeated.equations.as_ref()?.known(repeated);
        let width = known.unknowns.len();
        let head = id.index() - place;
        let unknowns: Vec<Var<'g>> =
            (0..width).map(|k| (self.var)(NodeId::new(head + k))).collect();
        let inputs = repeated.solved_inputs(operands, &unknowns, |node| (self.var)(node));
        let mut given = repeated.given_nodes(operands);
        given.retain(|(_, node)| (self.active)(*node));
        let positions: Vec<usize> = given.iter().map(|(position, _)| *position).collect();
        let by_given = jacobian(&known.function, &positions).eval_scalar(&inputs).ok()?;
        let slopes = known.jacobian.eval_scalar(&inputs).ok()?.split_off(width);
        let below = determinant(&slopes, width);
        let flows = given.iter().enumerate().filter_map(|(j, (_, node))| {
            let mut replaced = slopes.clone();
            for row in 0..width {
                replaced[row * width + place] = by_given[width + row * given.len() + j];
            }
            let above = determinant(&replaced, width);
            let is_none = above.constant_value() == Some(0.0);
            (!is_none).then(|| (*node, -adjoint.times(above / below)))
        });
        Some(flows.collect())
    }
}

/// By the first row; known zeros are left out.
fn determinant<'g>(matrix: &[Var<'g>], width: usize) -> Var<'g> {
    if width <= 1 {
        return matrix.first().copied().unwrap_or(Var::constant(1.0));
    }
    let mut sum: Option<Var<'g>> = None;
    for column in 0..width {
        let minor: Vec<Var<'g>> =
            (width..width * width).filter(|at| at % width != column).map(|at| matrix[at]).collect();
        if matrix[column].constant_value() == Some(0.0) {
            continue;
        }
        let term = matrix[column].times(determinant(&minor, width - 1));
        let term = if column % 2 == 0 { term } else { -term };
        sum = Some(sum.map_or(term, |sum| sum + term));
    }
    sum.unwrap_or(Var::constant(0.0))
}

/// What an operation adds to the adjoints of its operands.
fn rule<'g>(
    op: Op,
    x: &[Var<'g>],
    z: Var<'g>,
    d: Var<'g>,
    wanted: impl Fn(usize) -> bool,
) -> Terms<Var<'g>> {
    let textbook: [Option<Var<'g>>; 2] = match (op, x) {
        (Op::Recip, &[a]) => [Some(-(d / a.square())), None],
        (Op::Div, &[a, b]) => [wanted(0).then(|| d / b), wanted(1).then(|| -(d * a / b.square()))],
        (Op::Pow, &[a, b]) => {
            let by_base = || d * (b * a.pow(b - 1.0));
            [wanted(0).then(by_base), wanted(1).then(|| d * (a.pow(b) * a.ln()))]
        }
        _ => return op.chain_all(x, z, |_| d, wanted),
    };
    textbook.into_iter().map(|term| term.map(Contribution::always)).take(x.len()).collect()
}
