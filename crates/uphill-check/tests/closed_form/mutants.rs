//! Negative control: backpropagation written once more with a mistake in it, which must be caught.
//!
//! Each [`Mutation`] is one slip of the pen in one formula. The judge is finite differences of P, which
//! know no formula. Without a slip the copy passes at 1e-8 and equals the crate's closed form; with
//! one it is off by more than 1e-4 on nearly every random network that has the part it damages.

use crate::{gap, naive};
use uphill_check::closed_form::random::{Case, Limits, case};
use uphill_check::closed_form::{Network, NodeSpec, Offset, Performance, Rule, Structure};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mutation {
    None,
    /// σ forgets its first term.
    DroppedTermOfSum,
    /// σ + t instead of σ − t.
    ThresholdSignInSum,
    /// The sum of β_j over nodes k forgets its last term.
    DroppedTermOfBeta,
    /// An output that feeds others forgets 2(d − o).
    DroppedOutputPart,
    /// The last sample is not added.
    DroppedSample,
    /// β_j takes the weight of another source of k: a row of the weights for a column.
    TransposedWeight,
    /// β_z = −2(d − o).
    WrongSignOfBeta,
    /// β_z = d − o, the book's, where the derivative is asked for.
    MissingFactorTwo,
    /// Δw = o_i·β_j.
    MissingSlopeInChange,
    /// β_j = Σ w·β_k.
    MissingSlopeInBeta,
    /// o instead of o(1 − o).
    MissingComplement,
    /// o(1 + o) instead of o(1 − o).
    WrongSignInSlope,
    /// Δw of a threshold with o_i = +1.
    ThresholdSign,
    /// Δw of a bias with o_i = −1.
    BiasSign,
    /// Δw(i→j) with β_i.
    SwappedBeta,
    /// Δw(i→j) with o_j.
    SwappedOutput,
    /// Δw of a shared weight is that of its last edge alone.
    SharedNotAdded,
    /// The slope of j instead of that of k in β_j.
    SlopeOfTheWrongNode,
    /// Negative RMS without its outer factor.
    MissingOuterFactor,
    /// Negative RMS with 1/(M·Z·√…) for the outer factor: its own ½ is missing.
    MissingHalfOfRoot,
}

const MUTATIONS: [Mutation; 20] = {
    use Mutation::*;
    [
        DroppedTermOfSum,
        ThresholdSignInSum,
        DroppedTermOfBeta,
        DroppedOutputPart,
        DroppedSample,
        TransposedWeight,
        WrongSignOfBeta,
        MissingFactorTwo,
        MissingSlopeInChange,
        MissingSlopeInBeta,
        MissingComplement,
        WrongSignInSlope,
        ThresholdSign,
        BiasSign,
        SwappedBeta,
        SwappedOutput,
        SharedNotAdded,
        SlopeOfTheWrongNode,
        MissingOuterFactor,
        MissingHalfOfRoot,
    ]
};

/// The edges j→k of node or input `j`: the place of k, and of the edge among those into k.
fn edges_from(nodes: &[NodeSpec], j: &str) -> Vec<(usize, usize)> {
    let into = |k: usize| (0..nodes[k].incoming.len()).map(move |edge| (k, edge));
    let all = (0..nodes.len()).flat_map(into);
    all.filter(|&(k, edge)| nodes[k].incoming[edge].source == j).collect()
}

/// The nodes in an order in which each comes after its sources.
fn sorted(structure: &Structure) -> Vec<NodeSpec> {
    let mut left = structure.nodes.clone();
    let mut nodes: Vec<NodeSpec> = Vec::new();
    while !left.is_empty() {
        let waits = |node: &NodeSpec| {
            node.incoming.iter().any(|edge| left.iter().any(|other| other.name == edge.source))
        };
        let (later, now) = left.iter().cloned().partition(waits);
        nodes.extend::<Vec<NodeSpec>>(now);
        left = later;
    }
    nodes
}

fn gradient(case: &Case, performance: Performance, mutation: Mutation) -> Vec<f64> {
    let Case { structure, weights, samples } = case;
    let is = |other: Mutation| mutation == other;
    let nodes = sorted(structure);
    let z = structure.outputs.len();
    let place = |name: &str| nodes.iter().position(|node| node.name == name);

    let p = naive::performance(structure, weights, samples, performance);
    let outer = match performance {
        Performance::SquaredError => 1.0,
        Performance::RootMeanSquared if is(Mutation::MissingOuterFactor) => 1.0,
        Performance::RootMeanSquared => {
            let half = if is(Mutation::MissingHalfOfRoot) { 1.0 } else { 0.5 };
            half / ((samples.len() * z) as f64 * -p)
        }
    };
    let mut total = vec![0.0; weights.len()];
    let summed = samples.len() - usize::from(is(Mutation::DroppedSample));
    for sample in &samples[..summed] {
        let mut outputs: Vec<f64> = Vec::new();
        let read = |outputs: &[f64], name: &str| match place(name) {
            Some(node) => outputs[node],
            None => {
                let input = structure.inputs.iter().position(|input| input == name);
                sample.inputs[input.expect("an input")]
            }
        };
        for node in &nodes {
            let edges = node.incoming.iter().skip(usize::from(is(Mutation::DroppedTermOfSum)));
            let sum: f64 = edges.map(|e| weights[e.weight] * read(&outputs, &e.source)).sum();
            let sigma = match node.offset {
                Offset::None => sum,
                Offset::Bias(weight) => sum + weights[weight],
                Offset::Threshold(weight) if is(Mutation::ThresholdSignInSum) => {
                    sum + weights[weight]
                }
                Offset::Threshold(weight) => sum - weights[weight],
            };
            outputs.push(1.0 / (1.0 + (-sigma).exp()));
        }
        let slope = |o: f64| match mutation {
            Mutation::MissingComplement => o,
            Mutation::WrongSignInSlope => o * (1.0 + o),
            _ => o * (1.0 - o),
        };
        let mut beta = vec![0.0; nodes.len()];
        for j in (0..nodes.len()).rev() {
            let mut edges = edges_from(&nodes, &nodes[j].name);
            if let Some(output) = structure.outputs.iter().position(|o| *o == nodes[j].name) {
                let two = if is(Mutation::MissingFactorTwo) { 1.0 } else { 2.0 };
                let sign = if is(Mutation::WrongSignOfBeta) { -1.0 } else { 1.0 };
                if edges.is_empty() || !is(Mutation::DroppedOutputPart) {
                    beta[j] = outer * sign * two * (sample.desired[output] - outputs[j]);
                }
            }
            if is(Mutation::DroppedTermOfBeta) {
                edges.retain(|&(k, _)| beta[k] != 0.0); // a dead end is no loss
                edges.pop();
            }
            for (k, edge) in edges {
                let into_k = &nodes[k].incoming;
                let taken = match mutation {
                    Mutation::TransposedWeight => into_k.len() - 1 - edge,
                    _ => edge,
                };
                let slope = match mutation {
                    Mutation::MissingSlopeInBeta => 1.0,
                    Mutation::SlopeOfTheWrongNode => slope(outputs[j]),
                    _ => slope(outputs[k]),
                };
                beta[j] += weights[into_k[taken].weight] * slope * beta[k];
            }
        }
        let mut changes = vec![0.0; weights.len()];
        for (j, node) in nodes.iter().enumerate() {
            let slope = if is(Mutation::MissingSlopeInChange) { 1.0 } else { slope(outputs[j]) };
            for edge in &node.incoming {
                let source = match mutation {
                    Mutation::SwappedOutput => outputs[j],
                    _ => read(&outputs, &edge.source),
                };
                let beta = match place(&edge.source) {
                    Some(i) if is(Mutation::SwappedBeta) => beta[i],
                    _ => beta[j],
                };
                if is(Mutation::SharedNotAdded) {
                    changes[edge.weight] = 0.0;
                }
                changes[edge.weight] += source * slope * beta;
            }
            match node.offset {
                Offset::None => {}
                Offset::Bias(weight) => {
                    let one = if is(Mutation::BiasSign) { -1.0 } else { 1.0 };
                    changes[weight] += one * slope * beta[j];
                }
                Offset::Threshold(weight) => {
                    let one = if is(Mutation::ThresholdSign) { 1.0 } else { -1.0 };
                    changes[weight] += one * slope * beta[j];
                }
            }
        }
        for (total, change) in total.iter_mut().zip(changes) {
            *total += change;
        }
    }
    total
}

/// Whether the network has the part of the formulas that the mutation damages.
fn applies(mutation: Mutation, structure: &Structure, performance: Performance) -> bool {
    let nodes = &structure.nodes;
    let mut live: Vec<&str> = structure.outputs.iter().map(String::as_str).collect();
    let mut next = 0;
    while let Some(&name) = live.get(next) {
        next += 1;
        for edge in nodes.iter().filter(|n| n.name == name).flat_map(|n| &n.incoming) {
            if !live.contains(&edge.source.as_str()) {
                live.push(&edge.source);
            }
        }
    }
    let live_nodes = || nodes.iter().filter(|node| live.contains(&node.name.as_str()));
    // Edges from a node to a node that leads to an output: what β flows along.
    let inner: Vec<_> = live_nodes()
        .flat_map(|k| k.incoming.iter().enumerate().map(move |(place, edge)| (k, place, edge)))
        .filter(|(_, _, edge)| nodes.iter().any(|node| node.name == edge.source))
        .collect();
    match mutation {
        Mutation::None | Mutation::DroppedSample | Mutation::DroppedTermOfSum => true,
        Mutation::WrongSignOfBeta | Mutation::MissingFactorTwo => true,
        Mutation::MissingSlopeInChange | Mutation::MissingComplement => true,
        Mutation::WrongSignInSlope | Mutation::SwappedOutput => true,
        Mutation::DroppedTermOfBeta | Mutation::SwappedBeta => !inner.is_empty(),
        Mutation::MissingSlopeInBeta | Mutation::SlopeOfTheWrongNode => !inner.is_empty(),
        Mutation::DroppedOutputPart => {
            inner.iter().any(|(_, _, edge)| structure.outputs.contains(&edge.source))
        }
        Mutation::TransposedWeight => inner
            .iter()
            .any(|(k, place, edge)| k.incoming[k.incoming.len() - 1 - place].weight != edge.weight),
        Mutation::ThresholdSign | Mutation::ThresholdSignInSum => {
            live_nodes().any(|n| matches!(n.offset, Offset::Threshold(_)))
        }
        Mutation::BiasSign => live_nodes().any(|n| matches!(n.offset, Offset::Bias(_))),
        Mutation::SharedNotAdded => {
            let mut edges = live_nodes().flat_map(|node| &node.incoming);
            let mut seen = Vec::new();
            edges.any(|edge| {
                let again = seen.contains(&edge.weight);
                seen.push(edge.weight);
                again
            })
        }
        Mutation::MissingOuterFactor | Mutation::MissingHalfOfRoot => {
            performance == Performance::RootMeanSquared
        }
    }
}

#[test]
fn the_copy_without_a_slip_passes_and_every_mutant_is_caught() {
    let limits = Limits { nodes: 9, samples: 3, ..Limits::default() };
    let rules = [Rule::SLIDES, Rule::ROOT_MEAN_SQUARED];
    let mut caught = [0_u32; MUTATIONS.len()];
    let mut tried = [0_u32; MUTATIONS.len()];
    for seed in 5000..5160 {
        let case = case(seed, &limits);
        let rule = rules[(seed % 2) as usize];
        let (structure, performance) = (&case.structure, rule.performance);
        let judge = naive::differences(structure, &case.weights, &case.samples, performance);

        let network = Network::new(structure.clone()).expect("a network");
        let closed_form = network.gradient(&case.weights, &case.samples, rule).expect("a gradient");
        let copy = gradient(&case, performance, Mutation::None);
        assert!(gap(&closed_form, &judge) < 1e-8, "seed {seed}: the closed form is off");
        assert!(gap(&copy, &closed_form) < 1e-12, "seed {seed}: the copy is not the closed form");

        for (place, &mutation) in MUTATIONS.iter().enumerate() {
            if applies(mutation, structure, performance) {
                tried[place] += 1;
                caught[place] +=
                    u32::from(gap(&gradient(&case, performance, mutation), &judge) > 1e-4);
            }
        }
    }
    for (place, mutation) in MUTATIONS.iter().enumerate() {
        let (caught, tried) = (caught[place], tried[place]);
        assert!(tried >= 25, "{mutation:?} applied to only {tried} networks");
        assert!(
            caught * 100 >= tried * 98,
            "{mutation:?} was caught on {caught} of {tried} networks"
        );
    }
}
