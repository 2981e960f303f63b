//! Models go both ways: what the command saves, a program loads, uses and writes with the same bytes; and both find the
//! same recipe in a table.

mod common;

use std::fs;

use common::{command, finish};
use serde_json::Value;
use uphill_learn::{Division, Preparation, TableModel};
use uphill_table::recipe::Target;
use uphill_table::{Format, Reader, Row};

/// Rows with a number, a text, missing cells, and targets of both kinds.
fn table() -> String {
    let mut text = "size;colour;kind;mass\n".to_owned();
    for k in 0..40 {
        let size = if k % 9 == 4 { "?".to_owned() } else { format!("{},5", k % 13) };
        let (colour, kind) = (["red", "green", "blue"][k % 3], ["a", "b"][usize::from(k % 13 > 6)]);
        text += &format!("{size};{colour};{kind};{}\n", 3 * (k % 13) + k % 3);
    }
    text
}

#[test]
fn a_model_of_the_command_is_one_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), table()).unwrap();
    let written = ["--delimiter", ";", "--decimal", ",", "--missing", "?"];
    for (target, ignored, options) in [
        ("kind", "mass", &["--fill", "mean"][..]),
        ("kind", "mass", &["--validation", "0.2", "--seed", "3"]),
        ("mass", "kind", &["--fill", "mean", "--scale", "range"]),
        ("mass", "kind", &["--performance", "-abs(desired - computed)", "--hidden", "0"]),
    ] {
        let path = folder.path().join("model.json");
        let mut train = command(folder.path());
        train.args(["train", "t.csv", "--target", target, "--ignore", ignored, "--changes", "20"]);
        train.args(written).args(options).args(["--save", "model.json", "--force"]);
        let done = finish(train, b"");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

        let model = TableModel::load_file(&path).unwrap();
        let mut bytes = Vec::new();
        model.write(&mut bytes).unwrap();
        assert_eq!(bytes, fs::read(&path).unwrap(), "{target} {options:?}");

        let mut predict = command(folder.path());
        predict.args(["predict", "model.json", "t.csv", "--json"]);
        let told: Value = serde_json::from_slice(&finish(predict, b"").stdout).unwrap();
        let mut expected = told["predictions"].as_array().unwrap().iter();
        let format = model.recipe.format.clone();
        let mut reader = Reader::open(folder.path().join("t.csv"), format).unwrap();
        let compare = |_: &Row<'_>, answer: Option<(f64, &[f64])>| {
            let computed = match (&model.recipe.target, answer) {
                (_, None) => Value::Null,
                (Target::Classes { classes, .. }, Some((class, _))) => {
                    classes[class as usize].as_str().into()
                }
                (Target::Number { .. }, Some((number, _))) => number.into(),
            };
            assert_eq!(computed, expected.next().unwrap()["computed"], "{target} {options:?}");
            Ok::<(), uphill_learn::Error>(())
        };
        let tally = model.answers(&mut reader, compare).unwrap();
        assert_eq!(tally.filled + tally.skipped, 4);
        assert!(expected.next().is_none());
    }
}

#[test]
fn a_table_has_one_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let text: String =
        table().lines().map(|line| line.rsplit_once(';').unwrap().0.to_owned() + "\n").collect();
    fs::write(folder.path().join("t.csv"), text).unwrap();
    let mut train = command(folder.path());
    train.args("train t.csv --target kind --changes 1 --save model.json --fill mean".split(' '));
    train.args("--delimiter ; --decimal , --missing ? --validation 0.1 --seed 7".split(' '));
    assert!(finish(train, b"").status.success());
    let model = TableModel::load_file(folder.path().join("model.json")).unwrap();
    let missing = Some(vec!["?".to_owned()]);
    let format = Format { delimiter: ';', decimal: ',', missing, ..Format::default() };
    let division = Division { test: 0.25, validation: 0.1, seed: 7 };
    let preparation = Preparation { division, fills: true, ..Preparation::default() };
    let parts = preparation.open(folder.path().join("t.csv"), format, "kind").unwrap();
    assert_eq!(*parts.recipe, model.recipe);
}

/// Shares of rows that are none: counts of rows would overflow.
#[test]
fn a_model_whose_parts_of_rows_are_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), table()).unwrap();
    let mut train = command(folder.path());
    train.args("train t.csv --target kind --changes 1 --save model.json".split(' '));
    train.args("--delimiter ; --decimal , --missing ? --validation 0.2".split(' '));
    assert!(finish(train, b"").status.success());
    let text = fs::read_to_string(folder.path().join("model.json")).unwrap();
    let checksum = text.lines().find(|line| line.contains("checksum")).unwrap();
    let text = text.replacen(checksum, "", 1);
    assert!(TableModel::parse(text.as_bytes()).is_ok());
    for (test, validation) in [("1.5", "0.2"), ("-0.25", "0.2"), ("1e300", "1e300"), ("0.8", "0.2")]
    {
        let edited = text.replacen("\"test\": 0.25", &format!("\"test\": {test}"), 1);
        let edited =
            edited.replacen("\"validation\": 0.2", &format!("\"validation\": {validation}"), 1);
        assert_ne!(edited, text);
        let error = TableModel::parse(edited.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("the parts of its rows are"), "{test}, {validation}: {error}");
    }
}
