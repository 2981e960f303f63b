//! `uphill siblings`: the Acquaintance/Sibling network of the lecture, trained as in its book.

use clap::Args;
use serde_json::json;
use uphill_lecture::Siblings;
use uphill_nn::Outcome;

use crate::error::Error;
use crate::numbers::number;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  uphill siblings
      at the book's rate 1: 225 changes for acquaintances, 175 more for siblings too

  uphill siblings --rate 0.25
      four times the changes, about; the same place in the end";

/// Train the lecture's Acquaintance/Sibling network and compare it with the book's.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The learning rate, in the book's convention (β = d − o)
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 1.0,
        value_parser = number,
        allow_negative_numbers = true
    )]
    pub rate: f64,

    /// Print one JSON object, described in docs/json.md
    #[arg(long)]
    pub json: bool,
}

fn json(siblings: &Siblings) -> String {
    let part = |outcome: &Outcome| {
        let names = siblings.network.weights().iter().map(|weight| weight.name.clone());
        let weights = names.zip(outcome.weights.iter().map(|&weight| weight.into()));
        json!({
            "changes": outcome.changes,
            "stopped": outcome.reason.to_string(),
            "performance": outcome.performance,
            "weights": weights.collect::<serde_json::Map<_, _>>(),
        })
    };
    let object = json!({
        "rate": siblings.rate,
        "acquaintances": part(&siblings.acquaintances),
        "siblings_too": part(&siblings.both),
        "negative_rms": siblings.negative_rms,
    });
    format!("{object:#}\n")
}

/// Prints what was found.
pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let siblings = Siblings::train(arguments.rate)?;
    if arguments.json {
        return output.result(&json(&siblings));
    }
    output.result(&(siblings.line() + &siblings.table()))
}
