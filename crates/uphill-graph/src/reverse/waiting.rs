//! Adjoints on their way: what counts always, what still has a guard, and what came to whole vectors.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::graph::{Graph, Slice};
use crate::guard::{Guard, Guarded, Guards};
use crate::loop_writer::{LoopWriter, elementwise};
use crate::node::NodeId;
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::slopes::{Slope, Slopes};
use crate::var::Var;
use crate::walk::{Feed, Outcome, Target, Walk};

/// Adjoints that wait until all users of their nodes were there.
pub(super) struct Waiting<'f, 'g> {
    /// What counts always, of nodes; of vectors, what they have in the end.
    slopes: Slopes<'f, 'g>,
    guarded: HashMap<NodeId, SmallVec<[Guarded<'g>; 4]>>,
    /// Of whole vectors, by their first nodes.
    vectors: HashMap<NodeId, Vec<(NodeId, Guard)>>,
    pub(super) guards: Guards<'g>,
}

impl<'f, 'g> Waiting<'f, 'g> {
    pub(super) fn new(graph: &'f Graph, recorder: &'g Recorder) -> Waiting<'f, 'g> {
        Waiting {
            slopes: Slopes::new(graph, recorder),
            guarded: HashMap::new(),
            vectors: HashMap::new(),
            guards: Guards::new(recorder),
        }
    }

    pub(super) fn add(&mut self, node: NodeId, term: Var<'g>, guard: Guard) {
        if term.constant_value() == Some(0.0) {
            return;
        }
        if guard == Guard::ALWAYS {
            self.slopes.add(node, term);
        } else {
            self.guarded.entry(node).or_default().push((term, guard));
        }
    }

    /// Adds to all entries of a vector.
    pub(super) fn add_vector(&mut self, part: NodeId, terms: NodeId, guard: Guard) {
        self.vectors.entry(part).or_default().push((terms, guard));
    }

    /// The adjoint of a node, all of whose users were there, and where it counts.
    #[inline]
    pub(super) fn take(&mut self, node: NodeId) -> Option<Guarded<'g>> {
        let sum = self.slopes.own(node).map(|sum| (sum, Guard::ALWAYS));
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
        self.slopes.set(node, adjoint);
    }

    /// Puts back what a vector's adjoint has become.
    pub(super) fn set_vector(&mut self, part: NodeId, first: NodeId) {
        self.slopes.set_vector(part, first);
    }

    /// The entries of a vector that have adjoints of their own.
    fn entries_of(&self, part: Slice) -> Vec<NodeId> {
        let mut nodes: Vec<NodeId> = self.slopes.entries_of(part).collect();
        if !self.guarded.is_empty() {
            let end = NodeId::new(part.first.index() + part.width);
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
    pub(super) fn take_part(&mut self, part: Slice) -> Option<(Slope<'g>, Guard)> {
        if part.width == 1 && !self.has_vector(part) {
            return self.take(part.first).map(|(adjoint, guard)| (Slope::One(adjoint), guard));
        }
        let entries = self.entries_of(part);
        let mut vectors = self.vectors.remove(&part.first).unwrap_or_default();
        if !entries.is_empty() {
            let scattered = self.scattered(part, &entries);
            vectors.insert(0, (scattered, Guard::ALWAYS));
        }
        let (&(first, guard), rest) = vectors.split_first()?;
        if rest.is_empty() {
            return Some((Slope::Vector(first), guard));
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
        let sum = elementwise(self.slopes.recorder(), part.width, &vectors, &[], |x, _| {
            x[1..].iter().fold(x[0], |sum, &x| sum + x)
        });
        Some((Slope::Vector(sum), if same { guard } else { Guard::ALWAYS }))
    }

    /// A vector with the adjoints of single entries, and nothing elsewhere.
    fn scattered(&mut self, part: Slice, entries: &[NodeId]) -> NodeId {
        let mut nodes = Vec::with_capacity(entries.len());
        for &entry in entries {
            let (adjoint, guard) = self.take(entry).unwrap_or((Var::constant(0.0), Guard::ALWAYS));
            nodes.push(self.slopes.recorder().node(self.guards.mask(adjoint, guard)));
            self.slopes.forget_entry(entry);
        }
        if nodes.len() == part.width {
            return self.slopes.recorder().push_vector(&nodes);
        }
        let places = entries.iter().map(|entry| entry.index() - part.first.index());
        let mut writer = LoopWriter::new(nodes.len());
        let body = Recorder::of_a_pass();
        let values = self.slopes.recorder().push_vector(&nodes);
        let entry = writer.feed(&body, Feed::Read(Walk::even(0, 1)), Some(values), 1);
        let output = writer.output(entry);
        let writes = vec![(output, Walk::along(places.map(|place| place as u32).collect()))];
        writer.targets.push(Target { width: part.width, writes });
        writer.outcome(Outcome::Target { target: 0 });
        writer.write(body.into_graph(), self.slopes.recorder())[0]
    }

    /// The vector where it counts, else exactly 0.
    pub(super) fn mask_vector(&mut self, vector: NodeId, width: usize, guard: Guard) -> NodeId {
        let Some(condition) = self.guards.condition(guard) else { return vector };
        elementwise(self.slopes.recorder(), width, &[vector], &[condition], |x, shared| {
            Var::select(shared[0], x[0], Var::constant(0.0))
        })
    }

    /// The adjoint where it counts, else exactly 0.
    pub(super) fn masked(&mut self, adjoint: Slope<'g>, width: usize, guard: Guard) -> Slope<'g> {
        match adjoint {
            Slope::One(adjoint) => Slope::One(self.guards.mask(adjoint, guard)),
            Slope::Vector(first) => Slope::Vector(self.mask_vector(first, width, guard)),
        }
    }

    /// What is left when all is done.
    pub(super) fn finish(self) -> Slopes<'f, 'g> {
        self.slopes
    }
}
