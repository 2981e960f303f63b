//! The command `uphill`. What it does lies in the library, so that tests and examples can use it.

use std::process::ExitCode;

fn main() -> ExitCode {
    uphill_cli::run(std::env::args_os())
}
