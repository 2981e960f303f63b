//! Loops of one graph of which one keeps something of each iteration, and others read that from the last to the first.

use std::collections::{HashMap, HashSet};

use super::levels::{Sizes, lengths};
use crate::graph::{Graph, Loop, Slice};
use crate::node::{Node, NodeId};
use crate::simplify::reduced;
use crate::walk::{Feed, Outcome};

/// What a loop reads that another one kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    /// The loop that keeps it.
    pub(super) by: NodeId,
    /// Which of all that it keeps for others.
    pub(super) number: usize,
}

/// Loops that are to be written in blocks.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// The loops that keep, and which of their results are kept to be read.
    pub(super) keepers: HashMap<NodeId, Vec<bool>>,
    /// The loops that read, and of each input what it reads.
    pub(super) readers: HashMap<NodeId, Vec<Option<Kept>>>,
    /// The lengths of blocks, by the number of iterations.
    pub(super) lengths: HashMap<usize, Vec<usize>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Input(NodeId, usize),
    Other,
}

impl Pairs {
    /// Finds those whose blocks keep less, if more than so many numbers are kept.
    pub(super) fn find(graph: &Graph, outputs: &[Slice], share: u64) -> Pairs {
        let mut pairs = Pairs::default();
        if !graph.has_loops() {
            return pairs;
        }
        let uses = uses(graph, outputs);
        let mut sizes: HashMap<usize, Sizes> = HashMap::new();
        let mut readers: HashSet<NodeId> = HashSet::new();
        for head in graph.heads() {
            let Node::Result { number, operands, .. } = graph.node(head) else { continue };
            let repeated = graph.repeated(number);
            // What is read while it is computed again is not computed again for others.
            if readers.contains(&head) {
                continue;
            }
            let kept: Vec<bool> = repeated
                .places()
                .map(|(outcome, place)| {
                    let Outcome::Sequence { output } = outcome else { return false };
                    let first = NodeId::new(head.index() + place.start);
                    let uses = uses.get(&first).map_or(&[][..], Vec::as_slice);
                    let width = repeated.output_width(output);
                    width > 0
                        && !uses.is_empty()
                        && uses.iter().all(|&own| match own {
                            Use::Input(reader, input) => {
                                reads_back(graph, reader, input, first, width, repeated.iterations)
                            }
                            Use::Other => false,
                        })
                })
                .collect();
            if !kept.contains(&true) {
                continue;
            }
            let size = sizes.entry(repeated.iterations).or_default();
            for (number, (_, place)) in repeated
                .places()
                .zip(&kept)
                .filter(|(_, kept)| **kept)
                .map(|(place, _)| place)
                .enumerate()
            {
                size.kept += (place.len() / repeated.iterations) as u64;
                let first = NodeId::new(head.index() + place.start);
                for own in &uses[&first] {
                    let Use::Input(reader, input) = *own else { continue };
                    let Some(of) = graph.loop_of(reader) else { continue };
                    let inputs =
                        pairs.readers.entry(reader).or_insert_with(|| vec![None; of.feeds.len()]);
                    inputs[input] = Some(Kept { by: head, number });
                    if readers.insert(reader) {
                        size.sums += sums(of);
                    }
                }
            }
            let (again, _) = reduced(repeated, &repeated.each_operand(operands), kept.clone());
            size.states += states(&again);
            pairs.keepers.insert(head, kept);
        }
        for (iterations, sizes) in sizes {
            if let Some(lengths) = lengths(iterations, sizes, share) {
                pairs.lengths.insert(iterations, lengths);
            }
        }
        let Pairs { keepers, readers, lengths } = &mut pairs;
        let is_cut = |head: &NodeId| {
            graph.loop_of(*head).is_some_and(|repeated| lengths.contains_key(&repeated.iterations))
        };
        keepers.retain(|head, _| is_cut(head));
        readers.retain(|head, _| is_cut(head));
        pairs
    }
}

/// How many numbers the states of a loop are.
fn states(repeated: &Loop) -> u64 {
    let inputs =
        (0..repeated.feeds.len()).filter(|&k| matches!(repeated.feeds[k], Feed::Carried { .. }));
    inputs.map(|input| repeated.input_width(input) as u64).sum()
}

fn sums(repeated: &Loop) -> u64 {
    let widths = repeated.outcomes.iter().map(|outcome| match *outcome {
        Outcome::Sum { output } => repeated.output_width(output) as u64,
        _ => 0,
    });
    widths.sum()
}

/// What reads each result of a loop, by its first node.
fn uses(graph: &Graph, outputs: &[Slice]) -> HashMap<NodeId, Vec<Use>> {
    let mut uses: HashMap<NodeId, Vec<Use>> = HashMap::new();
    let mut add = |node: NodeId, own: Use| {
        if graph.loop_of(node).is_some() {
            uses.entry(graph.part(node).first).or_default().push(own);
        }
    };
    for head in graph.heads() {
        match graph.node(head) {
            Node::Input(_) | Node::Constant(_) => {}
            Node::Op(_, operands) => operands.iter().for_each(|&operand| add(operand, Use::Other)),
            Node::Copy(_) => graph.vector(head).iter().for_each(|&entry| add(entry, Use::Other)),
            Node::Result { number, operands, .. } => {
                let repeated = graph.repeated(number);
                for (input, operand) in repeated.each_operand(operands).into_iter().enumerate() {
                    let Some(operand) = operand else { continue };
                    match repeated.feeds[input] {
                        Feed::Read(_) => add(operand, Use::Input(head, input)),
                        _ => add(operand, Use::Other),
                    }
                }
            }
        }
    }
    outputs.iter().for_each(|output| add(output.first, Use::Other));
    uses
}

/// Whether a loop reads a sequence from the last iteration to the first, one in each of as many iterations.
fn reads_back(
    graph: &Graph,
    reader: NodeId,
    input: usize,
    sequence: NodeId,
    width: usize,
    iterations: usize,
) -> bool {
    let Node::Result { number, operands, .. } = graph.node(reader) else { return false };
    let repeated = graph.repeated(number);
    let (Feed::Read(walk), Some(operand)) =
        (&repeated.feeds[input], repeated.each_operand(operands)[input])
    else {
        return false;
    };
    let start = operand.index() as i64 + walk.start - sequence.index() as i64;
    repeated.iterations == iterations
        && repeated.input_width(input) == width
        && walk.lookup.is_none()
        && walk.stride == -(width as i64)
        && start == width as i64 * (iterations as i64 - 1)
}
