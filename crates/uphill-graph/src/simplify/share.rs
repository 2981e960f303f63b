//! One pass from inputs to outputs: drop what no output needs, fold constants, apply identities, share equal nodes.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use super::identities::{Replacement, Term, identity};
use super::join;
use super::known::{Known, Place};
use super::marks::Marks;
use super::repeat::{Needed, Smaller, copy, is_live, needed_outcomes};
use super::{Laws, needed_exactly};
use crate::function::Function;
use crate::graph::{Graph, Loop};
use crate::new_ids::NewIds;
use crate::node::{Node, NodeId};
use crate::op::Op;

pub(super) fn share(function: &Function, laws: Laws) -> Function {
    let old = function.graph();
    let live = needed_exactly(old, function.outputs().iter().map(|output| output.node));
    let kept = || old.heads().filter(|id| is_live(old, *id, &live));
    let numbers = kept().filter(|id| matches!(old.node(*id), Node::Constant(_))).count();
    let known = Known::with_capacity(kept().count(), numbers);
    let mut writer = Writer { graph: old.same_inputs(), laws, known, loops: HashMap::new() };
    let mut new_ids = NewIds::new(old);
    let mut operands = Vec::new();
    let groups = join::groups(old, &live);
    let joined: HashSet<NodeId> = groups.values().flatten().copied().collect();
    for id in kept() {
        let name = old.given_name(id);
        let new = match old.node(id) {
            Node::Op(op, ids) => {
                operands.clear();
                operands.extend(ids.iter().map(|operand| new_ids.of(*operand)));
                writer.op(op, &mut operands, name)
            }
            Node::Constant(number) if old.part(id).width == 1 => writer.constant(number, name),
            Node::Input(_) | Node::Constant(_) | Node::Copy(_) => {
                copy(old, &mut writer.graph, id, &new_ids)
            }
            Node::Result { .. } => {
                if !joined.contains(&id) {
                    let others = groups.get(&id).map_or(&[][..], Vec::as_slice);
                    writer.repeated(old, id, others, &live, &mut new_ids);
                }
                continue;
            }
        };
        new_ids.set(id, new);
    }
    let outputs = function.outputs().iter();
    let outputs = outputs.map(|output| output.at(new_ids.of(output.node))).collect();
    Function::from_pass(writer.graph, outputs)
}

/// Writes nodes, each distinct one once.
struct Writer {
    graph: Graph,
    laws: Laws,
    known: Known,
    /// Loops that were written, by a hash of what they are.
    loops: HashMap<u64, Vec<NodeId>>,
}

impl Writer {
    /// A loop and those that join it, as far as they are needed. What all iterations share moves out of the body, and an
    /// equal loop is written once.
    fn repeated(
        &mut self,
        old: &Graph,
        head: NodeId,
        others: &[NodeId],
        live: &Marks<'_>,
        new_ids: &mut NewIds<'_>,
    ) {
        let mut joined: Option<Smaller> = None;
        // The places of all results that are needed, among the old nodes.
        let mut places: Vec<Range<usize>> = Vec::new();
        for &head in std::iter::once(&head).chain(others) {
            let Some((repeated, operands)) = join::repeated_at(old, head) else { continue };
            let needed = Needed::of(repeated, needed_outcomes(repeated, head, live));
            let kept = repeated
                .places()
                .zip(needed.outcomes.iter().copied())
                .filter(|(_, needed)| *needed);
            places.extend(
                kept.map(|((_, place), _)| head.index() + place.start..head.index() + place.end),
            );
            let of_inputs = repeated.operand_places().zip(&needed.inputs);
            let of_inputs: Vec<Option<NodeId>> = of_inputs
                .map(|(place, needed)| place.filter(|_| *needed).map(|k| operands[k]))
                .collect();
            let known = |id: &Option<NodeId>| id.and_then(|id| join::lone_number(old, id));
            let numbers: Vec<Option<f64>> = of_inputs.iter().map(known).collect();
            // Numbers may stand behind the loop that is joined.
            let new = of_inputs.iter().zip(&numbers).map(|(&id, number)| match *number {
                Some(number) => Some(self.constant(number, None)),
                None => id.map(|id| new_ids.of(id)),
            });
            let new = new.collect();
            let own = Smaller::new(repeated, &needed, new, &numbers, self.laws);
            joined = Some(match joined {
                None => own,
                Some(before) => join::join(before, own, self.laws),
            });
        }
        let Some(mut smaller) = joined else { return };
        let results = join::once(&mut smaller);
        smaller.share_unchanged();
        smaller.move_out(|body, id, outside| {
            let Node::Op(op, ids) = body.node(id) else { return None };
            let mut operands: Vec<NodeId> = Vec::with_capacity(ids.len());
            for id in ids {
                operands.push(match (outside[id.index()], body.node(*id)) {
                    (Some(outside), _) => outside,
                    (None, Node::Constant(number)) => self.constant(number, None),
                    _ => return None,
                });
            }
            Some(self.op(op, &mut operands, body.given_name(id)))
        });
        let (repeated, operands) = smaller.finish();
        let first = self.known_loop(&repeated, &operands).unwrap_or_else(|| {
            let hash = hash_of_loop(&repeated, &operands);
            let first = self.graph.push_loop(Arc::new(repeated), &operands);
            self.loops.entry(hash).or_default().push(first);
            first
        });
        let starts = self.graph.results(first);
        for (place, result) in places.into_iter().zip(results) {
            let (old, first) = (NodeId::new(place.start), starts[result].first);
            new_ids.set_result(old, place.len(), first);
        }
        for &head in std::iter::once(&head).chain(others) {
            for (behind, name) in old.given_names(head) {
                let named = NodeId::new(head.index() + behind);
                if live.has(named) {
                    take_name(&mut self.graph, new_ids.of(named), Some(name));
                }
            }
        }
    }

    fn known_loop(&self, repeated: &Loop, operands: &[NodeId]) -> Option<NodeId> {
        let same = |id: &&NodeId| match self.graph.node(**id) {
            Node::Result { number, operands: known, .. } => {
                known == operands && **self.graph.repeated(number) == *repeated
            }
            _ => false,
        };
        self.loops.get(&hash_of_loop(repeated, operands))?.iter().find(same).copied()
    }

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

/// Equal loops have equal hashes; what differs in few places only may have, too.
fn hash_of_loop(repeated: &Loop, operands: &[NodeId]) -> u64 {
    let mut state = std::hash::DefaultHasher::new();
    (repeated.iterations, repeated.body.graph.len(), operands, repeated.outcomes.len())
        .hash(&mut state);
    state.finish()
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
