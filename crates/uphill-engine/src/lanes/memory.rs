//! The vectors of one tile: one for each per-sample address.
//!
//! Each starts at a cache line, and the distance between them is an odd number of lines, so that the same lane of many
//! vectors spreads over all sets of the cache. Who has the lanes of a vector elsewhere already may have it lie there.

use super::prepare::PreparedBlock;
use super::strip::{Moved, Strips};
use super::vector::Element;
use crate::code::{Block, Code, DEEPEST, Sampled};

/// How many wide vectors there are: as many as the operation needs that needs the most, log-sum-exp.
pub(super) const WIDE: usize = 4;

/// Room for the lanes of one tile. Each thread has its own and uses it again and again.
#[derive(Debug)]
pub(crate) struct LaneMemory<E: Element> {
    lines: Vec<E::Line>,
    shape: Shape,
    /// Lane 0 of each vector: among the lines, or elsewhere.
    places: Vec<*mut E>,
    /// Four vectors of `f64` lanes, for elementary functions.
    wide: Vec<<f64 as Element>::Line>,
    pub(super) turns: Turns,
}

/// Where a tile is in the loops of its code.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The present iterations of the loops around, outermost first.
    pub(super) iterations: Vec<u32>,
    /// How far each path leads in these.
    pub(super) offsets: Vec<u32>,
    /// A strip, the operands of an instruction and a block, where they have moved to.
    pub(super) strip: Moved,
    pub(super) operands: Vec<u32>,
    pub(super) block: PreparedBlock,
}

impl Turns {
    /// The most that it takes.
    fn bytes(code: &Code) -> usize {
        let places = code.places(&code.instructions) as usize;
        let block = |block: &Block| (block.inputs.len() + block.targets.len()) * size_of::<usize>();
        let blocks = code.blocks.iter().map(block).max().unwrap_or(0);
        // Lists grow; these have a place at least.
        let lists = 2 * (places + 2 * DEEPEST) * size_of::<u32>();
        lists + 2 * blocks + Strips::moved_bytes(code)
    }
}

/// How vectors lie in the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// The number of vectors.
    pub(super) vectors: usize,
    /// How many samples each holds at most.
    pub(super) tile: usize,
    /// The distance from one to the next, in numbers.
    pub(super) stride: usize,
}

impl Shape {
    pub(super) fn of<E: Element>(program: &dyn Sampled) -> Shape {
        let tile = program.tile();
        let lines = tile.div_ceil(E::LINE) | 1;
        Shape { vectors: program.layout().per_sample(), tile, stride: lines * E::LINE }
    }

    /// The lanes that are calculated for so many samples: up to the end of a cache line.
    pub(super) fn lanes<E: Element>(samples: usize) -> usize {
        samples.next_multiple_of(E::LINE)
    }
}

// SAFETY: places lead to the own lines, or to where who put a vector elsewhere vouches for.
unsafe impl<E: Element> Send for LaneMemory<E> {}
// SAFETY: as above; what is shared is read only.
unsafe impl<E: Element> Sync for LaneMemory<E> {}

impl<E: Element> LaneMemory<E> {
    /// Room for a program's tiles, filled with zeros.
    pub(crate) fn new(program: &dyn Sampled) -> LaneMemory<E> {
        let shape = Shape::of::<E>(program);
        let mut lines = vec![E::ZERO_LINE; shape.vectors * shape.stride / E::LINE];
        let first: *mut E = lines.as_mut_ptr().cast();
        let places = (0..shape.vectors).map(|index| first.wrapping_add(index * shape.stride));
        LaneMemory {
            places: places.collect(),
            lines,
            shape,
            wide: vec![f64::ZERO_LINE; WIDE * Shape::lanes::<E>(shape.tile) / f64::LINE],
            turns: Turns::default(),
        }
    }

    /// What it takes.
    pub(crate) fn bytes(program: &dyn Sampled) -> usize {
        let shape = Shape::of::<E>(program);
        let wide = WIDE * Shape::lanes::<E>(shape.tile);
        shape.vectors * (shape.stride * size_of::<E>() + size_of::<*mut E>())
            + wide * size_of::<f64>()
            + Turns::bytes(program.sample().code())
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// The first number of the first vector, and the first of the wide lanes.
    pub(super) fn pointers(&mut self) -> (*mut E, *mut f64) {
        (self.lines.as_mut_ptr().cast(), self.wide.as_mut_ptr().cast())
    }

    /// The lanes of a vector among the own lines, counted from the first column: as many as a tile has samples.
    pub(crate) fn vector(&self, index: usize) -> &[E] {
        assert!(index < self.shape.vectors, "vector {index} of {}", self.shape.vectors);
        // SAFETY: the vector lies in `lines`, which is made of nothing but numbers.
        unsafe {
            let first: *const E = self.lines.as_ptr().cast();
            std::slice::from_raw_parts(first.add(index * self.shape.stride), self.shape.tile)
        }
    }

    /// The same to be written: this is how columns come in. The vector lies here from now on.
    pub(crate) fn vector_mut(&mut self, index: usize) -> &mut [E] {
        assert!(index < self.shape.vectors, "vector {index} of {}", self.shape.vectors);
        // SAFETY: as above, and `self` is borrowed mutably.
        unsafe {
            let first: *mut E = self.lines.as_mut_ptr().cast();
            let own = first.add(index * self.shape.stride);
            self.places[index] = own;
            std::slice::from_raw_parts_mut(own, self.shape.tile)
        }
    }

    /// Lane 0 of a vector, wherever it lies.
    pub(crate) fn place(&self, index: usize) -> *const E {
        self.places[index]
    }

    /// From now on a vector lies at this place, and not among the own lines. A program that has blocks or sums over samples
    /// finds it there no more.
    ///
    /// # Safety
    ///
    /// Until it is put elsewhere, the place must be good for reading all lanes of tiles that run, and for writing them if
    /// code writes the vector; by nobody else meanwhile. These are whole lines: tiles whose samples are not must not run.
    pub(crate) unsafe fn put(&mut self, index: usize, place: *mut E) {
        self.places[index] = place;
    }

    pub(super) fn places(&self) -> *const [*mut E] {
        &raw const *self.places
    }

    /// Fills the lanes beyond the samples, of the first so many vectors, with copies of the last sample: numbers for
    /// which a program's functions are as likely to be defined as for any other.
    pub(super) fn pad(&mut self, columns: usize, samples: usize) {
        let (first, _) = self.pointers();
        for column in 0..columns.min(self.shape.vectors) {
            for lane in samples..Shape::lanes::<E>(samples) {
                // SAFETY: the stride has room for all lanes of a tile's samples, and `samples` is at least 1.
                unsafe {
                    let vector = first.add(column * self.shape.stride);
                    *vector.add(lane) = *vector.add(samples - 1);
                }
            }
        }
    }
}
