//! `uphill evaluate`: how good a saved network is on a table.

use clap::Args;

use crate::error::Error;
use crate::output::Output;
use crate::score::Score;
use crate::table::delimiter;
use crate::trained::Trained;

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
        return output.result(&(crate::json::escaped(&text) + "\n"));
    }
    let table = score.table().map_or(String::new(), |table| format!("\n{table}"));
    output.result(&format!("{}\n{table}", score.line()))
}

fn score(arguments: &Arguments) -> Result<Score, Error> {
    let Arguments { model, table, delimiter, memory, .. } = arguments;
    let trained = Trained::read(model, table, *delimiter, *memory)?;
    Score::of(&trained.problem, &trained.samples, &trained.saved.recipe, trained.weights())
}
