//! A problem as it is stated: a function's outputs, the first to be made as large or small as can be, others with limits.

use uphill_graph::Function;

use super::functions::{Asked, Functions, Limit};
use super::interior::{End, FIRST_BARRIER, Interior, Settings};
use super::iterate::Iterate;
use super::minimise::minimise;
use super::optimum::{ConstraintAt, Iteration, Optimum, Status};
use super::polish::polish;
use crate::error::Error;

/// A performance to be made as large or as small as it gets, where constraints hold.
///
/// The function's first output is P; others are limited by name, one number or a whole vector at a time. Outputs that
/// nobody limits say nothing. Inputs that are [parameters](uphill_graph::Role::Parameter) keep the number with which they
/// start.
///
/// The method is a primal-dual interior-point method that takes exact sparse first and second derivatives
/// ([Wächter & Biegler 2006](https://doi.org/10.1007/s10107-004-0559-y)). What it finds is an optimum among the points
/// nearby; where P or constraints are not convex there may be better ones elsewhere.
///
/// ```
/// use uphill_graph::{Function, Scalar};
/// use uphill_solve::Problem;
///
/// // The box of least surface that holds 8 litres and isn't higher than 1.
/// let cardboard = Function::record_many(["width", "depth", "height"], |v| {
///     let (w, d, h) = (v[0], v[1], v[2]);
///     vec![(2.0 * (w * d + d * h + h * w)).named("surface"), (w * d * h).named("volume")]
/// })?;
/// let best = Problem::minimise(&cardboard)
///     .constrain("volume", 8.0, f64::INFINITY)
///     .bounds("height", 0.1, 1.0)
///     .start([1.0, 1.0, 0.5])
///     .solve()?;
/// assert!(best.status.is_optimal(), "{}", best.status);
/// assert!((best.values[0] - 8.0_f64.sqrt()).abs() < 1e-8);
/// assert_eq!(best.values[2], 1.0);
/// // A litre more takes so much more cardboard.
/// let price = best.constraints[0].multiplier;
/// assert!((price - (2.0 + 2.0 / 8.0_f64.sqrt())).abs() < 1e-8);
/// # Ok::<(), uphill_solve::Error>(())
/// ```
#[derive(Clone)]
pub struct Problem<'f> {
    function: &'f Function,
    /// 1 to minimise, -1 to maximise.
    sense: f64,
    limits: Vec<(String, Limit)>,
    bounds: Vec<(String, Limit)>,
    start: Option<Vec<f64>>,
    starts: Vec<(String, f64)>,
    tolerance: f64,
    most_iterations: u64,
    stop: &'f dyn Fn() -> bool,
    progress: &'f dyn Fn(&Iteration),
}

impl std::fmt::Debug for Problem<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem")
            .field("function", &self.function.signature())
            .field("limits", &self.limits)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

impl<'f> Problem<'f> {
    /// The least value of the function's first output.
    #[must_use]
    pub fn minimise(function: &'f Function) -> Problem<'f> {
        Problem {
            function,
            sense: 1.0,
            limits: Vec::new(),
            bounds: Vec::new(),
            start: None,
            starts: Vec::new(),
            tolerance: 1e-9,
            most_iterations: 3000,
            stop: &|| false,
            progress: &|_| {},
        }
    }

    /// The greatest value of the function's first output.
    #[must_use]
    pub fn maximise(function: &'f Function) -> Problem<'f> {
        Problem { sense: -1.0, ..Problem::minimise(function) }
    }

    /// Limits an output, an entry of a vector of outputs, or all of a vector; infinite where there is no limit, and two
    /// equal ones for an equation.
    #[must_use]
    pub fn constrain(mut self, output: impl Into<String>, low: f64, high: f64) -> Self {
        self.limits.push((output.into(), Limit { low, high }));
        self
    }

    /// The lowest and the highest number that an input may have, or an entry of a vector, or all of a vector; infinite where
    /// there is none. Of bounds that are said twice the narrower ones hold.
    #[must_use]
    pub fn bounds(mut self, input: impl Into<String>, low: f64, high: f64) -> Self {
        self.bounds.push((input.into(), Limit { low, high }));
        self
    }

    /// Where each input starts, in order: 0 unless told otherwise. The search begins at a point well inside of the bounds that
    /// is nearest to it.
    #[must_use]
    pub fn start(mut self, start: impl Into<Vec<f64>>) -> Self {
        self.start = Some(start.into());
        self
    }

    /// Where an input starts, or all of a vector.
    #[must_use]
    pub fn start_at(mut self, input: impl Into<String>, number: f64) -> Self {
        self.starts.push((input.into(), number));
        self
    }

    /// The error of the optimality conditions at which the search ends: 10⁻⁹ unless told otherwise, in a scale in which
    /// slopes at the start are at most 100.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// After so many iterations the search ends: 3000 unless told otherwise.
    #[must_use]
    pub fn most_iterations(mut self, most: u64) -> Self {
        self.most_iterations = most;
        self
    }

    /// Ends as soon as this says so, where the search is by then: it is asked once an iteration.
    #[must_use]
    pub fn stop_when(mut self, stop: &'f dyn Fn() -> bool) -> Self {
        self.stop = stop;
        self
    }

    /// Tells this what each iteration came to.
    #[must_use]
    pub fn progress(mut self, progress: &'f dyn Fn(&Iteration)) -> Self {
        self.progress = progress;
        self
    }

    /// Searches.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] and [`Error::Engine`] for what can't be derived or compiled; [`Error::UnknownName`] and
    /// [`Error::Invalid`] for settings that can't be followed; [`Error::Climb`] where P, a constraint or a slope is not finite
    /// at the start, with its name and its birth.
    ///
    /// # Complexity
    ///
    /// An iteration takes a few runs of compiled programs and a factorization of a sparse matrix with a row an input and two a
    /// constraint; what that takes depends on how these are connected: linear in a chain of any length.
    pub fn solve(&self) -> Result<Optimum, Error> {
        let asked = self.asked()?;
        let mut functions = Functions::new(&asked)?;
        let z = functions.start();
        self.check_start(&asked, &mut functions, &z)?;
        functions.choose_scales(&z);
        let (sense, scale) = (self.sense, functions.scale);
        let progress = |number: u64, value: f64, violation: f64, error: f64| {
            let value = sense * value / scale;
            (self.progress)(&Iteration { number, value, violation, error });
        };
        let settings = Settings {
            tolerance: self.tolerance,
            most_iterations: self.most_iterations,
            stop: self.stop,
            progress: &progress,
        };
        let at = Iterate::new(&mut functions, z);
        let mut run = Interior::new(&mut functions, at, FIRST_BARRIER, &settings);
        run.estimate_multipliers();
        let mut end = minimise(&mut run);
        if matches!(end, End::Optimal | End::Stalled) && polish(&mut run) {
            end = End::Optimal;
        }
        let error = run.at.error(run.problem, 0.0);
        let Interior { at, iterations, .. } = run;
        Ok(self.optimum(&asked, &mut functions, &at, end, error, iterations))
    }

    fn optimum(
        &self,
        asked: &Asked,
        functions: &mut Functions,
        at: &Iterate,
        end: End,
        error: f64,
        iterations: u64,
    ) -> Optimum {
        let outputs = functions.outputs(&at.z).to_vec();
        let unit = self.sense / functions.scale;
        let names = asked.function.output_names().skip(1);
        let numbers = outputs[1..].iter().zip(&asked.limits).zip(&functions.scales).zip(&at.lambda);
        let constraints: Vec<ConstraintAt> = names
            .zip(numbers)
            .map(|(name, (((&value, limit), scale), lambda))| ConstraintAt {
                name,
                value,
                low: limit.low,
                high: limit.high,
                multiplier: 0.0 - lambda * scale * unit,
            })
            .collect();
        let mut bound_multipliers = vec![0.0; asked.bounds.len()];
        for variable in 0..at.z.len() {
            if let Ok(input) = functions.input(variable) {
                bound_multipliers[input] = (at.low[variable] - at.high[variable]) * unit;
            }
        }
        let status = match end {
            End::Optimal => Status::Optimal,
            End::Infeasible => worst(&constraints),
            End::Unbounded(variable) => Status::Unbounded {
                name: match functions.input(variable) {
                    Ok(input) => asked.function.inputs().name(input),
                    Err(row) => constraints[row].name.clone(),
                },
            },
            End::MostIterations => Status::MostIterations,
            End::Interrupted => Status::Interrupted,
            End::NotFinite => Status::NotFinite,
            End::Saddle => Status::Saddle,
            End::Stalled | End::Enough => Status::Stalled { error },
        };
        let values = functions.point(&at.z);
        Optimum { status, value: outputs[0], values, constraints, bound_multipliers, iterations }
    }

    /// A start at which something isn't finite, told by name.
    fn check_start(
        &self,
        asked: &Asked,
        functions: &mut Functions,
        z: &[f64],
    ) -> Result<(), Error> {
        let point = functions.point(z);
        let outputs = functions.outputs(z).to_vec();
        for (k, (name, value)) in asked.function.output_names().zip(outputs).enumerate() {
            if !value.is_finite() {
                let what = if k == 0 { "" } else { "the constraint " };
                return Err(self.not_finite(&format!("{what}`{name}` is {value}"), &point));
            }
        }
        if !Iterate::new(functions, z.to_vec()).is_finite() {
            let what = "P and all constraints are finite, but not all of their slopes are";
            return Err(self.not_finite(what, &point));
        }
        Ok(())
    }

    fn not_finite(&self, what: &str, point: &[f64]) -> Error {
        let birth = self.function.eval_finite(point).err().map(|error| format!("; {error}"));
        let birth = birth.unwrap_or_default();
        Error::Climb { what: format!("{what} at the start{birth}; begin at another point") }
    }

    /// The settings, looked up and checked.
    fn asked(&self) -> Result<Asked, Error> {
        let function = self.function;
        let signature = || function.signature();
        if function.outputs().first().is_none_or(|output| output.length.is_some()) {
            return Err(Error::invalid(format!(
                "a problem needs a function whose first output is one number, P; {} has none",
                signature()
            )));
        }
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            let what = format!("the tolerance is {}; it lies between 0 and 1", self.tolerance);
            return Err(Error::invalid(what));
        }
        let mut limits: Vec<Vec<Option<Limit>>> =
            function.outputs().iter().map(|output| vec![None; output.count()]).collect();
        for (name, limit) in &self.limits {
            check(name, *limit)?;
            let (output, entries) = self.outputs_of(name)?;
            if output == 0 {
                let what = format!("`{name}` is P itself; what is limited is another output");
                return Err(Error::invalid(what));
            }
            for entry in &mut limits[output][entries] {
                if entry.replace(*limit).is_some() {
                    return Err(Error::invalid(format!("`{name}` is limited twice")));
                }
            }
        }
        let is_limited = |k: &usize| *k == 0 || limits[*k].iter().any(Option::is_some);
        let chosen: Vec<usize> = (0..limits.len()).filter(is_limited).collect();
        let names: Vec<&str> =
            chosen.iter().map(|&k| function.outputs()[k].name.as_str()).collect();
        let free = Limit { low: f64::NEG_INFINITY, high: f64::INFINITY };
        let limits = chosen[1..].iter().flat_map(|&k| &limits[k]).map(|l| l.unwrap_or(free));
        let inputs = function.inputs();
        let mut bounds = vec![free; inputs.len()];
        for (name, limit) in &self.bounds {
            check(name, *limit)?;
            for input in inputs.positions(name)? {
                let now = &mut bounds[input];
                now.low = now.low.max(limit.low);
                now.high = now.high.min(limit.high);
                check(&inputs.name(input), *now)?;
            }
        }
        let mut start = match &self.start {
            None => vec![0.0; inputs.len()],
            Some(start) if start.len() == inputs.len() => start.clone(),
            Some(start) => {
                return Err(Error::invalid(format!(
                    "the start has {} numbers, but {} has {} inputs",
                    start.len(),
                    signature(),
                    inputs.len()
                )));
            }
        };
        for (name, number) in &self.starts {
            start[inputs.positions(name)?].fill(*number);
        }
        for (input, start) in start.iter_mut().enumerate() {
            if !start.is_finite() {
                let name = inputs.name(input);
                let what = format!("`{name}` starts at {start}; give it a finite number");
                return Err(Error::invalid(what));
            }
            if inputs.is_variable(input) {
                *start = start.clamp(bounds[input].low, bounds[input].high);
            }
        }
        let (limits, sense) = (limits.collect(), self.sense);
        Ok(Asked { function: function.select(&names)?, sense, limits, bounds, start })
    }

    /// The output of this name with all of its entries, or with one.
    fn outputs_of(&self, name: &str) -> Result<(usize, std::ops::Range<usize>), Error> {
        let outputs = self.function.outputs();
        for (k, output) in outputs.iter().enumerate() {
            if output.name == name {
                return Ok((k, 0..output.count()));
            }
            let entry = name
                .strip_prefix(&output.name)
                .and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']')?.parse::<usize>().ok());
            if let (Some(entry), Some(length)) = (entry, output.length)
                && entry < length as usize
            {
                return Ok((k, entry..entry + 1));
            }
        }
        let known: Vec<String> = outputs.iter().skip(1).map(|output| output.name.clone()).collect();
        Err(Error::unknown("output", name, &known))
    }
}

/// Limits that some number keeps.
fn check(name: &str, limit: Limit) -> Result<(), Error> {
    if limit.low <= limit.high && limit.low < f64::INFINITY && limit.high > f64::NEG_INFINITY {
        return Ok(());
    }
    let what = format!("no number `{name}` lies between {} and {}", limit.low, limit.high);
    Err(Error::invalid(what))
}

/// The constraint that is violated most.
fn worst(constraints: &[ConstraintAt]) -> Status {
    let by = |c: &ConstraintAt| (c.low - c.value).max(c.value - c.high).max(0.0);
    let worst = constraints.iter().max_by(|a, b| by(a).total_cmp(&by(b)));
    let (constraint, by) = worst.map(|c| (c.name.clone(), by(c))).unwrap_or_default();
    Status::Infeasible { constraint, by }
}
