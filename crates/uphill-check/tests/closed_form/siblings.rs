//! The Acquaintance/Sibling network: six people of two families, and the counts of changes in the book.
//!
//! Acquaintances alone first (one output; Sibling's weights stay as they are), then both outputs. The
//! stop rule is "every output within 0.1, looked at every 25 changes", in the book's convention
//! β_z = d − o. At rate 1 that makes 225 and then 175 changes, as published.

use crate::{gap, json, numbers};
use serde_json::Value;
use uphill_check::closed_form::{Builder, Network, Rule, Sample};

fn network(description: &Value) -> Network {
    let names = |value: &Value| -> Vec<String> {
        let names = value.as_array().expect("a list").iter();
        names.map(|name| name.as_str().expect("a name").to_owned()).collect()
    };
    let mut builder = Builder::new();
    builder.inputs(names(&description["inputs"]));
    for hidden in ["H1", "H2"] {
        builder.node(hidden).threshold().fed_by(names(&description["hidden"][hidden]));
    }
    for output in names(&description["outputs"]) {
        builder.node(output).threshold().fed_by(["H1", "H2"]);
    }
    builder.outputs(names(&description["outputs"]));
    let network = builder.build().expect("the network");

    // The order of our weights is that of the file, under its names.
    let order: Vec<String> = (network.weight_names().iter())
        .map(|name| name.replace("threshold→", "t_").replace('→', "->"))
        .collect();
    assert_eq!(order, names(&description["weights_order"]));
    network
}

fn samples(case: &Value, outputs: &[&str]) -> Vec<Sample> {
    let samples = case["samples"].as_array().expect("samples").iter();
    let desired =
        |sample: &Value| -> Vec<f64> { outputs.iter().flat_map(|z| numbers(&sample[z])).collect() };
    samples.map(|sample| Sample::new(numbers(&sample["x"]), desired(sample))).collect()
}

/// Climbs 25 changes at a time until every output is within 0.1; the count and the last weights.
fn train(network: &Network, start: &[f64], samples: &[Sample], rate: f64) -> (u64, Vec<f64>) {
    let within = |weights: &[f64]| {
        samples.iter().all(|sample| {
            let computed = network.computed(weights, &sample.inputs).expect("outputs");
            computed.iter().zip(&sample.desired).all(|(o, d)| (d - o).abs() < 0.1)
        })
    };
    let mut weights = start.to_vec();
    let mut changes = 0;
    while !within(&weights) {
        assert!(changes < 2000, "rate {rate} does not settle");
        weights = network.ascend(&weights, samples, Rule::BOOK, rate, 25).expect("climb").weights;
        changes += 25;
    }
    (changes, weights)
}

#[test]
fn trains_acquaintances_then_siblings_as_published() {
    let case = json("sibling_acquaintance.json");
    let both = network(&case["network"]);
    let acquaintances = both.with_outputs(["A"]).expect("A is a node");
    let start = numbers(&case["network"]["initial_weights"]);
    let (samples_of_a, samples_of_both) = (samples(&case, &["A"]), samples(&case, &["A", "S"]));
    let mut rates = Vec::new();
    for run in case["runs"].as_array().expect("runs") {
        let rate = run["rate"].as_f64().expect("rate");
        rates.push(rate);
        let (changes, weights) = train(&acquaintances, &start, &samples_of_a, rate);
        assert_eq!(changes, run["task1_changes"].as_u64().expect("a count"));
        assert_eq!(weights[11..], start[11..], "Sibling's weights stay as they are");
        let off = gap(&weights, &numbers(&run["task1_weights_40digit_arithmetic"]));
        assert!(off < 1e-12, "rate {rate}, acquaintances: {off:e}");

        let (more, weights) = train(&both, &weights, &samples_of_both, rate);
        assert_eq!(more, run["task2_changes"].as_u64().expect("a count"));
        let off = gap(&weights, &numbers(&run["task2_weights_40digit_arithmetic"]));
        assert!(off < 1e-12, "rate {rate}, both: {off:e}");
        if rate == 1.0 {
            assert_eq!((changes, more), (225, 175));
        }
    }
    assert_eq!(rates, [0.25, 0.5, 1.0]);
}

#[test]
fn the_weights_on_the_way_agree() {
    let case = json("sibling_acquaintance.json");
    let both = network(&case["network"]);
    let acquaintances = both.with_outputs(["A"]).expect("A is a node");
    let start = numbers(&case["network"]["initial_weights"]);
    let samples_of_a = samples(&case, &["A"]);
    for run in case["runs"].as_array().expect("runs") {
        let rate = run["rate"].as_f64().expect("rate");
        for steps in [1, 25] {
            let climb = acquaintances.ascend(&start, &samples_of_a, Rule::BOOK, rate, steps);
            let reference = numbers(&run["checkpoints_40digit_arithmetic"][steps.to_string()]);
            assert!(gap(&climb.expect("climb").weights, &reference) < 1e-12, "{rate} {steps}");
        }
    }
}

#[test]
fn the_slides_convention_at_half_the_rate_takes_the_same_steps() {
    let case = json("sibling_acquaintance.json");
    let both = network(&case["network"]);
    let start = numbers(&case["network"]["initial_weights"]);
    let samples = samples(&case, &["A", "S"]);
    let book = both.ascend(&start, &samples, Rule::BOOK, 1.0, 100).expect("climb");
    let slides = both.ascend(&start, &samples, Rule::SLIDES, 0.5, 100).expect("climb");
    assert_eq!(book, slides);
}
