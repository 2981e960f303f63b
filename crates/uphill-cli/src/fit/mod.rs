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

use crate::error::Error;
use crate::file::Destination;
use crate::formula;
use crate::numbers::exact;
use crate::output::Output;

/// Fits.
///
/// # Errors
///
/// Those of model, options and table; [`Error::Solve`] where a climb can't begin.
pub fn run(arguments: &Arguments, output: &Output) -> Result<(), Error> {
    let to = arguments.residuals.as_ref().map(|path| Destination::new(path, arguments.force));
    if let Some(to) = &to {
        let Task { model, data, .. } = &arguments.task;
        let read = [("the formula", formula::file(model)), ("the table", Some(data.as_str()))];
        crate::roles::tell_apart(&read, &[("--residuals", Some(to))])?;
        to.check()?;
    }
    let beside = Destination::any_is_standard(to.iter(), arguments.json)?;
    let found = Found::find(&arguments.task)?;
    if let Some(to) = &to {
        write_residuals(&found, to)?;
    }
    found.remarks.iter().for_each(|remark| output.remark(remark));
    let report = report::Report { fitted: &found.fitted, level: arguments.task.confidence };
    let text = if arguments.json { report.json()?.line() + "\n" } else { report.text() };
    output.report(&text, beside)
}

/// Desired and computed numbers and their difference for each row, as CSV.
fn write_residuals(found: &Found, to: &Destination) -> Result<(), Error> {
    to.write(|file| {
        let failed = |source| to.failed(source);
        writeln!(file, "desired,computed,residual").map_err(failed)?;
        found.sides(|desired, computed| {
            let numbers = [desired, computed, desired - computed].map(exact);
            writeln!(file, "{}", numbers.join(",")).map_err(failed)
        })
    })
}
