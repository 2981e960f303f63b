//! The summit of any function: what a fit does, for a performance that needs no table.

use uphill_graph::{Function, Inputs, Recorder};

use crate::climb::{Ending, Limits};
use crate::error::Error;
use crate::hill::Hill;
use crate::passes::Table;
use crate::quasi_newton::QuasiNewton;
use crate::rows::Rows;
use crate::search::{Found, search};
use crate::settings::Settings;

/// A climb to a summit of a function of one output, by its gradient.
///
/// ```
/// use uphill_graph::{Function, Scalar};
/// use uphill_solve::Climb;
///
/// let p = Function::record(["x", "y"], |v| -(v[0] - 1.0).square() - 10.0 * (v[1] - v[0].square()).square())?;
/// let summit = Climb::new(&p).start([-1.0, 2.0]).run()?;
/// assert!(summit.ending.is_converged(), "{}", summit.ending);
/// assert!((summit.values[0] - 1.0).abs() < 1e-8 && (summit.values[1] - 1.0).abs() < 1e-8);
///
/// let within = Climb::new(&p).start([-1.0, 0.0]).bounds("y", -1.0, 0.25).run()?;
/// assert_eq!(within.values[1], 0.25);
/// # Ok::<(), uphill_solve::Error>(())
/// ```
#[derive(Clone)]
pub struct Climb<'f> {
    function: &'f Function,
    settings: Settings,
    most_iterations: u64,
    stop: &'f dyn Fn() -> bool,
}

impl std::fmt::Debug for Climb<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Climb").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Where a climb ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Summit {
    /// The inputs there, in the function's order.
    pub values: Vec<f64>,
    /// P there.
    pub performance: f64,
    /// What the ground is like there: a summit, or something else.
    pub ending: Ending,
    /// The number of steps that led there.
    pub iterations: u64,
}

impl<'f> Climb<'f> {
    /// A climb of this function, which has one output: P.
    #[must_use]
    pub fn new(function: &'f Function) -> Climb<'f> {
        let (settings, most_iterations) = (Settings::default(), 10_000);
        Climb { function, settings, most_iterations, stop: &|| false }
    }

    /// Where each input starts, in order.
    #[must_use]
    pub fn start(mut self, start: impl Into<Vec<f64>>) -> Self {
        self.settings.start = start.into();
        self
    }

    /// The lowest and the highest number that an input may have; infinite where there is none.
    #[must_use]
    pub fn bounds(mut self, input: impl Into<String>, low: f64, high: f64) -> Self {
        self.settings.bounds.push((input.into(), low, high));
        self
    }

    /// Keeps an input at the number with which it starts.
    #[must_use]
    pub fn fix(mut self, input: impl Into<String>) -> Self {
        self.settings.fixed.push(input.into());
        self
    }

    /// After so many iterations of one climb it ends: 10,000 unless told otherwise.
    #[must_use]
    pub fn most_iterations(mut self, most: u64) -> Self {
        self.most_iterations = most;
        self
    }

    /// Ends as soon as this says so, with the best that was found: it is asked once a step.
    #[must_use]
    pub fn stop_when(mut self, stop: &'f dyn Fn() -> bool) -> Self {
        self.stop = stop;
        self
    }

    /// Climbs.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] unless there is one output, and with the birth of what is not finite at the start;
    /// [`Error::UnknownName`] and [`Error::Invalid`] for settings that can't be followed; [`Error::Climb`] for a P that
    /// rises without bound.
    pub fn run(&self) -> Result<Summit, Error> {
        let names: Vec<String> = self.function.input_names().collect();
        let space = self.settings.space(&names)?;
        let table = Table::new(&Once, &[], None);
        let hill = Hill::new(renamed(self.function)?, names.len(), table)?;
        let limits = Limits { most_iterations: self.most_iterations, stop: self.stop };
        let mut climber = QuasiNewton { hill, jacobian: None, limits, names: &names };
        let Some(found) = search(&mut climber, &space, &space.start, &names, true)? else {
            self.function.eval_finite(&space.start)?;
            self.function.gradient()?.eval_finite(&space.start)?;
            let what = "P is not finite at the start".into();
            return Err(Error::Climb { what });
        };
        let Found { at, value, iterations, ending } = found;
        Ok(Summit { values: at, performance: value, ending, iterations })
    }
}

/// The function under names that can't collide with any that derivatives bring along.
fn renamed(function: &Function) -> Result<Function, Error> {
    let recorder = Recorder::new();
    let w = recorder.inputs(Inputs::new().variables("w", function.inputs().len()))?;
    let [value] = function.eval_scalar(&w)?[..] else {
        return Err(Error::invalid(format!(
            "a climb needs a function with one output, P; {} has {}",
            function.signature(),
            function.outputs().len()
        )));
    };
    recorder.output("P", value);
    Ok(recorder.finish()?)
}

/// One row without columns.
struct Once;

impl Rows for Once {
    fn column_names(&self) -> &[String] {
        &[]
    }

    fn row_count(&self) -> usize {
        1
    }

    fn read(&self, _: usize, _: &mut [f64]) -> std::io::Result<()> {
        Ok(())
    }
}
