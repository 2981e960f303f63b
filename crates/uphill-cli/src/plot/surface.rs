//! `uphill plot surface`: P over two inputs of a formula or two weights of a network, from above or from the side.

use clap::Args;
use uphill_formula::Problem;
use uphill_pictures::Picture;

use crate::drawing::{Drawing, size};
use crate::error::Error;
use crate::formula;
use crate::hill::{Functions, HillOptions};
use crate::history;
use crate::output::Output;
use crate::table::StoredOptions;
use crate::trained::Trained;

const EXAMPLES: &str = "\
Examples:
  uphill plot surface 'P = sin(x^2/2 - y^2/4 + 3)*cos(2*x + 1 - exp(y))' \\
      --x x=-1.5..1.5 --y y=-3.2..1.2 --start 0.5,-0.9 --rate 0.15 --output hills.svg
      hills and valleys, and the way uphill by 50 steps along the gradient

  uphill plot surface 'P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6' --at w1=1 \\
      --x w2=-20..20 --y w3=-20..20 --arrow -8,-6 --output linear.svg
      w1 is held at 1; the arrow is the gradient by the others, (1, 15)

  uphill plot surface 'minimise x^2 + y^2; subject to x*y >= 4; 0 <= x <= 1; y >= 0' --x x=-1..3 --y y=-1..6 \\
      --start 1,4 --output optimum.svg
      what constraints forbid is shaded, and the optimum marked

  uphill plot surface --model iris.json --data examples/data/iris.csv \\
      --x 'petal_width_cm->h1.1' --y 'petal_length_cm->h1.1' --solid --theme dark --output weights.png
      P of a saved network over two of its weights, in three dimensions";

/// Draw a performance over two inputs or weights: contours, or a surface in three dimensions.
///
/// All other inputs have the numbers that --at gives them, all other weights those that were saved. Of a problem, what its
/// constraints forbid is shaded, and its optimum marked: the search for it begins at --start.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The formula, or a problem, `minimise …; subject to …`; `@FILE` reads it from a file, `-` from standard input
    #[arg(required_unless_present = "model", conflicts_with = "model")]
    pub formula: Option<String>,

    /// The definition that is drawn, if the formula has several outputs
    #[arg(long, value_name = "NAME", value_parser = crate::list::single, conflicts_with = "model")]
    pub of: Option<String>,

    /// The numbers of the other inputs
    #[arg(
        long,
        value_name = "NAME=NUMBER,…",
        allow_hyphen_values = true,
        conflicts_with = "model"
    )]
    pub at: Option<String>,

    /// Instead of a formula, a network that `uphill train --save` wrote
    #[arg(long, value_name = "FILE", requires = "data")]
    pub model: Option<String>,

    /// The table that the network was trained on; P is that of the training, on the rows that it climbed by
    #[arg(long, value_name = "FILE", requires = "model")]
    pub data: Option<String>,

    /// Lay the way of a training on the surface, from `uphill train --history FILE --history-weights`
    #[arg(long, value_name = "FILE", requires = "model", conflicts_with = "start")]
    pub history: Option<String>,

    /// How the table is written, and how much of it stays in memory.
    #[command(flatten)]
    pub table_options: StoredOptions,

    /// Which two, and what is drawn on the surface.
    #[command(flatten)]
    pub hill: HillOptions,

    /// In three dimensions instead of contours
    #[arg(long, conflicts_with = "arrow", help_heading = "Surface")]
    pub solid: bool,

    /// The side from which the solid surface is seen: degrees from the x axis, counterclockwise from above
    #[arg(
        long,
        value_name = "DEGREES",
        default_value_t = -60.0,
        allow_negative_numbers = true,
        requires = "solid",
        help_heading = "Surface"
    )]
    pub seen_from: f64,

    /// Width and height [default: 800x640, or less where equal units need less]
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = size, help_heading = "Picture")]
    pub size: Option<[u32; 2]>,

    /// Where the picture goes.
    #[command(flatten)]
    pub drawing: Drawing,
}

/// Draws.
pub(super) fn picture(arguments: &Arguments, output: &Output) -> Result<Picture, Error> {
    let hill = &arguments.hill;
    // What axes, bar and titles leave of the picture.
    let [width, height] = arguments.size.unwrap_or([800, 640]).map(f64::from);
    let shape = ((width - 185.0) / (height - 135.0)).clamp(0.25, 4.0);
    let surface = match (&arguments.model, &arguments.data) {
        (Some(model), Some(data)) => {
            let trained = Trained::read_as_trained(model, data, &arguments.table_options, output)?;
            let mut ground = hill.over_weights(&trained)?;
            if let Some(file) = &arguments.history {
                let history = history::read(file, Some(trained.saved.model.network()))?;
                ground = ground.trail(&history, file)?;
            }
            hill.surface(ground, shape, output)?
        }
        _ => {
            let text = formula::text(arguments.formula.as_deref().unwrap_or_default())?;
            let at = arguments.at.as_deref();
            match formula::one_output(&text, arguments.of.as_deref()) {
                Err(Error::Formula(uphill_formula::Error::NotAFormula { .. })) => {
                    if arguments.of.is_some() {
                        let what = "--of is for formulas; of a problem its performance is drawn";
                        return Err(Error::Use(what.into()));
                    }
                    let problem = Problem::parse(&text).map_err(Error::Problem)?;
                    let functions = Functions::of(&problem)?;
                    let ground = hill.over_problem(&problem, &functions, at, output)?;
                    hill.surface(ground, shape, output)?
                }
                function => hill.surface(hill.over_inputs(&function?, at)?, shape, output)?,
            }
        }
    };
    let mut surface = surface.seen_from(arguments.seen_from);
    if let Some([width, height]) = arguments.size {
        surface = surface.size(width, height);
    }
    if let Some(title) = &arguments.drawing.title {
        surface = surface.title(title);
    }
    Ok(if arguments.solid { surface.solid() } else { surface.contours() })
}
