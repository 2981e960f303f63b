//! `ht`: how far points that were measured on a hand are from a model of it, bent by angles, and the Jacobian of that.
//!
//! The misses of one measured point are recorded: points are samples, which gather the vertices of their triangle. The bones'
//! transforms depend on nothing of a point, so they are computed once a call.

use serde::Deserialize;
use serde_json::json;
use uphill::engine::{OverSamples, Samples};
use uphill::prelude::*;

use crate::compiled::CompiledSamples;
use crate::error::Error;
use crate::timing::{Timed, runs, timed};

#[derive(Deserialize)]
struct Input {
    theta: Vec<f64>,
    data: Data,
    us: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Data {
    model: Model,
    correspondences: Vec<usize>,
    points: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Model {
    parents: Vec<i64>,
    base_relatives: Vec<Vec<Vec<f64>>>,
    inverse_base_absolutes: Vec<Vec<Vec<f64>>>,
    base_positions: Vec<Vec<f64>>,
    weights: Vec<Vec<f64>>,
    triangles: Vec<Vec<usize>>,
    is_mirrored: bool,
}

/// Angles of the whole, where it is, and four of each finger.
const THETA: usize = 26;
const FINGERS: usize = 5;

/// Three rows of four numbers: a matrix that turns, and what is added. The fourth row is 0, 0, 0, 1.
type Transform<S> = [[S; 4]; 3];

/// First `b`, then `a`.
fn after<S: Scalar>(a: &Transform<S>, b: &Transform<S>) -> Transform<S> {
    let entry = |i: usize, j: usize| {
        let sum = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
        if j == 3 { sum + a[i][3] } else { sum }
    };
    std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
}

fn applied<S: Scalar>(a: &Transform<S>, x: &[S; 3]) -> [S; 3] {
    std::array::from_fn(|i| a[i][0] * x[0] + a[i][1] * x[1] + a[i][2] * x[2] + a[i][3])
}

/// The transform of a joint: a turn about its first axis, and for the first joint of a finger one about its second too.
fn joint<S: Scalar>(bend: S, spread: Option<S>) -> Transform<S> {
    let [zero, one] = [0.0, 1.0].map(S::constant);
    let (sin, cos) = (bend.sin(), bend.cos());
    let bent = [[one, zero, zero, zero], [zero, cos, -sin, zero], [zero, sin, cos, zero]];
    let Some(spread) = spread else { return bent };
    let (s, c) = (spread.sin(), spread.cos());
    [[c, -s * cos, s * sin, zero], [s, c * cos, -c * sin, zero], bent[2]]
}

/// The turn of the whole about an axis as long as the angle; none if that is small.
fn turn<S: Scalar>(axis: &[S]) -> [[S; 3]; 3] {
    let angle = (axis[0].square() + axis[1].square() + axis[2].square()).sqrt();
    let is_small = angle.less(S::constant(1e-4));
    let [x, y, z] = [0, 1, 2].map(|k| axis[k] / angle);
    let (s, c) = (angle.sin(), angle.cos());
    let rest = 1.0 - c;
    let turned = [
        [x * x + (1.0 - x * x) * c, x * y * rest - z * s, x * z * rest + y * s],
        [x * y * rest + z * s, y * y + (1.0 - y * y) * c, y * z * rest - x * s],
        [x * z * rest - y * s, z * y * rest + x * s, z * z + (1.0 - z * z) * c],
    ];
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let not_at_all = S::constant(if i == j { 1.0 } else { 0.0 });
            S::select(is_small, not_at_all, turned[i][j])
        })
    })
}

/// What there is of a hand, without its numbers.
#[derive(Clone)]
struct Shape {
    parents: Vec<Option<usize>>,
    is_mirrored: bool,
    vertices: usize,
    /// Vertices that a point lies between.
    corners: usize,
}

/// The columns of a measured point that differ from point to point.
const CORNERS: [[&str; 3]; 3] = [
    ["first position", "first weights", "first"],
    ["second position", "second weights", "second"],
    ["third position", "third weights", "third"],
];

impl Shape {
    fn bones(&self) -> usize {
        self.parents.len()
    }

    /// What each bone does to a vertex; `matrices` holds those between a bone and its parent at rest, then those back.
    fn transforms<S: Scalar>(&self, theta: &[S], matrices: &[S]) -> Vec<Transform<S>> {
        let matrix = |k: usize| -> Transform<S> {
            std::array::from_fn(|i| std::array::from_fn(|j| matrices[12 * k + 4 * i + j]))
        };
        // The wrist is stiff, and so are the first of a finger's four bones and the forearm, which is the last.
        let mut angles = vec![None; self.bones()];
        for finger in 0..FINGERS {
            let own = &theta[6 + 4 * finger..];
            let first = 2 + 4 * finger;
            let joints = [(own[0], Some(own[1])), (own[2], None), (own[3], None)];
            for (bone, joint) in angles[first..first + 3].iter_mut().zip(joints) {
                *bone = Some(joint);
            }
        }
        let mut absolutes: Vec<Transform<S>> = Vec::with_capacity(self.bones());
        for (bone, parent) in self.parents.iter().enumerate() {
            let at_rest = matrix(bone);
            let own = match angles[bone] {
                Some((bend, spread)) => after(&at_rest, &joint(bend, spread)),
                None => at_rest,
            };
            absolutes.push(match parent {
                Some(parent) => after(&absolutes[*parent], &own),
                None => own,
            });
        }
        let back = |(bone, absolute)| after(absolute, &matrix(self.bones() + bone));
        absolutes.iter().enumerate().map(back).collect()
    }

    /// Where a vertex goes to: the mean of where its bones bring it, by their weights.
    fn vertex<S: Scalar>(&self, transforms: &[Transform<S>], rest: &[S], weights: &[S]) -> [S; 3] {
        let rest = [rest[0], rest[1], rest[2]];
        let mut place = [S::constant(0.0); 3];
        for (transform, &weight) in transforms.iter().zip(weights) {
            let moved = applied(transform, &rest);
            (0..3).for_each(|i| place[i] += weight * moved[i]);
        }
        place
    }

    fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::new();
        if self.corners == 3 {
            inputs = inputs.variables("u", 2);
        }
        inputs = inputs.variables("theta", THETA).parameters("matrices", 24 * self.bones());
        for [position, weights, _] in &CORNERS[..self.corners] {
            inputs = inputs.parameters(*position, 3).parameters(*weights, self.bones());
        }
        inputs.parameters("measured", 3)
    }

    /// By how much one measured point is missed.
    fn missed<S: Scalar>(&self, all: &[S]) -> [S; 3] {
        let (u, all) = all.split_at(self.corners - 1);
        let (theta, all) = all.split_at(THETA);
        let (matrices, all) = all.split_at(24 * self.bones());
        let (corners, measured) = all.split_at(self.corners * (3 + self.bones()));
        let transforms = self.transforms(theta, matrices);
        let corner = |all: &[S]| self.vertex(&transforms, &all[..3], &all[3..]);
        let corners: Vec<[S; 3]> = corners.chunks_exact(3 + self.bones()).map(corner).collect();
        let mut between = corners[0];
        if let ([a, b], [first, second, third]) = (u, corners.as_slice()) {
            let last = 1.0 - *a - *b;
            between = std::array::from_fn(|i| *a * first[i] + *b * second[i] + last * third[i]);
        }
        if self.is_mirrored {
            between[0] = -between[0];
        }
        let turn = turn(&theta[..3]);
        std::array::from_fn(|i| {
            let [x, y, z] = between;
            measured[i] - (turn[i][0] * x + turn[i][1] * y + turn[i][2] * z + theta[3 + i])
        })
    }

    fn compile(
        &self,
        take: impl Fn(&Function) -> Result<Function, Error>,
    ) -> Result<CompiledSamples, Error> {
        let function = Function::record_many(self.inputs(), |all| {
            let [x, y, z] = self.missed(all);
            vec![x.named("x"), y.named("y"), z.named("z")]
        })?;
        let columns = if self.corners == 3 { &["u", "measured"][..] } else { &["measured"] };
        let mut over = OverSamples::new(take(&function)?, columns.iter().copied())?;
        for [position, weights, which] in &CORNERS[..self.corners] {
            over = over.gathered(position, "positions", self.vertices, which)?.gathered(
                weights,
                "weights",
                self.vertices,
                which,
            )?;
        }
        CompiledSamples::new(&over)
    }
}

/// A hand in numbers, as programs take them.
struct Hand {
    shape: Shape,
    shared: Vec<f64>,
    columns: Vec<f64>,
    width: usize,
}

impl Hand {
    fn new(input: &str) -> Result<Hand, Error> {
        let Input { theta, data: Data { model, correspondences, points }, us } =
            serde_json::from_str(input)?;
        let bones = model.parents.len();
        let wrong = |what: String| Err(Error::Input(what));
        if theta.len() != THETA || bones < 2 + 4 * FINGERS {
            return wrong(format!(
                "expected {THETA} angles and at least {} bones, got {} and {bones}",
                2 + 4 * FINGERS,
                theta.len()
            ));
        }
        let corners = if us.is_empty() { 1 } else { 3 };
        let parent = |(bone, &parent): (usize, &i64)| match usize::try_from(parent) {
            Ok(parent) if parent >= bone => Err(Error::Input(format!(
                "bone {bone} has the parent {parent}, expected an earlier one"
            ))),
            parent => Ok(parent.ok()),
        };
        let parents: Vec<_> =
            model.parents.iter().enumerate().map(parent).collect::<Result<_, _>>()?;
        let vertices = model.base_positions.len();
        let shape = Shape { parents, is_mirrored: model.is_mirrored, vertices, corners };
        let matrices = [model.base_relatives, model.inverse_base_absolutes].concat();
        let homogeneous = |row: &[f64]| row == [0.0, 0.0, 0.0, 1.0];
        if !matrices.iter().all(|matrix| matrix.len() == 4 && homogeneous(&matrix[3]))
            || !model
                .base_positions
                .iter()
                .all(|position| position.len() == 4 && position[3] == 1.0)
        {
            return wrong(
                "expected transforms that end with 0, 0, 0, 1 and positions that end with 1".into(),
            );
        }
        let three_rows = matrices.iter().flat_map(|matrix| &matrix[..3]).flatten().copied();
        let positions = model.base_positions.iter().flat_map(|position| &position[..3]).copied();
        let mut shared = theta;
        shared.extend(three_rows);
        shared.extend(positions);
        shared.extend(model.weights.iter().flatten());
        let mut columns = Vec::new();
        for (i, (&which, point)) in correspondences.iter().zip(&points).enumerate() {
            if corners == 3 {
                columns.extend(&us[i]);
            }
            columns.extend(point);
            match corners {
                3 => columns.extend(model.triangles[which].iter().map(|&vertex| vertex as f64)),
                _ => columns.push(which as f64),
            }
        }
        let width = if corners == 3 { 8 } else { 4 };
        let counts = [shared.len(), columns.len()];
        let due = [THETA + 24 * bones + (3 + bones) * vertices, width * correspondences.len()];
        if counts != due {
            return wrong(format!(
                "expected {due:?} numbers of the model and of points, got {counts:?}"
            ));
        }
        Ok(Hand { shape, shared, columns, width })
    }
}

pub(crate) fn run(function: &str, input: &str) -> Result<Timed, Error> {
    let hand = Hand::new(input)?;
    let samples = Samples::rows(&hand.columns, hand.width)?;
    let count = samples.len();
    let prepare = || match function {
        "objective" => hand.shape.compile(|f| Ok(f.clone())),
        "jacobian" => hand.shape.compile(|f| Ok(f.jacobian()?)),
        _ => Err(Error::Function(function.into(), "objective, jacobian")),
    };
    // A program gives one number after the other for all points, GradBench wants those of a point together.
    let output = |p: &CompiledSamples| {
        let all = |row: usize| {
            let width = p.outputs.len() / (3 * count);
            let (point, coordinate) = (row / 3, row % 3);
            let entry = move |k: usize| p.outputs[(coordinate * width + k) * count + point];
            (0..width).map(entry).collect::<Vec<f64>>()
        };
        let rows: Vec<Vec<f64>> = (0..3 * count).map(all).collect();
        if function == "objective" { json!(rows.concat()) } else { json!(rows) }
    };
    timed(runs(input)?, prepare, |p| p.run(&hand.shared, &samples), output)
}
