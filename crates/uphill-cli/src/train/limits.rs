//! From options to settings of a training, and when it stops; what is not given follows from the table.

use uphill_learn::{FormulaPerformance, Measure, Parts, Regularised, Settings};
use uphill_nn::{Method, Order, Rate, Stop};
use uphill_table::recipe::Target;

use super::arguments::Arguments;
use super::choices::{Batch, MethodName, OutputCurve};
use crate::error::Error;

/// Up to so many rows, a change looks at all of them by default.
const FEW_ROWS: usize = 1000;
/// The number of rows a change looks at by default where there are many.
const BATCH: usize = 64;
/// How much of the last change momentum keeps by default.
const MOMENTUM: f64 = 0.9;
/// The number of changes by default, unless one pass takes more.
const CHANGES: usize = 1000;

/// Checks that no option is without effect, before the table is read.
pub(super) fn check(arguments: &Arguments) -> Result<(), Error> {
    let wrong = |what: &str| Err(Error::Use(what.into()));
    if arguments.momentum.is_some() && arguments.method != MethodName::Momentum {
        return wrong("--momentum has an effect on --method momentum alone; give that, or neither");
    }
    if !arguments.adam.is_empty() && arguments.method != MethodName::Adam {
        return wrong("--adam has an effect on --method adam alone; give that, or neither");
    }
    Ok(())
}

/// The settings that are saved with the model, for so many rows of so many ranks.
pub(super) fn settings(
    arguments: &Arguments,
    parts: &Parts,
    rows: usize,
    ranks: usize,
) -> Result<Settings, Error> {
    let shuffled = !arguments.in_order;
    let order = match arguments.batch {
        Some(Batch::All) => Order::FullBatch,
        Some(Batch::Rows(1)) => Order::PerSample { shuffled },
        Some(Batch::Rows(size)) => Order::MiniBatch { size, shuffled },
        None if rows <= FEW_ROWS => Order::FullBatch,
        None => Order::MiniBatch { size: BATCH, shuffled },
    };
    if ranks > 1 && order != Order::FullBatch {
        return Err(Error::Use(format!(
            "{ranks} ranks share the rows of each change, so it looks at all {rows}: give --batch all, or run one rank"
        )));
    }
    let method = match (arguments.method, arguments.adam.as_slice()) {
        (MethodName::Plain, _) => Method::Plain,
        (MethodName::Momentum, _) => {
            Method::Momentum { factor: arguments.momentum.unwrap_or(MOMENTUM) }
        }
        (MethodName::Adam, []) => Method::adam(),
        (MethodName::Adam, &[beta1, beta2, epsilon]) => Method::Adam { beta1, beta2, epsilon },
        (MethodName::Adam, _) => {
            let what = "--adam: expected three numbers, such as 0.9,0.999,1e-8";
            return Err(Error::Use(what.into()));
        }
    };
    let seen = rows / order.changes_per_pass(rows);
    let rate = match (arguments.rate, arguments.method) {
        (Some(rate), _) => rate.0,
        (None, MethodName::Adam) => Rate::Constant(0.05),
        (None, _) => Rate::Constant(0.5 / seen.max(1) as f64),
    };
    let decay = arguments.decay;
    if !(decay >= 0.0 && decay.is_finite()) {
        return Err(Error::Use(format!("--decay {decay}: give a number that is not negative")));
    }
    Ok(Settings {
        performance: Regularised { measure: measure(arguments, &parts.recipe.target)?, decay },
        order,
        method,
        convention: arguments.convention.into(),
        start: arguments.start.0.clone(),
        rate,
        seed: arguments.seed,
        test: arguments.test,
        validation: arguments.validation,
        patience: arguments.stopping.patience,
    })
}

fn measure(arguments: &Arguments, target: &Target) -> Result<Measure, Error> {
    let is_class = matches!(target, Target::Classes { .. });
    let likelihood = match arguments.output {
        None | Some(OutputCurve::Softmax) if is_class => Some(Measure::CrossEntropy),
        Some(OutputCurve::Sigmoid) => Some(Measure::BinaryCrossEntropy),
        _ => None,
    };
    match arguments.performance.as_deref() {
        None if is_class => Ok(likelihood.unwrap_or(Measure::SquaredError)),
        None | Some("squared-error") => Ok(Measure::SquaredError),
        Some("rms") => Ok(Measure::Rms),
        Some("cross-entropy") => likelihood.ok_or_else(|| {
            let what = "--performance cross-entropy needs outputs from 0 to 1: give --output sigmoid, \
                        or softmax for classes";
            Error::Use(what.into())
        }),
        Some(text) if text.contains("desired") || text.contains("computed") => {
            let written = FormulaPerformance::read(text)?;
            written.check(target.count())?;
            Ok(Measure::Formula(written))
        }
        Some(name) => {
            let known = ["squared-error", "cross-entropy", "rms", "a formula of desired and computed"];
            Err(Error::unknown("performance", name, "", known.into_iter()))
        }
    }
}

/// All stop rules, and the limit of changes, which is the last of them.
pub(super) fn stops(
    arguments: &Arguments,
    order: Order,
    rows: usize,
    before: usize,
) -> (Vec<Stop>, usize) {
    let rules = [
        arguments.stopping.stop_at.map(Stop::performance),
        arguments.stopping.stop_within.map(Stop::outputs_within),
        arguments.stopping.stop_gradient.map(Stop::gradient_shorter_than),
        arguments
            .stopping
            .stop_no_progress
            .map(|changes| Stop::no_progress(changes, arguments.stopping.least_rise)),
    ];
    let looked_at = |stop: Stop| match arguments.stopping.look_every {
        Some(changes) => stop.looked_at_every(changes),
        None => stop,
    };
    let mut stops: Vec<Stop> = rules.into_iter().flatten().map(looked_at).collect();
    let pass = order.changes_per_pass(rows);
    let limit = match (arguments.stopping.changes, arguments.stopping.passes) {
        (Some(changes), _) => changes,
        (None, Some(passes)) => passes.saturating_mul(pass),
        (None, None) if stops.is_empty() && arguments.stopping.patience.is_none() => {
            before.saturating_add(CHANGES.max(pass))
        }
        (None, None) => uphill_nn::DEFAULT_LIMIT.max(before),
    };
    stops.push(Stop::changes(limit));
    (stops, limit)
}
