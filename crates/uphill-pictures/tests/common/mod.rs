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

/// A hill with a path along its gradient that has a point for each row of a history.
pub(crate) fn hill(outcome: &Outcome) -> Surface {
    let hill = |x: f64, y: f64| -(x * x + 2.0 * y * y);
    let rows = outcome.history.len();
    let path = (0..rows).map(|k| {
        let part = 1.0 - k as f64 / rows as f64;
        let (x, y) = (1.5 * part, -part * part);
        [x, y, hill(x, y)]
    });
    let axis = |name| Axis::new(name, -2.0, 2.0).unwrap();
    let surface = Surface::sample(axis("w1"), axis("w2"), hill).unwrap().equal_units();
    surface.path(path).unwrap()
}

/// Three classes in three places of a plane, an input that is held, and a penalty on weights; with weights that a short
/// training has found, and the plane.
pub(crate) fn classes() -> (Problem, Vec<f64>, Plane) {
    let network = Network::layered(&[3, 3, 3]).build().unwrap();
    let places = [[-1.0, -0.9], [1.1, -0.7], [0.1, 1.1]];
    let row = |k: u32| {
        let ([x, y], turn) = (places[k as usize % 3], f64::from(k) * 2.4);
        let away = 0.75 * f64::from(k % 7) / 6.0;
        [x + away * turn.cos(), y + away * turn.sin(), 0.2 * turn.sin()]
    };
    let desired = |k: u32| [0, 1, 2].map(|class| f64::from(u8::from(k % 3 == class)));
    let samples = Samples::new((0..36).map(row), (0..36).map(desired)).unwrap();
    let performance = uphill_nn::WeightDecay { of: SquaredError, strength: 0.01 };
    let trainer = Trainer::new(&network, performance, &samples).seed(2).rate(0.2);
    let outcome = trainer.stop(Stop::changes(250)).train().unwrap();
    let problem = Problem::new(&network, performance, &samples).unwrap();
    let axis = |name| Axis::new(name, -2.0, 6.0).unwrap();
    let plane = Plane::new([axis("long"), axis("wide")], [0, 1], [0.0; 3], ["a", "b", "c"]);
    (problem, outcome.weights, plane.unwrap().scaled([[2.0, 2.0], [2.0, 2.0]]))
}
