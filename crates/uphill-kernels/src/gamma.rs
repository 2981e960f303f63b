//! The gamma function itself. Its logarithm and the derivatives of that are in `special.rs`.

/// The gamma function `Γ(x)`, which is `(x - 1)!` for whole numbers.
///
/// Error at most 7 ulp, measured. Infinite at ±0, with the sign of the zero; NaN at the other poles -1, -2, … and at
/// -inf; infinite from 171.63 on, and 0 or nearly so below -184, with alternating signs. `libm`'s.
///
/// ```
/// assert_eq!(uphill_kernels::gamma(5.0), 24.0);
/// ```
#[inline]
#[must_use]
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}
