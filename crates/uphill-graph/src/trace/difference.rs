//! Two traces side by side: the first place where they part.

use std::fmt;

use super::{Adjoint, Line, Sweep, Trace};
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
    /// assert_eq!(difference.to_string(), "they part at x: x = 1 against x = 1.5");
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn diff(&self, other: &Trace) -> Option<Difference> {
        let lines = first_difference(&self.forward, &other.forward, |line| {
            (line.name.clone(), describe(line))
        });
        lines.or_else(|| {
            let sweeps = self.backward.iter().zip(&other.backward);
            let adjoints = sweeps.into_iter().find_map(|(a, b)| {
                let describe = |x: &Adjoint| (format!("d{}/d{}", a.output, x.name), terms(x));
                first_difference(&a.adjoints, &b.adjoints, describe)
            });
            let outputs = || {
                let describe =
                    |sweep: &Sweep| (format!("output {}", sweep.output), sweep.output.clone());
                first_difference(&self.backward, &other.backward, describe)
            };
            adjoints.or_else(outputs)
        })
    }
}

/// The first pair of items that are told differently; past the end of the shorter list, nothing stands against an item.
fn first_difference<T>(
    one: &[T],
    other: &[T],
    describe: impl Fn(&T) -> (String, String),
) -> Option<Difference> {
    (0..one.len().max(other.len())).find_map(|k| {
        let (one, other) = (one.get(k).map(&describe), other.get(k).map(&describe));
        if one == other {
            return None;
        }
        let place =
            one.as_ref().or(other.as_ref()).map(|(place, _)| place.clone()).unwrap_or_default();
        let told = |item: Option<(String, String)>| {
            item.map_or_else(|| "nothing".into(), |(_, told)| told)
        };
        Some(Difference { place, one: told(one), other: told(other) })
    })
}

fn describe(line: &Line) -> String {
    match &line.formula {
        Some(formula) => format!("{} = {formula} = {}", line.name, exact(line.value)),
        None => format!("{} = {}", line.name, exact(line.value)),
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
