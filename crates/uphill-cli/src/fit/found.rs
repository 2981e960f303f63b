//! A fit as the command line asks for it: model and table read, climbed by `uphill-solve`, and kept together.

use uphill_ranks::Communicator;
use uphill_solve::{Fit, Fitted, Rows};
use uphill_table::{Store, Wanted};

use super::arguments::{Chosen, Task};
use super::model::Text;
use super::written;
use crate::error::Error;
use crate::file::Input;
use crate::formula;
use crate::source::{Source, Whole, read_wanted};
use crate::table;

/// A model, the rows that it was fitted to, and what was found.
pub(crate) struct Found {
    pub(super) text: Text,
    pub(super) stored: Stored,
    /// The place of the column of known standard deviations.
    pub(super) sigma: Option<usize>,
    pub(crate) fitted: Fitted,
    /// What a reader may have meant otherwise, and what was left out of the table.
    pub(crate) remarks: Vec<String>,
}

/// Rows of a table, as the columns of a model.
pub(super) struct Stored {
    names: Vec<String>,
    pub(super) store: Store,
}

impl Rows for Stored {
    fn column_names(&self) -> &[String] {
        &self.names
    }

    fn row_count(&self) -> usize {
        self.store.row_count()
    }

    fn read(&self, first: usize, into: &mut [f64]) -> std::io::Result<()> {
        self.store.read(first, into)
    }
}

impl Found {
    /// Finds the parameters.
    pub(crate) fn find(task: &Task, ranks: &dyn Communicator) -> Result<Found, Error> {
        if task.model == "-" && task.data == "-" {
            let what = "model and table can't both come from standard input; name a file for one";
            return Err(Error::Use(what.into()));
        }
        let text = formula::text(&task.model)?;
        let chosen = Chosen::of(task)?;
        let (performance, formula) = match &chosen {
            Chosen::Named(performance) => (*performance, None),
            Chosen::Formula(text) => (Default::default(), Some(text.as_str())),
        };
        let start = assignments("--start", &task.start)?;
        let fixed = assignments("--fix", &task.fix)?;
        let mut given = start;
        for (name, number) in &fixed {
            if given.iter().any(|(other, _)| other == name) {
                let what = format!("`{name}` has a number by both --start and --fix; give one");
                return Err(Error::Use(what));
            }
            given.push((name.clone(), *number));
        }
        let started: Vec<String> = given.iter().map(|(name, _)| name.clone()).collect();
        let mut source = Source::open(&task.data, task.table_options.written.format()?, ranks)?;
        let reader = &source.header;
        let counting = [&task.weights, &task.sigma].into_iter().flatten();
        for column in counting.clone() {
            reader.column(column)?;
        }
        let mut reading = Text::read(&text, formula, reader.name(), reader.header(), &started)?;
        let parameters = reading.model.parameters();
        check_started(parameters, &text, &given, reader.name(), reader.header())?;
        let at = formula::point("--start", parameters, &given)?;
        let bounds = task.bounds_of(parameters, &at)?;
        let mut names = reading.model.columns().to_vec();
        for column in counting {
            if !names.contains(column) {
                names.push(column.clone());
            }
        }
        let wanted: Vec<Wanted> = names.iter().map(|name| Wanted::numbers(name)).collect();
        let memory = task.table_options.memory;
        // Rows that go to other ranks lie twice for a while.
        let memory = if ranks.count() == 1 { memory } else { memory / 2 };
        let Whole { table, tally, remarks: of_rows, .. } =
            read_wanted(&mut source, &wanted, memory)?;
        let name = source.name();
        let mut remarks = std::mem::take(&mut reading.remarks);
        remarks.extend(of_rows);
        remarks.extend(tally.remarks(name, "skipped"));
        let stored = Stored { names, store: uphill_learn::levelled(table.store, memory, ranks)? };
        crate::interrupt::watch();
        let mut fit = Fit::new(&reading.model, &stored)
            .start(at)
            .performance(performance)
            .method(task.method()?)
            .starts(task.starts, task.seed)
            .most_iterations(task.most_iterations)
            .stop_when(&crate::interrupt::asked)
            .among(ranks);
        for (name, (low, high)) in parameters.iter().zip(bounds) {
            fit = fit.bounds(name, low, high);
        }
        for (name, _) in &fixed {
            fit = fit.fix(name);
        }
        if let Some(column) = &task.weights {
            fit = fit.weights(column, task.weights_are.into());
        }
        if let Some(column) = &task.sigma {
            fit = fit.sigma(column);
        }
        let fitted = fit.run().map_err(|error| in_row(error, task, name, &stored.names))?;
        let place = |column: &String| stored.names.iter().position(|name| name == column);
        let sigma = task.sigma.as_ref().and_then(place);
        Ok(Found { text: reading, sigma, stored, fitted, remarks })
    }

    /// Calls a function with both sides of the model in each row, where the fit ended.
    pub(super) fn sides(
        &self,
        mut row: impl FnMut(f64, f64) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let sides = self.text.model.sides();
        let mut point = self.point();
        let columns = self.columns();
        self.stored.store.visit(|_, numbers| {
            for (entry, column) in point.iter_mut().zip(&columns) {
                if let Some(column) = *column {
                    *entry = numbers[column];
                }
            }
            let values = sides.eval(&point)?;
            row(values[0], values[1])
        })
    }

    /// For each input of the model's sides, the column that it is.
    pub(super) fn columns(&self) -> Vec<Option<usize>> {
        let place = |input: String| self.stored.names.iter().position(|column| *column == input);
        self.text.model.sides().input_names().map(place).collect()
    }

    /// The inputs of the model's sides: the parameters that were found, and 0 for columns.
    pub(super) fn point(&self) -> Vec<f64> {
        let inputs = self.text.model.sides().input_names();
        inputs.map(|name| self.fitted.value(&name).unwrap_or(0.0)).collect()
    }
}

/// Several options of names with numbers, as one list.
fn assignments(option: &str, texts: &[String]) -> Result<Vec<(String, f64)>, Error> {
    let mut list: Vec<(String, f64)> = Vec::new();
    for text in texts {
        for (name, number) in formula::assignments(option, text)? {
            if list.iter().any(|(other, _)| *other == name) {
                return Err(Error::Use(format!("{option} `{text}`: `{name}` is given twice")));
            }
            list.push((name, number));
        }
    }
    Ok(list)
}

/// A name without a start is a parameter that was forgotten, or a column that isn't there.
fn check_started(
    parameters: &[String],
    text: &str,
    given: &[(String, f64)],
    table: &str,
    header: &[String],
) -> Result<(), Error> {
    let is_given = |name: &String| given.iter().any(|(other, _)| other == name);
    let Some(name) = parameters.iter().find(|name| !is_given(name)) else { return Ok(()) };
    let columns = || header.iter().map(String::as_str);
    let unquoted =
        text.match_indices(name.as_str()).find_map(|(at, _)| written::unquoted(text, at, header));
    let meant = match (unquoted, crate::names::nearest(name, columns())) {
        (Some(column), _) => format!(", or write the column's name in backquotes: `{column}`"),
        (None, Some(nearest)) => format!(", or did you mean the column `{nearest}`?"),
        (None, None) => String::new(),
    };
    Err(Error::Use(format!(
        "`{name}` is neither a column of {table}, which has {}, nor has it a number by --start; \
         add `{name}=…` if it is a parameter{meant}",
        crate::names::few(columns())
    )))
}

/// An error about a row, by its line if the file still tells.
fn in_row(error: uphill_solve::Error, task: &Task, table: &str, columns: &[String]) -> Error {
    match error {
        uphill_solve::Error::Row { row, column, what } => {
            let input = Input::from(task.data.as_str());
            // The options were followed when the table was read.
            let format = task.table_options.written.format().unwrap_or_default();
            let line = table::place(&input, format, columns, row);
            let place = column.map_or(line.clone(), |column| format!("{line}, column `{column}`"));
            Error::Table { table: table.to_owned(), place, what }
        }
        error => error.into(),
    }
}
