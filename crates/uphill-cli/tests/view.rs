//! `uphill view`, as a user sees it: what the page holds for each thing that is given, and each message of bad use.
//!
//! That the page works in a browser is tested where it is made, in `uphill-pictures`.

mod common;

use std::fs;
use std::path::Path;

use common::run_in;
use serde_json::Value;

/// A folder with a small network and its histories, with weights and without.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("either.csv", "left,right,either\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    write("kept.html", "earlier\n");
    let train = |more: &[&str]| {
        let mut arguments = vec!["train", "either.csv", "--target", "either", "--as-number"];
        arguments.extend(["--hidden", "2", "--test", "0", "--changes", "40"]);
        arguments.extend(more);
        let told = run_in(folder.path(), &arguments, "");
        assert!(told.ends_with("--- exit code 0\n"), "{told}");
    };
    train(&["--save", "either.json", "--history", "history.csv", "--history-weights"]);
    train(&["--history", "bare.csv"]);
    write("classes.csv", "long,wide,kind\n1,1,a\n2,1,a\n1,2,b\n2,3,b\n4,4,c\n5,4,c\n");
    let classes = ["train", "classes.csv", "--target", "kind", "--hidden", "2", "--test", "0"];
    let more = ["--decay", "0.01", "--changes", "40", "--save", "classes.json"];
    let told = run_in(folder.path(), &[&classes[..], &more].concat(), "");
    assert!(told.ends_with("--- exit code 0\n"), "{told}");
    folder
}

/// The page that is written, and the data in it.
fn page(folder: &Path, arguments: &[&str]) -> (String, Value) {
    let mut all = vec!["view"];
    all.extend(arguments);
    all.extend(["--grid", "9", "--output", "page.html", "--force"]);
    let told = run_in(folder, &all, "");
    assert!(told.ends_with("--- exit code 0\n"), "{told}");
    let page = fs::read_to_string(folder.join("page.html")).unwrap();
    assert!(page.starts_with("<!doctype html>"));
    let begin = "<script type=\"application/json\" id=\"data\">";
    let start = page.find(begin).unwrap() + begin.len();
    let end = page[start..].find("</script>").unwrap() + start;
    let data = serde_json::from_str(&page[start..end]).unwrap();
    (page, data)
}

const AXES: [&str; 4] = ["--x", "left->h1.1", "--y", "right->h1.1"];

#[test]
fn formulas() {
    let folder = folder();
    let (page, data) = self::page(folder.path(), &["P = x*y", "--title", "Product"]);
    assert!(page.contains("<title>Product</title>"));
    assert_eq!(data["chain"]["numbers"], false);
    assert!(data.get("training").is_none() && data.get("surface").is_none());
    let point = ["P = x*y; Q = x - y", "--at", "x=2,y=3", "--of", "P", "--start", "2,3"];
    let (_, data) = self::page(folder.path(), &point);
    assert_eq!(data["title"], "P(x, y)");
    assert_eq!(data["chain"]["sweeps"][0]["adjoints"][0]["value"], "3");
    // The climb runs away and is stopped after 24 of its 50 steps.
    assert_eq!(data["surface"]["points"].as_array().unwrap().len(), 25);
}

#[test]
fn every_operation_has_a_step() {
    let folder = folder();
    let formula = ["P = -(d - sigmoid(w*x - t))^2", "--at", "d=1,w=2,x=0.5,t=0.25"];
    let lines = |more: &[&str]| {
        let (_, data) = self::page(folder.path(), &[&formula[..], more].concat());
        data["chain"]["nodes"].as_array().unwrap().len()
    };
    // Four inputs and P; with all operations also w*x, − t, sigmoid, d −, ².
    assert_eq!((lines(&[]), lines(&["--every"])), (5, 10));
    let (_, data) = self::page(folder.path(), &["P = x*y + x", "--every"]);
    assert_eq!(data["chain"]["nodes"].as_array().unwrap().len(), 4);
    let model = ["--model", "either.json", "--data", "either.csv", "--row", "1"];
    let count = |more: &[&str]| {
        let (_, data) = self::page(folder.path(), &[&model[..], more].concat());
        data["chain"]["program"]["lines"].as_array().unwrap().len()
    };
    assert!(count(&["--every"]) > 2 * count(&[]));
}

#[test]
fn trainings() {
    let folder = folder();
    let rows = |data: &Value| data["training"]["rows"].as_array().unwrap().len();
    let (_, data) = page(folder.path(), &["--history", "bare.csv"]);
    assert_eq!(rows(&data), 41);
    assert_eq!(data["training"]["drawn"].as_array().unwrap().len(), 0);
    let model = ["--model", "either.json", "--data", "either.csv"];
    let mut all = vec!["--history", "history.csv", "--row", "2"];
    all.extend(model);
    all.extend(AXES);
    let (_, data) = page(folder.path(), &all);
    assert_eq!(rows(&data), 41);
    assert_eq!(data["training"]["names"][0], "left→h1.1");
    assert_eq!(data["surface"]["linked"], true);
    assert_eq!(
        data["surface"]["names"],
        serde_json::json!(["left→h1.1 (input scaled)", "right→h1.1 (input scaled)", "P a row"])
    );
    assert_eq!(data["chain"]["sweeps"][0]["output"], "P");
    // The path begins where the first row's weights are.
    let history = fs::read_to_string(folder.path().join("history.csv")).unwrap();
    let first: Vec<&str> = history.lines().nth(1).unwrap().split(',').collect();
    let weight: f64 = first[6].parse().unwrap();
    let shown = data["surface"]["points"][0][0].as_str().unwrap().replace('−', "-");
    assert!((shown.parse::<f64>().unwrap() - weight).abs() < 1e-4, "{shown} {weight}");
    let mut climb = model.to_vec();
    climb.extend(AXES);
    climb.extend(["--start", "0.5,0.5", "--steps", "3"]);
    let (_, data) = page(folder.path(), &climb);
    assert_eq!(data["surface"]["points"].as_array().unwrap().len(), 4);
}

#[test]
fn saved_networks_have_sliders() {
    let folder = folder();
    // A number is computed: no regions.
    let (page, data) =
        self::page(folder.path(), &["--model", "either.json", "--data", "either.csv"]);
    let sliders = &data["sliders"];
    assert_eq!(sliders["names"][0], "left→h1.1");
    assert_eq!(sliders["rows"].as_array().unwrap().len(), 4);
    assert_eq!(
        (sliders["divisor"].as_f64(), sliders["name"].as_str()),
        (Some(4.0), Some("P a row"))
    );
    assert!(sliders["plane"].is_null() && sliders["still"].is_null());
    assert_eq!(sliders["chained"], false);
    assert!(!page.contains("data-region=\"") && data.get("chain").is_none());
    // Classes over two columns, in their own units; the chain of a row has the same weights.
    let classes = ["--model", "classes.json", "--data", "classes.csv", "--row", "2"];
    let (page, data) = self::page(folder.path(), &classes);
    let sliders = &data["sliders"];
    assert_eq!(sliders["plane"]["classes"], 3);
    assert_eq!(sliders["chained"], true);
    let names: Vec<&str> =
        sliders["names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(names.contains(&"h1.1→a") && !names.iter().any(|name| name.contains('=')), "{names:?}");
    assert!(page.contains("kind over long and wide") && page.contains(">wide<"));
    let note = sliders["notes"][0].as_str().unwrap();
    assert!(note.contains("less 0.01 of the squared weights, on 6 rows"), "{note}");
    let (_, data) = self::page(folder.path(), &[&classes[..], &["--inputs", "wide,long"]].concat());
    assert_eq!(data["sliders"]["plane"]["places"], serde_json::json!([1, 0]));
}

#[test]
fn messages_of_bad_use() {
    let folder = folder();
    let model = ["--model", "either.json", "--data", "either.csv"];
    let with = |more: &[&'static str]| [&model[..], more].concat();
    let commands: Vec<Vec<&str>> = vec![
        vec![],
        vec!["P = sine(x)"],
        vec!["P = x*y", "--at", "x=1"],
        vec!["P = x*y", "--at", "x=1,z=2"],
        vec!["P = x", "--start", "1,2"],
        vec!["P = x", "--history", "history.csv"],
        vec!["--model", "either.json"],
        with(&["--inputs", "left,right"]),
        vec!["--model", "classes.json", "--data", "classes.csv", "--inputs", "long"],
        vec!["--model", "classes.json", "--data", "classes.csv", "--inputs", "long,kind"],
        vec!["P = x*y", "--inputs", "x,y"],
        with(&["--row", "0"]),
        with(&["--row", "5"]),
        with(&["--x", "left->h1.1"]),
        with(&["--history", "bare.csv", "--x", "left->h1.1", "--y", "right->h1.1"]),
        vec!["--history", "none.csv"],
        vec!["--history", "either.csv"],
        vec!["--history", "history.csv", "--start", "1,1"],
        vec!["P = x", "--output", "kept.html"],
        vec!["P = x", "--output", "no/folder/page.html"],
        vec!["P = sum(i, 1..500, w[i]^2)"],
    ];
    let run = |arguments: &Vec<&str>| {
        let all: Vec<&str> = std::iter::once("view").chain(arguments.iter().copied()).collect();
        run_in(folder.path(), &all, "")
    };
    let told = commands.iter().map(run).collect::<Vec<_>>().join("\n");
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(told) });
    assert_eq!(fs::read_to_string(folder.path().join("kept.html")).unwrap(), "earlier\n");
}
