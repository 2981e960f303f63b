//! Which rows a rank has: whole grains, about as many for each.

use std::ops::Range;

use crate::communicator::Communicator;
use crate::error::Error;
use crate::together::gather_counts;

/// So many rows are summed up by themselves; ranks begin at multiples of it.
pub const GRAIN: usize = 4096;

/// How much of a rank's share may go to its neighbour for the sake of fewer messages: one part in so many.
const EVENNESS: usize = 32;

/// The rows of a rank, if so many are shared as evenly as whole grains allow.
///
/// With many grains a rank, ranks begin at a rounder grain than the even one, by at most a part in 64 of a share: the sums
/// of a rank then come down to fewer parts of the tree, which are what it sends.
///
/// ```
/// use uphill_ranks::share;
/// assert_eq!(share(100_000, 0, 2), 0..49_152);
/// assert_eq!(share(100_000, 1, 2), 49_152..100_000);
/// assert_eq!((share(100, 0, 2), share(100, 1, 2)), (0..100, 100..100)); // a grain is not cut
/// ```
#[must_use]
pub fn share(rows: usize, rank: usize, count: usize) -> Range<usize> {
    let step = (rows / GRAIN / (count * EVENNESS)).max(1);
    // The largest power of two up to that.
    let step = GRAIN << step.ilog2();
    let start = |rank: usize| match rank {
        0 => 0,
        rank if rank >= count => rows,
        rank => {
            let even = (rows as u128 * rank as u128 / count as u128) as usize;
            // The first rank has the first row.
            ((even + step / 2) / step * step).max(GRAIN).min(rows)
        }
    };
    start(rank)..start(rank + 1)
}

/// How many rows each rank has.
pub(crate) fn counts(ranks: &dyn Communicator, own: usize) -> Result<Vec<usize>, Error> {
    let told = gather_counts::<Error>(ranks, Ok(vec![own]))?.into_iter().enumerate();
    told.map(|(rank, told)| match told[..] {
        [count] => Ok(count),
        _ => Err(Error::Strange { rank }),
    })
    .collect()
}

/// Where the rows of a rank stand among those of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The number of rows of the ranks before this one.
    pub first: usize,
    /// The number of rows of all ranks.
    pub all: usize,
}

impl Place {
    /// Finds it: each rank has so many rows of its own, in the order of the ranks.
    ///
    /// # Errors
    ///
    /// [`Error::Rows`] unless each rank that has rows begins at a multiple of [`GRAIN`]; those of [`gather`](crate::gather).
    pub fn find(ranks: &dyn Communicator, own: usize) -> Result<Place, Error> {
        let mut place = Place { first: 0, all: 0 };
        for (rank, rows) in counts(ranks, own)?.into_iter().enumerate() {
            if rank == ranks.rank() {
                place.first = place.all;
            }
            if rows > 0 && !place.all.is_multiple_of(GRAIN) {
                return Err(Error::Rows { rank, first: place.all });
            }
            place.all += rows;
        }
        Ok(place)
    }
}
