//! The table's rows for training, testing and validation, encoded as they are read.
//!
//! Two stores are filled: first all rows as they come, then, when the number of rows is known, one for each part. Rows
//! stay as narrow as the table; scaling and one-hot columns are made whenever a row is read. Of the memory that the
//! user allows, each of the two takes a half.

use std::sync::Arc;

use uphill_nn::{RowSource, Samples};

use super::Arguments;
use crate::error::Error;
use crate::file::Input;
use crate::model::Settings;
use crate::numbers::{exact, short};
use crate::table::recipe::{self, Recipe, Renumbering, Scaling, Summary, Target};
use crate::table::split::{Part, Split};
use crate::table::{self, Contents, Reader, Store, StoreWriter, Table, Wanted};

/// Larger numbers have squares, and so means, widths and errors, that are infinite.
const LARGEST: f64 = 1e150;

/// The parts of a table.
#[derive(Debug)]
pub struct Parts {
    /// How rows are encoded.
    pub recipe: Arc<Recipe>,
    /// The rows to climb by.
    pub training: Samples,
    /// The rows for the test at the end.
    pub test: Option<Samples>,
    /// The rows that say when to stop.
    pub validation: Option<Samples>,
    /// Whether the training rows are in a temporary file, since they are more than memory may hold.
    pub in_file: bool,
    /// What somebody who knows the table may not expect: columns of text, and of one value.
    pub remarks: Vec<String>,
}

/// Rows of a store, encoded by a recipe.
struct Encoded {
    store: Store,
    recipe: Arc<Recipe>,
}

impl RowSource for Encoded {
    fn row_count(&self) -> usize {
        self.store.row_count()
    }

    fn input_count(&self) -> usize {
        self.recipe.input_count()
    }

    fn desired_count(&self) -> usize {
        self.recipe.target.count()
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        let width = self.input_count() + self.desired_count();
        let mut raw = vec![0.0; into.len() / width * self.store.width()];
        self.store.read(first, &mut raw)?;
        let mut encoded = Vec::with_capacity(width);
        for (raw, into) in raw.chunks_exact(self.store.width()).zip(into.chunks_exact_mut(width)) {
            encoded.clear();
            self.recipe.encode_inputs(raw, &mut encoded);
            self.recipe.encode_target(raw[raw.len() - 1], &mut encoded);
            into.copy_from_slice(&encoded);
        }
        Ok(())
    }
}

/// Reads the table that is to be trained on, and finds the recipe.
///
/// # Errors
///
/// [`Error::UnknownName`], [`Error::Use`], [`Error::Table`], [`Error::Read`].
pub fn read(arguments: &Arguments) -> Result<Parts, Error> {
    check_shares(arguments)?;
    let mut reader = table::open(&Input::from(arguments.table.as_str()), arguments.delimiter)?;
    let wanted = wanted(&reader, arguments)?;
    let table = Table::read(&mut reader, &wanted, arguments.memory / 2)?;
    let (target, inputs) = match table.columns.split_last() {
        Some((target, inputs)) => (recipe::target_of(target, arguments.as_number), inputs),
        None => return Err(reader.error("it has no columns")),
    };
    if let Target::Classes { column, classes, .. } = &target
        && classes.len() < 2
    {
        let only = classes.first().map_or("", |only| only.as_str());
        return Err(reader.error(&format!(
            "column `{column}` is `{only}` in every row, so there is nothing to tell apart"
        )));
    }
    let inputs = inputs.iter().map(|column| {
        let (name, categories) = (column.name.clone(), column.categories());
        match (&column.contents, categories) {
            (Contents::Categories(_), Some(list)) => {
                let categories = list.iter().map(|(text, _)| (*text).to_owned()).collect();
                recipe::Input::Categories { column: name, categories }
            }
            _ => recipe::Input::Number { column: name, center: 0.0, width: 1.0 },
        }
    });
    let recipe = Recipe { inputs: inputs.collect(), target };
    let renumbering = Renumbering::new(&table.columns);
    let stores = distribute(
        &table.store,
        &recipe,
        |row| {
            renumbering.apply(row);
            if let (Target::Classes { classes, whole_numbers: true, .. }, Some(number)) =
                (&recipe.target, row.last_mut())
            {
                let first: f64 = classes[0].parse().unwrap_or(0.0);
                *number -= first;
            }
        },
        [arguments.test, arguments.validation],
        arguments.seed,
        arguments.memory / 2,
        &reader,
    )?;
    let output_is_sigmoid = arguments.output == Some(super::choices::OutputCurve::Sigmoid);
    let mut remarks: Vec<String> = recipe.inputs.iter().filter_map(of_text).collect();
    let recipe = scaled(recipe, &stores[0], arguments.scale, output_is_sigmoid, &mut remarks)?;
    Ok(Parts { remarks, ..parts(stores, Arc::new(recipe))? })
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
) -> Result<Parts, Error> {
    let mut reader = table::open(&Input::from(arguments.table.as_str()), arguments.delimiter)?;
    let store = stored(&mut reader, &recipe, arguments.memory / 2)?;
    let shares = [settings.test, settings.validation];
    let (seed, memory) = (settings.seed, arguments.memory / 2);
    let stores = distribute(&store, &recipe, |_| {}, shares, seed, memory, &reader)?;
    parts(stores, recipe)
}

/// All rows of a table, read by a recipe: the numbers of its inputs, then that of the target.
///
/// # Errors
///
/// As [`read`].
pub fn stored(reader: &mut Reader, recipe: &Recipe, memory: u64) -> Result<Store, Error> {
    let places = recipe.find(reader)?;
    let target = reader.column(recipe.target.column())?;
    let mut store = StoreWriter::new(recipe.inputs.len() + 1, memory);
    let mut numbers = Vec::new();
    while let Some(row) = reader.next_row()? {
        numbers.clear();
        recipe.read_inputs(&row, &places, &mut numbers)?;
        numbers.push(recipe.read_target(&row, target)?);
        store.push(&numbers)?;
    }
    if store.is_empty() {
        return Err(reader.error("it has a header but no rows of data"));
    }
    store.finish()
}

/// The rows of a store by which a training with these settings climbs, encoded: those that are left by test and
/// validation.
///
/// # Errors
///
/// As [`read`].
pub fn for_training(
    store: &Store,
    recipe: &Arc<Recipe>,
    settings: &Settings,
    memory: u64,
    reader: &Reader,
) -> Result<Samples, Error> {
    let shares = [settings.test, settings.validation];
    let stores = distribute(store, recipe, |_| {}, shares, settings.seed, memory, reader)?;
    Ok(parts(stores, recipe.clone())?.training)
}

/// Rows of a store as samples, encoded whenever they are read.
///
/// # Errors
///
/// [`Error::Network`] if there are none.
pub fn encoded(store: Store, recipe: &Arc<Recipe>) -> Result<Samples, Error> {
    let source = Encoded { store, recipe: recipe.clone() };
    Ok(Samples::from_source(Arc::new(source))?)
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
fn wanted(reader: &Reader, arguments: &Arguments) -> Result<Vec<Wanted>, Error> {
    let target = arguments.target.as_deref().unwrap_or_default();
    reader.column(target)?;
    let given = [&arguments.inputs, &arguments.ignore, &arguments.category];
    for name in given.into_iter().flatten() {
        reader.column(name)?;
    }
    if arguments.inputs.iter().chain(&arguments.ignore).any(|name| name == target) {
        let what = format!("`{target}` is the target; it can't be an input or left out");
        return Err(Error::Use(what));
    }
    let is_input = |name: &&String| {
        *name != target
            && !arguments.ignore.contains(name)
            && (arguments.inputs.is_empty() || arguments.inputs.contains(name))
    };
    let mut names: Vec<String> = reader.header().iter().filter(is_input).cloned().collect();
    if names.is_empty() {
        return Err(Error::Use(format!("no column is left as an input for `{target}`")));
    }
    names.push(target.into());
    let as_text = |name: &String| arguments.category.contains(name);
    let wanted = names.into_iter().map(|name| {
        let number = arguments.as_number && name == target;
        let categories = if as_text(&name) { Some(true) } else { number.then_some(false) };
        Wanted { name, categories }
    });
    Ok(wanted.collect())
}

/// Draws a part for each row and copies it there: training, test, validation.
fn distribute(
    all: &Store,
    recipe: &Recipe,
    renumber: impl Fn(&mut [f64]),
    [test, validation]: [f64; 2],
    seed: u64,
    memory: u64,
    reader: &Reader,
) -> Result<[Store; 3], Error> {
    let target = &recipe.target;
    let is_class = matches!(target, Target::Classes { .. });
    let class = |row: &[f64]| match row.last() {
        Some(&place) if is_class => place as usize,
        _ => 0,
    };
    let mut row = Vec::new();
    let mut counts = vec![0; if is_class { target.count() } else { 1 }];
    all.visit(|place, numbers| {
        if let Some(column) = numbers.iter().position(|number| number.abs() > LARGEST) {
            return Err(reader.error(&format!(
                "column `{}` is {} in row {} of data; give numbers up to {LARGEST:e}, whose squares are finite, in \
                 another unit, say",
                recipe.columns()[column],
                exact(numbers[column]),
                place + 1
            )));
        }
        row.clear();
        row.extend_from_slice(numbers);
        renumber(&mut row);
        counts[class(&row)] += 1;
        Ok(())
    })?;
    let mut split = Split::new(&counts, test, validation, seed);
    let share = |share: f64| StoreWriter::new(all.width(), (memory as f64 * share) as u64);
    let mut writers = [share(1.0 - test - validation), share(test), share(validation)];
    all.visit(|_, numbers| {
        row.clear();
        row.extend_from_slice(numbers);
        renumber(&mut row);
        let part = match split.next(class(&row)) {
            Part::Training => 0,
            Part::Test => 1,
            Part::Validation => 2,
        };
        writers[part].push(&row)
    })?;
    let parts = [("training", 1.0), ("test", test), ("validation", validation)];
    for ((part, share), writer) in parts.into_iter().zip(&writers) {
        if share > 0.0 && writer.is_empty() {
            let rows = crate::numbers::counted(all.row_count(), "row");
            return Err(
                reader.error(&format!("{rows} of data leave none for {part}; give more rows"))
            );
        }
    }
    let [training, test, validation] = writers;
    Ok([training.finish()?, test.finish()?, validation.finish()?])
}

/// A remark on a column of text: that each of its categories is an input, and whether it may have been meant as numbers.
fn of_text(input: &recipe::Input) -> Option<String> {
    let recipe::Input::Categories { column, categories } = input else { return None };
    let count = match categories.as_slice() {
        [only] => {
            return Some(format!("`{column}` is `{only}` in every row, so it tells nothing"));
        }
        _ => categories.len(),
    };
    let is_number = |text: &String| text.parse::<f64>().is_ok_and(f64::is_finite);
    let with_comma = |text: &String| is_number(&text.replacen(',', ".", 1));
    let numbers = categories.iter().filter(|text| is_number(text)).count();
    let hint = match categories.iter().find(|text| !is_number(text)) {
        Some(comma) if categories.iter().all(with_comma) => {
            format!("; in `{comma}` a decimal point is expected, not a comma")
        }
        Some(text) if 2 * numbers > count => {
            format!(
                "; {numbers} of them are numbers, `{text}` is none: leave out its rows to take them as such"
            )
        }
        _ => String::new(),
    };
    Some(format!("`{column}` is text: {count} categories, an input for each{hint}"))
}

/// Finds the scaling from the training rows.
fn scaled(
    mut recipe: Recipe,
    training: &Store,
    scaling: Scaling,
    output_is_sigmoid: bool,
    remarks: &mut Vec<String>,
) -> Result<Recipe, Error> {
    let mut summaries = vec![Summary::default(); training.width()];
    training.visit(|_, row| {
        summaries.iter_mut().zip(row).for_each(|(summary, &number)| summary.note(number));
        Ok(())
    })?;
    for (input, summary) in recipe.inputs.iter_mut().zip(&summaries) {
        if let recipe::Input::Number { column, center, width } = input {
            (*center, *width) = summary.scaling(scaling);
            if let Some(number) = summary.only() {
                let number = short(number, 6);
                let what = "in every row for training, so it tells nothing";
                remarks.push(format!(
                    "`{column}` is {number} {what}; --ignore {column} leaves it out"
                ));
            }
        }
    }
    if let (Target::Number { center, width, .. }, Some(summary)) =
        (&mut recipe.target, summaries.last())
    {
        // A sigmoid node computes numbers from 0 to 1.
        let scaling = if output_is_sigmoid { Scaling::Range } else { scaling };
        (*center, *width) = summary.scaling(scaling);
    }
    Ok(recipe)
}

fn parts(stores: [Store; 3], recipe: Arc<Recipe>) -> Result<Parts, Error> {
    let [training, test, validation] = stores;
    let in_file = training.is_in_file();
    let samples = |store: Store| -> Result<Option<Samples>, Error> {
        if store.row_count() == 0 {
            return Ok(None);
        }
        encoded(store, &recipe).map(Some)
    };
    let training =
        samples(training)?.ok_or_else(|| Error::Use("no rows are left for training".into()))?;
    let (test, validation) = (samples(test)?, samples(validation)?);
    Ok(Parts { training, test, validation, in_file, recipe, remarks: Vec::new() })
}
