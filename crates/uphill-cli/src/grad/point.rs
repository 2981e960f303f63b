//! The derivatives at one point, and how they are shown: as text for people, as JSON for programs.

use std::fmt::Write as _;

use uphill_graph::{Detail, Function, Trace};

use super::Arguments;
use super::hessian::Hessian;
use super::symbolic::told;
use crate::columns::table;
use crate::error::Error;
use crate::json::Json;
use crate::numbers::short;

/// What people see of a number.
const DIGITS: usize = 6;

/// What was asked for at a point.
pub(super) struct Point {
    /// The inputs by which derivatives are taken, and their numbers.
    variables: Vec<String>,
    at: Vec<f64>,
    outputs: Vec<String>,
    /// The inputs' numbers.
    pub(super) x: Vec<f64>,
    /// The outputs' values.
    pub(super) values: Vec<f64>,
    /// The derivatives of each output by each input, a row an output.
    pub(super) slopes: Vec<f64>,
    jacobian: bool,
    /// Whether derivations are all that is shown.
    latex: bool,
    /// The second derivatives of each output.
    hessians: Option<Vec<Hessian>>,
    trace: Option<Trace>,
    /// Output, input, derivation.
    explanations: Vec<(String, String, String)>,
    check: Option<uphill_check::Report>,
    /// Why an output has no value.
    outside: Option<String>,
}

/// The names of the inputs by which derivatives are taken.
pub(super) fn variables(function: &Function) -> Vec<String> {
    let inputs = function.inputs();
    inputs.variable_positions().into_iter().map(|position| inputs.name(position)).collect()
}

/// Where an output is NaN, it has no slope either, whatever the rules make of the numbers: ln(-1) has none of -1.
pub(super) fn undefined(values: &[f64], slopes: &mut [f64]) {
    let width = slopes.len() / values.len().max(1);
    for (value, row) in values.iter().zip(slopes.chunks_mut(width.max(1))) {
        if value.is_nan() {
            row.fill(f64::NAN);
        }
    }
}

/// Why an output is NaN: which operand left which domain.
pub(super) fn outside(
    function: &Function,
    values: &[f64],
    x: &[f64],
) -> Result<Option<String>, Error> {
    let names = function.output_names().zip(values);
    let Some((name, _)) = names.into_iter().find(|(_, value)| value.is_nan()) else {
        return Ok(None);
    };
    Ok(match function.select(&[name])?.eval_finite(x) {
        Err(uphill_graph::Error::NotFinite { output, born, .. }) => {
            Some(format!("`{output}` is NaN, and so are its derivatives: {born}"))
        }
        other => other.map(|_| None)?,
    })
}

impl Point {
    pub(super) fn of(
        function: &Function,
        x: Vec<f64>,
        arguments: &Arguments,
    ) -> Result<Point, Error> {
        let variables = variables(function);
        let outputs: Vec<String> = function.output_names().collect();
        let values = function.eval(&x)?;
        let mut slopes =
            if variables.is_empty() { Vec::new() } else { function.jacobian()?.eval(&x)? };
        undefined(&values, &mut slopes);
        let hessians = arguments.hessian.then(|| {
            let of = |(output, value): (&String, &f64)| {
                Hessian::of(&function.select(&[output])?, &x, *value, arguments.sparse)
            };
            outputs.iter().zip(&values).map(of).collect::<Result<Vec<_>, Error>>()
        });
        let detail = if arguments.every { Detail::Every } else { Detail::Shared };
        let trace = if arguments.trace { Some(function.trace_with(&x, detail)?) } else { None };
        let check = if arguments.check && !variables.is_empty() {
            Some(uphill_check::jacobian(function).at(&x).report()?)
        } else {
            None
        };
        let outside = outside(function, &values, &x)?;
        let at = function.inputs().variable_positions().iter().map(|&place| x[place]).collect();
        Ok(Point {
            at,
            values,
            outside,
            explanations: explanations(function, &x, &outputs, arguments)?,
            hessians: hessians.transpose()?,
            jacobian: arguments.jacobian,
            latex: arguments.latex,
            variables,
            outputs,
            x,
            slopes,
            trace,
            check,
        })
    }

    /// Why an output is NaN, or what `--check` found wrong.
    pub(super) fn trouble(&self) -> Option<Error> {
        match &self.outside {
            Some(what) => Some(Error::Outside(what.clone())),
            None => self.disagreement().map(Error::Disagrees),
        }
    }

    fn disagreement(&self) -> Option<String> {
        let report = self.check.as_ref().filter(|report| !report.passed())?;
        let worst = report.worst().map_or(String::new(), |entry| {
            format!(": `{}` is {}, expected {}", entry.name, entry.computed, entry.expected)
        });
        Some(format!("derivatives don't agree with numerical ones{worst}"))
    }

    fn gradient(&self, output: usize) -> &[f64] {
        let width = self.variables.len();
        &self.slopes[output * width..(output + 1) * width]
    }

    fn input_names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(String::as_str)
    }

    /// An object with a key for each output.
    fn by_output(&self, entry: impl Fn(usize) -> Json) -> Json {
        let outputs = self.outputs.iter().enumerate();
        Json::Object(outputs.map(|(i, name)| (name.clone(), entry(i))).collect())
    }

    pub(super) fn json(&self) -> Json {
        let matrix = |rows: &[f64], width: usize| {
            let list = |row: &[f64]| Json::List(row.iter().map(|&x| Json::Number(x)).collect());
            Json::List(rows.chunks(width.max(1)).map(list).collect())
        };
        let width = self.variables.len();
        let mut object = vec![
            ("value", self.by_output(|i| Json::Number(self.values[i]))),
            (
                "gradient",
                self.by_output(|i| {
                    Json::numbers(self.input_names(), self.gradient(i).iter().copied())
                }),
            ),
        ];
        if self.jacobian {
            object.push(("jacobian", matrix(&self.slopes, width)));
        }
        if let Some(hessians) = &self.hessians {
            let is_matrix = hessians.iter().all(Hessian::is_matrix);
            let key = if is_matrix { "hessian" } else { "hessian_entries" };
            object.push((key, self.by_output(|i| hessians[i].json(&self.variables))));
        }
        if let Some(trace) = &self.trace {
            let trace = serde_json::to_value(trace).unwrap_or_default();
            object.push(("trace", Json::Other(trace)));
        }
        if !self.explanations.is_empty() {
            let of = |output: &String| {
                let own = self.explanations.iter().filter(|(of, ..)| of == output);
                Json::Object(
                    own.map(|(_, by, how)| (by.clone(), Json::Text(how.clone()))).collect(),
                )
            };
            object.push(("explanation", self.by_output(|i| of(&self.outputs[i]))));
        }
        if let Some(report) = &self.check {
            object.push(("check", Json::Other(serde_json::to_value(report).unwrap_or_default())));
        }
        Json::Object(object.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    pub(super) fn text(&self) -> String {
        if self.latex {
            let blocks = self.explanations.iter().map(|(_, _, block)| block.as_str());
            return blocks.collect::<Vec<_>>().join("\n");
        }
        let mut text = String::new();
        for (name, &value) in self.outputs.iter().zip(&self.values) {
            let _ = writeln!(text, "{name} = {}", short(value, DIGITS));
        }
        if !self.variables.is_empty() {
            let derivatives: Vec<String> =
                self.outputs.iter().map(|name| format!("d{name}/d·")).collect();
            let mut header = vec!["input".to_owned(), "at".to_owned()];
            header.extend(derivatives);
            let rows = self.variables.iter().enumerate().map(|(j, name)| {
                let mut row = vec![name.clone(), short(self.at[j], DIGITS)];
                row.extend((0..self.outputs.len()).map(|i| short(self.gradient(i)[j], DIGITS)));
                row
            });
            let _ = write!(text, "\n{}", table(&header, rows));
        }
        if self.jacobian {
            let rows = self.outputs.iter().enumerate();
            let rows = rows.map(|(i, name)| named(&format!("d{name}"), self.gradient(i)));
            let _ = write!(text, "\nJacobian\n{}", table(&self.columns(), rows));
        }
        for (name, hessian) in self.outputs.iter().zip(self.hessians.iter().flatten()) {
            let _ = write!(text, "\n{}", hessian.text(name, &self.variables, DIGITS));
        }
        for (_, _, how) in &self.explanations {
            let _ = write!(text, "\n{}\n", how.trim_end());
        }
        if let Some(trace) = &self.trace {
            let _ = write!(text, "\n{}", trace.text().digits(DIGITS));
        }
        if let Some(report) = &self.check {
            let _ =
                write!(text, "\nbeside numerical derivatives\n{}\n", report.to_string().trim_end());
        }
        text
    }

    fn columns(&self) -> Vec<String> {
        let names = self.variables.iter().map(|name| format!("/d{name}"));
        std::iter::once(String::new()).chain(names).collect()
    }
}

/// The derivations that were asked for.
fn explanations(
    function: &Function,
    x: &[f64],
    outputs: &[String],
    arguments: &Arguments,
) -> Result<Vec<(String, String, String)>, Error> {
    let asked = match &arguments.explain {
        None if !arguments.latex => return Ok(Vec::new()),
        asked => asked.as_deref().unwrap_or_default(),
    };
    let mut list = Vec::new();
    for output in outputs {
        let by = super::explained(function, asked)?;
        let explanations = function.explain_each(output, &by, x)?;
        for (by, explanation) in by.into_iter().zip(explanations) {
            list.push((output.clone(), by, told(&explanation.digits(DIGITS), arguments)));
        }
    }
    Ok(list)
}

fn named(name: &str, numbers: &[f64]) -> Vec<String> {
    let numbers = numbers.iter().map(|&x| short(x, DIGITS));
    std::iter::once(name.to_owned()).chain(numbers).collect()
}
