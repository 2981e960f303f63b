//! Wiring a network by hand, node by node: the Acquaintance/Sibling network in five lines.
//!
//! Each edge gets a fresh weight named `i→j`, unless it asks to share one by name. Weights are numbered
//! in the order in which they are first mentioned, so a threshold mentioned before the edges comes
//! first. Nodes may be mentioned as sources before they are declared.

use super::{Error, Incoming, Network, NodeSpec, Offset, OffsetKind, Structure};
use std::collections::HashMap;

/// Collects inputs, nodes and outputs, and builds a [`Network`].
///
/// # Example
///
/// The Acquaintance/Sibling network of the lecture (Winston's book, pp. 458–468): `H1` sees the first
/// family only, `H2` the second, and each node has a threshold.
///
/// ```
/// use uphill_check::closed_form::Builder;
///
/// let mut builder = Builder::new();
/// builder.inputs(["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"]);
/// builder.node("H1").threshold().fed_by(["Robert", "Raquel", "Romeo"]);
/// builder.node("H2").threshold().fed_by(["Joan", "James", "Juliet"]);
/// builder.node("Acquaintance").threshold().fed_by(["H1", "H2"]);
/// builder.node("Sibling").threshold().fed_by(["H1", "H2"]);
/// builder.outputs(["Acquaintance", "Sibling"]);
/// let network = builder.build()?;
///
/// assert_eq!(network.weight_count(), 14);
/// assert_eq!(network.weight_names()[..2], ["threshold→H1", "Robert→H1"]);
/// # Ok::<(), uphill_check::closed_form::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    inputs: Vec<String>,
    nodes: Vec<NodeSpec>,
    outputs: Vec<String>,
    weight_names: Vec<String>,
    weight_by_name: HashMap<String, usize>,
    mistake: Option<Error>,
}

impl Builder {
    /// A builder with no inputs, nodes or outputs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds inputs, in the order in which a sample gives them.
    pub fn inputs<N: Into<String>>(&mut self, names: impl IntoIterator<Item = N>) -> &mut Self {
        self.inputs.extend(names.into_iter().map(Into::into));
        self
    }

    /// Declares a node; what is returned adds its incoming weights and its threshold or bias.
    pub fn node(&mut self, name: impl Into<String>) -> NodeBuilder<'_> {
        let node = NodeSpec { name: name.into(), incoming: Vec::new(), offset: Offset::None };
        NodeBuilder { builder: self, node }
    }

    /// Adds outputs, in the order in which a sample gives the desired ones.
    pub fn outputs<N: Into<String>>(&mut self, names: impl IntoIterator<Item = N>) -> &mut Self {
        self.outputs.extend(names.into_iter().map(Into::into));
        self
    }

    /// The wiring so far, unchecked.
    #[must_use]
    pub fn structure(&self) -> Structure {
        Structure {
            inputs: self.inputs.clone(),
            nodes: self.nodes.clone(),
            outputs: self.outputs.clone(),
            weight_names: self.weight_names.clone(),
        }
    }

    /// Builds the network.
    ///
    /// # Errors
    ///
    /// The first mistake made while wiring, such as [`Error::SecondOffset`] or
    /// [`Error::DuplicateWeight`]; else those of [`Network::new`].
    pub fn build(&self) -> Result<Network, Error> {
        match &self.mistake {
            Some(mistake) => Err(mistake.clone()),
            None => Network::new(self.structure()),
        }
    }

    /// A new weight; the same name a second time is a mistake, told by [`Builder::build`].
    fn fresh(&mut self, name: String) -> usize {
        if self.weight_by_name.contains_key(&name) {
            self.mistake.get_or_insert(Error::DuplicateWeight { name: name.clone() });
        }
        self.shared(name)
    }

    /// The weight of that name, new if there is none yet.
    fn shared(&mut self, name: String) -> usize {
        if let Some(&weight) = self.weight_by_name.get(&name) {
            return weight;
        }
        let weight = self.weight_names.len();
        self.weight_by_name.insert(name.clone(), weight);
        self.weight_names.push(name);
        weight
    }
}

/// Adds weights to one node; the node joins the network when this is dropped.
#[derive(Debug)]
pub struct NodeBuilder<'b> {
    builder: &'b mut Builder,
    node: NodeSpec,
}

impl NodeBuilder<'_> {
    /// Adds a fresh weight from each of `sources`, in order, named `source→node`.
    pub fn fed_by<N: AsRef<str>>(mut self, sources: impl IntoIterator<Item = N>) -> Self {
        for source in sources {
            let source = source.as_ref().to_owned();
            let weight = self.builder.fresh(format!("{source}→{}", self.node.name));
            self.node.incoming.push(Incoming { source, weight });
        }
        self
    }

    /// Adds an edge from `source` that carries the weight named `weight`: the one that another edge
    /// carries already, or a new one. The Δw of all edges of a weight add up.
    pub fn fed_by_shared(mut self, source: impl Into<String>, weight: impl Into<String>) -> Self {
        let weight = self.builder.shared(weight.into());
        self.node.incoming.push(Incoming { source: source.into(), weight });
        self
    }

    /// Gives the node a threshold: a weight on the constant −1, named `threshold→node`.
    pub fn threshold(self) -> Self {
        self.offset(OffsetKind::Threshold)
    }

    /// Gives the node a bias: a weight on the constant +1, named `bias→node`.
    pub fn bias(self) -> Self {
        self.offset(OffsetKind::Bias)
    }

    fn offset(mut self, kind: OffsetKind) -> Self {
        if self.node.offset != Offset::None {
            let node = self.node.name.clone();
            self.builder.mistake.get_or_insert(Error::SecondOffset { node });
        } else if let Some((_, name)) = kind.of(&self.node.name, 0) {
            let weight = self.builder.fresh(name);
            self.node.offset = kind.of(&self.node.name, weight).map_or(Offset::None, |(o, _)| o);
        }
        self
    }
}

impl Drop for NodeBuilder<'_> {
    fn drop(&mut self) {
        let empty = NodeSpec { name: String::new(), incoming: Vec::new(), offset: Offset::None };
        self.builder.nodes.push(std::mem::replace(&mut self.node, empty));
    }
}
