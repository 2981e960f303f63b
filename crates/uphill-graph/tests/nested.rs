//! Third derivatives: gradients of gradients of gradients, duals of duals of duals, and what mathematics says.
//!
//! The closed forms are written from textbooks, in plain `f64` code with the standard library's functions; only the
//! polygamma functions, erfcx, ln Φ and Γ have none there and are taken from the table (their values are checked
//! elsewhere).

mod common;

use common::{Report, by_duals, by_gradients, close, record_op};
use uphill_graph::{Arity, Function, Op, Scalar, Var};

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

/// The third derivative of a unary operation at `x`; `None` if the operation has no smooth one to speak of.
fn third(op: Op, x: f64) -> Option<f64> {
    let polygamma = |n: f64| Op::Polygamma.value(&[n, x]);
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    let inside = 1.0 - x * x;
    Some(match op {
        Op::Neg | Op::Square | Op::OneMinusSquare | Op::Abs | Op::Relu | Op::Sign => 0.0,
        Op::Floor | Op::Ceil | Op::Round => 0.0,
        Op::Recip => -6.0 / x.powi(4),
        Op::Sqrt => 0.375 * x.powf(-2.5),
        Op::Cbrt => 10.0 / 27.0 * x.abs().powf(-8.0 / 3.0),
        Op::Exp | Op::Expm1 => x.exp(),
        Op::Exp2 => std::f64::consts::LN_2.powi(3) * x.exp2(),
        Op::Ln => 2.0 / x.powi(3),
        Op::Log2 => 2.0 / x.powi(3) * std::f64::consts::LOG2_E,
        Op::Log10 => 2.0 / x.powi(3) * std::f64::consts::LOG10_E,
        Op::Log1p => 2.0 / (1.0 + x).powi(3),
        Op::Sin => -x.cos(),
        Op::Cos => x.sin(),
        Op::Tan => {
            let slope = 1.0 + x.tan().powi(2);
            2.0 * slope * slope + 4.0 * x.tan().powi(2) * slope
        }
        Op::Asin => (1.0 + 2.0 * x * x) / inside.powf(2.5),
        Op::Acos => -(1.0 + 2.0 * x * x) / inside.powf(2.5),
        Op::Atan => (6.0 * x * x - 2.0) / (1.0 + x * x).powi(3),
        Op::Sinh => x.cosh(),
        Op::Cosh => x.sinh(),
        Op::Tanh => {
            let square = x.tanh().powi(2);
            (1.0 - square) * (6.0 * square - 2.0)
        }
        Op::Asinh => (2.0 * x * x - 1.0) / (1.0 + x * x).powf(2.5),
        Op::Acosh => (2.0 * x * x + 1.0) / (x * x - 1.0).powf(2.5),
        Op::Atanh => (2.0 + 6.0 * x * x) / inside.powi(3),
        Op::Sigmoid => sigmoid * (1.0 - sigmoid) * (1.0 - 6.0 * sigmoid + 6.0 * sigmoid * sigmoid),
        Op::Softplus => sigmoid * (1.0 - sigmoid) * (1.0 - 2.0 * sigmoid),
        Op::Erf => (4.0 * x * x - 2.0) * std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp(),
        Op::Erfc => -(4.0 * x * x - 2.0) * std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp(),
        Op::Erfcx => {
            let value = Op::Erfcx.value(&[x]);
            let first = 2.0 * x * value - std::f64::consts::FRAC_2_SQRT_PI;
            4.0 * first + 2.0 * x * (2.0 * value + 2.0 * x * first)
        }
        Op::LogNdtr => {
            let first = (-0.5 * x * x - Op::LogNdtr.value(&[x])).exp()
                / (2.0 * std::f64::consts::PI).sqrt();
            let second = -first * (x + first);
            -second * (x + first) - first * (1.0 + second)
        }
        Op::Gamma => {
            let (psi, psi_1, psi_2) = (polygamma(0.0), polygamma(1.0), polygamma(2.0));
            Op::Gamma.value(&[x]) * (psi.powi(3) + 3.0 * psi * psi_1 + psi_2)
        }
        Op::Softsign => 6.0 / (1.0 + x.abs()).powi(4),
        Op::LnGamma => polygamma(2.0),
        Op::Digamma => polygamma(3.0),
        Op::Trigamma => polygamma(4.0),
        _ => return None,
    })
}

#[test]
fn third_derivatives_of_every_unary_operation() {
    let mut report = Report::default();
    for &op in Op::ALL.iter().filter(|op| op.arity() == Arity::Exactly(1)) {
        for x in op.samples() {
            let expected = third(op, x[0]);
            let f = record_op(op, &x);
            let reverse = by_gradients(&f, &x, &[0, 0, 0]);
            let forward = by_duals(&f, &x, &[0, 0, 0]);
            for (mode, found) in [("gradients", reverse), ("nested duals", forward)] {
                report.check(expected.is_some_and(|e| close(e, found, 1e-11)), || {
                    let name = op.name();
                    format!("`{name}` at {x:?}, third order, {mode}: expected {expected:?}, got {found:?}")
                });
            }
        }
    }
}

#[test]
fn third_derivatives_of_compositions() {
    type Third = fn(f64) -> f64;
    let rows: [(&str, Code, Third); 8] = [
        (
            "sin x²",
            |x| x[0].square().sin(),
            |x| -12.0 * x * (x * x).sin() - 8.0 * x.powi(3) * (x * x).cos(),
        ),
        ("e^(-x²)", |x| (-x[0] * x[0]).exp(), |x| (12.0 * x - 8.0 * x.powi(3)) * (-x * x).exp()),
        (
            "x^x",
            |x| x[0].pow(x[0]),
            |x| {
                let slope = 1.0 + x.ln();
                x.powf(x) * (slope.powi(3) + 3.0 * slope / x - 1.0 / (x * x))
            },
        ),
        ("x sin x", |x| x[0] * x[0].sin(), |x| -3.0 * x.sin() - x * x.cos()),
        (
            "1/(1 + x²)",
            |x| 1.0 / (1.0 + x[0].powi(2)),
            |x| 24.0 * x * (1.0 - x * x) / (1.0 + x * x).powi(4),
        ),
        ("x^5", |x| x[0].powi(5), |x| 60.0 * x * x),
        ("x·x·x·x", |x| Var::apply(Op::Product, &[x[0]; 4]), |x| 24.0 * x),
        (
            "ln(e^x + e^2x)",
            |x| Var::log_sum_exp(&[x[0], 2.0 * x[0]]),
            |x| {
                let s = 1.0 / (1.0 + (-x).exp());
                s * (1.0 - s) * (1.0 - 2.0 * s)
            },
        ),
    ];
    let mut report = Report::default();
    for (name, code, third) in rows {
        let f = Function::record(["x"], code).unwrap();
        for x in [0.3, 0.75, 1.25] {
            let expected = third(x);
            for (mode, found) in [
                ("gradients", by_gradients(&f, &[x], &[0, 0, 0])),
                ("nested duals", by_duals(&f, &[x], &[0, 0, 0])),
                ("gradient of the simplified", by_gradients(&f.simplify(), &[x], &[0, 0, 0])),
            ] {
                report.check(close(expected, found, 1e-11), || {
                    format!(
                        "{name} at {x}, third order, {mode}: expected {expected:?}, got {found:?}"
                    )
                });
            }
        }
    }
}

/// All mixed third derivatives, in every order of the axes: one number, and mathematics'.
#[test]
fn mixed_third_derivatives() {
    type Third = fn(f64, f64, usize) -> f64;
    // The third derivative with `n` of the three axes being y.
    let rows: [(&str, Code, Third); 4] = [
        (
            "x²y³",
            |x| x[0].square() * x[1].powi(3),
            |x, y, n| [0.0, 6.0 * y * y, 12.0 * x * y, 6.0 * x * x][n],
        ),
        (
            "e^(xy)",
            |x| (x[0] * x[1]).exp(),
            |x, y, n| {
                let z = (x * y).exp();
                [y.powi(3) * z, (2.0 * y + x * y * y) * z, (2.0 * x + y * x * x) * z, x.powi(3) * z]
                    [n]
            },
        ),
        (
            "sin x · ln y",
            |x| x[0].sin() * x[1].ln(),
            |x, y, n| {
                [-x.cos() * y.ln(), -x.sin() / y, -x.cos() / (y * y), x.sin() * 2.0 / y.powi(3)][n]
            },
        ),
        ("x/y", |x| x[0] / x[1], |x, y, n| [0.0, 0.0, 2.0 / y.powi(3), -6.0 * x / y.powi(4)][n]),
    ];
    let mut report = Report::default();
    for (name, code, third) in rows {
        let f = Function::record(["x", "y"], code).unwrap();
        let jacobian = f.hessian().unwrap().jacobian().unwrap();
        for at in [[0.5, 1.5], [-1.25, 0.75]] {
            let tensor = jacobian.eval(&at).unwrap();
            for (index, &of_hessian) in tensor.iter().enumerate() {
                let axes = [index >> 2 & 1, index >> 1 & 1, index & 1];
                let expected = third(at[0], at[1], axes.iter().sum());
                for (mode, found) in [
                    ("gradients", by_gradients(&f, &at, &axes)),
                    ("nested duals", by_duals(&f, &at, &axes)),
                    ("the Jacobian of the Hessian", of_hessian),
                ] {
                    report.check(close(expected, found, 1e-11), || {
                        format!("{name} at {at:?}, axes {axes:?}, {mode}: expected {expected:?}, got {found:?}")
                    });
                }
            }
        }
    }
}

/// User code on nested duals directly, not by way of a graph.
#[test]
fn code_runs_on_nested_duals_without_a_graph() {
    fn p<S: Scalar>(x: S) -> S {
        (0.5 * x).sin() * x + (x * x + 1.0).ln()
    }
    let f = Function::record(["x"], |x| p(x[0])).unwrap();
    let x = uphill_graph::Dual::new(
        uphill_graph::Dual::variable(0.7),
        uphill_graph::Dual::constant(1.0),
    );
    assert_eq!(p(x).tangent.tangent, by_duals(&f, &[0.7], &[0, 0]));
}
