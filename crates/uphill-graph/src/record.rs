//! Recording: scalar code runs on variables, and each operation becomes a node.
//!
//! Recording does no clever work, so that an operation costs a few nanoseconds: n-ary sums, shared subexpressions and
//! dead code are the business of [`simplify`](crate::Function::simplify), which knows how often each node is used.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::panic::Location;

use smallvec::SmallVec;

use crate::error::Error;
use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::inputs::Inputs;
use crate::node::NodeId;
use crate::op::Op;
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
    graph: RefCell<Graph>,
    outputs: RefCell<Vec<(String, Target)>>,
    /// How often each name was given.
    names: RefCell<HashMap<Box<str>, u32>>,
    /// The latest constants, by a hash of their bits: most code uses a handful of numbers again and again.
    constants: Vec<Cell<Option<(u64, NodeId)>>>,
    overflow: Cell<bool>,
    begun: &'static Location<'static>,
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
        Recorder::continuing(Graph::default())
    }

    /// Goes on where a finished graph ends: how derivatives are appended to what they derive.
    #[track_caller]
    pub(crate) fn continuing(graph: Graph) -> Recorder {
        let names = graph.names().map(|(_, name)| (name.into(), 1)).collect();
        Recorder {
            graph: RefCell::new(graph),
            outputs: RefCell::default(),
            names: RefCell::new(names),
            constants: vec![Cell::new(None); REMEMBERED],
            overflow: Cell::new(false),
            begun: Location::caller(),
        }
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
        let mut graph = self.graph.borrow_mut();
        let positions = graph.push_inputs(inputs);
        graph.input_nodes()[positions].iter().map(|&id| self.var(id)).collect()
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
                self.check_same(recorder);
                Target::Node(id)
            }
        };
        self.outputs.borrow_mut().push((name.into(), target));
    }

    /// Ends the recording. Variables borrow the recorder, so none survives.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateName`] or [`Error::InvalidName`] for inputs, outputs and named nodes; [`Error::Invalid`] for
    /// an operation applied to unfit operands; [`Error::Unsupported`] beyond 2³² nodes and operands.
    pub fn finish(self) -> Result<Function, Error> {
        if self.overflow.get() {
            return Err(Error::Unsupported {
                what: "a graph of more than 4 billion nodes or operands".into(),
            });
        }
        let outputs = self.outputs.take();
        let outputs = outputs.into_iter().map(|(name, target)| {
            let node = match target {
                Target::Constant(number) => self.constant(&mut self.graph.borrow_mut(), number),
                Target::Node(id) => id,
            };
            Output { name, node }
        });
        let outputs = outputs.collect();
        Function::new(self.graph.into_inner(), outputs)
    }

    pub(crate) fn var(&self, id: NodeId) -> Var<'_> {
        Var(Source::Node(self, id))
    }

    /// The given name of a node.
    pub(crate) fn given_name(&self, id: NodeId) -> Option<String> {
        self.graph.borrow().name(id)
    }

    #[track_caller]
    #[inline]
    pub(crate) fn push(&self, op: Op, x: &[Var<'_>]) -> NodeId {
        let graph = &mut *self.graph.borrow_mut();
        // Nearly all operations have one or two operands: no list is made for these.
        match *x {
            [x] => {
                let x = self.node_of(graph, x);
                self.append(graph, op, &[x])
            }
            [x, y] => {
                let operands = [self.node_of(graph, x), self.node_of(graph, y)];
                self.append(graph, op, &operands)
            }
            _ => {
                // A loop and no closure, which would hide the caller from the message of mixed recordings.
                let mut operands: SmallVec<[NodeId; 8]> = SmallVec::with_capacity(x.len());
                for &x in x {
                    operands.push(self.node_of(graph, x));
                }
                self.append(graph, op, &operands)
            }
        }
    }

    #[inline]
    fn append(&self, graph: &mut Graph, op: Op, operands: &[NodeId]) -> NodeId {
        if graph.is_full() {
            // Keeps running on a stand-in, so that only `finish` has to report it.
            self.overflow.set(true);
            return operands[0];
        }
        graph.push_op(op, operands)
    }

    #[track_caller]
    #[inline]
    fn node_of(&self, graph: &mut Graph, x: Var<'_>) -> NodeId {
        match x.0 {
            Source::Node(recorder, id) => {
                self.check_same(recorder);
                id
            }
            Source::Constant(number) => self.constant(graph, number),
        }
    }

    #[track_caller]
    #[inline]
    fn check_same(&self, other: &Recorder) {
        if !std::ptr::eq(self, other) {
            mixed(self, other);
        }
    }

    fn constant(&self, graph: &mut Graph, number: f64) -> NodeId {
        let bits = number.to_bits();
        let place = (bits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize % REMEMBERED;
        let remembered = &self.constants[place];
        match remembered.get() {
            Some((known, id)) if known == bits => id,
            _ => {
                let id = graph.push_constant(number);
                remembered.set(Some((bits, id)));
                id
            }
        }
    }

    pub(crate) fn name(&self, id: NodeId, name: &str) {
        let mut graph = self.graph.borrow_mut();
        if graph.name(id).is_some() {
            return;
        }
        let mut names = self.names.borrow_mut();
        let mut unique = String::from(name);
        while let Some(count) = names.get_mut(unique.as_str()) {
            *count += 1;
            unique = format!("{name}#{count}");
        }
        graph.set_name(id, &unique);
        names.insert(unique.into(), 1);
    }
}

#[track_caller]
#[cold]
fn mixed(one: &Recorder, other: &Recorder) -> ! {
    panic!(
        "one operation mixes variables of two recordings: one began at {}, the other at {}; \
         finish the first, then call the function that it gives",
        one.begun, other.begun
    )
}
