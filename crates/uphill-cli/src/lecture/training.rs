//! The last section: the algorithm at work on exclusive or and on the Acquaintance/Sibling network, each gradient and
//! each trained network checked against backpropagation in closed form.

use std::fmt::Write;

use uphill_check::closed_form::{self, OffsetKind, Rule, Sample};
use uphill_nn::{
    Convention, NegativeRms, Network, NodeSpec, Outcome, Problem, Samples, SquaredError, Stop,
    Trainer,
};

use super::Failure;

/// Six decimals, with a true minus sign.
fn minus(number: f64) -> String {
    format!("{number:.6}").replace('-', "−")
}

/// Both sections.
pub(super) fn train(text: &mut String) -> Result<(), Failure> {
    exclusive_or(text)?;
    siblings(text)
}

/// One network, as both programs have it, with its samples.
struct Pair {
    network: Network,
    samples: Samples,
    closed: closed_form::Network,
    closed_samples: Vec<Sample>,
}

impl Pair {
    fn new(
        network: Network,
        closed: closed_form::Network,
        rows: &[(Vec<f64>, Vec<f64>)],
    ) -> Result<Pair, Failure> {
        let samples = Samples::from_pairs(rows.iter().map(|(inputs, desired)| (inputs, desired)))?;
        let closed_samples = rows
            .iter()
            .map(|(inputs, desired)| Sample::new(inputs.clone(), desired.clone()))
            .collect();
        Ok(Pair { network, samples, closed, closed_samples })
    }

    /// The largest difference of the two gradients, as a part of the largest entry, in words.
    fn gradients_agree(&self, weights: &[f64]) -> Result<String, Failure> {
        let computed =
            Problem::new(&self.network, SquaredError, &self.samples)?.gradient(weights)?;
        let expected = self.closed.gradient(weights, &self.closed_samples, Rule::SLIDES)?;
        Ok(agreement(&computed, &expected, (1e-12, "10⁻¹²")))
    }

    /// The same number of changes in closed form, from the same start: do they end at the same weights?
    fn paths_agree(
        &self,
        start: &[f64],
        rule: Rule,
        rate: f64,
        outcome: &Outcome,
    ) -> Result<String, Failure> {
        let ascent =
            self.closed.ascend(start, &self.closed_samples, rule, rate, outcome.changes)?;
        Ok(agreement(&outcome.weights, &ascent.weights, (1e-9, "10⁻⁹")))
    }
}

fn agreement(computed: &[f64], expected: &[f64], tolerance: (f64, &str)) -> String {
    let (tolerance, told) = tolerance;
    let largest = expected.iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
    let worst = computed.iter().zip(expected).map(|(c, e)| (c - e).abs()).fold(0.0_f64, f64::max);
    // Rounding decides the gap itself; whether it is small does not depend on it.
    let word = if worst <= tolerance * largest { "agree" } else { "DISAGREE" };
    format!("autodiff and closed form {word} within {told} of the largest entry")
}

fn exclusive_or(text: &mut String) -> Result<(), Failure> {
    let rows: Vec<_> = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
        .into_iter()
        .map(|x| (x.to_vec(), vec![f64::from(u8::from(x[0] != x[1]))]))
        .collect();
    let closed = closed_form::Network::layered(&[2, 2, 1], OffsetKind::Bias)?;
    let pair = Pair::new(Network::layered(&[2, 2, 1]).bias().build()?, closed, &rows)?;
    let start = [0.4, -0.3, 0.1, -0.2, 0.5, -0.1, 0.3, -0.4, 0.2];
    writeln!(text, "Exclusive or: 2 inputs, 2 hidden nodes, 1 output; rate 2.\n")?;
    writeln!(text, "  gradient at the start: {}", pair.gradients_agree(&start)?)?;
    let outcome = Trainer::new(&pair.network, SquaredError, &pair.samples)
        .weights(&start)
        .rate(2.0)
        .stop(Stop::outputs_within(0.1).looked_at_every(100))
        .stop(Stop::changes(20_000))
        .train()?;
    writeln!(text, "  stopped after {} changes: {}", outcome.changes, outcome.reason)?;
    writeln!(text, "  P = {}", minus(outcome.performance))?;
    for (inputs, desired) in pair.samples.rows() {
        let computed = pair.network.computed(&outcome.weights, inputs)?;
        writeln!(
            text,
            "  {} xor {} = {}: computed {:.3}",
            inputs[0], inputs[1], desired[0], computed[0]
        )?;
    }
    writeln!(text, "  gradient at the end: {}", pair.gradients_agree(&outcome.weights)?)?;
    writeln!(text, "  weights: {}", pair.paths_agree(&start, Rule::SLIDES, 2.0, &outcome)?)?;
    Ok(())
}

const PEOPLE: [&str; 6] = ["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"];

/// The book's table (Winston, chapter 22), after 225 changes and after 175 more.
const PUBLISHED: [(&str, &str); 14] = [
    ("1.99", "2.71"),
    ("4.65", "6.02"),
    ("4.65", "6.02"),
    ("4.65", "6.02"),
    ("2.28", "2.89"),
    ("5.28", "6.37"),
    ("5.28", "6.37"),
    ("5.28", "6.37"),
    ("9.07", "10.29"),
    ("6.27", "7.04"),
    ("6.12", "6.97"),
    ("", "-8.32"),
    ("", "-5.72"),
    ("", "-5.68"),
];

fn siblings(text: &mut String) -> Result<(), Failure> {
    let families = [("H1", &PEOPLE[..3]), ("H2", &PEOPLE[3..])];
    let (mut open, mut closed) = (Network::builder().inputs(PEOPLE), closed_form::Builder::new());
    closed.inputs(PEOPLE).outputs(["A", "S"]);
    for (node, family) in families {
        open = open.node(NodeSpec::new(node).threshold().fed_by(family.iter().copied()));
        closed.node(node).threshold().fed_by(family.iter().copied());
    }
    for node in ["A", "S"] {
        open = open.node(NodeSpec::new(node).threshold().fed_by(["H1", "H2"]));
        closed.node(node).threshold().fed_by(["H1", "H2"]);
    }
    let both = Pair::new(open.outputs(["A", "S"]).build()?, closed.build()?, &pairs_of_people())?;
    let acquaintances: Vec<_> =
        pairs_of_people().into_iter().map(|(x, d)| (x, vec![d[0]])).collect();
    let first = Pair::new(
        both.network.clone().with_outputs(["A"])?,
        both.closed.with_outputs(["A"])?,
        &acquaintances,
    )?;

    writeln!(
        text,
        "\nAcquaintance or Sibling: two families of three; H1 sees the one, H2 the other. Thresholds; rate 1 in the"
    )?;
    writeln!(text, "book's convention. First acquaintances alone, then siblings too.\n")?;
    let start: Vec<f64> = (1..=14).map(|k| f64::from(k) / 10.0).collect();
    writeln!(text, "  gradient at the start: {}", both.gradients_agree(&start)?)?;
    let one = in_the_book(&first, &start)?;
    writeln!(text, "  acquaintances: stopped after {} changes: {}", one.changes, one.reason)?;
    writeln!(text, "  weights: {}", first.paths_agree(&start, Rule::BOOK, 1.0, &one)?)?;
    let two = in_the_book(&both, &one.weights)?;
    writeln!(text, "  siblings too: stopped after {} more: {}", two.changes, two.reason)?;
    writeln!(text, "  weights: {}", both.paths_agree(&one.weights, Rule::BOOK, 1.0, &two)?)?;
    let p = |weights: &[f64]| -> Result<String, Failure> {
        Ok(minus(Problem::new(&both.network, NegativeRms, &both.samples)?.performance(weights)?))
    };
    let (before, after) = (p(&start)?, p(&two.weights)?);
    writeln!(
        text,
        "  P, the negative root mean squared (RMS) error: {before} at the start, {after} at the end\n"
    )?;

    writeln!(text, "  weight          computed  published  computed  published")?;
    for (k, weight) in both.network.weights().iter().enumerate() {
        let (name, published) = (&weight.name, PUBLISHED[k]);
        let trained =
            if published.0.is_empty() { String::new() } else { format!("{:.4}", one.weights[k]) };
        let row = format!(
            "  {name:<14} {trained:>9} {:>10} {:>9.4} {:>10}",
            published.0, two.weights[k], published.1
        );
        writeln!(text, "{}", row.replace('-', "−"))?;
    }
    Ok(())
}

/// Trains as the book does: until every output is within 0.1, looked at every 25 changes.
fn in_the_book(pair: &Pair, start: &[f64]) -> Result<Outcome, Failure> {
    let stop = Stop::outputs_within(0.1).looked_at_every(25);
    let trainer = Trainer::new(&pair.network, SquaredError, &pair.samples).weights(start);
    Ok(trainer
        .rate(1.0)
        .convention(Convention::Book)
        .stop(stop)
        .stop(Stop::changes(2000))
        .train()?)
}

/// Each two of the six: inputs 1 for these two, desired (acquaintances, siblings). Siblings are of one family.
fn pairs_of_people() -> Vec<(Vec<f64>, Vec<f64>)> {
    let pairs = (0..6).flat_map(|one| (one + 1..6).map(move |other| (one, other)));
    pairs
        .map(|(one, other)| {
            let inputs = (0..6)
                .map(|person| f64::from(u8::from(person == one || person == other)))
                .collect();
            let siblings = f64::from(u8::from((one < 3) == (other < 3)));
            (inputs, vec![1.0 - siblings, siblings])
        })
        .collect()
}
