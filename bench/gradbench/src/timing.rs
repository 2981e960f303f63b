//! Getting ready once, then evaluating as often as an eval asks for: what GradBench calls `prepare` and `evaluate`.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How often a function is to be evaluated: so many times, and until so much time has gone by.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Runs {
    /// Least number of evaluations.
    #[serde(default = "once")]
    pub(crate) min_runs: usize,
    /// Least sum of their times, if [`MOST`] evaluations take as long.
    #[serde(default)]
    pub(crate) min_seconds: f64,
}

fn once() -> usize {
    1
}

impl Runs {
    /// One evaluation.
    pub(crate) const ONCE: Runs = Runs { min_runs: 1, min_seconds: 0.0 };
}

/// A time as GradBench writes it.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Timing {
    name: &'static str,
    nanoseconds: u64,
}

impl Timing {
    fn new(name: &'static str, time: Duration) -> Timing {
        Timing { name, nanoseconds: u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) }
    }
}

/// The most evaluations of one input, if not more are asked for by number. A determinant of five rows takes 40 ns: its evaluations
/// in a second would be a gigabyte of JSON, through which the eval reads for minutes.
const MOST: usize = 100_000;

/// What a function gave, as JSON, and how long it took.
#[derive(Debug)]
pub(crate) struct Timed {
    /// The output of the last evaluation.
    pub(crate) output: serde_json::Value,
    /// `prepare`, if there is anything to prepare, then `evaluate` for each evaluation.
    pub(crate) timings: Vec<Timing>,
}

/// Prepares once, evaluates as often as asked for, and writes the last output.
///
/// `evaluate` has to do all that depends on the numbers of an input. What it leaves in the prepared state is not yet JSON:
/// `output` makes that of it, untimed.
pub(crate) fn timed<P>(
    runs: Runs,
    prepare: impl FnOnce() -> Result<P, Error>,
    mut evaluate: impl FnMut(&mut P) -> Result<(), Error>,
    output: impl FnOnce(&P) -> serde_json::Value,
) -> Result<Timed, Error> {
    let start = Instant::now();
    let mut prepared = prepare()?;
    let mut timings = vec![Timing::new("prepare", start.elapsed())];
    let (mut evaluations, mut total) = (0, 0.0);
    while evaluations < runs.min_runs.max(1) || (total < runs.min_seconds && evaluations < MOST) {
        let start = Instant::now();
        evaluate(&mut prepared)?;
        let time = start.elapsed();
        timings.push(Timing::new("evaluate", time));
        evaluations += 1;
        total += time.as_secs_f64();
    }
    Ok(Timed { output: output(&prepared), timings })
}

/// What an input says of runs.
pub(crate) fn runs(input: &str) -> Result<Runs, Error> {
    Ok(serde_json::from_str(input)?)
}
