//! Sums over iterations that go on from one block to the next: the eight sums that take turns, and the total.
//!
//! Blocks shorter than those of [`Outcome::Sum`] carry the eight along, as one vector: entry `e` of turn `k` of sums that
//! are `width` wide is its number `k·width + e`. So do the terms of eight iterations lie.

use super::nest::{Nest, each, nothing};
use crate::graph::Graph;
use crate::node::NodeId;
use crate::op::Op;
use crate::walk::{Feed, Outcome, Walk};

const TURNS: usize = Outcome::TURNS;

/// Eight sums without terms.
pub(super) fn none(graph: &mut Graph, width: usize) -> NodeId {
    nothing(graph, TURNS * width)
}

/// The eight with the terms of so many iterations, eight or more, added.
pub(super) fn go_on(
    graph: &mut Graph,
    width: usize,
    turns: NodeId,
    terms: NodeId,
    iterations: usize,
) -> NodeId {
    debug_assert!(iterations.is_multiple_of(TURNS), "as many terms for each");
    add_terms(graph, width, turns, terms, 0..TURNS * width, iterations / TURNS)
}

/// The total, once the terms of so many last iterations are in and the eight are folded.
pub(super) fn close(
    graph: &mut Graph,
    width: usize,
    total: NodeId,
    turns: NodeId,
    last: Option<(NodeId, usize)>,
) -> NodeId {
    let mut of_turn = [turns; TURNS];
    let mut places = std::array::from_fn::<usize, TURNS, _>(|turn| turn * width);
    if let Some((terms, iterations)) = last {
        // The first few have one term more than the others.
        let (rounds, more) = (iterations / TURNS, iterations % TURNS);
        let longer = add_terms(graph, width, turns, terms, 0..more * width, rounds + 1);
        let others = add_terms(graph, width, turns, terms, more * width..TURNS * width, rounds);
        for turn in 0..TURNS {
            let (first, before) = if turn < more { (longer, 0) } else { (others, more * width) };
            if first != turns {
                of_turn[turn] = first;
                places[turn] -= before;
            }
        }
    }
    let vectors = (0..TURNS).map(|turn| NodeId::new(of_turn[turn].index() + places[turn]));
    let vectors: Vec<NodeId> = std::iter::once(total).chain(vectors).collect();
    each(graph, width, &vectors, |graph, x| {
        let mut plus = |a, b| graph.push_op(Op::Add, &[a, b]);
        let (a, b) = (plus(x[1], x[5]), plus(x[3], x[7]));
        let even = plus(a, b);
        let (a, b) = (plus(x[2], x[6]), plus(x[4], x[8]));
        let odd = plus(a, b);
        let fold = plus(even, odd);
        plus(x[0], fold)
    })
}

/// Some of the eight sums, each with so many terms more; the sums as they are, if that is none.
fn add_terms(
    graph: &mut Graph,
    width: usize,
    turns: NodeId,
    terms: NodeId,
    places: std::ops::Range<usize>,
    rounds: usize,
) -> NodeId {
    if rounds == 0 || places.is_empty() {
        return turns;
    }
    let (first, round) = (places.start as i64, (TURNS * width) as i64);
    let mut nest = Nest::new(places.len());
    let sum = nest.read(Walk::even(first, 1), turns, 1);
    let own = nest.read(Walk::even(first, 1), terms, round as usize * (rounds - 1) + 1);
    let mut inner = Nest::new(rounds);
    let before = inner.input(Feed::Carried { from: 0 }, Some(sum), 1);
    let term = inner.read(Walk::even(0, round), own, 1);
    let after = inner.body.push_op(Op::Add, &[before, term]);
    inner.output(after, 1);
    inner.writer.outcome(Outcome::Last { input: 0 });
    let sum = inner.write(&mut nest.body)[0];
    nest.sequence(sum, 1);
    nest.write(graph)[0]
}
