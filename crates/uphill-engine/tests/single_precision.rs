//! Runs in `f32`: how far they are from those in `f64`, and that nothing but the program and its inputs decides on bits.

use uphill_engine::{Compiler, Error, InstructionSet, OutputsF32, Program, Samples};
use uphill_graph::{Arity, Function, Inputs, Op, Scalar, Var};

mod common;

use common::{each, summed};

/// Half a unit in the last place of 1: the most that rounding once changes, relatively.
const ROUNDING: f64 = f32::EPSILON as f64 / 2.0;

fn number(k: usize) -> f64 {
    let mixed = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5) * 2.0
}

fn singles(first: usize, count: usize) -> Vec<f32> {
    (first..first + count).map(|k| number(k) as f32).collect()
}

fn run(
    program: &Program,
    set: InstructionSet,
    shared: &[f64],
    rows: &Samples<'_, f32>,
) -> OutputsF32 {
    let sums = program.output_length(0);
    let mut outputs = OutputsF32 {
        per_call: vec![f64::NAN; sums],
        per_sample: vec![f32::NAN; program.output_length(rows.len()) - sums],
    };
    let mut workspace = program.workspace_f32().instruction_set(set);
    for _ in 0..2 {
        let OutputsF32 { per_call, per_sample } = &mut outputs;
        program.run_samples_f32(&mut workspace, shared, rows, per_call, per_sample).unwrap();
    }
    outputs
}

fn bits(outputs: &OutputsF32) -> (Vec<u64>, Vec<u32>) {
    let sums = outputs.per_call.iter().map(|x| x.to_bits()).collect();
    (sums, outputs.per_sample.iter().map(|x| x.to_bits()).collect())
}

/// A network of sigmoid nodes in layers, on one sample.
fn network(sizes: &[usize]) -> (Function, usize) {
    let weights: usize = sizes.windows(2).map(|s| s[1] * (s[0] + 1)).sum();
    let last = sizes[sizes.len() - 1];
    let inputs =
        Inputs::new().variables("w", weights).parameters("x", sizes[0]).parameters("d", last);
    let function = Function::record(inputs, |all| {
        let (w, data) = all.split_at(weights);
        let (x, d) = data.split_at(sizes[0]);
        let (mut layer, mut first) = (x.to_vec(), 0);
        for s in sizes.windows(2) {
            let biases = first + s[0] * s[1];
            layer = (0..s[1])
                .map(|j| {
                    let row = &w[first + j * s[0]..][..s[0]];
                    let sum: Var<'_> = row.iter().zip(&layer).map(|(&w, &o)| w * o).sum();
                    (sum + w[biases + j]).sigmoid()
                })
                .collect();
            first = biases + s[1];
        }
        -d.iter().zip(&layer).map(|(&d, &o)| (d - o).square()).sum::<Var<'_>>()
    });
    (function.unwrap().with_gradient().unwrap(), weights)
}

/// Each operation on columns: what `f64` gives for the same operands, rounded; lists within their bound.
#[test]
fn every_operation_is_rounded_once() {
    let mut failures = Vec::new();
    for &op in Op::ALL {
        let rows: Vec<Vec<f32>> =
            op.samples().iter().map(|sample| sample.iter().map(|&x| x as f32).collect()).collect();
        for row in &rows {
            let constant = op.whole_operand().map(|(place, _)| place);
            let function = Function::record(Inputs::new().variables("x", row.len()), |x| {
                let mut x = x.to_vec();
                if let Some(k) = constant {
                    x[k] = Var::constant(f64::from(row[k]));
                }
                Scalar::apply(op, &x)
            });
            let program = Compiler::new()
                .strict()
                .compile_samples(&each(&function.unwrap(), &["x"]))
                .unwrap();
            let wide: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
            let due = op.value(&wide);
            let allowed = match op.arity() {
                // The value in `f64` is itself some hundredths of this off, at most.
                Arity::Exactly(_) => 1.02 * ROUNDING * due.abs(),
                Arity::Any | Arity::Pairs => {
                    let terms: f64 = match op {
                        Op::Dot => wide.chunks(2).map(|pair| (pair[0] * pair[1]).abs()).sum(),
                        Op::Product => wide.iter().product::<f64>().abs(),
                        _ => wide.iter().map(|x| x.abs()).sum(),
                    };
                    ROUNDING * (wide.len() as f64) * terms
                }
            };
            for set in InstructionSet::available() {
                let got = run(&program, set, &[], &Samples::rows(row, row.len()).unwrap());
                let got = f64::from(got.per_sample[0]);
                let near = (got - due).abs() <= allowed + f64::from(f32::MIN_POSITIVE) * ROUNDING;
                let same = got == due || got.is_nan() && due.is_nan();
                // Beyond the largest `f32` lies infinity.
                let beyond = due.abs() > f64::from(f32::MAX) && got == due.signum() * f64::INFINITY;
                if !(near || same || beyond) {
                    failures.push(format!(
                        "{set:?}: `{}` at {row:?} is {got:e}, not {due:e}",
                        op.name()
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn gradients_of_networks_are_near_those_in_double_precision() {
    for sizes in [&[2, 2, 1][..], &[4, 6, 3], &[13, 40, 25, 7]] {
        let (function, weight_count) = network(sizes);
        let width = sizes[0] + sizes[sizes.len() - 1];
        let weights: Vec<f64> = (0..weight_count).map(number).collect();
        for compiler in
            [Compiler::new(), Compiler::new().without_blocks(), Compiler::new().strict()]
        {
            let program = compiler.compile_samples(&summed(&function, &["x", "d"])).unwrap();
            for count in [1, 100, 3000] {
                let rows = singles(7, count * width);
                let wide: Vec<f64> = rows.iter().map(|&x| f64::from(x)).collect();
                let due =
                    program.eval_samples(&weights, &Samples::rows(&wide, width).unwrap()).unwrap();
                let got = program
                    .eval_samples_f32(&weights, &Samples::rows(&rows, width).unwrap())
                    .unwrap();
                assert!(got.per_sample.is_empty());
                let p = ((got.per_call[0] - due[0]) / due[0]).abs();
                assert!(p < 3e-7, "{sizes:?}, {count} samples: P differs by {p:.1e}");
                let largest = due[1..].iter().fold(0.0, |most: f64, x| most.max(x.abs()));
                let gaps = got.per_call[1..].iter().zip(&due[1..]).map(|(x, y)| (x - y).abs());
                let gap = gaps.fold(0.0, f64::max) / largest;
                assert!(gap < 2e-6, "{sizes:?}, {count} samples: gradients differ by {gap:.1e}");
            }
        }
    }
}

#[test]
fn bits_depend_on_the_program_and_its_inputs_alone() {
    for sizes in [&[2, 2, 1][..], &[7, 13, 11, 5]] {
        let (function, weight_count) = network(sizes);
        let width = sizes[0] + sizes[sizes.len() - 1];
        let weights: Vec<f64> = (0..weight_count).map(number).collect();
        let sums = summed(&function, &["x", "d"]);
        for (compiler, over_samples) in [
            (Compiler::new(), &sums),
            (Compiler::new(), &each(&function, &["x", "d"])),
            (Compiler::new().without_blocks(), &sums),
        ] {
            let program = compiler.compile_samples(over_samples).unwrap();
            for count in [0, 1, 7, 15, 16, 17, 24, 31, 33, 63, 64, 65, 192, 193, 1000] {
                let rows = singles(3, count * width);
                let samples = Samples::rows(&rows, width).unwrap();
                let due = bits(&program.eval_samples_f32(&weights, &samples).unwrap());
                for set in InstructionSet::available() {
                    let got = bits(&run(&program, set, &weights, &samples));
                    assert!(got == due, "{sizes:?}, {count} samples, {set:?}");
                }
            }
        }
    }
}

#[cfg(feature = "threads")]
#[test]
fn any_number_of_threads() {
    let sizes = [5, 9, 2];
    let (function, weight_count) = network(&sizes);
    let weights: Vec<f64> = (0..weight_count).map(number).collect();
    let rows = singles(1, 20_011 * 7);
    let samples = Samples::rows(&rows, 7).unwrap();
    for over_samples in [summed(&function, &["x", "d"]), each(&function, &["x", "d"])] {
        let program = Compiler::new().compile_samples(&over_samples).unwrap();
        let due = program.eval_samples_f32(&weights, &samples).unwrap();
        for threads in [0, 1, 2, 7] {
            let mut workspace = program.workspace_f32().threads(threads).unwrap();
            let mut got = OutputsF32 {
                per_call: vec![f64::NAN; due.per_call.len()],
                per_sample: vec![f32::NAN; due.per_sample.len()],
            };
            let OutputsF32 { per_call, per_sample } = &mut got;
            program
                .run_samples_f32(&mut workspace, &weights, &samples, per_call, per_sample)
                .unwrap();
            assert!(bits(&got) == bits(&due), "{threads} threads");
        }
    }
}

/// Padding must not leak: a sample's outputs are the same whoever shares its tile, and sums of few samples are exact.
#[test]
fn samples_know_nothing_of_each_other() {
    let function = Function::record(["w", "x"], |v| (v[0] / v[1]).ln()).unwrap();
    let program = Compiler::new().compile_samples(&each(&function, &["x"])).unwrap();
    let x = singles(9, 77).into_iter().map(f32::abs).collect::<Vec<_>>();
    let all = program.eval_samples_f32(&[2.0], &Samples::rows(&x, 1).unwrap()).unwrap().per_sample;
    for (k, one) in x.iter().enumerate() {
        let alone = Samples::rows(std::slice::from_ref(one), 1).unwrap();
        let alone = program.eval_samples_f32(&[2.0], &alone).unwrap().per_sample;
        assert_eq!(alone[0].to_bits(), all[k].to_bits(), "sample {k}");
    }
    let sum = Function::record(["x"], |x| x[0].recip()).unwrap();
    let program = Compiler::new().compile_samples(&summed(&sum, &["x"])).unwrap();
    for count in 0..40 {
        let samples = vec![0.5_f32; count];
        let sum = program.eval_samples_f32(&[], &Samples::rows(&samples, 1).unwrap()).unwrap();
        assert_eq!(sum.per_call, [2.0 * count as f64], "{count} samples");
    }
}

/// Outputs of the call are `f64` and know the exact shared inputs; those of samples are `f32`.
#[test]
fn what_there_is_one_of_a_call_stays_double() {
    let function = Function::record_many(["w", "x"], |v| {
        vec![(v[1] / 3.0).named("third"), v[0].sqrt().named("root"), (v[1] * v[0]).named("product")]
    })
    .unwrap();
    let root_alone = each(&function, &["x"]).sum_of(["root"]).unwrap();
    let program = Compiler::new().compile_samples(&root_alone).unwrap();
    let x = [1.0_f32, 2.0];
    let got = program.eval_samples_f32(&[2.0], &Samples::rows(&x, 1).unwrap()).unwrap();
    assert_eq!(got.per_sample, [1.0 / 3.0, 2.0 / 3.0, 2.0, 4.0]);
    assert_eq!(got.per_call, [f64::from(2.0_f32.sqrt()) * 2.0]);
    // An outer function of sums runs in `f64`.
    let outer = Function::record(["root", "samples"], |v| v[0] / v[1] / 3.0).unwrap();
    let root = Function::record(["w", "x"], |v| (v[0] * v[1]).named("root")).unwrap();
    let program =
        Compiler::new().compile_samples(&summed(&root, &["x"]).outer(&outer).unwrap()).unwrap();
    let got = program.eval_samples_f32(&[1.0], &Samples::rows(&x, 1).unwrap()).unwrap();
    assert_eq!(got.per_call, [1.5 / 3.0]);
    // Sums of tiles are added in `f64`: in `f32` this one would stop at 2^24.
    let count = Function::record(["x"], |x| x[0]).unwrap();
    let program = Compiler::new().compile_samples(&summed(&count, &["x"])).unwrap();
    let ones = vec![1.0_f32; (1 << 24) + 5];
    let sum = program.eval_samples_f32(&[], &Samples::rows(&ones, 1).unwrap()).unwrap();
    assert_eq!(sum.per_call, [16_777_221.0]);
}

#[test]
fn errors_name_what_is_wrong() {
    let function = Function::record(["w", "x"], |v| v[0] * v[1]).unwrap();
    let program = Compiler::new().compile_samples(&summed(&function, &["x"])).unwrap();
    let mut workspace = program.workspace_f32();
    let samples = Samples::rows(&[1.0_f32; 3], 1).unwrap();
    let mut run = |shared: &[f64], sums: &mut [f64], each: &mut [f32]| {
        program
            .run_samples_f32(&mut workspace, shared, &samples, sums, each)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        run(&[], &mut [0.0], &mut []),
        "shared inputs of P(w; x): expected 1 numbers, got 0"
    );
    assert_eq!(
        run(&[1.0], &mut [], &mut []),
        "outputs of the call of P(w; x): expected 1 numbers, got 0"
    );
    assert_eq!(
        run(&[1.0], &mut [0.0], &mut [0.0]),
        "outputs of samples of P(w; x): expected 0 numbers, got 1"
    );
    let tight = program.workspace_f32().limit(10);
    let error = program.run_samples_f32(&mut { tight }, &[1.0], &samples, &mut [0.0], &mut []);
    assert!(matches!(error, Err(Error::TooLarge { limit: 10, .. })), "{error:?}");
    let once = Compiler::new().compile(&function).unwrap();
    let error = once.eval_samples_f32(&[1.0, 2.0], &Samples::without_columns(1)).unwrap_err();
    assert_eq!(error.to_string(), "this program is not one over samples: use `run`");
}
