//! Numbers that scalar code runs on: one required verb, [`Scalar::apply`], and everything else from it.
//!
//! A function written once for `S: Scalar` runs on `f64` for its value, on [`Dual`](crate::Dual) for a derivative, on
//! `Complex64` for the complex step, and on [`Var`](crate::Var) to be recorded. There is no `PartialOrd` and no
//! `'static` here: a symbolic value can't keep those promises. `max`, `min`, comparisons and `select` are operations.

use std::fmt::Debug;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use smallvec::SmallVec;

use crate::op::{Custom, Op};

/// Lets a trait promise something of another type: with `Scalar: Literal<f64, Is: Mul<Self>>`, generic code may write
/// `3.0 * x`. (A plain `where f64: Mul<Self>` on the trait would have to be repeated on every user's function.)
pub trait Literal<T> {
    /// `T` itself.
    type Is;
}

impl<T, S: ?Sized> Literal<T> for S {
    type Is = T;
}

macro_rules! methods {
    ($($(#[$doc:meta])* $method:ident $Op:ident ($($y:ident),*);)+) => {
        $(
            $(#[$doc])*
            #[track_caller]
            #[inline]
            #[must_use]
            fn $method(self, $($y: Self),*) -> Self {
                Self::apply(Op::$Op, &[self, $($y),*])
            }
        )+
    };
}

/// The largest exponent of repeated squaring, with either sign: a thousand derivatives of such a power, whose exponents
/// are smaller by 1 each, have exponents of 32 bits.
pub const LARGEST_EXPONENT: u32 = 2_147_483_000;

/// A number, or what stands for one.
///
/// ```
/// use uphill_graph::{Dual, Function, Scalar};
///
/// fn p<S: Scalar>(w: &[S]) -> S {
///     let o1 = w[0] - 2.0 * w[1] + 5.0 * w[2];
///     let o2 = 2.0 * w[0] - w[1] - 6.0;
///     3.0 * o1 - 7.0 * o2
/// }
///
/// assert_eq!(p(&[1.0, 1.0, 1.0]), 47.0); // the value
/// let w = [Dual::variable(1.0), Dual::constant(1.0), Dual::constant(1.0)];
/// assert_eq!(p(&w).tangent, -11.0); // its derivative by the first
/// let f = Function::record(["w1", "w2", "w3"], |w| p(w))?; // its graph
/// assert_eq!(f.gradient()?.eval(&[1.0, 1.0, 1.0])?, [-11.0, 1.0, 15.0]);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
pub trait Scalar:
    Copy
    + Debug
    + From<f64>
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + AddAssign<f64>
    + SubAssign<f64>
    + MulAssign<f64>
    + DivAssign<f64>
    + Sum
    + Product
    + Literal<
        f64,
        Is: Add<Self, Output = Self> + Sub<Self, Output = Self> + Mul<Self, Output = Self> + Div<Self, Output = Self>,
    > + Literal<
        // Else the promises above would hide that plain numbers can be computed with, too.
        f64,
        Is: Add<f64, Output = f64> + Sub<f64, Output = f64> + Mul<f64, Output = f64> + Div<f64, Output = f64>,
    > + Literal<f64, Is = f64>
{
    /// The number that is the same for every input.
    fn constant(value: f64) -> Self;

    /// The operation on these operands.
    ///
    /// # Panics
    ///
    /// If the number of operands does not fit [`Op::arity`]; for [`Var`](crate::Var) also if the operands belong to
    /// two recordings.
    #[track_caller]
    fn apply(op: Op, x: &[Self]) -> Self;

    /// Gives an intermediate value a name, for traces and explanations; numbers have none and stay as they are.
    #[must_use]
    fn named(self, name: &str) -> Self {
        let _ = name;
        self
    }

    #[doc(hidden)]
    fn custom_partials(op: Custom, x: &[Self], z: Self) -> SmallVec<[Self; 4]> {
        op.recorded_partials(x, z)
    }

    methods! {
        /// `1/x`.
        recip Recip ();
        /// `x²`.
        square Square ();
        /// `x^y`.
        pow Pow (y);
        /// The square root.
        sqrt Sqrt ();
        /// The cube root, of negative numbers too.
        cbrt Cbrt ();
        /// `√(x² + y²)` without overflow.
        hypot Hypot (y);
        /// `eˣ`.
        exp Exp ();
        /// `2ˣ`.
        exp2 Exp2 ();
        /// `eˣ - 1`, exact near 0.
        expm1 Expm1 ();
        /// The natural logarithm.
        ln Ln ();
        /// The logarithm to base 2.
        log2 Log2 ();
        /// The logarithm to base 10.
        log10 Log10 ();
        /// `ln(1 + x)`, exact near 0.
        log1p Log1p ();
        /// Sine of radians.
        sin Sin ();
        /// Cosine of radians.
        cos Cos ();
        /// Tangent of radians.
        tan Tan ();
        /// Arc sine.
        asin Asin ();
        /// Arc cosine.
        acos Acos ();
        /// Arc tangent.
        atan Atan ();
        /// The angle of the point (`x`, `self`).
        atan2 Atan2 (x);
        /// Hyperbolic sine.
        sinh Sinh ();
        /// Hyperbolic cosine.
        cosh Cosh ();
        /// Hyperbolic tangent.
        tanh Tanh ();
        /// Inverse hyperbolic sine.
        asinh Asinh ();
        /// Inverse hyperbolic cosine.
        acosh Acosh ();
        /// Inverse hyperbolic tangent.
        atanh Atanh ();
        /// The lecture's `1/(1 + e^-σ)`.
        sigmoid Sigmoid ();
        /// `ln(1 + eˣ)`, stable at both ends.
        softplus Softplus ();
        /// `max(x, 0)`.
        relu Relu ();
        /// The error function.
        erf Erf ();
        /// `ln |Γ(x)|`.
        ln_gamma LnGamma ();
        /// The derivative of `ln Γ`.
        digamma Digamma ();
        /// The second derivative of `ln Γ`.
        trigamma Trigamma ();
        /// `|x|`.
        abs Abs ();
        /// -1, 0 or 1.
        sign Sign ();
        /// The smaller one; NaN if either is.
        min Min (y);
        /// The larger one; NaN if either is.
        max Max (y);
        /// `min(max(x, lower), upper)`.
        clamp Clamp (lower, upper);
        /// `x ln y`, 0 for x = 0.
        xlogy Xlogy (y);
        /// 1 if `x < y`, else 0.
        less Less (y);
        /// 1 if `x <= y`, else 0.
        less_equal LessEqual (y);
        /// 1 if `x > y`, else 0.
        greater Greater (y);
        /// 1 if `x >= y`, else 0.
        greater_equal GreaterEqual (y);
        /// 1 if `x = y`, else 0.
        equals Equal (y);
        /// 1 if `x ≠ y`, else 0.
        not_equal NotEqual (y);
        /// `x · y`, but 0 where `x` is exactly 0, whatever `y`: how the chain rule multiplies.
        strong_product StrongProduct (y);
    }

    /// `xⁿ` by repeated squaring; beyond ±[`LARGEST_EXPONENT`] by the general power.
    #[track_caller]
    #[must_use]
    fn powi(self, n: i32) -> Self {
        let op = if n.unsigned_abs() <= LARGEST_EXPONENT { Op::Powi } else { Op::Pow };
        Self::apply(op, &[self, Self::constant(f64::from(n))])
    }

    /// The `n`-th derivative of `digamma`, for `n` up to 168.
    #[track_caller]
    #[must_use]
    fn polygamma(self, n: u32) -> Self {
        Self::apply(Op::Polygamma, &[Self::constant(f64::from(n)), self])
    }

    /// `x` where the condition is not 0, else `y`; the derivative flows through the chosen one alone.
    #[track_caller]
    #[must_use]
    fn select(condition: Self, x: Self, y: Self) -> Self {
        Self::apply(Op::Select, &[condition, x, y])
    }

    /// The sum, added from the first to the last.
    #[track_caller]
    #[must_use]
    fn total(x: &[Self]) -> Self {
        Self::apply(Op::Sum, x)
    }

    /// `Σ xₖ yₖ`, added from the first to the last.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    #[track_caller]
    #[must_use]
    fn dot(x: &[Self], y: &[Self]) -> Self {
        assert_eq!(x.len(), y.len(), "a dot product needs two slices of one length");
        let pairs: SmallVec<[Self; 16]> = x.iter().zip(y).flat_map(|(&x, &y)| [x, y]).collect();
        Self::apply(Op::Dot, &pairs)
    }

    /// `ln Σ e^xₖ` without overflow.
    #[track_caller]
    #[must_use]
    fn log_sum_exp(x: &[Self]) -> Self {
        Self::apply(Op::LogSumExp, x)
    }

    /// The arithmetic mean.
    #[track_caller]
    #[must_use]
    fn mean(x: &[Self]) -> Self {
        Self::apply(Op::Mean, x)
    }
}

impl Scalar for f64 {
    #[inline]
    fn constant(value: f64) -> f64 {
        value
    }

    #[inline]
    fn apply(op: Op, x: &[f64]) -> f64 {
        op.value(x)
    }

    fn custom_partials(op: Custom, x: &[f64], z: f64) -> SmallVec<[f64; 4]> {
        op.partials_of_numbers(x, z)
    }
}
