//! Loops that stay loops: map, sum, fold, scan, and a bounded while.
//!
//! The same code runs on numbers, where these are plain loops, and is recorded as one node with one body, whatever the
//! number of iterations. So is every derivative of it. A body must not look at values: what it picks from vectors it
//! picks by its counter ([`At::at`](crate::At::at), [`Table::at`](crate::Table::at),
//! [`Index::of`](crate::Index::of)), and choices it makes by [`Scalar::select`].
//!
//! ```
//! use uphill_graph::{At, Function, Inputs, Scalar, loops};
//!
//! /// The chained function of Rosenbrock, of any length.
//! fn rosenbrock<S: Scalar>(x: &[S]) -> S {
//!     loops::sum(1..x.len(), |i| {
//!         100.0 * (x.at(i) - x.at(i - 1).square()).square() + (1.0 - x.at(i - 1)).square()
//!     })
//! }
//!
//! assert_eq!(rosenbrock(&[1.0, 1.0, 2.0]), 100.0);
//! let f = Function::record(Inputs::new().variables("x", 1000), |x| rosenbrock(x))?;
//! assert!(f.graph().operation_count() < 10);
//! assert!(f.gradient()?.graph().operation_count() < 60);
//! # Ok::<(), uphill_graph::Error>(())
//! ```

use std::ops::Range;

use crate::index::Index;
use crate::record::Probe;
use crate::scalar::{Outputs, Results, Scalar};
use crate::summing::Summing;
use crate::values::{Values, list, with};

/// `f(i)` for each `i` of a range.
///
/// ```
/// use uphill_graph::{Index, loops};
/// let squares = loops::map(0..4, |i: Index<f64>| i.value() * i.value());
/// assert_eq!(squares, [0.0, 1.0, 4.0, 9.0]);
/// ```
///
/// # Panics
///
/// Where its body does; in a recording also if the body gives back or reads values of another loop's body.
#[track_caller]
pub fn map<S: Scalar, O: Values<S>>(
    range: Range<usize>,
    mut f: impl FnMut(Index<S>) -> O,
) -> Vec<O> {
    if !S::RECORDS {
        return range.map(|i| f(Index::number(i))).collect();
    }
    record(range, (), true, |i, ()| ((), f(i), ())).1
}

/// The sum of `f(i)` over a range; an empty sum is -0, the number that changes no other by being added.
///
/// Eight sums take turns, and go to a total after each 1024 terms: so the sum of a million terms is about as exact as one
/// term, and the bits are the same however a program computes it.
///
/// # Panics
///
/// As [`map`].
#[track_caller]
pub fn sum<S: Scalar>(range: Range<usize>, mut f: impl FnMut(Index<S>) -> S) -> S {
    if !S::RECORDS {
        let mut sum = Summing::default();
        range.for_each(|i| sum.add(f(Index::number(i))));
        return sum.total();
    }
    let (_, _, sum) = record(range, (), false, |i, ()| ((), (), f(i)));
    sum.unwrap_or(S::constant(-0.0))
}

/// What becomes of `first` when `f` is applied once for each `i` of a range: the state is carried from one iteration to
/// the next.
///
/// ```
/// use uphill_graph::{Dual, loops};
/// // Compound interest: 10 years at 2 %, and its slope by the rate.
/// let rate = Dual::variable(0.02);
/// let capital = loops::fold(0..10, Dual::constant(100.0), |_, capital| capital + rate * capital);
/// assert!((capital.value - 100.0 * 1.02_f64.powi(10)).abs() < 1e-12);
/// assert!((capital.tangent - 1000.0 * 1.02_f64.powi(9)).abs() < 1e-10);
/// ```
///
/// # Panics
///
/// As [`map`]; in a recording also if the state changes its shape.
#[track_caller]
pub fn fold<S: Scalar, V: Values<S>>(
    range: Range<usize>,
    first: V,
    mut f: impl FnMut(Index<S>, V) -> V,
) -> V {
    if !S::RECORDS {
        return range.fold(first, |state, i| f(Index::number(i), state));
    }
    record(range, first, false, |i, state| (f(i, state), (), ())).0
}

/// [`fold`] that also keeps something of each iteration: the last state, and what was kept.
///
/// ```
/// use uphill_graph::loops;
/// let (last, all) = loops::scan(0..3, 1.0, |_, x| (2.0 * x, x));
/// assert_eq!((last, all), (8.0, vec![1.0, 2.0, 4.0]));
/// ```
///
/// # Panics
///
/// As [`fold`].
#[track_caller]
pub fn scan<S: Scalar, V: Values<S>, O: Values<S>>(
    range: Range<usize>,
    first: V,
    mut f: impl FnMut(Index<S>, V) -> (V, O),
) -> (V, Vec<O>) {
    if !S::RECORDS {
        let mut kept = Vec::with_capacity(range.len());
        let mut state = first;
        for i in range {
            let (next, own) = f(Index::number(i), state);
            kept.push(own);
            state = next;
        }
        return (state, kept);
    }
    let (last, kept, _) = record(range, first, true, |i, state| {
        let (state, kept) = f(i, state);
        (state, kept, ())
    });
    (last, kept)
}

/// Applies `f` while the condition is not 0, but at most `limit` times.
///
/// The condition is a scalar, as comparisons give it ([`Scalar::greater`] and the like), so that it can be recorded:
/// then the loop has `limit` iterations, and the state stands still once the condition is 0. Derivatives flow through the
/// iterations that were made, and no others.
///
/// ```
/// use uphill_graph::{Function, Scalar, loops};
///
/// /// The square root by Heron's method.
/// fn heron<S: Scalar>(a: S) -> S {
///     let off = |x: S| (x * x - a).abs().greater(1e-14 * a);
///     loops::repeat_while(100, 0.5 * (a + 1.0), off, |x| 0.5 * (x + a / x))
/// }
///
/// assert_eq!(heron(1e6), 1000.0);
/// let f = Function::record(["a"], |a| heron(a[0]))?;
/// assert_eq!(f.value(&[1e6])?, 1000.0);
/// let slope = f.gradient()?.value(&[4.0])?;
/// assert!((slope - 0.25).abs() < 1e-13);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
///
/// # Panics
///
/// As [`fold`].
#[track_caller]
pub fn repeat_while<S: Scalar, V: Values<S>>(
    limit: usize,
    first: V,
    mut condition: impl FnMut(V) -> S,
    mut f: impl FnMut(V) -> V,
) -> V {
    let step = |goes_on: S, state: V, f: &mut dyn FnMut(V) -> V| {
        let before = list::<S, V>(&state);
        let next = f(state);
        let mut before = before.into_iter();
        let mut after = list::<S, V>(&next).into_iter();
        next.like(&mut || match (before.next(), after.next()) {
            (Some(before), Some(after)) => S::select(goes_on, after, before),
            _ => S::constant(f64::NAN),
        })
    };
    if !S::RECORDS {
        let mut state = first;
        for _ in 0..limit {
            let goes_on = condition(state.clone());
            state = match goes_on.known() {
                Some(0.0) => break,
                Some(_) => f(state),
                None => step(goes_on, state, &mut f),
            };
        }
        return state;
    }
    fold(0..limit, first, |_, state: V| {
        let goes_on = condition(state.clone());
        step(goes_on, state, &mut f)
    })
}

/// What a recorded loop gives: the last state, what was kept, and the sum, if there was an iteration.
type Recorded<V, O, T> = (V, Vec<O>, Option<T>);

/// A loop in a recording.
///
/// Where it belongs is known by the values that its body makes of recorded ones. So iterations are tried until one turns
/// up, and what they wrote is forgotten; then the body is recorded for all of them. On constants alone the tries are what
/// is wanted: operations on constants are computed at once. What each iteration gives is put together only where it is
/// asked for.
#[track_caller]
fn record<S: Scalar, V: Values<S>, O: Values<S>, T: Values<S>>(
    range: Range<usize>,
    first: V,
    keeps: bool,
    mut f: impl FnMut(Index<S>, V) -> (V, O, T),
) -> Recorded<V, O, T> {
    if let Some(found) = S::recorded(&list::<S, V>(&first)).filter(|_| !range.is_empty()) {
        return record_all(found, range, first, keeps, f);
    }
    let (mut state, mut kept): (V, Vec<O>) = (first.clone(), Vec::new());
    let mut sums: Option<(T, Vec<Summing<S>>)> = None;
    for i in range.clone() {
        let probe = Probe::begin();
        let (next, own, term) = f(Index::number(i), state);
        let terms = list::<S, T>(&term);
        let made = [list::<S, V>(&next), list::<S, O>(&own), terms.clone()].concat();
        probe.end();
        if let Some(found) = S::recorded(&made) {
            return record_all(found, range, first, keeps, f);
        }
        state = next;
        if keeps {
            kept.push(own);
        }
        let (_, sums) = sums.get_or_insert_with(|| (term, vec![Summing::default(); terms.len()]));
        sums.iter_mut().zip(terms).for_each(|(sum, term)| sum.add(term));
    }
    let sum = sums.map(|(shape, sums)| {
        let sums: Vec<S> = sums.into_iter().map(Summing::total).collect();
        with(&shape, &sums)
    });
    (state, kept, sum)
}

#[track_caller]
fn record_all<S: Scalar, V: Values<S>, O: Values<S>, T: Values<S>>(
    recorded: S,
    range: Range<usize>,
    first: V,
    keeps: bool,
    mut f: impl FnMut(Index<S>, V) -> (V, O, T),
) -> Recorded<V, O, T> {
    let firsts = list::<S, V>(&first);
    let (token, carried) = S::open(recorded, range.len(), &firsts);
    let counter = Index::counter(token, range.start, recorded);
    let (next, own, term) = f(counter, with(&first, &carried));
    let (next, kept_of_each, terms) =
        (list::<S, V>(&next), list::<S, O>(&own), list::<S, T>(&term));
    assert_eq!(
        next.len(),
        firsts.len(),
        "the state of a loop has {} values before an iteration and {} after it",
        firsts.len(),
        next.len()
    );
    let outputs = Outputs { carried: &next, sequences: &kept_of_each, terms: &terms };
    let Results { last, sequences, sums } = S::close(recorded, outputs);
    let length = sequences.first().map_or(range.len(), Vec::len);
    let kept = (0..if keeps { length } else { 0 }).map(|i| {
        let mut sequences = sequences.iter();
        own.like(&mut || sequences.next().map_or(S::constant(f64::NAN), |each| each[i]))
    });
    let kept = kept.collect();
    (with(&first, &last), kept, Some(with(&term, &sums)))
}
