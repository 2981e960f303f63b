//! Roots and powers: cbrt, hypot and pow are `libm`'s, which rests on the same exact operations.

/// The cube root.
///
/// Correctly rounded. `cbrt(±0) = ±0`, `cbrt(±inf) = ±inf`. `libm`'s (Zimmermann, CORE-MATH).
///
/// ```
/// assert_eq!(uphill_kernels::cbrt(-27.0), -3.0);
/// ```
#[inline]
#[must_use]
pub fn cbrt(x: f64) -> f64 {
    libm::cbrt(x)
}

/// The length `√(x² + y²)`, which neither overflows nor underflows on the way.
///
/// Error at most 1 ulp, measured. Infinite if one argument is, even beside NaN. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::hypot(3.0, 4.0), 5.0);
/// assert!(uphill_kernels::hypot(1e300, 1e300) < 1.5e300);
/// ```
#[inline]
#[must_use]
pub fn hypot(x: f64, y: f64) -> f64 {
    libm::hypot(x, y)
}

/// The power `xʸ`.
///
/// Error at most 0.8 ulp, measured. `pow(x, 0) = 1` and `pow(1, y) = 1` even for NaN; NaN for
/// negative `x` unless `y` is an integer; zeros and infinities as in IEEE 754. `libm`'s (fdlibm's
/// method). For integer exponents [`powi`](crate::powi) is faster and this is more accurate.
///
/// ```
/// assert_eq!(uphill_kernels::pow(2.0, 0.5), std::f64::consts::SQRT_2);
/// ```
#[inline]
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}
