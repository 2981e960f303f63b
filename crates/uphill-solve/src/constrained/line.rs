//! How far a step is taken: as far as bounds, the filter and the value let it, with corrections for the equations' curvature.

use super::filter::{self, OF_VALUE, OF_VIOLATION};
use super::interior::{Before, Interior, Step};
use super::iterate::{self, longest, with_barrier};

impl Interior<'_> {
    /// Goes along a step as far as the filter lets it: false if that is nowhere.
    pub(crate) fn search(&mut self, step: &Step) -> bool {
        let longest_part = longest(self.problem, &self.at.z, &step.z, self.most());
        let here = Here {
            violation: self.at.violation(),
            value: with_barrier(self.problem, &self.at.z, self.at.value, self.barrier),
            slope: {
                let slope = self.at.barrier_slope(self.problem, self.barrier);
                slope.iter().zip(&step.z).map(|(g, d)| g * d).sum()
            },
            little_violation: self.little_violation,
        };
        if step
            .z
            .iter()
            .zip(&self.at.z)
            .all(|(d, z)| d.abs() <= 10.0 * f64::EPSILON * (1.0 + z.abs()))
        {
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
        let mut before = here.violation;
        let mut remainder: Vec<f64> =
            self.at.c.iter().zip(&trial.c).map(|(c, then)| part * c + then).collect();
        for _ in 0..MOST {
            let Some(corrected) = self.solve(self.right_side(&remainder)) else { return false };
            let corrected_part = longest(self.problem, &self.at.z, &corrected.z, self.most());
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

    pub(crate) fn trial(&mut self, step: &[f64], part: f64) -> Trial {
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
        let (to_low, to_high, dual) =
            self.at.multiplier_steps(self.problem, &step.z, self.barrier, self.most());
        for (k, (to_low, to_high)) in to_low.iter().zip(&to_high).enumerate() {
            self.at.low[k] += dual * to_low;
            self.at.high[k] += dual * to_high;
        }
        for (lambda, step) in self.at.lambda.iter_mut().zip(&step.lambda) {
            *lambda += part * step;
        }
        self.before = Before {
            z: std::mem::replace(&mut self.at.z, trial.z),
            value: std::mem::replace(&mut self.at.value, trial.value),
        };
        self.at.c = trial.c;
        self.at.slope(self.problem);
        self.at.keep_multipliers(self.problem, self.barrier);
    }
}

/// A point that may be gone to.
pub(crate) struct Trial {
    z: Vec<f64>,
    c: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) violation: f64,
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
