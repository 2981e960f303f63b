//! `uphill grad`: value and gradient of a formula, at points or for every row of a table.
//!
//! A point's derivatives are one record (`point`) that is shown as text, JSON or CSV; a table's rows (`rows`) are
//! answered as they come, in bounded memory; `symbolic` gives formulas without a point; and programs of others get the
//! derivatives as source text (`source`).

mod hessian;
mod point;
mod rows;
mod source;
mod symbolic;

use std::fmt::Write as _;

use clap::Args;
use uphill_formula::Formula;
use uphill_graph::{Function, PictureOptions};

use crate::error::Error;
use crate::file::Destination;
use crate::formula;
use crate::output::Output;
use crate::table::Options;
use point::Point;
pub(crate) use rows::{Source, sources};
use source::Language;

const EXAMPLES: &str = "\
Examples:
  uphill grad 'P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6' --at w1=1,w2=1,w3=1
      the lecture's example: gradient (-11, 1, 15)

  uphill grad 'P = -(d - o)^2; o = sigmoid(w*x)' --at w=0.5,x=2,d=1 --trace --explain w
      the chain rule, from name to name, and the derivation of dP/dw

  uphill grad 'P = -(d - o)^2; o = sigmoid(w*x)' --symbolic
      each derivative as a formula, without a point; --hessian adds the second ones

  uphill grad 'P = -(d - o)^2; o = sigmoid(sigma); sigma = w_ij*o_i' --symbolic --latex > derivatives.tex
      the same as LaTeX, with subscripts and Greek letters, and nothing else

  uphill grad 'P = -(d - sigmoid(w*x))^2' --at w=0.5,x=2,d=1 --trace --every
      every step of the chain rule, through values without a name, too

  uphill grad 'y = a*exp(-k*t)' --data times.csv --at a=2,k=0.1 > slopes.csv
      value and gradient for every row; `t` is a column

  uphill grad @model.txt --dot | dot -Tsvg > model.svg
      the graph of a formula in a file, by Graphviz

  uphill grad 'y = a*exp(-k*t)' --rust --output slope.rs
      a Rust function with the same numbers, for a program of your own; --c writes one in C99";

/// Compute value and gradient of a formula.
///
/// Names that the formula doesn't define are its inputs; definitions that no other uses are its outputs.
/// `uphill help formula` tells how formulas are written, with all functions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The formula (see `uphill help formula`); `@FILE` reads it from a file, `-` from standard input
    pub formula: String,

    /// A point: each input with its number, such as `w1=1,w2=pi/2`; give it several times for several points
    #[arg(long, value_name = "NAME=NUMBER,…", allow_hyphen_values = true)]
    pub at: Vec<String>,

    /// A CSV file, or several by a pattern such as 'part-*.csv': every row is a point, its columns the inputs of these names; --at gives the others, once
    #[arg(long, value_name = "FILE")]
    pub data: Option<String>,

    /// Only this definition, an output or not; may be given several times
    #[arg(long, value_name = "NAME", value_parser = crate::list::single)]
    pub of: Vec<String>,

    /// Show the Jacobian: a row for each output, a column for each input
    #[arg(long)]
    pub jacobian: bool,

    /// Show the second derivatives of each output: a matrix, or its entries other than 0 where it has over 200 rows
    #[arg(long)]
    pub hessian: bool,

    /// In --hessian, show only the entries other than 0, whatever the size
    #[arg(long, requires = "hessian")]
    pub sparse: bool,

    /// Show all values and adjoints that have a name or are used more than once, with the terms of the chain rule
    #[arg(long)]
    pub trace: bool,

    /// In --trace, show the value of every operation, named or not
    #[arg(long, requires = "trace")]
    pub every: bool,

    /// Show derivatives as formulas instead of numbers, without a point; with --hessian the second ones, too, and with
    /// --explain the derivations. For reading: like terms and factors are collected by the laws of finite real numbers,
    /// so at an infinity, or at a hole that cancels, a formula may differ from what is computed
    #[arg(long, conflicts_with_all = ["at", "data", "trace", "check", "csv", "jacobian", "dot", "mermaid", "rust", "c"])]
    pub symbolic: bool,

    /// Show the derivation of the derivative by this input; without a name, by each
    #[arg(
        long,
        value_name = "INPUT",
        num_args = 0..=1,
        default_missing_value = "",
        value_parser = crate::list::single
    )]
    pub explain: Option<String>,

    /// Print derivations as LaTeX, nothing else; without --at, as --symbolic does
    #[arg(long)]
    pub latex: bool,

    /// Show derivations without characters outside of ASCII
    #[arg(long, conflicts_with = "latex")]
    pub ascii: bool,

    /// Print the graph for Graphviz, nothing else
    #[arg(long, conflicts_with_all = ["mermaid", "json", "csv", "data"])]
    pub dot: bool,

    /// Print the graph for Mermaid, nothing else
    #[arg(long, conflicts_with_all = ["json", "csv", "data"])]
    pub mermaid: bool,

    /// Print a Rust function for value and gradient, nothing else; for several outputs, two: values and Jacobian
    #[arg(long, conflicts_with_all = ["c", "dot", "mermaid", "json", "csv", "data", "at"])]
    pub rust: bool,

    /// Print a C99 function for value and gradient, nothing else; for several outputs, two: values and Jacobian
    #[arg(long, conflicts_with_all = ["dot", "mermaid", "json", "csv", "data", "at"])]
    pub c: bool,

    /// With --rust or --c: compute in single precision, `f32` or `float`; elementary functions are those of double
    /// precision, rounded
    #[arg(long)]
    pub single: bool,

    /// Compare the derivatives with numerical ones; exit code 1 if they disagree
    #[arg(long, conflicts_with = "data")]
    pub check: bool,

    /// Print JSON, one object a line for each point, described in docs/json.md
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,

    /// Print CSV, a row for each point; so --data does without --json
    #[arg(long, conflicts_with_all = ["jacobian", "hessian", "trace", "explain", "latex", "check"])]
    pub csv: bool,

    /// Write to this file, whole
    #[arg(short, long, value_name = "FILE", default_value = "-", visible_alias = "out")]
    pub output: String,

    /// Replace an existing file
    #[arg(long)]
    pub force: bool,

    /// How the table is written.
    #[command(flatten)]
    pub table_options: Options,
}

/// Differentiates.
///
/// # Errors
///
/// Those of formula, points, table and file; [`Error::Outside`] where an output is NaN, [`Error::Disagrees`] from
/// `--check`, both when all is written.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let to = Destination::new(&arguments.output, arguments.force);
    let read = [
        ("the formula", formula::file(&arguments.formula)),
        ("the table", arguments.data.as_deref()),
    ];
    crate::roles::tell_apart(&read, &[("--output", Some(&to))])?;
    to.check()?;
    if arguments.formula == "-" && arguments.data.as_deref() == Some("-") {
        let what = "formula and table can't both come from standard input; name a file for one";
        return Err(Error::Use(what.into()));
    }
    if arguments.single && !arguments.rust && !arguments.c {
        let what = "--single is for the text of a function; add --rust or --c, or leave it out";
        return Err(Error::Use(what.into()));
    }
    let function = chosen(&formula::read(&arguments.formula)?, &arguments.of)?;
    if let Some(table) = &arguments.data {
        return rows::run(arguments, &function, table, &to, output);
    }
    if arguments.dot || arguments.mermaid {
        let options = PictureOptions::default();
        let picture = match arguments.dot {
            true => function.to_dot(&options)?,
            false => function.to_mermaid(&options)?,
        };
        return write(&to, &picture);
    }
    if arguments.rust || arguments.c {
        let language = if arguments.rust { Language::Rust } else { Language::C };
        return write(&to, &source::text(&function, language, arguments.single)?);
    }
    let pointless = arguments.at.is_empty() && function.input_names().next().is_some();
    if arguments.symbolic || (arguments.latex && pointless) {
        return write(&to, &symbolic::text(&function, arguments)?);
    }
    if pointless {
        return Err(without_a_point(&function));
    }
    if arguments.latex && !arguments.json {
        let others = [
            (arguments.trace, "--trace"),
            (arguments.jacobian, "--jacobian"),
            (arguments.hessian, "--hessian"),
            (arguments.check, "--check"),
        ];
        if let Some((_, option)) = others.iter().find(|(given, _)| *given) {
            let what = format!(
                "--latex prints derivations alone; leave {option} out, or take --json or --symbolic"
            );
            return Err(Error::Use(what));
        }
    }
    let points = points(&function, &arguments.at)?;
    let points: Vec<Point> =
        points.into_iter().map(|x| Point::of(&function, x, arguments)).collect::<Result<_, _>>()?;
    let text = if arguments.json {
        points.iter().map(|point| point.json().line() + "\n").collect()
    } else if arguments.csv {
        csv(&function, &points)
    } else {
        points.iter().map(Point::text).collect::<Vec<_>>().join("\n")
    };
    write(&to, &text)?;
    points.iter().find_map(Point::trouble).map_or(Ok(()), Err)
}

/// The formula's outputs, or the definitions that were asked for.
pub(crate) fn chosen(formula: &Formula, outputs: &[String]) -> Result<Function, Error> {
    Ok(if outputs.is_empty() { formula.function()? } else { formula.function_of(outputs)? })
}

/// The points that `--at` gives; a formula without inputs has one.
pub(crate) fn points(function: &Function, at: &[String]) -> Result<Vec<Vec<f64>>, Error> {
    let inputs: Vec<String> = function.input_names().collect();
    if at.is_empty() {
        return Ok(vec![formula::point("--at", &inputs, &[])?]);
    }
    let given = at.iter().map(|text| formula::assignments("--at", text));
    given.map(|given| formula::point("--at", &inputs, &given?)).collect()
}

fn without_a_point(function: &Function) -> Error {
    let inputs: Vec<String> = function.input_names().collect();
    let names = crate::names::few(inputs.iter().map(String::as_str));
    let hint = formula::assigned(&inputs[0]);
    Error::Use(format!(
        "--at gives no number for {names}; add {hint}, or take --symbolic for derivatives as formulas"
    ))
}

/// The inputs by which `--explain` asks for derivations: one, or all.
fn explained(function: &Function, asked: &str) -> Result<Vec<String>, Error> {
    let inputs: Vec<String> = function.input_names().collect();
    if asked.is_empty() {
        return Ok(inputs);
    }
    if inputs.iter().any(|input| input == asked) {
        return Ok(vec![asked.to_owned()]);
    }
    Err(Error::unknown("input", asked, "the formula", inputs.iter().map(String::as_str)))
}

fn write(to: &Destination, text: &str) -> Result<(), Error> {
    to.write(|file| file.write_all(text.as_bytes()).map_err(|source| to.failed(source)))
}

/// Inputs, values and derivatives: a header, and a row for each point.
fn csv(function: &Function, points: &[Point]) -> String {
    let header = rows::header(function.input_names(), function);
    let fields: Vec<String> = header.iter().map(|name| rows::quoted(name)).collect();
    let mut text = fields.join(",") + "\n";
    for point in points {
        let numbers = point.x.iter().chain(&point.values).chain(&point.slopes);
        let row: Vec<String> = numbers.map(|&x| crate::numbers::exact(x)).collect();
        let _ = writeln!(text, "{}", row.join(","));
    }
    text
}
