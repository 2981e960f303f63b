//! Value and gradient for every row of a table, as the rows come.

use uphill_graph::Function;
use uphill_table::{Reader, Row, RowPlace, Tally};

use super::Arguments;
use super::point::{outside as outside_of, undefined, variables};
use crate::error::Error;
use crate::file::{Destination, Input};
use crate::formula;
use crate::json::Json;
use crate::numbers::exact;
use crate::output::Output;
use crate::table;

/// Where an input's number comes from.
pub(crate) enum Source {
    Column(usize),
    Given(f64),
}

impl Source {
    /// The number for a row.
    pub(crate) fn number(&self, row: &Row<'_>) -> Result<f64, Error> {
        match self {
            Source::Column(place) => Ok(row.number(*place)?),
            Source::Given(number) => Ok(*number),
        }
    }

    /// The places of the columns among sources.
    pub(crate) fn columns(sources: &[Source]) -> Vec<usize> {
        let column = |source: &Source| match source {
            Source::Column(place) => Some(*place),
            Source::Given(_) => None,
        };
        sources.iter().filter_map(column).collect()
    }
}

pub(super) fn run(
    arguments: &Arguments,
    function: &Function,
    table: &str,
    to: &Destination,
    output: &Output,
) -> Result<(), Error> {
    let shows = [
        (arguments.jacobian, "--jacobian"),
        (arguments.hessian, "--hessian"),
        (arguments.trace, "--trace"),
        (arguments.explain.is_some(), "--explain"),
        (arguments.latex, "--latex"),
    ];
    if let Some((_, option)) = shows.iter().find(|(given, _)| *given) {
        let what = format!("{option} shows one point; give it by --at instead of --data");
        return Err(Error::Use(what));
    }
    let mut reader = table::open(&Input::from(table), arguments.table_options.format()?)?;
    let sources = sources(function, &reader, &arguments.at)?;
    let derivatives =
        if variables(function).is_empty() { None } else { Some(function.jacobian()?) };
    let columns = Source::columns(&sources);
    let mut tally = Tally::default();
    let mut outside: Option<(RowPlace, String)> = None;
    let mut others = 0_usize;
    to.write(|file| {
        let failed = |source| to.failed(source);
        if !arguments.json {
            let header = header(std::iter::empty(), function);
            let fields: Vec<String> = header.iter().map(|name| quoted(name)).collect();
            writeln!(file, "{}", fields.join(",")).map_err(failed)?;
        }
        let mut x = Vec::with_capacity(sources.len());
        while let Some(row) = reader.next_row()? {
            x.clear();
            let missing = row.first_missing(&columns);
            let (values, mut slopes) = if let Some(missing) = missing {
                // Rows of the answer stay beside those of the table.
                tally.skip(&row, missing);
                let outputs = function.outputs().len();
                (vec![f64::NAN; outputs], vec![f64::NAN; outputs * variables(function).len()])
            } else {
                for source in &sources {
                    x.push(source.number(&row)?);
                }
                let slopes = match &derivatives {
                    Some(derivatives) => derivatives.eval(&x)?,
                    None => Vec::new(),
                };
                (function.eval(&x)?, slopes)
            };
            undefined(&values, &mut slopes);
            let unknown = missing.is_none() && values.iter().any(|value| value.is_nan());
            match (&outside, unknown) {
                (None, true) => {
                    let why = outside_of(function, &values, &x)?.unwrap_or_default();
                    outside = Some((row.place(), why));
                }
                (Some(_), true) => others += 1,
                (_, false) => {}
            }
            let line = if arguments.json {
                json(function, &values, &slopes).line()
            } else {
                let numbers: Vec<String> =
                    values.iter().chain(&slopes).map(|&x| exact(x)).collect();
                numbers.join(",")
            };
            writeln!(file, "{line}").map_err(failed)?;
        }
        Ok(())
    })?;
    let missing = tally.remarks(reader.name(), "answered by NaN");
    reader.remarks().iter().chain(&missing).for_each(|remark| output.remark(remark));
    // The rows are written; that some have no derivatives is told at the end.
    let Some((place, why)) = outside else { return Ok(()) };
    let more = match others {
        0 => String::new(),
        _ => format!("; so is it in {} more", crate::numbers::counted(others, "row")),
    };
    Err(Error::Outside(format!("{}, {place}: {why}{more}", reader.name())))
}

/// `x, …, P, …, dP/dx, …`: the names of inputs, outputs and derivatives.
pub(super) fn header(inputs: impl Iterator<Item = String>, function: &Function) -> Vec<String> {
    let outputs = || function.output_names();
    let variables = variables(function);
    let slopes = outputs()
        .flat_map(|output| variables.iter().map(move |input| format!("d{output}/d{input}")));
    inputs.chain(outputs()).chain(slopes).collect()
}

/// A field of CSV; names of inputs may hold commas, as `w[1,2]` does.
pub(super) fn quoted(name: &str) -> String {
    if name.contains(',') { format!("\"{name}\"") } else { name.to_owned() }
}

/// Where each input's number comes from: a column, or `--at`; not both, which would be a slip.
pub(crate) fn sources(
    function: &Function,
    reader: &Reader,
    at: &[String],
) -> Result<Vec<Source>, Error> {
    let given = match at {
        [] => Vec::new(),
        [one] => formula::assignments("--at", one)?,
        _ => {
            return Err(Error::Use(
                "with --data, give --at once, for inputs without a column".into(),
            ));
        }
    };
    let inputs: Vec<String> = function.input_names().collect();
    if let Some((name, _)) = given.iter().find(|(name, _)| !inputs.contains(name)) {
        let known = inputs.iter().map(String::as_str);
        return Err(Error::unknown("input", name, "the formula", known));
    }
    let table = reader.name();
    if let Some((name, _)) = given.iter().find(|(name, _)| reader.find(name).is_some()) {
        return Err(Error::Use(format!(
            "`{name}` is given by --at and is a column of {table}, too: take it out of --at, or rename it in the formula"
        )));
    }
    let source = |name: &String| match given.iter().find(|(other, _)| other == name) {
        Some((_, number)) => Ok(Source::Given(*number)),
        None => Ok(Source::Column(reader.column(name)?)),
    };
    let sources: Vec<Source> = inputs.iter().map(source).collect::<Result<_, Error>>()?;
    if !sources.iter().any(|source| matches!(source, Source::Column(_))) {
        let columns = crate::names::few(reader.header().iter().map(String::as_str));
        return Err(Error::Use(format!(
            "the formula uses no column of {table}, so each row would give the same; columns: {columns}"
        )));
    }
    Ok(sources)
}

fn json(function: &Function, values: &[f64], slopes: &[f64]) -> Json {
    let variables = variables(function);
    let rows = function.output_names().enumerate().map(|(i, output)| {
        let row = &slopes[i * variables.len()..(i + 1) * variables.len()];
        let names = variables.iter().map(String::as_str);
        (output, Json::numbers(names, row.iter().copied()))
    });
    Json::Object(vec![
        ("value".into(), {
            let names: Vec<String> = function.output_names().collect();
            Json::numbers(names.iter().map(String::as_str), values.iter().copied())
        }),
        ("gradient".into(), Json::Object(rows.collect())),
    ])
}
