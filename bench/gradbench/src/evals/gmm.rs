//! `gmm`: how likely points are by a mixture of Gaussian bells with a Wishart prior.
//!
//! The term of one point is recorded; points are samples. What follows the sum is a function of it and of the parameters, so
//! value and gradient are one pass over the points.

use std::f64::consts::PI;
use std::ops::Range;

use serde::Deserialize;
use serde_json::json;
use uphill::engine::{OverSamples, Samples};
use uphill::prelude::*;

use crate::compiled::CompiledSamples;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    d: usize,
    k: usize,
    n: usize,
    x: Vec<Vec<f64>>,
    m: f64,
    gamma: f64,
    alpha: Vec<f64>,
    mu: Vec<Vec<f64>>,
    q: Vec<Vec<f64>>,
    l: Vec<Vec<f64>>,
}

/// How many numbers there are of each kind, and where they lie among the parameters: alpha, mu, q, l.
#[derive(Debug, Clone, Copy)]
struct Shape {
    bells: usize,
    dimensions: usize,
}

impl Shape {
    /// Numbers below the diagonal of one bell's triangle.
    fn below(self) -> usize {
        self.dimensions * (self.dimensions - 1) / 2
    }

    fn mu(self, bell: usize) -> Range<usize> {
        let start = self.bells + bell * self.dimensions;
        start..start + self.dimensions
    }

    fn q(self, bell: usize) -> Range<usize> {
        let start = self.bells * (1 + self.dimensions) + bell * self.dimensions;
        start..start + self.dimensions
    }

    fn l(self, bell: usize) -> Range<usize> {
        let start = self.bells * (1 + 2 * self.dimensions) + bell * self.below();
        start..start + self.below()
    }

    fn parameters(self) -> usize {
        self.bells * (1 + 2 * self.dimensions + self.below())
    }
}

/// The logarithm of what all bells give at a point, but for factors that all points share.
fn point<S: Scalar>(shape: Shape, w: &[S], x: &[S]) -> S {
    let d = shape.dimensions;
    let mut bells = Vec::with_capacity(shape.bells);
    for bell in 0..shape.bells {
        let (mu, q, l) = (&w[shape.mu(bell)], &w[shape.q(bell)], &w[shape.l(bell)]);
        let away: Vec<S> = (0..d).map(|i| x[i] - mu[i]).collect();
        let mut y: Vec<S> = (0..d).map(|i| q[i].exp() * away[i]).collect();
        // Column after column of what is below the diagonal.
        let mut below = l.iter();
        for (i, &away) in away.iter().enumerate() {
            for (y, &l) in y[i + 1..].iter_mut().zip(&mut below) {
                *y += l * away;
            }
        }
        let mut squares = S::constant(0.0);
        for &y in &y {
            squares += y * y;
        }
        let logarithm: S = q.iter().copied().sum();
        bells.push(w[bell] + logarithm - 0.5 * squares);
    }
    S::log_sum_exp(&bells)
}

/// What is added to the sum over points: factors that all share, weights that sum to 1, and the prior.
fn rest<S: Scalar>(shape: Shape, w: &[S], gamma: S, m: S, points: usize) -> S {
    let d = shape.dimensions;
    let freedom = m + (d + 1) as f64;
    let mut ln_gammas = S::constant(0.25 * (d * (d - 1)) as f64 * PI.ln());
    for j in 0..d {
        ln_gammas += (0.5 * freedom - 0.5 * j as f64).ln_gamma();
    }
    let wishart = freedom * d as f64 * (gamma.ln() - 0.5 * 2.0_f64.ln()) - ln_gammas;
    let q = &w[shape.q(0).start..shape.l(0).start];
    let l = &w[shape.l(0).start..];
    let mut squares = S::constant(0.0);
    let mut logarithms = S::constant(0.0);
    for &q in q {
        squares += q.exp().square();
        logarithms += q;
    }
    for &l in l {
        squares += l * l;
    }
    let prior = shape.bells as f64 * wishart - 0.5 * gamma * gamma * squares + m * logarithms;
    let normal = 0.5 * d as f64 * (2.0 * PI).ln() + S::log_sum_exp(&w[..shape.bells]);
    prior - points as f64 * normal
}

fn record(shape: Shape, points: usize) -> Result<OverSamples, Error> {
    let inputs = Inputs::new().variables("w", shape.parameters());
    let term = Function::record(inputs.parameters("x", shape.dimensions), |all| {
        let (w, x) = all.split_at(shape.parameters());
        point(shape, w, x).named("S")
    })?;
    let inputs = Inputs::new().variable("S").variables("w", shape.parameters());
    let outer = Function::record(inputs.parameter("gamma").parameter("m"), |all| {
        let (w, of_prior) = all[1..].split_at(shape.parameters());
        all[0] + rest(shape, w, of_prior[0], of_prior[1], points)
    })?;
    Ok(OverSamples::new(term, ["x"])?.sum().outer(&outer)?)
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { d, k, n, x, m, gamma, alpha, mu, q, l } = serde_json::from_str(input)?;
    let shape = Shape { bells: k, dimensions: d };
    let points = x.concat();
    let mut shared = [alpha, mu.concat(), q.concat(), l.concat()].concat();
    if shared.len() != shape.parameters() || points.len() != n * d {
        return Err(Error::Input(format!(
            "expected {} parameters and {n} points of {d} numbers, got {} parameters and {} numbers",
            shape.parameters(),
            shared.len(),
            points.len()
        )));
    }
    shared.extend([gamma, m]);
    let samples = Samples::rows(&points, d)?;
    let prepare = || match function {
        "objective" => CompiledSamples::new(&record(shape, n)?),
        "jacobian" => CompiledSamples::new(&record(shape, n)?.gradient()?),
        _ => Err(Error::Function(function.into(), "objective, jacobian")),
    };
    let output = |p: &CompiledSamples| {
        let all = &p.outputs;
        if function == "objective" {
            return json!(all[0]);
        }
        let rows = |of: &dyn Fn(usize) -> Range<usize>| -> Vec<&[f64]> {
            (0..k).map(|bell| &all[of(bell)]).collect()
        };
        json!({
            "alpha": all[..k],
            "mu": rows(&|bell| shape.mu(bell)),
            "q": rows(&|bell| shape.q(bell)),
            "l": rows(&|bell| shape.l(bell)),
        })
    };
    timed(runs(input)?, prepare, |p| p.run(&shared, &samples), output)
}
