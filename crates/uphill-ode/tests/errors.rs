//! Bad input, and solutions that can't be followed: errors with a sentence, and never a panic.

use uphill_graph::{Function, Inputs, Scalar};
use uphill_ode::{Error, Integrator, Measured, Method, System, fixed};
use uphill_solve::{Columns, Objective};

fn decay() -> System {
    System::record(["y"], ["k"], |_t, y, k| vec![-k[0] * y[0]], fixed([1.0])).unwrap()
}

fn text<T>(result: Result<T, Error>) -> String {
    result.err().map_or("no error".into(), |error| error.to_string())
}

#[test]
fn systems_that_are_none_are_refused() {
    let k = || ["k"];
    let none = Inputs::new();
    let cases = [
        (
            text(System::record(none, k(), |_, _, _| vec![], |_| vec![])),
            "a system of differential equations has states; none are given",
        ),
        (
            text(System::record(["y", "z"], k(), |_, y, _| vec![y[0]], |k| vec![k[0], k[0]])),
            "the right-hand side gives one number a state: expected 2, got 1",
        ),
        (
            text(System::record(["y"], k(), |_, y, _| vec![y[0]], |k| vec![k[0], k[0]])),
            "the code for the start gives one number a state: expected 1, got 2",
        ),
        (
            text(System::record(["t"], k(), |_, y, _| vec![y[0]], |k| vec![k[0]])),
            "two inputs are named `t`",
        ),
        (
            text(System::record(["k"], k(), |_, y, _| vec![y[0]], |k| vec![k[0]])),
            "two inputs are named `k`",
        ),
        (
            text(decay().outputs(["a", "b"], |_, y, _| vec![y[0]])),
            "outputs: expected one result a name, but there are 2 names and 1 results",
        ),
        (
            text(decay().events([""; 0], |_, _, _| vec![])),
            "events: expected one result a name, but there are 0 names and 0 results",
        ),
        (
            text(System::new(
                ["y"],
                &Function::record(["y"], |v| v[0]).unwrap(),
                &Function::record(["y"], |v| v[0]).unwrap(),
            )),
            "the start is a function of parameters alone, but it reads `y`",
        ),
        (
            text(System::new(
                ["y"],
                &Function::record(Inputs::new().variable("y").variables("k", 2), |v| v[1]).unwrap(),
                &Function::record(["k"], |v| v[0]).unwrap(),
            )),
            "parameter `k` has 2 entries in the rates and one number at the start",
        ),
    ];
    for (got, expected) in cases {
        assert!(got.contains(expected), "{got}\nexpected: {expected}");
    }
}

#[test]
fn what_is_asked_for_is_checked() {
    let ask = |parameters: &[f64], times: &[f64]| {
        text(Integrator::new(&decay()).unwrap().states(parameters, times))
    };
    let set = |change: fn(Integrator) -> Integrator| {
        text(change(Integrator::new(&decay()).unwrap()).states(&[1.0], &[1.0]))
    };
    let slopes = |slopes: &[f64]| {
        let mut integrator = Integrator::new(&decay()).unwrap();
        text(integrator.gradient(&[1.0], &[1.0, 2.0], |_| Ok(slopes.to_vec())))
    };
    let nan = f64::NAN;
    let cases = [
        (ask(&[], &[1.0]), "parameters k: expected 1 numbers, got 0"),
        (ask(&[nan], &[1.0]), "parameter `k` is NaN: expected a finite number"),
        (ask(&[1.0], &[]), "a solution is looked at at some times; none are given"),
        (ask(&[1.0], &[1.0, nan]), "a time is NaN: expected finite numbers"),
        (ask(&[1.0], &[1.0, 1.0]), "times have to ascend, but 1 comes after 1"),
        (ask(&[1.0], &[-1.0, 1.0]), "expected none before the begin, which is 0"),
        (ask(&[1.0], &[0.0]), "and the last one behind it"),
        (set(|i| i.tolerances(0.0, [1e-6])), "a tolerance is a positive number, got 0"),
        (set(|i| i.tolerances(1e-6, [-1.0])), "a tolerance is a positive number, got -1"),
        (
            set(|i| i.tolerances(1e-6, [1.0, 1.0])),
            "expected one number, or one for each of 1 states, got 2",
        ),
        (set(|i| i.begin(f64::INFINITY)), "the begin: expected a finite time, got inf"),
        (set(|i| i.most_steps(3)), "no further: 3 steps are done; ask for fewer digits"),
        (slopes(&[1.0]), "expected 2 numbers, one an output for each time, got 1"),
        (slopes(&[1.0, nan]), "a slope of the performance is NaN"),
    ];
    for (got, expected) in cases {
        assert!(got.contains(expected), "{got}\nexpected: {expected}");
    }
}

#[test]
fn trouble_on_the_way_is_told_with_its_birth() {
    for method in [Method::Bdf, Method::TrBdf2, Method::Esdirk34, Method::Tsit45] {
        let cases = [
            // Falls to 0 with a slope of -1 and would go on below it.
            (
                System::record(
                    ["y"],
                    ["a"],
                    |_t, y, a| vec![-a[0] - y[0].ln() * 0.0],
                    fixed([1.0]),
                ),
                "`dy/dt` is NaN: born at",
            ),
            (
                System::record(
                    ["y"],
                    ["a"],
                    |_t, y, a| vec![-a[0] * (y[0] / y[0]).sqrt()],
                    |a| vec![a[0] - a[0]],
                ),
                "at t = 0: output `dy/dt` is NaN: born at",
            ),
            (
                System::record(["y"], ["a"], |_t, y, _| vec![-y[0]], |a| vec![(-a[0]).sqrt()]),
                "at t = 0: output `y at the start` is NaN: born at",
            ),
            // 1/(1 - t) has a pole at 1.
            (
                System::record(["y"], ["a"], |_t, y, a| vec![a[0] * y[0].square()], fixed([1.0])),
                "the solution was followed to t = | output `dy/dt` is inf: born at",
            ),
        ];
        for (system, expected) in cases {
            let system = system.unwrap();
            let mut integrator = Integrator::new(&system).unwrap().method(method).most_steps(2000);
            let all = [
                text(integrator.states(&[1.0], &[0.5, 2.0])),
                text(integrator.sensitivities(&[1.0], &[0.5, 2.0])),
                text(integrator.gradient(&[1.0], &[0.5, 2.0], |_| Ok(vec![1.0; 2]))),
            ];
            for got in all {
                let is_told = expected.split(" | ").any(|one| got.contains(one));
                assert!(is_told, "{method:?}: {got}\nexpected: {expected}");
            }
        }
        let seen = decay().outputs(["log"], |_t, y, _| vec![(y[0] - 0.5).ln()]).unwrap();
        let mut integrator = Integrator::new(&seen).unwrap().method(method);
        let got = text(integrator.states(&[1.0], &[0.5, 2.0]));
        assert!(got.starts_with("at t = 2: output `log` is NaN: born at"), "{method:?}: {got}");
    }
}

#[test]
fn tables_of_measurements_are_checked() {
    let table = Columns::new([("time", vec![1.0, 2.0]), ("left", vec![0.5, 0.0])]).unwrap();
    let empty = Columns::new([("time", vec![]), ("left", vec![])]).unwrap();
    let timeless = Columns::new([("time", vec![1.0, f64::NAN]), ("left", vec![1.0, 1.0])]).unwrap();
    let record = |table: &Columns, time: &str, column: &str| {
        Measured::record(&decay(), table, time, [column], |c, m| -(c[0] - m[0].ln()).square())
    };
    let p = record(&table, "time", "left").unwrap();
    let cases = [
        (text(record(&table, "t", "left")), "no column is named `t`; known: time, left"),
        (text(record(&table, "time", "right")), "no column is named `right`; known: time, left"),
        (text(record(&empty, "time", "left")), "the table of measurements has no rows"),
        (
            text(record(&timeless, "time", "left")),
            "row 2: the time is NaN, expected a finite number",
        ),
        (text(p.with_gradient(&[1.0])), "row 2: the term or its slope is -inf there"),
        (text(p.with_gradient(&[])), "parameters k: expected 1 numbers, got 0"),
        (
            text(p.hessian_vector(&[1.0], &[])),
            "a direction has one number a parameter: expected 1, got 0",
        ),
    ];
    for (got, expected) in cases {
        assert!(got.contains(expected), "{got}\nexpected: {expected}");
    }
}
