//! Formulas and problems: a text is read, or refused with a place; what was read prints so that it reads alike.

use std::fmt::Display;

use uphill_formula::{Error, Formula, Problem};
use uphill_graph::Scalar;
use uphill_learn::{FormulaPerformance, Measure, Regularised};
use uphill_nn::Performance;

use super::functions::sound;

/// A message longer than this is one that nobody reads.
const LONGEST: usize = 2000;

fn told(error: &Error) {
    let text = error.to_string();
    assert!(text.len() <= LONGEST, "a message of {} bytes", text.len());
}

/// In one spelling a text can be longer, or deeper by parentheses.
fn is_limit(error: &Error) -> bool {
    matches!(error, Error::TooLong { .. } | Error::TooDeep { .. })
}

/// What was read prints so that it reads alike.
fn reads_alike<T: Display>(printed: &str, parse: fn(&str) -> Result<T, Error>) {
    match parse(printed) {
        Ok(again) => assert_eq!(again.to_string(), printed),
        Err(error) => assert!(is_limit(&error), "{printed}\nprinted, gives {error}"),
    }
}

/// The text of a formula.
pub(crate) fn formula(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let formula = match Formula::parse(text) {
        Ok(formula) => formula,
        Err(error) => return told(&error),
    };
    reads_alike(&formula.to_string(), Formula::parse);
    sound(&formula.function().expect("what was read is a function"));
}

/// The text of a problem.
pub(crate) fn problem(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let problem = match Problem::parse(text) {
        Ok(problem) => problem,
        Err(error) => return told(&error),
    };
    reads_alike(&problem.to_string(), Problem::parse);
    let function = problem.function().expect("what was read is a function");
    let inputs = function.graph().inputs().len();
    for bound in problem.bounds() {
        assert!(bound.positions.end <= inputs && bound.low <= bound.high);
    }
    for constraint in problem.constraints() {
        assert!(function.output(&constraint.name).is_ok(), "no output `{}`", constraint.name);
    }
    sound(&function);
}

/// The performance of a network, as a formula.
pub(crate) fn performance(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(performance) = FormulaPerformance::read(text) else { return };
    for outputs in 1..4 {
        if performance.check(outputs).is_ok() {
            let measure =
                Regularised { measure: Measure::Formula(performance.clone()), decay: 0.5 };
            let numbers: Vec<f64> = (0..outputs).map(|k| k as f64 / 4.0).collect();
            let _: f64 = measure.term(&numbers, &numbers) + f64::constant(0.0);
        }
    }
}
