//! Adjoints on their way: sums of what counts always, what still has a guard, and vectors of them.

use std::collections::{BTreeMap, HashMap};

use smallvec::SmallVec;

use crate::graph::{Graph, Slice};
use crate::guard::{Guard, Guarded, Guards};
use crate::loop_writer::{LoopWriter, elementwise};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::var::Var;
use crate::walk::{Feed, Outcome, Target, Walk};

/// The adjoint of a node or of a vector of nodes.
#[derive(Clone, Copy)]
pub(crate) enum Adjoint<'g> {
    One(Var<'g>),
    /// The first of as many nodes.
    Vector(NodeId),
}

/// Adjoints that wait until all users of their nodes were there.
pub(super) struct Waiting<'f, 'g> {
    graph: &'f Graph,
    recorder: &'g Recorder,
    /// Of single nodes, by their places among the stored ones.
    single: Vec<Option<Var<'g>>>,
    /// Of entries of vectors.
    entries: BTreeMap<NodeId, Var<'g>>,
    guarded: HashMap<NodeId, SmallVec<[Guarded<'g>; 4]>>,
    /// Of whole vectors, by their first nodes.
    vectors: HashMap<NodeId, Vec<(NodeId, Guard)>>,
    pub(super) guards: Guards<'g>,
}

impl<'f, 'g> Waiting<'f, 'g> {
    pub(super) fn new(graph: &'f Graph, recorder: &'g Recorder) -> Waiting<'f, 'g> {
        Waiting {
            graph,
            recorder,
            single: vec![None; graph.stored_count()],
            entries: BTreeMap::new(),
            guarded: HashMap::new(),
            vectors: HashMap::new(),
            guards: Guards::new(recorder),
        }
    }

    pub(super) fn add(&mut self, node: NodeId, term: Var<'g>, guard: Guard) {
        if term.constant_value() == Some(0.0) {
            return;
        }
        if guard != Guard::ALWAYS {
            self.guarded.entry(node).or_default().push((term, guard));
        } else if let Some(single) = self.graph.single(node) {
            let sum = &mut self.single[single];
            *sum = Some(sum.map_or(term, |sum| sum + term));
        } else {
            self.entries.entry(node).and_modify(|sum| *sum += term).or_insert(term);
        }
    }

    /// Adds to all entries of a vector.
    pub(super) fn add_vector(&mut self, part: NodeId, terms: NodeId, guard: Guard) {
        self.vectors.entry(part).or_default().push((terms, guard));
    }

    /// The adjoint of a node, all of whose users were there, and where it counts.
    #[inline]
    pub(super) fn take(&mut self, node: NodeId) -> Option<Guarded<'g>> {
        let sum = match self.graph.single(node) {
            Some(single) => self.single[single],
            None => self.entries.get(&node).copied(),
        };
        let sum = sum.map(|sum| (sum, Guard::ALWAYS));
        if self.guarded.is_empty() {
            return sum;
        }
        let Some(mut terms) = self.guarded.remove(&node) else { return sum };
        if let Some(sum) = sum {
            terms.insert(0, sum);
        }
        self.guards.sum(terms)
    }

    /// Puts back what a node's adjoint has become.
    #[inline]
    pub(super) fn set(&mut self, node: NodeId, adjoint: Var<'g>) {
        match self.graph.single(node) {
            Some(single) => self.single[single] = Some(adjoint),
            None => {
                self.entries.insert(node, adjoint);
            }
        }
    }

    /// The entries of a vector that have adjoints of their own.
    fn entries_of(&self, part: Slice) -> Vec<NodeId> {
        let end = NodeId::new(part.first.index() + part.width);
        let mut nodes: Vec<NodeId> =
            self.entries.range(part.first..end).map(|(node, _)| *node).collect();
        if !self.guarded.is_empty() {
            nodes.extend(self.guarded.keys().filter(|node| (part.first..end).contains(node)));
            nodes.sort_unstable();
            nodes.dedup();
        }
        nodes
    }

    /// The nodes of a part that may have adjoints of their own.
    pub(super) fn nodes_of(&self, part: Slice) -> Vec<NodeId> {
        if part.width == 1 { vec![part.first] } else { self.entries_of(part) }
    }

    /// Whether a vector as a whole has adjoints, and not only entries of it.
    pub(super) fn has_vector(&self, part: Slice) -> bool {
        self.vectors.contains_key(&part.first)
    }

    /// The adjoint of a vector, all of whose users were there, and where it counts.
    pub(super) fn take_part(&mut self, part: Slice) -> Option<(Adjoint<'g>, Guard)> {
        if part.width == 1 && !self.has_vector(part) {
            return self.take(part.first).map(|(adjoint, guard)| (Adjoint::One(adjoint), guard));
        }
        let entries = self.entries_of(part);
        let mut vectors = self.vectors.remove(&part.first).unwrap_or_default();
        if !entries.is_empty() {
            let scattered = self.scattered(part, &entries);
            vectors.insert(0, (scattered, Guard::ALWAYS));
        }
        let (&(first, guard), rest) = vectors.split_first()?;
        if rest.is_empty() {
            return Some((Adjoint::Vector(first), guard));
        }
        let same = rest.iter().all(|(_, other)| *other == guard);
        let vectors: Vec<NodeId> = vectors
            .into_iter()
            .map(
                |(vector, own)| {
                    if same { vector } else { self.mask_vector(vector, part.width, own) }
                },
            )
            .collect();
        let sum = elementwise(self.recorder, part.width, &vectors, &[], |x, _| {
            x[1..].iter().fold(x[0], |sum, &x| sum + x)
        });
        Some((Adjoint::Vector(sum), if same { guard } else { Guard::ALWAYS }))
    }

    /// A vector with the adjoints of single entries, and nothing elsewhere.
    fn scattered(&mut self, part: Slice, entries: &[NodeId]) -> NodeId {
        let mut nodes = Vec::with_capacity(entries.len());
        for &entry in entries {
            let (adjoint, guard) = self.take(entry).unwrap_or((Var::constant(0.0), Guard::ALWAYS));
            nodes.push(self.recorder.node(self.guards.mask(adjoint, guard)));
            self.entries.remove(&entry);
        }
        if nodes.len() == part.width {
            return self.recorder.push_vector(&nodes);
        }
        let places = entries.iter().map(|entry| entry.index() - part.first.index());
        let mut writer = LoopWriter::new(nodes.len());
        let body = Recorder::new();
        let values = self.recorder.push_vector(&nodes);
        let entry = writer.feed(&body, Feed::Read(Walk::even(0, 1)), Some(values), 1);
        let output = writer.output(entry);
        let writes = vec![(output, Walk::along(places.map(|place| place as u32).collect()))];
        writer.targets.push(Target { width: part.width, writes });
        writer.outcome(Outcome::Target { target: 0 });
        writer.write(body.into_graph(), self.recorder)[0]
    }

    /// The vector where it counts, else exactly 0.
    pub(super) fn mask_vector(&mut self, vector: NodeId, width: usize, guard: Guard) -> NodeId {
        let Some(condition) = self.guards.condition(guard) else { return vector };
        elementwise(self.recorder, width, &[vector], &[condition], |x, shared| {
            Var::select(shared[0], x[0], Var::constant(0.0))
        })
    }

    /// The adjoint where it counts, else exactly 0.
    pub(super) fn masked(
        &mut self,
        adjoint: Adjoint<'g>,
        width: usize,
        guard: Guard,
    ) -> Adjoint<'g> {
        match adjoint {
            Adjoint::One(adjoint) => Adjoint::One(self.guards.mask(adjoint, guard)),
            Adjoint::Vector(first) => Adjoint::Vector(self.mask_vector(first, width, guard)),
        }
    }

    /// What is left when all is done.
    pub(super) fn finish(self, vectors: HashMap<NodeId, NodeId>) -> Adjoints<'f, 'g> {
        Adjoints {
            graph: self.graph,
            recorder: self.recorder,
            single: self.single,
            entries: self.entries,
            vectors,
        }
    }
}

/// The adjoints of a finished sweep.
pub(crate) struct Adjoints<'f, 'g> {
    graph: &'f Graph,
    recorder: &'g Recorder,
    single: Vec<Option<Var<'g>>>,
    entries: BTreeMap<NodeId, Var<'g>>,
    /// By the first node of a vector.
    vectors: HashMap<NodeId, NodeId>,
}

impl<'g> Adjoints<'_, 'g> {
    /// That of a node, if one came there.
    pub(crate) fn of(&self, node: NodeId) -> Option<Var<'g>> {
        if let Some(single) = self.graph.single(node) {
            return self.single[single];
        }
        if !self.vectors.is_empty() {
            let part = self.graph.part(node).first;
            if let Some(first) = self.vectors.get(&part) {
                let behind = node.index() - part.index();
                return Some(self.recorder.var(NodeId::new(first.index() + behind)));
            }
        }
        self.entries.get(&node).copied()
    }

    /// That of a whole vector, if it came as one.
    pub(crate) fn whole(&self, part: Slice) -> Option<NodeId> {
        self.vectors.get(&part.first).copied()
    }

    /// That of a whole vector as the first of as many nodes, put together if need be; `None` if none came there.
    pub(crate) fn of_vector(&self, part: Slice) -> Option<NodeId> {
        if let Some(first) = self.vectors.get(&part.first) {
            return Some(*first);
        }
        let each = (0..part.width).map(|k| self.of(NodeId::new(part.first.index() + k)));
        let each: Vec<Option<Var<'g>>> = each.collect();
        each.iter().any(Option::is_some).then(|| {
            let nodes = each
                .into_iter()
                .map(|adjoint| self.recorder.node(adjoint.unwrap_or(Var::constant(0.0))));
            let nodes: Vec<NodeId> = nodes.collect();
            if let [node] = nodes[..] { node } else { self.recorder.push_vector(&nodes) }
        })
    }
}
