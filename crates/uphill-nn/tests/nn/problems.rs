//! Gradients and Hessian-vector products against central differences, for every activation and performance; sharing,
//! freezing, wiring order.

use uphill_graph::Scalar;
use uphill_nn::{
    Activation, BinaryCrossEntropy, BinaryCrossEntropyOfSums, CategoricalCrossEntropy,
    CategoricalCrossEntropyOfSums, NegativeRms, Network, NodeSpec, Performance, Problem, Samples,
    SquaredError, Start, WeightDecay,
};

use crate::cases::{family, iris, pairs};

/// ∇P against differences of P, and H·v against differences of ∇P.
fn agrees(what: &str, network: &Network, performance: impl Performance, samples: &Samples) {
    let problem = Problem::new(network, performance, samples).unwrap();
    let weights = Start::Uniform(1.0).weights(network, 3).unwrap();
    let direction = Start::Uniform(1.0).weights(network, 4).unwrap();
    let h = 1e-5;
    let moved = |by: f64| -> Vec<f64> {
        let free = network.weights().iter().map(|weight| f64::from(u8::from(!weight.frozen)));
        let steps = direction.iter().zip(free).map(|(direction, free)| by * direction * free);
        weights.iter().zip(steps).map(|(weight, step)| weight + step).collect()
    };
    let gradient = problem.gradient(&weights).unwrap();
    let slope = f64::dot(&gradient, &direction);
    let p = |by| problem.performance(&moved(by)).unwrap();
    let difference = (p(h) - p(-h)) / (2.0 * h);
    assert!(
        (slope - difference).abs() < 1e-7 * (1.0 + slope.abs()),
        "{what}: {slope} {difference}"
    );
    let product = problem.hessian_vector(&weights, &direction).unwrap();
    let (ahead, behind) =
        (problem.gradient(&moved(h)).unwrap(), problem.gradient(&moved(-h)).unwrap());
    for ((product, ahead), behind) in product.iter().zip(ahead).zip(behind) {
        let difference = (ahead - behind) / (2.0 * h);
        let close = (product - difference).abs() < 1e-6 * (1.0 + product.abs());
        assert!(close, "{what}: {product} {difference}");
    }
}

struct Huber;

impl Performance for Huber {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        let huber = |e: S| S::select(e.less(S::from(0.5)), e.square() / 2.0, 0.5 * e - 0.125);
        desired.iter().zip(computed).map(|(&d, &o)| -huber((d - o).abs())).sum()
    }
    fn regularise<S: Scalar>(&self, weights: &[S]) -> S {
        -0.01 * S::dot(weights, weights)
    }
}

#[test]
fn every_activation_with_every_performance() {
    let swish = Activation::custom("swish", |sigma| sigma * sigma.sigmoid()).unwrap();
    for hidden in [Activation::Sigmoid, Activation::Tanh, Activation::Softplus, swish] {
        let name = hidden.name().to_owned();
        let network = |output| {
            let layered = Network::layered(&[4, 3, 3]).hidden(hidden.clone()).output(output);
            layered.bias().build().unwrap()
        };
        let sigmoid = network(Activation::Sigmoid);
        agrees(&name, &sigmoid, SquaredError, &iris());
        agrees(&name, &sigmoid, NegativeRms, &iris());
        agrees(&name, &sigmoid, WeightDecay { of: NegativeRms, strength: 0.1 }, &iris());
        agrees(&name, &sigmoid, Huber, &iris());
        agrees(&name, &sigmoid, BinaryCrossEntropy, &iris());
        agrees(&name, &network(Activation::Softmax), CategoricalCrossEntropy, &iris());
        let sums = network(Activation::Identity);
        agrees(&name, &sums, BinaryCrossEntropyOfSums, &iris());
        agrees(&name, &sums, CategoricalCrossEntropyOfSums, &iris());
    }
    let relu = Network::layered(&[4, 3, 3]).hidden(Activation::Relu).build().unwrap();
    agrees("relu", &relu, SquaredError, &iris());
}

#[test]
fn sums_and_probabilities_are_the_same_performance() {
    let build = |activation| Network::layered(&[4, 3]).output(activation).build().unwrap();
    let weights = Start::Uniform(1.0).weights(&build(Activation::Sigmoid), 1).unwrap();
    let p = |network: Network, performance: &dyn Fn(&Network) -> Problem| {
        performance(&network).performance(&weights).unwrap()
    };
    let samples = iris();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-11, "{a} {b}");
    near(
        p(build(Activation::Sigmoid), &|n| Problem::new(n, BinaryCrossEntropy, &samples).unwrap()),
        p(build(Activation::Identity), &|n| {
            Problem::new(n, BinaryCrossEntropyOfSums, &samples).unwrap()
        }),
    );
    near(
        p(build(Activation::Softmax), &|n| {
            Problem::new(n, CategoricalCrossEntropy, &samples).unwrap()
        }),
        p(build(Activation::Identity), &|n| {
            Problem::new(n, CategoricalCrossEntropyOfSums, &samples).unwrap()
        }),
    );
}

#[test]
fn frozen_weights_have_no_slope_and_stay() {
    let network = family().freeze(["Robert->H1", "threshold→S"]).unwrap();
    agrees("frozen", &network, SquaredError, &pairs());
    let weights = vec![0.3; 14];
    let free = Problem::new(&family(), SquaredError, &pairs()).unwrap().gradient(&weights).unwrap();
    let held = Problem::new(&network, SquaredError, &pairs()).unwrap().gradient(&weights).unwrap();
    for (weight, (free, held)) in network.weights().iter().zip(free.into_iter().zip(held)) {
        assert_eq!(held, if weight.frozen { 0.0 } else { free });
    }
    assert_eq!(network.unfreeze(["Robert->H1", "threshold→S"]).unwrap(), family());
}

#[test]
fn a_shared_weight_has_the_sum_of_the_slopes_of_its_edges() {
    let build = |shared: bool| {
        let node = |name: &str, source: &str| {
            let spec = NodeSpec::new(name);
            if shared { spec.fed_by_shared(source, "both") } else { spec.fed_by([source]) }
        };
        Network::builder()
            .inputs(["x", "y"])
            .node(node("a", "x"))
            .node(node("b", "y"))
            .node(NodeSpec::new("o").bias().fed_by(["a", "b"]))
            .outputs(["o"])
            .build()
            .unwrap()
    };
    let samples = Samples::new([[0.5, -1.0], [2.0, 0.25]], [[1.0], [0.0]]).unwrap();
    let (shared, apart) = (build(true), build(false));
    agrees("shared", &shared, SquaredError, &samples);
    let gradient = |network, weights: &[f64]| {
        Problem::new(network, SquaredError, &samples).unwrap().gradient(weights).unwrap()
    };
    let one = gradient(&shared, &[0.7, 0.1, 0.2, 0.3]);
    let two = gradient(&apart, &[0.7, 0.7, 0.1, 0.2, 0.3]);
    assert!((one[0] - (two[0] + two[1])).abs() < 1e-15);
    assert_eq!(one[1..], two[2..]);
}

/// The outer function asks for the number of samples by a name that a weight may have.
#[test]
fn a_weight_may_be_called_samples() {
    let build = |name: &str| {
        let node = NodeSpec::new("o").bias().fed_by_shared("x", name);
        Network::builder().inputs(["x"]).node(node).outputs(["o"]).build().unwrap()
    };
    let samples = Samples::new([[0.5], [2.0], [-1.0]], [[1.0], [0.0], [0.5]]).unwrap();
    let of = |name: &str| {
        let problem = Problem::new(&build(name), NegativeRms, &samples).unwrap();
        let (p, gradient) = problem.with_gradient(&[0.7, 0.2]).unwrap();
        (p, gradient, problem.hessian_vector(&[0.7, 0.2], &[1.0, -1.0]).unwrap())
    };
    assert_eq!(of("samples"), of("w"));
}

#[test]
fn nodes_may_be_declared_in_any_order() {
    let x = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let backwards = Network::builder()
        .outputs(["A", "S"])
        .node(NodeSpec::new("S").threshold().fed_by(["H1", "H2"]))
        .node(NodeSpec::new("A").threshold().fed_by(["H1", "H2"]))
        .node(NodeSpec::new("H2").threshold().fed_by(["Joan", "James", "Juliet"]))
        .node(NodeSpec::new("H1").threshold().fed_by(["Robert", "Raquel", "Romeo"]))
        .inputs(["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"])
        .build()
        .unwrap();
    let start: Vec<f64> = (1..=14).map(|n| f64::from(n) / 10.0).collect();
    let family = family();
    let moved = backwards.weights_from(family.named(&start).unwrap()).unwrap();
    assert_ne!(moved, start);
    assert_eq!(backwards.computed(&moved, &x).unwrap(), family.computed(&start, &x).unwrap());
}

#[test]
fn xavier_draws_by_the_number_of_edges() {
    let network = Network::layered(&[10, 20, 1]).bias().build().unwrap();
    let weights = Start::Xavier.weights(&network, 1).unwrap();
    let (mut largest, width) = (0.0_f64, (6.0_f64 / 30.0).sqrt());
    for (name, value) in network.named(&weights).unwrap() {
        if name.starts_with("bias") {
            assert_eq!(value, 0.0);
        } else if name.starts_with('x') {
            largest = largest.max(value.abs());
        }
    }
    assert!(largest < width && largest > 0.9 * width);
}
