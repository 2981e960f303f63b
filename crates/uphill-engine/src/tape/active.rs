//! What code computes with while the tape runs: a number that knows where on the tape it stands.
//!
//! Each operation computes its value and its partial derivatives at once, and appends the latter. Common operations are
//! written out here; all others take their partials from the op table, in `rules.rs`. Either way these are the partials
//! of the table, bit for bit, so that the tape gives what a gradient graph gives.

use std::cell::Cell;
use std::fmt::{Debug, Formatter};
use std::marker::PhantomData;

use uphill_graph::{Op, Scalar, Valued, scalar_operators};

use super::links::{Links, Operand, Partial};
use super::rules;
use crate::scalar_kernels as kernel;

/// A number whose derivative a [`Tape`](super::Tape) tracks, or a constant.
///
/// `Copy`, with every operator, as any [`Scalar`], and with a value that code may look at ([`Valued`]). Operations on
/// constants alone write nothing on the tape.
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
    /// The number on the tape; of what is not on it, `KNOWN` or `FOUND`.
    number: u32,
    /// `None` for what no derivative flows through.
    links: Option<&'t Links>,
    /// Makes `'t` invariant: neither longer nor shorter lifetimes will do.
    brand: PhantomData<Cell<&'t ()>>,
}

/// A constant of the code, and what is made of such: a recording knows it, too.
const KNOWN: u32 = 0;
/// What depends on inputs by steps alone, as comparisons and roundings do: its value was found at this point.
const FOUND: u32 = 1;

impl<'t> Active<'t> {
    /// Whether no derivative flows through this: it depends on no input, or by steps alone, as a comparison does.
    #[must_use]
    #[inline]
    pub fn is_constant(self) -> bool {
        self.links.is_none()
    }

    pub(super) fn links(self) -> Option<&'t Links> {
        self.links
    }

    pub(super) fn is_known_zero(self) -> bool {
        self.is_known() && self.value == 0.0
    }

    /// Whether a recording knows the value, too.
    pub(super) fn is_known(self) -> bool {
        self.is_constant() && self.number == KNOWN
    }

    /// What no derivative flows through, and whether a recording knows it.
    #[inline]
    pub(super) fn off_tape(value: f64, is_known: bool) -> Active<'t> {
        let number = if is_known { KNOWN } else { FOUND };
        Active { value, number, links: None, brand: PhantomData }
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
            None => Active { value, ..self },
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
            None => Active { value, number: self.number | other.number, ..self },
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

/// Unlike recorded code, code on a tape may branch on what it computes, since each recording is for one point.
///
/// ```
/// use uphill_engine::tape::Tape;
/// use uphill_graph::Valued;
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
/// let (root, slope) = Tape::new().gradient(&[4.0], |a| heron(a[0]))?;
/// assert_eq!((root, slope), (2.0, vec![0.25]));
/// # Ok::<(), uphill_engine::Error>(())
/// ```
impl Valued for Active<'_> {
    #[inline]
    fn value(self) -> f64 {
        self.value
    }
}

impl<'t> Scalar for Active<'t> {
    #[inline]
    fn constant(value: f64) -> Active<'t> {
        Active::off_tape(value, true)
    }

    fn known(self) -> Option<f64> {
        Some(self.value)
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
                // As in a recording, nothing depends on what a known 0 is multiplied with, an infinity included.
                if (z == 0.0 || z.is_nan()) && (x.is_known_zero() || y.is_known_zero()) {
                    return Active::off_tape(z, x.is_known() && y.is_known());
                }
                x.then_with(y, z, Is(y.value), Is(x.value))
            }
            (Op::Div, &[x, y]) => {
                let z = x.value / y.value;
                // The factor is 1/∞.
                if y.value.is_infinite() && y.is_known() {
                    return Active::off_tape(z, x.is_known());
                }
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
