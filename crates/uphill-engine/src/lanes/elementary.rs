//! Elementary functions: loops over lanes of `f64`, which the compiler makes vector code of where the kernel has no
//! branches, and which go lane by lane where it has.

use std::marker::PhantomData;

use uphill_kernels as kernel;

use super::element::Element;
use super::pointwise::Operand;
use super::set::{Set, Task};

/// A function of one number.
pub(super) trait Curve {
    /// `#[inline(always)]` in every implementation.
    fn value(x: f64) -> f64;
}

/// A function of two numbers.
pub(super) trait Surface {
    /// `#[inline(always)]` in every implementation.
    fn value(x: f64, y: f64) -> f64;
}

macro_rules! functions {
    ($($Trait:ident { $($Name:ident($($x:ident),+) = $value:expr;)+ })+) => { $($(
        pub(super) struct $Name;

        impl $Trait for $Name {
            #[inline(always)]
            fn value($($x: f64),+) -> f64 {
                $value
            }
        }
    )+)+ };
}

functions! {
    Curve {
    Exp(x) = kernel::exp(x);
    Exp2(x) = kernel::exp2(x);
    Expm1(x) = kernel::expm1(x);
    Ln(x) = kernel::ln(x);
    Log2(x) = kernel::log2(x);
    Log10(x) = kernel::log10(x);
    Log1p(x) = kernel::log1p(x);
    Atan(x) = kernel::atan(x);
    Sinh(x) = kernel::sinh(x);
    Cosh(x) = kernel::cosh(x);
    Tanh(x) = kernel::tanh(x);
    Sigmoid(x) = kernel::sigmoid(x);
    Softplus(x) = kernel::softplus(x);
    BoundedSin(x) = kernel::sin_bounded(x);
    BoundedCos(x) = kernel::cos_bounded(x);
    BoundedTan(x) = kernel::tan_bounded(x);
    Sin(x) = kernel::sin(x);
    Cos(x) = kernel::cos(x);
    Tan(x) = kernel::tan(x);
    Cbrt(x) = kernel::cbrt(x);
    Asin(x) = kernel::asin(x);
    Acos(x) = kernel::acos(x);
    Asinh(x) = kernel::asinh(x);
    Acosh(x) = kernel::acosh(x);
    Atanh(x) = kernel::atanh(x);
    Erf(x) = kernel::erf(x);
    LnGamma(x) = kernel::ln_gamma(x);
    Digamma(x) = kernel::digamma(x);
    Trigamma(x) = kernel::trigamma(x);
    }
    Surface {
    Pow(x, y) = kernel::pow(x, y);
    Hypot(x, y) = kernel::hypot(x, y);
    Atan2(y, x) = kernel::atan2(y, x);
    Powi(x, n) = kernel::powi(x, n as i32);
    Polygamma(n, x) = kernel::polygamma(n as u32, x);
    }
}

/// Applies a function of one number to lanes of `f64`.
///
/// Safety of the task: `x` is good for reading and `target` for writing `lanes` numbers; they are the same or don't
/// overlap.
struct Apply<F> {
    target: *mut f64,
    x: *const f64,
    lanes: usize,
    function: PhantomData<F>,
}

impl<F: Curve> Task for Apply<F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        // Two loops, so that the compiler knows what overlaps.
        if self.x == self.target {
            // SAFETY: the caller vouches for the lanes.
            let target = unsafe { std::slice::from_raw_parts_mut(self.target, self.lanes) };
            for x in target {
                *x = F::value(*x);
            }
        } else {
            // SAFETY: as above, and they don't overlap.
            let (target, x) = unsafe {
                (
                    std::slice::from_raw_parts_mut(self.target, self.lanes),
                    std::slice::from_raw_parts(self.x, self.lanes),
                )
            };
            for (target, &x) in target.iter_mut().zip(x) {
                *target = F::value(x);
            }
        }
    }
}

/// Applies a function of one number to lanes of `f64`.
///
/// # Safety
///
/// As for [`Apply`]; the processor must have the instructions of `S`.
#[inline(always)]
pub(super) unsafe fn apply<S: Set, F: Curve>(x: *const f64, target: *mut f64, lanes: usize) {
    // SAFETY: the caller vouches for everything.
    unsafe { S::enter(Apply { target, x, lanes, function: PhantomData::<F> }) }
}

/// Applies the bounded function if all lanes are within its bounds, else the general one.
///
/// # Safety
///
/// As for [`apply`].
#[inline(always)]
pub(super) unsafe fn apply_bounded<S: Set, B: Curve, F: Curve>(
    x: *const f64,
    target: *mut f64,
    lanes: usize,
) {
    // SAFETY: the caller vouches for everything.
    unsafe {
        if S::enter(WithinBound { x, lanes }) {
            apply::<S, B>(x, target, lanes);
        } else {
            apply::<S, F>(x, target, lanes);
        }
    }
}

/// Applies a function of two numbers lane by lane.
///
/// Safety of the task: as for [`super::pointwise::Map`].
pub(super) struct Apply2<F, E> {
    pub(super) target: *mut E,
    pub(super) operands: [Operand<E>; 2],
    pub(super) lanes: usize,
    pub(super) function: PhantomData<F>,
}

impl<F: Surface, E: Element> Task for Apply2<F, E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        for lane in 0..self.lanes {
            // SAFETY: the caller vouches for the lanes.
            unsafe {
                let [x, y] = self.operands.map(|operand| operand.lane(lane).to_f64());
                *self.target.add(lane) = E::from_f64(F::value(x, y));
            }
        }
    }
}

/// Whether all lanes are small enough for the bounded trigonometric functions; NaN is.
///
/// Safety of the task: `x` is good for reading `lanes` numbers.
struct WithinBound {
    x: *const f64,
    lanes: usize,
}

impl Task for WithinBound {
    type Output = bool;

    #[inline(always)]
    unsafe fn run<S: Set>(self) -> bool {
        // SAFETY: the caller vouches for the lanes.
        let x = unsafe { std::slice::from_raw_parts(self.x, self.lanes) };
        let beyond = |x: f64| u64::from(x.abs() > kernel::TRIGONOMETRIC_BOUND);
        x.iter().fold(0, |any, &x| any | beyond(x)) == 0
    }
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
/// Safety of the task: as for [`Apply`]; nothing overlaps.
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
