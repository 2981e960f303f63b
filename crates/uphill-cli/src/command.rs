//! The command line: what can be on it, and the help that says so.
//!
//! Each command's options stand in its own module, with examples; this is the list of commands.

use clap::{Parser, Subcommand};

const EXIT: &str = "\
How formulas are written, with all functions: uphill help formula

Exit codes:
  0    done
  1    the work failed: a file that can't be read or written, a cell of a table that is no number, a model of
       another version, a value that is NaN since a number left the domain of a function, a derivative that isn't
       confirmed, a network or fit that doesn't come out, a problem of which no optimum is found
  2    the command line can't be followed: an option, a formula, a name that no column or input has, a file that
       exists and would be replaced without --force
  130  ended by Ctrl-C; of train, fit and solve by a second one: the first stops their work at a good place
Files are written whole or not at all; existing ones are kept unless --force is given; `-` is standard input or output.
With NO_COLOR set nothing is coloured; output to a pipe or file never is.

Examples:
  uphill grad 'P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6' --at w1=1,w2=1,w3=1
      value and gradient of a formula

  uphill fit 'y = b1*(1 - exp(-b2*x))' --data data.csv --start b1=500,b2=0.0001
      the parameters of a model

  uphill solve 'minimise x^2 + y^2; subject to x*y >= 4; x <= 1' --start x=1,y=4
      the best that constraints leave

  uphill train examples/data/iris.csv --target species --save iris.json
      train a network on the table of irises, test it, keep it

  uphill predict iris.json more_flowers.csv
      use it

  uphill check --model iris.json --data examples/data/iris.csv
      is its gradient right? By backpropagation in closed form, and by differences

  uphill export --model iris.json --onnx iris.onnx
      for programs that know nothing of uphill

  uphill plot surface 'P = -(x^2 + 3*y^2)' --start 1.5,1 --output hill.svg
      a picture of P, with the way uphill

  uphill lecture chain-rule
      one section of the lecture on backpropagation, with every blank filled in";

/// Climb the gradient of a performance: networks from tables, and the lecture that it comes from.
#[derive(Debug, Parser)]
#[command(name = "uphill", version, after_help = EXIT, max_term_width = 100)]
pub struct CommandLine {
    /// Only results and errors: no progress, no remarks
    #[arg(short, long, global = true, display_order = 1000)]
    pub quiet: bool,

    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[allow(missing_docs)] // the options' own documentation is the help
    Grad(Box<crate::grad::Arguments>),
    #[allow(missing_docs)]
    Fit(Box<crate::fit::Arguments>),
    #[allow(missing_docs)]
    Solve(crate::solve::Arguments),
    #[allow(missing_docs)]
    Train(Box<crate::train::Arguments>),
    #[allow(missing_docs)]
    Predict(crate::predict::Arguments),
    #[allow(missing_docs)]
    Evaluate(crate::evaluate::Arguments),
    #[allow(missing_docs)]
    Check(Box<crate::check::Arguments>),
    #[allow(missing_docs)]
    Export(crate::export::Arguments),
    #[allow(missing_docs)]
    Plot(crate::plot::Arguments),
    #[allow(missing_docs)]
    View(Box<crate::view::Arguments>),
    #[allow(missing_docs)]
    Formula(crate::language::Arguments),
    #[allow(missing_docs)]
    Lecture(crate::lecture::Arguments),
    #[allow(missing_docs)]
    Siblings(crate::siblings::Arguments),
    #[allow(missing_docs)]
    Completions(crate::complete::Arguments),
    #[allow(missing_docs)]
    Man(crate::manual::Arguments),
}
