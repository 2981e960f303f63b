//! Files as one table that several read at once: each has a stretch of its bytes.
//!
//! Where a stretch begins in the midst of a file, its first row is guessed to follow the next line end. That is wrong where
//! the line end is quoted, which shows when the one before stops elsewhere: then the stretch is read again from there.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use crate::error::Error;
use crate::format::{Coding, Format};
use crate::records::lines_within;
use crate::source::{FIRST, Kind};

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The place of the file in the list of files.
    pub file: usize,
    /// Its bytes.
    pub bytes: Range<u64>,
}

/// The stretches of one reader of several, of files with so many bytes each; of a file that can't be cut all or nothing.
///
/// ```
/// use uphill_table::{Stretch, stretches};
///
/// let files = [(60, true), (40, true), (20, false)];
/// let second = stretches(&files, 1, 3);
/// assert_eq!(second, [Stretch { file: 0, bytes: 40..60 }, Stretch { file: 1, bytes: 0..20 }]);
/// assert_eq!(stretches(&files, 2, 3)[1], Stretch { file: 2, bytes: 0..20 });
/// ```
#[must_use]
pub fn stretches(files: &[(u64, bool)], reader: usize, readers: usize) -> Vec<Stretch> {
    let all: u128 = files.iter().map(|(size, _)| u128::from(*size)).sum();
    let border = |reader: usize| (all * reader as u128 / readers.max(1) as u128) as u64;
    let (start, end) = (border(reader), border(reader + 1));
    let mut before = 0;
    let mut list = Vec::new();
    for (file, &(size, can_be_cut)) in files.iter().enumerate() {
        let within = |place: u64| place.clamp(before, before + size) - before;
        let bytes = match can_be_cut {
            true => within(start)..within(end),
            false if (start..end).contains(&before) => 0..size,
            false => 0..0,
        };
        if !bytes.is_empty() {
            list.push(Stretch { file, bytes });
        }
        before += size;
    }
    list
}

impl Stretch {
    /// Whether a file can be cut into stretches: it must be text, of UTF-8, as the format or a mark at its beginning says.
    ///
    /// # Errors
    ///
    /// [`Error::Read`].
    pub fn can_cut(path: &Path, format: &Format) -> Result<bool, Error> {
        let Coding(given) = format.encoding;
        let mut first = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(FIRST as u64).read_to_end(&mut first));
        read.map_err(|source| failed(path, source))?;
        let is_utf_8 =
            || Encoding::for_bom(&first).map_or(given, |(encoding, _)| encoding) == UTF_8;
        Ok(Kind::of(&first) == Kind::Text && is_utf_8())
    }

    /// How many lines end in it, and where its first row begins, as it seems: at its end, if that is nowhere.
    ///
    /// # Errors
    ///
    /// [`Error::Read`].
    pub fn look(&self, path: &Path) -> Result<(u64, u64), Error> {
        let found =
            File::open(path).and_then(|mut file| lines_within(&mut file, self.bytes.clone()));
        let (lines, first) = found.map_err(|source| failed(path, source))?;
        let start = if self.bytes.start == 0 { 0 } else { first.unwrap_or(self.bytes.end) };
        Ok((lines, start))
    }
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Read { what: format!("`{}`", path.display()), source }
}

#[cfg(test)]
mod tests;
