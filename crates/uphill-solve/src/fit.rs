//! A fit as it is asked for: model, rows, start, and everything that may be said about them.

use uphill_ranks::{Alone, Communicator};

use crate::ascent::Ascent;
use crate::climb::{Climber, Limits};
use crate::error::Error;
use crate::fitted::Fitted;
use crate::hill::Hill;
use crate::levenberg::{Jacobian, Levenberg};
use crate::method::Method;
use crate::model::Model;
use crate::passes::Table;
use crate::performance::{Performance, Weights};
use crate::quasi_newton::QuasiNewton;
use crate::ranks::{Ranks, asked};
use crate::rows::Rows;
use crate::search::{Found, SAME, search};
use crate::settings::Settings;
use crate::starts::drawn;
use crate::task::{Counting, Task};
use crate::trouble::Trouble;

/// A table of so many rows costs little to be climbed again.
const SMALL: usize = 10_000;

/// A model, the rows to which it is fitted, and how: built up, then [run](Fit::run).
///
/// ```
/// use uphill_graph::Scalar;
/// use uphill_solve::{Columns, Fit, Model};
///
/// // y = b1·(1 − exp(−b2·x)): BoxBOD of NIST's Statistical Reference Datasets
/// let model = Model::record(["b1", "b2"], ["x"], "y", |b, x| b[0] * (1.0 - (-b[1] * x[0]).exp()))?;
/// let x = vec![1.0, 2.0, 3.0, 5.0, 7.0, 10.0];
/// let y = vec![109.0, 149.0, 149.0, 191.0, 213.0, 224.0];
/// let table = Columns::new([("x", x), ("y", y)])?;
/// let fit = Fit::new(&model, &table).start([1.0, 1.0]).run()?;
/// assert!(fit.is_converged());
/// assert!((fit.value("b2")? - 0.547_237_484_96).abs() < 1e-9); // certified
/// assert!((fit.standard_error("b2")?.unwrap_or(0.0) - 0.104_559_936_92).abs() < 1e-8);
/// # Ok::<(), uphill_solve::Error>(())
/// ```
#[derive(Clone)]
pub struct Fit<'f> {
    pub(crate) model: &'f Model,
    pub(crate) rows: &'f dyn Rows,
    pub(crate) settings: Settings,
    pub(crate) performance: Performance,
    pub(crate) counting: Counting,
    method: Method,
    starts: usize,
    seed: u64,
    most_iterations: u64,
    pub(crate) stop: &'f dyn Fn() -> bool,
    ranks: &'f dyn Communicator,
}

impl std::fmt::Debug for Fit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fit")
            .field("settings", &self.settings)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl<'f> Fit<'f> {
    /// A model and the rows to which it is fitted. Rows are read block by block, as often as the climb asks for them.
    #[must_use]
    pub fn new(model: &'f Model, rows: &'f dyn Rows) -> Fit<'f> {
        Fit {
            model,
            rows,
            settings: Settings::default(),
            performance: Performance::default(),
            counting: Counting::default(),
            method: Method::default(),
            starts: 1,
            seed: 0,
            most_iterations: 10_000,
            stop: &|| false,
            ranks: &Alone,
        }
    }

    /// Where each parameter starts, in the order of [`Model::parameters`].
    #[must_use]
    pub fn start(mut self, start: impl Into<Vec<f64>>) -> Self {
        self.settings.start = start.into();
        self
    }

    /// The lowest and the highest number that a parameter may have; infinite where there is none.
    #[must_use]
    pub fn bounds(mut self, parameter: impl Into<String>, low: f64, high: f64) -> Self {
        self.settings.bounds.push((parameter.into(), low, high));
        self
    }

    /// Keeps a parameter at the number with which it starts.
    #[must_use]
    pub fn fix(mut self, parameter: impl Into<String>) -> Self {
        self.settings.fixed.push(parameter.into());
        self
    }

    /// What is climbed, unless the model brings a performance of its own.
    #[must_use]
    pub fn performance(mut self, performance: Performance) -> Self {
        self.performance = performance;
        self
    }

    /// A column of weights, and what they say. Rows of weight 0 don't count.
    #[must_use]
    pub fn weights(mut self, column: impl Into<String>, kind: Weights) -> Self {
        self.counting.weights = Some((column.into(), kind));
        self
    }

    /// A column of the known standard deviations of each row's error: residuals are counted in units of them, and standard
    /// errors are absolute, whatever the residuals turn out to be.
    #[must_use]
    pub fn sigma(mut self, column: impl Into<String>) -> Self {
        self.counting.sigma = Some(column.into());
        self
    }

    /// How P is climbed.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Climbs from so many starts, the given one and others drawn from a seed: within bounds where there are both; else
    /// between a tenth and ten times the given number, one time in four with the other sign, and within ±1 of a 0. The
    /// highest summit counts; [`Fitted::starts`] tells how many led there.
    #[must_use]
    pub fn starts(mut self, count: usize, seed: u64) -> Self {
        (self.starts, self.seed) = (count.max(1), seed);
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

    /// Fits together with other ranks: the rows are this rank's part of those of all, as [`share`](uphill_ranks::share) says.
    /// All ranks find the same, bit for bit, and it is what one rank with all rows would find. Rows in errors are numbered over
    /// all ranks. All must have the same settings; what one is asked to stop, all stop.
    ///
    /// ```
    /// use uphill_ranks::{Communicator, in_threads, share};
    /// use uphill_solve::{Columns, Fit, Model};
    ///
    /// let x: Vec<f64> = (0..10_000).map(|row| f64::from(row) / 1e3).collect();
    /// let y: Vec<f64> = x.iter().map(|x| 8.0 - 0.7 * x + (9.0 * x).sin()).collect();
    /// let model = Model::record(["a", "b"], ["x"], "y", |w, x| w[0] + w[1] * x[0])?;
    /// let alone = Columns::new([("x", x.clone()), ("y", y.clone())])?;
    /// let alone = Fit::new(&model, &alone).start([1.0, 0.0]).run()?;
    /// let found = in_threads(3, |ranks| {
    ///     let own = share(x.len(), ranks.rank(), ranks.count());
    ///     let rows = Columns::new([("x", &x[own.clone()]), ("y", &y[own])])?;
    ///     Fit::new(&model, &rows).start([1.0, 0.0]).among(&ranks).run()
    /// });
    /// for fit in found {
    ///     assert_eq!(fit?.values(), alone.values());
    /// }
    /// # Ok::<(), uphill_solve::Error>(())
    /// ```
    #[must_use]
    pub fn among(mut self, ranks: &'f dyn Communicator) -> Self {
        self.ranks = ranks;
        self
    }

    /// The columns of these places, of the rows that count.
    pub(crate) fn table<'t>(
        &'t self,
        places: &'t [usize],
        weights: Option<usize>,
    ) -> Result<Table<'t>, Error> {
        let ranks = Ranks::find(self.ranks, self.rows.row_count())?;
        Ok(Table::new(self.rows, places, weights).among(ranks))
    }

    /// Climbs.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownName`] and [`Error::Invalid`] for settings that can't be followed; [`Error::Row`] for a row with a
    /// bad weight, or that is not finite at the start; [`Error::Climb`] for a performance without a summit;
    /// [`Error::Read`].
    ///
    /// # Complexity
    ///
    /// A step takes two passes over the rows, in memory for a block of them. Small tables are climbed several times.
    pub fn run(&self) -> Result<Fitted, Error> {
        let task = Task::new(self.model, self.performance, &self.counting)?;
        let model = &task.model;
        let space = self.settings.space(model.parameters())?;
        let known = self.rows.column_names();
        let place = |name: &String| {
            let found = known.iter().position(|other| other == name);
            found.ok_or_else(|| Error::unknown("column", name, known))
        };
        let places: Vec<usize> = model.columns().iter().map(place).collect::<Result<_, _>>()?;
        let table = self.table(&places, task.weights())?;
        task.check_rows(table)?;
        let method = self.method_for(&task)?;
        let stop = || asked(self.ranks, (self.stop)());
        let limits = Limits { most_iterations: self.most_iterations, stop: &stop };
        let width = model.parameters().len();
        let hill = Hill::new(task.term()?, width, table)?;
        let names = model.parameters();
        let rows = table.row_count();
        let trouble = Trouble { task: &task, table, start: &space.start };
        if let Some(error) = trouble.loss()? {
            return Err(error);
        }
        let mut climber: Box<dyn Climber<'_> + '_> = match method {
            Method::Automatic | Method::LevenbergMarquardt => {
                let jacobian = Jacobian::new(&task.residual()?, width, table)?;
                let desired = task.desired_squares(table, &space.start)?;
                Box::new(Levenberg { hill, jacobian, limits, desired, is_small: rows <= SMALL })
            }
            Method::QuasiNewton => {
                let is_squares = task.model.term().is_none();
                let jacobian = is_squares
                    .then(|| Jacobian::new(&task.residual()?, width, table))
                    .transpose()?;
                Box::new(QuasiNewton { hill, jacobian, limits, names })
            }
            Method::Ascent(rate) => Box::new(Ascent { hill, limits, names, rate }),
        };
        let is_plain = matches!(method, Method::Ascent(_));
        let is_small = rows <= SMALL && !is_plain;
        let mut find = |start: &[f64]| search(&mut *climber, &space, start, names, is_small);
        let Some(first) = find(&space.start)? else { return Err(trouble.error()?) };
        let (mut all, mut tried) = (vec![first], 1);
        for start in drawn(&space, self.starts - 1, self.seed) {
            if stop() {
                break;
            }
            tried += 1;
            // A start at which nothing is finite is none.
            match find(&start) {
                Ok(Some(found)) => all.push(found),
                Ok(None) | Err(Error::Climb { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let (best, agreed) = best_of(all);
        Fitted::new(&task, &space, table, climber.hill(), method, best, [tried, agreed])
    }

    fn method_for(&self, task: &Task) -> Result<Method, Error> {
        match (self.method, task.model.term()) {
            (Method::Automatic, None) => Ok(Method::LevenbergMarquardt),
            (Method::Automatic, Some(_)) => Ok(Method::QuasiNewton),
            (Method::LevenbergMarquardt, Some(_)) => Err(Error::invalid(
                "levenberg-marquardt climbs sums of squares; a performance of one's own needs quasi-newton or ascent",
            )),
            (Method::Ascent(rate), _) if !(rate > 0.0 && rate.is_finite()) => {
                Err(Error::invalid(format!("the rate: expected a positive number, got {rate}")))
            }
            (method, _) => Ok(method),
        }
    }
}

/// The highest summit, one that is converged if there is one as high, and how many led to its height.
fn best_of(mut all: Vec<Found>) -> (Found, usize) {
    let highest = all.iter().map(|found| found.value).fold(f64::NEG_INFINITY, f64::max);
    let is_level = |found: &Found| highest - found.value <= SAME * highest.abs();
    let agreed = all.iter().filter(|found| is_level(found)).count();
    let mut best = 0;
    for (place, found) in all.iter().enumerate().filter(|(_, found)| is_level(found)) {
        let is_converged = found.ending.is_converged();
        if !is_level(&all[best]) || is_converged && !all[best].ending.is_converged() {
            best = place;
        }
    }
    (all.swap_remove(best), agreed)
}
