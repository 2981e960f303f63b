//! Every operation and every kind of program, by every backend: the same bits as the reference interpreter.

use uphill_engine::{Backend, Compiler, Program, Samples};
use uphill_graph::{Arity, Custom, CustomOp, Function, Inputs, Op, Scalar, Var};

mod common;

use common::{backends, compile, compile_samples, each, summed};

fn same(got: &[f64], due: &[f64], what: &dyn Fn(usize) -> String) -> Result<(), String> {
    assert_eq!(got.len(), due.len());
    for (k, (got, due)) in got.iter().zip(due).enumerate() {
        if got.to_bits() != due.to_bits() && !(got.is_nan() && due.is_nan()) {
            return Err(format!("{}: {got:e}, the reference gives {due:e}", what(k)));
        }
    }
    Ok(())
}

/// A run over samples by one backend.
fn over(program: &Program, backend: Backend, shared: &[f64], samples: &Samples<'_>) -> Vec<f64> {
    let mut outputs = vec![f64::NAN; program.output_length(samples.len())];
    let mut workspace = program.workspace().backend(backend);
    program.run_samples(&mut workspace, shared, samples, &mut outputs).unwrap();
    // Once more: nothing of the first run may show.
    let first = outputs.clone();
    program.run_samples(&mut workspace, shared, samples, &mut outputs).unwrap();
    same(&outputs, &first, &|k| format!("{backend:?}, the second run, output {k}")).unwrap();
    outputs
}

fn once(program: &Program, backend: Backend, inputs: &[f64]) -> Vec<f64> {
    let mut outputs = vec![f64::NAN; program.eval(inputs).unwrap().len()];
    let mut workspace = program.workspace().backend(backend);
    program.run(&mut workspace, inputs, &mut outputs).unwrap();
    outputs
}

const SPECIAL: [f64; 20] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.5,
    -3.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    5e-324,
    f64::MIN_POSITIVE,
    -1e-300,
    1e300,
    f64::MAX,
    709.5,
    -745.2,
    1e16,
    -22.5,
    std::f64::consts::FRAC_PI_2,
];

/// Operands to try: the row's own samples, and special numbers in all pairs.
fn operands(op: Op) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = op.samples().iter().map(|sample| sample.to_vec()).collect();
    let count = match op.arity() {
        Arity::Exactly(count) => count,
        Arity::Any | Arity::Pairs => 4,
    };
    for (i, &x) in SPECIAL.iter().enumerate() {
        for (j, &y) in SPECIAL.iter().enumerate() {
            if count == 1 && j > 0 {
                continue;
            }
            let z = SPECIAL[(3 * i + 7 * j) % SPECIAL.len()];
            let w = SPECIAL[(5 * i + j) % SPECIAL.len()];
            all.push([x, y, z, w][..count].to_vec());
        }
    }
    all
}

/// Which operand must be a constant of the graph.
fn constant_operand(op: Op) -> Option<usize> {
    op.whole_operand().map(|(place, _)| place)
}

fn is_fit(op: Op, x: &[f64]) -> bool {
    match constant_operand(op) {
        Some(k) => x[k].fract() == 0.0 && (op == Op::Powi || x[k] >= 0.0) && x[k].abs() < 20.0,
        None => true,
    }
}

#[test]
fn every_operation_by_every_backend() {
    let mut failures = Vec::new();
    let mut count = 0;
    for &op in Op::ALL {
        let rows: Vec<Vec<f64>> = operands(op).into_iter().filter(|x| is_fit(op, x)).collect();
        let widths: std::collections::BTreeSet<usize> = rows.iter().map(Vec::len).collect();
        for width in widths {
            let rows: Vec<&Vec<f64>> = rows.iter().filter(|x| x.len() == width).collect();
            // Each choice of which operands differ from sample to sample; constants stay constants.
            for mask in 0_u32..1 << width.min(3) {
                count += 1;
                if let Err(failure) = operation(op, width, &rows, mask) {
                    failures.push(failure);
                }
            }
        }
    }
    assert!(count > 200, "{count}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// One operation on columns where the mask says so, on shared inputs elsewhere.
fn operation(op: Op, width: usize, rows: &[&Vec<f64>], mask: u32) -> Result<(), String> {
    let is_column = |k: usize| k >= 3 || mask >> k & 1 == 1;
    let constant = constant_operand(op);
    // Rows that share the other operands make one run.
    for first in rows.iter().step_by(if mask == 0 { 1 } else { 7 }) {
        let inputs = Inputs::new().variables("x", width);
        let function = Function::record(inputs, |x| {
            let mut x = x.to_vec();
            if let Some(k) = constant {
                x[k] = Var::constant(first[k]);
            }
            Scalar::apply(op, &x)
        })
        .map_err(|error| error.to_string())?;
        let columns: Vec<usize> = (0..width).filter(|&k| is_column(k)).collect();
        let names: Vec<String> = columns.iter().map(|k| format!("x[{k}]")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let strict = Compiler::new().strict();
        let program = match names.as_slice() {
            [] => compile(&strict, &function),
            names => compile_samples(&strict, &each(&function, names)),
        };
        let shared: Vec<f64> = (0..width).filter(|&k| !is_column(k)).map(|k| first[k]).collect();
        if columns.is_empty() {
            let due = function.eval(first).map_err(|error| error.to_string())?;
            for backend in [vec![Backend::Reference], backends()].concat() {
                let got = once(&program, backend, first);
                same(&got, &due, &|_| format!("`{}` at {first:?} by {backend:?}", op.name()))?;
            }
            continue;
        }
        let samples: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| {
                let own =
                    |k: usize| if is_column(k) && constant != Some(k) { row[k] } else { first[k] };
                (0..width).map(own).collect()
            })
            .collect();
        let due: Vec<f64> = samples.iter().map(|x| function.eval(x).unwrap()[0]).collect();
        let data: Vec<f64> = samples.iter().flat_map(|x| columns.iter().map(|&k| x[k])).collect();
        let table = Samples::rows(&data, columns.len()).unwrap();
        for backend in [vec![Backend::Reference], backends()].concat() {
            let got = over(&program, backend, &shared, &table);
            same(&got, &due, &|s| {
                format!("`{}` at {:?} by {backend:?}, columns {columns:?}", op.name(), samples[s])
            })?;
        }
    }
    Ok(())
}

struct Doubled;

impl CustomOp for Doubled {
    fn name(&self) -> &str {
        "doubled_and_more"
    }
    fn arity(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64]) -> f64 {
        2.0 * x[0] + x[1]
    }
    fn partials<S: Scalar>(&self, _: &[S], _: S) -> Vec<S> {
        vec![S::constant(2.0), S::constant(1.0)]
    }
}

/// Programs that use every action: networks, sums, selections, long chains, custom operations.
fn programs() -> Vec<(&'static str, Function, Vec<&'static str>)> {
    let doubled = Custom::define(Doubled).unwrap();
    let network = |sizes: &[usize], tanh: bool| {
        let weights: usize = sizes.windows(2).map(|s| s[1] * (s[0] + 1)).sum();
        let last = sizes[sizes.len() - 1];
        let inputs =
            Inputs::new().variables("w", weights).parameters("x", sizes[0]).parameters("d", last);
        Function::record(inputs, |all| {
            let (w, data) = all.split_at(weights);
            let (x, d) = data.split_at(sizes[0]);
            let (mut layer, mut first) = (x.to_vec(), 0);
            for s in sizes.windows(2) {
                layer = (0..s[1])
                    .map(|j| {
                        let row = &w[first + j * s[0]..][..s[0]];
                        let sum: Var<'_> = row.iter().zip(&layer).map(|(&w, &o)| w * o).sum();
                        let sum = sum + w[first + s[0] * s[1] + j];
                        if tanh { sum.tanh() } else { sum.sigmoid() }
                    })
                    .collect();
                first += s[1] * (s[0] + 1);
            }
            -d.iter().zip(&layer).map(|(&d, &o)| (d - o).square()).sum::<Var<'_>>()
        })
        .unwrap()
        .with_gradient()
        .unwrap()
    };
    let peaks =
        Function::record(Inputs::new().variables("b", 5).parameter("x").parameter("y"), |v| {
            let (b, x, y) = (&v[..5], v[5], v[6]);
            let bump = (-((x - b[3]) / b[4]).square()).exp();
            let model = b[0] * (-b[1] * x).exp() + b[2] * bump;
            let e = y - model;
            -Scalar::select(e.abs().less(Var::constant(0.5)), e.square(), e.abs() - 0.25)
        })
        .unwrap()
        .with_gradient()
        .unwrap();
    let mixed =
        Function::record_many(Inputs::new().variables("w", 3).parameter("x").parameter("y"), |v| {
            let (w, x, y) = (&v[..3], v[3], v[4]);
            vec![
                w[0] * w[1] + 2.0,
                x,
                doubled.call(&[x, w[2]]) * y - w[0] * x,
                Scalar::max(x, y) - (x * y - w[1]) + Var::sum_of(&[x, y, w[0]]),
            ]
        })
        .unwrap();
    vec![
        ("2-2-1", network(&[2, 2, 1], false), vec!["x", "d"]),
        ("3-9-4 tanh", network(&[3, 9, 4], true), vec!["x", "d"]),
        ("7-13-11-5", network(&[7, 13, 11, 5], false), vec!["x", "d"]),
        ("peaks", peaks, vec!["x", "y"]),
        ("mixed", mixed, vec!["x", "y"]),
    ]
}

trait SumOf: Sized {
    fn sum_of(terms: &[Self]) -> Self;
}

impl SumOf for Var<'_> {
    fn sum_of(terms: &[Self]) -> Self {
        Scalar::apply(Op::Sum, terms)
    }
}

fn number(k: usize) -> f64 {
    let k = k as u64;
    let mixed = (k + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5) * 4.0
}

#[test]
fn every_program_at_every_number_of_samples() {
    let mut failures = Vec::new();
    for (name, function, columns) in programs() {
        let sums = summed(&function, &columns);
        for (kind, compiler, over_samples) in [
            ("summed", Compiler::new(), &sums),
            ("one by one", Compiler::new(), &each(&function, &columns)),
            ("summed, strict", Compiler::new().strict(), &sums),
            ("summed, without blocks", Compiler::new().without_blocks(), &sums),
        ] {
            let program = compile_samples(&compiler, over_samples);
            let names = function.input_names().count();
            let width = names - function.inputs().variable_positions().len();
            let shared: Vec<f64> = (0..names - width).map(number).collect();
            for count in [0, 1, 7, 8, 9, 23, 24, 25, 63, 64, 65, 192, 193, 1000] {
                let mut data: Vec<f64> = (0..count * width).map(|k| number(k + 77)).collect();
                for extreme in [false, true] {
                    if extreme && count > 5 {
                        // Zeros meet infinities, in one sample that stays alone.
                        data[3 * width] = f64::INFINITY;
                        data[4 * width] = 0.0;
                    }
                    let samples = Samples::rows(&data, width).unwrap();
                    let due = over(&program, Backend::Reference, &shared, &samples);
                    for backend in backends() {
                        let got = over(&program, backend, &shared, &samples);
                        let what =
                            |k| format!("{name}, {kind}, {count} samples, {backend:?}, output {k}");
                        failures.extend(same(&got, &due, &what).err());
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn everything_at_once() {
    let mut failures = Vec::new();
    let mut functions: Vec<(&str, Function)> =
        programs().into_iter().map(|(name, function, _)| (name, function)).collect();
    for links in [3, 100, 3000] {
        let chain = Function::record(["a", "b", "c"], |w| {
            let (mut y, mut p) = (Var::constant(0.5), Var::constant(0.0));
            for _ in 0..links {
                y = y.sin() * w[0] + w[1] * y - y * y * w[2];
                p += y;
            }
            p
        });
        functions.push(("chain", chain.unwrap().with_gradient().unwrap()));
    }
    for irregular in [false, true] {
        let written_out =
            Function::record(Inputs::new().variables("w", 3).parameters("x", 400), |v| {
                let (w, x) = v.split_at(3);
                let mut p = Var::constant(0.0);
                for s in 0..200 {
                    let (x, y) = if irregular {
                        (x[s * s % 397], x[s * 7 % 399])
                    } else {
                        (x[s], x[200 + s])
                    };
                    let e = y - w[0] * (w[1] * x).exp() - w[2];
                    p -= e * e;
                }
                p
            });
        functions.push(("written out", written_out.unwrap().with_gradient().unwrap()));
    }
    for (name, function) in &functions {
        let inputs: Vec<f64> =
            (0..function.input_names().count()).map(|k| 0.3 * number(k)).collect();
        for (kind, compiler) in [
            ("plain", Compiler::new()),
            ("strict", Compiler::new().strict()),
            ("without loops", Compiler::new().without_loops()),
        ] {
            let program = compile(&compiler, function);
            let due = once(&program, Backend::Reference, &inputs);
            if kind == "strict" {
                let eval = function.eval(&inputs).unwrap();
                failures
                    .extend(same(&due, &eval, &|k| format!("{name}: strict, output {k}")).err());
            }
            for backend in backends() {
                let got = once(&program, backend, &inputs);
                let what = |k| format!("{name}, {kind}, {backend:?}, output {k}");
                failures.extend(same(&got, &due, &what).err());
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[cfg(feature = "threads")]
/// Sums of products in triangles and bands, written as people write them: by rows, with the diagonal first or last, and
/// with weights that are computed behind the first product. Each is part of a block, whole or in part.
#[test]
fn triangles_bands_and_late_weights() {
    const D: usize = 19;
    type Rows = fn(usize) -> Vec<(usize, usize)>;
    // Which weight and which input make the terms of a row, in order.
    let shapes: [(&str, Rows); 5] = [
        ("lower triangle", |i| (0..=i).map(|j| (i * D + j, j)).collect()),
        ("diagonal first", |i| [i].into_iter().chain(0..i).map(|j| (i * D + j, j)).collect()),
        ("upper triangle, from the end", |i| (i..D).rev().map(|j| (i * D + j, j)).collect()),
        ("band", |i| (i.saturating_sub(7)..=i).map(|j| (i * D + j, j)).collect()),
        ("whole", |i| (0..D).map(|j| (i * D + j, j)).collect()),
    ];
    let mut wrong = Vec::new();
    for (name, rows) in shapes {
        for late in [false, true] {
            let inputs = Inputs::new().variables("w", D * D).variables("m", D).parameters("x", D);
            let function = Function::record(inputs, |all| {
                let (w, rest) = all.split_at(D * D);
                let x: Vec<Var<'_>> = (0..D).map(|k| rest[D + k] - rest[k]).collect();
                let early: Vec<Var<'_>> =
                    if late { Vec::new() } else { w.iter().map(|w| w.exp()).collect() };
                let mut squares = Var::constant(0.0);
                for i in 0..D {
                    let mut sum = Var::constant(0.0);
                    for (weight, input) in rows(i) {
                        let weight = if late { w[weight].exp() } else { early[weight] };
                        sum += weight * x[input];
                    }
                    squares += sum * (0.5 + i as f64) + sum.square();
                }
                squares
            });
            let function = function.unwrap();
            let gradient = function.with_gradient().unwrap();
            let shared: Vec<f64> = (0..D * D + D).map(|k| number(k) * 0.3).collect();
            let what = format!("{name}, late: {late}");
            // Over samples.
            let program = compile_samples(&Compiler::new(), &summed(&gradient, &["x"]));
            let dense = program.report().dense_operations as f64;
            let share = dense / program.report().operations_per_sample as f64;
            let least = if name == "band" { 0.0 } else { 0.2 };
            if share < least {
                wrong.push(format!("{what}: {share:.2} of the operations are dense"));
            }
            for count in [1, 7, 24, 100] {
                let data: Vec<f64> = (0..count * D).map(|k| number(k + 3)).collect();
                let samples = Samples::rows(&data, D).unwrap();
                let due = over(&program, Backend::Reference, &shared, &samples);
                for backend in backends() {
                    let got = over(&program, backend, &shared, &samples);
                    let tell =
                        |k: usize| format!("{what}, {count} samples, {backend:?}, output {k}");
                    wrong.extend(same(&got, &due, &tell).err());
                }
                // Beside the function itself, one sample after the other.
                let mut sums = vec![0.0; due.len()];
                for row in data.chunks(D) {
                    let values = gradient.eval(&[&shared[..], row].concat()).unwrap();
                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
                }
                for (k, (got, due)) in due.iter().zip(&sums).enumerate() {
                    if (got - due).abs() > 1e-11 * (1.0 + due.abs()) {
                        wrong.push(format!("{what}: output {k} is {got}, not {due}"));
                    }
                }
            }
            // At once.
            let program = compile(&Compiler::new(), &gradient);
            let x: Vec<f64> = (0..D).map(|k| number(k + 3)).collect();
            let inputs = [&shared[..], &x].concat();
            let due = once(&program, Backend::Reference, &inputs);
            for backend in backends() {
                let got = once(&program, backend, &inputs);
                let tell = |k: usize| format!("{what}, at once, {backend:?}, output {k}");
                wrong.extend(same(&got, &due, &tell).err());
            }
            let text = program.to_string();
            if name != "band" && !text.contains("block") {
                wrong.push(format!("{what}: no block at once"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn any_number_of_threads() {
    for (name, function, columns) in programs() {
        let names = function.input_names().count();
        let width = names - function.inputs().variable_positions().len();
        let shared: Vec<f64> = (0..names - width).map(number).collect();
        let data: Vec<f64> = (0..20_011 * width).map(number).collect();
        let samples = Samples::rows(&data, width).unwrap();
        for function in [summed(&function, &columns), each(&function, &columns)] {
            let program = compile_samples(&Compiler::new(), &function);
            let due = over(&program, Backend::Automatic, &shared, &samples);
            for threads in [0, 1, 2, 7, 16] {
                let mut workspace = program.workspace().threads(threads).unwrap();
                let mut got = vec![0.0; due.len()];
                program.run_samples(&mut workspace, &shared, &samples, &mut got).unwrap();
                same(&got, &due, &|k| format!("{name}, {threads} threads, output {k}")).unwrap();
            }
        }
    }
}
