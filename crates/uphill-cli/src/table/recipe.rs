//! How a row of a table becomes inputs and desired outputs of a network, and how outputs become an answer.
//!
//! A recipe is saved with the network, so that later tables are read the same way: by the names of their columns, with
//! the same categories and the same scaling, in whatever order the columns come.

use serde::{Deserialize, Serialize};

use super::{Column, Contents, Reader, Row};
use crate::error::Error;

/// The columns that become inputs, and the one that is to be computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The columns that become inputs.
    pub inputs: Vec<Input>,
    /// The column that is to be computed.
    pub target: Target,
}

/// A column that becomes one input or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// One input: `(number − center)/width`.
    Number {
        /// The column.
        column: String,
        /// What is subtracted.
        center: f64,
        /// What is divided by.
        width: f64,
    },
    /// One input for each category: 1 for the row's own, 0 for the others.
    Categories {
        /// The column.
        column: String,
        /// The categories, in order.
        categories: Vec<String>,
    },
}

/// The column that is to be computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// One output for each class: 1 is desired for the row's own, 0 for the others.
    Classes {
        /// The column.
        column: String,
        /// The classes, in order.
        classes: Vec<String>,
        /// Whether the classes are whole numbers: then `1.0` is `1`.
        whole_numbers: bool,
    },
    /// One output: `(number − center)/width`.
    Number {
        /// The column.
        column: String,
        /// What is subtracted.
        center: f64,
        /// What is divided by.
        width: f64,
    },
}

/// How numbers are brought to a common size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scaling {
    /// Mean 0 and standard deviation 1 over the training rows.
    Standard,
    /// From 0 to 1 over the training rows.
    Range,
    /// As they are.
    None,
}

/// Mean, spread and range of numbers that come one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Summary {
    count: f64,
    mean: f64,
    squares: f64,
    least: f64,
    most: f64,
}

impl Default for Summary {
    fn default() -> Summary {
        Summary {
            count: 0.0,
            mean: 0.0,
            squares: 0.0,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
        }
    }
}

impl Summary {
    /// Takes note of a number (Welford's method).
    pub fn note(&mut self, number: f64) {
        self.count += 1.0;
        let before = number - self.mean;
        self.mean += before / self.count;
        self.squares += before * (number - self.mean);
        self.least = self.least.min(number);
        self.most = self.most.max(number);
    }

    /// The number that all of them are, if they are one.
    #[must_use]
    pub fn only(&self) -> Option<f64> {
        (self.least == self.most).then_some(self.least)
    }

    /// Center and width for a scaling. A column that is the same everywhere has width 1.
    #[must_use]
    pub fn scaling(&self, scaling: Scaling) -> (f64, f64) {
        let (center, width) = match scaling {
            Scaling::Standard => (self.mean, (self.squares / self.count).sqrt()),
            Scaling::Range => (self.least, self.most - self.least),
            Scaling::None => (0.0, 1.0),
        };
        (center, if width > 0.0 && width.is_finite() { width } else { 1.0 })
    }
}

impl Input {
    /// The column's name.
    #[must_use]
    pub fn column(&self) -> &str {
        match self {
            Input::Number { column, .. } | Input::Categories { column, .. } => column,
        }
    }

    /// How many inputs of the network it becomes.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Input::Number { .. } => 1,
            Input::Categories { categories, .. } => categories.len(),
        }
    }
}

impl Target {
    /// The column's name.
    #[must_use]
    pub fn column(&self) -> &str {
        match self {
            Target::Number { column, .. } | Target::Classes { column, .. } => column,
        }
    }

    /// How many outputs the network has for it.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Target::Number { .. } => 1,
            Target::Classes { classes, .. } => classes.len(),
        }
    }
}

impl Recipe {
    /// The number of inputs of the network.
    #[must_use]
    pub fn input_count(&self) -> usize {
        self.inputs.iter().map(Input::count).sum()
    }

    /// Names for the network's inputs: the column, or `column=category`.
    #[must_use]
    pub fn input_names(&self) -> Vec<String> {
        let names = self.inputs.iter().flat_map(|input| match input {
            Input::Number { column, .. } => vec![column.clone()],
            Input::Categories { column, categories } => named(column, categories),
        });
        names.collect()
    }

    /// In which unit the network's inputs are, if any is in another one than in the table.
    #[must_use]
    pub fn unit(&self) -> Option<&'static str> {
        self.scaled_inputs().contains(&true).then_some("scaled as in training")
    }

    /// Which of the network's inputs are in another unit than the table.
    #[must_use]
    pub fn scaled_inputs(&self) -> Vec<bool> {
        let scaled = self.inputs.iter().flat_map(|input| match input {
            Input::Number { center, width, .. } => vec![(*center, *width) != (0.0, 1.0)],
            Input::Categories { categories, .. } => vec![false; categories.len()],
        });
        scaled.collect()
    }

    /// Names for the network's outputs: the column, or `column=class`.
    #[must_use]
    pub fn output_names(&self) -> Vec<String> {
        match &self.target {
            Target::Number { column, .. } => vec![column.clone()],
            Target::Classes { column, classes, .. } => named(column, classes),
        }
    }

    /// The columns, that of the target last.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let inputs = self.inputs.iter().map(Input::column);
        inputs.chain([self.target.column()]).map(str::to_owned).collect()
    }

    /// Appends the network's inputs for a row of numbers: one a column, categories by their place.
    pub fn encode_inputs(&self, row: &[f64], into: &mut Vec<f64>) {
        for (input, &number) in self.inputs.iter().zip(row) {
            match input {
                Input::Number { center, width, .. } => into.push((number - center) / width),
                Input::Categories { categories, .. } => one_hot(number, categories.len(), into),
            }
        }
    }

    /// Appends the desired outputs for the target's number.
    pub fn encode_target(&self, number: f64, into: &mut Vec<f64>) {
        match &self.target {
            Target::Number { center, width, .. } => into.push((number - center) / width),
            Target::Classes { classes, .. } => one_hot(number, classes.len(), into),
        }
    }

    /// The answer that outputs give: the number itself, or the place of the class with the largest output, the first
    /// of them if several are.
    #[must_use]
    pub fn answer(&self, outputs: &[f64]) -> f64 {
        match &self.target {
            Target::Number { center, width, .. } => outputs[0] * width + center,
            Target::Classes { .. } => {
                let mut best = 0;
                for (place, output) in outputs.iter().enumerate() {
                    if *output > outputs[best] {
                        best = place;
                    }
                }
                best as f64
            }
        }
    }

    /// Where this recipe's inputs are in a table, and its target if the table has it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for a missing column of an input.
    pub fn find(&self, reader: &Reader) -> Result<Places, Error> {
        let inputs: Result<_, _> =
            self.inputs.iter().map(|input| reader.column(input.column())).collect();
        Ok(Places { inputs: inputs?, target: reader.column(self.target.column()).ok() })
    }

    /// The numbers of a row's inputs, categories by their place.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for what is no number, or a category that was not in the training table.
    pub fn read_inputs(
        &self,
        row: &Row<'_>,
        places: &Places,
        into: &mut Vec<f64>,
    ) -> Result<(), Error> {
        for (input, &place) in self.inputs.iter().zip(&places.inputs) {
            into.push(match input {
                Input::Number { .. } => row.number(place)?,
                Input::Categories { categories, .. } => category(row, place, categories, false)?,
            });
        }
        Ok(())
    }

    /// The number of a row's target, a class by its place.
    ///
    /// # Errors
    ///
    /// As [`Recipe::read_inputs`].
    pub fn read_target(&self, row: &Row<'_>, place: usize) -> Result<f64, Error> {
        match &self.target {
            Target::Number { .. } => row.number(place),
            Target::Classes { classes, whole_numbers, .. } => {
                category(row, place, classes, *whole_numbers)
            }
        }
    }

    /// Whether it can be used: names there, widths not 0, no two of one name. What is wrong is told in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        let scaling = |column: &str, center: f64, width: f64| {
            if center.is_finite() && width.is_finite() && width > 0.0 {
                Ok(())
            } else {
                Err(format!("column `{column}` is scaled by center {center} and width {width}"))
            }
        };
        for input in &self.inputs {
            match input {
                Input::Number { column, center, width } => scaling(column, *center, *width)?,
                Input::Categories { column, categories } if categories.is_empty() => {
                    return Err(format!("column `{column}` has no categories"));
                }
                Input::Categories { .. } => {}
            }
        }
        match &self.target {
            Target::Number { column, center, width } => scaling(column, *center, *width),
            Target::Classes { column, classes, .. } if classes.is_empty() => {
                Err(format!("column `{column}` has no classes"))
            }
            Target::Classes { .. } => Ok(()),
        }
    }
}

/// Where the columns of a recipe are in a table.
#[derive(Debug, Clone)]
pub struct Places {
    inputs: Vec<usize>,
    /// The target's place, if it is there.
    pub target: Option<usize>,
}

fn named(column: &str, categories: &[String]) -> Vec<String> {
    categories.iter().map(|category| format!("{column}={category}")).collect()
}

fn one_hot(place: f64, count: usize, into: &mut Vec<f64>) {
    into.extend((0..count).map(|k| if k as f64 == place { 1.0 } else { 0.0 }));
}

fn category(
    row: &Row<'_>,
    place: usize,
    known: &[String],
    whole_numbers: bool,
) -> Result<f64, Error> {
    let text = row.text(place)?;
    let same = |known: &String| {
        known == text
            || whole_numbers && text.parse::<f64>().ok().is_some_and(|x| known.parse() == Ok(x))
    };
    known.iter().position(same).map(|place| place as f64).ok_or_else(|| {
        let list = crate::names::few(known.iter().map(String::as_str));
        row.error(place, &format!("`{text}` was not in the training table, which has: {list}"))
    })
}

/// What the numbers of a table that was read mean in a recipe: for each column the categories' new places, alphabetical
/// rather than as they came.
#[derive(Debug)]
pub struct Renumbering(Vec<Option<Vec<f64>>>);

impl Renumbering {
    /// For these columns; the last one is the target, which has `classes` if it holds whole numbers as classes.
    #[must_use]
    pub fn new(columns: &[Column]) -> Renumbering {
        let places = columns.iter().map(|column| {
            let list = column.categories()?;
            let mut places = vec![0.0; list.len()];
            for (place, (_, number)) in list.iter().enumerate() {
                places[*number] = place as f64;
            }
            Some(places)
        });
        Renumbering(places.collect())
    }

    /// Renumbers a row in place.
    pub fn apply(&self, row: &mut [f64]) {
        for (number, places) in row.iter_mut().zip(&self.0) {
            if let Some(places) = places {
                *number = places[*number as usize];
            }
        }
    }
}

/// The target of a column: its classes, or a number with a scaling yet to be found.
#[must_use]
pub fn target_of(column: &Column, as_number: bool) -> Target {
    let name = column.name.clone();
    match &column.contents {
        Contents::Categories(_) => {
            let list = column.categories().unwrap_or_default();
            let classes = list.iter().map(|(text, _)| (*text).to_owned()).collect();
            Target::Classes { column: name, classes, whole_numbers: false }
        }
        Contents::Numbers(whole) => match whole.classes() {
            Some(classes) if !as_number => Target::Classes {
                column: name,
                classes: classes.iter().map(i64::to_string).collect(),
                whole_numbers: true,
            },
            _ => Target::Number { column: name, center: 0.0, width: 1.0 },
        },
    }
}
