//! One half of samples in memory: rows of numbers, one after the other, behind a shared pointer.

use std::sync::Arc;

use super::wrong;
use crate::error::Error;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) what: &'static str,
    pub(super) columns: usize,
    pub(super) values: Arc<[f64]>,
}

impl Table {
    pub(super) fn from_rows<R: AsRef<[f64]>>(
        what: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(Table, usize), Error> {
        let mut columns = None;
        let mut values = Vec::new();
        let mut count = 0;
        for row in rows {
            let row = row.as_ref();
            let expected = *columns.get_or_insert(row.len());
            if row.len() != expected {
                return Err(wrong(format!(
                    "{what}, row {count}: {} columns, but row 0 has {expected}",
                    row.len()
                )));
            }
            values.extend_from_slice(row);
            count += 1;
        }
        Ok((Table { what, columns: columns.unwrap_or(0), values: values.into() }, count))
    }

    pub(super) fn from_flat(
        what: &'static str,
        values: &[f64],
        columns: usize,
    ) -> Result<(Table, usize), Error> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            return Err(wrong(format!(
                "{what}: {} numbers don't divide into rows of {columns}",
                values.len()
            )));
        }
        Ok((Table { what, columns, values: values.into() }, values.len() / columns))
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(super) fn part(&self, rows: std::ops::Range<usize>) -> Table {
        let values = &self.values[rows.start * self.columns..rows.end * self.columns];
        Table { what: self.what, columns: self.columns, values: values.into() }
    }

    pub(super) fn check(&self, fits: impl Fn(f64) -> bool, expected: &str) -> Result<(), Error> {
        match self.values.iter().position(|&value| !fits(value)) {
            None => Ok(()),
            Some(place) => Err(wrong(format!(
                "{}, row {}, column {}: {}; {expected}",
                self.what,
                place / self.columns,
                place % self.columns,
                self.values[place]
            ))),
        }
    }
}
