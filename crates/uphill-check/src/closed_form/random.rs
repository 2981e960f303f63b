//! Networks, weights and samples drawn at random, to compare two programs on many of them.
//!
//! A [`Case`] is plain data: build the closed form from it, build the other program's network from it,
//! and compare. The same seed gives the same case on every machine: ChaCha8 supplies the bits, and
//! what is drawn from them is integer arithmetic and one exact scaling. Names say what a node is
//! (`x1` input, `n1` node), and nodes are declared in shuffled order, so that nobody may rely on it.

use super::{Incoming, NodeSpec, Offset, OffsetKind, Sample, Structure};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// What to draw from; a limit of 0 counts as 1.
///
/// # Example
///
/// ```
/// use uphill_check::closed_form::random::{Limits, Wiring};
///
/// let limits = Limits { wiring: Wiring::Layered, nodes: 20, ..Limits::default() };
/// assert_eq!(limits.samples, 6);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The shape of the network.
    pub wiring: Wiring,
    /// At most so many inputs.
    pub inputs: usize,
    /// At most so many nodes that compute.
    pub nodes: usize,
    /// At most so many samples.
    pub samples: usize,
    /// Weights are drawn evenly from −`weight_size` to `weight_size`.
    pub weight_size: f64,
    /// Whether weights may be shared.
    pub sharing: bool,
}

impl Default for Limits {
    /// Either wiring, up to 5 inputs, 12 nodes and 6 samples, weights from −2 to 2, some shared.
    fn default() -> Self {
        Limits {
            wiring: Wiring::Either,
            inputs: 5,
            nodes: 12,
            samples: 6,
            weight_size: 2.0,
            sharing: true,
        }
    }
}

/// The shape of a random network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wiring {
    /// One of the two others, drawn evenly.
    Either,
    /// Fully connected layers; the last layer is the output.
    Layered,
    /// Each node is fed by any inputs and earlier nodes: skip connections, outputs that feed other
    /// nodes, now and then a node that leads nowhere (its β is 0).
    Acyclic,
}

/// A network with its weights and samples, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The wiring.
    pub structure: Structure,
    /// The value of each weight.
    pub weights: Vec<f64>,
    /// Inputs from −1 to 1, desired outputs from 0 to 1.
    pub samples: Vec<Sample>,
}

/// Draws the case of a seed.
///
/// The structure is acyclic and free of the mistakes that [`Network::new`](super::Network::new) refuses.
/// Half of the cases give every node an offset of one kind, the others draw it node by node.
///
/// # Complexity
///
/// Time in proportion to nodes × (inputs + nodes) + samples × (inputs + outputs).
///
/// # Example
///
/// ```
/// use uphill_check::closed_form::{Network, Rule, random};
///
/// let limits = random::Limits::default();
/// for seed in 0..100 {
///     let case = random::case(seed, &limits);
///     let network = Network::new(case.structure)?;
///     let gradient = network.gradient(&case.weights, &case.samples, Rule::SLIDES)?;
///     assert_eq!(gradient.len(), case.weights.len());
/// }
/// # Ok::<(), uphill_check::closed_form::Error>(())
/// ```
#[must_use]
pub fn case(seed: u64, limits: &Limits) -> Case {
    let mut draw = Draw(ChaCha8Rng::seed_from_u64(seed));
    let layered = match limits.wiring {
        Wiring::Either => draw.coin(),
        Wiring::Layered => true,
        Wiring::Acyclic => false,
    };
    let inputs: Vec<String> =
        (1..=draw.one_to(limits.inputs)).map(|input| format!("x{input}")).collect();
    let mut sketch = if layered {
        layers(&mut draw, inputs, limits.nodes)
    } else {
        wires(&mut draw, inputs, limits.nodes)
    };
    draw.shuffle(&mut sketch.nodes);
    let structure = weigh(&mut draw, sketch, limits.sharing);
    let weights =
        structure.weight_names.iter().map(|_| draw.symmetric() * limits.weight_size).collect();
    let samples = (0..draw.one_to(limits.samples))
        .map(|_| Sample {
            inputs: structure.inputs.iter().map(|_| draw.symmetric()).collect(),
            desired: structure.outputs.iter().map(|_| draw.unit()).collect(),
        })
        .collect();
    Case { structure, weights, samples }
}

/// Who feeds whom, before weights.
struct Sketch {
    inputs: Vec<String>,
    /// Each node with its sources.
    nodes: Vec<(String, Vec<String>)>,
    outputs: Vec<String>,
}

fn layers(draw: &mut Draw, inputs: Vec<String>, most_nodes: usize) -> Sketch {
    let mut left = draw.one_to(most_nodes);
    let mut nodes = Vec::new();
    let mut previous = inputs.clone();
    while left > 0 {
        let size = draw.one_to(left);
        let first = nodes.len() + 1;
        let layer: Vec<String> = (first..first + size).map(|node| format!("n{node}")).collect();
        nodes.extend(layer.iter().map(|name| (name.clone(), previous.clone())));
        previous = layer;
        left -= size;
    }
    Sketch { inputs, nodes, outputs: previous }
}

fn wires(draw: &mut Draw, inputs: Vec<String>, most_nodes: usize) -> Sketch {
    let count = draw.one_to(most_nodes);
    let mut nodes: Vec<(String, Vec<String>)> = Vec::new();
    let mut outputs = Vec::new();
    for node in 1..=count {
        let name = format!("n{node}");
        let mut earlier: Vec<String> = inputs.clone();
        earlier.extend(nodes.iter().map(|(name, _)| name.clone()));
        draw.shuffle(&mut earlier);
        earlier.truncate(draw.one_to(earlier.len().min(5)));
        // Every second node hangs on the one before it, which makes the network deep.
        if let Some((previous, _)) = nodes.last()
            && draw.coin()
            && !earlier.contains(previous)
        {
            earlier.push(previous.clone());
        }
        if node == count || draw.below(4) == 0 {
            outputs.push(name.clone());
        }
        nodes.push((name, earlier));
    }
    draw.shuffle(&mut outputs);
    Sketch { inputs, nodes, outputs }
}

/// Puts a weight on each edge and an offset on nodes.
fn weigh(draw: &mut Draw, sketch: Sketch, sharing: bool) -> Structure {
    let kinds = [OffsetKind::Bias, OffsetKind::Threshold, OffsetKind::None];
    let same_for_all = draw.coin().then(|| kinds[draw.below(3)]);
    let share = sharing && draw.coin();
    let mut weight_names: Vec<String> = Vec::new();
    let mut nodes = Vec::new();
    for (name, sources) in sketch.nodes {
        let mut incoming = Vec::new();
        for source in sources {
            let weight = if share && !weight_names.is_empty() && draw.below(4) == 0 {
                draw.below(weight_names.len())
            } else {
                weight_names.push(format!("{source}→{name}"));
                weight_names.len() - 1
            };
            incoming.push(Incoming { source, weight });
        }
        let kind = same_for_all.unwrap_or_else(|| kinds[draw.below(3)]);
        let mut offset = Offset::None;
        if let Some((fresh, weight_name)) = kind.of(&name, weight_names.len()) {
            offset = fresh;
            weight_names.push(weight_name);
        }
        nodes.push(NodeSpec { name, incoming, offset });
    }
    Structure { inputs: sketch.inputs, nodes, outputs: sketch.outputs, weight_names }
}

/// Draws that depend on the bits alone, not on the version of a library of distributions.
struct Draw(ChaCha8Rng);

impl Draw {
    /// From 0 to 1, without 1: 53 random bits.
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From −1 to 1.
    fn symmetric(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }

    /// From 0 to `count` − 1; 0 for an empty range. The bias of 2⁻⁶⁴·`count` does not matter here.
    fn below(&mut self, count: usize) -> usize {
        let high = (u128::from(self.0.next_u64()) * count as u128) >> 64;
        usize::try_from(high).unwrap_or(0)
    }

    /// From 1 to `most`, which counts as 1 if it is 0.
    fn one_to(&mut self, most: usize) -> usize {
        1 + self.below(most)
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
