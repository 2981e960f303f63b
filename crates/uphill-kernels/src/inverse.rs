//! The inverse trigonometric and hyperbolic functions: atan is a kernel of ours; the others are
//! `libm`'s, whose error is small and which rests on the same exact operations.

use crate::arithmetic::{at_most, mul_add, polynomial, quotient, two_sum};
use core::f64::consts::{FRAC_PI_2, FRAC_PI_4};

/// What the double `FRAC_PI_2` lacks of π/2.
const FRAC_PI_2_REST: f64 = 6.123233995736766e-17;

/// tan(π/8) and tan(3π/8), where the three ranges of the arctangent meet.
const TAN_PI_8: f64 = 0.41421356237309503;
const TAN_3_PI_8: f64 = 2.414213562373095;

/// `atan u = u + u³·P(u²)` for `|u| <= tan(π/8)` (tools/coefficients.py).
const P: [f64; 11] = [
    -0.333333333333332,
    0.19999999999954043,
    -0.14285714280244272,
    0.1111111078591563,
    -0.09090897829791243,
    0.07692061514364305,
    -0.06663118943618207,
    0.05847998134963046,
    -0.05039795671482245,
    0.03807702472833447,
    -0.01792082894701216,
];

/// The arctangent.
///
/// Error at most 0.7 ulp, measured. Odd, bit for bit; `atan(±0) = ±0`, `atan(±inf) = ±π/2`.
///
/// `atan a = base + atan u` with `u = a`, `(a-1)/(a+1)` or `-1/a` and `base = 0`, `π/4` or `π/2`
/// (as in Cody and Waite 1980), so that `|u| <= tan(π/8)`.
///
/// ```
/// assert_eq!(uphill_kernels::atan(1.0), std::f64::consts::FRAC_PI_4);
/// ```
#[inline(always)]
#[must_use]
pub fn atan(x: f64) -> f64 {
    // From 2⁶⁰ on the result is π/2; the bound keeps infinity out.
    let a = at_most(x.abs(), 1_152_921_504_606_846_976.0);
    let (large, small) = (a > TAN_3_PI_8, a < TAN_PI_8);
    let (difference, difference_low) = two_sum(a, -1.0);
    let (sum, sum_low) = two_sum(a, 1.0);
    let base = if large { FRAC_PI_2 } else { FRAC_PI_4 };
    let base_low = if large { FRAC_PI_2_REST } else { FRAC_PI_2_REST / 2.0 };
    let (top, top_low) = if large { (-1.0, 0.0) } else { (difference, difference_low) };
    let (bottom, bottom_low) = if large { (a, 0.0) } else { (sum, sum_low) };
    let (base, base_low) = if small { (0.0, 0.0) } else { (base, base_low) };
    let (top, top_low) = if small { (a, 0.0) } else { (top, top_low) };
    let (bottom, bottom_low) = if small { (1.0, 0.0) } else { (bottom, bottom_low) };
    let (u, u_low) = quotient(top, top_low, bottom, bottom_low);
    let z = u * u;
    // The derivative for `u_low` is 1/(1+z), for which 1-z is near enough.
    let rest = mul_add(u * z, polynomial(z, &P), mul_add(u_low, -z, u_low));
    let sum = base + u;
    let lost = (base - sum) + u;
    (sum + (lost + (base_low + rest))).copysign(x)
}

/// The arcsine.
///
/// Error at most 0.9 ulp, measured. `asin(±0) = ±0`; NaN outside [-1, 1]. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::asin(1.0), std::f64::consts::FRAC_PI_2);
/// ```
#[inline]
#[must_use]
pub fn asin(x: f64) -> f64 {
    libm::asin(x)
}

/// The arccosine.
///
/// Error at most 0.9 ulp, measured. `acos(1) = 0`; NaN outside [-1, 1]. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::acos(-1.0), std::f64::consts::PI);
/// ```
#[inline]
#[must_use]
pub fn acos(x: f64) -> f64 {
    libm::acos(x)
}

/// The angle of the point `(x, y)`, in [-π, π]: the arctangent of `y/x` in the right quadrant.
///
/// Error at most 1.4 ulp, measured. Signed zeros and infinities as in IEEE 754: among others
/// `atan2(±0, -0) = ±π` and `atan2(±inf, -inf) = ±3π/4`. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::atan2(1.0, -1.0), 0.75 * std::f64::consts::PI);
/// ```
#[inline]
#[must_use]
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// The inverse of the hyperbolic sine.
///
/// Error at most 1.6 ulp, measured. `asinh(±0) = ±0`, `asinh(±inf) = ±inf`. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::asinh(0.0), 0.0);
/// ```
#[inline]
#[must_use]
pub fn asinh(x: f64) -> f64 {
    libm::asinh(x)
}

/// The inverse of the hyperbolic cosine.
///
/// Error at most 1.7 ulp, measured. `acosh(1) = 0`, `acosh(inf) = inf`; NaN below 1. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::acosh(1.0), 0.0);
/// ```
#[inline]
#[must_use]
pub fn acosh(x: f64) -> f64 {
    libm::acosh(x)
}

/// The inverse of the hyperbolic tangent.
///
/// Error at most 1.5 ulp, measured. `atanh(±0) = ±0`, `atanh(±1) = ±inf`; NaN outside [-1, 1].
/// `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::atanh(1.0), f64::INFINITY);
/// ```
#[inline]
#[must_use]
pub fn atanh(x: f64) -> f64 {
    libm::atanh(x)
}
