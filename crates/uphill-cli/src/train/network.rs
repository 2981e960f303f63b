//! The network for a recipe: fully connected layers whose inputs and outputs have the names of the columns.

use uphill_nn::{Activation, Network, NodeSpec};
use uphill_table::recipe::{Recipe, Target};

use super::Arguments;
use super::choices::Offset;
use crate::error::Error;
use crate::output::Output;

/// A network of more weights, each with a name, takes more than some gigabytes to train.
const MOST_WEIGHTS: u128 = 1_000_000;

/// For more, it takes so long until the first change that somebody would wonder.
pub(super) const MANY_WEIGHTS: usize = 50_000;

/// Wires the network.
///
/// # Errors
///
/// [`Error::Use`] for layers that can't be, or are too large.
pub(super) fn build(
    recipe: &Recipe,
    arguments: &Arguments,
    output: &Output,
) -> Result<Network, Error> {
    let hidden: &[usize] = match arguments.hidden.as_slice() {
        [0] => &[],
        layers if layers.contains(&0) => {
            let what = "--hidden: a layer without nodes; give at least 1 each, or 0 for no layer";
            return Err(Error::Use(what.into()));
        }
        layers => layers,
    };
    let layers = hidden.iter().copied().chain([recipe.target.count()]);
    let offset = u128::from(!matches!(arguments.offset, Offset::None));
    let (weights, _) = layers.fold((0, recipe.input_count()), |(weights, before), nodes| {
        (weights + nodes as u128 * (before as u128 + offset), nodes)
    });
    if weights > MOST_WEIGHTS {
        return Err(Error::Use(format!(
            "the network would have {weights} weights, more than {MOST_WEIGHTS}; give smaller layers by --hidden, or \
             leave out columns of many categories by --ignore"
        )));
    }
    if weights > MANY_WEIGHTS as u128 {
        output.remark(&format!("wiring and compiling {weights} weights, which takes a while"));
    }
    let output = match (arguments.output, &recipe.target) {
        (Some(curve), _) => curve.into(),
        (None, Target::Classes { .. }) => Activation::Softmax,
        (None, Target::Number { .. }) => Activation::Identity,
    };
    if output == Activation::Softmax && recipe.target.count() == 1 {
        let what =
            "--output softmax: one node alone would always be 1; choose another for a number";
        return Err(Error::Use(what.into()));
    }
    let node = |name: String, sources: &[String], activation: Activation| {
        let spec = NodeSpec::new(name).fed_by(sources).activation(activation);
        match arguments.offset {
            Offset::Threshold => spec.threshold(),
            Offset::Bias => spec.bias(),
            Offset::None => spec,
        }
    };
    let mut before = recipe.input_names();
    let mut builder = Network::builder().inputs(&before);
    for (layer, &nodes) in hidden.iter().enumerate() {
        let names: Vec<String> = (1..=nodes).map(|node| format!("h{}.{node}", layer + 1)).collect();
        for name in &names {
            builder = builder.node(node(name.clone(), &before, arguments.activation.into()));
        }
        before = names;
    }
    let names = recipe.output_names();
    let last = names.iter().map(|name| node(name.clone(), &before, output.clone()));
    builder = match output {
        Activation::Softmax => builder.softmax(last),
        _ => last.fold(builder, uphill_nn::Builder::node),
    };
    Ok(builder.outputs(&names).build()?)
}
