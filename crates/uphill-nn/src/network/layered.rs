//! Fully connected layers in one line: names, weights and offsets follow from the number of nodes in each.

use super::{Builder, Network, NodeSpec};
use crate::activation::Activation;
use crate::error::Error;

/// Fully connected layers, begun by [`Network::layered`].
///
/// Inputs are named `x1`, `x2`, …; node j of hidden layer l is `h{l}.{j}`; the last layer is `o1`, `o2`, …. Weights come
/// layer by layer, node by node: those from the layer before in order, then the node's threshold or bias. Every node
/// is a sigmoid one with a threshold, as in the lecture's book, unless told otherwise.
///
/// ```
/// use uphill_nn::{Activation, Network};
///
/// let network = Network::layered(&[2, 2, 1]).bias().build()?;
/// let names: Vec<&str> = network.weights().iter().map(|weight| &*weight.name).collect();
/// assert_eq!(names[..4], ["x1→h1.1", "x2→h1.1", "bias→h1.1", "x1→h1.2"]);
///
/// let classifier = Network::layered(&[4, 6, 3]).output(Activation::Softmax).bias().build()?;
/// let o = classifier.computed(&vec![0.1; classifier.weight_count()], &[1.0; 4])?;
/// assert!((o.iter().sum::<f64>() - 1.0).abs() < 1e-15);
/// # Ok::<(), uphill_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Layered {
    layers: Vec<usize>,
    hidden: Activation,
    output: Activation,
    offset: Option<Kind>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Threshold,
    Bias,
}

impl Layered {
    pub(super) fn new(layers: &[usize]) -> Layered {
        Layered {
            layers: layers.to_vec(),
            hidden: Activation::default(),
            output: Activation::default(),
            offset: Some(Kind::Threshold),
        }
    }

    /// The activation of all layers.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Layered {
        self.hidden(activation.clone()).output(activation)
    }

    /// The activation of the hidden layers.
    #[must_use]
    pub fn hidden(mut self, activation: Activation) -> Layered {
        self.hidden = activation;
        self
    }

    /// The activation of the last layer.
    #[must_use]
    pub fn output(mut self, activation: Activation) -> Layered {
        self.output = activation;
        self
    }

    /// Gives each node a threshold, a weight on the constant −1. This is the default.
    #[must_use]
    pub fn threshold(mut self) -> Layered {
        self.offset = Some(Kind::Threshold);
        self
    }

    /// Gives each node a bias, a weight on the constant +1.
    #[must_use]
    pub fn bias(mut self) -> Layered {
        self.offset = Some(Kind::Bias);
        self
    }

    /// Gives no node an offset.
    #[must_use]
    pub fn no_offset(mut self) -> Layered {
        self.offset = None;
        self
    }

    /// Builds the network.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] if there are fewer than two layers, or an empty one.
    pub fn build(self) -> Result<Network, Error> {
        let layers = &self.layers;
        if layers.len() < 2 {
            return Err(Error::network(format!(
                "layers {layers:?}: at least the number of inputs and that of outputs are needed"
            )));
        }
        if let Some(empty) = layers.iter().position(|&nodes| nodes == 0) {
            return Err(Error::network(format!("layers {layers:?}: layer {empty} is empty")));
        }
        let last = layers.len() - 1;
        let name = |layer: usize, node: usize| match layer {
            0 => format!("x{node}"),
            _ if layer == last => format!("o{node}"),
            _ => format!("h{layer}.{node}"),
        };
        let names = |layer: usize| (1..=layers[layer]).map(move |node| name(layer, node));
        let mut builder = Builder::default().inputs(names(0));
        for layer in 1..=last {
            let activation = if layer == last { &self.output } else { &self.hidden };
            let specs = names(layer).map(|node| {
                let spec = NodeSpec::new(node).fed_by(names(layer - 1));
                let spec = spec.activation(activation.clone());
                match self.offset {
                    None => spec,
                    Some(Kind::Threshold) => spec.threshold(),
                    Some(Kind::Bias) => spec.bias(),
                }
            });
            builder = match activation {
                Activation::Softmax => builder.softmax(specs),
                _ => specs.fold(builder, Builder::node),
            };
        }
        builder.outputs(names(last)).build()
    }
}
