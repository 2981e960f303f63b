//! Every message that a user's mistake can meet, word for word.

use uphill_nn::{
    Activation, BinaryCrossEntropy, Error, Method, Network, NodeSpec, Order, Problem, Rate,
    Samples, SquaredError, Start, Stop, Trainer,
};

use crate::cases::{family, pairs};

fn node(name: &str) -> NodeSpec {
    NodeSpec::new(name)
}

fn built(nodes: Vec<NodeSpec>) -> Result<Network, Error> {
    let builder = Network::builder().inputs(["x"]).outputs(["o"]);
    nodes.into_iter().fold(builder, |builder, spec| builder.node(spec)).build()
}

fn trained(with: impl FnOnce(Trainer<'static>) -> Trainer<'static>) -> Result<Network, Error> {
    let trainer = with(Trainer::new(&family(), SquaredError, &pairs()));
    trainer.train().map(|_| family())
}

#[test]
fn networks() {
    let o = || node("o").fed_by(["x"]);
    let soft = || Network::builder().inputs(["x"]).outputs(["o"]);
    let table = [
        (
            Network::layered(&[3]).build(),
            "the network can't be built: layers [3]: at least the number of inputs and that of outputs are needed",
        ),
        (
            Network::layered(&[3, 0, 1]).build(),
            "the network can't be built: layers [3, 0, 1]: layer 1 is empty",
        ),
        (
            built(vec![node("o").fed_by(["y"])]),
            "node `o` is fed by `y`, but no input or node is named so; known: x, o",
        ),
        (built(vec![]), "no node (an output) is named `o`; known: none"),
        (
            built(vec![
                o(),
                node("a").fed_by(["b"]),
                node("b").fed_by(["c"]),
                node("c").fed_by(["a", "x"]),
            ]),
            "the network has a cycle: a → c → b → a; a node can't wait for its own output",
        ),
        (
            built(vec![node("o").fed_by(["o"])]),
            "the network has a cycle: o → o; a node can't wait for its own output",
        ),
        (
            built(vec![o(), o()]),
            "a weight and another are both named `x→o`; give each a name of its own",
        ),
        (
            built(vec![o(), node("o").bias()]),
            "a node and another are both named `o`; give each a name of its own",
        ),
        (
            built(vec![o(), node("x").bias()]),
            "an input and a node are both named `x`; give each a name of its own",
        ),
        (
            built(vec![node("o").fed_by_shared("x", "x")]),
            "an input and a weight are both named `x`; give each a name of its own",
        ),
        (
            built(vec![o().bias().threshold()]),
            "the network can't be built: node `o` has two offsets; keep one",
        ),
        (
            built(vec![node("o")]),
            "the network can't be built: nothing feeds node `o`; give it sources with `fed_by`, or an offset",
        ),
        (
            built(vec![o(), node("a\n").bias()]),
            "the network can't be built: a node is named `a\\n`; a name is not empty, has no space at its ends and no control character",
        ),
        (
            built(vec![o().activation(Activation::Softmax)]),
            "the network can't be built: node `o`: softmax is over a layer of nodes; name them together with `softmax`",
        ),
        (
            soft().softmax([o(), node("p").fed_by(["o"])]).build(),
            "the network has a cycle: o → o; a node can't wait for its own output",
        ),
        (
            soft().node(o()).outputs(["o"]).build(),
            "the network can't be built: `o` is an output twice",
        ),
        (
            soft().node(o()).outputs(["x"]).build(),
            "the network can't be built: the output `x` is an input; put a node with identity activation between",
        ),
        (
            family().with_outputs::<&str>([]),
            "the network can't be built: it has no outputs; name some with `outputs`",
        ),
        (family().with_outputs(["B"]), "no node (an output) is named `B`; known: H1, H2, A, S"),
        (
            family().freeze(["Robert→H2"]),
            "no weight is named `Robert→H2`; known: threshold→H1, Robert→H1, Raquel→H1, Romeo→H1, threshold→H2, Joan→H2, James→H2, Juliet→H2, …",
        ),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}

#[test]
fn samples() {
    let new = |x: &[&[f64]], d: &[&[f64]]| Samples::new(x, d);
    let table = [
        (new(&[], &[]), "samples: there are none; give at least one"),
        (
            new(&[&[1.0]], &[]),
            "samples: 1 row of inputs but 0 of desired outputs; each sample has both",
        ),
        (new(&[&[1.0, 2.0], &[1.0]], &[]), "samples: inputs, row 1: 1 columns, but row 0 has 2"),
        (
            new(&[&[1.0], &[f64::INFINITY]], &[&[1.0], &[1.0]]),
            "samples: inputs, row 1, column 0: inf; give finite numbers",
        ),
        (
            new(&[&[1.0]], &[&[0.0, f64::NAN]]),
            "samples: desired outputs, row 0, column 1: NaN; give finite numbers",
        ),
        (
            Samples::from_flat(&[1.0; 5], 2, &[], 1),
            "samples: inputs: 5 numbers don't divide into rows of 2",
        ),
        (pairs().with_desired(&[2]), "samples: desired outputs have no column 2, only 2"),
        (
            pairs().split(15).map(|parts| parts.0),
            "samples: can't split 15 rows at 15: both parts need a row",
        ),
        (
            pairs().check_inputs(0.0..=0.5).map(|()| pairs()),
            "samples: inputs, row 0, column 0: 1; expected 0 to 0.5",
        ),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}

#[test]
fn problems() {
    let wide = Samples::new([[1.0, 2.0]], [[1.0, 1.0]]).unwrap();
    let beyond = Samples::new([[1.0; 6]], [[1.0, 1.5]]).unwrap();
    let problem = Problem::new(&family(), SquaredError, &pairs()).unwrap();
    let mut weights = [0.5; 14];
    weights[2] = f64::NAN;
    let table = [
        (
            Problem::new(&family(), SquaredError, &wide).map(|_| 0.0),
            "samples: rows of inputs have 2 columns, the network has 6",
        ),
        (
            Problem::new(&family(), BinaryCrossEntropy, &beyond).map(|_| 0.0),
            "samples: desired outputs, row 0, column 1: 1.5; expected 0 to 1",
        ),
        (problem.performance(&[0.5; 3]), "weights: expected 14 numbers, got 3"),
        (problem.performance(&weights), "weight `Raquel→H1` is NaN; weights must be finite"),
        (
            problem.hessian_vector(&[0.5; 14], &[1.0]).map(|_| 0.0),
            "the direction: expected 14 numbers, got 1",
        ),
        (
            family().weights_from([("H1->A", 1.0), ("H1→A", 1.0)]).map(|_| 0.0),
            "a value and another are both named `H1→A`; give each a name of its own",
        ),
        (
            family().weights_from([("H1->A", 1.0)]).map(|_| 0.0),
            "weights by name, without `threshold→H1`: expected 14 numbers, got 1",
        ),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}

#[test]
fn settings() {
    let table = [
        (
            trained(|t| t),
            "can't train: nothing says when to stop; add a rule, such as `.stop(Stop::changes(1000))`",
        ),
        (
            trained(|t| t.rate(-1.0)),
            "can't train: the rate is -1; give a positive one, uphill is the way of the gradient",
        ),
        (
            trained(|t| t.rate(f64::NAN)),
            "can't train: the rate is NaN; give a positive one, uphill is the way of the gradient",
        ),
        (
            trained(|t| t.rate(Rate::Step { first: 1.0, factor: 0.5, every: 0 })),
            "can't train: the rate schedule Step { first: 1.0, factor: 0.5, every: 0 }; give a positive factor, a decay ≥ 0, and at least 1 change",
        ),
        (
            trained(|t| t.order(Order::MiniBatch { size: 0, shuffled: true })),
            "can't train: mini-batches of 0 samples; give at least 1",
        ),
        (
            trained(|t| t.method(Method::Momentum { factor: 1.0 })),
            "can't train: the part that momentum keeps is 1; give a number from 0 up to, not including, 1",
        ),
        (
            trained(|t| t.stop(Stop::outputs_within(0.1).looked_at_every(0))),
            "can't train: the stop rule `every output is within 0.1 of the desired one, looked at every 0 changes`: look every change, or every 2 or more",
        ),
        (
            trained(|t| t.stop(Stop::outputs_within(0.0))),
            "can't train: the stop rule `every output is within 0 of the desired one`: give a distance above 0",
        ),
        (
            trained(|t| t.stop(Stop::no_progress(0, 1.0))),
            "can't train: the stop rule `the performance has not risen by 1 over 0 changes`: give at least 1 change",
        ),
        (
            trained(|t| t.method(Method::Adam { beta1: 0.5, beta2: 1.0, epsilon: 1.0 })),
            "can't train: Adam's second factor, beta2, is 1; give a number from 0 up to, not including, 1",
        ),
        (
            trained(|t| t.method(Method::Adam { beta1: 0.5, beta2: 0.5, epsilon: 0.0 })),
            "can't train: Adam's epsilon is 0; give one above 0",
        ),
        (
            trained(|t| t.validation(&pairs(), 0)),
            "can't train: a patience of 0 changes on validation data; give at least 1",
        ),
        (
            trained(|t| t.start(Start::Uniform(-1.0)).stop(Stop::changes(1))),
            "can't train: the start's width is -1; give a finite one ≥ 0",
        ),
        (
            trained(|t| t.weights(&[1.0]).stop(Stop::changes(1))),
            "weights: expected 14 numbers, got 1",
        ),
    ];
    for (result, expected) in table {
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}
