//! Operations by their rows: loops over lanes of `f64`, which the compiler makes vector code of where a row's kernel has no
//! branches, and which go lane by lane where it has.
//!
//! This is the one place where lanes learn what an operation is, and it names none: a row is a type.

use std::marker::PhantomData;

use uphill_graph::{Op, PairVisitor, Row, RowVisitor};

use super::pointwise::Operand;
use super::set::{InstructionSet, with_set};
pub(super) use super::vector::Curve;
use super::vector::{CurveTask, Element, Set, Task, Vector};

/// A function of two numbers, over so many lanes; operands are as in [`super::pointwise::Map`].
pub(super) type Surface<E> = unsafe fn([Operand<E>; 2], *mut E, usize);

/// The code of an operation on one operand; `None` for others.
///
/// Whoever calls it vouches for the instructions of `S`, and for lanes that can be read and written.
pub(super) fn curve<S: Set>(op: Op) -> Option<Curve> {
    struct Visitor<S>(PhantomData<S>);

    impl<S: Set> RowVisitor for Visitor<S> {
        type Output = Option<Curve>;

        fn visit<R: Row<N>, const N: usize>(self) -> Option<Curve> {
            if N == 1 { Some(S::address::<OfRow<R, N>>()) } else { None }
        }
    }

    op.visit(Visitor::<S>(PhantomData)).flatten()
}

/// The code of two operations on one number, if both at once are cheaper; `None` for others. As for [`curve`].
fn both<S: Set>(one: Op, other: Op) -> Option<Curve> {
    struct Visitor<S>(PhantomData<S>);

    impl<S: Set> PairVisitor for Visitor<S> {
        type Output = Curve;

        fn visit<R: Row<1>, T: Row<1>>(self) -> Curve {
            S::address::<OfBoth<R, T>>()
        }
    }

    one.visit_beside(other, Visitor::<S>(PhantomData))
}

/// The code of an operation, or of two, where the instruction set is known only now.
pub(super) fn curve_for(set: InstructionSet, one: Op, other: Option<Op>) -> Option<Curve> {
    with_set!(set, S => match other {
        Some(other) => both::<S>(one, other),
        None => curve::<S>(one),
    }, else None)
}

/// The code of an operation on two operands; `None` for others. As for [`curve`].
pub(super) fn surface<S: Set, E: Element>(op: Op) -> Option<Surface<E>> {
    struct Visitor<S, E>(PhantomData<(S, E)>);

    impl<S: Set, E: Element> RowVisitor for Visitor<S, E> {
        type Output = Option<Surface<E>>;

        fn visit<R: Row<N>, const N: usize>(self) -> Option<Surface<E>> {
            if N == 2 { Some(apply_2::<S, E, R, N>) } else { None }
        }
    }

    op.visit(Visitor::<S, E>(PhantomData)).flatten()
}

/// A row with one operand, over lanes of `f64`: without branches, if it has such a way and all lanes are within its bound.
struct OfRow<R, const N: usize>(PhantomData<R>);

impl<R: Row<N>, const N: usize> CurveTask for OfRow<R, N> {
    #[inline(always)]
    unsafe fn run<S: Set>(x: *const f64, target: *mut f64, _: *mut f64, lanes: usize) {
        // SAFETY: the caller vouches for the lanes.
        unsafe {
            match R::BOUND {
                Some(bound) if are_within::<S>(bound, x, lanes) => {
                    each::<R, N, true>(x, target, lanes);
                }
                _ => each::<R, N, false>(x, target, lanes),
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

#[inline(always)]
fn value<R: Row<N>, const N: usize, const BOUNDED: bool>(x: f64) -> f64 {
    if BOUNDED { R::in_bounds([x; N]) } else { R::in_lanes([x; N]) }
}

/// # Safety
///
/// `x` must be good for reading and `target` for writing so many numbers; they are the same or don't overlap.
#[inline(always)]
unsafe fn each<R: Row<N>, const N: usize, const BOUNDED: bool>(
    x: *const f64,
    target: *mut f64,
    lanes: usize,
) {
    // Two loops, so that the compiler knows what overlaps.
    if x == target {
        // SAFETY: the caller vouches for the lanes.
        let target = unsafe { std::slice::from_raw_parts_mut(target, lanes) };
        for x in target {
            *x = value::<R, N, BOUNDED>(*x);
        }
    } else {
        // SAFETY: as above, and they don't overlap.
        let (target, x) = unsafe {
            (std::slice::from_raw_parts_mut(target, lanes), std::slice::from_raw_parts(x, lanes))
        };
        for (target, &x) in target.iter_mut().zip(x) {
            *target = value::<R, N, BOUNDED>(x);
        }
    }
}

/// Applies a row with one operand to lanes of `f64`.
///
/// # Safety
///
/// As for [`each`]; the processor must have the instructions of `S`.
pub(super) unsafe fn apply<S: Set, R: Row<N>, const N: usize>(
    x: *const f64,
    target: *mut f64,
    lanes: usize,
) {
    // SAFETY: the caller vouches for everything.
    unsafe { S::address::<OfRow<R, N>>()(x, target, target, lanes) }
}

/// Applies a function of two numbers lane by lane.
///
/// Safety of the task: as for [`super::pointwise::Map`].
struct Apply2<R, E, const N: usize> {
    target: *mut E,
    operands: [Operand<E>; 2],
    lanes: usize,
    row: PhantomData<R>,
}

impl<R: Row<N>, E: Element, const N: usize> Task for Apply2<R, E, N> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        for lane in 0..self.lanes {
            // SAFETY: the caller vouches for the lanes.
            unsafe {
                let x = self.operands.map(|operand| operand.lane(lane).to_f64());
                let mut operands = [x[0]; N];
                operands[N - 1] = x[1];
                *self.target.add(lane) = E::from_f64(R::in_lanes(operands));
            }
        }
    }
}

/// # Safety
///
/// As for [`Apply2`]; the processor must have the instructions of `S`.
unsafe fn apply_2<S: Set, E: Element, R: Row<N>, const N: usize>(
    operands: [Operand<E>; 2],
    target: *mut E,
    lanes: usize,
) {
    // SAFETY: the caller vouches for everything.
    unsafe { S::enter(Apply2::<R, E, N> { target, operands, lanes, row: PhantomData }) }
}

/// `f64` lanes of an operand.
///
/// Safety of the task: as for [`super::pointwise::Map`]; nothing overlaps.
pub(super) struct Widen<E> {
    pub(super) target: *mut f64,
    pub(super) x: Operand<E>,
    pub(super) lanes: usize,
}

impl<E: Element> Task for Widen<E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        // SAFETY: the caller vouches for the lanes.
        let target = unsafe { std::slice::from_raw_parts_mut(self.target, self.lanes) };
        if self.x.step == 0 {
            // SAFETY: as above.
            target.fill(unsafe { self.x.lane(0) }.to_f64());
        } else {
            // SAFETY: as above.
            let x = unsafe { std::slice::from_raw_parts(self.x.first, self.lanes) };
            for (target, x) in target.iter_mut().zip(x) {
                *target = x.to_f64();
            }
        }
    }
}

/// Lanes rounded to the element's precision.
///
/// Safety of the task: as for [`each`]; nothing overlaps.
pub(super) struct Narrow<E> {
    pub(super) target: *mut E,
    pub(super) x: *const f64,
    pub(super) lanes: usize,
}

impl<E: Element> Task for Narrow<E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        // SAFETY: the caller vouches for the lanes.
        let (target, x) = unsafe {
            (
                std::slice::from_raw_parts_mut(self.target, self.lanes),
                std::slice::from_raw_parts(self.x, self.lanes),
            )
        };
        for (target, &x) in target.iter_mut().zip(x) {
            *target = E::from_f64(x);
        }
    }
}
