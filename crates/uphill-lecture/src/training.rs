//! The last section: the algorithm at work on exclusive or and on the Acquaintance/Sibling network, each gradient and
//! each trained network checked against backpropagation in closed form.

use std::fmt::Write;

use uphill_check::closed_form::{self, OffsetKind, Rule, Sample};
use uphill_nn::{NegativeRms, Network, Outcome, Problem, Samples, SquaredError, Stop, Trainer};

use crate::error::Error;
use crate::siblings::{FAMILIES, PUBLISHED, Siblings, pairs};

/// Six decimals, with a true minus sign.
fn minus(number: f64) -> String {
    format!("{number:.6}").replace('-', "−")
}

/// Both sections.
pub(crate) fn train(text: &mut String) -> Result<(), Error> {
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
        samples: Samples,
        closed: closed_form::Network,
    ) -> Result<Pair, Error> {
        let closed_samples = samples.rows().map(|(x, d)| Sample::new(x.to_vec(), d.to_vec()));
        let closed_samples = closed_samples.collect();
        Ok(Pair { network, samples, closed, closed_samples })
    }

    /// The largest difference of the two gradients, as a part of the largest entry, in words.
    fn gradients_agree(&self, weights: &[f64]) -> Result<String, Error> {
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
    ) -> Result<String, Error> {
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

fn exclusive_or(text: &mut String) -> Result<(), Error> {
    let rows = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let samples = Samples::from_pairs(rows.map(|x| (x, [f64::from(u8::from(x[0] != x[1]))])))?;
    let closed = closed_form::Network::layered(&[2, 2, 1], OffsetKind::Bias)?;
    let pair = Pair::new(Network::layered(&[2, 2, 1]).bias().build()?, samples, closed)?;
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

fn siblings(text: &mut String) -> Result<(), Error> {
    let mut closed = closed_form::Builder::new();
    closed.inputs(FAMILIES.as_flattened().iter().copied()).outputs(["A", "S"]);
    for (node, family) in ["H1", "H2"].into_iter().zip(FAMILIES) {
        closed.node(node).threshold().fed_by(family);
    }
    for node in ["A", "S"] {
        closed.node(node).threshold().fed_by(["H1", "H2"]);
    }
    let trained = Siblings::train(1.0)?;
    let both = Pair::new(trained.network.clone(), pairs()?, closed.build()?)?;
    let first = Pair::new(
        both.network.clone().with_outputs(["A"])?,
        pairs()?.with_desired(&[0])?,
        both.closed.with_outputs(["A"])?,
    )?;

    writeln!(
        text,
        "\nAcquaintance or Sibling: two families of three; H1 sees the one, H2 the other. Thresholds; rate 1 in the"
    )?;
    writeln!(text, "book's convention. First acquaintances alone, then siblings too.\n")?;
    let start = PUBLISHED[0];
    writeln!(text, "  gradient at the start: {}", both.gradients_agree(&start)?)?;
    let one = trained.acquaintances;
    writeln!(text, "  acquaintances: stopped after {} changes: {}", one.changes, one.reason)?;
    writeln!(text, "  weights: {}", first.paths_agree(&start, Rule::BOOK, 1.0, &one)?)?;
    let two = trained.both;
    writeln!(text, "  siblings too: stopped after {} more: {}", two.changes, two.reason)?;
    writeln!(text, "  weights: {}", both.paths_agree(&one.weights, Rule::BOOK, 1.0, &two)?)?;
    let p = |weights: &[f64]| -> Result<String, Error> {
        Ok(minus(Problem::new(&both.network, NegativeRms, &both.samples)?.performance(weights)?))
    };
    let (before, after) = (p(&start)?, p(&two.weights)?);
    writeln!(
        text,
        "  P, the negative root mean squared (RMS) error: {before} at the start, {after} at the end\n"
    )?;

    writeln!(text, "  weight          computed  published  computed  published")?;
    for (k, weight) in both.network.weights().iter().enumerate() {
        // Siblings have no part in what was learnt first.
        let of_siblings = PUBLISHED[0][k] == PUBLISHED[1][k];
        let first = match of_siblings {
            true => [String::new(), String::new()],
            false => [format!("{:.4}", one.weights[k]), format!("{:.2}", PUBLISHED[1][k])],
        };
        let row = format!(
            "  {:<14} {:>9} {:>10} {:>9.4} {:>10.2}",
            weight.name, first[0], first[1], two.weights[k], PUBLISHED[2][k]
        );
        writeln!(text, "{}", row.replace('-', "−"))?;
    }
    Ok(())
}
