//! An explanation as text: symbols, formulas, numbers, result, each but where it says the same as the one before.

use std::fmt;

use super::{Explanation, Known, Product, Step};
use crate::script::{Script, Written};

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
