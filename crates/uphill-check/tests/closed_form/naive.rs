//! A second evaluator, as naive as can be, to judge the closed form: forwards only, by name.
//!
//! It shares nothing with the crate but the plain `Structure`. From its P come two derivatives that do
//! not backpropagate: central differences with Richardson extrapolation, and forward sensitivities
//! ∂o/∂w pushed through the network node by node.

use std::collections::HashMap;
use uphill_check::closed_form::{Offset, Performance, Sample, Structure};

/// A value with its derivative by every weight.
#[derive(Clone)]
struct Sensitive {
    value: f64,
    by_weight: Vec<f64>,
}

fn sigmoid(sigma: f64) -> f64 {
    1.0 / (1.0 + (-sigma).exp())
}

fn constant(offset: Offset) -> Option<(f64, usize)> {
    match offset {
        Offset::None => None,
        Offset::Bias(weight) => Some((1.0, weight)),
        Offset::Threshold(weight) => Some((-1.0, weight)),
    }
}

/// Repeats passes over the nodes until each has all its sources: slow, but obviously right.
fn outputs(structure: &Structure, weights: &[f64], inputs: &[f64]) -> Vec<f64> {
    let mut known: HashMap<&str, f64> =
        structure.inputs.iter().map(String::as_str).zip(inputs.iter().copied()).collect();
    while structure.outputs.iter().any(|output| !known.contains_key(output.as_str())) {
        for node in &structure.nodes {
            let terms: Option<Vec<f64>> = (node.incoming.iter())
                .map(|edge| known.get(edge.source.as_str()).map(|o| weights[edge.weight] * o))
                .collect();
            if let Some(terms) = terms {
                let offset = constant(node.offset).map_or(0.0, |(c, weight)| c * weights[weight]);
                known.insert(&node.name, sigmoid(terms.iter().sum::<f64>() + offset));
            }
        }
    }
    structure.outputs.iter().map(|output| known[output.as_str()]).collect()
}

pub(crate) fn performance(
    structure: &Structure,
    weights: &[f64],
    samples: &[Sample],
    performance: Performance,
) -> f64 {
    let squares = samples.iter().flat_map(|sample| {
        let outputs = outputs(structure, weights, &sample.inputs);
        outputs.into_iter().zip(&sample.desired).map(|(o, d)| (d - o) * (d - o))
    });
    let squares: Vec<f64> = squares.collect();
    let sum: f64 = squares.iter().sum();
    match performance {
        Performance::SquaredError => -sum,
        Performance::RootMeanSquared => -(sum / squares.len() as f64).sqrt(),
    }
}

/// ∂P/∂w by central differences, halving the step and extrapolating (Ridders' tableau).
pub(crate) fn differences(
    structure: &Structure,
    weights: &[f64],
    samples: &[Sample],
    kind: Performance,
) -> Vec<f64> {
    let by_weight = |weight: usize| {
        let difference = |step: f64| {
            let at = |w: f64| {
                let mut moved = weights.to_vec();
                moved[weight] = w;
                performance(structure, &moved, samples, kind)
            };
            let (up, down) = (weights[weight] + step, weights[weight] - step);
            (at(up) - at(down)) / (up - down)
        };
        let (mut best, mut error) = (f64::NAN, f64::INFINITY);
        let mut previous: Vec<f64> = Vec::new();
        for halvings in 0..8 {
            let mut row = vec![difference(0.4 / f64::from(1 << halvings))];
            for (order, coarse) in previous.iter().enumerate() {
                let factor = 4.0_f64.powi(order as i32 + 1);
                let refined = (factor * row[order] - coarse) / (factor - 1.0);
                let doubt = (refined - row[order]).abs().max((refined - coarse).abs());
                if doubt < error {
                    (best, error) = (refined, doubt);
                }
                row.push(refined);
            }
            previous = row;
        }
        best
    };
    (0..weights.len()).map(by_weight).collect()
}

/// ∂P/∂w by forward sensitivities: exact up to rounding, at the cost of weights × edges.
pub(crate) fn sensitivities(
    structure: &Structure,
    weights: &[f64],
    samples: &[Sample],
    kind: Performance,
) -> Vec<f64> {
    let count = weights.len();
    let (mut sum, mut sum_by_weight) = (0.0, vec![0.0; count]);
    for sample in samples {
        let mut known: HashMap<&str, Sensitive> = HashMap::new();
        for (name, &value) in structure.inputs.iter().zip(&sample.inputs) {
            known.insert(name, Sensitive { value, by_weight: vec![0.0; count] });
        }
        while known.len() < structure.inputs.len() + structure.nodes.len() {
            for node in &structure.nodes {
                let ready = node.incoming.iter().all(|e| known.contains_key(e.source.as_str()));
                if !ready || known.contains_key(node.name.as_str()) {
                    continue;
                }
                let mut sigma = Sensitive { value: 0.0, by_weight: vec![0.0; count] };
                for edge in &node.incoming {
                    let (w, source) = (weights[edge.weight], &known[edge.source.as_str()]);
                    sigma.value += w * source.value;
                    sigma.by_weight[edge.weight] += source.value;
                    for (total, by_weight) in sigma.by_weight.iter_mut().zip(&source.by_weight) {
                        *total += w * by_weight;
                    }
                }
                if let Some((constant, weight)) = constant(node.offset) {
                    sigma.value += constant * weights[weight];
                    sigma.by_weight[weight] += constant;
                }
                let value = sigmoid(sigma.value);
                let slope = value * sigmoid(-sigma.value);
                let by_weight = sigma.by_weight.iter().map(|s| slope * s).collect();
                known.insert(&node.name, Sensitive { value, by_weight });
            }
        }
        for (output, d) in structure.outputs.iter().zip(&sample.desired) {
            let o = &known[output.as_str()];
            sum += (d - o.value).powi(2);
            for (total, by_weight) in sum_by_weight.iter_mut().zip(&o.by_weight) {
                *total += -2.0 * (d - o.value) * by_weight;
            }
        }
    }
    let outer = match kind {
        Performance::SquaredError => -1.0,
        Performance::RootMeanSquared => {
            let terms = (samples.len() * structure.outputs.len()) as f64;
            -0.5 / ((sum / terms).sqrt() * terms)
        }
    };
    sum_by_weight.iter().map(|s| outer * s).collect()
}
