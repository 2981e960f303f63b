//! What became of missing cells: rows that were skipped, cells that are filled; told to whoever watches.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::row::Row;
use crate::words::{counted, shortened};

/// Counts of missing cells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The rows that were skipped.
    pub skipped: usize,
    /// The cells that were kept, to be filled.
    pub filled: usize,
    /// Where the first of each was.
    first_skipped: String,
    first_filled: String,
}

impl Tally {
    /// A row is skipped, since its cell in this column is missing.
    pub fn skip(&mut self, row: &Row<'_>, column: usize) {
        if self.skipped == 0 {
            self.first_skipped = place(row, column);
        }
        self.skipped += 1;
    }

    /// A missing cell is kept.
    pub fn keep(&mut self, row: &Row<'_>, column: usize) {
        if self.filled == 0 {
            self.first_filled = place(row, column);
        }
        self.filled += 1;
    }

    /// Adds those of later rows.
    pub fn add(&mut self, later: Tally) {
        if self.skipped == 0 {
            self.first_skipped = later.first_skipped;
        }
        if self.filled == 0 {
            self.first_filled = later.first_filled;
        }
        self.skipped += later.skipped;
        self.filled += later.filled;
    }

    /// What is to be told, a line each; `skipped` says what became of rows.
    #[must_use]
    pub fn remarks(&self, table: &str, skipped: &str) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.skipped > 0 {
            remarks.push(format!(
                "{table}: {} {skipped}, since a cell is missing, the first in {}",
                counted(self.skipped, "row"),
                self.first_skipped
            ));
        }
        if self.filled > 0 {
            remarks.push(format!(
                "{table}: {} filled with means of the training rows, the first in {}",
                counted(self.filled, "missing cell"),
                self.first_filled
            ));
        }
        remarks
    }

    /// The error of a table of this name, of which no row can be used.
    #[must_use]
    pub fn nothing(&self, table: &str) -> Error {
        let error = |what: &str| Error::at(table, None, None, what);
        if self.skipped == 0 {
            return error("it has a header but no rows of data");
        }
        error(&format!(
            "no row is left: {} skipped, since a cell is missing, the first in {}",
            counted(self.skipped, "row"),
            self.first_skipped
        ))
    }
}

fn place(row: &Row<'_>, column: usize) -> String {
    format!("{}, column `{}`", row.place(), shortened(row.name(column)))
}
