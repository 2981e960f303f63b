//! Records of CSV, one after the other, each with the line at which it begins, in bounded memory.
//!
//! It stands on `csv-core` rather than on `csv`, whose line numbers are those of the place where the search for a row
//! began: one too small after `\r\n`, more after empty lines. A quote that is never closed would make one field of all
//! that follows, so fields and records have a largest size.

use std::io::{BufRead, BufReader, Read};

use csv_core::ReadRecordResult;

/// The largest field, in bytes: larger ones are quotes left open, or no table.
pub(crate) const MOST_FIELD: usize = 1 << 20;
/// The largest record, in bytes.
pub(crate) const MOST_RECORD: usize = 64 << 20;
/// The most fields of a record.
pub(crate) const MOST_FIELDS: usize = 1 << 21;

/// Reads records.
pub(crate) struct Records {
    from: BufReader<Box<dyn Read>>,
    csv: csv_core::Reader,
    comment: Option<u8>,
    lines: Lines,
    /// How many bytes of the file lie before what is still to come.
    position: u64,
    /// Records that begin here or later belong to somebody else.
    end: u64,
    /// Where the first record begins, once it was looked for.
    first: Option<u64>,
    /// The record that was read last.
    pub(crate) record: Record,
}

/// The fields of a record, one after the other, each with its end.
#[derive(Debug, Default)]
pub(crate) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// How many fields it has.
    pub(crate) count: usize,
    /// The line at which it begins.
    pub(crate) line: u64,
    /// Whether the file ended within quotes.
    pub(crate) is_open: bool,
}

/// Why a record can't be read.
pub(crate) enum Trouble {
    /// The file can't be read.
    Read(std::io::Error),
    /// A field is too large: its position, the line at which it begins, and whether it was in quotes for sure.
    Field { place: usize, line: u64, is_quoted: bool },
    /// All fields together are too large, or too many; the line at which the record begins.
    Record { line: u64 },
}

impl Record {
    /// A field, without spaces around it; empty beyond the last one.
    pub(crate) fn field(&self, place: usize) -> &[u8] {
        if place < self.count { self.raw(place).trim_ascii() } else { &[] }
    }

    /// With the spaces around it.
    fn raw(&self, place: usize) -> &[u8] {
        &self.bytes[self.start(place)..self.ends[place]]
    }

    fn start(&self, place: usize) -> usize {
        if place == 0 { 0 } else { self.ends[place - 1] }
    }

    /// The bytes of all fields.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.start(self.count)]
    }

    /// The line at which a field begins.
    pub(crate) fn line_of(&self, place: usize) -> u64 {
        self.line + ends_in(&self.bytes[..self.start(place)])
    }
}

impl Records {
    /// Reads text of UTF-8.
    pub(crate) fn new(from: Box<dyn Read>, delimiter: u8, comment: Option<u8>) -> Records {
        let csv = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let from = BufReader::with_capacity(1 << 16, from);
        let (lines, record) = (Lines::default(), Record::default());
        Records { from, csv, comment, lines, position: 0, end: u64::MAX, first: None, record }
    }

    /// The same, of text of which so many bytes and lines lie before.
    pub(crate) fn after(mut self, bytes: u64, lines: u64) -> Records {
        (self.position, self.lines.ended) = (bytes, lines);
        self
    }

    /// Ends before the first record that begins at this byte or later.
    pub(crate) fn end_before(&mut self, end: u64) {
        self.end = end;
    }

    /// Where the first record begins, or would, and where the reading stopped: at the next one, or at the end of the file.
    pub(crate) fn reach(&self) -> [u64; 2] {
        [self.first.unwrap_or(self.position), self.position]
    }

    /// The line that follows what was read.
    pub(crate) fn next_line(&self) -> u64 {
        self.lines.ended + 1
    }

    /// Reads the next record; false at the end of the file.
    pub(crate) fn advance(&mut self) -> Result<bool, Trouble> {
        let is_found = self.find_record()?;
        self.first.get_or_insert(self.position);
        if !is_found || self.position >= self.end {
            return Ok(false);
        }
        let Records { from, csv, lines, position, record, .. } = self;
        record.line = lines.ended + 1;
        let (mut length, mut count) = (0, 0);
        let mut last = b'\0';
        loop {
            // No bytes tell the parser that the file ends.
            let bytes = fill(from)?;
            let ends = bytes.is_empty();
            let (found, taken, written, ended) =
                csv.read_record(bytes, &mut record.bytes[length..], &mut record.ends[count..]);
            lines.count(&bytes[..taken]);
            let mut seen = bytes[..taken].iter().rev().filter(|byte| !matches!(byte, b' ' | b'\t'));
            last = seen.next().copied().unwrap_or(last);
            from.consume(taken);
            *position += taken as u64;
            (length, count) = (length + written, count + ended);
            let start = record.start(count);
            if !matches!(found, ReadRecordResult::Record | ReadRecordResult::End)
                && length - start > MOST_FIELD
            {
                let is_quoted = ends_in(&record.bytes[start..length]) > 0;
                return Err(Trouble::Field {
                    place: count,
                    line: record.line_of(count),
                    is_quoted,
                });
            }
            match found {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if record.bytes.len() >= MOST_RECORD => {
                    return Err(Trouble::Record { line: record.line });
                }
                ReadRecordResult::OutputFull => {
                    record.bytes.resize((2 * record.bytes.len()).clamp(1024, MOST_RECORD), 0);
                }
                ReadRecordResult::OutputEndsFull if record.ends.len() >= MOST_FIELDS => {
                    return Err(Trouble::Record { line: record.line });
                }
                ReadRecordResult::OutputEndsFull => {
                    record.ends.resize((2 * record.ends.len()).clamp(16, MOST_FIELDS), 0);
                }
                ReadRecordResult::Record => {
                    record.count = count;
                    // A line end within a field was quoted; if the file ends there, too, no quote came behind it.
                    let last_field = if count == 0 { &[][..] } else { record.raw(count - 1) };
                    record.is_open = ends && last != b'"' && ends_in(last_field) > 0;
                    return Ok(true);
                }
                ReadRecordResult::End => return Ok(false),
            }
        }
    }

    /// Goes over line ends and comments, so that a record's line is the one at which it starts; false at the end.
    fn find_record(&mut self) -> Result<bool, Trouble> {
        let mut in_comment = false;
        loop {
            let Records { from, comment, lines, .. } = self;
            let bytes = fill(from)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
            let skipped = bytes.iter().position(|byte| is_end(byte) == in_comment);
            let taken = skipped.unwrap_or(bytes.len());
            let next = skipped.map(|place| bytes[place]);
            lines.count(&bytes[..taken]);
            from.consume(taken);
            self.position += taken as u64;
            match next {
                None => {}
                Some(_) if in_comment => in_comment = false,
                next if next == *comment => in_comment = true,
                Some(_) => return Ok(true),
            }
        }
    }
}

fn fill(from: &mut BufReader<Box<dyn Read>>) -> Result<&[u8], Trouble> {
    loop {
        match from.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Trouble::Read(error)),
        }
    }
    Ok(from.buffer())
}

/// The number of lines that end within these bytes of a file, and, if it is asked for, the first place after an end.
pub(crate) fn lines_within(
    from: &mut (impl Read + std::io::Seek),
    bytes: std::ops::Range<u64>,
) -> std::io::Result<(u64, Option<u64>)> {
    let mut lines = Lines::default();
    // The byte before tells whether a `\n` belongs to a `\r`.
    let mut at = bytes.start.saturating_sub(1);
    from.seek(std::io::SeekFrom::Start(at))?;
    let (mut before, mut first) = (0, None);
    let mut from = BufReader::with_capacity(1 << 16, from.take(bytes.end - at));
    loop {
        let block = from.fill_buf()?;
        if block.is_empty() {
            return Ok((lines.ended - before, first));
        }
        let mut rest = block;
        if at < bytes.start {
            lines.count(&rest[..1]);
            // What ends right before is none of these, but a row may begin behind it.
            first = (rest[0] == b'\n').then_some(bytes.start);
            before = lines.ended;
            (at, rest) = (at + 1, &rest[1..]);
        }
        if first.is_none()
            && let Some(place) = rest.iter().position(|&byte| byte == b'\n')
        {
            first = Some(at + place as u64 + 1);
        }
        lines.count(rest);
        at += rest.len() as u64;
        let length = block.len();
        from.consume(length);
    }
}

/// Counts lines, whether they end by `\n`, `\r\n` or `\r`, in pieces of a text.
#[derive(Debug, Default)]
struct Lines {
    /// How many have ended.
    ended: u64,
    /// Whether a `\r` ended the last one, so that a `\n` belongs to it.
    after_return: bool,
}

impl Lines {
    fn count(&mut self, bytes: &[u8]) {
        let many = |end: u8| bytes.iter().filter(|&&byte| byte == end).count() as u64;
        if !self.after_return && !bytes.contains(&b'\r') {
            self.ended += many(b'\n');
            return;
        }
        for &byte in bytes {
            let is_second = self.after_return && byte == b'\n';
            self.ended += u64::from(matches!(byte, b'\r' | b'\n') && !is_second);
            self.after_return = byte == b'\r';
        }
    }
}

/// The number of lines that end in a text.
fn ends_in(bytes: &[u8]) -> u64 {
    let mut lines = Lines::default();
    lines.count(bytes);
    lines.ended
}
