//! Texts of small programs, names that can't be, and what there is no text for.

use uphill_graph::{At, Custom, CustomOp, Function, Inputs, Op, Scalar, Table, Var, loops};

use crate::{Compiler, Error, OverSamples, Source};

fn sample_and_sum() -> crate::Program {
    let inputs = Inputs::new().variables("w", 2).parameter("x").parameter("d");
    let function = Function::record(inputs, |v| -(v[3] - (v[0] * v[2] + v[1]).sigmoid()).square());
    let function = function.unwrap().with_gradient().unwrap();
    Compiler::new().compile_samples(&OverSamples::new(function, ["x", "d"]).unwrap().sum()).unwrap()
}

/// A loop with a table, and a block.
fn repeated() -> crate::Program {
    let inputs = Inputs::new().variables("w", 2).variables("x", 90).variables("a", 32);
    let function = Function::record_many(inputs, |v| {
        let (w, rest) = v.split_at(2);
        let (x, a) = rest.split_at(90);
        let table = Table::new((0..60).map(|k| k * k % 89), 89).unwrap();
        let sum = loops::fold(0..60, Var::constant(0.0), |k, sum: Var<'_>| {
            let e = x.at(table.at(k)) - w[0] * (w[1] * x.at(k)).tanh();
            sum - e * e.abs()
        });
        let row = |r: usize| -> Var<'_> { (0..4).map(|k| a[4 * r + k] * x[k]).sum() };
        std::iter::once(sum).chain((0..8).map(row)).collect()
    });
    Compiler::new().compile(&function.unwrap()).unwrap()
}

#[test]
fn rust_text() {
    insta::assert_snapshot!(sample_and_sum().to_rust("performance").unwrap());
    insta::assert_snapshot!(repeated().to_rust("repeated").unwrap());
}

#[test]
fn c_text() {
    insta::assert_snapshot!(sample_and_sum().to_c("performance").unwrap());
    insta::assert_snapshot!(repeated().to_c("repeated").unwrap());
}

#[test]
fn several_functions_share_kernels() {
    let (one, other) = (sample_and_sum(), repeated());
    let text = Source::rust().function("one", &one).function("other", &other).text().unwrap();
    assert_eq!(text.matches("mod kernel {").count(), 1);
    assert!(text.contains("pub fn one(") && text.contains("pub fn other("));
    assert!(!text.contains("libm"), "a sigmoid needs no other crate");
}

#[test]
fn names_that_cannot_be() {
    let program = repeated();
    for name in ["", "2nd", "a b", "größe", "kernel", "fn", "self"] {
        let error = program.to_rust(name).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{name}` can't be the name")), "{error}");
    }
    for name in ["double", "uphill_sum", "fma"] {
        assert!(program.to_c(name).is_err(), "{name}");
    }
    let twice = Source::c().function("f", &program).function("F", &program).text();
    assert!(matches!(twice, Err(Error::Invalid { .. })));
}

#[test]
fn names_of_inputs_stay_in_their_comment() {
    let names = ["x*/ evil(); /*", "a b", "back\\"];
    let function = Function::record(names, |v| v[0] + v[1] * v[2]).unwrap();
    let program = Compiler::new().compile(&function).unwrap();
    let c = program.to_c("f").unwrap();
    let mut outside =
        c.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, behind)| behind));
    assert!(c.contains("evil") && outside.all(|text| !text.contains("evil")), "{c}");
    let rust = program.to_rust("f").unwrap();
    let line = rust.lines().find(|line| line.contains("evil")).unwrap();
    assert!(line.starts_with("///"), "{rust}");
}

struct Doubled;

impl CustomOp for Doubled {
    fn name(&self) -> &str {
        "doubled_for_source"
    }
    fn arity(&self) -> usize {
        1
    }
    fn value(&self, x: &[f64]) -> f64 {
        2.0 * x[0]
    }
    fn partials<S: Scalar>(&self, _: &[S], _: S) -> Vec<S> {
        vec![S::constant(2.0)]
    }
}

#[test]
fn custom_operations_have_no_text() {
    let doubled = Custom::define(Doubled).unwrap();
    let function = Function::record(["x"], |v| Scalar::apply(Op::Custom(doubled), &[v[0]]));
    let program = Compiler::new().compile(&function.unwrap()).unwrap();
    for text in [program.to_rust("f"), program.to_c("f")] {
        let error = text.unwrap_err().to_string();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"not supported: source text of the custom operation `doubled_for_source`");
        }
    }
}
