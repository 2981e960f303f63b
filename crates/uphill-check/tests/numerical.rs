//! The numerical oracle against derivatives known on paper, at points where differences are hard; and at kinks.
//!
//! Two things are asked of every estimate: that it is near the truth, and that its own error estimate is honest.

use uphill_check as check;
use uphill_check::numerical::{self, Estimate, Many, Method, Oracle};
use uphill_check::{Error, Verdict};
use uphill_graph::{Function, Inputs, Scalar, Var};

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
    ("a narrow bell", |x| (-(x - 1000.0).powi(2)).exp(), |x| -2.0 * (x - 1000.0) * (-(x - 1000.0).powi(2)).exp(), 1000.1, 1e-9),
    ("a period in the step", |x| (std::f64::consts::TAU * x).sin(), |_| std::f64::consts::TAU, 0.0, 1e-9),
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
        if std::env::var("SHOW").is_ok() { let e=&estimates[0]; println!("{name}: v {:e} miss {:.1e} claimed {:.1e} step {:.1e} {:?}", e.value, e.value-slope(at), e.error, e.step, e.kink); continue; }
        honest(name, &estimates[0], slope(at), allowed);
    }
}

#[test]
fn the_answer_does_not_depend_on_the_first_step() {
    for &(name, code, slope, at, allowed) in HARD {
        for first in [0.011, 0.1, 0.37, 1.0, 3.3] {
            let oracle = Oracle::new().first_step(first);
            let estimates = oracle.gradient(&|x: &[f64]| code(x[0]), &[at]).unwrap();
        if std::env::var("SHOW").is_ok() { let e=&estimates[0]; println!("{name}: {first} v {:e} miss {:.1e} claimed {:.1e} step {:.1e} {:?}", e.value, e.value-slope(at), e.error, e.step, e.kink); continue; }
            honest(&format!("{name}, from {first}"), &estimates[0], slope(at), 10.0 * allowed);
        }
    }
}
