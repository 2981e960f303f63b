//! Two traces side by side: the first place where they part.

use std::fmt;

use super::{Adjoint, Trace};
use crate::print::number;

/// The first place where two traces part: see [`Trace::diff`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// What differs: `o1`, `dP/dw1`, `the number of lines`.
    pub place: String,
    /// What the one trace has there.
    pub one: String,
    /// What the other one has there.
    pub other: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "they part at {}: {} against {}", self.place, self.one, self.other)
    }
}

impl Trace {
    /// The first line or adjoint in which the traces differ, in order of computation: what comes later only follows
    /// from it. `None` if names, formulas, terms and the bits of all numbers are the same (one NaN is like another).
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x"], |x| (x[0] * 2.0).named("double") + 1.0)?;
    /// let difference = f.trace(&[1.0])?.diff(&f.trace(&[1.5])?).unwrap();
    /// assert_eq!(difference.to_string(), "they part at x: 1 against 1.5");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn diff(&self, other: &Trace) -> Option<Difference> {
        let told = |place: String, one: String, other: String| (one != other).then_some(Difference { place, one, other });
        let lines = self.forward.iter().zip(&other.forward).find_map(|(a, b)| {
            let describe = |line: &super::Line| match &line.formula {
                Some(formula) => format!("{} = {formula} = {}", line.name, exact(line.value)),
                None => exact(line.value),
            };
            told(a.name.clone(), describe(a), describe(b))
        });
        let count = |trace: &Trace| trace.forward.len().to_string();
        lines
            .or_else(|| told("the number of lines".into(), count(self), count(other)))
            .or_else(|| self.backward.iter().zip(&other.backward).find_map(|(a, b)| {
                let names = told("the outputs".into(), a.output.clone(), b.output.clone());
                let adjoints = || a.adjoints.iter().zip(&b.adjoints).find_map(|(x, y)| {
                    told(format!("d{}/d{}", a.output, x.name), terms(x), terms(y))
                });
                let counts = || {
                    let place = format!("the number of adjoints of {}", a.output);
                    told(place, a.adjoints.len().to_string(), b.adjoints.len().to_string())
                };
                names.or_else(adjoints).or_else(counts)
            }))
            .or_else(|| {
                let count = |trace: &Trace| trace.backward.len().to_string();
                told("the number of outputs".into(), count(self), count(other))
            })
    }
}

fn terms(adjoint: &Adjoint) -> String {
    let terms: Vec<_> = adjoint
        .terms
        .iter()
        .map(|term| format!("{}: {}*{}", term.through, exact(term.adjoint), exact(term.partial)))
        .collect();
    format!("{} = {} [{}]", adjoint.name, exact(adjoint.value), terms.join(", "))
}

/// The two zeros are different numbers here, though they print alike elsewhere.
fn exact(x: f64) -> String {
    if x == 0.0 && x.is_sign_negative() { "-0".into() } else { number(x, None) }
}
