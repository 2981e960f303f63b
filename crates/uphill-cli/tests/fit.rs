//! `uphill fit` beside certified results, and as a user sees it: each option, each message of bad use.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::run_in;
use serde_json::Value;

/// The set's data as CSV, its model and start as arguments, and what is certified.
struct Case {
    name: String,
    csv: String,
    model: String,
    starts: [String; 2],
    parameters: Vec<(String, f64, f64)>,
    squares: f64,
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|x| x.as_str().unwrap().to_owned()).collect()
}

fn case(text: &str) -> Case {
    let set: Value = serde_json::from_str(text).unwrap();
    let names = texts(&set["parameters"]);
    let mut columns = vec![set["response"].as_str().unwrap().to_owned()];
    columns.extend(texts(&set["predictors"]));
    let data: Vec<Vec<f64>> = columns.iter().map(|name| numbers(&set["data"][name])).collect();
    let mut csv = columns.join(",") + "\n";
    for row in 0..data[0].len() {
        let fields: Vec<String> = data.iter().map(|column| format!("{:?}", column[row])).collect();
        writeln!(csv, "{}", fields.join(",")).unwrap();
    }
    let start = |key: &str| {
        let parts = names.iter().zip(numbers(&set[key])).map(|(name, x)| format!("{name}={x}"));
        parts.collect::<Vec<_>>().join(",")
    };
    let certified = numbers(&set["certified"]).into_iter().zip(numbers(&set["certified_std_dev"]));
    Case {
        name: set["name"].as_str().unwrap().to_owned(),
        csv,
        model: format!("{} = {}", columns[0], set["model"].as_str().unwrap()),
        starts: [start("start1"), start("start2")],
        parameters: names.iter().cloned().zip(certified).map(|(n, (v, e))| (n, v, e)).collect(),
        squares: set["residual_sum_of_squares"].as_f64().unwrap(),
    }
}

fn fitted(folder: &Path, arguments: &[&str]) -> Value {
    let told = run_in(folder, arguments, "");
    let line = told.lines().find(|line| line.starts_with('{'));
    serde_json::from_str(line.unwrap_or_else(|| panic!("{told}"))).unwrap()
}

fn same(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 5e-7 * expected.abs(),
        "{what}: {found}, expected {expected}"
    );
}

/// NIST's Statistical Reference Datasets, from both starts, to six digits.
#[test]
fn certified_results() {
    let mut cases: Vec<Case> = [
        include_str!("data/nist/Misra1a.json"),
        include_str!("data/nist/Chwirut2.json"),
        include_str!("data/nist/DanWood.json"),
        include_str!("data/nist/Gauss1.json"),
        include_str!("data/nist/Thurber.json"),
    ]
    .map(case)
    .into();
    let named = |names: &[(&str, f64, f64)]| {
        names.iter().map(|(name, value, error)| ((*name).to_owned(), *value, *error)).collect()
    };
    cases.push(Case {
        name: "BoxBOD".into(),
        csv: "y,x\n109,1\n149,2\n149,3\n191,5\n213,7\n224,10\n".into(),
        model: "y = b1*(1 - exp(-b2*x))".into(),
        starts: ["b1=1,b2=1".into(), "b1=100,b2=0.75".into()],
        parameters: named(&[
            ("b1", 213.809_408_89, 12.354_515_176),
            ("b2", 0.547_237_484_96, 0.104_559_936_92),
        ]),
        squares: 1_168.008_876_6,
    });
    cases.push(Case {
        name: "MGH09".into(),
        csv: "y,x\n0.1957,4\n0.1947,2\n0.1735,1\n0.16,0.5\n0.0844,0.25\n0.0627,0.167\n0.0456,0.125\n0.0342,0.1\n0.0323,0.0833\n0.0235,0.0714\n0.0246,0.0625\n".into(),
        model: "y = b1*(x^2 + x*b2)/(x^2 + x*b3 + b4)".into(),
        starts: ["b1=25,b2=39,b3=41.5,b4=39".into(), "b1=0.25,b2=0.39,b3=0.415,b4=0.39".into()],
        parameters: named(&[
            ("b1", 0.192_806_934_58, 0.011_435_312_227),
            ("b2", 0.191_282_328_73, 0.196_332_209_11),
            ("b3", 0.123_056_506_93, 0.080_842_031_232),
            ("b4", 0.136_062_330_68, 0.090_025_542_308),
        ]),
        squares: 3.075_056_038_5e-4,
    });
    let folder = tempfile::tempdir().unwrap();
    for case in cases {
        fs::write(folder.path().join("data.csv"), &case.csv).unwrap();
        for start in &case.starts {
            let arguments = ["fit", &case.model, "--data", "data.csv", "--start", start, "--json"];
            let found = fitted(folder.path(), &arguments);
            assert_eq!(found["converged"], true, "{}", case.name);
            same(found["rss"].as_f64().unwrap(), case.squares, &case.name);
            for (name, value, error) in &case.parameters {
                let of = |key: &str| found["parameters"][name][key].as_f64().unwrap();
                let what = format!("{name} of {} from {start}", case.name);
                same(of("value"), *value, &what);
                same(of("std_error"), *error, &format!("standard error of {what}"));
            }
        }
    }
}

/// A folder with tables.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("line.csv", "x,y,n\n0,1,1\n1,3,1\n2,4,2\n3,8,1\n4,9,1\n");
    write("outlier.csv", "x,y\n0,1.1\n1,2.9\n2,5.2\n3,6.8\n4,9.1\n5,60\n");
    write("decay.csv", "t,y\n0,8\n1,4.1\n2,2.2\n3,1\n");
    write("two.csv", "x,y\n0,1\n1,2\n");
    write("text.csv", "x,y\n0,1\n1,two\n");
    write("nan.csv", "x,y\n0,1\nNaN,2\n");
    write("empty.csv", "");
    write("header.csv", "x,y\n");
    write("negative.csv", "x,y,n\n0,1,1\n1,2,-1\n");
    write("kept.csv", "earlier\n");
    write("zero.csv", "x,y\n1,2\n\n0,1\n3,8\n");
    write("large.csv", "x,y\n1,2\n2,1e300\n3,8\n");
    write("far.csv", "x,y\n1,2\n1e300,1\n");
    write("names.csv", "x,my col,t,len-gth,total\n0,3,1,2,5\n1,4,2,4,7\n2,6,4,1,9\n");
    folder
}

fn told(folder: &Path, commands: &[&[&str]]) -> String {
    let run = |arguments: &&[&str]| {
        let arguments: Vec<&str> =
            std::iter::once("fit").chain(arguments.iter().copied()).collect();
        run_in(folder, &arguments, "x,y\n0,1\n1,3\n2,5.5\n")
    };
    commands.iter().map(run).collect::<Vec<_>>().join("\n")
}

fn assert_told(name: &str, told: String) {
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(name, told) });
}

const LINE: &str = "y = a + b*x";

#[test]
fn what_is_shown() {
    let folder = folder();
    let line = ["--data", "line.csv", "--start", "a=0,b=0"];
    let with = |more: &[&'static str]| -> Vec<&'static str> { [&[LINE], &line[..], more].concat() };
    let lists = [
        with(&[]),
        with(&["--weights", "n"]),
        with(&["--bounds", "a=..0.5,b=..2"]),
        with(&["--performance", "rms"]),
        with(&["--performance", "log-likelihood"]),
        with(&["--method", "quasi-newton"]),
        with(&["--method", "ascent", "--rate", "0.01"]),
        with(&["--method", "ascent", "--rate", "0.01", "--most-iterations", "3"]),
        vec![LINE, "--data", "line.csv", "--start", "a=0", "--fix", "b=2"],
        vec![LINE, "--data", "-", "--start", "a=0,b=0"],
        vec![LINE, "--data", "two.csv", "--start", "a=0,b=0"],
        vec!["y = a + b + c*x", "--data", "line.csv", "--start", "a=1,b=1,c=1"],
        vec!["log(y) = a - k*t", "--data", "decay.csv", "--start", "a=0,k=0", "--residuals", "-"],
        vec![
            LINE,
            "--data",
            "outlier.csv",
            "--start",
            "a=0,b=0",
            "--performance",
            "huber",
            "--width",
            "0.5",
        ],
        vec![
            LINE,
            "--data",
            "outlier.csv",
            "--start",
            "a=0,b=0",
            "--performance",
            "-log(cosh(desired - computed))",
        ],
        with(&["--performance", "-n*(desired - computed)^2"]),
        vec!["y = a + b*x; z = 3; s = 2", "--data", "line.csv", "--start", "a=0,b=0"],
        vec!["`my col` = a + b*`len-gth`", "--data", "names.csv", "--start", "a=0,b=0"],
    ];
    let lists: Vec<&[&str]> = lists.iter().map(Vec::as_slice).collect();
    assert_told("what_is_shown", told(folder.path(), &lists));
}

#[test]
fn messages_of_bad_use() {
    let folder = folder();
    let start = "a=0,b=0";
    assert_told(
        "messages_of_bad_use",
        told(
            folder.path(),
            &[
                &["y = a + b*z", "--data", "line.csv", "--start", start],
                &["q = a + b*x", "--data", "line.csv", "--start", start],
                &["k = exp(b); totl = a + k*x", "--data", "names.csv", "--start", start],
                &["a + b*x", "--data", "line.csv", "--start", start],
                &[LINE, "--data", "line.csv", "--start", "a=0,b=0,y=1"],
                &["y = a + b*x +", "--data", "line.csv", "--start", start],
                &["# a line\nc = 2; y = a + b*(c*x", "--data", "line.csv", "--start", start],
                &["t = a + b*my col", "--data", "names.csv", "--start", start],
                &["my col = a + b*t", "--data", "names.csv", "--start", start],
                &["t = a + b*len-gth", "--data", "names.csv", "--start", start],
                &[LINE, "--data", "line.csv", "--start", start, "--performance", "-(computed"],
                &[LINE, "--data", "line.csv", "--start", "a=0"],
                &[LINE, "--data", "line.csv", "--start", "a=0,b=0,c=1"],
                &[LINE, "--data", "line.csv", "--start", start, "--fix", "a=1"],
                &[LINE, "--data", "line.csv", "--start", start, "--bounds", "a=1..2"],
                &[LINE, "--data", "line.csv", "--start", start, "--width", "2"],
                &[LINE, "--data", "line.csv", "--start", start, "--bounds", "d=1..2"],
                &[LINE, "--data", "line.csv", "--start", start, "--bounds", "a=2..1"],
                &[LINE, "--data", "line.csv", "--start", start, "--bounds", "a=5"],
                &[LINE, "--data", "line.csv", "--start", start, "--weights", "m"],
                &[LINE, "--data", "negative.csv", "--start", start, "--weights", "n"],
                &[LINE, "--data", "line.csv", "--start", start, "--performance", "rmse"],
                &[
                    LINE,
                    "--data",
                    "line.csv",
                    "--start",
                    start,
                    "--performance",
                    "huber",
                    "--width",
                    "0",
                ],
                &[LINE, "--data", "line.csv", "--start", start, "--method", "ascent"],
                &[
                    LINE, "--data", "line.csv", "--start", start, "--method", "ascent", "--rate",
                    "1",
                ],
                &[LINE, "--data", "text.csv", "--start", start],
                &[LINE, "--data", "nan.csv", "--start", start],
                &[LINE, "--data", "empty.csv", "--start", start],
                &[LINE, "--data", "header.csv", "--start", start],
                &[LINE, "--data", "none.csv", "--start", start],
                &["y = a/x + b", "--data", "line.csv", "--start", start],
                &["y = a*log(b*x)", "--data", "zero.csv", "--start", "a=1,b=1"],
                &["y = a*log(b*x)", "--data", "-", "--start", "a=1,b=1"],
                &["y = a + log(b)*x", "--data", "line.csv", "--start", "a=1,b=-1"],
                &["y = a + sqrt(b)*x", "--data", "zero.csv", "--start", start],
                &[
                    "y = a + sqrt(b)*x",
                    "--data",
                    "zero.csv",
                    "--start",
                    start,
                    "--method",
                    "quasi-newton",
                ],
                &[LINE, "--data", "large.csv", "--start", start],
                &[LINE, "--data", "large.csv", "--start", start, "--method", "quasi-newton"],
                &["y = a + b*x^2", "--data", "far.csv", "--start", start],
                &[LINE, "--data", "line.csv", "--start", start, "--residuals", "kept.csv"],
                &[LINE, "--data", "line.csv", "--start", start, "--residuals", "no/folder.csv"],
                &["-", "--data", "-", "--start", start],
            ],
        ),
    );
    assert_eq!(fs::read_to_string(folder.path().join("kept.csv")).unwrap(), "earlier\n");
}

/// The heights of a curve with some noise, and a straight line with outliers on both sides.
fn kinked() -> (tempfile::TempDir, Vec<(f64, f64)>) {
    let folder = tempfile::tempdir().unwrap();
    let noise = [0.3, -0.2, 0.5, -0.6, 0.1];
    let rows: Vec<(f64, f64)> = (1..=15)
        .map(|k| (50.0 * f64::from(k), noise[k as usize % 5]))
        .map(|(x, noise)| (x, 240.0 * (1.0 - (-0.0006 * x).exp()) + noise))
        .map(|(x, y)| (x, (y * 1000.0).round() / 1000.0))
        .collect();
    let mut csv = String::from("x,y\n");
    rows.iter().for_each(|(x, y)| writeln!(csv, "{x},{y}").unwrap());
    fs::write(folder.path().join("data.csv"), csv).unwrap();
    (folder, rows)
}

/// A minus sign that was forgotten: P has no summit, and no climb looks for it forever.
#[test]
fn performances_without_a_summit() {
    let (folder, _) = kinked();
    let performances = [
        "(desired-computed)^2",
        "desired-computed",
        "computed",
        "log(1 + (desired-computed)^2)",
        "abs(desired-computed)",
        "sqrt(abs(desired-computed))",
        "exp(computed)",
    ];
    let mut more = vec![vec!["--most-iterations", "1000"]; performances.len()];
    more.push(vec!["--method", "ascent", "--rate", "0.01"]);
    let all = performances.iter().chain(&performances[..1]).zip(&more);
    for (performance, more) in all {
        let line = ["fit", LINE, "--data", "data.csv", "--start", "a=0,b=0", "--performance"];
        let told = run_in(folder.path(), &[&line[..], &[performance], more].concat(), "");
        assert!(told.contains("error: P rises without bound, so there is nothing to"), "{told}");
        // A loss is known by its formula, others by where they lead.
        let is_loss = told.contains("it is least where `computed` is `desired`");
        assert!(is_loss != told.contains(" at a = "), "{told}");
        assert!(told.contains("is a minus sign missing?"), "{told}");
        assert!(!told.contains("a = -inf") && !told.contains("a = inf"), "{told}");
        assert!(told.ends_with("--- exit code 1\n"), "{told}");
    }
}

/// The least sum of distances lies on a line through two of the points, where P has kinks on all sides.
#[test]
fn kinks_are_no_summits_unless_p_falls_to_all_sides() {
    let (folder, rows) = kinked();
    let mut highest = f64::NEG_INFINITY;
    for (k, one) in rows.iter().enumerate() {
        for other in &rows[..k] {
            let slope = (other.1 - one.1) / (other.0 - one.0);
            let off = rows.iter().map(|(x, y)| (y - one.1 - slope * (x - one.0)).abs());
            highest = highest.max(-off.sum::<f64>());
        }
    }
    let fit = |start: &str, performance: &str, most: &str| {
        let line = ["fit", LINE, "--data", "data.csv", "--json", "--most-iterations", most];
        let found = fitted(
            folder.path(),
            &[&line[..], &["--start", start, "--performance", performance]].concat(),
        );
        let text = |key: &str| found[key].as_str().unwrap().to_owned();
        let number = |key: &str| found[key].as_f64().unwrap();
        (number("performance"), number("iterations"), found["converged"] == true, text("stopped"))
    };
    let distance = "-abs(desired - computed)";
    for start in ["a=0,b=0", "a=5,b=-2", "a=4,b=0.11", "a=1000,b=10"] {
        let (p, _, converged, stopped) = fit(start, distance, "10000");
        assert!((p - highest).abs() < 1e-9 * highest.abs(), "{p}, not {highest}, from {start}");
        assert!(converged, "{start}: {stopped}");
        assert_eq!(stopped, "converged to a kink of P: no way leads up from here");
    }
    // A climb that was cut short says so.
    for most in ["0", "5", "20", "50"] {
        let (_, iterations, converged, stopped) = fit("a=0,b=0", distance, most);
        assert_eq!(iterations.to_string(), most);
        assert!(!converged, "{stopped}");
        assert_eq!(stopped, "not converged: the most iterations are done");
    }
    // At a cusp no slope tells the way.
    let (_, _, converged, stopped) = fit("a=0,b=0", "-sqrt(abs(desired - computed))", "10000");
    assert!(!converged);
    assert!(
        stopped.starts_with("not converged: no step improves P, but its slope is not 0"),
        "{stopped}"
    );
}
