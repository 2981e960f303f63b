//! One pass from inputs to outputs: drop what no output needs, fold constants, apply identities, share equal nodes.

use smallvec::SmallVec;

use super::identities::{Replacement, Term, identity};
use super::known::{Known, Place};
use super::{Dead, Laws, needed};
use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;

pub(super) fn share(function: &Function, laws: Laws) -> Function {
    let old = function.graph();
    let live = needed(function.graph(), function.outputs(), Dead::All);
    let kept = || old.ids().filter(|id| live[id.index()]);
    let numbers = kept().filter(|id| matches!(old.node(*id), Node::Constant(_))).count();
    let known = Known::with_capacity(kept().count(), numbers);
    let mut writer = Writer { graph: old.same_inputs(), laws, known };
    let mut new_ids = vec![NodeId::new(0); old.len()];
    let mut operands = Vec::new();
    for id in kept() {
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

/// Writes nodes, each distinct one once.
struct Writer {
    graph: Graph,
    laws: Laws,
    known: Known,
}

impl Writer {
    fn constant(&mut self, number: f64, name: Option<&str>) -> NodeId {
        let number = if number.is_nan() { f64::NAN } else { number };
        let known = self.known.number(&self.graph, number);
        match known {
            Some(known) if take_name(&mut self.graph, known, name) => known,
            _ => {
                let id = self.graph.push_constant(number);
                take_name(&mut self.graph, id, name);
                if known.is_none() {
                    self.known.insert(&self.graph, id, Place::Table);
                }
                id
            }
        }
    }

    fn op(&mut self, op: Op, operands: &mut Vec<NodeId>, name: Option<&str>) -> NodeId {
        let (mut op, mut fresh) = (op, true);
        if op == Op::Sum {
            self.drop_negative_zeros(operands);
        }
        if op == Op::Tanh
            && self.laws != Laws::Exact
            && let Some(f) = self.sigmoid_of_twice(operands[0])
        {
            // tanh(x/2) = 2f(x) - 1
            let two = self.constant(2.0, None);
            let twice = self.op(Op::Mul, &mut vec![f, two], None);
            let one = self.constant(1.0, None);
            return self.op(Op::Sub, &mut vec![twice, one], name);
        }
        // A replacement may be replaced in turn; each one is simpler, so this ends.
        while fresh {
            if let Some(number) = self.folded(op, operands) {
                return self.constant(number, name);
            }
            fresh = false;
            match identity(&self.graph, op, operands, self.laws) {
                Some(Replacement::Number(number)) => return self.constant(number, name),
                // A named node must not vanish into another one that has a name.
                Some(Replacement::Node(id)) if take_name(&mut self.graph, id, name) => return id,
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
                Some(Replacement::Formula(other, terms)) => {
                    (op, fresh) = (other, true);
                    let written: Vec<NodeId> =
                        terms.into_iter().map(|term| self.term(term)).collect();
                    *operands = written;
                }
                Some(Replacement::Node(_)) | None => {}
            }
        }
        let place = match self.known.operation(&self.graph, op, operands) {
            Ok(known) if take_name(&mut self.graph, known, name) => return known,
            Ok(_) => None, // both have names: the first one stays the one that is found
            Err(place) => Some(place),
        };
        let id = self.graph.push_op(op, operands);
        take_name(&mut self.graph, id, name);
        if let Some(place) = place {
            self.known.insert(&self.graph, id, place);
        }
        id
    }

    /// The sigmoid of `x`, if this is `x/2` and the sigmoid is there: so the slope of the sigmoid's slope is written.
    fn sigmoid_of_twice(&self, half: NodeId) -> Option<NodeId> {
        let Node::Op(Op::Mul, &[x, factor]) = self.graph.node(half) else { return None };
        let is_half = matches!(self.graph.node(factor), Node::Constant(factor) if factor == 0.5);
        if !is_half {
            return None;
        }
        self.known.operation(&self.graph, Op::Sigmoid, &[x]).ok()
    }

    /// A part of a replacement; they are a few operations deep.
    fn term(&mut self, term: Term) -> NodeId {
        match term {
            Term::Node(id) => id,
            Term::Number(number) => self.constant(number, None),
            Term::Op(op, terms) => {
                let mut operands = terms.into_iter().map(|term| self.term(term)).collect();
                self.op(op, &mut operands, None)
            }
        }
    }

    /// -0 changes no sum that has another term.
    fn drop_negative_zeros(&self, terms: &mut Vec<NodeId>) {
        let adds = |id: &NodeId| match self.graph.node(*id) {
            Node::Constant(number) => number.to_bits() != (-0.0_f64).to_bits(),
            _ => true,
        };
        if terms.iter().any(adds) {
            terms.retain(adds);
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
