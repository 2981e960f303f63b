//! Like factors and like terms collected, as people write them: the number first, `x·x` as `x²`, `x + x` as `2·x`.
//!
//! Laws of finite real numbers, for formulas that are read and never for ones that compute. Numbers are put together
//! only where that is exact, so that a formula's digits are those of the code. Named values stay what they are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;

/// Sums and products of more operands than this stay as they are.
const MOST_OPERANDS: usize = 64;
/// A sum of more terms than this is not opened inside of another one, nor a product of more factors.
const MOST_OPENED: usize = 8;

/// A number times powers: `number/divisor · Π base^exponent`.
#[derive(Debug, Clone)]
struct Term {
    number: f64,
    divisor: f64,
    factors: SmallVec<[(NodeId, f64); 4]>,
}

type Sum = SmallVec<[Term; 2]>;

/// The same function, written for reading. Values of the names that are `left_out` are nothing but their formulas.
pub(crate) fn collect(function: &Function, left_out: &HashSet<String>) -> Function {
    let old = function.graph();
    let (known, numbers) = (HashMap::new(), HashMap::new());
    let mut writer = Writer { graph: old.same_inputs(), known, numbers };
    let mut sums: Vec<Sum> = Vec::with_capacity(old.len());
    let mut roots = NodeId::new(0);
    for id in old.ids() {
        let name = old.given_name(id).filter(|name| !left_out.contains(*name));
        let sum = match old.node(id) {
            Node::Input(position) => atom(writer.graph.input_nodes()[position]),
            Node::Constant(number) => constant(number),
            Node::Op(op, operands) => writer.operation(op, operands, &sums),
            Node::Copy(of) => sums[of.index()].clone(),
            // All other loops are written out before.
            Node::Result { place, .. } => {
                if place == 0 {
                    roots = writer.root(old, id, &sums);
                }
                atom(NodeId::new(roots.index() + place))
            }
        };
        if let (Some(name), Node::Result { .. }) = (name, old.node(id)) {
            let node = writer.node(&sum);
            writer.graph.set_name(node, name);
        }
        // A named value is one thing; its name stands on a node of its own.
        let sum = match name {
            Some(name) if matches!(old.node(id), Node::Op(..)) => {
                let mut node = writer.node(&sum);
                if writer.graph.given_name(node).is_some() || !writer.is_operation(node) {
                    node = writer.graph.push_op(Op::Sum, &[node]);
                }
                writer.graph.set_name(node, name);
                atom(node)
            }
            _ => sum,
        };
        sums.push(sum);
    }
    let outputs = function.outputs().iter();
    let outputs =
        outputs.map(|output| output.at(writer.node(&sums[output.node.index()]))).collect();
    Function::from_pass(writer.graph, outputs)
}

fn atom(node: NodeId) -> Sum {
    smallvec![Term { number: 1.0, divisor: 1.0, factors: smallvec![(node, 1.0)] }]
}

fn constant(number: f64) -> Sum {
    if number == 0.0 {
        return Sum::new();
    }
    let (number, divisor) = fraction(number).unwrap_or((number, 1.0));
    smallvec![Term { number, divisor, factors: SmallVec::new() }]
}

/// A number with endless digits as the fraction that it is, to the bit: 1/3, but 0.25 as it stands.
fn fraction(number: f64) -> Option<(f64, f64)> {
    if number.fract() == 0.0
        || !(1e-3..1e3).contains(&number.abs())
        || number.to_string().len() < 15
    {
        return None;
    }
    let whole = |divisor: &f64| {
        let above = (number * divisor).round();
        (above / divisor == number).then_some((above, *divisor))
    };
    (2..100).map(f64::from).find_map(|divisor| whole(&divisor))
}

/// The product, if it is exact.
fn exact_product(a: f64, b: f64) -> Option<f64> {
    let product = a * b;
    (product.is_finite() && a.mul_add(b, -product) == 0.0 && product != 0.0).then_some(product)
}

/// The sum, if it is exact.
fn exact_sum(a: f64, b: f64) -> Option<f64> {
    let sum = a + b;
    let b_again = sum - a;
    let lost = (a - (sum - b_again)) + (b - b_again);
    (sum.is_finite() && lost == 0.0).then_some(sum)
}

impl Term {
    fn one() -> Term {
        Term { number: 1.0, divisor: 1.0, factors: SmallVec::new() }
    }

    fn negated(&self) -> Term {
        Term { number: -self.number, ..self.clone() }
    }

    fn multiply_power(&mut self, base: NodeId, exponent: f64) {
        match self.factors.iter().position(|factor| factor.0 == base) {
            Some(at) => {
                self.factors[at].1 += exponent;
                if self.factors[at].1 == 0.0 {
                    self.factors.remove(at);
                }
            }
            None => self.factors.push((base, exponent)),
        }
    }

    /// What makes two terms alike.
    fn key(&self) -> Vec<(NodeId, u64)> {
        let mut key: Vec<_> =
            self.factors.iter().map(|&(base, power)| (base, power.to_bits())).collect();
        key.sort_unstable();
        key
    }

    /// Number and divisor as small as they get: 6/3 is 2, 2/6 is 1/3, and `0.5/x` is `1/(2·x)`.
    fn reduced(&self) -> (f64, f64) {
        let (number, divisor) = (self.number, self.divisor);
        let quotient = number / divisor;
        if number % divisor == 0.0 {
            let below = self.factors.iter().any(|factor| factor.1 < 0.0);
            let turned = (1.0 / quotient).abs();
            if below && turned > 1.0 && turned.fract() == 0.0 && turned * quotient.abs() == 1.0 {
                return (1.0_f64.copysign(quotient), turned);
            }
            return (quotient, 1.0);
        }
        if divisor % number == 0.0 {
            return (1.0_f64.copysign(quotient), (divisor / number).abs());
        }
        if divisor < 0.0 { (-number, -divisor) } else { (number, divisor) }
    }
}

struct Writer {
    graph: Graph,
    /// Operations that are written already.
    known: HashMap<(Op, SmallVec<[NodeId; 4]>), NodeId>,
    /// Numbers, by their bits.
    numbers: HashMap<u64, NodeId>,
}

impl Writer {
    /// What solves equations, written as it is: its first result.
    fn root(&mut self, old: &Graph, head: NodeId, sums: &[Sum]) -> NodeId {
        let Some(repeated) = old.loop_of(head) else { return head };
        let mut operands = Vec::new();
        for (input, operand) in repeated.each_operand(old.operands(head)).into_iter().enumerate() {
            let Some(operand) = operand else { continue };
            let entries = operand.index()..operand.index() + repeated.input_width(input);
            let entries: Vec<NodeId> = entries.map(|k| self.node(&sums[k])).collect();
            operands.push(match entries[..] {
                [only] => only,
                _ => self.graph.push_vector(&entries).first,
            });
        }
        self.graph.push_loop(Arc::clone(repeated), &operands)
    }

    fn operation(&mut self, op: Op, x: &[NodeId], sums: &[Sum]) -> Sum {
        let sum_of = |x: NodeId| &sums[x.index()];
        if x.len() <= MOST_OPERANDS {
            match (op, x) {
                (Op::Add | Op::Sum, _) => {
                    return self.sum(x.iter().map(|&x| (sum_of(x), false)));
                }
                (Op::Sub, &[a, b]) => {
                    return self.sum([(sum_of(a), false), (sum_of(b), true)].into_iter());
                }
                (Op::Neg, &[a]) => {
                    return match self.one_term(sum_of(a)) {
                        Some(term) => smallvec![term.negated()],
                        None => Sum::new(),
                    };
                }
                (Op::Mul | Op::Product, _) => {
                    return self.product(x.iter().map(|&x| (sum_of(x), 1.0)));
                }
                (Op::Div, &[a, b]) if !sum_of(b).is_empty() => {
                    return self.product([(sum_of(a), 1.0), (sum_of(b), -1.0)].into_iter());
                }
                (Op::Recip, &[a]) if !sum_of(a).is_empty() => {
                    return self.product([(sum_of(a), -1.0)].into_iter());
                }
                (Op::Square, &[a]) => return self.product([(sum_of(a), 2.0)].into_iter()),
                (Op::Powi | Op::Pow, &[a, n]) => {
                    if let [Term { number, divisor: 1.0, factors }] = sum_of(n).as_slice()
                        && factors.is_empty()
                        && !sum_of(a).is_empty()
                        // A root of a square has a kink that a power of x has not.
                        && (op == Op::Powi || self.is_plain(sum_of(a)))
                    {
                        return self.product([(sum_of(a), *number)].into_iter());
                    }
                }
                (Op::Dot, _) => {
                    let products: Vec<Sum> = x
                        .chunks_exact(2)
                        .map(|pair| self.product(pair.iter().map(|&x| (sum_of(x), 1.0))))
                        .collect();
                    return self.sum(products.iter().map(|product| (product, false)));
                }
                _ => {}
            }
        }
        let mut operands: SmallVec<[NodeId; 4]> = x.iter().map(|&x| self.node(sum_of(x))).collect();
        // A condition is true unless it is 0, so `select(c, 1, 0)` decides as c does.
        if op == Op::Select
            && let Node::Op(Op::Select, &[condition, one, zero]) = self.graph.node(operands[0])
            && self.is_number(one, 1.0)
            && self.is_number(zero, 0.0)
        {
            operands[0] = condition;
        }
        atom(self.write(op, operands))
    }

    /// Whether this is one node and nothing else.
    fn is_plain(&self, sum: &Sum) -> bool {
        match sum.as_slice() {
            [term] => {
                (term.number, term.divisor) == (1.0, 1.0)
                    && matches!(term.factors.as_slice(), [(_, 1.0)])
            }
            [] => false,
            _ => true,
        }
    }

    /// A sum as one term: itself, or the whole of it as a factor. None for 0.
    fn one_term(&mut self, sum: &Sum) -> Option<Term> {
        match sum.as_slice() {
            [] => None,
            [term] if term.factors.len() <= MOST_OPENED => Some(term.clone()),
            _ => atom(self.node(sum)).pop(),
        }
    }

    fn sum<'s>(&mut self, parts: impl Iterator<Item = (&'s Sum, bool)>) -> Sum {
        let mut all = Sum::new();
        let mut places: HashMap<Vec<(NodeId, u64)>, usize> = HashMap::new();
        for (part, negative) in parts {
            let opened = match part.len() {
                0..=MOST_OPENED => part.clone(),
                _ => atom(self.node(part)),
            };
            for term in opened {
                let term = if negative { term.negated() } else { term };
                let place = places.entry(term.key()).or_insert(all.len());
                match all.get_mut(*place) {
                    None => all.push(term),
                    Some(like) => match exact_sum(like.number, term.number) {
                        Some(number) if like.divisor == term.divisor => like.number = number,
                        _ => all.push(term),
                    },
                }
            }
        }
        all.retain(|term| term.number != 0.0);
        all
    }

    fn product<'s>(&mut self, parts: impl Iterator<Item = (&'s Sum, f64)>) -> Sum {
        let mut all = Term::one();
        for (part, exponent) in parts {
            let Some(term) = self.one_term(part) else { return Sum::new() };
            // The power of a product of several stays one power, but for a reciprocal.
            let pure = term.factors.len() == 1 || exponent.abs() == 1.0;
            let several = term.factors.len() > 1 || (term.number, term.divisor) != (1.0, 1.0);
            if exponent != 1.0 && several && !(pure && self.scale(&mut all, &term, exponent)) {
                let base = self.node(part);
                all.multiply_power(base, exponent);
                continue;
            }
            if exponent == 1.0 && !self.scale(&mut all, &term, 1.0) {
                // Digits that the code has not are never made: both numbers stand there.
                for (number, exponent) in [(term.number, 1.0), (term.divisor, -1.0)] {
                    if number != 1.0 {
                        let number = self.number(number);
                        all.multiply_power(number, exponent);
                    }
                }
            }
            for (base, power) in term.factors {
                all.multiply_power(base, power * exponent);
            }
        }
        smallvec![all]
    }

    /// Multiplies by the number of a term, to a power of 1, −1 or 2; not if that would round.
    fn scale(&self, all: &mut Term, term: &Term, exponent: f64) -> bool {
        let scaled =
            |a: f64, b: f64| exact_product(all.number, a).zip(exact_product(all.divisor, b));
        let by = match exponent {
            1.0 => scaled(term.number, term.divisor),
            -1.0 => scaled(term.divisor, term.number),
            2.0 => exact_product(term.number, term.number)
                .zip(exact_product(term.divisor, term.divisor))
                .and_then(|(number, divisor)| scaled(number, divisor)),
            _ => None,
        };
        if let Some((number, divisor)) = by {
            (all.number, all.divisor) = (number, divisor);
        }
        by.is_some()
    }

    /// The node of a sum.
    fn node(&mut self, sum: &Sum) -> NodeId {
        let mut terms: SmallVec<[NodeId; 4]> = sum.iter().map(|term| self.term(term)).collect();
        // What is taken away comes behind what it is taken from.
        if let Some(first) = sum.iter().position(|term| term.number > 0.0) {
            terms[..=first].rotate_right(1);
        }
        match terms.as_slice() {
            [] => self.number(0.0),
            &[term] => term,
            _ => self.write(Op::Sum, terms),
        }
    }

    fn term(&mut self, term: &Term) -> NodeId {
        let (number, divisor) = term.reduced();
        if term.factors.is_empty() && divisor == 1.0 {
            return self.number(number);
        }
        let mut above: SmallVec<[NodeId; 4]> = SmallVec::new();
        let mut below: SmallVec<[NodeId; 4]> = SmallVec::new();
        if number.abs() != 1.0 {
            above.push(self.number(number.abs()));
        }
        if divisor != 1.0 {
            below.push(self.number(divisor));
        }
        for &(base, exponent) in &term.factors {
            let power = self.power(base, exponent.abs());
            if exponent > 0.0 { above.push(power) } else { below.push(power) }
        }
        let written = match (self.several(above), self.several(below)) {
            (Some(above), None) => above,
            (Some(above), Some(below)) => self.write(Op::Div, smallvec![above, below]),
            (None, Some(below)) => self.write(Op::Recip, smallvec![below]),
            (None, None) => self.number(1.0),
        };
        if number < 0.0 { self.write(Op::Neg, smallvec![written]) } else { written }
    }

    fn several(&mut self, mut factors: SmallVec<[NodeId; 4]>) -> Option<NodeId> {
        match factors.len() {
            0 | 1 => factors.pop(),
            2 => Some(self.write(Op::Mul, factors)),
            _ => Some(self.write(Op::Product, factors)),
        }
    }

    fn power(&mut self, base: NodeId, exponent: f64) -> NodeId {
        if exponent == 1.0 {
            return base;
        }
        if exponent == 2.0 {
            return self.write(Op::Square, smallvec![base]);
        }
        let whole = exponent.fract() == 0.0 && exponent.abs() <= f64::from(i32::MAX);
        let number = self.number(exponent);
        self.write(if whole { Op::Powi } else { Op::Pow }, smallvec![base, number])
    }

    fn write(&mut self, op: Op, operands: SmallVec<[NodeId; 4]>) -> NodeId {
        let graph = &mut self.graph;
        *self.known.entry((op, operands)).or_insert_with_key(|(op, x)| graph.push_op(*op, x))
    }

    fn is_operation(&self, node: NodeId) -> bool {
        matches!(self.graph.node(node), Node::Op(..))
    }

    fn number(&mut self, number: f64) -> NodeId {
        let graph = &mut self.graph;
        *self.numbers.entry(number.to_bits()).or_insert_with(|| graph.push_constant(number))
    }

    fn is_number(&self, node: NodeId, number: f64) -> bool {
        matches!(self.graph.node(node), Node::Constant(own) if own == number)
    }
}
