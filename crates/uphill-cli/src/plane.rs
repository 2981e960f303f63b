//! The plane of decision regions: two columns of numbers of a saved network's table as axes, the others at their means.

use uphill_nn::Samples;
use uphill_pictures::{Axis, Plane};
use uphill_table::recipe::{Input, Recipe, Target};

use crate::error::Error;
use crate::numbers::{counted, short};

/// The room around the samples, as a part of their range.
const ROOM: f64 = 0.08;
/// The means of more inputs are not told below the picture.
const TOLD: usize = 4;

/// A plane in a table's units, with what is said about it.
pub(crate) struct TablePlane {
    pub(crate) plane: Plane,
    /// `species over petal_length_cm and petal_width_cm`.
    pub(crate) title: String,
    /// What the other inputs are held at.
    pub(crate) notes: Vec<String>,
}

impl TablePlane {
    /// The plane over two columns, or the first two if none are named, with room for all samples.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] where there are no regions to draw or the columns are not two of numbers; [`Error::UnknownName`];
    /// [`Error::Network`] if the samples can't be read, [`Error::Picture`] if they span nothing that can be drawn.
    pub(crate) fn new(
        recipe: &Recipe,
        names: &[String],
        samples: &Samples,
    ) -> Result<TablePlane, Error> {
        let Target::Classes { column, classes, .. } = &recipe.target else {
            let target = recipe.target.column();
            let what = format!("`{target}` is a number; regions are those of classes");
            return Err(Error::Use(what));
        };
        let columns = chosen(names, recipe)?;
        let count = samples.len();
        let mut means = vec![0.0; recipe.input_count()];
        let mut ranges = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
        samples.visit(0..count, |_, inputs, _| {
            means.iter_mut().zip(inputs).for_each(|(mean, input)| *mean += input / count as f64);
            for (range, column) in ranges.iter_mut().zip(&columns) {
                let number = column.in_table(inputs[column.place]);
                *range = [range[0].min(number), range[1].max(number)];
            }
            Ok(())
        })?;
        let axis = |k: usize| {
            let [low, high] = ranges[k];
            let room = ROOM * (high - low);
            let (low, high) =
                if low < high { (low - room, high + room) } else { (low - 1.0, high + 1.0) };
            Axis::new(&columns[k].name, low, high)
        };
        let [x, y] = &columns;
        let notes = held(recipe, &means, [x, y]).into_iter().collect();
        let plane = Plane::new([axis(0)?, axis(1)?], [x.place, y.place], means, classes)?
            .scaled([x, y].map(|column| [column.center, column.width]));
        Ok(TablePlane { plane, title: format!("{column} over {} and {}", x.name, y.name), notes })
    }

    /// Whether a network has regions to be drawn without being asked.
    pub(crate) fn is_there(recipe: &Recipe) -> bool {
        let classes = match &recipe.target {
            Target::Classes { classes, .. } => classes.len(),
            Target::Number { .. } => 0,
        };
        (2..=12).contains(&classes) && columns(recipe).len() >= 2
    }
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
fn chosen(names: &[String], recipe: &Recipe) -> Result<[Column; 2], Error> {
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
    match crate::list::names("--inputs", names)?.as_slice() {
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
