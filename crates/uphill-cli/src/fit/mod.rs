//! `uphill fit`: the parameters of a model formula from a table, by climbing a performance.
//!
//! The text, taken apart into `statements`, becomes a `model` beside the table's columns (`written` shows what is wrong with
//! it), `uphill-solve` climbs,
//! and `report` tells what was found. `found` is what the pictures share: a model, its rows, and the fit.

mod arguments;
mod curve;
mod found;
mod model;
mod report;
mod statements;
mod written;

pub use arguments::{Arguments, Task};
pub(crate) use found::Found;

use uphill_ranks::{Communicator, agree};

use crate::error::Error;
use crate::file::Destination;
use crate::formula;
use crate::numbers::exact;
use crate::output::Output;
use crate::ranks::Ranks;

/// Fits.
///
/// # Errors
///
/// Those of model, options and table; [`Error::Solve`] where a climb can't begin.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let ranks = Ranks::begin(arguments.patience);
    let done = run_among(arguments, &ranks, &ranks.output(output));
    ranks.ended(done, output)
}

fn run_among(arguments: &Arguments, ranks: &Ranks, output: &Output) -> Result<(), Error> {
    let to = arguments.residuals.as_ref().map(|path| Destination::new(path, arguments.force));
    if let Some(to) = &to {
        let Task { model, data, .. } = &arguments.task;
        let read = [("the formula", formula::file(model)), ("the table", Some(data.as_str()))];
        ranks.first_does(|| {
            crate::roles::tell_apart(&read, &[("--residuals", Some(to))])?;
            to.check()
        })?;
    }
    let beside = Destination::any_is_standard(to.iter(), arguments.json)?;
    let found = Found::find(&arguments.task, ranks.communicator())?;
    if let Some(to) = &to {
        write_residuals(&found, to, ranks.communicator())?;
    }
    found.remarks.iter().for_each(|remark| output.remark(remark));
    let report = report::Report { fitted: &found.fitted, level: arguments.task.confidence };
    let text = if arguments.json { report.json()?.line() + "\n" } else { report.text() };
    output.report(&text, beside)
}

/// Numbers in a message, two a row.
const MESSAGE: usize = 1 << 14;

/// Desired and computed numbers and their difference for each row, as CSV: the first rank writes those of all.
fn write_residuals(found: &Found, to: &Destination, ranks: &dyn Communicator) -> Result<(), Error> {
    let done = match ranks.rank() {
        0 => to.write(|file| {
            let failed = |source| to.failed(source);
            writeln!(file, "desired,computed,residual").map_err(failed)?;
            let mut write = |desired: f64, computed: f64| {
                let numbers = [desired, computed, desired - computed].map(exact);
                writeln!(file, "{}", numbers.join(",")).map_err(failed)
            };
            let mut written = found.sides(&mut write);
            for rank in 1..ranks.count() {
                loop {
                    let message = ranks.receive(rank)?;
                    if message.is_empty() {
                        break;
                    }
                    // After a failure messages still come.
                    for pair in message.as_chunks::<16>().0 {
                        let pair = pair.as_chunks().0;
                        written = written.and_then(|()| {
                            write(f64::from_le_bytes(pair[0]), f64::from_le_bytes(pair[1]))
                        });
                    }
                }
            }
            written
        }),
        _ => {
            let mut message = Vec::new();
            let sent = found.sides(|desired, computed| {
                message.extend([desired, computed].map(f64::to_le_bytes).concat());
                if message.len() >= 8 * MESSAGE {
                    ranks.send(0, &std::mem::take(&mut message))?;
                }
                Ok(())
            });
            if !message.is_empty() {
                ranks.send(0, &message)?;
            }
            ranks.send(0, &[])?;
            sent
        }
    };
    agree(ranks, done)
}
