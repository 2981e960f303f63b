//! `uphill lecture`: the lecture on backpropagation, whole or a section of it, as `uphill-lecture` derives it.

use clap::Args;
use uphill_lecture::{Section, section, sections, whole};

use crate::error::Error;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  uphill lecture
      all of it, the training of two networks included

  uphill lecture chain-rule
  uphill lecture 2
      one section

  uphill lecture --list
      the sections' numbers and names";

/// Walk through the lecture's slides on backpropagation, with every blank filled in.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// One section, by number, name or the beginning of its name [default: all]
    pub section: Option<String>,

    /// List the sections
    #[arg(long, conflicts_with = "section")]
    pub list: bool,
}

/// Prints the lecture.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    if arguments.list {
        let line = |(number, section): (usize, &Section)| {
            format!("{:>2}  {:14} {}\n", number + 1, section.name(), section.title())
        };
        return output.result(&sections().iter().enumerate().map(line).collect::<String>());
    }
    let text = arguments.section.as_ref().map_or_else(whole, |name| section(name));
    output.result(&text.map_err(|error| match error {
        uphill_lecture::Error::UnknownSection { name, .. } => {
            Error::unknown("section", &name, "", sections().iter().map(Section::name))
        }
        other => Error::Lecture(other),
    })?)
}
