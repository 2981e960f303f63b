//! Addresses during the run of a tile: numbers of the call below, vectors of lanes above.

use super::vector::Element;

/// The whole space of addresses, as one tile sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Space<'a, E: Element> {
    /// Where the own lines of vectors begin. Good for reading and writing all of them, as long as the space exists.
    first: *mut E,
    /// Lane 0 of each.
    places: &'a [*mut E],
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
    /// `first` and `places` must be good for reading and writing all vectors, by nobody else while the space is used.
    pub(super) unsafe fn new(
        first: *mut E,
        places: &'a [*mut E],
        numbers: &'a [E],
    ) -> Space<'a, E> {
        Space { first, places, numbers }
    }

    /// Lane 0 of each vector.
    pub(super) fn places(&self) -> &'a [*mut E] {
        self.places
    }

    pub(super) fn first(&self) -> *mut E {
        self.first
    }

    pub(super) fn numbers(&self) -> &'a [E] {
        self.numbers
    }

    /// Lane 0 of the vector at this address, whose lanes can all be read and written.
    ///
    /// # Panics
    ///
    /// If there is no vector at this address.
    #[inline(always)]
    pub(super) fn vector(&self, address: u32) -> *mut E {
        let index = (address as usize).wrapping_sub(self.numbers.len());
        assert!(index < self.places.len(), "no vector of lanes at address {address}");
        self.places[index]
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
