//! `uphill completions`: what a shell needs to complete command lines.

use clap::{Args, Command};
use clap_complete::Shell;

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

/// Prints the script for the whole command line.
pub(crate) fn run(arguments: &Arguments, mut line: Command, output: &Output) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut line, "uphill", &mut script);
    output.result(&String::from_utf8_lossy(&script))
}
