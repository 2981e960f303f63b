//! The complementary error function where `erf` has no digits left: erfc, its scaled form erfcx,
//! the logarithm of the normal distribution function, and derivatives of the last two.
//!
//! For `x >= 0`, `(1 + 2x)·erfcx(x)` lies between 1 and 1.24 and is one minimax
//! polynomial in `(x-4)/(x+4)` (after Shepherd and Laframboise 1981; tools/coefficients.py). The
//! `n`-th derivative of erfcx is `(-2)ⁿ·n!·e^(x²)·iⁿerfc(x)`, with the repeated integrals `iⁿerfc`
//! (NIST Digital Library of Mathematical Functions, 7.18). Their recurrence
//! `2n·iⁿerfc = iⁿ⁻²erfc - 2x·iⁿ⁻¹erfc` adds where `x` is negative and cancels where it is positive;
//! there the quotients of neighbours are a continued fraction (Gautschi 1961).

use crate::arithmetic::{at_least, at_most, mul_add, polynomial, quotient, sqrt, two_sum};
use crate::exp::{exp_of_negative, quarter_exp};
use crate::log::{ln, log1p};
use crate::special::erf;
use core::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// `1/√π` as a pair.
const FRAC_1_SQRT_PI: f64 = 0.5641895835477563;
const FRAC_1_SQRT_PI_REST: f64 = 7.66772980658294e-18;

/// `√(2/π)`, and what `1/√2` lacks as a double.
const SQRT_2_OVER_PI: f64 = 0.7978845608028654;
const SQRT_2_OVER_PI_REST: f64 = -4.98465440455546e-17;
const FRAC_1_SQRT_2_REST: f64 = -4.833646656726457e-17;

/// `(1 + 2x)·erfcx(x)` at `x = 4`, as a pair.
const AT_FOUR: f64 = 1.2329951186255526;
const AT_FOUR_REST: f64 = -4.418975076869981e-17;

/// `P` for `(1 + 2x)·erfcx(x) = AT_FOUR + q·P(q)`, `q = (x-4)/(x+4)`.
const P: [f64; 24] = [
    -0.1396211168405623,
    0.015379652102619367,
    0.06809705425466907,
    -0.10103906603628855,
    0.093732834999096,
    -0.06633036581242202,
    0.03716751552652609,
    -0.01619773405743754,
    0.005031970067916404,
    -0.000757773275296544,
    -0.00019925714788958217,
    0.00015062154181247765,
    -2.4397742553191607e-05,
    -1.1221413395838469e-05,
    5.706596972346265e-06,
    2.921783932076886e-07,
    -8.21084768670124e-07,
    7.72507582663469e-08,
    1.0633162477940968e-07,
    -2.041242647722767e-08,
    -1.2343903830550072e-08,
    3.11211287127247e-09,
    9.306291707821358e-10,
    -2.562254348783116e-10,
];

/// The first terms of the derivative by `q`, enough for what rounding `q` lost.
const SLOPE: [f64; 8] =
    [P[0], 2.0 * P[1], 3.0 * P[2], 4.0 * P[3], 5.0 * P[4], 6.0 * P[5], 7.0 * P[6], 8.0 * P[7]];

/// From here on the continued fraction is short enough; before it the recurrence loses little.
const FRACTION: f64 = 0.75;

/// `erfcx(FRACTION)`.
const ERFCX_OF_FRACTION: f64 = 0.5069376502931449;

/// The highest order whose factorial is an `f64`.
const HIGHEST: usize = 170;

/// The complementary error function `1 - erf(x) = 2/√π ∫ₓ^∞ e^(-t²) dt`, exact far out too.
///
/// Error at most 1.1 ulp, measured. `erfc(-inf) = 2`, `erfc(inf) = 0`, `erfc(±0) = 1`; results below the
/// normal range are rounded into the subnormal one.
///
/// ```
/// assert_eq!(uphill_kernels::erfc(0.0), 1.0);
/// assert_eq!(uphill_kernels::erfc(20.0), 5.395865611607901e-176);
/// ```
#[must_use]
pub fn erfc(x: f64) -> f64 {
    if x > 0.25 {
        // Beyond it the result is 0, and squares would overflow.
        let x = at_most(x, 30.0);
        let square = x * x;
        let (high, low) = tail(square, mul_add(x, x, -square), erfcx_parts(x, 0.0));
        return high + low;
    }
    1.0 - erf(x)
}

/// The scaled complementary error function `e^(x²)·erfc(x)`, which falls like `1/(x√π)` only.
///
/// Error at most 1.3 ulp, measured.
/// `erfcx(±0) = 1`, `erfcx(inf) = 0`, `erfcx(-inf) = inf`; infinite from -26.63 downwards.
///
/// ```
/// assert_eq!(uphill_kernels::erfcx(0.0), 1.0);
/// assert_eq!(uphill_kernels::erfcx(1e10), 5.641895835477563e-11);
/// ```
#[must_use]
pub fn erfcx(x: f64) -> f64 {
    if x >= 0.0 {
        let (high, low) = erfcx_parts(x, 0.0);
        return high + low;
    }
    // Beyond it the result is infinite.
    let positive = at_most(-x, 30.0);
    let square = at_most(positive * positive, 710.0);
    let lost = mul_add(positive, positive, -(positive * positive));
    let (quarter, quarter_low) = quarter_exp(square, 0.0);
    let (high, low) = erfcx_parts(positive, 0.0);
    8.0 * quarter + (8.0 * mul_add(quarter, lost, quarter_low) - (high + low))
}

/// `erfcx(x + x_low)` as a pair, for `x >= 0`.
fn erfcx_parts(x: f64, x_low: f64) -> (f64, f64) {
    if x > 1e9 {
        let value = FRAC_1_SQRT_PI / x;
        return (value, 0.0);
    }
    let (above, above_low) = two_sum(x, 4.0);
    let (below, below_low) = two_sum(x, -4.0);
    let (q, q_low) = quotient(below, below_low + x_low, above, above_low + x_low);
    let p = polynomial(q, &P);
    let numerator = mul_add(q, p, AT_FOUR);
    let lost = mul_add(q, p, AT_FOUR - numerator);
    let numerator_low = mul_add(q_low, polynomial(q, &SLOPE), lost + AT_FOUR_REST);
    let denominator = mul_add(2.0, x, 1.0);
    let denominator_low = mul_add(2.0, x, 1.0 - denominator) + 2.0 * x_low;
    quotient(numerator, numerator_low, denominator, denominator_low)
}

/// `e^-(a + lost)` times a pair, as a pair; for the part that rounding a square loses, which would
/// otherwise count as often as the square is large. By halves, so that nothing but the result can be
/// too small for all digits.
fn tail(a: f64, lost: f64, scaled: (f64, f64)) -> (f64, f64) {
    let half = exp_of_negative(0.5 * a);
    let (product, low) = times(half, times(half, scaled));
    (product, mul_add(-product, lost, low))
}

/// The product of two pairs, as a pair.
fn times((a, a_low): (f64, f64), (b, b_low): (f64, f64)) -> (f64, f64) {
    let product = a * b;
    (product, mul_add(a, b, -product) + mul_add(a, b_low, a_low * b))
}

/// `iᵏerfc(x) / iᵏ⁻¹erfc(x)` for positive `x` from `FRACTION` up, given its neighbour for `k + 1`.
#[inline]
fn next_ratio(k: usize, x: f64, above: f64) -> f64 {
    0.5 / mul_add((k + 1) as f64, above, x)
}

/// The same for `k = n`, by the continued fraction.
fn ratio(n: usize, x: f64) -> f64 {
    // The first guess lacks some `1/8k²`, of which `e^(-2x·(√2k - √2n))` is left.
    let steps = mul_add(13.5, sqrt(2.0 * n as f64), 91.0 / x) / x;
    let mut k = n + 12 + at_most(steps, 1e4) as usize;
    let mut ratio = 1.0 / (x + sqrt(mul_add(x, x, (2 * k + 1) as f64)));
    while k > n {
        k -= 1;
        ratio = next_ratio(k, x, ratio);
    }
    ratio
}

/// The `n`-th derivative of [`erfcx`].
///
/// Error at most 6 ulp for `n` up to 12, measured; it grows slowly with `n`. NaN for `n` above 170.
///
/// ```
/// use uphill_kernels::{erfcx, erfcx_derivative};
/// assert_eq!(erfcx_derivative(0, 0.75), erfcx(0.75));
/// assert_eq!(erfcx_derivative(1, 0.0), -std::f64::consts::FRAC_2_SQRT_PI);
/// // By 2x·erfcx(x) - 2/√π, nothing would be left here.
/// assert_eq!(erfcx_derivative(1, 1e10), -5.641895835477563e-21);
/// ```
#[must_use]
pub fn erfcx_derivative(n: u32, x: f64) -> f64 {
    let n = n as usize;
    if n > HIGHEST {
        return f64::NAN;
    }
    if n > 2 && x > 0.0 && x < FRACTION {
        return derivative_left_of_fraction(n, x);
    }
    let value = erfcx(x);
    if n == 0 {
        return value;
    }
    if x >= FRACTION {
        return derivative_by_ratios(n, x, ratio(n, x), value);
    }
    let (mut before, mut result) = (value, first_derivative(x, value));
    for k in 1..n {
        let next = mul_add(2.0 * x, result, 2.0 * k as f64 * before);
        before = result;
        result = next;
    }
    result
}

/// The `n`-th derivative from `value`, given the `n`-th of the ratios of neighbours.
fn derivative_by_ratios(n: usize, x: f64, mut ratio: f64, value: f64) -> f64 {
    let mut result = value;
    let mut k = n;
    loop {
        result *= -2.0 * k as f64 * ratio;
        if k == 1 {
            return result;
        }
        k -= 1;
        ratio = next_ratio(k, x, ratio);
    }
}

/// The `n`-th derivative between 0 and `FRACTION`, where the recurrence cancels, by Taylor's series to the left of
/// `FRACTION`: signs of derivatives alternate, and so do powers of a negative step, so that all terms have one sign.
fn derivative_left_of_fraction(n: usize, x: f64) -> f64 {
    /// Beyond it the terms are below 2⁻⁵⁵ of the sum, for the highest order too.
    const TERMS: usize = 60;
    let step = FRACTION - x;
    let mut k = n + TERMS;
    let mut ratio = ratio(k, FRACTION);
    let mut sum = 1.0;
    // Each term is the one before times the next derivative over this one, and step / count.
    while k > n {
        sum = mul_add(2.0 * k as f64 * ratio * step / (k - n) as f64, sum, 1.0);
        k -= 1;
        ratio = next_ratio(k, FRACTION, ratio);
    }
    derivative_by_ratios(n, FRACTION, ratio, ERFCX_OF_FRACTION * sum)
}

/// `2x·erfcx(x) - 2/√π` where it does not cancel.
fn first_derivative(x: f64, erfcx: f64) -> f64 {
    2.0 * (mul_add(x, erfcx, -FRAC_1_SQRT_PI) - FRAC_1_SQRT_PI_REST)
}

/// The logarithm of the standard normal distribution function, `ln Φ(x) = ln(erfc(-x/√2)/2)`.
///
/// Error at most 2 ulp, measured. About `-x²/2` far below 0, and `-Φ(-x)` far above it.
/// `log_ndtr(inf) = -0`, `log_ndtr(-inf) = -inf`.
///
/// ```
/// use uphill_kernels::log_ndtr;
/// assert_eq!(log_ndtr(0.0), -std::f64::consts::LN_2);
/// assert_eq!(log_ndtr(-40.0), -804.6084420137538);
/// ```
#[must_use]
pub fn log_ndtr(x: f64) -> f64 {
    if x > 0.0 {
        let (tail, tail_low) = upper_tail(x);
        return log1p(-tail) - tail_low / (1.0 - tail);
    }
    let square = x * x;
    // Where the square is so large, nothing else counts, and what it lost is no number.
    if square > 1e300 {
        return -0.5 * square;
    }
    let lost = mul_add(x, x, -square);
    let (high, low) = erfcx_by_root_two(-x);
    -0.5 * square + (ln(0.5 * high) + mul_add(-0.5, lost, low / high))
}

/// `erfcx(x/√2)` as a pair, for `x >= 0`.
fn erfcx_by_root_two(x: f64) -> (f64, f64) {
    let u = x * FRAC_1_SQRT_2;
    erfcx_parts(u, mul_add(x, FRAC_1_SQRT_2, -u) + x * FRAC_1_SQRT_2_REST)
}

/// `Φ(-x)` as a pair, for positive `x`.
fn upper_tail(x: f64) -> (f64, f64) {
    // Beyond it the result is 0, and squares would overflow.
    let x = at_most(x, 40.0);
    let square = x * x;
    let (high, low) = erfcx_by_root_two(x);
    tail(0.5 * square, 0.5 * mul_add(x, x, -square), (0.5 * high, 0.5 * low))
}

/// The `n`-th derivative of [`log_ndtr`]: for `n = 1` the ratio `φ(x)/Φ(x)` of the normal density to its
/// distribution function, the inverse of Mills' ratio.
///
/// Error for `n` up to 2 at most 4 ulp, measured. From order 3 on terms cancel: at most 2·10⁻¹⁵·4ⁿ⁻³ are
/// lost, measured for `n` up to 6; of the result itself below -1.06 and above 3, and of 1 between
/// them, where these derivatives have roots.
/// `log_ndtr_derivative(1, -inf) = inf`, the second derivative falls to -1
/// there, and all are 0 at inf. NaN for `n` above 170.
///
/// ```
/// use uphill_kernels::log_ndtr_derivative;
/// assert_eq!(log_ndtr_derivative(1, -40.0), 40.02496884720726);
/// assert!((log_ndtr_derivative(2, -1e200) + 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn log_ndtr_derivative(n: u32, x: f64) -> f64 {
    let n = n as usize;
    match n {
        0 => return log_ndtr(x),
        1 => return density_ratio(x, 1.0),
        2..=HIGHEST => {}
        _ => return f64::NAN,
    }
    // Beyond these nothing changes any more, and infinities would meet zeros.
    let x = at_most(at_least(x, -1e300), 100.0);
    let ratio_to_density = density_ratio(x, 1.0);
    let u = x * -FRAC_1_SQRT_2;
    // The mean of `x - t` for normal `t` below `x`, and the variance of these `t`.
    let (excess, variance) = if u >= FRACTION {
        let second = ratio(2, u);
        let first = next_ratio(1, u, second);
        (SQRT_2 * first, 2.0 * first * (2.0 * second - first))
    } else {
        let excess = x + ratio_to_density;
        (excess, mul_add(-ratio_to_density, excess, 1.0))
    };
    if n > 2 && u >= FRACTION {
        return cumulant(n, u);
    }
    if n == 2 {
        // It is a variance less 1.
        return at_least(-density_ratio(x, excess), -1.0);
    }
    // m′ = -m·g with g = x + m, and so on by Leibniz's rule.
    let mut m = [0.0; HIGHEST + 1];
    let mut g = [0.0; HIGHEST + 1];
    (m[0], g[0], g[1]) = (ratio_to_density, excess, variance);
    for j in 0..n - 1 {
        let mut binomial = 1.0;
        let mut sum = 0.0;
        for i in 0..=j {
            sum = mul_add(binomial * m[i], g[j - i], sum);
            binomial = binomial * (j - i) as f64 / (i + 1) as f64;
        }
        m[j + 1] = -sum;
        if j >= 1 {
            g[j + 1] = -sum;
        }
    }
    m[n - 1]
}

/// The `n`-th cumulant of `x - t` for normal `t` below `x = -√2 u`, for `u` from `FRACTION` up: the `n`-th
/// derivative of [`log_ndtr`] from order 3 on.
///
/// The `k`-th moment is `k!·(√2)ᵏ` times the first `k` ratios, and the logarithm of the series of
/// moments is the series of cumulants. Far out this is the exponential distribution, whose terms
/// cancel to the `2n`-th part only, while powers of `x` would cancel in any formula with the density.
fn cumulant(n: usize, u: f64) -> f64 {
    // Moments over k! and powers of the mean, then cumulants over (k-1)! and the same powers.
    let mut moments = [0.0; HIGHEST + 1];
    let mut cumulants = [0.0; HIGHEST + 1];
    moments[n] = ratio(n, u);
    for k in (1..n).rev() {
        moments[k] = next_ratio(k, u, moments[k + 1]);
    }
    let first = moments[1];
    moments[1] = 1.0;
    for k in 2..=n {
        moments[k] = moments[k - 1] * (moments[k] / first);
    }
    for q in 1..=n {
        let mut sum = q as f64 * moments[q];
        for j in 1..q {
            sum = mul_add(-cumulants[j], moments[q - j], sum);
        }
        cumulants[q] = sum;
    }
    let mean = SQRT_2 * first;
    let mut result = cumulants[n] * mean;
    for k in 1..n {
        result *= mean * k as f64;
    }
    result
}

/// `factor·φ(x)/Φ(x)`, exact where the ratio alone is too small for all digits.
fn density_ratio(x: f64, factor: f64) -> f64 {
    if x > 0.0 {
        let x = at_most(x, 40.0);
        let square = x * x;
        let (upper, upper_low) = upper_tail(x);
        let (below, below_lost) = two_sum(1.0, -upper);
        let (first, correction) = quotient(
            0.5 * SQRT_2_OVER_PI,
            0.5 * SQRT_2_OVER_PI_REST,
            below,
            below_lost - upper_low,
        );
        let scaled = first * factor;
        let scaled_low = mul_add(correction, factor, mul_add(first, factor, -scaled));
        let (high, low) = tail(0.5 * square, 0.5 * mul_add(x, x, -square), (scaled, scaled_low));
        return high + low;
    }
    // From here on `1/x` no longer counts beside `x`.
    if x < -1e9 {
        return -x * factor;
    }
    let (high, low) = erfcx_by_root_two(-x);
    let (ratio, correction) = quotient(SQRT_2_OVER_PI, SQRT_2_OVER_PI_REST, high, low);
    (ratio + correction) * factor
}
