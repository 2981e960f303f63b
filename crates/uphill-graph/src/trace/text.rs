//! The text form of a trace, and what of it is shown.

use std::fmt;

use super::{Adjoint, Sweep, Trace};
use crate::print::{align, number};

/// Longer sums of chain-rule terms are cut; the data holds them all.
const MOST_TERMS: usize = 12;

/// A trace as text, with options: see [`Trace::text`].
#[derive(Debug, Clone)]
pub struct TraceText<'t> {
    trace: &'t Trace,
    digits: Option<usize>,
    named_only: bool,
    inputs: Option<Vec<String>>,
}

impl Trace {
    /// The text form, to be refined by the options of [`TraceText`]; `trace.to_string()` is the whole.
    ///
    /// ```
    /// use uphill_graph::{Function, Scalar};
    /// let f = Function::record(["x", "y"], |v| (v[0] / v[1]).named("slope").atan().named("angle"))?;
    /// let trace = f.trace(&[1.0, 3.0])?;
    /// let text = trace.text().digits(3).inputs(["x"]).to_string();
    /// assert!(text.contains("angle = atan(slope) = 0.322\n"));
    /// assert!(text.contains("dangle/dx     = dangle/dslope * 0.333 = 0.9*0.333 = 0.3\n"));
    /// assert!(!text.contains("dangle/dy"));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> TraceText<'_> {
        TraceText { trace: self, digits: None, named_only: false, inputs: None }
    }
}

impl TraceText<'_> {
    /// Rounds numbers to this many significant digits, 1 to 17; else they are the shortest that read back.
    #[must_use]
    pub fn digits(mut self, digits: usize) -> Self {
        self.digits = Some(digits);
        self
    }

    /// Leaves out the lines `t1`, `t2`, … that nobody has named.
    #[must_use]
    pub fn named_only(mut self) -> Self {
        self.named_only = true;
        self
    }

    /// Shows these inputs only; names that the function has not are passed over.
    #[must_use]
    pub fn inputs<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.inputs = Some(names.into_iter().map(Into::into).collect());
        self
    }

    fn number(&self, x: f64) -> String {
        number(x, self.digits)
    }

    fn shows_input(&self, name: &str) -> bool {
        let matches = |chosen: &String| {
            chosen == name
                || name.strip_prefix(chosen.as_str()).is_some_and(|rest| rest.starts_with('['))
        };
        self.inputs.as_ref().is_none_or(|chosen| chosen.iter().any(matches))
    }

    fn forward(&self) -> Vec<(String, String)> {
        let shown = self.trace.forward.iter().filter(|line| match line.formula {
            None => self.shows_input(&line.name),
            Some(_) => line.named || !self.named_only,
        });
        shown
            .map(|line| {
                let value = self.number(line.value);
                let told = match &line.formula {
                    // `c = 3 = 3` says nothing more than `c = 3`.
                    Some(formula) if *formula != value => format!("{formula} = {value}"),
                    _ => value,
                };
                (line.name.clone(), told)
            })
            .collect()
    }

    fn backward(&self, sweep: &Sweep) -> Vec<(String, String)> {
        let named =
            |name: &str| self.trace.forward.iter().any(|line| line.name == name && line.named);
        let shown = sweep.adjoints.iter().filter(|adjoint| match adjoint.input {
            true => self.shows_input(&adjoint.name),
            false => !self.named_only || named(&adjoint.name),
        });
        shown
            .map(|adjoint| {
                (format!("d{}/d{}", sweep.output, adjoint.name), self.terms(sweep, adjoint))
            })
            .collect()
    }

    fn terms(&self, sweep: &Sweep, adjoint: &Adjoint) -> String {
        let value = self.number(adjoint.value);
        // What the output uses directly is its local partial: nothing to multiply.
        let direct = |through: &str| through == sweep.output;
        if adjoint.terms.iter().all(|term| direct(&term.through)) {
            return value;
        }
        let shown = adjoint.terms.len().min(MOST_TERMS);
        let mut symbols: Vec<String> = Vec::new();
        let mut numbers: Vec<String> = Vec::new();
        for term in &adjoint.terms[..shown] {
            let partial = self.number(term.partial);
            if direct(&term.through) {
                symbols.push(partial.clone());
                numbers.push(partial);
            } else {
                symbols.push(format!("d{}/d{} * {partial}", sweep.output, term.through));
                numbers.push(format!("{}*{partial}", self.number(term.adjoint)));
            }
        }
        let hidden = adjoint.terms.len() - shown;
        if hidden > 0 {
            symbols.push(format!("... ({hidden} more)"));
            numbers.push("...".into());
        }
        format!("{} = {} = {value}", symbols.join(" + "), numbers.join(" + "))
    }
}

impl fmt::Display for TraceText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "uphill trace {}", self.trace.version)?;
        writeln!(f, "forward")?;
        f.write_str(&align(&self.forward(), "  "))?;
        for sweep in &self.trace.backward {
            match self.trace.backward.as_slice() {
                [_] => writeln!(f, "backward")?,
                _ => writeln!(f, "backward from {}", sweep.output)?,
            }
            f.write_str(&align(&self.backward(sweep), "  "))?;
        }
        if !self.trace.troubles.is_empty() {
            writeln!(f, "trouble")?;
        }
        self.trace.troubles.iter().try_for_each(|trouble| writeln!(f, "  {trouble}"))
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}
