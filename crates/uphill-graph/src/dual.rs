//! Forward mode: a value and its tangent, carried together through the same code.
//!
//! `Dual<Dual<f64>>` gives second derivatives, and so on: the rules of the op table run on duals as on numbers. A dual
//! also knows where its tangent counts: not that of a constant, nor what a branch not taken leaves. There the tangent is
//! exactly 0, and stays so where a partial is infinite.

use smallvec::SmallVec;

use crate::op::{Condition, Op};
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
/// let x = Dual::new(Dual::variable(2.0), Dual::constant(1.0));
/// assert_eq!(Scalar::powi(x, 3).tangent.tangent, 12.0);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Dual<S> {
    /// The value.
    pub value: S,
    /// The derivative of the value in the direction that the variables' tangents span.
    pub tangent: S,
    counts: Counts<S>,
}

/// Where a tangent counts; it is exactly 0 elsewhere.
#[derive(Debug, Clone, Copy, Default)]
enum Counts<S> {
    /// Nowhere: a constant.
    #[default]
    Never,
    /// Everywhere.
    Always,
    /// Where this is not 0: there are choices on the way.
    Where(S),
}

impl<S: PartialEq> PartialEq for Dual<S> {
    /// The same value and the same tangent.
    fn eq(&self, other: &Dual<S>) -> bool {
        self.value == other.value && self.tangent == other.tangent
    }
}

impl<S> Dual<S> {
    /// A value with this tangent: an input, in one direction.
    pub fn new(value: S, tangent: S) -> Dual<S> {
        Dual { value, tangent, counts: Counts::Always }
    }
}

impl<S: Scalar> Dual<S> {
    /// A number that does not depend on the variables: tangent 0.
    pub fn constant(value: S) -> Dual<S> {
        Dual { value, tangent: S::constant(0.0), counts: Counts::Never }
    }

    /// The variable by which to differentiate: tangent 1.
    pub fn variable(value: S) -> Dual<S> {
        Dual::new(value, S::constant(1.0))
    }
}

impl<S: Scalar> Counts<S> {
    /// As a condition: not 0 where it counts.
    fn written(self) -> S {
        match self {
            Counts::Never => S::constant(0.0),
            Counts::Always => S::constant(1.0),
            Counts::Where(condition) => condition,
        }
    }

    fn and(self, condition: Option<Condition<S>>) -> Counts<S> {
        match (self, condition) {
            (Counts::Never, _) => Counts::Never,
            (counts, None) => counts,
            (counts, Some(condition)) => {
                Counts::Where(condition.choose(counts.written(), S::constant(0.0)))
            }
        }
    }

    fn or(self, other: Counts<S>) -> Counts<S> {
        match (self, other) {
            (Counts::Never, counts) | (counts, Counts::Never) => counts,
            (Counts::Always, _) | (_, Counts::Always) => Counts::Always,
            (Counts::Where(a), Counts::Where(b)) => {
                Counts::Where(S::select(a, S::constant(1.0), b))
            }
        }
    }

    /// The number where this counts, else exactly 0.
    fn mask(self, number: S) -> S {
        match self {
            Counts::Never => S::constant(0.0),
            Counts::Always => number,
            Counts::Where(condition) => S::select(condition, number, S::constant(0.0)),
        }
    }
}

crate::scalar_operators!([S: Scalar] Dual<S>);

impl<S: Scalar> Scalar for Dual<S> {
    fn constant(value: f64) -> Dual<S> {
        Dual::constant(S::constant(value))
    }

    fn known(self) -> Option<f64> {
        self.value.known()
    }

    #[track_caller]
    #[inline]
    fn apply(op: Op, x: &[Dual<S>]) -> Dual<S> {
        let values: SmallVec<[S; 4]> = x.iter().map(|x| x.value).collect();
        let value = S::apply(op, &values);
        let depends = |k: usize| !matches!(x[k].counts, Counts::Never);
        let terms = op.chain_all(&values, value, |k| x[k].tangent, depends);
        let (mut tangent, mut counts) = (None, Counts::Never);
        for (x, term) in x.iter().zip(terms) {
            let Some(term) = term else { continue };
            let counts_here = x.counts.and(term.only_if);
            let term = counts_here.mask(term.value);
            tangent = Some(tangent.map_or(term, |sum| sum + term));
            counts = counts.or(counts_here);
        }
        if let (Op::Select, [_, a, b]) = (op, x) {
            // Both branches may count: then so does the choice, whichever it is.
            if matches!((a.counts, b.counts), (Counts::Always, Counts::Always)) {
                counts = Counts::Always;
            }
        }
        Dual { value, tangent: tangent.unwrap_or(S::constant(0.0)), counts }
    }
}
