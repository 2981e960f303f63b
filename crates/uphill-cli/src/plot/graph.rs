//! `uphill plot graph`: the computation graph of a formula, at a point with every value and derivative.

use clap::Args;
use uphill_graph::Detail;
use uphill_pictures::{GraphPicture, Picture};

use crate::drawing::Drawing;
use crate::error::Error;
use crate::formula;
use crate::grad::chosen;

const EXAMPLES: &str = "\
Examples:
  uphill plot graph 'P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6' --output graph.svg
      who feeds whom, with formulas

  uphill plot graph @model.txt --at w=0.5,x=2,d=1 --every --theme dark --output graph.png
      with values, and the derivatives of P by each; a box for every operation";

/// Draw the computation graph of a formula, laid out from left to right.
///
/// With --at, each box tells its value, and the derivative of the output by it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The formula; `@FILE` reads it from a file, `-` from standard input
    pub formula: String,

    /// The point: each input with its number, such as `w1=1,w2=pi/2`
    #[arg(long, value_name = "NAME=NUMBER,…", allow_hyphen_values = true)]
    pub at: Option<String>,

    /// Only this definition, an output or not; may be given several times, the first is differentiated
    #[arg(long, value_name = "NAME", value_parser = crate::list::single)]
    pub of: Vec<String>,

    /// A box for every operation, not only for what is named, an output, or used more than once
    #[arg(long)]
    pub every: bool,

    /// Where the picture goes.
    #[command(flatten)]
    pub drawing: Drawing,
}

/// Draws.
pub(super) fn picture(arguments: &Arguments) -> Result<Picture, Error> {
    let function = chosen(&formula::read(&arguments.formula)?, &arguments.of)?;
    let inputs: Vec<String> = function.input_names().collect();
    let point =
        |text: &String| formula::point("--at", &inputs, &formula::assignments("--at", text)?);
    let at = arguments.at.as_ref().map(point).transpose()?;
    let detail = if arguments.every { Detail::Every } else { Detail::Shared };
    let mut picture = GraphPicture::with_detail(&function, at.as_deref(), detail)?;
    if let Some(title) = &arguments.drawing.title {
        picture = picture.title(title);
    }
    Ok(picture.picture())
}
