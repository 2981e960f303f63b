//! What is found out about the columns of a table before training: scalings, what missing cells are filled with, and
//! remarks on columns that somebody who knows the table may not expect.

use crate::error::Error;
use crate::list::name_for_shell;
use crate::names::shortened;
use crate::numbers::short;
use uphill_table::recipe::{Input, Recipe, Target};
use uphill_table::scaling::{Scaling, Summary};
use uphill_table::{Column, Contents, Notation, Reader, Store};

/// A remark on a target of numbers: that a number is learnt, and how classes would be.
pub(super) fn of_number(column: &Column, target: &Target) -> Option<String> {
    let name = &column.name;
    match (&column.contents, target) {
        (Contents::Numbers(whole), Target::Number { .. }) => Some(match whole.list() {
            Some(numbers) if numbers.len() > 1 => format!(
                "`{name}` holds numbers, {} different ones, and is learnt as a number; --as-classes takes each as a class",
                numbers.len()
            ),
            _ => format!("`{name}` holds numbers and is learnt as a number"),
        }),
        (Contents::Numbers(_), Target::Classes { classes, .. }) => Some(format!(
            "`{name}` holds numbers, {} different ones, each of which is a class",
            classes.len()
        )),
        _ => None,
    }
}

/// A remark on a column of text: that each of its categories is an input.
pub(super) fn of_text(input: &Input, rows: usize) -> Option<String> {
    let Input::Categories { column, categories, .. } = input else { return None };
    let column = shortened(column);
    match categories.as_slice() {
        [only] => {
            let only = shortened(only);
            Some(format!("`{column}` is `{only}` in every row, so it tells nothing"))
        }
        many => {
            let with_unit: Vec<&String> = many.iter().filter(|text| has_unit(text)).collect();
            let hint = match with_unit.first() {
                Some(text) if 2 * with_unit.len() > many.len() => format!(
                    "; cells such as `{}` are numbers with a unit, and would be read as numbers without it",
                    shortened(text)
                ),
                _ if 2 * many.len() > rows && rows > 4 => {
                    format!(
                        "; in most rows another one: --ignore {} leaves it out",
                        name_for_shell(&column)
                    )
                }
                _ => String::new(),
            };
            Some(format!("`{column}` is text: {} categories, an input for each{hint}", many.len()))
        }
    }
}

/// Whether a text is a number with a sign of money, a percent sign or the like before or behind it.
fn has_unit(text: &str) -> bool {
    let is_unit = |c: char| "%‰$€£¥₹°".contains(c);
    let number = text.trim_matches(|c| is_unit(c) || c == ' ');
    number.len() < text.len() && Notation::reads(number)
}

/// What is found out about columns from the training rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// What scaling was asked for.
    pub(super) scaling: Scaling,
    /// Whether outputs are from 0 to 1.
    pub(super) output_is_sigmoid: bool,
    /// Whether missing cells are filled.
    pub(super) fills: bool,
}

/// Finds the scaling, and what missing cells are filled with, from the training rows.
pub(super) fn scaled(
    mut recipe: Recipe,
    training: &Store,
    how: How,
    remarks: &mut Vec<String>,
    reader: &Reader,
) -> Result<Recipe, Error> {
    let mut summaries = vec![Summary::default(); training.width()];
    let count = |input: &Input| match input {
        Input::Categories { categories, .. } if how.fills => vec![0.0; categories.len()],
        _ => Vec::new(),
    };
    // How often each category comes, if that is needed.
    let mut counts: Vec<Vec<f64>> = recipe.inputs.iter().map(count).collect();
    training.visit(|_, row| {
        summaries.iter_mut().zip(row).for_each(|(summary, &number)| summary.note(number));
        let known = counts.iter_mut().zip(row);
        for (counts, &place) in known.filter(|(c, place)| !c.is_empty() && !place.is_nan()) {
            counts[place as usize] += 1.0;
        }
        Ok::<(), Error>(())
    })?;
    for ((input, summary), counts) in recipe.inputs.iter_mut().zip(&summaries).zip(counts) {
        if summary.mean().is_nan() {
            return Err(reader
                .error(&format!(
                    "column `{}` is missing in every row for training; leave it out by --ignore {}",
                    input.column(),
                    name_for_shell(input.column())
                ))
                .into());
        }
        match input {
            Input::Number { column, center, width, fill } => {
                (*center, *width) = summary.scaling(how.scaling);
                *fill = how.fills.then(|| summary.mean());
                if let Some(number) = summary.only() {
                    let number = short(number, 6);
                    let what = "in every row for training, so it tells nothing";
                    let ignored = name_for_shell(column);
                    remarks.push(format!(
                        "`{column}` is {number} {what}; --ignore {ignored} leaves it out"
                    ));
                }
            }
            Input::Categories { fill, .. } => {
                let rows: f64 = counts.iter().sum();
                *fill = how.fills.then(|| counts.iter().map(|count| count / rows).collect());
            }
        }
    }
    if let (Target::Number { center, width, .. }, Some(summary)) =
        (&mut recipe.target, summaries.last())
    {
        // A sigmoid node computes numbers from 0 to 1.
        let scaling = if how.output_is_sigmoid { Scaling::Range } else { how.scaling };
        (*center, *width) = summary.scaling(scaling);
    }
    Ok(recipe)
}
