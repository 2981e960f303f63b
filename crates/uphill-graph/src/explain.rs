//! The chain rule told as a lecturer tells it: symbols first, then formulas, then numbers, then the result.
//!
//! The story follows named values. A term of the chain rule is a derivative already explained, times the derivative of
//! one formula; the latter is taken by the same rules of the op table as every gradient, and simplified for reading.
//! [`Function::explain`] tells it at a point, with numbers; [`Function::derive`] without one, with formulas to the end.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use crate::error::Error;
use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::print::{Detail, LARGEST_FORMULA, Layout};
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::script::{Script, Written};
use crate::simplify::Laws;
use crate::symbolic::collect::collect;
use crate::symbolic::sweep::Sweep;
use crate::trace::Trace;
use crate::var::Var;

/// Why a derivative is what it is: see [`Function::explain`] and [`Function::derive`].
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The derivative's symbol.
    symbol: Written,
    /// What each name stands for.
    definitions: Vec<(String, Written)>,
    steps: Vec<Step>,
    digits: Option<usize>,
}

/// One derivative of the output, by one value.
#[derive(Debug, Clone)]
struct Step {
    symbol: Written,
    terms: Vec<Product>,
    result: Known,
}

/// A derivative, as far as it is known: as a formula unless that is too long to read, and as a number at a point.
#[derive(Debug, Clone, Default)]
struct Known {
    formula: Option<Written>,
    value: Option<f64>,
}

/// One term of the chain rule.
#[derive(Debug, Clone)]
struct Product {
    /// The derivative of the output by the value through which the term goes; none if that is the output itself.
    outer: Option<(Written, Known)>,
    /// The derivative of that value's formula.
    symbol: Written,
    partial: Known,
}

impl Function {
    /// Explains the derivative of an output by an input or a named value, at `x`.
    ///
    /// The explanation prints in Unicode; [`Explanation::ascii`] and [`Explanation::latex`] are its other forms, and
    /// [`Explanation::digits`] rounds its numbers. A derivative has the sign d where a value is a function of that one
    /// variable alone, and ∂ where it is one of several.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for an output or a value that is not there; [`Error::WrongLength`].
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges; and in the length of the text.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let p = Function::record(["w1", "w2", "w3"], |w| {
    ///     let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
    ///     let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
    ///     3.0 * o1 - 7.0 * o2
    /// })?;
    /// let expected = "\
    /// ∂P/∂w1, where
    ///   o1 = w1 − 2·w2 + 5·w3
    ///   o2 = 2·w1 − w2 − 6
    ///   P = 3·o1 − 7·o2
    ///
    /// ∂P/∂o1 = 3
    ///
    /// ∂P/∂o2 = −7
    ///
    /// ∂P/∂w1 = ∂P/∂o1·∂o1/∂w1 + ∂P/∂o2·∂o2/∂w1
    ///        = 3·1 + (−7)·2
    ///        = −11
    /// ";
    /// assert_eq!(p.explain("P", "w1", &[0.0, 0.0, 0.0])?.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn explain(&self, output: &str, by: &str, x: &[f64]) -> Result<Explanation, Error> {
        let mut explanations = self.explain_each(output, &[by], x)?;
        explanations.pop().ok_or_else(|| Error::unknown("value", by, std::iter::empty()))
    }

    /// Explains the derivatives of an output by several inputs or named values, in their order. What they share is looked
    /// at once.
    ///
    /// # Errors
    ///
    /// As [`Function::explain`].
    ///
    /// # Complexity
    ///
    /// Linear in nodes, and in what the explanations say.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[1])?;
    /// let both = f.explain_each("P", &["x", "y"], &[2.0, 3.0])?;
    /// assert_eq!(both.iter().map(|how| how.value()).collect::<Vec<_>>(), [Some(3.0), Some(2.0)]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn explain_each<N: AsRef<str>>(
        &self,
        output: &str,
        by: &[N],
        x: &[f64],
    ) -> Result<Vec<Explanation>, Error> {
        let function = self.select(&[output])?;
        let (flat, trace) = (function.flatten(), function.trace(x)?);
        let layout = Layout::new(&flat, Detail::Shared);
        let teller = Teller::new(&flat, &layout, Some(Numbers::new(&trace)));
        by.iter().map(|by| teller.tell(output, by.as_ref())).collect()
    }

    /// Derives the derivative of an output by an input or a named value, without a point: the same story as
    /// [`Function::explain`], with formulas instead of numbers.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for an output or a value that is not there.
    ///
    /// # Complexity
    ///
    /// As [`Function::explain`].
    ///
    /// ```
    /// use uphill_graph::{Function, Inputs, Scalar};
    /// let inputs = Inputs::new().variable("w_1").variable("w_2").parameter("o_1").parameter("o_2");
    /// let o_j = Function::record(inputs, |v| {
    ///     (v[0] * v[2] + v[1] * v[3]).named("σ").sigmoid().named("o_j")
    /// })?;
    /// let expected = "\
    /// ∂o_j/∂w_1, where
    ///   σ = w_1·o_1 + w_2·o_2
    ///   o_j = sigmoid(σ)
    ///
    /// do_j/dσ = o_j·(1 − o_j)
    ///
    /// ∂o_j/∂w_1 = do_j/dσ·∂σ/∂w_1
    ///           = o_j·(1 − o_j)·o_1
    /// ";
    /// assert_eq!(o_j.derive("o_j", "w_1")?.to_string(), expected);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn derive(&self, output: &str, by: &str) -> Result<Explanation, Error> {
        let mut derivations = self.derive_each(output, &[by])?;
        derivations.pop().ok_or_else(|| Error::unknown("value", by, std::iter::empty()))
    }

    /// Derives the derivatives of an output by several inputs or named values, in their order.
    ///
    /// # Errors
    ///
    /// As [`Function::derive`].
    ///
    /// # Complexity
    ///
    /// As [`Function::explain_each`].
    pub fn derive_each<N: AsRef<str>>(
        &self,
        output: &str,
        by: &[N],
    ) -> Result<Vec<Explanation>, Error> {
        let flat = self.select(&[output])?.flatten();
        let layout = Layout::new(&flat, Detail::Shared);
        let teller = Teller::new(&flat, &layout, None);
        by.iter().map(|by| teller.tell(output, by.as_ref())).collect()
    }
}

/// What explanations of one output are made of.
struct Teller<'a> {
    layout: &'a Layout<'a>,
    top: NodeId,
    /// Inputs, lines and other names of these, by their labels.
    by_label: HashMap<String, NodeId>,
    /// The values of which alone the output is a function.
    regular: HashSet<NodeId>,
    formulas: Formulas,
    numbers: Option<Numbers<'a>>,
}

/// The derivatives of each line by what its formula reads, and of the output by each line and input.
#[derive(Default)]
struct Formulas {
    partials: HashMap<(NodeId, NodeId), Written>,
    totals: HashMap<NodeId, Written>,
    /// The lines that read each value, those through which it counts, in order of evaluation.
    readers: HashMap<NodeId, Vec<NodeId>>,
}

impl<'a> Teller<'a> {
    fn new(
        function: &'a Function,
        layout: &'a Layout<'a>,
        numbers: Option<Numbers<'a>>,
    ) -> Teller<'a> {
        let atoms = layout.graph.input_nodes().iter().chain(&layout.lines);
        let labels = atoms.map(|&id| (layout.label(id), id));
        let aliases = layout.aliases.iter().map(|&(name, id)| (name.to_owned(), id));
        let by_label = aliases.chain(labels).collect();
        let top = function.outputs()[0].node;
        let (regular, formulas) = (regular(layout.graph, top), formulas(layout, top));
        Teller { layout, top, by_label, regular, formulas, numbers }
    }

    fn tell(&self, output: &str, by: &str) -> Result<Explanation, Error> {
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
        let alone = self.layout.atoms(line) == [id];
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

/// All formulas of the story, from one recording in which labelled values are variables.
fn formulas(layout: &Layout<'_>, top: NodeId) -> Formulas {
    let recorder = Recorder::new();
    let (pairs, totals) = record(layout, &recorder, top);
    let mut formulas = Formulas::default();
    for &(line, id) in pairs.iter().rev() {
        formulas.readers.entry(id).or_default().push(line);
    }
    // What is recorded here has names that the layout has checked.
    let Ok(recorded) = recorder.finish() else { return formulas };
    let recorded = collect(&recorded.simplify_with(Laws::Relaxed));
    let whole = Layout::in_one(&recorded);
    let sizes = whole.sizes();
    let outputs = recorded.outputs();
    let written = |k: usize| {
        let node = outputs[k].node;
        (sizes[node.index()] <= LARGEST_FORMULA).then(|| Written::formula(&whole, node))
    };
    for (k, &pair) in pairs.iter().enumerate() {
        formulas.partials.extend(written(k).map(|formula| (pair, formula)));
    }
    for (k, &id) in totals.iter().enumerate() {
        formulas.totals.extend(written(pairs.len() + k).map(|formula| (id, formula)));
    }
    formulas
}

/// Records the derivative of each line by what it reads, and of the output by all of these: gives what they are, in
/// the order of the recording's outputs.
fn record(
    layout: &Layout<'_>,
    recorder: &Recorder,
    top: NodeId,
) -> (Vec<(NodeId, NodeId)>, Vec<NodeId>) {
    let graph = layout.graph;
    let mut variables: Vec<Var<'_>> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        variables.push(match graph.node(id) {
            _ if layout.is_atom(id) => recorder.variable(layout.label(id)),
            Node::Constant(number) => Scalar::constant(number),
            Node::Op(op, ids) => {
                let x: Vec<Var<'_>> = ids.iter().map(|id| variables[id.index()]).collect();
                Var::apply(op, &x)
            }
            Node::Input(_) => Scalar::constant(f64::NAN),
        });
    }
    // Every value with a label may be what a derivative is by.
    let mut active = vec![false; graph.len()];
    for id in graph.ids() {
        active[id.index()] = match graph.node(id) {
            _ if layout.is_atom(id) => true,
            Node::Op(op, ids) => {
                let counts = |(k, x): (usize, &NodeId)| active[x.index()] && op.differentiable(k);
                ids.iter().enumerate().any(counts)
            }
            _ => false,
        };
    }
    let sweep = Sweep {
        graph,
        recorder,
        var: &|id| variables[id.index()],
        active: &|id| active[id.index()],
        ends: &|id| layout.is_atom(id),
    };
    let mut totals: BTreeMap<NodeId, Var<'_>> = BTreeMap::from([(top, Scalar::constant(1.0))]);
    let mut pairs: Vec<(NodeId, NodeId)> = Vec::new();
    for &line in layout.lines.iter().rev() {
        let Some(&outer) = totals.get(&line) else { continue };
        for (id, partial) in sweep.from(line) {
            let term = if line == top { partial } else { outer * partial };
            totals.entry(id).and_modify(|sum| *sum = term + *sum).or_insert(term);
            recorder.output(format!("#{}", pairs.len()), partial);
            pairs.push((line, id));
        }
    }
    totals.remove(&top);
    for (k, &total) in totals.values().enumerate() {
        recorder.output(format!("#{}", pairs.len() + k), total);
    }
    (pairs, totals.into_keys().collect())
}

/// The nodes of which alone the output is a function: each way from it to an input leads through them.
fn regular(graph: &Graph, top: NodeId) -> HashSet<NodeId> {
    let mut waiting = BTreeSet::from([top]);
    let mut regular = HashSet::new();
    let mut inputs = 0;
    while let Some(id) = waiting.pop_last() {
        match graph.node(id) {
            Node::Constant(_) => continue,
            _ if waiting.is_empty() && inputs == 0 => {
                regular.insert(id);
            }
            _ => {}
        }
        inputs += usize::from(matches!(graph.node(id), Node::Input(_)));
        let read = graph.operands(id).iter();
        waiting.extend(read.filter(|&&x| !matches!(graph.node(x), Node::Constant(_))));
    }
    regular
}

/// The numbers of a trace by their names.
struct Numbers<'t> {
    totals: HashMap<&'t str, f64>,
    partials: HashMap<(&'t str, &'t str), f64>,
}

impl<'t> Numbers<'t> {
    fn new(trace: &'t Trace) -> Numbers<'t> {
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

impl Known {
    fn text(&self, script: Script, digits: Option<usize>) -> Option<String> {
        let formula = self.formula.as_ref().map(|formula| formula.in_script(script).to_owned());
        formula.or_else(|| self.number(script, digits))
    }

    fn number(&self, script: Script, digits: Option<usize>) -> Option<String> {
        self.value.map(|value| script.number(value, digits))
    }
}

impl Explanation {
    /// The derivative's value; none for a derivation without a point.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.steps.last()?.result.value
    }

    /// The derivative as a formula; none at a point, or where it is too long to read.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let f = Function::record(["x"], |x| x[0].square().named("u").sin())?;
    /// assert_eq!(f.derive("P", "x")?.formula().unwrap().unicode(), "2·cos(u)·x");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn formula(&self) -> Option<&Written> {
        self.steps.last()?.result.formula.as_ref()
    }

    /// Rounds numbers to this many significant digits, 1 to 17; else they are the shortest that read back.
    #[must_use]
    pub fn digits(mut self, digits: usize) -> Explanation {
        self.digits = Some(digits);
        self
    }

    /// In plain ASCII: `dP/dw1 = dP/do1*do1/dw1 + …`.
    #[must_use]
    pub fn ascii(&self) -> String {
        self.text(Script::Ascii)
    }

    /// In LaTeX: an `aligned` block for each step, to stand in mathematics mode.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["w1", "w2"], |w| (2.0 * w[0] + w[1]).named("o1") * 3.0)?;
    /// let latex = f.explain("P", "w1", &[1.0, 1.0])?.latex();
    /// assert!(latex.contains(r"\frac{d P}{d o_{1}} \cdot \frac{\partial o_{1}}{\partial w_{1}}"));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn latex(&self) -> String {
        let script = Script::Latex;
        let definitions = self.definitions.iter();
        let definitions = definitions
            .map(|(name, formula)| format!("{} &= {}", script.name(name), formula.latex()));
        let mut rows: Vec<String> = definitions.collect();
        for step in &self.steps {
            for (k, row) in self.rows(step, script).into_iter().enumerate() {
                rows.push(format!("{} &= {row}", if k == 0 { step.symbol.latex() } else { "" }));
            }
        }
        format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}\n", rows.join(" \\\\\n"))
    }

    /// The last step alone, the derivative that was asked for: its symbol and what it equals, row by row, in Unicode.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let f = Function::record(["x"], |x| x[0].square().named("u").sin())?;
    /// assert_eq!(f.derive("P", "x")?.equalities(), ["dP/dx", "dP/du·du/dx", "cos(u)·2·x", "2·cos(u)·x"]);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn equalities(&self) -> Vec<String> {
        let symbol = self.symbol.unicode().to_owned();
        let last = self.steps.last();
        let rows = last.map_or_else(Vec::new, |step| self.rows(step, Script::Unicode));
        std::iter::once(symbol).chain(rows).collect()
    }

    fn text(&self, script: Script) -> String {
        let ending = if self.definitions.is_empty() { "\n" } else { ", where\n" };
        let mut text = self.symbol.in_script(script).to_owned() + ending;
        for (name, formula) in &self.definitions {
            text += &format!("  {} = {}\n", script.name(name), formula.in_script(script));
        }
        for step in &self.steps {
            let left = step.symbol.in_script(script);
            let blank = " ".repeat(left.chars().count());
            text.push('\n');
            for (k, row) in self.rows(step, script).iter().enumerate() {
                text += &format!("{} = {row}\n", if k == 0 { left } else { &blank });
            }
        }
        text
    }

    /// Symbols, formulas, numbers, result: each but where it says the same as the one before.
    fn rows(&self, step: &Step, script: Script) -> Vec<String> {
        let digits = self.digits;
        let sum = |factors: &dyn Fn(&Product) -> (Option<String>, String)| {
            let terms = step.terms.iter().map(|term| match factors(term) {
                (Some(outer), inner) => format!("{outer}{}{inner}", script.times()),
                (None, inner) => inner,
            });
            script.sum(terms)
        };
        let alone = matches!(step.terms.as_slice(), [Product { outer: None, .. }]);
        let factor = |text: String| if alone { text } else { script.factor(&text) };
        let symbol = |written: &Written| written.in_script(script).to_owned();
        let mut rows = Vec::new();
        if !alone && !step.terms.is_empty() {
            rows.push(sum(&|term| {
                (term.outer.as_ref().map(|(outer, _)| symbol(outer)), symbol(&term.symbol))
            }));
        }
        let at_point = step.result.value.is_some();
        if !step.terms.is_empty() {
            // Formulas: at a point the outer derivatives are explained already, and stand by their symbols.
            let is_symbolic = |term: &Product| {
                term.partial.text(script, digits) != term.partial.number(script, digits)
            };
            if !at_point || step.terms.iter().any(is_symbolic) {
                rows.push(sum(&|term| {
                    let outer = term.outer.as_ref().map(|(outer, known)| {
                        let formula = known.formula.as_ref().filter(|_| !at_point);
                        formula
                            .map_or_else(|| symbol(outer), |f| script.factor(f.in_script(script)))
                    });
                    let inner = term.partial.text(script, digits);
                    (outer, factor(inner.unwrap_or_else(|| symbol(&term.symbol))))
                }));
            }
        }
        if at_point && !step.terms.is_empty() {
            rows.push(sum(&|term| {
                let outer = term.outer.as_ref().map(|(symbol_of, known)| {
                    let number = known.number(script, digits);
                    script.factor(&number.unwrap_or_else(|| symbol(symbol_of)))
                });
                let inner = term.partial.number(script, digits);
                (outer, factor(inner.unwrap_or_else(|| symbol(&term.symbol))))
            }));
        }
        rows.extend(if at_point {
            step.result.number(script, digits)
        } else {
            step.result.text(script, digits)
        });
        rows.dedup();
        rows
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Script::Unicode))
    }
}
