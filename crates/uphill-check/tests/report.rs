//! What a report shows: tables and sentences as snapshots, and the numbers behind them.

use approx::{assert_abs_diff_eq, assert_relative_eq, assert_relative_ne, assert_ulps_eq};
use insta::assert_snapshot;
use uphill_check as check;
use uphill_check::numerical::{Method, Oracle};
use uphill_check::{Gradient, Report, Verdict};
use uphill_graph::{Function, Inputs, Scalar, Var};

fn record(inputs: impl Into<Inputs>, code: impl for<'g> FnOnce(&[Var<'g>]) -> Var<'g>) -> Function {
    Function::record(inputs, code).expect("the test's function can be recorded")
}

/// Differences alone: what they print has the same bits everywhere; elementary functions of complex numbers haven't.
fn differences() -> Oracle {
    Oracle::new().method(Method::Differences)
}

/// A report on numbers `w1`, `w2`, … given as (computed, expected).
fn compare(pairs: &[(f64, f64)]) -> Report {
    let name = |position: usize| format!("w{}", position + 1);
    let side = |pick: fn(&(f64, f64)) -> f64| -> Gradient {
        pairs.iter().enumerate().map(|(k, pair)| (name(k), pick(pair))).collect()
    };
    check::against(side(|pair| pair.0), side(|pair| pair.1)).report().unwrap()
}

#[test]
fn a_check_that_passes() {
    let p = record(["w1", "w2", "w3"], |w| {
        3.0 * (w[0] - 2.0 * w[1] + 5.0 * w[2]) - 7.0 * (2.0 * w[0] - w[1] - 6.0).sin()
    });
    let report = check::gradient(&p).oracle(differences()).at(&[1.0, 2.0, 3.0]).report().unwrap();
    assert_snapshot!(report);
}

#[test]
fn a_wrong_gradient() {
    let p = record(["w1", "w2", "w3"], |w| w[0].square() * w[1] + w[2].exp() * w[0]);
    let gradient = p.gradient().unwrap();
    let computed = |x: &[f64]| {
        let mut slopes = gradient.eval(x).unwrap();
        slopes[1] *= 0.5;
        slopes
    };
    let check = check::gradient(&p).oracle(differences()).computed(computed);
    let report = check.points([[1.0, 2.0, 0.5], [-0.3, 0.1, 1.5]]).report().unwrap();
    assert_snapshot!(report);
}

#[test]
fn kinks_in_the_table() {
    let p = record(["w1", "w2", "w3"], |w| w[0] * w[1] + w[2].abs() + w[0].max(w[1]));
    assert_snapshot!(check::gradient(&p).at(&[2.0, 2.0, 0.0]).report().unwrap());
    let jump = check::gradient(&|x: &[f64]| if x[0] > 1.0 { 2.0 } else { x[0] });
    assert_snapshot!(jump.computed(|_| vec![0.0]).at(&[1.0]).report().unwrap());
}

#[test]
fn no_slope_where_the_function_jumps_is_no_fault() {
    type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;
    // Name, code of x, a place where it jumps and one where it doesn't.
    let rows: [(&str, Code, f64, f64); 5] = [
        ("floor", |x| x[0].floor(), 1.0, 1.5),
        ("ceil", |x| x[0].ceil() * 3.0, -2.0, 0.5),
        ("round", |x| -x[0].round(), 0.5, 1.0),
        ("modulo", |x| x[0].modulo(Var::constant(2.0)), 4.0, 1.0),
        ("choice", |x| x[0].floor() + x[0].square(), 3.0, 3.25),
    ];
    for (name, code, jump, smooth) in rows {
        let p = record(["x"], code);
        let report = |x: f64| check::gradient(&p).at(&[x]).report().unwrap();
        let [there, elsewhere] = [report(jump), report(smooth)];
        let entry = &there.entries[0];
        assert!(entry.computed.is_nan() && there.passed(), "{name} at {jump}:\n{there}");
        assert!(matches!(entry.verdict, Verdict::Kink { .. }), "{name} at {jump}:\n{there}");
        assert!(elsewhere.entries[0].computed.is_finite() && elsewhere.passed(), "{elsewhere}");
        // NaN where there is a slope stays a fault.
        let wrong =
            check::gradient(&p).computed(|_| vec![f64::NAN]).at(&[smooth]).report().unwrap();
        assert!(!wrong.passed(), "{name} at {smooth}:\n{wrong}");
    }
}

#[test]
fn long_tables_are_cut() {
    let p = record(Inputs::new().variables("w", 104), |w| {
        let squares: Vec<Var<'_>> = w.iter().map(|w| w.square()).collect();
        Var::total(&squares)
    });
    let x: Vec<f64> = (0..104).map(|k| f64::from(k) - 50.0).collect();
    let computed = |x: &[f64]| {
        let mut slopes: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
        slopes[17] += 1.0;
        slopes[90] = f64::NAN;
        slopes
    };
    let report = check::gradient(&p).computed(computed).at(&x).report().unwrap();
    assert_snapshot!(report);
    assert_eq!(format!("{report:#}").lines().count(), 106 + report.advice().len());
}

#[test]
fn a_jacobian_with_one_wrong_row() {
    let f = Function::record_many(["x", "y"], |v| {
        vec![v[0].hypot(v[1]).named("r"), v[1].atan2(v[0]).named("phi")]
    });
    let f = f.unwrap();
    let jacobian = f.jacobian().unwrap();
    let computed = |x: &[f64]| {
        let mut entries = jacobian.eval(x).unwrap();
        entries[2] *= -3.0;
        entries[3] += 0.125;
        entries
    };
    let report = check::jacobian(&f)
        .oracle(differences())
        .computed(computed)
        .at(&[3.0, 4.0])
        .report()
        .unwrap();
    assert_snapshot!(report);
}

#[test]
fn patterns_are_put_in_words() {
    let advice = |pairs: &[(f64, f64)]| compare(pairs).advice().join("\n");
    let numbers = [1.0, -2.5, 0.75];
    let times = |factor: f64| numbers.map(|number| (factor * number, number));
    let cases = [
        ("twice", times(2.0).to_vec()),
        ("half", times(0.5).to_vec()),
        ("minus", times(-1.0).to_vec()),
        ("minus twice", times(-2.0).to_vec()),
        ("nothing", times(0.0).to_vec()),
        ("a tenth", times(0.1).to_vec()),
        ("two of three", vec![(2.0, 1.0), (5.0, 2.5), (3.0, 3.0)]),
        ("one", vec![(-1.0, 1.0), (5.0, 5.0), (0.0, 0.0)]),
        ("swapped", vec![(2.0, 1.0), (1.0, 2.0), (3.0, 3.0)]),
        ("no pattern", vec![(2.0, 1.0), (7.0, 2.0), (3.0, 3.0)]),
        ("not finite", vec![(f64::NAN, 1.0), (2.0, 2.0)]),
        ("zeros beside a factor", vec![(2.0, 1.0), (0.0, 0.0), (6.0, 3.0)]),
    ];
    let text = cases.map(|(name, pairs)| format!("{name}:\n{}", advice(&pairs)));
    assert_snapshot!(text.join("\n\n"));
}

#[test]
fn entries_hold_the_numbers() {
    let report =
        compare(&[(1.0, 1.0), (2.0 + 4e-16, 2.0), (3.0, 4.0), (f64::INFINITY, f64::INFINITY)]);
    let worst = report.worst().unwrap();
    assert_eq!((worst.name.as_str(), worst.verdict), ("w3", Verdict::Disagrees));
    assert_eq!((worst.absolute, worst.relative), (1.0, 0.25));
    let second = report.entry("w2").unwrap();
    assert_eq!((second.verdict, second.ulps), (Verdict::Agrees, Some(1)));
    let infinite = report.entry("w4").unwrap();
    assert_eq!((infinite.verdict, infinite.ulps, infinite.absolute), (Verdict::Agrees, None, 0.0));
    assert!(report.entry("w5").is_none());
}

#[test]
fn reports_are_plain_data() {
    let report = compare(&[(f64::NAN, 1.0), (f64::NEG_INFINITY, 2.0), (0.1, 0.1)]);
    let text = serde_json::to_string(&report).unwrap();
    let back: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert_eq!(back.to_string(), report.to_string());
    let kink = check::gradient(&record(["x"], |v| v[0].abs())).at(&[0.0]).report().unwrap();
    let back: Report = serde_json::from_str(&serde_json::to_string(&kink).unwrap()).unwrap();
    assert_eq!(back, kink);
}

#[test]
fn results_and_panics_carry_the_table() {
    let good = compare(&[(1.0, 1.0)]);
    good.assert();
    assert!(good.result().is_ok());
    let bad = compare(&[(1.0, 3.0)]);
    let text = bad.to_string();
    let panic = std::panic::catch_unwind(|| bad.assert()).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&text));
    let failed = bad.clone().result().unwrap_err();
    assert_eq!((failed.to_string(), *failed.0), (text, bad));
}

#[test]
fn names_are_matched_and_not_positions() {
    let report = check::against([("a", 1.0), ("b", 2.0)], [("b", 2.0), ("a", 1.0)]).report();
    assert!(report.unwrap().passed());
    let text = |computed: &[(&str, f64)], expected: &[(&str, f64)]| {
        check::against(computed.to_vec(), expected.to_vec()).report().unwrap_err().to_string()
    };
    let start = "the two sides don't have the same names: ";
    let missing = text(&[("a", 1.0)], &[("a", 1.0), ("b", 2.0)]);
    assert_eq!(missing, format!("{start}`b` is expected and not computed"));
    let extra = text(&[("a", 1.0), ("b", 2.0)], &[("a", 1.0)]);
    assert_eq!(extra, format!("{start}`b` is computed and not expected"));
    let twice = text(&[("a", 1.0), ("a", 2.0)], &[("a", 1.0)]);
    assert_eq!(twice, format!("{start}`a` comes twice on one side"));
}

#[test]
fn tolerances() {
    let compare = || check::against([("a", 1e6), ("b", 1.0 + 1e-9)], [("a", 1e6), ("b", 1.0)]);
    assert!(!compare().report().unwrap().passed());
    assert!(compare().tolerance(1e-8).report().unwrap().passed());
    assert!(compare().absolute_tolerance(1e-8).report().unwrap().passed());
    assert!(compare().of_largest().report().unwrap().passed());
    assert!(compare().tolerance(-1.0).report().is_err());
    let titled = compare().title("autodiff against closed form").report().unwrap();
    assert!(titled.to_string().starts_with("FAIL: autodiff against closed form: 1 disagrees"));
}

#[test]
fn nothing_to_compare_passes() {
    let none: [(&str, f64); 0] = [];
    let report = check::against(none, none).report().unwrap();
    assert_snapshot!(report, @"pass: computed against expected: nothing to compare (relative tolerance 1e-12)");
    assert!(report.passed() && report.worst().is_none());
}

#[test]
fn gradients_in_approx_assertions() {
    let p = record(["x", "y"], |v| v[0] * v[1]);
    let computed = Gradient::of(&p, &[2.0, 3.0]).unwrap();
    let expected = Gradient::new(["x", "y"], [3.0, 2.0]).unwrap();
    assert_relative_eq!(computed, expected, epsilon = 1e-12);
    assert_abs_diff_eq!(computed, expected);
    assert_ulps_eq!(computed, expected, max_ulps = 1);
    let nearby = Gradient::from([("x", 3.0 + 1e-9), ("y", 2.0)]);
    assert_relative_eq!(computed, nearby, max_relative = 1e-8);
    assert_relative_ne!(computed, nearby, max_relative = 1e-10);
    let renamed = Gradient::from([("x", 3.0), ("z", 2.0)]);
    assert_relative_ne!(computed, renamed, epsilon = 1.0);
    assert_relative_ne!(computed, Gradient::default(), epsilon = 1.0);
}

#[test]
fn gradients_are_named_numbers() {
    let inputs = Inputs::new().variables("w", 2).parameter("x");
    let p = Function::record(inputs, |i| i[0] * i[2] + i[1]).unwrap();
    let gradient = Gradient::of(&p, &[5.0, 6.0, 2.0]).unwrap();
    assert_eq!(gradient.names(), ["w[0]", "w[1]"]);
    assert_eq!(gradient.values(), [2.0, 1.0]);
    assert_eq!((gradient.get("w[1]"), gradient.get("x")), (Some(1.0), None));
    assert_eq!((gradient.len(), gradient.is_empty()), (2, false));
    let short = Gradient::new(["a", "b"], [1.0]).unwrap_err();
    assert_eq!(short.to_string(), "a gradient: expected 2 numbers, got 1");
    let twice = Gradient::new(["a", "a"], [1.0, 2.0]).unwrap_err();
    assert!(twice.to_string().contains("`a` comes twice"));
    let text = serde_json::to_string(&gradient).unwrap();
    assert_eq!(serde_json::from_str::<Gradient>(&text).unwrap(), gradient);
}

/// A report may come from a file that says anything.
#[test]
fn places_that_no_matrix_has_are_told() {
    let report = compare(&[(1.0, 2.0), (3.0, 4.0)]);
    for (row, column, point) in [
        (usize::MAX, 0, 0),
        (usize::MAX / 2, 1, 1),
        (0, usize::MAX, usize::MAX),
        (1, 1, usize::MAX),
    ] {
        let mut json = serde_json::to_value(&report).unwrap();
        json["points"] = serde_json::json!([[0.5, 1.5], [2.5, 3.5]]);
        let entry = &mut json["entries"][0];
        (entry["row"], entry["column"], entry["point"]) = (row.into(), column.into(), point.into());
        let read: Report = serde_json::from_value(json).unwrap();
        assert!(read.to_string().contains("disagree"), "{row}, {column}, {point}: {read}");
    }
}
