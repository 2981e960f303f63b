//! `uphill evaluate`: how good a saved network is on a table.

use clap::Args;
use serde::Serialize;
use uphill_learn::Score;
use uphill_table::Tally;

use crate::error::Error;
use crate::output::Output;
use crate::table::{Filling, StoredOptions};
use crate::trained::Trained;

const EXAMPLES: &str = "\
Examples:
  uphill evaluate iris.json more_flowers.csv
      accuracy and confusion table; for a number its errors

  uphill evaluate iris.json - --json < more_flowers.csv
      the same as JSON, from standard input";

/// Tell how good a saved network is on the rows of a table.
///
/// The table needs the columns of the training table, in any order; others are not looked at. It is read as the training
/// table was, decimal signs, missing cells and all, unless options say otherwise.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The model, from `uphill train --save`
    pub model: String,

    /// The table, a CSV file; several as one by a pattern in quotes, such as 'part-*.csv'; `-` for standard input
    pub table: String,

    /// How the table is written, and how much of it stays in memory.
    #[command(flatten)]
    pub table_options: StoredOptions,

    /// What becomes of missing cells.
    #[command(flatten)]
    pub filling: Filling,

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
    let (score, tally) = score(arguments, output)?;
    if arguments.json {
        let told = Told { score, skipped_rows: tally.skipped, filled_cells: tally.filled };
        let text = serde_json::to_string_pretty(&told)
            .map_err(|error| Error::Write { what: "JSON".into(), source: error.into() })?;
        return output.result(&(crate::json::escaped(&text) + "\n"));
    }
    let table =
        score.table_with("; --json has all").map_or(String::new(), |table| format!("\n{table}"));
    output.result(&format!("{}\n{table}", score.line()))
}

/// What is told as JSON.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    score: Score,
    skipped_rows: usize,
    filled_cells: usize,
}

fn score(arguments: &Arguments, output: &Output) -> Result<(Score, Tally), Error> {
    let Arguments { model, table, table_options, filling, .. } = arguments;
    let trained = Trained::read(model, table, table_options, filling.fill, output)?;
    let Trained { problem, samples, saved, .. } = &trained;
    let score = Score::of(problem, samples, &saved.recipe, trained.weights())?;
    Ok((score, trained.tally))
}
