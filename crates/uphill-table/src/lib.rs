//! Tables as they come: CSV of any size, read once, kept as numbers in bounded memory, gone through again and again.
//!
//! A [`Format`] says how a table is written: its delimiter, its numbers, its missing cells, its encoding. A [`Reader`] gives
//! rows of text with errors that name file, line and column. [`Table::read`] makes numbers of them: a number stays itself, a
//! category becomes its place in a list, a missing cell is skipped with its row, or kept as NaN to be filled. The numbers
//! go to a [`Store`]: memory up to a bound, beyond it a temporary file. So a file is read once, a stream is treated like
//! one, and every later pass costs no parsing. A [`Recipe`] then says how a row becomes inputs and desired outputs of a
//! network.
//!
//! ```
//! use uphill_table::{Format, Reader, Table, Wanted};
//!
//! // As a spreadsheet may have left it.
//! let text = "length;mass;\n1,5;2,0;\n?;3,0;\n2,5;4,0;\n;;\n";
//! let missing = Some(vec!["?".to_owned()]);
//! let format = Format { delimiter: ';', decimal: ',', missing, ..Format::default() };
//! let mut reader = Reader::new(text.as_bytes(), "fish.csv", format)?;
//! let wanted = [Wanted::numbers("length"), Wanted::numbers("mass")];
//! let table = Table::read(&mut reader, &wanted, 1 << 20)?;
//! assert_eq!(table.numbers("length")?, [1.5, 2.5]);
//! assert_eq!(table.numbers("mass")?, [2.0, 4.0]);
//! assert_eq!(
//!     table.tally.remarks("fish.csv", "skipped"),
//!     ["fish.csv: 1 row skipped, since a cell is missing, the first in line 3, column `length`"]
//! );
//! # Ok::<(), uphill_table::Error>(())
//! ```

mod advice;
#[cfg(feature = "parquet")]
mod batches;
mod cells;
mod column;
#[cfg(feature = "parquet")]
mod encoded;
mod encoding;
mod error;
mod files;
mod format;
mod header;
mod left_out;
mod notation;
pub mod numbering;
mod part;
mod places;
mod position;
mod reader;
pub mod recipe;
mod records;
mod row;
pub mod scaling;
mod source;
pub mod split;
mod store;
mod stretch;
mod table;
mod tally;
mod text;
pub mod words;
mod writer;

pub use advice::Advice;
pub use column::{Column, Contents, Kind, Wanted, WholeNumbers};
pub use error::{Error, place};
pub use files::Files;
pub use format::{Coding, Format, is_delimiter};
pub use left_out::LeftOut;
pub use notation::Notation;
pub use part::{Findings, Part};
pub use places::{Place, Places};
pub use position::{Position, RowPlace};
pub use reader::Reader;
pub use recipe::Recipe;
pub use row::{Cell, Row};
pub use store::{Store, StoreWriter};
pub use stretch::{Stretch, stretches};
pub use table::Table;
pub use tally::Tally;
pub use writer::{FileKind, Writer, Written};
