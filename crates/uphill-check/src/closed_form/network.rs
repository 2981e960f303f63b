//! From names to numbers: a checked network whose nodes stand in an order that can be evaluated.
//!
//! [`Network::new`] resolves names and sorts the nodes so that each comes after those that feed it
//! (Kahn's algorithm, which needs no recursion). What it cannot sort lies on a circle or behind one;
//! walking back from there along sources must come by the same node twice, and that is the circle to name.

use super::{Error, OffsetKind, Structure};
use std::collections::{HashMap, HashSet};

/// What feeds an edge: a place among inputs and nodes, or the constant under a threshold or bias.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source {
    /// Inputs come first, then the nodes in the order of the structure.
    Place(usize),
    /// −1 under a threshold, +1 under a bias.
    Constant(f64),
}

/// A weight i→j, seen from j.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) source: Source,
    pub(super) weight: usize,
}

/// An acyclic network of sigmoid nodes, checked and ready to evaluate; weights' values live outside.
///
/// Its methods take the weights as a slice with an entry for each of [`Network::weight_names`].
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    structure: Structure,
    /// The places of computing nodes, each after those that feed it.
    pub(super) order: Vec<usize>,
    /// By place: the edges that lead there, in the order in which σ adds them.
    pub(super) incoming: Vec<Vec<Edge>>,
    /// By place: the nodes k that it feeds, with the index of the weight j→k.
    pub(super) outgoing: Vec<Vec<(usize, usize)>>,
    /// The places of the outputs.
    pub(super) outputs: Vec<usize>,
}

impl Network {
    /// Checks a structure and finds an order of evaluation.
    ///
    /// # Errors
    ///
    /// - [`Error::DuplicateName`], [`Error::DuplicateWeight`], [`Error::DuplicateOutput`]: a name
    ///   twice;
    /// - [`Error::UnknownNode`], [`Error::UnknownWeight`]: a source, output or weight that does not
    ///   exist;
    /// - [`Error::NothingIncoming`], [`Error::NoOutputs`], [`Error::OutputIsInput`];
    /// - [`Error::Cycle`], with the nodes of one circle.
    ///
    /// # Complexity
    ///
    /// Time and memory in proportion to the nodes and edges; recursion nowhere.
    ///
    /// # Example
    ///
    /// ```
    /// use uphill_check::closed_form::{Error, Network, OffsetKind, Structure};
    ///
    /// let mut structure = Structure::layered(&[1, 1, 1], OffsetKind::None)?;
    /// structure.nodes[0].incoming[0].source = "o1".into(); // feed the output back
    /// let error = Network::new(structure).unwrap_err();
    /// assert_eq!(error, Error::Cycle { nodes: vec!["h1.1".into(), "o1".into()] });
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(structure: Structure) -> Result<Self, Error> {
        let place_by_name = places(&structure)?;
        if let Some(name) = first_duplicate(&structure.weight_names) {
            return Err(Error::DuplicateWeight { name });
        }
        let outputs = output_places(&structure, &place_by_name)?;
        let incoming = incoming_edges(&structure, &place_by_name)?;
        let mut outgoing = vec![Vec::new(); incoming.len()];
        for (target, edges) in incoming.iter().enumerate() {
            for edge in edges {
                if let Source::Place(source) = edge.source {
                    outgoing[source].push((target, edge.weight));
                }
            }
        }
        let order = evaluation_order(&structure, &incoming, &outgoing)?;
        Ok(Network { structure, order, incoming, outgoing, outputs })
    }

    /// Fully connected layers in one line; names and the order of weights as in
    /// [`Structure::layered`].
    ///
    /// # Errors
    ///
    /// [`Error::Layers`] if there are fewer than two layers or one of them is empty.
    ///
    /// # Example
    ///
    /// ```
    /// use uphill_check::closed_form::{Network, OffsetKind};
    ///
    /// let iris = Network::layered(&[4, 6, 3], OffsetKind::Bias)?;
    /// assert_eq!(iris.weight_count(), (4 + 1) * 6 + (6 + 1) * 3);
    /// # Ok::<(), uphill_check::closed_form::Error>(())
    /// ```
    pub fn layered(layers: &[usize], offset: OffsetKind) -> Result<Self, Error> {
        Network::new(Structure::layered(layers, offset)?)
    }

    /// The same network judged by other outputs: the same nodes and the same weights.
    ///
    /// This is how the lecture trains acquaintances alone before siblings too: with `["Acquaintance"]`
    /// as the only output, `Sibling` has β = 0, so its weights get Δw = 0 and stay as they are.
    ///
    /// # Errors
    ///
    /// [`Error::NoOutputs`], [`Error::UnknownNode`], [`Error::OutputIsInput`] or
    /// [`Error::DuplicateOutput`].
    pub fn with_outputs<N: Into<String>>(
        &self,
        outputs: impl IntoIterator<Item = N>,
    ) -> Result<Self, Error> {
        let mut structure = self.structure.clone();
        structure.outputs = outputs.into_iter().map(Into::into).collect();
        Network::new(structure)
    }

    /// The structure that the network was built from.
    pub fn structure(&self) -> &Structure {
        &self.structure
    }

    /// The names of the weights; a weight's index is its place here.
    pub fn weight_names(&self) -> &[String] {
        &self.structure.weight_names
    }

    /// The number of weights, shared ones counted once.
    pub fn weight_count(&self) -> usize {
        self.structure.weight_names.len()
    }

    /// The index of the weight of that name, if there is one.
    pub fn weight_index(&self, name: &str) -> Option<usize> {
        self.structure.weight_names.iter().position(|other| other == name)
    }

    /// The name of the input or node at a place.
    pub(super) fn name(&self, place: usize) -> &str {
        name_at(&self.structure, place)
    }
}

fn name_at(structure: &Structure, place: usize) -> &str {
    match structure.inputs.get(place) {
        Some(input) => input,
        None => &structure.nodes[place - structure.inputs.len()].name,
    }
}

fn first_duplicate<'a>(names: impl IntoIterator<Item = &'a String>) -> Option<String> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(name.as_str())).cloned()
}

/// The place of each name: inputs first, then nodes.
fn places(structure: &Structure) -> Result<HashMap<&str, usize>, Error> {
    let names = || structure.inputs.iter().chain(structure.nodes.iter().map(|node| &node.name));
    match first_duplicate(names()) {
        Some(name) => Err(Error::DuplicateName { name }),
        None => Ok(names().enumerate().map(|(place, name)| (name.as_str(), place)).collect()),
    }
}

fn output_places(
    structure: &Structure,
    place_by_name: &HashMap<&str, usize>,
) -> Result<Vec<usize>, Error> {
    if structure.outputs.is_empty() {
        return Err(Error::NoOutputs);
    }
    if let Some(name) = first_duplicate(&structure.outputs) {
        return Err(Error::DuplicateOutput { name });
    }
    let place = |name: &String| match place_by_name.get(name.as_str()) {
        None => {
            Err(Error::UnknownNode { name: name.clone(), place: "the list of outputs".to_owned() })
        }
        Some(&place) if place < structure.inputs.len() => {
            Err(Error::OutputIsInput { name: name.clone() })
        }
        Some(&place) => Ok(place),
    };
    structure.outputs.iter().map(place).collect()
}

fn incoming_edges(
    structure: &Structure,
    place_by_name: &HashMap<&str, usize>,
) -> Result<Vec<Vec<Edge>>, Error> {
    let count = structure.weight_names.len();
    let mut incoming = vec![Vec::new(); structure.inputs.len()];
    for node in &structure.nodes {
        let place = || format!("node {:?}", node.name);
        let mut edges = Vec::with_capacity(node.incoming.len() + 1);
        for edge in &node.incoming {
            let name = edge.source.as_str();
            let Some(&source) = place_by_name.get(name) else {
                return Err(Error::UnknownNode { name: name.to_owned(), place: place() });
            };
            edges.push(Edge { source: Source::Place(source), weight: edge.weight });
        }
        if let Some((constant, weight)) = node.offset.constant_and_weight() {
            edges.push(Edge { source: Source::Constant(constant), weight });
        }
        if edges.is_empty() {
            return Err(Error::NothingIncoming { node: node.name.clone() });
        }
        if let Some(edge) = edges.iter().find(|edge| edge.weight >= count) {
            return Err(Error::UnknownWeight { index: edge.weight, count, place: place() });
        }
        incoming.push(edges);
    }
    Ok(incoming)
}

/// The sources of a place that are inputs or nodes.
fn source_places(edges: &[Edge]) -> impl Iterator<Item = usize> + '_ {
    edges.iter().filter_map(|edge| match edge.source {
        Source::Place(place) => Some(place),
        Source::Constant(_) => None,
    })
}

fn evaluation_order(
    structure: &Structure,
    incoming: &[Vec<Edge>],
    outgoing: &[Vec<(usize, usize)>],
) -> Result<Vec<usize>, Error> {
    let mut waiting_for: Vec<usize> =
        incoming.iter().map(|edges| source_places(edges).count()).collect();
    let mut order: Vec<usize> =
        (0..incoming.len()).filter(|&place| waiting_for[place] == 0).collect();
    let mut next = 0;
    while let Some(&place) = order.get(next) {
        next += 1;
        for &(target, _) in &outgoing[place] {
            waiting_for[target] -= 1;
            if waiting_for[target] == 0 {
                order.push(target);
            }
        }
    }
    if let Some(stuck) = waiting_for.iter().position(|&count| count > 0) {
        return Err(circle(structure, incoming, &waiting_for, stuck));
    }
    order.retain(|&place| place >= structure.inputs.len());
    Ok(order)
}

/// Names a circle: from a node that waits, walk back along sources that wait until one comes twice.
fn circle(structure: &Structure, incoming: &[Vec<Edge>], waiting: &[usize], stuck: usize) -> Error {
    let mut path = Vec::new();
    let mut step_by_place = HashMap::new();
    let mut place = Some(stuck);
    let mut start = 0;
    while let Some(here) = place {
        if let Some(&step) = step_by_place.get(&here) {
            start = step;
            break;
        }
        step_by_place.insert(here, path.len());
        path.push(here);
        place = source_places(&incoming[here]).find(|&source| waiting[source] > 0);
    }
    // The walk went against the weights; start the circle at its node that was declared first.
    let mut round: Vec<usize> = path[start..].iter().rev().copied().collect();
    let first = (0..round.len()).min_by_key(|&step| round[step]).unwrap_or(0);
    round.rotate_left(first);
    Error::Cycle {
        nodes: round.iter().map(|&place| name_at(structure, place).to_owned()).collect(),
    }
}
