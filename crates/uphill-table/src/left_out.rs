//! What was left out of a table, as spreadsheets leave it: rows of nothing but empty fields, empty fields beyond the
//! header's columns, and columns without name and cells.

use serde::{Deserialize, Serialize};

use crate::cells::Cells;
use crate::position::{Position, RowPlace};
use crate::words::counted;

/// Counts of what was left out of the rows of a table, or of a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Columns without a name: how many, and the place of the first.
    pub(crate) unnamed: Option<(usize, usize)>,
    /// Rows of nothing but empty fields.
    pub(crate) blank: Rows,
    /// Rows with empty fields beyond the header's columns.
    pub(crate) beyond: Rows,
}

/// Rows of one kind: how many, and where the first is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rows {
    count: usize,
    first: Option<RowPlace>,
}

impl Rows {
    pub(crate) fn note(&mut self, line: u64, cells: &Cells) {
        let place = || RowPlace { part: cells.part.clone(), position: Position::Line(line) };
        self.first.get_or_insert_with(place);
        self.count += 1;
    }

    fn add(&mut self, later: Rows) {
        self.count += later.count;
        self.first = self.first.take().or(later.first);
    }
}

impl LeftOut {
    /// Adds what was left out of later rows.
    pub fn add(&mut self, later: LeftOut) {
        self.unnamed = self.unnamed.or(later.unnamed);
        self.blank.add(later.blank);
        self.beyond.add(later.beyond);
    }

    /// What is to be told of a table of this name, a line each.
    #[must_use]
    pub fn remarks(&self, name: &str) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some((count, first)) = self.unnamed {
            remarks.push(format!(
                "{name}: {} without a name and without cells left out, the first is column {}",
                counted(count, "column"),
                first + 1
            ));
        }
        for (rows, what) in [
            (&self.blank, "of nothing but empty fields skipped"),
            (&self.beyond, "with empty fields beyond the header's columns, which were left out"),
        ] {
            if let Some(first) = &rows.first {
                let count = counted(rows.count, "row");
                remarks.push(format!("{name}: {count} {what}, the first is {first}"));
            }
        }
        remarks
    }
}
