//! Sums over samples that have one shape, whatever the number of threads: so they have the same bits.
//!
//! Rows are added in order within tiles of [`TILE`]; tiles are added in pairs, then pairs of pairs. Threads may take any
//! of these branches, but not change where one ends.

use crate::error::Error;

/// The number of rows added one after the other.
const TILE: usize = 32;

/// The sum over `rows` of vectors of `width` entries. `add` adds a few rows to a vector, in order.
pub(crate) fn sum_over_rows<F>(rows: &[usize], width: usize, add: &F) -> Result<Vec<f64>, Error>
where
    F: Fn(&[usize], &mut [f64]) -> Result<(), Error> + Sync,
{
    if rows.len() <= TILE {
        let mut sum = vec![0.0; width];
        add(rows, &mut sum)?;
        return Ok(sum);
    }
    let tiles = rows.len().div_ceil(TILE);
    let (left, right) = rows.split_at(tiles.next_power_of_two() / 2 * TILE);
    let (left, right) = both(
        || sum_over_rows(left, width, add), //
        || sum_over_rows(right, width, add),
    );
    let (mut sum, right) = (left?, right?);
    for (sum, right) in sum.iter_mut().zip(right) {
        *sum += right;
    }
    Ok(sum)
}

#[cfg(feature = "threads")]
fn both<T: Send>(left: impl FnOnce() -> T + Send, right: impl FnOnce() -> T + Send) -> (T, T) {
    rayon::join(left, right)
}

#[cfg(not(feature = "threads"))]
fn both<T>(left: impl FnOnce() -> T, right: impl FnOnce() -> T) -> (T, T) {
    (left(), right())
}
