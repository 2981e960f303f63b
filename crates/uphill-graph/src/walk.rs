//! How a loop goes over vectors: places that move evenly from iteration to iteration, or are looked up in a table.
//!
//! A [`Walk`] says which place of a vector an iteration reads or adds to; [`Feed`], [`Outcome`] and [`Target`] say what
//! goes into a body by it, and what comes out. All are plain data, and know nothing of graphs.

use std::ops::Range;
use std::sync::Arc;

/// A table of places in a vector, checked once: no place is outside.
///
/// It is shared, not copied: a clone costs nothing.
///
/// ```
/// use uphill_graph::Table;
/// let table = Table::new([2, 0, 2], 3)?;
/// assert_eq!((table.len(), table.bound()), (3, 3));
/// let error = Table::new([2, 0, 7], 3).unwrap_err();
/// assert_eq!(error.to_string(), "entry 2 of a table of places is 7: expected less than 3");
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    places: Arc<[u32]>,
    bound: u32,
}

impl Table {
    /// A table of places in a vector of this length.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) for the first place that is not less than the length, and for tables
    /// and vectors of more than 2³² entries.
    pub fn new<P: TryInto<u32> + Copy + std::fmt::Display>(
        places: impl IntoIterator<Item = P>,
        length: usize,
    ) -> Result<Table, crate::Error> {
        let invalid = |what| crate::Error::Invalid { what };
        let bound = u32::try_from(length).map_err(|_| {
            invalid(format!("a vector of {length} values: expected at most 2^32 - 1"))
        })?;
        let mut checked = Vec::new();
        for (entry, place) in places.into_iter().enumerate() {
            match place.try_into() {
                Ok(place) if place < bound => checked.push(place),
                _ => {
                    return Err(crate::Error::Place { entry, place: place.to_string(), bound });
                }
            }
        }
        if u32::try_from(checked.len()).is_err() {
            return Err(invalid(format!("a table of {} places", checked.len())));
        }
        Ok(Table { places: checked.into(), bound })
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The length of the vectors that it was made for: every place is less.
    #[must_use]
    pub fn bound(&self) -> usize {
        self.bound as usize
    }

    pub(crate) fn shared(&self) -> Arc<[u32]> {
        Arc::clone(&self.places)
    }

    /// The places.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.places
    }
}

/// A table on the way: which entry an iteration looks up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lookup {
    pub(crate) places: Arc<[u32]>,
    pub(crate) first: i64,
    pub(crate) step: i64,
}

/// A place for each iteration: `start + stride·i`, or `start + stride·table[first + step·i]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    pub(crate) start: i64,
    pub(crate) stride: i64,
    pub(crate) lookup: Option<Lookup>,
}

impl Walk {
    /// The same place in every iteration.
    pub(crate) const STILL: Walk = Walk { start: 0, stride: 0, lookup: None };

    pub(crate) fn even(start: i64, stride: i64) -> Walk {
        Walk { start, stride, lookup: None }
    }

    /// The places of a list, one an iteration.
    pub(crate) fn along(places: Vec<u32>) -> Walk {
        let lookup = Lookup { places: places.into(), first: 0, step: 1 };
        Walk { start: 0, stride: 1, lookup: Some(lookup) }
    }

    /// The place that is not looked up: in the first iteration, or for the entry 0 of a table.
    #[must_use]
    pub fn start(&self) -> i64 {
        self.start
    }

    /// How far one iteration, or one more in a table's entry, moves the place.
    #[must_use]
    pub fn stride(&self) -> i64 {
        self.stride
    }

    /// The table that is looked into, with the entry of the first iteration and how many entries an iteration goes on.
    #[must_use]
    pub fn lookup(&self) -> Option<(&[u32], i64, i64)> {
        self.lookup.as_ref().map(|lookup| (&*lookup.places, lookup.first, lookup.step))
    }

    /// Whether all iterations have one place.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.stride == 0
    }

    /// The place in an iteration. Walks of a verified graph stay inside of their vectors and tables.
    #[inline]
    #[must_use]
    pub fn at(&self, iteration: usize) -> i64 {
        let along = match &self.lookup {
            None => iteration as i64,
            Some(lookup) => {
                let entry = lookup.first + lookup.step * iteration as i64;
                i64::from(lookup.places[entry as usize])
            }
        };
        self.start + self.stride * along
    }

    /// The same places from the last iteration to the first.
    pub(crate) fn reversed(&self, iterations: usize) -> Walk {
        let last = iterations.saturating_sub(1) as i64;
        match &self.lookup {
            None => Walk::even(self.start + self.stride * last, -self.stride),
            Some(lookup) => Walk {
                lookup: Some(Lookup {
                    places: Arc::clone(&lookup.places),
                    first: lookup.first + lookup.step * last,
                    step: -lookup.step,
                }),
                ..*self
            },
        }
    }

    /// The lowest and one past the highest place of so many iterations; empty for none, and nothing if a table is too
    /// short.
    pub(crate) fn span(&self, iterations: usize) -> Option<Range<i64>> {
        let Some(last) = iterations.checked_sub(1) else { return Some(self.start..self.start) };
        let (low, high) = match &self.lookup {
            None => (0, last as i64),
            Some(lookup) => {
                let ends = [
                    lookup.first,
                    lookup.first.checked_add(lookup.step.checked_mul(last as i64)?)?,
                ];
                let entries = usize::try_from(*ends.iter().min()?).ok()?
                    ..=usize::try_from(*ends.iter().max()?).ok()?;
                let entries = lookup.places.get(entries)?;
                let (low, high) = (entries.iter().min()?, entries.iter().max()?);
                (i64::from(*low), i64::from(*high))
            }
        };
        let ends = [low, high].map(|along| self.stride.checked_mul(along)?.checked_add(self.start));
        let (one, other) = (ends[0]?, ends[1]?);
        Some(one.min(other)..one.max(other).checked_add(1)?)
    }
}

/// How an input of a body comes by its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// From a vector of the graph around, at the places of a walk: shared, an element, or gathered.
    Read(Walk),
    /// In the first iteration from the graph around, then from this output of the iteration before.
    Carried {
        /// The position of the output.
        from: usize,
    },
    /// The number `start + step·i`.
    Counter {
        /// In the first iteration.
        start: i64,
        /// From one iteration to the next.
        step: i64,
    },
}

/// A result of a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What the input that is carried holds after the last iteration; its first value if there is none.
    Last {
        /// The position of the input.
        input: usize,
    },
    /// An output's values in all iterations, one after the other.
    Sequence {
        /// The position of the output.
        output: usize,
    },
    /// The sum over all iterations, eight sums by turns in blocks of 1024 terms; -0 if there is none.
    Sum {
        /// The position of the output.
        output: usize,
    },
    /// The vector that this target holds in the end.
    Target {
        /// The position of the target.
        target: usize,
    },
}

impl Outcome {
    /// How many sums take turns in an [`Outcome::Sum`].
    pub const TURNS: usize = 8;
    /// After how many terms these are folded into the total.
    pub const BLOCK: usize = 1024;
}

/// A vector to which iterations add, each in places of its own.
///
/// It starts as -0, which changes no number by being added to it; an entry to which nothing is added stays so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How many entries it has.
    pub(crate) width: usize,
    /// Outputs, in the order in which an iteration adds them, and where.
    pub(crate) writes: Vec<(usize, Walk)>,
}

impl Target {
    /// How many entries it has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The positions of outputs, in the order in which an iteration adds them, and where.
    #[must_use]
    pub fn writes(&self) -> &[(usize, Walk)] {
        &self.writes
    }
}
