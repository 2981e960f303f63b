//! From the numbers of a table that was read to those of a recipe: categories and classes in their order, alphabetical or
//! by size, rather than as they came.

use crate::column::{Column, Contents, Kind};
use crate::recipe::{Input, Target};

/// What stands for the numbers of one column.
#[derive(Debug)]
enum Places {
    /// They themselves.
    Same,
    /// For each category its place.
    Categories(Vec<f64>),
    /// The place among these numbers.
    Classes(Vec<i64>),
}

/// What the numbers of a table mean in a recipe, column by column; the last one is the target.
#[derive(Debug)]
pub struct Renumbering(Vec<Places>);

impl Renumbering {
    /// For the columns of a table whose target became this.
    #[must_use]
    pub fn new(columns: &[Column], target: &Target) -> Renumbering {
        let places = |column: &Column| {
            let Some(list) = column.categories() else { return Places::Same };
            let mut places = vec![0.0; list.len()];
            for (place, (_, number)) in list.iter().enumerate() {
                places[*number] = place as f64;
            }
            Places::Categories(places)
        };
        let mut all: Vec<Places> = columns.iter().map(places).collect();
        if let (Target::Classes { whole_numbers: true, .. }, Some(Contents::Numbers(whole))) =
            (target, columns.last().map(|column| &column.contents))
            && let Some(last) = all.last_mut()
        {
            *last = Places::Classes(whole.list().unwrap_or_default());
        }
        Renumbering(all)
    }

    /// Renumbers a row in place; what is missing, NaN, stays so.
    pub fn apply(&self, row: &mut [f64]) {
        let known = row.iter_mut().zip(&self.0).filter(|(number, _)| !number.is_nan());
        for (number, places) in known {
            match places {
                Places::Same => {}
                Places::Categories(places) => *number = places[*number as usize],
                Places::Classes(classes) => {
                    // Every number of the column is in the list.
                    *number = classes.binary_search(&(*number as i64)).unwrap_or(0) as f64;
                }
            }
        }
    }
}

/// The input of a column, with a scaling yet to be found.
#[must_use]
pub fn input_of(column: &Column) -> Input {
    let name = column.name.clone();
    match column.categories() {
        Some(list) => {
            let categories = list.iter().map(|(text, _)| (*text).to_owned()).collect();
            Input::Categories { column: name, categories, fill: None }
        }
        None => Input::Number { column: name, center: 0.0, width: 1.0, fill: None },
    }
}

/// The target of a column that was read as this kind: its classes, or a number with a scaling yet to be found.
#[must_use]
pub fn target_of(column: &Column, kind: Kind) -> Target {
    let name = column.name.clone();
    match &column.contents {
        Contents::Categories(_) => {
            let list = column.categories().unwrap_or_default();
            let classes = list.iter().map(|(text, _)| (*text).to_owned()).collect();
            Target::Classes { column: name, classes, whole_numbers: false }
        }
        Contents::Numbers(whole) if kind == Kind::Classes => {
            let classes = whole.list().unwrap_or_default();
            let classes = classes.iter().map(i64::to_string).collect();
            Target::Classes { column: name, classes, whole_numbers: true }
        }
        Contents::Numbers(_) => Target::Number { column: name, center: 0.0, width: 1.0 },
    }
}
