//! Tables: CSV of any size, read once, kept as numbers in bounded memory, gone through again and again.
//!
//! A [`Reader`] gives rows of text with errors that name file, line and column. [`Table::read`] makes numbers of them:
//! a number stays itself, a category becomes its place in a list. The numbers go to a [`Store`]: memory up to a bound,
//! beyond it a temporary file. So a file is read once, standard input is treated like one, and every later pass costs
//! no parsing. A [`Recipe`](recipe::Recipe) then says how a row becomes inputs and desired outputs of a network.
//!
//! What a column holds is decided by its first row, unless the user says otherwise: a number there, and every later
//! text is an error that names its line, rather than a column of a thousand categories.

mod column;
mod reader;
pub mod recipe;
pub mod split;
mod store;

pub use column::{Column, Contents, WholeNumbers};
pub use reader::{Reader, Row};
pub use store::{Store, StoreWriter};

use crate::error::Error;
use crate::file::Input;

/// A column to be read: its name, and what it holds if the user said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name in the header.
    pub name: String,
    /// Whether it holds categories; `None` lets the first row decide.
    pub categories: Option<bool>,
}

/// The wanted columns of a whole file, as numbers.
#[derive(Debug)]
pub struct Table {
    /// The columns, in the order in which they were wanted.
    pub columns: Vec<Column>,
    /// For each row one number a column: the number itself, or the place of the category.
    pub store: Store,
}

impl Table {
    /// Reads these columns of all rows. At most `memory` bytes of numbers stay in memory.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for a column that isn't there; [`Error::Table`] for anything that can't be used, with
    /// line and column; [`Error::Read`]; [`Error::Write`] if the temporary file fails.
    pub fn read(reader: &mut Reader, wanted: &[Wanted], memory: u64) -> Result<Table, Error> {
        let places: Vec<usize> =
            wanted.iter().map(|wanted| reader.column(&wanted.name)).collect::<Result<_, _>>()?;
        let mut columns: Vec<Column> = Vec::new();
        let mut store = StoreWriter::new(wanted.len(), memory);
        let mut numbers = vec![0.0; wanted.len()];
        while let Some(row) = reader.next_row()? {
            if columns.is_empty() {
                for (wanted, &place) in wanted.iter().zip(&places) {
                    columns.push(Column::begin(wanted, &row, place)?);
                }
            }
            for ((column, &place), number) in columns.iter_mut().zip(&places).zip(&mut numbers) {
                *number = column.take(&row, place)?;
            }
            store.push(&numbers)?;
        }
        if store.is_empty() {
            return Err(reader.error("it has a header but no rows of data"));
        }
        Ok(Table { columns, store: store.finish()? })
    }

    /// The number of rows.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.store.row_count()
    }
}

/// Opens a CSV file, or standard input, whose columns are separated by this character.
///
/// # Errors
///
/// As [`Reader::new`]; [`Error::Read`].
pub fn open(input: &Input, delimiter: u8) -> Result<Reader, Error> {
    let name = match input {
        Input::Standard => input.to_string(),
        Input::File(path) => path.display().to_string(),
    };
    Reader::new(input.open()?, name, delimiter)
}

/// The character between columns, from `,`, `;`, `tab`, ….
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        _ if text.len() == 1 && text.is_ascii() && text != "\"" => Ok(text.as_bytes()[0]),
        _ => Err("expected one character, or `tab`".into()),
    }
}
