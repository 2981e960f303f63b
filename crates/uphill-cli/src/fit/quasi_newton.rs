//! L-BFGS, which is argmin's, and BFGS (`kink`) from where that comes no further.
//!
//! Parameters are in units of their start values, since a model's may be 500 and 0.0001. The best point seen is kept,
//! since a line search fails where numbers can't tell better from worse. What argmin asks for is answered by an error
//! where there is no sense in going on: its line search has no bound of its own.

use std::cell::{Cell, RefCell};

use argmin::core::{CostFunction, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use super::ascent::{Climbed, Performance, without_bound};
use super::kink::{self, End};
use super::levenberg::{Climb, Stopped};
use super::model::Model;
use crate::error::Error;

/// P beyond this many times its size at the start is taken for one without bound.
const WITHOUT_BOUND: f64 = 1e200;
/// Points without a gain, after which a line search is called off.
const MOST_IN_VAIN: u32 = 100;
/// Iterations of L-BFGS before its memory is begun anew.
const AT_A_TIME: u64 = 200;
/// A gain by so many iterations that is a smaller part of P leads nowhere.
const SMALL_GAIN: f64 = 1e-4;
/// A slope that is so small a part of what it is the sum of is 0 but for rounding.
const ROUNDING: f64 = 1e-6;
/// As is one that is so small a part of what the start's is the sum of, where the model fits exactly.
const ROUNDING_OF_START: f64 = 1e-10;

/// Why nothing more can be told at a point.
pub(super) enum Halt {
    /// Somebody asked to stop.
    Interrupted,
    /// P has no summit; here it is beyond all bounds.
    WithoutBound(f64, Vec<f64>),
    /// Line searches look at point after point without a gain.
    InVain,
    Failed(Error),
}

/// A point, with -P and its gradient there.
type Looked = (Vec<f64>, f64, Vec<f64>);

/// What is descended: -P over the free parameters in units of their starts.
struct Descent<'t> {
    performance: RefCell<Performance<'t>>,
    units: Vec<f64>,
    start: Vec<f64>,
    free: Vec<usize>,
    /// P beyond this has no bound.
    limit: f64,
    best: RefCell<(f64, Vec<f64>)>,
    /// The last point: argmin asks for them one after the other.
    last: RefCell<Option<Looked>>,
    in_vain: Cell<u32>,
    halted: RefCell<Option<Halt>>,
}

impl Descent<'_> {
    fn parameters(&self, z: &[f64]) -> Vec<f64> {
        let mut parameters = self.start.clone();
        for (&place, z) in self.free.iter().zip(z) {
            parameters[place] = z * self.units[place];
        }
        parameters
    }

    fn in_units(&self, parameters: &[f64]) -> Vec<f64> {
        self.free.iter().map(|&place| parameters[place] / self.units[place]).collect()
    }

    /// -P and its gradient; infinite and NaN as they come.
    fn at(&self, z: &[f64]) -> Result<(f64, Vec<f64>), Halt> {
        if let Some((last, value, slopes)) = &*self.last.borrow()
            && last == z
        {
            return Ok((*value, slopes.clone()));
        }
        if crate::interrupt::asked() {
            return Err(Halt::Interrupted);
        }
        let parameters = self.parameters(z);
        let (value, slopes) =
            self.performance.borrow_mut().at(&parameters).map_err(Halt::Failed)?;
        if value > self.limit {
            return Err(Halt::WithoutBound(value, parameters));
        }
        let slopes: Vec<f64> =
            self.free.iter().map(|&place| -slopes[place] * self.units[place]).collect();
        let mut best = self.best.borrow_mut();
        if value > best.0 {
            *best = (value, parameters);
            self.in_vain.set(0);
        } else {
            self.in_vain.set(self.in_vain.get() + 1);
        }
        *self.last.borrow_mut() = Some((z.to_vec(), -value, slopes.clone()));
        Ok((-value, slopes))
    }

    /// As [`Descent::at`] for argmin, which is told to stop by an error without content.
    fn told(&self, z: &[f64]) -> Result<(f64, Vec<f64>), argmin::core::Error> {
        let told = match self.at(z) {
            Ok(_) if self.in_vain.get() > MOST_IN_VAIN => Err(Halt::InVain),
            told => told,
        };
        told.map_err(|halt| {
            *self.halted.borrow_mut() = Some(halt);
            argmin::core::Error::msg("halted")
        })
    }

    /// Whether the gradient is 0 but for rounding.
    fn is_settled(&self, parameters: &[f64], sizes_at_start: &[f64]) -> Result<bool, Error> {
        let mut performance = self.performance.borrow_mut();
        let (_, slopes) = performance.at(parameters)?;
        let sizes = performance.sizes(parameters)?;
        Ok(self.free.iter().all(|&place| {
            let slope = slopes[place].abs();
            let rounding = ROUNDING * sizes[place];
            // At a cusp both are infinite.
            rounding.is_finite()
                && (slope <= rounding || slope <= ROUNDING_OF_START * sizes_at_start[place])
        }))
    }
}

impl CostFunction for &Descent<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, z: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        let (value, _) = self.told(z)?;
        // A line search comes back from a wall, not from NaN.
        Ok(if value.is_finite() { value } else { f64::MAX.sqrt() })
    }
}

impl Gradient for &Descent<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, z: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        let (_, slopes) = self.told(z)?;
        Ok(slopes.into_iter().map(|slope| if slope.is_finite() { slope } else { 0.0 }).collect())
    }
}

/// Climbs from a start at which P and its gradient are finite.
pub(super) fn climb(
    mut performance: Performance<'_>,
    model: &Model,
    climb: &Climb<'_>,
    start: &[f64],
) -> Result<Climbed, Error> {
    if climb.bounds.iter().any(|(low, high)| low.is_finite() || high.is_finite()) {
        let what = "l-bfgs knows no bounds; take --method levenberg-marquardt or ascent";
        return Err(Error::Use(what.into()));
    }
    let (value, _) = performance.at(start)?;
    let sizes_at_start = performance.sizes(start)?;
    let descent = Descent {
        performance: RefCell::new(performance),
        units: start.iter().map(|x| if *x == 0.0 { 1.0 } else { x.abs() }).collect(),
        start: start.to_vec(),
        free: (0..start.len()).filter(|&place| !climb.fixed[place]).collect(),
        limit: (WITHOUT_BOUND * (1.0 + value.abs())).min(f64::MAX),
        best: RefCell::new((f64::NEG_INFINITY, start.to_vec())),
        last: RefCell::new(None),
        in_vain: Cell::new(0),
        halted: RefCell::new(None),
    };
    let ended = |parameters: Vec<f64>, iterations, stopped| Ok((parameters, iterations, stopped));
    let mut iterations = 0;
    let mut before = f64::NEG_INFINITY;
    // L-BFGS begins anew at the best point, with no memory, as long as that helps.
    let halt = loop {
        let (_, parameters) = descent.best.borrow().clone();
        if iterations >= climb.most_iterations {
            return ended(parameters, iterations, Stopped::MostIterations);
        }
        iterations += l_bfgs(&descent, &parameters, climb.most_iterations - iterations)?;
        match descent.halted.take() {
            None | Some(Halt::InVain) => {}
            Some(halt) => break halt,
        }
        let (value, parameters) = descent.best.borrow().clone();
        if iterations >= climb.most_iterations {
            return ended(parameters, iterations, Stopped::MostIterations);
        }
        if descent.is_settled(&parameters, &sizes_at_start)? {
            if value <= before {
                return ended(parameters, iterations, Stopped::NoImprovement);
            }
        } else if value - before <= SMALL_GAIN * value.abs() {
            let from = descent.in_units(&parameters);
            let most = climb.most_iterations - iterations;
            let in_units = |&place: &usize| sizes_at_start[place] * descent.units[place];
            let usual: Vec<f64> = descent.free.iter().map(in_units).collect();
            match kink::climb(&|z: &[f64]| descent.at(z), &from, &usual, most) {
                Ok((more, end)) => {
                    let (_, parameters) = descent.best.borrow().clone();
                    let stopped = match end {
                        End::MostIterations => Stopped::MostIterations,
                        _ if descent.is_settled(&parameters, &sizes_at_start)? => {
                            Stopped::NoImprovement
                        }
                        End::Kink => Stopped::Kink,
                        End::Stalled => Stopped::Stalled,
                    };
                    return ended(parameters, iterations + more, stopped);
                }
                Err(halt) => break halt,
            }
        }
        before = value;
    };
    match halt {
        Halt::Interrupted | Halt::InVain => {
            let (_, parameters) = descent.best.into_inner();
            ended(parameters, iterations, Stopped::Interrupted)
        }
        Halt::WithoutBound(value, parameters) => {
            let is_finite = parameters.iter().all(|number| number.is_finite());
            // Nobody can follow to infinite parameters.
            let (value, parameters) =
                if is_finite { (value, parameters) } else { descent.best.into_inner() };
            Err(without_bound(model, value, &parameters))
        }
        Halt::Failed(error) => Err(error),
    }
}

/// Iterations of L-BFGS from some parameters; how many they were.
fn l_bfgs(descent: &Descent<'_>, parameters: &[f64], most: u64) -> Result<u64, Error> {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10)
        .with_tolerance_grad(0.0)
        .and_then(|solver| solver.with_tolerance_cost(0.0))
        .map_err(|error| Error::Fit(error.to_string()))?;
    descent.in_vain.set(0);
    let run = Executor::new(descent, solver)
        .configure(|state| state.param(descent.in_units(parameters)).max_iters(most.min(AT_A_TIME)))
        .run();
    Ok(run.map_or(1, |result| result.state().get_iter().max(1)))
}
