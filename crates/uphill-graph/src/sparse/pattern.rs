//! Which entries of a matrix can be other than zero, and nothing else: compressed rows, as colouring reads them.
//!
//! A row's columns lie one behind the other, ascending; the place of an entry in that list is its *slot*. No graph is
//! known here, so a pattern can come from anywhere.

use std::ops::Range;

use crate::error::Error;

/// The places of a matrix that can hold something other than zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    width: u32,
    /// Where each row starts, then the total.
    starts: Vec<u32>,
    /// The column of each entry.
    columns: Vec<u32>,
}

impl Pattern {
    /// A matrix of this many columns and no rows yet.
    pub(super) fn new(width: usize) -> Pattern {
        Pattern { width: width as u32, starts: vec![0], columns: Vec::new() }
    }

    /// Appends a row, given its columns in ascending order.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] beyond 2³² entries.
    pub(super) fn push_row(&mut self, columns: impl IntoIterator<Item = u32>) -> Result<(), Error> {
        let first = self.columns.len();
        self.columns.extend(columns);
        debug_assert!(self.columns[first..].is_sorted_by(|a, b| a < b), "columns must ascend");
        debug_assert!(self.columns[first..].last().is_none_or(|&last| last < self.width));
        let end = u32::try_from(self.columns.len()).map_err(|_| too_many())?;
        self.starts.push(end);
        Ok(())
    }

    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn width(&self) -> usize {
        self.width as usize
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The columns of a row.
    pub(super) fn row(&self, row: usize) -> &[u32] {
        &self.columns[self.slots(row)]
    }

    /// The slots of a row.
    pub(super) fn slots(&self, row: usize) -> Range<usize> {
        self.starts[row] as usize..self.starts[row + 1] as usize
    }

    /// Row and column of each entry, row by row.
    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, usize)> + Clone {
        (0..self.rows()).flat_map(|row| self.row(row).iter().map(move |&c| (row, c as usize)))
    }

    /// Row and column of a slot.
    pub(super) fn place(&self, slot: usize) -> Option<(usize, usize)> {
        let column = *self.columns.get(slot)?;
        let row = self.starts.partition_point(|&start| start as usize <= slot) - 1;
        Some((row, column as usize))
    }

    /// Where each row starts, then the total.
    pub(super) fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The column of each entry.
    pub(super) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The pattern of these rows and columns, in any order and any number of times.
    ///
    /// `places` calls what it is given with each place, and does so twice.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] beyond 2³² entries.
    pub(super) fn of_places(
        rows: usize,
        width: usize,
        places: impl Fn(&mut dyn FnMut(u32, u32)),
    ) -> Result<Pattern, Error> {
        let mut ends = vec![0_u32; rows + 1];
        let mut total = 0_usize;
        places(&mut |row, _| {
            ends[row as usize + 1] += 1;
            total += 1;
        });
        if u32::try_from(total).is_err() {
            return Err(too_many());
        }
        for row in 0..rows {
            ends[row + 1] += ends[row];
        }
        let mut columns = vec![0_u32; total];
        // The place of each row's next column; in the end where the next row starts.
        places(&mut |row, column| {
            let next = &mut ends[row as usize];
            columns[*next as usize] = column;
            *next += 1;
        });
        let (mut start, mut kept) = (0, 0);
        for place in &mut ends[..rows] {
            let end = std::mem::replace(place, kept as u32) as usize;
            let own = &mut columns[start..end];
            if !own.is_sorted_by(|a, b| a < b) {
                own.sort_unstable();
            }
            let mut last = None;
            for at in start..end {
                if last != Some(columns[at]) {
                    last = Some(columns[at]);
                    columns[kept] = columns[at];
                    kept += 1;
                }
            }
            start = end;
        }
        ends[rows] = kept as u32;
        columns.truncate(kept);
        columns.shrink_to_fit();
        Ok(Pattern { width: width as u32, starts: ends, columns })
    }

    /// Rows as columns, and for each slot of the result the slot that it was.
    pub(super) fn transposed(&self) -> (Pattern, Vec<u32>) {
        let mut starts = vec![0_u32; self.width() + 1];
        for &column in &self.columns {
            starts[column as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; self.len()];
        let mut slots = vec![0; self.len()];
        for row in 0..self.rows() {
            for slot in self.slots(row) {
                let place = &mut next[self.columns[slot] as usize];
                rows[*place as usize] = row as u32;
                slots[*place as usize] = slot as u32;
                *place += 1;
            }
        }
        (Pattern { width: self.rows() as u32, starts, columns: rows }, slots)
    }

    /// A square pattern with the mirror image of each entry.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] beyond 2³² entries.
    pub(super) fn symmetric(self) -> Result<Pattern, Error> {
        debug_assert_eq!(self.rows(), self.width());
        let mirrored = self.transposed().0;
        if mirrored == self {
            return Ok(self);
        }
        let mut both = Pattern::new(self.width());
        let mut merged = Vec::new();
        for row in 0..self.rows() {
            merged.clear();
            merged.extend_from_slice(self.row(row));
            merged.extend_from_slice(mirrored.row(row));
            merged.sort_unstable();
            merged.dedup();
            both.push_row(merged.iter().copied())?;
        }
        Ok(both)
    }
}

fn too_many() -> Error {
    Error::Unsupported { what: "a matrix of more than 4 billion entries other than zero".into() }
}
