//! The one shape of sums over iterations.
//!
//! Rounding errors of a million terms that are added one after the other add up, and no two terms can be added at once.
//! So eight sums take turns, and are added to a total after each block of 1024 terms: as exact as blocks are, and the same
//! bits however many terms are computed at a time.

use crate::scalar::Scalar;
use crate::walk::Outcome;

const TURNS: usize = Outcome::TURNS;

/// A sum on its way.
#[derive(Debug, Clone)]
pub(crate) struct Summing<S> {
    /// Nothing where no term has come yet.
    turns: [Option<S>; TURNS],
    total: Option<S>,
    count: usize,
    in_order: bool,
}

impl<S: Scalar> Default for Summing<S> {
    fn default() -> Summing<S> {
        Summing { turns: [None; TURNS], total: None, count: 0, in_order: false }
    }
}

impl<S: Scalar> Summing<S> {
    /// A sum whose terms are added one after the other within a block, as a reader expects them: with other bits.
    pub(crate) fn in_order() -> Summing<S> {
        Summing { in_order: true, ..Summing::default() }
    }

    #[inline]
    pub(crate) fn add(&mut self, term: S) {
        let turn = &mut self.turns[if self.in_order { 0 } else { self.count % TURNS }];
        *turn = plus(*turn, Some(term));
        self.count += 1;
        if self.count.is_multiple_of(Outcome::BLOCK) {
            self.close_block();
        }
    }

    fn close_block(&mut self) {
        let p = std::mem::take(&mut self.turns);
        let even = plus(plus(p[0], p[4]), plus(p[2], p[6]));
        let odd = plus(plus(p[1], p[5]), plus(p[3], p[7]));
        self.total = plus(self.total, plus(even, odd));
    }

    /// The sum; -0 without terms, which changes no other number by being added.
    pub(crate) fn total(mut self) -> S {
        self.close_block();
        self.total.unwrap_or(S::constant(-0.0))
    }
}

#[inline]
fn plus<S: Scalar>(a: Option<S>, b: Option<S>) -> Option<S> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (one, other) => one.or(other),
    }
}
