//! The gradient of a saved network's performance on all rows of a table, as training computes it.

use super::Arguments;
use super::closed_form;
use super::findings::Findings;
use crate::error::Error;
use crate::numbers::{counted, short};
use crate::output::Output;
use crate::trained::Trained;

/// Checks by both oracles.
pub(super) fn check(
    arguments: &Arguments,
    model: &str,
    data: &str,
    output: &Output,
) -> Result<Findings, Error> {
    let trained = Trained::read(model, data, &arguments.table_options, None, output)?;
    let problem = &trained.problem;
    let names = || problem.network().weights().iter().map(|weight| weight.name.clone());
    let (performance, gradient) = problem.with_gradient(trained.weights())?;
    let mut findings = Findings::about(format!(
        "P = {} ({}) over {}, by {}",
        short(performance, 8),
        problem.performance_name(),
        counted(trained.samples.len(), "row"),
        counted(gradient.len(), "weight"),
    ));
    let oracle = ("closed_form", "backpropagation in closed form");
    match closed_form::report(&trained, performance, &gradient)? {
        Ok(report) => findings.add(oracle.0, oracle.1, report),
        Err(why) => findings.leave_out(oracle.0, oracle.1, why),
    }
    // The oracle probes near these weights; a table that can't be read a second time ends in NaN, which is not confirmed.
    let value = |weights: &[f64]| problem.performance(weights).unwrap_or(f64::NAN);
    let report = uphill_check::gradient(&value)
        .computed(|weights| problem.gradient(weights).unwrap_or_default())
        .inputs(names())
        .at(trained.weights())
        .seed(arguments.seed)
        .tolerance(arguments.tolerance.unwrap_or(1e-7))
        .report()?;
    findings.add("numerical", "numerical derivatives", report);
    Ok(findings)
}
