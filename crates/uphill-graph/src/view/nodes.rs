//! The nodes as petgraph sees them: labels that borrow the graph, and a map of the nodes that a walk has seen.
//!
//! A label is made without looking anything up, so that walks which print nothing pay nothing for names.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use petgraph::visit::{NodeRef, VisitMap};

use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::{Form, Op};
use crate::print::number;

/// How an operation is written on a node of its own: its sign, or its name.
pub(crate) fn sign(op: Op) -> &'static str {
    match op.form() {
        Form::Infix(symbol, _) => symbol,
        Form::Superscript("2") => "x²",
        Form::Reciprocal => "1/x",
        _ => op.name(),
    }
}

/// A node's weight: prints its name, or its number, or its operation.
///
/// The name is an input's, a [given](crate::Scalar::named) one, or, seen through a [`Function`], that of the first
/// output that an unnamed operation computes. A label borrows the graph, costs nothing to make, and looks up the name
/// when it prints (which takes time linear in the outputs for an unnamed operation of a function).
///
/// ```
/// use petgraph::visit::IntoNodeReferences;
/// use uphill_graph::{Function, petgraph};
///
/// let f = Function::record(["x"], |x| 2.5 * x[0])?;
/// let on_graph: Vec<_> = f.graph().node_references().map(|label| label.to_string()).collect();
/// assert_eq!(on_graph, ["x", "2.5", "*"]);
/// let on_function: Vec<_> = f.node_references().map(|label| label.to_string()).collect();
/// assert_eq!(on_function, ["x", "2.5", "P"]);
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Label<'a> {
    pub(super) graph: &'a Graph,
    pub(super) outputs: &'a [Output],
    pub(super) id: NodeId,
}

impl<'a> Label<'a> {
    /// What the node is.
    #[must_use]
    pub fn node(&self) -> Node<'a> {
        self.graph.node(self.id)
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.graph.name(self.id) {
            return f.write_str(&name);
        }
        match self.node() {
            Node::Constant(x) => f.write_str(&number(x, None)),
            Node::Op(op, _) => match self.outputs.iter().find(|output| output.node == self.id) {
                Some(output) => f.write_str(&output.name),
                None => f.write_str(sign(op)),
            },
            Node::Input(_) => Ok(()), // Has a name.
            Node::Copy(of) => write!(f, "{of}"),
            Node::Result { number, place, .. } => write!(f, "loop{}[{place}]", number + 1),
        }
    }
}

impl fmt::Debug for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.id)
    }
}

impl<'a> NodeRef for Label<'a> {
    type NodeId = NodeId;
    type Weight = Label<'a>;

    fn id(&self) -> NodeId {
        self.id
    }

    fn weight(&self) -> &Label<'a> {
        self
    }
}

/// All labels of a graph, in order of evaluation.
#[derive(Debug, Clone)]
pub struct Labels<'a> {
    pub(super) graph: &'a Graph,
    pub(super) outputs: &'a [Output],
    pub(super) rest: Range<usize>,
}

impl<'a> Iterator for Labels<'a> {
    type Item = Label<'a>;

    fn next(&mut self) -> Option<Label<'a>> {
        let id = NodeId::new(self.rest.next()?);
        Some(Label { graph: self.graph, outputs: self.outputs, id })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

/// The names that outputs lend to the operations they are: the first output's, where no name was given.
pub(super) fn output_names(function: &Function) -> BTreeMap<NodeId, &str> {
    let graph = function.graph();
    let mut names = BTreeMap::new();
    for output in function.outputs() {
        let unnamed = graph.given_name(output.node).is_none();
        if unnamed && matches!(graph.node(output.node), Node::Op(..)) {
            names.entry(output.node).or_insert(output.name.as_str());
        }
    }
    names
}

/// Which nodes a walk has seen: one bit a node.
#[derive(Debug, Clone, Default)]
pub struct Visited {
    words: Vec<u64>,
}

impl Visited {
    pub(super) fn clear(&mut self, nodes: usize) {
        self.words.clear();
        self.words.resize(nodes.div_ceil(64), 0);
    }

    fn place(node: NodeId) -> (usize, u64) {
        (node.index() / 64, 1 << (node.index() % 64))
    }
}

impl VisitMap<NodeId> for Visited {
    fn visit(&mut self, node: NodeId) -> bool {
        let fresh = !self.is_visited(&node);
        let (word, bit) = Visited::place(node);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit;
        fresh
    }

    fn is_visited(&self, node: &NodeId) -> bool {
        let (word, bit) = Visited::place(*node);
        self.words.get(word).is_some_and(|seen| seen & bit != 0)
    }

    fn unvisit(&mut self, node: NodeId) -> bool {
        let was = self.is_visited(&node);
        if was {
            let (word, bit) = Visited::place(node);
            self.words[word] &= !bit;
        }
        was
    }
}
