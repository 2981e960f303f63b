//! Rows of text from CSV, as a format says how they are written: errors name file, line and column.
//!
//! Rows of nothing but delimiters, columns without name and cells, and fields beyond the header that are empty are
//! what spreadsheets leave: they are left out, and [`Reader::remarks`] tells of them.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use crate::advice::Advice;
use crate::cells::Cells;
use crate::encoding::{Decoded, Undecodable};
use crate::error::Error;
use crate::format::Format;
use crate::header::Header;
use crate::records::{MOST_FIELD, MOST_FIELDS, MOST_RECORD, Records, Trouble};
use crate::row::Row;
use crate::words::{counted, few, shortened};

/// Reads a CSV file row by row. The first row holds the names of the columns.
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
    records: Records,
    blank: Skipped,
    beyond: Skipped,
}

/// Rows of one kind: how many, and the line of the first.
#[derive(Debug, Default, Clone, Copy)]
struct Skipped {
    count: usize,
    first: u64,
}

impl Skipped {
    fn note(&mut self, line: u64) {
        if self.count == 0 {
            self.first = line;
        }
        self.count += 1;
    }
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
        let name = path.as_ref().display().to_string();
        let file = File::open(path);
        let file = file.map_err(|source| Error::Read { what: format!("`{name}`"), source })?;
        Reader::new(file, name, format)
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
        format.check().map_err(Error::Format)?;
        let cells = Cells::new(name.into(), &format);
        let read_failed = |source| Error::Read { what: format!("`{}`", cells.table), source };
        let decoded = Decoded::new(Box::new(from), format.encoding).map_err(read_failed)?;
        let decoded =
            decoded.map_err(|(what, advice)| cells.error_at(None, None, what).with(advice))?;
        let mark = decoded.mark();
        let records =
            Records::new(Box::new(decoded), byte(format.delimiter), format.comment.map(byte))
                .after(mark, 0);
        let mut reader = Reader {
            format,
            cells,
            header: Header::default(),
            records,
            blank: Skipped::default(),
            beyond: Skipped::default(),
        };
        if !reader.advance()? {
            return Err(reader.error("it is empty; expected a header with names of columns"));
        }
        reader.read_header()?;
        Ok(reader)
    }

    /// Opens a file, of which it reads the header, and of the rows those that begin within these bytes: from 0 to the size
    /// of the file, all of them. A start that is not 0 must be the beginning of a row; so many lines are before it. The text
    /// must be UTF-8.
    ///
    /// # Errors
    ///
    /// As [`Reader::new`].
    pub fn within(
        path: impl AsRef<Path>,
        format: Format,
        bytes: Range<u64>,
        lines: u64,
    ) -> Result<Reader, Error> {
        let mut reader = Reader::open(&path, format)?;
        if bytes.start > 0 {
            let what = || format!("`{}`", reader.name());
            let seek = |mut file: File| {
                file.seek(SeekFrom::Start(bytes.start))?;
                Ok(file)
            };
            let file = File::open(path).and_then(seek);
            let file = file.map_err(|source| Error::Read { what: what(), source })?;
            let Format { delimiter, comment, .. } = reader.format;
            let records = Records::new(Box::new(file), byte(delimiter), comment.map(byte));
            reader.records = records.after(bytes.start, lines);
        }
        reader.records.end_before(bytes.end);
        Ok(reader)
    }

    /// Where the first row begins, or would, of a reader [within](Reader::within) bytes that don't start with 0; and where it
    /// stopped: at the row that follows its own, or at the end of the file.
    #[must_use]
    pub fn reach(&self) -> [u64; 2] {
        self.records.reach()
    }

    fn read_header(&mut self) -> Result<(), Error> {
        let record = &self.records.record;
        let line = record.line;
        let wrong = |what: String| self.cells.error_at(Some(line), None, &what);
        let mut header = Header::with_room(record.count);
        for place in 0..record.count {
            let Ok(column) = std::str::from_utf8(record.field(place)) else {
                let what = "is not UTF-8; save the file as UTF-8";
                let what = format!("the name of column {} {what}", place + 1);
                return Err(wrong(what).with([Advice::Encoding]));
            };
            if let Err(name) = header.push(column) {
                let name = shortened(&name);
                let what = format!("two columns are named `{name}`; rename one of them");
                return Err(wrong(what));
            }
        }
        let names = header.names();
        if names.iter().all(|name| self.cells.notation.number(name).is_some()) {
            return Err(wrong(format!(
                "numbers where names of columns were expected: `{}`; give the file a header",
                few(names.iter().map(String::as_str))
            )));
        }
        if let Some(other) = self.other_delimiter(names) {
            let what = match names {
                [name] => format!("only one column, `{}`", shortened(name).escape_debug()),
                _ => format!("the columns `{}`", few(names.iter().map(String::as_str))),
            };
            return Err(wrong(what).with([Advice::Delimiter(other)]));
        }
        self.header = header;
        Ok(())
    }

    /// Another character that seems to end columns: there is but one column, or more of these than of columns.
    fn other_delimiter(&self, names: &[String]) -> Option<char> {
        let (count, sign) = self.most_frequent_delimiter(names)?;
        (count >= names.len()).then_some(sign)
    }

    /// Another character between columns that is in their names.
    fn any_other_delimiter(&self) -> Option<char> {
        let (count, sign) = self.most_frequent_delimiter(self.header())?;
        (count > 0).then_some(sign)
    }

    fn most_frequent_delimiter(&self, names: &[String]) -> Option<(usize, char)> {
        let count = |sign: char| names.iter().map(|name| name.matches(sign).count()).sum::<usize>();
        let others = [';', '\t', '|', ','].into_iter();
        let others = others.filter(|&sign| sign != self.format.delimiter);
        others.map(|sign| (count(sign), sign)).max_by_key(|(count, _)| *count)
    }

    /// The names of the columns, but for those without one.
    #[must_use]
    pub fn header(&self) -> &[String] {
        self.header.names()
    }

    /// What errors call the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.cells.table
    }

    /// How the file is written.
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

    /// The next row, `None` at the end. Empty lines, and rows of nothing but delimiters, are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for a row with more or fewer fields than the header; [`Error::Read`].
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        let record = &self.records.record;
        let (line, fields) = (record.line, record.count);
        let is_empty = |place: usize| record.field(place).is_empty();
        let width = self.header.width();
        if fields < self.header.least_width() || !(width..fields).all(is_empty) {
            return Err(self.wrong_width());
        }
        if let Some(&place) = self.header.unnamed().iter().find(|&&place| !is_empty(place)) {
            let cell = String::from_utf8_lossy(record.field(place)).into_owned();
            let what = format!(
                "column {} has no name in the header, but holds `{}` here; give it a name there",
                place + 1,
                shortened(&cell)
            );
            return Err(self.cells.error_at(Some(line), None, &what));
        }
        if fields > width {
            self.beyond.note(line);
        }
        Ok(Some(Row::new(&self.cells, &self.header, &self.records.record)))
    }

    fn wrong_width(&self) -> Error {
        let record = &self.records.record;
        let (fields, width) = (counted(record.count, "field"), self.header.width());
        let mut what = format!("{fields}, but the header has {width}");
        let begins = |signs: &str| {
            let first = record.field(0).first().copied().map(char::from);
            first.filter(|c| signs.contains(*c))
        };
        let in_header = self.header().first().and_then(|name| name.chars().next());
        let mut advice = None;
        if record.bytes().contains(&b'\n') {
            let next = self.records.next_line();
            what += &format!("; a quote runs on to line {next}: is one left open?");
        } else if let Some(sign) = begins("#%").or(in_header.filter(|c| "#%".contains(*c))) {
            advice = Some(Advice::Comment(sign));
        } else if let Some(other) = self.any_other_delimiter() {
            advice = Some(Advice::Delimiter(other));
        } else if self.format.decimal == ',' && self.format.delimiter == ',' {
            advice = Some(Advice::DelimiterBesideCommas);
        }
        self.cells.error_at(Some(record.line), None, &what).with(advice)
    }

    /// Reads the next record that holds anything.
    fn advance(&mut self) -> Result<bool, Error> {
        loop {
            match self.records.advance() {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(trouble) => return Err(self.told(trouble)),
            }
            let record = &self.records.record;
            if record.is_open {
                let line = record.line_of(record.count - 1);
                let what = "a quote opens in this row and is never closed";
                return Err(self.cells.error_at(Some(line), None, what));
            }
            if record.bytes().contains(&0) {
                let error =
                    self.cells.error_at(Some(record.line), None, "it holds a byte of value 0");
                return Err(error.with([Advice::Utf16]));
            }
            if !record.bytes().iter().all(u8::is_ascii_whitespace) {
                return Ok(true);
            }
            self.blank.note(record.line);
        }
    }

    /// Why a record can't be read, in words.
    fn told(&self, trouble: Trouble) -> Error {
        match trouble {
            Trouble::Read(source) => {
                let own = source.get_ref().and_then(|inner| inner.downcast_ref::<Undecodable>());
                match own {
                    Some(&Undecodable { line, encoding }) => {
                        Error::Encoding { table: self.name().to_owned(), line, encoding }
                    }
                    None => Error::Read { what: format!("`{}`", self.name()), source },
                }
            }
            Trouble::Field { place, line, is_quoted } => {
                let column = self.header.places().iter().position(|&column| column == place);
                let column = column.map(|name| self.header()[name].as_str());
                let what = match is_quoted {
                    true => format!(
                        "a quote opens in this line and is not closed within {} MiB; close it, or write \"\" for a \
                         quote within a text",
                        MOST_FIELD >> 20
                    ),
                    false => format!(
                        "a field of more than {} MiB; expected a table of numbers and short texts",
                        MOST_FIELD >> 20
                    ),
                };
                self.cells.error_at(Some(line), column, &what)
            }
            Trouble::Record { line } => {
                let what = format!(
                    "a row of more than {} MiB or {MOST_FIELDS} fields, which is too large to be one",
                    MOST_RECORD >> 20
                );
                self.cells.error_at(Some(line), None, &what)
            }
        }
    }

    /// What was left out of the rows so far, for people.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let name = self.name();
        if let [first, others @ ..] = self.header.unnamed() {
            remarks.push(format!(
                "{name}: {} without a name and without cells left out, the first is column {}",
                counted(1 + others.len(), "column"),
                first + 1
            ));
        }
        for (rows, what) in [
            (self.blank, "of nothing but empty fields skipped"),
            (self.beyond, "with empty fields beyond the header's columns, which were left out"),
        ] {
            if rows.count > 0 {
                let count = counted(rows.count, "row");
                remarks.push(format!("{name}: {count} {what}, the first is line {}", rows.first));
            }
        }
        remarks
    }

    /// An error about the file as a whole.
    #[must_use]
    pub fn error(&self, what: &str) -> Error {
        self.cells.error_at(None, None, what)
    }

    /// The line of the row of this place, from 0, among those that are still to come and in which no cell of these columns
    /// is missing: where a row of a [`Table`](crate::Table) stands, if its file is read again. `None` if it isn't there.
    ///
    /// It reads all rows before.
    ///
    /// ```
    /// use uphill_table::{Format, Reader};
    ///
    /// let format = Format { missing: Some(vec!["?".into()]), ..Format::default() };
    /// let mut reader = Reader::new("x\n1\n?\n\n2\n".as_bytes(), "t.csv", format)?;
    /// assert_eq!(reader.line_of_row(1, &["x".into()]), Some(5));
    /// # Ok::<(), uphill_table::Error>(())
    /// ```
    pub fn line_of_row(&mut self, place: usize, columns: &[String]) -> Option<u64> {
        let places: Option<Vec<usize>> = columns.iter().map(|name| self.find(name)).collect();
        let (places, mut before) = (places?, place);
        loop {
            let row = self.next_row().ok()??;
            if row.first_missing(&places).is_some() {
                continue;
            }
            if before == 0 {
                return Some(row.line());
            }
            before -= 1;
        }
    }

    /// What the cells mean.
    pub(crate) fn cells(&self) -> &Cells {
        &self.cells
    }
}

fn byte(c: char) -> u8 {
    u8::try_from(c).unwrap_or(b',')
}

#[cfg(test)]
mod tests;
