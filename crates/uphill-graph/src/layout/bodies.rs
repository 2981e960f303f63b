//! Names in bodies of loops, and of what loops give.

use std::collections::BTreeMap;

use super::{Detail, Layout};
use crate::function::{Function, Output};
use crate::graph::{Graph, Loop, Slice};
use crate::node::{Node, NodeId};
use crate::place_text::{Called, Moving, Names};
use crate::walk::{Feed, Outcome};

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

impl<'f> Layout<'f> {
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
        let reads = outputs_of_body(repeated);
        layout.choose_lines(&reads, detail, own, names);
        layout
    }

    /// The names of a body's values are free again.
    pub(crate) fn leave(&self, names: &mut Names) {
        self.entered.iter().for_each(|name| names.leave(name));
    }

    /// What the results of a loop are called, and its states.
    pub(super) fn name_results(
        &mut self,
        head: NodeId,
        own: &BTreeMap<NodeId, Box<str>>,
        names: &mut Names,
    ) {
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
                        Bodies::Indexed if !repeated.is_implicit() => {
                            format!("{name}[{}]", repeated.iterations)
                        }
                        _ => name,
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
    pub(super) fn name_entries(&mut self, head: NodeId, own: &BTreeMap<NodeId, Box<str>>) {
        let end = NodeId::new(head.index() + self.graph.width(head));
        for (&id, name) in own.range(head..end) {
            if self.parts.get(&id).is_none_or(|(_, called)| *called != Called::alone(&**name)) {
                self.entries.insert(id, name.clone());
                self.lines.push(id);
            }
        }
    }

    /// What a state of a loop is called.
    pub(crate) fn state(&self, head: NodeId, input: usize) -> &str {
        let states = self.states.get(&head);
        states.and_then(|states| states[input].as_deref()).unwrap_or_default()
    }
}

/// A name with an iteration behind it: `t1[i=0, j=2]`.
pub(crate) fn joined(base: &str, iteration: &str) -> String {
    match base.strip_suffix(']').filter(|base| base.contains('=')) {
        Some(base) => format!("{base}, {iteration}]"),
        None => format!("{base}[{iteration}]"),
    }
}

/// The result of a loop that a node belongs to.
pub(super) fn result(graph: &Graph, id: NodeId) -> Option<(Outcome, Slice)> {
    let Node::Result { number, place, .. } = graph.node(id) else { return None };
    let head = id.index() - place;
    let mut places = graph.repeated(number).places();
    let (outcome, range) = places.find(|(_, range)| range.contains(&place))?;
    Some((outcome, Slice { first: NodeId::new(head + range.start), width: range.len() }))
}

/// The vector among a loop's results whose entries are this output and the next ones, and what it is called.
pub(super) fn whole_part(function: &Function, place: usize) -> Option<(&str, Slice)> {
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
pub(super) fn take_names_of_bodies(graph: &Graph, names: &mut Names) {
    for id in graph.heads() {
        if let Some(repeated) = graph.loop_of(id) {
            repeated.body().names().for_each(|(_, name)| names.take(name));
            take_names_of_bodies(repeated.body(), names);
        }
    }
}

/// What a loop reads by walks, and whole vectors: it has to have a name.
pub(super) fn read_by_name(graph: &Graph, repeated: &Loop, operands: &[NodeId]) -> Vec<NodeId> {
    if repeated.is_implicit() {
        let given = repeated.given_nodes(operands).into_iter();
        return given.map(|(_, node)| graph.part(node).first).collect();
    }
    let feeds = repeated.feeds.iter().zip(repeated.operand_places()).enumerate();
    let named = feeds.filter_map(|(input, (feed, operand))| {
        let operand = operands[operand?];
        let is_read = matches!(feed, Feed::Read(_)) || repeated.input_width(input) > 1;
        is_read.then(|| graph.part(operand).first)
    });
    named.collect()
}

/// The outputs of a body, as often as what is told of the loop says them.
pub(super) fn outputs_of_body(repeated: &Loop) -> Vec<Slice> {
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
