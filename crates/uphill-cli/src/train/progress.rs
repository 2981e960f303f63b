//! A bar for whoever watches a terminal: P a row, rate, weights changed per second, and the time left.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use uphill_nn::Change;

use crate::numbers::digits;
use crate::output::Output;

/// How often the bar is drawn.
const REDRAWN: Duration = Duration::from_millis(100);

/// A progress bar, or nothing where nobody watches.
pub(super) struct Progress<'o> {
    output: &'o Output,
    /// What is said once it is sure that training begins.
    remark: Cell<Option<String>>,
    bar: Option<ProgressBar>,
    drawn: Cell<Instant>,
}

impl<'o> Progress<'o> {
    /// Begins after so many changes, towards a limit.
    pub(super) fn begin(
        output: &'o Output,
        remark: String,
        weights: usize,
        before: usize,
        limit: usize,
    ) -> Progress<'o> {
        let bar = output.shows_progress().then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(limit as u64), ProgressDrawTarget::stderr());
            let template =
                "[{bar:24}] {pos}/{len} changes  {msg}  {speed} weights/s  at most {eta} left";
            let speed = move |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                // If it can't be written, the bar lacks it.
                let _ = text.write_str(&short(state.per_sec() * weights as f64));
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.with_key("speed", speed).progress_chars("=> "));
            }
            bar.set_position(before as u64);
            bar.reset_eta();
            bar
        });
        Progress { output, remark: Cell::new(Some(remark)), bar, drawn: Cell::new(Instant::now()) }
    }

    /// Shows where training is, a few times a second.
    pub(super) fn show(&self, change: &Change<'_>, by_row: f64) {
        if let Some(remark) = self.remark.take() {
            match &self.bar {
                Some(bar) => bar.suspend(|| self.output.remark(&remark)),
                None => self.output.remark(&remark),
            }
        }
        let Some(bar) = &self.bar else { return };
        if self.drawn.get().elapsed() >= REDRAWN {
            self.drawn.set(Instant::now());
            bar.set_position(change.number as u64);
            bar.set_message(format!(
                "P a row = {}  rate {}",
                digits(by_row, 4),
                digits(change.rate, 3)
            ));
        }
    }

    /// Takes the bar away: the report says the rest.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A large number in few letters: 12.3M.
fn short(number: f64) -> String {
    let steps = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
    match steps.into_iter().find(|(size, _)| number >= *size) {
        Some((size, unit)) => format!("{}{unit}", digits(number / size, 3)),
        None => digits(number.round(), 3),
    }
}
