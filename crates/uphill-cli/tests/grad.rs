//! `uphill grad`, as a user sees it: each way to show a derivative, and each message of bad use.

mod common;

use std::fs;
use std::path::Path;

use common::run_in;

const LINEAR: &str = "P = 3*o1 - 7*o2; o1 = w1 - 2*w2 + 5*w3; o2 = 2*w1 - w2 - 6";
const NET: &str = "P = -(d - o)^2; o = sigmoid(w*x + b)";

/// A folder with some tables and a formula.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("times.csv", "t,name\n0,a\n1.5,b\n\n1e3,c\n");
    write("bad.csv", "t\n1\nsoon\n");
    write("nan.csv", "t\n1\nNaN\n");
    write("empty.csv", "");
    write("net.txt", "# one neuron\nP = -(d - o)^2\no = sigmoid(w*x + b)\n");
    write("marked.txt", "\u{feff}P = x^2\n");
    write("kept.txt", "earlier\n");
    folder
}

/// All commands with what they print, one after the other.
fn told(folder: &Path, commands: &[&[&str]]) -> String {
    let run = |arguments: &&[&str]| {
        let arguments: Vec<&str> =
            std::iter::once("grad").chain(arguments.iter().copied()).collect();
        run_in(folder, &arguments, "P = a*b")
    };
    commands.iter().map(run).collect::<Vec<_>>().join("\n")
}

fn assert_told(name: &str, told: String) {
    // The commands stand in the text.
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(name, told) });
}

#[test]
fn what_is_shown() {
    let folder = folder();
    assert_told(
        "what_is_shown",
        told(
            folder.path(),
            &[
                &[LINEAR, "--at", "w1=1,w2=1,w3=1"],
                &[LINEAR, "--at", "w1=1,w2=1,w3=1", "--json"],
                &[LINEAR, "--at", "w1=1,w2=1,w3=1", "--explain", "w1"],
                &[LINEAR, "--at", "w1=1,w2=1,w3=1", "--of", "o2", "--of", "P", "--jacobian"],
                &["@net.txt", "--at", "w=0.5,x=2,b=-1,d=1", "--trace", "--hessian"],
                &["@net.txt", "--at", "w=0.5,x=2,b=-1,d=1", "--explain", "w", "--ascii"],
                &["@net.txt", "--at", "w=0.5,x=2,b=-1,d=1", "--explain", "w", "--latex"],
                &["@net.txt", "--symbolic", "--hessian"],
                &["@net.txt", "--symbolic", "--explain", "w"],
                &["@net.txt", "--latex"],
                &["@net.txt", "--symbolic", "--latex", "--explain", "w"],
                &["@net.txt", "--symbolic", "--json", "--explain", "b"],
                &["P = x^2/y", "--symbolic", "--ascii"],
                &["P = 2^10", "--symbolic"],
                &["@net.txt", "--at", "w=0.5,x=2,b=-1,d=1", "--check"],
                &[NET, "--at", "w=0,x=2,b=-1,d=1", "--at", "w=1,x=2,b=-1,d=1", "--csv"],
                &["-", "--at", "a=2,b=3", "--json", "--jacobian", "--hessian"],
                &["P = -(d - sigmoid(w*x))^2", "--at", "w=0.5,x=2,d=1", "--trace", "--every"],
                &["P = x*y", "--dot"],
                &["P = x*y", "--mermaid"],
                &["y = a*exp(-k*t)", "--data", "times.csv", "--at", "a=2,k=0.5"],
                &["y = a*exp(-k*t)", "--data", "times.csv", "--at", "a=2,k=0.5", "--json"],
                &["P = x*y^2", "--rust"],
                &["P = x*y^2; q = max(x, 1)", "--c"],
                &["P = 0.1*x*y^2", "--rust", "--single"],
                &["P = 0.1*x*y^2", "--c", "--single"],
                &["P = 1/x", "--at", "x=0", "--json"],
                &["P = 2^10", "--json"],
                &["@marked.txt", "--at", "x=3"],
            ],
        ),
    );
}

#[test]
fn messages_of_bad_use() {
    let folder = folder();
    assert_told(
        "messages_of_bad_use",
        told(
            folder.path(),
            &[
                &["P = sine(x)", "--at", "x=1"],
                &["P = (x", "--at", "x=1"],
                &["P = √x", "--at", "x=1"],
                &["f(x) = x^2", "--at", "x=1"],
                &["P = x", "--at", "x=1,5"],
                &["P = x", "--at", "x=1", "--every"],
                &["P = x", "--at", "x=1", "--single"],
                &["@none.txt", "--at", "x=1"],
                &[LINEAR],
                &[LINEAR, "--at", "w1=1,w2=1,w4=1"],
                &[LINEAR, "--at", "w1=one"],
                &[LINEAR, "--at", "w1=1,w2=1,w3=1", "--explain", "w9"],
                &[LINEAR, "--at", "w1=1,w2=1,w3=1", "--of", "o3"],
                &["y = a*s", "--data", "times.csv", "--at", "a=2"],
                &["y = a*t", "--data", "times.csv", "--at", "b=2"],
                &["y = a*t", "--data", "times.csv", "--at", "a=2,t=3"],
                &["y = a*b", "--data", "times.csv", "--at", "a=2,b=3"],
                &["y = 3", "--data", "times.csv"],
                &["y = a*t", "--data", "bad.csv", "--at", "a=2", "--out", "new.csv"],
                &["y = a*t", "--data", "nan.csv", "--at", "a=2", "--out", "new.csv"],
                &["y = a*t", "--data", "empty.csv", "--at", "a=2"],
                &["y = a*t", "--data", "none.csv", "--at", "a=2"],
                &["y = a*t", "--data", "times.csv", "--at", "a=2", "--trace"],
                &["P = x^2", "--symbolic", "--at", "x=1"],
                &["P = x^2", "--symbolic", "--explain", "y"],
                &["P = x^2", "--latex", "--trace", "--at", "x=1"],
                &["-", "--data", "-"],
                &["P = x", "--at", "x=1", "--out", "kept.txt"],
                &["P = x", "--at", "x=1", "--out", "no/folder/new.txt"],
                &["P = x", "--at", "x=1", "--json", "--csv"],
            ],
        ),
    );
    assert_eq!(fs::read_to_string(folder.path().join("kept.txt")).unwrap(), "earlier\n");
    assert!(!folder.path().join("new.csv").exists(), "nothing half-written");
}

#[test]
fn json_parses_and_numbers_keep_their_bits() {
    let folder = folder();
    let arguments = [
        "grad",
        "P = sin(x)/3 + y^2",
        "--at",
        "x=0.1,y=1e-3",
        "--json",
        "--trace",
        "--check",
        "--out",
        "p.json",
    ];
    let told = run_in(folder.path(), &arguments, "");
    assert!(told.ends_with("--- exit code 0\n"), "{told}");
    let text = fs::read_to_string(folder.path().join("p.json")).unwrap();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    let p = uphill_formula::Formula::parse("P = sin(x)/3 + y^2").unwrap().function().unwrap();
    let x = [0.1, 1e-3];
    let gradient = p.gradient().unwrap().eval(&x).unwrap();
    let read = |pointer: &str| read.pointer(pointer).and_then(serde_json::Value::as_f64).unwrap();
    assert_eq!(read("/value/P").to_bits(), p.value(&x).unwrap().to_bits());
    assert_eq!(read("/gradient/P/x").to_bits(), gradient[0].to_bits());
    assert_eq!(read("/gradient/P/y").to_bits(), gradient[1].to_bits());
    assert_eq!(read("/trace/version"), 1.0);
}
