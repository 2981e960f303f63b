//! Recording: scalar code runs on variables, and each operation becomes a node.
//!
//! Recording does no clever work, so that an operation costs a few nanoseconds: n-ary sums, shared subexpressions and
//! dead code are the business of [`simplify`](crate::Function::simplify), which knows how often each node is used.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::HashMap;
use std::panic::Location;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::error::Error;
use crate::function::{Function, Output};
use crate::graph::{BODIES, Graph, Loop, Slice};
use crate::inputs::{InputGroup, Inputs};
use crate::node::NodeId;
use crate::op::Op;
use crate::repetition::follow::Operand;
use crate::scope::{Levels, Mark, outside};
use crate::var::{Source, Var};

/// A graph that is being written. [`Function::record`] is the short way; this is the long one, for inputs and outputs
/// that turn up along the way.
///
/// ```
/// use uphill_graph::{Recorder, Scalar};
///
/// let recorder = Recorder::new();
/// let (x, y) = (recorder.variable("x"), recorder.variable("y"));
/// recorder.output("area", x * y);
/// recorder.output("diagonal", x.hypot(y));
/// let f = recorder.finish()?;
/// assert_eq!(f.eval(&[3.0, 4.0])?, [12.0, 5.0]);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Debug)]
pub struct Recorder {
    written: Rc<Written>,
    outputs: RefCell<Vec<(String, Target, Option<u32>)>>,
}

/// What a recorder has written: what variables write on.
#[derive(Debug)]
pub(crate) struct Written {
    levels: RefCell<Levels>,
    names: RefCell<Names>,
    /// The latest constants of the main graph, by a hash of their bits: most code uses a handful of numbers again and
    /// again.
    constants: Vec<Cell<Option<(u64, NodeId)>>>,
    begun: &'static Location<'static>,
}

/// Names that were given.
#[derive(Debug, Default)]
struct Names {
    /// How often each was asked for.
    counts: HashMap<Box<str>, u32>,
    /// Each that was counted, in order, so that it can be taken back.
    counted: Vec<Box<str>>,
}

thread_local! {
    /// All that is being written on this thread.
    static WRITTEN: RefCell<Vec<Weak<Written>>> = const { RefCell::new(Vec::new()) };
}

/// A try: what code writes until its end is forgotten, in whichever recording it is.
pub(crate) struct Probe(Vec<(Rc<Written>, Mark, usize)>);

impl Probe {
    pub(crate) fn begin() -> Probe {
        let all: Vec<Rc<Written>> =
            WRITTEN.with_borrow(|all| all.iter().filter_map(Weak::upgrade).collect());
        let marked = all.into_iter().map(|written| {
            let mark = written.levels_mut().begin_try();
            let names = written.names.borrow().counted.len();
            (written, mark, names)
        });
        Probe(marked.collect())
    }

    pub(crate) fn end(self) {
        for (written, mark, named) in self.0 {
            let mut levels = written.levels.borrow_mut();
            levels.end_try(mark);
            let mut names = written.names.borrow_mut();
            for name in names.counted.split_off(named) {
                match names.counts.get_mut(&name) {
                    Some(count) if *count > 1 => *count -= 1,
                    _ => {
                        names.counts.remove(&name);
                    }
                }
            }
            let end = levels.main.len();
            for remembered in &written.constants {
                remembered.set(remembered.get().filter(|(_, id)| id.index() < end));
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Target {
    Constant(f64),
    Node(NodeId),
}

/// How many constants are remembered.
const REMEMBERED: usize = 256;

impl Default for Recorder {
    #[track_caller]
    fn default() -> Recorder {
        Recorder::new()
    }
}

impl Recorder {
    /// Begins a recording.
    #[track_caller]
    #[must_use]
    pub fn new() -> Recorder {
        let recorder = Recorder::of_a_pass();
        recorder.written.levels.borrow_mut().watch();
        recorder
    }

    /// Begins a recording in which no loops are looked for.
    #[track_caller]
    pub(crate) fn of_a_pass() -> Recorder {
        Recorder::continuing(Graph::default())
    }

    /// Goes on where a finished graph ends: how derivatives are appended to what they derive.
    #[track_caller]
    pub(crate) fn continuing(graph: Graph) -> Recorder {
        let counts = graph.names().map(|(_, name)| (name.into(), 1)).collect();
        let written = Rc::new(Written {
            levels: RefCell::new(Levels::new(graph)),
            names: RefCell::new(Names { counts, counted: Vec::new() }),
            constants: vec![Cell::new(None); REMEMBERED],
            begun: Location::caller(),
        });
        WRITTEN.with_borrow_mut(|all| {
            all.retain(|written| written.strong_count() > 0);
            all.push(Rc::downgrade(&written));
        });
        Recorder { written, outputs: RefCell::default() }
    }

    /// Declares one variable.
    pub fn variable(&self, name: impl Into<String>) -> Var<'_> {
        self.declare(Inputs::new().variable(name))[0]
    }

    /// Declares one parameter: an input by which no derivative is taken unless asked for.
    pub fn parameter(&self, name: impl Into<String>) -> Var<'_> {
        self.declare(Inputs::new().parameter(name))[0]
    }

    /// Declares inputs, and gives one variable an entry.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`], [`Error::InvalidName`], or [`Error::Unsupported`] for more than 2³² inputs.
    pub fn inputs(&self, inputs: impl Into<Inputs>) -> Result<Vec<Var<'_>>, Error> {
        let inputs = inputs.into();
        inputs.check()?;
        Ok(self.declare(inputs))
    }

    fn declare(&self, inputs: Inputs) -> Vec<Var<'_>> {
        let graph = &mut self.written.levels_mut().main;
        let positions = graph.push_inputs(inputs);
        graph.input_nodes()[positions].iter().map(|&id| self.var(id)).collect()
    }

    /// Values as one vector, which loops read where it lies: gives its entries.
    ///
    /// Loops read any slice of values; one that doesn't lie together already is put together for each subscript anew. Inputs
    /// that were declared as a vector, and what loops keep, lie together.
    ///
    /// # Panics
    ///
    /// If a value belongs to another recording, or to the body of a loop.
    ///
    /// ```
    /// use uphill_graph::{At, Recorder, loops};
    ///
    /// let recorder = Recorder::new();
    /// let (a, b, c) = (recorder.variable("a"), recorder.variable("b"), recorder.variable("c"));
    /// let x = recorder.vector(&[a, b, c]);
    /// recorder.output("P", loops::sum(0..2, |i| x.at(i) * x.at(i + 1)));
    /// assert_eq!(recorder.finish()?.value(&[2.0, 3.0, 5.0])?, 21.0);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn vector(&self, values: &[Var<'_>]) -> Vec<Var<'_>> {
        let nodes: Vec<NodeId> = values.iter().map(|&value| self.node(value)).collect();
        if nodes.iter().any(|id| id.index() >= BODIES as usize) {
            outside();
        }
        let first = if nodes.is_empty() { 0 } else { self.push_vector(&nodes).index() };
        (0..nodes.len()).map(|k| self.var(NodeId::new(first + k))).collect()
    }

    /// Declares an output.
    ///
    /// # Panics
    ///
    /// If the value belongs to another recording.
    #[track_caller]
    pub fn output(&self, name: impl Into<String>, value: Var<'_>) {
        let target = match value.0 {
            Source::Constant(number) => Target::Constant(number),
            Source::Node(recorder, id) => {
                self.written.check_same(recorder);
                if id.index() >= BODIES as usize {
                    outside();
                }
                Target::Node(id)
            }
        };
        self.outputs.borrow_mut().push((name.into(), target, None));
    }

    /// Declares a vector of outputs, `name[0]`, `name[1]`, …: one name for all of what a loop kept.
    ///
    /// Values that don't lie one after the other are gathered first; of no values, nothing is declared.
    ///
    /// # Panics
    ///
    /// If a value belongs to another recording, or to the body of a loop.
    ///
    /// ```
    /// use uphill_graph::{At, Inputs, Recorder, loops};
    ///
    /// let recorder = Recorder::new();
    /// let x = recorder.inputs(Inputs::new().variables("x", 1000))?;
    /// recorder.outputs("difference", &loops::map(0..999, |i| x.at(i + 1) - x.at(i)));
    /// let f = recorder.finish()?;
    /// assert_eq!(f.output_count(), 999);
    /// assert_eq!(f.output_names().last().as_deref(), Some("difference[998]"));
    /// assert_eq!(f.graph().operation_count(), 1);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[track_caller]
    pub fn outputs(&self, name: impl Into<String>, values: &[Var<'_>]) {
        let gathered;
        let values = match self.lie_together(values) {
            true => values,
            false => {
                gathered = self.vector(values);
                &gathered
            }
        };
        if let Some(&first) = values.first() {
            self.vector_output(name, self.node(first), values.len());
        }
    }

    /// Whether values are nodes of one vector, one after the other.
    fn lie_together(&self, values: &[Var<'_>]) -> bool {
        let Some(first) = values.first().and_then(|value| value.id()) else { return false };
        let follow = |(k, value): (usize, &Var<'_>)| {
            value.id().is_some_and(|id| id.index() == first.index() + k)
        };
        self.node(values[0]); // of this recording
        values.iter().enumerate().all(follow)
            && first.index() + values.len() <= BODIES as usize
            && self.is_one_part(Slice { first, width: values.len() })
    }

    /// Declares a vector of outputs: so many nodes of one vector, from the first on.
    pub(crate) fn vector_output(&self, name: impl Into<String>, first: NodeId, length: usize) {
        let (target, length) = (Target::Node(first), Some(length as u32));
        self.outputs.borrow_mut().push((name.into(), target, length));
    }

    /// Ends the recording. Variables borrow the recorder, so none survives.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`] or [`Error::InvalidName`] for inputs, outputs and named nodes; [`Error::Invalid`] for
    /// an operation applied to unfit operands; [`Error::Unsupported`] beyond 2³² nodes and operands.
    pub fn finish(self) -> Result<Function, Error> {
        let outputs = self.outputs.take();
        let mut levels = self.written.levels.take();
        self.written.end_following(&mut levels);
        if !levels.is_flat() {
            return Err(Error::Invalid {
                what: "the body of a loop was left before its end, by a panic".into(),
            });
        }
        if let Some(what) = levels.too_large.take() {
            return Err(Error::Unsupported { what });
        }
        let outputs = outputs.into_iter().map(|(name, target, length)| {
            let node = match target {
                Target::Constant(number) => self.written.constant(&mut levels, number),
                Target::Node(id) => id,
            };
            Output { name, node, length }
        });
        let outputs = outputs.collect();
        if levels.is_whole() {
            return Function::new(levels.main, outputs);
        }
        Function::unverified(levels.main, outputs).with_followed(&levels.followed)
    }

    pub(crate) fn var(&self, id: NodeId) -> Var<'_> {
        self.written.var(id)
    }

    /// A value as a node of the main graph.
    #[track_caller]
    pub(crate) fn node(&self, value: Var<'_>) -> NodeId {
        self.written.node(value)
    }

    /// The given name of a node.
    pub(crate) fn given_name(&self, id: NodeId) -> Option<String> {
        self.written.given_name(id)
    }

    /// One group of inputs; gives its first node.
    pub(crate) fn declare_group(&self, group: InputGroup) -> NodeId {
        self.written.levels_mut().main.push_group(group)
    }

    /// Whether these nodes are entries of one vector.
    pub(crate) fn is_one_part(&self, slice: Slice) -> bool {
        self.written.levels.borrow().main.is_one_part(slice)
    }

    /// Nodes as one vector: its first node.
    pub(crate) fn push_vector(&self, nodes: &[NodeId]) -> NodeId {
        self.written.levels_mut().main.push_vector(nodes).first
    }

    /// A loop: its first node.
    pub(crate) fn push_loop(&self, repeated: Loop, operands: &[NodeId]) -> NodeId {
        self.written.levels_mut().main.push_loop(Arc::new(repeated), operands)
    }

    /// The graph as it was written.
    pub(crate) fn into_graph(self) -> Graph {
        let mut graph = self.written.levels.take().main;
        graph.shrink_to_fit();
        graph
    }
}

impl Written {
    pub(crate) fn var(&self, id: NodeId) -> Var<'_> {
        Var(Source::Node(self, id))
    }

    /// The given name of a node.
    pub(crate) fn given_name(&self, id: NodeId) -> Option<String> {
        let levels = self.levels.borrow();
        if let Some(follower) = levels.follower.as_ref().filter(|follower| follower.has(id)) {
            return follower.given_name(id).map(str::to_owned);
        }
        let (level, local) = levels.local(id);
        levels.graph(level).name(local)
    }

    #[track_caller]
    #[inline]
    pub(crate) fn push(&self, op: Op, x: &[Var<'_>]) -> NodeId {
        let levels = &mut *self.levels.borrow_mut();
        if !levels.is_plain() {
            return self.push_elsewhere(levels, op, x);
        }
        self.push_plain(levels, op, x)
    }

    /// An operation that is written down in the main graph.
    #[track_caller]
    #[inline]
    fn push_plain(&self, levels: &mut Levels, op: Op, x: &[Var<'_>]) -> NodeId {
        // Nearly all operations have one or two operands: no list is made for these.
        match *x {
            [x] => {
                let x = self.outer_node(levels, x);
                levels.push_outer(op, &[x])
            }
            [x, y] => {
                let operands = [self.outer_node(levels, x), self.outer_node(levels, y)];
                levels.push_outer(op, &operands)
            }
            _ => {
                // A loop and no closure, which would hide the caller from the message of mixed recordings.
                let mut operands: SmallVec<[NodeId; 8]> = SmallVec::with_capacity(x.len());
                for &x in x {
                    operands.push(self.outer_node(levels, x));
                }
                levels.push_outer(op, &operands)
            }
        }
    }

    /// An operation of a body, or of a loop that is followed.
    #[track_caller]
    #[inline(never)]
    fn push_elsewhere(&self, levels: &mut Levels, op: Op, x: &[Var<'_>]) -> NodeId {
        if let Some(follower) = &mut levels.follower {
            let taken = match *x {
                [x] => follower.take(op, &[self.followed_operand(x)]),
                [x, y] => follower.take(op, &[self.followed_operand(x), self.followed_operand(y)]),
                _ => {
                    let mut operands: SmallVec<[Operand; 8]> = SmallVec::with_capacity(x.len());
                    for &x in x {
                        operands.push(self.followed_operand(x));
                    }
                    follower.take(op, &operands)
                }
            };
            if let Some(id) = taken {
                return id;
            }
            self.end_following(levels);
            return self.push_plain(levels, op, x);
        }
        let mut operands: SmallVec<[NodeId; 8]> = SmallVec::with_capacity(x.len());
        for &x in x {
            operands.push(self.node_of(levels, x));
        }
        levels.push_op(op, &operands)
    }

    /// What an operation of a loop that is followed reads.
    #[track_caller]
    #[inline]
    fn followed_operand(&self, x: Var<'_>) -> Operand {
        match x.0 {
            Source::Constant(number) => Operand::Number(number),
            Source::Node(recorder, id) => Operand::Node(self.outer_id(recorder, id).index() as u32),
        }
    }

    /// A value as a node of the main graph, when no loop is open.
    #[track_caller]
    #[inline]
    fn outer_node(&self, levels: &mut Levels, x: Var<'_>) -> NodeId {
        match x.0 {
            Source::Node(recorder, id) => self.outer_id(recorder, id),
            Source::Constant(number) => self.outer_constant(&mut levels.main, number),
        }
    }

    /// A node that must be of the main graph.
    #[track_caller]
    #[inline]
    fn outer_id(&self, recorder: &Written, id: NodeId) -> NodeId {
        self.check_same(recorder);
        if id.index() >= BODIES as usize {
            outside();
        }
        id
    }

    #[track_caller]
    #[inline]
    pub(crate) fn node_of(&self, levels: &mut Levels, x: Var<'_>) -> NodeId {
        match x.0 {
            Source::Node(recorder, id) => {
                self.check_same(recorder);
                id
            }
            Source::Constant(number) => self.constant(levels, number),
        }
    }

    /// Writes down what is left of a loop that was followed.
    fn end_following(&self, levels: &mut Levels) {
        let number = |number: f64| {
            let known = self.remembered(number.to_bits()).get();
            known.filter(|(bits, _)| *bits == number.to_bits()).map(|(_, id)| id)
        };
        for (id, name) in levels.end_following(&number) {
            self.name_in(levels, id, &name);
        }
    }

    /// All graphs, when no loop is followed.
    fn levels_mut(&self) -> RefMut<'_, Levels> {
        let mut levels = self.levels.borrow_mut();
        self.end_following(&mut levels);
        levels
    }

    /// A value as a node of the main graph.
    #[track_caller]
    pub(crate) fn node(&self, value: Var<'_>) -> NodeId {
        self.node_of(&mut self.levels_mut(), value)
    }

    /// What has been written, to write on.
    pub(crate) fn with_levels<R>(&self, write: impl FnOnce(&mut Levels) -> R) -> R {
        write(&mut self.levels_mut())
    }

    #[track_caller]
    #[inline]
    fn check_same(&self, other: &Written) {
        if !std::ptr::eq(self, other) {
            mixed(self, other);
        }
    }

    fn constant(&self, levels: &mut Levels, number: f64) -> NodeId {
        match levels.is_flat() {
            true => self.outer_constant(&mut levels.main, number),
            false => levels.constant(number),
        }
    }

    /// Where a number is remembered.
    #[inline]
    fn remembered(&self, bits: u64) -> &Cell<Option<(u64, NodeId)>> {
        let place = (bits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize % REMEMBERED;
        &self.constants[place]
    }

    fn outer_constant(&self, graph: &mut Graph, number: f64) -> NodeId {
        let bits = number.to_bits();
        let remembered = self.remembered(bits);
        match remembered.get() {
            Some((known, id)) if known == bits => id,
            _ => {
                let id = graph.push_constant(number);
                remembered.set(Some((bits, id)));
                id
            }
        }
    }

    #[track_caller]
    pub(crate) fn name(&self, id: NodeId, name: &str) {
        let mut levels = self.levels.borrow_mut();
        let followed = levels.follower.as_mut().is_some_and(|follower| follower.name(id, name));
        if !followed {
            self.name_in(&mut levels, id, name);
        }
    }

    fn name_in(&self, levels: &mut Levels, id: NodeId, name: &str) {
        let (level, local) = levels.local(id);
        let graph = levels.graph_mut(level);
        if graph.name(local).is_some() {
            return;
        }
        let Names { counts, counted } = &mut *self.names.borrow_mut();
        let mut unique = String::from(name);
        while let Some(count) = counts.get_mut(unique.as_str()) {
            *count += 1;
            counted.push(unique.as_str().into());
            unique = format!("{name}#{count}");
        }
        graph.set_name(local, &unique);
        counted.push(unique.as_str().into());
        counts.insert(unique.into(), 1);
    }
}

#[track_caller]
#[cold]
fn mixed(one: &Written, other: &Written) -> ! {
    panic!(
        "one operation mixes variables of two recordings: one began at {}, the other at {}; \
         finish the first, then call the function that it gives",
        one.begun, other.begun
    )
}
