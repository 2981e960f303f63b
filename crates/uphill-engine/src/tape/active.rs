//! What code computes with while the tape runs: a number that knows where on the tape it stands.
//!
//! Each operation computes its value and its partial derivatives at once, and appends the latter. Common operations are
//! written out here; all others take their partials from the op table, in `rules.rs`. Either way these are the partials
//! of the table, bit for bit, so that the tape gives what a gradient graph gives.

use std::cell::Cell;
use std::fmt::{Debug, Formatter};
use std::marker::PhantomData;

use uphill_graph::{Op, Scalar, scalar_operators};

use super::links::{Links, Operand, Partial};
use super::rules;
use crate::scalar_kernels as kernel;

/// A number whose derivative a [`Tape`](super::Tape) tracks, or a constant.
///
/// `Copy`, with every operator, as any [`Scalar`]. Operations on constants alone write nothing on the tape.
///
/// The lifetime is a brand: the code of each recording sees one of its own, so that numbers of two recordings can't be
/// mixed, nor kept. Such code does not compile:
///
/// ```compile_fail
/// use uphill_engine::tape::Tape;
/// let (mut outer, mut inner) = (Tape::new(), Tape::new());
/// outer.gradient(&[1.0], |x| {
///     inner.gradient(&[2.0], |y| x[0] * y[0]); // lifetimes differ
///     x[0]
/// });
/// ```
#[derive(Clone, Copy)]
pub struct Active<'t> {
    value: f64,
    /// The number on the tape; 0 for constants.
    number: u32,
    /// `None` for constants.
    links: Option<&'t Links>,
    /// Makes `'t` invariant: neither longer nor shorter lifetimes will do.
    brand: PhantomData<Cell<&'t ()>>,
}

impl<'t> Active<'t> {
    /// The value, to look at it: unlike recorded code, code on a tape may branch on what it computes, since each
    /// recording is for one point.
    ///
    /// ```
    /// use uphill_engine::tape::{Active, Tape};
    ///
    /// /// The square root by Heron's method, until it stands still.
    /// fn heron<'t>(a: Active<'t>) -> Active<'t> {
    ///     let mut x = a;
    ///     while (x * x - a).value().abs() > 1e-15 * a.value() {
    ///         x = 0.5 * (x + a / x);
    ///     }
    ///     x
    /// }
    ///
    /// let (root, slope) = Tape::new().gradient(&[4.0], |a| heron(a[0]))?;
    /// assert_eq!((root, slope), (2.0, vec![0.25]));
    /// # Ok::<(), uphill_engine::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn value(self) -> f64 {
        self.value
    }

    /// Whether this depends on no input: no derivative flows through it.
    #[must_use]
    #[inline]
    pub fn is_constant(self) -> bool {
        self.links.is_none()
    }

    pub(super) fn links(self) -> Option<&'t Links> {
        self.links
    }

    fn is_known_zero(self) -> bool {
        self.is_constant() && self.value == 0.0
    }

    /// The number on the tape.
    pub(super) fn number(self) -> Option<u32> {
        self.links.map(|_| self.number)
    }

    #[inline]
    pub(super) fn on_tape(links: &'t Links, number: u32, value: f64) -> Active<'t> {
        Active { value, number, links: Some(links), brand: PhantomData }
    }

    /// The result of an operation on this one operand.
    #[inline(always)]
    fn then(self, value: f64, partial: Partial) -> Active<'t> {
        match self.links {
            Some(links) => Active::on_tape(links, links.push_one(self.number, partial), value),
            None => Active::constant(value),
        }
    }

    /// The result of an operation on these two operands. By the brand they are of one tape.
    #[inline(always)]
    fn then_with(
        self,
        other: Active<'t>,
        value: f64,
        partial: Partial,
        other_partial: Partial,
    ) -> Active<'t> {
        let operand = |x: Active<'t>, partial| Operand {
            number: x.number,
            partial,
            active: !x.is_constant(),
        };
        match self.links.or(other.links) {
            Some(links) => {
                let number = links.push(operand(self, partial), operand(other, other_partial));
                Active::on_tape(links, number, value)
            }
            None => Active::constant(value),
        }
    }
}

impl Debug for Active<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.number() {
            Some(number) => write!(f, "{:?} (#{number})", self.value),
            None => write!(f, "{:?}", self.value),
        }
    }
}

scalar_operators!(['t] Active<'t>);

impl<'t> Scalar for Active<'t> {
    #[inline]
    fn constant(value: f64) -> Active<'t> {
        Active { value, number: 0, links: None, brand: PhantomData }
    }

    // Where the operation is known, as it is in code, nothing but its own arm is left of this.
    #[inline(always)]
    fn apply(op: Op, operands: &[Active<'t>]) -> Active<'t> {
        use Partial::{Is, One};
        match (op, operands) {
            (Op::Add, &[x, y]) => x.then_with(y, x.value + y.value, One, One),
            (Op::Sub, &[x, y]) => x.then_with(y, x.value - y.value, One, Is(-1.0)),
            (Op::Mul, &[x, y]) => {
                let z = x.value * y.value;
                // As in a recording, nothing depends on what a known 0 is multiplied with.
                if z == 0.0 && (x.is_known_zero() || y.is_known_zero()) {
                    return Active::constant(z);
                }
                x.then_with(y, z, Is(y.value), Is(x.value))
            }
            (Op::Div, &[x, y]) => {
                let z = x.value / y.value;
                x.then_with(y, z, Is(1.0 / y.value), Is(-(z / y.value)))
            }
            (Op::Neg, &[x]) => x.then(-x.value, Is(-1.0)),
            (Op::Recip, &[x]) => {
                let z = 1.0 / x.value;
                x.then(z, Is(-(z * z)))
            }
            (Op::Square, &[x]) => x.then(x.value * x.value, Is(x.value * 2.0)),
            (Op::Sqrt, &[x]) => {
                let z = x.value.sqrt();
                x.then(z, Is(0.5 / (z + 0.0)))
            }
            (Op::Exp, &[x]) => {
                let z = kernel::exp(x.value);
                x.then(z, Is(z))
            }
            (Op::Ln, &[x]) => x.then(kernel::ln(x.value), Is(1.0 / x.value)),
            (Op::Sin, &[x]) => {
                let (sin, cos) = kernel::sin_and_cos(x.value);
                x.then(sin, Is(cos))
            }
            (Op::Cos, &[x]) => {
                let (sin, cos) = kernel::sin_and_cos(x.value);
                x.then(cos, Is(-sin))
            }
            (Op::Tanh, &[x]) => {
                let z = kernel::tanh(x.value);
                x.then(z, Is(Op::TanhSlope.value(&[x.value, z])))
            }
            (Op::Sigmoid, &[x]) => {
                let z = kernel::sigmoid(x.value);
                x.then(z, Is(Op::SigmoidSlope.value(&[x.value, z])))
            }
            _ => rules::apply(op, operands),
        }
    }
}
