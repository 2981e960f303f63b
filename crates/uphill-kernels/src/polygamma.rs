//! The polygamma functions of order two and more: the Hurwitz zeta function by Euler and Maclaurin.

use crate::{digamma, powi, trigamma};

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
/// Error at most 1e-13 relative for positive `x` and `n` up to 20. NaN at the poles 0, -1, -2, …, but for order 1,
/// which is +inf there; 0 at +inf. NaN for orders above 170, whose factorial is no `f64`. Source: NIST Digital Library of Mathematical Functions, 5.15 and 25.11.
///
/// ```
/// // ψ''(1) = -2 ζ(3)
/// assert!((uphill_kernels::polygamma(2, 1.0) + 2.404113806319188570799).abs() < 1e-14);
/// ```
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
    let exponent = n as i32 + 1;
    let mut factorial = 1.0;
    for k in 2..=n {
        factorial *= f64::from(k);
    }
    let sum = if x > 0.0 {
        hurwitz(exponent, x)
    } else {
        // The sum over all whole k is periodic; the terms with negative k are a sum on the other side.
        let fraction = x - libm::floor(x);
        let sign = if exponent % 2 == 0 { 1.0 } else { -1.0 };
        hurwitz(exponent, fraction)
            + sign * (hurwitz(exponent, 1.0 - fraction) - hurwitz(exponent, 1.0 - x))
    };
    if n.is_multiple_of(2) { -factorial * sum } else { factorial * sum }
}

/// `Σ_k 1/(a+k)ˢ` for positive `a` and whole `s > 1`.
fn hurwitz(s: i32, a: f64) -> f64 {
    // The terms of the expansion shrink as (s/2πa)², so the start grows with s.
    let start = 12.0 + f64::from(s);
    let mut sum = 0.0;
    let mut a = a;
    while a < start {
        sum += powi(a, -s);
        a += 1.0;
    }
    let power = powi(a, -s);
    sum += power * a / f64::from(s - 1) + 0.5 * power;
    let mut rising = f64::from(s) * power / a;
    for (j, coefficient) in BERNOULLI_OVER_FACTORIAL.iter().enumerate() {
        sum += coefficient * rising;
        let next = f64::from(s) + 2.0 * j as f64;
        rising *= (next + 1.0) * (next + 2.0) / (a * a);
    }
    sum
}
