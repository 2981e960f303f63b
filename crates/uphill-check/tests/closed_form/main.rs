//! Closed-form backpropagation against everything that can judge it.
//!
//! Published and high-precision reference runs (`reference`, `siblings`), an evaluator written a second
//! time with finite differences and forward sensitivities (`naive`, `random_networks`), mutants that
//! must be caught (`mutants`), identities (`properties`), mistakes of users (`mistakes`), and the table.

mod mistakes;
mod mutants;
mod naive;
mod properties;
mod random_networks;
mod reference;
mod siblings;
mod table;

/// The largest |a − b| as a fraction of the largest |b|.
fn gap(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let largest = b.iter().fold(0.0_f64, |largest, b| largest.max(b.abs()));
    let worst = a.iter().zip(b).fold(0.0_f64, |worst, (a, b)| {
        let gap = (a - b).abs();
        if gap.is_nan() { f64::INFINITY } else { worst.max(gap) }
    });
    if worst == 0.0 { 0.0 } else { worst / largest }
}

/// A file of tests/data.
fn data(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of tests/data as JSON.
fn json(name: &str) -> serde_json::Value {
    serde_json::from_str(&data(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All numbers in a JSON value, depth first; decimal fractions may stand in strings.
fn numbers(value: &serde_json::Value) -> Vec<f64> {
    use serde_json::Value;
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        Value::Number(number) => vec![number.as_f64().expect("a number that fits f64")],
        Value::String(text) => vec![text.parse().expect("a number in a string")],
        other => panic!("expected numbers, found {other}"),
    }
}
