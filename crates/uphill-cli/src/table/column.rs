//! What a column holds: numbers, or categories that are numbered as they come.

use std::collections::{BTreeSet, HashMap};

use super::{Row, Wanted};
use crate::error::Error;

/// A column has at most so many categories.
const MOST_CATEGORIES: usize = 1000;
/// So many different whole numbers may be classes.
const MOST_WHOLE: usize = 20;

/// A column as it is read.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub contents: Contents,
}

/// What a column holds.
#[derive(Debug, Clone)]
pub enum Contents {
    /// Numbers.
    Numbers(WholeNumbers),
    /// Categories: each with its place in the order of their first rows.
    Categories(HashMap<String, usize>),
}

/// The whole numbers of a column that has nothing else, and few different ones: perhaps they are classes.
#[derive(Debug, Clone, Default)]
pub struct WholeNumbers {
    found: BTreeSet<i64>,
    others: bool,
}

impl WholeNumbers {
    fn note(&mut self, number: f64) {
        if self.others {
            return;
        }
        let whole = number as i64;
        if whole as f64 == number {
            self.found.insert(whole);
        }
        self.others = whole as f64 != number || self.found.len() > MOST_WHOLE;
    }

    /// The numbers, if they can be classes: two or more that follow each other, such as 0, 1, 2.
    #[must_use]
    pub fn classes(&self) -> Option<Vec<i64>> {
        let (first, last) = (*self.found.first()?, *self.found.last()?);
        let follow = last.checked_sub(first) == i64::try_from(self.found.len() - 1).ok();
        (!self.others && follow && last > first).then(|| self.found.iter().copied().collect())
    }
}

impl Column {
    /// Decides by the first row what a column holds, unless that was said.
    pub(super) fn begin(wanted: &Wanted, row: &Row<'_>, place: usize) -> Result<Column, Error> {
        let categories = match wanted.categories {
            Some(categories) => categories,
            None => row.text(place)?.parse::<f64>().is_err(),
        };
        let contents = if categories {
            Contents::Categories(HashMap::new())
        } else {
            Contents::Numbers(WholeNumbers::default())
        };
        Ok(Column { name: wanted.name.clone(), contents })
    }

    /// The number that stands for a field.
    pub(super) fn take(&mut self, row: &Row<'_>, place: usize) -> Result<f64, Error> {
        match &mut self.contents {
            Contents::Numbers(whole) => {
                let number = row.number(place)?;
                whole.note(number);
                Ok(number)
            }
            Contents::Categories(known) => {
                let text = row.text(place)?;
                if let Some(&number) = known.get(text) {
                    return Ok(number as f64);
                }
                if known.len() == MOST_CATEGORIES {
                    let what = format!(
                        "more than {MOST_CATEGORIES} different texts; leave the column out by --ignore"
                    );
                    return Err(row.error(place, &what));
                }
                let number = known.len();
                known.insert(text.into(), number);
                Ok(number as f64)
            }
        }
    }

    /// The categories in alphabetical order, each with its number.
    #[must_use]
    pub fn categories(&self) -> Option<Vec<(&str, usize)>> {
        match &self.contents {
            Contents::Numbers(_) => None,
            Contents::Categories(known) => {
                let mut list: Vec<(&str, usize)> =
                    known.iter().map(|(text, &number)| (text.as_str(), number)).collect();
                list.sort_unstable();
                Some(list)
            }
        }
    }
}
