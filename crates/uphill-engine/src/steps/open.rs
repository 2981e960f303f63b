//! The step before the next: it may take in another instruction. And the functions that steps call.

use smallvec::SmallVec;
use uphill_graph::{Address, Op, Pair};

use super::step::{Kind, Rare};
use crate::code::{Paths, Spot};

/// The functions that steps call, each once: their numbers are their positions.
#[derive(Default)]
pub(super) struct Functions {
    pub(super) unary: Vec<Op>,
    pub(super) binary: Vec<Op>,
    pub(super) pairs: Vec<[Op; 2]>,
}

/// The position of an item, which is added unless it is there.
fn number<T: PartialEq>(list: &mut Vec<T>, item: T) -> u16 {
    let known = list.iter().position(|known| *known == item);
    known.unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    }) as u16
}

impl Functions {
    /// The number of an operation's code.
    pub(super) fn of(&mut self, op: Op) -> u16 {
        match op.address() {
            Some(Address::One(_)) => number(&mut self.unary, op),
            Some(Address::Two(_)) => number(&mut self.binary, op),
            None => 0,
        }
    }

    /// The number of the code of two operations on one number, if there is such.
    fn of_both(&mut self, one: Op, other: Op) -> Option<u16> {
        match one.beside(other) {
            Some(Pair::OfOne(_)) => Some(number(&mut self.pairs, [one, other])),
            _ => None,
        }
    }

    /// Puts all where steps find them.
    pub(super) fn write(&self, rare: &mut Rare) {
        rare.unary.extend(self.unary.iter().filter_map(|op| match op.address() {
            Some(Address::One(code)) => Some(code),
            _ => None,
        }));
        rare.binary.extend(self.binary.iter().filter_map(|op| match op.address() {
            Some(Address::Two(code)) => Some(code),
            _ => None,
        }));
        rare.pairs.extend(self.pairs.iter().filter_map(|[one, other]| match one.beside(*other) {
            Some(Pair::OfOne(code)) => Some(code),
            _ => None,
        }));
    }
}

/// A step that is not written yet.
pub(super) struct Open {
    pub(super) kind: Kind,
    /// The operation whose code it calls, and the number of that.
    pub(super) op: Option<Op>,
    pub(super) function: u16,
    /// The target and the operands.
    pub(super) spots: SmallVec<[Spot; 8]>,
}

/// Whether no table moves a place.
pub(super) fn is_even(paths: &Paths, spot: Spot) -> bool {
    paths.get(spot.path).tables.is_empty()
}

/// Whether two places move alike and are another address each in every iteration.
fn is_apart(paths: &Paths, one: Spot, other: Spot) -> bool {
    is_even(paths, one) && one.path == other.path && one.address != other.address
}

impl Open {
    /// One step for this one and the next, where there is one.
    pub(super) fn merge(&mut self, paths: &Paths, functions: &mut Functions, next: &Open) -> bool {
        use Kind::{Dot3, DotUnary, Mul, MulLast, MulPair, MulPairLast, MulTriple, MulTripleLast};
        use Kind::{Unary, UnaryLast, UnaryPair, UnaryPairLast};
        let (target, operands) = (next.spots[0], &next.spots[1..]);
        if (self.kind, next.kind) == (Dot3, UnaryLast) {
            (self.kind, self.function) = (DotUnary, next.function);
            self.spots.push(target);
            return true;
        }
        let more = match (self.kind, next.kind) {
            (Mul, Mul) => MulPair,
            (MulLast, Mul) => MulPairLast,
            (MulPair, Mul) => MulTriple,
            (MulPairLast, Mul) => MulTripleLast,
            (Unary, Unary) => UnaryPair,
            (UnaryLast, Unary) => UnaryPairLast,
            _ => return false,
        };
        // `x` is read once, so it must not be written in between.
        let x = self.spots[1];
        let is_free = |&written: &Spot| is_apart(paths, written, x);
        let targets = [self.spots.first(), self.spots.get(3)];
        if operands[0] != x || !is_even(paths, x) || !targets.into_iter().flatten().all(is_free) {
            return false;
        }
        if let (Some(one), Some(other)) = (self.op, next.op) {
            let Some(both) = functions.of_both(one, other) else { return false };
            self.function = both;
        }
        self.kind = more;
        self.spots.push(target);
        self.spots.extend_from_slice(&operands[1..]);
        true
    }
}
