//! What several suites draw: the lecture's example, and its network while it learns.
#![allow(dead_code)] // not every suite uses all

use uphill_graph::Function;
use uphill_nn::{
    History, Network, NodeSpec, Outcome, Problem, Samples, SquaredError, Stop, Trainer,
};
use uphill_pictures::{Axis, Plane, Surface};

pub(crate) fn lecture() -> Function {
    Function::record(["w1", "w2", "w3"], |w| {
        let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
        let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
        3.0 * o1 - 7.0 * o2
    })
    .unwrap()
}

/// Exclusive or, with the weights in each row.
pub(crate) fn trained() -> (Network, Outcome) {
    let network = Network::builder()
        .inputs(["left", "right"])
        .node(NodeSpec::new("H1").threshold().fed_by(["left", "right"]))
        .node(NodeSpec::new("H2").threshold().fed_by(["left", "right"]))
        .node(NodeSpec::new("either").threshold().fed_by(["H1", "H2"]))
        .outputs(["either"])
        .build()
        .unwrap();
    let samples =
        Samples::new([[0., 0.], [0., 1.], [1., 0.], [1., 1.]], [[0.], [1.], [1.], [0.]]).unwrap();
    let outcome = Trainer::new(&network, SquaredError, &samples)
        .seed(4)
        .rate(2.0)
        .history(History::every(50).with_weights())
        .stop(Stop::changes(2000))
        .train()
        .unwrap();
    (network, outcome)
}

/// A hill with a path that has a point for each row of a history.
pub(crate) fn hill(outcome: &Outcome) -> Surface {
    let hill = |x: f64, y: f64| -(x * x + 2.0 * y * y);
    let rows = outcome.history.len();
    let path = (0..rows).map(|k| {
        let part = 1.0 - k as f64 / rows as f64;
        [1.5 * part, -part, hill(1.5 * part, -part)]
    });
    let axis = |name| Axis::new(name, -2.0, 2.0).unwrap();
    Surface::sample(axis("w1"), axis("w2"), hill).unwrap().path(path).unwrap()
}

/// Three classes of two inputs and a held one, with a penalty on weights; and the plane of the two.
pub(crate) fn classes() -> (Problem, Vec<f64>, Plane) {
    let network = Network::layered(&[3, 2, 3]).build().unwrap();
    let rows = [[0.4, 1.1, 0.2], [-0.9, -0.6, 0.0], [0.8, -0.7, -0.2], [0.2, 0.9, 0.1]];
    let desired = [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.], [0., 1., 0.]];
    let samples = Samples::new(rows, desired).unwrap();
    let performance = uphill_nn::WeightDecay { of: SquaredError, strength: 0.01 };
    let problem = Problem::new(&network, performance, &samples).unwrap();
    let weights: Vec<f64> =
        (0..network.weight_count()).map(|k| ((k * 7) % 11) as f64 / 3.0 - 1.6).collect();
    let axis = |name| Axis::new(name, -2.0, 6.0).unwrap();
    let plane = Plane::new([axis("long"), axis("wide")], [0, 1], [0.0, 0.0, 0.1], ["a", "b", "c"]);
    (problem, weights, plane.unwrap().scaled([[2.0, 2.0], [2.0, 2.0]]))
}
