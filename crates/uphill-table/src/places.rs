//! Where the columns of a recipe are in a table, and a table's rows as the numbers of a recipe: categories by their place,
//! missing cells as NaN where they are filled.

use std::collections::HashMap;

use crate::error::Error;
use crate::reader::Reader;
use crate::recipe::{Input, Recipe, Target};
use crate::row::Row;
use crate::store::{Store, StoreWriter};
use crate::tally::Tally;
use crate::words::{few, shortened};

/// Where the columns of a recipe are in a table.
#[derive(Debug, Clone)]
pub struct Places {
    inputs: Vec<Place>,
    /// The target's place, if it is there.
    pub target: Option<Place>,
}

impl Places {
    /// Where the numbers of a row's inputs are missing, and filled.
    pub fn filled(&self, numbers: &[f64]) -> impl Iterator<Item = usize> {
        let missing = self.inputs.iter().zip(numbers).filter(|(_, number)| number.is_nan());
        missing.map(|(input, _)| input.place)
    }
}

/// Where a column is, and the places of its categories.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its place in the header.
    pub place: usize,
    known: Option<HashMap<String, f64>>,
    is_filled: bool,
}

/// The place of each name in a list.
fn places_of(names: &[String]) -> HashMap<String, f64> {
    names.iter().enumerate().map(|(place, name)| (name.clone(), place as f64)).collect()
}

impl Recipe {
    /// Where this recipe's inputs are in a table, and its target if the table has it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`] for a missing column of an input.
    pub fn find(&self, reader: &Reader) -> Result<Places, Error> {
        let inputs = self.inputs.iter().map(|input| {
            let known = match input {
                Input::Number { .. } => None,
                Input::Categories { categories, .. } => Some(places_of(categories)),
            };
            let place = reader.column(input.column())?;
            Ok(Place { place, known, is_filled: input.is_filled() })
        });
        let known = match &self.target {
            Target::Number { .. } => None,
            Target::Classes { classes, .. } => Some(places_of(classes)),
        };
        let target = reader.find(self.target.column());
        let target = target.map(|place| Place { place, known, is_filled: false });
        Ok(Places { inputs: inputs.collect::<Result<_, Error>>()?, target })
    }

    /// All rows of a table: the numbers of its inputs, then that of the target. Rows with missing cells that the recipe does
    /// not fill are skipped. At most `memory` bytes of numbers stay in memory.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`] for a missing column; [`Error::Content`] for what can't be used, and a table without rows;
    /// [`Error::Read`]; [`Error::Write`] if the temporary file fails.
    pub fn read_rows(&self, reader: &mut Reader, memory: u64) -> Result<(Store, Tally), Error> {
        let mut store = StoreWriter::new(self.inputs.len() + 1, memory);
        let mut tally = Tally::default();
        self.add_rows(reader, &mut store, &mut tally)?;
        if store.is_empty() {
            return Err(tally.nothing(reader.name()));
        }
        Ok((store.finish()?, tally))
    }

    /// The same, added to those of other readers.
    ///
    /// # Errors
    ///
    /// As [`Recipe::read_rows`], but for a table without rows.
    pub fn add_rows(
        &self,
        reader: &mut Reader,
        store: &mut StoreWriter,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let places = self.find(reader)?;
        let target = reader.column(self.target.column())?;
        reader.ask_for(places.inputs.iter().map(|input| input.place).chain([target]));
        let mut numbers = Vec::new();
        while let Some(row) = reader.next_row()? {
            let Some(target) = &places.target else { break };
            numbers.clear();
            let missing = match row.is_missing(target.place) {
                true => Some(target.place),
                false => self.read_inputs(&row, &places, &mut numbers)?,
            };
            if let Some(missing) = missing {
                tally.skip(&row, missing);
                continue;
            }
            places.filled(&numbers).for_each(|place| tally.keep(&row, place));
            numbers.push(self.read_target(&row, target)?);
            store.push(&numbers)?;
        }
        Ok(())
    }

    /// Appends the numbers of a row's inputs, categories by their place, missing ones NaN if they are filled. The first
    /// missing one that is not ends it, and is given back.
    ///
    /// # Errors
    ///
    /// [`Error::Content`] for what is no number, or a category that was not in the training table.
    pub fn read_inputs(
        &self,
        row: &Row<'_>,
        places: &Places,
        into: &mut Vec<f64>,
    ) -> Result<Option<usize>, Error> {
        for input in &places.inputs {
            let place = input.place;
            into.push(match &input.known {
                _ if row.is_missing(place) => match input.is_filled {
                    true => f64::NAN,
                    false => return Ok(Some(place)),
                },
                None => row.number(place)?,
                Some(known) => known_place(row, place, known, row.text(place)?)?,
            });
        }
        Ok(None)
    }

    /// The number of a row's target, a class by its place. It may not be missing.
    ///
    /// # Errors
    ///
    /// As [`Recipe::read_inputs`].
    pub fn read_target(&self, row: &Row<'_>, target: &Place) -> Result<f64, Error> {
        let place = target.place;
        match (&self.target, &target.known) {
            (Target::Classes { whole_numbers: true, .. }, Some(known)) => {
                // −0 is 0.
                let number = row.number(place)?;
                known_place(row, place, known, &format!("{}", number + 0.0))
            }
            (_, Some(known)) => known_place(row, place, known, row.text(place)?),
            (_, None) => row.number(place),
        }
    }
}

fn known_place(
    row: &Row<'_>,
    place: usize,
    known: &HashMap<String, f64>,
    text: &str,
) -> Result<f64, Error> {
    known.get(text).copied().ok_or_else(|| {
        let mut list: Vec<(&String, &f64)> = known.iter().collect();
        list.sort_unstable_by(|(_, one), (_, other)| one.total_cmp(other));
        let list = few(list.iter().map(|(name, _)| name.as_str()));
        let text = shortened(text);
        row.error(place, &format!("`{text}` was not in the training table, which has: {list}"))
    })
}
