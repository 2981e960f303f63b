//! `ba`: by how much cameras and points miss what was observed, and the sparse Jacobian of that.
//!
//! The errors of one observation are recorded, and its Jacobian; observations are samples that gather their camera and point.
//! Each observation is computed by itself, though GradBench repeats one input for all.

use serde::Deserialize;
use serde_json::json;
use uphill::engine::{OverSamples, Samples};
use uphill::prelude::*;

use crate::compiled::CompiledSamples;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

/// Numbers of a camera: rotation, centre, focal length, principal point and two of distortion.
const CAMERA: usize = 11;
/// What an observation's errors depend on: a camera, a point and a weight.
const WIDTH: usize = CAMERA + 3 + 1;
/// Observations that go through a program together, so that what it gives is still near when it is put in its place.
const BLOCK: usize = 1024;

#[derive(Deserialize)]
struct Input {
    n: usize,
    m: usize,
    p: usize,
    cam: Vec<f64>,
    x: Vec<f64>,
    w: f64,
    feat: Vec<f64>,
}

fn cross<S: Scalar>(a: [S; 3], b: [S; 3]) -> [S; 3] {
    let minor = |i: usize, j: usize| a[i] * b[j] - a[j] * b[i];
    [minor(1, 2), minor(2, 0), minor(0, 1)]
}

/// A point turned about an axis that is as long as the angle.
fn turned<S: Scalar>(rotation: [S; 3], point: [S; 3]) -> [S; 3] {
    let square = S::dot(&rotation, &rotation);
    let angle = square.sqrt();
    let (sin, cos) = (angle.sin(), angle.cos());
    let axis = rotation.map(|x| x / angle);
    let (across, along) = (cross(axis, point), S::dot(&axis, &point) * (1.0 - cos));
    let hardly = cross(rotation, point);
    std::array::from_fn(|i| {
        let far = point[i] * cos + across[i] * sin + axis[i] * along;
        S::select(square.not_equal(S::constant(0.0)), far, point[i] + hardly[i])
    })
}

/// By how much an observation is missed, times its weight.
fn missed<S: Scalar>(camera: &[S], point: &[S], weight: S, observed: &[S]) -> [S; 2] {
    let away = std::array::from_fn(|i| point[i] - camera[3 + i]);
    let seen = turned([camera[0], camera[1], camera[2]], away);
    let flat = [seen[0] / seen[2], seen[1] / seen[2]];
    let square = flat[0] * flat[0] + flat[1] * flat[1];
    let distorted = 1.0 + camera[9] * square + camera[10] * square * square;
    let at = |k: usize| flat[k] * distorted * camera[6] + camera[7 + k];
    [0, 1].map(|k| weight * (at(k) - observed[k]))
}

/// The error of a weight.
fn of_weight<S: Scalar>(weight: S) -> S {
    1.0 - weight * weight
}

/// All cameras and points, and observations row by row.
struct Scene {
    cameras: usize,
    points: usize,
    shared: Vec<f64>,
    weights: Vec<f64>,
    observed: Vec<f64>,
    /// Which camera and point an observation is of.
    which: Vec<f64>,
}

impl Scene {
    fn new(input: &str) -> Result<Scene, Error> {
        let Input { n, m, p, cam, x, w, feat } = serde_json::from_str(input)?;
        if cam.len() != CAMERA || x.len() != 3 || feat.len() != 2 || n * m * p == 0 {
            return Err(Error::Input(
                "expected a camera of 11 numbers, a point and a feature".into(),
            ));
        }
        Ok(Scene {
            cameras: n,
            points: m,
            shared: [cam.repeat(n), x.repeat(m)].concat(),
            weights: vec![w; p],
            observed: feat.repeat(p),
            which: (0..p).flat_map(|i| [(i % n) as f64, (i % m) as f64]).collect(),
        })
    }

    fn len(&self) -> usize {
        self.weights.len()
    }

    fn errors(&self) -> Result<[Function; 2], Error> {
        let inputs = Inputs::new().variables("camera", CAMERA).variables("point", 3).variable("w");
        let of_place = Function::record_many(inputs.parameters("observed", 2), |v| {
            let (camera, rest) = v.split_at(CAMERA);
            let [x, y] = missed(camera, &rest[..3], rest[3], &rest[4..]);
            vec![x.named("x"), y.named("y")]
        })?;
        Ok([of_place, Function::record(["w"], |w| of_weight(w[0]))?])
    }

    /// Programs of a function of [`Scene::errors`] and of what is asked of it, one observation at a time.
    fn compile(
        &self,
        take: impl Fn(&Function) -> Result<Function, Error>,
    ) -> Result<[CompiledSamples; 2], Error> {
        let [of_place, of_weight] = self.errors()?;
        let of_place = OverSamples::new(take(&of_place)?, ["w", "observed"])?
            .gathered("camera", "cameras", self.cameras, "which camera")?
            .gathered("point", "points", self.points, "which point")?;
        let of_weight = OverSamples::new(take(&of_weight)?, ["w"])?;
        Ok([CompiledSamples::new(&of_place)?, CompiledSamples::new(&of_weight)?])
    }

    /// Observations of a range.
    fn samples(&self, range: std::ops::Range<usize>) -> Result<Samples<'_>, Error> {
        let twice = 2 * range.start..2 * range.end;
        let weights = Samples::rows(&self.weights[range], 1)?;
        Ok(weights.beside(&self.observed[twice.clone()], 2)?.beside(&self.which[twice], 2)?)
    }
}

/// A sparse matrix by rows: where each begins, columns and numbers.
struct Jacobian {
    programs: [CompiledSamples; 2],
    rows: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl Jacobian {
    fn new(scene: &Scene) -> Result<Jacobian, Error> {
        let programs = scene.compile(|f| Ok(f.jacobian()?))?;
        let count = (2 * WIDTH + 1) * scene.len();
        let (columns, values) = (vec![0; count], vec![0.0; count]);
        Ok(Jacobian { programs, rows: vec![0; 3 * scene.len() + 1], columns, values })
    }

    fn run(&mut self, scene: &Scene) -> Result<(), Error> {
        let observations = scene.len();
        let [of_place, of_weight] = &mut self.programs;
        let (places, weights) = self.values.split_at_mut(2 * WIDTH * observations);
        for (block, values) in places.chunks_mut(2 * WIDTH * BLOCK).enumerate() {
            let start = block * BLOCK;
            let count = values.len() / (2 * WIDTH);
            of_place.run(&scene.shared, &scene.samples(start..start + count)?)?;
            // A program gives one number after the other for all samples; the matrix has those of a row together.
            for (i, values) in values.chunks_exact_mut(2 * WIDTH).enumerate() {
                for (k, value) in values.iter_mut().enumerate() {
                    *value = of_place.outputs[k * count + i];
                }
            }
        }
        of_weight.run(&[], &Samples::rows(&scene.weights, 1)?)?;
        weights.copy_from_slice(&of_weight.outputs);
        self.place(scene);
        Ok(())
    }

    /// Where the numbers of the matrix stand.
    fn place(&mut self, scene: &Scene) {
        let (observations, cameras) = (scene.len(), CAMERA * scene.cameras);
        let first_weight = (cameras + 3 * scene.points) as u32;
        let (places, weights) = self.columns.split_at_mut(2 * WIDTH * observations);
        let rows = places.chunks_exact_mut(2 * WIDTH).zip(scene.which.chunks_exact(2));
        for (i, (columns, which)) in rows.enumerate() {
            let camera = CAMERA as u32 * which[0] as u32;
            let point = cameras as u32 + 3 * which[1] as u32;
            for columns in columns.chunks_exact_mut(WIDTH) {
                (0..CAMERA as u32).for_each(|k| columns[k as usize] = camera + k);
                (0..3).for_each(|k| columns[CAMERA + k as usize] = point + k);
                columns[WIDTH - 1] = first_weight + i as u32;
            }
        }
        weights.iter_mut().enumerate().for_each(|(i, column)| *column = first_weight + i as u32);
        let (mut end, width) = (0, |row| if row < 2 * observations { WIDTH as u32 } else { 1 });
        for (row, start) in self.rows[1..].iter_mut().enumerate() {
            end += width(row);
            *start = end;
        }
    }
}

/// What GradBench looks at: as many numbers as the first observation has, and the last one.
fn shown<T: Copy>(all: &[T]) -> Vec<T> {
    all.iter().take(2 * WIDTH).chain(all.last()).copied().collect()
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let scene = Scene::new(input)?;
    match function {
        "objective" => {
            let prepare = || scene.compile(|f| Ok(f.clone()));
            let evaluate = |[of_place, of_weight]: &mut [CompiledSamples; 2]| {
                of_place.run(&scene.shared, &scene.samples(0..scene.len())?)?;
                of_weight.run(&[], &Samples::rows(&scene.weights, 1)?)
            };
            let output = |[of_place, of_weight]: &[CompiledSamples; 2]| {
                let (x, y) = of_place.outputs.split_at(scene.len());
                json!({
                    "reproj_error": {"elements": [x[0], y[0]], "repeated": x.len()},
                    "w_err": {"element": of_weight.outputs[0], "repeated": of_weight.outputs.len()},
                })
            };
            timed(runs(input)?, prepare, evaluate, output)
        }
        "jacobian" => {
            let output = |p: &Jacobian| {
                json!({
                    "rows": shown(&p.rows), "cols": shown(&p.columns), "vals": shown(&p.values),
                })
            };
            timed(runs(input)?, || Jacobian::new(&scene), |p| p.run(&scene), output)
        }
        _ => Err(Error::Function(function.into(), "objective, jacobian")),
    }
}
