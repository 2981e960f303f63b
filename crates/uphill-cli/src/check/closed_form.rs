//! Backpropagation in closed form for a saved network: sigmoid nodes, squared error or negative RMS, as on the slides.
//!
//! Both programs add up the same terms in another order. Near a summit these cancel, and rounding is left of the sum; so
//! what may differ is measured by the terms, not by their sum.

use uphill_check::closed_form::{
    Error as ClosedFormError, Incoming, Network, NodeSpec, Offset, Rule, Sample, Structure,
};
use uphill_check::{Gradient, Report, against};
use uphill_learn::Measure;
use uphill_nn::Activation;

use crate::error::Error;
use crate::trained::Trained;

/// What may differ, as a part of the sum of the terms without their signs.
const TOLERANCE: f64 = 1e-12;

/// Compares P and its gradient with the closed form; a sentence if the closed form doesn't know the network.
pub(super) fn report(
    trained: &Trained,
    performance: f64,
    gradient: &[f64],
) -> Result<Result<Report, String>, Error> {
    let rule = match rule(trained) {
        Ok(rule) => rule,
        Err(why) => return Ok(Err(why)),
    };
    let mut samples = Vec::with_capacity(trained.samples.len());
    trained.samples.visit(0..trained.samples.len(), |_, inputs, desired| {
        samples.push(Sample::new(inputs, desired));
        Ok(())
    })?;
    let names = trained.problem.network().weights().iter().map(|weight| weight.name.clone());
    let names: Vec<String> =
        std::iter::once("P".to_owned()).chain(names.map(|name| format!("dP/d{name}"))).collect();
    let computed: Vec<f64> = std::iter::once(performance).chain(gradient.iter().copied()).collect();
    match expected(trained, &samples, rule) {
        Err(ClosedFormError::UndefinedGradient) => {
            Ok(Err("P has no gradient where every error is 0".into()))
        }
        Err(error) => Ok(Err(error.to_string())),
        Ok((expected, size)) => Ok(Ok(against(
            Gradient::new(names.clone(), computed)?,
            Gradient::new(names, expected)?,
        )
        .title("P and its gradient")
        .tolerance(TOLERANCE)
        .absolute_tolerance(TOLERANCE * size)
        .report()?)),
    }
}

/// P and its gradient by the slides' formulas, and the largest sum of a weight's terms without their signs.
fn expected(
    trained: &Trained,
    samples: &[Sample],
    rule: Rule,
) -> Result<(Vec<f64>, f64), ClosedFormError> {
    let weights = trained.weights();
    let network = Network::new(structure(trained))?;
    let mut gradient = network.gradient(weights, samples, rule)?;
    let mut performance = network.performance(weights, samples, rule.performance)?;
    let mut sizes = vec![0.0; weights.len()];
    for sample in samples {
        let terms = network.gradient(weights, std::slice::from_ref(sample), Rule::SLIDES)?;
        sizes.iter_mut().zip(terms).for_each(|(size, term)| *size += term.abs());
    }
    // The outer factor of the root mean square, the same for every weight.
    let squared = network.gradient(weights, samples, Rule::SLIDES)?;
    let largest = |list: &[f64]| list.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    let factor = match largest(&squared) {
        0.0 => 1.0,
        whole => largest(&gradient) / whole,
    };
    let decay = trained.saved.settings.performance.decay;
    for (place, weight) in trained.problem.network().weights().iter().enumerate() {
        // −decay·w² has the derivative −2·decay·w.
        let own = 2.0 * decay * weights[place];
        gradient[place] = if weight.frozen { 0.0 } else { gradient[place] - own };
        sizes[place] = sizes[place] * factor + own.abs();
    }
    performance -= decay * weights.iter().map(|w| w * w).sum::<f64>();
    let size = largest(&sizes);
    Ok((std::iter::once(performance).chain(gradient).collect(), size))
}

/// The rule of the slides that is meant, or why there is none.
fn rule(trained: &Trained) -> Result<Rule, String> {
    let network = trained.problem.network();
    let other = network.nodes().iter().find(|node| node.activation != Activation::Sigmoid);
    let measure = &trained.saved.settings.performance.measure;
    let rule = match measure {
        Measure::SquaredError => Rule::SLIDES,
        Measure::Rms => Rule::ROOT_MEAN_SQUARED,
        Measure::CrossEntropy | Measure::BinaryCrossEntropy | Measure::Formula(_) => {
            return Err(format!(
                "the slides' formulas are for squared error and negative RMS, not for {}",
                measure.name()
            ));
        }
    };
    match other {
        None => Ok(rule),
        Some(node) => Err(format!(
            "the slides' formulas are for sigmoid nodes; `{}` is {}",
            node.name,
            node.activation.name()
        )),
    }
}

/// The network's wiring, by name.
fn structure(trained: &Trained) -> Structure {
    let network = trained.problem.network();
    let inputs = network.inputs();
    let name = |place: usize| match inputs.get(place) {
        Some(input) => input.clone(),
        None => network.nodes()[place - inputs.len()].name.clone(),
    };
    let node = |node: &uphill_nn::Node| NodeSpec {
        name: node.name.clone(),
        incoming: node
            .incoming
            .iter()
            .map(|edge| Incoming { source: name(edge.from), weight: edge.weight })
            .collect(),
        offset: match node.offset {
            uphill_nn::Offset::None => Offset::None,
            uphill_nn::Offset::Threshold(weight) => Offset::Threshold(weight),
            uphill_nn::Offset::Bias(weight) => Offset::Bias(weight),
        },
    };
    Structure {
        inputs: inputs.to_vec(),
        nodes: network.nodes().iter().map(node).collect(),
        outputs: network.output_names().map(str::to_owned).collect(),
        weight_names: network.weights().iter().map(|weight| weight.name.clone()).collect(),
    }
}
