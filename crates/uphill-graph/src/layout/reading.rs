//! Layouts for formulas that people read: in one, or cut where they get too long.

use std::collections::HashSet;

use super::{LARGEST_FORMULA, Layout};
use crate::function::Function;
use crate::node::{Node, NodeId};

/// In longer formulas than this, what is shared gets a line, so that nobody reads it twice.
const READABLE_FORMULA: usize = 16;
/// Shared values of this many operations or fewer are read as fast as a name.
const WORTH_A_NAME: usize = 3;

impl<'f> Layout<'f> {
    /// No lines at all: whatever is asked for is written as one formula of inputs.
    pub(crate) fn in_one(function: &'f Function) -> Layout<'f> {
        Layout::empty(function.graph())
    }

    /// For derivatives that people read: named values have lines; the rest stands inside of formulas, shared or not, so
    /// long as these stay short. What makes long ones shorter gets a number, and the longest are cut.
    ///
    /// Outputs have lines only if their nodes have names.
    pub(crate) fn to_read(function: &'f Function) -> Layout<'f> {
        let graph = function.graph();
        let mut layout = Layout::in_one(function);
        let mut taken: HashSet<String> = function.input_names().collect();
        for (id, name) in graph.names() {
            layout.set_label(id, name);
            taken.insert(name.into());
        }
        let mut roots = 1_usize..;
        for id in graph.ids().filter(|&id| matches!(graph.node(id), Node::Result { .. })) {
            let names = roots.by_ref().map(|k| format!("s{k}"));
            if graph.given_name(id).is_none()
                && let Some(name) = names.into_iter().find(|name| taken.insert(name.clone()))
            {
                layout.set_label(id, &name);
                layout.numbered.insert(id);
            }
        }
        let mut heads = vec![false; graph.len()];
        for output in function.outputs() {
            heads[output.node.index()] = true;
        }
        let sizes = layout.sizes();
        // How often the long formulas read each node.
        let mut long = vec![false; graph.len()];
        let mut uses = vec![0_u32; graph.len()];
        for id in graph.ids().rev() {
            let head = heads[id.index()] || layout.is_atom(id);
            long[id.index()] |= head && sizes[id.index()] > READABLE_FORMULA;
            if long[id.index()] {
                for operand in graph.operands(id) {
                    uses[operand.index()] += 1;
                    long[operand.index()] |= !layout.is_atom(*operand);
                }
            }
        }
        let (mut size, mut next) = (vec![0_usize; graph.len()], 1);
        for id in graph.ids().filter(|&id| !matches!(graph.node(id), Node::Input(_))) {
            if let Node::Result { .. } = graph.node(id) {
                layout.lines.push(id);
            }
            if !matches!(graph.node(id), Node::Op(..)) {
                continue;
            }
            let index = id.index();
            size[index] = graph.operands(id).iter().map(|operand| size[operand.index()]).sum();
            size[index] += 1;
            if layout.is_atom(id) {
                layout.lines.push(id);
            } else if (uses[index] > 1 && size[index] > WORTH_A_NAME)
                || size[index] > LARGEST_FORMULA
            {
                while taken.contains(&format!("t{next}")) {
                    next += 1;
                }
                layout.set_label(id, &format!("t{next}"));
                layout.numbered.insert(id);
                layout.lines.push(id);
                next += 1;
            } else {
                continue;
            }
            size[index] = 0;
        }
        layout
    }

    /// How many operations each formula has, what is shared counted as often as it stands there.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0_usize; self.graph.len()];
        for id in self.graph.ids() {
            let Node::Op(_, operands) = self.graph.node(id) else { continue };
            let inner =
                |operand: &NodeId| if self.is_atom(*operand) { 0 } else { sizes[operand.index()] };
            sizes[id.index()] = operands.iter().map(inner).fold(1, usize::saturating_add);
        }
        sizes
    }
}
