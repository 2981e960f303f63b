//! Checks in one line, end to end: many inputs, drawn points, every operation of the table, and what is said of misuse.

use uphill_check as check;
use uphill_check::numerical::{self, Estimate, Many, Oracle};
use uphill_check::{Error, Verdict};
use uphill_graph::{Function, Inputs, Op, Scalar, Var};

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

#[test]
fn closures_that_change_their_number_of_outputs_are_errors() {
    let fickle = Many(|x: &[f64]| if x[0] == 1.0 { vec![1.0, 2.0] } else { vec![1.0] });
    let error = numerical::jacobian(&fickle, &[1.0]).unwrap_err();
    assert_eq!(error.to_string(), "the outputs at a point close by: expected 2 numbers, got 1");
}

/// A hint at a cause is given where the cause is shown: a factor that is there at several ordinary points. And an oracle
/// of numbers has no factors to miss.
#[test]
fn a_factor_is_blamed_only_where_it_is_one() {
    let value = |x: &[f64]| x[0].exp() * x[1] + x[1].powi(3);
    let right = |x: &[f64]| vec![x[0].exp() * x[1], x[0].exp() + 3.0 * x[1] * x[1]];
    let ordinary = [vec![0.5, -1.0], vec![-0.25, 2.0], vec![1.5, 0.75]];
    let causes = [
        "a factor 2 is",
        "a minus is missing or",
        "a sign is wrong",
        "a constant factor",
        "is cut:",
    ];
    for factor in [2.0, 0.5, -1.0, -2.0, -0.5, 0.0, 3.0] {
        let times = |x: &[f64]| right(x).iter().map(|slope| factor * slope).collect::<Vec<f64>>();
        let has_cause = |points: &[Vec<f64>], wrong: &dyn Fn(&[f64]) -> Vec<f64>| {
            let report = check::gradient(&value).computed(wrong).points(points).report().unwrap();
            let told = report.advice().join("\n");
            assert!(!report.passed() && !told.is_empty(), "{factor}: {report}");
            assert!(!told.contains("expected derivative"), "the oracle is blamed: {told}");
            causes.iter().any(|cause| told.contains(cause))
        };
        assert!(has_cause(&ordinary, &times), "{factor}: it is a factor at each point");
        assert!(!has_cause(&ordinary[..1], &times), "{factor}: one point shows no factor");
        // A factor at some of the points alone is none of the program.
        let sometimes = |x: &[f64]| if x[0] > 1.0 { right(x) } else { times(x) };
        assert!(!has_cause(&ordinary, &sometimes), "{factor}: at one of three points all is well");
        // Rounding gives such ratios, far out.
        let far = [vec![0.5, 1e9], vec![0.25, 3e9]];
        assert!(!has_cause(&far, &times), "{factor}: numbers are far out");
    }
}
