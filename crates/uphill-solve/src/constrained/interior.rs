//! A run of the method: where it is, what it is told, how it ended, and its Newton step.

use super::filter::Filter;
use super::iterate::Iterate;
use super::newton::Newton;
use super::nonlinear::Nonlinear;

/// The barrier at the start.
pub(crate) const FIRST_BARRIER: f64 = 0.1;

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
    pub(crate) hessian: Vec<f64>,
    pub(crate) tiny_steps: u32,
    pub(crate) saddles: u32,
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
        match self.newton.factorise(self.barrier, &side) {
            Some(solution) => self.at.estimate(&solution[variables..]),
            None => self.at.lambda.fill(0.0),
        }
    }

    /// The Newton step.
    pub(crate) fn step(&mut self) -> Option<Step> {
        let diagonal = self.at.diagonal(self.problem);
        self.newton.set(&diagonal, &self.hessian, &self.at.jacobian);
        let side = self.right_side(&self.at.c);
        let solution = self.newton.factorise(self.barrier, &side)?;
        Some(self.split(solution))
    }

    /// The right side for equations with these remainders.
    pub(crate) fn right_side(&self, c: &[f64]) -> Vec<f64> {
        let slope = self.at.barrier_slope(self.problem, self.barrier);
        let mut side = self.at.with_equations(self.problem, slope);
        side.extend_from_slice(c);
        side.iter_mut().for_each(|x| *x = -*x);
        side
    }

    /// The step for another right side, by the factors that there are: nothing if it can't be trusted.
    pub(crate) fn solve(&mut self, mut side: Vec<f64>) -> Option<Step> {
        self.newton.solve(&mut side).then(|| self.split(side))
    }

    fn split(&self, mut solution: Vec<f64>) -> Step {
        let lambda = solution.split_off(self.at.z.len());
        Step { z: solution, lambda }
    }

    /// The part of each distance to a bound that a step may take.
    pub(crate) fn most(&self) -> f64 {
        (1.0 - self.barrier).max(0.99)
    }
}
