//! Trouble that comes out of a loop: the loop runs again on numbers, and the trouble is followed back through its
//! iterations to where it arose in one of them, or to what the loop read.

use super::{Birth, Way, follow, worst};
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::rerun::Rerun;
use crate::walk::{Feed, Outcome};

/// Where the trouble of a loop's result comes from.
pub(super) fn through(graph: &Graph, values: &[f64], id: NodeId) -> Way {
    let Node::Result { number, operands, place } = graph.node(id) else { return Way::Here };
    let repeated = graph.repeated(number);
    let head = NodeId::new(id.index() - place);
    let found = repeated.places().find(|(_, range)| range.contains(&place));
    let Some((outcome, range)) = found else { return Way::Here };
    let mut again = Rerun::new(repeated, operands, values);
    let Some(start) = start(&again, outcome, place - range.start) else { return Way::Here };
    let (mut iteration, mut node) = match start {
        Start::Within(iteration, node) => (iteration, node),
        Start::Around(node) => return Way::From(node),
    };
    loop {
        let body = again.values(iteration);
        let (born, _) = follow(repeated.body(), &body, node);
        let fed =
            match repeated.body().node(born.trail.first().map_or(born.node, |(head, _)| *head)) {
                Node::Input(position) if born.trail.is_empty() => Some(position),
                _ => None,
            };
        let Some(position) = fed else {
            let Birth { mut trail, .. } = born;
            trail.insert(0, (head, iteration));
            return Way::Born(Birth { trail, ..born });
        };
        let (input, within) = repeated.body().inputs().place(position);
        match (&repeated.feeds()[input], again.fed.operands[input]) {
            (Feed::Read(walk), Some(operand)) => {
                let place = operand.index() as i64 + walk.at(iteration);
                return Way::From(NodeId::new(place as usize + within));
            }
            (Feed::Carried { from }, _) if iteration > 0 => {
                iteration -= 1;
                node = NodeId::new(repeated.outputs()[*from].first.index() + within);
            }
            (_, Some(operand)) => return Way::From(NodeId::new(operand.index() + within)),
            (_, None) => return Way::Here,
        }
    }
}

/// Where the way back begins.
enum Start {
    Within(usize, NodeId),
    Around(NodeId),
}

/// The iteration and the node of the body that a result's trouble comes from; none if it arose in a sum.
fn start(again: &Rerun<'_>, outcome: Outcome, within: usize) -> Option<Start> {
    let iterations = again.fed.repeated.iterations();
    let entry = |output: usize, entry: usize| {
        NodeId::new(again.fed.repeated.outputs()[output].first.index() + entry)
    };
    match outcome {
        Outcome::Sequence { output } => {
            let width = again.fed.repeated.output_width(output);
            Some(Start::Within(within / width, entry(output, within % width)))
        }
        Outcome::Last { input } => {
            let Feed::Carried { from } = again.fed.repeated.feeds()[input] else { return None };
            match iterations.checked_sub(1) {
                Some(last) => Some(Start::Within(last, entry(from, within))),
                None => {
                    let operand = again.fed.operands[input]?;
                    Some(Start::Around(NodeId::new(operand.index() + within)))
                }
            }
        }
        Outcome::Sum { output } => {
            let node = entry(output, within);
            first_trouble(again, |_| vec![node])
        }
        Outcome::Target { target } => {
            let repeated = again.fed.repeated;
            let writes = &repeated.targets()[target].writes;
            first_trouble(again, |iteration| {
                let reached = writes.iter().filter_map(|(output, walk)| {
                    let slice = repeated.outputs()[*output];
                    let entry = (within as i64).checked_sub(walk.at(iteration))?;
                    let entry = usize::try_from(entry).ok().filter(|k| *k < slice.width)?;
                    Some(NodeId::new(slice.first.index() + entry))
                });
                reached.collect()
            })
        }
    }
}

/// The first iteration in which a term is NaN; else the first in which one is infinite.
fn first_trouble(again: &Rerun<'_>, terms: impl Fn(usize) -> Vec<NodeId>) -> Option<Start> {
    let mut infinite = None;
    let mut states = again.first_states().to_vec();
    for iteration in 0..again.fed.repeated.iterations() {
        let values = again.run(iteration, &states);
        if let Some(node) = worst(&values, &terms(iteration)) {
            if values[node.index()].is_nan() {
                return Some(Start::Within(iteration, node));
            }
            infinite.get_or_insert((iteration, node));
        }
        states = again.next(&values);
    }
    infinite.map(|(iteration, node)| Start::Within(iteration, node))
}
