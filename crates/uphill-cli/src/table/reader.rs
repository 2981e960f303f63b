//! Rows of text from CSV: quotes, byte order marks and line ends as they come, errors with line and column.

use std::io::{BufRead, BufReader, Read};

use crate::error::Error;

/// Reads a CSV file row by row. The first row holds the names of the columns.
///
/// It stands on `csv-core` rather than on `csv`, whose line numbers are those of the place where the search for a row
/// began: one too small after `\r\n`, more after empty lines.
pub struct Reader {
    name: String,
    header: Vec<String>,
    from: BufReader<Box<dyn Read>>,
    csv: csv_core::Reader,
    record: Record,
    /// The line at which the next byte stands.
    next_line: u64,
}

/// The fields of a row, one after the other, each with its end.
#[derive(Debug, Default)]
struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
    line: u64,
    /// Whether the file ended within quotes.
    is_open: bool,
}

impl Record {
    fn field(&self, place: usize) -> &[u8] {
        self.raw(place).trim_ascii()
    }

    /// With the spaces around it.
    fn raw(&self, place: usize) -> &[u8] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.bytes[start..self.ends[place]]
    }

    /// The bytes of all fields.
    fn bytes(&self) -> &[u8] {
        let end = if self.count == 0 { 0 } else { self.ends[self.count - 1] };
        &self.bytes[..end]
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|place| self.field(place))
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("name", &self.name)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// One row, with its place in the file.
#[derive(Debug)]
pub struct Row<'r> {
    reader: &'r Reader,
    line: u64,
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
        delimiter: u8,
    ) -> Result<Reader, Error> {
        let name = name.into();
        let from: Box<dyn Read> = Box::new(from);
        let mut from = BufReader::with_capacity(1 << 16, from);
        let start = from.fill_buf().map_err(|source| read_failed(&name, source))?;
        let utf16 = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
        let csv = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let record = Record::default();
        let mut reader = Reader { name, header: Vec::new(), from, csv, record, next_line: 1 };
        if utf16 {
            return Err(reader.error("its text is UTF-16; save it as UTF-8"));
        }
        if !reader.advance()? {
            return Err(reader.error("it is empty; expected a header with names of columns"));
        }
        reader.check_closed()?;
        reader.read_header(delimiter)?;
        Ok(reader)
    }

    fn read_header(&mut self, delimiter: u8) -> Result<(), Error> {
        let line = self.record.line;
        let wrong = |what: String| Err(self.error_at(Some(line), None, &what));
        let mut header: Vec<String> = Vec::with_capacity(self.record.count);
        for (place, field) in self.record.fields().enumerate() {
            let Ok(column) = std::str::from_utf8(field) else {
                return wrong(format!("the name of column {} is not UTF-8", place + 1));
            };
            if column.is_empty() {
                return wrong(format!("column {} has no name; give it one", place + 1));
            }
            if header.iter().any(|other| other == column) {
                return wrong(format!("two columns are named `{column}`; rename one of them"));
            }
            header.push(column.into());
        }
        if header.iter().all(|name| name.parse::<f64>().is_ok()) {
            return wrong(format!(
                "numbers where names of columns were expected: `{}`; give the file a header",
                crate::names::few(header.iter().map(String::as_str))
            ));
        }
        for (other, text) in [(b';', "';'"), (b'\t', "tab"), (b',', "','")] {
            if let [name] = header.as_slice()
                && other != delimiter
                && name.bytes().any(|byte| byte == other)
            {
                return wrong(format!(
                    "only one column, `{}`; if columns end at another character, give --delimiter {text}",
                    name.escape_debug()
                ));
            }
        }
        self.header = header;
        Ok(())
    }

    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// What errors call the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The place of the column of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`], with the nearest name.
    pub fn column(&self, name: &str) -> Result<usize, Error> {
        self.header.iter().position(|column| column == name).ok_or_else(|| {
            let known = self.header.iter().map(String::as_str);
            Error::unknown("column", name, &self.name, known)
        })
    }

    /// The next row, `None` at the end. Empty lines are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a row with more or fewer fields than the header; [`Error::Read`].
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if !self.advance()? {
            return Ok(None);
        }
        self.check_closed()?;
        let line = self.record.line;
        let (fields, columns) = (self.record.count, self.header.len());
        if fields != columns {
            let fields = crate::numbers::counted(fields, "field");
            let mut what = format!("{fields}, but the header has {columns}");
            if self.record.bytes().contains(&b'\n') {
                what += &format!("; a quote runs on to line {}: is one left open?", self.next_line);
            }
            return Err(self.error_at(Some(line), None, &what));
        }
        Ok(Some(Row { reader: self, line }))
    }

    fn check_closed(&self) -> Result<(), Error> {
        if !self.record.is_open {
            return Ok(());
        }
        let what = "a quote opens in this row and is never closed";
        Err(self.error_at(Some(self.record.line), None, what))
    }

    /// Reads the next row into the record; false at the end of the file.
    fn advance(&mut self) -> Result<bool, Error> {
        let Reader { name, from, csv, record, next_line, .. } = self;
        // Line ends before a row are taken here, so that the row's line is where it starts.
        loop {
            let bytes = fill(from, name)?;
            let Some(row) = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')) else {
                if bytes.is_empty() {
                    return Ok(false);
                }
                let all = bytes.len();
                *next_line += line_ends(bytes);
                from.consume(all);
                continue;
            };
            *next_line += line_ends(&bytes[..row]);
            from.consume(row);
            break;
        }
        record.line = *next_line;
        let (mut length, mut count) = (0, 0);
        let mut last = b'\0';
        loop {
            // No bytes tell the parser that the file ends.
            let bytes = fill(from, name)?;
            let ends = bytes.is_empty();
            let (found, taken, written, ended) =
                csv.read_record(bytes, &mut record.bytes[length..], &mut record.ends[count..]);
            *next_line += line_ends(&bytes[..taken]);
            let mut seen = bytes[..taken].iter().rev().filter(|byte| !matches!(byte, b' ' | b'\t'));
            last = seen.next().copied().unwrap_or(last);
            from.consume(taken);
            (length, count) = (length + written, count + ended);
            match found {
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull => {
                    record.bytes.resize((2 * record.bytes.len()).max(1024), 0);
                }
                csv_core::ReadRecordResult::OutputEndsFull => {
                    record.ends.resize((2 * record.ends.len()).max(16), 0);
                }
                csv_core::ReadRecordResult::Record => {
                    record.count = count;
                    // A line end within a field was quoted; if the file ends there, too, no quote came behind it.
                    let last_field = if count == 0 { &[][..] } else { record.raw(count - 1) };
                    record.is_open = ends && last != b'"' && last_field.contains(&b'\n');
                    return Ok(true);
                }
                csv_core::ReadRecordResult::End => return Ok(false),
            }
        }
    }

    /// An error about the file as a whole.
    #[must_use]
    pub fn error(&self, what: &str) -> Error {
        self.error_at(None, None, what)
    }

    fn error_at(&self, line: Option<u64>, column: Option<&str>, what: &str) -> Error {
        let line = line.map_or(String::new(), |line| format!(", line {line}"));
        let column = column.map_or(String::new(), |column| format!(", column `{column}`"));
        Error::Table { table: self.name.clone(), place: line + &column, what: what.into() }
    }
}

fn fill<'b>(from: &'b mut BufReader<Box<dyn Read>>, name: &str) -> Result<&'b [u8], Error> {
    loop {
        match from.fill_buf() {
            Ok(_) => break,
            Err(source) if source.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(read_failed(name, source)),
        }
    }
    Ok(from.buffer())
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

fn read_failed(name: &str, source: std::io::Error) -> Error {
    Error::Read { what: format!("`{name}`"), source }
}

impl<'r> Row<'r> {
    /// The field in a column, without spaces around it.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] if it is empty or not UTF-8.
    pub fn text(&self, column: usize) -> Result<&'r str, Error> {
        let text = std::str::from_utf8(self.reader.record.field(column))
            .map_err(|_| self.error(column, "the text is not UTF-8; save the file as UTF-8"))?;
        if text.is_empty() {
            return Err(self.error(column, "the field is empty; fill it in, or leave out the row"));
        }
        Ok(text)
    }

    /// The number in a column.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for text, infinities and NaN.
    pub fn number(&self, column: usize) -> Result<f64, Error> {
        let text = self.text(column)?;
        let wrong = |what: &str| Err(self.error(column, &format!("expected a number, got {what}")));
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) if text.bytes().any(|byte| byte.is_ascii_digit()) => {
                wrong(&format!("`{text}`, which is too large for one"))
            }
            Ok(_) => wrong(&format!("`{text}`; give finite numbers")),
            Err(_) if text.replacen(',', ".", 1).parse::<f64>().is_ok() => wrong(&format!(
                "the text `{}`; a decimal point is expected, not a comma",
                shortened(text)
            )),
            Err(_) => wrong(&format!("the text `{}`", shortened(text))),
        }
    }

    /// The row as it was read: one field a column.
    pub fn fields(&self) -> impl Iterator<Item = &'r [u8]> {
        self.reader.record.fields()
    }

    /// The line at which the row begins; the file's first one is 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// An error about this row and column.
    #[must_use]
    pub fn error(&self, column: usize, what: &str) -> Error {
        self.reader.error_at(Some(self.line), Some(&self.reader.header[column]), what)
    }
}

/// The beginning of a long text.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests;
