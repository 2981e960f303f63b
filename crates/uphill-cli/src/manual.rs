//! `uphill man`: the manual, one page for the program and one for each command.

use std::path::Path;

use clap::{Args, CommandFactory};

use crate::command::CommandLine;
use crate::error::Error;
use crate::file::Destination;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  uphill man train | man -l -
      read the page of one command

  uphill man --folder ~/.local/share/man/man1
      install all pages";

/// Print a page of the manual, or write all of them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The command whose page is printed [default: the program's own]
    pub command: Option<String>,

    /// Write all pages into this folder, as uphill.1, uphill-train.1, …
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub folder: Option<String>,

    /// Replace existing pages
    #[arg(long, requires = "folder")]
    pub force: bool,
}

/// Prints a page, or writes all.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let mut program = CommandLine::command();
    program.build();
    let pages = || program.get_subcommands().filter(|page| page.get_name() != "help");
    if let Some(folder) = &arguments.folder {
        for page in std::iter::once(&program).chain(pages()) {
            let name = name_of(page, &program);
            let path = Path::new(folder).join(format!("{name}.1"));
            let to = Destination::File { path, force: arguments.force };
            let text = page_of(page, &name)?;
            to.write(|file| file.write_all(text.as_bytes()).map_err(|source| to.failed(source)))?;
        }
        return Ok(());
    }
    let page = match &arguments.command {
        None => &program,
        Some(name) => pages().find(|page| page.get_name() == name).ok_or_else(|| {
            let known: Vec<&str> = pages().map(clap::Command::get_name).collect();
            Error::unknown("command", name, "", known.into_iter())
        })?,
    };
    output.result(&page_of(page, &name_of(page, &program))?)
}

fn name_of(page: &clap::Command, program: &clap::Command) -> String {
    match page.get_name() {
        name if name == program.get_name() => name.into(),
        name => format!("{}-{name}", program.get_name()),
    }
}

fn page_of(page: &clap::Command, name: &str) -> Result<String, Error> {
    let mut text = Vec::new();
    let page = page.clone().name(name.to_owned());
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|source| Error::Write { what: "the manual".into(), source })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
