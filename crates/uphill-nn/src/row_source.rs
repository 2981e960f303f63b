//! Samples that are kept elsewhere than in memory, and which of the rows a sum goes over.
//!
//! A [`RowSource`] gives runs of consecutive rows, so a file is read in blocks; a whole pass needs a block of memory, not
//! a table. The numbers, and so all bits of a training, are those of the same rows in memory.

use std::ops::Range;

/// What is computed for each sample goes over so many at once.
pub(crate) const BLOCK: usize = 1 << 15;

/// Rows that lie elsewhere: in a file, or in memory in a form that takes less room.
///
/// What it gives must be the same each time. [`Samples::from_source`](crate::Samples::from_source) makes samples of it.
pub trait RowSource: Send + Sync {
    /// The number of rows.
    fn row_count(&self) -> usize;

    /// The number of inputs of each row.
    fn input_count(&self) -> usize;

    /// The number of desired outputs of each row.
    fn desired_count(&self) -> usize;

    /// Reads consecutive rows from `first` on, as many as `into` has room for: each its inputs, then its desired
    /// outputs.
    ///
    /// # Errors
    ///
    /// Those of the file or whatever keeps the rows.
    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()>;
}

/// Some of the rows, in an order.
#[derive(Debug, Clone)]
pub(crate) enum Rows<'r> {
    /// These that follow each other.
    Range(Range<usize>),
    /// These.
    List(&'r [usize]),
}

impl<'r> Rows<'r> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Rows::Range(range) => range.len(),
            Rows::List(list) => list.len(),
        }
    }

    /// Some of them by place.
    pub(crate) fn part(&self, places: Range<usize>) -> Rows<'r> {
        match self {
            Rows::Range(range) => Rows::Range(range.start + places.start..range.start + places.end),
            Rows::List(list) => Rows::List(&list[places]),
        }
    }

    /// These rows, cut into parts of so many; no rows are one empty part.
    pub(crate) fn parts(&self, of: usize) -> impl Iterator<Item = Rows<'r>> {
        let count = self.len();
        let parts = count.div_ceil(of).max(1);
        (0..parts).map(move |part| self.part(part * of..((part + 1) * of).min(count)))
    }

    fn at(&self, place: usize) -> usize {
        match self {
            Rows::Range(range) => range.start + place,
            Rows::List(list) => list[place],
        }
    }

    /// The rows as runs of consecutive ones, each of at most so many.
    pub(crate) fn runs(&self, longest: usize) -> impl Iterator<Item = Range<usize>> {
        let mut place = 0;
        std::iter::from_fn(move || {
            let count = self.len();
            if place >= count {
                return None;
            }
            let first = self.at(place);
            let mut length = 1;
            while length < longest
                && place + length < count
                && self.at(place + length) == first + length
            {
                length += 1;
            }
            place += length;
            Some(first..first + length)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn runs_and_parts_follow_the_order() {
        let list = [5, 6, 7, 2, 2, 3, 9];
        let runs: Vec<_> = Rows::List(&list).runs(3).collect();
        assert_eq!(runs, [5..8, 2..3, 2..4, 9..10]);
        let runs: Vec<_> = Rows::Range(1..6).runs(2).collect();
        assert_eq!(runs, [1..3, 3..5, 5..6]);
        assert_eq!(Rows::Range(4..4).runs(1).count(), 0);
        let lengths: Vec<_> = Rows::List(&list).parts(3).map(|part| part.len()).collect();
        assert_eq!(lengths, [3, 3, 1]);
        assert_eq!(Rows::Range(4..4).parts(3).count(), 1);
    }
}
