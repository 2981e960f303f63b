//! Tables: CSV of any size, read once, kept as numbers in bounded memory, gone through again and again.
//!
//! [`Options`] say how a table is written, its [`Format`]. A [`Reader`] gives rows of text with errors that name file,
//! line and column. [`Table::read`] makes numbers of them: a number stays itself, a category becomes its place in a list,
//! a missing cell is skipped with its row, or kept as NaN to be filled. The numbers go to a [`Store`]: memory up to a
//! bound, beyond it a temporary file. So a file is read once, standard input is treated like one, and every later pass
//! costs no parsing. A [`Recipe`](recipe::Recipe) then says how a row becomes inputs and desired outputs of a network.

mod column;
mod encoding;
pub mod format;
mod header;
mod notation;
pub mod numbering;
pub mod options;
mod reader;
pub mod recipe;
mod records;
mod row;
pub mod scaling;
pub mod split;
mod store;
mod tally;

pub use column::{Column, Contents, WholeNumbers};
pub use format::Format;
pub use notation::Notation;
pub use options::{Fill, Filling, Options, StoredOptions};
pub use reader::Reader;
pub use row::{Cell, Row};
pub use store::{Store, StoreWriter};
pub use tally::Tally;

use crate::error::Error;
use crate::file::Input;

/// A column to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name in the header.
    pub name: String,
    /// What it holds, as far as that was said.
    pub kind: Kind,
    /// Whether missing cells are kept, as NaN; else their rows are skipped.
    pub keeps_missing: bool,
    /// Whether it is what is to be computed.
    pub is_target: bool,
}

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers: any other text is an error.
    Numbers,
    /// Texts: categories, even where they look like numbers.
    Texts,
    /// What all of its cells are: numbers, or texts.
    Either,
    /// Classes: whole numbers, or texts.
    Classes,
}

impl Wanted {
    /// A column of numbers; rows in which it is missing are skipped.
    #[must_use]
    pub fn numbers(name: &str) -> Wanted {
        Wanted { name: name.into(), kind: Kind::Numbers, keeps_missing: false, is_target: false }
    }
}

/// The wanted columns of a whole file, as numbers.
#[derive(Debug)]
pub struct Table {
    /// The columns, in the order in which they were wanted.
    pub columns: Vec<Column>,
    /// For each row one number a column: the number itself, or the place of the category; NaN where it is missing.
    pub store: Store,
    /// The missing cells.
    pub tally: Tally,
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
        let needed = places.iter().zip(wanted).filter(|(_, wanted)| !wanted.keeps_missing);
        let needed: Vec<usize> = needed.map(|(&place, _)| place).collect();
        let mut drafts: Vec<column::Draft<'_>> = wanted.iter().map(column::Draft::new).collect();
        let mut store = StoreWriter::new(wanted.len(), memory);
        let (mut tally, mut room) = (Tally::default(), column::ROOM);
        let mut numbers = vec![0.0; wanted.len()];
        while let Some(row) = reader.next_row()? {
            if let Some(missing) = row.first_missing(&needed) {
                tally.skip(&row, missing);
                continue;
            }
            for ((draft, &place), number) in drafts.iter_mut().zip(&places).zip(&mut numbers) {
                *number = if draft.keeps(&row, place) {
                    tally.keep(&row, place);
                    f64::NAN
                } else {
                    draft.take(&row, place, &mut room)?
                };
            }
            store.push(&numbers)?;
        }
        if store.is_empty() {
            return Err(tally.nothing(reader));
        }
        let columns =
            drafts.into_iter().map(|draft| draft.finish(reader)).collect::<Result<_, _>>()?;
        Ok(Table { columns, store: store.finish()?, tally })
    }

    /// The number of rows.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.store.row_count()
    }
}

/// Opens a CSV file, or standard input, that is written in this format.
///
/// # Errors
///
/// As [`Reader::new`]; [`Error::Read`].
pub fn open(input: &Input, format: Format) -> Result<Reader, Error> {
    Reader::new(input.open()?, name(input), format)
}

/// What errors call a table.
fn name(input: &Input) -> String {
    match input {
        Input::Standard => input.to_string(),
        Input::File(path) => path.display().to_string(),
    }
}

/// Where a row of a store stands: the line in its file, if that can be read again and still has it, else the number of
/// the row. The columns are those of the store; rows in which one of them is missing were skipped.
pub(crate) fn place(input: &Input, format: Format, columns: &[String], row: usize) -> String {
    let line = || {
        if *input == Input::Standard {
            return None;
        }
        let mut reader = open(input, format).ok()?;
        let places: Option<Vec<usize>> = columns.iter().map(|name| reader.find(name)).collect();
        let (places, mut before) = (places?, row);
        loop {
            let next = reader.next_row().ok()??;
            if next.first_missing(&places).is_some() {
                continue;
            }
            if before == 0 {
                return Some(next.line());
            }
            before -= 1;
        }
    };
    line().map_or_else(|| format!(", row {} of data", row + 1), |line| format!(", line {line}"))
}
