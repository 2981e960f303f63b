//! Graphs as text people can read: one line a named, shared or final value, everything else inside its formula.

use std::collections::HashSet;
use std::fmt;

use crate::formula_text::Style;
use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};

/// Formulas with more operations than this are cut into lines, so that writing them never recurses deeply.
pub(crate) const LARGEST_FORMULA: usize = 32;
/// In longer formulas than this, what is shared gets a line, so that nobody reads it twice.
const READABLE_FORMULA: usize = 16;
/// Shared values of this many operations or fewer are read as fast as a name.
const WORTH_A_NAME: usize = 3;

/// A number as text: the shortest that reads back to the same `f64`, or rounded to significant digits; never `-0`.
pub(crate) fn number(x: f64, digits: Option<usize>) -> String {
    let rounded = match digits {
        Some(digits) if x.is_finite() => {
            format!("{:.*e}", digits.clamp(1, 17) - 1, x).parse().unwrap_or(x)
        }
        _ => x,
    };
    if rounded == 0.0 {
        "0".into()
    } else if !rounded.is_finite() || (1e-5..1e16).contains(&rounded.abs()) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

/// What a result of a loop is called that has no name: `loop1[3]`.
pub(crate) fn result_name(number: usize, place: usize) -> String {
    format!("loop{}[{place}]", number + 1)
}

/// How much of a graph gets a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Named values, outputs, and what is used more than once.
    #[default]
    Shared,
    /// Every operation.
    Every,
}

/// Which nodes have a line of their own, and what each is called.
pub(crate) struct Layout<'f> {
    pub(crate) graph: &'f Graph,
    /// The label of each node with a line, by node.
    labels: Vec<Option<Box<str>>>,
    /// The nodes with a line, in order of evaluation; inputs are not among them.
    pub(crate) lines: Vec<NodeId>,
    /// Outputs that are inputs, numbers, or the same node as an earlier output: name and node.
    pub(crate) aliases: Vec<(&'f str, NodeId)>,
    /// Lines that nobody has named: `t1`, `t2`, ….
    numbered: HashSet<NodeId>,
}

impl<'f> Layout<'f> {
    pub(crate) fn new(function: &'f Function, detail: Detail) -> Layout<'f> {
        let graph = function.graph();
        let mut names: Vec<Option<Box<str>>> = vec![None; graph.len()];
        let mut taken: HashSet<String> = function.input_names().collect();
        for (id, name) in graph.names() {
            names[id.index()] = Some(name.into());
            taken.insert(name.into());
        }
        let mut aliases = Vec::new();
        for output in function.outputs() {
            let slot = &mut names[output.node.index()];
            let is_operation = matches!(graph.node(output.node), Node::Op(..));
            if is_operation && slot.is_none() && taken.insert(output.name.clone()) {
                *slot = Some(output.name.as_str().into());
            } else if slot.as_deref() != Some(&output.name)
                && graph.name(output.node).as_ref() != Some(&output.name)
            {
                aliases.push((output.name.as_str(), output.node));
            }
        }
        taken.extend(function.output_names());
        let mut layout = Layout {
            graph,
            labels: vec![None; graph.len()],
            lines: Vec::new(),
            aliases,
            numbered: HashSet::new(),
        };
        layout.choose_lines(function, detail, names, taken);
        layout
    }

    /// No lines at all: whatever is asked for is written as one formula of inputs.
    pub(crate) fn in_one(function: &'f Function) -> Layout<'f> {
        let graph = function.graph();
        let mut labels = vec![None; graph.len()];
        for &id in graph.input_nodes() {
            labels[id.index()] = graph.name(id).map(Into::into);
        }
        Layout { graph, labels, lines: Vec::new(), aliases: Vec::new(), numbered: HashSet::new() }
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
            layout.labels[id.index()] = Some(name.into());
            taken.insert(name.into());
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
        for id in graph.ids().filter(|&id| matches!(graph.node(id), Node::Op(..))) {
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
                layout.labels[index] = Some(format!("t{next}").into());
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

    fn choose_lines(
        &mut self,
        function: &Function,
        detail: Detail,
        mut names: Vec<Option<Box<str>>>,
        taken: HashSet<String>,
    ) {
        let mut uses = self.graph.use_counts();
        for output in function.outputs() {
            uses[output.node.index()] += 1;
        }
        let mut size = vec![0_usize; self.graph.len()];
        let mut next = 1;
        for id in self.graph.ids() {
            let Node::Op(_, operands) = self.graph.node(id) else {
                self.labels[id.index()] = self.graph.name(id).map(Into::into);
                continue;
            };
            let index = id.index();
            let inner = operands.iter().map(|operand| size[operand.index()]).max().unwrap_or(0);
            size[index] = 1 + inner.max(operands.iter().map(|operand| size[operand.index()]).sum());
            let own = names[index].is_some()
                || (detail == Detail::Every && uses[index] > 0)
                || uses[index] > 1
                || size[index] > LARGEST_FORMULA;
            if !own {
                continue;
            }
            size[index] = 0;
            let label = names[index].take().unwrap_or_else(|| {
                while taken.contains(&format!("t{next}")) {
                    next += 1;
                }
                next += 1;
                self.numbered.insert(id);
                format!("t{}", next - 1).into()
            });
            self.labels[index] = Some(label);
            self.lines.push(id);
        }
    }

    /// Whether a node is referred to by name rather than by its formula: inputs and nodes with a line.
    pub(crate) fn is_atom(&self, id: NodeId) -> bool {
        self.labels[id.index()].is_some()
    }

    /// Whether a line has its label only from being counted.
    pub(crate) fn is_numbered(&self, id: NodeId) -> bool {
        self.numbered.contains(&id)
    }

    /// The name of a node with a line or of an input; else its formula.
    pub(crate) fn label(&self, id: NodeId) -> String {
        match &self.labels[id.index()] {
            Some(label) => label.to_string(),
            None => self.formula(id, &Style::TRACE),
        }
    }

    /// The nodes with labels that a line's formula reads, each once, in order of appearance.
    pub(crate) fn atoms(&self, line: NodeId) -> Vec<NodeId> {
        let mut atoms = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: Vec<NodeId> = self.graph.operands(line).iter().rev().copied().collect();
        while let Some(id) = waiting.pop() {
            if !self.is_atom(id) {
                waiting.extend(self.graph.operands(id).iter().rev());
            } else if seen.insert(id) {
                atoms.push(id);
            }
        }
        atoms
    }

    /// The node with a label that a line's formula reads, if it reads no other: only a few operands are looked at where
    /// it reads several.
    pub(crate) fn only_atom(&self, line: NodeId) -> Option<NodeId> {
        let mut only = None;
        let mut waiting: Vec<std::slice::Iter<'_, NodeId>> = vec![self.graph.operands(line).iter()];
        while let Some(operands) = waiting.last_mut() {
            match operands.next() {
                None => {
                    waiting.pop();
                }
                Some(&id) if !self.is_atom(id) => waiting.push(self.graph.operands(id).iter()),
                Some(&id) if only.is_none_or(|only| only == id) => only = Some(id),
                Some(_) => return None,
            }
        }
        only
    }
}

/// `label = formula` lines, the equals signs below each other.
pub(crate) fn align(rows: &[(String, String)], indent: &str) -> String {
    const WIDEST: usize = 16;
    let width = |label: &str| label.chars().count();
    let widest =
        rows.iter().map(|(label, _)| width(label)).filter(|&w| w <= WIDEST).max().unwrap_or(0);
    rows.iter().fold(String::new(), |text, (label, rest)| {
        let pad = " ".repeat(widest.saturating_sub(width(label)));
        text + indent + label + &pad + " = " + rest + "\n"
    })
}

impl fmt::Display for Function {
    /// The inputs, then one line a named, shared or final value.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["w1", "w2"], |w| (w[0] - 2.0 * w[1]).named("o1") * 3.0)?;
    /// assert_eq!(f.to_string(), "P(w1, w2)\n  o1 = w1 - 2*w2\n  P  = o1*3\n");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layout = Layout::new(self, Detail::Shared);
        let lines =
            layout.lines.iter().map(|&id| (layout.label(id), layout.formula(id, &Style::TRACE)));
        let aliases = layout.aliases.iter().map(|&(name, id)| (name.to_owned(), layout.label(id)));
        let rows: Vec<_> = lines.chain(aliases).collect();
        writeln!(f, "{}", self.signature())?;
        f.write_str(&align(&rows, "  "))
    }
}

impl Function {
    /// One line that tells the size, whatever it is.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x"], |x| x[0] * x[0])?;
    /// assert_eq!(f.summary(), "P(x): 1 input, 1 output, 1 operation, 2 nodes, 2 edges");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let sizes = [
            counted(self.inputs().len(), "input"),
            counted(self.outputs().len(), "output"),
            counted(self.graph().operation_count(), "operation"),
            counted(self.graph().len(), "node"),
            counted(self.graph().edge_count(), "edge"),
        ];
        format!("{}: {}", self.signature(), sizes.join(", "))
    }
}
