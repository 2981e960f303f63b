//! What can't be drawn, and how it is said.

mod common;

use common::{classes, lecture, trained};
use uphill_graph::{Function, Scalar};
use uphill_nn::{History, Network, Samples, SquaredError, Stop, Trainer};
use uphill_pictures::{
    Axis, Error, Fit, GraphPicture, Hill, Learning, NetworkPicture, Plane, Regions, Sliders,
    Surface, Theme, View,
};

fn told<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

fn surface() -> Surface {
    let axis = |name| Axis::new(name, -1.0, 1.0).unwrap();
    Surface::from_values(axis("a"), axis("b"), 2, vec![0.0, 1.0, 2.0, 3.0]).unwrap()
}

fn regions() -> Regions {
    let axis = |name| Axis::new(name, -1.0, 1.0).unwrap();
    Regions::sample(axis("a"), axis("b"), ["one", "two"], |x, y| vec![x, y]).unwrap()
}

#[test]
fn messages_name_the_data() {
    let axis = |name| Axis::new(name, -1.0, 1.0).unwrap();
    let grid =
        |columns, values: Vec<f64>| Surface::from_values(axis("a"), axis("b"), columns, values);
    let small = Network::layered(&[1, 1]).build().unwrap();
    let (problem, weights, right) = classes();
    let (network, samples) = (problem.network(), problem.samples());
    let plane = |places, held: Vec<f64>| Plane::new([axis("a"), axis("b")], places, held, ["c"]);
    let not_finite = vec![f64::NAN; weights.len()];
    let logarithm = Function::record(["x", "y"], |v| v[0].ln() - v[1] * v[1]).unwrap();
    let hill = || Hill::over_inputs(&logarithm, ["x", "y"], &[1.0; 2]).unwrap();
    let messages = [
        told(Axis::new("w1", 1.0, f64::NAN)),
        told(Axis::new("w1", 2.0, 1.0)),
        told(Axis::around("w1", &[])),
        told(Axis::around("w1", &[1.0, 1e301])),
        told(grid(2, vec![1.0, 2.0, 3.0])),
        told(grid(1, vec![1.0, 2.0])),
        told(grid(2, vec![1.0, 2.0])),
        told(grid(2, vec![])),
        told(grid(2000, vec![0.0; 4000])),
        told(grid(2, vec![f64::NAN; 4])),
        told(grid(2, vec![0.0, 1e305, 0.0, 0.0])),
        told(surface().path([[0.0, 0.0, 0.0], [0.0, f64::NAN, 0.0]])),
        told(surface().gradient([0.0, 0.0], [1.0, f64::INFINITY])),
        told(Learning::new(&[], &[], &[])),
        told(Learning::new(&[0.0, 1.0], &[0.0], &[0.0, 1.0])),
        told(Learning::new(&[0.0, 1.0], &[0.0, f64::NEG_INFINITY], &[0.0, 1.0])),
        told(Fit::new(&[1.0], &[f64::NAN], &[1.0])),
        told(Fit::new(&[1.0, 2.0], &[1.0, 2.0], &[1.0])),
        told(NetworkPicture::new(&small, &[1.0])),
        told(NetworkPicture::new(&small, &[1.0, f64::NAN])),
        told(GraphPicture::at(&lecture(), &[1.0])),
        told(GraphPicture::at(&lecture(), &[1.0; 3]).unwrap().output("Q")),
        told(surface().contours().png(Theme::Light, f64::NAN)),
        told(surface().contours().png(Theme::Light, 1e6)),
        told(View::new("nothing").html()),
        told(surface().projected_path([[0.0; 3]], [0.0, f64::NAN])),
        told(surface().inequality(&[1.0; 3])),
        told(surface().equation(vec![1.0; 5])),
        told(surface().optimum([0.0, f64::NAN], 1.0)),
        told(surface().optimum([0.0, 1.0], f64::INFINITY)),
        told(Regions::sample(axis("a"), axis("b"), ["one"], |_, _| vec![1.0])),
        told(Regions::sample(axis("a"), axis("b"), vec!["many"; 13], |_, _| vec![1.0; 13])),
        told(Regions::sample(axis("a"), axis("b"), ["one", "two"], |_, _| vec![1.0])),
        told(Regions::sample(axis("a"), axis("b"), ["one", "two"], |x, _| vec![1.0, x.ln()])),
        told(regions().samples([([0.0, f64::INFINITY], [0, 0])])),
        told(regions().samples([([0.0, 0.0], [0, 2])])),
        told(plane([0, 0], vec![0.0; 2])),
        told(plane([0, 2], vec![0.0; 2])),
        told(plane([0, 1], vec![0.0, 0.0, f64::NAN])),
        told(plane([0, 1], vec![0.0; 2]).unwrap().regions(network, &weights, samples)),
        told(right.regions(network, &weights[1..], samples)),
        told(Sliders::new(&problem, &weights[1..])),
        told(Sliders::new(&problem, &not_finite)),
        told(Hill::over_inputs(&logarithm, ["x", "z"], &[1.0; 2])),
        told(Hill::over_inputs(&logarithm, ["x", "x"], &[1.0; 2])),
        told(Hill::over_inputs(&logarithm, ["x", "y"], &[1.0])),
        told(hill().start([-1.0, 1.0]).surface()),
        told(hill().start([1.0, 1.0]).rate(f64::INFINITY).surface()),
        told(hill().start([1.0, f64::NAN]).surface()),
        told(hill().ranges([Some([1.0, 2.0]); 2]).arrow([-1.0, 0.0]).surface()),
        told(hill().ranges([Some([-2.0, -1.0]), None]).surface()),
        told(hill().trail(&[])),
        told(hill().subject_to(&logarithm, vec![[0.0, 1.0]; 2])),
        told(hill().subject_to(&lecture(), vec![[0.0, 1.0]])),
        told(hill().optimum([-1.0, 1.0]).surface()),
        told(
            Hill::over_weights(&problem, ["x1→h1.1", "x2→h1.1"], &weights)
                .and_then(|hill| hill.subject_to(&logarithm, vec![[0.0, 1.0]])),
        ),
        told(Hill::over_weights(&problem, ["x1→h1.1", "x9→h1.1"], &weights)),
        told(Hill::over_weights(&problem, ["x1→h1.1", "x2→h1.1"], &not_finite)),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn histories_need_their_weights() {
    let (network, _) = trained();
    let samples = Samples::new([[0.0, 1.0]], [[1.0]]).unwrap();
    let outcome = Trainer::new(&network, SquaredError, &samples)
        .history(History::every(1))
        .stop(Stop::changes(3))
        .train()
        .unwrap();
    let message = told(View::new("x").training(&network, &outcome.history));
    assert_eq!(
        message,
        "row 0 of the history has no weights; keep them by `History::with_weights`"
    );
    assert!(View::new("x").learning(&outcome.history).unwrap().html().is_ok());
    assert!(matches!(View::new("x").learning(&[]), Err(Error::Empty { .. })));
}

#[test]
fn odd_numbers_are_drawn_or_refused_but_never_panic() {
    let odd = [
        0.0,
        -0.0,
        5e-324,
        1e-310,
        -1e-300,
        1.0,
        -1.0,
        1e15,
        1e299,
        -1e299,
        1e300,
        f64::MAX,
        f64::MIN,
    ];
    for &a in &odd {
        for &b in &odd {
            let sound =
                |svg: String| assert!(!svg.contains("NaN") && !svg.contains("inf"), "{a} {b}");
            if let Ok(learning) = Learning::new(&[0.0, 1.0], &[a, b], &[b, a]) {
                sound(learning.picture().svg(Theme::Light));
            }
            if let Ok(fit) = Fit::new(&[a, b], &[b, a], &[a, a]) {
                sound(fit.curve(|x| x * a).picture().svg(Theme::Light));
            }
            let (Ok(x), Ok(y)) = (Axis::around("a", &[a, b]), Axis::around("b", &[b])) else {
                continue;
            };
            if let Ok(surface) = Surface::from_values(x, y, 2, vec![a, b, b, 0.5]) {
                let surface = surface.path([[a, b, a], [b, a, b]]).unwrap();
                let surface = surface.gradient([a, b], [b, a]).unwrap();
                let surface = surface.inequality(&[a, b, f64::NAN, f64::INFINITY]).unwrap();
                let surface = surface.equation(vec![b, a, f64::NEG_INFINITY, b]).unwrap();
                let surface = surface.optimum([b, a], a).unwrap();
                sound(surface.contours().svg(Theme::Light));
                sound(surface.solid().svg(Theme::Light));
                assert!(surface.solid().png(Theme::Light, 0.2).is_ok());
            }
        }
    }
}
