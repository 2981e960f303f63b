//! What people see: results on standard output, remarks and errors on standard error.
//!
//! Nothing here is decorated unless standard error is a terminal and `NO_COLOR` is not set. `--quiet` leaves results and
//! errors. All of it goes through the module `visible`, so that no name of a stranger speaks to the terminal.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use crate::error::Error;
use crate::visible::{Visible, visible};

/// Standard output for what programs read; if a terminal reads it, control characters are shown.
pub(crate) fn standard() -> Box<dyn Write> {
    let out = io::stdout().lock();
    match out.is_terminal() {
        true => Box::new(Visible::new(out)),
        false => Box::new(out),
    }
}

/// What clap has to say of a command line: help, or what is wrong with it, in which words of a stranger may stand.
pub(crate) fn told(error: &clap::Error) -> io::Result<()> {
    let plain = error.render().to_string();
    match visible(&plain) {
        Cow::Borrowed(_) => error.print(),
        Cow::Owned(shown) if error.use_stderr() => write!(io::stderr(), "{shown}"),
        Cow::Owned(shown) => write!(io::stdout(), "{shown}"),
    }
}

/// Where a command speaks to people.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    quiet: bool,
    /// Whether somebody else tells results.
    silent: bool,
}

impl Output {
    /// Speaks on the standard streams; quiet leaves out remarks and progress.
    #[must_use]
    pub fn new(quiet: bool) -> Output {
        Output { quiet, silent: false }
    }

    /// Leaves all but errors to somebody else.
    #[must_use]
    pub(crate) fn silent() -> Output {
        Output { quiet: true, silent: true }
    }

    /// A command's result, on standard output.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn result(&self, text: &str) -> Result<(), Error> {
        if self.silent {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        let written = out.write_all(visible(text).as_bytes()).and_then(|()| out.flush());
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
            let _ = io::stderr().write_all(format!("{}\n", visible(text)).as_bytes());
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
        // At once, so that nobody else's words come between.
        let line = format!("{word} {}\n", visible(&error.to_string()));
        let _ = io::stderr().write_all(line.as_bytes());
    }
}
