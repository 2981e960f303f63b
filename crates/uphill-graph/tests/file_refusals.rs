//! Files that are no functions: each is refused with a message that says what was expected and what came.

use uphill_graph::{Custom, CustomOp, Error, Function, Scalar};

/// A file with these inputs, nodes, names and outputs.
fn file(inputs: &str, nodes: &str, names: &str, outputs: &str) -> String {
    format!(
        r#"{{"format": "uphill-function", "version": 1, "inputs": [{inputs}], "nodes": [{nodes}], "names": {{{names}}}, "outputs": [{outputs}]}}"#
    )
}

const X: &str = r#"{"name": "x", "role": "variable"}"#;
const P: &str = r#"{"name": "P", "node": 0}"#;

/// A function of x with these nodes behind it.
fn nodes(nodes: &str) -> String {
    file(X, &format!(r#""input", {nodes}"#), "", P)
}

/// A table of refusals: what is wrong with each file, or the part of it that is, and the message.
fn refusals<T: AsRef<[u8]>>(files: impl IntoIterator<Item = (String, T)>) -> String {
    let rows = files.into_iter().map(|(what, file)| match Function::from_reader(file.as_ref()) {
        Ok(f) => panic!("accepted {what}: {f}"),
        Err(error) => format!("{what}\n    {error}\n"),
    });
    rows.collect()
}

/// One operand.
struct Fold;

impl CustomOp for Fold {
    fn name(&self) -> &str {
        "fold"
    }
    fn arity(&self) -> usize {
        1
    }
    fn value(&self, x: &[f64]) -> f64 {
        x[0].abs()
    }
    fn partials<S: Scalar>(&self, x: &[S], _z: S) -> Vec<S> {
        vec![x[0].sign()]
    }
}

#[test]
fn the_smallest_files_are_read() {
    let constant = file("", r#"{"constant": -0}"#, "", P);
    assert_eq!(
        Function::from_json(&constant).unwrap().eval(&[]).unwrap()[0].to_bits(),
        (-0.0_f64).to_bits()
    );
    let nothing = Function::from_json(&file("", "", "", "")).unwrap();
    assert!(nothing.eval(&[]).unwrap().is_empty());
    // Names may be left out, and fields come in any order.
    let short =
        r#"{"outputs": [], "nodes": [], "inputs": [], "version": 1, "format": "uphill-function"}"#;
    assert_eq!(Function::from_json(short).unwrap(), nothing);
}

#[test]
fn errors_keep_their_kind() {
    let kind = |text: String| Function::from_json(&text).unwrap_err();
    assert!(matches!(kind(nodes(r#"["mul", 0]"#)), Error::Invalid { .. }));
    assert!(matches!(kind(nodes(r#"["mull", 0]"#)), Error::Format { .. }));
    assert!(matches!(kind(file("", "", r#""a": 0"#, "")), Error::Format { .. }));
    assert!(matches!(
        kind(file(&[X, X].join(","), r#""input", "input""#, "", "")),
        Error::DuplicateName { kind: "input", .. }
    ));
}

#[test]
fn what_is_no_function_file() {
    let texts = [
        "".to_owned(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        "\u{feff}{}".into(),
        r#"{"format": "uphill-function", "version": 1"#.into(),
    ];
    let mut rows: Vec<_> = texts.map(|text| (text.escape_debug().to_string(), text)).into();
    rows.push(("a million brackets".into(), "[".repeat(1_000_000)));
    rows.push(("in the header".into(), r#"{"format":"#.to_owned() + &"[".repeat(1_000_000)));
    rows.push(("in the nodes".into(), r#"{"nodes":["#.to_owned() + &"[".repeat(1_000_000)));
    let whole = file("", "", "", "");
    rows.push(("a word behind the file".into(), format!("{whole} x")));
    rows.push(("another file behind it".into(), whole.repeat(2)));
    insta::assert_snapshot!(refusals(rows));
    let garbage = b"{\"format\": \"uphill-funct\xffion\"}";
    assert_eq!(
        refusals([("not UTF-8".into(), garbage)]),
        "not UTF-8\n    can't read the function: invalid unicode code point at line 1 column 25\n"
    );
}

#[test]
fn headers() {
    let good = file(X, r#""input""#, "", P);
    let header = r#""format": "uphill-function", "version": 1"#;
    assert!(good.contains(header));
    let headers = [
        r#""format": "onnx", "version": 1"#,
        r#""format": "onnx", "version": 7, "ir": []"#,
        r#""format": "a\u0007bcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz""#,
        r#""format": null"#,
        r#""version": 1"#,
        r#""format": "uphill-function", "version": 3"#,
        r#""format": "uphill-function", "lanes": 8, "version": 3"#,
        r#""format": "uphill-function", "version": 0"#,
        r#""format": "uphill-function", "version": 1.0"#,
        r#""format": "uphill-function", "version": "1""#,
        r#""format": "uphill-function""#,
        r#""format": "uphill-function", "version": 1, "version": 1"#,
        r#""format": "uphill-function", "version": 1, "lanes": 8"#,
        r#""format": "uphill-function", "version": 1, "la\n\u001bnes": 8"#,
        r#""format": "uphill-function", "version": 1, "names": []"#,
        r#""format": "uphill-function", "version": 1, "names": {}"#,
    ];
    insta::assert_snapshot!(refusals(
        headers.map(|other| (other.to_owned(), good.replace(header, other)))
    ));
}

#[test]
fn inputs() {
    let vector =
        |length: &str| format!(r#"{{"name": "w", "length": {length}, "role": "variable"}}"#);
    let rows = [
        (vector("4000000000"), ""),
        (vector("4000000000"), r#""input""#),
        (vec![vector("4294967295"); 5].join(", "), ""),
        (vector("4294967296"), ""),
        (vector("-1"), ""),
        (vector("1.5"), ""),
        (vector("2"), r#""input", {"constant": 1}, "input""#),
        (X.into(), ""),
        (X.into(), r#""input", "input""#),
        ("".into(), r#""input""#),
        ([X, X].join(", "), r#""input", "input""#),
        (vector("1") + r#", {"name": "w[0]", "role": "variable"}"#, r#""input", "input""#),
        (r#"{"name": "", "role": "variable"}"#.into(), r#""input""#),
        (r#"{"name": "a\nb", "role": "variable"}"#.into(), r#""input""#),
        (r#"{"name": " a", "role": "variable"}"#.into(), r#""input""#),
        (r#"{"name": "x", "role": "hero"}"#.into(), r#""input""#),
        (r#"{"name": "x"}"#.into(), r#""input""#),
        (r#"{"name": "x", "role": "variable", "lower": 0}"#.into(), r#""input""#),
        (r#"["x", null, "variable"]"#.into(), r#""input""#),
        (r#""x""#.into(), r#""input""#),
    ];
    insta::assert_snapshot!(refusals(
        rows.map(|(inputs, nodes)| {
            (format!("{inputs} / {nodes}"), file(&inputs, nodes, "", ""))
        })
    ));
}

#[test]
fn nodes_of_a_file() {
    Custom::define(Fold).unwrap();
    let rows = [
        r#"["sin", 1]"#,
        r#"["sin", 7]"#,
        r#"["sin", 18446744073709551615]"#,
        r#"["sin", 18446744073709551616]"#,
        r#"["sin", -1]"#,
        r#"["sin", 0.0]"#,
        r#"["sin", "x"]"#,
        r#"["sin", [0]]"#,
        r#"["sin", 0, 0]"#,
        r#"["sin"]"#,
        r#"["mul", 0]"#,
        r#"["dot", 0, 0, 0]"#,
        r#"["select", 0, 0]"#,
        r#"["sine", 0]"#,
        r#"["Sin", 0]"#,
        r#"["plus", 0, 0]"#,
        r#"["logsumexp", 0, 0]"#,
        r#"["a_convolution_of_two_images_with_padding", 0, 0]"#,
        r#"["\u0000\u001b[31m", 0]"#,
        r#"["fold", 0]"#,
        r#"["custom:fold", 0, 0]"#,
        r#"["custom:nobody_knows", 0]"#,
        r#"["custom:sin", 0]"#,
        r#"["powi", 0, 0]"#,
        r#"{"constant": 2.5}, ["powi", 0, 1]"#,
        r#"{"constant": "NaN"}, ["powi", 0, 1]"#,
        r#"{"constant": 2147483648}, ["powi", 0, 1]"#,
        r#"{"constant": 169}, ["polygamma", 1, 0]"#,
        r#"{"constant": 1e999}"#,
        r#"{"constant": "1"}"#,
        r#"{"constant": null}"#,
        r#"{"constant": 1, "unit": "m"}"#,
        r#"{"number": 1}"#,
        "{}",
        "[]",
        "[0, 0]",
        "1",
        "null",
        r#""constant""#,
    ];
    insta::assert_snapshot!(refusals(rows.map(|node| (node.to_owned(), nodes(node)))));
}

#[test]
fn names_and_outputs() {
    let names = [
        r#""a": 2"#,
        r#""a": 4294967297"#,
        r#""a": -1"#,
        r#""a": 0"#,
        r#""x": 1"#,
        r#""a": 1, "b": 1"#,
        r#""a": 1, "a": 1"#,
        r#""": 1"#,
        r#""a\tb": 1"#,
    ];
    let outputs = [
        r#"{"name": "P", "node": 2}"#,
        r#"{"name": "P", "node": 4294967296}"#,
        r#"{"name": "P", "node": null}"#,
        r#"{"name": "P", "node": 0}, {"name": "P", "node": 1}"#,
        r#"{"name": "\u0000", "node": 0}"#,
        r#"{"name": "P"}"#,
        r#"{"name": "P", "node": 0, "unit": "m"}"#,
        r#"["P", 0]"#,
    ];
    let with = |names, outputs| file(X, r#""input", ["sin", 0]"#, names, outputs);
    let names = names.map(|names| (names.to_owned(), with(names, P)));
    let outputs = outputs.map(|outputs| (outputs.to_owned(), with("", outputs)));
    insta::assert_snapshot!(refusals(names.into_iter().chain(outputs)));
}

#[test]
fn a_long_name_is_cut_in_messages() {
    let name = "sin".repeat(100_000);
    let error = Function::from_json(&nodes(&format!(r#"["{name}", 0]"#))).unwrap_err();
    assert!(error.to_string().len() < 200, "{error}");
    let error = Function::from_json(&nodes(&format!(r#"["sin", "{name}"]"#))).unwrap_err();
    assert!(error.to_string().len() < 500, "{error}");
    assert!(error.to_string().ends_with(" at line 1 column 300120"), "{error}");
}
