//! `uphill plot`: pictures of a formula, a training, a network or a fit, as SVG or PNG.
//!
//! Each kind has a file here that makes a `Picture` of `uphill-pictures`; how it is delivered stands in
//! [`drawing`](crate::drawing).

pub mod fit;
pub mod graph;
pub mod learning;
pub mod network;
pub mod regions;
pub mod surface;

use clap::{Args, Subcommand};

use crate::error::Error;
use crate::formula;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  uphill plot surface 'P = -(x^2 + 3*y^2)' --start 1.5,1 --rate 0.1 --output hill.svg
      contours of P, and the way uphill; --solid draws it in three dimensions

  uphill plot graph 'P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6' --at w1=1,w2=1,w3=1 > graph.svg
      the computation graph, with values and derivatives

  uphill plot regions iris.json examples/data/iris.csv --inputs petal_length_cm,petal_width_cm --output regions.svg
      which class a saved network computes where, over two of its inputs

  uphill plot fit 'petal_width_cm = a + b*petal_length_cm' --data examples/data/iris.csv --start a=0,b=1 --output fit.png
      data, curve and residuals, as pixels

`uphill help plot surface` and the like tell the options of each kind.";

/// Draw a picture, as SVG or PNG, for light or dark pages.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What is drawn.
    #[command(subcommand)]
    pub kind: Kind,
}

/// The kinds of pictures.
#[derive(Debug, Subcommand)]
pub enum Kind {
    #[allow(missing_docs)] // the options' own documentation is the help
    Surface(Box<surface::Arguments>),
    #[allow(missing_docs)]
    Learning(Box<learning::Arguments>),
    #[allow(missing_docs)]
    Graph(Box<graph::Arguments>),
    #[allow(missing_docs)]
    Network(Box<network::Arguments>),
    #[allow(missing_docs)]
    Regions(Box<regions::Arguments>),
    #[allow(missing_docs)]
    Fit(Box<fit::Arguments>),
}

/// Draws.
///
/// # Errors
///
/// Those of what is drawn, of the picture and of its file.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let (drawing, read) = match &arguments.kind {
        Kind::Surface(arguments) => (
            &arguments.drawing,
            vec![
                ("the formula", arguments.formula.as_deref().and_then(formula::file)),
                ("the model", arguments.model.as_deref()),
                ("the table", arguments.data.as_deref()),
                ("the history", arguments.history.as_deref()),
            ],
        ),
        Kind::Learning(arguments) => {
            (&arguments.drawing, vec![("the history", Some(arguments.history.as_str()))])
        }
        Kind::Graph(arguments) => {
            (&arguments.drawing, vec![("the formula", formula::file(&arguments.formula))])
        }
        Kind::Network(arguments) => {
            (&arguments.drawing, vec![("the model", Some(arguments.model.as_str()))])
        }
        Kind::Regions(arguments) => (
            &arguments.drawing,
            vec![
                ("the model", Some(arguments.model.as_str())),
                ("the table", Some(arguments.table.as_str())),
            ],
        ),
        Kind::Fit(arguments) => (
            &arguments.drawing,
            vec![
                ("the formula", formula::file(&arguments.task.model)),
                ("the table", Some(arguments.task.data.as_str())),
            ],
        ),
    };
    let target = drawing.target(&read)?;
    target.write(&match &arguments.kind {
        Kind::Surface(arguments) => surface::picture(arguments, output)?,
        Kind::Learning(arguments) => learning::picture(arguments)?,
        Kind::Graph(arguments) => graph::picture(arguments)?,
        Kind::Network(arguments) => network::picture(arguments)?,
        Kind::Regions(arguments) => regions::picture(arguments, output)?,
        Kind::Fit(arguments) => fit::picture(arguments, output)?,
    })
}
