//! Whole numbers that move evenly with the counters of open loops: `2*i + j - 1`.
//!
//! These are what subscripts can be made of. Whatever else is computed of counters is an operation like any other.

use crate::functions::LARGEST_WHOLE;

/// How many counters a number may move with.
const TERMS: usize = 4;

/// The deepest loop, from 0, whose counter may be met: graphs nest loops 16 deep.
pub(crate) const DEEPEST: usize = 12;

/// The counter of an open loop, by the depth of the loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Counter {
    pub(crate) from: i64,
    pub(crate) count: usize,
}

/// `offset + Σ factor·counter`, by depths of loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Even {
    pub(crate) offset: i64,
    terms: [(u8, i64); TERMS],
}

impl Even {
    pub(crate) fn number(offset: i64) -> Even {
        Even { offset, terms: [(0, 0); TERMS] }
    }

    pub(crate) fn counter(depth: usize) -> Even {
        let mut even = Even::number(0);
        even.terms[0] = (depth as u8, 1);
        even
    }

    /// Depths with their factors, none of which is 0.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (usize, i64)> {
        let terms = self.terms.into_iter().filter(|(_, factor)| *factor != 0);
        terms.map(|(depth, factor)| (usize::from(depth), factor))
    }

    /// With a multiple of another one; none if it would move with too many counters, or overflow.
    pub(crate) fn plus(mut self, other: Even, factor: i64) -> Option<Even> {
        self.offset = self.offset.checked_add(other.offset.checked_mul(factor)?)?;
        for (depth, more) in other.terms() {
            let more = more.checked_mul(factor)?;
            let same = |term: &&mut (u8, i64)| term.1 != 0 && usize::from(term.0) == depth;
            let term = match self.terms.iter_mut().find(same) {
                Some(term) => term,
                None => self.terms.iter_mut().find(|term| term.1 == 0)?,
            };
            *term = (depth as u8, term.1.checked_add(more)?);
        }
        Some(self)
    }

    /// By a whole number, if that leaves whole numbers.
    pub(crate) fn divided(mut self, by: i64) -> Option<Even> {
        let parts = self.terms.iter_mut().map(|(_, factor)| factor).chain([&mut self.offset]);
        for part in parts {
            if *part % by != 0 {
                return None;
            }
            *part /= by;
        }
        Some(self)
    }

    /// The value, by the counters' values.
    pub(crate) fn at(&self, counters: &[i64]) -> i64 {
        self.terms().fold(self.offset, |sum, (depth, factor)| sum + factor * counters[depth])
    }

    /// The least and the largest value; none if these aren't exact as numbers.
    pub(crate) fn span(&self, counters: &[Counter]) -> Option<(i64, i64)> {
        let (mut low, mut high) = (self.offset, self.offset);
        for (depth, factor) in self.terms() {
            let Counter { from, count } = counters[depth];
            let last = from.checked_add(i64::try_from(count).ok()? - 1)?;
            let ends = [factor.checked_mul(from)?, factor.checked_mul(last)?];
            low = low.checked_add(ends[0].min(ends[1]))?;
            high = high.checked_add(ends[0].max(ends[1]))?;
        }
        let most = LARGEST_WHOLE as i64;
        (low >= -most && high <= most).then_some((low, high))
    }
}

/// The counters in turn: calls with each combination of the counters at these depths, the last one moving fastest.
pub(crate) fn each(counters: &[Counter], depths: &[usize], mut f: impl FnMut(&[i64])) {
    let mut now: Vec<i64> = counters.iter().map(|counter| counter.from).collect();
    let last = |depth: usize| counters[depth].from + counters[depth].count as i64 - 1;
    loop {
        f(&now);
        let next = depths.iter().rev().find(|&&depth| now[depth] < last(depth));
        let Some(&moved) = next else { return };
        now[moved] += 1;
        for &depth in depths.iter().filter(|&&depth| depth > moved) {
            now[depth] = counters[depth].from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, Even, each};

    #[test]
    fn numbers_move_with_counters() {
        let counters = [Counter { from: -1, count: 3 }, Counter { from: 2, count: 2 }];
        let even = Even::number(5).plus(Even::counter(0), 10).unwrap();
        let even = even.plus(Even::counter(1), -1).unwrap();
        let mut values = Vec::new();
        each(&counters, &[0, 1], |now| values.push(even.at(now)));
        assert_eq!(values, [-7, -8, 3, 2, 13, 12]);
        assert_eq!(even.span(&counters), Some((-8, 13)));
        let none = even.plus(Even::counter(0), -10).unwrap();
        assert_eq!(none.terms().collect::<Vec<_>>(), [(1, -1)]);
        assert_eq!(even.plus(Even::number(i64::MAX), 1), None);
        let five = (2..5).try_fold(even, |even, depth| even.plus(Even::counter(depth), 1));
        assert_eq!(five, None, "more counters than there is room for");
    }
}
