//! The reference cases, read from tests/data, and how far two lists of numbers are apart.

use serde_json::Value;
use uphill_nn::{Network, NodeSpec, Samples};

pub(crate) fn read(name: &str) -> Value {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the case is there");
    serde_json::from_str(&text).expect("the case is JSON")
}

/// All numbers in a value, depth first; numbers may be text of 17 digits.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(entries) => entries.iter().flat_map(numbers).collect(),
        Value::String(text) => vec![text.parse().expect("a number")],
        other => vec![other.as_f64().expect("a number")],
    }
}

/// The largest difference, as a part of the largest entry of `expected`.
pub(crate) fn gap(computed: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(computed.len(), expected.len());
    let largest = expected.iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
    let pairs = computed.iter().zip(expected);
    pairs.fold(0.0_f64, |gap, (a, b)| gap.max((a - b).abs())) / largest
}

pub(crate) fn iris() -> Samples {
    let path = format!("{}/tests/data/iris.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("iris is there");
    Samples::from_pairs(text.lines().skip(1).map(|line| {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        let inputs: Vec<f64> = cells[..4].iter().map(|cell| cell / 10.0).collect();
        let mut desired = [0.0; 3];
        desired[cells[4] as usize] = 1.0;
        (inputs, desired)
    }))
    .expect("iris is whole")
}

pub(crate) fn family() -> Network {
    Network::builder()
        .inputs(["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"])
        .node(NodeSpec::new("H1").threshold().fed_by(["Robert", "Raquel", "Romeo"]))
        .node(NodeSpec::new("H2").threshold().fed_by(["Joan", "James", "Juliet"]))
        .node(NodeSpec::new("A").threshold().fed_by(["H1", "H2"]))
        .node(NodeSpec::new("S").threshold().fed_by(["H1", "H2"]))
        .outputs(["A", "S"])
        .build()
        .expect("the family's network")
}

/// All fifteen pairs, labelled acquaintance and sibling.
pub(crate) fn pairs() -> Samples {
    let case = read("sibling_acquaintance.json");
    let samples = case["samples"].as_array().expect("samples");
    Samples::from_pairs(samples.iter().map(|sample| {
        (numbers(&sample["x"]), [numbers(&sample["A"])[0], numbers(&sample["S"])[0]])
    }))
    .expect("the pairs")
}
