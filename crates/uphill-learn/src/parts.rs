//! A table's rows for training, testing and validation, and what is found out about its columns from the training rows.
//!
//! The rows of a table are drawn into stores, one for each part. They stay as narrow as the table; scaling and one-hot
//! columns are made whenever a row is read.

use std::path::Path;
use std::sync::Arc;

use uphill_nn::Samples;
use uphill_ranks::{Alone, Communicator, Place, agree};
use uphill_table::numbering::{Renumbering, input_of, target_of};
use uphill_table::recipe::{Input, Target};
use uphill_table::scaling::Scaling;
use uphill_table::split::{Part, Split};
use uphill_table::words::{counted, shortened};
use uphill_table::{Advice, Format, Kind, Reader, Recipe, Store, StoreWriter, Table, Wanted};

use crate::encoded::encoded_part;
use crate::error::Error;
use crate::rows::{Rows, one_after_the_other, summed_up};

/// The shares of a table's rows that are not trained on, and the seed by which rows are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Division {
    /// The part of the rows for the test, from 0 up to 1.
    pub test: f64,
    /// The part of the rows that says when to stop, from 0 up to 1.
    pub validation: f64,
    /// The seed of the draw.
    pub seed: u64,
}

/// How a table becomes samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preparation {
    /// Which rows are for what.
    pub division: Division,
    /// How columns of numbers are brought to a common size.
    pub scaling: Scaling,
    /// The same for a target of numbers. Outputs of sigmoid nodes are from 0 to 1: [`Scaling::Range`].
    pub target_scaling: Scaling,
    /// Whether missing cells of inputs are filled by what the training rows have on average.
    pub fills: bool,
    /// How many bytes of the rows stay in memory; more go to temporary files.
    pub memory: u64,
}

impl Default for Preparation {
    /// A quarter of the rows for the test, numbers brought to mean 0 and deviation 1, 256 MiB.
    fn default() -> Preparation {
        Preparation {
            division: Division { test: 0.25, validation: 0.0, seed: 0 },
            scaling: Scaling::Standard,
            target_scaling: Scaling::Standard,
            fills: false,
            memory: 256 << 20,
        }
    }
}

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
    /// Inputs that are one number in every row for training, so that they tell nothing.
    pub constant: Vec<(String, f64)>,
}

impl Preparation {
    /// Reads a file: of its columns this one is the target, all others are inputs. What each of them holds, numbers or
    /// categories, is decided by all of its cells.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a file or column that isn't there, and what can't be used, with line and column; as
    /// [`Preparation::parts`].
    ///
    /// ```
    /// use uphill_learn::Preparation;
    /// use uphill_table::Format;
    ///
    /// # let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/iris.csv");
    /// let parts = Preparation::default().open(iris, Format::default(), "species")?;
    /// assert_eq!((parts.training.input_count(), parts.training.desired_count()), (4, 3));
    /// # Ok::<(), uphill_learn::Error>(())
    /// ```
    pub fn open(
        &self,
        path: impl AsRef<Path>,
        format: Format,
        target: &str,
    ) -> Result<Parts, Error> {
        let mut reader = Reader::open(path, format)?;
        reader.column(target)?;
        let wanted = |name: &str, is_target: bool| Wanted {
            name: name.to_owned(),
            kind: Kind::Either,
            keeps_missing: self.fills && !is_target,
            is_target,
        };
        let inputs = reader.header().iter().filter(|name| *name != target);
        let mut columns: Vec<Wanted> = inputs.map(|name| wanted(name, false)).collect();
        columns.push(wanted(target, true));
        let table = Table::read(&mut reader, &columns, self.memory)?;
        self.parts(&table, Kind::Either)
    }

    /// Finds the recipe of a table whose last column is the target, read as this kind, and draws its parts.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] for a target of one class, a part without rows, and an input that is missing in every row for
    /// training; [`Error::TooLarge`].
    ///
    /// ```
    /// use uphill_learn::{Division, Preparation};
    /// use uphill_table::{Format, Kind, Reader, Table, Wanted};
    ///
    /// let mut text = "size,colour,kind\n".to_owned();
    /// for k in 0..8 {
    ///     text += &format!("{k},{},{}\n", ["red", "blue"][k % 2], ["a", "b"][k / 4]);
    /// }
    /// let mut reader = Reader::new(std::io::Cursor::new(text), "t.csv", Format::default())?;
    /// let wanted = ["size", "colour", "kind"].map(|name| Wanted { kind: Kind::Either, ..Wanted::numbers(name) });
    /// let table = Table::read(&mut reader, &wanted, 1 << 20)?;
    /// let parts = Preparation::default().parts(&table, Kind::Either)?;
    /// // A number, and an input for each colour; an output for each kind.
    /// assert_eq!(parts.recipe.input_names(), ["size", "colour=blue", "colour=red"]);
    /// assert_eq!((parts.training.input_count(), parts.training.desired_count()), (3, 2));
    /// assert_eq!((parts.training.len(), parts.test.unwrap().len()), (6, 2));
    /// # Ok::<(), uphill_learn::Error>(())
    /// ```
    pub fn parts(&self, table: &Table, target_kind: Kind) -> Result<Parts, Error> {
        self.parts_among(table, target_kind, &Alone)
    }

    /// The same, of a table whose rows are those of one rank; its columns are those of all ranks
    /// ([`uphill_table::Part`]). The rows of the parts go to where [`share`](uphill_ranks::share) has them. Recipe and parts
    /// are those of one rank with all rows.
    ///
    /// # Errors
    ///
    /// As [`Preparation::parts`]; [`Error::Ranks`] where another rank failed.
    pub fn parts_among(
        &self,
        table: &Table,
        target_kind: Kind,
        ranks: &dyn Communicator,
    ) -> Result<Parts, Error> {
        let about = |what: &str| uphill_table::Error::at(&table.name, None, None, what);
        let Some((target_column, inputs)) = table.columns.split_last() else {
            return Err(about("it has no columns").into());
        };
        let target = target_of(target_column, target_kind);
        if let Target::Classes { column, classes, .. } = &target
            && classes.len() < 2
        {
            let only = shortened(classes.first().map_or("", |only| only.as_str()));
            let what = format!(
                "column `{column}` is `{only}` in every row, so there is nothing to tell apart"
            );
            return Err(about(&what).into());
        }
        let inputs = inputs.iter().map(input_of).collect();
        let recipe = Recipe { format: table.format.clone(), inputs, target };
        let renumbering = Renumbering::new(&table.columns, &recipe.target);
        let renumber = |row: &mut [f64]| renumbering.apply(row);
        let Preparation { division, memory, .. } = *self;
        let rows = Rows { store: &table.store, table: &table.name, memory, ranks };
        let stores = division.stores(&rows, &recipe, renumber)?;
        let (recipe, constant) = self.scaled(recipe, &stores[0], &table.name, ranks)?;
        Ok(Parts { constant, ..Parts::of(stores, Arc::new(recipe), ranks)? })
    }

    /// Finds the scaling, and what missing cells are filled with, from the training rows; and inputs that are constant.
    fn scaled(
        &self,
        mut recipe: Recipe,
        training: &Store,
        table: &str,
        ranks: &dyn Communicator,
    ) -> Result<(Recipe, Vec<(String, f64)>), Error> {
        // How often each category comes, if that is needed.
        let categories = recipe.inputs.iter().map(|input| match input {
            Input::Categories { categories, .. } if self.fills => categories.len(),
            _ => 0,
        });
        let (summaries, counts) = summed_up(training, &categories.collect::<Vec<_>>(), ranks)?;
        let mut constant = Vec::new();
        for ((input, summary), counts) in recipe.inputs.iter_mut().zip(&summaries).zip(counts) {
            if summary.mean().is_nan() {
                let column = input.column().to_owned();
                return Err(uphill_table::Error::Content {
                    table: table.to_owned(),
                    position: None,
                    what: format!("column `{column}` is missing in every row for training"),
                    column: None,
                    advice: vec![Advice::LeaveOut(column)],
                }
                .into());
            }
            match input {
                Input::Number { column, center, width, fill } => {
                    (*center, *width) = summary.scaling(self.scaling);
                    *fill = self.fills.then(|| summary.mean());
                    constant.extend(summary.only().map(|number| (column.clone(), number)));
                }
                Input::Categories { fill, .. } => {
                    let rows: f64 = counts.iter().sum();
                    *fill = self.fills.then(|| counts.iter().map(|count| count / rows).collect());
                }
            }
        }
        if let (Target::Number { center, width, .. }, Some(summary)) =
            (&mut recipe.target, summaries.last())
        {
            (*center, *width) = summary.scaling(self.target_scaling);
        }
        Ok((recipe, constant))
    }
}

impl Division {
    /// Draws the parts of rows that were read by a recipe ([`Recipe::read_rows`]): the same ones as in the training that
    /// found it, if the rows are the same. Up to `memory` bytes of them stay in memory; `table` is what errors call the
    /// table.
    ///
    /// # Errors
    ///
    /// As [`Preparation::parts`].
    pub fn parts(
        &self,
        rows: &Store,
        recipe: Arc<Recipe>,
        memory: u64,
        table: &str,
    ) -> Result<Parts, Error> {
        self.parts_among(rows, recipe, memory, table, &Alone)
    }

    /// The same, of rows that are those of one rank, as [`Preparation::parts_among`] has them.
    ///
    /// # Errors
    ///
    /// As [`Division::parts`]; [`Error::Ranks`] where another rank failed.
    pub fn parts_among(
        &self,
        rows: &Store,
        recipe: Arc<Recipe>,
        memory: u64,
        table: &str,
        ranks: &dyn Communicator,
    ) -> Result<Parts, Error> {
        let rows = Rows { store: rows, table, memory, ranks };
        let stores = self.stores(&rows, &recipe, |_| {})?;
        Parts::of(stores, recipe, ranks)
    }

    /// Draws a part for each row and copies it there: training, test, validation.
    fn stores(
        &self,
        rows: &Rows<'_>,
        recipe: &Recipe,
        renumber: impl Fn(&mut [f64]),
    ) -> Result<[Store; 3], Error> {
        let Division { test, validation, seed } = *self;
        let Rows { store: all, table, ranks, .. } = *rows;
        let target = &recipe.target;
        let is_class = matches!(target, Target::Classes { .. });
        let class = |row: &[f64]| match row.last() {
            Some(&place) if is_class => place as usize,
            _ => 0,
        };
        let counts = rows.counted(recipe, if is_class { target.count() } else { 1 }, |row| {
            renumber(row);
            class(row)
        })?;
        let mut split = Split::new(&counts, test, validation, seed);
        let share = |share: f64| StoreWriter::new(all.width(), (rows.kept() as f64 * share) as u64);
        let mut writers = [share(1.0 - test - validation), share(test), share(validation)];
        let draw = |split: &mut Split| {
            let mut row = Vec::new();
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
            })
        };
        one_after_the_other(&mut split, ranks, draw)?;
        let [training, test_rows, validation_rows] = writers;
        let stores = [
            rows.levelled(training, 1.0 - test - validation)?,
            rows.levelled(test_rows, test)?,
            rows.levelled(validation_rows, validation)?,
        ];
        let parts = [("training", 1.0), ("test", test), ("validation", validation)];
        for ((part, share), store) in parts.into_iter().zip(&stores) {
            if share > 0.0 && Place::find(ranks, store.row_count())?.all == 0 {
                let rows = counted(counts.iter().sum(), "row");
                let what = format!("{rows} of data leave none for {part}; give more rows");
                return Err(uphill_table::Error::at(table, None, None, &what).into());
            }
        }
        Ok(stores)
    }
}

impl Parts {
    fn of(
        stores: [Store; 3],
        recipe: Arc<Recipe>,
        ranks: &dyn Communicator,
    ) -> Result<Parts, Error> {
        let [training, test, validation] = stores;
        let in_file = training.is_in_file();
        let samples = |store: Store| match Place::find(ranks, store.row_count())?.all {
            0 => Ok(None),
            _ => agree(ranks, encoded_part(store, &recipe)).map(Some),
        };
        Ok(Parts {
            training: agree(ranks, encoded_part(training, &recipe))?,
            test: samples(test)?,
            validation: samples(validation)?,
            in_file,
            recipe,
            constant: Vec::new(),
        })
    }
}
