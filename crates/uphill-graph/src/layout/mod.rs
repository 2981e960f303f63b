//! Which values of a graph have a line of their own, and what all of them are called; everything else stands inside of the
//! formulas of these lines.
//!
//! The body of a loop has a layout, too: what it reads is called by what it is around the loop.

mod bodies;
mod reading;
mod roots;

use std::collections::{BTreeMap, HashSet};

pub(crate) use bodies::{Bodies, Turn, joined};
use bodies::{read_by_name, result, take_names_of_bodies, whole_part};

use crate::formula_text::Style;
use crate::function::Function;
use crate::graph::{Graph, Slice};
use crate::node::{Node, NodeId};
use crate::place_text::{Called, Names};
use crate::walk::Outcome;

/// Formulas with more operations than this are cut into lines, so that writing them never recurses deeply.
pub(crate) const LARGEST_FORMULA: usize = 32;
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
    bodies: Bodies,
    /// Behind the names of a body's values: `[i]`.
    suffix: String,
    /// The names of values that a body has given.
    entered: Vec<&'f str>,
    /// The label of each node with a line, by its place among the stored nodes.
    labels: Vec<Option<Box<str>>>,
    /// How the groups of a body's inputs are called; none where inputs have names of their own.
    inputs: Option<Vec<Called>>,
    /// Vectors that have a name, and results of loops, by their first node: how many values, and what they are called.
    parts: BTreeMap<NodeId, (usize, Called)>,
    /// Names that entries of these have beside their places.
    entries: BTreeMap<NodeId, Box<str>>,
    /// The nodes with a line, in order of evaluation; neither inputs nor whole vectors and loops are among them.
    pub(crate) lines: Vec<NodeId>,
    /// Vectors that have a line and loops, by their first node, each with the number of lines before it.
    pub(crate) blocks: Vec<(usize, NodeId)>,
    /// By a loop's first node: what is carried, by input of its body.
    states: BTreeMap<NodeId, Vec<Option<String>>>,
    /// Outputs that are inputs, numbers, or the same node as an earlier output: name and node.
    pub(crate) aliases: Vec<(&'f str, NodeId)>,
    /// Lines that nobody has named: `t1`, `t2`, ….
    numbered: HashSet<NodeId>,
}

impl<'f> Layout<'f> {
    pub(crate) fn new(function: &'f Function, detail: Detail) -> Layout<'f> {
        Layout::with_names(function, detail, Bodies::Inside).0
    }

    /// The layout of a function, and the names that are given to what its loops hold.
    pub(crate) fn with_names(
        function: &'f Function,
        detail: Detail,
        bodies: Bodies,
    ) -> (Layout<'f>, Names) {
        let graph = function.graph();
        let groups = graph.inputs().groups().iter();
        let mut names = Names::new(groups.map(|group| group.name.clone()).collect());
        let mut own: BTreeMap<NodeId, Box<str>> = BTreeMap::new();
        for (id, name) in graph.names() {
            own.insert(id, name.into());
            names.is_free(name);
        }
        let mut layout = Layout { bodies, ..Layout::empty(graph) };
        let mut outputs = function.outputs().iter().enumerate();
        while let Some((place, output)) = outputs.next() {
            if let Some((base, part)) = whole_part(function, place)
                && names.is_free(base)
            {
                layout.parts.insert(part.first, (part.width, Called::vector(base, part.width)));
                if let Some(skipped) = part.width.checked_sub(2) {
                    outputs.nth(skipped);
                }
                continue;
            }
            let can_be_named = match graph.node(output.node) {
                Node::Op(..) => true,
                Node::Result { number, .. } => match result(graph, output.node) {
                    Some((Outcome::Sum { .. } | Outcome::Target { .. }, slice)) => slice.width == 1,
                    Some((_, slice)) => slice.width == 1 && graph.repeated(number).is_implicit(),
                    None => false,
                },
                _ => false,
            };
            let known = own.get(&output.node);
            if can_be_named
                && known.is_none()
                && graph.inputs().positions(&output.name).is_err()
                && names.is_free(&output.name)
            {
                own.insert(output.node, output.name.as_str().into());
            } else if known.is_none_or(|known| **known != *output.name)
                && graph.name(output.node).as_ref() != Some(&output.name)
            {
                layout.aliases.push((output.name.as_str(), output.node));
            }
        }
        for name in function.output_names() {
            names.is_free(&name);
        }
        take_names_of_bodies(graph, &mut names);
        let reads: Vec<Slice> =
            function.outputs().iter().map(|output| Slice::one(output.node)).collect();
        layout.choose_lines(&reads, detail, own, &mut names);
        (layout, names)
    }

    fn empty(graph: &'f Graph) -> Layout<'f> {
        Layout {
            graph,
            bodies: Bodies::Inside,
            suffix: String::new(),
            entered: Vec::new(),
            labels: vec![None; graph.stored_count()],
            inputs: None,
            parts: BTreeMap::new(),
            entries: BTreeMap::new(),
            lines: Vec::new(),
            blocks: Vec::new(),
            states: BTreeMap::new(),
            aliases: Vec::new(),
            numbered: HashSet::new(),
        }
    }

    /// `reads`: what is read from outside of the graph, as often as it is. `own`: the names that nodes have.
    fn choose_lines(
        &mut self,
        reads: &[Slice],
        detail: Detail,
        own: BTreeMap<NodeId, Box<str>>,
        names: &mut Names,
    ) {
        let graph = self.graph;
        let place_of = |id: NodeId| graph.place(resolved(graph, id)).0;
        let mut uses = vec![0_u32; graph.stored_count()];
        let mut needs_name: HashSet<NodeId> = HashSet::new();
        for id in graph.heads() {
            for &operand in graph.vector(id) {
                uses[place_of(operand)] += 1;
            }
            if let Some(repeated) = graph.loop_of(id) {
                needs_name.extend(read_by_name(graph, repeated, graph.operands(id)));
            }
        }
        for read in reads {
            uses[place_of(read.first)] += 1;
            if read.width > 1 {
                needs_name.insert(graph.part(read.first).first);
            }
        }
        let mut size = vec![0_usize; graph.stored_count()];
        for id in graph.heads() {
            let index = graph.place(id).0;
            match graph.node(id) {
                Node::Input(_) => {}
                Node::Op(_, operands) => {
                    let sizes = || operands.iter().map(|&operand| size[place_of(operand)]);
                    let whole = 1 + sizes().max().unwrap_or(0).max(sizes().sum());
                    size[index] = whole;
                    let has_line = own.contains_key(&id)
                        || needs_name.contains(&id)
                        || (detail == Detail::Every && uses[index] > 0)
                        || uses[index] > 1
                        || whole > LARGEST_FORMULA;
                    if !has_line {
                        continue;
                    }
                    size[index] = 0;
                    let label = own.get(&id).cloned().unwrap_or_else(|| {
                        self.numbered.insert(id);
                        self.numbered_name("t", names).into()
                    });
                    self.labels[index] = Some(label);
                    self.lines.push(id);
                }
                Node::Constant(_) if graph.single(id).is_some() => {
                    self.labels[index] = own.get(&id).cloned();
                }
                Node::Constant(_) | Node::Copy(_) => {
                    if needs_name.contains(&id)
                        && let Some(called) = self.entries_of_inputs(id)
                    {
                        self.parts.insert(id, (graph.width(id), called));
                    } else if needs_name.contains(&id) {
                        let is_numbers = matches!(graph.node(id), Node::Constant(_));
                        let name = self.numbered_name(if is_numbers { "c" } else { "v" }, names);
                        let width = graph.width(id);
                        self.parts.insert(id, (width, Called::vector(name, width)));
                        self.blocks.push((self.lines.len(), id));
                    }
                    self.name_entries(id, &own);
                }
                Node::Result { number, .. } if graph.repeated(number).is_implicit() => {
                    self.name_results(id, &own, names);
                    let unknowns = (0..graph.width(id)).map(|k| NodeId::new(id.index() + k));
                    let unnamed = unknowns.clone().filter(|id| !own.contains_key(id));
                    self.numbered.extend(unnamed);
                    self.lines.extend(unknowns);
                }
                Node::Result { .. } => {
                    self.name_results(id, &own, names);
                    self.blocks.push((self.lines.len(), id));
                    self.name_entries(id, &own);
                }
            }
        }
    }

    /// What a vector is called that is put together of inputs with neighbouring names: `w[1]` of `w[1]`, `w[2]`, `w[3]`.
    fn entries_of_inputs(&self, id: NodeId) -> Option<Called> {
        let Node::Copy(_) = self.graph.node(id) else { return None };
        if self.inputs.is_some() {
            return None;
        }
        let entry = |id: NodeId| {
            let Node::Input(position) = self.graph.node(id) else { return None };
            let name = self.graph.inputs().name(position);
            let (base, index) = name.strip_suffix(']')?.rsplit_once('[')?;
            let number: usize = index.parse().ok()?;
            (number.to_string() == index).then(|| (base.to_owned(), number))
        };
        let entries = self.graph.vector(id);
        let (base, first) = entry(*entries.first()?)?;
        let is_next = |(k, id): (usize, &NodeId)| {
            entry(*id).is_some_and(|(other, index)| other == base && index == first + k)
        };
        let all = entries.iter().enumerate().all(is_next);
        all.then(|| Called::vector(base, usize::MAX).entry(first))
    }

    fn numbered_name(&self, prefix: &'static str, names: &mut Names) -> String {
        names.numbered(prefix) + &self.suffix
    }

    fn set_label(&mut self, id: NodeId, label: &str) {
        match self.graph.single(id) {
            Some(place) => self.labels[place] = Some(label.into()),
            None => drop(self.entries.insert(id, label.into())),
        }
    }

    fn narrow_label(&self, id: NodeId) -> Option<&str> {
        self.graph.single(id).and_then(|place| self.labels[place].as_deref())
    }

    /// Whether a node is referred to by name rather than by its formula: inputs, results of loops, and nodes with a line.
    pub(crate) fn is_atom(&self, id: NodeId) -> bool {
        match self.graph.node(id) {
            Node::Input(_) | Node::Result { .. } => true,
            Node::Copy(of) => {
                self.entries.contains_key(&id) || self.is_atom(resolved(self.graph, of))
            }
            Node::Op(..) | Node::Constant(_) => {
                self.narrow_label(id).is_some() || self.entries.contains_key(&id)
            }
        }
    }

    /// Whether a vector that a node is an entry of has a name: results of loops, and vectors that loops read.
    pub(crate) fn is_named_part(&self, id: NodeId) -> bool {
        let before = self.parts.range(..=id).next_back();
        before.is_some_and(|(first, (width, _))| id.index() < first.index() + width)
    }

    /// Whether a line has its label only from being counted.
    pub(crate) fn is_numbered(&self, id: NodeId) -> bool {
        self.numbered.contains(&id)
    }

    /// The name of a node with a line or of an input; else its formula.
    pub(crate) fn label(&self, id: NodeId) -> String {
        let own = self.narrow_label(id).or_else(|| self.entries.get(&id).map(|name| &**name));
        match (own, self.graph.node(id)) {
            (Some(label), _) => label.to_owned(),
            (None, Node::Input(_) | Node::Result { .. }) => self.called(id).to_string(),
            (None, Node::Copy(of)) => self.label(resolved(self.graph, of)),
            (None, _) => self.formula(id, &Style::TRACE),
        }
    }

    /// How a value is called where walks go on from it.
    pub(crate) fn called(&self, id: NodeId) -> Called {
        if let Some((first, (width, called))) = self.parts.range(..=id).next_back()
            && id.index() < first.index() + width
        {
            return called.entry(id.index() - first.index());
        }
        match (self.graph.node(id), &self.inputs) {
            (Node::Input(position), inputs) => {
                let (group, within) = self.graph.inputs().place(position);
                let own = || {
                    let group = &self.graph.inputs().groups()[group];
                    match group.length {
                        None => Called::alone(&*group.name),
                        Some(length) => Called::vector(&*group.name, length as usize),
                    }
                };
                inputs.as_ref().map_or_else(own, |inputs| inputs[group].clone()).entry(within)
            }
            (Node::Copy(of), _) => self.called(resolved(self.graph, of)),
            (Node::Constant(_), _) if !self.is_atom(id) => {
                let text = self.label(id);
                Called::alone(if text.starts_with('-') { format!("({text})") } else { text })
            }
            _ => Called::alone(self.label(id)),
        }
    }

    /// The entries of a vector: a name with places, or the name alone for a whole one.
    pub(crate) fn slice(&self, slice: Slice) -> String {
        match slice.width {
            1 => self.label(slice.first),
            width => self.called(slice.first).slice(width),
        }
    }

    /// The nodes with labels that a line's formula reads, each once, in order of appearance.
    pub(crate) fn atoms(&self, line: NodeId) -> Vec<NodeId> {
        let mut atoms = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: Vec<NodeId> = self.graph.operands(line).iter().rev().copied().collect();
        while let Some(id) = waiting.pop() {
            let id = if self.entries.contains_key(&id) { id } else { resolved(self.graph, id) };
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

/// The value that an entry of a vector copies; other nodes are themselves.
pub(crate) fn resolved(graph: &Graph, mut id: NodeId) -> NodeId {
    while let Node::Copy(of) = graph.node(id) {
        id = of;
    }
    id
}
