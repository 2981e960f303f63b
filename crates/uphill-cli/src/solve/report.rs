//! What a search found, as text and as JSON.

use std::fmt::Write as _;

use uphill_formula::{Bound, Problem, Sense};
use uphill_graph::Function;
use uphill_solve::{ConstraintAt, Optimum};

use crate::json::Json;
use crate::numbers::{counted, short};

/// How many rows of a table people see.
const SHOWN: usize = 20;
/// How many digits.
const DIGITS: usize = 8;
/// A value so near to a limit, as a part of it, is held by it.
const NEAR: f64 = 1e-6;

/// A problem, and what was found.
pub(super) struct Report<'r> {
    pub(super) problem: &'r Problem,
    pub(super) function: &'r Function,
    pub(super) optimum: &'r Optimum,
}

/// Which limit a value is at, or beyond.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    Low,
    High,
    Both,
}

impl Held {
    fn by(value: f64, low: f64, high: f64) -> Option<Held> {
        let near = |limit: f64| NEAR * limit.abs().max(1.0);
        match (value <= low + near(low), value >= high - near(high)) {
            (true, true) => Some(Held::Both),
            (true, false) => Some(Held::Low),
            (false, true) => Some(Held::High),
            (false, false) => None,
        }
    }
}

impl Report<'_> {
    pub(super) fn json(&self) -> Json {
        let Optimum { status, value, values, constraints, bound_multipliers, iterations } =
            self.optimum;
        let inputs = self.problem.inputs();
        let bounds = self.problem.bounds().iter().flat_map(|bound| bound.positions.clone());
        let bounds = bounds.filter(|position| inputs.is_variable(*position));
        let variables = inputs.variable_positions().into_iter();
        let number = |x: f64| Json::Number(x);
        let mut keys = vec![
            ("value".to_owned(), number(*value)),
            (
                "variables".to_owned(),
                Json::Object(variables.map(|k| (inputs.name(k), number(values[k]))).collect()),
            ),
            (
                "multipliers".to_owned(),
                Json::numbers(
                    constraints.iter().map(|constraint| constraint.name.as_str()),
                    constraints.iter().map(|constraint| constraint.multiplier),
                ),
            ),
            (
                "bounds".to_owned(),
                Json::Object(
                    bounds.map(|k| (inputs.name(k), number(bound_multipliers[k]))).collect(),
                ),
            ),
            ("status".to_owned(), Json::Text(status.word().into())),
            ("iterations".to_owned(), number(*iterations as f64)),
        ];
        if !status.is_optimal() {
            keys.push(("message".to_owned(), Json::Text(status.to_string())));
        }
        Json::Object(keys)
    }

    pub(super) fn text(&self) -> String {
        let Optimum { status, value, iterations, .. } = self.optimum;
        let mut text = format!("{status}\n");
        let name = &self.function.outputs()[0].name;
        let best = match (status.is_optimal(), self.problem.sense()) {
            (true, Sense::Minimise) => "least ",
            (true, Sense::Maximise) => "greatest ",
            (false, _) => "",
        };
        let iterations = counted(*iterations as usize, "iteration");
        let _ = writeln!(text, "{best}{name} = {}, after {iterations}\n", short(*value, DIGITS));
        let [variables, constraints] = [self.variables(), self.constraints()];
        text += &variables;
        if !constraints.is_empty() {
            text.push('\n');
            text += &constraints;
        }
        if [variables, constraints].iter().any(|table| table.contains("multiplier")) {
            text += "\na multiplier: by how much the best ";
            let _ = writeln!(text, "{name} rises if the limit rises by one");
        }
        text
    }

    /// Each variable, and the bound that holds it.
    fn variables(&self) -> String {
        let inputs = self.problem.inputs();
        let Optimum { values, bound_multipliers, .. } = self.optimum;
        let bounds = self.problem.bounds();
        let positions = inputs.variable_positions();
        let count = positions.len();
        let mut any = false;
        let rows: Vec<Vec<String>> = positions
            .into_iter()
            .take(SHOWN)
            .map(|k| {
                let behind = bounds.partition_point(|bound| bound.positions.end <= k);
                let bound = bounds.get(behind).filter(|bound| bound.positions.contains(&k));
                let held = bound.and_then(|&Bound { low, high, .. }| {
                    Some((Held::by(values[k], low, high)?, low, high))
                });
                let mut row = vec![inputs.name(k), short(values[k], DIGITS)];
                if let Some((held, low, high)) = held {
                    any = true;
                    row.push(limit(held, low, high));
                    row.extend(self.multiplier(bound_multipliers[k]));
                }
                row
            })
            .collect();
        match any {
            true => self.table(&["variable", "value", "bound", "multiplier"], rows, count),
            false => self.table(&["variable", "value"], rows, count),
        }
    }

    /// A multiplier tells something at an optimum alone.
    fn multiplier(&self, multiplier: f64) -> Option<String> {
        self.optimum.status.is_optimal().then(|| short(multiplier, 6))
    }

    /// A table of the first rows of so many.
    fn table(&self, header: &[&str], rows: Vec<Vec<String>>, count: usize) -> String {
        let is_shown = |text: &&str| *text != "multiplier" || self.optimum.status.is_optimal();
        let header: Vec<String> =
            header.iter().copied().filter(is_shown).map(str::to_owned).collect();
        let shown = rows.len();
        let mut text = crate::columns::table(&header, rows.into_iter());
        if shown < count {
            let _ = writeln!(text, "… and {} more, which --json has", count - shown);
        }
        text
    }

    /// The constraints that a limit holds, or that miss theirs.
    fn constraints(&self) -> String {
        let held = |c: &ConstraintAt| Held::by(c.value, c.low, c.high);
        let all = || self.optimum.constraints.iter().filter_map(|c| Some((c, held(c)?)));
        let rows = all().take(SHOWN).map(|(c, held)| {
            let mut row = vec![c.name.clone(), short(c.value, DIGITS)];
            row.push(limit(held, c.low, c.high));
            row.extend(self.multiplier(c.multiplier));
            row
        });
        let rows: Vec<Vec<String>> = rows.collect();
        match rows.is_empty() {
            true => String::new(),
            false => {
                self.table(&["constraint", "value", "limit", "multiplier"], rows, all().count())
            }
        }
    }
}

/// The limit that holds.
fn limit(held: Held, low: f64, high: f64) -> String {
    match held {
        Held::Low => format!(">= {}", short(low, DIGITS)),
        Held::High => format!("<= {}", short(high, DIGITS)),
        Held::Both if low == high => format!("= {}", short(low, DIGITS)),
        Held::Both => format!("{} .. {}", short(low, DIGITS), short(high, DIGITS)),
    }
}
