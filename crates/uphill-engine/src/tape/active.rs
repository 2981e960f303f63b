//! What code computes with while the tape runs: a number that knows where on the tape it stands.
//!
//! Each operation computes its value and its partial derivatives at once, and appends the latter. Arithmetic is written out;
//! functions of one number have value and slope of their row of the op table; all others go through the table's rules with
//! lists. Either way these are the partials of the table, bit for bit, so that the tape gives what a gradient graph gives.
//! Where an operation chooses, an operand counts under a condition. On a tape this is known at once: an operand that was
//! not chosen gets no link, and so nothing flows to it, even of an infinite adjoint.

use std::cell::Cell;
use std::fmt::{Debug, Formatter};
use std::marker::PhantomData;

use smallvec::SmallVec;
use uphill_graph::{Op, Row, Scalar, Valued, scalar_operators};

use super::links::{Links, Operand, Partial};

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

    /// A function of one number has value and slope at once, without lists.
    #[inline]
    fn by_row<R: Row<N>, const N: usize>(x: [Active<'t>; N]) -> Active<'t> {
        let (&[operand], false) = (x.as_slice(), R::CHOOSES) else {
            return Active::apply(R::OP, &x);
        };
        let values = x.map(|x| x.value);
        if operand.is_constant() {
            return Active { value: R::value(values), ..operand };
        }
        if let Some((value, slope)) = R::value_and_slope(values) {
            return operand.then(value, Partial::Is(slope));
        }
        let value = R::value(values);
        let found = |value| Number { value, is_known: false };
        match R::chain(0, values.map(found), found(value), found(1.0)) {
            Some(term) if !(term.value.is_known && term.value.value == 0.0) => {
                operand.then(value, Partial::Is(term.value.value))
            }
            _ => Active::off_tape(value, false),
        }
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
            _ => by_table(op, operands),
        }
    }
}

/// A number on which the rules run with this crate's kernels.
///
/// A recording leaves out partials that it knows to be 0, those that constants alone make so. So it is kept in mind
/// whether a number is known there.
#[derive(Debug, Clone, Copy)]
struct Number {
    value: f64,
    is_known: bool,
}

scalar_operators!([] Number);

impl Scalar for Number {
    #[inline]
    fn constant(value: f64) -> Number {
        Number { value, is_known: true }
    }

    fn apply(op: Op, x: &[Number]) -> Number {
        // As in a recording, a choice that is made already is no choice.
        if let (Op::Select, &[condition, x, y]) = (op, x)
            && condition.is_known
        {
            return if condition.value == 0.0 { y } else { x };
        }
        let value = op.value(&numbers(x, |x| x.value));
        Number { value, is_known: x.iter().all(|x| x.is_known) }
    }

    #[inline]
    fn by_row<R: Row<N>, const N: usize>(x: [Number; N]) -> Number {
        if R::CHOOSES {
            return Number::apply(R::OP, &x);
        }
        Number { value: R::value(x.map(|x| x.value)), is_known: x.iter().all(|x| x.is_known) }
    }

    fn times(self, partial: Number) -> Number {
        let is_none = |x: Number| x.is_known && x.value == 0.0;
        if is_none(self) || is_none(partial) { Number::constant(0.0) } else { self * partial }
    }
}

fn numbers<T: Copy>(x: &[T], number: impl Fn(T) -> f64) -> SmallVec<[f64; 8]> {
    x.iter().map(|&x| number(x)).collect()
}

/// Any operation.
#[inline(never)]
fn by_table<'t>(op: Op, x: &[Active<'t>]) -> Active<'t> {
    let values = numbers(x, Active::value);
    let value = op.value(&values);
    let Some(links) = x.iter().find_map(|x| x.links()) else {
        return Active::off_tape(value, x.iter().all(|x| x.is_known()));
    };
    let begin = links.begin();
    match op {
        Op::Sum => link_all(links, x, |_| Some(1.0)),
        Op::Mean => link_all(links, x, |_| Some(1.0 / x.len() as f64)),
        // The partner in the pair: 1 for 0, 0 for 1, 3 for 2, ….
        Op::Dot => link_all(links, x, |k| (!x[k ^ 1].is_known_zero()).then(|| values[k ^ 1])),
        // The author's own code, which runs on plain numbers.
        Op::Custom(_) => {
            let terms = op.chain_all(&values, value, |_| 1.0, |k| !x[k].is_constant());
            link_all(links, x, |k| terms[k].filter(|term| term.counts()).map(|term| term.value));
        }
        _ => {
            let values: SmallVec<[Number; 8]> =
                x.iter().map(|x| Number { value: x.value(), is_known: x.is_known() }).collect();
            let found = |value| Number { value, is_known: false };
            let value = found(value);
            let terms = op.chain_all(&values, value, |_| found(1.0), |k| !x[k].is_constant());
            link_all(links, x, |k| {
                let term = terms[k]?;
                let counts = term.only_if.is_none_or(|at| (at.value.value != 0.0) == at.is);
                let is_none = term.value.is_known && term.value.value == 0.0;
                (counts && !is_none).then_some(term.value.value)
            });
        }
    }
    match links.end(begin) {
        Some(number) => Active::on_tape(links, number, value),
        None => Active::off_tape(value, false),
    }
}

/// Writes a link for each operand on the tape, from the last to the first, unless it has no partial.
fn link_all(links: &Links, x: &[Active<'_>], partial: impl Fn(usize) -> Option<f64>) {
    for (k, x) in x.iter().enumerate().rev() {
        match x.number().and_then(|number| Some((number, partial(k)?))) {
            Some((number, 1.0)) => links.link(number, Partial::One),
            Some((number, partial)) => links.link(number, Partial::Is(partial)),
            None => {}
        }
    }
}
