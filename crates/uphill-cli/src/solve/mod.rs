//! `uphill solve`: the least or the greatest value of a performance, where constraints hold.
//!
//! The text becomes a problem in `uphill-formula`; `start` says where each variable begins and what each parameter is,
//! `uphill-solve` searches while `progress` shows it, and `report` tells what was found.

mod progress;
mod report;
mod start;

use clap::Args;
use uphill_formula::{Problem, Sense};
use uphill_graph::Function;
use uphill_solve::{Iteration, Problem as Search};

use crate::error::Error;
use crate::formula;
use crate::numbers::{number, whole};
use crate::output::Output;
use progress::Progress;
use report::Report;
use start::Start;

const EXAMPLES: &str = "\
The exit code is 1 unless an optimum was found; the report's first line, and `status` in JSON, say what was found instead.
What is found is an optimum among the points nearby: where a problem is not convex, there may be better ones elsewhere, which
other starts find.

Examples:
  uphill solve 'minimise x^2 + y^2; subject to x*y >= 4; x <= 1' --start x=1,y=4
      a constraint and a bound

  uphill solve 'maximise w*d*h; subject to surface: 2*(w*d + d*h + h*w) <= 24; 0 <= h <= 1' --start w=1,d=1,h=1 --json
      variables and multipliers as JSON: by how much the best P rises if a limit rises by one

  uphill solve 'minimise sum(i, 0..98, (x[i + 1] - x[i])^2); subject to x[0] = 1; x[i] >= sin(i/9) for i = 0..99' --start x=2
      a hundred variables, all of which start at 2, and as many bounds

  uphill solve @problem.txt --start @start.txt --at k=3
      text and start in files, and the number of a parameter";

/// Find the least or greatest value of a formula, where constraints hold.
///
/// Behind `minimise` or `maximise` stands a formula, behind `subject to` stand constraints, parted by `;` or lines. Names that the
/// text doesn't define are variables. `uphill help formula` tells how all of it is written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The problem, `minimise …; subject to …` (see `uphill help formula`); `@FILE` reads it from a file, `-` from standard input
    pub problem: String,

    /// Where variables start, such as `x1=1,x2=pi/2`; a vector's name is for all of its entries. `@FILE` has such lists, in
    /// lines [default: 0, or the number within the bounds that is next to it]
    #[arg(long, value_name = "NAME=NUMBER,…", allow_hyphen_values = true)]
    pub start: Vec<String>,

    /// The number of each parameter that the text declares, such as `k=3`
    #[arg(long, value_name = "NAME=NUMBER,…", allow_hyphen_values = true)]
    pub at: Vec<String>,

    /// The search ends where the conditions of an optimum are missed by no more, in a scale in which slopes at the start are
    /// 100 at most
    #[arg(
        long,
        value_name = "NUMBER",
        default_value = "1e-9",
        value_parser = tolerance,
        allow_negative_numbers = true
    )]
    pub tolerance: f64,

    /// After so many iterations it ends
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 3000,
        value_parser = whole::<u64>,
        allow_negative_numbers = true
    )]
    pub most_iterations: u64,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

/// A tolerance between 0 and 1.
fn tolerance(text: &str) -> Result<f64, String> {
    match number(text)? {
        tolerance if tolerance > 0.0 && tolerance < 1.0 => Ok(tolerance),
        _ => Err("expected a number between 0 and 1, such as 1e-9".into()),
    }
}

/// Solves.
///
/// # Errors
///
/// Those of text and options; [`Error::Solve`] where the search can't begin; [`Error::NotOptimal`] when all is printed, if no optimum
/// was found.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let text = formula::text(&arguments.problem)?;
    let problem = Problem::parse(&text).map_err(Error::Problem)?;
    let start = Start::of(&problem, &arguments.start, &arguments.at, &arguments.problem)?;
    let function = problem.function()?;
    let progress = Progress::begin(output);
    let show = |iteration: &Iteration| progress.show(iteration);
    crate::interrupt::watch();
    start.remarks.iter().for_each(|remark| output.remark(remark));
    let found = search(&problem, &function)
        .start(start.numbers)
        .tolerance(arguments.tolerance)
        .most_iterations(arguments.most_iterations)
        .stop_when(&crate::interrupt::asked)
        .progress(&show)
        .solve();
    progress.end();
    let optimum = found?;
    let report = Report { problem: &problem, function: &function, optimum: &optimum };
    let told = if arguments.json { report.json().line() + "\n" } else { report.text() };
    output.result(&told)?;
    match optimum.status.is_optimal() {
        true => Ok(()),
        false => Err(Error::NotOptimal(optimum.status.word())),
    }
}

/// The search for a problem's optimum; the function is the problem's.
pub(crate) fn search<'f>(problem: &Problem, function: &'f Function) -> Search<'f> {
    let mut search = match problem.sense() {
        Sense::Minimise => Search::minimise(function),
        Sense::Maximise => Search::maximise(function),
    };
    for constraint in problem.constraints() {
        search = search.constrain(&constraint.name, constraint.low, constraint.high);
    }
    for (name, low, high) in bounds(problem) {
        search = search.bounds(name, low, high);
    }
    search
}

/// The bounds by name: of a whole vector, if they are all the same.
fn bounds(problem: &Problem) -> Vec<(String, f64, f64)> {
    let inputs = problem.inputs();
    let mut list = Vec::new();
    for bound in problem.bounds() {
        let mut next = bound.positions.start;
        while next < bound.positions.end {
            let name = inputs.name(next);
            let vector = name.rsplit_once('[').map_or("", |(vector, _)| vector);
            let (name, end) = match inputs.positions(vector) {
                Ok(all) if all.start == next && all.end <= bound.positions.end => {
                    (vector.to_owned(), all.end)
                }
                _ => (name, next + 1),
            };
            list.push((name, bound.low, bound.high));
            next = end;
        }
    }
    list
}
