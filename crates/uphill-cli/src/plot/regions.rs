//! `uphill plot regions`: which class a saved network computes where, over two of its inputs, with a table's rows.

use clap::Args;
use uphill_pictures::{Axis, Picture, Regions};
use uphill_table::recipe::{Input, Recipe, Target};

use crate::drawing::{Drawing, size};
use crate::error::Error;
use crate::numbers::{counted, short};
use crate::output::Output;
use crate::table::StoredOptions;
use crate::trained::Trained;

/// The room around the samples, as a part of their range.
const ROOM: f64 = 0.08;
/// The means of more inputs are not told below the picture.
const TOLD: usize = 4;

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

    /// The table, a CSV file; `-` for standard input
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

/// A column of numbers that is an input: its name, its place among the network's inputs, and its scaling.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    place: usize,
    center: f64,
    width: f64,
}

impl Column {
    /// The number as it stands in the table.
    fn in_table(&self, input: f64) -> f64 {
        input * self.width + self.center
    }
}

/// All columns of numbers.
fn columns(recipe: &Recipe) -> Vec<Column> {
    let mut place = 0;
    let mut columns = Vec::new();
    for input in &recipe.inputs {
        if let Input::Number { column, center, width, .. } = input {
            columns.push(Column { name: column.clone(), place, center: *center, width: *width });
        }
        place += input.count();
    }
    columns
}

/// The two that are asked for, or the first two.
fn chosen(arguments: &Arguments, recipe: &Recipe) -> Result<[Column; 2], Error> {
    let columns = columns(recipe);
    let find = |name: &String| {
        let known = || columns.iter().map(|column| column.name.as_str());
        let found = columns.iter().find(|column| column.name == *name);
        if found.is_none() && recipe.inputs.iter().any(|input| input.column() == name) {
            let what = format!("--inputs: `{name}` is text; regions are over columns of numbers");
            return Err(Error::Use(what));
        }
        found.cloned().ok_or_else(|| Error::unknown("input", name, "the model", known()))
    };
    match crate::list::names("--inputs", &arguments.inputs)?.as_slice() {
        [] => match columns.as_slice() {
            [x, y, ..] => Ok([x.clone(), y.clone()]),
            _ => Err(Error::Use(format!(
                "regions are over two columns of numbers, the model has {}",
                columns.len()
            ))),
        },
        [x, y] if x != y => Ok([find(x)?, find(y)?]),
        _ => {
            let what = "--inputs: expected two columns, such as `petal_length_cm,petal_width_cm`";
            Err(Error::Use(what.into()))
        }
    }
}

/// Draws.
pub(super) fn picture(arguments: &Arguments, output: &Output) -> Result<Picture, Error> {
    let (model, table) = (&arguments.model, &arguments.table);
    let trained = Trained::read(model, table, &arguments.table_options, None, output)?;
    let recipe = &trained.saved.recipe;
    let Target::Classes { classes, .. } = &recipe.target else {
        let target = recipe.target.column();
        let what = format!("`{target}` is a number; regions are those of classes");
        return Err(Error::Use(what));
    };
    let [x, y] = chosen(arguments, recipe)?;
    let (network, weights) = (trained.saved.model.network(), trained.weights());
    let count = trained.samples.len();
    let mut means = vec![0.0; recipe.input_count()];
    let mut rows = Vec::with_capacity(count);
    trained.samples.visit(0..count, |_, inputs, desired| {
        means.iter_mut().zip(inputs).for_each(|(mean, input)| *mean += input / count as f64);
        let at = [x.in_table(inputs[x.place]), y.in_table(inputs[y.place])];
        let computed = network.computed(weights, inputs)?;
        rows.push((at, [recipe.answer(desired), recipe.answer(&computed)].map(|k| k as usize)));
        Ok(())
    })?;
    let axis = |column: &Column, k: usize| {
        let low = rows.iter().map(|row| row.0[k]).fold(f64::INFINITY, f64::min);
        let high = rows.iter().map(|row| row.0[k]).fold(f64::NEG_INFINITY, f64::max);
        let room = ROOM * (high - low);
        let (low, high) =
            if low < high { (low - room, high + room) } else { (low - 1.0, high + 1.0) };
        Axis::new(&column.name, low, high)
    };
    let axes = [axis(&x, 0)?, axis(&y, 1)?];
    let held = held(recipe, &means, [&x, &y]);
    let mut failed = None;
    let outputs = |at_x: f64, at_y: f64| {
        let mut inputs = means.clone();
        inputs[x.place] = (at_x - x.center) / x.width;
        inputs[y.place] = (at_y - y.center) / y.width;
        network.computed(weights, &inputs).unwrap_or_else(|error| {
            failed = Some(error);
            vec![0.0; classes.len()]
        })
    };
    let [x_axis, y_axis] = axes;
    let regions = Regions::sample(x_axis, y_axis, classes.iter().cloned(), outputs)?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let [width, height] = arguments.size;
    let mut regions = regions.samples(rows)?.size(width, height);
    regions = regions.title(match &arguments.drawing.title {
        Some(title) => title.clone(),
        None => format!("{} over {} and {}", recipe.target.column(), x.name, y.name),
    });
    if let Some(held) = held {
        regions = regions.note(held);
    }
    Ok(regions.picture())
}

/// What the other inputs are held at, in a sentence.
fn held(recipe: &Recipe, means: &[f64], drawn: [&Column; 2]) -> Option<String> {
    let others = recipe.inputs.len().saturating_sub(2);
    if others == 0 {
        return None;
    }
    let numbers: Vec<String> = columns(recipe)
        .iter()
        .filter(|column| drawn.iter().all(|other| other.place != column.place))
        .map(|column| {
            format!("{} = {}", column.name, short(column.in_table(means[column.place]), 3))
        })
        .collect();
    let told = match numbers.len() == others && others <= TOLD {
        true => format!("the others at their means, {}", numbers.join(", ")),
        false => format!("the other {} at their means", counted(others, "column")),
    };
    Some(format!(
        "Axes in the table's units, {told}. A row's own may differ, so it may lie in another region than it is computed."
    ))
}
