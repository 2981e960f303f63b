//! The checksum of a piece of JSON: of its text without the spaces between its parts.
//!
//! So text can be laid out otherwise, and is never copied: it is looked at as it is written, or where it lies.

use std::fmt;
use std::io::{self, Write};

/// FNV-1a, 64 bits, of JSON without spaces: tells damage, not malice.
#[derive(Debug, Clone)]
pub(crate) struct Checksum {
    hash: u64,
    bytes: u64,
    lines: u64,
    place: Place,
}

/// Where the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Between,
    InString,
    /// In a string, behind a backslash.
    Escaped,
}

impl Default for Checksum {
    fn default() -> Checksum {
        Checksum { hash: 0xcbf2_9ce4_8422_2325, bytes: 0, lines: 0, place: Place::Between }
    }
}

impl Checksum {
    pub(crate) fn of(text: &[u8]) -> Checksum {
        let mut checksum = Checksum::default();
        checksum.add(text);
        checksum
    }

    /// How many bytes the text has if each line is indented by two more spaces, as a part of something larger is.
    pub(crate) fn indented(&self) -> u64 {
        self.bytes + 2 * self.lines
    }

    fn add(&mut self, text: &[u8]) {
        self.bytes += text.len() as u64;
        for &byte in text {
            self.lines += u64::from(byte == b'\n');
            self.place = match (self.place, byte) {
                (Place::Between, b' ' | b'\n' | b'\r' | b'\t') => continue,
                (Place::Between, b'"') | (Place::Escaped, _) => Place::InString,
                (Place::InString, b'"') => Place::Between,
                (Place::InString, b'\\') => Place::Escaped,
                (place, _) => place,
            };
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl Write for Checksum {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.add(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.hash)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_vec, to_vec_pretty};

    use super::Checksum;

    #[test]
    fn spaces_count_in_strings_alone() {
        let json = json!({
            "a b": [1.5, -2e-300, true, null, [], {}, "c  d\t\n", "\"", "\\", "\\\" e", " "],
            "\"[": { "é ": [[1, 2], ["\u{1}  "]] },
        });
        let (compact, pretty) = (to_vec(&json).unwrap(), to_vec_pretty(&json).unwrap());
        let larger = to_vec_pretty(&json!({ "": json })).unwrap();
        let around = to_vec_pretty(&json!({ "": 0 })).unwrap().len() - 1;
        assert_eq!(Checksum::of(&pretty).indented(), (larger.len() - around) as u64);
        let plain = compact.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        for text in [&compact, &pretty] {
            let checksum = Checksum::of(text);
            assert_eq!(checksum.to_string(), format!("{plain:016x}"));
            // In any pieces.
            let mut pieces = Checksum::default();
            text.chunks(3).for_each(|piece| pieces.add(piece));
            assert_eq!(pieces.to_string(), checksum.to_string());
        }
    }
}
