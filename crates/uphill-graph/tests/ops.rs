//! Every operation of the table, told by the table itself: its derivative must be one number, whichever way it is taken.
//!
//! At the sample points: the row's partial, reverse mode (a gradient graph), forward mode (duals, and `jvp` as a graph),
//! `vjp`, the complex step, and differences of the value that know nothing of the rule. At special operands (zeros,
//! infinities, NaN, subnormals): nothing panics, the modes agree, and values have the same bits everywhere.

mod common;

use common::{
    SPECIAL, close, is_constant_operand, partial_difference, record_op, same_bits, same_number,
};
use uphill_graph::{Arity, Complex64, Dual, Function, Op, Scalar};

/// The derivative of the function by input `k`, by each mode that differentiates graphs or runs on duals.
fn modes(f: &Function, x: &[f64], k: usize) -> [(&'static str, f64); 4] {
    let unit = |j: usize| if j == k { 1.0 } else { 0.0 };
    let duals: Vec<_> = (0..x.len()).map(|j| Dual { value: x[j], tangent: unit(j) }).collect();
    let direction: Vec<f64> = x.iter().copied().chain((0..x.len()).map(unit)).collect();
    let seeded: Vec<f64> = x.iter().copied().chain([1.0]).collect();
    [
        ("gradient graph", f.gradient().unwrap().eval(x).unwrap()[k]),
        ("dual", f.eval_scalar(&duals).unwrap()[0].tangent),
        ("jvp graph", f.jvp().unwrap().eval(&direction).unwrap()[0]),
        ("vjp graph", f.vjp().unwrap().eval(&seeded).unwrap()[k]),
    ]
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
    for &op in Op::ALL {
        for x in op.samples() {
            let x = &*x;
            let f = record_op(op, x);
            let z = op.value(x);
            for k in (0..x.len()).filter(|&k| !is_constant_operand(op, k)) {
                let place = format!("`{}` by operand {k} at {x:?}", op.name());
                let rule = op.partial(k, x, z);
                for (mode, derivative) in modes(&f, x, k) {
                    assert!(
                        same_number(rule, derivative),
                        "{place}: the rule gives {rule}, {mode} {derivative}"
                    );
                }
                if op.is_analytic() {
                    let step = complex_step(op, x, k);
                    assert!(
                        close(rule, step, 1e-12),
                        "{place}: the rule gives {rule}, the complex step {step}"
                    );
                }
                if op.differentiable(k) {
                    let difference = partial_difference(|x| op.value(x), x, k);
                    assert!(
                        close(rule, difference, 1e-9),
                        "{place}: the rule gives {rule}, differences {difference}"
                    );
                } else {
                    assert_eq!(rule, 0.0, "{place}: no rule, so no slope");
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
        (Op::Polygamma, 0) => whole(&[0.0, 1.0, 2.0, 3.0, 60.0, 167.0]),
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

#[test]
fn values_have_the_same_bits_everywhere() {
    for &op in Op::ALL {
        let mut recorded: Option<(Vec<f64>, Function, Function)> = None;
        for x in special_operands(op) {
            let constants: Vec<f64> =
                (0..x.len()).map(|k| if is_constant_operand(op, k) { x[k] } else { 0.0 }).collect();
            if recorded.as_ref().is_none_or(|(known, ..)| *known != constants) {
                let f = record_op(op, &x);
                recorded = Some((constants, f.clone(), f.simplify()));
            }
            let (_, f, simple) = recorded.as_ref().unwrap();
            let duals: Vec<_> = x.iter().map(|&x| Dual { value: x, tangent: 1.0 }).collect();
            let value = op.value(&x);
            for (how, other) in [
                ("the recorded function", f.eval(&x).unwrap()[0]),
                ("the simplified function", simple.eval(&x).unwrap()[0]),
                ("its dual", Dual::apply(op, &duals).value),
            ] {
                assert!(
                    same_bits(value, other),
                    "`{}` at {x:?}: the value is {value:?}, {how} gives {other:?}",
                    op.name()
                );
            }
        }
    }
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
        Op::Select if x[0].is_nan() => !x[1].is_nan(),
        Op::Select => !if x[0] == 0.0 { x[2] } else { x[1] }.is_nan(),
        Op::StrongProduct => x[0] == 0.0,
        Op::StrongBoth => x[0] == 0.0 || x[1] == 0.0,
        _ => false,
    }
}

#[test]
fn nan_goes_through() {
    for &op in Op::ALL {
        for x in special_operands(op).into_iter().filter(|x| x.iter().any(|x| x.is_nan())) {
            let value = op.value(&x);
            assert!(
                value.is_nan() || forgives_nan(op, &x),
                "`{}` at {x:?} gives {value}, though an operand is NaN",
                op.name()
            );
        }
    }
}

/// At zeros, infinities and NaN the modes still agree, and nothing panics; second derivatives at least don't panic.
#[test]
fn modes_agree_at_special_operands() {
    let mut parted = Vec::new();
    for &op in Op::ALL {
        for x in special_operands(op) {
            let f = record_op(op, &x);
            let z = op.value(&x);
            for k in (0..x.len()).filter(|&k| !is_constant_operand(op, k)) {
                let rule = op.partial(k, &x, z);
                for (mode, derivative) in modes(&f, &x, k) {
                    if !same_number(rule, derivative) {
                        parted.push(format!(
                            "`{}` by operand {k} at {x:?}: the rule gives {rule}, {mode} {derivative}",
                            op.name()
                        ));
                    }
                }
            }
        }
    }
    assert!(parted.is_empty(), "{} disagreements:\n{}", parted.len(), parted.join("\n"));
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
