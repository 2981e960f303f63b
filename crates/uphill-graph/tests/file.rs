//! Functions as JSON: what is written reads back as the same function, and whatever is read is valid or refused.

use proptest::prelude::*;
use uphill_graph::{
    Arity, Custom, CustomOp, Function, InputGroup, Inputs, Op, Recorder, Role, Scalar, Var,
};

/// `2x`, as an operation of a user's.
struct GoldenDouble;

impl CustomOp for GoldenDouble {
    fn name(&self) -> &str {
        "golden_double"
    }
    fn arity(&self) -> usize {
        1
    }
    fn value(&self, x: &[f64]) -> f64 {
        2.0 * x[0]
    }
    fn partials<S: Scalar>(&self, _x: &[S], _z: S) -> Vec<S> {
        vec![S::constant(2.0)]
    }
}

const GOLDEN: &str = include_str!("data/function-v1.json");

fn golden() -> Function {
    Custom::define(GoldenDouble).unwrap();
    Function::from_json(GOLDEN).unwrap()
}

/// Files of version 1 must be readable for ever: never change this one.
#[test]
fn the_golden_file_reads_and_is_written_alike() {
    let f = golden();
    assert_eq!(f.to_json(), GOLDEN);
    assert_eq!(f.signature(), "(P, lowest, late)(w[0..2], none[0..0], bias, late)");
    let single = |name: &str, role| InputGroup { name: name.into(), length: None, role };
    assert_eq!(
        f.inputs().groups()[2..],
        [single("bias", Role::Variable), single("late", Role::Parameter)]
    );
    assert_eq!(f.graph().find("Ω·2").unwrap().index(), 14);
    let dot = (0.1 + 0.2) * 2.0 * 3.0 + 4.0 * 5.0;
    assert_eq!(
        f.eval(&[2.0, 3.0, 4.0, 5.0]).unwrap(),
        [2.0 * (dot * dot * dot), f64::NEG_INFINITY, 5.0]
    );
}

const GOLDEN_LOOPS: &str = include_str!("data/function-v2.json");

/// Files of version 2 must be readable for ever: never change this one.
#[test]
fn the_golden_file_with_loops_reads_and_is_written_alike() {
    let f = Function::from_json(GOLDEN_LOOPS).unwrap();
    assert_eq!(f.to_json(), GOLDEN_LOOPS);
    insta::assert_snapshot!("golden_loops", f.to_string());
    let x = [0.5, 1.0, -0.25, 2.0, 0.75, 0.1];
    let values: Vec<String> = f.eval(&x).unwrap().iter().map(|y| format!("{y:?}")).collect();
    insta::assert_snapshot!("golden_loops_values", values.join("\n"));
}

#[test]
fn serde_writes_the_same_content() {
    let f = golden();
    let compact = serde_json::to_string(&f).unwrap();
    assert!(!compact.contains('\n'));
    assert_eq!(serde_json::from_str::<Function>(&compact).unwrap(), f);
    // By way of a tree, whose fields come in any order.
    let tree: serde_json::Value = serde_json::from_str(&f.to_json()).unwrap();
    assert_eq!(Function::from_json(&tree.to_string()).unwrap(), f);
    // As a part of something else, errors come through serde.
    let error =
        serde_json::from_str::<Vec<Function>>(&format!("[{}]", GOLDEN.replace("sum", "summ")));
    assert_eq!(
        error.unwrap_err().to_string(),
        "node n17: no operation is named `summ`; did you mean `sum`? at line 28 column 9"
    );
}

#[test]
fn derivatives_and_their_late_inputs_come_back() {
    let f = Function::record(Inputs::new().variables("x", 3).parameter("y"), |v| {
        (v[0] * v[1].sin()).named("wave") + v[2].powi(3) / v[3]
    })
    .unwrap();
    for g in
        [f.gradient().unwrap(), f.with_gradient().unwrap(), f.vjp().unwrap(), f.hessian().unwrap()]
    {
        assert_eq!(Function::from_json(&g.to_json()).unwrap(), g);
    }
}

#[test]
fn readers_and_writers_report_their_troubles() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = Function::from_reader(Broken).unwrap_err();
    assert_eq!(error.to_string(), "can't read the function: the disk is gone");
    let error = golden().to_writer(Broken).unwrap_err();
    assert_eq!(error.to_string(), "the disk is full");
}

/// What a random function is made of: the inputs are x, two y, and one that is declared late.
#[derive(Debug, Clone)]
enum Step {
    Op { op: Op, picks: Vec<usize>, constant: Option<f64>, name: Option<String> },
    Late,
}

fn numbers() -> impl Strategy<Value = f64> {
    // Every finite number and both infinities; of the many NaNs the one that a file can hold.
    any::<u64>().prop_map(f64::from_bits).prop_map(|x| if x.is_nan() { f64::NAN } else { x })
}

fn step() -> impl Strategy<Value = Step> {
    let custom = Just(()).prop_map(|()| Custom::define(GoldenDouble).unwrap().op());
    let op = prop_oneof![20 => prop::sample::select(Op::ALL), 1 => custom];
    let name = prop::option::weighted(0.2, "[a-wé·'\"\\\\]{1,3}");
    let constant = prop::option::weighted(0.3, numbers());
    let op = (op, prop::collection::vec(0..1000_usize, 0..6), constant, name)
        .prop_map(|(op, picks, constant, name)| Step::Op { op, picks, constant, name });
    prop_oneof![20 => op, 1 => Just(Step::Late)]
}

fn record(steps: &[Step]) -> Function {
    let recorder = Recorder::new();
    let inputs = Inputs::new().variable("x").variables("y", 2).parameters("nothing", 0);
    let mut all = recorder.inputs(inputs).unwrap();
    for (number, step) in steps.iter().enumerate() {
        let var = match step {
            Step::Late => recorder.parameter(format!("late {number}")),
            Step::Op { op, picks, constant, name } => {
                let count = match op.arity() {
                    Arity::Exactly(count) => count,
                    Arity::Pairs => 2 * (picks.len() / 2),
                    Arity::Any => picks.len(),
                };
                let pick = |place: usize| all[picks.get(place).unwrap_or(&place) % all.len()];
                let mut x: Vec<Var<'_>> = (0..count).map(pick).collect();
                // One operand at least stays a variable, else the operation is computed at once.
                if let (Some(number), [_, .., last]) = (constant, x.as_mut_slice()) {
                    *last = Var::constant(*number);
                }
                let whole = Var::constant(picks.len() as f64);
                match op {
                    Op::Powi => x[1] = whole,
                    Op::Polygamma | Op::ErfcxDerivative | Op::LogNdtrDerivative => {
                        x = vec![whole, x[1]];
                    }
                    _ if x.is_empty() => continue,
                    _ => {}
                }
                let var = Var::apply(*op, &x);
                name.as_ref().map_or(var, |name| var.named(name))
            }
        };
        all.push(var);
    }
    for (number, var) in all.iter().rev().take(3).enumerate() {
        recorder.output(format!("P{number}"), *var);
    }
    recorder.finish().unwrap()
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

proptest! {
    #[test]
    fn random_functions_come_back(steps in prop::collection::vec(step(), 0..40), seed in numbers()) {
        let f = record(&steps);
        let text = f.to_json();
        let read = Function::from_json(&text).unwrap();
        prop_assert_eq!(&read, &f);
        prop_assert_eq!(read.to_json(), text);
        let x: Vec<f64> = (0..f.inputs().len()).map(|i| seed / (1.0 + i as f64)).collect();
        prop_assert_eq!(bits(&read.eval(&x).unwrap()), bits(&f.eval(&x).unwrap()));
    }

    #[test]
    fn mutated_files_are_valid_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), edit()), 1..5),
        with_loops in any::<bool>(),
    ) {
        golden();
        let file = if with_loops { GOLDEN_LOOPS } else { GOLDEN };
        let mut text = file.as_bytes().to_vec();
        for (at, other, edit) in edits {
            if !text.is_empty() {
                edit.apply(&mut text, at.index(file.len()), other.index(file.len()));
            }
        }
        match Function::from_reader(text.as_slice()) {
            Ok(f) => {
                prop_assert_eq!(f.verify(), Ok(()));
                prop_assert_eq!(&Function::from_json(&f.to_json()).unwrap(), &f);
                // What was accepted can be used: none of these panics, nor is large if few bytes say that it is.
                let _ = (f.to_string(), f.summary());
                if f.graph().len() < 100_000 && f.graph().run_operations() < 100_000 {
                    f.eval(&vec![0.5; f.inputs().len()]).unwrap();
                    let _ = (f.simplify(), f.vjp());
                }
            }
            Err(error) => prop_assert!(!error.to_string().contains('\n')),
        }
    }
}

/// A change of a file's text.
#[derive(Debug, Clone)]
enum Edit {
    Replace(u8),
    Insert(&'static str),
    Remove(usize),
    /// Copies a piece of the file to another place.
    Copy(usize),
    /// Puts another number in place of the digits that come next.
    Number(&'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let pieces = [
        "\"input\", ",
        "{\"constant\": 1}, ",
        "\"inputs\", ",
        "{\"constants\": [1, 2]}, ",
        "{\"vector\": [0, 1]}, ",
        "[\"sum\"], ",
        "[\"dot\"], ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        ",",
        "\\u0000",
        "\n",
    ];
    let numbers = [
        "0",
        "1",
        "2",
        "18",
        "4294967295",
        "4000000000",
        "1000000000",
        "9223372036854775807",
        "18446744073709551616",
        "-1",
        "1e400",
        "169",
    ];
    prop_oneof![
        1 => any::<u8>().prop_map(Edit::Replace),
        2 => prop::sample::select(pieces.to_vec()).prop_map(Edit::Insert),
        1 => (1..30_usize).prop_map(Edit::Remove),
        2 => (1..60_usize).prop_map(Edit::Copy),
        4 => prop::sample::select(numbers.to_vec()).prop_map(Edit::Number),
    ]
}

impl Edit {
    fn apply(&self, text: &mut Vec<u8>, at: usize, other: usize) {
        let (at, other) = (at % text.len(), other % text.len());
        match *self {
            Edit::Replace(byte) => text[at] = byte,
            Edit::Insert(piece) => drop(text.splice(at..at, piece.bytes())),
            Edit::Remove(count) => drop(text.drain(at..(at + count).min(text.len()))),
            Edit::Copy(count) => {
                let piece = text[other..(other + count).min(text.len())].to_vec();
                drop(text.splice(at..at, piece));
            }
            Edit::Number(number) => {
                let digit = |byte: &u8| byte.is_ascii_digit();
                if let Some(start) = text[at..].iter().position(digit) {
                    let start = at + start;
                    let count = text[start..].iter().take_while(|byte| digit(byte)).count();
                    drop(text.splice(start..start + count, number.bytes()));
                }
            }
        }
    }
}
