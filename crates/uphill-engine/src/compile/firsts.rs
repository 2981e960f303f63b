//! What comes first to the places of a target: it is stored there, not added, so that nobody need clear these places.
//!
//! A target begins with -0, and -0 + x is x, to the bit. Where all iterations write by even steps, a place is first met by
//! the write that is ahead of the others.

use std::ops::Range;

use smallvec::{SmallVec, smallvec};
use uphill_graph::{Loop, Walk};

/// How the places of a target get their first terms.
pub(super) struct Firsts {
    /// For each write, whether it is the first one at all of its places.
    pub(super) stores: SmallVec<[bool; 4]>,
    /// The places that have to be cleared.
    pub(super) cleared: SmallVec<[Range<u32>; 2]>,
}

impl Firsts {
    pub(super) fn of(repeated: &Loop, target: usize) -> Firsts {
        let target = &repeated.targets()[target];
        let (width, writes) = (target.width() as u32, target.writes());
        let single = writes.iter().all(|(output, _)| repeated.output_width(*output) == 1);
        let firsts = if single { Firsts::even(repeated.iterations(), width, writes) } else { None };
        firsts.unwrap_or_else(|| Firsts {
            stores: smallvec![false; writes.len()],
            cleared: smallvec![0..width],
        })
    }

    /// Those of writes that all go by the same step, each to one place, if that leaves few places to be cleared.
    fn even(iterations: usize, width: u32, writes: &[(usize, Walk)]) -> Option<Firsts> {
        let (step, way) = writes.first().map(|(_, walk)| (walk.stride().abs(), walk.stride()))?;
        let alike = |(_, walk): &(usize, Walk)| walk.lookup().is_none() && walk.stride() == way;
        // Of the places that lie apart by whole steps, some write must be the first.
        if step == 0 || step > writes.len() as i64 || !writes.iter().all(alike) {
            return None;
        }
        let far = way * i64::try_from(iterations.checked_sub(1)?).ok()?;
        let mut stores = smallvec![false; writes.len()];
        let (mut low, mut high) = (0, i64::from(width));
        for rest in 0..step {
            let ahead = |k: &usize| writes[*k].1.start() * way.signum();
            let mut own =
                (0..writes.len()).filter(|&k| writes[k].1.start().rem_euclid(step) == rest);
            let first = own.clone().max_by_key(ahead)?;
            if own.any(|k| k != first && ahead(&k) == ahead(&first)) {
                return None;
            }
            stores[first] = true;
            let (start, end) = (writes[first].1.start(), writes[first].1.start() + far);
            (low, high) = (low.max(start.min(end)), high.min(start.max(end) + 1));
        }
        if low >= high {
            return None;
        }
        let cleared = [0..low as u32, high as u32..width];
        let cleared = cleared.into_iter().filter(|range| !range.is_empty()).collect();
        Some(Firsts { stores, cleared })
    }
}
