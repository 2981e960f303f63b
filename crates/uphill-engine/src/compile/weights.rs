//! Addresses of matrices, in short form where they go on evenly.

use crate::code::Weights;

/// The addresses of a matrix, in short form if they are regular.
pub(super) fn weights(addresses: Vec<u32>, columns: usize) -> Weights {
    let row = |r: usize| &addresses[r * columns..(r + 1) * columns];
    let firsts: Vec<u32> = addresses.iter().step_by(columns.max(1)).copied().collect();
    let affine = steady(&firsts)
        .zip(steady(row(0)))
        .filter(|&(_, column_step)| (0..firsts.len()).all(|r| steady(row(r)) == Some(column_step)));
    match affine {
        Some((row_step, column_step)) => {
            Weights::Affine { first: addresses[0], row_step, column_step }
        }
        None => Weights::Table(addresses),
    }
}

/// The distance between neighbours, if it is the same throughout.
fn steady(addresses: &[u32]) -> Option<i32> {
    let mut steps = addresses.windows(2).map(|pair| i64::from(pair[1]) - i64::from(pair[0]));
    let first = steps.next().unwrap_or(0);
    let even = steps.all(|step| step == first);
    i32::try_from(first).ok().filter(|_| even)
}

#[cfg(test)]
mod tests {
    use super::steady;

    #[test]
    fn only_even_distances_are_steady() {
        assert_eq!(steady(&[7]), Some(0));
        assert_eq!(steady(&[7, 5, 3, 1]), Some(-2));
        assert_eq!(steady(&[7, 7, 7]), Some(0));
        assert_eq!(steady(&[7, 8, 9, 11]), None);
        assert_eq!(steady(&[0, u32::MAX]), None);
    }
}
