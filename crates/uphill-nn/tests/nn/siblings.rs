//! The Acquaintance/Sibling network of the lecture's book: changes counted, weights compared.

use serde_json::Value;
use uphill_nn::{Convention, NegativeRms, Outcome, Problem, Reason, SquaredError, Stop, Trainer};

use crate::cases::{family, gap, numbers, pairs, read};

/// The book's rule.
fn near() -> Stop {
    Stop::outputs_within(0.1).looked_at_every(25)
}

fn check(outcome: &Outcome, run: &Value, task: &str) {
    let key = |what: &str| numbers(&run[format!("{task}_{what}")]);
    assert_eq!(outcome.changes as f64, key("changes")[0]);
    assert_eq!(outcome.reason, Reason::Rule(near()));
    let digits = format!("{task}_weights_40digit_arithmetic");
    for expected in [key("weights_f64"), numbers(&run[digits])] {
        let gap = gap(&outcome.weights, &expected);
        assert!(gap < 1e-12, "{task}: weights differ by {gap:e}");
    }
    assert!((outcome.performance - key("P_sum")[0]).abs() < 1e-12);
}

#[test]
fn acquaintances_then_siblings_too() {
    let case = read("sibling_acquaintance.json");
    let both = family();
    let acquaintances = family().with_outputs(["A"]).unwrap();
    let names: Vec<String> = case["network"]["weights_order"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().replace("t_", "threshold->"))
        .collect();
    let start = numbers(&case["network"]["initial_weights"]);
    let start = both.weights_from(names.iter().map(String::as_str).zip(start)).unwrap();

    for run in case["runs"].as_array().unwrap() {
        let rate = numbers(&run["rate"])[0];
        let first =
            Trainer::new(&acquaintances, SquaredError, &pairs().with_desired(&[0]).unwrap())
                .convention(Convention::Book)
                .rate(rate)
                .weights(&start)
                .stop(near())
                .train()
                .unwrap();
        check(&first, run, "task1");
        assert_eq!(first.weights[11..], start[11..], "S is not trained yet");
        let rms = Problem::new(&acquaintances, NegativeRms, &pairs().with_desired(&[0]).unwrap());
        let rms = rms.unwrap().performance(&first.weights).unwrap();
        assert!((rms + numbers(&run["task1_rms"])[0]).abs() < 1e-12);

        let second = Trainer::new(&both, SquaredError, &pairs())
            .convention(Convention::Book)
            .rate(rate)
            .weights(&first.weights)
            .stop(near())
            .train()
            .unwrap();
        check(&second, run, "task2");
        let rms = Problem::new(&both, NegativeRms, &pairs()).unwrap();
        let rms = rms.performance(&second.weights).unwrap();
        assert!((rms + numbers(&run["task2_rms_over_30"])[0]).abs() < 1e-12);
    }
}

#[test]
fn the_book_s_convention_is_half_the_rate_to_the_bit() {
    let start: Vec<f64> = (1..=14).map(|n| f64::from(n) / 10.0).collect();
    let train = |convention, rate| {
        Trainer::new(&family(), SquaredError, &pairs())
            .convention(convention)
            .rate(rate)
            .weights(&start)
            .stop(Stop::changes(50))
            .train()
            .unwrap()
            .weights
    };
    assert_eq!(train(Convention::Book, 1.0), train(Convention::Slides, 0.5));
}
