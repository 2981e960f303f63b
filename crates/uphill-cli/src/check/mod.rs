//! `uphill check`: the derivatives of a formula or a saved network, judged by means that don't share their code.
//!
//! A formula is judged by numerical derivatives; a network by these and, where the slides' formulas know it, by
//! backpropagation in closed form (`model`). What was found (`findings`) is told as text, as JSON, and by the exit code.

mod closed_form;
mod findings;
mod model;

use clap::Args;
use uphill_graph::Function;
use uphill_table::Tally;

use crate::error::Error;
use crate::file::Input;
use crate::formula;
use crate::grad::{Source, chosen, points};
use crate::output::Output;
use crate::table::{self, StoredOptions};
use findings::Findings;

const EXAMPLES: &str = "\
Examples:
  uphill check 'P = -(d - sigmoid(w*x))^2' --at w=0.5,x=2,d=1
      every derivative beside a numerical one

  uphill check @model.txt --random 20 --within -2..2 --hessian
      at 20 random points, second derivatives too

  uphill check 'y = a*exp(-k*t)' --data times.csv --at a=2,k=0.1 --json
      at every row of a table, as JSON

  uphill check --model iris.json --data examples/data/iris.csv
      the gradient of a saved network on all rows: by differences, and by backpropagation in closed form
      if its nodes are sigmoid and its performance is squared-error or rms";

const USAGE: &str = "\
uphill check [OPTIONS] <FORMULA>
       uphill check [OPTIONS] --model <FILE> --data <FILE>";

/// Check derivatives by independent means; exit code 1 if any is not confirmed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub struct Arguments {
    /// The formula (see `uphill help formula`); `@FILE` reads it from a file, `-` from standard input
    #[arg(conflicts_with = "model")]
    pub formula: Option<String>,

    /// A point: each input with its number, such as `w1=1,w2=pi/2`; give it several times for several points
    #[arg(
        long,
        value_name = "NAME=NUMBER,…",
        allow_hyphen_values = true,
        conflicts_with = "model"
    )]
    pub at: Vec<String>,

    /// A CSV file, or several by a pattern such as 'part-*.csv': every row is a point of the formula, or a sample of the model
    #[arg(long, value_name = "FILE")]
    pub data: Option<String>,

    /// Only this definition of the formula, an output or not; may be given several times
    #[arg(long, value_name = "NAME", value_parser = crate::list::single, conflicts_with = "model")]
    pub of: Vec<String>,

    /// Instead of a formula, a network that `uphill train --save` wrote
    #[arg(long, value_name = "FILE", requires = "data")]
    pub model: Option<String>,

    /// Check at so many random points of the formula
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["model", "data"])]
    pub random: Option<usize>,

    /// The range of random points
    #[arg(
        long,
        value_name = "LOW..HIGH",
        default_value = "-1..1",
        allow_hyphen_values = true,
        requires = "random"
    )]
    pub within: String,

    /// The seed of random points and directions
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub seed: u64,

    /// Check second derivatives of the formula, too
    #[arg(long, conflicts_with = "model")]
    pub hessian: bool,

    /// What may differ from numerical derivatives, as a part of the larger number [default: 1e-7; second ones 1e-5]
    #[arg(long, value_name = "PART", allow_negative_numbers = true)]
    pub tolerance: Option<f64>,

    /// Show every derivative, not only the worst ten
    #[arg(long)]
    pub all: bool,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,

    /// How the table is written, and how much of it stays in memory.
    #[command(flatten)]
    pub table_options: StoredOptions,
}

/// Checks.
///
/// # Errors
///
/// Those of formula, model, points and table; [`Error::Disagrees`] if a derivative is not confirmed.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    if let Some(part) = arguments.tolerance.filter(|part| !(*part >= 0.0 && part.is_finite())) {
        return Err(Error::Use(format!("--tolerance {part}: give a number that is not negative")));
    }
    let findings = match (&arguments.formula, &arguments.model, &arguments.data) {
        (None, Some(model), Some(data)) => model::check(arguments, model, data, output)?,
        (Some(formula), ..) => of_formula(arguments, formula, output)?,
        (None, ..) => {
            let what = "nothing to check: give a formula, or a saved network by --model and its table by --data";
            return Err(Error::Use(what.into()));
        }
    };
    output.result(&match arguments.json {
        true => findings.json().line() + "\n",
        false => findings.text(arguments.all),
    })?;
    findings.verdict()
}

/// A report keeps some hundred bytes of each derivative.
const MOST_DERIVATIVES: usize = 1_000_000;

fn of_formula(arguments: &Arguments, text: &str, output: &Output) -> Result<Findings, Error> {
    if text == "-" && arguments.data.as_deref() == Some("-") {
        let what = "formula and table can't both come from standard input; name a file for one";
        return Err(Error::Use(what.into()));
    }
    let function = chosen(&formula::read(text)?, &arguments.of)?;
    if function.inputs().is_empty() {
        let what = "the formula has no inputs, so there is no derivative to check";
        return Err(Error::Use(what.into()));
    }
    let points = match (&arguments.data, arguments.random) {
        (Some(data), _) => rows(arguments, &function, data, output)?,
        (None, Some(_)) if arguments.at.is_empty() => Vec::new(),
        _ => points(&function, &arguments.at)?,
    };
    if arguments.random == Some(0) {
        return Err(Error::Use("--random 0: give at least 1 point".into()));
    }
    let range = range(&arguments.within)?;
    let random = arguments.random.unwrap_or(0);
    check_size(&function, points.len().saturating_add(random))?;
    let mut findings = Findings::default();
    let first = match function.outputs().len() {
        1 => uphill_check::gradient(&function),
        _ => uphill_check::jacobian(&function),
    };
    let first = first
        .points(&points)
        .random_points(random, range.clone())
        .seed(arguments.seed)
        .tolerance(arguments.tolerance.unwrap_or(1e-7));
    findings.add("numerical", "numerical derivatives", first.report()?);
    if arguments.hessian {
        for output in function.output_names() {
            let one = function.select(&[output])?;
            let second = uphill_check::hessian(&one)
                .points(&points)
                .random_points(random, range.clone())
                .seed(arguments.seed)
                .tolerance(arguments.tolerance.unwrap_or(1e-5));
            findings.add("numerical", "numerical derivatives", second.report()?);
        }
    }
    Ok(findings)
}

/// Every row of a table as a point, but for those with missing cells.
fn rows(
    arguments: &Arguments,
    function: &Function,
    data: &str,
    output: &Output,
) -> Result<Vec<Vec<f64>>, Error> {
    let format = arguments.table_options.written.format()?;
    let mut reader = table::open(&Input::from(data), format)?;
    let sources = crate::grad::sources(function, &reader, &arguments.at)?;
    let columns = Source::columns(&sources);
    let (mut points, mut tally) = (Vec::new(), Tally::default());
    while let Some(row) = reader.next_row()? {
        if let Some(missing) = row.first_missing(&columns) {
            tally.skip(&row, missing);
            continue;
        }
        points.push(sources.iter().map(|source| source.number(&row)).collect::<Result<_, _>>()?);
        check_size(function, points.len())?;
    }
    if points.is_empty() {
        return Err(tally.nothing(reader.name()).into());
    }
    let missing = tally.remarks(reader.name(), "skipped");
    reader.remarks().iter().chain(&missing).for_each(|remark| output.remark(remark));
    Ok(points)
}

/// Checks that a report on so many points fits in memory, before it is made.
fn check_size(function: &Function, points: usize) -> Result<(), Error> {
    let variables = function.inputs().variable_positions().len();
    let each = function.outputs().len().saturating_mul(variables).max(1);
    let most = MOST_DERIVATIVES / each;
    if points <= most {
        return Ok(());
    }
    Err(Error::Use(format!(
        "at most {MOST_DERIVATIVES} derivatives are checked at once: {} of {each} each; take fewer rows of the table, \
         fewer points, or one output by --of",
        crate::numbers::counted(most, "point")
    )))
}

fn range(text: &str) -> Result<std::ops::Range<f64>, Error> {
    let ends = text.split_once("..").and_then(|(low, high)| {
        Some((formula::number_of(low.trim())?, formula::number_of(high.trim())?))
    });
    match ends {
        Some((low, high)) if low < high && (high - low).is_finite() => Ok(low..high),
        _ => Err(Error::Use(format!(
            "--within `{text}`: expected a range from a lower to a higher number, such as -1..1"
        ))),
    }
}
