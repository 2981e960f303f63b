//! `uphill predict`: the answers of a saved network for the rows of a table, row by row as they come.

use std::io::Write;

use clap::Args;

use crate::error::Error;
use crate::file::Destination;
use crate::model::Saved;
use crate::numbers::exact;
use crate::output::Output;
use crate::roles;
use crate::table::recipe::{Recipe, Target};
use crate::table::{self, Reader, delimiter};
use crate::trained::both;

const EXAMPLES: &str = "\
Examples:
  uphill predict iris.json more_flowers.csv
      for each row the computed class and the outputs of all classes, as CSV

  uphill predict iris.json more_flowers.csv --with-table --out answers.csv
      the table itself with the answers behind it

  head -n 3 more_flowers.csv | uphill predict iris.json - --json
      as JSON, from standard input";

/// Compute a saved network's answers for the rows of a table.
///
/// The table needs the columns of the network's inputs, in any order; others are not looked at. Rows are answered as they
/// come, so a table may be of any size. Numbers are printed so that they read back to the same bits.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The model, from `uphill train --save`
    pub model: String,

    /// The table, a CSV file; `-` for standard input
    pub table: String,

    /// Repeat the table's own columns before the answers
    #[arg(long, conflicts_with = "json")]
    pub with_table: bool,

    /// Write to this file, whole
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub out: String,

    /// Replace an existing file
    #[arg(long)]
    pub force: bool,

    /// The character between columns: `,`, `;`, `tab`, …
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    pub delimiter: u8,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

/// Predicts.
///
/// # Errors
///
/// Those of reading model and table, and of writing.
pub fn run(arguments: &Arguments, _output: &Output) -> Result<(), Error> {
    let to = Destination::new(&arguments.out, arguments.force);
    let read = [
        ("the model", Some(arguments.model.as_str())),
        ("the table", Some(arguments.table.as_str())),
    ];
    roles::tell_apart(&read, &[("--out", Some(&to))])?;
    to.check()?;
    let [model, table] = both(&arguments.model, &arguments.table)?;
    let saved = Saved::read(&model)?;
    let mut reader = table::open(&table, arguments.delimiter)?;
    // A missing column is told before anything is written.
    saved.recipe.find(&reader)?;
    to.write(|file| {
        if arguments.json {
            write_json(&saved, &mut reader, file, &to)
        } else {
            write_csv(&saved, &mut reader, file, &to, arguments)
        }
    })
}

/// Calls a function with each row's fields, answer and outputs.
fn answers(
    saved: &Saved,
    reader: &mut Reader,
    mut answer: impl FnMut(&table::Row<'_>, f64, &[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let recipe = &saved.recipe;
    let places = recipe.find(reader)?;
    let (network, weights) = (saved.model.network(), saved.model.weights());
    let (mut numbers, mut inputs) = (Vec::new(), Vec::new());
    while let Some(row) = reader.next_row()? {
        numbers.clear();
        inputs.clear();
        recipe.read_inputs(&row, &places, &mut numbers)?;
        recipe.encode_inputs(&numbers, &mut inputs);
        let outputs = network.computed(weights, &inputs)?;
        answer(&row, recipe.answer(&outputs), &outputs)?;
    }
    Ok(())
}

/// What a class is called, or the number.
fn told(recipe: &Recipe, answer: f64) -> String {
    match &recipe.target {
        Target::Classes { classes, .. } => classes[answer as usize].clone(),
        Target::Number { .. } => exact(answer),
    }
}

fn write_csv(
    saved: &Saved,
    reader: &mut Reader,
    file: &mut dyn Write,
    to: &Destination,
    arguments: &Arguments,
) -> Result<(), Error> {
    let recipe = &saved.recipe;
    let mut csv = csv::WriterBuilder::new().delimiter(arguments.delimiter).from_writer(file);
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(source) => to.failed(source),
        _ => to.failed(std::io::ErrorKind::InvalidData.into()),
    };
    let is_class = matches!(recipe.target, Target::Classes { .. });
    let mut header: Vec<String> =
        if arguments.with_table { reader.header().to_vec() } else { Vec::new() };
    header.push(format!("computed_{}", recipe.target.column()));
    if is_class {
        header.extend(recipe.output_names());
    }
    csv.write_record(&header).map_err(failed)?;
    let mut record = csv::ByteRecord::new();
    answers(saved, reader, |row, answer, outputs| {
        record.clear();
        if arguments.with_table {
            row.fields().for_each(|field| record.push_field(field));
        }
        record.push_field(told(recipe, answer).as_bytes());
        if is_class {
            outputs.iter().for_each(|&output| record.push_field(exact(output).as_bytes()));
        }
        csv.write_byte_record(&record).map_err(failed)
    })?;
    csv.flush().map_err(|source| to.failed(source))
}

/// One object, written row by row.
fn write_json(
    saved: &Saved,
    reader: &mut Reader,
    file: &mut dyn Write,
    to: &Destination,
) -> Result<(), Error> {
    let recipe = &saved.recipe;
    let failed = |source| to.failed(source);
    let target = serde_json::Value::from(recipe.target.column()).to_string();
    let target = crate::json::escaped(&target);
    write!(file, "{{\"target\":{target},\"predictions\":[").map_err(failed)?;
    let mut between = "\n";
    answers(saved, reader, |_, answer, outputs| {
        let prediction = match &recipe.target {
            Target::Classes { classes, .. } => {
                let outputs = classes.iter().cloned().zip(outputs.iter().map(|&o| o.into()));
                let outputs: serde_json::Map<String, serde_json::Value> = outputs.collect();
                serde_json::json!({ "computed": classes[answer as usize], "outputs": outputs })
            }
            Target::Number { .. } => serde_json::json!({ "computed": answer }),
        };
        let prediction = crate::json::escaped(&prediction.to_string());
        write!(file, "{between}{prediction}").map_err(failed)?;
        between = ",\n";
        Ok(())
    })?;
    writeln!(file, "\n]}}").map_err(failed)
}
