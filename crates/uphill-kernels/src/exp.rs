//! The exponential family: exp, exp2, expm1, and the sigmoid.
//!
//! All reduce the argument to `x = n·ln 2 + r` with an integer `n` and `|r| <= ln(2)/2` (Cody and
//! Waite 1980), take `e^r = 1 + r + r²·P(r)` with one minimax polynomial `P`
//! (tools/coefficients.py), and multiply by `2ⁿ`, which is built from bits.
//!
//! What a lone number waits for is the chain from `n` through `r` and `P`; all else runs beside it.

use crate::arithmetic::{
    ROUND, at_least, at_most, fast_two_sum, mul_add, near_reciprocal, polynomial,
};
use core::f64::consts::LOG2_E;

/// ln 2 in two parts; the first has 42 bits, so that its product with any `n` is exact.
const LN_2_HIGH: f64 = 0.6931471805598903;
const LN_2_LOW: f64 = 5.497923018708371e-14;

/// ln 2 as the nearest double and what that lacks.
const LN_2: f64 = core::f64::consts::LN_2;
const LN_2_REST: f64 = 2.3190468138462996e-17;

/// `P` for `eʳ`.
const P: [f64; 10] = [
    0.5,
    0.1666666666666193,
    0.04166666666661972,
    0.008333333336541583,
    0.0013888888920636487,
    0.00019841262651994223,
    2.480151616226359e-05,
    2.756386784964526e-06,
    2.762231027242215e-07,
    2.2975851517146535e-08,
];

/// `P` for `eʳ - 1` alone, whose relative error near 0 asks for one term more.
const P_NEAR_ZERO: [f64; 11] = [
    0.5,
    0.16666666666666677,
    0.041666666666666574,
    0.008333333333322122,
    0.001388888888894338,
    0.00019841269885064106,
    2.480158719694752e-05,
    2.755724514815343e-06,
    2.755738793600198e-07,
    2.5108744666667278e-08,
    2.087870505077294e-09,
];

/// An argument as `n·ln 2 + r + low`: `n` in the low bits of `ROUND + n`, `r` exact, and `low` what
/// `n` times the first part of ln 2 lacks, below 10⁻¹⁰.
struct Reduced {
    rounded: f64,
    r: f64,
    low: f64,
}

#[inline(always)]
fn reduce(x: f64) -> Reduced {
    remainder(x, mul_add(x, LOG2_E, ROUND))
}

#[inline(always)]
fn remainder(x: f64, rounded: f64) -> Reduced {
    let n = rounded - ROUND;
    Reduced { rounded, r: mul_add(-n, LN_2_HIGH, x), low: -n * LN_2_LOW }
}

/// `e^(r + low) - 1 - r` as `a·b + c`.
///
/// `low` is too small for its square to count: `(1 + low)·(1 + r + r²·P)` will do, and `P` need
/// not wait for `r + low`.
#[inline(always)]
fn rest_parts<const N: usize>(r: f64, low: f64, p: &[f64; N]) -> (f64, f64, f64) {
    let square = r * r;
    (mul_add(square, low, square), polynomial(r, p), mul_add(low, r, low))
}

/// `e^(r + low) - 1 - r`.
#[inline(always)]
fn rest<const N: usize>(r: f64, low: f64, p: &[f64; N]) -> f64 {
    let (a, b, c) = rest_parts(r, low, p);
    mul_add(a, b, c)
}

/// `2ⁿ·e^(r + low)`, rounded into the subnormal range or to infinity where need be.
#[inline(always)]
fn scaled(Reduced { rounded, r, low }: Reduced) -> f64 {
    let (first, second) = powers_of_two(rounded);
    let (linear, lost) = fast_two_sum(1.0, r);
    let (a, b, c) = rest_parts(r, low, &P);
    mul_add(mul_add(a, b, c + lost), first, linear * first) * second
}

/// `2^(n + offset)`, where that is a normal number.
#[inline(always)]
fn power_of_two(rounded: f64, offset: u64) -> f64 {
    f64::from_bits(
        rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023).wrapping_add(offset)
            << 52,
    )
}

/// Two normal powers of two with the product `2ⁿ`, for `|n| <= 2000`. Two, because `2ⁿ` may
/// overflow, or be subnormal, where the result does not.
#[inline(always)]
fn powers_of_two(rounded: f64) -> (f64, f64) {
    let biased = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(2046);
    let half = biased >> 1;
    (f64::from_bits(half << 52), f64::from_bits(biased.wrapping_sub(half) << 52))
}

/// The exponential function `eˣ`.
///
/// Error at most 0.8 ulp, measured. `exp(±0) = 1`, `exp(-inf) = 0`, `exp(inf) = inf`; results
/// below the normal range are rounded into the subnormal one.
///
/// ```
/// assert_eq!(uphill_kernels::exp(0.0), 1.0);
/// assert_eq!(uphill_kernels::exp(1.0), std::f64::consts::E);
/// ```
#[inline(always)]
#[must_use]
pub fn exp(x: f64) -> f64 {
    // Beyond these the result is 0 or infinite anyway; within them `n` stays small.
    let x = at_most(at_least(x, -746.0), 710.0);
    scaled(reduce(x))
}

/// Below this magnitude `2ⁿ` and `2ⁿ` times anything here is a normal number.
const MIDDLE: f64 = 700.0;

/// [`exp`] for a number that comes alone, with the same bits: whether the ends need care is asked by a branch, which
/// lanes can't have. In the middle one power of two will do.
#[inline(always)]
pub(crate) fn exp_alone(x: f64) -> f64 {
    if x.abs() < MIDDLE {
        let Reduced { rounded, r, low } = reduce(x);
        let scale = power_of_two(rounded, 0);
        let (linear, lost) = fast_two_sum(1.0, r);
        let (a, b, c) = rest_parts(r, low, &P);
        mul_add(mul_add(a, b, c + lost), scale, linear * scale)
    } else {
        exp(x)
    }
}

/// The power of two `2ˣ`.
///
/// Error at most 0.8 ulp, measured; exact for integers. `exp2(-inf) = 0`, `exp2(inf) = inf`.
///
/// ```
/// assert_eq!(uphill_kernels::exp2(10.0), 1024.0);
/// assert_eq!(uphill_kernels::exp2(-1074.0), f64::from_bits(1));
/// ```
#[inline(always)]
#[must_use]
pub fn exp2(x: f64) -> f64 {
    let x = at_most(at_least(x, -1080.0), 1025.0);
    let rounded = x + ROUND;
    let difference = x - (rounded - ROUND);
    // 2^d = e^(d·ln 2), with the product in two parts.
    let r = difference * LN_2;
    let low = mul_add(difference, LN_2_REST, mul_add(difference, LN_2, -r));
    scaled(Reduced { rounded, r, low })
}

/// `(eˣ - 4·less) / 4` as a pair, for `-40 <= x <= 710.5`: a quarter, because the whole may
/// overflow where what is made of it does not. `less` is 0 or 1/4.
#[inline(always)]
pub(crate) fn quarter_exp(x: f64, less: f64) -> (f64, f64) {
    let Reduced { rounded, r, low } = reduce(x);
    let scale = power_of_two(rounded, 2u64.wrapping_neg());
    // scale·(1 + r + rest) - less: the first part exactly, as a pair, then the rest on top.
    let base = scale - less;
    let first = mul_add(scale, r, base);
    let lost = mul_add(scale, r, base - first);
    fast_two_sum(first, mul_add(scale, rest(r, low, &P_NEAR_ZERO), lost))
}

/// `e^-a` as a pair, for `a >= 0`; the pair is rounded into the subnormal range where need be.
#[inline(always)]
pub(crate) fn exp_of_negative(a: f64) -> (f64, f64) {
    let x = -at_most(a, 746.0);
    // 2⁻¹⁰⁷⁴ is the last power of two there is; beyond it `r` grows instead.
    let rounded = at_least(mul_add(x, LOG2_E, ROUND), ROUND - 1074.0);
    let Reduced { rounded, r, low } = remainder(x, rounded);
    let (first, second) = powers_of_two(rounded);
    let scale = first * second;
    let sum = mul_add(scale, r, scale);
    let lost = mul_add(scale, r, scale - sum);
    fast_two_sum(sum, mul_add(scale, rest(r, low, &P), lost))
}

/// `eˣ - 1`, without cancellation near 0.
///
/// Error at most 1.05 ulp, measured. `expm1(±0) = ±0`, `expm1(-inf) = -1`, `expm1(inf) = inf`.
///
/// ```
/// assert_eq!(uphill_kernels::expm1(1e-20), 1e-20);
/// ```
#[inline(always)]
#[must_use]
pub fn expm1(x: f64) -> f64 {
    let (high, low) = quarter_exp(at_most(at_least(x, -40.0), 710.0), 0.25);
    let result = 4.0 * (high + low);
    // Quarters of subnormal numbers would be rounded, and the sign of 0 would be lost.
    if x.abs() < 1e-20 { x } else { result }
}

/// The sigmoid `σ(x) = 1 / (1 + e⁻ˣ)`.
///
/// Error at most 1.2 ulp, measured. `sigmoid(0) = 1/2`, `sigmoid(-inf) = 0`, `sigmoid(inf) = 1`;
/// never outside [0, 1]. Where it underflows, it does so gradually, and is 0 from -744.78 down.
///
/// With `e⁻ˣ = 2⁻ⁿ·(1 + q)` it is `2ⁿ / (2ⁿ + 1 + q)`: one division for either sign, and nothing
/// overflows. What the divisor loses in rounding is made good behind the division.
///
/// ```
/// assert_eq!(uphill_kernels::sigmoid(0.0), 0.5);
/// ```
#[inline(always)]
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    let rounded = mul_add(x, LOG2_E, ROUND);
    let (one, other) = powers_of_two(rounded);
    let result = sigmoid_of(x, rounded, one * other);
    // Beyond -744.78 and 37.5 it is 0 and 1 but for rounding, and `n` may be anything.
    let end = if x > 0.0 { 1.0 } else { 0.0 };
    if (x + 353.64).abs() > 391.14 { end } else { result }
}

/// The sigmoid for `x = n·ln 2 - r`, with `n` in `rounded` and `scale = 2ⁿ`.
#[inline(always)]
fn sigmoid_of(x: f64, rounded: f64, scale: f64) -> f64 {
    let n = rounded - ROUND;
    let r = mul_add(n, LN_2_HIGH, -x);
    // Exact for small `n`; for large ones the 1 is lost, but then it does not count.
    let (base, base_lost) = fast_two_sum(1.0, scale);
    let (linear, linear_lost) = fast_two_sum(base, r);
    let (a, b, c) = rest_parts(r, n * LN_2_LOW, &P);
    let (start, start_lost) = fast_two_sum(linear, c);
    let sum = mul_add(a, b, start);
    let lost = mul_add(a, b, start - sum) + (base_lost + linear_lost + start_lost);
    let quotient = scale / sum;
    mul_add(-quotient, lost * near_reciprocal(sum), quotient)
}

/// [`sigmoid`] for a number that comes alone, with the same bits: see [`exp_alone`].
#[inline(always)]
pub(crate) fn sigmoid_alone(x: f64) -> f64 {
    if x.abs() < 37.0 {
        let rounded = mul_add(x, LOG2_E, ROUND);
        sigmoid_of(x, rounded, power_of_two(rounded, 0))
    } else {
        sigmoid(x)
    }
}
