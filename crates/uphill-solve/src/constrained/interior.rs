//! The method: a primal-dual interior-point method with a filter (Wächter & Biegler, *On the implementation of an
//! interior-point filter line-search algorithm for large-scale nonlinear programming*, 2006).
//!
//! Bounds become barriers of height μ, which falls. For each μ, Newton steps go for the point where the slope is 0 and the
//! equations hold, and are shortened until the filter accepts them; where no step is accepted, [restoration](super::restoration)
//! looks for a point where equations hold better.

use super::filter::{self, Filter, OF_VALUE, OF_VIOLATION};
use super::iterate::{self, Iterate, longest, with_barrier};
use super::newton::Newton;
use super::nonlinear::Nonlinear;
use super::restoration;

/// The barrier at the start.
pub(crate) const FIRST_BARRIER: f64 = 0.1;
/// Beyond this a variable has no end.
const ENDLESS: f64 = 1e20;

/// What the method is told.
pub(crate) struct Settings<'s> {
    /// The error of the optimality conditions at which it ends.
    pub(crate) tolerance: f64,
    pub(crate) most_iterations: u64,
    /// Asked once an iteration.
    pub(crate) stop: &'s dyn Fn() -> bool,
    /// Told once an iteration: its number, f, the largest violation, the error.
    pub(crate) progress: &'s dyn Fn(u64, f64, f64, f64),
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum End {
    Optimal,
    /// Where the equations are violated least nearby, they don't hold.
    Infeasible,
    /// This variable grows without end, and f falls.
    Unbounded(usize),
    MostIterations,
    Interrupted,
    /// No step improves anything.
    Stalled,
    /// Second derivatives are not finite.
    NotFinite,
    /// The problem said that this was enough.
    Enough,
}

/// A run of the method.
pub(crate) struct Interior<'p> {
    pub(crate) problem: &'p mut dyn Nonlinear,
    pub(crate) settings: &'p Settings<'p>,
    pub(crate) newton: Newton,
    pub(crate) at: Iterate,
    pub(crate) barrier: f64,
    pub(crate) filter: Filter,
    pub(crate) iterations: u64,
    /// Below this violation, steps may go for lower values alone.
    little_violation: f64,
    hessian: Vec<f64>,
    tiny_steps: u32,
}

/// A step of variables and of the equations' multipliers.
struct Step {
    z: Vec<f64>,
    lambda: Vec<f64>,
}

impl<'p> Interior<'p> {
    /// A run from a point within the bounds.
    pub(crate) fn new(
        problem: &'p mut dyn Nonlinear,
        at: Iterate,
        barrier: f64,
        settings: &'p Settings<'p>,
    ) -> Interior<'p> {
        let newton = Newton::new(problem);
        let hessian = vec![0.0; problem.hessian_places().len()];
        let violation = at.violation().max(1.0);
        Interior {
            problem,
            settings,
            newton,
            at,
            barrier,
            filter: Filter::new(1e4 * violation),
            iterations: 0,
            little_violation: 1e-4 * violation,
            hessian,
            tiny_steps: 0,
        }
    }

    /// Multipliers of the equations that fit the slope best.
    pub(crate) fn estimate_multipliers(&mut self) {
        if self.at.lambda.is_empty() {
            return;
        }
        let variables = self.at.z.len();
        self.hessian.fill(0.0);
        self.newton.set(&vec![1.0; variables], &self.hessian, &self.at.jacobian);
        let mut side = vec![0.0; variables + self.at.lambda.len()];
        for (k, side) in side[..variables].iter_mut().enumerate() {
            *side = -(self.at.gradient[k] - self.at.low[k] + self.at.high[k]);
        }
        match self.newton.factorise(self.barrier, &side) && self.newton.solve(&mut side) {
            true => self.at.estimate(&side[variables..]),
            false => self.at.lambda.fill(0.0),
        }
    }

    /// Goes on until it ends, or until the problem says that it's enough.
    pub(crate) fn run(&mut self) -> End {
        let least_barrier = self.settings.tolerance / 100.0;
        let first = self.iterations;
        loop {
            let error = self.at.error(self.problem, 0.0);
            let worst = self.at.c.iter().fold(0.0_f64, |most, c| most.max(c.abs()));
            (self.settings.progress)(self.iterations, self.at.value, worst, error);
            if (self.settings.stop)() {
                return End::Interrupted;
            }
            if self.iterations > first && self.problem.is_enough(&self.at.z) {
                return End::Enough;
            }
            if error <= self.settings.tolerance {
                return End::Optimal;
            }
            if self.iterations >= self.settings.most_iterations {
                return End::MostIterations;
            }
            if let Some(endless) = self.at.z.iter().position(|z| z.abs() > ENDLESS) {
                return End::Unbounded(endless);
            }
            while self.barrier > least_barrier
                && (self.at.error(self.problem, self.barrier) <= 10.0 * self.barrier
                    || self.tiny_steps > 1)
            {
                self.barrier = (0.2 * self.barrier).min(self.barrier.powf(1.5)).max(least_barrier);
                self.filter.clear();
                self.tiny_steps = 0;
            }
            if self.tiny_steps > 3 {
                return End::Stalled;
            }
            self.iterations += 1;
            self.problem.hessian(&self.at.z, 1.0, &self.at.lambda, &mut self.hessian);
            if self.hessian.iter().any(|entry| !entry.is_finite()) {
                return End::NotFinite;
            }
            let stepped = self.step().is_some_and(|step| self.search(&step));
            if !stepped {
                match restoration::restore(self) {
                    None => {}
                    Some(end) => return end,
                }
            }
        }
    }

    /// The Newton step.
    fn step(&mut self) -> Option<Step> {
        let diagonal = self.at.diagonal(self.problem);
        self.newton.set(&diagonal, &self.hessian, &self.at.jacobian);
        let side = self.right_side(&self.at.c);
        if !self.newton.factorise(self.barrier, &side) {
            return None;
        }
        self.solve(side)
    }

    /// The right side for equations with these remainders.
    fn right_side(&self, c: &[f64]) -> Vec<f64> {
        let mut side = self.at.barrier_slope(self.problem, self.barrier);
        for (&(row, column), entry) in
            self.problem.jacobian_places().iter().zip(&self.at.jacobian)
        {
            side[column] += entry * self.at.lambda[row];
        }
        side.extend_from_slice(c);
        side.iter_mut().for_each(|x| *x = -*x);
        side
    }

    fn solve(&mut self, mut side: Vec<f64>) -> Option<Step> {
        if !self.newton.solve(&mut side) {
            return None;
        }
        let lambda = side.split_off(self.at.z.len());
        Some(Step { z: side, lambda })
    }

    /// Goes along a step as far as the filter lets it: false if that is nowhere.
    fn search(&mut self, step: &Step) -> bool {
        let most = (1.0 - self.barrier).max(0.99);
        let longest_part = longest(self.problem, &self.at.z, &step.z, most);
        let here = Here {
            violation: self.at.violation(),
            value: with_barrier(self.problem, &self.at.z, self.at.value, self.barrier),
            slope: {
                let slope = self.at.barrier_slope(self.problem, self.barrier);
                slope.iter().zip(&step.z).map(|(g, d)| g * d).sum()
            },
            little_violation: self.little_violation,
        };
        if step.z.iter().zip(&self.at.z).all(|(d, z)| d.abs() <= 10.0 * f64::EPSILON * (1.0 + z.abs())) {
            // What is left to improve lies below the rounding of variables; multipliers may still get better.
            let trial = self.trial(&step.z, longest_part);
            if trial.is_finite() {
                self.tiny_steps += 1;
                self.go(step, trial, longest_part, None);
                return true;
            }
        }
        let mut part = longest_part;
        let least = here.least_part();
        loop {
            let trial = self.trial(&step.z, part);
            if trial.is_finite() && self.accepts(&here, &trial, part) {
                self.go(step, trial, part, Some(&here));
                return true;
            }
            if part == longest_part
                && trial.is_finite()
                && trial.violation >= here.violation
                && self.corrected(step, &here, &trial, part)
            {
                return true;
            }
            part *= 0.5;
            if part < least {
                return false;
            }
        }
    }

    /// Second-order corrections: steps that take the equations' curvature into account.
    fn corrected(&mut self, step: &Step, here: &Here, trial: &Trial, part: f64) -> bool {
        const MOST: usize = 4;
        const PROGRESS: f64 = 0.99;
        let most = (1.0 - self.barrier).max(0.99);
        let mut before = here.violation;
        let mut remainder: Vec<f64> =
            self.at.c.iter().zip(&trial.c).map(|(c, then)| part * c + then).collect();
        for _ in 0..MOST {
            let Some(corrected) = self.solve(self.right_side(&remainder)) else { return false };
            let corrected_part = longest(self.problem, &self.at.z, &corrected.z, most);
            let trial = self.trial(&corrected.z, corrected_part);
            if !trial.is_finite() {
                return false;
            }
            if self.accepts(here, &trial, part) {
                self.go(step, trial, corrected_part, Some(here));
                return true;
            }
            if trial.violation > PROGRESS * before {
                return false;
            }
            before = trial.violation;
            for (remainder, then) in remainder.iter_mut().zip(&trial.c) {
                *remainder = corrected_part * *remainder + then;
            }
        }
        false
    }

    fn trial(&mut self, step: &[f64], part: f64) -> Trial {
        let mut z: Vec<f64> = self.at.z.iter().zip(step).map(|(z, d)| z + part * d).collect();
        let (low, high) = self.problem.bounds();
        for ((z, low), high) in z.iter_mut().zip(low).zip(high) {
            *z = z.clamp(*low, *high);
        }
        let mut c = vec![0.0; self.at.c.len()];
        let value = self.problem.values(&z, &mut c);
        let with_barrier = with_barrier(self.problem, &z, value, self.barrier);
        Trial { violation: iterate::violation(&c), z, c, value, with_barrier }
    }

    /// Whether a point is better than where we are, and than where we were.
    fn accepts(&self, here: &Here, trial: &Trial, part: f64) -> bool {
        if !self.filter.accepts(trial.violation, trial.with_barrier) {
            return false;
        }
        if here.goes_for_value(part) && here.violation <= here.little_violation {
            return here.is_lower(trial.with_barrier, part);
        }
        trial.violation <= (1.0 - OF_VIOLATION) * here.violation
            || filter::at_most(trial.with_barrier, here.value - OF_VALUE * here.violation)
    }

    /// Goes to a point. `here` is what was left, unless the filter needn't know.
    fn go(&mut self, step: &Step, trial: Trial, part: f64, here: Option<&Here>) {
        if let Some(here) = here {
            self.tiny_steps = 0;
            if !here.goes_for_value(part) || !here.is_lower(trial.with_barrier, part) {
                self.filter.add(here.violation, here.value);
            }
        }
        let most = (1.0 - self.barrier).max(0.99);
        let (to_low, to_high, dual) =
            self.at.multiplier_steps(self.problem, &step.z, self.barrier, most);
        for (k, (to_low, to_high)) in to_low.iter().zip(&to_high).enumerate() {
            self.at.low[k] += dual * to_low;
            self.at.high[k] += dual * to_high;
        }
        for (lambda, step) in self.at.lambda.iter_mut().zip(&step.lambda) {
            *lambda += part * step;
        }
        self.at.z = trial.z;
        (self.at.value, self.at.c) = (trial.value, trial.c);
        self.at.slope(self.problem);
        self.at.keep_multipliers(self.problem, self.barrier);
    }
}

/// A point that may be gone to.
struct Trial {
    z: Vec<f64>,
    c: Vec<f64>,
    value: f64,
    violation: f64,
    with_barrier: f64,
}

impl Trial {
    fn is_finite(&self) -> bool {
        self.with_barrier.is_finite() && self.violation.is_finite()
    }
}

/// Where a search begins.
struct Here {
    violation: f64,
    value: f64,
    /// The slope of the value along the whole step.
    slope: f64,
    little_violation: f64,
}

impl Here {
    const OF_SLOPE: f64 = 2.3;
    const OF_EQUATIONS: f64 = 1.1;
    const ARMIJO: f64 = 1e-8;

    /// Whether the value falls so fast along this part of the step that the violation doesn't count.
    fn goes_for_value(&self, part: f64) -> bool {
        self.slope < 0.0
            && part * (-self.slope).powf(Self::OF_SLOPE) > self.violation.powf(Self::OF_EQUATIONS)
    }

    fn is_lower(&self, value: f64, part: f64) -> bool {
        filter::at_most(value, self.value + Self::ARMIJO * part * self.slope)
    }

    /// The part of a step below which looking on is in vain.
    fn least_part(&self) -> f64 {
        const SAFETY: f64 = 0.05;
        let mut least = OF_VIOLATION;
        if self.slope < 0.0 {
            least = least.min(OF_VALUE * self.violation / -self.slope);
            if self.violation <= self.little_violation {
                let of_slope = (-self.slope).powf(Self::OF_SLOPE);
                least = least.min(self.violation.powf(Self::OF_EQUATIONS) / of_slope);
            }
        }
        // Where all equations hold, nothing is in vain but what rounding hides.
        (SAFETY * least).max(1e-14)
    }
}
