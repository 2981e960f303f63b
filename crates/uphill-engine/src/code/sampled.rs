//! Code that runs once a sample, as its executors see it; and the one shape that sums over samples have in all of them.
//!
//! Samples are cut into tiles. Within a tile sample `s` adds to partial sum `s mod 8`; tiles form at most [`LEAVES`] leaves,
//! added in order, and leaves are added as a balanced tree. So the bits of a sum depend on neither instructions nor threads.

use super::instructions::Layout;
use super::verify::Verified;

/// What runs once a sample: a program's code, or the body of a loop whose iterations run as samples do.
pub(crate) trait Sampled {
    fn layout(&self) -> &Layout;

    fn sample(&self) -> &Verified;

    /// How many samples make a tile: a multiple of 24.
    fn tile(&self) -> usize;

    /// The addresses that are read of each sample when its code has run.
    fn kept(&self) -> Vec<u32>;
}

/// A sum over samples has at most so many leaves.
pub(crate) const LEAVES: usize = 64;

/// Eight partial sums, which [`tile_total`] adds up.
pub(crate) type Partials = [f64; 8];

/// The sum over a tile.
pub(crate) fn tile_total(p: &Partials) -> f64 {
    ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]))
}

/// As many samples as keep the slots near the processor: at best within 24 KiB, at worst within half a mebibyte.
pub(crate) fn tile_size(per_sample: usize) -> u32 {
    const SIZES: [u32; 4] = [192, 96, 48, 24];
    let bytes = |size: u32| per_sample * size as usize * size_of::<f64>();
    let near = SIZES.into_iter().find(|&size| size >= 96 && bytes(size) <= 24 << 10);
    near.or_else(|| SIZES.into_iter().find(|&size| size <= 96 && bytes(size) <= 512 << 10))
        .unwrap_or(24)
}
