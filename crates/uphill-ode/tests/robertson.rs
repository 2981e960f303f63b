//! Robertson's stiff problem beside 50 digits (`tools/robertson.py`), from 0.4 to 40000: states, slopes by the rates, and
//! gradients by adjoints are within the tolerances asked for.

use uphill_graph::Scalar;
use uphill_ode::{Integrator, Method, System, fixed};

const RATES: [f64; 3] = [0.04, 1e4, 3e7];
const STATES: [&str; 3] = ["y1", "y2", "y3"];

fn rates<S: Scalar>(y: &[S], k: &[S]) -> Vec<S> {
    let (forward, back, fast) = (k[0] * y[0], k[1] * y[1] * y[2], k[2] * y[1].square());
    vec![back - forward, forward - back - fast, fast]
}

/// A time, the states then, and their slopes: of the first state by all rates, of the second, of the third.
struct Row {
    states: [f64; 3],
    slopes: [[f64; 3]; 3],
}

fn exact() -> (Vec<f64>, Vec<Row>) {
    let read = |line: &str| {
        let numbers: Vec<f64> = line.split(',').map(|number| number.parse().unwrap()).collect();
        let three = |from: usize| std::array::from_fn(|k| numbers[from + k]);
        (numbers[0], Row { states: three(1), slopes: [three(4), three(7), three(10)] })
    };
    include_str!("data/robertson.csv").lines().skip(1).map(read).unzip()
}

#[test]
fn all_is_within_the_tolerances_asked_for() {
    let system =
        System::record(STATES, ["k1", "k2", "k3"], |_t, y, k| rates(y, k), fixed([1.0, 0.0, 0.0]));
    let system = system.unwrap();
    let (times, exact) = exact();
    // What a performance is taken to weigh each state with, at any time.
    let weights = [1.0, 1e4, -0.5];
    let costs: Vec<f64> = times.iter().flat_map(|_| weights).collect();
    let mut failed = Vec::new();
    for (method, tolerances) in [
        (Method::Bdf, &[1e-4, 1e-6, 1e-8][..]),
        (Method::TrBdf2, &[1e-4]),
        (Method::Esdirk34, &[1e-4, 1e-6]),
    ] {
        for &relative in tolerances {
            let absolute = [relative, 1e-4 * relative, relative];
            let mut check = |what: &str, got: f64, exact: f64, allowed: f64| {
                let off = (got - exact).abs();
                if off.is_nan() || off > allowed {
                    failed.push(format!("{method:?} at {relative:e}, {what}: {got}, exact {exact}, off by {:.2} of what is allowed", off / allowed));
                }
            };
            let mut integrator =
                Integrator::new(&system).unwrap().method(method).tolerances(relative, absolute);
            let plain = integrator.states(&RATES, &times).unwrap();
            let found = integrator.sensitivities(&RATES, &times).unwrap();
            let (kept, gradient) =
                integrator.gradient(&RATES, &times, |_| Ok(costs.clone())).unwrap();
            let mut total = [[0.0; 3]; 2];
            for (time, row) in exact.iter().enumerate() {
                for (state, name) in STATES.iter().enumerate() {
                    let exact = row.states[state];
                    let allowed = relative * exact.abs() + absolute[state];
                    for trajectory in [&plain, found.trajectory(), &kept] {
                        check(name, trajectory.at(time)[state], exact, allowed);
                    }
                    for (rate, size) in RATES.iter().enumerate() {
                        let exact = row.slopes[state][rate];
                        let allowed = relative * exact.abs() + absolute[state] / size;
                        let got = found.of(name, time).unwrap()[rate];
                        check(
                            &format!("d{name}/dk{} at {}", rate + 1, times[time]),
                            got,
                            exact,
                            allowed,
                        );
                        total[0][rate] += weights[state] * exact;
                        total[1][rate] += weights[state].abs() * allowed;
                    }
                }
            }
            for rate in 0..3 {
                let what = format!("dP/dk{}", rate + 1);
                check(&what, gradient[rate], total[0][rate], total[1][rate]);
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
