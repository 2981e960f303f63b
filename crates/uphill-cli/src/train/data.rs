//! The table that is trained on: which of its columns are read, and as what, by the options; its parts, with remarks.
//!
//! Two stores are filled: first all rows as they come, then, when the number of rows is known, one for each part. Of the
//! memory that the user allows, each of the two takes a half.

use std::collections::HashSet;
use std::sync::Arc;

use uphill_learn::{Division, LARGEST, Parts, Preparation, Settings};
use uphill_ranks::{Communicator, Place, agree};
use uphill_table::scaling::Scaling;
use uphill_table::{Kind, Reader, Recipe, Store, StoreWriter, Tally, Wanted};

use super::Arguments;
use super::columns::{of_constant, of_number, of_text};
use crate::error::Error;
use crate::file::Input;
use crate::list;
use crate::numbers::exact;
use crate::source::{Source, Taken, Whole, read_wanted};
use crate::table::{self, Fill};

/// The parts of a table, and what is to be told of it.
#[derive(Debug)]
pub struct Data {
    /// Its rows for each purpose, and how they are encoded; among ranks this one's.
    pub parts: Parts,
    /// The number of rows that are trained on, of all ranks.
    pub rows: usize,
    /// The missing cells.
    pub tally: Tally,
    /// What somebody who knows the table may not expect: a target of numbers, columns of text and of one value, and
    /// what was left out.
    pub remarks: Vec<String>,
}

/// Reads the table that is to be trained on, and finds the recipe.
///
/// # Errors
///
/// [`Error::UnknownName`], [`Error::Use`], [`Error::Table`], [`Error::Read`].
pub fn read(arguments: &Arguments, ranks: &dyn Communicator) -> Result<Data, Error> {
    check_shares(arguments)?;
    let options = &arguments.table_options;
    let format = options.written.format()?;
    let fills = arguments.filling.fill == Some(Fill::Mean);
    if fills && format.missing.is_none() {
        let what =
            "--fill mean: say by --missing what a missing cell looks like, such as --missing '?'";
        return Err(Error::Use(what.into()));
    }
    let memory = options.memory / 2;
    let mut source = Source::open(&arguments.table, format, ranks)?;
    let wanted = wanted(&source.header, arguments, fills)?;
    let Whole { table, rows, tally, mut remarks } = read_wanted(&mut source, &wanted, memory)?;
    let target_kind = wanted.last().map_or(Kind::Either, |wanted| wanted.kind);
    let scaling = arguments.scale.into();
    let output_is_sigmoid = arguments.output == Some(super::choices::OutputCurve::Sigmoid);
    let preparation = Preparation {
        division: Division {
            test: arguments.test,
            validation: arguments.validation,
            seed: arguments.seed,
        },
        scaling,
        // A sigmoid node computes numbers from 0 to 1.
        target_scaling: if output_is_sigmoid { Scaling::Range } else { scaling },
        fills,
        memory,
    };
    let needed = wanted.iter().filter(|wanted| !wanted.keeps_missing);
    let needed: Vec<String> = needed.map(|wanted| wanted.name.clone()).collect();
    let parts = preparation.parts_among(&table, target_kind, ranks);
    let parts = parts.map_err(|error| in_line(error, &source.input, &source.header, &needed))?;
    remarks.extend(tally.remarks(source.name(), "skipped"));
    remarks.extend(table.columns.last().and_then(|last| of_number(last, &parts.recipe.target)));
    let inputs = parts.recipe.inputs.iter();
    remarks.extend(inputs.filter_map(|input| of_text(input, rows)));
    remarks.extend(parts.constant.iter().map(|(column, number)| of_constant(column, *number)));
    let rows = Place::find(ranks, parts.training.len())?.all;
    Ok(Data { parts, rows, tally, remarks })
}

/// Reads a table by the recipe of a model whose training goes on.
///
/// # Errors
///
/// As [`read`].
pub fn read_by(
    arguments: &Arguments,
    recipe: Arc<Recipe>,
    settings: &Settings,
    ranks: &dyn Communicator,
) -> Result<Data, Error> {
    let memory = arguments.table_options.memory / 2;
    let mut source = Source::open(&arguments.table, recipe.format.clone(), ranks)?;
    let taken = source.read(
        || (StoreWriter::new(recipe.inputs.len() + 1, memory), Tally::default()),
        |(store, tally), reader| Ok(recipe.add_rows(reader, store, tally)?),
    )?;
    let Taken { own: (store, own), left_out } = taken;
    let (_, tally) = source.counted(store.row_count(), own)?;
    let store = agree(ranks, store.finish().map_err(Error::from))?;
    let (input, reader) = (&source.input, &source.header);
    let parts = divided(&store, recipe, settings, memory, (input, reader), ranks)?;
    let mut remarks = left_out.remarks(source.name());
    remarks.extend(tally.remarks(source.name(), "skipped"));
    let rows = Place::find(ranks, parts.training.len())?.all;
    Ok(Data { parts, rows, tally, remarks })
}

/// The rows of a store that was read by a recipe, divided as in the training with these settings.
///
/// # Errors
///
/// As [`read`].
pub fn divided(
    store: &Store,
    recipe: Arc<Recipe>,
    settings: &Settings,
    memory: u64,
    (input, reader): (&Input, &Reader),
    ranks: &dyn Communicator,
) -> Result<Parts, Error> {
    let Settings { test, validation, seed, .. } = *settings;
    let inputs = recipe.inputs.iter().filter(|input| !input.is_filled());
    let needed = inputs.map(|input| input.column()).chain([recipe.target.column()]);
    let needed: Vec<String> = needed.map(str::to_owned).collect();
    let division = Division { test, validation, seed };
    let parts = division.parts_among(store, recipe, memory, reader.name(), ranks);
    parts.map_err(|error| in_line(error, input, reader, &needed))
}

/// An error with the line in the file where it is known; rows in which one of these columns is missing were skipped.
fn in_line(error: uphill_learn::Error, input: &Input, reader: &Reader, needed: &[String]) -> Error {
    match error {
        uphill_learn::Error::TooLarge { table, row, column, number } => {
            let place = table::place(input, reader.format().clone(), needed, row);
            let what = format!(
                "{} is too large; give numbers up to {LARGEST:e}, whose squares are finite, in another unit, say",
                exact(number)
            );
            Error::Table { table, place: format!("{place}, column `{column}`"), what }
        }
        other => other.into(),
    }
}

fn check_shares(arguments: &Arguments) -> Result<(), Error> {
    let (test, validation) = (arguments.test, arguments.validation);
    let part = |share: f64| (0.0..1.0).contains(&share);
    if !part(test) || !part(validation) || test + validation >= 1.0 {
        return Err(Error::Use(format!(
            "--test {test} and --validation {validation}: give parts of the rows from 0 up to 1, \
             with something left for training"
        )));
    }
    if arguments.stopping.patience.is_some() && validation == 0.0 {
        let what = "--patience needs rows to look at: give --validation 0.2, say";
        return Err(Error::Use(what.into()));
    }
    Ok(())
}

/// The columns to be read: those of inputs, then that of the target.
fn wanted(reader: &Reader, arguments: &Arguments, fills: bool) -> Result<Vec<Wanted>, Error> {
    let target = arguments.target.as_deref().unwrap_or_default();
    reader.column(target)?;
    let inputs = list::names("--inputs", &arguments.inputs)?;
    let ignored = list::names("--ignore", &arguments.ignore)?;
    let categories = list::names("--category", &arguments.category)?;
    for name in [&inputs, &ignored, &categories].into_iter().flatten() {
        reader.column(name)?;
    }
    if inputs.iter().chain(&ignored).any(|name| name == target) {
        let what = format!("`{target}` is the target; it can't be an input or left out");
        return Err(Error::Use(what));
    }
    // A table may have a million columns.
    let set = |list| -> HashSet<&String> { HashSet::from_iter(list) };
    let [inputs, ignored, category] = [&inputs, &ignored, &categories].map(set);
    let is_input = |name: &&String| {
        *name != target && !ignored.contains(name) && (inputs.is_empty() || inputs.contains(name))
    };
    let kind = |name: &String| match category.contains(name) {
        true => Kind::Texts,
        false => Kind::Either,
    };
    let columns = reader.header().iter().filter(is_input).map(|name| Wanted {
        name: name.clone(),
        kind: kind(name),
        keeps_missing: fills,
        is_target: false,
    });
    let mut wanted: Vec<Wanted> = columns.collect();
    if wanted.is_empty() {
        let table = reader.name();
        return Err(Error::Use(format!("{table}: no column is left as an input for `{target}`")));
    }
    let kind = match () {
        () if arguments.as_classes && !category.contains(&target.to_owned()) => Kind::Classes,
        () if arguments.as_number => Kind::Numbers,
        () => kind(&target.to_owned()),
    };
    wanted.push(Wanted { name: target.into(), kind, keeps_missing: false, is_target: true });
    Ok(wanted)
}
