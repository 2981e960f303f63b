//! `uphill plot fit`: data, the curve of a fitted model, and what it leaves unexplained.

use clap::Args;
use uphill_pictures::{Fit, Picture};
use uphill_solve::{Fitted, Parameter, State};

use crate::drawing::{Drawing, size};
use crate::error::Error;
use crate::fit::{Found, Task};
use crate::numbers::short;
use crate::output::Output;

/// Of more rows, so many are drawn.
const MOST_ROWS: usize = 2000;
/// A longer formula is no title.
const LONGEST_TITLE: usize = 72;

const EXAMPLES: &str = "\
Examples:
  uphill plot fit 'petal_width_cm = a + b*petal_length_cm' --data examples/data/iris.csv \\
      --start a=0,b=1 --output fit.svg
      data and line, and below what the line leaves unexplained

  uphill plot fit 'y = b1*(1 - exp(-b2*x))' --data data.csv --start b1=500,b2=0.0001 \\
      --names 'load (kg),length (mm)' --title 'A spring' --theme dark --output spring.png
      with names and a title of its own";

/// Fit a model as `uphill fit` does, and draw data, curve and residuals.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What is fitted to what, and how.
    #[command(flatten)]
    pub task: Task,

    /// The column along which the fit is drawn [default: the first one on the model's right side]
    #[arg(
        long,
        value_name = "COLUMN",
        help_heading = "Picture",
        value_parser = crate::list::single
    )]
    pub x: Option<String>,

    /// What is written beside both axes [default: the names of the column and of the left side]
    #[arg(long, value_name = "X,Y", num_args = 1, help_heading = "Picture")]
    pub names: Option<String>,

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

/// Fits and draws.
pub(super) fn picture(arguments: &Arguments, output: &Output) -> Result<Picture, Error> {
    let names = crate::list::names("--names", arguments.names.as_slice())?;
    let names = match names.as_slice() {
        [] => None,
        [x, y] => Some([x.clone(), y.clone()]),
        _ => {
            return Err(Error::Use(
                "--names: expected two, such as `load (kg),length (mm)`".into(),
            ));
        }
    };
    let found = Found::find(&arguments.task, &uphill_ranks::Alone)?;
    found.remarks.iter().for_each(|remark| output.remark(remark));
    if !found.fitted.is_converged() {
        output.remark(&found.fitted.ending().to_string());
    }
    let curve = found.curve(arguments.x.as_deref(), MOST_ROWS)?;
    if curve.x.len() < curve.rows {
        output.remark(&format!("drawing {} of {} rows", curve.x.len(), curve.rows));
    }
    let [width, height] = arguments.size;
    let mut fit = Fit::new(&curve.x, &curve.desired, &curve.computed)?.size(width, height);
    fit = match curve.model() {
        Some(model) => fit.curve(model),
        None if curve.is_apart => fit.apart(),
        None => fit,
    };
    if !curve.errors.is_empty() {
        fit = fit.errors(&curve.errors)?;
    }
    let band = curve.band(arguments.task.confidence);
    let level = band.is_some().then_some(arguments.task.confidence);
    if let Some(band) = band {
        fit = fit.band(band);
    }
    fit = fit.notes(notes(&found.fitted, level));
    let [x, y] = names.unwrap_or_else(|| [curve.x_name.clone(), curve.y_name.clone()]);
    fit = fit.names(x, y);
    let formula = arguments.task.model.trim();
    let is_title = formula != "-"
        && !formula.starts_with('@')
        && !formula.contains('\n')
        && formula.chars().count() <= LONGEST_TITLE;
    match &arguments.drawing.title {
        Some(title) => fit = fit.title(title),
        None if is_title => fit = fit.title(formula),
        None => {}
    }
    Ok(fit.picture())
}

/// Parameters with their errors, and what the band of a level is.
fn notes(fitted: &Fitted, level: Option<f64>) -> Vec<String> {
    let parameter = |parameter: &Parameter| {
        let Parameter { name, value, standard_error, state } = parameter;
        let value = short(*value, 5).replace('-', "−");
        match (standard_error, state) {
            (Some(error), _) => format!("{name} = {value} ± {}", short(*error, 2)),
            (None, State::Fixed) => format!("{name} = {value} (fixed)"),
            (None, State::AtBound) => format!("{name} = {value} (at its bound)"),
            (None, State::Free) => format!("{name} = {value}"),
        }
    };
    let parameters: Vec<String> = fitted.parameters().iter().map(parameter).collect();
    let mut notes = vec![parameters.join(", ")];
    match level.filter(|_| fitted.covariance().is_some()) {
        Some(level) => notes.push(format!(
            "± one standard error; the band is where the model lies with {} % confidence",
            short(100.0 * level, 4)
        )),
        None if fitted.covariance().is_some() => notes.push("± one standard error".into()),
        None => {}
    }
    if !fitted.is_converged() {
        notes.push(fitted.ending().to_string());
    }
    notes
}
