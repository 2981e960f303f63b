//! Graphs as text people can read: one line a named, shared or final value, everything else inside its formula.

use std::collections::HashSet;
use std::fmt;

use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::{ATOM, Form, Op, POWER, PRODUCT, SIGN, SUM};

/// Formulas with more operations than this are cut into lines, so that writing them never recurses deeply.
pub(crate) const LARGEST_FORMULA: usize = 32;
/// Of longer lists of operands the first few and the last one are shown.
const LONGEST_LIST: usize = 32;
const SHOWN_OF_LONG_LIST: usize = 4;

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
        taken.extend(function.output_names().map(str::to_owned));
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
            None => self.formula(id, &Style::ASCII),
        }
    }

    /// The formula of a node, in terms of labels.
    pub(crate) fn formula(&self, id: NodeId, style: &Style) -> String {
        let mut out = String::new();
        Writer { layout: self, style, out: &mut out }.formula(id, 0);
        out
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
}

/// The signs of a kind of text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) times: &'static str,
    pub(crate) minus: &'static str,
}

impl Style {
    pub(crate) const ASCII: Style = Style { times: "*", minus: "-" };
    pub(crate) const UNICODE: Style = Style { times: "·", minus: "−" };
}

struct Writer<'a> {
    layout: &'a Layout<'a>,
    style: &'a Style,
    out: &'a mut String,
}

impl Writer<'_> {
    /// An operand: its name, or its formula in parentheses if it binds looser than `least`.
    fn operand(&mut self, id: NodeId, least: u8) {
        if let Some(label) = &self.layout.labels[id.index()] {
            self.out.push_str(label);
            return;
        }
        self.formula(id, least);
    }

    /// As [`Writer::operand`], behind a sign or a star: what begins with a minus goes into parentheses.
    fn later_operand(&mut self, id: NodeId, least: u8) {
        let start = self.out.len();
        self.operand(id, least);
        if self.out[start..].starts_with(self.style.minus) {
            self.out.insert(start, '(');
            self.out.push(')');
        }
    }

    fn number(&mut self, x: f64) {
        self.out.push_str(&number(x, None).replace('-', self.style.minus));
    }

    fn formula(&mut self, id: NodeId, least: u8) {
        let (op, x) = match self.layout.graph.node(id) {
            Node::Op(op, x) => (op, x),
            Node::Constant(c) => return self.number(c),
            Node::Input(position) => {
                return self.out.push_str(&self.layout.graph.inputs().name(position));
            }
        };
        let precedence = precedence(op, x.len());
        let parentheses = precedence < least;
        if parentheses {
            self.out.push('(');
        }
        match (op.form(), x) {
            (Form::Infix("+", _), _) => self.sum(x),
            (Form::Infix("-", _), &[a, b]) => {
                self.operand(a, SUM);
                self.out.push_str(&format!(" {} ", self.style.minus));
                self.later_operand(b, PRODUCT);
            }
            (Form::Infix("^", _), &[a, b]) => {
                let start = self.out.len();
                self.operand(a, ATOM);
                // (-2)^3 is not -2^3.
                if self.out[start..].starts_with(self.style.minus) {
                    self.out.insert(start, '(');
                    self.out.push(')');
                }
                self.out.push('^');
                self.later_operand(b, ATOM);
            }
            (Form::Infix(symbol @ ("*" | "/"), _), &[a, b]) => {
                self.operand(a, PRODUCT);
                self.out.push_str(if symbol == "*" { self.style.times } else { symbol });
                self.later_operand(b, SIGN);
            }
            (Form::Infix(symbol, own), &[a, b]) => {
                self.operand(a, own + 1);
                self.out.push_str(&format!(" {symbol} "));
                self.operand(b, own + 1);
            }
            (Form::Prefix(..), &[a]) => {
                self.out.push_str(self.style.minus);
                self.later_operand(a, POWER);
            }
            (Form::Superscript(exponent), &[a]) => {
                self.operand(a, ATOM);
                self.out.push('^');
                self.out.push_str(exponent);
            }
            (Form::Reciprocal, &[a]) => {
                self.out.push_str("1/");
                self.later_operand(a, SIGN);
            }
            (Form::Sum, [_, _, ..]) => self.sum(x),
            (Form::SumOfProducts, [_, _, ..]) => self.sum_of_products(x),
            (Form::Product, [_, _, ..]) => self.listed(x, |writer, k, factor| {
                if k == 0 {
                    writer.operand(factor, PRODUCT);
                } else {
                    writer.out.push_str(writer.style.times);
                    writer.later_operand(factor, SIGN);
                }
            }),
            _ => {
                self.out.push_str(op.name());
                self.out.push('(');
                self.listed(x, |writer, k, operand| {
                    if k > 0 {
                        writer.out.push_str(", ");
                    }
                    writer.operand(operand, 0);
                });
                self.out.push(')');
            }
        }
        if parentheses {
            self.out.push(')');
        }
    }

    /// Writes the items of a list, the middle of a long one cut.
    fn listed<T: Copy>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, usize, T)) {
        for (k, &item) in items.iter().enumerate() {
            if items.len() > LONGEST_LIST && k == SHOWN_OF_LONG_LIST {
                let hidden = items.len() - SHOWN_OF_LONG_LIST - 1;
                self.out.push_str(&format!(" ... ({hidden} more) ..."));
            }
            if items.len() <= LONGEST_LIST || k < SHOWN_OF_LONG_LIST || k + 1 == items.len() {
                write(self, k, item);
            }
        }
    }

    fn sum(&mut self, terms: &[NodeId]) {
        self.listed(terms, |writer, k, term| {
            if k == 0 {
                writer.operand(term, SUM);
            } else {
                writer.signed(|writer| writer.operand(term, PRODUCT));
            }
        });
    }

    fn sum_of_products(&mut self, operands: &[NodeId]) {
        let pairs: Vec<[NodeId; 2]> =
            operands.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
        self.listed(&pairs, |writer, k, [a, b]| {
            let product = |writer: &mut Self| {
                writer.operand(a, PRODUCT);
                writer.out.push_str(writer.style.times);
                writer.later_operand(b, SIGN);
            };
            if k == 0 { product(writer) } else { writer.signed(product) }
        });
    }

    /// A term behind another one: ` + term`, or ` - term` where the term begins with a minus.
    fn signed(&mut self, write: impl FnOnce(&mut Self)) {
        let start = self.out.len();
        write(self);
        let minus = self.style.minus;
        if self.out[start..].starts_with(minus) {
            self.out.replace_range(start..start + minus.len(), &format!(" {minus} "));
        } else {
            self.out.insert_str(start, " + ");
        }
    }
}

/// How tightly a formula binds.
pub(crate) fn precedence(op: Op, operands: usize) -> u8 {
    match op.form() {
        Form::Infix(_, own) | Form::Prefix(_, own) => own,
        Form::Sum | Form::SumOfProducts if operands > 1 => {
            if op == Op::Dot && operands == 2 {
                PRODUCT
            } else {
                SUM
            }
        }
        Form::Product if operands > 1 => PRODUCT,
        Form::Reciprocal => PRODUCT,
        Form::Superscript(_) => POWER,
        _ => ATOM,
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
            layout.lines.iter().map(|&id| (layout.label(id), layout.formula(id, &Style::ASCII)));
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
