//! `uphill evaluate`: how good a saved network is on a table.

use std::sync::Arc;

use clap::Args;
use uphill_nn::Problem;

use crate::error::Error;
use crate::file::Input;
use crate::model::Saved;
use crate::output::Output;
use crate::score::Score;
use crate::table::{self, delimiter};
use crate::train::data;

const EXAMPLES: &str = "\
Examples:
  uphill evaluate iris.json more_flowers.csv
      accuracy and confusion table; for a number its errors

  uphill evaluate iris.json - --json < more_flowers.csv
      the same as JSON, from standard input";

/// Tell how good a saved network is on the rows of a table.
///
/// The table needs the columns of the training table, in any order; others are not looked at.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The model, from `uphill train --save`
    pub model: String,

    /// The table, a CSV file; `-` for standard input
    pub table: String,

    /// The character between columns: `,`, `;`, `tab`, …
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,

    /// How many bytes of the table's numbers stay in memory; more go to a temporary file
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = crate::numbers::bytes)]
    pub memory: u64,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

/// Evaluates.
///
/// # Errors
///
/// Those of reading model and table.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let score = score(arguments)?;
    if arguments.json {
        let text = serde_json::to_string_pretty(&score)
            .map_err(|error| Error::Write { what: "JSON".into(), source: error.into() })?;
        return output.result(&(text + "\n"));
    }
    let table = score.table().map_or(String::new(), |table| format!("\n{table}"));
    output.result(&format!("{}\n{table}", score.line()))
}

fn score(arguments: &Arguments) -> Result<Score, Error> {
    let [model, table] = both(&arguments.model, &arguments.table)?;
    let Saved { recipe, settings, model } = Saved::read(&model)?;
    let recipe = Arc::new(recipe);
    let mut reader = table::open(&table, arguments.delimiter)?;
    let samples = data::encoded(data::stored(&mut reader, &recipe, arguments.memory)?, &recipe)?;
    let problem = Problem::new(model.network(), settings.performance, &samples)?;
    Score::of(&problem, &samples, &recipe, model.weights())
}

/// Two files of which only one can be standard input.
pub(crate) fn both(one: &str, other: &str) -> Result<[Input; 2], Error> {
    if one == "-" && other == "-" {
        let what = "model and table can't both come from standard input; name a file for one";
        return Err(Error::Use(what.into()));
    }
    Ok([one.into(), other.into()])
}
