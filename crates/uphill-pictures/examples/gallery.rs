//! Writes every picture of this crate into a folder: `cargo run --release -p uphill-pictures --example gallery -- FOLDER`.
//!
//! The lecture's linear example, the hills of its Figure 1, its Acquaintance/Sibling network while it learns, regions of
//! two classes, and a curve fitted to data. With `--all`, every picture in both themes, as PNG too, and a view of the training.

use std::path::{Path, PathBuf};

use uphill_graph::{Dual, Function, Scalar};
use uphill_nn::{
    History, Network, NodeSpec, Outcome, Problem, Samples, SquaredError, Start, Stop, Trainer,
};
use uphill_pictures::{
    Axis, Fit, GraphPicture, Learning, NetworkPicture, Picture, Regions, Surface, Theme, View,
};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut folder = None;
    let mut all = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--all" => all = true,
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let folder = folder.ok_or("name a folder: gallery [--all] FOLDER")?;
    std::fs::create_dir_all(&folder)?;

    let (network, samples) = siblings()?;
    let outcome = learn(&network, &samples)?;
    let hills = hills()?;
    let linear = linear()?;
    let lecture = lecture()?;
    let siblings_surface = siblings_surface(&network, &samples, &outcome)?;
    let pictures = [
        ("surface-contours", hills.contours()),
        ("surface-solid", hills.solid()),
        ("surface-linear", linear.contours()),
        ("surface-siblings", siblings_surface.contours()),
        (
            "learning",
            Learning::of(&outcome.history)?
                .title("The Acquaintance/Sibling network learns")
                .picture(),
        ),
        ("graph", GraphPicture::new(&lecture)?.title("The lecture's example").picture()),
        (
            "graph-at-a-point",
            GraphPicture::at(&lecture, &[1.0, 1.0, 1.0])?
                .title("The lecture's example at w = (1, 1, 1)")
                .picture(),
        ),
        ("graph-network", network_graph(&network, &samples, &outcome)?),
        (
            "network",
            NetworkPicture::new(&network, &outcome.weights)?
                .title("The Acquaintance/Sibling network, trained")
                .picture(),
        ),
        ("regions", regions()?),
        ("fit", fit()?),
    ];
    for (name, picture) in &pictures {
        save(&folder, name, picture, all)?;
    }
    let view = View::new("The lecture's example").trace(&lecture, &[1.0, 1.0, 1.0])?;
    std::fs::write(folder.join("view.html"), view.html()?)?;
    if !all {
        return Ok(());
    }
    let view = view.training(&network, &outcome.history)?.surface(siblings_surface);
    std::fs::write(folder.join("view-training.html"), view.html()?)?;
    Ok(())
}

/// Exclusive or, by a product.
fn regions() -> Result<Picture, Failure> {
    let axis = |name| Axis::new(name, -1.5, 1.5);
    let outputs = |x: f64, y: f64| vec![x * y, -x * y];
    let samples = [
        ([1.0, 1.0], [0, 0]),
        ([-1.0, -1.0], [0, 0]),
        ([1.0, -1.0], [1, 1]),
        ([-1.0, 1.0], [1, 1]),
    ];
    let regions = Regions::sample(axis("left")?, axis("right")?, ["same", "other"], outputs)?;
    Ok(regions.samples(samples)?.title("The same sign, or the other one?").picture())
}

fn save(folder: &Path, name: &str, picture: &Picture, all: bool) -> Result<(), Failure> {
    std::fs::write(folder.join(format!("{name}.svg")), picture.svg(Theme::Light))?;
    if all {
        std::fs::write(folder.join(format!("{name}-dark.svg")), picture.svg(Theme::Dark))?;
        std::fs::write(folder.join(format!("{name}.png")), picture.png(Theme::Light, 1.0)?)?;
        std::fs::write(folder.join(format!("{name}-dark.png")), picture.png(Theme::Dark, 1.0)?)?;
    }
    Ok(())
}

fn performance<S: Scalar>(w: &[S]) -> S {
    let o1 = (w[0] - 2.0 * w[1] + 5.0 * w[2]).named("o1");
    let o2 = (2.0 * w[0] - w[1] - 6.0).named("o2");
    3.0 * o1 - 7.0 * o2
}

/// The lecture's example of the chain rule.
fn lecture() -> Result<Function, Failure> {
    Ok(Function::record(["w1", "w2", "w3"], |w| performance(w))?)
}

/// The same over w2 and w3, where w1 is held.
fn linear() -> Result<Surface, Failure> {
    let axis = |name| Axis::new(name, -20.0, 20.0);
    let surface = Surface::sample(axis("w2")?, axis("w3")?, |w2, w3| performance(&[1.0, w2, w3]))?;
    let surface = surface.title("P = 3·o1 − 7·o2 over w2 and w3, where w1 = 1").equal_units();
    Ok(surface.gradient([-8.0, -6.0], [1.0, 15.0])?)
}

fn height<S: Scalar>(x: S, y: S) -> S {
    (0.5 * x.square() - 0.25 * y.square() + 3.0).sin() * (2.0 * x + 1.0 - y.exp()).cos()
}

/// Figure 1: a performance with hills and valleys, and the way uphill by steps along the gradient.
fn hills() -> Result<Surface, Failure> {
    let (mut x, mut y) = (0.5, -0.9);
    let mut path = vec![[x, y, height(x, y)]];
    for _ in 0..40 {
        let by_x = height(Dual::variable(x), Dual::constant(y)).tangent;
        let by_y = height(Dual::constant(x), Dual::variable(y)).tangent;
        (x, y) = (x + 0.15 * by_x, y + 0.15 * by_y);
        path.push([x, y, height(x, y)]);
    }
    let surface =
        Surface::sample(Axis::new("w1", -1.5, 1.5)?, Axis::new("w2", -3.2, 1.2)?, height)?;
    Ok(surface.title("Climbing uphill, following the gradient").path(path)?)
}

/// The network of the lecture's book, and all pairs of its six people.
fn siblings() -> Result<(Network, Samples), Failure> {
    let people = ["Robert", "Raquel", "Romeo", "Joan", "James", "Juliet"];
    let network = Network::builder()
        .inputs(people)
        .node(NodeSpec::new("H1").threshold().fed_by(["Robert", "Raquel", "Romeo"]))
        .node(NodeSpec::new("H2").threshold().fed_by(["Joan", "James", "Juliet"]))
        .node(NodeSpec::new("A").threshold().fed_by(["H1", "H2"]))
        .node(NodeSpec::new("S").threshold().fed_by(["H1", "H2"]))
        .outputs(["A", "S"])
        .build()?;
    let mut inputs = Vec::new();
    let mut desired = Vec::new();
    for one in 0..6 {
        for other in one + 1..6 {
            inputs.push(
                (0..6).map(|k| f64::from(u8::from(k == one || k == other))).collect::<Vec<f64>>(),
            );
            let acquainted = one < 3 && other >= 3;
            desired.push(if acquainted { [1.0, 0.0] } else { [0.0, 1.0] });
        }
    }
    Ok((network, Samples::new(inputs, desired)?))
}

fn learn(network: &Network, samples: &Samples) -> Result<Outcome, Failure> {
    let weights: Vec<f64> = (1..=network.weight_count()).map(|k| k as f64 / 10.0).collect();
    let trainer = Trainer::new(network, SquaredError, samples)
        .start(Start::Given(weights))
        .rate(0.5)
        .history(History::every(1).with_weights())
        .stop(Stop::outputs_within(0.1))
        .stop(Stop::changes(5000));
    Ok(trainer.train()?)
}

/// P over two of its weights, the others as they are after the training, with the way of the training.
fn siblings_surface(
    network: &Network,
    samples: &Samples,
    outcome: &Outcome,
) -> Result<Surface, Failure> {
    let problem = Problem::new(network, SquaredError, samples)?;
    let (one, other) = (network.weight("H1->A")?, network.weight("H2->S")?);
    let rows = outcome.history.iter();
    let path: Vec<[f64; 3]> = rows
        .filter_map(|row| row.weights.as_ref().map(|w| [w[one], w[other], row.performance]))
        .collect();
    let range = |k: usize| path.iter().map(|point| point[k]).collect::<Vec<f64>>();
    let axes = [Axis::around("H1→A", &range(0))?, Axis::around("H2→S", &range(1))?];
    let [x, y] = axes;
    let surface = Surface::sample(x, y, |a, b| {
        let mut weights = outcome.weights.clone();
        (weights[one], weights[other]) = (a, b);
        problem.performance(&weights).unwrap_or(f64::NAN)
    })?;
    Ok(surface.title("P over two weights, the others as trained, and the way there").path(path)?)
}

/// One sample's term of P, with every derivative.
fn network_graph(
    network: &Network,
    samples: &Samples,
    outcome: &Outcome,
) -> Result<Picture, Failure> {
    let problem = Problem::new(network, SquaredError, samples)?;
    let point = [&outcome.weights[..], samples.inputs(0), samples.desired(0)].concat();
    let picture = GraphPicture::at(problem.term(), &point)?;
    Ok(picture.title("One sample's term of P").picture())
}

/// A saturating curve.
fn fit() -> Result<Picture, Failure> {
    let time = [0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0, 20.0];
    let length = [11.0, 20.4, 35.2, 49.8, 57.1, 74.6, 80.2, 88.9, 91.7, 97.0, 97.4];
    let model = |t: f64| 100.0 * (1.0 - (-0.218 * t).exp());
    let fit = Fit::new(&time, &length, &time.map(model))?;
    let fit = fit.curve(model).names("time (s)", "length (mm)").title("y = b1·(1 − exp(−b2·x))");
    Ok(fit.picture())
}
