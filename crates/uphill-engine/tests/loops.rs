//! Loops of graphs as loops of programs: every form and derivative, by every backend, over samples too.

use uphill_engine::{Backend, Compiler, Samples};
use uphill_graph::Function;

mod common;

use common::{backends, compile, compile_samples, each, summed};

#[path = "../../uphill-graph/tests/loops/forms.rs"]
mod forms;

#[path = "../../uphill-graph/tests/loops/sparse_forms.rs"]
mod sparse_forms;

#[path = "../../uphill-graph/tests/loops/workloads.rs"]
mod workloads;

use forms::{FORMS, inputs, points};
use sparse_forms::{PERFORMANCES, ROWS};
use workloads::WORKLOADS;

type Derivative = (&'static str, fn(&Function) -> Function, usize);

const DERIVATIVES: &[Derivative] = &[
    ("value", Clone::clone, 0),
    ("with_gradient", |f| f.with_gradient().unwrap(), 0),
    ("jvp", |f| f.jvp().unwrap(), 8),
    ("vjp", |f| f.vjp().unwrap(), 1),
    ("hvp", |f| f.hvp().unwrap(), 8),
    ("hessian", |f| f.hessian().unwrap(), 0),
];

fn same(what: &str, got: &[f64], due: &[f64]) {
    assert_eq!(got.len(), due.len(), "{what}");
    for (k, (got, due)) in got.iter().zip(due).enumerate() {
        let equal = got.to_bits() == due.to_bits() || (got.is_nan() && due.is_nan());
        assert!(equal, "{what}: output {k} is {got:e}, expected {due:e}");
    }
}

#[test]
fn programs_have_the_bits_of_the_function() {
    for (form, code) in FORMS {
        let f = Function::record(inputs(), code).unwrap();
        for (name, derivative, further) in DERIVATIVES {
            let more = |mut x: Vec<f64>| {
                x.extend((0..*further).map(|k| 0.5 + 0.25 * k as f64));
                x
            };
            has_the_bits(&format!("{name} of {form}"), &derivative(&f), points().map(more));
        }
    }
}

#[test]
fn sparse_derivatives_have_them_too() {
    for (form, code) in FORMS.iter().chain(PERFORMANCES) {
        let f = Function::record(inputs(), code).unwrap();
        has_the_bits(form, &f.sparse_hessian().unwrap().function, points());
        has_the_bits(form, &f.sparse_hessian().unwrap().lower().function, points());
    }
    for (form, code) in ROWS {
        let f = Function::record_many(inputs(), code).unwrap();
        has_the_bits(form, &f.sparse_jacobian().unwrap().function, points());
    }
    for (name, make) in WORKLOADS {
        let (f, x) = make(12);
        has_the_bits(name, &f.sparse_hessian().unwrap().function, [x]);
    }
}

/// A function and programs of it, at some points.
fn has_the_bits<const COUNT: usize>(what: &str, function: &Function, points: [Vec<f64>; COUNT]) {
    let (strict, fused) =
        (compile(&Compiler::new().strict(), function), compile(&Compiler::new(), function));
    for x in points {
        let due = function.eval(&x).unwrap();
        let mut reference = vec![0.0; due.len()];
        let mut workspace = fused.workspace().backend(Backend::Reference);
        fused.run(&mut workspace, &x, &mut reference).unwrap();
        for (got, due) in reference.iter().zip(&due) {
            let close = (got - due).abs() <= 1e-10 * (1.0 + due.abs())
                || got == due
                || (got.is_nan() && due.is_nan());
            assert!(close, "{what}, fused: {got}, expected {due}");
        }
        for backend in [Backend::Reference, Backend::Scalar, Backend::MachineCode] {
            if backend == Backend::MachineCode && !cfg!(feature = "jit") {
                continue;
            }
            let mut outputs = vec![0.0; due.len()];
            let mut workspace = strict.workspace().backend(backend);
            strict.run(&mut workspace, &x, &mut outputs).unwrap();
            same(&format!("{what}, strict, {backend:?}"), &outputs, &due);
            let mut workspace = fused.workspace().backend(backend);
            fused.run(&mut workspace, &x, &mut outputs).unwrap();
            same(&format!("{what}, {backend:?}"), &outputs, &reference);
        }
    }
}

#[test]
fn samples_run_loops_too() {
    let columns: Vec<Vec<f64>> = (0..3)
        .map(|column| (0..50).map(|s| 0.4 + 0.3 * (f64::from(s * 7 + column)).sin()).collect())
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let samples = Samples::columns(&columns).unwrap();
    for (form, code) in FORMS {
        let f = Function::record(inputs(), code).unwrap();
        let function = f.with_gradient().unwrap();
        // Three entries of the vector are columns, so that what lies together is not of one kind.
        let columns_of = ["x[1]", "x[2]", "x[5]"];
        for (sums, over_samples) in
            [(false, each(&function, &columns_of)), (true, summed(&function, &columns_of))]
        {
            let program = compile_samples(&Compiler::new().strict(), &over_samples);
            let shared = [0.5, 0.7, 0.9, 0.6, 0.8];
            let length = program.output_length(samples.len());
            let mut due = vec![0.0; length];
            let mut workspace = program.workspace().backend(Backend::Reference);
            program.run_samples(&mut workspace, &shared, &samples, &mut due).unwrap();
            if !sums {
                let x = [0.5, columns[0][3], columns[1][3], 0.7, 0.9, columns[2][3], 0.6, 0.8];
                let own: Vec<f64> = due.chunks(samples.len()).map(|output| output[3]).collect();
                same(form, &own, &function.eval(&x).unwrap());
            }
            for backend in [vec![Backend::Reference], backends()].concat() {
                for threads in [1, 2] {
                    let mut outputs = vec![0.0; length];
                    let mut workspace = program.workspace().backend(backend);
                    #[cfg(feature = "threads")]
                    if threads > 1 {
                        workspace = workspace.threads(threads).unwrap();
                    }
                    let _ = threads;
                    program.run_samples(&mut workspace, &shared, &samples, &mut outputs).unwrap();
                    same(&format!("{form}, {backend:?}, sums: {sums}"), &outputs, &due);
                }
            }
        }
    }
}
