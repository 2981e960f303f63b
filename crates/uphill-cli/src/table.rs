//! Tables of the command line: options that say how one is written, files and standard input.

use clap::{Args, ValueEnum};
use uphill_table::{Coding, Files, Format, Reader, Recipe, is_delimiter};

use crate::error::Error;
use crate::file::Input;

/// How the table is written. What is not given is as the saved model remembers it, if there is one.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// The character between columns: `,`, `;`, `tab`, … [default: `,`]
    #[arg(long, value_name = "CHARACTER", value_parser = character, help_heading = "Table")]
    pub delimiter: Option<char>,

    /// The decimal sign of numbers: `.` or `,` [default: `.`]
    #[arg(long, value_name = "SIGN", value_parser = decimal, help_heading = "Table")]
    pub decimal: Option<char>,

    /// What separates the thousands of numbers: `,`, `.`, `space` or `apostrophe` [default: nothing]
    #[arg(long, value_name = "SIGN", value_parser = thousands, help_heading = "Table")]
    pub thousands: Option<char>,

    /// The texts of cells that are missing, such as '?,NA'; empty cells are missing too. Rows with such cells are
    /// skipped, and counted. Without this option they are errors
    #[arg(long, value_name = "TEXTS", value_parser = marks, allow_negative_numbers = true, help_heading = "Table")]
    pub missing: Option<Marks>,

    /// Skip lines that begin with this character, such as '#'
    #[arg(long, value_name = "CHARACTER", value_parser = character, help_heading = "Table")]
    pub comment: Option<char>,

    /// How the file's text is encoded: `utf-8`, `latin1`, `utf-16le`, …; a mark at its beginning goes first
    /// [default: utf-8]
    #[arg(long, value_name = "NAME", value_parser = coding, help_heading = "Table")]
    pub encoding: Option<Coding>,
}

/// How the table is written, and how much of it stays in memory.
#[derive(Debug, Clone, Args)]
pub struct StoredOptions {
    /// How it is written.
    #[command(flatten)]
    pub written: Options,

    /// How many bytes of the table's numbers stay in memory; more go to a temporary file
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "256MiB",
        value_parser = crate::numbers::bytes,
        help_heading = "Table"
    )]
    pub memory: u64,
}

/// What becomes of missing cells of a network's inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fill {
    /// Take the mean of the training rows
    Mean,
    /// Nothing: leave such rows out
    #[value(alias = "skip")]
    None,
}

/// What becomes of missing cells, where there is a network to be fed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Filling {
    /// Fill missing cells of inputs: with the column's `mean` over the training rows, of a column of text with the share
    /// of each category; `none` leaves such rows out [default: as the model was trained, else `none`]
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        hide_possible_values = true,
        help_heading = "Table"
    )]
    pub fill: Option<Fill>,
}

/// Texts of missing cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks(Vec<String>);

impl Options {
    /// The format that these options give, with what they leave open as in another.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for options that contradict each other.
    pub fn over(&self, other: &Format) -> Result<Format, Error> {
        let format = Format {
            delimiter: self.delimiter.unwrap_or(other.delimiter),
            decimal: self.decimal.unwrap_or(other.decimal),
            thousands: self.thousands.or(other.thousands),
            missing: self.missing.as_ref().map(|marks| marks.0.clone()).or(other.missing.clone()),
            comment: self.comment.or(other.comment),
            encoding: self.encoding.unwrap_or(other.encoding),
        };
        if format.thousands == Some(format.decimal) {
            return Err(Error::Use(format!(
                "thousands can't be separated by the decimal sign, `{}`; give another by --decimal or --thousands",
                format.decimal
            )));
        }
        format.check().map_err(Error::Use)?;
        Ok(format)
    }

    /// Changes a model's recipe where these options say otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for options that contradict each other, and for `--fill mean` if no means are known.
    pub fn change(&self, recipe: &mut Recipe, fill: Option<Fill>) -> Result<(), Error> {
        recipe.format = self.over(&recipe.format)?;
        match fill {
            None => {}
            Some(Fill::None) => recipe.leave_gaps(),
            Some(Fill::Mean) if recipe.is_filled() => {}
            Some(Fill::Mean) => {
                let what = "--fill mean: the model knows no means; train it with --missing and --fill mean";
                return Err(Error::Use(what.into()));
            }
        }
        Ok(())
    }

    /// The format that these options give.
    ///
    /// # Errors
    ///
    /// [`Error::Use`] for options that contradict each other.
    pub fn format(&self) -> Result<Format, Error> {
        self.over(&Format::default())
    }
}

fn character(text: &str) -> Result<char, String> {
    let mut letters = text.chars();
    match (text, letters.next(), letters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        ("space", ..) => Ok(' '),
        (_, Some(c), None) if is_delimiter(c) => Ok(c),
        _ => Err("expected one character, or `tab`".into()),
    }
}

fn decimal(text: &str) -> Result<char, String> {
    match text {
        "." | "point" => Ok('.'),
        "," | "comma" => Ok(','),
        _ => Err("expected `.` or `,`".into()),
    }
}

fn thousands(text: &str) -> Result<char, String> {
    match text {
        "." | "point" => Ok('.'),
        "," | "comma" => Ok(','),
        " " | "space" => Ok(' '),
        "'" | "\u{2019}" | "apostrophe" => Ok('\''),
        _ => Err("expected `,`, `.`, `space` or `apostrophe`".into()),
    }
}

/// The type of the value has a `Result` since clap asks for one.
#[allow(clippy::unnecessary_wraps)]
fn marks(text: &str) -> Result<Marks, String> {
    Ok(Marks(text.split(',').map(|mark| mark.trim().to_owned()).collect()))
}

fn coding(text: &str) -> Result<Coding, String> {
    Coding::named(text)
        .ok_or_else(|| "expected an encoding such as utf-8, latin1, utf-16le or utf-16be".into())
}

/// Opens a table that is written in this format: a file, several by a pattern of their names, or standard input.
///
/// # Errors
///
/// As [`Reader::open_files`].
pub fn open(input: &Input, format: Format) -> Result<Reader, Error> {
    Ok(match input {
        Input::Standard => Reader::new(input.open()?, input.to_string(), format)?,
        Input::File(path) => match path.to_str() {
            Some(name) => Reader::open_files(Files::named(name)?, format)?,
            None => Reader::open(path, format)?,
        },
    })
}

/// Where a row of a store stands: the line in its file, if that can be read again and still has it, else the number of
/// the row. The columns are those of the store; rows in which one of them is missing were skipped.
pub(crate) fn place(input: &Input, format: Format, columns: &[String], row: usize) -> String {
    let place = match input {
        Input::Standard => None,
        Input::File(_) => {
            open(input, format).ok().and_then(|mut reader| reader.place_of_row(row, columns))
        }
    };
    place.map_or_else(|| format!(", row {} of data", row + 1), |place| format!(", {place}"))
}
