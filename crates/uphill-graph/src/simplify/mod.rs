//! Smaller graphs with the same results: folding, sharing, identities, dead code, and n-ary sums and products.
//!
//! Two levels. `Exact` keeps IEEE results: every output has the same bits for every input, infinities and NaN included
//! (a NaN stays a NaN; which of its many bit patterns it has is not kept). `Relaxed` also uses the laws of real
//! numbers that hold only where everything is finite. docs/adr/0007-simplify.md lists the rules of each.

mod flatten;
mod identities;
mod join;
mod known;
mod marks;
mod repeat;
mod share;

use crate::function::{Function, Output};
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::input_slices;
use crate::node::{Node, NodeId};
use marks::Marks;
pub(crate) use repeat::{copy, reduced};

/// Which laws [`Function::simplify_with`] may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Laws {
    /// Those that keep the bits of every result.
    #[default]
    Exact,
    /// Also the lecture's slopes, `f(1 - f)` of the sigmoid and `1 - t²` of tanh, from values that are there: cheaper than
    /// slopes that are right everywhere. They are 0 where the function is 1 but for rounding (docs/adr/0019).
    Slopes,
    /// Also those of finite real numbers: `x - x = 0`, `0·x = 0`, `x/x = 1`.
    Relaxed,
}

impl Function {
    /// The same function with fewer nodes: constants folded, equal nodes shared, unused ones dropped, chains of sums
    /// and products made n-ary. All inputs stay, and all named nodes that an output needs. Every output keeps its bits.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x"], |x| (x[0] + 1.0) * (x[0] + 1.0) + x[0] * (2.0 - 1.0))?;
    /// assert_eq!(f.graph().operation_count(), 5);
    /// assert_eq!(f.simplify().graph().operation_count(), 3);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn simplify(&self) -> Function {
        if self.is_simplified() { self.clone() } else { self.simplify_with(Laws::Exact) }
    }

    /// [`Function::simplify`] with a choice of laws.
    ///
    /// ```
    /// use uphill_graph::{Function, Laws};
    /// let f = Function::record(["x"], |x| x[0] - x[0])?;
    /// assert!(f.simplify().eval(&[f64::INFINITY])?[0].is_nan());
    /// assert_eq!(f.simplify_with(Laws::Relaxed).eval(&[f64::INFINITY])?, [0.0]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn simplify_with(&self, laws: Laws) -> Function {
        flat(share::share(self, laws), Dead::All).into_marked()
    }

    /// [`Function::simplify`] for a derivative that nobody has seen: it is dropped as soon as it is not needed.
    pub(crate) fn into_simplified(self) -> Function {
        let shared = share::share(&self, Laws::Exact);
        drop(self);
        flat(shared, Dead::All).into_marked()
    }

    /// Chains of binary sums and products as n-ary nodes, in order, and nothing else changed: what traces show.
    #[must_use]
    pub fn flatten(&self) -> Function {
        self.flatten_with_origins().0
    }

    /// [`Function::flatten`], with the node that each node of the flat function comes from.
    pub(crate) fn flatten_with_origins(&self) -> (Function, Vec<Option<NodeId>>) {
        let (sums, to_sums) = flatten::sums(self, Dead::Unnamed, true);
        let (flat, to_flat) = flatten::products(sums, Dead::Unnamed, true);
        let mut origins = vec![None; flat.graph().len()];
        for (old, middle) in to_sums.into_iter().enumerate() {
            let new = match &to_flat {
                Some(to_flat) => middle.and_then(|middle| to_flat[middle.index()]),
                None => middle,
            };
            if let Some(new) = new {
                origins[new.index()].get_or_insert(NodeId::new(old));
            }
        }
        (flat, origins)
    }
}

/// Flattens, with two graphs in memory at a time.
fn flat(function: Function, dead: Dead) -> Function {
    let sums = flatten::sums(&function, dead, false).0;
    drop(function);
    flatten::products(sums, dead, false).0
}

/// Which nodes a pass may drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dead {
    /// All that no output needs.
    All,
    /// Only those that have no name either: what a trace shows stays.
    Unnamed,
}

/// Which nodes are needed for these. A loop needs all of its operands, if any of its results is needed.
fn needed(graph: &Graph, nodes: impl Iterator<Item = NodeId>) -> Marks<'_> {
    walk_back(graph, nodes, |_, _, operands| operands.to_vec())
}

/// What outputs and, unless they may be dropped, named nodes need.
fn needed_by<'g>(graph: &'g Graph, outputs: &[Output], dead: Dead) -> Marks<'g> {
    let named = graph.names().map(|(id, _)| id).filter(|_| dead == Dead::Unnamed);
    needed(graph, outputs.iter().map(|output| output.node).chain(named))
}

/// Which inputs of a body its outputs depend on.
pub(crate) fn inputs_read<'s>(
    body: &Graph,
    outputs: impl IntoIterator<Item = &'s Slice>,
) -> Vec<bool> {
    let nodes = needed_exactly(body, outputs.into_iter().map(|slice| slice.first));
    input_slices(body).into_iter().map(|slice| nodes.has(slice.first)).collect()
}

/// [`needed`], where a loop needs only what its needed results depend on: for who rewrites it so.
fn needed_exactly(graph: &Graph, nodes: impl Iterator<Item = NodeId>) -> Marks<'_> {
    walk_back(graph, nodes, |repeated, outcomes, operands| {
        let inputs = repeat::Needed::of(repeated, outcomes).inputs;
        let places = repeated.operand_places().zip(inputs);
        places.filter_map(|(place, needed)| place.filter(|_| needed).map(|k| operands[k])).collect()
    })
}

fn walk_back(
    graph: &Graph,
    nodes: impl Iterator<Item = NodeId>,
    of_loop: impl Fn(&Loop, Vec<bool>, &[NodeId]) -> Vec<NodeId>,
) -> Marks<'_> {
    let mut needed = Marks::new(graph);
    nodes.for_each(|node| needed.mark(node));
    for id in graph.heads().rev() {
        match graph.node(id) {
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                let outcomes = repeat::needed_outcomes(repeated, id, &needed);
                if !outcomes.contains(&true) {
                    continue;
                }
                of_loop(repeated, outcomes, operands).into_iter().for_each(|id| needed.mark(id));
            }
            Node::Copy(_) if needed.has(id) => {
                graph.vector(id).iter().for_each(|operand| needed.mark(*operand));
            }
            _ if needed.has(id) => {
                graph.operands(id).iter().for_each(|operand| needed.mark(*operand));
            }
            _ => {}
        }
    }
    needed
}
