//! Numbers that scalar code runs on: one required verb, [`Scalar::apply`], and everything else from it.
//!
//! A function written once for `S: Scalar` runs on `f64` for its value, on [`Dual`](crate::Dual) for a derivative, on
//! `Complex64` for the complex step, and on [`Var`](crate::Var) to be recorded. There is no `PartialOrd` and no
//! `'static` here: a symbolic value can't keep those promises. `max`, `min`, comparisons and `select` are operations.

use std::fmt::Debug;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use smallvec::SmallVec;

use crate::graph::Loop;
use crate::implicit::Problem;
use crate::index::Spot;
use crate::node::NodeId;
use crate::op::{Custom, Op, Row, row};

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
                row::$Op::of([self, $($y),*])
            }
        )+
    };
}

/// What an iteration gives: what is carried on, what is kept of each, and terms of sums.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'o, S> {
    pub carried: &'o [S],
    pub sequences: &'o [S],
    pub terms: &'o [S],
}

/// What a loop gives.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Results<S> {
    pub last: Vec<S>,
    pub sequences: Vec<Vec<S>>,
    pub sums: Vec<S>,
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

    /// The operation of a row of the op table that is known when code is compiled: [`Scalar::apply`], but for numbers that
    /// have a shorter way.
    #[doc(hidden)]
    #[track_caller]
    #[inline]
    #[must_use]
    fn by_row<R: Row<N>, const N: usize>(x: [Self; N]) -> Self {
        Self::apply(R::OP, &x)
    }

    /// The same with the one partial derivative, if there is a shorter way to both.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    fn by_row_with_slope<R: Row<N>, const N: usize>(x: [Self; N]) -> Option<(Self, Self)> {
        let _ = x;
        None
    }

    /// Gives an intermediate value a name, for traces and explanations; numbers have none and stay as they are.
    #[must_use]
    fn named(self, name: &str) -> Self {
        let _ = name;
        self
    }

    /// The product of the chain rule, an adjoint or tangent times a partial: a recording leaves out what numbers that
    /// are known make needless.
    #[doc(hidden)]
    #[track_caller]
    #[inline]
    #[must_use]
    fn times(self, partial: Self) -> Self {
        self * partial
    }

    /// What a loop gives of the values of a graph: for scalars that keep loops as they are; the others run them.
    #[doc(hidden)]
    fn repeat(repeated: &std::sync::Arc<Loop>, operands: &[NodeId], values: &[Self]) -> Option<Vec<Self>> {
        let _ = (repeated, operands, values);
        None
    }

    /// What solves a loop with equations.
    #[doc(hidden)]
    #[track_caller]
    fn implicit(problem: &Problem<Self>) -> Vec<Self> {
        problem.by_numbers()
    }

    /// Whether loops are recorded, instead of run.
    #[doc(hidden)]
    const RECORDS: bool = false;

    /// The number, if it is known: what may steer a loop.
    #[doc(hidden)]
    fn known(self) -> Option<f64> {
        None
    }

    /// One of these that belongs to a recording.
    #[doc(hidden)]
    fn recorded(x: &[Self]) -> Option<Self> {
        let _ = x;
        None
    }

    #[doc(hidden)]
    #[track_caller]
    fn open(recorded: Self, iterations: usize, first: &[Self]) -> (u32, Vec<Self>) {
        let _ = (recorded, iterations, first);
        unreachable!("only recordings keep loops")
    }

    #[doc(hidden)]
    #[track_caller]
    fn close(recorded: Self, outputs: Outputs<'_, Self>) -> Results<Self> {
        let _ = (recorded, outputs);
        unreachable!("only recordings keep loops")
    }

    #[doc(hidden)]
    #[track_caller]
    fn entry(recorded: Self, x: &[Self], spot: &Spot) -> Self {
        let _ = (recorded, x, spot);
        unreachable!("only recordings have counters that are no numbers")
    }

    #[doc(hidden)]
    #[track_caller]
    fn datum(recorded: Self, data: &[f64], spot: &Spot) -> Self {
        let _ = (recorded, data, spot);
        unreachable!("only recordings have counters that are no numbers")
    }

    #[doc(hidden)]
    #[track_caller]
    fn counter(recorded: Self, spot: &Spot) -> Self {
        let _ = (recorded, spot);
        unreachable!("only recordings have counters that are no numbers")
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
        /// `x/(1 + |x|)`.
        softsign Softsign ();
        /// `max(x, 0)`.
        relu Relu ();
        /// The error function.
        erf Erf ();
        /// `1 - erf x`, exact far out too.
        erfc Erfc ();
        /// `e^(x²) · erfc x`, the scaled complementary error function.
        erfcx Erfcx ();
        /// `ln Φ(x)`, the logarithm of the standard normal distribution function, exact far below 0 too.
        log_ndtr LogNdtr ();
        /// The gamma function.
        gamma Gamma ();
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
        /// The largest whole number that is not above `x`; no slope (NaN) at whole numbers, where it jumps.
        floor Floor ();
        /// The smallest whole number that is not below `x`; no slope (NaN) at whole numbers.
        ceil Ceil ();
        /// The nearest whole number, halves away from zero as in C and Rust; no slope (NaN) at halves.
        round Round ();
        /// The remainder `x - y floor(x/y)`, with the sign of `y` as in Python; no slope (NaN) where it jumps.
        modulo Mod (y);
        /// The remainder of `x/y` rounded towards zero, with the sign of `x` as C's `fmod`; no slope where it jumps.
        fmod Fmod (y);
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
    }

    /// `xⁿ` by repeated squaring; beyond ±[`LARGEST_EXPONENT`] by the general power.
    #[track_caller]
    #[inline]
    #[must_use]
    fn powi(self, n: i32) -> Self {
        let operands = [self, Self::constant(f64::from(n))];
        match n.unsigned_abs() {
            ..=LARGEST_EXPONENT => row::Powi::of(operands),
            _ => row::Pow::of(operands),
        }
    }

    /// The `n`-th derivative of `digamma`, for `n` up to 168.
    #[track_caller]
    #[inline]
    #[must_use]
    fn polygamma(self, n: u32) -> Self {
        row::Polygamma::of([Self::constant(f64::from(n)), self])
    }

    /// The standard normal distribution function `Φ(x) = erfc(-x/√2)/2`; far above 0 it is 1, and far below it is exact.
    #[track_caller]
    #[inline]
    #[must_use]
    fn ndtr(self) -> Self {
        (self * -std::f64::consts::FRAC_1_SQRT_2).erfc() * 0.5
    }

    /// `ln(x / (1 - x))`, the inverse of the sigmoid.
    #[track_caller]
    #[inline]
    #[must_use]
    fn logit(self) -> Self {
        self.ln() - (-self).log1p()
    }

    /// `ln sigmoid(x)`, exact far below 0 too.
    #[track_caller]
    #[inline]
    #[must_use]
    fn log_expit(self) -> Self {
        -(-self).softplus()
    }

    /// `x · sigmoid(x)`, also known as swish.
    #[track_caller]
    #[inline]
    #[must_use]
    fn silu(self) -> Self {
        self * self.sigmoid()
    }

    /// `x · Φ(x)`, the exact form and not the one by `tanh`.
    #[track_caller]
    #[inline]
    #[must_use]
    fn gelu(self) -> Self {
        self * self.ndtr()
    }

    /// `x` where it is positive, else `alpha · (eˣ - 1)`.
    #[track_caller]
    #[inline]
    #[must_use]
    fn elu(self, alpha: Self) -> Self {
        Self::select(self.greater(Self::constant(0.0)), self, alpha * self.expm1())
    }

    /// `ln B(x, y) = ln Γ(x) + ln Γ(y) - ln Γ(x + y)` for positive `x` and `y`; NaN otherwise.
    ///
    /// Good to some 10⁻¹⁶ of the largest of the three terms: where one operand is large, they cancel.
    #[track_caller]
    #[must_use]
    fn ln_beta(self, y: Self) -> Self {
        let positive = self.min(y).greater(Self::constant(0.0));
        let value = self.ln_gamma() + y.ln_gamma() - (self + y).ln_gamma();
        // Elsewhere neither value nor slopes are known.
        Self::select(positive, value, (self + y) * f64::NAN)
    }

    /// The beta function `Γ(x)·Γ(y) / Γ(x + y)` for positive `x` and `y`; NaN otherwise.
    ///
    /// By [`Scalar::ln_beta`], whose absolute error is the relative one here: 10⁻¹⁵ for operands of some units, 10⁻¹³
    /// for some hundreds.
    #[track_caller]
    #[must_use]
    fn beta(self, y: Self) -> Self {
        self.ln_beta(y).exp()
    }

    /// `x` where the condition is not 0, else `y`; the derivative flows through the chosen one alone.
    #[track_caller]
    #[inline]
    #[must_use]
    fn select(condition: Self, x: Self, y: Self) -> Self {
        row::Select::of([condition, x, y])
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

    /// `e^xₖ / Σ e^xᵢ` for every `k`: positive numbers with the sum 1.
    ///
    /// Each is the sigmoid of what `xₖ` is above the [`Scalar::log_sum_exp`] of the others, so that slopes are exact
    /// where one operand outweighs all others.
    ///
    /// # Complexity
    ///
    /// Linear: the others of each are what comes before and what comes after.
    ///
    /// ```
    /// use uphill_graph::Scalar;
    /// let p = f64::softmax(&[1.0, 1.0, 1001.0]);
    /// assert_eq!(p, [0.0, 0.0, 1.0]);
    /// ```
    #[track_caller]
    #[must_use]
    fn softmax(x: &[Self]) -> Vec<Self> {
        let both = |a: Option<Self>, b: Option<Self>| match (a, b) {
            (Some(a), Some(b)) => Some(Self::log_sum_exp(&[a, b])),
            (one, other) => one.or(other),
        };
        let mut after = vec![None; x.len()];
        for k in (1..x.len()).rev() {
            after[k - 1] = both(Some(x[k]), after[k]);
        }
        let mut before = None;
        let mut results = Vec::with_capacity(x.len());
        for (&own, &after) in x.iter().zip(&after) {
            let others = both(before, after);
            results.push(others.map_or(Self::constant(1.0), |others| (own - others).sigmoid()));
            before = both(before, Some(own));
        }
        results
    }

    /// `√(Σ xₖ²)`, the length of a vector, without overflow; 0 if empty.
    #[track_caller]
    #[must_use]
    fn norm(x: &[Self]) -> Self {
        match x {
            [] => Self::constant(0.0),
            [x] => x.abs(),
            [first, rest @ ..] => rest.iter().fold(*first, |length, &x| length.hypot(x)),
        }
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

    #[inline]
    fn by_row<R: Row<N>, const N: usize>(x: [f64; N]) -> f64 {
        R::value(x)
    }

    #[inline]
    fn by_row_with_slope<R: Row<N>, const N: usize>(x: [f64; N]) -> Option<(f64, f64)> {
        R::value_and_slope(x)
    }

    fn implicit(problem: &Problem<f64>) -> Vec<f64> {
        problem.run()
    }

    #[inline]
    fn known(self) -> Option<f64> {
        Some(self)
    }

    fn custom_partials(op: Custom, x: &[f64], z: f64) -> SmallVec<[f64; 4]> {
        op.partials_of_numbers(x, z)
    }
}
