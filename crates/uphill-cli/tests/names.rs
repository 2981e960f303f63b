//! Every name that a table can have can be written on the command line, for every option that takes one; and the hint
//! for a number that is missing works when it is followed.

mod common;

use std::fs;
use std::path::Path;

use common::{command, finish};

/// Names that a list on the command line could take apart.
const NAMES: &[&str] = &[
    "petal length",
    "a=b",
    "a,b",
    "a, b = 1",
    "a`b",
    "``",
    "w[1][2]",
    "length [mm]",
    "(",
    "]x[",
    "=",
    "-1",
    "1e3",
    "x..y",
    "species=Iris setosa",
    "ä→β",
    "a\"b",
    "if",
    "e",
    "#",
    "a;b",
    "'",
];

fn backquoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A table with a column of this name, another one and a target.
fn table(folder: &Path, name: &str) {
    let field = format!("\"{}\"", name.replace('"', "\"\""));
    let rows: String = (0..20).map(|k| format!("{},{},{}\n", k, (k * 7) % 5 + 1, k + 3)).collect();
    fs::write(folder.join("t.csv"), format!("{field},other,y\n{rows}")).unwrap();
}

#[test]
fn every_name_can_be_given_to_every_option() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for name in NAMES {
        table(folder.path(), name);
        let q = backquoted(name);
        let at = |numbers: &str| format!("b=2,{q}{numbers}");
        let formula = format!("P = -({q}^2 + b^2); o = {q}*b");
        let one = format!("P = -({q}^2 + b^2)");
        let line = format!("y = {q} + b*other");
        let all = format!("other,{q}");
        let number = at("=1");
        let (start, bounds) = (format!("{q}=1,b=2"), format!("{q}=-1e9..1e9,b=..1e9"));
        let (range, fixed) = (format!("{q}=-1..1"), format!("{q}=3"));
        let by_column = format!("P = {q}*b");
        let defined = format!("{q} = b^2");
        let problem = format!("minimise {q}^2 + b^2; subject to {q}*b >= 2; {q} <= 5");
        let fixed_problem =
            format!("variables b; parameters {q}; minimise b^2; subject to {q}*b >= 2");
        let constraint = format!("minimise x + b; subject to {q}: x*b >= 2; x >= 0");
        let lines: Vec<Vec<&str>> = vec![
            vec!["solve", &problem, "--start", &start],
            vec!["solve", &fixed_problem, "--start", "b=1", "--at", &fixed],
            vec!["solve", &constraint, "--start", "x=1,b=2", "--json"],
            vec!["grad", &formula, "--at", &number],
            vec!["grad", &formula, "--at", &number, "--of", "P", "--explain", &q],
            vec!["grad", &defined, "--at", "b=2", "--of", &q],
            vec!["grad", &by_column, "--data", "t.csv", "--at", "b=2"],
            vec!["check", &formula, "--at", &number],
            vec!["check", &by_column, "--data", "t.csv", "--at", "b=2"],
            vec!["view", &formula, "--at", &number, "--of", "P"],
            vec!["view", &one, "--at", &number, "--x", &range, "--y", "b"],
            vec!["plot", "surface", &one, "--x", &range, "--y", "b=-1..1", "--format", "svg"],
            vec!["plot", "surface", &one, "--x", "b", "--y", &q, "--format", "svg"],
            vec!["plot", "graph", &one, "--at", &number, "--format", "svg"],
            // The column's name as that of a parameter, and as that of a column.
            vec!["fit", &line, "--data", "t.csv", "--start", &start, "--bounds", &bounds],
            vec!["fit", &line, "--data", "t.csv", "--start", "b=1", "--fix", &fixed],
            vec![
                "fit",
                "y = a + b*other",
                "--data",
                "t.csv",
                "--start",
                "a=0,b=1",
                "--weights",
                &q,
            ],
            vec![
                "plot",
                "fit",
                "y = a + b*other",
                "--data",
                "t.csv",
                "--start",
                "a=0,b=1",
                "--names",
                &all,
                "--format",
                "svg",
            ],
            vec!["train", "t.csv", "--target", "y", "--inputs", &all, "--changes", "1"],
            vec![
                "train",
                "t.csv",
                "--target",
                "y",
                "--ignore",
                &q,
                "--category",
                "other",
                "--changes",
                "1",
            ],
            vec!["train", "t.csv", "--target", "y", "--category", &all, "--changes", "1"],
            vec!["train", "t.csv", "--target", &q, "--as-number", "--changes", "1"],
        ];
        for arguments in lines {
            let mut command = command(folder.path());
            command.args(&arguments);
            let done = finish(command, b"");
            if done.status.code() != Some(0) {
                wrong.push(format!("{arguments:?}: {}", String::from_utf8_lossy(&done.stderr)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_hint_for_a_missing_number_works() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for name in NAMES.iter().chain(&["plain", "w[1,2]"]) {
        let formula = match *name {
            "w[1,2]" => "P = w[1, 2]^2".to_owned(),
            name => format!("P = {}^2", backquoted(name)),
        };
        let run = |at: &[&str]| {
            let mut command = command(folder.path());
            command.args(["grad", &formula]).args(at);
            finish(command, b"")
        };
        let told = String::from_utf8(run(&[]).stderr).unwrap();
        let hint = told.trim_end().rsplit_once("; add ").map_or("", |(_, hint)| hint);
        let hint = hint.split_once(", or take --symbolic").map_or(hint, |(hint, _)| hint);
        // A plain name is shown with its `=…` between backquotes, another one brings its own.
        let hint = match hint.strip_prefix('`').and_then(|hint| hint.strip_suffix('`')) {
            Some(hint) => hint,
            None => hint,
        };
        let followed = hint.replace('…', "3");
        let done = run(&["--at", &followed]);
        if done.status.code() != Some(0) || !followed.ends_with("=3") {
            let after = String::from_utf8_lossy(&done.stderr).into_owned();
            wrong.push(format!("{formula}: {told}{followed}: {after}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
