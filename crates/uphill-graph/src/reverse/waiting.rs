//! Adjoints on their way: what counts always, what still has a guard, and what came to whole vectors.
//!
//! The entries of a vector may count each by itself: then a vector beside it is 0 where they don't.

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
    vectors: HashMap<NodeId, Vec<Terms>>,
    /// Where adjoints of inputs count, that don't always: by their nodes, and of whole vectors by the first.
    ended: HashMap<NodeId, Guard>,
    /// Whether it is told that an entry of a vector has no adjoint, which else has one of 0.
    absent: bool,
    pub(super) guards: Guards<'g>,
}

/// What comes to a whole vector.
#[derive(Clone, Copy)]
struct Terms {
    first: NodeId,
    guard: Guard,
    /// Numbers that are 0 for entries which do not count, if any.
    each: Option<NodeId>,
}

/// An adjoint on its way through a loop.
#[derive(Clone, Copy)]
pub(super) struct Taken<'g> {
    pub(super) adjoint: Slope<'g>,
    pub(super) guard: Guard,
    /// Of a vector: numbers that are 0 for entries which do not count, if any.
    pub(super) each: Option<NodeId>,
}

impl<'f, 'g> Waiting<'f, 'g> {
    pub(super) fn new(graph: &'f Graph, recorder: &'g Recorder, absent: bool) -> Waiting<'f, 'g> {
        Waiting {
            slopes: Slopes::new(graph, recorder),
            guarded: HashMap::new(),
            vectors: HashMap::new(),
            ended: HashMap::new(),
            absent,
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

    /// Adds to all entries of a vector; `each` is 0 for those that do not count, if there are such.
    pub(super) fn add_vector(
        &mut self,
        part: NodeId,
        first: NodeId,
        guard: Guard,
        each: Option<NodeId>,
    ) {
        self.vectors.entry(part).or_default().push(Terms { first, guard, each });
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
    pub(super) fn take_part(&mut self, part: Slice) -> Option<Taken<'g>> {
        if part.width == 1 && !self.has_vector(part) {
            let (adjoint, guard) = self.take(part.first)?;
            return Some(Taken { adjoint: Slope::One(adjoint), guard, each: None });
        }
        let entries = self.entries_of(part);
        let mut vectors = self.vectors.remove(&part.first).unwrap_or_default();
        if !entries.is_empty() {
            let scattered = self.scattered(part, &entries);
            vectors.insert(0, scattered);
        }
        let (&Terms { first, guard, each }, rest) = vectors.split_first()?;
        if rest.is_empty() {
            return Some(Taken { adjoint: Slope::Vector(first), guard, each });
        }
        let same = rest.iter().all(|other| other.guard == guard);
        let firsts: Vec<NodeId> = vectors
            .iter()
            .map(|own| match same {
                true => own.first,
                false => self.mask_vector(own.first, part.width, own.guard),
            })
            .collect();
        let counting: Option<Vec<NodeId>> = vectors
            .iter()
            .map(|own| match (same, own.guard) {
                (false, guard) if guard != Guard::ALWAYS => self.where_counted(part.width, own),
                _ => own.each,
            })
            .collect();
        let plus = |vectors: &[NodeId]| {
            elementwise(self.slopes.recorder(), part.width, vectors, &[], |x, _| {
                x[1..].iter().fold(x[0], |sum, &x| sum + x)
            })
        };
        let guard = if same { guard } else { Guard::ALWAYS };
        let each = counting.map(|counting| plus(&counting));
        Some(Taken { adjoint: Slope::Vector(plus(&firsts)), guard, each })
    }

    /// For each entry of a vector with a guard, a number that is 0 where it does not count.
    fn where_counted(&mut self, width: usize, terms: &Terms) -> Option<NodeId> {
        let condition = self.guards.condition(terms.guard)?;
        let recorder = self.slopes.recorder();
        let (zero, one) = (Var::constant(0.0), Var::constant(1.0));
        let vectors: Vec<NodeId> = terms.each.into_iter().collect();
        Some(elementwise(recorder, width, &vectors, &[condition], |each, shared| {
            Var::select(shared[0], each.first().copied().unwrap_or(one), zero)
        }))
    }

    /// A vector with the adjoints of single entries, and nothing elsewhere.
    fn scattered(&mut self, part: Slice, entries: &[NodeId]) -> Terms {
        let mut nodes = Vec::with_capacity(entries.len());
        let mut conditions = Vec::with_capacity(entries.len());
        for &entry in entries {
            let (adjoint, guard) = self.take(entry).unwrap_or((Var::constant(0.0), Guard::ALWAYS));
            nodes.push(self.slopes.recorder().node(self.guards.mask(adjoint, guard)));
            conditions.push(self.guards.condition(guard));
            self.slopes.forget_entry(entry);
        }
        let first = self.spread(part, entries, &nodes);
        let absent = self.absent && entries.len() < part.width;
        let each = (absent || conditions.iter().any(Option::is_some)).then(|| {
            let one = Var::constant(1.0);
            let conditions = conditions.into_iter().map(|condition| condition.unwrap_or(one));
            let nodes: Vec<NodeId> =
                conditions.map(|condition| self.slopes.recorder().node(condition)).collect();
            self.spread(part, entries, &nodes)
        });
        Terms { first, guard: Guard::ALWAYS, each }
    }

    /// Nodes in the places of some entries of a vector.
    fn spread(&self, part: Slice, entries: &[NodeId], nodes: &[NodeId]) -> NodeId {
        let recorder = self.slopes.recorder();
        if nodes.len() == part.width {
            return recorder.push_vector(nodes);
        }
        let places = entries.iter().map(|entry| entry.index() - part.first.index());
        let mut writer = LoopWriter::new(nodes.len());
        let body = Recorder::of_a_pass();
        let values = recorder.push_vector(nodes);
        let entry = writer.feed(&body, Feed::Read(Walk::even(0, 1)), Some(values), 1);
        let output = writer.output(entry);
        let writes = vec![(output, Walk::along(places.map(|place| place as u32).collect()))];
        writer.targets.push(Target { width: part.width, writes });
        writer.outcome(Outcome::Target { target: 0 });
        writer.write(body.into_graph(), recorder)[0]
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

    /// What comes to inputs and numbers stays there, exactly 0 where it does not count.
    pub(super) fn end(&mut self, part: Slice) {
        if self.has_vector(part) {
            if let Some(Taken { adjoint, guard, .. }) = self.take_part(part)
                && let Slope::Vector(vector) = self.masked(adjoint, part.width, guard)
            {
                if guard != Guard::ALWAYS {
                    self.ended.insert(part.first, guard);
                }
                self.set_vector(part.first, vector);
            }
            return;
        }
        for node in self.nodes_of(part) {
            if let Some((adjoint, guard)) = self.take(node) {
                let adjoint = self.guards.mask(adjoint, guard);
                if guard != Guard::ALWAYS {
                    self.ended.insert(node, guard);
                }
                self.set(node, adjoint);
            }
        }
    }

    /// Where the adjoint of an input counts, at any of its entries; nothing if there is none.
    pub(super) fn counts(&mut self, input: Slice) -> Option<Guard> {
        if self.slopes.whole(input).is_some() {
            return Some(self.ended.get(&input.first).copied().unwrap_or(Guard::ALWAYS));
        }
        let nodes = (0..input.width).map(|k| NodeId::new(input.first.index() + k));
        let nodes = nodes.filter(|node| self.slopes.own(*node).is_some());
        let guards = nodes.map(|node| self.ended.get(&node).copied().unwrap_or(Guard::ALWAYS));
        let guards: Vec<Guard> = guards.collect();
        (!guards.is_empty()).then(|| self.guards.any(guards.into_iter()))
    }

    /// The derivatives so far.
    pub(super) fn slopes(&mut self) -> &mut Slopes<'f, 'g> {
        &mut self.slopes
    }

    /// What is left when all is done.
    pub(super) fn finish(self) -> Slopes<'f, 'g> {
        self.slopes
    }
}
