//! The trigonometric functions: sin, cos and tan.
//!
//! sin and cos subtract the nearest multiple of π (Cody and Waite 1980, with π in three doubles
//! and exact steps by fused multiply-add) and take one odd polynomial on `|r| <= π/2`; a choice
//! between two polynomials would cost both of them in every lane. tan reduces by π/2.
//! Coefficients: tools/coefficients.py.

use crate::arithmetic::{ROUND, SIGN, fast_two_sum, mul_add, polynomial, quotient};
use core::f64::consts::{FRAC_1_PI, FRAC_2_PI, FRAC_PI_2, PI};

/// The largest magnitude for which [`sin_bounded`], [`cos_bounded`] and [`tan_bounded`] are
/// specified: 2³⁰.
pub const TRIGONOMETRIC_BOUND: f64 = 1_073_741_824.0;

/// What the double `PI` lacks of π, in two parts; halved they are what π/2 lacks.
const PI_1: f64 = 1.2246467991473532e-16;
const PI_2: f64 = -2.9947698097183397e-33;

const SIN_HALF_TURN: [f64; 8] = [
    -0.16666666666666666,
    0.008333333333333194,
    -0.0001984126984120923,
    2.755731921113815e-06,
    -2.5052106872818773e-08,
    1.60589397035389e-10,
    -7.642991346703318e-13,
    2.7211726365717177e-15,
];
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

/// `first - c·(rest of π)/scale`, where `first` is `x - c·π/scale` but for that rest, as a pair.
///
/// `first` is exact: a multiple of an ulp of π that is below 2, so it has at most 53 bits.
#[inline(always)]
fn subtract_rest(first: f64, c: f64, rest: f64, last: f64) -> (f64, f64) {
    let high = mul_add(-c, rest, first);
    let low = mul_add(-c, rest, first - high);
    (high, mul_add(-c, last, low))
}

/// sin(high + low) for `|high| <= π/2`.
#[inline(always)]
fn sin_half_turn(high: f64, low: f64) -> f64 {
    let z = high * high;
    // -z/6 is up to 0.4, so that what rounding takes off z, and off a sum -1/6 + …, would count.
    let z_low = mul_add(high, high, -z);
    let [first, rest @ ..] = SIN_HALF_TURN;
    let small = mul_add(z * z, polynomial(z, &rest), z_low * first);
    let ratio = mul_add(z, first, small);
    // The derivative for `low`: cos r, for which 1 - r²·4/π² is near enough.
    let slope = mul_add(z, -4.0 * FRAC_1_PI * FRAC_1_PI, 1.0);
    high + mul_add(high, ratio, low * slope)
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
    let magnitude = x.abs();
    let rounded = mul_add(magnitude, FRAC_1_PI, ROUND);
    let n = rounded - ROUND;
    let (high, low) = subtract_rest(mul_add(-n, PI, magnitude), n, PI_1, PI_2);
    let sign = (x.to_bits() ^ (rounded.to_bits() << 63)) & SIGN;
    f64::from_bits(sin_half_turn(high, low).to_bits() ^ sign)
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
    let magnitude = x.abs();
    // The nearest odd multiple of π/2, (n + 1/2)·π, where the cosine is ∓sin of what is left.
    let rounded = mul_add(magnitude, FRAC_1_PI, -0.5) + ROUND;
    let c = (rounded - ROUND) + 0.5;
    let first = mul_add(-c, PI, magnitude);
    let (high, low) = subtract_rest(first, c, PI_1, PI_2);
    // For small arguments `first` is not exact; here is what it lost.
    let lost = magnitude - (first + FRAC_PI_2);
    let low = if magnitude < 1.0 { low + lost } else { low };
    let sign = !(rounded.to_bits() << 63) & SIGN;
    f64::from_bits(sin_half_turn(high, low).to_bits() ^ sign)
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
    let magnitude = x.abs();
    let rounded = mul_add(magnitude, FRAC_2_PI, ROUND);
    let n = rounded - ROUND;
    let first = mul_add(-n, FRAC_PI_2, magnitude);
    let (high, low) = subtract_rest(first, n, PI_1 / 2.0, PI_2 / 2.0);
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
/// Error at most 1.5 ulp, measured, for arguments of any size. Odd, bit for bit; `sin(±0) = ±0`,
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
/// Error at most 1.5 ulp, measured, for arguments of any size. Even; `cos(0) = 1`, NaN for ±inf.
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
