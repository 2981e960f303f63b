//! Bytes of any encoding as UTF-8, decoded as they are read.
//!
//! A mark at the beginning says the encoding before anything else does. Text that looks like UTF-16 without a mark is
//! told as such: read as UTF-8 it would be a table of one strange column.

use std::io::{Error, ErrorKind, Read, Result};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use crate::advice::Advice;
use crate::format::Coding;

/// Bytes that are read at once.
const BLOCK: usize = 1 << 16;

/// What is wrong with the beginning of a file, and what may help.
pub(crate) type Strange = (&'static str, Option<Advice>);

/// Bytes that are not of the encoding by which a file is read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} holds bytes that are not {encoding}")]
pub(crate) struct Undecodable {
    pub(crate) line: usize,
    pub(crate) encoding: &'static str,
}

/// Reads UTF-8 from text of any encoding, without its mark.
pub(crate) struct Decoded {
    from: Box<dyn Read>,
    /// Bytes that were read and not yet given on.
    raw: Vec<u8>,
    start: usize,
    /// What makes UTF-8 of them, unless they are that.
    decoding: Option<Decoding>,
}

struct Decoding {
    decoder: Decoder,
    encoding: &'static Encoding,
    text: Vec<u8>,
    start: usize,
    /// The line at which the next text stands, for errors.
    line: usize,
    ended: bool,
}

impl Decoded {
    /// Looks at the beginning.
    pub(crate) fn new(
        mut from: Box<dyn Read>,
        Coding(given): Coding,
    ) -> Result<std::result::Result<Decoded, Strange>> {
        let mut raw = vec![0; BLOCK];
        let mut length = 0;
        // A mark has up to three bytes; more are there in all but the smallest tables.
        while length < 4 {
            match read(&mut from, &mut raw[length..])? {
                0 => break,
                count => length += count,
            }
        }
        raw.truncate(length);
        let (encoding, start) = match Encoding::for_bom(&raw) {
            Some((encoding, length)) => (encoding, length),
            None => (given, 0),
        };
        if encoding == UTF_8
            && let Some(what) = strange(&raw)
        {
            return Ok(Err(what));
        }
        let decoding = (encoding != UTF_8).then(|| Decoding {
            decoder: encoding.new_decoder_without_bom_handling(),
            encoding,
            text: Vec::new(),
            start: 0,
            line: 1,
            ended: false,
        });
        Ok(Ok(Decoded { from, raw, start, decoding }))
    }

    /// How many bytes of a mark were left out; of text that is not decoded, what is given on follows them.
    pub(crate) fn mark(&self) -> u64 {
        self.start as u64
    }

    fn next_block(&mut self) -> Result<()> {
        self.raw.resize(BLOCK, 0);
        let length = read(&mut self.from, &mut self.raw)?;
        self.raw.truncate(length);
        self.start = 0;
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        loop {
            if let Some(Decoding { text, start, ended, .. }) = &mut self.decoding
                && (*start < text.len() || *ended)
            {
                return Ok(give(text, start, into));
            }
            if self.start == self.raw.len() {
                self.next_block()?;
            }
            match &mut self.decoding {
                None => return Ok(give(&self.raw, &mut self.start, into)),
                Some(decoding) => self.start += decoding.decode(&self.raw[self.start..])?,
            }
        }
    }
}

impl Decoding {
    /// Decodes bytes, none at the end of the file; gives how many were taken.
    fn decode(&mut self, bytes: &[u8]) -> Result<usize> {
        // So much room is enough for all of them.
        let room = self.decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        self.text.resize(room.unwrap_or(4 * BLOCK), 0);
        let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(
            bytes,
            &mut self.text,
            bytes.is_empty(),
        );
        self.text.truncate(written);
        self.start = 0;
        self.line += self.text.iter().filter(|&&byte| byte == b'\n').count();
        self.ended = bytes.is_empty();
        if let DecoderResult::Malformed(..) = result {
            let what = Undecodable { line: self.line, encoding: self.encoding.name() };
            return Err(Error::new(ErrorKind::InvalidData, what));
        }
        Ok(taken)
    }
}

/// Copies what fits.
fn give(from: &[u8], start: &mut usize, into: &mut [u8]) -> usize {
    let count = into.len().min(from.len() - *start);
    into[..count].copy_from_slice(&from[*start..*start + count]);
    *start += count;
    count
}

fn read(from: &mut impl Read, into: &mut [u8]) -> Result<usize> {
    loop {
        match from.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// What bytes seem to be that are no text: letters of ASCII have a 0 beside them in UTF-16.
fn strange(bytes: &[u8]) -> Option<Strange> {
    let zeros =
        |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    // Even in other alphabets, delimiters and line ends are so many; fewer are a slip in some row.
    let many = 2.max(bytes.len() / 50);
    match (zeros(0), zeros(1)) {
        (0, odd) if odd > many => Some((
            "its text looks like UTF-16LE without a mark",
            Some(Advice::EncodingNamed("utf-16le")),
        )),
        (even, 0) if even > many => Some((
            "its text looks like UTF-16BE without a mark",
            Some(Advice::EncodingNamed("utf-16be")),
        )),
        (even, odd) if even > many && odd > many => {
            Some(("it holds bytes of value 0, so it is no text", None))
        }
        _ => None,
    }
}
