//! `uphill view`: one HTML file that steps through the chain rule, or goes along a training.
//!
//! What the page holds follows from what is given: a formula is stepped through, a history is dragged along, a saved
//! network is drawn beside it and has sliders on its weights, and two names make a surface.

use clap::Args;
use uphill_graph::Detail;
use uphill_pictures::{Regions, Sliders, View};

use crate::error::Error;
use crate::file::Destination;
use crate::formula;
use crate::grad::chosen;
use crate::hill::HillOptions;
use crate::history;
use crate::output::Output;
use crate::plane::TablePlane;
use crate::table::StoredOptions;
use crate::trained::Trained;

const EXAMPLES: &str = "\
Examples:
  uphill view 'P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6' --at w1=1,w2=1,w3=1 --output view.html
      step forward through the values and back through the derivatives, with the arrow keys

  uphill view 'P = (x + y)*sin(x)' --at x=1,y=2 --every --output every.html
      a step for every operation; sliders change x and y, and the page computes P and its derivatives anew

  uphill view 'P = -(x^2 + 3*y^2)' --at x=1.5,y=1 --start 1.5,1 --output hill.html
      the same with the surface and the way uphill

  uphill train examples/data/iris.csv --target species --hidden 3 --save iris.json \\
      --history iris-history.csv --history-weights
  uphill view --history iris-history.csv --model iris.json --data examples/data/iris.csv \\
      --x 'petal_width_cm->h1.1' --y 'petal_length_cm->h1.1' --row 1 --output iris.html
      drag along the training: P, the network, its way over two weights; and the chain rule of the first row

  uphill view --model iris.json --data examples/data/iris.csv --inputs petal_length_cm,petal_width_cm \\
      --output weights.html
      move the weights: P and its slopes, the network and its decision regions follow";

const USAGE: &str = "\
uphill view [OPTIONS] <FORMULA>
       uphill view [OPTIONS] --history <FILE>
       uphill view [OPTIONS] --model <FILE> --data <FILE> [--history <FILE>] [--row <ROW>]";

/// Write one HTML file to step through a formula or a training: for any browser, complete in itself.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, override_usage = USAGE)]
pub struct Arguments {
    /// The formula (see `uphill help formula`); `@FILE` reads it from a file, `-` from standard input
    #[arg(conflicts_with_all = ["history", "model"])]
    pub formula: Option<String>,

    /// The point, each input with its number; without it, the graph alone is shown
    #[arg(long, value_name = "NAME=NUMBER,…", allow_hyphen_values = true, requires = "formula")]
    pub at: Option<String>,

    /// Only this definition, an output or not; may be given several times
    #[arg(long, value_name = "NAME", value_parser = crate::list::single, requires = "formula")]
    pub of: Vec<String>,

    /// A step for every operation, not only for what is named, an output, or used more than once
    #[arg(long)]
    pub every: bool,

    /// A training's history, from `uphill train --history`
    #[arg(long, value_name = "FILE")]
    pub history: Option<String>,

    /// A saved network, from `uphill train --save`: sliders move its weights; drawn along with a history with weights
    #[arg(long, value_name = "FILE", requires = "data")]
    pub model: Option<String>,

    /// The table whose rows are the network's samples
    #[arg(long, value_name = "FILE", requires = "model")]
    pub data: Option<String>,

    /// Step through the chain rule of the saved network's P for this row of the table, counted from 1
    #[arg(long, value_name = "ROW", requires = "model")]
    pub row: Option<usize>,

    /// The two columns over which the saved network's decision regions are drawn [default: the first two of numbers]
    #[arg(long, value_name = "X,Y", num_args = 1, requires = "model")]
    pub inputs: Vec<String>,

    /// How the table is written, and how much of it stays in memory.
    #[command(flatten)]
    pub table_options: StoredOptions,

    /// A surface, if any of its options is given.
    #[command(flatten)]
    pub hill: HillOptions,

    /// Write to this file, whole
    #[arg(short, long, value_name = "FILE", default_value = "-", visible_alias = "out")]
    pub output: String,

    /// The title [default: the formula, or what is shown]
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,

    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}

/// Writes the page.
///
/// # Errors
///
/// Those of what is shown, of the pictures and of the file.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let to = Destination::new(&arguments.output, arguments.force);
    let read = [
        ("the formula", arguments.formula.as_deref().and_then(formula::file)),
        ("the history", arguments.history.as_deref()),
        ("the model", arguments.model.as_deref()),
        ("the table", arguments.data.as_deref()),
    ];
    crate::roles::tell_apart(&read, &[("--output", Some(&to))])?;
    to.check()?;
    let view = match &arguments.formula {
        Some(text) => of_formula(arguments, text, output)?,
        None if arguments.history.is_none() && arguments.model.is_none() => {
            let what = "nothing to show: give a formula, a training by --history, or a saved network by --model";
            return Err(Error::Use(what.into()));
        }
        None => of_training(arguments, output)?,
    };
    let page = view.html()?;
    to.write(|file| file.write_all(page.as_bytes()).map_err(|source| to.failed(source)))
}

/// The width of the frame of a page's surface by its height.
const SHAPE: f64 = 1.2;

fn detail(arguments: &Arguments) -> Detail {
    if arguments.every { Detail::Every } else { Detail::Shared }
}

fn title(arguments: &Arguments, default: &str) -> String {
    arguments.title.clone().unwrap_or_else(|| default.to_owned())
}

fn of_formula(arguments: &Arguments, text: &str, output: &Output) -> Result<View, Error> {
    let function = chosen(&formula::read(text)?, &arguments.of)?;
    let view = View::new(title(arguments, &function.signature()));
    let inputs: Vec<String> = function.input_names().collect();
    let point = |at: &String| formula::point("--at", &inputs, &formula::assignments("--at", at)?);
    let at = arguments.at.as_ref().map(point).transpose()?;
    let view = view.with_detail(&function, at.as_deref(), detail(arguments))?;
    if !arguments.hill.is_asked() {
        return Ok(view);
    }
    let hill = &arguments.hill;
    let first: Vec<String> = function.output_names().take(1).collect();
    let function = function.select(&first)?;
    let ground = hill.over_inputs(&function, arguments.at.as_deref())?;
    Ok(view.surface(hill.surface(ground, SHAPE, output)?))
}

fn of_training(arguments: &Arguments, output: &Output) -> Result<View, Error> {
    let trained = match (&arguments.model, &arguments.data) {
        (Some(model), Some(data)) => {
            Some(Trained::read_as_trained(model, data, &arguments.table_options, output)?)
        }
        _ => None,
    };
    let network = trained.as_ref().map(|trained| trained.saved.model.network());
    let history = match &arguments.history {
        Some(file) => Some((file, history::read(file, network)?)),
        None => None,
    };
    let shown = if history.is_some() { "A training" } else { "A network" };
    let mut view = View::new(title(arguments, shown)).named(history::PERFORMANCE);
    if trained.as_ref().is_some_and(|trained| trained.saved.settings.performance.decay != 0.0) {
        view = view.note("P a row is a mean over rows, without the penalty on weights.");
    }
    if let Some(unit) = trained.as_ref().and_then(|trained| trained.saved.recipe.unit()) {
        view = view.input_unit(unit);
    }
    if let Some((_, rows)) = &history {
        view = match network.filter(|_| rows.iter().all(|row| row.weights.is_some())) {
            Some(network) => view.training(network, rows)?,
            None => view.learning(rows)?,
        };
    }
    let Some(trained) = &trained else {
        if arguments.hill.is_asked() {
            let what = "a surface needs a formula, or --model and --data";
            return Err(Error::Use(what.into()));
        }
        return Ok(view);
    };
    if let Some(row) = arguments.row {
        let (term, at) = (trained.problem.term(), point(trained, row)?);
        view = view.with_detail(term, Some(&at), detail(arguments))?;
    }
    if arguments.hill.is_asked() {
        let mut ground = arguments.hill.over_weights(trained)?;
        if let Some((file, rows)) = history.as_ref().filter(|_| arguments.hill.start.is_none()) {
            ground = ground.trail(rows, file)?;
        }
        view = view.surface(arguments.hill.surface(ground, SHAPE, output)?);
    }
    Ok(view.sliders(sliders(arguments, trained)?))
}

/// Sliders on the weights of the saved network, with decision regions where it has any.
fn sliders(arguments: &Arguments, trained: &Trained) -> Result<Sliders, Error> {
    let mut sliders = Sliders::new(&trained.problem, trained.weights())?.note(trained.told());
    if trained.rows_of_a_sum() != 1.0 {
        sliders = sliders.a_row();
    }
    let recipe = &trained.saved.recipe;
    if arguments.inputs.is_empty() && !TablePlane::is_there(recipe) {
        return Ok(sliders);
    }
    let over = TablePlane::new(recipe, &arguments.inputs, trained.problem.samples())?;
    let dress =
        |regions: Regions| over.notes.iter().fold(regions.title(&over.title), Regions::note);
    Ok(sliders.plane(&over.plane, dress)?)
}

/// Weights, inputs and desired outputs of one row, as the term of P takes them.
fn point(trained: &Trained, row: usize) -> Result<Vec<f64>, Error> {
    let rows = trained.samples.len();
    if row == 0 || row > rows {
        let rows = crate::numbers::counted(rows, "row");
        return Err(Error::Use(format!("--row {row}: the table has {rows}, counted from 1")));
    }
    let mut point = trained.weights().to_vec();
    trained.samples.visit(row - 1..row, |_, inputs, desired| {
        point.extend(inputs.iter().chain(desired));
        Ok(())
    })?;
    Ok(point)
}
