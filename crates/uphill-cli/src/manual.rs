//! `uphill man`: the manual, one page for the program and one for each command.

use std::io;
use std::path::Path;

use clap::{Args, Command};

use crate::error::Error;
use crate::file::Destination;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  uphill man train | man -l -
      read the page of one command

  uphill man plot surface | man -l -
      that of a command of a command

  uphill man --folder ~/.local/share/man/man1
      install all pages";

/// Print a page of the manual, or write all of them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The command whose page is printed, such as `train` or `plot surface` [default: the program's own]
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,

    /// Write all pages into this folder, which is made where it is missing, as uphill.1, uphill-train.1, …
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    pub folder: Option<String>,

    /// Replace existing pages
    #[arg(long, requires = "folder")]
    pub force: bool,
}

/// Prints a page of the whole command line, or writes all.
pub(crate) fn run(
    arguments: &Arguments,
    mut program: Command,
    output: &Output,
) -> Result<(), Error> {
    program.build();
    if let Some(folder) = &arguments.folder {
        let folder = Path::new(folder);
        let failed = |source: io::Error| {
            let source = match source.kind() {
                io::ErrorKind::AlreadyExists => io::Error::new(source.kind(), "it is no folder"),
                _ => source,
            };
            Error::Write { what: format!("`{}`", folder.display()), source }
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        return write_all(&program, "", folder, arguments.force);
    }
    let (mut page, mut name) = (&program, program.get_name().to_owned());
    for word in &arguments.command {
        page = pages(page).find(|page| page.get_name() == word).ok_or_else(|| {
            let known: Vec<&str> = pages(page).map(Command::get_name).collect();
            Error::unknown("command", word, "", known.into_iter())
        })?;
        name = format!("{name}-{word}");
    }
    output.result(&page_of(page, &name)?)
}

/// The commands of a command.
fn pages(of: &Command) -> impl Iterator<Item = &Command> {
    of.get_subcommands().filter(|page| page.get_name() != "help")
}

/// Writes the page of a command, and those of its own commands.
fn write_all(page: &Command, before: &str, folder: &Path, force: bool) -> Result<(), Error> {
    let name = format!("{before}{}", page.get_name());
    let to = Destination::File { path: folder.join(format!("{name}.1")), force };
    let text = page_of(page, &name)?;
    to.write(|file| file.write_all(text.as_bytes()).map_err(|source| to.failed(source)))?;
    pages(page).try_for_each(|page| write_all(page, &format!("{name}-"), folder, force))
}

fn page_of(page: &Command, name: &str) -> Result<String, Error> {
    let mut text = Vec::new();
    let page = page.clone().name(name.to_owned()).override_usage(usage(page));
    clap_mangen::Man::new(page)
        .source(format!("uphill {}", env!("CARGO_PKG_VERSION")))
        .render(&mut text)
        .map_err(|source| Error::Write { what: "the manual".into(), source })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The synopsis: what must be given, then what may be, each with its value.
fn usage(page: &Command) -> String {
    let shown = || page.get_arguments().filter(|argument| !argument.is_hide_set());
    let required = shown().filter(|argument| argument.is_required_set());
    let optional = shown().filter(|argument| !argument.is_required_set());
    let mut usage = page.get_bin_name().unwrap_or_else(|| page.get_name()).to_owned();
    for argument in required {
        usage += &format!(" {argument}");
    }
    for argument in optional {
        let text = argument.to_string();
        usage += &match text.starts_with('[') {
            true => format!(" {text}"),
            false => format!(" [{text}]"),
        };
    }
    if pages(page).next().is_some() {
        usage += " <COMMAND>";
    }
    usage
}
