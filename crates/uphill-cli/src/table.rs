//! Tables of the command line: options that say how one is written, files and standard input, errors that name options.
//!
//! Reading is the work of [`uphill_table`], whose advice is told here by the options that follow it.

use clap::{Args, ValueEnum};
use uphill_table::{Advice, Coding, Format, Notation, Reader, Recipe, is_delimiter};

use crate::error::Error;
use crate::file::Input;
use crate::list::{for_shell, name_for_shell};

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

/// Opens a CSV file, or standard input, that is written in this format.
///
/// # Errors
///
/// As [`Reader::new`].
pub fn open(input: &Input, format: Format) -> Result<Reader, Error> {
    Ok(Reader::new(input.open()?, name(input), format)?)
}

/// What errors call a table.
fn name(input: &Input) -> String {
    match input {
        Input::Standard => input.to_string(),
        Input::File(path) => path.display().to_string(),
    }
}

/// Where a row of a store stands: the line in its file, if that can be read again and still has it, else the number of
/// the row. The columns are those of the store; rows in which one of them is missing were skipped.
pub(crate) fn place(input: &Input, format: Format, columns: &[String], row: usize) -> String {
    let line = match input {
        Input::Standard => None,
        Input::File(_) => {
            open(input, format).ok().and_then(|mut reader| reader.line_of_row(row, columns))
        }
    };
    line.map_or_else(|| format!(", row {} of data", row + 1), |line| format!(", line {line}"))
}

/// All advice of an error, as options, each joined to the sentence before.
pub(crate) fn told(advice: &[Advice]) -> String {
    let before = std::iter::once(None).chain(advice.iter().map(Some));
    before.zip(advice).map(|(before, advice)| option(advice, before)).collect()
}

/// A piece of advice as the option that follows it.
fn option(advice: &Advice, before: Option<&Advice>) -> String {
    match advice {
        Advice::Delimiter(sign) => {
            let sign = match sign {
                '\t' => "tab".to_owned(),
                sign => format!("'{sign}'"),
            };
            format!("; if columns end at another character, give --delimiter {sign}")
        }
        Advice::DelimiterBesideCommas => {
            "; where commas are decimal signs, columns end at another character: see --delimiter"
                .into()
        }
        Advice::Comment(sign) => {
            format!("; if lines that begin with `{sign}` are comments, give --comment '{sign}'")
        }
        Advice::Encoding => ", or give its encoding, such as --encoding latin1".into(),
        Advice::EncodingNamed(name) => format!("; give --encoding {name}"),
        Advice::Utf16 => {
            "; if the text is UTF-16 without a mark, give --encoding utf-16le or utf-16be".into()
        }
        Advice::Notation { given, other, .. } => {
            format!("; {} reads it as {}", signs(*given, *other), advice.reading())
        }
        Advice::Missing(text) => {
            format!("; --missing {} takes it as a missing cell", for_shell(text))
        }
        Advice::MissingNamed(text) => {
            format!("; --missing {} takes `{text}` as a missing cell", for_shell(text))
        }
        Advice::EmptyIsMissing => {
            "; fill it in, or give --missing '', which skips rows with empty fields".into()
        }
        Advice::Texts(column) => {
            let joined = if matches!(before, Some(Advice::Missing(_))) { "," } else { ";" };
            format!("{joined} --category {} takes all cells as text", name_for_shell(column))
        }
        Advice::NumberOrTexts(column) => format!(
            "; leave out --as-classes to learn a number, or take every text as a class by --category {}",
            name_for_shell(column)
        ),
        Advice::LeaveOut(column) => {
            format!("; leave the column out by --ignore {}", name_for_shell(column))
        }
        other => other.to_string(),
    }
}

/// The options that lead from one notation to another.
fn signs(given: Notation, other: Notation) -> String {
    let mut options = Vec::new();
    if given.decimal != other.decimal {
        options.push(format!("--decimal {}", other.decimal));
    }
    match (given.thousands, other.thousands) {
        (before, Some(sign)) if before != Some(sign) => {
            let sign = match sign {
                ' ' => "space".into(),
                '\'' => "apostrophe".into(),
                other => other.to_string(),
            };
            options.push(format!("--thousands {sign}"));
        }
        (Some(_), None) => options.push("no --thousands".into()),
        _ => {}
    }
    options.join(" and ")
}

#[cfg(test)]
mod tests {
    use uphill_table::{Kind, Reader, Table, Wanted};

    use crate::error::Error;

    /// Advice leads to options that exist, in words that say so.
    #[test]
    fn advice_is_told_by_options() {
        for (cells, expected) in [
            ("0,398", "--decimal , reads it as 0.398, with a decimal sign"),
            (
                "2,590",
                "--thousands , reads it as 2590, with separated thousands; --decimal , reads it as 2.59, with a decimal \
                 sign",
            ),
            (
                "1.234,5",
                "--decimal , and --thousands . reads it as 1234.5, with separated thousands",
            ),
            ("1 234", "--thousands space reads it as 1234, with separated thousands"),
            ("1'234", "--thousands apostrophe reads it as 1234, with separated thousands"),
            (
                "1'234|2'000|?",
                "; --missing '?' takes `?` as a missing cell; --category x takes all cells as text",
            ),
            ("0,5|0,6|a", "; `a` is no number; --category x takes all cells as text"),
            ("1|?", "got the text `?`; --missing '?' takes it as a missing cell"),
            (
                "1|red",
                "; --missing red takes it as a missing cell, --category x takes all cells as text",
            ),
        ] {
            let text = format!("x\n\"{}\"\n", cells.replace('|', "\"\n\""));
            let read = || {
                let from = std::io::Cursor::new(text.clone());
                let mut reader = Reader::new(from, "t.csv", super::Format::default())?;
                let wanted = Wanted { kind: Kind::Either, ..Wanted::numbers("x") };
                Table::read(&mut reader, &[wanted], 1 << 20)
            };
            let error = read().map_err(Error::from).unwrap_err().to_string();
            assert!(error.contains(expected), "{cells}: {error}");
        }
    }
}
