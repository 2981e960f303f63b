//! Whole numbers and remainders: floor, ceil, round and the two remainders of a division.
//!
//! All but the last step of `modulo` are exact. `libm`'s.

/// The largest whole number that is not above `x`.
///
/// Exact. Zeros, infinities and NaN stay as they are.
///
/// ```
/// assert_eq!(uphill_kernels::floor(-1.5), -2.0);
/// ```
#[inline]
#[must_use]
pub fn floor(x: f64) -> f64 {
    libm::floor(x)
}

/// The smallest whole number that is not below `x`.
///
/// Exact. Zeros, infinities and NaN stay as they are; between -1 and 0 it is -0.
///
/// ```
/// assert_eq!(uphill_kernels::ceil(-1.5), -1.0);
/// ```
#[inline]
#[must_use]
pub fn ceil(x: f64) -> f64 {
    libm::ceil(x)
}

/// The nearest whole number; halves go away from zero, as in C and in Rust.
///
/// Exact. Zeros, infinities and NaN stay as they are; what is rounded to 0 keeps its sign.
///
/// ```
/// use uphill_kernels::round;
/// assert_eq!((round(2.5), round(-2.5), round(2.4)), (3.0, -3.0, 2.0));
/// ```
#[inline]
#[must_use]
pub fn round(x: f64) -> f64 {
    libm::round(x)
}

/// The remainder `x - y·n` with the whole number `n = x/y` rounded towards zero, as C's `fmod` and
/// Rust's `%`: it has the sign of `x`.
///
/// Exact. NaN for `y = 0` and for infinite `x`; `x` itself for infinite `y`.
///
/// ```
/// use uphill_kernels::fmod;
/// assert_eq!((fmod(7.5, 2.0), fmod(-7.5, 2.0), fmod(7.5, -2.0)), (1.5, -1.5, 1.5));
/// ```
#[inline]
#[must_use]
pub fn fmod(x: f64, y: f64) -> f64 {
    libm::fmod(x, y)
}

/// The remainder `x - y·floor(x/y)`, as `mod` in Python's `%`, NumPy and MATLAB: it has the sign of
/// `y`, so that `modulo(x, 1)` is what `x` is above the whole number below it.
///
/// [`fmod`], to which `y` is added where the signs differ: one rounding. So a tiny `x` of the other sign gives
/// `y` itself. NaN for `y = 0` and for infinite `x`. A zero has the sign of `y`.
///
/// ```
/// use uphill_kernels::modulo;
/// assert_eq!((modulo(7.5, 2.0), modulo(-7.5, 2.0), modulo(7.5, -2.0)), (1.5, 0.5, -0.5));
/// ```
#[inline]
#[must_use]
pub fn modulo(x: f64, y: f64) -> f64 {
    let rest = libm::fmod(x, y);
    if rest == 0.0 {
        return 0.0f64.copysign(y);
    }
    if (rest < 0.0) == (y < 0.0) { rest } else { rest + y }
}
