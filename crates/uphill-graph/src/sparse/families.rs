//! Where loops put the entries of a matrix, each place once.
//!
//! Rows and columns that move evenly are diagonals, which are kept as such until the pattern is written: a band costs no
//! more than its entries, however many loops add to it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::places::{Diagonal, Lines, NONE, diagonal};
use super::terms::Term;

/// Which nodes are rows and which are columns.
pub(super) struct Frame<'a> {
    pub(super) rows: &'a Lines,
    pub(super) columns: &'a Lines,
    pub(super) height: usize,
    pub(super) width: usize,
}

/// All places.
#[derive(Default)]
pub(super) struct Families<'a> {
    /// By how far the column is ahead of the row, then the step from row to row, and the row modulo that: how often each
    /// was stepped.
    diagonals: BTreeMap<(i64, i64, i64), Vec<Range<i64>>>,
    /// Terms with the iterations of all loops around them.
    listed: Vec<(&'a Term, Vec<usize>)>,
    /// Whether something was neither row nor column.
    wasted: Cell<bool>,
}

impl<'a> Families<'a> {
    /// A term that a loop gives in so many iterations.
    pub(super) fn add(&mut self, frame: &Frame<'_>, term: &'a Term, iterations: usize) {
        let extents: Vec<usize> = term.extents.iter().copied().chain([iterations]).collect();
        let (rows, columns) = ((frame.rows, &term.row), (frame.columns, &term.column));
        if let Some(diagonal) = diagonal(rows, columns, &extents) {
            self.add_diagonal(&diagonal, 0, diagonal.ahead);
            if term.mirrored && diagonal.ahead != 0 {
                self.add_diagonal(&diagonal, diagonal.ahead, -diagonal.ahead);
            }
            return;
        }
        let same = |(other, of_other): &(&Term, Vec<usize>)| {
            *of_other == extents
                && other.row == term.row
                && other.column == term.column
                && other.mirrored == term.mirrored
        };
        if !self.listed.iter().any(same) {
            self.listed.push((term, extents));
        }
    }

    fn add_diagonal(&mut self, diagonal: &Diagonal, shift: i64, ahead: i64) {
        let Diagonal { step, rows, count, .. } = diagonal;
        for row in rows.iter().map(|row| row + shift) {
            let first = row.div_euclid(*step);
            let key = (ahead, *step, row.rem_euclid(*step));
            self.diagonals.entry(key).or_default().push(first..first + count);
        }
    }

    /// What lies on one diagonal becomes one, when all are there.
    pub(super) fn merge(&mut self) {
        for ranges in self.diagonals.values_mut() {
            ranges.sort_unstable_by_key(|range| range.start);
            let mut merged: Vec<Range<i64>> = Vec::new();
            for range in ranges.drain(..) {
                match merged.last_mut() {
                    Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                    _ => merged.push(range),
                }
            }
            *ranges = merged;
        }
    }

    pub(super) fn each(&self, frame: &Frame<'_>, place: &mut dyn FnMut(u32, u32)) {
        for (&(ahead, step, rest), ranges) in &self.diagonals {
            for row in ranges.iter().cloned().flatten().map(|steps| steps * step + rest) {
                place(row as u32, (row + ahead) as u32);
            }
        }
        for (term, extents) in &self.listed {
            let row = frame.rows.along(&term.row, extents);
            let column = frame.columns.along(&term.column, extents);
            for k in 0..extents.iter().product() {
                let (row, column) = (row.at(k), column.at(k));
                if row == NONE || column == NONE {
                    self.wasted.set(true);
                    continue;
                }
                place(row, column);
                if term.mirrored {
                    place(column, row);
                }
            }
        }
    }

    /// Whether a loop gives something that is neither in a row nor in a column, once all places were told.
    pub(super) fn wasted(&self) -> bool {
        self.wasted.get()
    }
}
