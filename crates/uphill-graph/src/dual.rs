//! Forward mode: a value and its tangent, carried together through the same code.
//!
//! `Dual<Dual<f64>>` gives second derivatives, and so on: the rules of the op table run on duals as on numbers.

use smallvec::SmallVec;

use crate::op::Op;
use crate::scalar::Scalar;

/// A value with its derivative in one direction (Wengert 1964; Clifford's dual numbers, `value + tangent·ε`, `ε² = 0`).
///
/// ```
/// use uphill_graph::{Dual, Scalar};
/// let x = Dual::variable(2.0);
/// let y = x * x + 3.0 * x;
/// assert_eq!((y.value, y.tangent), (10.0, 7.0));
///
/// // Nested: the second derivative of x³ is 6x.
/// let x = Dual { value: Dual::variable(2.0), tangent: Dual::constant(1.0) };
/// assert_eq!(Scalar::powi(x, 3).tangent.tangent, 12.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Dual<S> {
    /// The value.
    pub value: S,
    /// The derivative of the value in the direction that the variables' tangents span.
    pub tangent: S,
}

impl<S: Scalar> Dual<S> {
    /// A number that does not depend on the variables: tangent 0.
    pub fn constant(value: S) -> Dual<S> {
        Dual { value, tangent: S::constant(0.0) }
    }

    /// The variable by which to differentiate: tangent 1.
    pub fn variable(value: S) -> Dual<S> {
        Dual { value, tangent: S::constant(1.0) }
    }
}

crate::scalar_operators!([S: Scalar] Dual<S>);

impl<S: Scalar> Scalar for Dual<S> {
    fn constant(value: f64) -> Dual<S> {
        Dual::constant(S::constant(value))
    }

    #[track_caller]
    #[inline]
    fn apply(op: Op, x: &[Dual<S>]) -> Dual<S> {
        let values: SmallVec<[S; 4]> = x.iter().map(|x| x.value).collect();
        let value = S::apply(op, &values);
        let terms = op.chain_all(&values, value, |k| x[k].tangent, |_| true);
        let tangent = terms.into_iter().flatten().reduce(|a, b| a + b);
        Dual { value, tangent: tangent.unwrap_or(S::constant(0.0)) }
    }
}
