//! Operations that have no short form: their partial derivatives by the rules of the op table.
//!
//! A rule either multiplies the adjoint by a partial derivative, or places it: the branch of a `select` that was not
//! taken gets an exact zero, even from an infinite adjoint. A tape stores factors, so the second kind becomes no link at
//! all. The two are told apart by what they make of NaN.

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
            link_all(links, x, |k| terms[k]);
        }
        _ => {
            let values: SmallVec<[Number; 8]> = values.iter().map(|&x| Number(x)).collect();
            let value = Number(value);
            let terms = op.chain_all(&values, value, |_| Number(1.0), |k| !x[k].is_constant());
            link_all(links, x, |k| {
                let Number(partial) = terms[k]?;
                // Seldom asked: a factor of 0 would keep the NaN.
                let multiplies = partial != 0.0
                    || op.chain(k, &values, value, Number(f64::NAN)).is_some_and(|d| d.0.is_nan());
                multiplies.then_some(partial)
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
