//! The numerical oracle against derivatives known on paper, at points where differences are hard; and at kinks.
//!
//! Two things are asked of every estimate: that it is near the truth, and that its own error estimate is honest.

use uphill_check as check;
use uphill_check::numerical::{self, Estimate, Many, Method, Oracle};
use uphill_check::{Error, Verdict};
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

#[test]
fn kinks_of_closures_are_found_from_both_sides() {
    let kinks: [(&str, Code, f64, [f64; 2]); 6] = [
        ("abs", f64::abs, 0.0, [-1.0, 1.0]),
        ("relu", |x| x.max(0.0), 0.0, [0.0, 1.0]),
        (
            "abs on a slope",
            |x| 3.0 * x + (x - 2.0).abs() + x.exp(),
            2.0,
            [2.0 + 2.0_f64.exp(), 4.0 + 2.0_f64.exp()],
        ),
        ("a steep roof", |x| 1e8 - 1e8 * x.abs(), 0.0, [1e8, -1e8]),
        ("a jump", |x| if x > 1.0 { 5.0 } else { 2.0 }, 1.0, [0.0, f64::INFINITY]),
        (
            "a sign",
            |x| if x == 0.0 { 0.0 } else { x.signum() },
            0.0,
            [f64::INFINITY, f64::INFINITY],
        ),
    ];
    for (name, code, at, sides) in kinks {
        let estimate = &numerical::gradient(&|x: &[f64]| code(x[0]), &[at]).unwrap()[0];
        let kink = estimate.kink.unwrap_or_else(|| panic!("{name}: {estimate:?}"));
        for (found, side) in [kink.left, kink.right].into_iter().zip(sides) {
            let near = (found - side).abs() <= 1e-6 * side.abs().max(1e-3);
            assert!(found == side || near, "{name}: {kink:?}");
        }
    }
}

#[test]
fn kinks_of_functions_are_named() {
    let cases: [(&str, Function, Vec<f64>, &str); 7] = [
        ("abs", record(["w3"], |v| v[0].abs()), vec![0.0], "abs(w3)"),
        ("relu", record(["x"], |v| (v[0] - 2.0).named("gap").relu() * 3.0), vec![2.0], "relu(gap)"),
        ("max tie", record(["x", "y"], |v| v[0].max(v[1])), vec![1.5, 1.5], "max(x, y)"),
        ("min tie", record(["x", "y"], |v| v[0].min(v[1] * 2.0)), vec![3.0, 1.5], "min(x, n3)"),
        (
            "clamp",
            record(["x"], |v| v[0].clamp(Var::from(-1.0), Var::from(1.0))),
            vec![1.0],
            "clamp(x, -1, 1)",
        ),
        (
            "select",
            record(["x"], |v| Var::select(v[0].greater(Var::from(1.0)), v[0] * 2.0, 3.0 - v[0])),
            vec![1.0],
            "greater(x, 1)",
        ),
        ("hypot", record(["x", "y"], |v| v[0].hypot(v[1])), vec![0.0, 0.0], "hypot(x, y)"),
    ];
    for (name, f, x, switch) in cases {
        let report = check::gradient(&f).at(&x).report().unwrap();
        assert!(report.passed(), "{name}: {report}");
        let worst = report.worst().unwrap();
        assert!(matches!(worst.verdict, Verdict::Kink { .. }), "{name}: {report}");
        assert_eq!(worst.switch.as_deref(), Some(switch), "{name}: {report}");
    }
}

#[test]
fn a_kink_close_by_is_stepped_around() {
    let f = record(["x"], |v| v[0].abs() + v[0].sin());
    for at in [1e-3, -1e-3, 1e-6, -1e-6, 1e-9, 1e-12] {
        check::gradient(&f).at(&[at]).assert();
        let estimate = &numerical::gradient(&f, &[at]).unwrap()[0];
        honest("beside", estimate, f64::signum(at) + at.cos(), 1e-7);
    }
}

#[test]
fn a_switch_between_equal_slopes_is_no_kink() {
    let f = record(["x"], |v| v[0] * v[0].abs());
    let report = check::gradient(&f).at(&[0.0]).report().unwrap();
    assert_eq!(report.worst().unwrap().verdict, Verdict::Agrees, "{report}");
    let f = record(["x"], |v| v[0].max(v[0]));
    let report = check::gradient(&f).at(&[0.7]).report().unwrap();
    assert_eq!(report.worst().unwrap().verdict, Verdict::Agrees, "{report}");
}

#[test]
fn conventions_at_kinks_that_do_not_add_up_are_explained() {
    // relu(x) - relu(-x) is x, with slope 1; the rules give 0 and 0.
    let f = record(["x"], |v| v[0].relu() - (-v[0]).relu());
    let report = check::gradient(&f).at(&[0.0]).report().unwrap();
    assert_eq!(report.worst().unwrap().verdict, Verdict::Disagrees);
    assert!(report.to_string().contains("relu(x) switches exactly here"), "{report}");
}

#[test]
fn a_wrong_slope_at_a_kink_is_no_kink() {
    let report = check::gradient(&|x: &[f64]| x[0].abs())
        .computed(|_| vec![2.0])
        .at(&[0.0])
        .report()
        .unwrap();
    assert_eq!(report.worst().unwrap().verdict, Verdict::Disagrees, "{report}");
}

#[test]
fn noise_is_unreliable_and_not_wrong() {
    // Rounding to a millionth drowns a slope of a hundred-thousandth of that.
    let report = check::gradient(&|x: &[f64]| 1e12 + 1e-3 * x[0].sin())
        .computed(|x| vec![1e-3 * x[0].cos()])
        .at(&[1.0])
        .report()
        .unwrap();
    let worst = report.worst().unwrap();
    assert_eq!(worst.verdict, Verdict::Unreliable, "{report}");
    assert!(!report.passed());
    assert!(report.to_string().contains("can't be judged"), "{report}");
}

#[test]
fn points_outside_the_domain_are_reported() {
    let f = record(["x"], |v| v[0].sqrt());
    for at in [0.0, -1.0] {
        let report = check::gradient(&f).at(&[at]).report().unwrap();
        assert_eq!(report.worst().unwrap().verdict, Verdict::NotFinite, "{report}");
        assert!(!report.passed());
    }
    let worst = numerical::gradient(&f, &[-1.0]).unwrap();
    assert!(worst[0].value.is_nan() && worst[0].error.is_infinite());
}

#[test]
fn errors_say_what_came_and_what_to_do() {
    let f = record(["x", "y"], |v| v[0] * v[1]);
    let text = |result: Result<Vec<Estimate>, Error>| result.unwrap_err().to_string();
    assert_eq!(
        text(numerical::gradient(&f, &[1.0, f64::NAN])),
        "input `y` is NaN: derivatives are taken at finite numbers"
    );
    assert_eq!(
        text(numerical::gradient(&|x: &[f64]| x[0], &[f64::INFINITY])),
        "input `x1` is inf: derivatives are taken at finite numbers"
    );
    assert_eq!(text(numerical::gradient(&f, &[1.0])), "the point: expected 2 numbers, got 1");
    let two = Many(|x: &[f64]| vec![x[0], x[0]]);
    assert_eq!(
        text(numerical::gradient(&two, &[1.0])),
        "a gradient needs a function with one output, this one has 2; take the Jacobian"
    );
    assert_eq!(
        text(numerical::directional(&f, &[1.0, 2.0], &[1.0])),
        "a direction: expected 2 numbers, got 1"
    );
    assert_eq!(
        text(numerical::directional(&f, &[1.0, 2.0], &[0.0, 0.0])),
        "the length of the direction is 0: it must be finite and more than 0"
    );
    assert_eq!(
        text(Oracle::new().first_step(0.0).gradient(&f, &[1.0, 2.0])),
        "the first step is 0: it must be finite and more than 0"
    );
}

#[test]
fn no_inputs_and_no_outputs_are_fine() {
    let constant = record(Inputs::new(), |_| Var::from(3.0));
    assert_eq!(numerical::gradient(&constant, &[]).unwrap(), []);
    let none = Function::record_many(["x"], |_| Vec::new()).unwrap();
    assert!(numerical::jacobian(&none, &[1.0]).unwrap().is_empty());
    check::gradient(&constant).at(&[]).assert();
    check::hessian(&constant).at(&[]).assert();
    check::jacobian(&none).at(&[1.0]).assert();
}

#[test]
fn many_inputs_are_checked_along_directions_and_the_culprit_is_found() {
    let f = record(Inputs::new().variables("w", 1000), |w| {
        let terms: Vec<Var<'_>> = w.windows(2).map(|w| (w[0] * w[1]).sin()).collect();
        Var::total(&terms)
    });
    let x: Vec<f64> = (0..1000).map(|i| f64::from(i % 17) * 0.1 - 0.8).collect();
    let report = check::gradient(&f).at(&x).report().unwrap();
    assert!(report.passed(), "{report}");
    assert_eq!(report.entries.len(), 16);

    let gradient = f.gradient().unwrap();
    let wrong = |x: &[f64]| {
        let mut slopes = gradient.eval(x).unwrap();
        slopes[617] = -slopes[617];
        slopes
    };
    let report = check::gradient(&f).computed(wrong).at(&x).report().unwrap();
    assert!(!report.passed());
    let culprit = report.entry("dP/dw[617]").expect("the culprit is reported");
    assert_eq!(culprit.verdict, Verdict::Disagrees, "{report}");
    assert!((culprit.computed + culprit.expected).abs() < 1e-6, "{report}");
}

#[test]
fn points_are_drawn_from_the_seed() {
    let f = record(["x", "y"], |v| (v[0] - v[1]).exp());
    let draw = |seed| check::gradient(&f).random_points(5, -1.0..3.0).seed(seed).report().unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1).points, draw(2).points);
    assert!(draw(3).points.iter().flatten().all(|x| (-1.0..3.0).contains(x)));
    assert_eq!(draw(1).points.len(), 5);
}

#[test]
fn checks_without_what_they_need_say_so() {
    let f = record(["x"], |v| v[0]);
    assert_eq!(check::gradient(&f).report().unwrap_err(), Error::NoPoints);
    let closure = |x: &[f64]| x[0];
    let missing = check::gradient(&closure).at(&[1.0]).report();
    assert_eq!(missing.unwrap_err(), Error::NothingComputed);
    let short = check::gradient(&closure).computed(|_| vec![]).at(&[1.0]).report();
    assert_eq!(
        short.unwrap_err().to_string(),
        "the computed derivative: expected 1 numbers, got 0"
    );
    let tolerance = check::gradient(&f).at(&[1.0]).tolerance(f64::NAN).report();
    assert_eq!(tolerance.unwrap_err().to_string(), "the tolerance is NaN: it must be 0 or more");
    let drawn = check::gradient(&closure)
        .inputs(["a"])
        .computed(|_| vec![1.0])
        .random_points(3, 0.0..1.0)
        .report();
    assert!(drawn.unwrap().passed());
}

/// Every built-in operation at its sample points, in a composition: no false alarms.
#[test]
fn every_operation_passes_its_check() {
    for &op in Op::ALL {
        for at in op.samples() {
            let free = |k: usize| op.differentiable(k);
            let names: Vec<String> =
                (0..at.len()).filter(|&k| free(k)).map(|k| format!("x{k}")).collect();
            let f = Function::record(names, |v| {
                let mut v = v.iter().copied();
                let x = at.iter().enumerate();
                let x: Vec<Var<'_>> =
                    x.map(|(k, &x)| if free(k) { v.next().unwrap() } else { x.into() }).collect();
                Var::apply(op, &x) * 0.5 + 1.0
            });
            let point: Vec<f64> = (0..at.len()).filter(|&k| free(k)).map(|k| at[k]).collect();
            let report = check::gradient(&f.unwrap()).at(&point).report().unwrap();
            assert!(report.passed(), "{op:?} at {at:?}: {report}");
        }
    }
}

fn record(inputs: impl Into<Inputs>, code: impl for<'g> FnOnce(&[Var<'g>]) -> Var<'g>) -> Function {
    Function::record(inputs, code).expect("the test's function can be recorded")
}
