//! Systems with closed solutions: every method, states, sensitivities, adjoints; initial states that depend on parameters,
//! outputs, events, time in the right-hand side; large sparse systems; and Hessian products of a performance.

use uphill_graph::{At, Function, Inputs, Scalar, loops};
use uphill_ode::{Integrator, Measured, Method, System, fixed};
use uphill_solve::{Columns, Objective};

const METHODS: [Method; 4] = [Method::Bdf, Method::TrBdf2, Method::Esdirk34, Method::Tsit45];

/// y' = -a·y + b·cos t, y(0) = c, seen as y² + a·t: all parts of a system depend on something.
fn driven() -> System {
    System::record(
        ["y"],
        ["a", "b", "c"],
        |t, y, p| vec![-p[0] * y[0] + p[1] * t.cos()],
        |p| vec![p[2]],
    )
    .unwrap()
    .outputs(["seen", "self"], |t, y, p| vec![y[0].square() + p[0] * t, y[0]])
    .unwrap()
}

/// Its solution, as scalar code, so that its slopes come from dual numbers.
fn driven_exactly<S: Scalar>(t: f64, p: &[S]) -> [S; 2] {
    let (a, b, c) = (p[0], p[1], p[2]);
    let time = S::constant(t);
    let steady = |t: S| b * (a * t.cos() + t.sin()) / (1.0 + a.square());
    let y = steady(time) + (c - steady(S::constant(0.0))) * (-a * time).exp();
    [y.square() + a * time, y]
}

#[test]
fn closed_solutions_their_slopes_and_adjoints() {
    let exact = Function::record_many(["a", "b", "c"], |p| {
        [0.0, 0.5, 2.0, 5.0].iter().flat_map(|t| driven_exactly(*t, p)).collect()
    });
    let exact = exact.unwrap();
    let (at, times) = ([0.7, 2.0, -1.0], [0.0, 0.5, 2.0, 5.0]);
    let (values, jacobian) =
        (exact.eval(&at).unwrap(), exact.jacobian().unwrap().eval(&at).unwrap());
    let weights = [1.0, -2.0, 0.5, 3.0, 1.0, 1.0, -1.0, 0.25];
    for method in METHODS {
        let mut integrator =
            Integrator::new(&driven()).unwrap().method(method).tolerances(1e-6, [1e-8]);
        let near = |got: f64, exact: f64| {
            assert!(
                (got - exact).abs() < 1e-6 * (1.0 + exact.abs()),
                "{method:?}: {got}, exact {exact}"
            );
        };
        let found = integrator.sensitivities(&at, &times).unwrap();
        for time in 0..times.len() {
            for (place, name) in ["seen", "self"].iter().enumerate() {
                near(found.trajectory().at(time)[place], values[2 * time + place]);
                for (p, slope) in found.of(name, time).unwrap().iter().enumerate() {
                    near(*slope, jacobian[3 * (2 * time + place) + p]);
                }
            }
        }
        let (_, gradient) = integrator.gradient(&at, &times, |_| Ok(weights.to_vec())).unwrap();
        for (p, slope) in gradient.iter().enumerate() {
            near(*slope, (0..8).map(|k| weights[k] * jacobian[3 * k + p]).sum());
        }
        assert!(integrator.states(&at, &times).unwrap().steps() > 5);
    }
}

#[test]
fn a_solution_begins_where_it_is_told() {
    let mut integrator = Integrator::new(&driven()).unwrap().begin(-1.0).tolerances(1e-7, [1e-9]);
    let solution = integrator.states(&[1.0, 0.0, 2.0], &[-1.0, 0.0, 1.0]).unwrap();
    for (time, y) in solution.column("self").unwrap().iter().enumerate() {
        assert!((y - 2.0 * (-(time as f64)).exp()).abs() < 1e-6);
    }
}

#[test]
fn an_event_ends_a_solution() {
    // A ball that is thrown up lands.
    let system = System::record(
        ["height", "speed"],
        ["g", "v"],
        |_t, y, p| vec![y[1], -p[0]],
        |p| vec![0.5.into(), p[1]],
    );
    let system =
        system.unwrap().events(["top", "ground"], |_t, y, _p| vec![y[1] + 1.0, y[0]]).unwrap();
    for method in METHODS {
        let mut integrator = Integrator::new(&system).unwrap().method(method);
        let solution = integrator.states(&[10.0, 4.0], &[0.1, 0.2, 0.7, 0.8]).unwrap();
        let (name, time) = solution.ended_by().unwrap();
        assert!(name == "top" && (time - 0.5).abs() < 1e-5, "{method:?}: {name} at {time}");
        assert_eq!(solution.times().len(), 3);
        assert!((solution.at(2)[1] + 1.0).abs() < 1e-4);
        // It never gets so fast before the last time: no event.
        let solution = integrator.states(&[10.0, 9.0], &[0.1, 0.7]).unwrap();
        assert_eq!((solution.ended_by(), solution.times().len()), (None, 2));
        let error =
            integrator.gradient(&[10.0, 4.0], &[0.1, 0.7], |_| Ok(vec![1.0; 4])).unwrap_err();
        assert!(error.to_string().contains("event `top` ends it at t = 0."), "{error}");
    }
}

/// Heat along a rod of n places: a loop over neighbours.
fn rod(n: usize) -> System {
    System::record(
        Inputs::new().variables("u", n),
        ["conductivity"],
        move |_t, u, p| {
            let inner = loops::map(1..n - 1, |i| {
                p[0] * (n * n) as f64 * (u.at(i - 1) - 2.0 * u.at(i) + u.at(i + 1))
            });
            [&[0.0.into()], &inner[..], &[0.0.into()]].concat()
        },
        move |_p| {
            (0..n)
                .map(|i| (std::f64::consts::PI * i as f64 / (n - 1) as f64).sin().into())
                .collect()
        },
    )
    .unwrap()
}

#[test]
fn a_thousand_states_have_a_sparse_jacobian() {
    let n = 1000;
    let mut integrator = Integrator::new(&rod(n)).unwrap().tolerances(1e-4, [1e-6]);
    let solution = integrator.sensitivities(&[0.1], &[1.0]).unwrap();
    // The first eigenvector of the discrete rod falls at the rate of its eigenvalue.
    let half = std::f64::consts::PI / (2.0 * (n - 1) as f64);
    let eigenvalue = 4.0 * (n * n) as f64 * half.sin().powi(2);
    let middle = n / 2;
    let factor = (-0.1 * eigenvalue).exp() * (2.0 * half * middle as f64).sin();
    assert!((solution.trajectory().at(0)[middle] - factor).abs() < 1e-4);
    let slope = solution.of("u[500]", 0).unwrap()[0];
    assert!((slope + eigenvalue * factor).abs() < 1e-3, "{slope}, exact {}", -eigenvalue * factor);
}

#[test]
fn recorded_functions_are_a_system_too() {
    let rates =
        Function::record_many(["y", "k", "z", "t"], |v| vec![-v[1] * v[0], v[0] * v[3]]).unwrap();
    let start = Function::record_many(["k", "y0"], |v| vec![v[1], v[0]]).unwrap();
    let system = System::new(["y", "z"], &rates, &start).unwrap();
    assert_eq!(system.parameters(), ["k", "y0"]);
    let mut integrator = Integrator::new(&system).unwrap().tolerances(1e-7, [1e-9]);
    let found = integrator.sensitivities(&[1.0, 3.0], &[2.0]).unwrap();
    let left = (-2.0_f64).exp();
    // z = k + ∫ 3·exp(-s)·s ds = k + 3·(1 - (1 + t)·exp(-t))
    assert!((found.trajectory().at(0)[0] - 3.0 * left).abs() < 1e-6);
    assert!((found.trajectory().at(0)[1] - 1.0 - 3.0 * (1.0 - 3.0 * left)).abs() < 1e-6);
    assert!((found.column("y", "y0").unwrap()[0] - left).abs() < 1e-6);
}

#[test]
fn a_system_without_parameters_has_states() {
    let system =
        System::record(["y"], Inputs::new(), |_t, y, _p| vec![-y[0]], fixed([1.0])).unwrap();
    let mut integrator = Integrator::new(&system).unwrap();
    assert!((integrator.states(&[], &[1.0]).unwrap().at(0)[0] - (-1.0_f64).exp()).abs() < 1e-6);
    let error = integrator.sensitivities(&[], &[1.0]).unwrap_err().to_string();
    assert_eq!(error, "sensitivities by parameters: the system has none");
}

/// Prey and predators, with numbers that are measured.
fn hunted() -> (System, Columns) {
    let system = System::record(
        ["prey", "predators"],
        ["born", "eaten", "dying", "first"],
        |_t, y, p| {
            let eaten = p[1] * y[0] * y[1];
            vec![p[0] * y[0] - eaten, eaten - p[2] * y[1]]
        },
        |p| vec![p[3], 5.0.into()],
    );
    let times = vec![0.0, 1.0, 1.0, 2.5, 4.0];
    let columns = [
        ("prey", vec![10.0, 11.0, 11.5, 5.0, 4.0]),
        ("t", times),
        ("predators", vec![5.0, 7.0, 6.5, 11.0, 9.0]),
    ];
    (system.unwrap(), Columns::new(columns).unwrap())
}

#[test]
fn gradients_and_hessians_of_a_performance_agree_with_sensitivities_and_differences() {
    let (system, table) = hunted();
    let p = Measured::record(&system, &table, "t", ["prey", "predators"], |computed, measured| {
        -(computed[0] - measured[0]).square() - 0.5 * (computed[1] - measured[1]).square()
    });
    let p = p.unwrap().tolerances(1e-9, [1e-11]);
    let at = [0.9, 0.1, 0.5, 9.0];
    let (value, gradient) = p.with_gradient(&at).unwrap();
    // By forward sensitivities.
    let mut integrator = Integrator::new(&system).unwrap().tolerances(1e-9, [1e-11]);
    let times = [0.0, 1.0, 2.5, 4.0];
    let found = integrator.sensitivities(&at, &times).unwrap();
    let (mut sum, mut slopes) = (0.0, vec![0.0; 4]);
    let row = |name: &str, k: usize| table.column(name).unwrap()[k];
    for k in 0..5 {
        let time = times.iter().position(|time| *time == row("t", k)).unwrap();
        for (name, weight) in [("prey", 1.0), ("predators", 0.5)] {
            let computed = found.trajectory().column(name).unwrap()[time];
            let off = computed - row(name, k);
            sum -= weight * off * off;
            let by = found.of(name, time).unwrap();
            slopes.iter_mut().zip(by).for_each(|(sum, slope)| *sum -= 2.0 * weight * off * slope);
        }
    }
    assert!((value - sum).abs() < 1e-6 * sum.abs());
    let largest = gradient.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
    for (adjoint, forward) in gradient.iter().zip(&slopes) {
        assert!((adjoint - forward).abs() < 1e-7 * largest, "{gradient:?}, forward {slopes:?}");
    }
    // By differences of P, and of the gradient along a direction.
    let direction = [0.3, -0.02, 0.1, 2.0];
    let step = 1e-4;
    let moved =
        |by: f64| -> Vec<f64> { at.iter().zip(direction).map(|(at, d)| at + by * d).collect() };
    let [(up, slopes_up), (down, slopes_down)] =
        [step, -step].map(|by| p.with_gradient(&moved(by)).unwrap());
    let along: f64 = gradient.iter().zip(direction).map(|(slope, d)| slope * d).sum();
    assert!(((up - down) / (2.0 * step) - along).abs() < 1e-5 * along.abs());
    let product = p.hessian_vector(&at, &direction).unwrap();
    for (place, exact) in product.iter().enumerate() {
        let difference = (slopes_up[place] - slopes_down[place]) / (2.0 * step);
        let size = product.iter().fold(0.0_f64, |most, entry| most.max(entry.abs()));
        assert!(
            (difference - exact).abs() < 1e-5 * size,
            "{place}: {exact}, by differences {difference}"
        );
    }
}
