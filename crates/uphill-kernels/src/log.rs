//! The logarithm family: ln, log2, log10, log1p, and softplus.
//!
//! With `x = 2^k·(1+f)`, `√½ <= 1+f < √2`, all rest on `ln(1+f) = 2s + s³·(2/3 + …)` for
//! `s = f/(2+f)`, a minimax polynomial in `s²` (tools/coefficients.py). As there, `2s` is written
//! `f - f²/2 + s·f²/2`, whose first term is exact (Ng 1993, in Sun's fdlibm).

use crate::arithmetic::{fast_two_sum, mul_add, polynomial, two_sum};
use crate::exp::exp_of_negative;

const LN_2_HIGH: f64 = 0.6931471805598903;
const LN_2_LOW: f64 = 5.497923018708371e-14;
const LOG10_2_HIGH: f64 = 0.30102999566395283;
const LOG10_2_LOW: f64 = 2.8363394551044964e-14;
const LOG2_E: f64 = core::f64::consts::LOG2_E;
const LOG2_E_REST: f64 = 2.0355273740931033e-17;
const LOG10_E: f64 = core::f64::consts::LOG10_E;
const LOG10_E_REST: f64 = 1.098319650216765e-17;

const P: [f64; 7] = [
    0.6666666666666734,
    0.39999999999415164,
    0.28571428742289856,
    0.22222198582170322,
    0.1818356391240521,
    0.1531405981304316,
    0.14795869845195353,
];

const MANTISSA: u64 = (1 << 52) - 1;
const SQRT_HALF_BITS: u64 = core::f64::consts::FRAC_1_SQRT_2.to_bits();

/// 2⁵², whose low bits are an integer's.
const INTEGER: f64 = 4_503_599_627_370_496.0;

/// A positive normal number as `2^k·m` with `√½ <= m < √2`: `1023 + k`, and `m`.
#[inline(always)]
fn decompose(x: f64) -> (u64, f64) {
    let shifted = x.to_bits().wrapping_add(1f64.to_bits() - SQRT_HALF_BITS);
    (shifted >> 52, f64::from_bits((shifted & MANTISSA).wrapping_add(SQRT_HALF_BITS)))
}

/// `k` from `1023 + k`, by arithmetic that every vector unit has.
#[inline(always)]
fn exponent(biased: u64) -> f64 {
    f64::from_bits(INTEGER.to_bits() | biased) - (INTEGER + 1023.0)
}

/// The same for any positive number, with `f = m - 1`.
#[inline(always)]
fn decompose_any(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * 18_014_398_509_481_984.0 } else { x }; // 2⁵⁴
    let (biased, m) = decompose(scaled);
    let k = exponent(biased);
    (if subnormal { k - 54.0 } else { k }, m - 1.0)
}

/// `ln(1+f)` as `high + low + a·b`: `high` first, and `b`, the polynomial, last.
struct Parts {
    high: f64,
    low: f64,
    a: f64,
    b: f64,
}

/// For `√½ <= 1+f < √2`. What a lone number waits for is `b`: users add all else to `low`.
#[inline(always)]
fn ln_one_plus(f: f64) -> Parts {
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let (high, low) = fast_two_sum(f, -half_square);
    Parts { high, low: mul_add(s, half_square, low), a: s * z, b: polynomial(z, &P) }
}

/// Gives the logarithm its values where the formula has none.
#[inline(always)]
fn with_ends(argument: f64, result: f64) -> f64 {
    let at_end = if argument == 0.0 {
        f64::NEG_INFINITY
    } else if argument > 0.0 {
        f64::INFINITY
    } else {
        f64::NAN
    };
    if argument > 0.0 && argument < f64::INFINITY { result } else { at_end }
}

/// `k·ln 2 + ln(1+f) + more`, rounded once but for what is far below.
#[inline(always)]
fn combine(k: f64, Parts { high, low, a, b }: Parts, more: f64) -> f64 {
    let (sum, lost) = fast_two_sum(k * LN_2_HIGH, high);
    sum + mul_add(a, b, mul_add(k, LN_2_LOW, lost + (low + more)))
}

/// The natural logarithm `ln x`.
///
/// Error at most 0.7 ulp, measured. `ln(±0) = -inf`, `ln(inf) = inf`, NaN for negative arguments.
///
/// ```
/// assert_eq!(uphill_kernels::ln(1.0), 0.0);
/// assert_eq!(uphill_kernels::ln(2.0), std::f64::consts::LN_2);
/// ```
#[inline(always)]
#[must_use]
pub fn ln(x: f64) -> f64 {
    let (k, f) = decompose_any(x);
    with_ends(x, combine(k, ln_one_plus(f), 0.0))
}

/// The logarithm to base 2.
///
/// Error at most 0.8 ulp, measured; exact for powers of two. Special values as for [`ln`].
///
/// ```
/// assert_eq!(uphill_kernels::log2(1024.0), 10.0);
/// ```
#[inline(always)]
#[must_use]
pub fn log2(x: f64) -> f64 {
    let (k, f) = decompose_any(x);
    let Parts { high, low, a, b } = ln_one_plus(f);
    let product = high * LOG2_E;
    let rest = mul_add(low, LOG2_E, mul_add(high, LOG2_E_REST, mul_add(high, LOG2_E, -product)));
    let (sum, lost) = fast_two_sum(k, product);
    with_ends(x, sum + mul_add(a * LOG2_E, b, lost + rest))
}

/// The logarithm to base 10.
///
/// Error at most 0.75 ulp, measured; exact for powers of ten up to 10²². Special values as for
/// [`ln`].
///
/// ```
/// assert_eq!(uphill_kernels::log10(1000.0), 3.0);
/// ```
#[inline(always)]
#[must_use]
pub fn log10(x: f64) -> f64 {
    let (k, f) = decompose_any(x);
    let Parts { high, low, a, b } = ln_one_plus(f);
    let product = high * LOG10_E;
    let rest = mul_add(low, LOG10_E, mul_add(high, LOG10_E_REST, mul_add(high, LOG10_E, -product)));
    let (sum, lost) = fast_two_sum(k * LOG10_2_HIGH, product);
    with_ends(x, sum + mul_add(a * LOG10_E, b, mul_add(k, LOG10_2_LOW, lost + rest)))
}

/// `1 + x + low` as `2^k·(1 + f + f_low)`, for `x > -1` and `low` far below `1 + x`.
#[inline(always)]
fn decompose_one_plus(x: f64, low: f64) -> (f64, f64, f64) {
    let (sum, lost) = two_sum(1.0, x);
    let (biased, m) = decompose(sum);
    // 2^-k, or from 2⁶⁰, where `lost` no longer counts and 2^-k runs out, 0.
    let scale = f64::from_bits(2046u64.wrapping_sub(biased) << 52);
    let scale = if x < 1_152_921_504_606_846_976.0 { scale } else { 0.0 };
    let (f, f_low) = fast_two_sum(m - 1.0, (lost + low) * scale);
    (exponent(biased), f, f_low)
}

/// `ln(1 + x)`, without cancellation near 0.
///
/// Error at most 0.7 ulp, measured. `log1p(±0) = ±0`, `log1p(-1) = -inf`, `log1p(inf) = inf`, NaN
/// below -1.
///
/// ```
/// assert_eq!(uphill_kernels::log1p(1e-20), 1e-20);
/// ```
#[inline(always)]
#[must_use]
pub fn log1p(x: f64) -> f64 {
    let (k, f, f_low) = decompose_one_plus(x, 0.0);
    // The derivative of ln(1+f) is 1/(1+f), for which 1-f is near enough.
    let result = combine(k, ln_one_plus(f), f_low * (1.0 - f));
    let result = with_ends(1.0 + x, result);
    if x.abs() < 1e-20 { x } else { result }
}

/// The soft rectifier `ln(1 + eˣ) = max(x, 0) + ln(1 + e^-|x|)`.
///
/// Error at most 1.1 ulp, measured. `softplus(-inf) = 0`, `softplus(inf) = inf`; `x` itself for
/// large `x` and `eˣ` for very negative ones.
///
/// ```
/// assert_eq!(uphill_kernels::softplus(0.0), std::f64::consts::LN_2);
/// assert_eq!(uphill_kernels::softplus(100.0), 100.0);
/// ```
#[inline(always)]
#[must_use]
pub fn softplus(x: f64) -> f64 {
    let (e, e_low) = exp_of_negative(x.abs());
    let (k, f, f_low) = decompose_one_plus(e, e_low);
    let Parts { high, low, a, b } = ln_one_plus(f);
    let linear = if x < 0.0 { 0.0 } else { x };
    // linear + k·ln 2 + high + low, with the largest first.
    let (log, log_lost) = fast_two_sum(k * LN_2_HIGH, high);
    let (sum, lost) = two_sum(linear, log);
    let rest = mul_add(k, LN_2_LOW, mul_add(f_low, 1.0 - f, low)) + (log_lost + lost);
    let result = sum + mul_add(a, b, rest);
    // The exact sums make NaN of infinity.
    if x > 1e17 { x } else { result }
}
