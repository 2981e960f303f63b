//! A point on the way to an optimum: variables and multipliers, what the problem is there, and how far from optimal it is.

use super::nonlinear::Nonlinear;

/// How close to a bound a start may lie: a part of the bound's size, and of the room between two bounds.
const INSIDE: f64 = 1e-2;
/// What keeps variables with one bound from running away along it: a slope of so many μ.
const DAMPING: f64 = 1e-5;
/// Multipliers of bounds stay within this factor of what the barrier says.
const WITHIN: f64 = 1e10;
/// Multipliers larger than this say nothing when they are estimated.
const LARGEST_ESTIMATE: f64 = 1e3;

/// A point with its multipliers and the problem's numbers there.
#[derive(Debug, Clone)]
pub(crate) struct Iterate {
    pub(crate) z: Vec<f64>,
    /// Of the equations.
    pub(crate) lambda: Vec<f64>,
    /// Of lower and of upper bounds: 0 where there is none.
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) c: Vec<f64>,
    pub(crate) gradient: Vec<f64>,
    pub(crate) jacobian: Vec<f64>,
}

/// The point nearest to this one that lies well inside of bounds.
pub(crate) fn inside(z: &mut [f64], low: &[f64], high: &[f64]) {
    for ((z, &low), &high) in z.iter_mut().zip(low).zip(high) {
        let room = |bound: f64| (INSIDE * bound.abs().max(1.0)).min(INSIDE * (high - low));
        let (least, most) = (low + room(low), high - room(high));
        *z = match (low.is_finite(), high.is_finite()) {
            (true, true) => z.clamp(least.min(most), most.max(least)),
            (true, false) => z.max(least),
            (false, true) => z.min(most),
            (false, false) => *z,
        };
    }
}

impl Iterate {
    /// A point, with multipliers of 1 for bounds and 0 for equations.
    pub(crate) fn new(problem: &mut dyn Nonlinear, z: Vec<f64>) -> Iterate {
        let one = |bound: &f64| f64::from(u8::from(bound.is_finite()));
        let (low, high) = problem.bounds();
        let (low, high) = (low.iter().map(one).collect(), high.iter().map(one).collect());
        let mut iterate = Iterate {
            gradient: vec![0.0; z.len()],
            z,
            lambda: vec![0.0; problem.equations()],
            low,
            high,
            value: 0.0,
            c: vec![0.0; problem.equations()],
            jacobian: vec![0.0; problem.jacobian_places().len()],
        };
        iterate.value = problem.values(&iterate.z, &mut iterate.c);
        iterate.slope(problem);
        iterate
    }

    /// The derivatives at the point.
    pub(crate) fn slope(&mut self, problem: &mut dyn Nonlinear) {
        problem.slopes(&self.z, &mut self.gradient, &mut self.jacobian);
    }

    /// Whether all that the problem says here are numbers.
    pub(crate) fn is_finite(&self) -> bool {
        let lists = [&self.c, &self.gradient, &self.jacobian];
        self.value.is_finite() && lists.iter().all(|list| list.iter().all(|x| x.is_finite()))
    }

    /// Σ|c|.
    pub(crate) fn violation(&self) -> f64 {
        violation(&self.c)
    }

    /// The gradient of f + Σ λ·c, without bounds.
    pub(crate) fn lagrangian(&self, problem: &dyn Nonlinear) -> Vec<f64> {
        self.with_equations(problem, self.gradient.clone())
    }

    /// A slope with that of Σ λ·c.
    pub(crate) fn with_equations(&self, problem: &dyn Nonlinear, mut slope: Vec<f64>) -> Vec<f64> {
        for (&(row, column), entry) in problem.jacobian_places().iter().zip(&self.jacobian) {
            slope[column] += entry * self.lambda[row];
        }
        slope
    }

    /// How far from optimal the point is, in the conditions' own measure: slope, equations, and products of bounds' distances
    /// and multipliers, which should be μ. Large multipliers are measured by their size.
    pub(crate) fn error(&self, problem: &dyn Nonlinear, barrier: f64) -> f64 {
        const USUAL: f64 = 100.0;
        let sum = |list: &[f64]| list.iter().map(|x| x.abs()).sum::<f64>();
        let of_bounds = sum(&self.low) + sum(&self.high);
        let bounds = 2 * self.z.len();
        let mean = |sum: f64, count: usize| (sum / count.max(1) as f64).max(USUAL) / USUAL;
        let of_slope = mean(of_bounds + sum(&self.lambda), bounds + self.lambda.len());
        let of_products = mean(of_bounds, bounds);
        let mut slope = 0.0_f64;
        for (k, x) in self.lagrangian(problem).into_iter().enumerate() {
            slope = slope.max((x - self.low[k] + self.high[k]).abs());
        }
        let mut products = 0.0_f64;
        let (low, high) = problem.bounds();
        for k in 0..self.z.len() {
            for (distance, multiplier) in
                [(self.z[k] - low[k], self.low[k]), (high[k] - self.z[k], self.high[k])]
            {
                if distance.is_finite() {
                    products = products.max((distance * multiplier - barrier).abs());
                }
            }
        }
        (slope / of_slope).max(products / of_products).max(largest(&self.c))
    }

    /// What the bounds add to the diagonal of the Hessian.
    pub(crate) fn diagonal(&self, problem: &dyn Nonlinear) -> Vec<f64> {
        let (low, high) = problem.bounds();
        let of = |k: usize| {
            self.low[k] / distance(self.z[k] - low[k], low[k])
                + self.high[k] / distance(high[k] - self.z[k], high[k])
        };
        (0..self.z.len()).map(of).collect()
    }

    /// The gradient of f with its barrier of μ at all bounds.
    pub(crate) fn barrier_slope(&self, problem: &dyn Nonlinear, barrier: f64) -> Vec<f64> {
        let (low, high) = problem.bounds();
        let mut slope = self.gradient.clone();
        for (k, slope) in slope.iter_mut().enumerate() {
            *slope -= barrier / distance(self.z[k] - low[k], low[k]);
            *slope += barrier / distance(high[k] - self.z[k], high[k]);
            *slope += DAMPING * barrier * lone(low[k], high[k]);
        }
        slope
    }

    /// Steps of the bounds' multipliers beside a step of z, and the longest part of them that keeps these above 0.
    pub(crate) fn multiplier_steps(
        &self,
        problem: &dyn Nonlinear,
        step: &[f64],
        barrier: f64,
        most: f64,
    ) -> (Vec<f64>, Vec<f64>, f64) {
        let (low, high) = problem.bounds();
        let (mut to_low, mut to_high, mut part) = (Vec::new(), Vec::new(), 1.0_f64);
        for k in 0..self.z.len() {
            let of_low = distance(self.z[k] - low[k], low[k]);
            let of_high = distance(high[k] - self.z[k], high[k]);
            to_low.push(barrier / of_low - self.low[k] - self.low[k] / of_low * step[k]);
            to_high.push(barrier / of_high - self.high[k] + self.high[k] / of_high * step[k]);
            for (now, step) in [(self.low[k], to_low[k]), (self.high[k], to_high[k])] {
                if step < 0.0 && now > 0.0 {
                    part = part.min(-most * now / step);
                }
            }
        }
        (to_low, to_high, part)
    }

    /// Brings multipliers of bounds near to what the barrier says of their distances.
    pub(crate) fn keep_multipliers(&mut self, problem: &dyn Nonlinear, barrier: f64) {
        let (low, high) = problem.bounds();
        for k in 0..self.z.len() {
            for (bound, room, multiplier) in [
                (low[k], self.z[k] - low[k], &mut self.low[k]),
                (high[k], high[k] - self.z[k], &mut self.high[k]),
            ] {
                *multiplier = match bound.is_finite() {
                    true => {
                        let usual = barrier / distance(room, bound);
                        multiplier.clamp(usual / WITHIN, usual * WITHIN)
                    }
                    false => 0.0,
                };
            }
        }
    }

    /// The multipliers that bounds have by the barrier alone; of 1 where that says too much.
    pub(crate) fn reset_multipliers(&mut self, problem: &dyn Nonlinear, barrier: f64) {
        let (low, high) = problem.bounds();
        let of = |bound: f64, room: f64| match bound.is_finite() {
            true => barrier / distance(room, bound),
            false => 0.0,
        };
        self.low = (0..self.z.len()).map(|k| of(low[k], self.z[k] - low[k])).collect();
        self.high = (0..self.z.len()).map(|k| of(high[k], high[k] - self.z[k])).collect();
        for multiplier in self.low.iter_mut().chain(&mut self.high) {
            if *multiplier > LARGEST_ESTIMATE {
                *multiplier = 1.0;
            }
        }
    }

    /// Takes the equations' multipliers of an estimate, if they are believable.
    pub(crate) fn estimate(&mut self, lambda: &[f64]) {
        match lambda.iter().all(|x| x.abs() <= LARGEST_ESTIMATE) {
            true => self.lambda.copy_from_slice(lambda),
            false => self.lambda.fill(0.0),
        }
    }
}

/// The largest of some numbers, without signs.
pub(crate) fn largest(list: &[f64]) -> f64 {
    list.iter().fold(0.0, |most: f64, x| most.max(x.abs()))
}

/// Σ|c|.
pub(crate) fn violation(c: &[f64]) -> f64 {
    c.iter().map(|x| x.abs()).sum()
}

/// A distance to a bound that is not 0 for rounding alone; infinite where there is no bound.
fn distance(room: f64, bound: f64) -> f64 {
    if bound.is_finite() { room.max(f64::EPSILON * bound.abs().max(1.0)) } else { f64::INFINITY }
}

/// 1 for a variable with a lower bound alone, -1 for one with an upper bound alone.
fn lone(low: f64, high: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, false) => 1.0,
        (false, true) => -1.0,
        _ => 0.0,
    }
}

/// f with its barrier at a point.
pub(crate) fn with_barrier(problem: &dyn Nonlinear, z: &[f64], value: f64, barrier: f64) -> f64 {
    let (low, high) = problem.bounds();
    let mut logarithms = 0.0;
    let mut lone_distance = 0.0;
    for k in 0..z.len() {
        let (of_low, of_high) = (z[k] - low[k], high[k] - z[k]);
        if low[k].is_finite() {
            logarithms += distance(of_low, low[k]).ln();
        }
        if high[k].is_finite() {
            logarithms += distance(of_high, high[k]).ln();
        }
        match lone(low[k], high[k]) {
            1.0 => lone_distance += of_low,
            -1.0 => lone_distance += of_high,
            _ => {}
        }
    }
    value - barrier * logarithms + DAMPING * barrier * lone_distance
}

/// The longest part of a step, at most all of it, that leaves a part of each distance to a bound.
pub(crate) fn longest(problem: &dyn Nonlinear, z: &[f64], step: &[f64], most: f64) -> f64 {
    let (low, high) = problem.bounds();
    let mut part = 1.0_f64;
    for k in 0..z.len() {
        if step[k] < 0.0 && low[k].is_finite() {
            part = part.min(most * distance(z[k] - low[k], low[k]) / -step[k]);
        }
        if step[k] > 0.0 && high[k].is_finite() {
            part = part.min(most * distance(high[k] - z[k], high[k]) / step[k]);
        }
    }
    part
}
