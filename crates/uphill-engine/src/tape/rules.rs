//! Operations that have no short form: their partial derivatives by the rules of the op table.
//!
//! Where an operation chooses, an operand counts under a condition. On a tape this is known at once: an operand that was
//! not chosen gets no link, and so nothing flows to it, even of an infinite adjoint.

use smallvec::SmallVec;
use uphill_graph::{Op, Scalar, Valued, scalar_operators};

use super::active::Active;
use super::links::{Links, Partial};

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
        let value = match *x {
            [x] => op.value(&[x.value]),
            [x, y] => op.value(&[x.value, y.value]),
            _ => op.value(&numbers(x, |x| x.value)),
        };
        Number { value, is_known: x.iter().all(|x| x.is_known) }
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
pub(super) fn apply<'t>(op: Op, x: &[Active<'t>]) -> Active<'t> {
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
