//! What a message suggests works when it is followed: options, commands and values as other tools call them, slips of
//! the keys, functions of other languages, and functions where an output is meant.

mod common;

use std::fs;
use std::path::Path;

use common::{command, finish};

fn told(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = command(folder);
    command.args(arguments);
    let done = finish(command, b"");
    (done.status.code(), String::from_utf8(done.stderr).unwrap())
}

/// The last text between single quotes in the line of the hint.
fn hint(message: &str) -> Option<String> {
    let line = message.lines().find_map(|line| line.trim().strip_prefix("tip: "))?;
    let line = line.strip_suffix(" here").unwrap_or(line);
    line.rsplit('\'').nth(1).map(str::to_owned)
}

/// A command line without the option, and options: as another tool calls it, as we do.
type Options = (&'static [&'static str], &'static [(&'static str, &'static str)]);

/// Other tools' names for what a command has: the option that is meant.
const OPTIONS: &[Options] = &[
    (
        &["train"],
        &[
            ("epochs", "passes"),
            ("lr", "rate"),
            ("learning-rate", "rate"),
            ("batch-size", "batch"),
            ("loss", "performance"),
            ("optimizer", "method"),
            ("weight-decay", "decay"),
            ("layers", "hidden"),
            ("label", "target"),
            ("features", "inputs"),
            ("drop", "ignore"),
            ("test-size", "test"),
            ("val-split", "validation"),
            ("early-stopping", "patience"),
            ("random-state", "seed"),
            ("max-iter", "changes"),
            ("checkpoint", "resume"),
            ("sep", "delimiter"),
            ("overwrite", "force"),
            ("figure", "picture"),
            ("no-shuffle", "in-order"),
            ("learning_rate", "rate"),
            ("Epochs", "passes"),
            ("momentun", "momentum"),
            ("targt", "target"),
            ("held-out", "validation"),
        ],
    ),
    (
        &["fit"],
        &[
            ("p0", "start"),
            ("epochs", "most-iterations"),
            ("maxiter", "most-iterations"),
            ("loss", "performance"),
            ("lr", "rate"),
            ("yerr", "sigma"),
            ("csv", "data"),
            ("fixed", "fix"),
            ("solver", "method"),
        ],
    ),
    (
        &["grad"],
        &[
            ("point", "at"),
            ("hess", "hessian"),
            ("jac", "jacobian"),
            ("tex", "latex"),
            ("verify", "check"),
            ("file", "data"),
        ],
    ),
    (
        &["solve"],
        &[
            ("x0", "start"),
            ("init", "start"),
            ("tol", "tolerance"),
            ("max-iter", "most-iterations"),
            ("params", "at"),
            ("structured", "json"),
        ],
    ),
    (&["check"], &[("tol", "tolerance"), ("points", "random"), ("range", "within")]),
    (&["view"], &[("history-file", "history"), ("caption", "title"), ("file", "data")]),
    (&["predict"], &[("output", "out"), ("sep", "delimiter")]),
    (&["evaluate"], &[("separator", "delimiter")]),
    (
        &["plot", "surface"],
        &[("lr", "rate"), ("iterations", "steps"), ("figsize", "size"), ("3d", "solid")],
    ),
    (&["plot", "learning"], &[("dark", "theme"), ("resolution", "size")]),
    (&["man"], &[("dir", "folder")]),
];

#[test]
fn options_of_other_tools_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (line, options) in OPTIONS {
        for (there, here) in *options {
            let there = format!("--{there}");
            let (code, message) = told(folder.path(), &[line, &[there.as_str(), "1"][..]].concat());
            let hint = hint(&message);
            if code != Some(2) || hint.as_deref() != Some(&format!("--{here}")) {
                wrong.push(format!("{line:?} {there}: {hint:?}, not --{here}: {message}"));
                continue;
            }
            // Followed, the option is known, whatever else is missing.
            let (_, message) =
                told(folder.path(), &[line, &[&*format!("--{here}"), "1"][..]].concat());
            if message.contains(&format!("unexpected argument '--{here}'")) {
                wrong.push(format!("{line:?} --{here}: {message}"));
            }
        }
        // What is nobody's word gets the help, which is there.
        let (_, message) = told(folder.path(), &[line, &["--qqqqqqqqqq"][..]].concat());
        let help = hint(&message).unwrap_or_default();
        let words: Vec<&str> = help.split(' ').skip(1).collect();
        if told(folder.path(), &words).0 != Some(0) {
            wrong.push(format!("{line:?}: {message}"));
        }
    }
    // An option of another command.
    let (_, message) = told(folder.path(), &["predict", "a", "b", "--hidden", "3"]);
    if hint(&message).as_deref() != Some("uphill train --help") {
        wrong.push(message);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands_and_values_of_other_tools_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (line, expected) in [
        (&["gradient", "x"][..], "uphill grad"),
        (&["diff", "x"], "uphill grad"),
        (&["regress"], "uphill fit"),
        (&["curve_fit"], "uphill fit"),
        (&["minimize", "x"], "uphill solve"),
        (&["optimise", "x"], "uphill solve"),
        (&["learn", "x"], "uphill train"),
        (&["trian", "x"], "uphill train"),
        (&["test", "x"], "uphill evaluate"),
        (&["classify"], "uphill predict"),
        (&["functions"], "uphill formula"),
        (&["manual"], "uphill man"),
        (&["plot", "hill"], "uphill plot surface"),
        (&["plot", "history"], "uphill plot learning"),
        (&["qqqqqqq"], "uphill --help"),
        (&["plot", "qqqqqqq"], "uphill plot --help"),
    ] {
        let (code, message) = told(folder.path(), line);
        let hint = hint(&message).unwrap_or_default();
        let words: Vec<&str> = hint.split(' ').skip(1).chain(["--help"]).collect();
        if code != Some(2) || hint != expected || told(folder.path(), &words).0 != Some(0) {
            wrong.push(format!("{line:?}: {message}"));
        }
    }
    for (option, there, here) in [
        ("--activation", "logistic", "sigmoid"),
        ("--activation", "linear", "identity"),
        ("--output", "linear", "identity"),
        ("--method", "sgd", "plain"),
        ("--method", "adams", "adam"),
        ("--scale", "minmax", "range"),
        ("--scale", "zscore", "standard"),
    ] {
        let (_, message) = told(folder.path(), &["train", "t.csv", "--target", "y", option, there]);
        let (_, after) = told(folder.path(), &["train", "t.csv", "--target", "y", option, here]);
        if hint(&message).as_deref() != Some(here) || !after.contains("there is no such file") {
            wrong.push(format!("{option} {there}: {message}{after}"));
        }
    }
    // The beginning of a section's name is enough.
    for there in ["chain", "last", "train"] {
        let (code, message) = told(folder.path(), &["lecture", there]);
        if code != Some(0) {
            wrong.push(format!("{there}: {message}"));
        }
    }
    for (there, here) in [("chain_rule", "chain-rule"), ("trainings", "training")] {
        let (_, message) = told(folder.path(), &["lecture", there]);
        let (code, _) = told(folder.path(), &["lecture", here]);
        if !message.contains(&format!("did you mean `{here}`?")) || code != Some(0) {
            wrong.push(format!("{there}: {message}"));
        }
    }
    fs::write(folder.path().join("t.csv"), "x,y\n1,2\n2,4\n3,7\n").unwrap();
    for (there, here) in
        [("mse", "squared-error"), ("rmse", "rms"), ("huberr", "huber"), ("mle", "log-likelihood")]
    {
        let fit =
            |name| ["fit", "y = a*x", "--data", "t.csv", "--start", "a=1", "--performance", name];
        let (_, message) = told(folder.path(), &fit(there));
        if !message.contains(&format!("did you mean `{here}`?"))
            || told(folder.path(), &fit(here)).0 != Some(0)
        {
            wrong.push(format!("{there}: {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_function_in_the_place_of_an_output_is_told_how_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    for (text, at) in [
        ("P(x) = x^2", "x=1"),
        ("f(a) = a + 1; P(x) = f(x)^2", "x=1"),
        ("P(w1, w2) = w1*w2", "w1=1,w2=2"),
        ("P(x) = x^2; Q(x) = x", "x=1"),
    ] {
        let (code, message) = told(folder.path(), &["grad", text]);
        assert_eq!(code, Some(2), "{text}");
        let begin =
            message.split_once("without parameters, `").map(|(_, rest)| rest).unwrap_or_default();
        let name = begin.split(" = …`").next().unwrap();
        let place = text.rfind(&format!("{name}(")).unwrap();
        let end = place + text[place..].find(')').unwrap();
        let followed = format!("{}{name}{}", &text[..place], &text[end + 1..]);
        let (code, after) = told(folder.path(), &["grad", &followed, "--at", at]);
        assert_eq!(code, Some(0), "{text}: {message}{followed}: {after}");
    }
}

#[test]
fn options_without_effect_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), "x,y\n1,2\n2,4\n3,7\n").unwrap();
    for method in [&[][..], &["--method", "quasi-newton"], &["--method", "levenberg-marquardt"]] {
        let fit = ["fit", "y = a*x", "--data", "t.csv", "--start", "a=1", "--rate", "0.01"];
        let (code, message) = told(folder.path(), &[&fit[..], method].concat());
        assert_eq!(code, Some(2));
        assert!(message.contains("--rate has an effect on --method ascent alone"), "{message}");
        let (code, message) = told(folder.path(), &[&fit[..], &["--method", "ascent"]].concat());
        assert_eq!(code, Some(0), "{message}");
    }
}
