//! The hyperbolic functions: sinh, cosh and tanh from the exponential family's parts.

use crate::arithmetic::{at_most, fast_two_sum, mul_add, near_reciprocal, quotient, two_sum};
use crate::exp::quarter_exp;

/// The hyperbolic sine `(eˣ - e⁻ˣ) / 2`.
///
/// Error at most 1.05 ulp, measured. Odd, bit for bit; `sinh(±0) = ±0`, `sinh(±inf) = ±inf`.
///
/// With `t = e^|x| - 1` it is `(t + t/(t+1)) / 2`, which does not cancel near 0.
///
/// ```
/// assert_eq!(uphill_kernels::sinh(1e-20), 1e-20);
/// ```
#[inline(always)]
#[must_use]
pub fn sinh(x: f64) -> f64 {
    let magnitude = x.abs();
    // t/4 in two parts. Beyond 710.5 the result is infinite.
    let (t, t_low) = quarter_exp(at_most(magnitude, 710.5), 0.25);
    // From 10¹⁰⁰ the quotient is 1/4, far below the last bit; the bound keeps 4t finite.
    let bounded = at_most(t, 1e100);
    let (sum, sum_low) = two_sum(1.0, 4.0 * bounded);
    let (q, q_low) = quotient(bounded, t_low, sum, mul_add(4.0, t_low, sum_low));
    let q_low = if t > 1e17 { 0.0 } else { q_low };
    let (high, low) = fast_two_sum(t, q);
    let result = 2.0 * (high + (low + (t_low + q_low)));
    if magnitude < 1e-20 { x } else { result.copysign(x) }
}

/// The hyperbolic cosine `(eˣ + e⁻ˣ) / 2`.
///
/// Error at most 0.75 ulp, measured. Even; `cosh(0) = 1`, `cosh(±inf) = inf`.
///
/// ```
/// assert_eq!(uphill_kernels::cosh(0.0), 1.0);
/// ```
#[inline(always)]
#[must_use]
pub fn cosh(x: f64) -> f64 {
    // e^|x|/4 in two parts, and then a quarter of its inverse.
    let (e, e_low) = quarter_exp(at_most(x.abs(), 710.5), 0.0);
    let inverse = 0.0625 / e;
    // The inverse falls by 16·inverse² for each unit that its argument grows.
    let low = mul_add(e_low * inverse, -16.0 * inverse, e_low);
    let (high, lost) = fast_two_sum(e, inverse);
    2.0 * (high + (lost + low))
}

/// The hyperbolic tangent `(eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)`.
///
/// Error at most 0.75 ulp, measured. Odd, bit for bit; `tanh(±0) = ±0`, `tanh(±inf) = ±1`; never
/// outside [-1, 1].
///
/// With `t = e^(2|x|) - 1` it is `t / (t + 2)`, which does not cancel near 0.
///
/// ```
/// assert_eq!(uphill_kernels::tanh(20.0), 1.0);
/// ```
#[inline(always)]
#[must_use]
pub fn tanh(x: f64) -> f64 {
    let (t, t_low) = quarter_exp(2.0 * at_most(x.abs(), 20.0), 0.25);
    let (t, t_low) = (2.0 * t, 2.0 * t_low);
    let (sum, sum_low) = two_sum(1.0, t);
    let quotient = t / sum;
    let remainder = mul_add(-quotient, sum, t) + mul_add(-quotient, sum_low + t_low, t_low);
    let result = mul_add(remainder, near_reciprocal(sum), quotient);
    if x.abs() < 1e-20 { x } else { result.copysign(x) }
}
