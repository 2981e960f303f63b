//! Points without one derivative: two slopes, jumps, noise, the ends of a domain. Each is told from the others and from
//! a wrong derivative, and a point beside a kink is no kink.

use uphill_check as check;
use uphill_check::Verdict;
use uphill_check::numerical;
use uphill_graph::{Function, Inputs, Scalar, Var};

type Code = fn(f64) -> f64;

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
        let miss = (estimate.value - (at.signum() + at.cos())).abs();
        assert!(estimate.kink.is_none() && miss <= 10.0 * estimate.error, "{at}: {estimate:?}");
        assert!(miss <= 1e-9, "{at}: {estimate:?}");
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
    // Values around 1e12 are rounded to a ten-thousandth: too coarse for a slope of a thousandth.
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

fn record(inputs: impl Into<Inputs>, code: impl for<'g> FnOnce(&[Var<'g>]) -> Var<'g>) -> Function {
    Function::record(inputs, code).expect("the test's function can be recorded")
}
