//! `uphill plot network`: a saved network, its weights as width and colour of lines.

use clap::Args;
use uphill_pictures::{NetworkPicture, Picture};

use crate::drawing::Drawing;
use crate::error::Error;
use crate::file::Input;
use crate::model;

const EXAMPLES: &str = "\
Examples:
  uphill train examples/data/iris.csv --target species --hidden 3 --save iris.json
  uphill plot network iris.json --output network.svg
      inputs to the left, outputs to the right; strong weights are thick, negative ones orange

  uphill plot network iris.json --strongest 10 --width 1200 --output network.png
      the same scale for several pictures that are to be compared";

/// Draw a saved network: nodes in layers, weights as width and colour of lines.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The model, from `uphill train --save`; `-` for standard input
    pub model: String,

    /// The weight that has the thickest line [default: the strongest one]
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub strongest: Option<f64>,

    /// The width, from 320 to 4000; the height follows from the network
    #[arg(
        long,
        value_name = "WIDTH",
        default_value_t = 800,
        value_parser = clap::value_parser!(u32).range(320..=4000),
        help_heading = "Picture"
    )]
    pub width: u32,

    /// Where the picture goes.
    #[command(flatten)]
    pub drawing: Drawing,
}

/// Draws.
pub(super) fn picture(arguments: &Arguments) -> Result<Picture, Error> {
    if let Some(strongest) = arguments.strongest.filter(|&w| !(w > 0.0 && w.is_finite())) {
        return Err(Error::Use(format!("--strongest {strongest}: give a number above 0")));
    }
    let saved = model::read(&Input::from(arguments.model.as_str()))?;
    let mut picture = NetworkPicture::new(saved.model.network(), saved.model.weights())?;
    picture = picture.width(arguments.width);
    if let Some(unit) = saved.recipe.unit() {
        picture = picture.input_unit(unit);
    }
    if let Some(strongest) = arguments.strongest {
        picture = picture.strongest(strongest);
    }
    if let Some(title) = &arguments.drawing.title {
        picture = picture.title(title);
    }
    Ok(picture.picture())
}
