//! The polygamma functions of order two and more: sums of `n!/(x+k)ⁿ⁺¹` by Euler and Maclaurin.
//!
//! Factorial and power grow together, quotient by quotient, so that nothing overflows or underflows on the way unless
//! the result does; and beside a pole the term with the pole stands alone, with its exact distance.

use crate::{digamma, mul_add, trigamma};

/// `B₂ⱼ / (2j)!` for j = 1, 2, …: the coefficients of the Euler-Maclaurin formula.
const BERNOULLI_OVER_FACTORIAL: [f64; 10] = [
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30240.0,
    -1.0 / 1_209_600.0,
    1.0 / 47_900_160.0,
    -691.0 / 1_307_674_368_000.0,
    1.0 / 74_724_249_600.0,
    -3617.0 / 10_670_622_842_880_000.0,
    43867.0 / 5_109_094_217_170_944_000.0,
    -174_611.0 / 802_857_662_698_291_200_000.0,
];

/// The `n`-th derivative of `digamma`: `(-1)ⁿ⁺¹ n! Σ_k 1/(x+k)ⁿ⁺¹`, k from 0.
///
/// Error at most `n + 6` ulp for positive `x`, measured; for negative ones `n + 6` times 2⁻⁵³ times the sum of the terms'
/// magnitudes (near its zeros, which even orders have between the poles, the error is absolute). NaN at the poles 0,
/// -1, -2, …, but for order 1, which is +inf there; 0 at +inf. NaN for orders above 170, whose factorial is no `f64`.
/// Source: NIST Digital Library of Mathematical Functions, 5.15 and 25.11.
///
/// ```
/// // ψ''(1) = -2 ζ(3)
/// assert!((uphill_kernels::polygamma(2, 1.0) + 2.404113806319188570799).abs() < 1e-14);
/// // Beside a pole the pole's own term is all that counts.
/// assert_eq!(uphill_kernels::polygamma(2, -1e-100), 2e300);
/// ```
#[must_use]
pub fn polygamma(n: u32, x: f64) -> f64 {
    match n {
        0 => return digamma(x),
        1 => return trigamma(x),
        171.. => return f64::NAN,
        _ => {}
    }
    if x <= 0.0 && libm::floor(x) == x {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    let sum = if x > 0.0 {
        terms_from(n, x)
    } else {
        // The terms of all whole k, upwards and downwards from the nearest pole, but for those below the first.
        let from_pole = x - libm::rint(x);
        let is_above = from_pole > 0.0;
        let up = terms_from(n, if is_above { from_pole } else { 1.0 + from_pole });
        let down = terms_from(n, if is_above { 1.0 - from_pole } else { -from_pole });
        let below = terms_from(n, 1.0 - x);
        if n.is_multiple_of(2) { (up - down) + below } else { (up + down) - below }
    };
    if n.is_multiple_of(2) { -sum } else { sum }
}

/// `n!/aⁿ⁺¹`.
fn term(n: u32, a: f64) -> f64 {
    let mut product = 1.0 / a;
    for k in 1..=n {
        product *= f64::from(k) / a;
    }
    product
}

/// `Σ_k n!/(a+k)ⁿ⁺¹` for positive `a` and `n > 0`.
fn terms_from(n: u32, a: f64) -> f64 {
    let order = f64::from(n);
    // The terms of the expansion shrink as (n/2πa)², so the start grows with n.
    let start = 13.0 + order;
    let mut sum = 0.0;
    let mut a = a;
    while a < start {
        sum += term(n, a);
        a += 1.0;
    }
    // (n-1)!/aⁿ · (1 + n/2a + Σ B₂ⱼ/(2j)! · n(n+1)…(n+2j-1)/a²ʲ)
    let mut rising = (order / a) * ((order + 1.0) / a);
    let mut rest = 0.5 * order / a;
    for (j, coefficient) in BERNOULLI_OVER_FACTORIAL.iter().enumerate() {
        rest += coefficient * rising;
        let next = order + 2.0 * j as f64;
        rising *= ((next + 2.0) / a) * ((next + 3.0) / a);
    }
    let whole = term(n - 1, a);
    sum + mul_add(whole, rest, whole)
}
