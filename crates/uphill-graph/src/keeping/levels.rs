//! How a loop is cut into blocks, and blocks into blocks: numbers alone.
//!
//! Lengths are powers of two, and each goes into the next. The first that goes beyond the block of a sum
//! ([`Outcome::BLOCK`]) is that block, so that sums over iterations keep their shape.

use crate::walk::Outcome;

/// How much is kept, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Of each iteration, within a block.
    pub(super) kept: u64,
    /// Of the iteration that begins a block.
    pub(super) states: u64,
    /// Sums over iterations that the loop has which reads what is kept.
    pub(super) sums: u64,
}

/// The shortest block: a turn for each of the sums.
const SHORTEST: u32 = Outcome::TURNS.trailing_zeros();
const BLOCK: u32 = Outcome::BLOCK.trailing_zeros();
/// Each level costs a pass forward.
const MOST_LEVELS: usize = 4;

/// The lengths of blocks, from the shortest: with as few levels as fit into so many numbers, and of these with the least
/// kept. If none fits, those with the least; nothing if nothing is less than all.
pub(super) fn lengths(iterations: usize, sizes: Sizes, share: u64) -> Option<Vec<usize>> {
    let all = (iterations as u64).saturating_mul(sizes.kept);
    if all <= share {
        return None;
    }
    let mut best: Option<(u64, Vec<usize>)> = None;
    for levels in 1..=MOST_LEVELS {
        each(iterations, levels, &mut Vec::new(), &mut |lengths| {
            let cost = numbers_kept(iterations, lengths, sizes);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, lengths.to_vec()));
            }
        });
        if best.as_ref().is_some_and(|(least, _)| *least <= share) {
            break;
        }
    }
    best.filter(|(least, _)| *least < all).map(|(_, lengths)| lengths)
}

/// Calls with all lengths of so many levels.
fn each(
    iterations: usize,
    levels: usize,
    lengths: &mut Vec<usize>,
    call: &mut impl FnMut(&[usize]),
) {
    if levels == 0 {
        let longest = lengths.last().copied().unwrap_or(0);
        if longest >= Outcome::BLOCK || iterations <= Outcome::BLOCK {
            call(lengths);
        }
        return;
    }
    let from = lengths.last().map_or(SHORTEST, |last| last.trailing_zeros() + 1);
    let to = if from <= BLOCK { BLOCK } else { usize::BITS - 1 };
    for exponent in from..=to {
        let length = 1 << exponent;
        if length >= iterations {
            return;
        }
        lengths.push(length);
        each(iterations, levels - 1, lengths, call);
        lengths.pop();
    }
}

/// How many numbers are there at a time.
fn numbers_kept(iterations: usize, lengths: &[usize], sizes: Sizes) -> u64 {
    let mut kept = 0_u64;
    let mut whole = iterations;
    for &length in lengths.iter().rev() {
        kept = kept.saturating_add((whole.div_ceil(length) as u64).saturating_mul(sizes.states));
        whole = length;
    }
    let shortest = whole as u64;
    let turns = match whole < Outcome::BLOCK {
        true => sizes.sums.saturating_mul(shortest + 2 * Outcome::TURNS as u64),
        false => 0,
    };
    kept.saturating_add(shortest.saturating_mul(sizes.kept)).saturating_add(turns)
}

/// How many blocks of each length there are, from the shortest, and how many iterations are left over.
pub(super) fn counts(iterations: usize, lengths: &[usize]) -> (Vec<usize>, usize) {
    let mut left = iterations;
    let mut counts: Vec<usize> = lengths
        .iter()
        .rev()
        .map(|length| {
            let count = left / length;
            left %= length;
            count
        })
        .collect();
    counts.reverse();
    (counts, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_fit_and_add_up() {
        let one = Sizes { kept: 2, states: 2, sums: 4 };
        assert_eq!(lengths(10_000_000, one, 8 << 20), Some(vec![1024]));
        assert_eq!(lengths(1000, one, 2000), None);
        let large = Sizes { kept: 10_000, states: 10_000, sums: 1 };
        assert_eq!(lengths(1000, large, 700_000), Some(vec![32]));
        for iterations in [9, 100, 1023, 1024, 1025, 5000, 3_000_000, u32::MAX as usize] {
            for share in [0, 100, 10_000, 1_000_000] {
                let Some(lengths) = lengths(iterations, one, share) else { continue };
                assert!(lengths.windows(2).all(|pair| pair[1] % pair[0] == 0 && pair[1] > pair[0]));
                assert!(iterations <= 1024 || lengths.contains(&1024), "{lengths:?}");
                let (counts, left) = counts(iterations, &lengths);
                let whole: usize =
                    counts.iter().zip(&lengths).map(|(count, length)| count * length).sum();
                assert_eq!(whole + left, iterations);
            }
        }
    }
}
