//! The posterior of a fit's parameters: draws by the No-U-Turn Sampler of crate `nuts-rs`, on our value and gradient.
//!
//! Errors are normal, as a fit of squares takes them to be. Every number that a parameter may have is as likely beforehand: a
//! flat prior, within bounds where there are some. A deviation that nobody knows is integrated out, by the prior 1/σ. The
//! sampler walks without bounds, through coordinates that go to infinity where a bound is, in units of standard errors.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use nuts_rs::{
    Chain, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError, Settings,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uphill_graph::Scalar;

use crate::climb::{Ending, Space};
use crate::error::Error;
use crate::fit::Fit;
use crate::fitted::{Fitted, Parameter, State};
use crate::hill::Hill;
use crate::performance::Performance;
use crate::posterior::Posterior;
use crate::task::Task;
use crate::unbounded::{Coordinate, Moved};

/// Draws from the posterior of a fit's parameters, as they are asked for: built up, then [run](Sampling::run). Feature `nuts`.
///
/// ```
/// use uphill_graph::Scalar;
/// use uphill_solve::{Columns, Fit, Model, Sampling};
///
/// let model = Model::record(["a", "k"], ["t"], "y", |w, x| w[0] * (-w[1] * x[0]).exp())?;
/// let t = vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
/// let table = Columns::new([("t", t), ("y", vec![8.1, 4.3, 2.5, 1.1, 0.6, 0.4])])?;
/// let fit = Fit::new(&model, &table).start([1.0, 1.0]).bounds("k", 0.0, 10.0);
/// let posterior = Sampling::new(fit.clone()).draws(500).seed(1).run()?;
/// let (low, high) = posterior.interval("k", 0.95)?;
/// assert!(low < 0.62 && 0.62 < high && high - low < 0.3);
/// assert!(posterior.r_hat("k")? < 1.02, "{posterior}");
/// # Ok::<(), uphill_solve::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sampling<'f> {
    fit: Fit<'f>,
    chains: usize,
    draws: usize,
    tuning: usize,
    seed: u64,
}

impl<'f> Sampling<'f> {
    /// The posterior of this fit's parameters. Unless told otherwise: four chains of 1000 draws each, after 500 by which the
    /// sampler finds its step.
    #[must_use]
    pub fn new(fit: Fit<'f>) -> Sampling<'f> {
        Sampling { fit, chains: 4, draws: 1000, tuning: 500, seed: 0 }
    }

    /// How many chains there are, each from a start of its own around the summit.
    #[must_use]
    pub fn chains(mut self, chains: usize) -> Self {
        self.chains = chains;
        self
    }

    /// How many draws each chain gives.
    #[must_use]
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// How many draws each chain makes before these, which are thrown away.
    #[must_use]
    pub fn tuning(mut self, draws: usize) -> Self {
        self.tuning = draws;
        self
    }

    /// The same seed gives the same draws, on processors of one kind.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Fits, and draws.
    ///
    /// # Errors
    ///
    /// Those of [`Fit::run`]; [`Error::Invalid`] where there is no posterior: no free parameter, no draws, Huber's
    /// performance, too few rows for an unknown deviation, nothing left of the errors, or parameters without bounds that the
    /// data don't determine; and if sampling is interrupted. [`Error::Climb`] if the sampler fails.
    ///
    /// # Complexity
    ///
    /// Some passes over the rows a draw: three to seven where parameters are hardly correlated.
    pub fn run(&self) -> Result<Posterior, Error> {
        if self.chains == 0 || self.draws < 4 {
            return Err(Error::invalid(format!(
                "a posterior is told by one chain or more of four draws or more; got {} chains of {} draws",
                self.chains, self.draws
            )));
        }
        let fitted = self.fit.run()?;
        let task = Task::new(self.fit.model, self.fit.performance, &self.fit.counting)?;
        let names = task.model.parameters();
        let space = self.fit.settings.space(names)?;
        check_ending(&fitted, names, &space)?;
        let known = self.fit.rows.column_names();
        let place = |name: &String| known.iter().position(|other| other == name);
        let places: Vec<usize> = task.model.columns().iter().filter_map(place).collect();
        let table = self.fit.table(&places, task.weights())?;
        let errors = NormalErrors::of(&task, &fitted, &space)?;
        let coordinates = coordinates(&fitted, &space);
        if coordinates.is_empty() {
            return Err(Error::invalid("a posterior needs a free parameter; all are fixed"));
        }
        let (mut chains, mut divergences) = (Vec::new(), 0);
        for chain in 0..self.chains {
            let hill = Hill::new(task.term()?, names.len(), table)?;
            let failed = Rc::new(RefCell::new(None));
            let density = Density {
                hill,
                errors,
                at: fitted.values(),
                coordinates: coordinates.clone(),
                failed: failed.clone(),
            };
            let drawn = self.chain(chain, density);
            let (draws, diverged) = drawn.map_err(|error| failed.take().unwrap_or(error))?;
            chains.push(draws);
            divergences += diverged;
        }
        let names = coordinates.iter().map(|own| names[own.place].clone()).collect();
        Ok(Posterior::new(names, chains, divergences))
    }

    /// One chain: draws, one after the other, and how many diverged.
    fn chain(
        &self,
        number: usize,
        mut density: Density<'_>,
    ) -> Result<(Vec<Vec<f64>>, usize), Error> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(number as u64);
        let start = density.start(&mut random)?;
        let coordinates = density.coordinates.clone();
        let settings = DiagNutsSettings {
            num_tune: self.tuning as u64,
            num_draws: self.draws as u64,
            num_chains: self.chains,
            seed: self.seed,
            ..DiagNutsSettings::default()
        };
        let math = CpuMath::new(density);
        let mut sampler = settings.new_chain(number as u64, math, &mut random).map_err(failure)?;
        sampler.set_position(&start).map_err(failure)?;
        let (mut draws, mut diverged) = (Vec::with_capacity(self.draws), 0);
        for draw in 0..self.tuning + self.draws {
            if (self.fit.stop)() {
                return Err(Error::invalid("the sampling was interrupted"));
            }
            let (position, progress) = sampler.draw().map_err(failure)?;
            if draw >= self.tuning {
                diverged += usize::from(progress.diverging);
                let at = |(own, u): (&Coordinate, &f64)| own.at(*u).number;
                draws.push(coordinates.iter().zip(position.iter()).map(at).collect());
            }
        }
        Ok((draws, diverged))
    }
}

/// What the sampler tells of its failure.
fn failure(error: impl std::fmt::Display) -> Error {
    Error::Climb { what: format!("the sampler: {error}") }
}

/// What is known of the deviation of errors.
#[derive(Debug, Clone, Copy)]
enum NormalErrors {
    /// All: P is -Σ r² in units of it.
    Known,
    /// Nothing: there are so many observations.
    Unknown { observations: f64 },
    /// P is the logarithm of the density itself.
    Density,
}

impl NormalErrors {
    fn of(task: &Task, fitted: &Fitted, space: &Space) -> Result<NormalErrors, Error> {
        if task.model.term().is_some() {
            return Ok(NormalErrors::Density);
        }
        if matches!(task.performance, Performance::Huber(_)) {
            return Err(Error::invalid(
                "a posterior needs the distribution of errors, and Huber's performance has none; take squared errors, or a \
                 performance of one's own that is the logarithm of a density",
            ));
        }
        if task.counting.sigma.is_some() {
            return Ok(NormalErrors::Known);
        }
        let free = space.fixed.iter().filter(|fixed| !**fixed).count() as f64;
        let is_free = |parameter: &&Parameter| parameter.state == State::Free;
        let counted = fitted.parameters().iter().filter(is_free).count() as f64;
        let observations = fitted.degrees_of_freedom() + counted;
        if observations <= free {
            return Err(Error::invalid(format!(
                "the deviation of errors is unknown, and {} rows can't tell it beside {free} parameters; give a column of \
                 known deviations, more rows, or fixed parameters",
                fitted.rows()
            )));
        }
        // What is left of an exact fit is rounding.
        if fitted.squares() == 0.0 || fitted.r_squared().is_some_and(|part| 1.0 - part < 1e-24) {
            return Err(Error::invalid(
                "the model fits exactly, so nothing tells how far errors reach; give a column of known deviations",
            ));
        }
        Ok(NormalErrors::Unknown { observations })
    }

    /// The logarithm of the density from P, and what P's slopes are multiplied by to become its.
    fn density(self, performance: f64) -> (f64, f64) {
        match self {
            NormalErrors::Density => (performance, 1.0),
            NormalErrors::Known => (performance / 2.0, 0.5),
            // (Σ r²)^(-n/2): the kernel of formulas rather than the system's, so that draws are the same.
            NormalErrors::Unknown { observations } => {
                let half = observations / 2.0;
                (-half * Scalar::ln(-performance), -half / performance)
            }
        }
    }
}

/// Where a posterior has no end, there is none.
fn check_ending(fitted: &Fitted, names: &[String], space: &Space) -> Result<(), Error> {
    let is_endless = |name: &&String| {
        let place = names.iter().position(|other| other == *name);
        place.is_some_and(|place| {
            let (low, high) = space.bounds[place];
            !(space.fixed[place] || low.is_finite() && high.is_finite())
        })
    };
    let endless: Vec<&String> = match fitted.ending() {
        Ending::Valley(valley) | Ending::Plateau(valley) => {
            valley.iter().filter(is_endless).collect()
        }
        Ending::Endless => names.iter().filter(is_endless).collect(),
        _ => Vec::new(),
    };
    match endless.first() {
        None => Ok(()),
        Some(_) => {
            let list: Vec<String> = endless.iter().map(|name| format!("`{name}`")).collect();
            Err(Error::invalid(format!(
                "the data don't determine {}, so that all numbers without end would be in the posterior; give bounds, or fix \
                 what is known",
                list.join(", ")
            )))
        }
    }
}

fn coordinates(fitted: &Fitted, space: &Space) -> Vec<Coordinate> {
    let values = fitted.values();
    let all = fitted.parameters().iter().enumerate().filter(|(place, _)| !space.fixed[*place]);
    all.map(|(place, parameter)| {
        let size = space.unit(place, &values);
        let bounds = space.bounds[place];
        Coordinate::new(place, bounds, parameter.value, size, parameter.standard_error)
    })
    .collect()
}

/// The logarithm of the posterior's density, as the sampler asks for it.
struct Density<'r> {
    hill: Hill<'r>,
    errors: NormalErrors,
    /// All parameters, fixed ones too.
    at: Vec<f64>,
    coordinates: Vec<Coordinate>,
    failed: Rc<RefCell<Option<Error>>>,
}

impl Density<'_> {
    fn look(&mut self, position: &[f64], slopes: &mut [f64]) -> Result<Option<f64>, Error> {
        let moved: Vec<Moved> =
            self.coordinates.iter().zip(position).map(|(own, u)| own.at(*u)).collect();
        for (own, moved) in self.coordinates.iter().zip(&moved) {
            self.at[own.place] = moved.number;
        }
        let (performance, by) = self.hill.slopes(&self.at)?;
        let (mut density, factor) = self.errors.density(performance);
        for ((own, moved), slope) in self.coordinates.iter().zip(&moved).zip(slopes.iter_mut()) {
            density += moved.log;
            *slope = factor * by[own.place] * moved.slope + moved.log_slope;
        }
        let is_finite = density.is_finite() && slopes.iter().all(|slope| slope.is_finite());
        Ok(is_finite.then_some(density))
    }

    /// Where a chain begins: within two standard errors of the summit to all sides, nearer where nothing is finite.
    fn start(&mut self, random: &mut ChaCha8Rng) -> Result<Vec<f64>, Error> {
        let draw = |_| 4.0 * random.random::<f64>() - 2.0;
        let mut start: Vec<f64> = self.coordinates.iter().map(draw).collect();
        let mut slopes = vec![0.0; start.len()];
        for _ in 0..60 {
            if self.look(&start, &mut slopes)?.is_some() {
                return Ok(start);
            }
            start.iter_mut().for_each(|u| *u /= 2.0);
        }
        let what = "the posterior's density is not finite around the summit of the fit".into();
        Err(Error::Climb { what })
    }
}

/// Why a density has no number.
#[derive(Debug, thiserror::Error)]
enum Undefined {
    /// Here; elsewhere it may have one.
    #[error("the density is not finite")]
    Here,
    /// Whatever is asked next: what happened is told elsewhere.
    #[error("the density can't be computed")]
    Everywhere,
}

impl LogpError for Undefined {
    fn is_recoverable(&self) -> bool {
        matches!(self, Undefined::Here)
    }
}

impl HasDims for Density<'_> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".into(), self.coordinates.len() as u64)])
    }
}

impl CpuLogpFunc for Density<'_> {
    type LogpError = Undefined;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.coordinates.len()
    }

    fn logp(&mut self, position: &[f64], slopes: &mut [f64]) -> Result<f64, Undefined> {
        match self.look(position, slopes) {
            Ok(density) => density.ok_or(Undefined::Here),
            Err(error) => {
                *self.failed.borrow_mut() = Some(error);
                Err(Undefined::Everywhere)
            }
        }
    }

    fn expand_vector<R: nuts_rs::rand::Rng + ?Sized>(
        &mut self,
        _: &mut R,
        position: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(position.to_vec())
    }
}
