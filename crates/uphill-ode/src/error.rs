//! What can go wrong, each with the thing's name, what was expected and what came.

use diffsol::error::{DiffsolError, OdeSolverError};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A right-hand side, or what belongs to it, that can't be recorded or differentiated.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
    /// A function that can't be compiled or run.
    #[error(transparent)]
    Engine(#[from] uphill_engine::Error),
    /// A table of measurements that can't be read.
    #[error("the rows can't be read: {0}")]
    Read(#[from] std::io::Error),
    /// A name that nothing has.
    #[error("no {kind} is named `{name}`; known: {known}")]
    UnknownName {
        /// What was looked for: an output, a parameter, a column.
        kind: &'static str,
        /// The name that was given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A setting that can't be followed.
    #[error("{what}")]
    Invalid {
        /// What was expected, what came, and what to do.
        what: String,
    },
    /// A slope, an initial state or an output that is infinite or NaN.
    #[error("at t = {time}: {born}")]
    NotFinite {
        /// The time at which it was computed.
        time: f64,
        /// What is not finite, and where the first infinity or NaN arose.
        born: uphill_graph::Error,
    },
    /// A solution that can't be followed to the end.
    #[error("the solution was followed to t = {time} and no further: {what}")]
    Stopped {
        /// How far it was followed.
        time: f64,
        /// Why it ended there, and what to do.
        what: String,
    },
    /// Whatever else a solver of `diffsol` tells.
    #[error("the solver: {0}")]
    Solver(#[from] DiffsolError),
}

impl Error {
    pub(crate) fn invalid(what: impl Into<String>) -> Error {
        Error::Invalid { what: what.into() }
    }

    pub(crate) fn unknown(kind: &'static str, name: &str, known: &[String]) -> Error {
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        Error::UnknownName { kind, name: name.into(), known }
    }

    /// What a solver tells when it can't go on, as a sentence that says what to do.
    pub(crate) fn stopped(error: DiffsolError) -> Error {
        let DiffsolError::OdeSolverError(reason) = &error else { return Error::Solver(error) };
        let (time, what) = match reason {
            OdeSolverError::TooManyTimesteps { time, num_steps } => (
                *time,
                format!(
                    "{num_steps} steps are done; ask for fewer digits, try another method, or allow for more with `most_steps`"
                ),
            ),
            OdeSolverError::StepSizeTooSmall { time }
            | OdeSolverError::TooManyErrorTestFailures { time, .. } => (
                *time,
                "no step is short enough; the solution may grow without bound there, or the tolerances may ask for \
                 more digits than numbers have"
                    .into(),
            ),
            OdeSolverError::TooManyNonlinearSolverFailures { time, .. } => (
                *time,
                "the equations of a step can't be solved; the solution may grow without bound there, or the right-hand \
                 side may jump"
                    .into(),
            ),
            _ => return Error::Solver(error),
        };
        Error::Stopped { time, what }
    }
}
