//! Pictures as text and pixels: snapshots of small ones, and what must hold for all.

mod common;

use common::{classes, hill, lecture, trained};
use uphill_graph::{Detail, Function, Scalar};
use uphill_nn::{Network, Problem};
use uphill_pictures::{
    Axis, Fit, GraphPicture, Hill, Learning, NetworkPicture, Picture, Regions, Surface, Theme,
};

fn linear() -> Surface {
    let axis = |name| Axis::new(name, -20.0, 20.0).unwrap();
    let surface = Surface::sample(axis("w2"), axis("w3"), |w2, w3| w2 + 15.0 * w3 + 31.0);
    surface.unwrap().equal_units().gradient([-8.0, -6.0], [1.0, 15.0]).unwrap()
}

/// The least x² + y² above a hyperbola and on a line, where x is bounded.
fn problem() -> Surface {
    let axis = |name, high| Axis::new(name, 0.0, high).unwrap();
    let places: Vec<[f64; 2]> = (0..=10)
        .flat_map(|row| (0..=10).map(move |column| [0.2 * f64::from(column), 0.3 * f64::from(row)]))
        .collect();
    let values =
        |of: fn(f64, f64) -> f64| places.iter().map(|&[x, y]| of(x, y)).collect::<Vec<f64>>();
    let surface =
        Surface::from_values(axis("x", 2.0), axis("y", 3.0), 11, values(|x, y| x * x + y * y));
    surface
        .unwrap()
        .inequality(&values(|x, y| x * y - 1.0))
        .and_then(|surface| surface.inequality(&values(|x, _| 1.5 - x.sqrt() * x)))
        .and_then(|surface| surface.inequality(&values(|x, y| x + y + 1.0)))
        .and_then(|surface| surface.equation(values(|x, y| x + y - 2.5)))
        .and_then(|surface| surface.optimum([1.25, 1.25], 3.125))
        .unwrap()
}

fn fit() -> Fit {
    let x = [1.0, 2.0, 3.0, 4.0];
    let model = |x: f64| 2.0 * x;
    Fit::new(&x, &[2.1, 3.9, 6.2, 7.9], &x.map(model)).unwrap()
}

/// Three sectors around the origin, with a sample in each and one of the wrong class.
fn regions() -> Regions {
    let axis = |name| Axis::new(name, -1.0, 1.0).unwrap();
    let outputs = |x: f64, y: f64| vec![y, -y - x, x - y];
    let samples = [[0.0, 0.8], [-0.5, -0.5], [0.5, -0.5], [0.1, 0.7]].into_iter().zip([
        [0, 0],
        [1, 1],
        [2, 2],
        [1, 0],
    ]);
    Regions::sample(axis("a"), axis("b"), ["up", "left", "right"], outputs)
        .unwrap()
        .samples(samples)
        .unwrap()
}

/// Every kind of picture.
fn all() -> Vec<(&'static str, Picture)> {
    let (network, outcome) = trained();
    let hill = hill(&outcome);
    vec![
        ("linear contours", linear().contours()),
        ("linear solid", linear().solid()),
        ("problem contours", problem().contours()),
        ("problem solid", problem().solid()),
        ("narrow problem", problem().size(320, 320).contours()),
        ("hill contours", hill.contours()),
        ("hill solid", hill.solid()),
        ("narrow hill", hill.clone().size(320, 320).solid()),
        ("noted hill", hill.size(320, 400).note("A note that is longer than a line.").contours()),
        (
            "projected",
            linear().projected_path([[0.0; 3], [5.0, 5.0, 1.0]], [2.0, 3.0]).unwrap().contours(),
        ),
        ("regions", regions().picture()),
        ("narrow regions", regions().note("others at their means").size(320, 320).picture()),
        ("learning", Learning::of(&outcome.history).unwrap().picture()),
        ("graph", GraphPicture::new(&lecture()).unwrap().picture()),
        ("graph at a point", GraphPicture::at(&lecture(), &[1.0, 1.0, 1.0]).unwrap().picture()),
        ("network", NetworkPicture::new(&network, &outcome.weights).unwrap().picture()),
        ("fit", fit().names("load (kg)", "length (mm)").picture()),
    ]
}

#[test]
fn small_pictures_are_as_they_were() {
    insta::assert_snapshot!("linear", linear().contours().svg(Theme::Light));
    insta::assert_snapshot!("problem", problem().contours().svg(Theme::Light));
    insta::assert_snapshot!("fit", fit().picture().svg(Theme::Light));
    let graph = GraphPicture::at(&lecture(), &[1.0, 1.0, 1.0]).unwrap().picture();
    insta::assert_snapshot!("graph", graph.svg(Theme::Dark));
    let network = Network::layered(&[2, 2, 1]).build().unwrap();
    let weights = [3.0, -1.0, 0.5, 2.0, -2.0, 0.1, 4.0, -4.0, 1.0];
    let picture = NetworkPicture::new(&network, &weights).unwrap().picture();
    insta::assert_snapshot!("network", picture.svg(Theme::Light));
    let learning = Learning::new(&[0.0, 1.0, 2.0], &[-9.0, -1.0, -0.1], &[3.0, 2.0, 1.0]);
    insta::assert_snapshot!("learning", learning.unwrap().picture().svg(Theme::Light));
}

#[test]
fn every_picture_is_sound_svg() {
    for (name, picture) in all() {
        for theme in [Theme::Light, Theme::Dark] {
            let svg = picture.svg(theme);
            assert_eq!(svg, picture.svg(theme), "{name}");
            let size = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" ",
                picture.width(),
                picture.height()
            );
            assert!(svg.starts_with(&size), "{name}: {}", &svg[..120]);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
            assert!(svg.contains("<title>") && svg.contains("<desc>"), "{name}");
            assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count(), "{name}");
            assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count(), "{name}");
            assert!(svg.len() < 300_000, "{name} has {} bytes", svg.len());
        }
    }
}

/// The boxes of all texts of a picture, a little less than letters are tall and wide: left, top, right, bottom, and what
/// is written. Labels on plates are left out, since they may lie over others.
fn texts(svg: &str) -> Vec<([f64; 4], String)> {
    let mut found = Vec::new();
    let mut before = "";
    for line in svg.lines() {
        let is_label = before.starts_with("<rect") && before.contains("fill-opacity=\"0.8\"");
        before = line;
        if !line.starts_with("<text") || is_label {
            continue;
        }
        let number = |key: &str| -> f64 {
            let start = line.find(key).unwrap() + key.len();
            line[start..].split('"').next().unwrap().parse().unwrap()
        };
        let (x, y, size) = (number(" x=\""), number(" y=\""), number("font-size=\""));
        let text = line.split('>').nth(1).unwrap().split('<').next().unwrap();
        let wide = 0.5 * size * text.chars().count() as f64;
        let back = match line {
            line if line.contains("\"middle\"") => wide / 2.0,
            line if line.contains("\"end\"") => wide,
            _ => 0.0,
        };
        let tall = 0.7 * size;
        let area = match line.contains("rotate(-90") {
            true => [x - tall, y - wide + back, x, y + back],
            false => [x - back, y - tall, x - back + wide, y],
        };
        found.push((area, text.to_owned()));
    }
    found
}

fn assert_apart(name: &str, svg: &str) {
    let texts = texts(svg);
    for (k, (one, text)) in texts.iter().enumerate() {
        for (other, second) in &texts[..k] {
            let apart =
                one[2] < other[0] || other[2] < one[0] || one[3] < other[1] || other[3] < one[1];
            assert!(apart, "{name}: `{text}` {one:?} lies on `{second}` {other:?}");
        }
    }
}

#[test]
fn texts_stay_inside_and_apart() {
    for (name, picture) in all() {
        let svg = picture.svg(Theme::Light);
        for ([left, top, right, bottom], text) in texts(&svg) {
            let inside = left >= 0.0 && right <= picture.width() && top >= 0.0;
            assert!(inside && bottom <= picture.height(), "{name}: `{text}`");
        }
        assert_apart(name, &svg);
    }
}

#[test]
fn long_names_are_told_apart_in_narrow_pictures() {
    let (x, y) = ("petal_length_cm→h1.1 (input scaled)", "petal_length_cm→h1.2 (input scaled)");
    let axis = |name: &str| Axis::new(name, -6.0, 1.0).unwrap();
    let performance = |x: f64, y: f64| -0.07 - 0.02 * (x * x + y * y);
    let surface = Surface::sample(axis(x), axis(y), performance)
        .unwrap()
        .named("P a row")
        .title("P a row over petal_length_cm→h1.1 and petal_length_cm→h1.2, the others as saved")
        .path([[-1.0, -1.0, -0.11], [0.5, 0.5, -0.08]])
        .unwrap();
    for (width, height) in [(320, 320), (360, 360), (390, 420), (800, 580), (1200, 900)] {
        for degrees in [-60.0, -45.0, 20.0, 130.0] {
            let surface = surface.clone().size(width, height).seen_from(degrees);
            for picture in [surface.contours(), surface.solid()] {
                let (name, svg) = (format!("{width} from {degrees}"), picture.svg(Theme::Light));
                assert_apart(&name, &svg);
                // The names of the axes differ, and so do numbers at both ends of the path.
                let told = |part: &str| {
                    svg.lines()
                        .filter(|line| line.starts_with("<text") && line.contains(part))
                        .count()
                };
                assert_eq!(
                    (told("1 (input scaled)<"), told("2 (input scaled)<")),
                    (1, 1),
                    "{name}"
                );
                assert!(svg.contains("−0.11<") && svg.contains("−0.08<"), "{name}");
                assert!(width == 320 || told("as saved<") == 1, "{name}: the title's end");
            }
        }
    }
}

#[test]
fn every_picture_has_pixels_and_letters() {
    for (name, picture) in all() {
        for (theme, scale) in [(Theme::Light, 1.0), (Theme::Dark, 2.0)] {
            let bytes = picture.png(theme, scale).unwrap();
            let pixels = tiny_skia::Pixmap::decode_png(&bytes).unwrap();
            assert_eq!(f64::from(pixels.width()), (picture.width() * scale).ceil(), "{name}");
            assert_eq!(f64::from(pixels.height()), (picture.height() * scale).ceil(), "{name}");
            // The title: ink in the first rows.
            let ground = pixels.pixel(0, 0).unwrap();
            let rows = (40.0 * scale) as usize * pixels.width() as usize;
            let ink = pixels.pixels()[..rows].iter().filter(|&&pixel| pixel != ground).count();
            assert!(ink > 100, "{name}: {ink} pixels of the title");
        }
    }
}

#[test]
fn the_hills_are_where_they_should_be() {
    // P rises to the upper right corner: the darkest colour below left, the lightest above right.
    let axis = |name| Axis::new(name, 0.0, 1.0).unwrap();
    let surface = Surface::sample(axis("a"), axis("b"), |a, b| a + b).unwrap();
    let bytes = surface.contours().png(Theme::Light, 1.0).unwrap();
    let pixels = tiny_skia::Pixmap::decode_png(&bytes).unwrap();
    let bright = |x: u32, y: u32| {
        let pixel = pixels.pixel(x, y).unwrap();
        u32::from(pixel.red()) + u32::from(pixel.green())
    };
    let (low, middle, high) = (bright(90, 560), bright(360, 310), bright(640, 70));
    assert!(low < middle && middle < high, "{low} {middle} {high}");
}

#[test]
fn regions_are_where_their_class_is_computed() {
    let bytes = regions().size(720, 640).picture().png(Theme::Light, 1.0).unwrap();
    let pixels = tiny_skia::Pixmap::decode_png(&bytes).unwrap();
    let colour = |x: u32, y: u32| {
        let pixel = pixels.pixel(x, y).unwrap();
        (pixel.red(), pixel.green(), pixel.blue())
    };
    let (up, left, right) = (colour(380, 180), colour(150, 480), colour(600, 480));
    assert!(up != left && left != right && right != up, "{up:?} {left:?} {right:?}");
    assert_eq!((colour(150, 150), colour(660, 150)), (up, up));
    let svg = regions().picture().svg(Theme::Light);
    assert!(svg.contains(">computed otherwise<") && svg.contains(">left<"));
    // Where all outputs are the same, the first class is computed.
    let axis = |name| Axis::new(name, -1.0, 1.0).unwrap();
    let even = Regions::sample(axis("a"), axis("b"), ["one", "two"], |_, _| vec![0.5, 0.5]);
    let bytes = even.unwrap().picture().png(Theme::Light, 1.0).unwrap();
    let pixels = tiny_skia::Pixmap::decode_png(&bytes).unwrap();
    let pixel = pixels.pixel(380, 300).unwrap();
    assert_eq!((pixel.red(), pixel.green(), pixel.blue()), up);
}

#[test]
fn names_of_networks_never_meet() {
    // The boxes of all texts, from the letters' own widths at the sizes that are drawn.
    for width in [390, 500, 800, 1200] {
        for layers in [&[4, 2, 3][..], &[4, 12, 3], &[20, 14, 12, 3], &[2, 9, 9]] {
            let network = Network::layered(layers).build().unwrap();
            let weights = vec![-1.234; network.weight_count()];
            let picture = NetworkPicture::new(&network, &weights).unwrap().width(width).picture();
            let svg = picture.svg(Theme::Light);
            assert_apart(&format!("{layers:?} at {width}"), &svg);
        }
    }
}

#[test]
fn deep_graphs_go_downwards_where_they_fit() {
    // A chain of operations with an input each, too broad for a page from left to right.
    let names: Vec<String> = (0..12).map(|k| format!("input{k}")).collect();
    let f = Function::record(&*names, |x| {
        x.iter().skip(1).fold(x[0], |so_far, &next| (so_far * next).sin())
    })
    .unwrap();
    let picture = GraphPicture::with_detail(&f, Some(&[0.5; 12]), Detail::Every).unwrap().picture();
    assert!(picture.width() < 600.0 && picture.height() > 1500.0, "{}", picture.width());
    assert_apart("deep", &picture.svg(Theme::Light));
    // One that is as broad both ways stays as it was.
    let broad = Function::record(&*names, |x| {
        let layer = |seed: f64| {
            let sum = x.iter().fold(x[0] * seed, |so_far, &next| so_far + seed * next);
            sum.sigmoid()
        };
        (0..12).map(|k| layer(f64::from(k)).named(&format!("node{k}"))).fold(x[0], |a, b| a * b)
    })
    .unwrap();
    let picture = GraphPicture::at(&broad, &[0.5; 12]).unwrap().picture();
    assert!(picture.width() < picture.height() || picture.width() > 812.0);
}

#[test]
fn pictures_with_equal_units_leave_nothing_blank() {
    let axis = |name, high| Axis::new(name, 0.0, high).unwrap();
    for (wide, tall) in [(1.0, 1.0), (3.0, 1.0), (1.0, 3.0)] {
        let surface = Surface::sample(axis("a", wide), axis("b", tall), |a, b| a + b).unwrap();
        let own = surface.contours();
        assert_eq!((own.width(), own.height()), (800.0, 640.0));
        let equal = surface.equal_units().contours();
        assert!(equal.width() <= 800.0 && equal.height() <= 640.0);
        assert!(equal.width() < 800.0 || equal.height() < 640.0, "{wide} {tall}");
    }
}

#[test]
fn hills_are_climbed_and_climbs_that_lead_nowhere_are_stopped() {
    let bowl = Function::record(["x", "y"], |v| -(v[0] * v[0] + 3.0 * v[1] * v[1])).unwrap();
    let plane = Function::record(["x", "y", "z"], |v| v[0] * v[1] + v[2]).unwrap();
    let hill = |f, at: &[f64]| Hill::over_inputs(f, ["x", "y"], at).unwrap();
    let (surface, stopped) = hill(&bowl, &[0.0; 2]).start([1.5, 1.0]).surface().unwrap();
    assert_eq!(stopped, None);
    let told = surface.contours().description().to_owned();
    assert!(told.contains("The path begins at P = −5.25 and ends at P = −4.5833×10⁻¹⁰."), "{told}");
    // Where, and how it is stopped.
    let cases = [
        (hill(&bowl, &[0.0; 2]).start([1.5, 1.0]).rate(0.5), "falls from step to step"),
        (hill(&plane, &[0.0; 3]).start([2.0, 3.0]).rate(1.0), "where it still gets faster"),
        (
            hill(&plane, &[0.0; 3]).start([0.5, 0.5]).ranges([Some([0.0, 1.0]); 2]),
            "out of the picture",
        ),
        (hill(&bowl, &[0.0; 2]).start([1.0, 1.0]).rate(1e300), "leaves the finite numbers"),
    ];
    for (hill, expected) in cases {
        let (surface, stopped) = hill.surface().unwrap();
        let stopped = stopped.unwrap();
        assert!(stopped.starts_with("after ") && stopped.contains(expected), "{stopped}");
        let told = surface.contours().description().to_owned();
        assert!(told.contains(&format!("The climb stops {stopped}.")), "{told}");
    }
    // What is held is told, and so are axes of their own units.
    let (surface, _) = hill(&plane, &[0.0, 0.0, 2.5])
        .ranges([Some([0.0, 1.0]), Some([0.0, 50.0])])
        .start([0.5, 0.5])
        .steps(3)
        .note("And more.")
        .surface()
        .unwrap();
    let told = surface.contours().description().to_owned();
    assert!(
        told.contains("units of their own") && told.contains("Here z = 2.5. And more."),
        "{told}"
    );
}

#[test]
fn ways_of_trainings_lie_on_the_ground_of_their_end() {
    let (problem, _, _) = classes();
    let trainer =
        uphill_nn::Trainer::new(problem.network(), uphill_nn::SquaredError, problem.samples());
    let outcome = trainer
        .history(uphill_nn::History::every(5).with_weights())
        .stop(uphill_nn::Stop::changes(50))
        .train()
        .unwrap();
    let rows = problem.samples().len() as f64;
    let problem =
        Problem::new(problem.network(), uphill_nn::SquaredError, problem.samples()).unwrap();
    let names: Vec<&str> = problem.network().weights().iter().map(|weight| &*weight.name).collect();
    let hill = Hill::over_weights(&problem, [names[0], names[1]], &outcome.weights).unwrap();
    let hill = hill.a_row().trail(&outcome.history).unwrap().grid(21);
    // The last row is where the other weights are, too.
    let last = outcome.history.last().unwrap();
    let value = hill.value([outcome.weights[0], outcome.weights[1]]).unwrap();
    assert!((value - last.performance / rows).abs() < 1e-12, "{value}");
    let slopes = hill.slopes([outcome.weights[0], outcome.weights[1]]).unwrap();
    let gradient = problem.gradient(&outcome.weights).unwrap();
    assert!((slopes[1] - gradient[1] / rows).abs() < 1e-12);
    let (surface, _) = hill.surface().unwrap();
    let told = surface.contours().description().to_owned();
    let ends = [0, outcome.history.len() - 1]
        .map(|row| format!("{:.3}", outcome.history[row].performance / rows).replace('-', "−"));
    assert!(told.contains(&format!("begins at P a row = {}", ends[0])), "{told} {ends:?}");
    assert!(told.contains(&format!("ends at P a row = {}", ends[1])), "{told} {ends:?}");
}

#[test]
fn holes_are_left_blank() {
    let axis = |name| Axis::new(name, -1.0, 1.0).unwrap();
    let surface = Surface::sample(axis("a"), axis("b"), |a, b| (a + b).ln()).unwrap();
    let contours = surface.contours();
    assert!(contours.description().ends_with("Where P is not finite, nothing is drawn."));
    assert!(surface.solid().svg(Theme::Light).len() > 10_000);
}

#[test]
fn paths_may_leave_the_picture() {
    let surface = linear();
    let far = surface
        .clone()
        .path([[0.0, 0.0, 31.0], [1e300, -1e300, 0.0], [f64::MAX, 0.0, 1.0]])
        .unwrap();
    for picture in [far.contours(), far.solid()] {
        let svg = picture.svg(Theme::Light);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
    let long = (0..100_000).map(|k| [f64::from(k % 19), f64::from(k % 17), 0.0]);
    assert!(surface.path(long).unwrap().contours().svg(Theme::Light).len() < 100_000);
}

#[test]
fn every_side_can_be_seen() {
    for degrees in [-720.0, -135.0, -90.0, 0.0, 30.0, 45.0, 100.0, 225.0, 1e300, f64::NAN] {
        let svg = linear().seen_from(degrees).solid().svg(Theme::Light);
        assert!(!svg.contains("NaN"), "{degrees}");
    }
}

#[test]
fn long_histories_are_thinned() {
    let changes: Vec<f64> = (0..200_000).map(f64::from).collect();
    let performances: Vec<f64> = changes.iter().map(|k| -1.0 / (1.0 + k)).collect();
    let learning = Learning::new(
        &changes,
        &performances,
        &performances.iter().map(|p| -p).collect::<Vec<f64>>(),
    );
    assert!(learning.unwrap().picture().svg(Theme::Light).len() < 100_000);
}

#[test]
fn broad_networks_are_cut() {
    let network = Network::layered(&[784, 100, 10]).build().unwrap();
    let weights = vec![0.1; network.weight_count()];
    let svg = NetworkPicture::new(&network, &weights).unwrap().picture().svg(Theme::Light);
    assert!(svg.contains("⋮ 770 more") && svg.contains("⋮ 86 more"));
    assert!(svg.len() < 200_000, "{}", svg.len());
}

#[test]
fn large_graphs_are_drawn_or_refused() {
    let chain = |count: usize| {
        Function::record(["x"], |x| {
            (1..count).fold(x[0], |y, k| (y + x[0]).sin().named(&format!("y{k}")))
        })
        .unwrap()
    };
    let picture = GraphPicture::at(&chain(390), &[0.5]).unwrap().picture();
    assert!(picture.png(Theme::Light, 0.05).is_ok());
    assert!(picture.png(Theme::Light, 4.0).is_err());
    let error = GraphPicture::new(&chain(500)).unwrap_err().to_string();
    assert_eq!(
        error,
        "the boxes of y499: 500 are too many for a picture, at most 400 can be read; \
         name fewer values, or draw the part of one output or one sample"
    );
}

#[test]
fn graphs_show_any_value_and_output() {
    let f = Function::record_many(["x"], |x| {
        vec![x[0].ln().named("log"), (1.0 / x[0]).named("inverse"), x[0]]
    })
    .unwrap();
    let svg = GraphPicture::at(&f, &[0.0])
        .unwrap()
        .output("inverse")
        .unwrap()
        .picture()
        .svg(Theme::Light);
    assert!(svg.contains("= −∞") && svg.contains("∂inverse/∂x = −∞"), "{svg}");
    let every = GraphPicture::with_detail(&lecture(), None, Detail::Every).unwrap().picture();
    assert!(every.svg(Theme::Light).contains("t1"));
}

#[test]
fn a_model_at_one_x_is_a_ring() {
    for x in [vec![2.0], vec![2.0, 2.0, 2.0]] {
        let desired: Vec<f64> = (0..x.len()).map(|row| row as f64).collect();
        let computed = vec![1.0; x.len()];
        let fit = Fit::new(&x, &desired, &computed).unwrap().curve(|x| x - 1.0).picture();
        let rings = fit.svg(Theme::Light).matches("<circle").count();
        // Data, model, residuals, and the legend of two.
        assert_eq!(rings, 3 * x.len() + 2);
    }
}
