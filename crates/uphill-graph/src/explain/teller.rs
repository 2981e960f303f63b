//! An explanation put together: which steps, in which order, with which terms, and what is known of each.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::formulas::{Formulas, formulas, regular};
use super::{Explanation, Known, Product, Step};
use crate::error::Error;
use crate::function::Function;
use crate::layout::Layout;
use crate::node::NodeId;
use crate::script::Written;
use crate::trace::Trace;

/// What explanations of one output are made of.
pub(super) struct Teller<'a> {
    layout: &'a Layout<'a>,
    top: NodeId,
    /// Inputs, lines and other names of these, by their labels.
    by_label: HashMap<String, NodeId>,
    /// The values of which alone the output is a function.
    regular: HashSet<NodeId>,
    formulas: Formulas,
    numbers: Option<Numbers<'a>>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(
        function: &'a Function,
        layout: &'a Layout<'a>,
        numbers: Option<Numbers<'a>>,
    ) -> Teller<'a> {
        let atoms = layout.graph.input_nodes().iter().chain(&layout.lines);
        let labels = atoms.map(|&id| (layout.label(id), id));
        let aliases = layout.aliases.iter().map(|&(name, id)| (name.to_owned(), id));
        let by_label = aliases.chain(labels).collect();
        let top = function.outputs()[0].node;
        // At a point totals are told as numbers.
        let with_totals = numbers.is_none();
        let (regular, formulas) = (regular(layout.graph, top), formulas(layout, top, with_totals));
        Teller { layout, top, by_label, regular, formulas, numbers }
    }

    pub(super) fn tell(&self, output: &str, by: &str) -> Result<Explanation, Error> {
        let Some(&target) = self.by_label.get(by) else {
            let inputs = self.layout.graph.input_nodes().iter();
            let known = inputs.chain(&self.layout.lines).map(|&id| self.layout.label(id));
            return Err(Error::unknown("value", by, known));
        };
        let order = in_reading_order(target, &self.formulas.readers);
        let mut steps: Vec<Step> = Vec::new();
        let mut lines = BTreeSet::from([self.top]);
        for &id in order.iter().filter(|id| self.formulas.readers.contains_key(id)) {
            let (symbol, result) = self.total(output, id);
            let readers = &self.formulas.readers[&id];
            lines.extend(readers);
            let terms = readers.iter().map(|&line| self.term(output, line, id)).collect();
            steps.push(Step { symbol, terms, result });
        }
        if steps.is_empty() {
            // The output itself, or something on which it does not depend.
            let value = if target == self.top { 1.0 } else { 0.0 };
            let formula = Written::each(|script| script.number(value, None));
            let value = self.numbers.as_ref().map(|_| value);
            let result = Known { formula: Some(formula), value };
            let symbol = Written::each(|script| script.derivative(output, &[by], false));
            steps.push(Step { symbol, terms: Vec::new(), result });
        }
        let lines = lines.into_iter().filter(|&id| self.layout.lines.binary_search(&id).is_ok());
        let definitions =
            lines.map(|id| (self.layout.label(id), Written::formula(self.layout, id))).collect();
        let symbol = steps.last().map(|step| step.symbol.clone()).unwrap_or_default();
        Ok(Explanation { symbol, definitions, steps, digits: None })
    }

    /// The derivative of the output by a value: its symbol and what is known of it.
    fn total(&self, output: &str, id: NodeId) -> (Written, Known) {
        let name = self.layout.label(id);
        let regular = self.regular.contains(&id);
        let symbol = Written::each(|script| script.derivative(output, &[&name], regular));
        let Some(numbers) = &self.numbers else {
            let formula = self.formulas.totals.get(&id).cloned();
            return (symbol, Known { formula, value: None });
        };
        (symbol, Known { formula: None, value: numbers.totals.get(name.as_str()).copied() })
    }

    /// The term of the chain rule by a value, through a line that reads it.
    fn term(&self, output: &str, line: NodeId, id: NodeId) -> Product {
        let (through, name) = (self.layout.label(line), self.layout.label(id));
        let alone = self.layout.only_atom(line) == Some(id);
        let symbol = Written::each(|script| script.derivative(&through, &[&name], alone));
        let partial = |numbers: &Numbers<'_>| {
            numbers.partials.get(&(through.as_str(), name.as_str())).copied()
        };
        let value = self.numbers.as_ref().and_then(partial);
        let formula = self.formulas.partials.get(&(line, id)).cloned();
        let outer = (line != self.top).then(|| self.total(output, line));
        Product { outer, symbol, partial: Known { formula, value } }
    }
}

/// The numbers of a trace by their names.
pub(super) struct Numbers<'t> {
    totals: HashMap<&'t str, f64>,
    partials: HashMap<(&'t str, &'t str), f64>,
}

impl<'t> Numbers<'t> {
    pub(super) fn new(trace: &'t Trace) -> Numbers<'t> {
        let adjoints = &trace.backward[0].adjoints;
        let partials = adjoints.iter().flat_map(|adjoint| {
            adjoint
                .terms
                .iter()
                .map(|term| ((term.through.as_str(), adjoint.name.as_str()), term.partial))
        });
        Numbers {
            totals: adjoints.iter().map(|adjoint| (adjoint.name.as_str(), adjoint.value)).collect(),
            partials: partials.collect(),
        }
    }
}

/// The target and the values through which its derivative goes, each after those it needs, first ones first.
fn in_reading_order(target: NodeId, readers: &HashMap<NodeId, Vec<NodeId>>) -> Vec<NodeId> {
    let mut order = Vec::new();
    let mut seen = HashSet::from([target]);
    let mut waiting = vec![(target, 0)];
    while let Some((id, next)) = waiting.pop() {
        let through = readers.get(&id).map_or(&[][..], Vec::as_slice);
        match through.get(next) {
            Some(&line) => {
                waiting.push((id, next + 1));
                if readers.contains_key(&line) && seen.insert(line) {
                    waiting.push((line, 0));
                }
            }
            None => order.push(id),
        }
    }
    order
}
