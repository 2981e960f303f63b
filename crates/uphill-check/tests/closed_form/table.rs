//! The table, as text and as data.
//!
//! A small network that has everything: a threshold, a bias, a node without either, a skip connection,
//! a shared weight, and an output that feeds another.

use uphill_check::closed_form::{Builder, Network, Rule, Sample};

fn network() -> Network {
    let mut builder = Builder::new();
    builder.inputs(["x", "y"]);
    builder.node("hidden").threshold().fed_by_shared("x", "shared").fed_by_shared("y", "shared");
    builder.node("middle").fed_by(["hidden"]).bias();
    builder.node("last").fed_by(["middle", "x"]);
    builder.outputs(["last", "middle"]);
    builder.build().expect("a network")
}

const WEIGHTS: [f64; 6] = [0.5, -0.25, 1.5, -1.0, 2.0, 0.125];

#[test]
fn text() {
    let samples = [Sample::new([1.0, -2.0], [1.0, 0.0]), Sample::new([0.0, 1000.0], [0.0, 0.5])];
    let table = network().table(&WEIGHTS, &samples, Rule::SLIDES, 0.5).expect("a table");
    insta::assert_snapshot!(table);
}

#[test]
fn text_in_the_books_convention() {
    let samples = [Sample::new([1.0, -2.0], [1.0, 0.0])];
    let table = network().table(&WEIGHTS, &samples, Rule::BOOK, 1.0).expect("a table");
    insta::assert_snapshot!(table);
}

#[test]
fn data() {
    let samples = [Sample::new([0.0, 0.0], [1.0, 0.0])];
    let table = network().table(&[0.0; 6], &samples, Rule::SLIDES, 1.0).expect("a table");
    insta::assert_json_snapshot!(table);
}
