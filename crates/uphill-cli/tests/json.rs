//! What `--json` prints is what docs/json.md says: every key that is printed is listed there with its type, and every
//! key that is listed is printed by one of these commands.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use common::{command, finish};
use serde_json::Value;

const LINEAR: &str = "P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6";

/// Commands by the heading that tells of their outputs. What only saves a file is under none.
const COMMANDS: &[(&str, &[&[&str]])] = &[
    (
        "uphill grad --json",
        &[
            &["grad", LINEAR, "--at", "w1=1,w2=1,w3=1", "--jacobian", "--hessian"],
            &["grad", LINEAR, "--at", "w1=1,w2=1,w3=1", "--trace", "--explain", "--check"],
            &["grad", LINEAR, "--symbolic", "--hessian", "--explain", "w1"],
            &["grad", "P = 1/x", "--at", "x=0"],
            &["grad", "P = x^2*y + z", "--at", "x=1,y=2,z=3", "--hessian", "--sparse"],
            &["grad", "P = a*x + y", "--data", "line.csv", "--at", "a=2"],
        ],
    ),
    (
        "uphill fit --json",
        &[
            &["fit", "y = a + b*x", "--data", "line.csv", "--start", "a=0,b=0"],
            &["fit", "y = a + b*x", "--data", "line.csv", "--start", "a=0", "--fix", "b=1"],
            &[
                "fit",
                "y = a + b*x",
                "--data",
                "line.csv",
                "--start",
                "a=0,b=0",
                "--method",
                "quasi-newton",
            ],
            &["fit", "y = a + b*x + c*x^2", "--data", "line.csv", "--start", "a=0,b=0,c=0"],
        ],
    ),
    (
        "uphill solve --json",
        &[
            &["solve", "minimise x + 2*y; subject to x*y >= 2; x <= 5", "--start", "x=1,y=2"],
            &["solve", "minimise x; subject to x*y >= 2; x <= 0; y >= 0", "--start", "x=-1,y=1"],
        ],
    ),
    (
        "uphill train --json",
        &[
            &["train", "iris.csv", "--target", "species", "--changes", "3", "--save", "iris.json"],
            &[
                "train",
                "iris.csv",
                "--target",
                "petal_width_cm",
                "--changes",
                "3",
                "--save",
                "width.json",
            ],
            &[
                "train",
                "iris.csv",
                "--target",
                "species",
                "--passes",
                "1",
                "--batch",
                "1",
                "--method",
                "plain",
                "--rate",
                "step:0.1,0.5,10",
                "--performance",
                "-(desired - computed)^2",
            ],
            &[
                "train",
                "iris.csv",
                "--target",
                "species",
                "--passes",
                "1",
                "--batch",
                "20",
                "--method",
                "momentum",
                "--rate",
                "exponential:0.1,0.5,10",
                "--validation",
                "0.2",
                "--patience",
                "9",
            ],
            &[
                "train",
                "iris.csv",
                "--target",
                "species",
                "--changes",
                "1",
                "--method",
                "plain",
                "--rate",
                "inverse-time:0.1,0.5",
                "--start",
                "uniform:0.1",
                "--convention",
                "book",
            ],
        ],
    ),
    (
        "uphill check --json",
        &[
            &["check", "P = abs(x)*y", "--at", "x=0,y=2"],
            &["check", "P = 1/x", "--at", "x=0"],
            &["check", "--model", "iris.json", "--data", "iris.csv"],
        ],
    ),
    (
        "uphill evaluate --json",
        &[&["evaluate", "iris.json", "iris.csv"], &["evaluate", "width.json", "iris.csv"]],
    ),
    (
        "uphill predict --json",
        &[&["predict", "iris.json", "iris.csv"], &["predict", "width.json", "iris.csv"]],
    ),
    ("uphill siblings --json", &[&["siblings"]]),
];

/// The tables of docs/json.md: for each heading the keys with their types.
fn documented() -> BTreeMap<String, BTreeMap<String, String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/json.md");
    let text = fs::read_to_string(file).unwrap();
    let mut tables: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut heading = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title.trim_matches('`').to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            let mut cells = row.split(" | ");
            let key = cells.next().unwrap().trim_matches('`').to_owned();
            let kind = cells.next().unwrap().to_owned();
            assert!(
                tables.entry(heading.clone()).or_default().insert(key, kind).is_none(),
                "{row}"
            );
        }
    }
    tables
}

/// What an output is held against, and what of it was seen.
struct Table<'t> {
    keys: &'t BTreeMap<String, String>,
    seen: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Table<'_> {
    fn object(&mut self, place: &str, object: &serde_json::Map<String, Value>) {
        for (name, value) in object {
            let inside = |name: &str| match place {
                "" => name.to_owned(),
                _ => format!("{place}.{name}"),
            };
            let key =
                [name.as_str(), "NAME"].map(inside).into_iter().find(|k| self.keys.contains_key(k));
            match key {
                Some(key) => self.value(&key, value),
                None => self.wrong.push(format!("{} is not listed", inside(name))),
            }
        }
    }

    fn value(&mut self, key: &str, value: &Value) {
        let kind = &self.keys[key];
        self.seen.insert(key.to_owned());
        if !kind.split(" or ").any(|kind| is(kind, value)) {
            self.wrong.push(format!("{key} is {value}, listed as {kind}"));
        }
        match value {
            Value::Object(object) if kind.contains("object") && kind != "foreign object" => {
                // Parts that have the same keys share their rows.
                let shares = !self.keys.keys().any(|other| other.starts_with(&format!("{key}.")));
                self.object(if shares { "PART" } else { key }, object);
            }
            Value::Array(list) if kind == "list of objects" => {
                for object in list {
                    self.object(&format!("{key}[]"), object.as_object().unwrap());
                }
            }
            _ => {}
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    let all = |inner: &str| {
        value.as_array().is_some_and(|list| list.iter().all(|value| is(inner, value)))
    };
    match kind {
        "number" => value.is_number() || matches!(value.as_str(), Some("inf" | "-inf" | "NaN")),
        "text" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "object" | "foreign object" => value.is_object(),
        "list of texts" => all("text"),
        "list of objects" => all("object"),
        "list of numbers" => all("number"),
        "list of lists of numbers" => all("list of numbers"),
        _ => panic!("no such type: {kind}"),
    }
}

#[test]
fn outputs_have_the_keys_that_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let iris = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/iris.csv");
    fs::copy(iris, folder.path().join("iris.csv")).unwrap();
    fs::write(folder.path().join("line.csv"), "x,y\n0,1\n1,3\n2,4\n").unwrap();
    let tables = documented();
    let listed: Vec<&str> = tables.keys().map(String::as_str).collect();
    let mut tested: Vec<&str> = COMMANDS.iter().map(|(heading, _)| *heading).collect();
    tested.sort_unstable();
    assert_eq!(listed, tested);
    for (heading, lines) in COMMANDS {
        let mut table = Table { keys: &tables[*heading], seen: BTreeSet::new(), wrong: Vec::new() };
        for line in *lines {
            let mut command = command(folder.path());
            command.args(*line).args(["--json", "--quiet"]);
            let done = finish(command, b"");
            // `check` prints what it found, and 1 says that it found something; `solve`, that it found no optimum.
            let good = done.status.success() && done.stderr.is_empty();
            assert!(
                good || ["check", "solve"].contains(&line[0]),
                "{line:?}: {}",
                String::from_utf8_lossy(&done.stderr)
            );
            for output in serde_json::Deserializer::from_slice(&done.stdout).into_iter::<Value>() {
                let output = output.unwrap_or_else(|error| panic!("{line:?}: {error}"));
                table.object("", output.as_object().unwrap());
            }
        }
        let keys = tables[*heading].keys().filter(|key| !table.seen.contains(*key));
        table.wrong.extend(keys.map(|key| format!("{key} is listed but never printed")));
        assert!(table.wrong.is_empty(), "{heading}:\n{}", table.wrong.join("\n"));
    }
}
