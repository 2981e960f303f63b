//! Files changed at random: what people and programs do wrong to texts, and what nobody would.
//!
//! Bytes turn over, parts vanish, come twice or a thousand times, numbers become others, words of one file get into another.

use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// No file becomes longer, but for a part that comes again and again.
const LONGEST: usize = 1 << 16;
const LONGEST_REPEATED: usize = 1 << 20;
/// Numbers at the edges of what types hold.
const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "-1",
    "2",
    "16",
    "255",
    "65536",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1e309",
    "-0.0",
    "5e-324",
    "0.1",
    "NaN",
    "inf",
];
const BYTES: [u8; 12] = [0, 1, 9, 10, 13, b' ', b'"', b'\\', 0x7f, 0x80, 0xc3, 0xff];

/// Files to begin with, and the words in them.
pub(crate) struct Corpus {
    files: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

impl Corpus {
    /// All files of a folder, by their names.
    pub(crate) fn read(folder: &Path) -> Corpus {
        let entries = std::fs::read_dir(folder).expect("a folder with files");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        let files: Vec<Vec<u8>> =
            paths.iter().map(|path| std::fs::read(path).expect("a file")).collect();
        assert!(!files.is_empty(), "{} has no files", folder.display());
        let mut words: Vec<Vec<u8>> = files.iter().flat_map(|file| words(file)).collect();
        words.sort();
        words.dedup();
        Corpus { files, words }
    }

    pub(crate) fn files(&self) -> &[Vec<u8>] {
        &self.files
    }

    /// One of the files, changed in some places.
    pub(crate) fn changed(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        let mut bytes = pick(&self.files, random).clone();
        for _ in 0..1 << random.random_range(0..4) {
            self.change(&mut bytes, random);
        }
        bytes
    }

    fn change(&self, bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
        let part = part(bytes, random);
        match random.random_range(0..12) {
            0 => {
                if let Some(byte) = bytes.get_mut(part.start) {
                    *byte ^= 1 << random.random_range(0..8);
                }
            }
            1 => bytes.insert(part.start, *pick(&BYTES, random)),
            2 => drop(bytes.drain(part)),
            3 => {
                let copy = bytes[part.clone()].to_vec();
                insert(bytes, part.end, &copy);
            }
            4 => {
                let most = LONGEST_REPEATED / part.len().max(1);
                let often = (1 << random.random_range(1..18_u32)).min(most);
                let copy = bytes[part.clone()].repeat(often);
                bytes.splice(part.start..part.start, copy);
                bytes.truncate(LONGEST_REPEATED);
            }
            5 | 6 => {
                let word = pick(&self.words, random).clone();
                insert(bytes, part.start, &word);
            }
            7 => {
                let word = pick(&self.words, random).clone();
                let place = word_at(bytes, part.start);
                bytes.splice(place, word);
            }
            8 | 9 => {
                let numbers: Vec<_> =
                    words_of(bytes).filter(|place| bytes[place.start].is_ascii_digit()).collect();
                let place = match numbers.is_empty() {
                    true => part.start..part.start,
                    false => pick(&numbers, random).clone(),
                };
                bytes.splice(place, pick(&NUMBERS, random).bytes());
            }
            10 => {
                let other = pick(&self.files, random);
                let from = random.random_range(0..=other.len());
                bytes.truncate(part.start);
                insert(bytes, part.start, &other[from..]);
            }
            _ => bytes.truncate(part.end),
        }
    }
}

fn pick<'c, T>(all: &'c [T], random: &mut ChaCha8Rng) -> &'c T {
    &all[random.random_range(0..all.len())]
}

/// A part, more often a short one.
fn part(bytes: &[u8], random: &mut ChaCha8Rng) -> std::ops::Range<usize> {
    let start = random.random_range(0..=bytes.len());
    let most = (1_usize << random.random_range(0..10)).min(bytes.len() - start);
    start..start + random.random_range(0..=most)
}

fn insert(bytes: &mut Vec<u8>, place: usize, part: &[u8]) {
    if bytes.len() + part.len() <= LONGEST {
        bytes.splice(place..place, part.iter().copied());
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.'
}

/// Words and numbers by their places; signs are words of their own.
fn words_of(bytes: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = *bytes.get(start)?;
        let length = bytes[start..].iter().take_while(|byte| is_of_word(**byte)).count();
        let place = start..start + if is_of_word(first) { length } else { 1 };
        start = place.end;
        Some(place)
    })
}

fn words(bytes: &[u8]) -> Vec<Vec<u8>> {
    words_of(bytes).map(|place| bytes[place].to_vec()).collect()
}

/// The word around a place.
fn word_at(bytes: &[u8], place: usize) -> std::ops::Range<usize> {
    words_of(bytes).find(|word| word.contains(&place)).unwrap_or(place..place)
}
