//! The table's rows for training, testing and validation, encoded as they are read.
//!
//! Two stores are filled: first all rows as they come, then, when the number of rows is known, one for each part. Rows
//! stay as narrow as the table; scaling and one-hot columns are made whenever a row is read. Of the memory that the
//! user allows, each of the two takes a half.

use std::collections::HashSet;
use std::sync::Arc;

use uphill_nn::{RowSource, Samples};

use super::Arguments;
use super::columns::{How, of_number, of_text, scaled};
use crate::error::Error;
use crate::file::Input;
use crate::list;
use crate::model::Settings;
use crate::numbers::exact;
use crate::table::{self, Fill};
use uphill_table::numbering::{Renumbering, input_of, target_of};
use uphill_table::recipe::{Recipe, Target};
use uphill_table::split::{Part, Split};
use uphill_table::{Kind, Reader, Store, StoreWriter, Table, Tally, Wanted};

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
    /// The missing cells.
    pub tally: Tally,
    /// What somebody who knows the table may not expect: a target of numbers, columns of text and of one value, and
    /// what was left out.
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
    let options = &arguments.table_options;
    let format = options.written.format()?;
    let fills = arguments.filling.fill == Some(Fill::Mean);
    if fills && format.missing.is_none() {
        let what =
            "--fill mean: say by --missing what a missing cell looks like, such as --missing '?'";
        return Err(Error::Use(what.into()));
    }
    let memory = options.memory / 2;
    let input = Input::from(arguments.table.as_str());
    let mut reader = table::open(&input, format.clone())?;
    let wanted = wanted(&reader, arguments, fills)?;
    let table = Table::read(&mut reader, &wanted, memory)?;
    let (Some((target_column, inputs)), Some(target_wanted)) =
        (table.columns.split_last(), wanted.last())
    else {
        return Err(reader.error("it has no columns").into());
    };
    let target = target_of(target_column, target_wanted.kind);
    if let Target::Classes { column, classes, .. } = &target
        && classes.len() < 2
    {
        let only = crate::names::shortened(classes.first().map_or("", |only| only.as_str()));
        return Err(reader
            .error(&format!(
                "column `{column}` is `{only}` in every row, so there is nothing to tell apart"
            ))
            .into());
    }
    let mut remarks = reader.remarks();
    remarks.extend(table.tally.remarks(reader.name(), "skipped"));
    remarks.extend(of_number(target_column, &target));
    let recipe = Recipe { format, inputs: inputs.iter().map(input_of).collect(), target };
    let renumbering = Renumbering::new(&table.columns, &recipe.target);
    let shares = [arguments.test, arguments.validation];
    let needed = wanted.iter().filter(|wanted| !wanted.keeps_missing);
    let needed = needed.map(|wanted| wanted.name.clone()).collect();
    let file = File { input: &input, reader: &reader, needed };
    let renumber = |row: &mut [f64]| renumbering.apply(row);
    let stores =
        distribute(&table.store, &recipe, renumber, shares, arguments.seed, memory, &file)?;
    let output_is_sigmoid = arguments.output == Some(super::choices::OutputCurve::Sigmoid);
    remarks.extend(recipe.inputs.iter().filter_map(|input| of_text(input, table.row_count())));
    let how = How { scaling: arguments.scale.into(), output_is_sigmoid, fills };
    let recipe = scaled(recipe, &stores[0], how, &mut remarks, &reader)?;
    Ok(Parts { remarks, tally: table.tally, ..parts(stores, Arc::new(recipe))? })
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
    let memory = arguments.table_options.memory / 2;
    let input = Input::from(arguments.table.as_str());
    let mut reader = table::open(&input, recipe.format.clone())?;
    let (store, tally) = stored(&mut reader, &recipe, memory)?;
    let file = File::by(&recipe, &input, &reader);
    let stores = divided(&store, &recipe, settings, memory, &file)?;
    let mut remarks = reader.remarks();
    remarks.extend(tally.remarks(reader.name(), "skipped"));
    Ok(Parts { remarks, tally, ..parts(stores, recipe)? })
}

/// All rows of a table, read by a recipe: the numbers of its inputs, then that of the target. Rows with missing cells
/// that the recipe does not fill are skipped.
///
/// # Errors
///
/// As [`read`].
pub fn stored(reader: &mut Reader, recipe: &Recipe, memory: u64) -> Result<(Store, Tally), Error> {
    let places = recipe.find(reader)?;
    reader.column(recipe.target.column())?;
    let mut store = StoreWriter::new(recipe.inputs.len() + 1, memory);
    let mut tally = Tally::default();
    let mut numbers = Vec::new();
    while let Some(row) = reader.next_row()? {
        let Some(target) = &places.target else { break };
        numbers.clear();
        let missing = match row.is_missing(target.place) {
            true => Some(target.place),
            false => recipe.read_inputs(&row, &places, &mut numbers)?,
        };
        if let Some(missing) = missing {
            tally.skip(&row, missing);
            continue;
        }
        places.filled(&numbers).for_each(|place| tally.keep(&row, place));
        numbers.push(recipe.read_target(&row, target)?);
        store.push(&numbers)?;
    }
    if store.is_empty() {
        return Err(tally.nothing(reader.name()).into());
    }
    Ok((store.finish()?, tally))
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
    (input, reader): (&Input, &Reader),
) -> Result<Samples, Error> {
    let file = File::by(recipe, input, reader);
    let stores = divided(store, recipe, settings, memory, &file)?;
    Ok(parts(stores, recipe.clone())?.training)
}

/// The rows of a store that was read by a recipe, divided as in the training with these settings.
fn divided(
    store: &Store,
    recipe: &Recipe,
    settings: &Settings,
    memory: u64,
    file: &File<'_>,
) -> Result<[Store; 3], Error> {
    let shares = [settings.test, settings.validation];
    distribute(store, recipe, |_| {}, shares, settings.seed, memory, file)
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

/// Where the rows of a store came from.
struct File<'r> {
    input: &'r Input,
    reader: &'r Reader,
    /// The columns whose missing cells made rows be skipped.
    needed: Vec<String>,
}

impl<'r> File<'r> {
    /// A file that is read by a recipe.
    fn by(recipe: &Recipe, input: &'r Input, reader: &'r Reader) -> File<'r> {
        let inputs = recipe.inputs.iter().filter(|input| !input.is_filled());
        let needed = inputs.map(|input| input.column()).chain([recipe.target.column()]);
        File { input, reader, needed: needed.map(str::to_owned).collect() }
    }
}

/// Draws a part for each row and copies it there: training, test, validation.
fn distribute(
    all: &Store,
    recipe: &Recipe,
    renumber: impl Fn(&mut [f64]),
    [test, validation]: [f64; 2],
    seed: u64,
    memory: u64,
    file: &File<'_>,
) -> Result<[Store; 3], Error> {
    let (target, reader) = (&recipe.target, file.reader);
    let is_class = matches!(target, Target::Classes { .. });
    let class = |row: &[f64]| match row.last() {
        Some(&place) if is_class => place as usize,
        _ => 0,
    };
    let mut row = Vec::new();
    let mut counts = vec![0; if is_class { target.count() } else { 1 }];
    all.visit(|place, numbers| {
        if let Some(column) = numbers.iter().position(|number| number.abs() > LARGEST) {
            let place = table::place(file.input, reader.format().clone(), &file.needed, place);
            return Err(Error::Table {
                table: reader.name().to_owned(),
                place: format!("{place}, column `{}`", recipe.columns()[column]),
                what: format!(
                    "{} is too large; give numbers up to {LARGEST:e}, whose squares are finite, in another unit, say",
                    exact(numbers[column])
                ),
            });
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
            let what = format!("{rows} of data leave none for {part}; give more rows");
            return Err(reader.error(&what).into());
        }
    }
    let [training, test, validation] = writers;
    Ok([training.finish()?, test.finish()?, validation.finish()?])
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
    Ok(Parts {
        training,
        test,
        validation,
        in_file,
        recipe,
        tally: Tally::default(),
        remarks: Vec::new(),
    })
}
