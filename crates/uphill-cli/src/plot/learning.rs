//! `uphill plot learning`: how a training went, from the history that it left.

use clap::Args;
use uphill_pictures::{Learning, Picture};

use crate::drawing::{Drawing, size};
use crate::error::Error;
use crate::history;

const EXAMPLES: &str = "\
Examples:
  uphill train examples/data/iris.csv --target species --history iris-history.csv
  uphill plot learning iris-history.csv --output learning.svg
      P and the length of its gradient by the number of changes

  uphill plot learning - --theme dark --size 1200x700 --output learning.png < iris-history.csv
      pixels for a dark page";

/// Draw how a training went: P and the length of its gradient by the number of changes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The history, a CSV file from `uphill train --history`; `-` for standard input
    pub history: String,

    /// Width and height
    #[arg(
        long,
        value_name = "WIDTHxHEIGHT",
        default_value = "800x600",
        value_parser = size,
        help_heading = "Picture"
    )]
    pub size: [u32; 2],

    /// Where the picture goes.
    #[command(flatten)]
    pub drawing: Drawing,
}

/// Draws.
pub(super) fn picture(arguments: &Arguments) -> Result<Picture, Error> {
    let [width, height] = arguments.size;
    let history = history::read(&arguments.history, None)?;
    let mut learning = Learning::of(&history)?.named(history::PERFORMANCE).size(width, height);
    if let Some(title) = &arguments.drawing.title {
        learning = learning.title(title);
    }
    Ok(learning.picture())
}
