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
        with(&["--method", "l-bfgs"]),
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
                &["y = a + b*x +", "--data", "line.csv", "--start", start],
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
                &[LINE, "--data", "line.csv", "--start", start, "--residuals", "kept.csv"],
                &[LINE, "--data", "line.csv", "--start", start, "--residuals", "no/folder.csv"],
                &["-", "--data", "-", "--start", start],
            ],
        ),
    );
    assert_eq!(fs::read_to_string(folder.path().join("kept.csv")).unwrap(), "earlier\n");
}
