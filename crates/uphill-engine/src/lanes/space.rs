//! Addresses during the run of a tile: numbers of the call below, vectors of lanes above.

use super::memory::Shape;
use super::vector::Element;

/// The whole space of addresses, as one tile sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Space<'a, E: Element> {
    /// Lane 0 of the first vector. Good for reading and writing all vectors of `shape`, as long as the space exists.
    first: *mut E,
    shape: Shape,
    /// The numbers of the call; the address of the first vector is their count.
    numbers: &'a [E],
}

/// What is at an address.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<E> {
    /// A vector: its lane 0.
    Lanes(*const E),
    /// One number for all lanes.
    Number(E),
}

impl<'a, E: Element> Space<'a, E> {
    /// # Safety
    ///
    /// `first` must be good for reading and writing all vectors of the shape, by nobody else while the space is used.
    pub(super) unsafe fn new(first: *mut E, shape: Shape, numbers: &'a [E]) -> Space<'a, E> {
        Space { first, shape, numbers }
    }

    pub(super) fn first(&self) -> *mut E {
        self.first
    }

    pub(super) fn numbers(&self) -> &'a [E] {
        self.numbers
    }

    /// Lane 0 of the vector at this address, whose [`Shape::lanes`] can all be read and written.
    ///
    /// # Panics
    ///
    /// If there is no vector at this address.
    #[inline(always)]
    pub(super) fn vector(&self, address: u32) -> *mut E {
        let index = (address as usize).wrapping_sub(self.numbers.len());
        assert!(index < self.shape.vectors, "no vector of lanes at address {address}");
        // SAFETY: it is one of the vectors.
        unsafe { self.first.add(index * self.shape.stride) }
    }

    /// What is at this address.
    ///
    /// # Panics
    ///
    /// If it is beyond the last vector.
    #[inline(always)]
    pub(super) fn source(&self, address: u32) -> Source<E> {
        match self.numbers.get(address as usize) {
            Some(&number) => Source::Number(number),
            None => Source::Lanes(self.vector(address)),
        }
    }
}
