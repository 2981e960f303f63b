//! Repeated pieces of code become loops: the steps of a long calculation, samples or neurons written out one by one.
//!
//! What counts as a repetition is seen on the statements in order: the same actions again and again at a fixed
//! distance, the period. Where operands move along evenly too, they need no table. Long repetitions are looked for
//! first, so that a short one inside of a long one does not hide it.

use std::ops::Range;

use rustc_hash::FxHashMap;

/// A loop needs so many iterations…
const ITERATIONS: usize = 4;
/// …and so many statements in all.
const STATEMENTS: usize = 192;
/// How many statements in a row must be seen again for a repetition to be noticed.
const LENGTHS: [usize; 4] = [1024, 128, 16, 4];

/// A piece of a list of statements, by positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Straight(Range<usize>),
    Loop { start: usize, period: usize, iterations: usize },
}

/// Statements as far as repetitions go.
pub(crate) struct Sequence {
    /// What each statement does: equal for equal actions with as many operands.
    pub(crate) keys: Vec<u64>,
    /// The operands of all statements, as numbers that grow by one from statement to statement.
    pub(crate) operands: Vec<u32>,
    /// Where each statement's operands start, then the total.
    pub(crate) starts: Vec<u32>,
}

impl Sequence {
    fn operands(&self, position: usize) -> &[u32] {
        &self.operands[self.starts[position] as usize..self.starts[position + 1] as usize]
    }

    /// Whether the operands moved as far since one period ago as they had in the period before.
    fn is_even(&self, position: usize, period: usize) -> bool {
        let now = self.operands(position).iter();
        let before = self.operands(position - period).iter();
        let long_before = self.operands(position - 2 * period).iter();
        now.zip(before).zip(long_before).all(|((&now, &before), &long_before)| {
            i64::from(now) + i64::from(long_before) == 2 * i64::from(before)
        })
    }
}

/// Cuts a list of statements into loops and what lies between them.
pub(crate) fn roll(sequence: &Sequence) -> Vec<Segment> {
    let count = sequence.keys.len();
    let mut loops: Vec<(usize, usize, usize)> = Vec::new();
    if count >= STATEMENTS {
        let mut claimed = vec![false; count];
        for length in LENGTHS {
            sweep(sequence, length, &mut claimed, &mut loops);
        }
        loops.sort_unstable();
    }
    let mut segments = Vec::new();
    let mut done = 0;
    for (start, period, iterations) in loops {
        if done < start {
            segments.push(Segment::Straight(done..start));
        }
        segments.push(Segment::Loop { start, period, iterations });
        done = start + period * iterations;
    }
    if done < count {
        segments.push(Segment::Straight(done..count));
    }
    segments
}

/// Looks for repetitions of so many statements, from left to right.
fn sweep(
    sequence: &Sequence,
    length: usize,
    claimed: &mut [bool],
    loops: &mut Vec<(usize, usize, usize)>,
) {
    const BASE: u64 = 0x2545_f491_4f6c_dd1d;
    let keys = &sequence.keys;
    if keys.len() < 2 * length {
        return;
    }
    let mut power: u64 = 1;
    for _ in 0..length {
        power = power.wrapping_mul(BASE);
    }
    let mut last: FxHashMap<u64, usize> = FxHashMap::default();
    let mut hash: u64 = 0;
    // How many statements up to here are in no loop; where a period was last seen to fail, and up to where.
    let (mut free, mut failed) = (0, (0, 0));
    let mut end = 0;
    while end < keys.len() {
        if claimed[end] {
            (free, hash) = (0, 0);
            last.clear();
            end += 1;
            continue;
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(keys[end]);
        free += 1;
        end += 1;
        if free > length {
            hash = hash.wrapping_sub(keys[end - 1 - length].wrapping_mul(power));
        }
        if free < length {
            continue;
        }
        let here = end - length;
        let Some(before) = last.insert(hash, here) else { continue };
        let period = here - before;
        if failed.0 == period && here < failed.1 {
            continue;
        }
        let mut stop = here;
        while stop < keys.len() && !claimed[stop] && keys[stop] == keys[stop - period] {
            stop += 1;
        }
        let found = cut(sequence, before..stop, period);
        if found.is_empty() {
            failed = (period, stop);
            continue;
        }
        for &(start, period, iterations) in &found {
            claimed[start..start + period * iterations].fill(true);
        }
        loops.extend(found);
        // What is left of this repetition is looked at in the sweeps for shorter ones.
        (free, hash) = (0, 0);
        last.clear();
        end = stop;
    }
}

/// The loops in a repetition: first where operands move evenly, then the rest, which needs tables.
fn cut(sequence: &Sequence, run: Range<usize>, period: usize) -> Vec<(usize, usize, usize)> {
    let mut loops = Vec::new();
    if run.len() < ITERATIONS * period || run.len() < STATEMENTS {
        return loops;
    }
    let mut done = run.start;
    let mut even_from = run.start;
    let mut close = |even: Range<usize>, done: &mut usize| {
        let start = even.start.max(*done);
        let iterations = even.end.saturating_sub(start) / period;
        if iterations >= ITERATIONS && iterations * period >= STATEMENTS {
            loops.push((start, period, iterations));
            *done = start + period * iterations;
        }
    };
    for position in run.start + 2 * period..run.end {
        if !sequence.is_even(position, period) {
            close(even_from..position, &mut done);
            even_from = position + 1 - 2 * period;
        }
    }
    close(even_from..run.end, &mut done);
    // With tables, the rest.
    let mut rest = Vec::new();
    let mut from = run.start;
    let ends = loops.iter().map(|&(start, _, n)| (start, start + period * n));
    for (start, end) in ends.chain([(run.end, run.end)]) {
        let iterations = (start - from) / period;
        if period >= 4 && iterations >= ITERATIONS && iterations * period >= STATEMENTS {
            rest.push((from, period, iterations));
        }
        from = end;
    }
    loops.extend(rest);
    loops
}

#[cfg(test)]
mod tests {
    use super::{Segment, Sequence, roll};

    fn sequence(keys: Vec<u64>, operands: impl Fn(usize) -> Vec<u32>) -> Sequence {
        let mut all = Vec::new();
        let mut starts = vec![0];
        for position in 0..keys.len() {
            all.extend(operands(position));
            starts.push(all.len() as u32);
        }
        Sequence { keys, operands: all, starts }
    }

    #[test]
    fn a_chain_is_a_loop_after_its_first_link() {
        // Three statements a link; the first reads what the link before gave last, and in the first link an input.
        let keys: Vec<u64> = (0..600).map(|i| 1 + i % 3).collect();
        let found = roll(&sequence(keys, |i| match i {
            0 => vec![0],
            _ => vec![999 + i as u32],
        }));
        assert_eq!(
            found,
            [
                Segment::Straight(0..1),
                Segment::Loop { start: 1, period: 3, iterations: 199 },
                Segment::Straight(598..600),
            ]
        );
    }

    #[test]
    fn unlike_statements_stay_straight() {
        let keys: Vec<u64> = (0..600).map(|i| i * i % 613).collect();
        assert_eq!(roll(&sequence(keys, |_| vec![])), [Segment::Straight(0..600)]);
    }

    #[test]
    fn uneven_operands_need_tables_but_roll() {
        let keys: Vec<u64> = (0..600).map(|i| 1 + i % 6).collect();
        let found = roll(&sequence(keys, |i| vec![(i * i % 37) as u32]));
        assert_eq!(found, [Segment::Loop { start: 0, period: 6, iterations: 100 }]);
    }
}
