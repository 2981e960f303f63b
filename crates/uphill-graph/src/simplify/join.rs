//! Loops that could run together become one: what both compute is computed once.
//!
//! A gradient's forward loop keeps the states of a loop that is there for its value; and values are computed beside their
//! derivatives. A loop joins an earlier one that runs as often, if all that it reads was there before that one; numbers
//! always are.

use std::collections::HashMap;

use super::Laws;
use super::marks::Marks;
use super::repeat::{Smaller, copy_unnamed, is_live};
use crate::graph::{Graph, Loop, Slice};
use crate::loop_writer::input_slices;
use crate::new_ids::NewIds;
use crate::node::{Node, NodeId};
use crate::walk::{Feed, Outcome};

/// For each loop that others join, those others.
pub(super) fn groups(graph: &Graph, live: &Marks<'_>) -> HashMap<NodeId, Vec<NodeId>> {
    let mut groups: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    if !graph.has_loops() {
        return groups;
    }
    let mut leaders: Vec<(NodeId, usize)> = Vec::new();
    for head in graph.heads().filter(|head| is_live(graph, *head, live)) {
        let Node::Result { number, operands, .. } = graph.node(head) else { continue };
        let iterations = graph.repeated(number).iterations();
        if graph.repeated(number).is_implicit() {
            continue;
        }
        let fits = |&&(leader, times): &&(NodeId, usize)| {
            let was_there =
                |&operand: &NodeId| operand < leader || lone_number(graph, operand).is_some();
            times == iterations && operands.iter().all(was_there)
        };
        match leaders.iter().find(fits) {
            Some(&(leader, _)) => groups.entry(leader).or_default().push(head),
            None => leaders.push((head, iterations)),
        }
    }
    groups
}

/// The number that a node is, if it is one and stands by itself.
pub(super) fn lone_number(graph: &Graph, id: NodeId) -> Option<f64> {
    match graph.node(id) {
        Node::Constant(number) if graph.part(id).width == 1 => Some(number),
        _ => None,
    }
}

/// Two loops as one: the results of the first, then those of the other.
pub(super) fn join(one: Smaller, other: Smaller, laws: Laws) -> Smaller {
    // States that start alike are taken for the same, until they turn out not to go on alike.
    let mut same = alike(&one, &other);
    loop {
        let Joined { mut both, outputs } = append(&one, &other, &same);
        both.simplify_body(laws);
        let goes_on = |&(a, b): &(usize, usize)| {
            let (Feed::Carried { from: a }, Feed::Carried { from: b }) =
                (&one.feeds[a], &other.feeds[b])
            else {
                return false;
            };
            both.outputs[*a] == both.outputs[outputs + *b]
        };
        let still: Vec<(usize, usize)> = same.iter().copied().filter(goes_on).collect();
        if still.len() == same.len() {
            return both;
        }
        same = still;
    }
}

/// Pairs of states with one first value.
fn alike(one: &Smaller, other: &Smaller) -> Vec<(usize, usize)> {
    let is_state =
        |smaller: &Smaller, input: usize| matches!(smaller.feeds[input], Feed::Carried { .. });
    let (of_one, of_other) = (input_slices(&one.graph), input_slices(&other.graph));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for b in (0..other.feeds.len()).filter(|&b| is_state(other, b)) {
        let fits = |&a: &usize| {
            is_state(one, a)
                && one.operands[a] == other.operands[b]
                && of_one[a].width == of_other[b].width
                && pairs.iter().all(|(taken, _)| *taken != a)
        };
        if let Some(a) = (0..one.feeds.len()).find(fits) {
            pairs.push((a, b));
        }
    }
    pairs
}

struct Joined {
    both: Smaller,
    /// How many outputs the first one had.
    outputs: usize,
}

/// The body of the other behind that of the first, with inputs that read the same as one.
fn append(one: &Smaller, other: &Smaller, same: &[(usize, usize)]) -> Joined {
    let mut both = one.clone();
    let outputs = one.outputs.len();
    let (slices, of_other) = (input_slices(&one.graph), input_slices(&other.graph));
    let mut inputs: Vec<usize> = Vec::with_capacity(other.feeds.len());
    let mut new_ids = NewIds::new(&other.graph);
    for (input, feed) in other.feeds.iter().enumerate() {
        let state = same.iter().find(|(_, b)| *b == input).map(|(a, _)| *a);
        let known = state.or_else(|| {
            (0..one.feeds.len()).find(|&a| {
                !matches!(feed, Feed::Carried { .. })
                    && one.feeds[a] == *feed
                    && one.operands[a] == other.operands[input]
                    && slices[a].width == of_other[input].width
            })
        });
        let width = of_other[input].width;
        let (position, first) = match known {
            Some(known) => (known, slices[known].first),
            None => {
                let feed = match *feed {
                    Feed::Carried { from } => Feed::Carried { from: outputs + from },
                    ref feed => feed.clone(),
                };
                both.add_input(feed, other.operands[input], width)
            }
        };
        inputs.push(position);
        new_ids.set(of_other[input].first, first);
    }
    for head in other.graph.heads() {
        if !matches!(other.graph.node(head), Node::Input(_)) {
            let first = copy_unnamed(&other.graph, &mut both.graph, head, &new_ids);
            // A name that is there already stays where it is.
            if let Some(name) = other.graph.given_name(head)
                && both.graph.find(name).is_err()
            {
                both.graph.set_name(first, name);
            }
            new_ids.set(head, first);
        }
    }
    let slice = |slice: &Slice| Slice { first: new_ids.of(slice.first), width: slice.width };
    both.outputs.extend(other.outputs.iter().map(slice));
    let targets = one.targets.len();
    both.targets.extend(other.targets.iter().cloned().map(|mut target| {
        target.writes.iter_mut().for_each(|(output, _)| *output += outputs);
        target
    }));
    both.outcomes.extend(other.outcomes.iter().map(|outcome| match *outcome {
        Outcome::Last { input } => Outcome::Last { input: inputs[input] },
        Outcome::Sequence { output } => Outcome::Sequence { output: outputs + output },
        Outcome::Sum { output } => Outcome::Sum { output: outputs + output },
        Outcome::Target { target } => Outcome::Target { target: targets + target },
    }));
    Joined { both, outputs }
}

/// Results that are the same result: for each, the first that is; and the loop with those alone.
pub(super) fn once(smaller: &mut Smaller) -> Vec<usize> {
    let firsts: Vec<usize> = (0..smaller.outputs.len())
        .map(|k| smaller.outputs.iter().position(|other| *other == smaller.outputs[k]).unwrap_or(k))
        .collect();
    smaller.targets.iter_mut().for_each(|target| {
        target.writes.iter_mut().for_each(|(output, _)| *output = firsts[*output]);
    });
    let first_target = |target: usize| {
        smaller.targets.iter().position(|other| *other == smaller.targets[target]).unwrap_or(target)
    };
    let outcomes: Vec<Outcome> = smaller
        .outcomes
        .iter()
        .map(|outcome| match *outcome {
            Outcome::Sequence { output } => Outcome::Sequence { output: firsts[output] },
            Outcome::Sum { output } => Outcome::Sum { output: firsts[output] },
            Outcome::Target { target } => Outcome::Target { target: first_target(target) },
            last @ Outcome::Last { .. } => last,
        })
        .collect();
    let mut kept: Vec<Outcome> = Vec::new();
    let mut places = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        let place = kept.iter().position(|other| *other == outcome).unwrap_or_else(|| {
            kept.push(outcome);
            kept.len() - 1
        });
        places.push(place);
    }
    smaller.outcomes = kept;
    if let Some(equations) = &mut smaller.equations {
        equations.renumber(|output| firsts[output]);
    }
    smaller.feeds.iter_mut().for_each(|feed| {
        if let Feed::Carried { from } = feed {
            *from = firsts[*from];
        }
    });
    smaller.keep_targets();
    places
}

/// The loop whose first node this is, and what it reads.
pub(super) fn repeated_at(
    graph: &Graph,
    head: NodeId,
) -> Option<(&std::sync::Arc<Loop>, &[NodeId])> {
    match graph.node(head) {
        Node::Result { number, operands, .. } => Some((graph.repeated(number), operands)),
        _ => None,
    }
}
