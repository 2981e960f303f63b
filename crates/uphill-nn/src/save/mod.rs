//! Saving and reading: a model with its training state as JSON, weights alone as safetensors.
//!
//! The file is one JSON object with a format, a version and a checksum, so that what is foreign, newer or damaged is
//! told as such. Numbers are printed so that they read back to the same bits.

use std::io::{self, Write};

mod formula;
mod model;
mod tensors;
mod whole;

pub(crate) use formula::Formula;
pub use model::Model;
pub use tensors::{read_weights, write_weights};
pub use whole::WholeFile;

/// FNV-1a, 64 bits, of bytes that come bit by bit: tells a damaged file from a whole one.
#[derive(Clone)]
pub(crate) struct Fnv1a(u64);

impl Default for Fnv1a {
    fn default() -> Fnv1a {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }
}

impl Write for Fnv1a {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes.iter().copied());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Fnv1a {
    pub(crate) fn add(&mut self, bytes: impl IntoIterator<Item = u8>) {
        let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        self.0 = bytes.into_iter().fold(self.0, step);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0
    }
}
