//! One row of a table: its cells as text and numbers, with errors that name file, line and column.

use crate::advice::Advice;
use crate::cells::Cells;
use crate::error::Error;
use crate::header::Header;
use crate::position::{Position, RowPlace};
use crate::source::Fields;
use crate::words::shortened;

/// One row, with its place in the file.
#[derive(Debug)]
pub struct Row<'r> {
    cells: &'r Cells,
    header: &'r Header,
    fields: Fields<'r>,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'r> {
    /// A finite number.
    Number(f64),
    /// Any other text.
    Text(&'r str),
}

impl<'r> Row<'r> {
    pub(crate) fn new(cells: &'r Cells, header: &'r Header, fields: Fields<'r>) -> Row<'r> {
        Row { cells, header, fields }
    }

    fn field(&self, column: usize) -> &'r [u8] {
        self.fields.field(self.header.places()[column])
    }

    /// The finite number in a column that has numbers rather than texts of them.
    fn typed(&self, column: usize) -> Option<f64> {
        self.fields.number(self.header.places()[column])
    }

    /// The field in a column, without spaces around it.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] if it is empty or not UTF-8.
    pub fn text(&self, column: usize) -> Result<&'r str, Error> {
        if let Some(what) = self.fields.unreadable(self.header.places()[column]) {
            return Err(self.unreadable(column, what));
        }
        let text = std::str::from_utf8(self.field(column)).map_err(|_| self.not_utf_8(column))?;
        if text.is_empty() {
            return Err(self.error(column, "the field is empty").with([Advice::EmptyIsMissing]));
        }
        Ok(text)
    }

    fn unreadable(&self, column: usize, what: &str) -> Error {
        let what =
            format!("expected numbers, texts or booleans, got {what}; write them as one of these");
        self.error(column, &what).with([Advice::LeaveOut(self.name(column).to_owned())])
    }

    fn not_utf_8(&self, column: usize) -> Error {
        let what = "the text is not UTF-8; save the file as UTF-8";
        self.error(column, what).with([Advice::Encoding])
    }

    /// Whether the field in a column is empty.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for what is neither a number nor a text.
    pub fn is_empty(&self, column: usize) -> Result<bool, Error> {
        match self.fields.unreadable(self.header.places()[column]) {
            Some(what) => Err(self.unreadable(column, what)),
            None => Ok(self.field(column).is_empty()),
        }
    }

    /// Whether the cell is missing: marked as such, or empty where cells may be missing at all.
    #[must_use]
    pub fn is_missing(&self, column: usize) -> bool {
        match self.typed(column) {
            Some(number) => self.cells.is_missing_number(number),
            None => {
                let place = self.header.places()[column];
                self.fields.unreadable(place).is_none() && self.cells.is_missing(self.field(column))
            }
        }
    }

    /// The first of these columns whose cell is missing.
    #[must_use]
    pub fn first_missing(&self, columns: &[usize]) -> Option<usize> {
        let mut columns = columns.iter().copied();
        columns.find(|&column| self.cells.may_be_missing() && self.is_missing(column))
    }

    /// What a cell holds that is not missing.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] if it is empty, not UTF-8, or a number that is too large for one.
    pub fn cell(&self, column: usize) -> Result<Cell<'r>, Error> {
        if let Some(number) = self.typed(column) {
            return Ok(Cell::Number(number));
        }
        let text = self.text(column)?;
        match self.cells.notation.number(text) {
            Some(number) if number.is_finite() => Ok(Cell::Number(number)),
            Some(_) => Err(self.error(
                column,
                &format!(
                    "expected a number, got `{}`, which is too large for one",
                    shortened(text)
                ),
            )),
            None => Ok(Cell::Text(text)),
        }
    }

    /// The number in a column.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for text, infinities and NaN.
    pub fn number(&self, column: usize) -> Result<f64, Error> {
        match self.cell(column)? {
            Cell::Number(number) => Ok(number),
            Cell::Text(text) => {
                let what = match text.parse::<f64>() {
                    Ok(number) if !number.is_finite() => {
                        format!("`{text}`; give finite numbers")
                    }
                    _ => format!("the text `{}`", shortened(text)),
                };
                let error = self.error(column, &format!("expected a number, got {what}"));
                Err(error.with(self.cells.advice(text)))
            }
        }
    }

    /// The row as it was read: one field a column.
    pub fn fields(&self) -> impl Iterator<Item = &'r [u8]> {
        (0..self.header.names().len()).map(|column| self.field(column))
    }

    /// Where the row stands in its file.
    #[must_use]
    pub fn position(&self) -> Position {
        self.fields.position()
    }

    /// Where the row stands, with the file's name if the table has several.
    #[must_use]
    pub fn place(&self) -> RowPlace {
        RowPlace { part: self.cells.part.clone(), position: self.position() }
    }

    /// What the cells of its table mean.
    pub(crate) fn cells(&self) -> &'r Cells {
        self.cells
    }

    /// The name of a column.
    #[must_use]
    pub fn name(&self, column: usize) -> &'r str {
        &self.header.names()[column]
    }

    /// An error about this row and column.
    #[must_use]
    pub fn error(&self, column: usize, what: &str) -> Error {
        self.cells.error_at(Some(self.position()), Some(self.name(column)), what)
    }
}
