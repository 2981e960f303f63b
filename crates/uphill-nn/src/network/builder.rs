//! Wiring a network by names: nodes in any order, each with the edges, shared weights and offset that it mentions.
//!
//! Weights are numbered in the order in which they are mentioned. Nothing is checked until [`Builder::build`], which
//! sorts the nodes into an order of evaluation and names the node, or the cycle, that is wrong.

use std::collections::{BTreeSet, HashMap};

use super::{Edge, Network, Node, Offset, Weight};
use crate::activation::Activation;
use crate::error::{Error, few};

/// Collects inputs, nodes and outputs.
///
/// The Acquaintance/Sibling network of the lecture (Winston's book, pp. 458-468): `H1` sees one family, `H2` the
/// other, and each node has a threshold.
///
/// ```
/// use uphill_nn::{Network, NodeSpec};
///
/// let network = Network::builder()
///     .inputs(["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"])
///     .node(NodeSpec::new("H1").threshold().fed_by(["Robert", "Raquel", "Romeo"]))
///     .node(NodeSpec::new("H2").threshold().fed_by(["Joan", "James", "Juliet"]))
///     .node(NodeSpec::new("A").threshold().fed_by(["H1", "H2"]))
///     .node(NodeSpec::new("S").threshold().fed_by(["H1", "H2"]))
///     .outputs(["A", "S"])
///     .build()?;
///
/// assert_eq!(network.weight_count(), 14);
/// assert_eq!(network.weights()[1].name, "Robert→H1");
/// # Ok::<(), uphill_nn::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    inputs: Vec<String>,
    nodes: Vec<(NodeSpec, Option<usize>)>,
    outputs: Vec<String>,
    softmax_layers: usize,
}

/// One node to be: its name, then what feeds it, in the order of mention.
///
/// Without an offset of its own it has none; its activation is the sigmoid unless another is named.
#[derive(Debug, Clone)]
pub struct NodeSpec {
    name: String,
    activation: Activation,
    feeds: Vec<Feed>,
}

#[derive(Debug, Clone)]
enum Feed {
    Edge { source: String, shared: Option<String> },
    Threshold(Option<String>),
    Bias(Option<String>),
}

impl NodeSpec {
    /// A node of this name, fed by nothing yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> NodeSpec {
        NodeSpec { name: name.into(), activation: Activation::default(), feeds: Vec::new() }
    }

    fn with(mut self, feed: Feed) -> NodeSpec {
        self.feeds.push(feed);
        self
    }

    /// Feeds it from each of these inputs or nodes, with a new weight `source→name` each.
    #[must_use]
    pub fn fed_by<N: AsRef<str>>(self, sources: impl IntoIterator<Item = N>) -> NodeSpec {
        let sources = sources.into_iter();
        sources.fold(self, |spec, source| {
            spec.with(Feed::Edge { source: source.as_ref().to_owned(), shared: None })
        })
    }

    /// Feeds it from one input or node through a weight of this name, which other edges may share.
    #[must_use]
    pub fn fed_by_shared(self, source: impl Into<String>, weight: impl Into<String>) -> NodeSpec {
        self.with(Feed::Edge { source: source.into(), shared: Some(weight.into()) })
    }

    /// Gives it a threshold, the weight `threshold→name` on the constant −1.
    #[must_use]
    pub fn threshold(self) -> NodeSpec {
        self.with(Feed::Threshold(None))
    }

    /// Gives it a threshold whose weight has this name, which other thresholds and edges may share.
    #[must_use]
    pub fn threshold_shared(self, weight: impl Into<String>) -> NodeSpec {
        self.with(Feed::Threshold(Some(weight.into())))
    }

    /// Gives it a bias, the weight `bias→name` on the constant +1.
    #[must_use]
    pub fn bias(self) -> NodeSpec {
        self.with(Feed::Bias(None))
    }

    /// Gives it a bias whose weight has this name, which other biases and edges may share.
    #[must_use]
    pub fn bias_shared(self, weight: impl Into<String>) -> NodeSpec {
        self.with(Feed::Bias(Some(weight.into())))
    }

    /// Gives it another activation than the sigmoid.
    #[must_use]
    pub fn activation(mut self, activation: Activation) -> NodeSpec {
        self.activation = activation;
        self
    }
}

impl Builder {
    /// Adds inputs, in the order of a sample's inputs.
    #[must_use]
    pub fn inputs<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Builder {
        self.inputs.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// Adds a node. It may be fed by nodes that come later.
    #[must_use]
    pub fn node(mut self, spec: NodeSpec) -> Builder {
        self.nodes.push((spec, None));
        self
    }

    /// Adds the nodes of one softmax layer: their outputs are `e^σ / Σ e^σ` over this layer, and sum to 1.
    #[must_use]
    pub fn softmax(mut self, specs: impl IntoIterator<Item = NodeSpec>) -> Builder {
        let layer = self.softmax_layers;
        self.softmax_layers += 1;
        let specs = specs.into_iter();
        self.nodes.extend(specs.map(|spec| (spec.activation(Activation::Softmax), Some(layer))));
        self
    }

    /// Adds outputs, in the order of a sample's desired outputs. An output may feed other nodes, too.
    #[must_use]
    pub fn outputs<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Builder {
        self.outputs.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// Builds the network.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSource`] and [`Error::UnknownName`] for sources and outputs that don't exist,
    /// [`Error::DuplicateName`], [`Error::Cycle`], and [`Error::Network`] for nodes with two offsets, with nothing that feeds them, and the like.
    ///
    /// # Complexity
    ///
    /// n log n in nodes and edges.
    pub fn build(self) -> Result<Network, Error> {
        let Builder { inputs, nodes: specs, outputs, .. } = self;
        let mut weights = Weights::default();
        let mut nodes = Vec::with_capacity(specs.len());
        let mut sources = Vec::with_capacity(specs.len());
        for (spec, layer) in specs {
            let (node, from) = weights.wire(spec, layer)?;
            nodes.push(node);
            sources.push(from);
        }
        let places = places(&inputs, &nodes)?;
        for (node, from) in nodes.iter_mut().zip(sources) {
            for (edge, source) in node.incoming.iter_mut().zip(from) {
                edge.from = *places.get(&source).ok_or_else(|| {
                    let mut known: Vec<(&usize, &str)> =
                        places.iter().map(|(name, place)| (place, name.as_str())).collect();
                    known.sort_unstable();
                    let known = few(known.into_iter().map(|(_, name)| name));
                    Error::UnknownSource { node: node.name.clone(), from: source, known }
                })?;
            }
        }
        let mut positions = Vec::with_capacity(outputs.len());
        for name in outputs {
            match places.get(&name) {
                Some(&place) if place >= inputs.len() => positions.push(place - inputs.len()),
                Some(_) => {
                    return Err(Error::network(format!(
                        "the output `{name}` is an input; put a node with identity activation between"
                    )));
                }
                None => {
                    let known = nodes.iter().map(|node| node.name.as_str());
                    return Err(Error::unknown("node (an output)", name, known));
                }
            }
        }
        let network = Network { inputs, nodes, outputs: positions, weights: weights.list };
        let network = sort(network)?;
        network.verify()?;
        Ok(network)
    }
}

#[derive(Default)]
struct Weights {
    list: Vec<Weight>,
    by_name: HashMap<String, (usize, bool)>,
}

impl Weights {
    /// A weight by name: a new one, or for shared ones the one that is there.
    fn get(&mut self, name: String, shared: bool) -> Result<usize, Error> {
        match self.by_name.get(&name) {
            Some(&(weight, true)) if shared => Ok(weight),
            Some(_) => Err(Error::DuplicateName { first: "a weight", second: "another", name }),
            None => {
                self.by_name.insert(name.clone(), (self.list.len(), shared));
                self.list.push(Weight { name, frozen: false });
                Ok(self.list.len() - 1)
            }
        }
    }

    /// The node, and the names of its edges' sources.
    fn wire(&mut self, spec: NodeSpec, layer: Option<usize>) -> Result<(Node, Vec<String>), Error> {
        let NodeSpec { name, activation, feeds } = spec;
        let mut incoming = Vec::with_capacity(feeds.len());
        let mut sources = Vec::with_capacity(feeds.len());
        let mut offset = Offset::None;
        for feed in feeds {
            let (shared, own) = match &feed {
                Feed::Edge { source, shared } => (shared, source.as_str()),
                Feed::Threshold(shared) => (shared, "threshold"),
                Feed::Bias(shared) => (shared, "bias"),
            };
            let weight = match shared {
                Some(shared) => self.get(shared.clone(), true)?,
                None => self.get(format!("{own}→{name}"), false)?,
            };
            if let Feed::Edge { source, .. } = feed {
                incoming.push(Edge { from: usize::MAX, weight });
                sources.push(source);
                continue;
            }
            if offset != Offset::None {
                return Err(Error::network(format!("node `{name}` has two offsets; keep one")));
            }
            offset = match feed {
                Feed::Bias(_) => Offset::Bias(weight),
                _ => Offset::Threshold(weight),
            };
        }
        Ok((Node { name, activation, incoming, offset, layer }, sources))
    }
}

/// Where each name is: inputs first, then nodes.
fn places(inputs: &[String], nodes: &[Node]) -> Result<HashMap<String, usize>, Error> {
    let inputs = inputs.iter().map(|name| ("an input", name));
    let nodes = nodes.iter().map(|node| ("a node", &node.name));
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kinds = Vec::new();
    for (place, (second, name)) in inputs.chain(nodes).enumerate() {
        if let Some(earlier) = places.insert(name.clone(), place) {
            let first = kinds[earlier];
            let second = if first == second { "another" } else { second };
            return Err(Error::DuplicateName { first, second, name: name.clone() });
        }
        kinds.push(second);
    }
    Ok(places)
}

/// Puts the nodes in an order of evaluation, as declared where that is possible; a softmax layer moves as one.
fn sort(network: Network) -> Result<Network, Error> {
    let Network { inputs, nodes, outputs, weights } = network;
    // A unit is one node, or the nodes of one softmax layer; its number is that of its first node.
    let mut first_of_layer: HashMap<usize, usize> = HashMap::new();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut unit_of = Vec::with_capacity(nodes.len());
    for (position, node) in nodes.iter().enumerate() {
        let unit =
            node.layer.map_or(position, |layer| *first_of_layer.entry(layer).or_insert(position));
        members[unit].push(position);
        unit_of.push(unit);
    }
    let mut waits_for = vec![0_usize; nodes.len()];
    let mut feeds: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (position, node) in nodes.iter().enumerate() {
        for edge in &node.incoming {
            if let Some(source) = edge.from.checked_sub(inputs.len()) {
                feeds[unit_of[source]].push(unit_of[position]);
                waits_for[unit_of[position]] += 1;
            }
        }
    }
    let units = (0..nodes.len()).filter(|&unit| !members[unit].is_empty());
    let mut ready: BTreeSet<usize> = units.filter(|&unit| waits_for[unit] == 0).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(unit) = ready.pop_first() {
        order.extend_from_slice(&members[unit]);
        for &fed in &feeds[unit] {
            waits_for[fed] -= 1;
            if waits_for[fed] == 0 {
                ready.insert(fed);
            }
        }
    }
    if order.len() < nodes.len() {
        return Err(Error::Cycle { path: cycle(&nodes, inputs.len(), &unit_of, &waits_for) });
    }
    let mut place = vec![0; nodes.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    let mut slots: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(slots.len());
    for &old in &order {
        let Some(mut node) = slots[old].take() else { continue };
        for edge in &mut node.incoming {
            if let Some(source) = edge.from.checked_sub(inputs.len()) {
                edge.from = inputs.len() + place[source];
            }
        }
        sorted.push(node);
    }
    let outputs = outputs.into_iter().map(|old| place[old]).collect();
    Ok(Network { inputs, nodes: sorted, outputs, weights })
}

/// One cycle among the nodes that never became ready: going back from any of them must come round.
fn cycle(nodes: &[Node], inputs: usize, unit_of: &[usize], waits_for: &[usize]) -> String {
    let stuck = |node: usize| waits_for[unit_of[node]] > 0;
    let mates = |node: usize| (0..nodes.len()).filter(move |&n| unit_of[n] == unit_of[node]);
    let before = |node: usize| {
        let sources = mates(node).flat_map(|mate| nodes[mate].incoming.iter());
        sources.filter_map(|edge| edge.from.checked_sub(inputs)).find(|&source| stuck(source))
    };
    let mut walk: Vec<usize> = Vec::new();
    let mut next = (0..nodes.len()).find(|&node| stuck(node));
    while let Some(node) = next {
        if let Some(start) = walk.iter().position(|&seen| unit_of[seen] == unit_of[node]) {
            let mut names: Vec<&str> =
                walk[start..].iter().rev().map(|&seen| nodes[seen].name.as_str()).collect();
            names.insert(0, &nodes[node].name);
            if names.last() != names.first() {
                names.push(names[0]);
            }
            return names.join(" → ");
        }
        walk.push(node);
        next = before(node);
    }
    "unknown".into()
}
