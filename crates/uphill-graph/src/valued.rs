//! Numbers that can be looked at while code runs: what a loop or a branch steered by values needs.
//!
//! `while x.value() > …` is right where each run of the code is for one point: on numbers, duals, complex numbers and a
//! tape. A recording is for all points at once, and has no value.

use num_complex::Complex64;

use crate::dual::Dual;
use crate::scalar::Scalar;

/// A [`Scalar`] with a value, on which plain `if` and `while` may look.
///
/// One body for any `Valued` computes its derivatives on [`Dual`], nested ones for higher orders, and on the tape of
/// `uphill-engine`. At each point the code goes its own way, and the derivative is that of the way it went. Where two ways
/// meet, the values decide: nothing says whether the slopes of both agree there.
///
/// ```
/// use uphill_graph::{Dual, Valued};
///
/// /// The square root by Heron's method: the step falls until it stands still.
/// fn heron<S: Valued>(a: S) -> S {
///     let mut x = 0.5 * (a + 1.0); // not below the root
///     let mut next = 0.5 * (x + a / x);
///     while next.value() < x.value() {
///         x = next;
///         next = 0.5 * (x + a / x);
///     }
///     next
/// }
///
/// for a in [1e-6, 2.0, 1e6] {
///     let root = heron(Dual::variable(a));
///     assert!((root.value - a.sqrt()).abs() < 1e-15 * a.sqrt());
///     assert!((root.tangent * 2.0 * a.sqrt() - 1.0).abs() < 1e-15);
/// }
/// ```
///
/// # Iterations
///
/// The derivative of an iteration converges after its value. Code that ends as soon as the value is near enough may have a
/// slope that isn't: by Newton's method, to which Heron's belongs, the slope is as good as the value was a step before.
/// Let such a loop run until it stands still, as above, or a step longer for each order of derivatives.
///
/// # Not for recordings
///
/// [`Var`](crate::Var) is no `Valued`: its nodes are computed later, at points that the code doesn't know. If it had the
/// value of some point to look at, Heron's method recorded at 2 would be the five steps that 2 takes, silently, and
/// fifteen times the root of 10⁶ there. A recording chooses by [`Scalar::select`], with both ways in the graph; or a number of
/// steps that is enough everywhere is written out. So this does not compile:
///
/// ```compile_fail
/// use uphill_graph::{Function, Valued};
///
/// fn magnitude<S: Valued>(x: S) -> S {
///     if x.value() < 0.0 { -x } else { x }
/// }
///
/// Function::record(["x"], |x| magnitude(x[0])); // `Var` has no value to look at
/// ```
///
/// while the same code with a choice does:
///
/// ```
/// use uphill_graph::{Function, Scalar};
///
/// fn magnitude<S: Scalar>(x: S) -> S {
///     S::select(x.less(S::constant(0.0)), -x, x)
/// }
///
/// let f = Function::record(["x"], |x| magnitude(x[0]))?;
/// assert_eq!(f.gradient()?.eval(&[-3.0])?, [-1.0]);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no value to look at while code runs",
    note = "a recording (`Var`) is for all points at once: choose by `Scalar::select`, or run the code on numbers, duals or a tape"
)]
pub trait Valued: Scalar {
    /// The value, as a plain number without derivatives.
    ///
    /// ```
    /// use uphill_graph::{Dual, Valued};
    /// let x = Dual::new(Dual::variable(2.0), Dual::constant(1.0));
    /// assert_eq!((x * x).value(), 4.0); // through all levels
    /// ```
    #[must_use]
    fn value(self) -> f64;
}

impl Valued for f64 {
    #[inline]
    fn value(self) -> f64 {
        self
    }
}

/// The value of the innermost number: tangents of no level are looked at.
impl<S: Valued> Valued for Dual<S> {
    #[inline]
    fn value(self) -> f64 {
        self.value.value()
    }
}

/// The real part: in the complex step it is the value, and the imaginary part is the derivative's. Comparisons and choices
/// of complex numbers go by it, too (see [`Scalar::less`]).
impl Valued for Complex64 {
    #[inline]
    fn value(self) -> f64 {
        self.re
    }
}
