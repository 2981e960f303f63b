//! Tables to be written as Parquet or Arrow: rows in, batches out, in bounded memory.

use std::io::Write;
use std::path::Path;

use crate::error::Error;
use crate::row::Row;

/// A kind of file that holds a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Text, which other crates write.
    Csv,
    /// Parquet, compressed by Snappy.
    Parquet,
    /// An Arrow file, also known as Feather.
    Arrow,
}

impl FileKind {
    /// What the ending of a file's name says: `.parquet` or `.pq`; `.arrow`, `.feather` or `.ipc`; anything else is CSV.
    ///
    /// ```
    /// use uphill_table::FileKind;
    ///
    /// assert_eq!(FileKind::of("answers.parquet".as_ref()), FileKind::Parquet);
    /// assert_eq!(FileKind::of("answers.txt".as_ref()), FileKind::Csv);
    /// ```
    #[must_use]
    pub fn of(path: &Path) -> FileKind {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "parquet" | "pq" => FileKind::Parquet,
            "arrow" | "feather" | "ipc" => FileKind::Arrow,
            _ => FileKind::Csv,
        }
    }
}

/// As what a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Floats of 64 bits.
    Numbers,
    /// Integers of 64 bits.
    WholeNumbers,
    /// Truths.
    Booleans,
    /// Texts.
    Texts,
}

/// Takes the rows of a table cell by cell.
///
/// Needs the feature `parquet`: without it, [`Writer::new`] is an error.
pub struct Writer<'w> {
    #[cfg(feature = "parquet")]
    encoded: crate::encoded::Encoded<'w>,
    #[cfg(not(feature = "parquet"))]
    to: std::marker::PhantomData<&'w mut dyn Write>,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

#[cfg(feature = "parquet")]
impl<'w> Writer<'w> {
    /// Begins a file; `name` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] for a kind that isn't written here; [`Error::Write`].
    pub fn new(
        to: &'w mut dyn Write,
        name: &str,
        kind: FileKind,
        columns: &[(String, Written)],
    ) -> Result<Writer<'w>, Error> {
        Ok(Writer { encoded: crate::encoded::Encoded::begin(to, name, kind, columns)? })
    }

    /// A number, or none, in the next column.
    pub fn number(&mut self, number: Option<f64>) {
        self.encoded.number(number);
    }

    /// A text, or none, in the next column.
    pub fn text(&mut self, text: Option<&str>) {
        self.encoded.text(text);
    }

    /// A cell of a table's row in the next column, whatever it holds; an empty one is none.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for a text that is not UTF-8, for what is neither a number nor a text, and for what a column of this
    /// type can't hold, since a later file of the table has another one.
    pub fn cell(&mut self, row: &Row<'_>, column: usize) -> Result<(), Error> {
        let text = if row.is_empty(column)? { None } else { Some(row.text(column)?) };
        match self.encoded.cell(text) {
            true => Ok(()),
            false => {
                let what =
                    "it is of another type than in the rows before, by which its column is written";
                Err(row.error(column, what))
            }
        }
    }

    /// The row is there.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn end_row(&mut self) -> Result<(), Error> {
        self.encoded.end_row()
    }

    /// All rows are there.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn finish(self) -> Result<(), Error> {
        self.encoded.finish()
    }
}

#[cfg(not(feature = "parquet"))]
impl<'w> Writer<'w> {
    /// Begins a file; `name` is what errors call it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`]: the feature is missing.
    pub fn new(
        _to: &'w mut dyn Write,
        name: &str,
        _kind: FileKind,
        _columns: &[(String, Written)],
    ) -> Result<Writer<'w>, Error> {
        Err(Error::Format(format!(
            "`{name}`: this program was built without Parquet and Arrow; build it with the feature `parquet`, or give a \
             name that ends in .csv"
        )))
    }

    /// A number, or none, in the next column.
    pub fn number(&mut self, _number: Option<f64>) {}

    /// A text, or none, in the next column.
    pub fn text(&mut self, _text: Option<&str>) {}

    /// A cell of a table's row in the next column, whatever it holds; an empty one is none.
    ///
    /// # Errors
    ///
    /// None.
    pub fn cell(&mut self, _row: &Row<'_>, _column: usize) -> Result<(), Error> {
        Ok(())
    }

    /// The row is there.
    ///
    /// # Errors
    ///
    /// None.
    pub fn end_row(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// All rows are there.
    ///
    /// # Errors
    ///
    /// None.
    pub fn finish(self) -> Result<(), Error> {
        let _ = self.to;
        Ok(())
    }
}
