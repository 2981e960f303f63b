//! A model as ONNX gives the answers of the model, whatever its recipe does with columns and however its network is wired.

#[path = "../../uphill-onnx/tests/onnx/reader.rs"]
mod reader;

use reader::{listed, outputs};
use uphill_graph::Scalar;
use uphill_learn::{Measure, Regularised, Settings, TableModel};
use uphill_nn::{Activation, Convention, Method, Model, Network, NodeSpec, Order, Rate, Start};
use uphill_onnx::Width;
use uphill_table::Format;
use uphill_table::recipe::{Input, Recipe, Target};

fn number(column: &str, fill: Option<f64>) -> Input {
    Input::Number { column: column.into(), center: 0.5, width: 2.0, fill }
}

fn kinds(fill: Option<Vec<f64>>) -> Input {
    let categories = ["blue", "green", "red"].map(String::from).to_vec();
    Input::Categories { column: "kind".into(), categories, fill }
}

fn classes() -> Target {
    let classes = ["no", "perhaps", "yes"].map(String::from).to_vec();
    Target::Classes { column: "answer".into(), classes, whole_numbers: false }
}

/// Four inputs; nodes that skip layers, share weights and have three activations, and outputs in another order.
fn wired() -> Network {
    let bell = Activation::custom("bell", |x| (-x * x).exp()).unwrap();
    Network::builder()
        .inputs(["a", "b", "c", "d"])
        .node(NodeSpec::new("h1").fed_by(["a", "b"]).threshold())
        .node(NodeSpec::new("h2").fed_by(["c", "d"]).fed_by_shared("a", "w").bias())
        .node(NodeSpec::new("h3").fed_by(["h1", "d"]).fed_by_shared("b", "w").activation(bell))
        .node(NodeSpec::new("free").bias().activation(Activation::Gelu))
        .node(NodeSpec::new("o").fed_by(["h3", "h2", "free", "a"]).activation(Activation::Identity))
        .outputs(["o"])
        .build()
        .unwrap()
}

fn layered(layers: &[usize], hidden: Activation, output: Activation) -> Network {
    Network::layered(layers).hidden(hidden).output(output).bias().build().unwrap()
}

#[test]
fn answers_are_those_of_the_model() {
    let settings = Settings {
        performance: Regularised { measure: Measure::SquaredError, decay: 0.0 },
        order: Order::FullBatch,
        method: Method::Plain,
        convention: Convention::Slides,
        start: Start::Xavier,
        rate: Rate::Constant(0.1),
        seed: 0,
        test: 0.25,
        validation: 0.0,
        patience: None,
    };
    let target = || Target::Number { column: "y".into(), center: -3.0, width: 4.0 };
    let shares = vec![0.5, 0.25, 0.25];
    let nan = f64::NAN;
    for (name, network, inputs, target) in [
        ("wired", wired(), vec![number("a", None), kinds(None)], target()),
        (
            "classes",
            layered(&[4, 5, 3], Activation::Sigmoid, Activation::Softmax),
            vec![number("a", Some(0.125)), kinds(Some(shares))],
            classes(),
        ),
        (
            "several layers",
            layered(&[2, 3, 3, 3], Activation::Silu, Activation::Elu),
            vec![number("a", None), number("b", Some(1.0))],
            classes(),
        ),
        (
            "softplus",
            layered(&[3, 2, 1], Activation::Softplus, Activation::Softsign),
            vec![kinds(None)],
            target(),
        ),
    ] {
        let weights: Vec<f64> =
            (0..network.weight_count()).map(|k| ((k * 7919) % 23) as f64 / 11.0 - 1.0).collect();
        let model = Model::new(&network, &weights).unwrap();
        let recipe = Recipe { format: Format::default(), inputs, target };
        let model = TableModel { recipe, settings: settings.clone(), model };
        let file = model.to_onnx(Width::Double).unwrap();
        let width = model.recipe.inputs.len();
        for row in [
            vec![0.25, 2.0],
            vec![-1.0, 0.0],
            vec![7.5, 1.0],
            vec![nan, 1.0],
            vec![1.0, nan],
            vec![nan, nan],
        ] {
            // The last column alone is of categories, if any is.
            let mut row: Vec<f64> = if width == 1 { vec![row[1]] } else { row };
            let is_missing = |k: usize| row[k].is_nan();
            if (0..width).any(|k| is_missing(k) && !model.recipe.inputs[k].is_filled()) {
                continue;
            }
            let mut encoded = Vec::new();
            model.recipe.encode_inputs(&row, &mut encoded);
            let expected = network.computed(&weights, &encoded).unwrap();
            let answer = model.recipe.answer(&expected);
            let mut all = vec![answer];
            if let Target::Classes { .. } = model.recipe.target {
                all.extend(expected);
            }
            // A missing text is the place behind all others.
            for (input, number) in model.recipe.inputs.iter().zip(&mut row) {
                if matches!(input, Input::Categories { .. }) && number.is_nan() {
                    *number = 3.0;
                }
            }
            let found = outputs(&file, &row);
            assert_eq!(found.len(), all.len(), "{name}");
            for (found, expected) in found.iter().zip(&all) {
                assert!(
                    (found - expected).abs() <= 1e-14 * (1.0 + expected.abs()),
                    "{name} {row:?}: {found} {expected}"
                );
            }
        }
        let single = listed(&model.to_onnx(Width::Single).unwrap());
        assert!(single.contains(": float [rows, 1]") || single.contains("kind: other"), "{single}");
        if name == "classes" {
            insta::assert_snapshot!(listed(&file));
        }
    }
}
