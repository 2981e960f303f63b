//! Scenes of functions with loops: a frame around each body, and arrows that say what goes in and comes out.
//!
//! A vector is one shape, whatever its length, and a body is drawn once. Arrows into a body tell what they read, `[i + 1]`;
//! those out of it what becomes of a value: `next`, `sum`, `each`, or where it is added.

use std::collections::{BTreeMap, HashSet};

use super::{Arrow, Frame, Look, PictureOptions, Scene, Shape, check_size, place, sign};
use crate::error::Error;
use crate::formula_text::Style;
use crate::function::Function;
use crate::graph::{Graph, Loop, Slice};
use crate::layout::{Bodies, Detail, Layout, Turn, resolved};
use crate::node::{Node, NodeId};
use crate::place_text::{Called, Names};
use crate::print::number;
use crate::walk::{Feed, Outcome, Walk};

pub(super) fn scene(function: &Function, options: &PictureOptions) -> Result<Scene, Error> {
    check_size(function.graph().operation_count(), options)?;
    let (layout, names) = Layout::with_names(function, options.detail, Bodies::Inside);
    let outputs = function.outputs().iter().map(|output| output.node).collect();
    let mut aliases: BTreeMap<NodeId, Vec<&str>> = BTreeMap::new();
    for &(name, id) in &layout.aliases {
        aliases.entry(id).or_default().push(name);
    }
    let mut drawing = Drawing { options, names, scene: Scene::default(), aliases };
    let top = Level { layout: &layout, prefix: String::new(), frame: None, outputs };
    drawing.graph(&top, 0, |position| function.inputs().is_variable(position));
    check_size(drawing.scene.shapes.len(), options)?;
    Ok(drawing.scene)
}

/// A graph that is drawn: the function's own, or a body.
struct Level<'a> {
    layout: &'a Layout<'a>,
    /// Before the keys of its shapes.
    prefix: String,
    frame: Option<usize>,
    /// The nodes that are drawn whatever they are.
    outputs: HashSet<NodeId>,
}

impl Level<'_> {
    fn key(&self, id: NodeId) -> String {
        format!("{}{id}", self.prefix)
    }

    /// The vector that is drawn for a node, if it is of one.
    fn part(&self, id: NodeId) -> Option<Slice> {
        match self.layout.graph.node(id) {
            Node::Op(..) => None,
            Node::Constant(_) | Node::Copy(_) if !self.layout.is_named_part(id) => None,
            _ => {
                Some(self.layout.graph.part(id)).filter(|_| self.layout.graph.single(id).is_none())
            }
        }
    }
}

struct Drawing<'a> {
    options: &'a PictureOptions,
    names: Names,
    scene: Scene,
    aliases: BTreeMap<NodeId, Vec<&'a str>>,
}

impl Drawing<'_> {
    fn graph(&mut self, level: &Level<'_>, depth: usize, is_variable: impl Fn(usize) -> bool) {
        let layout = level.layout;
        let graph = layout.graph;
        for id in graph.heads() {
            let width = graph.width(id);
            match graph.node(id) {
                Node::Input(position) => {
                    let look = if is_variable(position) { Look::Variable } else { Look::Parameter };
                    let label = vector_label(layout, Slice { first: id, width });
                    self.shape(level, id, look, vec![label]);
                }
                Node::Constant(x) if graph.single(id).is_some() => {
                    if layout.is_atom(id) {
                        let lines = vec![layout.label(id), number(x, None)];
                        self.shape(level, id, Look::Named, lines);
                    } else if level.outputs.contains(&id) {
                        self.shape(level, id, Look::Named, vec![number(x, None)]);
                    }
                }
                Node::Constant(_) | Node::Copy(_) => {
                    if layout.is_named_part(id) {
                        let label = vector_label(layout, Slice { first: id, width });
                        self.shape(level, id, Look::Named, vec![label]);
                        if matches!(graph.node(id), Node::Copy(_)) {
                            let entries: Vec<NodeId> = graph.vector(id).to_vec();
                            self.vector(level, id, &entries);
                        }
                    }
                }
                Node::Op(op, operands) => {
                    let has_line = layout.is_atom(id);
                    if self.options.detail == Detail::Shared {
                        if has_line || level.outputs.contains(&id) {
                            let formula = layout.formula(id, &Style::TRACE);
                            let label = if has_line {
                                format!("{} = {formula}", layout.label(id))
                            } else {
                                formula
                            };
                            let named = has_line && !layout.is_numbered(id);
                            let look = if named { Look::Named } else { Look::Operation };
                            self.shape(level, id, look, vec![label]);
                            for atom in layout.atoms(id) {
                                self.arrow(level, atom, &level.key(id), None);
                            }
                        }
                        continue;
                    }
                    let named = has_line && !layout.is_numbered(id);
                    let label = named.then(|| layout.label(id)).into_iter();
                    let lines = label.chain([sign(op).to_owned()]).collect();
                    let look = if named { Look::Named } else { Look::Operation };
                    self.shape(level, id, look, lines);
                    for (slot, &operand) in operands.iter().enumerate() {
                        let words = place(op, slot, operands.len());
                        self.reading(level, operand, &level.key(id), slot, words);
                    }
                }
                Node::Result { .. } => {
                    if let Some(repeated) = graph.loop_of(id) {
                        self.repeat(level, id, repeated, depth);
                    }
                }
            }
        }
    }

    fn shape(&mut self, level: &Level<'_>, id: NodeId, look: Look, mut lines: Vec<String>) {
        let width = level.part(id).map_or(1, |part| part.width);
        let own = || (id.index()..id.index() + width).map(NodeId::new);
        if level.frame.is_none() {
            let title = lines[0].clone();
            let single = width == 1;
            for (&node, names) in self.aliases.range(id..NodeId::new(id.index() + width)) {
                let what = if single { title.clone() } else { level.layout.label(node) };
                lines.extend(names.iter().map(|name| format!("{name} = {what}")));
            }
            // A vector of thousands has no room for the names of all that comes out.
            const MOST: usize = 8;
            if lines.len() > MOST {
                let more = lines.len() - MOST + 1;
                lines.truncate(MOST - 1);
                lines.push(format!("... ({more} more)"));
            }
            let numbers = [("value", &self.options.values), ("adjoint", &self.options.adjoints)];
            for (what, of) in numbers {
                let number = of.get(&id).filter(|_| single);
                lines.extend(number.map(|&x| format!("{what} {}", number_text(x, self.options))));
            }
        }
        let is_output = level.frame.is_none() && own().any(|id| level.outputs.contains(&id));
        let frame = level.frame;
        self.scene.shapes.push(Shape { key: level.key(id), look, is_output, lines, frame });
    }

    /// An arrow from what a node is drawn as.
    fn arrow(&mut self, level: &Level<'_>, from: NodeId, to: &str, words: Option<String>) {
        let from = resolved_in(level, from);
        let (from, entry) = match level.part(from) {
            Some(part) if part.width > 1 => {
                (part.first, Some(format!("[{}]", from.index() - part.first.index())))
            }
            _ => (from, None),
        };
        let words = match (words, entry) {
            (Some(words), Some(entry)) => Some(format!("{words} {entry}")),
            (words, entry) => words.or(entry),
        };
        self.scene.arrows.push(Arrow { from: level.key(from), to: to.into(), place: words });
    }

    /// As [`Drawing::arrow`]; a number without a name stands beside its use.
    fn reading(
        &mut self,
        level: &Level<'_>,
        from: NodeId,
        to: &str,
        slot: usize,
        words: Option<String>,
    ) {
        let from = resolved_in(level, from);
        match level.layout.graph.node(from) {
            Node::Constant(x)
                if !level.layout.is_atom(from)
                    && level.part(from).is_none()
                    && !level.outputs.contains(&from) =>
            {
                let key = format!("{to}c{slot}");
                let lines = vec![number(x, None)];
                let frame = level.frame;
                self.scene.shapes.push(Shape {
                    key: key.clone(),
                    look: Look::Number,
                    is_output: false,
                    lines,
                    frame,
                });
                self.scene.arrows.push(Arrow { from: key, to: to.into(), place: words });
            }
            // What stands inside of a formula has no shape: what it reads leads on.
            Node::Op(..)
                if self.options.detail == Detail::Shared
                    && !level.layout.is_atom(from)
                    && !level.outputs.contains(&from) =>
            {
                for atom in level.layout.atoms(from) {
                    self.arrow(level, atom, to, words.clone());
                }
            }
            _ => self.arrow(level, from, to, words),
        }
    }

    fn vector(&mut self, level: &Level<'_>, head: NodeId, entries: &[NodeId]) {
        let to = level.key(head);
        for (slot, &entry) in entries.iter().enumerate() {
            self.reading(level, entry, &to, slot, Some(format!("to [{slot}]")));
        }
    }

    fn repeat(&mut self, level: &Level<'_>, head: NodeId, repeated: &Loop, depth: usize) {
        let counter = self.names.counter(depth);
        let layout = Layout::of_body(
            level.layout,
            head,
            Turn::Every(&counter),
            self.options.detail,
            &mut self.names,
        );
        let frame = self.scene.frames.len();
        self.scene.frames.push(Frame {
            key: level.key(head),
            title: format!("for {counter} in 0..{}", repeated.iterations()),
            parent: level.frame,
        });
        let outputs = repeated.outputs().iter().map(|slice| slice.first).collect();
        let prefix = format!("{}_", level.key(head));
        let body = Level { layout: &layout, prefix, frame: Some(frame), outputs };
        self.graph(&body, depth + 1, |_| true);
        let operands = level.layout.graph.operands(head);
        let inputs = input_nodes(repeated.body());
        for (input, (feed, operand)) in
            repeated.feeds().iter().zip(repeated.operand_places()).enumerate()
        {
            let to = body.key(inputs[input]);
            match (feed, operand) {
                (Feed::Read(walk), Some(operand)) => {
                    let from = operands[operand];
                    match level.part(from).filter(|part| part.width > 1) {
                        Some(part) => {
                            let words = self.walk_words(from, part, walk, &counter);
                            let words = words.slice(repeated.input_width(input));
                            let words = if walk.lookup().is_some() { "by a table" } else { &words };
                            self.scene.arrows.push(Arrow {
                                from: level.key(part.first),
                                to,
                                place: Some(words.into()),
                            });
                        }
                        None => self.reading(level, from, &to, input, None),
                    }
                }
                (Feed::Carried { from }, Some(operand)) => {
                    self.reading(level, operands[operand], &to, input, Some("first".into()));
                    let next = repeated.outputs()[*from].first;
                    self.reading(
                        &body,
                        next,
                        &to,
                        repeated.feeds().len() + input,
                        Some("next".into()),
                    );
                }
                _ => {}
            }
        }
        self.results(level, head, repeated, &body, &counter);
        layout.leave(&mut self.names);
    }

    /// The place of a vector that a body reads.
    fn walk_words(&mut self, from: NodeId, part: Slice, walk: &Walk, counter: &str) -> Called {
        let first = Called::vector("", part.width).entry(from.index() - part.first.index());
        first.along(walk, counter, &mut self.names)
    }

    /// The results of a loop, outside of its frame.
    fn results(
        &mut self,
        level: &Level<'_>,
        head: NodeId,
        repeated: &Loop,
        body: &Level<'_>,
        counter: &str,
    ) {
        let mut slot = 2 * repeated.feeds().len();
        for (outcome, range) in repeated.places().filter(|(_, range)| !range.is_empty()) {
            let first = NodeId::new(head.index() + range.start);
            let label = vector_label(level.layout, Slice { first, width: range.len() });
            self.shape(level, first, Look::Named, vec![label]);
            let to = level.key(first);
            let outputs: Vec<(NodeId, String)> = match outcome {
                Outcome::Last { input } => {
                    vec![(input_nodes(repeated.body())[input], "last".into())]
                }
                Outcome::Sequence { output } => {
                    vec![(repeated.outputs()[output].first, "each".into())]
                }
                Outcome::Sum { output } => vec![(repeated.outputs()[output].first, "sum".into())],
                Outcome::Target { target } => {
                    let target = &repeated.targets()[target];
                    let writes = target.writes.iter().map(|(output, walk)| {
                        let slice = repeated.outputs()[*output];
                        let to = Called::vector("", target.width)
                            .along(walk, counter, &mut self.names)
                            .slice(slice.width);
                        let to = if walk.lookup().is_some() { " by a table".into() } else { to };
                        (slice.first, format!("+= {to}").trim_end().replace("=  ", "= "))
                    });
                    writes.collect()
                }
            };
            for (from, words) in outputs {
                self.reading(body, from, &to, slot, Some(words));
                slot += 1;
            }
        }
    }
}

fn number_text(x: f64, options: &PictureOptions) -> String {
    number(x, options.digits)
}

/// What an entry of a vector that is not drawn copies.
fn resolved_in(level: &Level<'_>, id: NodeId) -> NodeId {
    if level.part(id).is_some() { id } else { resolved(level.layout.graph, id) }
}

fn input_nodes(graph: &Graph) -> Vec<NodeId> {
    let spans = graph.inputs().spans();
    spans.map(|(_, positions)| graph.input_nodes()[positions.start]).collect()
}

/// `x[0..8]`, or the name alone of a single value.
fn vector_label(layout: &Layout<'_>, slice: Slice) -> String {
    let called = layout.called(slice.first);
    match called.index_of_vector() {
        Some(first) if slice.width > 1 || layout.graph.single(slice.first).is_none() => {
            called.range(&first, slice.width)
        }
        _ => layout.label(slice.first),
    }
}
