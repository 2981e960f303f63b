//! Random networks, judged by two programs that share no code: autodiff, and backpropagation in closed form.
//!
//! A case is drawn as plain data; both programs build their network from it. The gap is the largest difference of two
//! gradient entries, as a part of the largest entry.

use uphill_check::closed_form::random::{Case, Limits, case};
use uphill_check::closed_form::{self, Offset, Rule, Structure};
use uphill_nn::{NegativeRms, Network, NodeSpec, Performance, Problem, Samples, SquaredError};

/// Any error of the three crates.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a run over many networks came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreement {
    /// How many networks were compared, each for squared error and root mean square.
    pub(crate) networks: u64,
    /// How many weights they had together.
    pub(crate) weights: usize,
    /// The largest gap, as a part of the largest entry of the gradient.
    pub(crate) worst: f64,
    /// The seed of the network that had it.
    pub(crate) worst_seed: u64,
    /// The largest gap, as a part of the largest entry that the gradient would have if every output missed by 1 and no
    /// two samples pulled in opposite directions. Where desired and computed outputs are nearly equal, or changes cancel,
    /// only rounding is left of an entry, and two right programs may differ by much of it; they never differ by much of
    /// this.
    pub(crate) worst_of_scale: f64,
}

/// Compares the gradients of the networks drawn from these seeds.
pub(crate) fn compare(seeds: std::ops::Range<u64>) -> Result<Agreement, Failure> {
    let (networks, worst_seed) = (seeds.end - seeds.start, seeds.start);
    let mut agreement =
        Agreement { networks, weights: 0, worst: 0.0, worst_seed, worst_of_scale: 0.0 };
    for seed in seeds {
        let case = case(seed, &Limits::default());
        let cancelling = cancelling(&case)?;
        let squared = gap(&case, SquaredError, Rule::SLIDES)?;
        let root = gap(&case, NegativeRms, Rule::ROOT_MEAN_SQUARED)?;
        for gap in [squared, root] {
            // A NaN is the worst gap of all.
            if gap > agreement.worst || gap.is_nan() {
                (agreement.worst, agreement.worst_seed) = (gap, seed);
            }
            if gap * cancelling > agreement.worst_of_scale || gap.is_nan() {
                agreement.worst_of_scale = gap * cancelling;
            }
        }
        agreement.weights += case.weights.len();
    }
    Ok(agreement)
}

fn largest(entries: &[f64]) -> f64 {
    entries.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()))
}

/// The largest entry of the gradient, as a part of what it would be if every output missed by 1 and no two samples
/// pulled in opposite directions.
fn cancelling(case: &Case) -> Result<f64, Failure> {
    let network = closed_form::Network::new(case.structure.clone())?;
    let mut sizes = vec![0.0; case.weights.len()];
    for sample in &case.samples {
        let mut missed = sample.clone();
        missed.desired =
            network.computed(&case.weights, &sample.inputs)?.iter().map(|o| o + 1.0).collect();
        let change = network.gradient(&case.weights, &[missed], Rule::SLIDES)?;
        sizes.iter_mut().zip(change).for_each(|(size, change)| *size += change.abs());
    }
    let left = largest(&network.gradient(&case.weights, &case.samples, Rule::SLIDES)?);
    Ok(if left == 0.0 { 1.0 } else { left / largest(&sizes) })
}

fn gap(case: &Case, performance: impl Performance, rule: Rule) -> Result<f64, Failure> {
    let network = closed_form::Network::new(case.structure.clone())?;
    let expected = network.gradient(&case.weights, &case.samples, rule)?;
    let computed = by_autodiff(case, performance)?;
    let difference = computed.iter().zip(&expected).map(|(c, e)| (c - e).abs());
    let worst = difference.fold(0.0, |worst, d| if d > worst || d.is_nan() { d } else { worst });
    Ok(if worst == 0.0 { 0.0 } else { worst / largest(&expected) })
}

/// The gradient that `uphill` computes, in the order of the case's weights.
pub(crate) fn by_autodiff(case: &Case, performance: impl Performance) -> Result<Vec<f64>, Failure> {
    let network = network(&case.structure)?;
    let positions = case.structure.weight_names.iter().map(|name| network.weight(name).ok());
    let positions: Vec<Option<usize>> = positions.collect();
    let mut weights = vec![0.0; network.weight_count()];
    for (position, &value) in positions.iter().zip(&case.weights) {
        if let Some(position) = *position {
            weights[position] = value;
        }
    }
    let samples =
        Samples::from_pairs(case.samples.iter().map(|sample| (&sample.inputs, &sample.desired)))?;
    let gradient = Problem::new(&network, performance, &samples)?.gradient(&weights)?;
    // A weight that no edge uses changes nothing.
    Ok(positions
        .iter()
        .map(|position| position.map_or(0.0, |position| gradient[position]))
        .collect())
}

/// The same wiring as a network of the nn crate; weights keep their names.
pub(crate) fn network(structure: &Structure) -> Result<Network, uphill_nn::Error> {
    let weight = |index: usize| structure.weight_names[index].clone();
    let mut builder = Network::builder().inputs(structure.inputs.clone());
    for node in &structure.nodes {
        let mut spec = NodeSpec::new(&node.name);
        for edge in &node.incoming {
            spec = spec.fed_by_shared(&edge.source, weight(edge.weight));
        }
        builder = builder.node(match node.offset {
            Offset::None => spec,
            Offset::Bias(index) => spec.bias_shared(weight(index)),
            Offset::Threshold(index) => spec.threshold_shared(weight(index)),
        });
    }
    builder.outputs(structure.outputs.clone()).build()
}
