//! Operations that have no short form: their partial derivatives by the rules of the op table.
//!
//! Where an operation chooses, an operand counts under a condition. On a tape this is known at once: an operand that was
//! not chosen gets no link, and so nothing flows to it, even of an infinite adjoint.

use smallvec::SmallVec;
use uphill_graph::{Op, Scalar, scalar_operators};

use super::active::Active;
use super::links::{Links, Partial};
use crate::scalar_kernels;

/// A number on which the rules run with this crate's kernels.
#[derive(Debug, Clone, Copy)]
struct Number(f64);

scalar_operators!([] Number);

impl Scalar for Number {
    #[inline]
    fn constant(value: f64) -> Number {
        Number(value)
    }

    fn apply(op: Op, x: &[Number]) -> Number {
        Number(match *x {
            [x] => scalar_kernels::value(op, &[x.0]),
            [x, y] => scalar_kernels::value(op, &[x.0, y.0]),
            _ => scalar_kernels::value(op, &numbers(x, |x| x.0)),
        })
    }
}

fn numbers<T: Copy>(x: &[T], number: impl Fn(T) -> f64) -> SmallVec<[f64; 8]> {
    x.iter().map(|&x| number(x)).collect()
}

/// Any operation.
#[inline(never)]
pub(super) fn apply<'t>(op: Op, x: &[Active<'t>]) -> Active<'t> {
    let values = numbers(x, Active::value);
    let value = scalar_kernels::value(op, &values);
    let Some(links) = x.iter().find_map(|x| x.links()) else { return Active::constant(value) };
    let begin = links.begin();
    match op {
        Op::Sum => link_all(links, x, |_| Some(1.0)),
        Op::Mean => link_all(links, x, |_| Some(1.0 / x.len() as f64)),
        // The partner in the pair: 1 for 0, 0 for 1, 3 for 2, ….
        Op::Dot => link_all(links, x, |k| Some(values[k ^ 1])),
        // The author's own code, which runs on plain numbers.
        Op::Custom(_) => {
            let terms = op.chain_all(&values, value, |_| 1.0, |k| !x[k].is_constant());
            link_all(links, x, |k| terms[k].filter(|term| term.counts()).map(|term| term.value));
        }
        _ => {
            let values: SmallVec<[Number; 8]> = values.iter().map(|&x| Number(x)).collect();
            let value = Number(value);
            let terms = op.chain_all(&values, value, |_| Number(1.0), |k| !x[k].is_constant());
            link_all(links, x, |k| {
                let term = terms[k]?;
                let counts = term.only_if.is_none_or(|at| (at.value.0 != 0.0) == at.is);
                counts.then_some(term.value.0)
            });
        }
    }
    match links.end(begin) {
        Some(number) => Active::on_tape(links, number, value),
        None => Active::constant(value),
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
