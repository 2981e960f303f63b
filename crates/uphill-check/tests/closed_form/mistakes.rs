//! Mistakes of users: each gives an error that names what is wrong and what to do.
//!
//! The messages are part of the promise, so they stand here word for word.

use uphill_check::closed_form::{
    Builder, Error, Network, Offset, OffsetKind, Performance, Rule, Sample, Structure,
};

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.expect_err("a mistake").to_string()
}

fn two_layers() -> Structure {
    Structure::layered(&[2, 2, 1], OffsetKind::Bias).expect("layers")
}

fn mistaken(change: impl FnOnce(&mut Structure)) -> String {
    let mut structure = two_layers();
    change(&mut structure);
    message(Network::new(structure))
}

#[test]
fn mistakes_of_wiring_are_named() {
    assert_eq!(
        mistaken(|s| s.nodes[1].name = "x2".into()),
        "the name \"x2\" is given twice: each input and each node needs a name of its own"
    );
    assert_eq!(
        mistaken(|s| s.nodes[2].incoming[0].source = "h7".into()),
        "node \"o1\" names \"h7\", but there is no input or node of that name"
    );
    assert_eq!(
        mistaken(|s| s.outputs[0] = "o7".into()),
        "the list of outputs names \"o7\", but there is no input or node of that name"
    );
    assert_eq!(
        mistaken(|s| s.outputs[0] = "x1".into()),
        "output \"x1\" is an input: an output must be a node that computes"
    );
    assert_eq!(
        mistaken(|s| s.outputs.push("o1".into())),
        "\"o1\" is listed twice among the outputs: list each output once"
    );
    assert_eq!(
        mistaken(|s| s.outputs.clear()),
        "the network has no outputs: list at least one node as an output"
    );
    assert_eq!(
        mistaken(|s| s.nodes[0].offset = Offset::Bias(9)),
        "node \"h1.1\" uses weight index 9, but there are 9 weights, counted from 0"
    );
    assert_eq!(
        mistaken(|s| s.weight_names[1] = "x1→h1.1".into()),
        "the weight name \"x1→h1.1\" is given twice: each weight needs a name of its own (to share a \
         weight, use the same one on several edges)"
    );
    assert_eq!(
        mistaken(|s| {
            s.nodes[0].incoming.clear();
            s.nodes[0].offset = Offset::None;
        }),
        "node \"h1.1\" has no incoming weight, threshold or bias: give it at least one"
    );
    assert_eq!(
        message(Network::layered(&[2, 0, 1], OffsetKind::None)),
        "layers [2, 0, 1] describe no network: give at least two sizes, none of them 0"
    );
    assert!(Network::layered(&[], OffsetKind::None).is_err());
    assert!(Network::layered(&[3], OffsetKind::None).is_err());
}

#[test]
fn a_circle_is_named_node_by_node_and_nothing_else() {
    let mut builder = Builder::new();
    builder.inputs(["x"]).node("before").fed_by(["x"]);
    builder.node("a").fed_by(["before", "c"]);
    builder.node("b").fed_by(["a"]);
    builder.node("c").fed_by(["b"]);
    builder.node("after").fed_by(["b"]);
    builder.outputs(["after"]);
    assert_eq!(
        builder.build().expect_err("a circle"),
        Error::Cycle { nodes: ["a", "b", "c"].map(String::from).to_vec() }
    );
    assert_eq!(
        message(builder.build()),
        "the weights run in a circle: a → b → c → a; closed-form backpropagation needs an acyclic \
         network"
    );
    let mut builder = Builder::new();
    builder.node("self").fed_by(["self"]);
    builder.outputs(["self"]);
    assert_eq!(
        builder.build().expect_err("a circle"),
        Error::Cycle { nodes: vec!["self".to_owned()] }
    );
}

#[test]
fn mistakes_with_the_builder_are_told_by_build() {
    let mut builder = Builder::new();
    builder.inputs(["x"]).node("o").fed_by(["x"]).bias().threshold();
    builder.outputs(["o"]);
    assert_eq!(
        message(builder.build()),
        "node \"o\" has a threshold or bias already: a node takes one of the two, once"
    );
    let mut builder = Builder::new();
    builder.inputs(["x"]).node("o").fed_by(["x"]).fed_by(["x"]);
    builder.outputs(["o"]);
    assert!(matches!(builder.build(), Err(Error::DuplicateWeight { name }) if name == "x→o"));
}

#[test]
fn the_same_source_may_feed_a_node_twice_through_a_shared_weight() {
    let mut builder = Builder::new();
    builder.inputs(["x"]).node("o").fed_by_shared("x", "w").fed_by_shared("x", "w");
    builder.outputs(["o"]);
    let network = builder.build().expect("a network");
    assert_eq!(network.weight_names(), ["w"]);
    let samples = [Sample::new([1.0], [1.0])];
    let gradient = network.gradient(&[0.0], &samples, Rule::SLIDES).expect("a gradient");
    assert_eq!(gradient, [2.0 * 0.25 * 1.0]);
}

#[test]
fn mistakes_in_numbers_are_placed() {
    let network = Network::new(two_layers()).expect("a network");
    let weights = [0.1; 9];
    let good = Sample::new([0.0, 1.0], [1.0]);
    let p = |weights: &[f64], sample: Sample| {
        message(network.performance(weights, &[good.clone(), sample], Performance::SquaredError))
    };
    assert_eq!(p(&[0.1; 8], good.clone()), "expected 9 numbers as weights, found 8");
    let mut spoilt = weights;
    spoilt[3] = f64::NAN;
    assert_eq!(p(&spoilt, good.clone()), "weight \"x1→h1.2\" is NaN: expected a finite number");
    assert_eq!(
        p(&weights, Sample::new([0.0], [1.0])),
        "expected 2 numbers as inputs of sample 2, found 1"
    );
    assert_eq!(
        p(&weights, Sample::new([0.0, 1.0], [])),
        "expected 1 numbers as desired outputs of sample 2, found 0"
    );
    assert_eq!(
        p(&weights, Sample::new([0.0, f64::INFINITY], [1.0])),
        "input \"x2\" of sample 2 is inf: expected a finite number"
    );
    assert_eq!(
        p(&weights, Sample::new([0.0, 1.0], [f64::NAN])),
        "desired output \"o1\" of sample 2 is NaN: expected a finite number"
    );
    assert_eq!(
        p(&weights, Sample::new([0.0, 1.0], [1e200])),
        "the squared error of all samples is inf: expected a finite number"
    );
    assert_eq!(
        p(&[1e308; 9], Sample::new([1.0, 1.0], [1.0])),
        "σ of node \"h1.1\" of sample 1 is inf: expected a finite number"
    );
    assert_eq!(
        message(network.computed(&weights, &[1.0])),
        "expected 2 numbers as inputs, found 1"
    );
    assert_eq!(
        message(network.gradient(&weights, &[], Rule::SLIDES)),
        "there are no samples: the performance needs at least one"
    );
    let samples = [good];
    assert_eq!(
        message(network.ascend(&weights, &samples, Rule::SLIDES, f64::NAN, 1)),
        "the rate is NaN: expected a finite number"
    );
    assert_eq!(
        message(network.table(&weights, &samples, Rule::SLIDES, f64::INFINITY)),
        "the rate is inf: expected a finite number"
    );
    assert_eq!(
        message(network.ascend(
            &[0.0; 9],
            &[Sample::new([0.0, 0.0], [1e10])],
            Rule::SLIDES,
            1e300,
            1
        )),
        "weight \"h1.1→o1\" after step 1 is inf: expected a finite number"
    );
}

#[test]
fn the_root_has_no_derivative_at_zero() {
    let network = Network::layered(&[1, 1], OffsetKind::None).expect("layers");
    let exact = [Sample::new([1.0], [0.5])];
    let p = network.performance(&[0.0], &exact, Performance::RootMeanSquared).expect("P");
    assert_eq!(p, 0.0);
    assert_eq!(
        message(network.gradient(&[0.0], &exact, Rule::ROOT_MEAN_SQUARED)),
        "the root mean squared error is 0, where its square root has no derivative: stop here, or \
         take the squared error"
    );
    assert_eq!(network.gradient(&[0.0], &exact, Rule::SLIDES), Ok(vec![0.0]));
}
