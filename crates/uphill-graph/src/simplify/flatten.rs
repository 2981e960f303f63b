//! Chains of binary sums and products become n-ary nodes, in order, with the same bits.
//!
//! `((a + b) + c)` is added from the first to the last, just as the n-ary sum is; only the first operand of a sum can be
//! opened, since `a + (b + c)` rounds otherwise. A partial sum that something else reads, or that has a name, stays.
//! A run of products at the start of a sum is a dot product. `x - c·y` is `x + (-c)·y`, exactly.

use smallvec::SmallVec;

use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::new_ids::NewIds;
use crate::node::{Node, NodeId};
use crate::op::Op;
use crate::simplify::marks::{Marks, Singles};
use crate::simplify::repeat::{copy, is_live};
use crate::simplify::{Dead, needed_by};

/// The new number of each old node that is still there; none where nobody asks.
pub(super) type Origins = Vec<Option<NodeId>>;

/// Sums and dot products.
pub(super) fn sums(function: &Function, dead: Dead, asked: bool) -> (Function, Origins) {
    let old = function.graph();
    let needed = needed_by(old, function.outputs(), dead);
    let private = private(function, &needed);
    let opens = |id: NodeId| match old.node(id) {
        Node::Op(Op::Add, x) => Some(x[0]),
        Node::Op(Op::Sub, x) if negatable(old, x[1], &private) => Some(x[0]),
        Node::Op(Op::Sum, x) if x.len() > 1 => Some(x[0]),
        _ => None,
    };
    let chain = Chain::find(old, &private, &needed, opens);
    rewrite(function, dead, asked, |rewriter, id| {
        if !chain.is_root(id) || opens(id).is_none() {
            return None;
        }
        let terms = chain.terms(id, |node, terms| match old.node(node) {
            Node::Op(Op::Add, x) => terms.push(Term::plus(x[1])),
            Node::Op(Op::Sub, x) => terms.push(Term { node: x[1], negative: true }),
            Node::Op(_, x) => terms.extend(x[1..].iter().rev().map(|&x| Term::plus(x))),
            _ => {}
        });
        rewriter.sum(&terms, &private)
    })
}

/// Products of three factors and more. No numbers where nothing has changed.
pub(super) fn products(function: Function, dead: Dead, asked: bool) -> (Function, Option<Origins>) {
    let old = function.graph();
    let needed = needed_by(old, function.outputs(), dead);
    let private = private(&function, &needed);
    let opens = |id: NodeId| match old.node(id) {
        Node::Op(Op::Mul, x) => Some(x[0]),
        Node::Op(Op::Product, x) if x.len() > 1 => Some(x[0]),
        _ => None,
    };
    let chain = Chain::find(old, &private, &needed, opens);
    if chain.swallowed.is_empty() {
        return (function, None);
    }
    let (new, new_ids) = rewrite(&function, dead, asked, |rewriter, id| {
        if !chain.is_root(id) || opens(id).is_none() {
            return None;
        }
        let factors = chain.terms(id, |node, factors| {
            factors.extend(old.operands(node)[1..].iter().rev().map(|&x| Term::plus(x)));
        });
        if factors.len() < 3 {
            return None;
        }
        let operands: SmallVec<[NodeId; 8]> =
            factors.iter().map(|factor| rewriter.mapped(factor.node)).collect();
        Some(rewriter.graph.push_op(Op::Product, &operands))
    });
    (new, Some(new_ids))
}

/// Nodes that exactly one operand slot reads, and that have no name and are no output: nobody else would miss them.
/// Readers that nobody needs don't count.
fn private<'f>(function: &'f Function, needed: &Marks<'_>) -> Singles<'f> {
    let graph = function.graph();
    // Of single nodes, by place among the stored ones.
    let mut counts = vec![0_u8; graph.stored_count()];
    for reader in graph.heads().filter(|id| is_live(graph, *id, needed)) {
        let operands = match graph.node(reader) {
            Node::Copy(_) => graph.vector(reader),
            _ => graph.operands(reader),
        };
        for operand in operands {
            if let Some(place) = graph.single(*operand) {
                counts[place] = counts[place].saturating_add(1);
            }
        }
    }
    let outputs = function.outputs().iter().map(|output| output.node);
    for id in outputs.chain(graph.names().map(|(id, _)| id)) {
        if let Some(place) = graph.single(id) {
            counts[place] = u8::MAX;
        }
    }
    Singles::new(graph, counts.into_iter().map(|count| count == 1).collect())
}

/// Whether `-x` costs nothing: `x` is a private product with a constant in front.
fn negatable(graph: &Graph, x: NodeId, private: &Singles<'_>) -> bool {
    match graph.node(x) {
        Node::Op(Op::Mul, x_of) => {
            private.has(x) && matches!(graph.node(x_of[0]), Node::Constant(_))
        }
        _ => false,
    }
}

#[derive(Debug, Clone, Copy)]
struct Term {
    node: NodeId,
    negative: bool,
}

impl Term {
    fn plus(node: NodeId) -> Term {
        Term { node, negative: false }
    }
}

type Terms = SmallVec<[Term; 8]>;

/// Nodes that are linked by their first operands.
struct Chain<'g, Opens> {
    /// Nodes that are swallowed by the one that reads them.
    swallowed: Singles<'g>,
    opens: Opens,
}

impl<'g, Opens: Fn(NodeId) -> Option<NodeId>> Chain<'g, Opens> {
    fn find(
        graph: &'g Graph,
        private: &Singles<'_>,
        needed: &Marks<'_>,
        opens: Opens,
    ) -> Chain<'g, Opens> {
        let mut swallowed = Singles::new(graph, vec![false; graph.stored_count()]);
        for id in graph.heads().filter(|id| needed.has(*id)) {
            if let Some(first) = opens(id)
                && private.has(first)
                && opens(first).is_some()
            {
                swallowed.mark(first);
            }
        }
        Chain { swallowed, opens }
    }

    fn is_root(&self, id: NodeId) -> bool {
        !self.swallowed.has(id)
    }

    /// The terms of the chain that ends at a root; `push` adds a node's own terms, the last one first.
    fn terms(&self, root: NodeId, push: impl Fn(NodeId, &mut Terms)) -> Terms {
        let mut terms = Terms::new();
        let mut node = root;
        while let Some(first) = (self.opens)(node) {
            push(node, &mut terms);
            node = first;
            if !self.swallowed.has(first) {
                break;
            }
        }
        terms.push(Term::plus(node));
        terms.reverse();
        terms
    }
}

struct Rewriter<'f> {
    old: &'f Graph,
    graph: Graph,
    /// The new number of each old node that has been passed.
    new_ids: NewIds<'f>,
}

/// Copies a graph node by node, in order; `write` may write something else for a node. Nodes that only a swallowed
/// chain needed are written when something asks for them, so none is left over.
fn rewrite(
    function: &Function,
    dead: Dead,
    asked: bool,
    mut write: impl FnMut(&mut Rewriter<'_>, NodeId) -> Option<NodeId>,
) -> (Function, Origins) {
    let old = function.graph();
    let new_ids = NewIds::new(old);
    let mut rewriter = Rewriter { old, graph: old.same_inputs(), new_ids };
    let mut operands = Vec::new();
    for id in old.heads() {
        let new = match old.node(id) {
            Node::Op(op, ids) => match write(&mut rewriter, id) {
                Some(new) => new,
                None => {
                    operands.clear();
                    operands.extend(ids.iter().map(|&operand| rewriter.mapped(operand)));
                    rewriter.graph.push_op(op, &operands)
                }
            },
            Node::Constant(number) if old.part(id).width == 1 => {
                rewriter.graph.push_constant(number)
            }
            _ => {
                let first = copy(old, &mut rewriter.graph, id, &rewriter.new_ids);
                rewriter.new_ids.set(id, first);
                continue;
            }
        };
        rewriter.new_ids.set(id, new);
        if let Some(name) = old.given_name(id) {
            rewriter.graph.set_name(new, name);
        }
    }
    let outputs = function.outputs().iter();
    let outputs = outputs.map(|output| output.at(rewriter.mapped(output.node))).collect();
    prune(rewriter.graph, outputs, dead, asked.then_some(rewriter.new_ids))
}

impl Rewriter<'_> {
    fn mapped(&self, old: NodeId) -> NodeId {
        self.new_ids.of(old)
    }

    /// Writes a sum of terms: a dot product of the products at its start, then the others. `None` to keep it as it is.
    fn sum(&mut self, terms: &[Term], private: &Singles<'_>) -> Option<NodeId> {
        let products = terms.iter().take_while(|term| self.is_product(term.node, private)).count();
        if products < 2 && terms.len() < 3 {
            return None;
        }
        let mut operands: SmallVec<[NodeId; 8]> = SmallVec::new();
        let rest = if products >= 2 {
            for term in &terms[..products] {
                let factors = self.old.operands(term.node);
                let first = self.factor(factors[0], term.negative);
                operands.extend([first, self.mapped(factors[1])]);
            }
            let dot = self.graph.push_op(Op::Dot, &operands);
            operands.clear();
            operands.push(dot);
            &terms[products..]
        } else {
            terms
        };
        for term in rest {
            let node = if term.negative {
                self.negative_product(term.node)
            } else {
                self.mapped(term.node)
            };
            operands.push(node);
        }
        Some(match operands.as_slice() {
            &[only] => only,
            &[x, y] => self.graph.push_op(Op::Add, &[x, y]),
            all => self.graph.push_op(Op::Sum, all),
        })
    }

    fn is_product(&self, id: NodeId, private: &Singles<'_>) -> bool {
        private.has(id) && matches!(self.old.node(id), Node::Op(Op::Mul, _))
    }

    /// A factor; a negative one is a constant, turned.
    fn factor(&mut self, id: NodeId, negative: bool) -> NodeId {
        match (self.old.node(id), negative) {
            (Node::Constant(number), true) => self.graph.push_constant(-number),
            _ => self.mapped(id),
        }
    }

    fn negative_product(&mut self, id: NodeId) -> NodeId {
        let factors = self.old.operands(id);
        let first = self.factor(factors[0], true);
        let second = self.mapped(factors[1]);
        self.graph.push_op(Op::Mul, &[first, second])
    }
}

/// Drops what nobody needs; gives the numbers of the nodes of an older graph, if there is one that asks.
fn prune(
    old: Graph,
    outputs: Vec<Output>,
    dead: Dead,
    older: Option<NewIds<'_>>,
) -> (Function, Origins) {
    let live = needed_by(&old, &outputs, dead);
    let stays = |id| matches!(old.node(id), Node::Input(_)) || is_live(&old, id, &live);
    let all_stay = old.heads().all(stays);
    let mut graph = Graph::default();
    let mut new_ids = NewIds::new(&old);
    if !all_stay {
        graph = old.same_inputs();
        for id in old.heads().filter(|id| stays(*id)) {
            let first = copy(&old, &mut graph, id, &new_ids);
            new_ids.set(id, first);
        }
    }
    let mut origins = Vec::new();
    if let Some(older) = older {
        // What is stored together stays together.
        let mut kept = vec![all_stay; old.len()];
        for id in old.heads().filter(|id| stays(*id)) {
            kept[id.index()..id.index() + old.width(id)].fill(true);
        }
        origins = older.all().map(|id| kept[id.index()].then_some(id)).collect();
        if !all_stay {
            origins.iter_mut().flatten().for_each(|id| *id = new_ids.of(*id));
        }
    }
    if all_stay {
        return (Function::from_pass(old, outputs), origins);
    }
    let outputs = outputs.into_iter().map(|output| output.at(new_ids.of(output.node))).collect();
    (Function::from_pass(graph, outputs), origins)
}
