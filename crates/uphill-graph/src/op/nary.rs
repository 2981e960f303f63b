//! Operations on any number of operands: sum, product, dot, log-sum-exp, mean.
//!
//! A reduction has one shape: from the first operand to the last, one rounding a step. That is what `a + b + c` does in
//! plain Rust, so a chain of binary operations and the n-ary node that replaces it have the same bits.

use smallvec::SmallVec;
use uphill_kernels::native as kernel;

use super::Op;
use crate::scalar::Scalar;

/// The value of an n-ary operation.
pub(super) fn value(op: Op, x: &[f64]) -> f64 {
    match op {
        Op::Sum => sum(x),
        Op::Product => x.iter().copied().reduce(|a, b| a * b).unwrap_or(1.0),
        Op::Dot => {
            x.chunks_exact(2).map(|pair| pair[0] * pair[1]).reduce(|a, b| a + b).unwrap_or(0.0)
        }
        Op::LogSumExp => kernel::log_sum_exp(x),
        Op::Mean => sum(x) / x.len() as f64,
        _ => unreachable!("`{}` has no value in `nary.rs`", op.name()),
    }
}

/// The partial derivatives of an n-ary operation, those that are `wanted` at least; `None` for every other one.
pub(super) fn partials<S: Scalar>(
    op: Op,
    x: &[S],
    z: S,
    wanted: impl Fn(usize) -> bool,
) -> Option<SmallVec<[S; 4]>> {
    Some(match op {
        Op::Sum => x.iter().map(|_| S::constant(1.0)).collect(),
        Op::Product => products_of_the_others(x),
        Op::Dot => x.chunks_exact(2).flat_map(|pair| [pair[1], pair[0]]).collect(),
        Op::LogSumExp => weights(x, z, wanted),
        Op::Mean => x.iter().map(|_| S::constant(1.0 / x.len() as f64)).collect(),
        _ => return None,
    })
}

fn sum(x: &[f64]) -> f64 {
    x.iter().copied().reduce(|a, b| a + b).unwrap_or(0.0)
}

/// Up to so many operands each weight of a log-sum-exp is computed by itself.
const FEW: usize = 4;

/// `e^xₖ / Σ e^xⱼ`, the slopes of a log-sum-exp.
///
/// Differences of operands are exact where `xₖ - z` has lost all digits, since `z` is rounded in units of its height.
/// For few operands the weight is the sigmoid of `xₖ` above the log-sum-exp of the others, whose slope
/// `pₖ · Σ pⱼ` doesn't cancel where `pₖ` is near 1; that costs n². Beyond, exponentials are divided by their sum, so
/// that what `z` lost cancels; that costs n.
fn weights<S: Scalar>(x: &[S], z: S, wanted: impl Fn(usize) -> bool) -> SmallVec<[S; 4]> {
    if x.len() > FEW {
        let powers: SmallVec<[S; 4]> = x.iter().map(|&x| (x - z).exp()).collect();
        let total = S::total(&powers);
        return powers.iter().map(|&power| power / total).collect();
    }
    let weight = |k: usize| {
        let others = (0..x.len()).filter(|&j| j != k);
        match x.len() {
            _ if !wanted(k) => S::constant(0.0),
            1 => S::constant(1.0),
            2 => (x[k] - x[1 - k]).sigmoid(),
            _ => {
                let above: SmallVec<[S; 4]> = others.map(|j| x[j] - x[k]).collect();
                (-S::log_sum_exp(&above)).sigmoid()
            }
        }
    };
    (0..x.len()).map(weight).collect()
}

/// Products of all factors but one, from running products of both ends: `z / x_k` would fail at zero, and multiplying
/// anew for each factor would cost n².
fn products_of_the_others<S: Scalar>(x: &[S]) -> SmallVec<[S; 4]> {
    let mut after: SmallVec<[S; 4]> = SmallVec::from_elem(S::constant(1.0), x.len());
    for k in (1..x.len()).rev() {
        after[k - 1] = if k + 1 == x.len() { x[k] } else { x[k] * after[k] };
    }
    let mut before: Option<S> = None;
    for (k, &factor) in x.iter().enumerate() {
        match before {
            None => before = Some(factor),
            Some(product) => {
                after[k] = if k + 1 == x.len() { product } else { product * after[k] };
                before = Some(product * factor);
            }
        }
    }
    after
}
