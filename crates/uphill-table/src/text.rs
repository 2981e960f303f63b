//! One file of CSV: its header, and its records as rows, with errors that name file, line and column.
//!
//! Rows of nothing but delimiters, columns without name and cells, and fields beyond the header that are empty are
//! what spreadsheets leave: they are left out, and counted.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use crate::advice::Advice;
use crate::cells::Cells;
use crate::encoding::{Decoded, Undecodable};
use crate::error::Error;
use crate::format::Format;
use crate::header::Header;
use crate::left_out::LeftOut;
use crate::position::Position;
use crate::records::{MOST_FIELD, MOST_FIELDS, MOST_RECORD, Record, Records, Trouble};
use crate::words::{counted, few, shortened};

/// A file of CSV that is being read.
pub(crate) struct Text {
    records: Records,
}

impl Text {
    /// Reads the header.
    pub(crate) fn begin(
        from: Box<dyn Read>,
        format: &Format,
        cells: &Cells,
        left_out: &mut LeftOut,
    ) -> Result<(Text, Header), Error> {
        let read_failed = |source| Error::Read { what: format!("`{}`", cells.file()), source };
        let decoded = Decoded::new(from, format.encoding).map_err(read_failed)?;
        let decoded =
            decoded.map_err(|(what, advice)| cells.error_at(None, None, what).with(advice))?;
        let mark = decoded.mark();
        let mut text = Text { records: records(Box::new(decoded), format).after(mark, 0) };
        if !text.advance(cells, &Header::default(), left_out)? {
            let what = "it is empty; expected a header with names of columns";
            return Err(cells.error_at(None, None, what));
        }
        let header = text.read_header(format, cells)?;
        Ok((text, header))
    }

    /// Of what follows the header only the rows that begin within these bytes: all that are left, if they begin with the file,
    /// else they must begin with a row, and so many lines are before them.
    pub(crate) fn go_within(
        &mut self,
        path: &Path,
        format: &Format,
        bytes: &Range<u64>,
        lines: u64,
    ) -> io::Result<()> {
        if bytes.start > 0 {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(bytes.start))?;
            self.records = records(Box::new(file), format).after(bytes.start, lines);
        }
        self.records.end_before(bytes.end);
        Ok(())
    }

    /// Where the first row begins, or would, if the bytes don't begin with the file; and where the reading stopped: at the
    /// row that follows the last one, or at the end of the file.
    pub(crate) fn reach(&self) -> [u64; 2] {
        self.records.reach()
    }

    fn read_header(&self, format: &Format, cells: &Cells) -> Result<Header, Error> {
        let record = &self.records.record;
        let line = Some(Position::Line(record.line));
        let wrong = |what: String| cells.error_at(line, None, &what);
        let mut header = Header::with_room(record.count);
        for place in 0..record.count {
            let Ok(column) = std::str::from_utf8(record.field(place)) else {
                let what = "is not UTF-8; save the file as UTF-8";
                let what = format!("the name of column {} {what}", place + 1);
                return Err(wrong(what).with([Advice::Encoding]));
            };
            header.push(column).map_err(|name| cells.named_twice(line, &name))?;
        }
        let names = header.names();
        if names.iter().all(|name| cells.notation.number(name).is_some()) {
            return Err(wrong(format!(
                "numbers where names of columns were expected: `{}`; give the file a header",
                few(names.iter().map(String::as_str))
            )));
        }
        // There is but one column, or more of these than of columns.
        if let Some((count, other)) = most_frequent_delimiter(names, format)
            && count >= names.len()
        {
            let what = match names {
                [name] => format!("only one column, `{}`", shortened(name).escape_debug()),
                _ => format!("the columns `{}`", few(names.iter().map(String::as_str))),
            };
            return Err(wrong(what).with([Advice::Delimiter(other)]));
        }
        Ok(header)
    }

    /// The record that was read last.
    pub(crate) fn record(&self) -> &Record {
        &self.records.record
    }

    /// Reads the next row; false at the end.
    pub(crate) fn next_row(
        &mut self,
        format: &Format,
        cells: &Cells,
        header: &Header,
        left_out: &mut LeftOut,
    ) -> Result<bool, Error> {
        if !self.advance(cells, header, left_out)? {
            return Ok(false);
        }
        let record = &self.records.record;
        let (line, fields) = (record.line, record.count);
        let is_empty = |place: usize| record.field(place).is_empty();
        let width = header.width();
        if fields < header.least_width() || !(width..fields).all(is_empty) {
            return Err(self.wrong_width(format, cells, header));
        }
        if let Some(&place) = header.unnamed().iter().find(|&&place| !is_empty(place)) {
            let cell = String::from_utf8_lossy(record.field(place)).into_owned();
            let what = format!(
                "column {} has no name in the header, but holds `{}` here; give it a name there",
                place + 1,
                shortened(&cell)
            );
            return Err(cells.error_at(Some(Position::Line(line)), None, &what));
        }
        if fields > width {
            left_out.beyond.note(line, cells);
        }
        Ok(true)
    }

    fn wrong_width(&self, format: &Format, cells: &Cells, header: &Header) -> Error {
        let record = &self.records.record;
        let (fields, width) = (counted(record.count, "field"), header.width());
        let mut what = format!("{fields}, but the header has {width}");
        let begins = |signs: &str| {
            let first = record.field(0).first().copied().map(char::from);
            first.filter(|c| signs.contains(*c))
        };
        let in_header = header.names().first().and_then(|name| name.chars().next());
        let other = most_frequent_delimiter(header.names(), format);
        let mut advice = None;
        if record.bytes().contains(&b'\n') {
            let next = self.records.next_line();
            what += &format!("; a quote runs on to line {next}: is one left open?");
        } else if let Some(sign) = begins("#%").or(in_header.filter(|c| "#%".contains(*c))) {
            advice = Some(Advice::Comment(sign));
        } else if let Some((1.., other)) = other {
            advice = Some(Advice::Delimiter(other));
        } else if format.decimal == ',' && format.delimiter == ',' {
            advice = Some(Advice::DelimiterBesideCommas);
        }
        cells.error_at(Some(Position::Line(record.line)), None, &what).with(advice)
    }

    /// Reads the next record that holds anything.
    fn advance(
        &mut self,
        cells: &Cells,
        header: &Header,
        left_out: &mut LeftOut,
    ) -> Result<bool, Error> {
        loop {
            match self.records.advance() {
                Ok(false) => return Ok(false),
                Ok(true) => {}
                Err(trouble) => return Err(told(trouble, cells, header)),
            }
            let record = &self.records.record;
            if record.is_open {
                let line = Position::Line(record.line_of(record.count - 1));
                let what = "a quote opens in this row and is never closed";
                return Err(cells.error_at(Some(line), None, what));
            }
            let line = Some(Position::Line(record.line));
            if record.bytes().contains(&0) {
                let error = cells.error_at(line, None, "it holds a byte of value 0");
                return Err(error.with([Advice::Utf16]));
            }
            if !record.bytes().iter().all(u8::is_ascii_whitespace) {
                return Ok(true);
            }
            left_out.blank.note(record.line, cells);
        }
    }
}

fn records(from: Box<dyn Read>, format: &Format) -> Records {
    let byte = |c: char| u8::try_from(c).unwrap_or(b',');
    Records::new(from, byte(format.delimiter), format.comment.map(byte))
}

/// Another character between columns that is in names most often, and how often.
fn most_frequent_delimiter(names: &[String], format: &Format) -> Option<(usize, char)> {
    let count = |sign: char| names.iter().map(|name| name.matches(sign).count()).sum::<usize>();
    let others = [';', '\t', '|', ','].into_iter();
    let others = others.filter(|&sign| sign != format.delimiter);
    others.map(|sign| (count(sign), sign)).max_by_key(|(count, _)| *count)
}

/// Why a record can't be read, in words.
fn told(trouble: Trouble, cells: &Cells, header: &Header) -> Error {
    match trouble {
        Trouble::Read(source) => {
            let own = source.get_ref().and_then(|inner| inner.downcast_ref::<Undecodable>());
            match own {
                Some(&Undecodable { line, encoding }) => {
                    Error::Encoding { table: cells.file().to_owned(), line, encoding }
                }
                None => Error::Read { what: format!("`{}`", cells.file()), source },
            }
        }
        Trouble::Field { place, line, is_quoted } => {
            let column = header.places().iter().position(|&column| column == place);
            let column = column.map(|name| header.names()[name].as_str());
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
            cells.error_at(Some(Position::Line(line)), column, &what)
        }
        Trouble::Record { line } => {
            let what = format!(
                "a row of more than {} MiB or {MOST_FIELDS} fields, which is too large to be one",
                MOST_RECORD >> 20
            );
            cells.error_at(Some(Position::Line(line)), None, &what)
        }
    }
}
