//! Saving and reading: a model with its training state as JSON, weights alone as safetensors.
//!
//! The file is one JSON object with a format, a version and a checksum, so that what is foreign, newer or damaged is
//! told as such. Numbers are printed so that they read back to the same bits.

mod formula;
mod model;
mod tensors;
mod whole;

pub(crate) use formula::Formula;
pub use model::Model;
pub use tensors::{read_weights, write_weights};

/// FNV-1a, 64 bits: tells a damaged file from a whole one.
pub(crate) fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let basis = 0xcbf2_9ce4_8422_2325;
    bytes
        .into_iter()
        .fold(basis, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
