//! `uphill check`, as a user sees it: what is confirmed and by whom, what isn't, and each message of bad use.

mod common;

use std::fs;
use std::path::Path;

use common::run_in;

const NET: &str = "P = -(d - o)^2; o = sigmoid(w*x + b)";

/// A folder with tables and two small networks, one that the slides' formulas know and one that they don't.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("either.csv", "left,right,either\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    write("times.csv", "t,name\n0,a\n1.5,b\n\n1e3,c\n");
    write("bad.csv", "t\n1\nsoon\n");
    write("empty.csv", "t\n");
    write("net.txt", "# one neuron\nP = -(d - o)^2\no = sigmoid(w*x + b)\n");
    write("other.json", "{\"format\": \"something else\"}");
    for (file, more) in [
        ("either.json", &["--output", "sigmoid", "--performance", "squared-error"][..]),
        ("rms.json", &["--output", "sigmoid", "--performance", "rms", "--decay", "0"]),
        ("likely.json", &["--output", "sigmoid", "--performance", "cross-entropy"]),
        ("tanh.json", &["--activation", "tanh"]),
    ] {
        let mut arguments = vec!["train", "either.csv", "--target", "either", "--as-number"];
        arguments.extend(["--hidden", "2", "--test", "0", "--changes", "40", "--save", file]);
        arguments.extend(more);
        let told = run_in(folder.path(), &arguments, "");
        assert!(told.ends_with("--- exit code 0\n"), "{told}");
    }
    folder
}

/// All commands with what they print, one after the other.
fn told(folder: &Path, commands: &[&[&str]]) -> String {
    let run = |arguments: &&[&str]| {
        let arguments: Vec<&str> =
            std::iter::once("check").chain(arguments.iter().copied()).collect();
        run_in(folder, &arguments, "P = a*b")
    };
    commands.iter().map(run).collect::<Vec<_>>().join("\n")
}

fn assert_told(name: &str, told: &str) {
    // The commands stand in the text.
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(name, without_rounding(told));
    });
}

/// The tables of reports without what is rounding alone: how far numbers are apart, and the order that follows from it.
fn without_rounding(told: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let (mut rows, mut width): (Vec<String>, Option<usize>) = (Vec::new(), None);
    for line in told.lines().chain([""]) {
        if line.starts_with("  entry ") {
            width = line.find("expected").map(|at| at + "expected".len());
        }
        let is_row = line.starts_with("  ") && !line.starts_with("  …") && !line.contains(": ");
        match width.filter(|_| is_row) {
            Some(width) => rows.push(line.chars().take(width).collect()),
            None => {
                // The header first.
                rows.get_mut(1..).unwrap_or_default().sort();
                lines.append(&mut rows);
                (width, _) = (None, lines.push(line.to_owned()));
            }
        }
    }
    lines.join("\n")
}

#[test]
fn formulas_are_checked() {
    let folder = folder();
    assert_told(
        "formulas",
        &told(
            folder.path(),
            &[
                &[NET, "--at", "w=0.5,x=2,b=-1,d=1"],
                &["@net.txt", "--at", "w=0.5,x=2,b=-1,d=1", "--hessian", "--all"],
                &["P = x*y; Q = x + y", "--random", "2", "--within", "-2..2", "--seed", "7"],
                &["P = x*y; Q = x + y", "--of", "Q", "--at", "x=1,y=2", "--at", "x=3,y=4"],
                &["y = a*exp(-k*t)", "--data", "times.csv", "--at", "a=2,k=0.5"],
                &["-", "--at", "a=2,b=3", "--json"],
                &["P = abs(x)*y", "--at", "x=0,y=1"],
            ],
        ),
    );
}

#[test]
fn networks_are_checked() {
    let folder = folder();
    let data = ["--data", "either.csv"];
    let models = ["either.json", "rms.json", "likely.json", "tanh.json"];
    // All rows: which ones are the worst ten is rounding, too.
    let command = |model: &&'static str| [&["--all", "--model", *model], &data[..]].concat();
    let commands: Vec<Vec<&str>> = models.iter().map(command).collect();
    let commands: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
    assert_told("networks", &told(folder.path(), &commands));
}

#[test]
fn what_is_not_confirmed_fails() {
    let folder = folder();
    assert_told(
        "not_confirmed",
        &told(
            folder.path(),
            &[
                &["P = sqrt(x)*y", "--at", "x=0,y=1"],
                &["P = sqrt(x)*y", "--at", "x=0,y=1", "--json"],
            ],
        ),
    );
    let unsure = ["P = exp(x)", "--random", "1", "--hessian", "--tolerance", "0"];
    let told = told(folder.path(), &[&unsure]);
    assert!(told.contains("FAIL: Hessian of P by x: 1 is unreliable"), "{told}");
    assert!(told.contains("which itself is not sure enough to tell\n--- exit code 1"), "{told}");
}

#[test]
fn messages_of_bad_use() {
    let folder = folder();
    assert_told(
        "messages_of_bad_use",
        &told(
            folder.path(),
            &[
                &[],
                &[NET],
                &[NET, "--at", "w=0.5,x=2,b=-1,dd=1"],
                &[NET, "--at", "w=0.5,x=2,b=-1,d=1", "--of", "p"],
                &["P = 2^10"],
                &["P = sine(x)", "--at", "x=1"],
                &["P = x", "--at", "x=1", "--tolerance", "-1"],
                &["P = x", "--random", "3", "--within", "2..1"],
                &["P = x", "--random", "0"],
                &["P = x", "--at", "x=1", "--within", "1..2"],
                &["y = a*s", "--data", "times.csv", "--at", "a=2"],
                &["y = a*t", "--data", "bad.csv", "--at", "a=2"],
                &["y = a*t", "--data", "empty.csv", "--at", "a=2"],
                &["y = a*t", "--data", "none.csv", "--at", "a=2"],
                &["-", "--data", "-"],
                &["P = x", "--model", "either.json", "--data", "either.csv"],
                &["--model", "either.json"],
                &["--model", "-", "--data", "-"],
                &["--model", "other.json", "--data", "either.csv"],
                &["--model", "either.json", "--data", "times.csv"],
                &["--model", "either.json", "--data", "either.csv", "--hessian"],
            ],
        ),
    );
}

#[test]
fn json_parses() {
    let folder = folder();
    let told = run_in(
        folder.path(),
        &["check", "--model", "either.json", "--data", "either.csv", "--json"],
        "",
    );
    let line = told.lines().nth(1).unwrap();
    let read: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(read["passed"], true);
    assert_eq!(read["checks"][0]["oracle"], "closed_form");
    assert_eq!(read["checks"][1]["oracle"], "numerical");
    for check in read["checks"].as_array().unwrap() {
        let report: uphill_check::Report = serde_json::from_value(check["report"].clone()).unwrap();
        assert!(report.passed());
        assert!(report.entry("dP/dleft→h1.1").is_some());
    }
}

#[test]
fn more_derivatives_than_fit_are_told_before_they_are_computed() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "t\n".to_owned() + &"1\n".repeat(500_001);
    let table = ["check", "y = a*t", "--data", "-", "--at", "a=2"];
    let random = ["check", "y = a*t", "--random", "500001"];
    for (arguments, input) in [(&table[..], rows.as_str()), (&random[..], "")] {
        let told = run_in(folder.path(), arguments, input);
        let limit =
            "at most 1000000 derivatives are checked at once: 500000 points of 2 each; take fewer";
        assert!(told.contains(limit) && told.ends_with("--- exit code 2\n"), "{told}");
    }
}
