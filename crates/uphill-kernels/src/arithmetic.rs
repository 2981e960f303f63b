//! The operations that IEEE 754 rounds exactly, from which every kernel is built, and powers with
//! an integer exponent, which are products alone.
//!
//! This is the one place that chooses between the standard library and `libm`. Either way the
//! result is the correctly rounded one, so the choice is one of speed.

/// `1.5·2⁵²`: adding it to a number below 2⁵¹ in magnitude rounds that to an integer, ties to even,
/// and leaves the integer in the low bits of the sum, in two's complement.
pub(crate) const ROUND: f64 = 6_755_399_441_055_744.0;

/// The bit that holds the sign.
pub(crate) const SIGN: u64 = 1 << 63;

/// The smaller of the two, or NaN where `x` is NaN (unlike `f64::min`).
#[inline(always)]
pub(crate) fn at_most(x: f64, bound: f64) -> f64 {
    if x > bound { bound } else { x }
}

/// The larger of the two, or NaN where `x` is NaN.
#[inline(always)]
pub(crate) fn at_least(x: f64, bound: f64) -> f64 {
    if x < bound { bound } else { x }
}

/// The polynomial with these coefficients, constant first, by fours (Estrin 1960, then Horner in
/// `t⁴`): its chain of dependent steps is less than half as long as Horner's, for two
/// multiplications more.
#[inline(always)]
pub(crate) fn polynomial<const N: usize>(t: f64, c: &[f64; N]) -> f64 {
    let t_2 = t * t;
    let t_4 = t_2 * t_2;
    let mut i = (N - 1) / 4 * 4;
    let mut sum = four_terms(t, t_2, c, i);
    while i > 0 {
        i -= 4;
        sum = mul_add(sum, t_4, four_terms(t, t_2, c, i));
    }
    sum
}

/// The terms from `i` on, over `tⁱ`: four, or as many as there are.
#[inline(always)]
fn four_terms<const N: usize>(t: f64, t_2: f64, c: &[f64; N], i: usize) -> f64 {
    let low = two_terms(t, c, i);
    if i + 2 < N { mul_add(two_terms(t, c, i + 2), t_2, low) } else { low }
}

#[inline(always)]
fn two_terms<const N: usize>(t: f64, c: &[f64; N], i: usize) -> f64 {
    if i + 1 < N { mul_add(c[i + 1], t, c[i]) } else { c[i] }
}

/// The sum as a pair: rounded, and what rounding lost. Exact (Knuth, TAOCP 2, 4.2.2).
#[inline(always)]
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

/// The same where `|a| >= |b|` or `a = 0`, in three operations (Dekker 1971).
#[inline(always)]
pub(crate) fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// `(a + a_low) / (b + b_low)` as a pair, the second being the correction to the first.
#[inline(always)]
pub(crate) fn quotient(a: f64, a_low: f64, b: f64, b_low: f64) -> (f64, f64) {
    let inverse = 1.0 / b;
    let first = a * inverse;
    let remainder = mul_add(-first, b, a) + mul_add(-first, b_low, a_low);
    (first, remainder * inverse)
}

/// `1/x` to an eighth, for positive normal `x`: enough to scale what rounding lost, and there long
/// before a division.
///
/// Exponents are subtracted as integers, and a line through the mantissas stands for their
/// reciprocal (Blinn 1997, "Floating-point tricks").
#[inline(always)]
pub(crate) fn near_reciprocal(x: f64) -> f64 {
    f64::from_bits(0x7fde_6238_22fc_16e6_u64.wrapping_sub(x.to_bits()))
}

/// The fused multiply-add `a·b + c`, rounded once.
///
/// Correctly rounded on every platform. Inlined into a function that enables the `fma` target
/// feature it is one instruction; otherwise it is a call.
///
/// ```
/// // 1 - 2⁻⁵⁴ times 1 + 2⁻⁵⁴ is 1 - 2⁻¹⁰⁸: the product alone would round to 1.
/// let tiny = 2f64.powi(-30);
/// assert_eq!(uphill_kernels::mul_add(1.0 + tiny, 1.0 - tiny, -1.0), -tiny * tiny);
/// ```
#[inline(always)]
#[must_use]
pub fn mul_add(a: f64, b: f64, c: f64) -> f64 {
    #[cfg(feature = "std")]
    {
        a.mul_add(b, c)
    }
    #[cfg(not(feature = "std"))]
    {
        libm::fma(a, b, c)
    }
}

/// The square root `√x`, correctly rounded.
///
/// `sqrt(-0) = -0`; NaN for negative arguments.
///
/// ```
/// assert_eq!(uphill_kernels::sqrt(2.25), 1.5);
/// ```
#[inline(always)]
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    #[cfg(feature = "std")]
    {
        x.sqrt()
    }
    #[cfg(not(feature = "std"))]
    {
        libm::sqrt(x)
    }
}

/// The power `xⁿ` by repeated squaring.
///
/// The scheme is part of the contract. With `n ≥ 0` in binary, from the lowest bit up, `power`
/// runs through `x, x², x⁴, …`, each the rounded square of the one before, and the result starts
/// at the first of these whose bit is set and is multiplied by the others. So `powi(x, 0) = 1`
/// (even for NaN), `powi(x, 1) = x`, `powi(x, 2) = x * x` and `powi(x, 3) = x * x * x`. For
/// negative `n` it is `1 / powi(x, -n)`, which is 0 as soon as that power overflows.
///
/// The error grows with `n`: about `|n| / 2` ulp at most. Use [`pow`](crate::pow) where that is
/// too much.
///
/// ```
/// use uphill_kernels::powi;
/// assert_eq!(powi(1.1, 3), 1.1 * 1.1 * 1.1);
/// assert_eq!(powi(2.0, -2), 0.25);
/// assert_eq!(powi(f64::NAN, 0), 1.0);
/// ```
#[inline]
#[must_use]
pub fn powi(x: f64, n: i32) -> f64 {
    let mut rest = n.unsigned_abs();
    let mut power = x;
    let mut result = 1.0;
    while rest != 0 {
        if rest & 1 == 1 {
            result *= power;
        }
        rest >>= 1;
        if rest != 0 {
            power *= power;
        }
    }
    if n < 0 { 1.0 / result } else { result }
}
