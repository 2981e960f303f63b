//! Rows of text from CSV, as a format says how they are written: errors name file, line and column.
//!
//! Rows of nothing but delimiters, columns without name and cells, and fields beyond the header that are empty are
//! what spreadsheets leave: they are left out, and [`Reader::remarks`] tells of them.

use std::io::Read;

use super::encoding::Decoded;
use super::format::Format;
use super::header::Header;
use super::notation::{Notation, Readings, looks_missing};
use super::records::{MOST_FIELD, MOST_FIELDS, MOST_RECORD, Record, Records, Trouble};
use super::row::{ENCODING, Row};
use crate::error::Error;
use crate::list::for_shell;
use crate::names::shortened;
use crate::numbers::counted;

/// Reads a CSV file row by row. The first row holds the names of the columns.
pub struct Reader {
    name: String,
    format: Format,
    notation: Notation,
    /// Marks of missing cells that are numbers: cells of the same number are missing, too.
    missing_numbers: Vec<f64>,
    /// Whether messages may name the options of tables.
    has_options: bool,
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
            .field("name", &self.name)
            .field("header", &self.header.names())
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Reads the header. `name` is what errors call the file.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for an empty file, or one whose first row can't be a header; [`Error::Read`].
    pub fn new(
        from: impl Read + 'static,
        name: impl Into<String>,
        format: Format,
    ) -> Result<Reader, Error> {
        let name = name.into();
        let read_failed = |source| Error::Read { what: format!("`{name}`"), source };
        let decoded = Decoded::new(Box::new(from), format.encoding).map_err(read_failed)?;
        let decoded = decoded.map_err(|what| Error::Table {
            table: name.clone(),
            place: String::new(),
            what,
        })?;
        let byte = |c: char| u8::try_from(c).unwrap_or(b',');
        let records =
            Records::new(Box::new(decoded), byte(format.delimiter), format.comment.map(byte));
        let notation = format.notation();
        let marks = format.missing.iter().flatten();
        let missing_numbers = marks.filter_map(|mark| notation.number(mark)).collect();
        let mut reader = Reader {
            name,
            notation,
            missing_numbers,
            has_options: true,
            format,
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

    /// The same reader for a file whose format no option can tell: messages name none.
    #[must_use]
    pub fn without_options(mut self) -> Reader {
        self.has_options = false;
        self
    }

    fn read_header(&mut self) -> Result<(), Error> {
        let record = &self.records.record;
        let line = record.line;
        let wrong = |what: String| Err(self.error_at(Some(line), None, &what));
        let mut header = Header::with_room(record.count);
        for place in 0..record.count {
            let Ok(column) = std::str::from_utf8(record.field(place)) else {
                return wrong(format!("the name of column {} is not UTF-8{ENCODING}", place + 1));
            };
            if let Err(name) = header.push(column) {
                let name = shortened(&name);
                return wrong(format!("two columns are named `{name}`; rename one of them"));
            }
        }
        let names = header.names();
        if names.iter().all(|name| self.notation.number(name).is_some()) {
            return wrong(format!(
                "numbers where names of columns were expected: `{}`; give the file a header",
                crate::names::few(names.iter().map(String::as_str))
            ));
        }
        if let Some(other) = self.other_delimiter(names) {
            let what = match names {
                [name] => format!("only one column, `{}`", shortened(name).escape_debug()),
                _ => {
                    format!("the columns `{}`", crate::names::few(names.iter().map(String::as_str)))
                }
            };
            return wrong(format!(
                "{what}; if columns end at another character, give --delimiter {other}"
            ));
        }
        self.header = header;
        Ok(())
    }

    /// Another character that seems to end columns: there is but one column, or more of these than of columns.
    fn other_delimiter(&self, names: &[String]) -> Option<&'static str> {
        let (count, option) = self.most_frequent_delimiter(names)?;
        (count >= names.len()).then_some(option)
    }

    /// Another character between columns that is in their names.
    fn any_other_delimiter(&self) -> Option<&'static str> {
        let (count, option) = self.most_frequent_delimiter(self.header())?;
        (count > 0).then_some(option)
    }

    fn most_frequent_delimiter(&self, names: &[String]) -> Option<(usize, &'static str)> {
        let others = [(';', "';'"), ('\t', "tab"), ('|', "'|'"), (',', "','")];
        let count = |sign: char| names.iter().map(|name| name.matches(sign).count()).sum::<usize>();
        let others = others.into_iter().filter(|(sign, _)| *sign != self.format.delimiter);
        others.map(|(sign, option)| (count(sign), option)).max_by_key(|(count, _)| *count)
    }

    /// The names of the columns, but for those without one.
    #[must_use]
    pub fn header(&self) -> &[String] {
        self.header.names()
    }

    /// What errors call the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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
    /// [`Error::UnknownName`], with the nearest name.
    pub fn column(&self, name: &str) -> Result<usize, Error> {
        self.find(name).ok_or_else(|| {
            let known = self.header().iter().map(String::as_str);
            Error::unknown("column", name, &self.name, known)
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
    /// [`Error::Table`] for a row with more or fewer fields than the header; [`Error::Read`].
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
            return Err(self.error_at(Some(line), None, &what));
        }
        if fields > width {
            self.beyond.note(line);
        }
        Ok(Some(Row::new(self, line)))
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
        if record.bytes().contains(&b'\n') {
            let next = self.records.next_line();
            what += &format!("; a quote runs on to line {next}: is one left open?");
        } else if let Some(sign) = begins("#%").or(in_header.filter(|c| "#%".contains(*c)))
            && self.has_options
        {
            what += &format!(
                "; if lines that begin with `{sign}` are comments, give --comment '{sign}'"
            );
        } else if let Some(other) = self.any_other_delimiter()
            && self.has_options
        {
            what += &format!("; if columns end at another character, give --delimiter {other}");
        } else if self.notation.decimal == ',' && self.format.delimiter == ',' {
            what += "; where commas are decimal signs, columns end at another character: see --delimiter";
        }
        self.error_at(Some(record.line), None, &what)
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
                return Err(self.error_at(Some(line), None, what));
            }
            if record.bytes().contains(&0) {
                let what = "it holds a byte of value 0; if the text is UTF-16 without a mark, give --encoding \
                            utf-16le or utf-16be";
                return Err(self.error_at(Some(record.line), None, what));
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
            Trouble::Read(source) => Error::Read { what: format!("`{}`", self.name), source },
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
                self.error_at(Some(line), column, &what)
            }
            Trouble::Record { line } => {
                let what = format!(
                    "a row of more than {} MiB or {MOST_FIELDS} fields, which is too large to be one",
                    MOST_RECORD >> 20
                );
                self.error_at(Some(line), None, &what)
            }
        }
    }

    /// What was left out of the rows so far, for people.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let name = &self.name;
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
        self.error_at(None, None, what)
    }

    /// An error about a line and a column, as far as known.
    pub(super) fn error_at(&self, line: Option<u64>, column: Option<&str>, what: &str) -> Error {
        let line = line.map_or(String::new(), |line| format!(", line {line}"));
        let column =
            column.map_or(String::new(), |column| format!(", column `{}`", shortened(column)));
        Error::Table { table: self.name.clone(), place: line + &column, what: what.into() }
    }

    /// What would make a number of a text, with `; ` in front; nothing if nothing is known.
    pub(super) fn hint(&self, text: &str) -> String {
        if !self.has_options {
            return String::new();
        }
        let readings = Readings::of(text);
        if !readings.is_none() {
            return format!("; {}", readings.hint(text, self.notation));
        }
        if looks_missing(text) {
            return format!("; --missing {} takes it as a missing cell", for_shell(text));
        }
        String::new()
    }

    /// The signs of numbers.
    pub(super) fn notation(&self) -> Notation {
        self.notation
    }

    /// Whether a field marks a missing cell, or is empty where cells may be missing at all.
    pub(super) fn is_missing(&self, field: &[u8]) -> bool {
        let Some(marks) = &self.format.missing else { return false };
        let is_number = |text: &str| {
            let number = self.notation.number(text);
            number.is_some_and(|number| self.missing_numbers.contains(&number))
        };
        field.is_empty()
            || marks.iter().any(|mark| mark.as_bytes() == field)
            || !self.missing_numbers.is_empty() && std::str::from_utf8(field).is_ok_and(is_number)
    }

    /// The place in a record of a column.
    pub(super) fn place(&self, column: usize) -> usize {
        self.header.places()[column]
    }

    /// The record of the row that was read last.
    pub(super) fn record(&self) -> &Record {
        &self.records.record
    }

    /// Whether messages may name the options of tables.
    pub(super) fn has_options(&self) -> bool {
        self.has_options
    }
}

#[cfg(test)]
mod tests;
