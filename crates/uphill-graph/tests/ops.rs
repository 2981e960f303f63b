//! Every operation of the table, told by the table itself: its derivative must be one number, whichever way it is taken.
//!
//! At the sample points: the row's partial, reverse mode (a gradient graph), forward mode (duals, and `jvp` as a graph),
//! `vjp`, the complex step, and differences of the value that know nothing of the rule. At special operands (zeros,
//! infinities, NaN, subnormals): nothing panics, the modes agree, and values have the same bits everywhere.

mod common;

use std::collections::HashMap;

use common::{
    Report, SPECIAL, close, is_constant_operand, partial_difference, record_op, same_bits,
    same_number,
};
use uphill_graph::{Arity, Complex64, Dual, Function, Op, Scalar};

/// A function and its derivatives as graphs, made once for many points.
struct Derived {
    f: Function,
    simple: Function,
    gradient: Function,
    jvp: Function,
    vjp: Function,
}

impl Derived {
    fn new(f: Function) -> Derived {
        let (simple, gradient) = (f.simplify(), f.gradient().unwrap());
        Derived { simple, gradient, jvp: f.jvp().unwrap(), vjp: f.vjp().unwrap(), f }
    }

    /// The derivative by input `k`, by each mode that differentiates graphs or runs on duals.
    fn modes(&self, x: &[f64], k: usize) -> [(&'static str, f64); 4] {
        let unit = |j: usize| if j == k { 1.0 } else { 0.0 };
        let duals: Vec<_> = (0..x.len()).map(|j| common::along(x[j], unit(j))).collect();
        let direction: Vec<f64> = x.iter().copied().chain((0..x.len()).map(unit)).collect();
        let seeded: Vec<f64> = x.iter().copied().chain([1.0]).collect();
        [
            ("the gradient graph", self.gradient.eval(x).unwrap()[k]),
            ("a dual", self.f.eval_scalar(&duals).unwrap()[0].tangent),
            ("the jvp graph", self.jvp.eval(&direction).unwrap()[0]),
            ("the vjp graph", self.vjp.eval(&seeded).unwrap()[k]),
        ]
    }
}

/// The imaginary step is so small that nothing of second order is left: this is exact but for rounding.
fn complex_step(op: Op, x: &[f64], k: usize) -> f64 {
    const STEP: f64 = 1e-150;
    let turned: Vec<_> =
        (0..x.len()).map(|j| Complex64::new(x[j], if j == k { STEP } else { 0.0 })).collect();
    Complex64::apply(op, &turned).im / STEP
}

#[test]
fn every_rule_agrees_with_its_value() {
    for op in Op::ALL {
        assert!(!op.samples().is_empty(), "`{}` has no sample points", op.name());
        if let Err(error) = op.check_rule() {
            panic!("{error}");
        }
    }
}

/// All modes compute the same formula, so they must give the same number, to the last bit; the complex step has complex
/// kernels of its own (1e-12), differences of eighth order are good to 1e-9.
#[test]
fn every_mode_gives_the_same_derivative_at_the_samples() {
    let mut report = Report::default();
    for &op in Op::ALL {
        for x in op.samples() {
            let x = &*x;
            let derived = Derived::new(record_op(op, x));
            let z = op.value(x);
            for k in (0..x.len()).filter(|&k| !is_constant_operand(op, k)) {
                let rule = op.partial(k, x, z);
                let mut agree = |mode: &str, number: f64, tolerance: f64| {
                    report.check(close(rule, number, tolerance), || {
                        let name = op.name();
                        format!("`{name}` by operand {k} at {x:?}: the rule gives {rule:?}, {mode} {number:?}")
                    });
                };
                for (mode, derivative) in derived.modes(x, k) {
                    agree(mode, derivative, 0.0);
                }
                if op.is_analytic() {
                    agree("the complex step", complex_step(op, x, k), 1e-12);
                }
                if op.differentiable(k) {
                    agree("differences", partial_difference(|x| op.value(x), x, k), 1e-9);
                } else {
                    agree("having no rule", 0.0, 0.0);
                }
            }
        }
    }
}

/// Operands from the special numbers: every one, every pair, every triple of the first nine.
fn special_operands(op: Op) -> Vec<Vec<f64>> {
    let whole = |numbers: &[f64]| numbers.to_vec();
    let pool = |k: usize| match (op, k) {
        (Op::Powi, 1) => {
            whole(&[0.0, 1.0, -1.0, 2.0, 3.0, -3.0, f64::from(i32::MAX), f64::from(i32::MIN + 1)])
        }
        (Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative, 0) => {
            whole(&[0.0, 1.0, 2.0, 3.0, 60.0, 167.0])
        }
        _ => whole(&SPECIAL),
    };
    let lengths = match op.arity() {
        Arity::Exactly(n) => vec![n],
        Arity::Any => vec![1, 2, 3],
        Arity::Pairs => vec![2],
    };
    let mut all = Vec::new();
    for length in lengths {
        let mut tuples = vec![Vec::new()];
        for k in 0..length {
            let shown = if length < 3 { usize::MAX } else { 9 };
            let next: Vec<f64> = pool(k).into_iter().take(shown).collect();
            let longer = |tuple: &Vec<f64>, x: f64| tuple.iter().copied().chain([x]).collect();
            tuples = tuples.iter().flat_map(|t| next.iter().map(move |&x| longer(t, x))).collect();
        }
        all.extend(tuples);
    }
    if op.arity() == Arity::Pairs {
        all.extend(SPECIAL.iter().map(|&x| vec![1.0, x, -0.0, 2.0]));
    }
    all
}

/// Runs `check` for every operation at all its special operands, with the functions that the operands need.
fn at_special_operands(mut check: impl FnMut(Op, &[f64], &Derived)) {
    for &op in Op::ALL {
        let mut made: HashMap<Vec<u64>, Derived> = HashMap::new();
        for x in special_operands(op) {
            let constant = |k: usize| if is_constant_operand(op, k) { x[k].to_bits() } else { 0 };
            let derived = made
                .entry((0..x.len()).map(constant).collect())
                .or_insert_with(|| Derived::new(record_op(op, &x)));
            check(op, &x, derived);
        }
    }
}

#[test]
fn values_have_the_same_bits_everywhere() {
    let mut report = Report::default();
    at_special_operands(|op, x, derived| {
        let duals: Vec<_> = x.iter().map(|&x| Dual::new(x, 1.0)).collect();
        let value = op.value(x);
        for (how, other) in [
            ("the recorded function", derived.f.eval(x).unwrap()[0]),
            ("the simplified function", derived.simple.eval(x).unwrap()[0]),
            ("its dual", Dual::apply(op, &duals).value),
        ] {
            report.check(same_bits(value, other), || {
                let name = op.name();
                format!("`{name}` at {x:?}: the value is {value:?}, {how} gives {other:?}")
            });
        }
    });
}

/// NaN goes in and doesn't come out: only where mathematics says that the operand does not matter.
fn forgives_nan(op: Op, x: &[f64]) -> bool {
    match op {
        Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual | Op::Equal | Op::NotEqual => {
            true
        }
        Op::Powi => x[1] == 0.0,
        Op::Pow => x[0] == 1.0 || x[1] == 0.0,
        Op::Hypot => x.iter().any(|x| x.is_infinite()),
        // What goes along is there for those who write the slope in another way.
        Op::Direction => !x[0].is_nan() && !x[1].is_nan() || x[..2].iter().any(|x| x.is_infinite()),
        Op::SigmoidSlope | Op::TanhSlope => !x[0].is_nan(),
        Op::Select if x[0].is_nan() => !x[1].is_nan(),
        Op::Select => !if x[0] == 0.0 { x[2] } else { x[1] }.is_nan(),
        _ => false,
    }
}

#[test]
fn nan_goes_through() {
    let mut report = Report::default();
    for &op in Op::ALL {
        for x in special_operands(op).into_iter().filter(|x| x.iter().any(|x| x.is_nan())) {
            let value = op.value(&x);
            report.check(value.is_nan() || forgives_nan(op, &x), || {
                format!("`{}` at {x:?} gives {value:?}, though an operand is NaN", op.name())
            });
        }
    }
}

/// At zeros, infinities and NaN the modes still agree, and nothing panics.
#[test]
fn modes_agree_at_special_operands() {
    let mut report = Report::default();
    at_special_operands(|op, x, derived| {
        let z = op.value(x);
        for k in (0..x.len()).filter(|&k| !is_constant_operand(op, k)) {
            let rule = op.partial(k, x, z);
            // A direction of 0 along an operand with an infinite slope is 0·∞ in a graph, which knows no direction.
            let others = (0..x.len()).filter(|&j| j != k && !is_constant_operand(op, j));
            let infinite = others.into_iter().any(|j| !op.partial(j, x, z).is_finite());
            for (mode, derivative) in derived.modes(x, k) {
                let unknown = infinite && mode == "the jvp graph" && derivative.is_nan();
                report.check(unknown || same_number(rule, derivative), || {
                    let name = op.name();
                    format!("`{name}` by operand {k} at {x:?}: the rule gives {rule:?}, {mode} {derivative:?}")
                });
            }
        }
    });
}

/// The first `n` for which a rule needs order `n + 1` is the last one: its derivative is refused, not wrong.
#[test]
fn orders_out_of_range_are_errors() {
    let f = record_op(Op::Polygamma, &[168.0, 2.0]);
    assert!(f.eval(&[0.0, 2.0]).unwrap()[0].is_finite());
    let error = f.gradient().unwrap_err().to_string();
    assert!(error.contains("polygamma"), "the error names the operation: {error}");
    for order in [-1.0, 0.5, 169.0, f64::NAN, f64::INFINITY] {
        let f = Function::record(["x"], |x| {
            Scalar::apply(Op::Polygamma, &[Scalar::constant(order), x[0]])
        });
        assert!(f.is_err(), "polygamma of order {order} was recorded");
        let _ = Op::Polygamma.value(&[order, 2.0]);
    }
    for exponent in [0.5, f64::NAN, f64::INFINITY, 2_147_483_648.0] {
        let f = Function::record(["x"], |x| {
            Scalar::apply(Op::Powi, &[x[0], Scalar::constant(exponent)])
        });
        assert!(f.is_err(), "powi with exponent {exponent} was recorded");
        let _ = Op::Powi.value(&[2.0, exponent]);
    }
}

/// Operations on no operands, and on the wrong number of them.
#[test]
fn counts_of_operands_are_checked() {
    for (op, empty) in [(Op::Sum, 0.0), (Op::Product, 1.0), (Op::Dot, 0.0)] {
        assert_eq!(op.value(&[]), empty, "empty `{}`", op.name());
    }
    assert_eq!(Op::LogSumExp.value(&[]), f64::NEG_INFINITY, "empty `log_sum_exp`");
    assert!(Op::Mean.value(&[]).is_nan(), "empty `mean`");
    for &op in Op::ALL {
        if let Arity::Exactly(n) = op.arity() {
            let message = std::panic::catch_unwind(|| op.value(&vec![1.0; n + 1])).unwrap_err();
            let message = message.downcast_ref::<String>().unwrap();
            assert!(message.contains(op.name()), "`{}`: the panic says {message}", op.name());
        }
    }
}
