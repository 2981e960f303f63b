//! Text in single precision, beside lanes of single precision, bit for bit.

use uphill_graph::{Function, Scalar};

use super::super::{Language, Source};
use super::harness::{self, Case, Run, check_single};
use super::{LONG_C, UNREAD_C, operations, programs};
use crate::{Compiler, OverSamples};

fn operations_over_samples(count: usize) -> Vec<Case> {
    operations(count).into_iter().filter(|case| case.program.over_samples).collect()
}

/// A function at some points; over samples that have all inputs as columns, lanes run the same.
fn at(name: &str, function: &Function, compiler: &Compiler, points: Vec<Vec<f64>>) -> Case {
    let columns: Vec<String> = function.input_names().map(|name| name.to_string()).collect();
    let samples = OverSamples::new(function.clone(), columns).unwrap();
    let over_points = Some(compiler.compile_samples(&samples).unwrap());
    let program = compiler.compile(function).unwrap();
    Case { over_points, ..Case::new(name, program, points.into_iter().map(Run::once).collect()) }
}

fn points() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, function) in programs::plain() {
        let inputs = |k| (0..function.inputs().len()).map(move |j| 0.5 * programs::number(j + k));
        let points = || (0..3).map(|k| inputs(k).collect()).collect();
        cases.push(at(&format!("{name}, plain"), &function, &Compiler::new(), points()));
        cases.push(at(&format!("{name}, strict"), &function, &Compiler::new().strict(), points()));
    }
    // A product between two numbers of single precision, and what decides beyond the last bit of double.
    let (x, tiny) = (1.0 + (-12_f64).exp2(), (-80_f64).exp2());
    let fused = Function::record(["x", "y", "z"], |v| v[0] * v[1] + v[2]).unwrap();
    let points = vec![vec![x, x, tiny], vec![x, x, -tiny], vec![x, -x, tiny]];
    cases.push(at("fused", &fused, &Compiler::new(), points));
    cases
}

fn all() -> Vec<Case> {
    let over_samples = programs::all().into_iter().filter(|case| case.program.over_samples);
    over_samples.chain(points()).collect()
}

fn loops() -> Vec<Case> {
    let cases = super::forms::cases().into_iter().chain(super::nests::cases());
    cases.filter(|case| case.program.over_samples).collect()
}

#[test]
fn operations_in_rust() {
    check_single(Language::Rust, &operations_over_samples(3000), &[("rustc", &["-Copt-level=1"])]);
}

#[test]
fn operations_in_c() {
    check_single(Language::C, &operations_over_samples(3000), LONG_C);
}

#[test]
fn programs_in_rust() {
    check_single(Language::Rust, &all(), &[("rustc", &["-Copt-level=0"])]);
}

#[test]
fn programs_in_c() {
    check_single(Language::C, &all(), LONG_C);
}

#[test]
fn loops_in_rust() {
    check_single(Language::Rust, &loops(), &[("rustc", &[])]);
}

#[test]
fn loops_in_c() {
    check_single(Language::C, &loops(), UNREAD_C);
}

#[test]
fn without_std() {
    let source = Source::rust().without_std().in_single_precision();
    let folder = tempfile::tempdir().unwrap();
    let text = "#![no_std]\n".to_owned() + &harness::text(source, &all());
    harness::build_library(folder.path(), &text, "2018");
}

#[test]
fn a_text_tells_its_precision() {
    let function = Function::record(["x", "y"], |v| (v[0] * 0.1 + v[1]) / v[0].powi(3)).unwrap();
    let program = Compiler::new().strict().compile(&function).unwrap();
    for source in [Source::rust(), Source::c()] {
        let text = source.in_single_precision().function("f", &program).text().unwrap();
        insta::assert_snapshot!(text);
    }
}
