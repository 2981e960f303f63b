//! How a row of a table becomes inputs and desired outputs of a network, and how outputs become an answer.
//!
//! A recipe is saved with the network, so that later tables are read the same way: by the names of their columns, with
//! the same categories and the same scaling, in whatever order the columns come; written as the training table was, with
//! missing cells filled as there, unless options say otherwise.

use serde::{Deserialize, Serialize};

use crate::format::Format;

/// What numbers that enter a network are, where it isn't known how their scaling was chosen.
pub const SCALED: &str = "scaled as in training";

/// The columns that become inputs, and the one that is to be computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// How the table is written.
    #[serde(default, skip_serializing_if = "Format::is_default")]
    pub format: Format,
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
        /// The number in place of a missing one: the mean of the training rows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fill: Option<f64>,
    },
    /// One input for each category: 1 for the row's own, 0 for the others.
    Categories {
        /// The column.
        column: String,
        /// The categories, in order.
        categories: Vec<String>,
        /// The inputs in place of a missing category: each one's share of the training rows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fill: Option<Vec<f64>>,
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

    /// Whether missing cells can be filled.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        match self {
            Input::Number { fill, .. } => fill.is_some(),
            Input::Categories { fill, .. } => fill.is_some(),
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
            Input::Categories { column, categories, .. } => named(column, categories),
        });
        names.collect()
    }

    /// In which unit the network's inputs are, if any is in another one than in the table.
    #[must_use]
    pub fn unit(&self) -> Option<&'static str> {
        self.scaled_inputs().contains(&true).then_some(SCALED)
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

    /// Whether missing cells of every input are filled.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.inputs.iter().all(Input::is_filled)
    }

    /// Fills missing cells no more: rows that have any are left out.
    pub fn leave_gaps(&mut self) {
        self.inputs.iter_mut().for_each(|input| match input {
            Input::Number { fill, .. } => *fill = None,
            Input::Categories { fill, .. } => *fill = None,
        });
    }

    /// Appends the network's inputs for a row of numbers: one a column, categories by their place, missing ones NaN.
    pub fn encode_inputs(&self, row: &[f64], into: &mut Vec<f64>) {
        for (input, &number) in self.inputs.iter().zip(row) {
            match input {
                Input::Number { center, width, fill, .. } => {
                    let known = if number.is_nan() { fill.unwrap_or(number) } else { number };
                    into.push((known - center) / width);
                }
                Input::Categories { fill: Some(shares), .. } if number.is_nan() => {
                    into.extend(shares);
                }
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

    /// Whether it can be used: names there, widths not 0, no two of one name; what is wrong is told in words. To be asked of
    /// a recipe that was read from a file.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub fn check(&self) -> Result<(), String> {
        self.format.check()?;
        let scaling = |column: &str, center: f64, width: f64| {
            if center.is_finite() && width.is_finite() && width > 0.0 {
                Ok(())
            } else {
                Err(format!("column `{column}` is scaled by center {center} and width {width}"))
            }
        };
        let no_filling = |column: &str| {
            Err(format!("missing cells of column `{column}` are filled by what are no means"))
        };
        for input in &self.inputs {
            match input {
                Input::Number { column, fill: Some(fill), .. } if !fill.is_finite() => {
                    return no_filling(column);
                }
                Input::Number { column, center, width, .. } => scaling(column, *center, *width)?,
                Input::Categories { column, categories, .. } if categories.is_empty() => {
                    return Err(format!("column `{column}` has no categories"));
                }
                Input::Categories { column, categories, fill: Some(fill) }
                    if fill.len() != categories.len() || !fill.iter().all(|f| f.is_finite()) =>
                {
                    return no_filling(column);
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

fn named(column: &str, categories: &[String]) -> Vec<String> {
    categories.iter().map(|category| format!("{column}={category}")).collect()
}

fn one_hot(place: f64, count: usize, into: &mut Vec<f64>) {
    into.extend((0..count).map(|k| if k as f64 == place { 1.0 } else { 0.0 }));
}
