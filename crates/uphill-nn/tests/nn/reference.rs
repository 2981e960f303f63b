//! XOR and iris: P, gradient and ten steps against 80-bit arithmetic.

use serde_json::Value;
use uphill_nn::{
    History, NegativeRms, Network, Performance, Problem, Samples, SquaredError, Stop, Trainer,
};

use crate::cases::{gap, iris, numbers, read};

fn layered(case: &Value) -> Network {
    let layers: Vec<usize> = numbers(&case["layers"]).iter().map(|&n| n as usize).collect();
    Network::layered(&layers).bias().build().expect("layers")
}

fn xor(case: &Value) -> Samples {
    let rows = |value: &Value| -> Vec<Vec<f64>> {
        value.as_array().expect("rows").iter().map(numbers).collect()
    };
    Samples::new(rows(&case["x"]), rows(&case["d"])).expect("exclusive or")
}

/// P, gradient, P along ten steps and the weights after them: the largest gap of the first two, and of the others.
fn gaps<P: Performance + Copy>(
    case: &Value,
    samples: &Samples,
    performance: P,
    expected: &Value,
) -> (f64, f64) {
    let network = layered(case);
    let start = numbers(&case["initial_weights"]);
    let problem = Problem::new(&network, performance, samples).expect("a problem");
    let (p, gradient) = problem.with_gradient(&start).expect("a gradient");
    assert_eq!(p.to_bits(), problem.performance(&start).expect("a performance").to_bits());
    let first = gap(&[p], &numbers(&expected["P_initial"]))
        .max(gap(&gradient, &numbers(&expected["gradient_initial"])));

    let outcome = Trainer::new(&network, performance, samples)
        .weights(&start)
        .rate(numbers(&expected["rate"])[0])
        .stop(Stop::changes(10))
        .history(History::every(1))
        .train()
        .expect("ten steps");
    assert_eq!(outcome.changes, 10);
    let along: Vec<f64> = outcome.history.iter().map(|row| row.performance).collect();
    let last = gap(&along, &numbers(&expected["P_after_each_step"]))
        .max(gap(&outcome.weights, &numbers(&expected["weights_after_last_step"])));

    for (row, expected) in
        case["outputs_first_5_samples_initial"].as_array().unwrap().iter().enumerate()
    {
        let computed = network.computed(&start, samples.inputs(row)).expect("outputs");
        assert!(gap(&computed, &numbers(expected)) < 1e-14);
    }
    (first, last)
}

fn check(file: &str, samples: impl Fn(&Value) -> Samples, after_ten_steps_of_squared_error: f64) {
    let case = read(file);
    let samples = samples(&case);
    let (first, last) = gaps(&case, &samples, SquaredError, &case["sse"]);
    assert!(first < 1e-12, "{file}: squared error, P and gradient differ by {first:e}");
    assert!(last < after_ten_steps_of_squared_error, "{file}: squared error, steps: {last:e}");
    let (first, last) = gaps(&case, &samples, NegativeRms, &case["rms"]);
    assert!(first < 1e-12, "{file}: RMS, P and gradient differ by {first:e}");
    assert!(last < 1e-12, "{file}: RMS, steps: {last:e}");
}

#[test]
fn exclusive_or() {
    check("xor_2_2_1.json", xor, 1e-12);
}

#[test]
fn iris_at_rate_0_1() {
    // Ten steps at this rate amplify rounding 1,500-fold.
    check("iris_4_6_3.json", |_| iris(), 1e-10);
}

#[test]
fn iris_at_rate_0_01() {
    check("iris_4_6_3_rate_0.01.json", |_| iris(), 1e-12);
}
