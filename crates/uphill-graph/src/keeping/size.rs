//! How much memory the vectors of a graph take that loops make for one another.

use std::collections::HashMap;
use std::sync::Arc;

use crate::graph::{Body, Graph, Slice};
use crate::node::{Node, NodeId};

/// The most numbers that are there at a time in vectors which loops give and which are put together, bodies included.
/// Those of inputs, data and outputs are not counted.
pub(super) fn numbers(graph: &Graph, outputs: &[Slice]) -> u64 {
    let outputs: Vec<NodeId> = outputs.iter().map(|slice| graph.part(slice.first).first).collect();
    most(graph, |part| if outputs.contains(&part) { Some(0) } else { None }, &mut HashMap::new())
}

/// By body: those that were counted.
type Known = HashMap<*const Body, u64>;

/// `free` gives the size of a part that is there to the end, and is not counted by its width.
fn most(graph: &Graph, free: impl Fn(NodeId) -> Option<u64>, known: &mut Known) -> u64 {
    if !graph.has_loops() {
        return 0;
    }
    // The last head that reads each part.
    let mut last: HashMap<NodeId, NodeId> = HashMap::new();
    for head in graph.heads() {
        let operands = match graph.node(head) {
            Node::Copy(_) => graph.vector(head),
            _ => graph.operands(head),
        };
        for &operand in operands {
            let part = graph.part(operand);
            if part.width > 1 {
                last.insert(part.first, head);
            }
        }
    }
    let mut ends: HashMap<NodeId, Vec<u64>> = HashMap::new();
    let (mut now, mut most_at_once) = (0, 0);
    for head in graph.heads() {
        let (parts, within) = match graph.node(head) {
            Node::Input(_) | Node::Constant(_) => continue,
            Node::Op(..) => (Vec::new(), 0),
            Node::Copy(_) => (vec![graph.part(head)], 0),
            Node::Result { number, .. } => {
                (graph.results(head), of_body(&graph.repeated(number).body, known))
            }
        };
        for part in parts.into_iter().filter(|part| part.width > 1) {
            let size = free(part.first).unwrap_or(part.width as u64);
            now += size;
            ends.entry(last.get(&part.first).copied().unwrap_or(head)).or_default().push(size);
        }
        most_at_once = most_at_once.max(now + within);
        now -= ends.remove(&head).map_or(0, |sizes| sizes.iter().sum());
    }
    most_at_once
}

fn of_body(body: &Arc<Body>, known: &mut Known) -> u64 {
    if let Some(&size) = known.get(&Arc::as_ptr(body)) {
        return size;
    }
    let size = most(&body.graph, |_| None, known);
    known.insert(Arc::as_ptr(body), size);
    size
}
