//! What a loop's body is given to pick entries of vectors by: its counter, and places computed from it.
//!
//! On numbers a counter is a number. In a recording it stands for all iterations at once, so it has no value to look at;
//! it may be multiplied by whole numbers and added, and be looked up in a [`Table`].

use std::ops::{Add, Mul, Sub};

use crate::scalar::Scalar;
use crate::walk::{Lookup, Table, Walk};

/// How many open loops a place may move with.
const TERMS: usize = 4;

/// `offset + Σ coefficient·counter`, over the loops that are being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Even {
    offset: i64,
    terms: [(u32, i64); TERMS],
}

impl Even {
    const NONE: (u32, i64) = (u32::MAX, 0);

    fn number(offset: i64) -> Even {
        Even { offset, terms: [Even::NONE; TERMS] }
    }

    fn terms(&self) -> impl Iterator<Item = (u32, i64)> {
        self.terms.into_iter().filter(|term| term.1 != 0)
    }

    fn coefficient(&self, token: u32) -> i64 {
        self.terms().find(|term| term.0 == token).map_or(0, |term| term.1)
    }

    #[track_caller]
    fn plus(mut self, other: Even, sign: i64) -> Even {
        self.offset += sign * other.offset;
        for (token, coefficient) in other.terms() {
            let same = self.terms.iter().position(|term| term.1 != 0 && term.0 == token);
            let free = || self.terms.iter().position(|term| term.1 == 0);
            let Some(place) = same.or_else(free) else {
                panic!("an index moves with more than {TERMS} loops")
            };
            let before = if same.is_some() { self.terms[place].1 } else { 0 };
            self.terms[place] = (token, before + sign * coefficient);
        }
        self
    }

    fn times(mut self, factor: i64) -> Even {
        self.offset *= factor;
        self.terms.iter_mut().for_each(|term| term.1 *= factor);
        self
    }
}

/// The counter of a loop, or whole multiples of counters added up.
///
/// ```
/// use uphill_graph::{At, loops};
/// let x = [1.0, 2.0, 4.0, 8.0];
/// assert_eq!(loops::map(0..2, |i| x.at(2 * i + 1) - x.at(2 * i)), [1.0, 4.0]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Index<S> {
    even: Even,
    /// A value of the recording, if this stands for all iterations of a loop.
    witness: Option<S>,
}

/// A place in a vector: an [`Index`], or what a [`Table`] holds there, multiplied and added to.
#[derive(Debug, Clone)]
pub struct Place<S> {
    spot: Spot,
    witness: Option<S>,
}

/// A place, whatever the scalar.
#[derive(Debug, Clone)]
pub struct Spot {
    even: Even,
    looked_up: Option<LookedUp>,
}

/// `scale·table[position]`.
#[derive(Debug, Clone)]
pub(crate) struct LookedUp {
    table: Table,
    position: Even,
    scale: i64,
}

impl LookedUp {
    pub(crate) fn terms(&self) -> impl Iterator<Item = (u32, i64)> {
        self.position.terms()
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// Where it is looked up, as a place.
    pub(crate) fn position(&self) -> Spot {
        Spot { even: self.position, looked_up: None }
    }

    /// The walk of the one loop that it moves with, by so many entries an iteration; vectors may have steps.
    pub(crate) fn walk(&self, step: i64, of_vector: i64) -> Walk {
        let places = self.table.shared();
        let lookup = Lookup { places, first: self.position.offset, step };
        Walk { start: 0, stride: self.scale * of_vector, lookup: Some(lookup) }
    }

    /// The walk along the whole table.
    pub(crate) fn whole(&self, of_vector: i64) -> Walk {
        let places = self.table.shared();
        let lookup = Lookup { places, first: 0, step: 1 };
        Walk { start: 0, stride: self.scale * of_vector, lookup: Some(lookup) }
    }
}

impl<S: Scalar> Index<S> {
    /// A number.
    pub(crate) fn number(number: usize) -> Index<S> {
        Index { even: Even::number(number as i64), witness: None }
    }

    /// The counter of a loop that is being recorded, from `start` on.
    pub(crate) fn counter(token: u32, start: usize, witness: S) -> Index<S> {
        let mut even = Even::number(start as i64);
        even.terms[0] = (token, 1);
        Index { even, witness: Some(witness) }
    }

    /// The counter as a scalar, for times and positions that grow with it: `0.1 * i.value()`.
    ///
    /// ```
    /// use uphill_graph::loops;
    /// assert_eq!(loops::sum::<f64>(1..4, |i| 0.5 * i.value()), 3.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn value(self) -> S {
        match self.witness {
            Some(witness) => S::counter(witness, &self.spot()),
            None => S::constant(self.even.offset as f64),
        }
    }

    /// The number at this place of a list of data.
    ///
    /// In a recording the list becomes part of the function, once.
    ///
    /// # Panics
    ///
    /// If the place is outside, as indexing does.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar, loops};
    ///
    /// fn p<S: Scalar>(w: S, data: &[f64]) -> S {
    ///     -loops::sum::<S>(0..data.len(), |i| (w - i.of(data)).square())
    /// }
    ///
    /// let p = Function::record(["w"], |w| p(w[0], &[1.0, 2.0, 4.0]))?;
    /// assert_eq!(p.value(&[2.0])?, -5.0);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn of(self, data: &[f64]) -> S {
        match self.witness {
            Some(witness) => S::datum(witness, data, &self.spot()),
            None => S::constant(data[self.even.offset as usize]),
        }
    }
}

impl Table {
    /// What the table holds at the place of an index: a place in the vector that it was made for.
    ///
    /// # Panics
    ///
    /// If the index is beyond the table, as indexing does.
    ///
    /// ```
    /// use uphill_graph::{At, Table, loops};
    /// let from = Table::new([2, 0], 3)?;
    /// let x = [1.0, 2.0, 4.0];
    /// assert_eq!(loops::map(0..2, |i| x.at(from.at(i))), [4.0, 1.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn at<S: Scalar>(&self, index: Index<S>) -> Place<S> {
        let spot = match index.witness {
            None => Spot {
                even: Even::number(i64::from(self.places()[index.even.offset as usize])),
                looked_up: None,
            },
            Some(_) => Spot {
                even: Even::number(0),
                looked_up: Some(LookedUp { table: self.clone(), position: index.even, scale: 1 }),
            },
        };
        Place { spot, witness: index.witness }
    }
}

impl Spot {
    pub(crate) fn offset(&self) -> i64 {
        self.even.offset
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = (u32, i64)> {
        self.even.terms()
    }

    pub(crate) fn coefficient(&self, token: u32) -> i64 {
        self.even.coefficient(token)
    }

    pub(crate) fn lookup(&self) -> Option<&LookedUp> {
        self.looked_up.as_ref()
    }

    /// The number, if no loop that is being recorded moves it.
    pub(crate) fn known(&self) -> Option<usize> {
        let still = self.looked_up.is_none() && self.even.terms().next().is_none();
        still.then(|| usize::try_from(self.even.offset).unwrap_or(usize::MAX))
    }
}

impl<S> Index<S> {
    fn spot(self) -> Spot {
        Spot { even: self.even, looked_up: None }
    }
}

impl<S> From<Index<S>> for Place<S> {
    fn from(index: Index<S>) -> Place<S> {
        Place { spot: Spot { even: index.even, looked_up: None }, witness: index.witness }
    }
}

impl<S> From<usize> for Place<S> {
    fn from(number: usize) -> Place<S> {
        Place { spot: Spot { even: Even::number(number as i64), looked_up: None }, witness: None }
    }
}

/// Vectors whose entries are picked by what a loop's body is given.
pub trait At<S> {
    /// The entry at a place.
    ///
    /// # Panics
    ///
    /// If the place is outside in any iteration, as indexing does. In a recording also if the vector is made by the body
    /// of the very loop whose counter picks.
    #[track_caller]
    fn at(&self, place: impl Into<Place<S>>) -> S;
}

impl<S: Scalar> At<S> for [S] {
    #[track_caller]
    #[inline]
    fn at(&self, place: impl Into<Place<S>>) -> S {
        let Place { spot, witness } = place.into();
        match witness {
            Some(witness) if spot.known().is_none() => S::entry(witness, self, &spot),
            _ => match spot.known().and_then(|place| self.get(place)) {
                Some(&entry) => entry,
                None => beyond(spot.offset(), self.len()),
            },
        }
    }
}

#[track_caller]
#[cold]
fn beyond(place: i64, length: usize) -> ! {
    panic!("the index is {place}, but the length is {length}")
}

impl<S: Scalar> At<S> for Vec<S> {
    #[track_caller]
    #[inline]
    fn at(&self, place: impl Into<Place<S>>) -> S {
        self.as_slice().at(place)
    }
}

impl<S: Scalar, const COUNT: usize> At<S> for [S; COUNT] {
    #[track_caller]
    #[inline]
    fn at(&self, place: impl Into<Place<S>>) -> S {
        self.as_slice().at(place)
    }
}

impl<S> Add<usize> for Index<S> {
    type Output = Index<S>;
    fn add(self, number: usize) -> Index<S> {
        Index { even: self.even.plus(Even::number(number as i64), 1), ..self }
    }
}

impl<S> Sub<usize> for Index<S> {
    type Output = Index<S>;
    fn sub(self, number: usize) -> Index<S> {
        Index { even: self.even.plus(Even::number(number as i64), -1), ..self }
    }
}

impl<S> Mul<usize> for Index<S> {
    type Output = Index<S>;
    fn mul(self, factor: usize) -> Index<S> {
        Index { even: self.even.times(factor as i64), ..self }
    }
}

impl<S> Mul<Index<S>> for usize {
    type Output = Index<S>;
    fn mul(self, index: Index<S>) -> Index<S> {
        index * self
    }
}

impl<S> Add<Index<S>> for usize {
    type Output = Index<S>;
    fn add(self, index: Index<S>) -> Index<S> {
        index + self
    }
}

impl<S> Add for Index<S> {
    type Output = Index<S>;
    #[track_caller]
    fn add(self, other: Index<S>) -> Index<S> {
        Index { even: self.even.plus(other.even, 1), witness: self.witness.or(other.witness) }
    }
}

impl<S> Sub for Index<S> {
    type Output = Index<S>;
    #[track_caller]
    fn sub(self, other: Index<S>) -> Index<S> {
        Index { even: self.even.plus(other.even, -1), witness: self.witness.or(other.witness) }
    }
}

/// `number - counter`, for vectors that are gone through backwards.
impl<S> Sub<Index<S>> for usize {
    type Output = Index<S>;
    fn sub(self, index: Index<S>) -> Index<S> {
        Index { even: Even::number(self as i64).plus(index.even, -1), ..index }
    }
}

impl<S> Add<usize> for Place<S> {
    type Output = Place<S>;
    fn add(mut self, number: usize) -> Place<S> {
        self.spot.even = self.spot.even.plus(Even::number(number as i64), 1);
        self
    }
}

impl<S> Add<Index<S>> for Place<S> {
    type Output = Place<S>;
    #[track_caller]
    fn add(mut self, index: Index<S>) -> Place<S> {
        self.spot.even = self.spot.even.plus(index.even, 1);
        self.witness = self.witness.or(index.witness);
        self
    }
}

impl<S> Mul<usize> for Place<S> {
    type Output = Place<S>;
    fn mul(mut self, factor: usize) -> Place<S> {
        self.spot.even = self.spot.even.times(factor as i64);
        if let Some(it) = &mut self.spot.looked_up {
            it.scale *= factor as i64;
        }
        self
    }
}

impl<S> Mul<Place<S>> for usize {
    type Output = Place<S>;
    fn mul(self, place: Place<S>) -> Place<S> {
        place * self
    }
}
