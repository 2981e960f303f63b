//! One term of the chain rule: what flows through one operand, and where it counts.
//!
//! Most terms count always. Where an operation chooses (a select, a maximum, a clamp), the term of an operand counts
//! only where it was chosen. That condition goes with the term instead of being multiplied in, since 0 times an infinite
//! partial, further on, is NaN: whoever sweeps leaves out what was not chosen.

use crate::scalar::Scalar;

/// What flows through one operand of an operation: see [`Op::chain`](crate::Op::chain).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contribution<S> {
    /// The adjoint or tangent times the partial.
    pub value: S,
    /// Where this counts; elsewhere the operand was not chosen, and `value` means nothing. `None`: everywhere.
    pub only_if: Option<Condition<S>>,
}

/// A value that was compared with 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition<S> {
    /// The value: true unless it is 0.
    pub value: S,
    /// Whether the condition is that it is true, or that it is not.
    pub is: bool,
}

impl<S: Scalar> Contribution<S> {
    /// A term that counts everywhere.
    #[inline]
    pub(crate) fn always(value: S) -> Contribution<S> {
        Contribution { value, only_if: None }
    }

    /// A term that counts where the condition is true, or where it is not.
    #[inline]
    pub(crate) fn chosen(condition: S, is: bool, value: S) -> Contribution<S> {
        Contribution { value, only_if: Some(Condition { value: condition, is }) }
    }

    /// The term where it counts, else 0.
    ///
    /// ```
    /// use uphill_graph::Op;
    /// let term = Op::Max.chain(0, &[2.0, 3.0], 3.0, 10.0).unwrap();
    /// assert_eq!(term.routed(), 0.0); // the other one is larger
    /// ```
    #[must_use]
    pub fn routed(self) -> S {
        self.only_if.map_or(self.value, |condition| condition.choose(self.value, S::constant(0.0)))
    }
}

impl Contribution<f64> {
    /// Whether the operand was chosen.
    #[must_use]
    pub fn counts(self) -> bool {
        self.only_if.is_none_or(|condition| (condition.value != 0.0) == condition.is)
    }
}

impl<S: Scalar> Condition<S> {
    /// The first where the condition holds, else the second.
    #[inline]
    pub(crate) fn choose(self, holds: S, fails: S) -> S {
        if self.is {
            S::select(self.value, holds, fails)
        } else {
            S::select(self.value, fails, holds)
        }
    }
}
