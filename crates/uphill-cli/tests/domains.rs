//! Outside of a domain there is no slope: where a value is NaN, so are its derivatives, the exit code is 1, and the
//! message says which number left which domain. Every function that can make NaN of numbers is asked.

mod common;

use std::fs;

use common::{command, finish};
use serde_json::Value;

/// A formula of x at a point where a function has no value, and what the message has.
const OUTSIDE: &[(&str, &str, &str)] = &[
    ("log(x)", "-1", "ln is defined for numbers from 0 on"),
    ("log2(x)", "-0.5", "log2 is defined for numbers from 0 on"),
    ("log10(x)", "-1", "log10 is defined for numbers from 0 on"),
    ("log1p(x)", "-2", "log1p is defined for numbers from -1 on"),
    ("sqrt(x - 2)", "1", "sqrt is defined for numbers from 0 on"),
    ("asin(x)", "1.5", "asin is defined for numbers from -1 to 1"),
    ("acos(x)", "-1.5", "acos is defined for numbers from -1 to 1"),
    ("acosh(x)", "0.5", "acosh is defined for numbers from 1 on"),
    ("atanh(x)", "2", "atanh is defined for numbers from -1 to 1"),
    ("x^0.5", "-1", "^ is defined for bases from 0 on"),
    ("xlogy(2, x)", "-1", "xlogy is defined for numbers of which the second is 0 or more"),
    ("digamma(x)", "-1", "digamma is defined for numbers other than 0, -1"),
    ("(x - 1)/(x - 1)", "1", "/ is defined for numbers of which the second is not 0"),
];

#[test]
fn where_there_is_no_value_there_is_no_slope() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), "x\n2\n-1\n-2\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = command(folder.path());
        command.args(arguments);
        let done = finish(command, b"");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    };
    let mut wrong = Vec::new();
    for (function, x, expected) in OUTSIDE {
        let formula = format!("P = 3*{function} + y; Q = x*y");
        let at = format!("x={x},y=2");
        let base = ["grad", &formula, "--at", &at];
        for more in [
            &["--json", "--hessian", "--jacobian"][..],
            &["--json", "--hessian", "--sparse"],
            &["--csv"],
            &[],
        ] {
            let (code, output, message) = run(&[&base[..], more].concat());
            let is_told = message.contains(expected) && message.contains("`P` is NaN");
            let is_nan = match more {
                ["--json", ..] => {
                    let json: Value = serde_json::from_str(&output).unwrap();
                    let slopes = &json["gradient"];
                    let hessian = more.contains(&"--sparse") || json["hessian"]["P"][0][0] == "NaN";
                    slopes["P"]["x"] == "NaN"
                        && slopes["P"]["y"] == "NaN"
                        && slopes["Q"]["x"] == 2
                        && hessian
                }
                // Value and both slopes.
                _ => output.matches("NaN").count() == 3,
            };
            if code != Some(1) || !is_told || !is_nan {
                wrong.push(format!("{formula} {more:?}: {code:?} {output}{message}"));
            }
        }
        // Judged, it isn't confirmed; climbed, it is told.
        let one = format!("P = 3*{function} + y");
        let start = format!("{x},2");
        let (problem, begin) = (
            format!("minimise y; subject to c: {one} >= 0", one = &one[4..]),
            format!("x={x},y=2"),
        );
        for line in [
            &["solve", &problem, "--start", &begin][..],
            &["check", &one, "--at", &at],
            &[
                "plot", "surface", &one, "--format", "svg", "--x", "x", "--y", "y", "--start",
                &start,
            ],
            &[
                "plot", "surface", &one, "--format", "svg", "--x", "x", "--y", "y", "--arrow",
                &start,
            ],
        ] {
            let (code, _, message) = run(line);
            if code == Some(0) || !message.contains("NaN") {
                wrong.push(format!("{line:?}: {code:?} {message}"));
            }
        }
    }
    // For rows of a table, all are written, then the first one is told.
    let (code, output, message) = run(&["grad", "P = log(x)", "--data", "t.csv"]);
    let slopes: Vec<&str> = output.lines().skip(1).collect();
    if code != Some(1) || slopes != ["0.6931471805599453,0.5", "NaN,NaN", "NaN,NaN"] {
        wrong.push(format!("{code:?} {output}"));
    }
    for told in ["t.csv, line 3: `P` is NaN", "from x = -1", "so is it in 1 row more"] {
        if !message.contains(told) {
            wrong.push(message.clone());
        }
    }
    // A branch that is not taken leaves no domain, and a pole is no NaN.
    for (formula, at) in
        [("P = if(x > 0, log(x), 0)", "x=-1"), ("P = 1/x", "x=0"), ("P = log(x)", "x=0")]
    {
        let (code, output, message) = run(&["grad", formula, "--at", at]);
        if code != Some(0) {
            wrong.push(format!("{formula}: {output}{message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A Hessian of thousands of inputs is shown by its entries, in memory that follows from them.
#[test]
fn large_hessians_are_sparse_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let terms: Vec<String> = (0..4500).map(|k| format!("x{k}*x{}", (k + 1) % 4500)).collect();
    fs::write(folder.path().join("ring"), format!("P = {}", terms.join(" + "))).unwrap();
    let names: Vec<String> = (0..4500).map(|k| format!("x{k}")).collect();
    fs::write(folder.path().join("square"), format!("P = ({})^2", names.join(" + "))).unwrap();
    let at: Vec<String> = names.iter().map(|name| format!("{name}=1")).collect();
    let at = at.join(",");
    let run = |arguments: &[&str]| {
        let mut command = command(folder.path());
        command.args(arguments);
        finish(command, b"")
    };
    let done = run(&["grad", "@ring", "--at", &at, "--hessian", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let json: Value = serde_json::from_slice(&done.stdout).unwrap();
    let entries = json["hessian_entries"]["P"].as_array().unwrap();
    assert_eq!(entries.len(), 9000);
    assert_eq!(entries[0], serde_json::json!({ "row": "x0", "column": "x1", "value": 1 }));
    let done = run(&["grad", "@square", "--at", &at, "--hessian"]);
    let message = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{message}");
    assert!(message.contains("GiB of memory"), "{message}");
    let done = run(&["grad", "P = x^2*y + z", "--at", "x=1,y=2,z=3", "--hessian", "--sparse"]);
    let shown = String::from_utf8_lossy(&done.stdout);
    let expected =
        "Hessian of P, 3 × 3: 3 entries other than 0\nd2P/dxdx = 4\nd2P/dxdy = 2\nd2P/dydx = 2\n";
    assert!(shown.ends_with(expected), "{shown}");
}
