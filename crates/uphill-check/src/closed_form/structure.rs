//! A network's wiring as plain data: who feeds whom, by name, and which weight sits on each edge.
//!
//! [`Structure`] is what two programs need to agree on to build the same network: the closed form is
//! built from it by [`Network::new`](super::Network::new), and so can be anybody else's network.
//! Nothing in it is checked or ordered; that is [`Network`](super::Network)'s business.
//! Values of weights live outside, in one slice with an entry for each of `weight_names`.

use super::Error;
use serde::{Deserialize, Serialize};

/// The wiring of a network of sigmoid nodes, by name.
///
/// # Example
///
/// One node with a threshold, fed by one input:
///
/// ```
/// use uphill_check::closed_form::{Incoming, Network, NodeSpec, Offset, Structure};
///
/// let structure = Structure {
///     inputs: vec!["x".into()],
///     nodes: vec![NodeSpec {
///         name: "o".into(),
///         incoming: vec![Incoming { source: "x".into(), weight: 0 }],
///         offset: Offset::Threshold(1),
///     }],
///     outputs: vec!["o".into()],
///     weight_names: vec!["x→o".into(), "threshold→o".into()],
/// };
/// let network = Network::new(structure)?;
/// assert_eq!(network.computed(&[2.0, 6.0], &[3.0])?, [0.5]); // σ = 2·3 − 6 = 0
/// # Ok::<(), uphill_check::closed_form::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    /// Names of the inputs, in the order of a sample's inputs.
    pub inputs: Vec<String>,
    /// The nodes that compute, in any order: a node may be listed before those that feed it.
    pub nodes: Vec<NodeSpec>,
    /// Names of the nodes whose outputs are compared with the desired ones, in the order of a sample's
    /// desired outputs. An output may also feed other nodes.
    pub outputs: Vec<String>,
    /// A name for each weight; a weight's index is its place here.
    pub weight_names: Vec<String>,
}

/// A node that computes o = f(σ), with σ the sum over its incoming weights and its offset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpec {
    /// The node's name.
    pub name: String,
    /// The weights i→j into this node j, in the order in which σ adds them. Inputs and nodes of any
    /// depth may be sources (skip connections); the same source may come twice, and then adds twice.
    pub incoming: Vec<Incoming>,
    /// The threshold or bias.
    pub offset: Offset,
}

/// A weight i→j, seen from the node j that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Name of the input or node i.
    pub source: String,
    /// Index of the weight; edges with the same index share one weight, and their Δw add up.
    pub weight: usize,
}

/// The trainable constant part of σ: a weight on a constant input, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offset {
    /// σ has no constant part.
    None,
    /// The weight with this index sits on the constant +1: σ = Σ w·o + b.
    Bias(usize),
    /// The weight with this index sits on the constant −1: σ = Σ w·o − t, the book's way.
    Threshold(usize),
}

impl Offset {
    /// The constant input and the index of the weight on it.
    pub(super) fn constant_and_weight(self) -> Option<(f64, usize)> {
        match self {
            Offset::None => None,
            Offset::Bias(weight) => Some((1.0, weight)),
            Offset::Threshold(weight) => Some((-1.0, weight)),
        }
    }
}

/// Which kind of [`Offset`] the nodes of a network have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OffsetKind {
    /// No constant part.
    None,
    /// A weight on +1.
    Bias,
    /// A weight on −1.
    Threshold,
}

impl OffsetKind {
    /// The offset of this kind with the given weight, and the name of that weight for node `node`.
    pub(super) fn of(self, node: &str, weight: usize) -> Option<(Offset, String)> {
        match self {
            OffsetKind::None => None,
            OffsetKind::Bias => Some((Offset::Bias(weight), format!("bias→{node}"))),
            OffsetKind::Threshold => Some((Offset::Threshold(weight), format!("threshold→{node}"))),
        }
    }
}

impl Structure {
    /// Fully connected layers, as in "2, 2, 1" for exclusive or.
    ///
    /// `layers` holds the number of inputs, then of nodes in each layer; `offset` says what every node
    /// has besides its incoming weights. Inputs are named `x1`, `x2`, …; the nodes of the last layer
    /// `o1`, `o2`, …; node j of hidden layer l is `h{l}.{j}`. Weights come layer by layer, node by node:
    /// those from the layer before in order, then the node's threshold or bias.
    ///
    /// # Errors
    ///
    /// [`Error::Layers`] if there are fewer than two layers or one of them is empty.
    ///
    /// # Example
    ///
    /// ```
    /// use uphill_check::closed_form::{OffsetKind, Structure};
    ///
    /// let xor = Structure::layered(&[2, 2, 1], OffsetKind::Bias)?;
    /// assert_eq!(xor.weight_names[..4], ["x1→h1.1", "x2→h1.1", "bias→h1.1", "x1→h1.2"]);
    /// assert_eq!(xor.weight_names.len(), 9);
    /// # Ok::<(), uphill_check::closed_form::Error>(())
    /// ```
    pub fn layered(layers: &[usize], offset: OffsetKind) -> Result<Self, Error> {
        if layers.len() < 2 || layers.contains(&0) {
            return Err(Error::Layers { layers: layers.to_vec() });
        }
        let last = layers.len() - 1;
        let name = |layer: usize, node: usize| match layer {
            0 => format!("x{}", node + 1),
            _ if layer == last => format!("o{}", node + 1),
            _ => format!("h{layer}.{}", node + 1),
        };
        let names = |layer: usize| (0..layers[layer]).map(move |node| name(layer, node));
        let mut structure = Structure {
            inputs: names(0).collect(),
            nodes: Vec::new(),
            outputs: names(last).collect(),
            weight_names: Vec::new(),
        };
        for layer in 1..=last {
            for node in names(layer) {
                structure.connect(node, names(layer - 1), offset);
            }
        }
        Ok(structure)
    }

    /// Adds a node with a fresh weight from each source and then a fresh offset.
    fn connect(&mut self, name: String, sources: impl Iterator<Item = String>, kind: OffsetKind) {
        let mut incoming = Vec::new();
        for source in sources {
            incoming.push(Incoming { weight: self.weight_names.len(), source: source.clone() });
            self.weight_names.push(format!("{source}→{name}"));
        }
        let mut offset = Offset::None;
        if let Some((fresh, weight_name)) = kind.of(&name, self.weight_names.len()) {
            offset = fresh;
            self.weight_names.push(weight_name);
        }
        self.nodes.push(NodeSpec { name, incoming, offset });
    }
}
