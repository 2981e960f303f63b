//! The Acquaintance/Sibling network of the lecture, trained as in its book.
//!
//! First acquaintances alone, then siblings too. Changes are counted by the book's rule, and the weights stand beside the
//! published two decimals.

use std::fmt::Write;

use uphill_nn::{
    Convention, Error, NegativeRms, Network, NodeSpec, Outcome, Problem, Samples, SquaredError,
    Stop, Trainer,
};

/// Two families of three.
pub(crate) const FAMILIES: [[&str; 3]; 2] =
    [["Robert", "Raquel", "Romeo"], ["Joan", "James", "Juliet"]];

/// The book's table (Winston, Artificial Intelligence, 3rd edition, pp. 458-468), as recalled: the weights at the start,
/// after learning acquaintances, and after siblings too.
pub(crate) const PUBLISHED: [[f64; 14]; 3] = [
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
    /// let siblings = uphill_lecture::Siblings::train(1.0)?;
    /// assert_eq!((siblings.acquaintances.changes, siblings.both.changes), (225, 175));
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    pub fn train(rate: f64) -> Result<Siblings, Error> {
        let network = Network::builder()
            .inputs(FAMILIES.as_flattened())
            .node(NodeSpec::new("H1").threshold().fed_by(FAMILIES[0]))
            .node(NodeSpec::new("H2").threshold().fed_by(FAMILIES[1]))
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
}

/// Each pair of people; two of one family are siblings, two of different ones acquaintances.
pub(crate) fn pairs() -> Result<Samples, Error> {
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
