//! The arena: an append-only list of nodes whose operands come before them.
//!
//! So the order of the nodes is an order of evaluation, every pass is a loop, and nothing recurses over depth. A node
//! costs 12 bytes and 4 for each operand; operands of all nodes lie in one pool, numbers in one table. What is wide, a
//! vector of inputs or all results of a loop, is stored as one and has as many numbers as values.
//!
//! **Invariant:** a graph is never changed once a [`Function`](crate::Function) has it; transformations write a new one.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHasher;

use crate::error::Error;
use crate::implicit::Equations;
use crate::inputs::{InputGroup, Inputs};
use crate::node::{Kind, Node, NodeId, Stored};
use crate::op::Op;
use crate::walk::{Feed, Outcome, Target};

/// A graph of scalar operations: a list of nodes whose operands come before them, so that the order of the nodes is an
/// order of evaluation. petgraph's algorithms run on it: see [`view`](crate::view).
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Stored>,
    /// What is wide, in order; nearly always nothing or little.
    wide: Vec<Wide>,
    /// Behind the last of these: the next number, and the next place among the stored nodes. Nearly all nodes are there.
    behind: (u32, u32),
    operands: Vec<NodeId>,
    constants: Vec<f64>,
    loops: Vec<Arc<Loop>>,
    inputs: Inputs,
    /// Passes write the inputs first, and so share this.
    input_nodes: Arc<Vec<NodeId>>,
    names: BTreeMap<NodeId, Box<str>>,
    users: Derived<Users>,
    /// Loops by their places among the stored nodes, each with how many more edges than operands there are up to it.
    more_edges: Derived<Vec<(usize, usize)>>,
}

/// What is found out once of a graph. A copy, which may grow, finds it out anew.
#[derive(Debug)]
struct Derived<T>(OnceLock<T>);

impl<T> Default for Derived<T> {
    fn default() -> Derived<T> {
        Derived(OnceLock::new())
    }
}

impl<T> Clone for Derived<T> {
    fn clone(&self) -> Derived<T> {
        Derived::default()
    }
}

/// A stored node that has not one number but several, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wide {
    /// The first number.
    first: u32,
    /// Which of the stored nodes it is.
    stored: u32,
    width: u32,
}

/// A body that runs again and again: recorded once, kept once, shared by all graphs that hold it.
///
/// Its operands in the graph around are one a feed, but for counters: the node at which a walk starts, or the first value
/// of what is carried.
#[derive(Debug, Clone, PartialEq)]
pub struct Loop {
    pub(crate) body: Arc<Body>,
    pub(crate) iterations: usize,
    /// One a group of the body's inputs.
    pub(crate) feeds: Vec<Feed>,
    /// What the loop gives, in order of its numbers.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) targets: Vec<Target>,
    /// What its results are defined by, if not by its iterations.
    pub(crate) equations: Option<Equations>,
}

/// What a loop repeats: a graph whose inputs are fed in each iteration, and what comes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    pub(crate) graph: Graph,
    pub(crate) outputs: Vec<Slice>,
}

/// Nodes with consecutive numbers, all of one part of a stored node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slice {
    pub(crate) first: NodeId,
    pub(crate) width: usize,
}

impl Slice {
    /// The first node.
    #[must_use]
    pub fn first(self) -> NodeId {
        self.first
    }

    /// How many nodes.
    #[must_use]
    pub fn width(self) -> usize {
        self.width
    }

    pub(crate) fn one(node: NodeId) -> Slice {
        Slice { first: node, width: 1 }
    }
}

impl Loop {
    /// What is repeated.
    #[must_use]
    pub fn body(&self) -> &Graph {
        &self.body.graph
    }

    /// How often.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// How each input of the body comes by its values: one a group of inputs.
    #[must_use]
    pub fn feeds(&self) -> &[Feed] {
        &self.feeds
    }

    /// What the loop gives, in order of its numbers.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The vectors to which iterations add.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// What comes out of the body.
    #[must_use]
    pub fn outputs(&self) -> &[Slice] {
        &self.body.outputs
    }

    /// How many values each input of the body takes.
    #[must_use]
    pub fn input_width(&self, input: usize) -> usize {
        self.body.graph.inputs.groups()[input].length.map_or(1, |length| length as usize)
    }

    /// How many values an output of the body has.
    #[must_use]
    pub fn output_width(&self, output: usize) -> usize {
        self.body.outputs[output].width
    }

    /// How many values a result has.
    #[must_use]
    pub fn outcome_width(&self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Last { input } => self.input_width(input),
            Outcome::Sequence { output } => {
                self.iterations.saturating_mul(self.output_width(output))
            }
            Outcome::Sum { output } => self.output_width(output),
            Outcome::Target { target } => self.targets[target].width,
        }
    }

    /// Where each result lies among all values that the loop gives.
    pub fn places(&self) -> impl Iterator<Item = (Outcome, Range<usize>)> {
        let mut end = 0_usize;
        self.outcomes.iter().map(move |&outcome| {
            let start = end;
            end = end.saturating_add(self.outcome_width(outcome));
            (outcome, start..end)
        })
    }

    /// How many values it gives.
    #[must_use]
    pub fn width(&self) -> usize {
        self.places().last().map_or(0, |(_, place)| place.end)
    }

    /// The operand of each feed; counters have none.
    #[must_use]
    pub fn each_operand(&self, operands: &[NodeId]) -> Vec<Option<NodeId>> {
        self.operand_places().map(|place| place.map(|place| operands[place])).collect()
    }

    /// For each feed, which of the loop's operands it has; counters have none.
    pub fn operand_places(&self) -> impl Iterator<Item = Option<usize>> {
        let mut next = 0;
        self.feeds.iter().map(move |feed| {
            let has = !matches!(feed, Feed::Counter { .. });
            let place = has.then_some(next);
            next += usize::from(has);
            place
        })
    }
}

/// The first numbers of stored nodes, from both ends.
struct Heads<'g> {
    /// What is wide and still to come.
    wide: &'g [Wide],
    /// The next place among the stored nodes, and one past the last.
    front: usize,
    back: usize,
    /// By how much numbers are ahead of places at the front, and at the back.
    shift_front: u32,
    shift_back: u32,
}

impl Iterator for Heads<'_> {
    type Item = NodeId;

    #[inline]
    fn next(&mut self) -> Option<NodeId> {
        while self.front < self.back {
            let stored = self.front as u32;
            self.front += 1;
            match self.wide.split_first() {
                Some((wide, rest)) if wide.stored == stored => {
                    self.wide = rest;
                    self.shift_front = (wide.first + wide.width).wrapping_sub(wide.stored + 1);
                    if wide.width > 0 {
                        return Some(NodeId::new(wide.first as usize));
                    }
                }
                _ => return Some(NodeId::new(stored.wrapping_add(self.shift_front) as usize)),
            }
        }
        None
    }
}

impl DoubleEndedIterator for Heads<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<NodeId> {
        while self.front < self.back {
            self.back -= 1;
            let stored = self.back as u32;
            match self.wide.split_last() {
                Some((wide, rest)) if wide.stored == stored => {
                    self.wide = rest;
                    self.shift_back = rest.last().map_or(self.shift_front, |before| {
                        (before.first + before.width).wrapping_sub(before.stored + 1)
                    });
                    if wide.width > 0 {
                        return Some(NodeId::new(wide.first as usize));
                    }
                }
                _ => return Some(NodeId::new(stored.wrapping_add(self.shift_back) as usize)),
            }
        }
        None
    }
}

/// How long a graph was.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    nodes: usize,
    wide: usize,
    operands: usize,
    constants: usize,
    loops: usize,
    inputs: usize,
}

/// For each node, the operand slots that read it: derived data, made when the graph is first walked downstream.
#[derive(Debug, Clone)]
pub(crate) struct Users {
    /// Where each node's users start, then the total.
    starts: Vec<u32>,
    /// The user, and the place in the operand pool (the edge).
    edges: Vec<(NodeId, u32)>,
}

impl Users {
    pub(crate) fn of(&self, node: NodeId) -> &[(NodeId, u32)] {
        &self.edges[self.starts[node.index()] as usize..self.starts[node.index() + 1] as usize]
    }
}

impl PartialEq for Graph {
    /// The same nodes in the same order with the same names; numbers are compared by their bits.
    fn eq(&self, other: &Graph) -> bool {
        let bits = |graph: &Graph| graph.constants.iter().map(|c| c.to_bits()).collect::<Vec<_>>();
        self.nodes == other.nodes
            && self.wide == other.wide
            && self.loops == other.loops
            && self.operands == other.operands
            && bits(self) == bits(other)
            && self.inputs == other.inputs
            && self.names == other.names
    }
}

/// From this number on, nodes are of loop bodies that are being recorded.
pub(crate) const BODIES: u32 = 0xC000_0000;

/// How many bytes a vector may have and still double: up to about here, allocators copy what grows.
const DOUBLING: usize = 32 << 20;

/// Vectors grow by an eighth once they are long: doubling would leave up to half of the memory unused.
#[inline]
fn grow<T>(vector: &mut Vec<T>, additional: usize) {
    if additional > vector.capacity() - vector.len() {
        grow_now(vector, additional);
    }
}

#[cold]
#[inline(never)]
fn grow_now<T>(vector: &mut Vec<T>, additional: usize) {
    let length = vector.len();
    let step = if length * size_of::<T>() < DOUBLING { length } else { length / 8 };
    vector.reserve_exact(additional.max(step).max(16));
}

impl Graph {
    /// The number of nodes: of values.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        let (id, stored) = self.behind;
        self.nodes.len() - stored as usize + id as usize
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of edges: operands of all nodes. Each result of a loop has all operands of the loop.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        let more = self.more_edges().last().map_or(0, |(_, more)| *more);
        self.operands.len().saturating_add(more)
    }

    fn more_edges(&self) -> &[(usize, usize)] {
        self.more_edges.0.get_or_init(|| {
            let mut more = 0_usize;
            let loops = self.wide.iter().filter_map(|wide| {
                let stored = wide.stored as usize;
                matches!(self.nodes[stored].kind, Kind::Loop(_)).then(|| {
                    let others = (wide.width as usize).saturating_sub(1);
                    more = more.saturating_add(others.saturating_mul(self.slots_of(stored).len()));
                    (stored, more)
                })
            });
            loops.collect()
        })
    }

    /// The number of the first edge into a node: edges are counted by node, then by operand.
    pub(crate) fn first_edge(&self, id: NodeId) -> usize {
        let (stored, behind) = self.place(id);
        let slots = self.slots_of(stored);
        let loops = self.more_edges();
        let before = loops.partition_point(|(other, _)| *other < stored);
        let more = before.checked_sub(1).map_or(0, |last| loops[last].1);
        let within = match self.nodes[stored].kind {
            Kind::Vector => behind,
            Kind::Loop(_) => behind * slots.len(),
            _ => 0,
        };
        slots.start + more + within
    }

    /// The number of operations that are written down, those of a loop's body once.
    #[must_use]
    pub fn operation_count(&self) -> usize {
        let count = |node: &Stored| match node.kind {
            Kind::Op(_) => 1,
            Kind::Loop(number) => self.loops[number as usize].body.graph.operation_count(),
            Kind::Input(_) | Kind::Constant(_) | Kind::Vector => 0,
        };
        self.nodes.iter().map(count).sum()
    }

    /// The memory held, in bytes, unused capacity included; names and the index of users left out.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Stored>()
            + (self.operands.capacity() + self.input_nodes.capacity()) * size_of::<NodeId>()
            + self.constants.capacity() * size_of::<f64>()
    }

    /// The declared inputs.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The node of each input, by position.
    #[must_use]
    pub fn input_nodes(&self) -> &[NodeId] {
        &self.input_nodes
    }

    /// The number of operations that one evaluation makes: those of a loop's body once an iteration.
    #[must_use]
    pub fn run_operations(&self) -> u64 {
        let count = |node: &Stored| match node.kind {
            Kind::Op(_) => 1,
            Kind::Loop(number) => {
                let repeated = &self.loops[number as usize];
                let each = repeated.body.graph.run_operations().saturating_add(1);
                each.saturating_mul(repeated.iterations as u64)
            }
            Kind::Input(_) | Kind::Constant(_) | Kind::Vector => 0,
        };
        self.nodes.iter().map(count).fold(0, u64::saturating_add)
    }

    /// All node numbers, in order of evaluation.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = NodeId> + DoubleEndedIterator + use<> {
        (0..self.len()).map(NodeId::new)
    }

    /// The first number of each stored node, in order of evaluation: what is wide is met once. What has no value at all,
    /// such as a vector of no inputs, is not met.
    pub fn heads(&self) -> impl DoubleEndedIterator<Item = NodeId> {
        Heads {
            wide: &self.wide,
            front: 0,
            back: self.nodes.len(),
            shift_front: 0,
            shift_back: self.behind.0.wrapping_sub(self.behind.1),
        }
    }

    /// The number of stored nodes: what is wide counts once.
    pub(crate) fn stored_count(&self) -> usize {
        self.nodes.len()
    }

    /// The place of a node among the stored ones, if it is stored by itself.
    #[inline]
    pub(crate) fn single(&self, id: NodeId) -> Option<usize> {
        let (first, stored) = self.behind;
        match id.index().checked_sub(first as usize) {
            Some(more) => Some(stored as usize + more),
            None => self.single_before(id),
        }
    }

    fn single_before(&self, id: NodeId) -> Option<usize> {
        let stored = self.place(id).0;
        let wide = self.wide.binary_search_by_key(&(stored as u32), |wide| wide.stored).is_ok();
        (!wide).then_some(stored)
    }

    /// The first number of the stored node that a node belongs to.
    pub(crate) fn head(&self, id: NodeId) -> NodeId {
        NodeId::new(id.index() - self.place(id).1)
    }

    /// The place among the stored nodes of the one that a node belongs to, and how far it is behind the first value.
    #[inline]
    pub(crate) fn place(&self, id: NodeId) -> (usize, usize) {
        let (first, stored) = self.behind;
        match id.index().checked_sub(first as usize) {
            Some(more) => (stored as usize + more, 0),
            None => self.stored_before(id),
        }
    }

    fn stored_before(&self, id: NodeId) -> (usize, usize) {
        let index = id.index();
        let before = self.wide.partition_point(|wide| wide.first as usize <= index);
        let Some(wide) = before.checked_sub(1).map(|before| self.wide[before]) else {
            return (index, 0);
        };
        let behind = index - wide.first as usize;
        match behind.checked_sub(wide.width as usize) {
            None => (wide.stored as usize, behind),
            Some(more) => (wide.stored as usize + 1 + more, 0),
        }
    }

    /// The vector that a node is an entry of, a single node by itself: inputs of one group, numbers written together, one
    /// result of a loop. Walks stay inside.
    #[must_use]
    #[inline]
    pub fn part(&self, id: NodeId) -> Slice {
        if id.index() >= self.behind.0 as usize { Slice::one(id) } else { self.part_before(id) }
    }

    fn part_before(&self, id: NodeId) -> Slice {
        let (stored, behind) = self.place(id);
        let head = id.index() - behind;
        match self.nodes[stored].kind {
            Kind::Op(_) => Slice::one(id),
            Kind::Loop(number) => {
                let mut places = self.loops[number as usize].places();
                match places.find(|(_, place)| place.contains(&behind)) {
                    Some((_, place)) => {
                        Slice { first: NodeId::new(head + place.start), width: place.len() }
                    }
                    None => Slice::one(id),
                }
            }
            Kind::Input(_) | Kind::Constant(_) | Kind::Vector => {
                Slice { first: NodeId::new(head), width: self.width_of(stored) }
            }
        }
    }

    /// Whether nodes are entries of one vector.
    pub(crate) fn is_one_part(&self, slice: Slice) -> bool {
        let part = self.part(slice.first);
        slice.width <= part.first.index() + part.width - slice.first.index()
    }

    /// The nodes of each result of the loop whose first node this is.
    #[must_use]
    pub fn results(&self, head: NodeId) -> Vec<Slice> {
        let Some(repeated) = self.loop_of(head) else { return Vec::new() };
        let slice = |(_, place): (Outcome, Range<usize>)| Slice {
            first: NodeId::new(head.index() + place.start),
            width: place.len(),
        };
        repeated.places().map(slice).collect()
    }

    /// How many numbers a stored node has.
    fn width_of(&self, stored: usize) -> usize {
        let found = self.wide.binary_search_by_key(&(stored as u32), |wide| wide.stored);
        found.map_or(1, |place| self.wide[place].width as usize)
    }

    /// How many values the stored node has that a node belongs to.
    #[must_use]
    pub fn width(&self, id: NodeId) -> usize {
        if id.index() >= self.behind.0 as usize { 1 } else { self.width_of(self.place(id).0) }
    }

    /// Whether there are loops in the graph.
    #[must_use]
    pub fn has_loops(&self) -> bool {
        !self.loops.is_empty()
    }

    /// Whether there are no loops but those that solve equations ([`Loop::is_implicit`]): as in a function that is
    /// [unrolled](crate::Function::unrolled).
    #[must_use]
    pub fn is_written_out(&self) -> bool {
        self.loops.iter().all(|repeated| repeated.is_implicit())
    }

    /// How many unknowns the largest of all systems of equations has, in bodies too.
    pub(crate) fn most_unknowns(&self) -> usize {
        let each = self.loops.iter().map(|repeated| match repeated.is_implicit() {
            true => repeated.width(),
            false => repeated.body.graph.most_unknowns(),
        });
        each.max().unwrap_or(0)
    }

    /// The number of operations when all loops are written out but those with equations, which stay.
    pub(crate) fn written_out_operations(&self) -> u64 {
        let count = |node: &Stored| match node.kind {
            Kind::Op(_) => 1,
            Kind::Loop(number) => {
                let repeated = &self.loops[number as usize];
                match repeated.is_implicit() {
                    true => repeated.width() as u64,
                    false => {
                        let body = repeated.body.graph.written_out_operations();
                        body.saturating_add(1).saturating_mul(repeated.iterations as u64)
                    }
                }
            }
            Kind::Input(_) | Kind::Constant(_) | Kind::Vector => 0,
        };
        self.nodes.iter().map(count).fold(0, u64::saturating_add)
    }

    /// The loop with this number, of [`Node::Result`].
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn repeated(&self, number: usize) -> &Arc<Loop> {
        &self.loops[number]
    }

    /// The loop whose result a node is.
    #[inline]
    pub(crate) fn loop_of(&self, id: NodeId) -> Option<&Arc<Loop>> {
        // Loops are wide.
        if id.index() >= self.behind.0 as usize {
            return None;
        }
        match self.nodes[self.place(id).0].kind {
            Kind::Loop(number) => Some(&self.loops[number as usize]),
            _ => None,
        }
    }

    /// What a node is.
    ///
    /// # Panics
    ///
    /// If the node is not of this graph.
    #[must_use]
    #[inline]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        // Nearly all nodes are operations behind all that is wide.
        let (first, stored) = self.behind;
        if let Some(more) = id.index().checked_sub(first as usize)
            && let stored = stored as usize + more
            && let Kind::Op(op) = self.nodes[stored].kind
        {
            return Node::Op(op, &self.operands[self.slots_of(stored)]);
        }
        self.other_node(id)
    }

    fn other_node(&self, id: NodeId) -> Node<'_> {
        let (stored, behind) = self.place(id);
        match self.nodes[stored].kind {
            Kind::Input(position) => Node::Input(position as usize + behind),
            Kind::Constant(index) => Node::Constant(self.constants[index as usize + behind]),
            Kind::Op(op) => Node::Op(op, &self.operands[self.slots_of(stored)]),
            Kind::Vector => Node::Copy(self.operands[self.slots_of(stored).start + behind]),
            Kind::Loop(number) => Node::Result {
                number: number as usize,
                operands: &self.operands[self.slots_of(stored)],
                place: behind,
            },
        }
    }

    /// The operands of a node, none for inputs and numbers. A loop's results all have those of the loop.
    #[must_use]
    #[inline]
    pub fn operands(&self, id: NodeId) -> &[NodeId] {
        &self.operands[self.operand_slots(id)]
    }

    /// Where a node's operands lie in the pool: the numbers of its edges.
    #[inline]
    pub(crate) fn operand_slots(&self, id: NodeId) -> Range<usize> {
        let (first, stored) = self.behind;
        match id.index().checked_sub(first as usize) {
            Some(more) => self.slots_of(stored as usize + more),
            None => self.operand_slots_before(id),
        }
    }

    fn operand_slots_before(&self, id: NodeId) -> Range<usize> {
        let (stored, behind) = self.place(id);
        let slots = self.slots_of(stored);
        match self.nodes[stored].kind {
            Kind::Vector => slots.start + behind..slots.start + behind + 1,
            _ => slots,
        }
    }

    /// The numbers that are written together, from this one on.
    #[must_use]
    pub fn constants_from(&self, id: NodeId) -> &[f64] {
        let (stored, behind) = self.place(id);
        match self.nodes[stored].kind {
            Kind::Constant(index) => {
                let first = index as usize;
                &self.constants[first + behind..first + self.width_of(stored)]
            }
            _ => &[],
        }
    }

    /// All entries of the vector that a node is an entry of.
    #[must_use]
    pub fn vector(&self, id: NodeId) -> &[NodeId] {
        &self.operands[self.slots_of(self.place(id).0)]
    }

    pub(crate) fn operand_list(&self, slots: Range<usize>) -> Option<&[NodeId]> {
        self.operands.get(slots)
    }

    /// Whether the numbers of a wide or single constant are in the table.
    pub(crate) fn has_constants(&self, id: NodeId) -> bool {
        let (stored, behind) = self.place(id);
        match self.nodes[stored].kind {
            Kind::Constant(index) => {
                index as usize - behind + self.width_of(stored) <= self.constants.len()
            }
            _ => false,
        }
    }

    #[inline]
    fn slots_of(&self, stored: usize) -> Range<usize> {
        let end =
            self.nodes.get(stored + 1).map_or(self.operands.len(), |next| next.first as usize);
        self.nodes[stored].first as usize..end
    }

    /// The operand in a place of the pool.
    pub(crate) fn operand_at(&self, slot: usize) -> NodeId {
        self.operands[slot]
    }

    /// The name of a node: an input's name, or the one that [`Var::named`](crate::Var::named) gave.
    #[must_use]
    pub fn name(&self, id: NodeId) -> Option<String> {
        match self.nodes[self.place(id).0].kind {
            Kind::Input(_) => match self.node(id) {
                Node::Input(position) => Some(self.inputs.name(position)),
                _ => None,
            },
            _ => self.given_name(id).map(str::to_owned),
        }
    }

    /// The name that was given to an operation or number.
    pub(crate) fn given_name(&self, id: NodeId) -> Option<&str> {
        self.names.get(&id).map(|name| &**name)
    }

    /// The names that were given to values of a stored node, by how far they are behind its first one.
    pub(crate) fn given_names(&self, head: NodeId) -> impl Iterator<Item = (usize, &str)> {
        let end = NodeId::new(head.index() + self.width(head));
        let names = self.names.range(head..end);
        names.map(move |(id, name)| (id.index() - head.index(), &**name))
    }

    /// All given names, in order of evaluation.
    pub fn names(&self) -> impl Iterator<Item = (NodeId, &str)> {
        self.names.iter().map(|(id, name)| (*id, &**name))
    }

    /// The node of this name, an input's or a given one.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`].
    pub fn find(&self, name: &str) -> Result<NodeId, Error> {
        if let Some((id, _)) = self.names.iter().find(|(_, given)| &***given == name) {
            return Ok(*id);
        }
        if let Ok(positions) = self.inputs.positions(name)
            && positions.len() == 1
        {
            return Ok(self.input_nodes[positions.start]);
        }
        let inputs = self.inputs.groups().iter().map(|group| group.name.clone());
        let given = self.names.values().map(|given| given.to_string());
        Err(Error::unknown("node", name, given.chain(inputs)))
    }

    /// How often each node is read, as an operand.
    pub(crate) fn use_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.len()];
        for operand in &self.operands {
            counts[operand.index()] += 1;
        }
        counts
    }

    /// The index of users, made at the first call: 4 bytes a node and 8 an edge.
    pub(crate) fn users(&self) -> &Users {
        self.users.0.get_or_init(|| {
            let mut starts = vec![0_u32; self.len() + 1];
            for operand in &self.operands {
                starts[operand.index() + 1] += 1;
            }
            for index in 1..starts.len() {
                starts[index] += starts[index - 1];
            }
            let mut next = starts.clone();
            let mut edges = vec![(NodeId::new(0), 0); self.operands.len()];
            for (user, slots) in self.readers() {
                for slot in slots {
                    let place = &mut next[self.operands[slot].index()];
                    edges[*place as usize] = (user, slot as u32);
                    *place += 1;
                }
            }
            Users { starts, edges }
        })
    }

    /// Each node that reads others, with its places in the pool: an entry of a vector reads its own, and of a loop's
    /// results the first reads all of the loop's.
    fn readers(&self) -> impl Iterator<Item = (NodeId, Range<usize>)> {
        self.heads().flat_map(|head| {
            let slots = self.slots_of(self.place(head).0);
            let each = if matches!(self.node(head), Node::Copy(_)) { slots.len() } else { 0 };
            let entries = (0..each).map(move |k| {
                (NodeId::new(head.index() + k), slots.start + k..slots.start + k + 1)
            });
            let whole = (each == 0).then(|| (head, self.slots_of(self.place(head).0)));
            entries.chain(whole)
        })
    }

    // Building: only a recorder and the passes do.

    /// Declares inputs behind those that there are; gives their positions.
    pub(crate) fn push_inputs(&mut self, inputs: Inputs) -> Range<usize> {
        if self.inputs.groups().is_empty() {
            self.inputs = inputs;
        } else {
            inputs.groups().iter().for_each(|group| self.inputs.push(group.clone()));
        }
        let new = self.input_nodes.len();
        self.push_input_nodes(new);
        new..self.inputs.len()
    }

    /// One group of inputs: its first node.
    pub(crate) fn push_group(&mut self, group: InputGroup) -> NodeId {
        let positions = self.push_inputs(Inputs::from_iter([group]));
        self.input_nodes[positions.start]
    }

    /// Nodes for the inputs from this position on, which have none yet: a vector is one, wide node.
    fn push_input_nodes(&mut self, new: usize) {
        let inputs = self.inputs.clone();
        for (group, positions) in inputs.spans() {
            if positions.start < new || positions.is_empty() {
                continue;
            }
            let kind = Kind::Input(positions.start as u32);
            let first = match group.length {
                None => self.push(kind, &[]),
                Some(length) => self.push_wide(kind, &[], length as usize),
            };
            if self.input_nodes.len() < positions.end {
                let nodes = (0..positions.len()).map(|k| NodeId::new(first.index() + k));
                Arc::make_mut(&mut self.input_nodes).extend(nodes);
            }
        }
    }

    /// A NaN becomes the one NaN that files can hold: which of its bit patterns an operation gives differs between
    /// processors, and equal graphs must be equal on all.
    pub(crate) fn push_constant(&mut self, value: f64) -> NodeId {
        let value = if value.is_nan() { f64::NAN } else { value };
        let index = self.constants.len() as u32;
        grow(&mut self.constants, 1);
        self.constants.push(value);
        self.push(Kind::Constant(index), &[])
    }

    /// Numbers as one vector.
    pub(crate) fn push_constants(&mut self, values: impl IntoIterator<Item = f64>) -> Slice {
        let index = self.constants.len();
        let one_nan = |value: f64| if value.is_nan() { f64::NAN } else { value };
        self.constants.extend(values.into_iter().map(one_nan));
        let width = self.constants.len() - index;
        Slice { first: self.push_wide(Kind::Constant(index as u32), &[], width), width }
    }

    /// Nodes as one vector.
    pub(crate) fn push_vector(&mut self, nodes: &[NodeId]) -> Slice {
        let width = nodes.len();
        Slice { first: self.push_wide(Kind::Vector, nodes, width), width }
    }

    /// A loop: the number of its first result.
    pub(crate) fn push_loop(&mut self, repeated: Arc<Loop>, operands: &[NodeId]) -> NodeId {
        let (number, width) = (self.loops.len() as u32, repeated.width());
        self.loops.push(repeated);
        self.push_wide(Kind::Loop(number), operands, width)
    }

    fn push_wide(&mut self, kind: Kind, operands: &[NodeId], width: usize) -> NodeId {
        let id = NodeId::new(self.len());
        let stored = self.nodes.len() as u32;
        self.push(kind, operands);
        self.wide.push(Wide { first: id.index() as u32, stored, width: width as u32 });
        self.behind = ((id.index() + width) as u32, stored + 1);
        id
    }

    #[inline]
    pub(crate) fn push_op(&mut self, op: Op, operands: &[NodeId]) -> NodeId {
        self.push(Kind::Op(op), operands)
    }

    #[inline]
    fn push(&mut self, kind: Kind, operands: &[NodeId]) -> NodeId {
        let id = NodeId::new(self.len());
        grow(&mut self.nodes, 1);
        grow(&mut self.operands, operands.len());
        self.nodes.push(Stored { kind, first: self.operands.len() as u32 });
        // Nearly all lists are so short that calling for a copy of memory costs more than the copy.
        match *operands {
            [] => {}
            [x] => self.operands.push(x),
            [x, y] => self.operands.extend_from_slice(&[x, y]),
            _ => self.operands.extend_from_slice(operands),
        }
        id
    }

    /// The last operations, so many; nothing if something wide lies between.
    pub(crate) fn last_ops(&self, count: usize) -> Option<Vec<NodeId>> {
        let (first, behind) = self.behind;
        let mut ops = Vec::with_capacity(count);
        for stored in (behind as usize..self.nodes.len()).rev() {
            if matches!(self.nodes[stored].kind, Kind::Op(_)) {
                ops.push(NodeId::new(stored - behind as usize + first as usize));
                if ops.len() == count {
                    ops.reverse();
                    return Some(ops);
                }
            }
        }
        None
    }

    /// What an operation does: equal numbers for equal operations on as many operands.
    pub(crate) fn key(&self, id: NodeId) -> u64 {
        self.stored_key(self.place(id).0)
    }

    /// What the stored node in a place does; the same for all that are no operations.
    #[inline]
    pub(crate) fn stored_key(&self, stored: usize) -> u64 {
        let mut hasher = FxHasher::default();
        if let Kind::Op(op) = self.nodes[stored].kind {
            (op, self.slots_of(stored).len()).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// A stand-in for a loop that was followed: so many values in each iteration.
    pub(crate) fn push_stand_in(&mut self, width: usize, iterations: usize) {
        let slice = Slice { first: NodeId::new(0), width };
        let body = Arc::new(Body { graph: Graph::default(), outputs: vec![slice] });
        let outcomes = vec![Outcome::Sequence { output: 0 }];
        let (feeds, targets) = (Vec::new(), Vec::new());
        let repeated = Loop { body, iterations, feeds, outcomes, targets, equations: None };
        self.push_loop(Arc::new(repeated), &[]);
    }

    /// Gives back the memory that no node uses: a finished graph does not grow.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.nodes.shrink_to_fit();
        self.operands.shrink_to_fit();
        self.constants.shrink_to_fit();
        if let Some(nodes) = Arc::get_mut(&mut self.input_nodes) {
            nodes.shrink_to_fit();
        }
    }

    /// Whether the arena's numbering is nearly used up.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        // What is wide has more numbers than places, and counts in full.
        self.operands.len().max(self.len()) > (BODIES - (1 << 20)) as usize
    }

    pub(crate) fn set_name(&mut self, id: NodeId, name: &str) {
        self.names.insert(id, name.into());
    }

    /// Other names for the same inputs.
    pub(crate) fn rename_inputs(&mut self, inputs: Inputs) {
        debug_assert_eq!(inputs.len(), self.inputs.len(), "names for the inputs that there are");
        self.inputs = inputs;
    }

    /// How much there is, to come back to.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            nodes: self.nodes.len(),
            wide: self.wide.len(),
            operands: self.operands.len(),
            constants: self.constants.len(),
            loops: self.loops.len(),
            inputs: self.input_nodes.len(),
        }
    }

    /// Forgets what was written since the mark; not if inputs were declared since.
    pub(crate) fn rewind(&mut self, mark: &Mark) {
        if self.input_nodes.len() != mark.inputs {
            return;
        }
        self.nodes.truncate(mark.nodes);
        self.wide.truncate(mark.wide);
        self.behind =
            self.wide.last().map_or((0, 0), |wide| (wide.first + wide.width, wide.stored + 1));
        self.operands.truncate(mark.operands);
        self.constants.truncate(mark.constants);
        self.loops.truncate(mark.loops);
        let end = NodeId::new(self.len());
        self.names.split_off(&end);
    }

    /// A new, empty graph with the same inputs, their nodes first.
    pub(crate) fn same_inputs(&self) -> Graph {
        let mut graph = Graph { inputs: self.inputs.clone(), ..Graph::default() };
        // They come in order, so if the last one fits, all are the first ones.
        let are_first =
            self.input_nodes.last().is_some_and(|last| last.index() + 1 == self.inputs.len());
        if are_first {
            graph.input_nodes = Arc::clone(&self.input_nodes);
        }
        graph.push_input_nodes(0);
        graph
    }
}
