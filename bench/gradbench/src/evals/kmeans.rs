//! `kmeans`: the squares of the distances between points and the nearest centroids, and Newton's step for the centroids.
//!
//! Which centroid is nearest is a value, computed by a program of its own: the minimum's slope is that of the one chosen. The
//! sum over points gathers each point's centroid by that, so its derivatives touch one centroid a point.

use serde::Deserialize;
use serde_json::json;
use uphill::engine::{OverSamples, Samples};
use uphill::prelude::*;

use crate::compiled::CompiledSamples;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    points: Vec<Vec<f64>>,
    centroids: Vec<Vec<f64>>,
}

fn distance<S: Scalar>(point: &[S], centroid: &[S]) -> S {
    let mut sum = S::constant(0.0);
    for (&p, &c) in point.iter().zip(centroid) {
        sum += (p - c) * (p - c);
    }
    sum
}

/// The least square of a distance from a point to a centroid, and the number of that centroid.
///
/// Half of |c|² - 2·p·c + |p|² tells which is nearest without its last term, and products of all points with all centroids are
/// dense blocks for a program.
fn nearest<S: Scalar>(point: &[S], centroids: &[S]) -> [S; 2] {
    let centroids = centroids.chunks_exact(point.len());
    let off = |centroid: &[S]| 0.5 * S::dot(centroid, centroid) - S::dot(centroid, point);
    let mut each = centroids.map(off).enumerate();
    let first = each.next().map_or(S::constant(f64::NAN), |(_, first)| first);
    let (mut least, mut which) = (first, S::constant(0.0));
    for (j, off) in each {
        let is_nearer = off.less(least);
        least = S::select(is_nearer, off, least);
        which = S::select(is_nearer, S::constant(j as f64), which);
    }
    [S::dot(point, point) + 2.0 * least, which]
}

/// What finds the nearest centroids, and derivatives of the sum of distances to those.
struct Direction {
    nearest: CompiledSamples,
    gradient: CompiledSamples,
    curvature: CompiledSamples,
    step: Vec<f64>,
}

impl Direction {
    fn new(d: usize, k: usize) -> Result<Direction, Error> {
        let inputs = Inputs::new().parameters("point", d).variables("centroid", d);
        let term = Function::record(inputs, |v| distance(&v[..d], &v[d..]))?;
        let sum = OverSamples::new(term, ["point"])?
            .gathered("centroid", "centroids", k, "nearest")?
            .sum();
        Ok(Direction {
            nearest: nearest_of(d, k, &["nearest"])?,
            gradient: CompiledSamples::new(&sum.gradient()?)?,
            curvature: CompiledSamples::new(&sum.hvp()?)?,
            step: vec![0.0; k * d],
        })
    }

    fn run(&mut self, points: &[f64], d: usize, centroids: &[f64]) -> Result<(), Error> {
        self.nearest.run(centroids, &Samples::rows(points, d)?)?;
        let samples = Samples::rows(points, d)?.beside(&self.nearest.outputs, 1)?;
        self.gradient.run(centroids, &samples)?;
        let ones = vec![1.0; centroids.len()];
        // The Hessian is diagonal: its product with ones has all of it.
        self.curvature.run(&[centroids, &ones].concat(), &samples)?;
        let derivatives = self.gradient.outputs.iter().zip(&self.curvature.outputs);
        for (step, (slope, curvature)) in self.step.iter_mut().zip(derivatives) {
            *step = slope / curvature;
        }
        Ok(())
    }
}

/// Of each point, what [`nearest`] gives of these names.
fn nearest_of(d: usize, k: usize, names: &[&str]) -> Result<CompiledSamples, Error> {
    let inputs = Inputs::new().parameters("point", d).variables("centroids", k * d);
    let term = Function::record_many(inputs, |v| {
        let [least, which] = nearest(&v[..d], &v[d..]);
        vec![least.named("least"), which.named("nearest")]
    })?;
    let over = OverSamples::new(term.select(names)?, ["point"])?;
    CompiledSamples::written_out(&if names == ["least"] { over.sum() } else { over })
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let Input { points, centroids } = serde_json::from_str(input)?;
    let (k, d) = (centroids.len(), centroids.first().map_or(0, Vec::len));
    let (points, centroids) = (points.concat(), centroids.concat());
    if d == 0 || points.len() % d != 0 || centroids.len() != k * d {
        return Err(Error::Input(format!("expected points and centroids of {d} numbers")));
    }
    match function {
        "cost" => {
            let prepare = || nearest_of(d, k, &["least"]);
            let samples = Samples::rows(&points, d)?;
            let evaluate = |p: &mut CompiledSamples| p.run(&centroids, &samples);
            timed(runs(input)?, prepare, evaluate, |p| json!(p.outputs[0]))
        }
        "dir" => {
            let prepare = || Direction::new(d, k);
            let evaluate = |p: &mut Direction| p.run(&points, d, &centroids);
            let output = |p: &Direction| json!(p.step.chunks_exact(d).collect::<Vec<_>>());
            timed(runs(input)?, prepare, evaluate, output)
        }
        _ => Err(Error::Function(function.into(), "cost, dir")),
    }
}
