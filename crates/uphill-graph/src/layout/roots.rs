//! What solves equations, as a formula: `root(y - e*sin(y) - M)`, in which the unknown is called by its own name.

use super::{LARGEST_FORMULA, Layout};
use crate::node::{Node, NodeId};
use crate::place_text::Called;

impl Layout<'_> {
    /// The equations that define a node, each written by the layout of their graph; nothing if it is defined by none.
    ///
    /// Equations that are too long, or have loops, are called by what they are of.
    pub(crate) fn equations(
        &self,
        id: NodeId,
        write: impl Fn(&Layout<'_>, NodeId) -> String,
    ) -> Option<String> {
        let Node::Result { number, operands, place } = self.graph.node(id) else { return None };
        let repeated = self.graph.repeated(number);
        let equations = repeated.equations.as_ref()?;
        let function = &equations.known(repeated).function;
        let head = id.index() - place;
        let given = repeated.given_nodes(operands);
        let unknowns = &equations.known(repeated).unknowns;
        let called = |position: usize| {
            let unknown = unknowns.iter().position(|at| *at == position);
            let node = unknown
                .map(|k| NodeId::new(head + k))
                .or_else(|| given.iter().find(|(at, _)| *at == position).map(|(_, node)| *node));
            node.map_or(Called::alone(""), |node| self.called(node))
        };
        let graph = function.graph();
        let inputs = graph.inputs().spans().map(|(_, positions)| called(positions.start));
        let layout = Layout { inputs: Some(inputs.collect()), ..Layout::empty(graph) };
        let sizes = layout.sizes();
        let nodes: Vec<NodeId> = function.outputs().iter().map(|output| output.node).collect();
        let size: usize = nodes.iter().map(|node| sizes[node.index()]).sum();
        if !graph.has_loops() && size <= 2 * LARGEST_FORMULA {
            let each: Vec<String> = nodes.iter().map(|&node| write(&layout, node)).collect();
            return Some(each.join(", "));
        }
        let names = unknowns.iter().copied().chain(given.iter().map(|(position, _)| *position));
        let names: Vec<String> =
            names.map(|position| write(&layout, graph.input_nodes()[position])).collect();
        let shown = names.len().min(SHOWN);
        let more = if names.len() > SHOWN { ", ..." } else { "" };
        Some(format!("F({}{more})", names[..shown].join(", ")))
    }
}

/// How many of the numbers that equations are of are named.
const SHOWN: usize = 8;
