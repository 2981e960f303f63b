//! Functions with loops as files: they come back, and files that ask for too much are refused.

use uphill_graph::{At, Function, Inputs, Scalar, Var, loops};

use crate::forms::{FORMS, inputs, points};
use crate::roots::ROOTS;

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }).collect()
}

#[test]
fn every_form_and_its_derivatives_come_back() {
    for (name, code) in FORMS.iter().chain(ROOTS) {
        let f = Function::record(inputs(), code).unwrap();
        let derivatives = [
            f.clone(),
            f.simplify(),
            f.with_gradient().unwrap(),
            f.gradient().unwrap().simplify(),
            f.hvp().unwrap().simplify(),
        ];
        for (which, f) in derivatives.iter().enumerate() {
            let text = f.to_json();
            let is_flat = text.contains("\"version\": 1");
            assert!(is_flat || f.graph().has_loops() || text.contains("vector"), "{name} {which}");
            let read = Function::from_json(&text)
                .unwrap_or_else(|error| panic!("{name} {which}: {error}\n{text}"));
            assert!(read == *f, "{name} {which}\n{text}");
            assert_eq!(read.to_json(), text, "{name} {which}");
            assert_eq!(read.to_string(), f.to_string(), "{name} {which}");
            let compact = serde_json::to_string(f).unwrap();
            assert!(serde_json::from_str::<Function>(&compact).unwrap() == *f, "{name} {which}");
            let mut x = points()[0].to_vec();
            x.resize(f.inputs().len(), 0.75);
            assert_eq!(bits(&read.eval(&x).unwrap()), bits(&f.eval(&x).unwrap()), "{name} {which}");
        }
    }
}

/// A file is as long as what was written, not as what is computed.
#[test]
fn files_are_short() {
    let text = |n: usize| {
        let inputs = Inputs::new().variables("x", n);
        let f = Function::record(inputs, |x| {
            loops::sum(1..n, |i| (x.at(i) - x.at(i - 1)).square() * i.value())
        });
        f.unwrap().to_json()
    };
    let (short, long) = (text(10), text(100_000));
    assert!(long.len() < short.len() + 20, "{}", long.len());
    insta::assert_snapshot!(short);
}

/// A loop over x[0..8], whose parts can be put in other words.
const FILE: &str = r#"{"format": "uphill-function", "version": 2,
"inputs": [{"name": "x", "length": 8, "role": "variable"}],
"tables": [[3, 0, 7]],
"nodes": ["inputs", {"constants": [0.5, 1.5]}, {"vector": [3, 1]}, {"loop": {"iterations": 3,
"inputs": [{"name": "i0", "read": {"node": 0, "walk": {"stride": 1, "table": 0, "first": 2, "step": -1}}},
{"name": "i1", "carried": {"first": 2, "next": 0}}, {"name": "i2", "counter": {"start": 5, "step": 2}}],
"nodes": ["input", "input", "input", ["mul", 0, 1], ["add", 3, 2]],
"outputs": [4, 3], "targets": [{"length": 4, "adds": [{"output": 1, "walk": {"start": 1, "stride": 1}}]}],
"results": [{"last": 1}, {"sequence": 0}, {"sum": 1}, {"target": 0}]}}],
"outputs": [{"name": "P", "node": 12}, {"name": "Q", "node": 20}]}"#;

/// What is put in place of what in the file.
const CHANGES: &[(&str, &str, &str)] = &[
    ("an old version", "\"version\": 2", "\"version\": 1"),
    ("a version to come", "\"version\": 2", "\"version\": 3"),
    ("no inputs for a vector", "\"length\": 8", "\"length\": 0"),
    ("one input for a vector", "\"length\": 8, ", ""),
    ("more inputs than a file may declare", "\"length\": 8", "\"length\": 20000000"),
    ("more inputs than there are numbers", "\"length\": 8", "\"length\": 4000000000"),
    ("an input that no node is", "\"inputs\", {", "{"),
    ("a vector of what comes later", "[3, 1]", "[3, 10]"),
    ("a vector of what is not there", "[3, 1]", "[3, 99999999999]"),
    ("numbers that are words", "[0.5, 1.5]", "[0.5, \"x\"]"),
    ("a vector with a field more", "{\"vector\": [3, 1]}", "{\"vector\": [3, 1], \"name\": \"v\"}"),
    ("a table too short", "[3, 0, 7]", "[3, 0]"),
    ("a table to what is not there", "[3, 0, 7]", "[3, 0, 8]"),
    ("a table with a negative place", "[3, 0, 7]", "[3, 0, -1]"),
    ("a table that is not there", "\"table\": 0", "\"table\": 1"),
    ("no table to step in", "\"table\": 0, ", ""),
    ("steps out of the table", "\"step\": -1", "\"step\": -2"),
    ("steps beyond all numbers", "\"step\": -1", "\"step\": -9223372036854775808"),
    (
        "a start beyond all numbers",
        "\"walk\": {\"start\": 1,",
        "\"walk\": {\"start\": 9223372036854775807,",
    ),
    ("a counter beyond whole numbers", "\"step\": 2", "\"step\": 9007199254740992"),
    ("more iterations than the table has", "\"iterations\": 3", "\"iterations\": 4"),
    ("endless iterations", "\"iterations\": 3", "\"iterations\": 18446744073709551615"),
    ("a fraction of an iteration", "\"iterations\": 3", "\"iterations\": 2.5"),
    ("a loop that reads itself", "\"read\": {\"node\": 0", "\"read\": {\"node\": 12"),
    ("a loop that reads far away", "\"read\": {\"node\": 0", "\"read\": {\"node\": 4294967296"),
    ("a first value that comes later", "\"first\": 2, \"next\"", "\"first\": 77, \"next\""),
    ("a state carried from nowhere", "\"next\": 0", "\"next\": 2"),
    ("a state as wide as a vector", "\"outputs\": [4, 3]", "\"outputs\": [[3, 2], 3]"),
    (
        "a state of another width",
        "\"name\": \"i1\",",
        "\"name\": \"i1\", \"length\": 2, \"role\": \"variable\",",
    ),
    (
        "two ways to be fed",
        "{\"name\": \"i2\",",
        "{\"name\": \"i2\", \"carried\": {\"first\": 0, \"next\": 0},",
    ),
    ("no way to be fed", ", \"counter\": {\"start\": 5, \"step\": 2}", ""),
    ("a feed as a list", "{\"start\": 5, \"step\": 2}", "[5, 2]"),
    ("an unknown field of a feed", "\"name\": \"i2\"", "\"nome\": \"i2\""),
    ("a body's input twice", "\"name\": \"i2\"", "\"name\": \"i1\""),
    (
        "a body's input without a node",
        "[\"input\", \"input\", \"input\",",
        "[\"input\", \"input\",",
    ),
    ("a body's operation without operands", "[\"mul\", 0, 1]", "[\"mul\", 0]"),
    ("an unknown operation", "[\"mul\", 0, 1]", "[\"mull\", 0, 1]"),
    ("a body's node of later ones", "[\"mul\", 0, 1]", "[\"mul\", 0, 4]"),
    ("a body's output that is not there", "\"outputs\": [4, 3]", "\"outputs\": [4, 5]"),
    ("an output without end", "\"outputs\": [4, 3]", "\"outputs\": [4, [3, 18446744073709551615]]"),
    ("an output of three numbers", "\"outputs\": [4, 3]", "\"outputs\": [4, [3, 1, 1]]"),
    ("a target too short", "{\"length\": 4,", "{\"length\": 3,"),
    ("a target without end", "{\"length\": 4,", "{\"length\": 18446744073709551615,"),
    ("a target longer than all nodes", "{\"length\": 4,", "{\"length\": 3221225472,"),
    ("adding what is not there", "\"output\": 1", "\"output\": 2"),
    ("the last value of what is not carried", "{\"last\": 1}", "{\"last\": 0}"),
    ("the last value of nothing", "{\"last\": 1}", "{\"last\": 3}"),
    ("a sequence of nothing", "{\"sequence\": 0}", "{\"sequence\": 2}"),
    ("the sum of nothing", "{\"sum\": 1}", "{\"sum\": 18446744073709551615}"),
    ("a target that is not there", "{\"target\": 0}", "{\"target\": 1}"),
    ("a result of no kind", "{\"sum\": 1}", "{\"product\": 1}"),
    ("fewer results than are read", "{\"last\": 1}, ", ""),
    ("an output beyond the results", "\"node\": 20", "\"node\": 21"),
];

#[test]
fn files_with_loops_are_valid_or_refused() {
    let f = Function::from_json(FILE).unwrap();
    insta::assert_snapshot!("a_file_with_a_loop", f.to_string());
    assert_eq!(Function::from_json(&f.to_json()).unwrap(), f);
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    // s = 3: then 8*3 + 5, 1*29 + 7, 4*36 + 9; the last addition goes to the last place.
    assert_eq!(f.eval(&x).unwrap(), [153.0, 144.0]);
    let mut rows = String::new();
    for (what, before, after) in CHANGES {
        assert_eq!(FILE.matches(before).count(), 1, "{what}: {before}");
        match Function::from_json(&FILE.replace(before, after)) {
            Ok(f) => panic!("accepted {what}: {f}"),
            Err(error) => rows.push_str(&format!("{what}\n    {error}\n")),
        }
    }
    insta::assert_snapshot!("refusals", rows);
}

/// Bodies in bodies: as many as may nest, one more, and so many that no stack would hold them.
#[test]
fn bodies_in_bodies() {
    let nested = |depth: usize| {
        let open = r#"["input", {"loop": {"iterations": 2, "inputs": [{"name": "i", "read": {"node": 0}}], "nodes": "#;
        let close = r#", "outputs": [1], "results": [{"sum": 0}]}}]"#;
        let body = r#"["input", ["sin", 0]]"#;
        let nodes = open.repeat(depth) + body + &close.repeat(depth);
        format!(
            r#"{{"format": "uphill-function", "version": 2, "inputs": [{{"name": "x", "role": "variable"}}], "nodes": {nodes}, "outputs": [{{"name": "P", "node": 1}}]}}"#
        )
    };
    let deepest = Function::from_json(&nested(16)).unwrap();
    assert_eq!(deepest.value(&[0.5]).unwrap(), 65536.0 * 0.5_f64.sin());
    assert_eq!(Function::from_json(&deepest.to_json()).unwrap(), deepest);
    let error = |depth| Function::from_json(&nested(depth)).unwrap_err().to_string();
    assert!(error(17).ends_with("is a loop in loops more than 16 deep"), "{}", error(17));
    assert!(error(100_000).contains("recursion limit"), "{}", error(100_000));
}

/// A few bytes may declare a thousand million results: that is a function, which nothing has to write out.
#[test]
fn what_a_file_declares_costs_nothing() {
    let large = FILE
        .replace("\"iterations\": 3", "\"iterations\": 1000000000")
        .replace("\"stride\": 1, \"table\": 0, \"first\": 2, \"step\": -1", "\"start\": 2")
        .replace("{\"start\": 5, \"step\": 2}", "{\"start\": 5, \"step\": 1}")
        .replace("{\"length\": 4, \"adds\"", "{\"length\": 1000000001, \"adds\"")
        .replace("\"node\": 20", "\"node\": 2000000000");
    let f = Function::from_json(&large).unwrap();
    assert!(f.graph().len() > 2_000_000_000);
    assert_eq!(f.verify(), Ok(()));
    assert!(f.to_string().len() < 500, "{f}");
    assert_eq!(Function::from_json(&f.to_json()).unwrap(), f);
    assert!(f.unrolled().is_err());
}

/// The example of the format's description.
#[test]
fn the_described_file_is_read() {
    let text = include_str!("../../../../docs/function-file.md");
    let example = text.split("```json\n").nth(2).unwrap().split("```").next().unwrap();
    let f = Function::from_json(example).unwrap();
    assert_eq!(f.to_string(), "P(x[0..8])\n  P = sum for i in 0..7:\n    (x[i + 1] - x[i])^2\n");
}

#[test]
fn names_in_bodies_come_back() {
    let f = Function::record(inputs(), |x| {
        loops::fold(0..3, x[0], |i, state: Var<'_>| {
            let gap = (state - x.at(i)).named("gap");
            gap * loops::sum(0..2, |j| (gap * x.at(j)).named("part"))
        })
        .named("state")
    })
    .unwrap();
    let read = Function::from_json(&f.to_json()).unwrap();
    assert_eq!(read, f);
    assert_eq!(read.to_string(), f.to_string());
}
