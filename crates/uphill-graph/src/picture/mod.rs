//! Pictures of a function as text: DOT for Graphviz, and Mermaid for Markdown.
//!
//! Both draw one scene, made here: which nodes appear, what is written on each, and which arrows join them. Data flows
//! from left to right. Inputs and named values are boxes, other operations are round, outputs have a double border, and
//! a number without a name stands, small, beside each of its uses. What a loop repeats stands once, in a frame. The writers
//! know signs and colours, nothing else.

mod dot;
mod loops;
mod mermaid;

use std::collections::BTreeMap;

use crate::error::Error;
use crate::formula_text::Style;
use crate::function::Function;
use crate::layout::{Detail, Layout};
use crate::node::{Node, NodeId};
use crate::op::{Form, Op};
use crate::print::number;
use crate::view::sign;

/// How many nodes a picture has at most, unless told otherwise.
const LIMIT: usize = 10_000;

/// What a picture shows: how much detail, which numbers, and how large it may be.
///
/// ```
/// use uphill_graph::{Detail, Function, PictureOptions};
///
/// let f = Function::record(["x", "y"], |v| v[0] / v[1])?;
/// let values = f.node_values(&[1.0, 3.0])?;
/// let options = PictureOptions::new()
///     .detail(Detail::Shared) // One node a line of the text form.
///     .values(f.graph().ids().zip(values))
///     .digits(3);
/// let picture = f.to_mermaid(&options)?;
/// assert!(picture.contains("P = x/y<br/>value 0.333"));
/// # Ok::<(), uphill_graph::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PictureOptions {
    detail: Detail,
    limit: usize,
    digits: Option<usize>,
    values: BTreeMap<NodeId, f64>,
    adjoints: BTreeMap<NodeId, f64>,
}

impl Default for PictureOptions {
    fn default() -> PictureOptions {
        PictureOptions {
            detail: Detail::Every,
            limit: LIMIT,
            digits: None,
            values: BTreeMap::new(),
            adjoints: BTreeMap::new(),
        }
    }
}

impl PictureOptions {
    /// Every operation, no values, at most 10,000 nodes.
    #[must_use]
    pub fn new() -> PictureOptions {
        PictureOptions::default()
    }

    /// Sets what gets a node of its own: every operation, or, with [`Detail::Shared`], named values, outputs and what
    /// is used more than once, each with its formula.
    #[must_use]
    pub fn detail(self, detail: Detail) -> PictureOptions {
        PictureOptions { detail, ..self }
    }

    /// Sets how many nodes a picture may have.
    #[must_use]
    pub fn limit(self, nodes: usize) -> PictureOptions {
        PictureOptions { limit: nodes, ..self }
    }

    /// Rounds values and adjoints to significant digits; otherwise they are the shortest that read back the same.
    #[must_use]
    pub fn digits(self, digits: usize) -> PictureOptions {
        PictureOptions { digits: Some(digits), ..self }
    }

    /// Adds values of nodes, which are written on them. The latest value of a node counts; nodes that the picture
    /// leaves out, numbers without a name among them, are passed over.
    ///
    /// All values at a point: `function.graph().ids().zip(function.node_values(&x)?)`.
    #[must_use]
    pub fn values(mut self, values: impl IntoIterator<Item = (NodeId, f64)>) -> PictureOptions {
        self.values.extend(values);
        self
    }

    /// Adds adjoints of nodes, as [`values`](PictureOptions::values).
    #[must_use]
    pub fn adjoints(mut self, adjoints: impl IntoIterator<Item = (NodeId, f64)>) -> PictureOptions {
        self.adjoints.extend(adjoints);
        self
    }
}

impl Function {
    /// The graph in Graphviz's DOT language, drawn from left to right.
    ///
    /// Inputs and named values are boxes (dashed for parameters), other operations are ellipses, and outputs have a
    /// double border. Where the order of operands matters, the arrows tell it: `1st`, `2nd`. What a [loop](crate::loops)
    /// repeats is drawn once, in a frame, with arrows that tell what it reads, and vectors are one box. The text depends
    /// on the function and the options alone. `dot -Tsvg` makes a picture of it, on a transparent ground.
    ///
    /// # Arguments
    ///
    /// `options`: detail, values and adjoints to show, and the largest size: see [`PictureOptions`].
    ///
    /// # Returns
    ///
    /// The text, with a line break at its end. Nodes are called by their numbers: `n0`, `n1`; the number in operand
    /// slot 1 of `n5` is `n5c1`.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if there are more nodes than the limit, [`Error::UnknownName`] if a value or adjoint is
    /// given for a node that the function doesn't have.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges, and in the length of the formulas with [`Detail::Shared`](crate::Detail::Shared).
    ///
    /// ```
    /// use uphill_graph::{Function, PictureOptions};
    /// let f = Function::record(["x"], |x| x[0] - 1.0)?;
    /// let dot = f.to_dot(&PictureOptions::new())?;
    /// assert!(dot.starts_with("digraph \"P(x)\" {\n  rankdir=LR;"));
    /// assert!(dot.contains("  n0 -> n2 [label=\"1st\"];"));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn to_dot(&self, options: &PictureOptions) -> Result<String, Error> {
        Ok(dot::write(&Scene::new(self, options)?, &self.signature()))
    }

    /// The graph as a Mermaid flowchart, which Markdown viewers draw in a ` ```mermaid ` block.
    ///
    /// The content is that of [`to_dot`](Function::to_dot); outputs are boxes with double sides. Mermaid itself draws
    /// at most 500 edges unless its `maxEdges` is set higher: [`Detail::Shared`](crate::Detail::Shared) needs fewer.
    ///
    /// # Arguments
    ///
    /// `options`: detail, values and adjoints to show, and the largest size: see [`PictureOptions`].
    ///
    /// # Returns
    ///
    /// The text, with a line break at its end.
    ///
    /// # Errors
    ///
    /// As [`to_dot`](Function::to_dot).
    ///
    /// # Complexity
    ///
    /// As [`to_dot`](Function::to_dot).
    ///
    /// ```
    /// use uphill_graph::{Function, PictureOptions, Scalar};
    /// let f = Function::record(["x"], |x| x[0].sin())?;
    /// let mermaid = f.to_mermaid(&PictureOptions::new())?;
    /// assert!(mermaid.starts_with("flowchart LR\n  n0[\"x\"]:::variable\n"));
    /// assert!(mermaid.contains("  n0 --> n1\n"));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn to_mermaid(&self, options: &PictureOptions) -> Result<String, Error> {
        Ok(mermaid::write(&Scene::new(self, options)?))
    }
}

/// What a drawn node looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Variable,
    Parameter,
    /// A named value, or an output.
    Named,
    /// An operation without a name.
    Operation,
    /// A number beside its use.
    Number,
}

/// A drawn node.
#[derive(Debug)]
struct Shape {
    key: String,
    look: Look,
    is_output: bool,
    lines: Vec<String>,
    /// The frame around it.
    frame: Option<usize>,
}

/// A frame around what a loop repeats.
#[derive(Debug)]
struct Frame {
    key: String,
    title: String,
    parent: Option<usize>,
}

/// A drawn edge, with the operand's place where it matters.
#[derive(Debug)]
struct Arrow {
    from: String,
    to: String,
    place: Option<String>,
}

/// All that is drawn, in order of evaluation.
#[derive(Debug, Default)]
struct Scene {
    shapes: Vec<Shape>,
    arrows: Vec<Arrow>,
    frames: Vec<Frame>,
}

impl Scene {
    fn new(function: &Function, options: &PictureOptions) -> Result<Scene, Error> {
        let function = &*function.with_single_outputs();
        let graph = function.graph();
        let annotated = options.values.keys().chain(options.adjoints.keys());
        if let Some(id) = annotated.max().filter(|id| id.index() >= graph.len()) {
            let known = graph.ids().map(|id| id.to_string());
            return Err(Error::unknown("node", &id.to_string(), known));
        }
        let is_number = |id: NodeId| matches!(graph.node(id), Node::Constant(_));
        if graph.has_loops() {
            return loops::scene(function, options);
        }
        if options.detail == Detail::Every {
            // What is drawn at least: the numbers are not known by name yet.
            let operations = graph.inputs().len() + graph.operation_count();
            check_size(operations, options)?;
        }
        let layout = Layout::new(function, options.detail);
        let outputs: std::collections::HashSet<NodeId> =
            function.outputs().iter().map(|output| output.node).collect();
        let alone = |id: NodeId| is_number(id) && !layout.is_atom(id) && !outputs.contains(&id);
        let drawn: Vec<NodeId> = graph
            .ids()
            .filter(|&id| match options.detail {
                Detail::Every => !alone(id),
                Detail::Shared => layout.is_atom(id) || outputs.contains(&id),
            })
            .collect();
        let beside = |id: NodeId| {
            let operands = if options.detail == Detail::Every { graph.operands(id) } else { &[] };
            operands.iter().filter(|&&operand| alone(operand)).count()
        };
        check_size(drawn.len() + drawn.iter().map(|&id| beside(id)).sum::<usize>(), options)?;

        let mut aliases: BTreeMap<NodeId, Vec<&str>> = BTreeMap::new();
        for &(name, id) in &layout.aliases {
            aliases.entry(id).or_default().push(name);
        }
        let mut scene = Scene::default();
        for id in drawn {
            let (look, mut lines) = describe(function, &layout, options.detail, id);
            let title = lines[0].clone();
            let names = aliases.get(&id).into_iter().flatten();
            lines.extend(
                names.filter(|&&name| name != title).map(|name| format!("{name} = {title}")),
            );
            let numbers = [("value", &options.values), ("adjoint", &options.adjoints)];
            for (what, of) in numbers {
                let number = of.get(&id).map(|&x| number(x, options.digits));
                lines.extend(number.map(|number| format!("{what} {number}")));
            }
            match options.detail {
                Detail::Every => scene.connect_operands(function, id, alone),
                Detail::Shared => scene.connect_atoms(&layout, id),
            }
            let is_output = outputs.contains(&id);
            scene.shapes.push(Shape { key: id.to_string(), look, is_output, lines, frame: None });
        }
        Ok(scene)
    }

    /// Arrows from the operands, and the numbers that stand beside them.
    fn connect_operands(
        &mut self,
        function: &Function,
        user: NodeId,
        alone: impl Fn(NodeId) -> bool,
    ) {
        let graph = function.graph();
        let Node::Op(op, operands) = graph.node(user) else { return };
        for (slot, &operand) in operands.iter().enumerate() {
            let mut from = operand.to_string();
            if let (Node::Constant(x), true) = (graph.node(operand), alone(operand)) {
                from = format!("{user}c{slot}");
                let lines = vec![number(x, None)];
                let look = Look::Number;
                let key = from.clone();
                self.shapes.push(Shape { key, look, is_output: false, lines, frame: None });
            }
            let place = place(op, slot, operands.len());
            self.arrows.push(Arrow { from, to: user.to_string(), place });
        }
    }

    /// Arrows from the named values that a formula reads.
    fn connect_atoms(&mut self, layout: &Layout<'_>, user: NodeId) {
        for atom in layout.atoms(user) {
            let (from, to) = (atom.to_string(), user.to_string());
            self.arrows.push(Arrow { from, to, place: None });
        }
    }
}

fn check_size(nodes: usize, options: &PictureOptions) -> Result<(), Error> {
    if nodes <= options.limit {
        return Ok(());
    }
    let what = format!(
        "a picture of {nodes} nodes, where at most {} are allowed; raise it with `PictureOptions::limit({nodes})`, \
         or draw less with `Detail::Shared`",
        options.limit
    );
    Err(Error::Unsupported { what })
}

/// What a node looks like and what is written on it, its name or sign first.
fn describe(
    function: &Function,
    layout: &Layout<'_>,
    detail: Detail,
    id: NodeId,
) -> (Look, Vec<String>) {
    let named = layout.is_atom(id) && !layout.is_numbered(id);
    match (function.graph().node(id), detail) {
        (Node::Input(position), _) if function.inputs().is_variable(position) => {
            (Look::Variable, vec![layout.label(id)])
        }
        (Node::Input(_), _) => (Look::Parameter, vec![layout.label(id)]),
        (Node::Constant(x), _) if named => (Look::Named, vec![layout.label(id), number(x, None)]),
        (Node::Constant(x), _) => (Look::Named, vec![number(x, None)]),
        (Node::Op(..), Detail::Shared) => {
            let formula = layout.formula(id, &Style::TRACE);
            let look = if named { Look::Named } else { Look::Operation };
            (look, vec![format!("{} = {formula}", layout.label(id))])
        }
        (Node::Op(op, _), Detail::Every) if named => {
            (Look::Named, vec![layout.label(id), sign(op).into()])
        }
        (Node::Op(op, _), Detail::Every) => (Look::Operation, vec![sign(op).into()]),
        (Node::Copy(_), _) => (Look::Operation, vec![layout.label(id)]),
        (Node::Result { .. }, _) => (Look::Operation, vec![layout.label(id)]),
    }
}

/// What an arrow says of the operand's slot: nothing where the order doesn't matter.
fn place(op: Op, slot: usize, operands: usize) -> Option<String> {
    let symmetric =
        matches!(op, Op::Add | Op::Mul | Op::Hypot | Op::Min | Op::Max | Op::Equal | Op::NotEqual)
            || matches!(op, Op::LogSumExp | Op::Mean)
            || matches!(op.form(), Form::Sum | Form::Product);
    if symmetric || operands < 2 {
        return None;
    }
    Some(match (op, slot) {
        (Op::Select, 0) => "if".into(),
        (Op::Select, 1) => "then".into(),
        (Op::Select, 2) => "else".into(),
        // Only which factors belong together matters.
        (Op::Dot, _) => format!("pair {}", slot / 2 + 1),
        _ => ordinal(slot + 1),
    })
}

fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}
