//! The trigonometric functions: sin, cos and tan.
//!
//! All subtract the nearest multiple of π/2 (Cody and Waite 1980, with π in three doubles and exact
//! steps by fused multiply-add) and take a polynomial for the sine and one for the cosine of what
//! is left. Which is which depends on the multiple; both are calculated, since lanes can't choose,
//! and since whoever differentiates wants both. So [`sin_cos`] costs hardly more than one of them.
//! Coefficients: tools/coefficients.py.

use crate::arithmetic::{ROUND, SIGN, fast_two_sum, mul_add, polynomial, quotient};
use core::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// The largest magnitude for which [`sin_bounded`], [`cos_bounded`] and [`tan_bounded`] are
/// specified: 2³⁰.
pub const TRIGONOMETRIC_BOUND: f64 = 1_073_741_824.0;

/// What the nearest double lacks of π, in two parts; halved they are what π/2 lacks.
const PI_1: f64 = 1.2246467991473532e-16;
const PI_2: f64 = -2.9947698097183397e-33;

const SIN_QUARTER_TURN: [f64; 6] = [
    -0.1666666666666663,
    0.008333333333322127,
    -0.0001984126982959447,
    2.7557313622506826e-06,
    -2.505074785345245e-08,
    1.589623109467851e-10,
];
const COS_QUARTER_TURN: [f64; 6] = [
    0.041666666666666595,
    -0.0013888888888873056,
    2.4801587288849664e-05,
    -2.755731417841673e-07,
    2.087570069105039e-09,
    -1.1358527408298197e-11,
];

/// A magnitude less the nearest multiple of π/2: the multiple's number in the low bits of `rounded`,
/// and what is left as `high + low + tiny`, `|high| <= π/4`.
struct Reduced {
    rounded: f64,
    high: f64,
    low: f64,
    tiny: f64,
}

#[inline(always)]
fn reduce(magnitude: f64) -> Reduced {
    let rounded = mul_add(magnitude, FRAC_2_PI, ROUND);
    let n = rounded - ROUND;
    // Exact: a multiple of an ulp of π/2 that is below 1, so it has at most 53 bits.
    let first = mul_add(-n, FRAC_PI_2, magnitude);
    let high = mul_add(-n, PI_1 / 2.0, first);
    let low = mul_add(-n, PI_1 / 2.0, first - high);
    Reduced { rounded, high, low, tiny: -n * (PI_2 / 2.0) }
}

/// The sine and cosine of what is left, and whether they change places.
#[inline(always)]
fn sin_and_cos(Reduced { rounded, high, low, tiny }: Reduced) -> (f64, f64, bool) {
    let z = high * high;
    // The derivative for `low` is the cosine, for which 1 - z/2 is near enough.
    let small = mul_add(low, mul_add(z, -0.5, 1.0), tiny);
    let sin = high + mul_add(high * z, polynomial(z, &SIN_QUARTER_TURN), small);
    let small = mul_add(z, -0.5, -(high * low));
    let cos = 1.0 + mul_add(z * z, polynomial(z, &COS_QUARTER_TURN), small);
    // A comparison of numbers, since a test of bits would become a branch, which is often wrong.
    let is_odd = f64::from_bits((rounded.to_bits() << 63) | 1f64.to_bits()) < 0.0;
    (sin, cos, is_odd)
}

/// The sign of the sine of a number with this sign bit, as a bit, and that of its cosine.
#[inline(always)]
fn signs(x: f64, rounded: f64) -> (u64, u64) {
    let n = rounded.to_bits();
    ((x.to_bits() ^ (n << 62)) & SIGN, (n.wrapping_add(1) << 62) & SIGN)
}

/// [`sin`] for `|x| <=` [`TRIGONOMETRIC_BOUND`], without a branch; the same bits there.
///
/// Beyond the bound the result is meaningless, though not unsafe. NaN for NaN and ±inf.
///
/// ```
/// use uphill_kernels::{sin, sin_bounded};
/// assert_eq!(sin_bounded(1e6), sin(1e6));
/// ```
#[inline(always)]
#[must_use]
pub fn sin_bounded(x: f64) -> f64 {
    sin_cos_bounded(x).0
}

/// [`cos`] for `|x| <=` [`TRIGONOMETRIC_BOUND`], without a branch; the same bits there.
///
/// Beyond the bound the result is meaningless, though not unsafe. NaN for NaN and ±inf.
///
/// ```
/// use uphill_kernels::{cos, cos_bounded};
/// assert_eq!(cos_bounded(1e6), cos(1e6));
/// ```
#[inline(always)]
#[must_use]
pub fn cos_bounded(x: f64) -> f64 {
    sin_cos_bounded(x).1
}

/// [`sin_cos`] for `|x| <=` [`TRIGONOMETRIC_BOUND`], without a branch; the same bits there.
///
/// Beyond the bound the results are meaningless, though not unsafe. NaN for NaN and ±inf.
///
/// ```
/// use uphill_kernels::{cos, sin, sin_cos_bounded};
/// assert_eq!(sin_cos_bounded(1e6), (sin(1e6), cos(1e6)));
/// ```
#[inline(always)]
#[must_use]
pub fn sin_cos_bounded(x: f64) -> (f64, f64) {
    let reduced = reduce(x.abs());
    let (sin_sign, cos_sign) = signs(x, reduced.rounded);
    let (sin, cos, is_odd) = sin_and_cos(reduced);
    let (sin, cos) = (if is_odd { cos } else { sin }, if is_odd { sin } else { cos });
    (f64::from_bits(sin.to_bits() ^ sin_sign), f64::from_bits(cos.to_bits() ^ cos_sign))
}

/// [`tan`] for `|x| <=` [`TRIGONOMETRIC_BOUND`], without a branch; the same bits there.
///
/// Beyond the bound the result is meaningless, though not unsafe. NaN for NaN and ±inf.
///
/// ```
/// use uphill_kernels::{tan, tan_bounded};
/// assert_eq!(tan_bounded(1e6), tan(1e6));
/// ```
#[inline(always)]
#[must_use]
pub fn tan_bounded(x: f64) -> f64 {
    let Reduced { rounded, high, low, tiny } = reduce(x.abs());
    let low = low + tiny;
    let z = high * high;
    let rest = mul_add(high * z, polynomial(z, &SIN_QUARTER_TURN), mul_add(low, -0.5 * z, low));
    let (sin, sin_low) = fast_two_sum(high, rest);
    let (cos, lost) = fast_two_sum(1.0, -0.5 * z);
    let rest = lost + mul_add(z * z, polynomial(z, &COS_QUARTER_TURN), -high * low);
    let (cos, cos_low) = fast_two_sum(cos, rest);
    let odd = rounded.to_bits() & 1 == 1;
    let (a, a_low) = if odd { (cos, cos_low) } else { (sin, sin_low) };
    let (b, b_low) = if odd { (sin, sin_low) } else { (cos, cos_low) };
    let (q, correction) = quotient(a, a_low, b, b_low);
    let sign = (x.to_bits() ^ (rounded.to_bits() << 63)) & SIGN;
    f64::from_bits((q + correction).to_bits() ^ sign)
}

/// The sine.
///
/// Error at most 1.3 ulp, measured, for arguments of any size. Odd, bit for bit; `sin(±0) = ±0`,
/// NaN for ±inf. Arguments beyond [`TRIGONOMETRIC_BOUND`] take a slow path, `libm`'s reduction
/// with as many digits of 2/π as it takes (Payne and Hanek 1983).
///
/// ```
/// assert_eq!(uphill_kernels::sin(-0.5), -uphill_kernels::sin(0.5));
/// ```
#[inline]
#[must_use]
pub fn sin(x: f64) -> f64 {
    if x.abs() > TRIGONOMETRIC_BOUND { libm::sin(x) } else { sin_bounded(x) }
}

/// The cosine.
///
/// Error at most 1.3 ulp, measured, for arguments of any size. Even; `cos(0) = 1`, NaN for ±inf.
/// Slow path as for [`sin`].
///
/// ```
/// assert_eq!(uphill_kernels::cos(0.0), 1.0);
/// ```
#[inline]
#[must_use]
pub fn cos(x: f64) -> f64 {
    if x.abs() > TRIGONOMETRIC_BOUND { libm::cos(x) } else { cos_bounded(x) }
}

/// The sine or the cosine of what is left: the one polynomial that is needed.
#[inline(always)]
fn one_of(Reduced { high, low, tiny, .. }: Reduced, is_cosine: bool) -> f64 {
    const COEFFICIENTS: [[f64; 6]; 2] = [SIN_QUARTER_TURN, COS_QUARTER_TURN];
    let z = high * high;
    let small_sin = mul_add(low, mul_add(z, -0.5, 1.0), tiny);
    let small_cos = mul_add(z, -0.5, -(high * low));
    let (first, factor, small) =
        if is_cosine { (1.0, z, small_cos) } else { (high, high, small_sin) };
    first + mul_add(factor * z, polynomial(z, &COEFFICIENTS[usize::from(is_cosine)]), small)
}

/// [`sin`] for a number that comes alone, with the same bits: the polynomial is chosen, by its address, before it is
/// evaluated. Lanes have to evaluate both.
#[inline(always)]
pub(crate) fn sin_alone(x: f64) -> f64 {
    if x.abs() > TRIGONOMETRIC_BOUND {
        return libm::sin(x);
    }
    let reduced = reduce(x.abs());
    let (sign, _) = signs(x, reduced.rounded);
    let is_odd = reduced.rounded.to_bits() & 1 == 1;
    f64::from_bits(one_of(reduced, is_odd).to_bits() ^ sign)
}

/// [`cos`] for a number that comes alone.
#[inline(always)]
pub(crate) fn cos_alone(x: f64) -> f64 {
    if x.abs() > TRIGONOMETRIC_BOUND {
        return libm::cos(x);
    }
    let reduced = reduce(x.abs());
    let (_, sign) = signs(x, reduced.rounded);
    let is_odd = reduced.rounded.to_bits() & 1 == 1;
    f64::from_bits(one_of(reduced, !is_odd).to_bits() ^ sign)
}

/// The sine and the cosine, with the bits of [`sin`] and [`cos`], for little more than the cost of one.
///
/// ```
/// use uphill_kernels::{cos, sin, sin_cos};
/// assert_eq!(sin_cos(2.5), (sin(2.5), cos(2.5)));
/// ```
#[inline]
#[must_use]
pub fn sin_cos(x: f64) -> (f64, f64) {
    if x.abs() > TRIGONOMETRIC_BOUND { (libm::sin(x), libm::cos(x)) } else { sin_cos_bounded(x) }
}

/// The tangent.
///
/// Error at most 1 ulp, measured, for arguments of any size. Odd, bit for bit; `tan(±0) = ±0`,
/// NaN for ±inf. Slow path as for [`sin`].
///
/// ```
/// assert!((uphill_kernels::tan(0.5) - 0.5463024898437905).abs() < 1e-15);
/// ```
#[inline]
#[must_use]
pub fn tan(x: f64) -> f64 {
    if x.abs() > TRIGONOMETRIC_BOUND { libm::tan(x) } else { tan_bounded(x) }
}
