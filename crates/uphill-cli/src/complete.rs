//! `uphill completions`: what a shell needs to complete command lines.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::command::CommandLine;
use crate::error::Error;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  uphill completions bash > ~/.local/share/bash-completion/completions/uphill
  uphill completions zsh > ~/.zfunc/_uphill
  uphill completions fish > ~/.config/fish/completions/uphill.fish";

/// Print a script that completes command lines in a shell.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The shell
    pub shell: Shell,
}

/// Prints the script.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "uphill", &mut script);
    output.result(&String::from_utf8_lossy(&script))
}
