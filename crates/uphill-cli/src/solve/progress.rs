//! A line for whoever watches a terminal: how many iterations, P, and how far constraints and optimum are.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use uphill_solve::Iteration;

use crate::numbers::digits;
use crate::output::Output;

/// How often the line is drawn.
const REDRAWN: Duration = Duration::from_millis(100);

/// A progress line, or nothing where nobody watches.
pub(super) struct Progress {
    line: Option<ProgressBar>,
    drawn: Cell<Instant>,
}

impl Progress {
    pub(super) fn begin(output: &Output) -> Progress {
        let line = output.shows_progress().then(|| {
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{pos} iterations  {msg}  {elapsed}") {
                line.set_style(style);
            }
            line
        });
        Progress { line, drawn: Cell::new(Instant::now()) }
    }

    /// Shows where the search is, a few times a second.
    pub(super) fn show(&self, iteration: &Iteration) {
        let Some(line) = &self.line else { return };
        if self.drawn.get().elapsed() >= REDRAWN {
            self.drawn.set(Instant::now());
            line.set_position(iteration.number);
            line.set_message(format!(
                "P = {}  constraints missed by {}  optimum by {}",
                digits(iteration.value, 6),
                digits(iteration.violation, 2),
                digits(iteration.error, 2)
            ));
        }
    }

    /// Takes the line away: the report says the rest.
    pub(super) fn end(&self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}
