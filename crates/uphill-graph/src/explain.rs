//! The chain rule told as a lecturer tells it: symbols first, then formulas, then numbers, then the result.
//!
//! The story follows named values. A term of the chain rule is a derivative already explained, times the derivative of
//! one formula; the latter is taken by the same rules of the op table as every gradient, and simplified for reading.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use crate::error::Error;
use crate::function::Function;
use crate::latex::{latex_formula, latex_name, latex_number};
use crate::node::{Node, NodeId};
use crate::print::{Detail, LARGEST_FORMULA, Layout, Style, number};
use crate::record::Recorder;
use crate::scalar::Scalar;
use crate::simplify::Laws;
use crate::trace::Adjoint;
use crate::var::Var;

/// Why a derivative is what it is: see [`Function::explain`].
#[derive(Debug, Clone)]
pub struct Explanation {
    output: String,
    of: String,
    /// What each name stands for: name, and the formula in ASCII, Unicode and LaTeX.
    definitions: Vec<(String, [String; 3])>,
    steps: Vec<Step>,
}

/// One derivative of the output, by one value.
#[derive(Debug, Clone)]
struct Step {
    by: String,
    terms: Vec<Product>,
    value: f64,
}

/// One term of the chain rule.
#[derive(Debug, Clone)]
struct Product {
    /// The value through which it goes; the output itself for the last step.
    through: String,
    /// The derivative of that value's formula, in ASCII, Unicode and LaTeX; none if it is too long to read.
    formula: Option<[String; 3]>,
    adjoint: f64,
    partial: f64,
}

/// How an explanation is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Ascii,
    Unicode,
    Latex,
}

impl Function {
    /// Explains the derivative of an output by an input or a named value, at `x`.
    ///
    /// The explanation prints in Unicode; [`Explanation::ascii`] and [`Explanation::latex`] are its other forms.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for an output or a value that is not there; [`Error::WrongLength`].
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
    /// ∂P/∂o2 = −7
    ///
    /// ∂P/∂o1 = 3
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
    /// assert_eq!(both.iter().map(|how| how.value()).collect::<Vec<_>>(), [3.0, 2.0]);
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
        let nodes: HashMap<&str, NodeId> =
            trace.forward.iter().map(|line| (line.name.as_str(), line.node)).collect();
        let teller = Teller::new(&layout, &trace.backward[0].adjoints);
        let explain = |by: &N| match nodes.get(by.as_ref()) {
            Some(&node) => Ok(teller.tell(output, by.as_ref(), node)),
            None => {
                let known = trace.forward.iter().map(|line| line.name.clone());
                Err(Error::unknown("value", by.as_ref(), known))
            }
        };
        by.iter().map(explain).collect()
    }
}

struct Teller<'a> {
    layout: &'a Layout<'a>,
    /// Where each label stands among the lines.
    lines: HashMap<String, usize>,
    adjoints: &'a [Adjoint],
    /// Where each name stands among the adjoints.
    by_name: HashMap<&'a str, usize>,
}

impl<'a> Teller<'a> {
    fn new(layout: &'a Layout<'a>, adjoints: &'a [Adjoint]) -> Teller<'a> {
        let lines = layout.lines.iter().enumerate();
        let lines = lines.map(|(place, &id)| (layout.label(id), place)).collect();
        let names = adjoints.iter().enumerate();
        let by_name = names.map(|(place, adjoint)| (adjoint.name.as_str(), place)).collect();
        Teller { layout, lines, adjoints, by_name }
    }

    fn tell(&self, output: &str, by: &str, node: NodeId) -> Explanation {
        // Everything on the way from the output to the value, in the order of the adjoints.
        let mut needed = BTreeSet::new();
        let mut waiting = vec![by];
        while let Some(name) = waiting.pop() {
            if let Some(&place) = self.by_name.get(name)
                && needed.insert(place)
            {
                let terms = &self.adjoints[place].terms;
                waiting.extend(terms.iter().map(|term| term.through.as_str()));
            }
        }
        let mut steps: Vec<Step> =
            needed.into_iter().map(|place| self.step(&self.adjoints[place])).collect();
        if steps.is_empty() {
            // The output itself, or something on which it does not depend.
            let value = if output == by || self.layout.label(node) == output { 1.0 } else { 0.0 };
            steps.push(Step { by: by.into(), terms: Vec::new(), value });
        }
        let throughs = steps.iter().flat_map(|step| &step.terms).map(|term| term.through.as_str());
        let lines: BTreeSet<usize> =
            throughs.chain([output]).filter_map(|name| self.lines.get(name).copied()).collect();
        let definitions = lines.into_iter().map(|place| {
            let id = self.layout.lines[place];
            (self.layout.label(id), scripts(self.layout, id))
        });
        let definitions = definitions.collect();
        Explanation { output: output.into(), of: by.into(), definitions, steps }
    }

    fn step(&self, adjoint: &Adjoint) -> Step {
        let product = |term: &crate::trace::Term| Product {
            through: term.through.clone(),
            formula: self.partial_formula(&term.through, adjoint.node),
            adjoint: term.adjoint,
            partial: term.partial,
        };
        Step {
            by: adjoint.name.clone(),
            terms: adjoint.terms.iter().map(product).collect(),
            value: adjoint.value,
        }
    }

    /// The derivative of a line's formula by one value in it, as a formula of labels.
    fn partial_formula(&self, line: &str, by: NodeId) -> Option<[String; 3]> {
        let line = self.layout.lines[*self.lines.get(line)?];
        let tree = self.tree(line)?;
        let recorder = Recorder::new();
        let mut variables: HashMap<NodeId, Var<'_>> = HashMap::new();
        for atom in self.layout.atoms(line).into_iter().chain([line]) {
            variables.insert(atom, recorder.variable(self.layout.label(atom)));
        }
        let mut adjoints: HashMap<NodeId, Var<'_>> = HashMap::from([(line, Var::constant(1.0))]);
        let graph = self.layout.graph;
        // The line's own value stands by its name; inner values are computed.
        for &id in tree.iter().filter(|&&id| id != line) {
            let value = match graph.node(id) {
                Node::Op(op, ids) => {
                    Var::apply(op, &ids.iter().map(|id| variables[id]).collect::<Vec<_>>())
                }
                Node::Constant(number) => Var::constant(number),
                Node::Input(_) => continue,
            };
            variables.insert(id, value);
        }
        for &id in tree.iter().rev() {
            let (Some(&adjoint), Node::Op(op, ids)) = (adjoints.get(&id), graph.node(id)) else {
                continue;
            };
            let x: Vec<Var<'_>> = ids.iter().map(|id| variables[id]).collect();
            for (k, &operand) in ids.iter().enumerate() {
                if let Some(term) = op.chain(k, &x, variables[&id], adjoint) {
                    let term = term.routed();
                    adjoints.entry(operand).and_modify(|sum| *sum += term).or_insert(term);
                }
            }
        }
        recorder.output("partial", adjoints.get(&by).copied().unwrap_or(Var::constant(0.0)));
        let partial = recorder.finish().ok()?.simplify_with(Laws::Relaxed);
        if partial.graph().operation_count() > LARGEST_FORMULA {
            return None;
        }
        Some(scripts(&Layout::in_one(&partial), partial.outputs()[0].node))
    }

    /// The nodes of a line's formula in order, labelled ones left out but for the line; none if there are too many.
    fn tree(&self, line: NodeId) -> Option<Vec<NodeId>> {
        let mut tree = BTreeSet::from([line]);
        let mut waiting = vec![line];
        while let Some(id) = waiting.pop() {
            for &operand in self.layout.graph.operands(id) {
                if !self.layout.is_atom(operand) && tree.insert(operand) {
                    waiting.push(operand);
                }
            }
            if tree.len() > 4 * LARGEST_FORMULA {
                return None;
            }
        }
        Some(tree.into_iter().collect())
    }
}

fn scripts(layout: &Layout<'_>, id: NodeId) -> [String; 3] {
    [
        layout.formula(id, &Style::ASCII),
        layout.formula(id, &Style::UNICODE),
        latex_formula(layout, id),
    ]
}

impl Script {
    fn derivative(self, of: &str, by: &str) -> String {
        match self {
            Script::Ascii => format!("d{of}/d{by}"),
            Script::Unicode => format!("∂{of}/∂{by}"),
            Script::Latex => {
                format!(r"\frac{{\partial {}}}{{\partial {}}}", latex_name(of), latex_name(by))
            }
        }
    }

    fn name(self, name: &str) -> String {
        if self == Script::Latex { latex_name(name) } else { name.into() }
    }

    fn number(self, x: f64) -> String {
        match self {
            Script::Ascii => number(x, None),
            Script::Unicode => number(x, None).replace('-', "−"),
            Script::Latex => latex_number(x),
        }
    }

    fn times(self) -> &'static str {
        match self {
            Script::Ascii => "*",
            Script::Unicode => "·",
            Script::Latex => r" \cdot ",
        }
    }

    /// A factor of a product: sums and negative numbers in parentheses.
    fn factor(self, text: &str) -> String {
        let negative = text.starts_with(['-', '−']);
        let sum = text.contains(" + ") || text.contains(" - ") || text.contains(" − ");
        match self {
            _ if !negative && !sum => text.into(),
            Script::Latex => format!(r"\left({text}\right)"),
            _ => format!("({text})"),
        }
    }

    fn formula(self, formulas: &[String; 3]) -> &str {
        &formulas[match self {
            Script::Ascii => 0,
            Script::Unicode => 1,
            Script::Latex => 2,
        }]
    }
}

impl Explanation {
    /// The derivative's value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.steps.last().map_or(0.0, |step| step.value)
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
    /// let f = Function::record(["w1"], |w| (2.0 * w[0]).named("o1") * 3.0)?;
    /// let latex = f.explain("P", "w1", &[1.0])?.latex();
    /// assert!(latex.contains(r"\frac{\partial P}{\partial o_{1}} \cdot \frac{\partial o_{1}}{\partial w_{1}}"));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn latex(&self) -> String {
        let mut text = String::from("\\begin{aligned}\n");
        for (name, formulas) in &self.definitions {
            text += &format!("{} &= {} \\\\\n", latex_name(name), Script::Latex.formula(formulas));
        }
        for step in &self.steps {
            let rows = self.rows(step, Script::Latex);
            let left = Script::Latex.derivative(&self.output, &step.by);
            for (k, row) in rows.iter().enumerate() {
                text += &format!("{} &= {row} \\\\\n", if k == 0 { left.as_str() } else { "" });
            }
        }
        text + "\\end{aligned}\n"
    }

    fn text(&self, script: Script) -> String {
        let ending = if self.definitions.is_empty() { "\n" } else { ", where\n" };
        let mut text = script.derivative(&self.output, &self.of) + ending;
        for (name, formulas) in &self.definitions {
            text += &format!("  {} = {}\n", script.name(name), script.formula(formulas));
        }
        for step in &self.steps {
            let left = script.derivative(&self.output, &step.by);
            let blank = " ".repeat(left.chars().count());
            text.push('\n');
            for (k, row) in self.rows(step, script).iter().enumerate() {
                text += &format!("{} = {row}\n", if k == 0 { &left } else { &blank });
            }
        }
        text
    }

    /// Symbols, formulas, numbers, result: each but where it says the same as the one before.
    fn rows(&self, step: &Step, script: Script) -> Vec<String> {
        let direct = |term: &Product| term.through == self.output;
        let join = |factors: &dyn Fn(&Product) -> (Option<String>, String)| {
            let terms = step.terms.iter().map(|term| match factors(term) {
                (Some(outer), inner) => format!("{outer}{}{}", script.times(), inner),
                (None, inner) => inner,
            });
            terms.collect::<Vec<_>>().join(" + ")
        };
        let outer = |term: &Product, text: String| (!direct(term)).then_some(text);
        let alone = step.terms.len() == 1 && direct(&step.terms[0]);
        let factor = |text: String| if alone { text } else { script.factor(&text) };
        let mut rows = Vec::new();
        if !alone && !step.terms.is_empty() {
            rows.push(join(&|term| {
                let inner = script.derivative(&term.through, &step.by);
                (outer(term, script.derivative(&self.output, &term.through)), inner)
            }));
        }
        let is_symbolic = |term: &Product| {
            term.formula
                .as_ref()
                .is_some_and(|formulas| script.formula(formulas) != script.number(term.partial))
        };
        if step.terms.iter().any(is_symbolic) {
            rows.push(join(&|term| {
                let inner = match &term.formula {
                    Some(formulas) => factor(script.formula(formulas).into()),
                    None => factor(script.number(term.partial)),
                };
                (outer(term, script.derivative(&self.output, &term.through)), inner)
            }));
        }
        if !step.terms.is_empty() {
            rows.push(join(&|term| {
                let inner = factor(script.number(term.partial));
                (outer(term, script.factor(&script.number(term.adjoint))), inner)
            }));
        }
        rows.push(script.number(step.value));
        rows.dedup();
        rows
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Script::Unicode))
    }
}
