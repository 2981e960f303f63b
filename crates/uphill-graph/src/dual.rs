//! Forward mode: a value and its tangent, carried together through the same code.
//!
//! `Dual<Dual<f64>>` gives second derivatives, and so on: the rules of the op table run on duals as on numbers. A dual
//! also knows where its tangent counts: not that of a constant, nor what a branch not taken leaves. There the tangent is
//! exactly 0, and stays so where a partial is infinite.

use smallvec::SmallVec;

use crate::implicit::{Problem, linear};
use crate::op::{Condition, Contribution, Op, Row};
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
    /// Everywhere. The first, since it is asked for most.
    Always,
    /// Nowhere: a constant.
    #[default]
    Never,
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
    #[inline]
    pub fn new(value: S, tangent: S) -> Dual<S> {
        Dual { value, tangent, counts: Counts::Always }
    }
}

impl<S: Scalar> Dual<S> {
    /// A number that does not depend on the variables: tangent 0.
    #[inline]
    pub fn constant(value: S) -> Dual<S> {
        Dual { value, tangent: S::constant(0.0), counts: Counts::Never }
    }

    /// The variable by which to differentiate: tangent 1.
    #[inline]
    pub fn variable(value: S) -> Dual<S> {
        Dual::new(value, S::constant(1.0))
    }

    /// Whether the tangent counts anywhere.
    #[inline]
    fn depends(&self) -> bool {
        !matches!(self.counts, Counts::Never)
    }
}

impl<S: Scalar> Counts<S> {
    /// As a condition: not 0 where it counts.
    #[inline]
    fn written(self) -> S {
        match self {
            Counts::Never => S::constant(0.0),
            Counts::Always => S::constant(1.0),
            Counts::Where(condition) => condition,
        }
    }

    #[inline]
    fn and(self, condition: Option<Condition<S>>) -> Counts<S> {
        match (self, condition) {
            (Counts::Never, _) => Counts::Never,
            (counts, None) => counts,
            (counts, Some(condition)) => {
                let both = condition.choose(counts.written(), S::constant(0.0));
                // A number that isn't 0 chooses at once, and costs nothing further on. One that is must stay, since adding
                // the 0 of a term that doesn't count turns -0 into 0.
                match both.known() {
                    Some(known) if known != 0.0 => Counts::Always,
                    _ => Counts::Where(both),
                }
            }
        }
    }

    #[inline]
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
    #[inline]
    fn mask(self, number: S) -> S {
        match self {
            Counts::Never => S::constant(0.0),
            Counts::Always => number,
            Counts::Where(condition) => S::select(condition, number, S::constant(0.0)),
        }
    }
}

crate::scalar_operators!([S: Scalar] Dual<S>);

/// A tangent while terms are added to it: none yet, or their sum and where it counts.
#[derive(Clone, Copy)]
struct Terms<S> {
    sum: Option<S>,
    counts: Counts<S>,
}

impl<S: Scalar> Terms<S> {
    const NONE: Terms<S> = Terms { sum: None, counts: Counts::Never };

    /// Adds the term of an operand that counts here.
    #[track_caller]
    #[inline]
    fn add(&mut self, counts: Counts<S>, term: Contribution<S>) {
        let counts = counts.and(term.only_if);
        let term = counts.mask(term.value);
        self.sum = Some(match self.sum {
            Some(sum) => sum + term,
            None => term,
        });
        self.counts = self.counts.or(counts);
    }

    #[inline]
    fn with(self, value: S) -> Dual<S> {
        let tangent = match self.sum {
            Some(sum) => sum,
            None => S::constant(0.0),
        };
        Dual { value, tangent, counts: self.counts }
    }
}

impl<S: Scalar> Scalar for Dual<S> {
    #[inline]
    fn constant(value: f64) -> Dual<S> {
        Dual::constant(S::constant(value))
    }

    #[inline]
    fn known(self) -> Option<f64> {
        self.value.known()
    }

    /// The values solve it; the tangents are what leaves the residuals at 0: one linear system more.
    #[track_caller]
    fn implicit(problem: &Problem<Dual<S>>) -> Vec<Dual<S>> {
        let values = S::implicit(&problem.map(|x| x.value));
        let fixed: Vec<Dual<S>> = values.iter().map(|&y| Dual::constant(y)).collect();
        let (residuals, slopes) = problem.equations_at(&fixed);
        let counts = residuals.iter().fold(Counts::Never, |counts, r| counts.or(r.counts));
        let slopes: Vec<S> = slopes.iter().map(|slope| slope.value).collect();
        let right: Vec<S> = residuals.iter().map(|residual| -residual.tangent).collect();
        let tangents = linear::solve(&slopes, &right);
        let each = values.into_iter().zip(tangents);
        each.map(|(value, tangent)| Dual { value, tangent: counts.mask(tangent), counts }).collect()
    }

    #[track_caller]
    fn apply(op: Op, x: &[Dual<S>]) -> Dual<S> {
        if let Some(result) = op.by_row(x) {
            return result;
        }
        let values: SmallVec<[S; 4]> = x.iter().map(|x| x.value).collect();
        let value = S::apply(op, &values);
        let chain = op.chain_all(&values, value, |k| x[k].tangent, |k| x[k].depends());
        let mut terms = Terms::NONE;
        for (x, term) in x.iter().zip(chain) {
            if let Some(term) = term {
                terms.add(x.counts, term);
            }
        }
        terms.with(value)
    }

    /// The same without lists. Nearly everywhere all tangents count, and no operand was left out by a choice: then it is
    /// what a textbook writes, and the compiler sees no condition.
    #[track_caller]
    #[inline]
    fn by_row<R: Row<N>, const N: usize>(x: [Dual<S>; N]) -> Dual<S> {
        if R::CHOOSES || !x.iter().all(|x| matches!(x.counts, Counts::Always)) {
            return by_rule::<R, N, S>(x);
        }
        let values = x.map(|x| x.value);
        if N == 1
            && let Some((value, slope)) = S::by_row_with_slope::<R, N>(values)
        {
            return Dual::new(value, x[0].tangent.times(slope));
        }
        let value = S::by_row::<R, N>(values);
        let mut tangent = None;
        for (k, x) in x.iter().enumerate() {
            if let Some(term) = R::chain(k, values, value, x.tangent) {
                tangent = Some(match tangent {
                    Some(sum) => sum + term.value,
                    None => term.value,
                });
            }
        }
        match tangent {
            Some(tangent) => Dual::new(value, tangent),
            None => Dual::constant(value),
        }
    }
}

/// An operation by its row, wherever tangents count.
#[track_caller]
#[inline]
fn by_rule<R: Row<N>, const N: usize, S: Scalar>(x: [Dual<S>; N]) -> Dual<S> {
    let values = x.map(|x| x.value);
    let value = S::by_row::<R, N>(values);
    let mut terms = Terms::NONE;
    for (k, x) in x.iter().enumerate() {
        if x.depends()
            && let Some(term) = R::chain(k, values, value, x.tangent)
        {
            terms.add(x.counts, term);
        }
    }
    // Both branches of a select may count: then so does the choice, whichever it is.
    if matches!(R::OP, Op::Select)
        && x[1..].iter().all(|branch| matches!(branch.counts, Counts::Always))
    {
        terms.counts = Counts::Always;
    }
    terms.with(value)
}

#[cfg(test)]
mod tests;
