//! Steps of one length: orders of convergence, gradients that are those of the steps, and long runs that stay loops.

use uphill_graph::{Dual, Function, Scalar};
use uphill_ode::{Tableau, runge_kutta4};

/// y' = a·y·cos t, so y = y0·exp(a·sin t): time and state both matter.
fn end<S: Scalar>(tableau: &Tableau, a: S, steps: usize) -> S {
    let h = S::constant(2.0 / steps as f64);
    let f = |t: S, y: &[S]| vec![a * y[0] * t.cos()];
    tableau.end(f, &[S::constant(1.0)], S::constant(0.0), h, steps)[0]
}

#[test]
fn errors_fall_by_the_order() {
    let (a, exact) = (0.8, (0.8 * 2.0_f64.sin()).exp());
    for (name, tableau, order) in [
        ("euler", Tableau::euler(), 1),
        ("heun", Tableau::heun(), 2),
        ("midpoint", Tableau::new([vec![], vec![0.5]], [0.0, 1.0]).unwrap(), 2),
        ("classic", Tableau::classic(), 4),
        ("three eighths", Tableau::three_eighths(), 4),
    ] {
        let off = |steps| (end(&tableau, a, steps) - exact).abs();
        let slope_off = |steps| {
            let slope = end(&tableau, Dual::variable(a), steps).tangent;
            (slope - 2.0_f64.sin() * exact).abs()
        };
        for (what, ratio) in
            [("value", off(64) / off(128)), ("slope", slope_off(64) / slope_off(128))]
        {
            let expected = f64::from(1 << order);
            assert!(
                (ratio / expected - 1.0).abs() < 0.15,
                "{name}, {what}: {ratio}, expected {expected}"
            );
        }
    }
}

#[test]
fn a_run_is_a_loop_and_its_gradient_is_that_of_the_steps() {
    let record =
        |steps| Function::record(["a"], |a| end(&Tableau::classic(), a[0], steps)).unwrap();
    let (short, long) = (record(50), record(50_000));
    let sizes = |f: &Function| {
        [f.clone(), f.gradient().unwrap(), f.hessian().unwrap()]
            .map(|f| f.graph().operation_count())
    };
    assert_eq!(sizes(&short), sizes(&long));
    let (value, gradient) =
        (long.value(&[0.8]).unwrap(), long.gradient().unwrap().value(&[0.8]).unwrap());
    let exact = end(&Tableau::classic(), Dual::variable(0.8), 50_000);
    assert_eq!(value, exact.value);
    assert!((gradient - exact.tangent).abs() < 1e-12 * gradient.abs());
}

#[test]
fn a_path_holds_the_states_before_each_step() {
    let f = |_t: f64, y: &[f64]| vec![y[1], -y[0]];
    let (last, path) = Tableau::classic().path(f, &[1.0, 0.0], 0.0, 0.01, 200);
    assert_eq!((path.len(), &path[0][..]), (200, &[1.0, 0.0][..]));
    assert_eq!(last, runge_kutta4(f, &[1.0, 0.0], 0.0, 0.01, 200));
    for (step, y) in path.iter().enumerate() {
        let t = 0.01 * step as f64;
        assert!((y[0] - t.cos()).abs() < 1e-9 && (y[1] + t.sin()).abs() < 1e-9);
    }
    assert_eq!(runge_kutta4(f, &[1.0, 0.0], 0.0, 0.01, 0), [1.0, 0.0]);
}

/// Coefficients, weights, and what is said of them.
type Refused<'c> = (&'c [&'c [f64]], &'c [f64], &'c str);

#[test]
fn tableaus_that_are_none_are_refused() {
    let cases: [Refused<'_>; 4] = [
        (&[], &[], "at least one; got 0 stages and 0 weights"),
        (&[&[]], &[0.5, 0.5], "got 1 stages and 2 weights"),
        (
            &[&[], &[0.5, 0.5]],
            &[0.5, 0.5],
            "stage 1 of an explicit Runge-Kutta method has 1 coefficients",
        ),
        (&[&[], &[0.5]], &[0.5, 0.6], "add up to 1; these to 1.1"),
    ];
    for (coupling, weights, expected) in cases {
        let coupling: Vec<Vec<f64>> = coupling.iter().map(|row| row.to_vec()).collect();
        let error = Tableau::new(coupling, weights).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
