//! Loops as formulas: Σ for sums, indexed symbols for what each iteration keeps, recursions for states.
//!
//! Each definition holds for all iterations of the loops around it. What is added to places of a vector is told place by
//! place: the sum over the iterations that reach it.

use super::{Definition, Derivative, Formulas};
use crate::error::Error;
use crate::explain::derivatives_of_sum;
use crate::function::Function;
use crate::function_text::table;
use crate::graph::{Loop, Slice};
use crate::layout::{Bodies, Detail, Layout, Turn};
use crate::node::{Node, NodeId};
use crate::place_text::{Called, Names};
use crate::script::{Script, Written};
use crate::walk::{Feed, Outcome, Walk};

/// What each value of a function with loops is.
pub(super) fn definitions(function: &Function) -> Vec<Definition> {
    let (layout, names) = Layout::with_names(function, Detail::Shared, Bodies::Indexed);
    let mut telling = Telling { names, ranges: Vec::new(), definitions: Vec::new() };
    telling.lines(&layout);
    for &(name, id) in &layout.aliases {
        telling.define(name.to_owned(), value(&layout, id));
    }
    let tables = telling.names.tables().iter();
    let tables: Vec<Definition> = tables
        .map(|(places, name)| {
            let list = table(places);
            let list = Written::each(|script| match script {
                Script::Latex => list.replace("...", r"\dots"),
                _ => list.clone(),
            });
            Definition { name: name.clone(), formula: list }
        })
        .collect();
    tables.into_iter().chain(telling.definitions).collect()
}

/// The formulas of functions whose outputs are sums over loops, with Σ: if all derivatives can be told so.
pub(super) fn of_sums(function: &Function) -> Result<Option<Formulas>, Error> {
    /// Each derivative is found by itself.
    const MOST: usize = 1000;
    let variables = function.inputs().variable_positions();
    if variables.len().saturating_mul(function.outputs().len()) > MOST {
        return Ok(None);
    }
    let names: Vec<String> =
        variables.iter().map(|&position| function.inputs().name(position)).collect();
    let mut derivatives = Vec::new();
    for output in function.output_names() {
        let Some(found) = derivatives_of_sum(&function.select(&[&output])?, &names)? else {
            return Ok(None);
        };
        derivatives.extend(names.iter().zip(found).map(|(by, (symbol, formula))| Derivative {
            of: output.to_owned(),
            by: vec![by.clone()],
            symbol,
            formula,
        }));
    }
    Ok(Some(Formulas { definitions: definitions(function), derivatives }))
}

/// A name or a formula.
fn value(layout: &Layout<'_>, id: NodeId) -> Written {
    match layout.is_atom(id) {
        true => name(&layout.label(id)),
        false => Written::formula(layout, id),
    }
}

fn name(name: &str) -> Written {
    Written::each(|script| script.name(name))
}

struct Telling {
    names: Names,
    /// The counters that are open, each with how many numbers it goes through.
    ranges: Vec<(String, usize)>,
    definitions: Vec<Definition>,
}

impl Telling {
    /// A definition for all iterations of the open loops.
    fn define(&mut self, name: impl Into<String>, formula: Written) {
        let ranges = &self.ranges;
        let formula = Written::each(|script| {
            let formula = formula.in_script(script);
            let each = ranges.iter().map(|(counter, count)| match script {
                Script::Latex => format!(r"{counter} = 0, \dots, {}", last(*count)),
                _ => format!("{counter} = 0..{}", last(*count)),
            });
            let each: Vec<String> = each.collect();
            match (each.is_empty(), script) {
                (true, _) => formula.to_owned(),
                (false, Script::Latex) => {
                    format!(r"{formula} \quad \text{{for }} {}", each.join(r",\; "))
                }
                (false, _) => format!("{formula}  for {}", each.join(", ")),
            }
        });
        self.definitions.push(Definition { name: name.into(), formula });
    }

    fn lines(&mut self, layout: &Layout<'_>) {
        let mut blocks = layout.blocks.iter().peekable();
        for number in 0..=layout.lines.len() {
            while let Some((_, head)) = blocks.next_if(|(before, _)| *before == number) {
                match layout.graph.loop_of(*head) {
                    Some(repeated) => self.repeat(layout, *head, repeated),
                    None => self.vector(layout, *head),
                }
            }
            if let Some(&id) = layout.lines.get(number) {
                self.define(layout.label(id), Written::formula(layout, id));
            }
        }
    }

    fn vector(&mut self, layout: &Layout<'_>, head: NodeId) {
        let width = layout.graph.width(head);
        let entries: Vec<NodeId> = match layout.graph.node(head) {
            Node::Copy(_) => layout.graph.vector(head).to_vec(),
            _ => (head.index()..head.index() + width).map(NodeId::new).collect(),
        };
        const SHOWN: usize = 4;
        const LONGEST: usize = 16;
        let long = entries.len() > LONGEST;
        let shown = |k: &usize| !long || *k < SHOWN || k + 1 == entries.len();
        let written: Vec<Written> =
            (0..entries.len()).filter(shown).map(|k| value(layout, entries[k])).collect();
        let list = Written::each(|script| {
            let mut words: Vec<&str> = written.iter().map(|one| one.in_script(script)).collect();
            if long {
                words.insert(SHOWN, if script == Script::Latex { r"\dots" } else { "..." });
            }
            match script {
                Script::Latex => format!(r"\left({}\right)", words.join(", ")),
                _ => format!("[{}]", words.join(", ")),
            }
        });
        self.define(layout.called(head).slice(width), list);
    }

    fn repeat(&mut self, around: &Layout<'_>, head: NodeId, repeated: &Loop) {
        let counter = self.names.counter(self.ranges.len());
        let operands = around.graph.operands(head);
        let feeds = repeated.feeds.iter().zip(repeated.operand_places()).enumerate();
        for (input, (feed, operand)) in feeds {
            if let (Feed::Carried { .. }, Some(operand)) = (feed, operand) {
                let first = Slice { first: operands[operand], width: repeated.input_width(input) };
                let first = match first.width {
                    1 => value(around, first.first),
                    _ => name(&around.slice(first)),
                };
                self.define(format!("{}[0]", around.state(head, input)), first);
            }
        }
        let body =
            Layout::of_body(around, head, Turn::Every(&counter), Detail::Shared, &mut self.names);
        self.ranges.push((counter.clone(), repeated.iterations));
        self.lines(&body);
        for (input, feed) in repeated.feeds.iter().enumerate() {
            if let Feed::Carried { from } = feed {
                let next = format!("{}[{counter} + 1]", around.state(head, input));
                let width = repeated.output_width(*from);
                let to = if width == 1 { Called::alone(next) } else { Called::vector(next, width) };
                self.each_entry(&to, &body, repeated.outputs()[*from]);
            }
        }
        let mut told: Vec<Outcome> = Vec::new();
        for (outcome, place) in repeated.places().filter(|(_, place)| !place.is_empty()) {
            if told.contains(&outcome) {
                continue;
            }
            told.push(outcome);
            let called = around.called(NodeId::new(head.index() + place.start));
            match outcome {
                Outcome::Last { .. } => {}
                Outcome::Sequence { output } => {
                    let walk = Walk::even(0, repeated.output_width(output) as i64);
                    let to = called.along(&walk, &counter, &mut self.names);
                    self.each_entry(&to, &body, repeated.outputs()[output]);
                }
                Outcome::Sum { output } => {
                    self.ranges.pop();
                    self.sum(&called, &body, repeated.outputs()[output], &counter, repeated);
                    self.ranges.push((counter.clone(), repeated.iterations));
                }
                Outcome::Target { target } => {
                    self.ranges.pop();
                    self.target(&called, &body, target, &counter, repeated);
                    self.ranges.push((counter.clone(), repeated.iterations));
                }
            }
        }
        self.ranges.pop();
        body.leave(&mut self.names);
    }

    /// What an output of an iteration defines, entry by entry.
    fn each_entry(&mut self, to: &Called, body: &Layout<'_>, from: Slice) {
        if from.width == 1 {
            return self.define(to.to_string(), value(body, from.first));
        }
        let entry = self.names.counter(self.ranges.len());
        let mut at = |called: &Called| called.along(&Walk::even(0, 1), &entry, &mut self.names);
        let (to, from_entry) = (at(to), at(&body.called(from.first)));
        self.ranges.push((entry, from.width));
        self.define(to.to_string(), name(&from_entry.to_string()));
        self.ranges.pop();
    }

    fn sum(&mut self, to: &Called, body: &Layout<'_>, from: Slice, counter: &str, repeated: &Loop) {
        let over = |term: Written| {
            Written::each(|script| {
                let (term, last) = (term.in_script(script), last(repeated.iterations));
                match script {
                    Script::Ascii => format!("sum({counter} = 0..{last}, {term})"),
                    Script::Unicode => format!("Σ({counter} = 0..{last}) {}", script.factor(term)),
                    Script::Latex => {
                        format!(r"\sum_{{{counter}=0}}^{{{last}}} {}", script.factor(term))
                    }
                }
            })
        };
        if from.width == 1 {
            return self.define(to.to_string(), over(value(body, from.first)));
        }
        let entry = self.names.counter(self.ranges.len() + 1);
        let mut at = |called: &Called| called.along(&Walk::even(0, 1), &entry, &mut self.names);
        let (to, from_entry) = (at(to), at(&body.called(from.first)));
        self.ranges.push((entry, from.width));
        self.define(to.to_string(), over(name(&from_entry.to_string())));
        self.ranges.pop();
    }

    /// A place of a target: the sum of what the iterations add that reach it.
    fn target(
        &mut self,
        to: &Called,
        body: &Layout<'_>,
        target: usize,
        counter: &str,
        repeated: &Loop,
    ) {
        let target = &repeated.targets[target];
        let place = self.names.counter(self.ranges.len() + 1);
        let to = to.along(&Walk::even(0, 1), &place, &mut self.names);
        let mut terms: Vec<Written> = Vec::new();
        for (output, walk) in &target.writes {
            let from = repeated.outputs()[*output];
            let there =
                Called::vector("", usize::MAX).along(walk, counter, &mut self.names).place();
            let (when, term) = if from.width == 1 {
                (format!("{there} = {place}"), value(body, from.first))
            } else {
                let entry = body.called(from.first).back(&place, walk, counter, &mut self.names);
                let end = Called::vector("", usize::MAX)
                    .along(
                        &Walk { start: walk.start + from.width as i64 - 1, ..walk.clone() },
                        counter,
                        &mut self.names,
                    )
                    .place();
                (format!("{there} <= {place} <= {end}"), name(&entry.to_string()))
            };
            terms.push(Written::each(|script| {
                let term = term.in_script(script);
                match script {
                    Script::Ascii => format!("sum({counter} with {when}, {term})"),
                    Script::Unicode => {
                        format!("Σ({counter} with {})", when.replace("<=", "≤"))
                            + " "
                            + &script.factor(term)
                    }
                    Script::Latex => {
                        let when = latex_condition(&when);
                        format!(r"\sum_{{{counter} :\, {when}}} {}", script.factor(term))
                    }
                }
            }));
        }
        let all = Written::each(|script| {
            script.sum(terms.iter().map(|term| term.in_script(script).to_owned()))
        });
        self.ranges.push((place, target.width));
        self.define(to.to_string(), all);
        self.ranges.pop();
    }
}

fn last(count: usize) -> String {
    count.checked_sub(1).map_or_else(|| "-1".into(), |last| last.to_string())
}

/// A condition on places in LaTeX.
fn latex_condition(when: &str) -> String {
    let side = |text: &str| {
        // As a place of a vector without a name would have it.
        let whole = Script::Latex.name(&format!("x[{text}]"));
        let inside = whole.strip_prefix("x_{").and_then(|rest| rest.strip_suffix('}'));
        inside.map_or_else(|| text.to_owned(), str::to_owned)
    };
    match when.split_once(" = ") {
        Some((left, right)) => format!("{} = {}", side(left), side(right)),
        None => when.split(" <= ").map(side).collect::<Vec<_>>().join(r" \le "),
    }
}
