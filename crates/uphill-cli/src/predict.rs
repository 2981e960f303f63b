//! `uphill predict`: the answers of a saved network for the rows of a table, row by row as they come.

use std::io::Write;

use clap::Args;
use uphill_learn::TableModel;
use uphill_table::recipe::Target;
use uphill_table::{FileKind, Reader, Tally, Writer, Written};

use crate::error::Error;
use crate::file::Destination;
use crate::model;
use crate::numbers::exact;
use crate::output::Output;
use crate::roles;
use crate::table::{self, Filling, Options};
use crate::trained::both;

const EXAMPLES: &str = "\
Examples:
  uphill predict iris.json more_flowers.csv
      for each row the computed class and the outputs of all classes, as CSV

  uphill predict iris.json more_flowers.csv --with-table --out answers.csv
      the table itself with the answers behind it

  uphill predict iris.json 'part-*.parquet' --out answers.parquet
      a table in parts, where the command was built with the feature `parquet`

  head -n 3 more_flowers.csv | uphill predict iris.json - --json
      as JSON, from standard input";

/// Compute a saved network's answers for the rows of a table.
///
/// The table needs the columns of the network's inputs, in any order; others are not looked at. Rows are answered as they
/// come, so a table may be of any size. It is read as the training table was, decimal signs, missing cells and all, unless
/// options say otherwise, and answers are written like it. A row with a missing cell that isn't filled has an empty answer.
/// Numbers are printed so that they read back to the same bits.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The model, from `uphill train --save`
    pub model: String,

    /// The table, a CSV file; several as one by a pattern in quotes, such as 'part-*.csv'; `-` for standard input
    pub table: String,

    /// Repeat the table's own columns before the answers
    #[arg(long, conflicts_with = "json")]
    pub with_table: bool,

    /// Write to this file, whole: CSV, or what its name ends in, `.parquet` or `.arrow`, where the command was built with these
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub out: String,

    /// Replace an existing file
    #[arg(long)]
    pub force: bool,

    /// How the table is written.
    #[command(flatten)]
    pub table_options: Options,

    /// What becomes of missing cells.
    #[command(flatten)]
    pub filling: Filling,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

/// Predicts.
///
/// # Errors
///
/// Those of reading model and table, and of writing.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let to = Destination::new(&arguments.out, arguments.force);
    let read = [
        ("the model", Some(arguments.model.as_str())),
        ("the table", Some(arguments.table.as_str())),
    ];
    roles::tell_apart(&read, &[("--out", Some(&to))])?;
    to.check()?;
    let kind = match &to {
        Destination::Standard => FileKind::Csv,
        Destination::File { path, .. } => FileKind::of(path),
    };
    if kind != FileKind::Csv && arguments.json {
        let what = format!(
            "--json is written as text, and {to} is named as a file of columns; leave one of them out"
        );
        return Err(Error::Use(what));
    }
    let [model, table] = both(&arguments.model, &arguments.table)?;
    let mut saved = model::read(&model)?;
    arguments.table_options.change(&mut saved.recipe, arguments.filling.fill)?;
    let mut reader = table::open(&table, saved.recipe.format.clone())?;
    // What is missing, or can't be repeated, is told before anything is written.
    saved.recipe.find(&reader)?;
    if arguments.with_table {
        reader.check_columns()?;
    }
    let mut tally = Tally::default();
    to.write(|file| {
        tally = if kind != FileKind::Csv {
            write_columns(&saved, &mut reader, file, kind, arguments)?
        } else if arguments.json {
            write_json(&saved, &mut reader, file, &to)?
        } else {
            write_csv(&saved, &mut reader, file, &to, arguments)?
        };
        Ok(())
    })?;
    let missing = tally.remarks(reader.name(), "without an answer");
    reader.remarks().iter().chain(&missing).for_each(|remark| output.remark(remark));
    Ok(())
}

fn write_csv(
    saved: &TableModel,
    reader: &mut Reader,
    file: &mut dyn Write,
    to: &Destination,
    arguments: &Arguments,
) -> Result<Tally, Error> {
    let recipe = &saved.recipe;
    let format = &recipe.format;
    let delimiter = u8::try_from(format.delimiter).unwrap_or(b',');
    let mut csv = csv::WriterBuilder::new().delimiter(delimiter).from_writer(file);
    let number = |x: f64| match format.decimal {
        '.' => exact(x),
        sign => exact(x).replace('.', &sign.to_string()),
    };
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
    let tally = saved.answers(reader, |row, answer| {
        record.clear();
        if arguments.with_table {
            row.fields().for_each(|field| record.push_field(field));
        }
        let Some((answer, outputs)) = answer else {
            let empty = 1 + if is_class { recipe.target.count() } else { 0 };
            (0..empty).for_each(|_| record.push_field(b""));
            return csv.write_byte_record(&record).map_err(failed);
        };
        match &recipe.target {
            Target::Classes { classes, .. } => {
                record.push_field(classes[answer as usize].as_bytes());
                outputs.iter().for_each(|&output| record.push_field(number(output).as_bytes()));
            }
            Target::Number { .. } => record.push_field(number(answer).as_bytes()),
        }
        csv.write_byte_record(&record).map_err(failed)
    })?;
    csv.flush().map_err(|source| to.failed(source))?;
    Ok(tally)
}

/// The same columns as in CSV, each of one type.
fn write_columns(
    saved: &TableModel,
    reader: &mut Reader,
    file: &mut dyn Write,
    kind: FileKind,
    arguments: &Arguments,
) -> Result<Tally, Error> {
    let recipe = &saved.recipe;
    let mut columns: Vec<(String, Written)> = Vec::new();
    let repeated = if arguments.with_table { reader.header().len() } else { 0 };
    for column in 0..repeated {
        columns.push((reader.header()[column].clone(), reader.written(column)));
    }
    let computed = format!("computed_{}", recipe.target.column());
    let is_class = matches!(recipe.target, Target::Classes { .. });
    columns.push((computed, if is_class { Written::Texts } else { Written::Numbers }));
    if is_class {
        columns.extend(recipe.output_names().into_iter().map(|name| (name, Written::Numbers)));
    }
    let mut writer = Writer::new(file, &arguments.out, kind, &columns)?;
    let tally = saved.answers(reader, |row, answer| {
        for column in 0..repeated {
            writer.cell(row, column)?;
        }
        match (&recipe.target, answer) {
            (Target::Classes { classes, .. }, answer) => {
                writer.text(answer.map(|(answer, _)| classes[answer as usize].as_str()));
                let outputs = answer.map(|(_, outputs)| outputs);
                (0..classes.len()).for_each(|k| writer.number(outputs.map(|outputs| outputs[k])));
            }
            (Target::Number { .. }, answer) => writer.number(answer.map(|(answer, _)| answer)),
        }
        Ok::<(), Error>(writer.end_row()?)
    })?;
    writer.finish()?;
    Ok(tally)
}

/// One object, written row by row.
fn write_json(
    saved: &TableModel,
    reader: &mut Reader,
    file: &mut dyn Write,
    to: &Destination,
) -> Result<Tally, Error> {
    let recipe = &saved.recipe;
    let failed = |source| to.failed(source);
    let target = serde_json::Value::from(recipe.target.column()).to_string();
    let target = crate::json::escaped(&target);
    write!(file, "{{\"target\":{target},\"predictions\":[").map_err(failed)?;
    let mut between = "\n";
    let tally = saved.answers(reader, |_, answer| {
        let prediction = match (&recipe.target, answer) {
            (_, None) => serde_json::json!({ "computed": null }),
            (Target::Classes { classes, .. }, Some((answer, outputs))) => {
                let outputs = classes.iter().cloned().zip(outputs.iter().map(|&o| o.into()));
                let outputs: serde_json::Map<String, serde_json::Value> = outputs.collect();
                serde_json::json!({ "computed": classes[answer as usize], "outputs": outputs })
            }
            (Target::Number { .. }, Some((answer, _))) => serde_json::json!({ "computed": answer }),
        };
        let prediction = crate::json::escaped(&prediction.to_string());
        write!(file, "{between}{prediction}").map_err(failed)?;
        between = ",\n";
        Ok::<(), Error>(())
    })?;
    writeln!(file, "\n]}}").map_err(failed)?;
    Ok(tally)
}
