//! Where a list repeats itself: the same items again and again at a fixed distance, the period.
//!
//! Long stretches that were seen before are looked for first, so that a short repetition inside of a long one does not hide
//! it. A stretch is known by a hash that moves along; the last places of hashes lie in a small table, in which new ones
//! drive out old ones. Of long stretches only those whose hash ends in zeros are remembered: so the table reaches far back.

use std::ops::Range;

/// Lengths of stretches, and how many bits of a hash must be zero for it to be remembered.
const STRETCHES: [(usize, u32); 3] = [(1024, 4), (128, 2), (16, 0)];
/// How many places are remembered, as a power of two.
const REMEMBERED: u32 = 16;
const BASE: u64 = 0x2545_f491_4f6c_dd1d;

/// Whether it is worth looking: in eight pieces of a list, some stretches come again. All of a list that is not longer than
/// these is looked at.
pub(super) fn may_repeat(count: usize, key: impl Fn(usize) -> u64) -> bool {
    const PIECES: usize = 8;
    const PIECE: usize = 1 << 15;
    const STRETCH: usize = 16;
    const ENOUGH: usize = 512;
    let power = (0..STRETCH).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut last = vec![0_u32; 1 << REMEMBERED];
    (0..PIECES).any(|piece| {
        let start = count / PIECES * piece;
        let mut recent = [0_u64; STRETCH];
        let (mut hash, mut again) = (0_u64, 0);
        for at in start..count.min(start + PIECE) {
            let new = key(at);
            let old = std::mem::replace(&mut recent[at % STRETCH], new);
            hash = hash.wrapping_mul(BASE).wrapping_add(new).wrapping_sub(old.wrapping_mul(power));
            let mixed = (hash ^ (hash >> 29)).wrapping_mul(BASE);
            let place = &mut last[(mixed >> (64 - REMEMBERED)) as usize];
            again += usize::from(*place == (mixed >> 8) as u32);
            *place = (mixed >> 8) as u32;
        }
        again >= ENOUGH
    })
}

/// A repetition: the items of the range are, but for the first period, those of one period before.
pub(super) struct Run {
    pub(super) range: Range<usize>,
    pub(super) period: usize,
}

/// Goes through the keys of all items from left to right, once for each length of stretches. What `take` takes of a
/// repetition is looked at no more.
pub(super) fn find(
    keys: &[u64],
    free: &mut [bool],
    mut take: impl FnMut(&Run, &mut [bool]) -> bool,
) {
    for (length, zeros) in STRETCHES {
        sweep(keys, free, length, zeros, &mut take);
    }
}

fn sweep(
    keys: &[u64],
    free: &mut [bool],
    length: usize,
    zeros: u32,
    take: &mut impl FnMut(&Run, &mut [bool]) -> bool,
) {
    if keys.len() < 2 * length {
        return;
    }
    let power = (0..length).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    // The end of the stretch, 0 for none, and the hash.
    let mut last = vec![(0_u32, 0_u32); 1 << REMEMBERED];
    let (mut hash, mut seen, mut end) = (0_u64, 0, 0);
    // Where a period was last seen to fail, and up to where.
    let mut failed = (0, 0);
    while end < keys.len() {
        if !free[end] {
            (hash, seen) = (0, 0);
            end += 1;
            continue;
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(keys[end]);
        seen += 1;
        end += 1;
        if seen > length {
            hash = hash.wrapping_sub(keys[end - 1 - length].wrapping_mul(power));
        }
        let mixed = (hash ^ (hash >> 29)).wrapping_mul(BASE);
        if seen < length || (mixed & ((1 << zeros) - 1)) != 0 {
            continue;
        }
        let place = &mut last[(mixed >> (64 - REMEMBERED)) as usize];
        let (before, known) = *place;
        *place = (end as u32, (mixed >> 8) as u32);
        if before == 0 || known != (mixed >> 8) as u32 {
            continue;
        }
        let period = end - before as usize;
        if failed.0 == period && end <= failed.1 {
            continue;
        }
        let run = whole(keys, free, end, length, period);
        let stop = run.range.end;
        if run.range.len() < length + period || !take(&run, free) {
            failed = (period, stop);
            continue;
        }
        // What is left of it is looked at in the sweeps for shorter stretches.
        (hash, seen, end) = (0, 0, stop.max(end));
    }
}

/// As far as the period holds around a stretch that ends here.
fn whole(keys: &[u64], free: &[bool], end: usize, length: usize, period: usize) -> Run {
    let holds = |at: usize| free[at] && free[at - period] && keys[at] == keys[at - period];
    let mut start = end;
    while start > period && start > end.saturating_sub(length) && holds(start - 1) {
        start -= 1;
    }
    if start + length > end {
        // Another stretch with the same hash.
        return Run { range: start..start, period };
    }
    while start > period && holds(start - 1) {
        start -= 1;
    }
    let mut stop = end;
    while stop < keys.len() && holds(stop) {
        stop += 1;
    }
    Run { range: start - period..stop, period }
}
