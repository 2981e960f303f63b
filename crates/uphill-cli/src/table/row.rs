//! One row of a table: its cells as text and numbers, with errors that name file, line and column.

use super::reader::Reader;
use crate::error::Error;
use crate::names::shortened;

/// What helps where bytes are no UTF-8.
pub(super) const ENCODING: &str =
    "; save the file as UTF-8, or give its encoding, such as --encoding latin1";

/// One row, with its place in the file.
#[derive(Debug)]
pub struct Row<'r> {
    reader: &'r Reader,
    line: u64,
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
    pub(super) fn new(reader: &'r Reader, line: u64) -> Row<'r> {
        Row { reader, line }
    }

    fn field(&self, column: usize) -> &'r [u8] {
        self.reader.record().field(self.reader.place(column))
    }

    /// The field in a column, without spaces around it.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] if it is empty or not UTF-8.
    pub fn text(&self, column: usize) -> Result<&'r str, Error> {
        let text = std::str::from_utf8(self.field(column))
            .map_err(|_| self.error(column, &format!("the text is not UTF-8{ENCODING}")))?;
        if text.is_empty() {
            let what = match self.reader.has_options() {
                true => {
                    "the field is empty; fill it in, or give --missing '', which skips rows with empty fields"
                }
                false => "the field is empty",
            };
            return Err(self.error(column, what));
        }
        Ok(text)
    }

    /// Whether the cell is missing: marked as such, or empty where cells may be missing at all.
    #[must_use]
    pub fn is_missing(&self, column: usize) -> bool {
        self.reader.is_missing(self.field(column))
    }

    /// The first of these columns whose cell is missing.
    #[must_use]
    pub fn first_missing(&self, columns: &[usize]) -> Option<usize> {
        self.reader.format().missing.as_ref()?;
        columns.iter().copied().find(|&column| self.is_missing(column))
    }

    /// What a cell holds that is not missing.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] if it is empty, not UTF-8, or a number that is too large for one.
    pub fn cell(&self, column: usize) -> Result<Cell<'r>, Error> {
        let text = self.text(column)?;
        match self.reader.notation().number(text) {
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
    /// [`Error::Table`] for text, infinities and NaN.
    pub fn number(&self, column: usize) -> Result<f64, Error> {
        match self.cell(column)? {
            Cell::Number(number) => Ok(number),
            Cell::Text(text) => {
                let what = match text.parse::<f64>() {
                    Ok(number) if !number.is_finite() => {
                        format!("`{text}`; give finite numbers{}", self.reader.hint(text))
                    }
                    _ => format!("the text `{}`{}", shortened(text), self.reader.hint(text)),
                };
                Err(self.error(column, &format!("expected a number, got {what}")))
            }
        }
    }

    /// The row as it was read: one field a column.
    pub fn fields(&self) -> impl Iterator<Item = &'r [u8]> {
        (0..self.reader.header().len()).map(|column| self.field(column))
    }

    /// The line at which the row begins; the file's first one is 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The reader that it is of.
    pub(super) fn reader(&self) -> &'r Reader {
        self.reader
    }

    /// The name of a column.
    #[must_use]
    pub fn name(&self, column: usize) -> &'r str {
        &self.reader.header()[column]
    }

    /// An error about this row and column.
    #[must_use]
    pub fn error(&self, column: usize, what: &str) -> Error {
        self.reader.error_at(Some(self.line), Some(self.name(column)), what)
    }
}
