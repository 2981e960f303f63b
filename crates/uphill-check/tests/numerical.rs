//! The numerical oracle against derivatives known on paper, at points where differences are hard.
//!
//! Two things are asked of every estimate: that it is near the truth, and that its own error estimate is honest.

use uphill_check::numerical::{self, Error, Estimate, Many, Method, Oracle};
use uphill_graph::{Function, Inputs, Op, Scalar, Var};

type Code = fn(f64) -> f64;

/// Name, function, derivative, point, and the relative error that an estimate may have.
const HARD: &[(&str, Code, Code, f64, f64)] = &[
    ("sine", f64::sin, f64::cos, 1.0, 1e-11),
    ("sine far out", f64::sin, f64::cos, 1e8, 1e-7),
    ("sin(1/x)", |x| (1.0 / x).sin(), |x| -(1.0 / x).cos() / (x * x), 0.01, 1e-8),
    ("sin(1/x) nearer", |x| (1.0 / x).sin(), |x| -(1.0 / x).cos() / (x * x), 1e-3, 1e-8),
    ("exp at the overflow", f64::exp, f64::exp, 709.7, 1e-9),
    ("exp at the underflow", f64::exp, f64::exp, -700.0, 1e-9),
    ("steep", |x| (1e8 * x).exp(), |x| 1e8 * (1e8 * x).exp(), 1e-8, 1e-9),
    ("steep and far", |x| 1e8 * x * x, |x| 2e8 * x, 3.0, 1e-11),
    ("tiny input", |x| x * x, |x| 2.0 * x, 1e-8, 1e-6),
    ("tiny input, steep", |x| (x * 1e8).sin(), |x| 1e8 * (x * 1e8).cos(), 1e-8, 1e-10),
    ("cancellation at 0", |x| (1.0 - x.cos()) / 0.5, |x| 2.0 * x.sin(), 1e-3, 1e-9),
    ("cancellation of a large number", |x| (1e8 + x) - 1e8, |_| 1.0, 0.5, 1e-6),
    ("near the end of the domain", f64::ln, |x| 1.0 / x, 1e-6, 1e-9),
    ("near the pole", |x| 1.0 / x, |x| -1.0 / (x * x), 1e-4, 1e-9),
    (
        "a narrow bell",
        |x| (-(x - 1000.0).powi(2)).exp(),
        |x| -2.0 * (x - 1000.0) * (-(x - 1000.0).powi(2)).exp(),
        1000.1,
        1e-9,
    ),
    (
        "a period in the step",
        |x| (std::f64::consts::TAU * x).sin(),
        |_| std::f64::consts::TAU,
        0.0,
        1e-9,
    ),
    ("square of a large number", |x| x * x, |x| 2.0 * x, 1e150, 1e-11),
    ("small beside a large number", |x| 1e6 + x.sin(), f64::cos, 1.0, 1e-7),
    ("a rounded corner", |x| (x * x + 1e-12).sqrt(), |x| x / (x * x + 1e-12).sqrt(), 1e-7, 1e-7),
    ("beside a kink", f64::abs, f64::signum, 1e-9, 1e-9),
    ("beside a kink, on a hill", |x| 1.0 + x.abs(), f64::signum, 1e-4, 1e-7),
    ("a smooth join", |x| x * x.abs(), |x| 2.0 * x.abs(), 0.0, 1e-9),
    ("constant", |_| 3.0, |_| 0.0, 1.0, 1e-12),
    ("stationary", f64::cos, |x| -x.sin(), 0.0, 1e-12),
];

fn honest(name: &str, estimate: &Estimate, truth: f64, allowed: f64) {
    let miss = (estimate.value - truth).abs();
    assert!(estimate.kink.is_none(), "{name}: {estimate:?}");
    assert!(miss <= allowed * truth.abs().max(1e-8), "{name}: {estimate:?}, the truth is {truth}");
    assert!(miss <= 10.0 * estimate.error, "{name}: {estimate:?} is sure of itself, but {truth}");
}

#[test]
fn hard_points_are_hit_and_the_error_estimate_is_honest() {
    for &(name, code, slope, at, allowed) in HARD {
        let estimates = numerical::gradient(&|x: &[f64]| code(x[0]), &[at]).unwrap();
        honest(name, &estimates[0], slope(at), allowed);
    }
}

#[test]
fn the_answer_does_not_depend_on_the_first_step() {
    for &(name, code, slope, at, allowed) in HARD {
        for first in [0.011, 0.1, 0.37, 1.0, 3.3] {
            let oracle = Oracle::new().first_step(first);
            let estimates = oracle.gradient(&|x: &[f64]| code(x[0]), &[at]).unwrap();
            honest(&format!("{name}, from {first}"), &estimates[0], slope(at), 10.0 * allowed);
        }
    }
}

#[test]
fn recorded_functions_get_the_last_digits_from_the_complex_step() {
    let f = record(["x", "y"], |v| (v[0] * v[1]).sin() * v[0].exp() + v[1].ln());
    let (x, y) = (0.7_f64, 1.3_f64);
    let truth = [
        y * (x * y).cos() * x.exp() + (x * y).sin() * x.exp(),
        x * (x * y).cos() * x.exp() + 1.0 / y,
    ];
    for (estimate, truth) in numerical::gradient(&f, &[x, y]).unwrap().iter().zip(truth) {
        assert_eq!(estimate.method, Method::ComplexStep);
        honest("automatic", estimate, truth, 4e-15);
    }
    let oracle = Oracle::new().method(Method::Differences);
    for (estimate, truth) in oracle.gradient(&f, &[x, y]).unwrap().iter().zip(truth) {
        assert_eq!(estimate.method, Method::Differences);
        honest("differences", estimate, truth, 1e-10);
    }
}

#[test]
fn every_operation_on_complex_numbers_agrees_with_differences() {
    let complex = Oracle::new().method(Method::ComplexStep);
    let differences = Oracle::new().method(Method::Differences);
    for &op in Op::ALL {
        for at in op.samples() {
            for k in (0..at.len()).filter(|&k| op.differentiable(k)) {
                let f = record(["x"], |v| {
                    let mut x: Vec<Var<'_>> = at.iter().map(|&x| Var::constant(x)).collect();
                    x[k] = v[0];
                    Var::apply(op, &x)
                });
                let expected = &differences.gradient(&f, &[at[k]]).unwrap()[0];
                match complex.gradient(&f, &[at[k]]) {
                    Ok(list) => {
                        let apart = (list[0].value - expected.value).abs();
                        let allowed = 10.0 * (expected.error + list[0].error);
                        assert!(apart <= allowed, "{op:?} {k} {at:?}: {list:?} {expected:?}");
                    }
                    Err(Error::NoComplexStep { why }) => assert!(why.contains(op.name()), "{why}"),
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
}

#[test]
fn operations_without_complex_numbers_are_named() {
    let f = record(["x"], |v| v[0].erf());
    let error = Oracle::new().method(Method::ComplexStep).gradient(&f, &[0.5]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the complex step can't be taken: `erf` is not exact on complex numbers; use differences"
    );
    let slope = &numerical::gradient(&f, &[0.5]).unwrap()[0];
    honest("erf", slope, std::f64::consts::FRAC_2_SQRT_PI * (-0.25_f64).exp(), 1e-10);
}

#[test]
fn jacobians_hessians_and_directions() {
    let polar = Many(|x: &[f64]| vec![x[0].hypot(x[1]), x[1].atan2(x[0])]);
    let jacobian = numerical::jacobian(&polar, &[3.0, 4.0]).unwrap();
    let truth = [[0.6, 0.8], [-0.16, 0.12]];
    for (row, truth) in jacobian.iter().zip(truth) {
        for (estimate, truth) in row.iter().zip(truth) {
            honest("polar", estimate, truth, 1e-10);
        }
    }
    let f = |x: &[f64]| x[0] * x[0] * x[1] + (x[1] * x[2]).sin();
    let x = [2.0, 0.5, 3.0];
    let (s, c) = ((x[1] * x[2]).sin(), (x[1] * x[2]).cos());
    let truth = [
        [2.0 * x[1], 2.0 * x[0], 0.0],
        [2.0 * x[0], -x[2] * x[2] * s, c - x[1] * x[2] * s],
        [0.0, c - x[1] * x[2] * s, -x[1] * x[1] * s],
    ];
    let hessian = numerical::hessian(&f, &x).unwrap();
    for (row, truth) in hessian.iter().zip(truth) {
        for (estimate, truth) in row.iter().zip(truth) {
            let miss = (estimate.value - truth).abs();
            assert!(miss <= 10.0 * estimate.error && miss < 1e-9, "{estimate:?} {truth}");
        }
    }
    let gradient = numerical::gradient(&f, &x).unwrap();
    let direction = [0.3, -2.0, 1.0];
    let slope = &numerical::directional(&f, &x, &direction).unwrap()[0];
    let sum: f64 = gradient.iter().zip(direction).map(|(g, d)| g.value * d).sum();
    honest("direction", slope, sum, 1e-9);
}

#[test]
fn parameters_are_held_fixed() {
    let inputs = Inputs::new().variables("w", 2).parameter("x");
    let f = Function::record(inputs, |i| i[0] * i[2] + i[1].square()).unwrap();
    let gradient = numerical::gradient(&f, &[1.0, 2.0, 5.0]).unwrap();
    assert_eq!(gradient.len(), 2);
    honest("w[0]", &gradient[0], 5.0, 1e-12);
    honest("w[1]", &gradient[1], 4.0, 1e-12);
}

fn record(inputs: impl Into<Inputs>, code: impl for<'g> FnOnce(&[Var<'g>]) -> Var<'g>) -> Function {
    Function::record(inputs, code).expect("the test's function can be recorded")
}
