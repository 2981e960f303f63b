//! What the cells of a table mean: numbers by their notation, marks of missing ones, and what may help with others.

use std::path::Path;

use crate::advice::Advice;
use crate::error::Error;
use crate::format::Format;
use crate::notation::{Notation, Readings, looks_missing};
use crate::position::Position;
use crate::words::shortened;

/// How the cells of a table are read, and what errors call it.
#[derive(Debug)]
pub(crate) struct Cells {
    /// The table's name.
    pub(crate) table: String,
    /// The name of the file that is being read, if the table has several.
    pub(crate) part: Option<String>,
    /// The signs of its numbers.
    pub(crate) notation: Notation,
    /// The marks of missing cells; `None` if no cell may be missing.
    missing: Option<Vec<String>>,
    /// Marks that are numbers: cells of the same number are missing, too.
    missing_numbers: Vec<f64>,
}

impl Cells {
    /// For a table of this format.
    pub(crate) fn new(table: String, format: &Format) -> Cells {
        let notation = format.notation();
        let marks = format.missing.iter().flatten();
        let missing_numbers = marks.filter_map(|mark| notation.number(mark)).collect();
        Cells { table, part: None, notation, missing: format.missing.clone(), missing_numbers }
    }

    /// Whether any cell may be missing.
    pub(crate) fn may_be_missing(&self) -> bool {
        self.missing.is_some()
    }

    /// Whether a field marks a missing cell, or is empty where cells may be missing at all.
    pub(crate) fn is_missing(&self, field: &[u8]) -> bool {
        let Some(marks) = &self.missing else { return false };
        let is_number = |text: &str| {
            let number = self.notation.number(text);
            number.is_some_and(|number| self.missing_numbers.contains(&number))
        };
        field.is_empty()
            || marks.iter().any(|mark| mark.as_bytes() == field)
            || !self.missing_numbers.is_empty() && std::str::from_utf8(field).is_ok_and(is_number)
    }

    /// Whether a number marks a missing cell.
    pub(crate) fn is_missing_number(&self, number: f64) -> bool {
        self.missing_numbers.contains(&number)
    }

    /// What would make a number of a text, or a missing cell.
    pub(crate) fn advice(&self, text: &str) -> Vec<Advice> {
        let readings = Readings::of(text);
        if !readings.is_none() {
            return Advice::notations(text, self.notation, readings.likeliest(self.notation));
        }
        if looks_missing(text) { vec![Advice::Missing(text.to_owned())] } else { Vec::new() }
    }

    /// From here on a file of this name is read.
    pub(crate) fn enter(&mut self, path: &Path) {
        let name = path.display().to_string();
        self.part = (name != self.table).then_some(name);
    }

    /// What errors call the file that is being read.
    pub(crate) fn file(&self) -> &str {
        self.part.as_deref().unwrap_or(&self.table)
    }

    /// An error about a row and a column of the file that is being read, as far as known.
    pub(crate) fn error_at(
        &self,
        position: Option<Position>,
        column: Option<&str>,
        what: &str,
    ) -> Error {
        Error::at(self.file(), position, column, what)
    }

    /// An error about a header in which a name stands twice.
    pub(crate) fn named_twice(&self, position: Option<Position>, name: &str) -> Error {
        let name = shortened(name);
        let what = format!("two columns are named `{name}`; rename one of them");
        self.error_at(position, None, &what)
    }
}
