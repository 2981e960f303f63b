//! Which values of a graph have a line of their own, and what all of them are called; everything else stands inside of the
//! formulas of these lines.
//!
//! The body of a loop has a layout, too: what it reads is called by what it is around the loop.

use std::collections::{BTreeMap, HashSet};

use crate::formula_text::Style;
use crate::function::{Function, Output};
use crate::graph::{Graph, Loop, Slice};
use crate::node::{Node, NodeId};
use crate::place_text::{Called, Moving, Names};
use crate::walk::{Feed, Outcome};

/// Formulas with more operations than this are cut into lines, so that writing them never recurses deeply.
pub(crate) const LARGEST_FORMULA: usize = 32;
/// In longer formulas than this, what is shared gets a line, so that nobody reads it twice.
const READABLE_FORMULA: usize = 16;
/// Shared values of this many operations or fewer are read as fast as a name.
const WORTH_A_NAME: usize = 3;

/// How much of a graph gets a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Named values, outputs, and what is used more than once.
    #[default]
    Shared,
    /// Every operation.
    Every,
}

/// How what a loop's body has is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bodies {
    /// As it is: whoever reads stands in the body.
    Inside,
    /// With the iteration behind it, `t1[i=0]`: as in traces.
    Traced,
    /// With the counter behind it, `t1[i]`, and states with the number of iterations before: as in formulas.
    Indexed,
}

/// Which iterations of a loop names in its body are for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Turn<'a> {
    /// All, by the name of the counter.
    Every(&'a str),
    /// The one of this number, and the name of the counter.
    One(&'a str, usize),
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
                Node::Result { .. } => matches!(
                    result(graph, output.node),
                    Some((Outcome::Sum { .. } | Outcome::Target { .. }, Slice { width: 1, .. }))
                ),
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
            names.is_free(name);
        }
        take_names_of_bodies(graph, &mut names);
        let reads: Vec<Slice> =
            function.outputs().iter().map(|output| Slice::one(output.node)).collect();
        layout.choose_lines(&reads, detail, own, &mut names);
        (layout, names)
    }

    /// The layout of a loop's body. What it reads is called by what it is around the loop.
    ///
    /// `names` remember the names of the body's values until [`Layout::leave`].
    pub(crate) fn of_body(
        around: &Layout<'f>,
        head: NodeId,
        turn: Turn<'_>,
        detail: Detail,
        names: &mut Names,
    ) -> Layout<'f> {
        let Some(repeated) = around.graph.loop_of(head) else { return Layout::empty(around.graph) };
        let mut layout = Layout { bodies: around.bodies, ..Layout::empty(repeated.body()) };
        let behind = |base: &str| match (around.bodies, turn) {
            (Bodies::Inside, _) => base.to_owned(),
            (Bodies::Indexed, Turn::Every(counter)) => format!("{base}[{counter}]"),
            (Bodies::Indexed, Turn::One(_, iteration)) => format!("{base}[{iteration}]"),
            (Bodies::Traced, Turn::Every(counter)) => joined(base, counter),
            (Bodies::Traced, Turn::One(counter, iteration)) => {
                joined(base, &format!("{counter}={iteration}"))
            }
        };
        layout.suffix = behind(&around.suffix);
        let operands = around.graph.operands(head);
        let states = around.states.get(&head);
        let inputs = repeated.feeds.iter().zip(repeated.operand_places()).enumerate();
        let inputs = inputs.map(|(input, (feed, operand))| match feed {
            Feed::Read(walk) => operand.map_or(Called::alone(""), |operand| {
                let called = around.called(operands[operand]);
                match turn {
                    Turn::Every(counter) => called.along(walk, counter, names),
                    Turn::One(_, iteration) => called.moved(walk.at(iteration)),
                }
            }),
            Feed::Carried { .. } => {
                let state = states.and_then(|states| states[input].as_deref()).unwrap_or_default();
                let state = behind(state);
                match repeated.input_width(input) {
                    1 => Called::alone(state),
                    width => Called::vector(state, width),
                }
            }
            Feed::Counter { start, step } => {
                let number = match turn {
                    Turn::Every(counter) => Moving::number(*start).plus(0, *step, counter),
                    Turn::One(_, iteration) => Moving::number(start + step * iteration as i64),
                };
                Called::alone(match number.is_atom() {
                    true => number.to_string(),
                    false => format!("({number})"),
                })
            }
        });
        layout.inputs = Some(inputs.collect());
        let mut own: BTreeMap<NodeId, Box<str>> = BTreeMap::new();
        for (id, name) in repeated.body().names() {
            if names.enter(name) {
                layout.entered.push(name);
                own.insert(id, format!("{name}{}", layout.suffix).into());
            }
        }
        let reads = outputs_read(repeated);
        layout.choose_lines(&reads, detail, own, names);
        layout
    }

    /// The names of a body's values are free again.
    pub(crate) fn leave(&self, names: &mut Names) {
        self.entered.iter().for_each(|name| names.leave(name));
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

    /// `reads`: what is read from outside of the graph, as often as it is. `own`: the names that nodes have.
    fn choose_lines(
        &mut self,
        reads: &[Slice],
        detail: Detail,
        own: BTreeMap<NodeId, Box<str>>,
        names: &mut Names,
    ) {
        let graph = self.graph;
        let place_of = |id: NodeId| graph.stored_place(resolved(graph, id));
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
            let index = graph.stored_place(id);
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
                    if needs_name.contains(&id) {
                        let is_numbers = matches!(graph.node(id), Node::Constant(_));
                        let name = self.numbered_name(if is_numbers { "c" } else { "v" }, names);
                        let width = graph.width(id);
                        self.parts.insert(id, (width, Called::vector(name, width)));
                        self.blocks.push((self.lines.len(), id));
                    }
                    self.name_entries(id, &own);
                }
                Node::Result { .. } => {
                    self.name_results(id, &own, names);
                    self.blocks.push((self.lines.len(), id));
                    self.name_entries(id, &own);
                }
            }
        }
    }

    /// What the results of a loop are called, and its states.
    fn name_results(&mut self, head: NodeId, own: &BTreeMap<NodeId, Box<str>>, names: &mut Names) {
        let Some(repeated) = self.graph.loop_of(head) else { return };
        let mut states: Vec<Option<String>> = vec![None; repeated.feeds.len()];
        let mut known: Vec<(Outcome, Called)> = Vec::new();
        for (outcome, place) in repeated.places() {
            let first = NodeId::new(head.index() + place.start);
            if place.is_empty() || self.parts.contains_key(&first) {
                continue;
            }
            let given =
                || own.get(&first).filter(|_| place.len() == 1).map(|name| String::from(&**name));
            let same = known.iter().find(|(other, _)| *other == outcome);
            let called = match (same, outcome) {
                (Some((_, called)), _) => called.clone(),
                (None, Outcome::Sequence { .. }) => {
                    Called::vector(self.numbered_name("t", names), place.len())
                }
                (None, Outcome::Last { input }) => {
                    let name = given().unwrap_or_else(|| self.numbered_name("s", names));
                    states[input] = Some(name.clone());
                    let name = match self.bodies {
                        Bodies::Inside | Bodies::Traced => name,
                        Bodies::Indexed => format!("{name}[{}]", repeated.iterations),
                    };
                    if place.len() == 1 {
                        Called::alone(name)
                    } else {
                        Called::vector(name, place.len())
                    }
                }
                (None, _) => match place.len() {
                    1 => Called::alone(given().unwrap_or_else(|| self.numbered_name("t", names))),
                    _ => Called::vector(self.numbered_name("t", names), place.len()),
                },
            };
            known.push((outcome, called.clone()));
            self.parts.insert(first, (place.len(), called));
        }
        for (state, feed) in states.iter_mut().zip(&repeated.feeds) {
            if state.is_none() && matches!(feed, Feed::Carried { .. }) {
                *state = Some(self.numbered_name("s", names));
            }
        }
        self.states.insert(head, states);
    }

    /// Names that were given to single entries of what is wide: each has a line.
    fn name_entries(&mut self, head: NodeId, own: &BTreeMap<NodeId, Box<str>>) {
        let end = NodeId::new(head.index() + self.graph.width(head));
        for (&id, name) in own.range(head..end) {
            if self.parts.get(&id).is_none_or(|(_, called)| *called != Called::alone(&**name)) {
                self.entries.insert(id, name.clone());
                self.lines.push(id);
            }
        }
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

    /// What a state of a loop is called.
    pub(crate) fn state(&self, head: NodeId, input: usize) -> &str {
        let states = self.states.get(&head);
        states.and_then(|states| states[input].as_deref()).unwrap_or_default()
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

/// A name with an iteration behind it: `t1[i=0, j=2]`.
pub(crate) fn joined(base: &str, iteration: &str) -> String {
    match base.strip_suffix(']').filter(|base| base.contains('=')) {
        Some(base) => format!("{base}, {iteration}]"),
        None => format!("{base}[{iteration}]"),
    }
}

/// The value that an entry of a vector copies; other nodes are themselves.
pub(crate) fn resolved(graph: &Graph, mut id: NodeId) -> NodeId {
    while let Node::Copy(of) = graph.node(id) {
        id = of;
    }
    id
}

/// The result of a loop that a node belongs to.
pub(crate) fn result(graph: &Graph, id: NodeId) -> Option<(Outcome, Slice)> {
    let Node::Result { number, place, .. } = graph.node(id) else { return None };
    let head = id.index() - place;
    let mut places = graph.repeated(number).places();
    let (outcome, range) = places.find(|(_, range)| range.contains(&place))?;
    Some((outcome, Slice { first: NodeId::new(head + range.start), width: range.len() }))
}

/// The vector among a loop's results whose entries are this output and the next ones, and what it is called.
fn whole_part(function: &Function, place: usize) -> Option<(&str, Slice)> {
    let outputs = function.outputs();
    let base = outputs[place].name.strip_suffix("[0]")?;
    let (outcome, part) = result(function.graph(), outputs[place].node)?;
    let is_vector = part.width > 1 || matches!(outcome, Outcome::Sequence { .. });
    let entries = outputs.get(place..place.checked_add(part.width)?)?;
    let is_entry = |(k, output): (usize, &Output)| {
        let index = output
            .name
            .strip_prefix(base)
            .and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']')?.parse::<usize>().ok());
        output.node.index() == part.first.index() + k && index == Some(k)
    };
    (is_vector && entries.iter().enumerate().all(is_entry)).then_some((base, part))
}

/// Nothing is numbered as a body's value is called.
fn take_names_of_bodies(graph: &Graph, names: &mut Names) {
    for id in graph.heads() {
        if let Some(repeated) = graph.loop_of(id) {
            repeated.body().names().for_each(|(_, name)| names.take(name));
            take_names_of_bodies(repeated.body(), names);
        }
    }
}

/// What a loop reads by walks, and whole vectors: it has to have a name.
fn read_by_name(graph: &Graph, repeated: &Loop, operands: &[NodeId]) -> Vec<NodeId> {
    let feeds = repeated.feeds.iter().zip(repeated.operand_places()).enumerate();
    let named = feeds.filter_map(|(input, (feed, operand))| {
        let operand = operands[operand?];
        let is_read = matches!(feed, Feed::Read(_)) || repeated.input_width(input) > 1;
        is_read.then(|| graph.part(operand).first)
    });
    named.collect()
}

/// The outputs of a body, as often as what is told of the loop says them.
pub(crate) fn outputs_read(repeated: &Loop) -> Vec<Slice> {
    let carried = repeated.feeds.iter().filter_map(|feed| match feed {
        Feed::Carried { from } => Some(*from),
        _ => None,
    });
    let given = repeated.outcomes.iter().flat_map(|outcome| match *outcome {
        Outcome::Last { .. } => Vec::new(),
        Outcome::Sequence { output } | Outcome::Sum { output } => vec![output],
        Outcome::Target { target } => {
            repeated.targets[target].writes.iter().map(|(output, _)| *output).collect()
        }
    });
    carried.chain(given).map(|output| repeated.outputs()[output]).collect()
}
