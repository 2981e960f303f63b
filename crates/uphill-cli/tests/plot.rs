//! `uphill plot`, as a user sees it: every kind as SVG and PNG, in both themes, and each message of bad use.

mod common;

use std::fs;
use std::path::Path;

use common::run_in;

const LINEAR: &str = "P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6";
const SLICED: &str = "minimise x^2 + y^2 + z^2; subject to x*y >= 4; z <= 1; x <= 1";
const PROBLEM: &str = "minimise x^2 + y^2; subject to x*y >= 4; x <= 1; y >= 0; on: y = 4*x";
const HILL: &str = "P = -(x^2 + 3*y^2)";

/// Two sorts that differ in both columns of numbers, a third column, and one of text.
const CLASSES: &str = "long,wide,tall,colour,sort\n1,2,5,red,small\n2,1,6,blue,small\n1.5,1.5,5,red,small\n\
                       6,7,5.5,blue,large\n7,6,6.5,red,large\n6.5,6.5,5,blue,large\n";

/// A folder with a table, and a small network with its history.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("either.csv", "left,right,either\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    write("line.csv", "x,y,z\n1,2.1,0\n2,3.9,1\n3,6.2,0\n4,7.9,1\n");
    write("classes.csv", CLASSES);
    write("no-history.csv", "change,performance\n0,-1\n");
    write("text.csv", "change,performance,gradient_length\n0,-1,long\n");
    write("half.csv", "change,performance,gradient_length\n0.5,-1,1\n");
    write("empty.csv", "change,performance,gradient_length\n");
    write("kept.svg", "earlier\n");
    let mut arguments = vec!["train", "either.csv", "--target", "either", "--as-number"];
    arguments.extend(["--hidden", "2", "--test", "0", "--changes", "40", "--save", "either.json"]);
    arguments.extend(["--history", "history.csv", "--history-weights", "--output", "sigmoid"]);
    done(folder.path(), &arguments);
    let mut classes = vec!["train", "classes.csv", "--target", "sort", "--hidden", "0"];
    classes.extend(["--test", "0", "--changes", "60", "--save", "classes.json"]);
    done(folder.path(), &classes);
    arguments.retain(|argument| *argument != "--history-weights");
    arguments.extend(["--force", "--history", "bare.csv"]);
    arguments.retain(|argument| *argument != "history.csv");
    let place = arguments.iter().position(|argument| *argument == "--history").unwrap();
    arguments.remove(place);
    done(folder.path(), &arguments);
    folder
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let told = run_in(folder, arguments, "");
    assert!(told.ends_with("--- exit code 0\n"), "{told}");
    told
}

/// Every kind of picture, on small grids.
fn kinds() -> Vec<(&'static str, Vec<&'static str>)> {
    let surface = |more: &[&'static str]| [&["surface", HILL, "--grid", "21"], more].concat();
    let weights = ["surface", "--model", "either.json", "--data", "either.csv", "--grid", "11"];
    let weights = |more: &[&'static str]| {
        let axes = ["--x", "left->h1.1=-4..4", "--y", "right→h1.1"];
        [&weights[..], &axes, more].concat()
    };
    let fit = ["fit", "--data", "line.csv", "--start"];
    vec![
        ("contours", surface(&["--start", "1.5,1", "--arrow", "1.5,1"])),
        ("solid", surface(&["--solid", "--seen-from", "30"])),
        ("linear", vec!["surface", LINEAR, "--at", "w1=1", "--equal-units", "--arrow", "-8,-6"]),
        ("own", surface(&["--start", "1.5,1", "--own-units", "--size", "500x400"])),
        ("problem", vec!["surface", PROBLEM, "--grid", "21", "--start", "1,4"]),
        (
            "slice",
            vec![
                "surface", SLICED, "--grid", "21", "--solid", "--x", "y=1..5", "--y", "z=0..2",
                "--at", "x=1",
            ],
        ),
        ("weights", weights(&["--start", "1,1", "--rate", "1", "--steps", "5"])),
        ("trail", weights(&["--history", "history.csv"])),
        ("learning", vec!["learning", "history.csv", "--size", "400x400"]),
        ("graph", vec!["graph", LINEAR, "--title", "The lecture's example"]),
        ("point", vec!["graph", LINEAR, "--at", "w1=1,w2=1,w3=1", "--every"]),
        ("network", vec!["network", "either.json", "--strongest", "9", "--width", "500"]),
        ("regions", vec!["regions", "classes.json", "classes.csv", "--size", "400x400"]),
        ("fit", [&fit[..], &["a=0,b=1", "y = a + b*x"]].concat()),
        ("mean", [&fit[..], &["a=0", "y = a"]].concat()),
        (
            "plane",
            [&fit[..], &["a=0,b=1,c=0", "y = a + b*x + c*z", "--names", "time (s),way"]].concat(),
        ),
    ]
}

#[test]
fn every_kind_in_every_form() {
    let folder = folder();
    for (name, arguments) in kinds() {
        let file = |ending: &str| format!("{name}{ending}");
        let (light, dark, png) = (file(".svg"), file("-dark.svg"), file(".png"));
        let run = |more: &[&str]| {
            let all: Vec<&str> = std::iter::once("plot")
                .chain(arguments.iter().copied())
                .chain(more.iter().copied())
                .collect();
            done(folder.path(), &all)
        };
        run(&["--output", &light]);
        run(&["-o", &dark, "--theme", "dark"]);
        run(&["--out", &png, "--scale", "0.5"]);
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        let text = |name: &str| String::from_utf8(read(name)).unwrap();
        for file in [&light, &dark] {
            let svg = text(file);
            assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{file}");
            assert!(svg.contains("<title>") && !svg.contains("NaN"), "{file}");
        }
        assert_ne!(text(&light), text(&dark), "{name}");
        assert_eq!(&read(&png)[..8], b"\x89PNG\r\n\x1a\n", "{name}");
        // The same to standard output.
        let told = run(&[]);
        let svg = text(&light);
        assert!(told.contains(svg.trim_end()), "{name}");
    }
}

#[test]
fn what_is_drawn() {
    let folder = folder();
    let svg = |name: &str| {
        let (_, arguments) = kinds().into_iter().find(|(other, _)| *other == name).unwrap();
        let all: Vec<&str> = std::iter::once("plot").chain(arguments).collect();
        done(folder.path(), &all)
    };
    for (name, parts) in [
        // The way up from (1.5, 1), where P = −5.25 and its gradient is (−3, −6).
        ("contours", &["P over x and y", "start: P = −5.25", "end: P = ", "∇P = (−3, −6)"][..]),
        ("linear", &["P over w2 and w3", "∇P = (1, 15)", "Here w1 = 1."]),
        // Of x² + y² + z² the least where x·y ≥ 4 and x ≤ 1: at (1, 4).
        (
            "problem",
            &[
                "P over x and y",
                "optimum: P = 17",
                "is at x = 1 and y = 4",
                "Shaded: where constraints don&#39;t hold; lines:",
            ],
        ),
        ("slice", &["P over y and z", "Here x = 1.", "optimum: P = 17", "is at y = 4 and z = 0"]),
        ("own", &["width=\"500\"", "The axes have units of their own"]),
        (
            "weights",
            &[
                "P a row over left→h1.1 and right→h1.1, the others as saved",
                ">−4<",
                ">4<",
                "on 4 rows.",
            ],
        ),
        ("trail", &["start: P a row = ", "end: P a row = ", "projected onto these two"]),
        (
            "regions",
            &[
                "sort over long and wide",
                ">small<",
                ">large<",
                "the other 2 columns at their",
                "means",
            ],
        ),
        ("learning", &["P by change", "P a row", "length of ∇P", "width=\"400\""]),
        ("graph", &["The lecture&#39;s example", "= 3*o1 - 7*o2"]),
        ("point", &["∂P/∂w1 = −11", "∂P/∂w3 = 15", ">t1<"]),
        ("network", &["weight ±9", "width=\"500\""]),
        ("fit", &["y = a + b*x", "data − model"]),
        ("plane", &["time (s)", ">way<"]),
        ("mean", &[">row<", "y = a"]),
    ] {
        let svg = svg(name);
        for part in parts {
            assert!(svg.contains(part), "{name} lacks {part}: {svg}");
        }
    }
}

#[test]
fn messages_of_bad_use() {
    let folder = folder();
    let commands: &[&[&str]] = &[
        &[],
        &["surface"],
        &["surface", "P = x"],
        &["surface", "P = a*b*c"],
        &["surface", "P = a*b", "--x", "c=0..1"],
        &["surface", "P = a*b", "--x", "a", "--y", "a"],
        &["surface", "P = a*b", "--x", "a=1..0"],
        &["surface", "P = a*b*c", "--at", "d=1"],
        &["surface", "P = a*b", "--start", "1"],
        &["surface", "P = a*b", "--start", "1,1", "--rate", "inf"],
        &["surface", "P = log(a*b)", "--start", "-1,1"],
        &["surface", "P = sqrt(a*b)", "--arrow", "0,0"],
        &[
            "surface",
            "P = exp(a*b)",
            "--start",
            "9,9",
            "--rate",
            "1",
            "--output",
            "far.svg",
            "--grid",
            "9",
        ],
        &[
            "surface",
            "P = -(a^2 + 3*b^2)",
            "--start",
            "1,2",
            "--rate",
            "10",
            "--output",
            "runaway.svg",
            "--grid",
            "9",
        ],
        &["surface", "P = a*b", "--equal-units", "--own-units"],
        &["surface", "P = log(-a^2 - b^2)"],
        &["surface", "P = a*b; Q = a + b"],
        &["surface", "P = a*b; Q = a + b", "--of", "R"],
        &["surface", "P = a*b", "--rate", "0.1"],
        &["surface", "minimise a*b; subject to a > 1"],
        &["surface", "minimise a*b; subject to a >= 1", "--of", "P"],
        &["surface", "minimise a*b; subject to a >= 1", "--start", "1,1", "--rate", "0.1"],
        &["surface", "minimise a*b; subject to a >= 1", "--start", "1,1", "--steps", "5"],
        &["surface", "minimise a*b*c; subject to a >= 1"],
        &["surface", "variables a, b; parameters k; minimise k*a*b; subject to a >= 1"],
        &["surface", "P = a*b", "--solid", "--arrow", "1,1"],
        &["surface", "P = a*b", "--size", "10x10"],
        &["surface", "P = a*b", "--grid", "1"],
        &["surface", "P = a*b", "--model", "either.json", "--data", "either.csv"],
        &["surface", "--model", "either.json"],
        &["surface", "--model", "either.json", "--data", "either.csv"],
        &[
            "surface",
            "--model",
            "either.json",
            "--data",
            "either.csv",
            "--x",
            "left->h1",
            "--y",
            "right->h1.1",
        ],
        &[
            "surface",
            "--model",
            "either.json",
            "--data",
            "either.csv",
            "--x",
            "left->h1.1",
            "--y",
            "right->h1.1",
            "--history",
            "bare.csv",
        ],
        &["learning", "none.csv"],
        &["learning", "no-history.csv"],
        &["learning", "text.csv"],
        &["learning", "half.csv"],
        &["learning", "empty.csv"],
        &["graph", "P = sine(x)"],
        &["graph", "P = x*y", "--at", "x=1"],
        &["graph", "P = sum(i, 1..500, sin(w[i])*w[i])", "--every"],
        &["network", "either.csv"],
        &["network", "either.json", "--strongest", "0"],
        &["regions", "either.json", "either.csv"],
        &["regions", "classes.json", "classes.csv", "--inputs", "long"],
        &["regions", "classes.json", "classes.csv", "--inputs", "long,long"],
        &["regions", "classes.json", "classes.csv", "--inputs", "long,wid"],
        &["regions", "classes.json", "classes.csv", "--inputs", "long,colour"],
        &["regions", "classes.json", "line.csv"],
        &["fit", "y = a + b*x", "--data", "line.csv", "--start", "a=0"],
        &["fit", "y = a + b*x", "--data", "line.csv", "--start", "a=0,b=1", "--x", "w"],
        &["fit", "y = a + b*x", "--data", "line.csv", "--start", "a=0,b=1", "--names", "x"],
        &["graph", "P = x", "--output", "kept.svg"],
        &["graph", "P = x", "--output", "no/folder/new.svg"],
        &["graph", "P = x", "--output", "new.jpg"],
        &["graph", "P = x", "--output", "new"],
        &["graph", "P = x", "--output", "new.png", "--scale", "0"],
        &["graph", "P = x", "--output", "new.png", "--scale", "1000"],
        &["graph", "P = x", "--theme", "grey"],
    ];
    let run = |arguments: &&[&str]| {
        let all: Vec<&str> = std::iter::once("plot").chain(arguments.iter().copied()).collect();
        run_in(folder.path(), &all, "")
    };
    let told = commands.iter().map(run).collect::<Vec<_>>().join("\n");
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(told) });
    assert_eq!(fs::read_to_string(folder.path().join("kept.svg")).unwrap(), "earlier\n");
    for file in ["new.png", "new.jpg", "new"] {
        assert!(!folder.path().join(file).exists(), "nothing half-written");
    }
}

#[test]
fn force_replaces() {
    let folder = folder();
    done(folder.path(), &["plot", "graph", "P = x", "--output", "kept.svg", "--force"]);
    assert!(fs::read_to_string(folder.path().join("kept.svg")).unwrap().starts_with("<svg"));
    done(folder.path(), &["plot", "graph", "P = x", "--output", "odd", "--format", "png"]);
    assert_eq!(&fs::read(folder.path().join("odd")).unwrap()[1..4], b"PNG");
}

/// The numbers of an attribute, or behind a text.
fn number_after(svg: &str, key: &str) -> f64 {
    let start = svg.find(key).unwrap_or_else(|| panic!("{key} in {svg}")) + key.len();
    let text: String =
        svg[start..].chars().take_while(|&c| c == '−' || c == '.' || c.is_ascii_digit()).collect();
    text.trim_end_matches('.').replace('−', "-").parse().unwrap()
}

#[test]
fn climbs_that_lead_nowhere_stop() {
    let folder = folder();
    // The formula, more options, and what is said on standard error and in the picture.
    let cases: &[(&str, &[&str], &str)] = &[
        // P rises without bound, faster and faster.
        (
            "P = x^2 + y^2",
            &["--start", "1,0.5"],
            "after 17 steps, 24 away from its start, where it still gets faster",
        ),
        // Too large a step falls off the other side.
        (HILL, &["--start", "1.5,1", "--rate", "0.4"], "after 3 steps: P falls from step to step"),
        (HILL, &["--start", "1.5,1", "--rate", "10"], "after 3 steps: P falls from step to step"),
        // Ranges that were given are left.
        (
            "P = x + y",
            &["--start", "0.5,0.5", "--rate", "0.15", "--x", "x=0..1", "--y", "y=0..1"],
            "after 7 steps, out of the picture",
        ),
        (
            "P = exp(x*y)",
            &["--start", "9,9", "--rate", "1"],
            "after 0 steps: the next one leaves the finite numbers",
        ),
    ];
    for (formula, more, said) in cases {
        for solid in [&[][..], &["--solid"]] {
            let mut all = vec!["plot", "surface", formula, "--grid", "21"];
            all.extend(*more);
            all.extend(solid);
            let told = done(folder.path(), &all);
            let remark = format!("the climb stops {said}; a smaller --rate may help");
            assert!(told.contains(&remark), "{formula} {more:?}: {remark}\n{told}");
            let words: String = told
                .split("<text")
                .skip(1)
                .filter_map(|text| {
                    text.split_once('>')?.1.split('<').next().map(|text| format!("{text} "))
                })
                .collect();
            assert!(words.contains(&format!("The climb stops {said}.")), "{formula}: {words}");
        }
    }
    // A climb that comes to rest far away is not one of them, nor is a steady one.
    for (formula, start) in [("P = -((x - 90)^2 + (y - 50)^2)", "0,0"), ("P = x + 2*y", "1,1")] {
        let told =
            done(folder.path(), &["plot", "surface", formula, "--start", start, "--grid", "9"]);
        assert!(!told.contains("the climb stops"), "{told}");
    }
}

#[test]
fn path_and_summit_lie_well_inside() {
    let folder = folder();
    for (more, summit) in [(&[][..], [0.0, 0.0]), (&["--rate", "0.01"], [0.0, 0.0])] {
        let mut all = vec!["plot", "surface", HILL, "--start", "1.5,1", "--grid", "9"];
        all.extend(more);
        let svg = done(folder.path(), &all);
        let mut places = vec![("x from ", 1.5), ("y from ", 1.0)];
        places.extend([("x from ", summit[0]), ("y from ", summit[1])]);
        for (key, at) in places {
            let low = number_after(&svg, key);
            let rest = &svg[svg.find(key).unwrap()..];
            let high = number_after(rest, " to ");
            let part = (at - low) / (high - low);
            assert!((0.1..=0.9).contains(&part), "{at} in {low} to {high}");
        }
    }
}

#[test]
fn the_way_uphill_crosses_contours_at_right_angles() {
    // Equal units: the frame is as many pixels a unit on one axis as on the other.
    let folder = folder();
    let svg = done(folder.path(), &["plot", "surface", HILL, "--start", "1.5,1", "--grid", "9"]);
    let range = |key: &str| {
        let low = number_after(&svg, key);
        number_after(&svg[svg.find(key).unwrap()..], " to ") - low
    };
    let frame = svg
        .lines()
        .find(|line| line.contains("fill=\"none\"") && line.starts_with("<rect"))
        .unwrap();
    let (width, height) = (number_after(frame, "width=\""), number_after(frame, "height=\""));
    let ratio = (width / range("x from ")) / (height / range("y from "));
    assert!((ratio - 1.0).abs() < 1e-3, "{ratio}");
}

#[test]
fn the_ground_of_a_network_is_its_trainings_performance() {
    let folder = folder();
    let rows: String = (0..40)
        .map(|k| format!("{},{},{}\n", k, (k * 7) % 13, if (k * 3) % 7 < 3 { "a" } else { "b" }))
        .collect();
    fs::write(folder.path().join("rows.csv"), format!("one,two,kind\n{rows}")).unwrap();
    // With test and validation, and with a penalty, P is not that of all rows, nor of the measure alone.
    for measure in ["squared-error", "rms"] {
        let mut train =
            vec!["train", "rows.csv", "--target", "kind", "--hidden", "2", "--changes", "30"];
        train.extend(["--test", "0.2", "--validation", "0.2", "--decay", "0.03", "--force"]);
        train.extend(["--performance", measure, "--save", "rows.json"]);
        train.extend(["--history", "rows-history.csv", "--history-weights"]);
        done(folder.path(), &train);
        let svg = done(
            folder.path(),
            &[
                "plot",
                "surface",
                "--model",
                "rows.json",
                "--data",
                "rows.csv",
                "--x",
                "one->h1.1",
                "--y",
                "two->h1.1",
                "--history",
                "rows-history.csv",
                "--grid",
                "5",
            ],
        );
        assert!(svg.contains("the training") && svg.contains("24 of 40 rows"), "{svg}");
        assert!(svg.contains("less 0.03 of the squared weights"), "{svg}");
        let history = fs::read_to_string(folder.path().join("rows-history.csv")).unwrap();
        // The history has P a row without the penalty, the surface has what is climbed.
        let per_row = if measure == "rms" { 1.0 } else { 24.0 };
        let climbed = |line: Option<&str>| -> f64 {
            let numbers: Vec<f64> =
                line.unwrap().split(',').map(|number| number.parse().unwrap()).collect();
            let squares: f64 = numbers[6..].iter().map(|weight| weight * weight).sum();
            assert!(squares > 0.0, "{history}");
            numbers[3] - 0.03 * squares / per_row
        };
        for (word, line) in [("start", history.lines().nth(1)), ("end", history.lines().last())] {
            let name = if measure == "rms" { "P" } else { "P a row" };
            let told = number_after(&svg, &format!("{word}: {name} = "));
            let due = climbed(line);
            assert!((told - due).abs() < 2e-4 * due.abs(), "{measure} {word}: {told} {due}");
        }
    }
}
