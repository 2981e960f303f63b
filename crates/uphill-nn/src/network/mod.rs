//! A network as plain data: inputs, nodes in order of evaluation, outputs, and named weights.
//!
//! Values of weights live outside, in one slice with an entry for each of [`Network::weights`]; so one network serves
//! many sets of weights, and the same code runs on numbers, dual numbers and variables of a graph.

mod builder;
mod forward;
mod layered;
mod naming;
mod verify;

pub use builder::{Builder, NodeSpec};
pub use layered::Layered;
use serde::{Deserialize, Serialize};
pub(crate) use verify::desired_name;

use crate::activation::Activation;

/// A network of nodes without cycles: see the [module's](crate) example and [`Builder`].
///
/// # Names
///
/// The weight from `Robert` to `H1` is named `Robert→H1`, the threshold of `H1` is `threshold→H1`, its bias `bias→H1`;
/// a shared weight has the name it was given. Wherever a weight is looked up, `->` may be written for `→`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    inputs: Vec<String>,
    nodes: Vec<Node>,
    /// Positions among the nodes.
    outputs: Vec<usize>,
    weights: Vec<Weight>,
}

/// A node that computes `o = f(σ)` from the sum of its incoming edges and its offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Node {
    /// The node's name.
    pub name: String,
    /// What it makes of its sum.
    pub activation: Activation,
    /// The edges that σ adds up, in order.
    pub incoming: Vec<Edge>,
    /// Its threshold or bias.
    pub offset: Offset,
    /// Which softmax layer it belongs to; members follow each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<usize>,
}

/// The edge i→j, seen from j.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Edge {
    /// Where it comes from: the position of an input, or the number of inputs plus the position of a node.
    pub from: usize,
    /// The position of its weight. Edges with one weight share it.
    pub weight: usize,
}

/// The trainable constant part of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offset {
    /// None.
    #[default]
    None,
    /// The weight at this position sits on the constant −1: `σ = Σ w·o − t`, the way of the lecture's book.
    Threshold(usize),
    /// The weight at this position sits on the constant +1: `σ = Σ w·o + b`.
    Bias(usize),
}

impl Offset {
    /// The position of its weight.
    #[must_use]
    pub fn weight(self) -> Option<usize> {
        match self {
            Offset::None => None,
            Offset::Threshold(weight) | Offset::Bias(weight) => Some(weight),
        }
    }
}

/// A weight: its name, and whether training leaves it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Weight {
    /// Its name.
    pub name: String,
    /// Whether training leaves it as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frozen: bool,
}

impl Network {
    /// Begins a network of any wiring: see [`Builder`].
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Begins a network of fully connected layers: the number of inputs, then of nodes in each layer.
    ///
    /// ```
    /// use uphill_nn::{Activation, Network};
    /// let network = Network::layered(&[4, 6, 3]).hidden(Activation::Tanh).bias().build()?;
    /// assert_eq!(network.weight_count(), 51);
    /// # Ok::<(), uphill_nn::Error>(())
    /// ```
    #[must_use]
    pub fn layered(layers: &[usize]) -> Layered {
        Layered::new(layers)
    }

    /// The names of the inputs, in the order of a sample's inputs.
    #[must_use]
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The nodes, in order of evaluation.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The weights, in the order of every slice of values.
    #[must_use]
    pub fn weights(&self) -> &[Weight] {
        &self.weights
    }

    /// The number of weights.
    #[must_use]
    pub fn weight_count(&self) -> usize {
        self.weights.len()
    }

    /// The number of outputs, `Z` on the slides.
    #[must_use]
    pub fn output_count(&self) -> usize {
        self.outputs.len()
    }

    /// The names of the outputs, in the order of a sample's desired outputs.
    pub fn output_names(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|&node| self.nodes[node].name.as_str())
    }
}
