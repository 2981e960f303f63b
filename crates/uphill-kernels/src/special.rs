//! Special functions: erf, ln|Γ| and its first two derivatives.
//!
//! erf and ln|Γ| are `libm`'s. Digamma and trigamma shift the argument up by the recurrence
//! `ψ(x) = ψ(x+1) - 1/x` until the asymptotic series in `1/x²` converges, and reflect negative
//! arguments (Abramowitz and Stegun 6.3.5 to 6.3.18, 6.4.6 to 6.4.12). One loop, a few branches.

use crate::arithmetic::{ROUND, mul_add, two_sum};
use crate::log::ln;
use crate::trig::{sin_bounded, tan_bounded};
use core::f64::consts::PI;

/// The error function `2/√π ∫₀ˣ e^(-t²) dt`.
///
/// Error at most 0.95 ulp, measured. Odd; `erf(±0) = ±0`, `erf(±inf) = ±1`. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::erf(0.0), 0.0);
/// ```
#[inline]
#[must_use]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// `ln |Γ(x)|`.
///
/// Error for positive arguments at most 2.1 ulp, measured, beside the zeros at 1 and 2 too; for
/// negative ones at most 5·2⁻⁵³ times the value or 1, whichever is larger (near its zeros there the
/// error is absolute). Infinite at 0, -1, -2, … and at ±inf. `libm`'s, but for (-32, -1).
///
/// ```
/// assert_eq!(uphill_kernels::ln_gamma(2.0), 0.0);
/// assert_eq!(uphill_kernels::ln_gamma(-3.0), f64::INFINITY);
/// ```
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    if x < -1.0 && x > -32.0 { ln_gamma_between_poles(x) } else { libm::lgamma(x) }
}

/// Where `ln|Γ|` has its negative zeros, reflection would take the difference of two large numbers. With `d` the
/// distance from the nearest pole, `|Γ(x)| = Γ(1+d) / |x(x+1)…d|`, whose factors are all exact.
fn ln_gamma_between_poles(x: f64) -> f64 {
    let nearest = (x + ROUND) - ROUND;
    let (mut product, mut low, mut factor) = (1.0, 0.0, x);
    loop {
        let high = product * factor;
        low = mul_add(low, factor, mul_add(product, factor, -high));
        product = high;
        if factor == x - nearest {
            break;
        }
        factor += 1.0;
    }
    if product == 0.0 {
        return f64::INFINITY;
    }
    libm::lgamma(1.0 + factor) - (ln(product.abs()) + low / product)
}

/// From here on the asymptotic series converge to the last bit.
const ASYMPTOTIC: f64 = 10.0;

/// `B₂ₖ/(2k)`, k = 1, 2, …, with Bernoulli's numbers.
const DIGAMMA_SERIES: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 120.0,
    1.0 / 252.0,
    -1.0 / 240.0,
    1.0 / 132.0,
    -691.0 / 32760.0,
    1.0 / 12.0,
    -3617.0 / 8160.0,
];

/// Bernoulli's numbers `B₂ₖ`, k = 1, 2, ….
const TRIGAMMA_SERIES: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// `z·(c₀ + z·(c₁ + …))`.
fn series(z: f64, coefficients: &[f64]) -> f64 {
    let mut sum = 0.0;
    for &coefficient in coefficients.iter().rev() {
        sum = mul_add(sum, z, coefficient);
    }
    sum * z
}

/// `π` times the difference of `x` and the nearest integer, which has the tangent and, but for the
/// sign, the sine of `πx`. NaN for integers, which have none of use.
fn angle(x: f64) -> f64 {
    // From 2⁵¹ on `ROUND` no longer rounds.
    let small = x.abs() < 2_251_799_813_685_248.0;
    let nearest = if small { (x + ROUND) - ROUND } else { libm::rint(x) };
    if x == nearest { f64::NAN } else { PI * (x - nearest) }
}

/// The digamma function `ψ(x)`, the derivative of [`ln_gamma`].
///
/// Error at most 8·2⁻⁵³ times the value, 1 or `ln |x|`, whichever is largest, measured (near its
/// zeros, which it has between the poles, the error is absolute). NaN at the poles -1, -2, … and at -inf; `digamma(±0) = ∓inf`,
/// `digamma(inf) = inf`.
///
/// ```
/// // The harmonic numbers: ψ(4) = ψ(1) + 1 + 1/2 + 1/3.
/// use uphill_kernels::digamma;
/// assert!((digamma(4.0) - digamma(1.0) - 11.0 / 6.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn digamma(x: f64) -> f64 {
    if x > 0.0 {
        return digamma_from(x, false);
    }
    if x == 0.0 {
        return -1.0 / x;
    }
    let angle = angle(x);
    if angle.is_nan() {
        return f64::NAN;
    }
    // ψ(x) = ψ(1-x) - π/tan(πx)
    digamma_from(-x, true) - PI / tan_bounded(angle)
}

/// `ψ(x)`, or `ψ(x + 1)` without rounding that sum, for positive `x`.
fn digamma_from(x: f64, next: bool) -> f64 {
    let (shifted, sum, sum_low) = shift(x, next, false);
    if shifted == f64::INFINITY {
        return shifted;
    }
    let inverse = 1.0 / shifted;
    let tail = mul_add(0.5, inverse, series(inverse * inverse, &DIGAMMA_SERIES));
    let (high, low) = two_sum(ln(shifted), -sum);
    // Near 0 the sum overflows, and what it lost is no number.
    if sum > 1e30 { -sum } else { high + (low - (tail + sum_low)) }
}

/// Adds 1 to `x` until the asymptotic series apply: the result, and the sum of `1/x`, or of their
/// squares, over the steps, as a pair; without the first of them where `next` is set.
fn shift(x: f64, next: bool, squares: bool) -> (f64, f64, f64) {
    let (mut shifted, mut sum, mut sum_low) = (x, 0.0, 0.0);
    let mut count = !next;
    while shifted < ASYMPTOTIC || !count {
        if count {
            let inverse = 1.0 / shifted;
            let (total, lost) = two_sum(sum, if squares { inverse * inverse } else { inverse });
            sum = total;
            sum_low += lost;
        }
        count = true;
        shifted += 1.0;
    }
    (shifted, sum, sum_low)
}

/// The trigamma function `ψ′(x)`, the second derivative of [`ln_gamma`].
///
/// Error at most 5.5 ulp, measured. `+inf` at the poles 0, -1, -2, … and at -inf (every double from
/// -2⁵² downwards is a pole); `trigamma(inf) = 0`.
///
/// ```
/// // ψ′(1) = π²/6
/// let difference = uphill_kernels::trigamma(1.0) - std::f64::consts::PI.powi(2) / 6.0;
/// assert!(difference.abs() < 1e-15);
/// ```
#[must_use]
pub fn trigamma(x: f64) -> f64 {
    if x > 0.0 {
        return trigamma_from(x, false);
    }
    if x.is_nan() {
        return x;
    }
    let angle = angle(x);
    if angle.is_nan() {
        return f64::INFINITY;
    }
    // ψ′(x) = (π/sin(πx))² - ψ′(1-x)
    let cosecant = PI / sin_bounded(angle);
    cosecant * cosecant - trigamma_from(-x, true)
}

/// `ψ′(x)`, or `ψ′(x + 1)` without rounding that sum, for positive `x`.
fn trigamma_from(x: f64, next: bool) -> f64 {
    let (shifted, sum, sum_low) = shift(x, next, true);
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    let tail = mul_add(inverse, series(square, &TRIGAMMA_SERIES), 0.5 * square);
    let (high, low) = two_sum(sum, inverse);
    // Near 0 the sum overflows, and what it lost is no number.
    if sum > 1e30 { sum } else { high + (low + (tail + sum_low)) }
}
