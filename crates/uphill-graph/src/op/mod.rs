//! The operations that a graph can hold, and everything that is known of each.
//!
//! The table in `table.rs` has one row an operation: its name, how it prints, its value on `f64`, its derivative rule
//! written once for every [`Scalar`], what it does at kinks, and sample points. Evaluation, reverse mode, forward mode,
//! printing and the tests that check every rule all read the same rows; a new operation is a new row.

mod code;
mod contribution;
mod custom;
mod domain;
mod nary;
mod rows;
mod rule_check;
mod table;

use std::ops::RangeInclusive;

use smallvec::SmallVec;

pub use code::{Address, Pair, PairVisitor, RowVisitor};
pub use contribution::{Condition, Contribution};
pub use custom::{Custom, CustomOp};
pub use rows::Row;
pub use rule_check::RuleError;
pub use table::{Op, row};

use crate::scalar::Scalar;

/// The operands' contributions to one node, in operand order: `None` where the operation does not depend
/// differentiably on that operand (the condition of a select, the exponent of an integer power).
pub type Terms<S> = SmallVec<[Option<Contribution<S>>; 4]>;

/// How many operands an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// Exactly this many.
    Exactly(usize),
    /// Any number, zero included.
    Any,
    /// Any even number: pairs of factors.
    Pairs,
}

impl Arity {
    /// Whether `count` operands are right for this arity.
    #[must_use]
    #[inline]
    pub fn accepts(self, count: usize) -> bool {
        match self {
            Arity::Exactly(n) => count == n,
            Arity::Any => true,
            Arity::Pairs => count.is_multiple_of(2),
        }
    }
}

/// How an operation is written in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Between its two operands: the symbol and its precedence (higher binds tighter).
    Infix(&'static str, u8),
    /// Before its one operand: the symbol and its precedence.
    Prefix(&'static str, u8),
    /// As a function: `name(x, y)`.
    Call,
    /// `x^2`, an exponent that stands in the form itself.
    Superscript(&'static str),
    /// `1/x`.
    Reciprocal,
    /// Terms between plus signs.
    Sum,
    /// Factors between stars.
    Product,
    /// Products between plus signs.
    SumOfProducts,
}

/// Precedence of a comparison, the loosest.
pub(crate) const COMPARISON: u8 = 1;
/// Precedence of a sum.
pub(crate) const SUM: u8 = 2;
/// Precedence of a product or quotient.
pub(crate) const PRODUCT: u8 = 3;
/// Precedence of a sign.
pub(crate) const SIGN: u8 = 4;
/// Precedence of a power.
pub(crate) const POWER: u8 = 5;
/// Precedence of a name, a number or a call, the tightest.
pub(crate) const ATOM: u8 = 6;

/// The highest order of a derivative that is an operation: its factorial still fits in `f64`.
const HIGHEST_ORDER: f64 = 168.0;

impl Op {
    /// The value of this operation on `x`, the same bits on every platform.
    ///
    /// # Panics
    ///
    /// If the number of operands does not fit [`Op::arity`].
    ///
    /// ```
    /// use uphill_graph::Op;
    /// assert_eq!(Op::Hypot.value(&[3.0, 4.0]), 5.0);
    /// assert_eq!(Op::Dot.value(&[2.0, 10.0, 3.0, 100.0]), 320.0);
    /// ```
    #[must_use]
    #[inline]
    pub fn value(self, x: &[f64]) -> f64 {
        self.row_value(x)
    }

    /// The chain rule through one operand: `d · ∂z/∂x_k`, where `z = op(x)`.
    ///
    /// The same number goes both ways: in reverse mode `d` is the adjoint of `z` and the result is what it adds to the
    /// adjoint of `x_k`; in forward mode `d` is the tangent of `x_k` and the result is what it adds to the tangent of
    /// `z`. It is a plain product, so that 0 times an infinite partial is NaN; where the operation chooses, the term says
    /// under which condition it counts at all. `None` means that `z` does not depend differentiably on operand `k`.
    ///
    /// # Panics
    ///
    /// If `k` or the number of operands does not fit.
    #[must_use]
    pub fn chain<S: Scalar>(self, k: usize, x: &[S], z: S, d: S) -> Option<Contribution<S>> {
        match self {
            Op::Custom(custom) => Some(Contribution::always(d.times(custom.partials(x, z)[k]))),
            _ => match nary::partials(self, x, z, |wanted| wanted == k) {
                Some(partials) => Some(Contribution::always(d.times(partials[k]))),
                None => self.fixed_chain(k, x, z, d),
            },
        }
    }

    /// [`Op::chain`] for every operand that `wanted` asks for, sharing the work between operands. `d` gives the factor
    /// of each operand: the one adjoint in reverse mode, each operand's own tangent in forward mode.
    ///
    /// # Panics
    ///
    /// If the number of operands does not fit [`Op::arity`].
    ///
    /// # Complexity
    ///
    /// Linear in the operands; asking [`Op::chain`] for each would be quadratic for a product of many factors.
    ///
    /// ```
    /// use uphill_graph::Op;
    /// let terms = Op::Product.chain_all(&[2.0, 3.0, 5.0], 30.0, |_| 1.0, |k| k != 1);
    /// let values: Vec<_> = terms.iter().map(|term| term.map(|term| term.value)).collect();
    /// assert_eq!(values, [Some(15.0), None, Some(6.0)]);
    /// ```
    pub fn chain_all<S: Scalar>(
        self,
        x: &[S],
        z: S,
        d: impl Fn(usize) -> S,
        wanted: impl Fn(usize) -> bool,
    ) -> Terms<S> {
        let shared = match self {
            Op::Custom(custom) => Some(custom.partials(x, z)),
            _ => nary::partials(self, x, z, &wanted),
        };
        match shared {
            Some(partials) => partials
                .into_iter()
                .enumerate()
                .map(|(k, partial)| wanted(k).then(|| Contribution::always(d(k).times(partial))))
                .collect(),
            None => (0..x.len())
                .map(|k| if wanted(k) { self.fixed_chain(k, x, z, d(k)) } else { None })
                .collect(),
        }
    }

    /// The local partial derivative `∂z/∂x_k`; zero where there is none.
    ///
    /// ```
    /// use uphill_graph::Op;
    /// let x = [3.0, 4.0];
    /// assert_eq!(Op::Mul.partial(0, &x, 12.0), 4.0);
    /// ```
    #[must_use]
    pub fn partial<S: Scalar>(self, k: usize, x: &[S], z: S) -> S {
        self.chain(k, x, z, S::constant(1.0)).map_or(S::constant(0.0), Contribution::routed)
    }

    /// The operand that must be a constant whole number, and the range of that: an exponent or an order.
    ///
    /// ```
    /// use uphill_graph::Op;
    /// assert_eq!(Op::Polygamma.whole_operand(), Some((0, 0.0..=168.0)));
    /// assert_eq!(Op::Pow.whole_operand(), None);
    /// ```
    #[must_use]
    pub fn whole_operand(self) -> Option<(usize, RangeInclusive<f64>)> {
        match self {
            Op::Powi => Some((1, f64::from(i32::MIN)..=f64::from(i32::MAX))),
            Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative => {
                Some((0, 0.0..=HIGHEST_ORDER))
            }
            _ => None,
        }
    }

    /// Whether every partial is finite where the operands and the result are, so that an adjoint which is exactly 0
    /// stays 0 on its way through: sums, products, bounded functions and choices. Exponentials may overflow in the middle
    /// of a formula whose result is finite, so they are not among these.
    #[must_use]
    pub fn has_finite_partials(self) -> bool {
        use Op::{
            Abs, Add, Atan, Ceil, Clamp, Cos, Dot, Erf, Erfc, Floor, LogNdtr, LogNdtrDerivative,
            Max, Mean, Min, Mul, Neg, OneMinusSquare, Product, Relu, Round, Select, Sigmoid,
            SigmoidSlope, Sign, Sin, Softplus, Softsign, Square, Sub, Sum, Tanh, TanhSlope,
        };
        matches!(
            self,
            Add | Sub
                | Neg
                | Mul
                | Square
                | Sum
                | Dot
                | Mean
                | Product
                | Sin
                | Cos
                | Atan
                | Erf
                | Erfc
                | LogNdtr
                | LogNdtrDerivative
                | Sigmoid
                | SigmoidSlope
                | Tanh
                | TanhSlope
                | OneMinusSquare
                | Softplus
                | Softsign
                | Relu
                | Abs
                | Sign
                | Floor
                | Ceil
                | Round
                | Min
                | Max
                | Clamp
                | Select
        )
    }

    /// The built-in operation of this name.
    ///
    /// ```
    /// use uphill_graph::Op;
    /// assert_eq!(Op::from_name("sigmoid"), Some(Op::Sigmoid));
    /// assert_eq!(Op::from_name("sigmund"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Op> {
        Op::ALL.iter().copied().find(|op| op.name() == name)
    }
}
