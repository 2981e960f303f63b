//! `uphill siblings`: the Acquaintance/Sibling network of the lecture, trained as in its book.
//!
//! First acquaintances alone, then siblings too. Changes are counted by the book's rule, and the weights stand beside the
//! published two decimals.

use std::fmt::Write;

use clap::Args;
use serde_json::json;
use uphill_nn::{
    Convention, Error, NegativeRms, Network, NodeSpec, Outcome, Problem, Samples, SquaredError,
    Stop, Trainer,
};

use crate::numbers::number;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  uphill siblings
      at the book's rate 1: 225 changes for acquaintances, 175 more for siblings too

  uphill siblings --rate 0.25
      four times the changes, about; the same place in the end";

/// Train the lecture's Acquaintance/Sibling network and compare it with the book's.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The learning rate, in the book's convention (β = d − o)
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 1.0,
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub rate: f64,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

const PEOPLE: [&str; 6] = ["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"];

/// The book's table (Winston, Artificial Intelligence, 3rd edition, pp. 458-468), as recalled.
const PUBLISHED: [[f64; 14]; 3] = [
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4],
    [1.99, 4.65, 4.65, 4.65, 2.28, 5.28, 5.28, 5.28, 9.07, 6.27, 6.12, 1.2, 1.3, 1.4],
    [2.71, 6.02, 6.02, 6.02, 2.89, 6.37, 6.37, 6.37, 10.29, 7.04, 6.97, -8.32, -5.72, -5.68],
];

/// The network after both parts of its training.
#[derive(Debug, Clone)]
pub struct Siblings {
    /// The learning rate.
    pub rate: f64,
    /// The network with both outputs.
    pub network: Network,
    /// After learning acquaintances alone.
    pub acquaintances: Outcome,
    /// After learning siblings too.
    pub both: Outcome,
    /// The negative RMS error in the end.
    pub negative_rms: f64,
}

impl Siblings {
    /// Trains at this rate, in the book's convention.
    ///
    /// # Errors
    ///
    /// For a rate that is not positive, or so large that training diverges.
    ///
    /// ```
    /// let siblings = uphill_cli::siblings::Siblings::train(1.0)?;
    /// assert_eq!((siblings.acquaintances.changes, siblings.both.changes), (225, 175));
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn train(rate: f64) -> Result<Siblings, Error> {
        let network = Network::builder()
            .inputs(PEOPLE)
            .node(NodeSpec::new("H1").threshold().fed_by(&PEOPLE[..3]))
            .node(NodeSpec::new("H2").threshold().fed_by(&PEOPLE[3..]))
            .node(NodeSpec::new("A").threshold().fed_by(["H1", "H2"]))
            .node(NodeSpec::new("S").threshold().fed_by(["H1", "H2"]))
            .outputs(["A", "S"])
            .build()?;
        let (all, of_a) = (pairs()?, pairs()?.with_desired(&[0])?);
        let acquaintances =
            climb(&network.clone().with_outputs(["A"])?, &of_a, rate, &PUBLISHED[0])?;
        let both = climb(&network, &all, rate, &acquaintances.weights)?;
        let negative_rms = Problem::new(&network, NegativeRms, &all)?.performance(&both.weights)?;
        Ok(Siblings { rate, network, acquaintances, both, negative_rms })
    }

    /// How many changes each part took, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "rate {}: {} changes for acquaintances, {} more for siblings too\n",
            self.rate, self.acquaintances.changes, self.both.changes
        )
    }

    /// Why it stopped, all weights beside the published ones (which are those at rate 1), and P.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = format!("stopped because {}\n\n", self.both.reason);
        text += &format!(
            "{:16}{:>9}{:>22}{:>22}\n",
            "weight", "start", "acquaintances", "siblings too"
        );
        text += &format!("{:25}{:>22}{:>22}\n", "", "computed  published", "computed  published");
        for (place, weight) in self.network.weights().iter().enumerate() {
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "{:16}{:>9.2} {:>10.4}{:>11.2} {:>10.4}{:>11.2}",
                weight.name,
                PUBLISHED[0][place],
                self.acquaintances.weights[place],
                PUBLISHED[1][place],
                self.both.weights[place],
                PUBLISHED[2][place]
            );
        }
        let (squares, rms) = (self.both.performance, self.negative_rms);
        let as_rms = "as the negative root mean squared (RMS) error";
        text + &format!("\nP = {squares:.6} as a sum of squares, {rms:.6} {as_rms}\n")
    }

    fn json(&self) -> String {
        let part = |outcome: &Outcome| {
            let names = self.network.weights().iter().map(|weight| weight.name.clone());
            let weights = names.zip(outcome.weights.iter().map(|&weight| weight.into()));
            json!({
                "changes": outcome.changes,
                "stopped": outcome.reason.to_string(),
                "performance": outcome.performance,
                "weights": weights.collect::<serde_json::Map<_, _>>(),
            })
        };
        let object = json!({
            "rate": self.rate,
            "acquaintances": part(&self.acquaintances),
            "siblings_too": part(&self.both),
            "negative_rms": self.negative_rms,
        });
        format!("{object:#}\n")
    }
}

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

fn climb(network: &Network, samples: &Samples, rate: f64, start: &[f64]) -> Result<Outcome, Error> {
    Trainer::new(network, SquaredError, samples)
        .convention(Convention::Book) // β = d − o
        .rate(rate)
        .weights(start)
        .stop(Stop::outputs_within(0.1).looked_at_every(25))
        .stop(Stop::changes(200_000))
        .train()
}

/// Prints what was found.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), crate::Error> {
    let siblings = Siblings::train(arguments.rate)?;
    if arguments.json {
        return output.result(&siblings.json());
    }
    output.result(&(siblings.line() + &siblings.table()))
}
