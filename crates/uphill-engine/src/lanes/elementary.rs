//! Operations by their rows: loops over lanes of `f64`, which the compiler makes vector code of where a row's kernel has no
//! branches, and which go lane by lane where it has.
//!
//! This is the one place where lanes learn what an operation is, and it names few: a row is a type.

use std::marker::PhantomData;

use uphill_graph::{Op, PairVisitor, Row, RowVisitor, row};

use super::memory::WIDE;
use super::pointwise::{self as point, Pointwise, powi};
use super::set::{InstructionSet, with_set};
use super::space::{Source, Space};
use super::vector::{Curve, CurveTask, Element, Set, Task, Vector};

/// The code of an operation on one or two operands, or of two on one number, if both at once are cheaper; `None` for others.
///
/// Whoever calls it vouches for the instructions, and for lanes that can be read and written.
pub(super) fn curve_for(set: InstructionSet, one: Op, other: Option<Op>) -> Option<Curve> {
    with_set!(set, S => match (one, other) {
        (Op::Powi, None) => Some(S::address::<Powers>()),
        (_, None) => one.visit(OfOne::<S>(PhantomData)).flatten(),
        (_, Some(other)) => one.visit_beside(other, OfTwo::<S>(PhantomData)),
    }, else None)
}

struct OfOne<S>(PhantomData<S>);

impl<S: Set> RowVisitor for OfOne<S> {
    type Output = Option<Curve>;

    fn visit<R: Row<N>, const N: usize>(self) -> Option<Curve> {
        if N <= 2 { Some(S::address::<OfRow<R, N>>()) } else { None }
    }
}

struct OfTwo<S>(PhantomData<S>);

impl<S: Set> PairVisitor for OfTwo<S> {
    type Output = Curve;

    fn visit<R: Row<1>, T: Row<1>>(self) -> Curve {
        S::address::<OfBoth<R, T>>()
    }
}

/// A row with one operand, or with two: of one without branches, if it has such a way and all lanes are within its bound.
struct OfRow<R, const N: usize>(PhantomData<R>);

impl<R: Row<N>, const N: usize> CurveTask for OfRow<R, N> {
    #[inline(always)]
    unsafe fn run<S: Set>(x: *const f64, target: *mut f64, other: *mut f64, lanes: usize) {
        // SAFETY: the caller vouches for the lanes, and that those of a function of two don't overlap.
        unsafe {
            if N > 1 {
                let (x, y) = (
                    std::slice::from_raw_parts(x, lanes),
                    std::slice::from_raw_parts(other.cast_const(), lanes),
                );
                let target = std::slice::from_raw_parts_mut(target, lanes);
                for (target, (&x, &y)) in target.iter_mut().zip(x.iter().zip(y)) {
                    let mut operands = [x; N];
                    operands[N - 1] = y;
                    *target = R::in_lanes(operands);
                }
                return;
            }
            match R::BOUND {
                Some(bound) if are_within::<S>(bound, target, lanes) => {
                    for x in std::slice::from_raw_parts_mut(target, lanes) {
                        *x = R::in_bounds([*x; N]);
                    }
                }
                _ => {
                    for x in std::slice::from_raw_parts_mut(target, lanes) {
                        *x = R::in_lanes([*x; N]);
                    }
                }
            }
        }
    }
}

/// Whole powers: of one exponent for all lanes with vectors, else lane by lane.
struct Powers;

impl CurveTask for Powers {
    #[inline(always)]
    unsafe fn run<S: Set>(x: *const f64, target: *mut f64, other: *mut f64, lanes: usize) {
        // SAFETY: the caller vouches for instructions and lanes.
        unsafe {
            let exponents = std::slice::from_raw_parts(other.cast_const(), lanes);
            for &exponent in exponents {
                if exponent != exponents[0] {
                    return OfRow::<row::Powi, 2>::run::<S>(x, target, other, lanes);
                }
            }
            let exponent = exponents[0] as i32;
            for lane in (0..lanes).step_by(S::F64::LANES) {
                powi(S::F64::load(x.add(lane)), exponent).store(target.add(lane));
            }
        }
    }
}

/// Two rows of one operand, computed in one loop: what their kernels share, the compiler computes once.
struct OfBoth<R, T>(PhantomData<(R, T)>);

impl<R: Row<1>, T: Row<1>> CurveTask for OfBoth<R, T> {
    #[inline(always)]
    unsafe fn run<S: Set>(_: *const f64, target: *mut f64, other: *mut f64, lanes: usize) {
        // SAFETY: the caller vouches for the lanes, and that they don't overlap.
        unsafe {
            let is_within = match (R::BOUND, T::BOUND) {
                (Some(one), Some(two)) => are_within::<S>(one.min(two), target, lanes),
                _ => false,
            };
            let target = std::slice::from_raw_parts_mut(target, lanes);
            let other = std::slice::from_raw_parts_mut(other, lanes);
            if is_within {
                for (target, other) in target.iter_mut().zip(other) {
                    let x = *target;
                    *target = R::in_bounds([x]);
                    *other = T::in_bounds([x]);
                }
            } else {
                for (target, other) in target.iter_mut().zip(other) {
                    let x = *target;
                    *target = R::in_lanes([x]);
                    *other = T::in_lanes([x]);
                }
            }
        }
    }
}

/// Whether all lanes are small enough for a function that is bounded; NaN is.
///
/// # Safety
///
/// `x` must be good for reading so many numbers, a multiple of [`f64::LINE`]; the processor must have the instructions of `S`.
#[inline(always)]
unsafe fn are_within<S: Set>(bound: f64, x: *const f64, lanes: usize) -> bool {
    let mut any = [0.0; f64::LINE];
    // SAFETY: the caller vouches for instructions and lanes.
    unsafe {
        let (bound, mut beyond) = (S::F64::splat(bound), S::F64::splat(0.0));
        for lane in (0..lanes).step_by(S::F64::LANES) {
            let x = S::F64::load(x.add(lane));
            beyond = x.one().only_where(bound.less(x.magnitude()), beyond);
        }
        beyond.store(any.as_mut_ptr());
    }
    // By bits, which go together into one test.
    let mut bits = 0;
    for lane in any {
        bits |= lane.to_bits();
    }
    bits == 0
}

/// The logarithm of a sum of exponentials, of operands wherever they lie. The largest one is taken out first, in `f64`
/// throughout.
///
/// Safety of the task: `target` is good for writing `lanes` numbers, a multiple of [`Element::LINE`] and no more than the
/// vectors of the space hold; wide vectors for as many each.
pub(super) struct LogSumExp<'a, E: Element> {
    pub(super) target: *mut E,
    pub(super) space: Space<'a, E>,
    pub(super) addresses: &'a [u32],
    pub(super) wide: [*mut f64; WIDE],
    pub(super) lanes: usize,
}

impl<E: Element> Task for LogSumExp<'_, E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        let LogSumExp { target, space, addresses, wide, lanes } = self;
        let [largest, total, term, lost] = wide;
        // SAFETY: the caller vouches for instructions and lanes; wide vectors overlap nothing else.
        unsafe {
            for (k, &address) in addresses.iter().enumerate() {
                let start = if k == 0 { largest } else { term };
                widen(space.source(address), start, lanes);
                if k > 0 {
                    map::<S, point::Max, 2>(largest, [largest, term], lanes);
                }
            }
            std::slice::from_raw_parts_mut(lost, lanes).fill(0.0);
            for (k, &address) in addresses.iter().enumerate() {
                let sum = if k == 0 { total } else { term };
                widen(space.source(address), sum, lanes);
                map::<S, point::Sub, 2>(sum, [sum, largest], lanes);
                OfRow::<row::Exp, 1>::run::<S>(sum, sum, sum, lanes);
                if k > 0 {
                    map::<S, point::AddLost, 3>(lost, [lost, total, term], lanes);
                    map::<S, point::Add, 2>(total, [total, term], lanes);
                }
            }
            map::<S, point::Div, 2>(lost, [lost, total], lanes);
            OfRow::<row::Ln, 1>::run::<S>(total, total, total, lanes);
            map::<S, point::LogSumExp, 3>(largest, [largest, total, lost], lanes);
            for lane in 0..lanes {
                *target.add(lane) = E::from_f64(*largest.add(lane));
            }
        }
    }
}

/// A function of vectors of `f64` lanes, of which the target may be one.
///
/// # Safety
///
/// The processor must have the instructions of `S`, and all must be good for so many numbers, a multiple of [`f64::LINE`].
#[inline(always)]
unsafe fn map<S: Set, F: Pointwise<N>, const N: usize>(
    target: *mut f64,
    operands: [*mut f64; N],
    lanes: usize,
) {
    for lane in (0..lanes).step_by(S::F64::LANES) {
        // SAFETY: the caller vouches for it.
        unsafe {
            let mut x = [S::F64::splat(0.0); N];
            for k in 0..N {
                x[k] = S::F64::load(operands[k].add(lane));
            }
            F::apply(x).store(target.add(lane));
        }
    }
}

/// What is at an address as `f64` lanes.
///
/// # Safety
///
/// `to` must be good for writing so many numbers, and the vector for reading them.
#[inline(always)]
unsafe fn widen<E: Element>(from: Source<E>, to: *mut f64, lanes: usize) {
    // SAFETY: the caller vouches for the lanes; they don't overlap.
    unsafe {
        let to = std::slice::from_raw_parts_mut(to, lanes);
        match from {
            Source::Number(number) => to.fill(number.to_f64()),
            Source::Lanes(x) => {
                for (to, x) in to.iter_mut().zip(std::slice::from_raw_parts(x, lanes)) {
                    *to = x.to_f64();
                }
            }
        }
    }
}
