//! The operations that IEEE 754 rounds exactly, from which every kernel is built, and powers with
//! an integer exponent, which are products alone.
//!
//! This is the one place that chooses between the standard library and `libm`. Either way the
//! result is the correctly rounded one, so the choice is one of speed.

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
