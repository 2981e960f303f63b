//! No name that came with a file, a path or an argument speaks to the terminal: whatever commands say to people holds no
//! control character but line ends and tabs, and JSON and pages none that isn't escaped.

mod common;

use std::fs;

use common::{command, finish};

/// Clears the screen, colours it, sets a title, goes back; the same by one character, and a turn of the direction.
const EVIL: &str = "\u{1b}[2J\u{1b}[31m\u{1b}]0;x\u{7}\u{8}\u{7f}\u{9b}31m\u{202e}z";

fn is_control(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c)
}

#[test]
fn nobody_else_speaks_to_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..24).map(|k| format!("{EVIL}{},{k},{}\n", k % 3, k % 2)).collect();
    fs::write(folder.path().join("t.csv"), format!("{EVIL},x,y\n{rows}")).unwrap();
    fs::write(folder.path().join("bad.csv"), format!("x,y\n1,2\n{EVIL},3\n")).unwrap();
    fs::write(folder.path().join("points.csv"), format!("{EVIL},x\n1,2\n2,3\n")).unwrap();
    let name = format!("{EVIL}.json");
    let csv = format!("{EVIL}.csv");
    let formula = format!("P = `{EVIL}`^2*x");
    let value = format!("`{EVIL}`=2,x=1");
    let problem = format!("minimise `{EVIL}`^2 + x^2; subject to `c {EVIL}`: x*`{EVIL}` >= 2");
    let at_formula = format!("@{EVIL}");
    let turned = "P = `a\u{202e}b`^2".to_owned();
    let svg = format!("{EVIL}.svg");
    let lines: Vec<Vec<&str>> = vec![
        vec!["train", "t.csv", "--target", "y", "--inputs", "x", "--changes", "2", "--save", &name],
        vec!["train", "t.csv", "--target", EVIL, "--changes", "2", "--json"],
        vec!["train", "t.csv", "--target", "y", "--changes", "2"],
        vec!["plot", "graph", "P = x^2", "--title", EVIL, "--output", &svg],
        vec!["plot", "graph", &turned, "--format", "svg"],
        vec!["grad", &turned, "--at", "`a\u{202e}b`=2", "--trace", "--explain", "--json"],
        vec!["evaluate", &name, "t.csv"],
        vec!["evaluate", &name, "t.csv", "--json"],
        vec!["predict", &name, "t.csv", "--json"],
        vec!["check", "--model", &name, "--data", "t.csv"],
        vec!["check", "--model", &name, "--data", "t.csv", "--json"],
        vec!["plot", "network", &name, "--format", "svg"],
        vec!["plot", "learning", &csv],
        vec!["train", "t.csv", "--target", "nothing"],
        vec!["train", "bad.csv", "--target", "y"],
        vec!["train", &csv, "--target", "y"],
        vec!["train", "t.csv", "--target", "y", "--save", EVIL, "--ignore", EVIL, "--inputs", EVIL],
        vec!["grad", &formula, "--at", &value],
        vec!["grad", &formula, "--at", &value, "--json", "--trace", "--explain"],
        vec![
            "grad",
            &formula,
            "--at",
            &value,
            "--trace",
            "--every",
            "--explain",
            "--hessian",
            "--check",
        ],
        vec!["grad", &formula, "--at", EVIL],
        vec!["grad", &formula],
        vec!["grad", &at_formula, "--at", "x=1"],
        vec!["grad", EVIL],
        vec!["check", &formula, "--at", &value],
        vec!["check", &formula, "--data", "bad.csv"],
        vec!["fit", &formula, "--data", "points.csv", "--start", "a=1"],
        vec!["fit", "x = a + `\u{1b}[31m`", "--data", "points.csv", "--start", "a=1"],
        vec!["solve", &problem, "--start", &value],
        vec!["solve", &problem, "--json"],
        vec!["solve", &formula],
        vec!["solve", &problem, "--start", EVIL],
        vec!["solve", &problem, "--start", &at_formula],
        vec!["view", &formula, "--at", &value],
        vec!["view", &formula, "--at", &value, "--title", EVIL],
        vec!["plot", "graph", &formula, "--at", &value, "--format", "svg", "--title", EVIL],
        vec!["plot", "surface", &formula, "--start", "1,1", "--format", "svg"],
        vec![EVIL],
        vec!["train", EVIL, EVIL],
        vec!["grad", "x", "--output", "no/such/\u{1b}[31m"],
        vec!["man", EVIL],
        vec!["lecture", EVIL],
    ];
    let mut wrong = Vec::new();
    for arguments in lines {
        let mut command = command(folder.path());
        command.args(&arguments);
        let done = finish(command, b"");
        for (stream, bytes) in [("output", &done.stdout), ("error", &done.stderr)] {
            let text = String::from_utf8_lossy(bytes);
            // A picture or page is a file for a browser, which may turn the direction of writing inside of a name.
            let is_drawn = stream == "output" && ["plot", "view"].contains(&arguments[0]);
            let turns = |c| ('\u{202a}'..='\u{202e}').contains(&c);
            let found = text.chars().find(|&c| is_control(c) && !(is_drawn && turns(c)));
            if let Some(c) = found {
                wrong.push(format!("{arguments:?}: standard {stream} has {c:?}"));
            }
            // JSON stays JSON.
            if stream == "output" && arguments.contains(&"--json") && done.status.success() {
                for value in
                    serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>()
                {
                    if let Err(error) = value {
                        wrong.push(format!("{arguments:?}: {error}"));
                    }
                }
            }
        }
    }
    let picture = fs::read_to_string(folder.path().join(&svg)).unwrap();
    assert!(!picture.contains(|c: char| c.is_control() && c != '\n'));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
