//! Robertson's stiff problem beside 50 digits (`tools/robertson.py`): states and slopes by the rates, from 0.4 to 40000.

use uphill_graph::Scalar;
use uphill_ode::{Integrator, Method, System, fixed};

const RATES: [f64; 3] = [0.04, 1e4, 3e7];
const STATES: [&str; 3] = ["y1", "y2", "y3"];

fn rates<S: Scalar>(y: &[S], k: &[S]) -> Vec<S> {
    let (forward, back, fast) = (k[0] * y[0], k[1] * y[1] * y[2], k[2] * y[1].square());
    vec![back - forward, forward - back - fast, fast]
}

fn system() -> System {
    System::record(STATES, ["k1", "k2", "k3"], |_t, y, k| rates(y, k), fixed([1.0, 0.0, 0.0])).unwrap()
}

/// Times, and for each the three states and their nine slopes.
fn exact() -> (Vec<f64>, Vec<Vec<f64>>) {
    let lines = include_str!("data/robertson.csv").lines().skip(1);
    let rows = lines.map(|line| line.split(',').map(|number| number.parse().unwrap()).collect());
    rows.map(|row: Vec<f64>| (row[0], row[1..].to_vec())).unzip()
}

#[test]
fn look() {
    let (times, exact) = exact();
    for method in [Method::Bdf, Method::TrBdf2, Method::Esdirk34] {
        for (relative, share) in [(1e-4, 1e-4), (1e-6, 1e-6), (1e-8, 1e-8)] {
            let absolute = [share, 1e-4 * share, share];
            let start = std::time::Instant::now();
            let mut integrator = Integrator::new(&system()).unwrap().method(method).tolerances(relative, absolute);
            let found = match integrator.sensitivities(&RATES, &times) { Ok(f) => f, Err(e) => { println!("{method:?} {relative} {e}"); continue } };
            let mut worst = [0.0_f64; 2];
            for (time, exact) in exact.iter().enumerate() {
                for state in 0..3 {
                    let off = (found.trajectory().at(time)[state] - exact[state]).abs();
                    worst[0] = worst[0].max(off / (relative * exact[state].abs() + absolute[state]));
                    for p in 0..3 {
                        let exact = exact[3 + 3 * state + p];
                        let off = (found.of(STATES[state], time).unwrap()[p] - exact).abs();
                        let r = off / (relative * exact.abs() + absolute[state] / RATES[p]);
                        worst[1] = worst[1].max(r);
                    }
                }
            }
            let states = integrator.states(&RATES, &times).unwrap();
            let mut alone = 0.0_f64;
            for (time, exact) in exact.iter().enumerate() {
                for state in 0..3 {
                    let off = (states.at(time)[state] - exact[state]).abs();
                    alone = alone.max(off / (relative * exact[state].abs() + absolute[state]));
                }
            }
            // P = Σ c·y over all times: its gradient by adjoints, beside the slopes.
            let weigh = |time: usize, state: usize| [1.0, 1e4, -0.5][state] * (1.0 + time as f64).sqrt();
            let cost: Vec<f64> = (0..times.len()).flat_map(|time| (0..3).map(move |state| weigh(time, state))).collect();
            let s2 = std::time::Instant::now();
            let (_, gradient) = match integrator.gradient(&RATES, &times, |_| Ok(cost.clone())) { Ok(f) => f, Err(e) => { println!("{e}"); continue } };
            let mut adj = vec![];
            for p in 0..3 {
                let mut sum = 0.0; let mut tol = 0.0;
                for time in 0..times.len() { for state in 0..3 {
                    let e = exact[time][3+3*state+p];
                    sum += weigh(time, state) * e;
                    tol += weigh(time, state).abs() * (relative * e.abs() + absolute[state]/RATES[p]);
                }}
                adj.push(((gradient[p]-sum)/tol, (gradient[p]-sum)/sum));
            }
            println!("   adjoint {adj:?} {:?}", s2.elapsed());
            println!("{method:?} {relative:e}: states {:.2} (alone {alone:.2}) slopes {:.2}, steps {} {:?}", worst[0], worst[1], found.trajectory().steps(), start.elapsed());
        }
    }
}
