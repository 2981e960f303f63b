//! The Acquaintance/Sibling network of the lecture, trained as in its book: first acquaintances alone, then both.
//! Counts the changes by the book's rule and prints the weights beside the published two decimals.
//! Run: `cargo run --release --example siblings`
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill_nn::{
    Convention, Error, NegativeRms, Network, NodeSpec, Outcome, Problem, Samples, SquaredError,
    Stop, Trainer,
};

const PEOPLE: [&str; 6] = ["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"];

/// The book's table (Winston, Artificial Intelligence, 3rd edition, pp. 458-468), as recalled.
const PUBLISHED: [[f64; 14]; 3] = [
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4],
    [1.99, 4.65, 4.65, 4.65, 2.28, 5.28, 5.28, 5.28, 9.07, 6.27, 6.12, 1.2, 1.3, 1.4],
    [2.71, 6.02, 6.02, 6.02, 2.89, 6.37, 6.37, 6.37, 10.29, 7.04, 6.97, -8.32, -5.72, -5.68],
];

/// Each pair of people; two of one family are siblings, two of different ones acquaintances.
fn pairs() -> Result<Samples, Error> {
    let pairs = (0..6).flat_map(|one| (one + 1..6).map(move |other| (one, other)));
    Samples::from_pairs(pairs.map(|(one, other)| {
        let mut inputs = [0.0; 6];
        inputs[one] = 1.0;
        inputs[other] = 1.0;
        let siblings = one / 3 == other / 3;
        (inputs, if siblings { [0.0, 1.0] } else { [1.0, 0.0] })
    }))
}

fn train(network: &Network, samples: &Samples, rate: f64, start: &[f64]) -> Result<Outcome, Error> {
    Trainer::new(network, SquaredError, samples)
        .convention(Convention::Book) // β = d − o
        .rate(rate)
        .weights(start)
        .stop(Stop::outputs_within(0.1).looked_at_every(25))
        .train()
}

fn main() -> Result<(), Error> {
    let both = Network::builder()
        .inputs(PEOPLE)
        .node(NodeSpec::new("H1").threshold().fed_by(&PEOPLE[..3]))
        .node(NodeSpec::new("H2").threshold().fed_by(&PEOPLE[3..]))
        .node(NodeSpec::new("A").threshold().fed_by(["H1", "H2"]))
        .node(NodeSpec::new("S").threshold().fed_by(["H1", "H2"]))
        .outputs(["A", "S"])
        .build()?;
    let acquaintances = both.clone().with_outputs(["A"])?;
    let (all, labels_of_a) = (pairs()?, pairs()?.with_desired(&[0])?);

    for rate in [0.25, 0.5, 1.0] {
        let first = train(&acquaintances, &labels_of_a, rate, &PUBLISHED[0])?;
        let second = train(&both, &all, rate, &first.weights)?;
        println!(
            "rate {rate}: {} changes for acquaintances, {} more for siblings too",
            first.changes, second.changes
        );
        if rate < 1.0 {
            continue;
        }
        println!("stopped because {}\n", second.reason);
        println!("{:16}{:>9}{:>22}{:>22}", "weight", "start", "acquaintances", "siblings too");
        println!("{:25}{:>22}{:>22}", "", "computed  published", "computed  published");
        for (place, (name, start)) in both.named(&PUBLISHED[0])?.enumerate() {
            println!(
                "{name:16}{start:>9.2}{:>11.4}{:>11.2}{:>11.4}{:>11.2}",
                first.weights[place],
                PUBLISHED[1][place],
                second.weights[place],
                PUBLISHED[2][place]
            );
        }
        let rms = Problem::new(&both, NegativeRms, &all)?.performance(&second.weights)?;
        println!("\nP = {:.6} as a sum of squares, {rms:.6} as negative RMS", second.performance);
    }
    Ok(())
}
