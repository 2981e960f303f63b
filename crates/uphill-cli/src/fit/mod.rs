//! `uphill fit`: the parameters of a model formula from a table, by climbing a performance.
//!
//! The text becomes a `model` beside the table's columns (`written` shows what is wrong with it), rows stream through
//! compiled programs (`residuals`) into a triangle (`triangle`), and `levenberg` climbs; any other performance climbs by
//! its gradient (`ascent`, `quasi_newton`, and `kink` where it has one). `trouble` tells why a climb can't begin.

mod arguments;
mod ascent;
mod curve;
mod kink;
mod levenberg;
mod model;
mod quasi_newton;
mod report;
mod residuals;
mod triangle;
mod trouble;
mod written;

pub use arguments::{Arguments, Task};

use arguments::{Method, Performance};
use levenberg::Climb;
use model::Model;
use report::Report;
use residuals::{Residuals, Rows};
use uphill_table::{Store, Table, Wanted};

use crate::error::Error;
use crate::file::{Destination, Input};
use crate::formula;
use crate::numbers::exact;
use crate::output::Output;
use crate::table;

/// Fits.
///
/// # Errors
///
/// Those of model, options and table; [`Error::Fit`] where a climb can't begin.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let to = arguments.residuals.as_ref().map(|path| Destination::new(path, arguments.force));
    if let Some(to) = &to {
        let Task { model, data, .. } = &arguments.task;
        let read = [("the formula", formula::file(model)), ("the table", Some(data.as_str()))];
        crate::roles::tell_apart(&read, &[("--residuals", Some(to))])?;
        to.check()?;
    }
    let beside = Destination::any_is_standard(to.iter(), arguments.json)?;
    let fitted = Fitted::find(&arguments.task)?;
    if let Some(to) = &to {
        write_residuals(&fitted, to)?;
    }
    fitted.remarks().iter().for_each(|remark| output.remark(remark));
    let report = &fitted.report;
    let text = if arguments.json { report.json().line() + "\n" } else { report.text() };
    output.report(&text, beside)
}

/// A model, the rows that it was fitted to, and what was found.
pub(crate) struct Fitted {
    model: Model,
    table: Table,
    report: Report,
}

impl Fitted {
    /// What a reader may have meant otherwise, and what was left out of the table.
    pub(crate) fn remarks(&self) -> &[String] {
        &self.model.remarks
    }

    /// Finds the parameters.
    pub(crate) fn find(task: &Task) -> Result<Fitted, Error> {
        if task.model == "-" && task.data == "-" {
            let what = "model and table can't both come from standard input; name a file for one";
            return Err(Error::Use(what.into()));
        }
        let text = formula::text(&task.model)?;
        let performance = Performance::of(task)?;
        let start = assignments("--start", &task.start)?;
        let fixed = assignments("--fix", &task.fix)?;
        let mut started: Vec<String> = Vec::new();
        for (name, _) in start.iter().chain(&fixed) {
            if started.contains(name) {
                let what = format!("`{name}` has a number by both --start and --fix; give one");
                return Err(Error::Use(what));
            }
            started.push(name.clone());
        }
        let mut reader =
            table::open(&Input::from(task.data.as_str()), task.table_options.written.format()?)?;
        if let Some(weights) = &task.weights {
            reader.column(weights)?;
        }
        let mut model = Model::read(
            &text,
            performance.formula(),
            reader.name(),
            reader.header(),
            &started,
            task.weights.as_ref(),
        )?;
        let given: Vec<(String, f64)> = start.into_iter().chain(fixed.iter().cloned()).collect();
        check_started(&model, &text, &given, reader.name(), reader.header())?;
        let at = formula::point("--start", &model.parameters, &given)?;
        let bounds = task.bounds_of(&model.parameters, &at)?;
        let is_fixed: Vec<bool> = model
            .parameters
            .iter()
            .map(|name| fixed.iter().any(|(other, _)| other == name))
            .collect();
        // With a wrong name in the formula, the list of columns is the better help.
        let wanted: Vec<Wanted> = model.columns.iter().map(|name| Wanted::numbers(name)).collect();
        let table = Table::read(&mut reader, &wanted, task.table_options.memory)?;
        model.remarks.extend(reader.remarks());
        model.remarks.extend(table.tally.remarks(reader.name(), "skipped"));
        check_weights(task, &model, &table, reader.name())?;
        crate::interrupt::watch();
        let climb =
            Climb { bounds: &bounds, fixed: &is_fixed, most_iterations: task.most_iterations };
        let report = climbed(task, &performance, &model, &climb, &table, &at)?;
        Ok(Fitted { model, table, report })
    }
}

/// Climbs by the method that goes with the performance.
fn climbed(
    task: &Task,
    performance: &Performance,
    model: &Model,
    climb: &Climb<'_>,
    table: &Table,
    at: &[f64],
) -> Result<Report, Error> {
    match (performance, task.method) {
        (Performance::Formula(_), _) => {
            let method = task.method.unwrap_or(Method::LBfgs);
            ascent::fit(model, "", method, task, climb, table, at)
        }
        (_, Some(method @ (Method::LBfgs | Method::Ascent))) => {
            let definition = performance.definition(task.weights.as_deref());
            ascent::fit(model, &definition, method, task, climb, table, at)
        }
        (_, None | Some(Method::LevenbergMarquardt)) => {
            let definition = performance.residual(task.weights.as_deref());
            let residual = model.function(&definition, &["residual"])?;
            let mut residuals =
                Residuals::new(&residual, &model.columns, &model.parameters, &table.store)?;
            let Some(summit) = climb.climb(&mut residuals, at, table.row_count())? else {
                return Err(trouble::Fit { task, model, table, start: at }.error(&residual)?);
            };
            let mut report =
                Report::of_squares(model, climb, performance, summit, table.row_count());
            if let Performance::Huber(_) = performance {
                // What was climbed is no sum of squares of errors.
                report.squares = plain_squares(model, &table.store, &report.values)?;
            }
            Ok(report)
        }
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
    model: &Model,
    text: &str,
    given: &[(String, f64)],
    table: &str,
    header: &[String],
) -> Result<(), Error> {
    let is_given = |name: &String| given.iter().any(|(other, _)| other == name);
    let Some(name) = model.parameters.iter().find(|name| !is_given(name)) else { return Ok(()) };
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

fn check_weights(task: &Task, model: &Model, table: &Table, name: &str) -> Result<(), Error> {
    let weights = task.weights.as_ref();
    let Some(place) = model.columns.iter().position(|column| Some(column) == weights) else {
        return Ok(());
    };
    table.store.visit(|row, numbers| {
        if numbers[place] >= 0.0 {
            return Ok(());
        }
        let input = Input::from(task.data.as_str());
        let format = task.table_options.written.format()?;
        let line = table::place(&input, format, &model.columns, row);
        Err(Error::Table {
            table: name.to_owned(),
            place: format!("{line}, column `{}`", model.columns[place]),
            what: format!("expected a weight of 0 or more, got {}", numbers[place]),
        })
    })
}

/// The sum of squares of errors, without weights.
fn plain_squares(model: &Model, store: &Store, parameters: &[f64]) -> Result<f64, Error> {
    let residual = model.function("residual = desired - computed", &["residual"])?;
    let mut rows = Rows::new(&residual, &model.columns, &model.parameters, store)?;
    let mut squares = 0.0;
    rows.visit(parameters, |_, residuals| {
        squares += residuals.iter().map(|r| r * r).sum::<f64>();
        Ok(())
    })?;
    Ok(squares)
}

/// Desired and computed numbers and their difference for each row, as CSV.
fn write_residuals(fitted: &Fitted, to: &Destination) -> Result<(), Error> {
    let Fitted { model, table, report } = fitted;
    let outputs = ["desired", "computed"];
    let sides = model.function("", &outputs)?;
    let mut rows = Rows::new(&sides, &model.columns, &model.parameters, &table.store)?;
    to.write(|file| {
        let failed = |source| to.failed(source);
        writeln!(file, "desired,computed,residual").map_err(failed)?;
        rows.visit(&report.values, |count, results| {
            for row in 0..count {
                let (desired, computed) = (results[row], results[count + row]);
                let numbers = [desired, computed, desired - computed].map(exact);
                writeln!(file, "{}", numbers.join(",")).map_err(failed)?;
            }
            Ok(())
        })
    })
}
