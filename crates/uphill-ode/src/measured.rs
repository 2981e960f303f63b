//! A performance over measurements: a term for each row of a table, of what is computed at the row's time and what was
//! measured then. Its gradient goes backward by adjoints, and so do products with its Hessian.

use std::sync::{Mutex, PoisonError};

use uphill_graph::{Function, Inputs, Recorder, Var};
use uphill_solve::{Objective, Rows};

use crate::error::Error;
use crate::integrator::Integrator;
use crate::method::Method;
use crate::runner::Runner;
use crate::system::System;
use crate::trajectory::Trajectory;

/// P = Σ term(computed at the row's time, measured), a function of a system's parameters: an [`Objective`], for
/// `uphill_solve` and the solvers that climb by its feature `argmin`.
///
/// ```
/// use uphill_graph::Scalar;
/// use uphill_ode::{Measured, System, fixed};
/// use uphill_solve::{Columns, Objective};
///
/// let system = System::record(["y"], ["k"], |_t, y, k| vec![-k[0] * y[0]], fixed([1.0]))?;
/// let table = Columns::new([("time", vec![1.0, 2.0]), ("left", vec![0.6, 0.35])]).unwrap();
/// let p = Measured::record(&system, &table, "time", ["left"], |computed, measured| {
///     -(computed[0] - measured[0]).square()
/// })?;
/// let (value, slopes) = p.with_gradient(&[0.5])?;
/// let [a, b] = [(-0.5_f64).exp() - 0.6, (-1.0_f64).exp() - 0.35];
/// assert!((value + a * a + b * b).abs() < 1e-6);
/// assert!((slopes[0] - 2.0 * (a * (-0.5_f64).exp() + 2.0 * b * (-1.0_f64).exp())).abs() < 1e-5);
/// # Ok::<(), uphill_ode::Error>(())
/// ```
#[derive(Debug)]
pub struct Measured {
    measurements: Measurements,
    /// Of computed and measured numbers.
    term: Function,
    system: System,
    settings: Settings,
    first: Mutex<Summed>,
    /// For products with the Hessian: made when one is asked for.
    second: Mutex<Option<Summed>>,
}

/// When what was measured.
#[derive(Debug, Clone)]
struct Measurements {
    /// Ascending, each once.
    times: Vec<f64>,
    /// For each row the number of its time, and its numbers.
    rows: Vec<(usize, Vec<f64>)>,
}

#[derive(Debug, Clone)]
struct Settings {
    method: Method,
    relative: f64,
    absolute: Vec<f64>,
    begin: f64,
    most_steps: usize,
}

impl Settings {
    fn of(&self, system: &System) -> Result<Integrator, Error> {
        Ok(Integrator::new(system)?
            .method(self.method)
            .tolerances(self.relative, self.absolute.clone())
            .begin(self.begin)
            .most_steps(self.most_steps))
    }
}

/// A sum over rows of a term, with its gradient by parameters.
#[derive(Debug)]
struct Summed {
    integrator: Integrator,
    /// The term and its slopes by what is computed.
    term: Runner,
}

impl Measured {
    /// Records a performance over a table.
    ///
    /// # Arguments
    ///
    /// `table`: a row a measurement, in any order; several may have one time. `time`: its column of times. `columns`: those that
    /// the code looks at. `term`: is given the system's outputs (or states) at the row's time, and the row's numbers in the
    /// order of `columns`; P is the sum of what it gives, and is to be climbed.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] for columns; [`Error::Read`]; [`Error::Invalid`] for a table without rows, or a time
    /// that is not finite; [`Error::Graph`] and [`Error::Engine`] for code that can't be derived or compiled.
    #[track_caller]
    pub fn record<N: AsRef<str>>(
        system: &System,
        table: &dyn Rows,
        time: &str,
        columns: impl IntoIterator<Item = N>,
        term: impl for<'g> FnOnce(&[Var<'g>], &[Var<'g>]) -> Var<'g>,
    ) -> Result<Measured, Error> {
        let columns: Vec<String> = columns.into_iter().map(|name| name.as_ref().into()).collect();
        let measurements = Measurements::read(table, time, &columns)?;
        let computed = system.output_names().len();
        let recorder = Recorder::new();
        let inputs = Inputs::new().variables("computed", computed);
        let inputs = match columns.len() {
            0 => inputs,
            count => inputs.parameters("measured", count),
        };
        let all = recorder.inputs(inputs)?;
        let (computed, measured) = all.split_at(computed);
        recorder.output("term", term(computed, measured));
        let term = recorder.finish()?;
        let settings = Settings {
            method: Method::default(),
            relative: 1e-8,
            absolute: vec![1e-10],
            begin: 0.0,
            most_steps: 100_000,
        };
        let first = Summed::new(&settings, system, &term)?;
        Ok(Measured {
            measurements,
            term,
            system: system.clone(),
            settings,
            first: Mutex::new(first),
            second: Mutex::new(None),
        })
    }

    /// How steps are made.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        self.with(|settings| settings.method = method)
    }

    /// How exact states are to be, as [`Integrator::tolerances`]; unless told otherwise 10⁻⁸ of their size plus 10⁻¹⁰.
    ///
    /// A climb compares numbers of P at neighbouring points, so it needs some digits more than its result has.
    #[must_use]
    pub fn tolerances(self, relative: f64, absolute: impl Into<Vec<f64>>) -> Self {
        let absolute = absolute.into();
        self.with(|settings| (settings.relative, settings.absolute) = (relative, absolute))
    }

    /// The time of the initial states: 0 unless told otherwise.
    #[must_use]
    pub fn begin(self, time: f64) -> Self {
        self.with(|settings| settings.begin = time)
    }

    /// After so many steps of one solution there is an error: 100,000 unless told otherwise.
    #[must_use]
    pub fn most_steps(self, most: usize) -> Self {
        self.with(|settings| settings.most_steps = most)
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        let Settings { method, relative, absolute, begin, most_steps } = self.settings.clone();
        let first = self.first.into_inner().unwrap_or_else(PoisonError::into_inner);
        let integrator = first.integrator.method(method).tolerances(relative, absolute);
        let integrator = integrator.begin(begin).most_steps(most_steps);
        Measured {
            first: Mutex::new(Summed { integrator, ..first }),
            second: Mutex::new(None),
            ..self
        }
    }

    /// The solution at the times of the table, each once.
    ///
    /// # Errors
    ///
    /// As [`Integrator::states`].
    pub fn solution(&self, parameters: &[f64]) -> Result<Trajectory, Error> {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let times = self.measurements.times.clone();
        first.integrator.states(parameters, &times)
    }
}

impl Objective for Measured {
    type Error = Error;

    fn with_gradient(&self, at: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.with_gradient(&self.measurements, at)
    }

    /// The change of the gradient along a direction: adjoints of the states' tangents, so as exact as the gradient.
    fn hessian_vector(&self, at: &[f64], direction: &[f64]) -> Result<Vec<f64>, Error> {
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let summed = match &mut *second {
            Some(summed) => summed,
            none => none.insert(Summed::of_tangents(&self.settings, &self.system, &self.term)?),
        };
        if direction.len() != at.len() {
            return Err(Error::invalid(format!(
                "a direction has one number a parameter: expected {}, got {}",
                at.len(),
                direction.len()
            )));
        }
        // The slope of P along the direction, derived by the point.
        let (_, mut slopes) =
            summed.with_gradient(&self.measurements, &[at, direction].concat())?;
        slopes.truncate(at.len());
        Ok(slopes)
    }
}

impl Measurements {
    fn read(table: &dyn Rows, time: &str, columns: &[String]) -> Result<Measurements, Error> {
        let known = table.column_names();
        let place = |name: &str| {
            let found = known.iter().position(|other| other == name);
            found.ok_or_else(|| Error::unknown("column", name, known))
        };
        let time = place(time)?;
        let places = columns.iter().map(|name| place(name)).collect::<Result<Vec<_>, _>>()?;
        let (count, width) = (table.row_count(), known.len());
        if count == 0 {
            return Err(Error::invalid("the table of measurements has no rows"));
        }
        let mut numbers = vec![0.0; count * width];
        table.read(0, &mut numbers)?;
        let rows: Vec<&[f64]> = numbers.chunks(width).collect();
        if let Some(row) = rows.iter().position(|row| !row[time].is_finite()) {
            return Err(Error::invalid(format!(
                "row {}: the time is {}, expected a finite number",
                row + 1,
                rows[row][time]
            )));
        }
        let mut times: Vec<f64> = rows.iter().map(|row| row[time]).collect();
        times.sort_by(f64::total_cmp);
        // Equal as numbers: 0 and -0 are one time.
        times.dedup_by(|later, earlier| later == earlier);
        let measured = |row: &&[f64]| {
            let number = times.partition_point(|other| *other < row[time]);
            (number, places.iter().map(|&place| row[place]).collect())
        };
        let rows = rows.iter().map(measured).collect();
        Ok(Measurements { times, rows })
    }
}

impl Summed {
    fn new(settings: &Settings, system: &System, term: &Function) -> Result<Summed, Error> {
        let term = Runner::new(&term.with_gradient()?)?;
        Ok(Summed { integrator: settings.of(system)?, term })
    }

    /// Of the sum's slope along a direction, which is behind the parameters.
    fn of_tangents(settings: &Settings, system: &System, term: &Function) -> Result<Summed, Error> {
        let computed = system.output_names().len();
        let measured = term.inputs().len() - computed;
        let inputs = Inputs::new().variables("computed", 2 * computed);
        let inputs = match measured {
            0 => inputs,
            count => inputs.parameters("measured", count),
        };
        let recorder = Recorder::new();
        let all = recorder.inputs(inputs)?;
        let (point, rest) = all.split_at(computed);
        let (along, measured) = rest.split_at(computed);
        let product = term.jvp()?.eval_scalar(&[point, measured, along].concat())?;
        recorder.output("term", product[0]);
        let tolerances = match settings.absolute.len() {
            1 => settings.absolute.clone(),
            _ => [&settings.absolute[..], &settings.absolute[..]].concat(),
        };
        let settings = Settings { absolute: tolerances, ..settings.clone() };
        Summed::new(&settings, &system.tangent()?, &recorder.finish()?)
    }

    fn with_gradient(
        &mut self,
        measurements: &Measurements,
        at: &[f64],
    ) -> Result<(f64, Vec<f64>), Error> {
        let Summed { integrator, term } = self;
        let mut sum = 0.0;
        let (_, gradient) = integrator.gradient(at, &measurements.times, |solution| {
            let width = solution.names().len();
            let mut slopes = vec![0.0; width * solution.times().len()];
            let mut results = vec![0.0; term.output_count()];
            for (row, (time, measured)) in measurements.rows.iter().enumerate() {
                term.run(&[solution.at(*time), measured], &mut results);
                if let Some(other) = results.iter().find(|result| !result.is_finite()) {
                    return Err(Error::invalid(format!(
                        "row {}: the term or its slope is {other} there; the row's numbers are {measured:?}",
                        row + 1
                    )));
                }
                sum += results[0];
                let own = &mut slopes[time * width..(time + 1) * width];
                own.iter_mut().zip(&results[1..]).for_each(|(sum, slope)| *sum += slope);
            }
            Ok(slopes)
        })?;
        Ok((sum, gradient))
    }
}
