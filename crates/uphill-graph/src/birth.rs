//! Where an infinity or a NaN came into the world: the first node that has one though its operands have none.

use crate::formula_text::Style;
use crate::graph::Graph;
use crate::layout::Layout;
use crate::node::{Node, NodeId};
use crate::op::Form;
use crate::print::number;

/// The way of the trouble, from the node where it arose to the one that was asked about.
fn path(graph: &Graph, values: &[f64], node: NodeId) -> Vec<NodeId> {
    let mut path = vec![node];
    let mut at = node;
    // NaN is the worse trouble: an infinity beside it explains a NaN only if no operand is NaN itself.
    let worst = |ids: &[NodeId]| {
        let nan = ids.iter().copied().find(|id| values[id.index()].is_nan());
        nan.or_else(|| ids.iter().copied().find(|id| values[id.index()].is_infinite()))
    };
    while let Some(from) = worst(graph.operands(at)) {
        path.push(from);
        at = from;
    }
    path.reverse();
    path
}

/// Says in words where the trouble of a node arose and which way it took.
pub(crate) fn story(layout: &Layout<'_>, values: &[f64], node: NodeId) -> String {
    let graph = layout.graph;
    let path = path(graph, values, node);
    let born = path[0];
    let value = |id: NodeId| number(values[id.index()], None);
    let mut words = match graph.node(born) {
        Node::Input(_) => format!("born at input {} = {}", layout.label(born), value(born)),
        Node::Constant(_) => format!("born at the constant {}", value(born)),
        Node::Copy(_) | Node::Result { .. } => {
            format!("born at {} = {}", layout.label(born), value(born))
        }
        Node::Op(op, operands) => {
            let is_number = |id: &NodeId| matches!(graph.node(*id), Node::Constant(_));
            let mut from: Vec<String> = Vec::new();
            for &operand in operands.iter().filter(|id| !is_number(id)) {
                let told = format!("{} = {}", layout.label(operand), value(operand));
                if !from.contains(&told) {
                    from.push(told);
                }
            }
            let formula = layout.formula(born, &Style::TRACE);
            let label = if layout.is_atom(born) {
                format!("{} = ", layout.label(born))
            } else {
                String::new()
            };
            let from =
                if from.is_empty() { String::new() } else { format!(", from {}", from.join(", ")) };
            let is_left = values[born.index()].is_nan()
                && operands.iter().all(|operand| values[operand.index()].is_finite());
            let domain = op.domain().filter(|_| is_left).map_or(String::new(), |domain| {
                let name = match op.form() {
                    Form::Infix(symbol, _) => symbol,
                    _ => op.name(),
                };
                format!(" ({name} is defined for {domain})")
            });
            format!("born at {label}{formula}{from}{domain}")
        }
    };
    for &id in path[1..].iter().filter(|id| layout.is_atom(**id)) {
        words.push_str(" -> ");
        words.push_str(&layout.label(id));
    }
    words
}
