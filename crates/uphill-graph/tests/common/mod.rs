//! What the suites share: numbers compared as bits, recording one operation, and an independent derivative.
//!
//! The derivative is a central difference of eighth order, with fixed weights and a fixed step: it shares no code with
//! the crate, nor its method with `Op::check_rule`, which extrapolates.

#![allow(dead_code, reason = "each suite uses a part")]

pub(crate) mod program;

use uphill_graph::{Dual, Function, Inputs, Op, Scalar, Var};

/// Zeros, infinities, NaN, ones, the smallest subnormal and normal numbers, the largest number.
pub(crate) const SPECIAL: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    0.5,
    -2.0,
];

/// The same bits, or both NaN: which of its many patterns a NaN has means nothing.
pub(crate) fn same_bits(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// The same number, or both NaN; zeros of both signs are one number.
pub(crate) fn same_number(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// Close to within `tolerance`, relative to numbers beyond 1; equal infinities and two NaN are close.
pub(crate) fn close(a: f64, b: f64, tolerance: f64) -> bool {
    same_number(a, b) || (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

/// The derivative of `f` at `t = 0`, by the central difference of eighth order with this step.
pub(crate) fn difference(f: impl Fn(f64) -> f64, step: f64) -> f64 {
    const WEIGHTS: [f64; 4] = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
    let pairs = WEIGHTS.iter().zip(1_u8..).map(|(weight, k)| {
        let t = step * f64::from(k);
        weight * (f(t) - f(-t))
    });
    pairs.sum::<f64>() / step
}

/// The derivative of `f` by `x[k]` at `x`, by differences.
pub(crate) fn partial_difference(f: impl Fn(&[f64]) -> f64, x: &[f64], k: usize) -> f64 {
    let along = |t: f64| {
        let mut moved = x.to_vec();
        moved[k] += t;
        f(&moved)
    };
    difference(along, (x[k].abs() / 8.0).max(1.0) / 256.0)
}

/// Whether operand `k` must be a constant: an exponent or an order.
pub(crate) fn is_constant_operand(op: Op, k: usize) -> bool {
    op.whole_operand().is_some_and(|(place, _)| place == k)
}

/// Records one operation on variables `x[0..n]`; operands that must be constant are those of `at`.
pub(crate) fn record_op(op: Op, at: &[f64]) -> Function {
    let inputs = Inputs::new().variables("x", at.len());
    let recorded = Function::record(inputs, |x| {
        let operands: Vec<_> = (0..x.len())
            .map(|k| if is_constant_operand(op, k) { Var::constant(at[k]) } else { x[k] })
            .collect();
        Var::apply(op, &operands)
    });
    recorded.unwrap_or_else(|error| panic!("recording `{}` at {at:?}: {error}", op.name()))
}

/// What went wrong, line by line: a suite over a table tells everything that is wrong at once.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<String>);

impl Report {
    /// Notes a failure unless all is well.
    pub(crate) fn check(&mut self, well: bool, otherwise: impl FnOnce() -> String) {
        if !well {
            self.0.push(otherwise());
        }
    }
}

impl Drop for Report {
    /// Panics with all that was noted, the first hundred lines of it.
    fn drop(&mut self) {
        if !self.0.is_empty() && !std::thread::panicking() {
            let shown = self.0.len().min(100);
            panic!("{} failures:\n{}", self.0.len(), self.0[..shown].join("\n"));
        }
    }
}

/// A value that moves with this tangent; a constant if it doesn't move.
pub(crate) fn along<S: Scalar + PartialEq>(value: S, tangent: S) -> Dual<S> {
    if tangent == S::constant(0.0) { Dual::constant(value) } else { Dual::new(value, tangent) }
}

/// The derivative of the one output by each of `axes` in turn, by nested duals: `S` is as deep as there are axes.
pub(crate) fn by_duals(f: &Function, x: &[f64], axes: &[usize]) -> f64 {
    let unit = |k: usize, axis: usize| if k == axis { 1.0 } else { 0.0 };
    match *axes {
        [a] => {
            let seed = |(k, &x): (usize, &f64)| along(x, unit(k, a));
            let x: Vec<Dual<f64>> = x.iter().enumerate().map(seed).collect();
            f.eval_scalar(&x).unwrap()[0].tangent
        }
        [a, b] => {
            let seed =
                |(k, &x): (usize, &f64)| along(along(x, unit(k, a)), Dual::constant(unit(k, b)));
            let x: Vec<Dual<Dual<f64>>> = x.iter().enumerate().map(seed).collect();
            f.eval_scalar(&x).unwrap()[0].tangent.tangent
        }
        [a, b, c] => {
            let seed = |(k, &x): (usize, &f64)| {
                let inner = along(along(x, unit(k, a)), Dual::constant(unit(k, b)));
                along(inner, Dual::constant(Dual::constant(unit(k, c))))
            };
            let x: Vec<Dual<Dual<Dual<f64>>>> = x.iter().enumerate().map(seed).collect();
            f.eval_scalar(&x).unwrap()[0].tangent.tangent.tangent
        }
        _ => unreachable!("first to third order"),
    }
}

/// The derivative as a function: the gradient's entry of one axis.
pub(crate) fn derivative(f: &Function, axis: usize) -> Function {
    let gradient = f.gradient().unwrap();
    let name = gradient.outputs()[axis].name.clone();
    gradient.select(&[name]).unwrap()
}

/// The derivative of the one output by each of `axes` in turn, by gradients of gradients.
pub(crate) fn by_gradients(f: &Function, x: &[f64], axes: &[usize]) -> f64 {
    axes.iter().fold(f.clone(), |f, &axis| derivative(&f, axis)).value(x).unwrap()
}
