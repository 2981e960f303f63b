//! Follows a system from its start through given times, by one of diffsol's methods, to tolerances: states, forward
//! sensitivities, and gradients by adjoints.

use diffsol::{
    AdjointOdeSolverMethod, Context, DenseMatrix, MatrixCommon, OdeBuilder, OdeEquations,
    OdeSolverState, OdeSolverStopReason, Vector, VectorViewMut,
};

use crate::equations::Equations;
use crate::error::Error;
use crate::follow::{Dense, Lu, Problem, Sparse, States, check_times, followed, kept, sensed};
use crate::method::Method;
use crate::system::System;
use crate::trajectory::{Sensitivities, Trajectory};

/// Solutions of a [`System`] for any parameters, compiled once.
///
/// ```
/// use uphill_graph::Scalar;
/// use uphill_ode::{Integrator, System};
///
/// /// Robertson's three reactions, of which one is a thousand million times as fast as another.
/// fn rates<S: Scalar>(y: &[S], k: &[S]) -> Vec<S> {
///     let (forward, back, fast) = (k[0] * y[0], k[1] * y[1] * y[2], k[2] * y[1].square());
///     vec![back - forward, forward - back - fast, fast]
/// }
///
/// let system = System::record(["a", "b", "c"], ["k1", "k2", "k3"], |_t, y, k| rates(y, k), |_k| {
///     vec![1.0.into(), 0.0.into(), 0.0.into()]
/// })?;
/// let mut integrator = Integrator::new(&system)?.tolerances(1e-6, [1e-8, 1e-12, 1e-8]);
/// let solution = integrator.states(&[0.04, 1e4, 3e7], &[0.4, 40.0])?;
/// assert!((solution.column("a")?[1] - 0.715_827_069).abs() < 1e-6);
/// let slopes = integrator.sensitivities(&[0.04, 1e4, 3e7], &[0.4, 40.0])?;
/// assert!((slopes.column("a", "k1")?[1] + 4.247_5).abs() < 1e-3);
/// # Ok::<(), uphill_ode::Error>(())
/// ```
#[derive(Debug)]
pub struct Integrator {
    problem: Held,
    method: Method,
    relative: f64,
    absolute: Vec<f64>,
    begin: f64,
    most_steps: usize,
}

/// A problem of `diffsol`, which has no `Debug`.
struct Held(Problem);

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.eqn.fmt(f)
    }
}

impl Integrator {
    /// Derives and compiles. Unless told otherwise: [`Method::Bdf`] from t = 0, six digits, 100,000 steps at most.
    ///
    /// # Errors
    ///
    /// As [`Equations::new`].
    pub fn new(system: &System) -> Result<Integrator, Error> {
        let equations = Equations::new(system)?;
        let none = vec![0.0; system.parameters.len()];
        let problem = Held(OdeBuilder::<Sparse>::new().p(none).build_from_eqn(equations)?);
        Ok(Integrator {
            problem,
            method: Method::default(),
            relative: 1e-6,
            absolute: vec![1e-9],
            begin: 0.0,
            most_steps: 100_000,
        })
    }

    /// How steps are made.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// How exact states are to be: off by no more than `relative` of their size plus `absolute`, which is one number for all
    /// states or one a state, in their units. A slope by a parameter may be off by as much for each change of the parameter by
    /// its own size.
    ///
    /// Each step is held to this, and errors of many steps add up: where much depends on the last digit asked for, ask for
    /// one more.
    #[must_use]
    pub fn tolerances(mut self, relative: f64, absolute: impl Into<Vec<f64>>) -> Self {
        (self.relative, self.absolute) = (relative, absolute.into());
        self
    }

    /// The time of the initial states.
    #[must_use]
    pub fn begin(mut self, time: f64) -> Self {
        self.begin = time;
        self
    }

    /// After so many steps of one solution there is an error.
    #[must_use]
    pub fn most_steps(mut self, most: usize) -> Self {
        self.most_steps = most;
        self
    }

    /// The system.
    #[must_use]
    pub fn system(&self) -> &System {
        self.problem.0.eqn.system()
    }

    /// Outputs, or states, at these times.
    ///
    /// # Arguments
    ///
    /// `parameters`: in the order of [`System::parameters`]. `times`: ascending, none before the begin.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for parameters, times or tolerances that can't be; [`Error::NotFinite`] with the birth of what is
    /// not finite; [`Error::Stopped`] for a solution that can't be followed so far; [`Error::Solver`].
    pub fn states(&mut self, parameters: &[f64], times: &[f64]) -> Result<Trajectory, Error> {
        self.prepare(parameters, times, 1.0)?;
        let problem = &self.problem.0;
        let solved = match self.method {
            Method::Bdf => problem.bdf::<Lu>().and_then(|solver| followed(solver, times)),
            Method::TrBdf2 => problem.tr_bdf2::<Lu>().and_then(|solver| followed(solver, times)),
            Method::Esdirk34 => problem.esdirk34::<Lu>().and_then(|solver| followed(solver, times)),
            Method::Tsit45 => problem.tsit45().and_then(|solver| followed(solver, times)),
        };
        let (values, reason, steps) = solved.map_err(|error| self.explained(error))?;
        self.trajectory(times, &values, reason, steps)
    }

    /// Outputs, or states, and their slopes by all parameters at these times: forward sensitivities, solved along with the
    /// states. For a few parameters; a gradient by many is cheaper by adjoints: [`Integrator::gradient`].
    ///
    /// # Errors
    ///
    /// As [`Integrator::states`]; [`Error::Invalid`] for a system without parameters.
    ///
    /// # Complexity
    ///
    /// About that of as many solutions as there are parameters, and one more.
    pub fn sensitivities(
        &mut self,
        parameters: &[f64],
        times: &[f64],
    ) -> Result<Sensitivities, Error> {
        self.prepare(parameters, times, 1.0)?;
        let names = self.named_parameters("sensitivities")?;
        let problem = &self.problem.0;
        let solved = match self.method {
            Method::Bdf => problem.bdf_sens::<Lu>().and_then(|solver| sensed(solver, times)),
            Method::TrBdf2 => problem.tr_bdf2_sens::<Lu>().and_then(|solver| sensed(solver, times)),
            Method::Esdirk34 => {
                problem.esdirk34_sens::<Lu>().and_then(|solver| sensed(solver, times))
            }
            Method::Tsit45 => problem.tsit45_sens().and_then(|solver| sensed(solver, times)),
        };
        let ((values, slopes), reason, steps) = solved.map_err(|error| self.explained(error))?;
        let trajectory = self.trajectory(times, &values, reason, steps)?;
        let mut all = Vec::with_capacity(trajectory.values.len() * slopes.len());
        for time in 0..trajectory.times.len() {
            for output in 0..trajectory.names.len() {
                all.extend(slopes.iter().map(|by| by.get_index(output, time)));
            }
        }
        Ok(Sensitivities { trajectory, parameters: names, slopes: all })
    }

    /// The gradient by all parameters of a performance that looks at the solution at these times: one solution forward, which
    /// is kept, and one of the adjoint equations backward.
    ///
    /// # Arguments
    ///
    /// `slopes`: is given the solution, and gives the performance's slope by each of its numbers, row by row: one an output,
    /// for each time.
    ///
    /// # Errors
    ///
    /// As [`Integrator::states`], and those of `slopes`; [`Error::Invalid`] for a system without parameters, for the wrong
    /// number of slopes, and for a solution that an event ends before the last time.
    ///
    /// # Complexity
    ///
    /// About that of three solutions, whatever the number of parameters. In memory are eight numbers a state and step, or two.
    ///
    /// ```
    /// use uphill_ode::{Integrator, System, fixed};
    ///
    /// let system = System::record(["y"], ["k"], |_t, y, k| vec![-k[0] * y[0]], fixed([1.0]))?;
    /// let mut integrator = Integrator::new(&system)?.tolerances(1e-8, [1e-10]);
    /// // P = y(1) + 2·y(2), where y = exp(-k·t)
    /// let (_, gradient) = integrator.gradient(&[0.5], &[1.0, 2.0], |_| Ok(vec![1.0, 2.0]))?;
    /// let exact = -(-0.5_f64).exp() - 4.0 * (-1.0_f64).exp();
    /// assert!((gradient[0] - exact).abs() < 1e-6);
    /// # Ok::<(), uphill_ode::Error>(())
    /// ```
    pub fn gradient(
        &mut self,
        parameters: &[f64],
        times: &[f64],
        slopes: impl FnOnce(&Trajectory) -> Result<Vec<f64>, Error>,
    ) -> Result<(Trajectory, Vec<f64>), Error> {
        self.prepare(parameters, times, self.method.closer())?;
        self.named_parameters("a gradient")?;
        let problem = &self.problem.0;
        macro_rules! both_ways {
            ($solver:expr, $adjoint:ident $(, $lu:ty)?) => {{
                let mut solver = $solver.map_err(|error| self.explained(error))?;
                let (kept, values, reason, steps) =
                    kept(&mut solver, times, self.method.pieces()).map_err(|error| self.explained(error))?;
                let trajectory = self.trajectory(times, &values, reason, steps)?;
                let (costs, largest) = self.costs(&trajectory, times, slopes)?;
                let adjoint = problem
                    .$adjoint::<$($lu,)? _>(kept, Some(solver), Some(1))
                    .and_then(|adjoint| adjoint.solve_adjoint_backwards_pass(times, &[&costs]));
                let (state, _) = adjoint.map_err(|error| self.explained(error))?;
                let scaled = state.as_ref().sg.clone_as_vec();
                (trajectory, scaled.into_iter().map(|slope| largest * slope).collect::<Vec<f64>>())
            }};
        }
        let (trajectory, gradient) = match self.method {
            Method::Bdf => both_ways!(problem.bdf::<Lu>(), bdf_solver_adjoint, Lu),
            Method::TrBdf2 => both_ways!(problem.tr_bdf2::<Lu>(), tr_bdf2_solver_adjoint, Lu),
            Method::Esdirk34 => both_ways!(problem.esdirk34::<Lu>(), esdirk34_solver_adjoint, Lu),
            Method::Tsit45 => both_ways!(problem.tsit45(), tsit45_solver_adjoint),
        };
        if let Some(place) = gradient.iter().position(|slope| !slope.is_finite()) {
            let names = self.system().parameters();
            let what = format!("the slope by `{}` is {}", names[place], gradient[place]);
            return Err(Error::Stopped {
                time: trajectory.times.last().copied().unwrap_or(self.begin),
                what,
            });
        }
        Ok((trajectory, gradient))
    }

    /// The performance's slopes as a matrix, a column a time, in units of the largest, and that: the adjoint equations are
    /// linear, and tolerances are known for a performance of this size.
    fn costs(
        &self,
        trajectory: &Trajectory,
        times: &[f64],
        slopes: impl FnOnce(&Trajectory) -> Result<Vec<f64>, Error>,
    ) -> Result<(Dense, f64), Error> {
        if let Some((event, at)) = trajectory.ended_by() {
            return Err(Error::invalid(format!(
                "a gradient needs the solution at all times, but event `{event}` ends it at t = {at}; ask for earlier times"
            )));
        }
        let slopes = slopes(trajectory)?;
        if slopes.len() != trajectory.values.len() {
            return Err(Error::invalid(format!(
                "slopes of a performance: expected {} numbers, one an output for each time, got {}",
                trajectory.values.len(),
                slopes.len()
            )));
        }
        if let Some(slope) = slopes.iter().find(|slope| !slope.is_finite()) {
            return Err(Error::invalid(format!(
                "a slope of the performance is {slope}; expected finite numbers"
            )));
        }
        let largest = slopes.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
        let largest = if largest > 0.0 { largest } else { 1.0 };
        let scaled = slopes.iter().map(|slope| slope / largest).collect();
        let context = *self.problem.0.context();
        Ok((Dense::from_vec(trajectory.names.len(), times.len(), scaled, context), largest))
    }

    fn named_parameters(&self, what: &str) -> Result<Vec<String>, Error> {
        let names = self.system().parameters();
        if names.is_empty() {
            return Err(Error::invalid(format!("{what} by parameters: the system has none")));
        }
        Ok(names)
    }

    /// Checks what is asked for, and hands it to the problem, with tolerances that are this part of their own.
    fn prepare(&mut self, parameters: &[f64], times: &[f64], closer: f64) -> Result<(), Error> {
        let system = self.system();
        let (names, states) = (system.parameters(), system.states.len());
        if parameters.len() != names.len() {
            return Err(Error::invalid(format!(
                "parameters {}: expected {} numbers, got {}",
                names.join(", "),
                names.len(),
                parameters.len()
            )));
        }
        if let Some(place) = parameters.iter().position(|number| !number.is_finite()) {
            return Err(Error::invalid(format!(
                "parameter `{}` is {}: expected a finite number",
                names[place], parameters[place]
            )));
        }
        check_times(self.begin, times)?;
        let absolute = match self.absolute[..] {
            [one] => vec![one; states],
            ref each if each.len() == states => each.to_vec(),
            ref other => {
                return Err(Error::invalid(format!(
                    "absolute tolerances: expected one number, or one for each of {states} states, got {}",
                    other.len()
                )));
            }
        };
        let is_tolerance = |number: &f64| *number > 0.0 && number.is_finite();
        if let Some(other) = absolute.iter().chain([&self.relative]).find(|one| !is_tolerance(one))
        {
            return Err(Error::invalid(format!("a tolerance is a positive number, got {other}")));
        }
        let problem = &mut self.problem.0;
        let context = *problem.context();
        problem.eqn.watch().forget();
        problem.eqn.set_params(&States::from_slice(parameters, context));
        let share = closer * self.method.share(self.relative);
        let relative = share * self.relative;
        let absolute: Vec<f64> = absolute.iter().map(|tolerance| share * tolerance).collect();
        problem.t0 = self.begin;
        problem.rtol = relative;
        problem.ode_options.max_number_timesteps = self.most_steps;
        // Where a measurement makes the adjoints jump, a step is halved from the length of the slow parts to that of the fast
        // ones, which may be 10^15 times as short; the shortest allowed step ends what leads nowhere.
        problem.ode_options.max_error_test_failures = 100;
        problem.ode_options.max_nonlinear_solver_failures = 100;
        problem.atol = States::from_slice(&absolute, context);
        if !parameters.is_empty() {
            let lanes =
                context.clone_with_nbatch(parameters.len()).map_err(diffsol::DiffsolError::from)?;
            let mut slopes = States::zeros(states, lanes);
            for (lane, size) in parameters.iter().enumerate() {
                let own: Vec<f64> =
                    absolute.iter().map(|tolerance| tolerance / unit(*size)).collect();
                let own = States::from_slice(&own, context);
                slopes.get_batch_mut(lane).copy_from_view(&own.as_view());
            }
            problem.sens_rtol = Some(relative);
            problem.sens_atol = Some(slopes);
            // Of a performance whose largest slope by an output is 1.
            let least = absolute.iter().copied().fold(f64::INFINITY, f64::min);
            let of_gradient: Vec<f64> = parameters.iter().map(|size| least / unit(*size)).collect();
            problem.param_rtol = Some(relative);
            problem.param_atol = Some(States::from_slice(&of_gradient, context));
        }
        Ok(())
    }

    fn trajectory(
        &self,
        times: &[f64],
        values: &Dense,
        reason: OdeSolverStopReason<f64>,
        steps: usize,
    ) -> Result<Trajectory, Error> {
        let system = self.system();
        let (names, mut times) = (system.output_names(), times.to_vec());
        let mut ended_by = None;
        if let OdeSolverStopReason::RootFound(time, number) = reason {
            let events = system.events.iter().flat_map(|events| events.output_names());
            ended_by = Some((events.into_iter().nth(number).unwrap_or_default(), time));
            times.retain(|other| *other <= time);
            if times.len() < values.ncols() {
                times.push(time);
            }
        }
        let mut all = Vec::with_capacity(times.len() * names.len());
        for column in 0..times.len() {
            all.extend((0..names.len()).map(|row| values.get_index(row, column)));
        }
        if let Some(place) = all.iter().position(|value| !value.is_finite()) {
            let time = times[place / names.len()];
            return Err(self.problem.0.eqn.trouble(f64::NEG_INFINITY).unwrap_or_else(|| {
                let name = &names[place % names.len()];
                Error::Stopped { time, what: format!("`{name}` is {} there", all[place]) }
            }));
        }
        Ok(Trajectory { names, times, values: all, ended_by, steps })
    }

    /// A solver's error, or the birth of what it stumbled over.
    fn explained(&self, error: diffsol::DiffsolError) -> Error {
        let error = Error::stopped(error);
        let from = match &error {
            Error::Stopped { time, .. } => *time,
            _ => f64::NEG_INFINITY,
        };
        self.problem.0.eqn.trouble(from).unwrap_or(error)
    }
}

/// By how much a parameter is thought to change: its own size.
fn unit(parameter: f64) -> f64 {
    if parameter == 0.0 { 1.0 } else { parameter.abs() }
}
