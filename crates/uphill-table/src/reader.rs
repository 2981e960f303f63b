//! Rows of a table, as a format says how they are written: one file after the other, with errors that name file, line and
//! column.
//!
//! A table may have several [`Files`]. All have the same columns, in any order; that of the first is the table's. What is
//! left out of rows, [`Reader::remarks`] tells.

use std::io::{self, Read};
use std::path::Path;

use crate::cells::Cells;
use crate::error::Error;
use crate::files::Files;
use crate::format::Format;
use crate::header::{Difference, Header};
use crate::left_out::LeftOut;
use crate::position::RowPlace;
use crate::row::Row;
use crate::source::{Piece, Source};
use crate::stretch::Stretch;
use crate::words::few;
use crate::writer::Written;

/// Reads a table row by row. The first row of each CSV file holds the names of the columns.
///
/// ```
/// use uphill_table::{Format, Reader};
///
/// let text = "x,y\n1,2\n3,four\n";
/// let mut reader = Reader::new(text.as_bytes(), "t.csv", Format::default())?;
/// let y = reader.column("y")?;
/// let mut told = Vec::new();
/// while let Some(row) = reader.next_row()? {
///     told.push(row.number(y).map_err(|error| error.to_string()));
/// }
/// let error = "t.csv, line 3, column `y`: expected a number, got the text `four`".to_owned();
/// assert_eq!(told, [Ok(2.0), Err(error)]);
/// # Ok::<(), uphill_table::Error>(())
/// ```
pub struct Reader {
    format: Format,
    cells: Cells,
    header: Header,
    source: Source,
    /// The columns that are asked for, if others are not.
    asked: Option<Vec<usize>>,
    left_out: LeftOut,
    /// The name of the first file.
    first: String,
    /// What is still to come.
    waiting: std::vec::IntoIter<Piece>,
    /// Where the first row of the first stretch begins, once another file is open.
    began: Option<u64>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("name", &self.cells.table)
            .field("header", &self.header.names())
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn open(path: impl AsRef<Path>, format: Format) -> Result<Reader, Error> {
        let path = path.as_ref();
        Reader::open_files(Files::listed(path.display().to_string(), vec![path.into()])?, format)
    }

    /// Opens the first of several files and reads its header; each of the others is opened when the rows before it were
    /// read.
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn open_files(files: Files, format: Format) -> Result<Reader, Error> {
        let mut cells = Cells::new(files.name().to_owned(), &format);
        let pieces: Vec<Piece> = files.paths().iter().map(|path| Piece::whole(path)).collect();
        let mut waiting = pieces.into_iter();
        let first = waiting.next().unwrap_or_default();
        cells.enter(&first.path);
        Reader::begin(cells, format, waiting, |format, cells, left_out| {
            Source::open(&first, format, cells, left_out)
        })
    }

    /// Opens stretches of files, of which others read what is between: the columns are those of the first file, the rows
    /// those that begin in one of the stretches. The first stretch may begin in the midst of its file, with a row; so many
    /// lines are before it, and the text must be UTF-8. The others begin with their files.
    ///
    /// ```
    /// use uphill_table::{Files, Format, Reader, Stretch};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = |name: &str| folder.path().join(name);
    /// std::fs::write(path("a.csv"), "x,y\n1,2\n3,4\n")?;
    /// std::fs::write(path("b.csv"), "y,x\n6,five\n")?;
    /// let files = Files::listed("parts", vec![path("a.csv"), path("b.csv")])?;
    /// let own = [Stretch { file: 0, bytes: 8..12 }, Stretch { file: 1, bytes: 0..11 }];
    /// let mut reader = Reader::open_stretches(&files, Format::default(), &own, 2)?;
    /// let mut told = Vec::new();
    /// while let Some(row) = reader.next_row()? {
    ///     told.push(format!("{}: {:?}", row.position(), row.text(0)));
    /// }
    /// assert_eq!(told, ["line 3: Ok(\"3\")", "line 2: Ok(\"five\")"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::new`]; [`Error::Read`] for a part of what can't be cut, and for a file that isn't in the list.
    pub fn open_stretches(
        files: &Files,
        format: Format,
        stretches: &[Stretch],
        lines: u64,
    ) -> Result<Reader, Error> {
        let first = files.paths()[..1].to_vec();
        let mut reader = Reader::open_files(Files::listed(files.name(), first)?, format)?;
        let nothing = [Stretch { file: 0, bytes: 0..0 }];
        let stretches = if stretches.is_empty() { &nothing } else { stretches };
        let before = [lines].into_iter().chain(std::iter::repeat(0));
        let pieces = stretches.iter().zip(before).map(|(stretch, lines)| {
            let path = files.paths().get(stretch.file).ok_or_else(|| {
                let what = format!("the table has no file {} to be read", stretch.file + 1);
                let source = io::Error::new(io::ErrorKind::InvalidInput, what);
                Error::Read { what: format!("`{}`", files.name()), source }
            })?;
            Ok(Piece { path: path.clone(), within: Some((stretch.bytes.clone(), lines)) })
        });
        reader.waiting = pieces.collect::<Result<Vec<Piece>, Error>>()?.into_iter();
        // The header's file is opened again, for rows.
        reader.left_out = LeftOut::default();
        reader.open_next()?;
        reader.began = None;
        Ok(reader)
    }

    /// Where the first row of the first stretch begins, or would, if the stretch doesn't begin with its file; and where the
    /// reading stopped in the last file that was opened: at the row that follows its own, or at the end of the file. Of a
    /// file that is no text, nowhere: zeros.
    #[must_use]
    pub fn reach(&self) -> [u64; 2] {
        let [first, last] = self.source.reach();
        [self.began.unwrap_or(first), last]
    }

    /// Reads the header. `name` is what errors call the file.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for an empty file, or one whose first row can't be a header; [`Error::Format`] for a format that
    /// contradicts itself; [`Error::Read`].
    pub fn new(
        from: impl Read + 'static,
        name: impl Into<String>,
        format: Format,
    ) -> Result<Reader, Error> {
        let cells = Cells::new(name.into(), &format);
        Reader::begin(cells, format, Vec::new().into_iter(), |format, cells, left_out| {
            Source::begin(Box::new(from), format, cells, left_out)
        })
    }

    fn begin(
        cells: Cells,
        format: Format,
        waiting: std::vec::IntoIter<Piece>,
        open: impl FnOnce(&Format, &Cells, &mut LeftOut) -> Result<(Source, Header), Error>,
    ) -> Result<Reader, Error> {
        format.check().map_err(Error::Format)?;
        let mut left_out = LeftOut::default();
        let (source, header) = open(&format, &cells, &mut left_out)?;
        let first = cells.file().to_owned();
        let (asked, began) = (None, None);
        Ok(Reader { format, cells, header, source, asked, left_out, first, waiting, began })
    }

    /// Goes on to the next file; false if there is none.
    fn open_next(&mut self) -> Result<bool, Error> {
        let Some(piece) = self.waiting.next() else { return Ok(false) };
        self.cells.enter(&piece.path);
        let (source, header) = Source::open(&piece, &self.format, &self.cells, &mut self.left_out)?;
        let expected = || {
            let expected = few(self.header.names().iter().map(String::as_str));
            format!("expected the columns of `{}`: {expected}", self.first)
        };
        self.header = header.in_order_of(&self.header).map_err(|difference| match difference {
            Difference::Added(column) => {
                let what = format!("`{}` has no such column; {}", self.first, expected());
                self.cells.error_at(None, Some(&column), &what)
            }
            Difference::Missing(column) => {
                let what = format!("there is no such column; {}", expected());
                self.cells.error_at(None, Some(&column), &what)
            }
        })?;
        self.began.get_or_insert(self.source.reach()[0]);
        self.source = source;
        Ok(true)
    }

    /// The names of the columns, but for those without one.
    #[must_use]
    pub fn header(&self) -> &[String] {
        self.header.names()
    }

    /// What errors call the table.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.cells.table
    }

    /// How the table is written.
    #[must_use]
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// The place of the column of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], with the nearest name.
    pub fn column(&self, name: &str) -> Result<usize, Error> {
        self.find(name).ok_or_else(|| {
            let known = self.header().iter().map(String::as_str);
            Error::unknown_column(self.name(), name, known)
        })
    }

    /// The place of the column of this name, if there is one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.header.find(name)
    }

    /// The next row, `None` behind the last one of the last file. Empty lines, and rows of nothing but delimiters, are
    /// skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for a row with more or fewer fields than the header, and a file with other columns than the
    /// first; [`Error::Read`].
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        loop {
            let Reader { format, cells, header, source, asked, left_out, .. } = self;
            if source.next_row(format, cells, header, asked.as_deref(), left_out)? {
                break;
            }
            if !self.open_next()? {
                return Ok(None);
            }
        }
        Ok(Some(Row::new(&self.cells, &self.header, self.source.fields())))
    }

    /// Whether all columns hold what can be read: numbers, texts or booleans, as those of CSV always do.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for the first that doesn't.
    pub fn check_columns(&self) -> Result<(), Error> {
        let fields = self.source.fields();
        for (&place, name) in self.header.places().iter().zip(self.header.names()) {
            if let Some(what) = fields.unreadable(place) {
                let what = format!(
                    "expected numbers, texts or booleans, got {what}; write them as one of these"
                );
                return Err(self.cells.error_at(None, Some(name), &what));
            }
        }
        Ok(())
    }

    /// As what a column can be written again, so that nothing of it is lost: CSV tells no types, so that its cells are texts.
    #[must_use]
    pub fn written(&self, column: usize) -> Written {
        self.source.written(self.header.places()[column])
    }

    /// From here on only these columns are looked at, so that others need not be read.
    pub(crate) fn ask_for(&mut self, columns: impl IntoIterator<Item = usize>) {
        self.asked = Some(columns.into_iter().collect());
    }

    /// What was left out of the rows so far, for people.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.left_out().remarks(self.name())
    }

    /// The same as counts, to be added to those of others that read other rows of the table.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        let unnamed = self.header.unnamed();
        let unnamed = unnamed.first().map(|first| (unnamed.len(), *first));
        LeftOut { unnamed, ..self.left_out.clone() }
    }

    /// An error about the table as a whole.
    #[must_use]
    pub fn error(&self, what: &str) -> Error {
        Error::at(self.name(), None, None, what)
    }

    /// Where the row of this place, from 0, stands among those that are still to come and in which no cell of these columns
    /// is missing: where a row of a [`Table`](crate::Table) stands, if its files are read again. `None` if it isn't there.
    ///
    /// It reads all rows before.
    ///
    /// ```
    /// use uphill_table::{Format, Reader};
    ///
    /// let format = Format { missing: Some(vec!["?".into()]), ..Format::default() };
    /// let mut reader = Reader::new("x\n1\n?\n\n2\n".as_bytes(), "t.csv", format)?;
    /// let place = reader.place_of_row(1, &["x".into()]);
    /// assert_eq!(place.map(|place| place.to_string()), Some("line 5".into()));
    /// # Ok::<(), uphill_table::Error>(())
    /// ```
    pub fn place_of_row(&mut self, place: usize, columns: &[String]) -> Option<RowPlace> {
        let places: Option<Vec<usize>> = columns.iter().map(|name| self.find(name)).collect();
        let (places, mut before) = (places?, place);
        loop {
            let row = self.next_row().ok()??;
            if row.first_missing(&places).is_some() {
                continue;
            }
            if before == 0 {
                return Some(row.place());
            }
            before -= 1;
        }
    }

    /// What the cells mean.
    pub(crate) fn cells(&self) -> &Cells {
        &self.cells
    }
}

#[cfg(test)]
mod tests;
