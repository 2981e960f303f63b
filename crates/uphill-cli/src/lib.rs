//! The command `uphill`: networks from tables, the lecture, and more, without writing Rust.
//!
//! [`run`] takes a command line and gives an exit code; [`command`] says what can be on that line. Each command has a
//! module of its own, on top of three that all share: [`table`] says how CSV files are written, [`mod@file`]
//! writes files whole or not at all, [`output`] speaks to people. Errors are sentences that name the thing, what was
//! expected and what came ([`Error`]).
//!
//! What a program would call has crates of its own, `uphill-table` and `uphill-lecture` among them; nothing here is more than
//! arguments, sentences and files.
//!
//! ```
//! assert_eq!(uphill_cli::run(["uphill", "lecture", "--list"].map(Into::into)), std::process::ExitCode::SUCCESS);
//! ```

mod about;
mod advice;
pub mod check;
mod columns;
pub mod command;
mod complete;
pub mod drawing;
mod error;
pub mod evaluate;
pub mod export;
pub mod file;
pub mod fit;
pub mod formula;
pub mod grad;
pub mod hill;
mod history;
pub mod interrupt;
mod json;
mod language;
pub mod lecture;
mod list;
mod manual;
pub mod model;
mod names;
mod numbers;
pub mod output;
mod plane;
pub mod plot;
pub mod predict;
pub mod ranks;
mod roles;
pub mod siblings;
mod slips;
pub mod solve;
mod source;
mod synonyms;
pub mod table;
pub mod train;
mod trained;
pub mod view;
mod visible;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use command::{Command, CommandLine};
pub use error::Error;
use output::Output;

/// Runs a command line, its first entry the program's name, and gives its exit code.
///
/// 0: done. 1: the work failed. 2: the command line can't be followed. Ctrl-C, in trainings, fits and searches a second one, ends
/// the program with 130.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let line = match CommandLine::try_parse_from(&arguments) {
        Ok(line) => line,
        Err(told) => {
            let words: Vec<String> =
                arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            let told = slips::advised(told, &words);
            // Help and version are no errors; a pipe that is closed early is none of ours.
            let printed = output::told(&told).and_then(|()| std::io::stdout().flush());
            return match printed {
                _ if told.use_stderr() => ExitCode::from(2),
                Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
                    let error = Error::Write { what: "standard output".into(), source };
                    Output::new(false).error(&error);
                    ExitCode::from(error.exit_code())
                }
                _ => ExitCode::SUCCESS,
            };
        }
    };
    let output = Output::new(line.quiet);
    match follow(line.command, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is_told() {
                output.error(&error);
            }
            ExitCode::from(error.exit_code())
        }
    }
}

/// Each command's module does its work: a new command is a line here and one in [`Command`], and its files in `about`.
fn follow(command: Command, output: &Output) -> Result<(), Error> {
    let files = about::Files::of(&command);
    let done = match command {
        Command::Grad(arguments) => grad::run(&arguments, output),
        Command::Fit(arguments) => fit::run(&arguments, output),
        Command::Solve(arguments) => solve::run(&arguments, output),
        Command::Train(arguments) => train::run(*arguments, output),
        Command::Predict(arguments) => predict::run(&arguments, output),
        Command::Evaluate(arguments) => evaluate::run(&arguments, output),
        Command::Check(arguments) => check::run(&arguments, output),
        Command::Export(arguments) => export::run(&arguments, output),
        Command::Plot(arguments) => plot::run(&arguments, output),
        Command::View(arguments) => view::run(&arguments, output),
        Command::Formula(arguments) => language::run(&arguments, output),
        Command::Lecture(arguments) => lecture::run(&arguments, output),
        Command::Siblings(arguments) => siblings::run(&arguments, output),
        Command::Completions(arguments) => {
            complete::run(&arguments, CommandLine::command(), output)
        }
        Command::Man(arguments) => manual::run(&arguments, CommandLine::command(), output),
    };
    done.map_err(|error| files.name(error))
}
