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

#[cfg(test)]
mod tests {
    use super::{TILE, sum_over_rows};
    use crate::error::Error;

    /// Numbers whose sum depends on the order of addition.
    fn term(row: usize) -> f64 {
        1.0 / (row as f64 + 0.7).powi(3)
    }

    fn add(rows: &[usize], sum: &mut [f64]) -> Result<(), Error> {
        for &row in rows {
            sum[0] += term(row);
        }
        Ok(())
    }

    /// The same shape from below: tiles first, then neighbours in pairs as long as there are any.
    fn expected(rows: &[usize]) -> f64 {
        let tile = |tile: &[usize]| tile.iter().fold(0.0, |sum, &row| sum + term(row));
        let mut sums: Vec<f64> = rows.chunks(TILE).map(tile).collect();
        while sums.len() > 1 {
            sums = sums
                .chunks(2)
                .filter_map(|pair| pair.iter().copied().reduce(|a, b| a + b))
                .collect();
        }
        sums.first().copied().unwrap_or(0.0)
    }

    #[test]
    fn sums_have_one_shape() {
        for count in (0..300).chain([1000, 4096, 5003]) {
            let rows: Vec<usize> = (0..count).rev().collect();
            let sum = sum_over_rows(&rows, 1, &add).unwrap()[0];
            assert_eq!(sum.to_bits(), expected(&rows).to_bits(), "{count} rows");
        }
    }

    #[cfg(feature = "threads")]
    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let rows: Vec<usize> = (0..50_000).collect();
        for threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let sum = pool.install(|| sum_over_rows(&rows, 1, &add).unwrap()[0]);
            assert_eq!(sum.to_bits(), expected(&rows).to_bits(), "{threads} threads");
        }
    }
}
