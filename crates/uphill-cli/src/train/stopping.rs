//! When `uphill train` stops: the rules of `uphill-nn`, an option each. Training ends as soon as one of them holds.

use clap::Args;

use crate::numbers::{number, whole};

/// The rules that were asked for; without any, a number of changes that suits the table.
#[derive(Debug, Args)]
pub struct Stopping {
    /// Stop after so many changes of the weights, counted from the first training on [default: 1000 more, or one pass if
    /// that is longer; 1000000 in all where other rules are given]
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "NUMBER",
        conflicts_with = "passes",
        value_parser = whole::<usize>,
        allow_negative_numbers = true
    )]
    pub changes: Option<usize>,

    /// Stop after so many passes over the training rows, counted from the first training on
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "NUMBER",
        value_parser = whole::<usize>,
        allow_negative_numbers = true
    )]
    pub passes: Option<usize>,

    /// Stop when the performance is at least this
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "P",
        allow_negative_numbers = true,
        value_parser = number
    )]
    pub stop_at: Option<f64>,

    /// Stop when every output is closer than this to the desired one
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "DISTANCE",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub stop_within: Option<f64>,

    /// Stop when the gradient is shorter than this
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "LENGTH",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub stop_gradient: Option<f64>,

    /// Stop when the performance has not risen over so many changes
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "CHANGES",
        value_parser = whole::<usize>,
        allow_negative_numbers = true
    )]
    pub stop_no_progress: Option<usize>,

    /// What counts as a rise of the performance
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "RISE",
        default_value_t = 0.0,
        requires = "stop_no_progress",
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub least_rise: f64,

    /// Stop when the performance on validation rows has not risen over so many changes
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "CHANGES",
        conflicts_with = "resume",
        value_parser = whole::<usize>,
        allow_negative_numbers = true
    )]
    pub patience: Option<usize>,

    /// Look at these rules only every so many changes
    #[arg(
        long,
        help_heading = "When to stop",
        value_name = "CHANGES",
        value_parser = whole::<usize>,
        allow_negative_numbers = true
    )]
    pub look_every: Option<usize>,
}
