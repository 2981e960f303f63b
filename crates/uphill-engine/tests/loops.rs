//! Loops of graphs as loops of programs: every form and derivative, by every backend, over samples too.

use uphill_engine::tape::Tape;
use uphill_engine::{Backend, Compiler, Samples};
use uphill_graph::{At, Dual, Function, Implicit, Index, Inputs, Scalar, Table, Var, loops};

mod common;

use common::{backends, compile, compile_samples, each, summed};

#[path = "../../uphill-graph/tests/loops/forms.rs"]
mod forms;

#[path = "../../uphill-graph/tests/loops/roots.rs"]
mod roots;

#[path = "../../uphill-graph/tests/loops/sparse_forms.rs"]
mod sparse_forms;

#[path = "../../uphill-graph/tests/loops/workloads.rs"]
mod workloads;

use forms::{FORMS, inputs, points};
use roots::ROOTS;
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
    for (form, code) in FORMS.iter().chain(ROOTS) {
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

/// Vectors as outputs that no loop gives, sums of so many entries that they are added up by a loop, and few.
#[test]
fn vectors_of_every_kind_have_them_too() {
    let numbers: Vec<f64> = (0..40).map(|k| 0.5 - 0.1 * f64::from(k)).collect();
    let inputs = || Inputs::new().variables("x", 40);
    let linear = Function::record(inputs(), |x| loops::sum(0..40, |i| x.at(i) * i.of(&numbers)));
    let halves = Function::record(inputs(), |x| loops::sum(0..40, |i| x.at(i) * x.at(i)) * 0.5);
    let mut functions =
        vec![("linear".to_owned(), linear.unwrap()), ("halves".into(), halves.unwrap())];
    for width in [1, 2, 4, 5, 32, 33, 40] {
        // All terms share their weights, in whole blocks of terms and in the rest.
        let weights = Function::record(inputs(), |x| {
            loops::sum(0..1500, |i: Index<Var<'_>>| {
                let scale = (i.value() * 0.01).sin();
                loops::sum(0..width, |j| x.at(j) * scale).sin()
            })
        });
        functions.push((format!("{width} weights"), weights.unwrap()));
    }
    let x: Vec<f64> = (0..40).map(|k| 0.3 - 0.02 * f64::from(k)).collect();
    for (name, function) in functions {
        let gradient = function.gradient().unwrap();
        let program = Compiler::new().compile(&gradient).unwrap();
        assert_eq!(program.output_count(), gradient.output_count(), "{name}");
        has_the_bits(&name, &gradient, [x.clone()]);
    }
}

#[test]
fn sparse_derivatives_have_them_too() {
    for (form, code) in FORMS.iter().chain(ROOTS).chain(PERFORMANCES) {
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
fn programs_within_a_budget_have_the_same_bits() {
    const N: usize = 2100;
    fn fold<'g>(x: &[Var<'g>]) -> Var<'g> {
        let [a, b] = loops::fold(0..N, [x[0], x[1]], |i, [a, b]: [Var<'g>; 2]| {
            let t = 1e-3 * (2 * i + 1).value();
            [a + 1e-2 * (x[2] * a - b * t), b + 1e-2 * (x[3] * a - b)]
        });
        a * b
    }
    fn gather<'g>(x: &[Var<'g>]) -> Var<'g> {
        let table = Table::new((0..N).map(|i| (7 * i + 3) % 4), 4).unwrap();
        let first: [Var<'g>; 8] = std::array::from_fn(|k| x[k % 4] * (0.1 * k as f64));
        let (last, _) = loops::scan(0..3, first, |_, s: [Var<'g>; 8]| {
            let s = loops::fold(0..N, s, |i, s: [Var<'g>; 8]| {
                let found = x.at(table.at(i));
                std::array::from_fn(|k| (s[k] * found + 0.3 * s[(k + 1) % 8]).sin())
            });
            (s, s)
        });
        last[0] + last[3]
    }
    let inputs = || Inputs::new().variables("x", 4);
    let functions: [for<'g> fn(&[Var<'g>]) -> Var<'g>; 2] = [fold, gather];
    for (form, code) in functions.into_iter().enumerate() {
        let f = Function::record(inputs(), code).unwrap();
        for (name, further, f) in
            [("gradient", 0, f.with_gradient().unwrap()), ("hvp", 4, f.hvp().unwrap())]
        {
            let least = match f.keeping(0) {
                Err(uphill_graph::Error::Budget { least, .. }) => least,
                other => panic!("{other:?}"),
            };
            let mut x = vec![0.4, 0.5, 0.6, 0.7];
            x.resize(4 + further, 0.25);
            let due = f.eval(&x).unwrap();
            assert!(least < f.bytes_kept() * 3 / 4, "{name} {form}: {least} bytes at least");
            for bytes in [f.bytes_kept() * 3 / 4, least] {
                let program = compile(&Compiler::new().strict(), &f.keeping(bytes).unwrap());
                for backend in [Backend::Reference, Backend::Scalar, Backend::MachineCode] {
                    if backend == Backend::MachineCode && !cfg!(feature = "jit") {
                        continue;
                    }
                    let mut outputs = vec![0.0; due.len()];
                    let mut workspace = program.workspace().backend(backend);
                    program.run(&mut workspace, &x, &mut outputs).unwrap();
                    same(&format!("{name} {form} in {bytes} bytes, {backend:?}"), &outputs, &due);
                }
            }
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
    for (form, code) in FORMS.iter().chain(ROOTS) {
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

/// On a tape, whose numbers are known, and on duals of it.
#[test]
fn the_tape_solves_equations() {
    let kepler = Implicit::record(1, 2, |y, x| vec![y[0] - x[1] - x[0] * y[0].sin()]).unwrap();
    let f = Function::record(["e", "M"], |x| kepler.solve(&[x[1]], x)[0]).unwrap();
    let both = Implicit::record(2, 2, |y, x| vec![y[0] + y[1] - x[0], y[0] * y[1] - x[1]]).unwrap();
    let system = Function::record(["s", "p"], |x| both.solve(&[1.0, 4.0].map(Var::constant), x)[1]);
    let system = system.unwrap();
    let close = |what: &str, got: &[f64], due: &[f64]| {
        for (got, due) in got.iter().zip(due) {
            assert!((got - due).abs() <= 1e-12 * (1.0 + due.abs()), "{what}: {got}, due {due}");
        }
    };
    let mut tape = Tape::new();
    for x in [[0.3, 1.0], [0.9, 2.0]] {
        let (value, slopes) = tape.gradient(&x, |x| kepler.solve(&[x[1]], x)[0]).unwrap();
        assert_eq!(value.to_bits(), f.value(&x).unwrap().to_bits());
        close("slopes", &slopes, &f.gradient().unwrap().eval(&x).unwrap());
        let by_e = tape.gradient(&x, |x| {
            let x = [Dual::new(x[0], Scalar::constant(1.0)), Dual::constant(x[1])];
            kepler.solve(&[x[1]], &x)[0].tangent
        });
        let (by_e, second) = by_e.unwrap();
        close("slope", &[by_e], &slopes);
        close("second", &second, &f.hessian().unwrap().eval(&x).unwrap()[..2]);
    }
    let x = [5.0, 6.0];
    let start = [1.0, 4.0];
    let found = tape.gradient(&x, |x| both.solve(&start.map(Scalar::constant), x)[1]).unwrap();
    assert_eq!(found.0.to_bits(), system.value(&x).unwrap().to_bits());
    close("system", &found.1, &system.gradient().unwrap().eval(&x).unwrap());
}

/// Equations in terms of samples: derivatives of sums are sums of derivatives.
#[test]
fn equations_over_samples() {
    let kepler = Implicit::record(1, 2, |y, x| vec![y[0] - x[1] - x[0] * y[0].sin()]).unwrap();
    let f = Function::record(["e", "M"], |x| kepler.solve(&[x[1]], x)[0].square()).unwrap();
    let slopes = f.gradient().unwrap();
    let times: Vec<f64> = (0..50).map(|k| 0.1 * f64::from(k)).collect();
    let gradient = summed(&f, &["M"]).gradient().unwrap();
    let program = compile_samples(&Compiler::new(), &gradient);
    let samples = [times.as_slice()];
    let samples = Samples::columns(&samples).unwrap();
    let due: f64 = times.iter().map(|&time| slopes.eval(&[0.4, time]).unwrap()[0]).sum();
    for backend in backends() {
        let mut outputs = vec![0.0; program.output_length(samples.len())];
        let mut workspace = program.workspace().backend(backend);
        program.run_samples(&mut workspace, &[0.4], &samples, &mut outputs).unwrap();
        let close = (outputs[0] - due).abs() <= 1e-12 * due.abs();
        assert!(close, "{backend:?}: {}, due {due}", outputs[0]);
    }
}
