//! What people see: results on standard output, remarks and errors on standard error.
//!
//! Nothing here is decorated unless standard error is a terminal and `NO_COLOR` is not set. `--quiet` leaves results and
//! errors.

use std::io::{self, IsTerminal, Write};

use crate::error::Error;

/// Where a command speaks to people.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    quiet: bool,
}

impl Output {
    /// Speaks on the standard streams; quiet leaves out remarks and progress.
    #[must_use]
    pub fn new(quiet: bool) -> Output {
        Output { quiet }
    }

    /// A command's result, on standard output.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn result(&self, text: &str) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|source| Error::Write { what: "standard output".into(), source })
    }

    /// A report beside what was written, on standard output; on standard error if a file went to standard output.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub(crate) fn report(&self, text: &str, beside_file: bool) -> Result<(), Error> {
        if beside_file {
            self.remark(text.trim_end());
            return Ok(());
        }
        self.result(text)
    }

    /// A remark for whoever watches, on standard error.
    pub fn remark(&self, text: &str) {
        if !self.quiet {
            // A remark that nobody can see is no reason to stop.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Whether a progress bar is welcome: somebody watches a terminal that can move its cursor.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        !self.quiet && !dumb && io::stderr().is_terminal()
    }

    /// Why a command failed, on standard error.
    pub fn error(&self, error: &Error) {
        let coloured =
            io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let word = if coloured { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
        let _ = writeln!(io::stderr(), "{word} {error}");
    }
}
