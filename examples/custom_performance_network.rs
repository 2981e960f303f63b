//! A network trained for a performance that the library doesn't know: Huber's, with weight decay, in under ten lines.
//! Its gradient is checked against central differences, then a wave with two wild points is learnt.
//! Run: `cargo run --release --example custom_performance_network`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill_graph::Scalar;
use uphill_nn::{
    Activation, Error, Method, Network, Performance, Problem, Samples, SquaredError, Start, Stop,
    Trainer,
};

struct Huber;

// The whole of it: what a sample adds, and what the weights add. Nothing about derivatives.
impl Performance for Huber {
    fn term<S: Scalar>(&self, desired: &[S], computed: &[S]) -> S {
        let huber = |e: S| S::select(e.less(S::from(0.1)), e.square() / 2.0, 0.1 * e - 0.005);
        desired.iter().zip(computed).map(|(&d, &o)| -huber((d - o).abs())).sum()
    }
    fn regularise<S: Scalar>(&self, weights: &[S]) -> S {
        -1e-5 * S::dot(weights, weights)
    }
}

/// A wave, with two of its points far off.
fn data() -> Result<Samples, Error> {
    let wave = |t: f64| (2.0 * t).sin();
    Samples::from_pairs((0..30).map(|n| {
        let t = f64::from(n) / 10.0;
        ([t], [if n == 8 || n == 21 { 4.0 } else { wave(t) }])
    }))
}

/// The largest gap between the gradient and central differences.
fn check(problem: &Problem, weights: &[f64]) -> Result<f64, Error> {
    let gradient = problem.gradient(weights)?;
    let mut largest = 0.0_f64;
    for (place, slope) in gradient.iter().enumerate() {
        let at = |step: f64| {
            let mut moved = weights.to_vec();
            moved[place] += step;
            problem.performance(&moved)
        };
        let difference = (at(1e-6)? - at(-1e-6)?) / 2e-6;
        largest = largest.max((slope - difference).abs());
    }
    Ok(largest)
}

/// The largest error at the points that aren't wild.
fn error_of_the_wave(network: &Network, samples: &Samples, weights: &[f64]) -> Result<f64, Error> {
    let mut largest = 0.0_f64;
    for (inputs, desired) in samples.rows().filter(|(_, desired)| desired[0] < 2.0) {
        largest = largest.max((network.computed(weights, inputs)?[0] - desired[0]).abs());
    }
    Ok(largest)
}

fn train(
    network: &Network,
    performance: impl Performance,
    samples: &Samples,
) -> Result<Vec<f64>, Error> {
    let outcome = Trainer::new(network, performance, samples)
        .start(Start::Xavier)
        .seed(2)
        .method(Method::adam())
        .rate(0.02)
        .stop(Stop::changes(4000))
        .train()?;
    println!("P = {:.6} after {} changes", outcome.performance, outcome.changes);
    Ok(outcome.weights)
}

fn main() -> Result<(), Error> {
    let network = Network::layered(&[1, 8, 1])
        .hidden(Activation::Tanh)
        .output(Activation::Identity)
        .bias()
        .build()?;
    let samples = data()?;

    let source = include_str!("custom_performance_network.rs");
    let code = source.lines().skip_while(|line| !line.starts_with("impl Performance"));
    let lines: Vec<&str> = code.take_while(|line| !line.is_empty()).collect();
    println!("{}\n\nThese are {} lines.\n", lines.join("\n"), lines.len());

    let problem = Problem::new(&network, Huber, &samples)?;
    let gap = check(&problem, &Start::Xavier.weights(&network, 2)?)?;
    println!("gradient against central differences: {gap:.0e} apart at most");
    assert!(lines.len() < 10 && gap < 1e-7, "the gradient is right and the code is short");

    println!("\nHuber with weight decay:");
    let robust = error_of_the_wave(&network, &samples, &train(&network, Huber, &samples)?)?;
    println!("squared error:");
    let square = error_of_the_wave(&network, &samples, &train(&network, SquaredError, &samples)?)?;
    println!("\nlargest error away from the wild points: {robust:.3} and {square:.3}");
    assert!(robust < square, "two wild points should not bend the wave");
    Ok(())
}
