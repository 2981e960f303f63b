//! The method: a primal-dual interior-point method with a filter (Wächter & Biegler, *On the implementation of an
//! interior-point filter line-search algorithm for large-scale nonlinear programming*, 2006).
//!
//! Bounds become barriers of height μ, which falls. For each μ, Newton steps go for the point where the slope is 0 and the
//! equations hold, and are shortened until the filter accepts them; where no step is accepted, [restoration](super::restoration)
//! looks for a point where equations hold better.

use super::filter::Filter;
use super::iterate::Iterate;
use super::newton::Newton;
use super::nonlinear::Nonlinear;
use super::{restoration, saddle};

/// The barrier at the start.
pub(crate) const FIRST_BARRIER: f64 = 0.1;
/// Beyond this a variable has no end; it is asked for of those that are far out.
const ENDLESS: f64 = 1e20;
const FAR: f64 = 1e8;
/// So many saddles may be left before the search ends on one.
const MOST_SADDLES: u32 = 20;

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
    /// Slopes vanish, but the point is no minimum, and no way down was found.
    Saddle,
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
    pub(crate) little_violation: f64,
    hessian: Vec<f64>,
    pub(crate) tiny_steps: u32,
    saddles: u32,
    /// Where it was before the last step.
    pub(crate) before: Before,
}

/// A point that was left.
pub(crate) struct Before {
    pub(crate) z: Vec<f64>,
    pub(crate) value: f64,
}

/// A step of variables and of the equations' multipliers.
pub(crate) struct Step {
    pub(crate) z: Vec<f64>,
    pub(crate) lambda: Vec<f64>,
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
        let before = Before { z: at.z.clone(), value: at.value };
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
            saddles: 0,
            before,
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
                // Slopes vanish on a saddle, too.
                self.saddles += 1;
                match saddle::leave(self) {
                    None if self.saddles < MOST_SADDLES => {}
                    None => return End::Saddle,
                    Some(end) => return end,
                }
            }
            if self.iterations >= self.settings.most_iterations {
                return End::MostIterations;
            }
            if let Some(endless) = self.endless() {
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

    /// A variable that grows without end: one that is far out, where the last step leads on as far as numbers go, lowers f all
    /// the way, and violates the equations no more than rounding does.
    fn endless(&mut self) -> Option<usize> {
        let farthest = (0..self.at.z.len())
            .max_by(|&a, &b| self.at.z[a].abs().total_cmp(&self.at.z[b].abs()))?;
        let far = self.at.z[farthest].abs();
        if far < FAR {
            return None;
        }
        let moved = (self.at.z[farthest] - self.before.z[farthest]).abs();
        let (part, fell) = (ENDLESS / moved, self.before.value - self.at.value);
        if far > ENDLESS || !part.is_finite() || fell <= 0.0 {
            return (far > ENDLESS).then_some(farthest);
        }
        let step: Vec<f64> =
            self.at.z.iter().zip(&self.before.z).map(|(now, before)| now - before).collect();
        let trial = self.trial(&step, part);
        let falls_on = trial.value < self.at.value - 0.1 * part * fell;
        (falls_on && trial.violation <= 1e-8 * ENDLESS).then_some(farthest)
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
    pub(crate) fn right_side(&self, c: &[f64]) -> Vec<f64> {
        let mut side = self.at.barrier_slope(self.problem, self.barrier);
        for (&(row, column), entry) in self.problem.jacobian_places().iter().zip(&self.at.jacobian)
        {
            side[column] += entry * self.at.lambda[row];
        }
        side.extend_from_slice(c);
        side.iter_mut().for_each(|x| *x = -*x);
        side
    }

    pub(crate) fn solve(&mut self, mut side: Vec<f64>) -> Option<Step> {
        if !self.newton.solve(&mut side) {
            return None;
        }
        let lambda = side.split_off(self.at.z.len());
        Some(Step { z: side, lambda })
    }
}
