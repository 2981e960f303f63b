//! Cameras and points found from pictures: a function over observations whose inputs are gathered by columns of indices.
//!
//! Each observation is of one camera and one point, and its term is written for those alone. P is the sum over all of them;
//! its gradient goes to all cameras and points. The sparse Jacobian of the residuals is that of one observation, for each.
//!
//! Run: `cargo run --release --example bundle_adjustment`
#![allow(clippy::print_stdout)] // an example speaks to people

use std::time::Instant;

use uphill::engine::{Compiler, OverSamples, Samples};
use uphill::prelude::*;

const CAMERAS: usize = 49;
const POINTS: usize = 7_776;
const OBSERVATIONS: usize = 31_843;

/// Where a camera sees a point. A camera is a rotation about an axis, as long as its angle, a shift, a focal length and two
/// numbers for how its lens distorts.
fn seen<S: Scalar>(camera: &[S], point: &[S]) -> [S; 2] {
    let axis = &camera[..3];
    let angle = (S::dot(axis, axis) + 1e-12).sqrt();
    let (sin, cos) = (angle.sin() / angle, angle.cos());
    let along = S::dot(axis, point) * (1.0 - cos) / angle.square();
    let cross = |i: usize, j: usize| axis[i] * point[j] - axis[j] * point[i];
    let crossed = [cross(1, 2), cross(2, 0), cross(0, 1)];
    let turned = |k: usize| point[k] * cos + crossed[k] * sin + axis[k] * along + camera[3 + k];
    let [x, y] = [0, 1].map(|k| -turned(k) / turned(2));
    let from_centre = x.square() + y.square();
    let scale = camera[6] * (1.0 + from_centre * (camera[7] + from_centre * camera[8]));
    [scale * x, scale * y]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut state = 5_u64;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let start = [0.1, 0.1, 0.1, 0.5, 0.5, 3.0, 300.0, 0.01, 0.001];
    let cameras = (0..9 * CAMERAS).map(|k| start[k % 9] * (1.0 + 0.1 * random()));
    let mut unknown: Vec<f64> = cameras.collect();
    unknown.extend((0..3 * POINTS).map(|_| random()));
    let mut rows = Vec::with_capacity(4 * OBSERVATIONS);
    for k in 0..OBSERVATIONS {
        let (camera, point) = (k % CAMERAS, k * 31 % POINTS);
        let of_point = &unknown[9 * CAMERAS + 3 * point..][..3];
        let place = seen(&unknown[9 * camera..][..9], of_point).map(|x| x + random());
        rows.extend([place[0], place[1], camera as f64, point as f64]);
    }
    let samples = Samples::rows(&rows, 4)?;

    // The residuals of one observation, and P's term.
    let inputs =
        || Inputs::new().variables("camera", 9).variables("point", 3).parameters("seen", 2);
    let residuals = Function::record_many(inputs(), |v| {
        let place = seen(&v[..9], &v[9..12]);
        vec![(v[12] - place[0]).named("x"), (v[13] - place[1]).named("y")]
    })?;
    let term = Function::record(inputs(), |v| {
        let place = seen(&v[..9], &v[9..12]);
        -(v[12] - place[0]).square() - (v[13] - place[1]).square()
    })?;
    let over = |term: Function| -> Result<OverSamples, uphill::engine::Error> {
        OverSamples::new(term, ["seen"])?
            .gathered("camera", "cameras", CAMERAS, "which camera")?
            .gathered("point", "points", POINTS, "which point")
    };

    let begin = Instant::now();
    let p = over(term)?.sum();
    let gradient = Compiler::new().compile_samples(&p.with_gradient()?)?;
    let product = Compiler::new().compile_samples(&p.hvp()?)?;
    let jacobian = Compiler::new().compile_samples(&over(residuals.jacobian()?)?)?;
    println!("ready in {:.0} ms", begin.elapsed().as_secs_f64() * 1e3);

    let direction = vec![1.0; unknown.len()];
    let along = [unknown.as_slice(), &direction].concat();
    for (what, program, at) in [
        ("P and gradient", &gradient, &unknown),
        ("Hessian times a direction", &product, &along),
        ("sparse Jacobian", &jacobian, &unknown),
    ] {
        let mut workspace = program.workspace();
        let mut outputs = vec![0.0; program.output_length(samples.len())];
        program.run_samples(&mut workspace, at, &samples, &mut outputs)?;
        let begin = Instant::now();
        program.run_samples(&mut workspace, at, &samples, &mut outputs)?;
        let time = begin.elapsed().as_secs_f64() * 1e3;
        println!("{what}: {} numbers in {time:.1} ms", outputs.len());
    }
    Ok(())
}
