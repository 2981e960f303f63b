//! `uphill plot regions`: which class a saved network computes where, over two of its inputs, with a table's rows.

use clap::Args;
use uphill_pictures::{Picture, Regions};

use crate::drawing::{Drawing, size};
use crate::error::Error;
use crate::output::Output;
use crate::plane::TablePlane;
use crate::table::StoredOptions;
use crate::trained::Trained;

const EXAMPLES: &str = "\
Examples:
  uphill train examples/data/iris.csv --target species --hidden 2 --save iris.json
  uphill plot regions iris.json examples/data/iris.csv --inputs petal_length_cm,petal_width_cm --output regions.svg
      the regions of three species over two inputs, the other two at their means

  uphill plot regions iris.json examples/data/iris.csv --inputs sepal_length_cm,sepal_width_cm --theme dark \\
      --output regions.png
      another pair";

/// Draw which class a saved network computes where, over two of its inputs.
///
/// The other inputs are at their means over the rows of the table. Each row is drawn where its own two inputs are, in the
/// colour and shape of its desired class; those that the network computes otherwise have a ring.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The model, from `uphill train --save`
    pub model: String,

    /// The table, a CSV file; several as one by a pattern in quotes, such as 'part-*.csv'; `-` for standard input
    pub table: String,

    /// The two columns of numbers over which it is drawn [default: the first two]
    #[arg(long, value_name = "X,Y", num_args = 1)]
    pub inputs: Vec<String>,

    /// How the table is written, and how much of it stays in memory.
    #[command(flatten)]
    pub table_options: StoredOptions,

    /// Width and height
    #[arg(
        long,
        value_name = "WIDTHxHEIGHT",
        default_value = "720x640",
        value_parser = size,
        help_heading = "Picture"
    )]
    pub size: [u32; 2],

    /// Where the picture goes.
    #[command(flatten)]
    pub drawing: Drawing,
}

/// Draws.
pub(super) fn picture(arguments: &Arguments, output: &Output) -> Result<Picture, Error> {
    let (model, table) = (&arguments.model, &arguments.table);
    let trained = Trained::read(model, table, &arguments.table_options, None, output)?;
    let over = TablePlane::new(&trained.saved.recipe, &arguments.inputs, &trained.samples)?;
    let (network, weights) = (trained.saved.model.network(), trained.weights());
    let regions = over.plane.regions(network, weights, &trained.samples)?;
    let [width, height] = arguments.size;
    let title = arguments.drawing.title.as_ref().unwrap_or(&over.title);
    let regions = over.notes.iter().fold(regions.title(title), Regions::note);
    Ok(regions.size(width, height).picture())
}
