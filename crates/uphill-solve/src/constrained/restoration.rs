//! Where no step is accepted: a point nearby at which the equations hold better, found by the same method.
//!
//! Each equation c = 0 becomes c - p + n = 0 with p, n ≥ 0, and what is minimised is ρ·Σ(p + n), with a little for staying
//! where we are. If the violation is least there and not 0, the problem is infeasible nearby.

use super::filter::Filter;
use super::interior::{End, Interior};
use super::iterate::{self, Iterate, largest, with_barrier};
use super::nonlinear::Nonlinear;

/// The price of a violation.
const PRICE: f64 = 1000.0;
/// The part of the violation that may be left.
const LEFT: f64 = 0.9;

/// Looks for a point from which the method can go on, and goes there; else tells how it ends. `method` is the method itself.
pub(crate) fn restore(run: &mut Interior<'_>, method: fn(&mut Interior<'_>) -> End) -> Option<End> {
    let violation = run.at.violation();
    if !run.problem.can_be_restored() || violation <= run.settings.tolerance {
        return Some(End::Stalled);
    }
    let value = with_barrier(run.problem, &run.at.z, run.at.value, run.barrier);
    run.filter.add(violation, value);
    let barrier = run.barrier.max(largest(&run.at.c));
    let variables = run.at.z.len();
    let goal = Goal { filter: &run.filter, barrier: run.barrier, violation: LEFT * violation };
    let mut relaxed = Relaxed::new(run.problem, &run.at.z, goal);
    let start = relaxed.start(&run.at, barrier);
    let mut at = Iterate::new(&mut relaxed, start);
    for k in 0..variables {
        (at.low[k], at.high[k]) = (run.at.low[k].min(PRICE), run.at.high[k].min(PRICE));
    }
    for k in variables..at.z.len() {
        at.low[k] = barrier / at.z[k];
    }
    let mut inner = Interior::new(&mut relaxed, at, barrier, run.settings);
    inner.iterations = run.iterations;
    let end = method(&mut inner);
    let Interior { at: Iterate { mut z, .. }, iterations, .. } = inner;
    run.iterations = iterations;
    z.truncate(variables);
    let mut at = Iterate::new(run.problem, z);
    if !at.is_finite() {
        return Some(End::Stalled);
    }
    at.reset_multipliers(run.problem, run.barrier);
    run.at = at;
    run.estimate_multipliers();
    let now = run.at.violation();
    match end {
        End::Enough => None,
        End::Optimal if now <= run.settings.tolerance => None,
        End::Optimal => Some(End::Infeasible),
        // It went no further, but far enough.
        End::Stalled | End::Saddle | End::NotFinite | End::Unbounded(_)
            if now <= LEFT * violation =>
        {
            None
        }
        End::Stalled | End::Saddle | End::NotFinite | End::Unbounded(_) | End::Infeasible => {
            Some(End::Stalled)
        }
        End::MostIterations | End::Interrupted => Some(end),
    }
}

/// What a point must be for the method to go on from it.
struct Goal<'r> {
    filter: &'r Filter,
    barrier: f64,
    violation: f64,
}

/// The problem of violating equations as little as can be.
struct Relaxed<'r> {
    problem: &'r mut dyn Nonlinear,
    goal: Goal<'r>,
    /// Where we are, and the price of moving from there, by variable.
    from: Vec<f64>,
    prices: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    jacobian_places: Vec<(usize, usize)>,
    hessian_places: Vec<(usize, usize)>,
    remainders: Vec<f64>,
}

impl<'r> Relaxed<'r> {
    fn new(problem: &'r mut dyn Nonlinear, from: &[f64], goal: Goal<'r>) -> Relaxed<'r> {
        let (variables, equations) = (problem.variables(), problem.equations());
        let bounds = problem.bounds();
        let mut low = bounds.0.to_vec();
        low.resize(variables + 2 * equations, 0.0);
        let mut high = bounds.1.to_vec();
        high.resize(variables + 2 * equations, f64::INFINITY);
        let mut jacobian_places = problem.jacobian_places().to_vec();
        for row in 0..equations {
            jacobian_places.push((row, variables + row));
            jacobian_places.push((row, variables + equations + row));
        }
        let mut hessian_places = problem.hessian_places().to_vec();
        hessian_places.extend((0..variables).map(|k| (k, k)));
        let price = goal.barrier.sqrt();
        let prices = from.iter().map(|x| price * x.abs().max(1.0).recip().powi(2)).collect();
        Relaxed {
            problem,
            goal,
            from: from.to_vec(),
            prices,
            low,
            high,
            jacobian_places,
            hessian_places,
            remainders: Vec::new(),
        }
    }

    /// Where it starts: p and n as the barrier has them for the violations that there are.
    fn start(&self, at: &Iterate, barrier: f64) -> Vec<f64> {
        let negative = |c: &f64| {
            let half = (barrier - PRICE * c) / (2.0 * PRICE);
            half + (half * half + barrier * c / (2.0 * PRICE)).max(0.0).sqrt()
        };
        let n: Vec<f64> = at.c.iter().map(|c| negative(c).max(1e-12)).collect();
        let p = at.c.iter().zip(&n).map(|(c, n)| (c + n).max(1e-12));
        at.z.iter().copied().chain(p).chain(n.iter().copied()).collect()
    }

    fn split<'z>(&self, z: &'z [f64]) -> (&'z [f64], &'z [f64], &'z [f64]) {
        let (x, rest) = z.split_at(self.from.len());
        let (p, n) = rest.split_at(rest.len() / 2);
        (x, p, n)
    }
}

impl Nonlinear for Relaxed<'_> {
    fn equations(&self) -> usize {
        self.problem.equations()
    }

    fn bounds(&self) -> (&[f64], &[f64]) {
        (&self.low, &self.high)
    }

    fn jacobian_places(&self) -> &[(usize, usize)] {
        &self.jacobian_places
    }

    fn hessian_places(&self) -> &[(usize, usize)] {
        &self.hessian_places
    }

    fn values(&mut self, z: &[f64], c: &mut [f64]) -> f64 {
        let (x, p, n) = self.split(z);
        // P itself may be infinite where only equations count.
        self.problem.values(x, c);
        let mut violations = 0.0;
        for ((c, p), n) in c.iter_mut().zip(p).zip(n) {
            *c += n - p;
            violations += p + n;
        }
        let moved = x.iter().zip(&self.from).zip(&self.prices);
        let moved: f64 = moved.map(|((x, from), price)| price * (x - from).powi(2)).sum();
        PRICE * violations + 0.5 * moved
    }

    fn slopes(&mut self, z: &[f64], gradient: &mut [f64], jacobian: &mut [f64]) {
        let (x, ..) = self.split(z);
        let (own, rest) = gradient.split_at_mut(x.len());
        let (inner, border) = jacobian.split_at_mut(self.problem.jacobian_places().len());
        self.problem.slopes(x, own, inner);
        for (k, slope) in own.iter_mut().enumerate() {
            *slope = self.prices[k] * (x[k] - self.from[k]);
        }
        rest.fill(PRICE);
        for pair in border.chunks_exact_mut(2) {
            pair.copy_from_slice(&[-1.0, 1.0]);
        }
    }

    fn hessian(&mut self, z: &[f64], sigma: f64, lambda: &[f64], entries: &mut [f64]) {
        let (x, ..) = self.split(z);
        let (inner, diagonal) = entries.split_at_mut(self.problem.hessian_places().len());
        self.problem.hessian(x, 0.0, lambda, inner);
        for (entry, price) in diagonal.iter_mut().zip(&self.prices) {
            *entry = sigma * price;
        }
    }

    fn is_enough(&mut self, z: &[f64]) -> bool {
        let (x, ..) = self.split(z);
        let mut c = std::mem::take(&mut self.remainders);
        c.resize(self.problem.equations(), 0.0);
        let value = self.problem.values(x, &mut c);
        let violation = iterate::violation(&c);
        self.remainders = c;
        let value = with_barrier(self.problem, x, value, self.goal.barrier);
        value.is_finite()
            && violation <= self.goal.violation
            && self.goal.filter.accepts(violation, value)
    }

    fn can_be_restored(&self) -> bool {
        false
    }
}
