//! Programs that take few steps and still reach every module with `unsafe` code: small enough for an interpreter that
//! looks at each access to memory (docs/unsafe.md has the command).

use uphill_engine::tape::Tape;
use uphill_engine::{Backend, Compiler, OverSamples, Samples};
#[cfg(feature = "f32")]
use uphill_engine::{InstructionSet, OutputsF32, Program};
use uphill_graph::{Function, Inputs, Op, Scalar, Var};

mod common;

use common::{backends, compile, compile_samples, each, summed};

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect()
}

/// Over samples by every backend, in `f64`; and in `f32` by every instruction set.
fn over_samples(function: &OverSamples, compiler: &Compiler, shared: &[f64], width: usize) {
    let program = compile_samples(compiler, function);
    for count in [1, 9, 25] {
        let data: Vec<f64> = (0..count * width).map(|k| 0.3 + (k % 7) as f64 / 8.0).collect();
        let samples = Samples::rows(&data, width).unwrap();
        let run = |backend| {
            let mut outputs = vec![0.0; program.output_length(count)];
            let mut workspace = program.workspace().backend(backend);
            program.run_samples(&mut workspace, shared, &samples, &mut outputs).unwrap();
            outputs
        };
        let due = run(Backend::Reference);
        for backend in backends() {
            assert_eq!(bits(&run(backend)), bits(&due), "{backend:?}, {count} samples");
        }
        #[cfg(feature = "f32")]
        {
            let plain = compiler.compile_samples(function).unwrap();
            in_single_precision(&program, &plain, shared, &data, width);
        }
    }
}

/// By each instruction set; `plain` is the program without machine code for what there is one of a call.
#[cfg(feature = "f32")]
fn in_single_precision(
    program: &Program,
    plain: &Program,
    shared: &[f64],
    data: &[f64],
    width: usize,
) {
    let rounded: Vec<f32> = data.iter().map(|&x| x as f32).collect();
    let samples = Samples::rows(&rounded, width).unwrap();
    let due = plain.eval_samples_f32(shared, &samples).unwrap();
    for set in InstructionSet::available() {
        let mut workspace = program.workspace_f32().instruction_set(set);
        let mut got = due.clone();
        got.per_call.fill(f64::NAN);
        let (sums, each) = (&mut got.per_call, &mut got.per_sample);
        program.run_samples_f32(&mut workspace, shared, &samples, sums, each).unwrap();
        let count = rounded.len() / width;
        assert_eq!(bits(&got.per_call), bits(&due.per_call), "{set:?}, {count} samples");
        let each = |outputs: &OutputsF32| {
            outputs.per_sample.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(each(&got), each(&due), "{set:?}, {count} samples");
    }
}

fn once(function: &Function, compiler: &Compiler, inputs: &[f64]) {
    let program = compile(compiler, function);
    let run = |backend| {
        let mut outputs = vec![0.0; program.output_count()];
        let mut workspace = program.workspace().backend(backend);
        program.run(&mut workspace, inputs, &mut outputs).unwrap();
        outputs
    };
    let due = run(Backend::Reference);
    for backend in backends() {
        assert_eq!(bits(&run(backend)), bits(&due), "{backend:?}");
    }
}

/// Layers, their transposed partners and outer products, of sizes that fill no register.
#[test]
fn networks() {
    let sizes = [3, 5, 2];
    let inputs = Inputs::new().variables("w", 32).parameters("x", 3).parameters("d", 2);
    let function = Function::record(inputs, |all| {
        let (w, data) = all.split_at(32);
        let (mut layer, mut first) = (data[..3].to_vec(), 0);
        for s in sizes.windows(2) {
            layer = (0..s[1])
                .map(|j| {
                    let row = &w[first + j * (s[0] + 1)..][..=s[0]];
                    let sum: Var<'_> = row.iter().zip(&layer).map(|(&w, &o)| w * o).sum();
                    (sum + row[s[0]]).sigmoid()
                })
                .collect();
            first += s[1] * (s[0] + 1);
        }
        -data[3..].iter().zip(&layer).map(|(&d, &o)| (d - o).square()).sum::<Var<'_>>()
    });
    let function = function.unwrap().with_gradient().unwrap();
    let weights: Vec<f64> = (0..32).map(|k| f64::from(k % 9) / 4.0 - 1.0).collect();
    let sums = summed(&function, &["x", "d"]);
    over_samples(&sums, &Compiler::new(), &weights, 5);
    over_samples(&sums, &Compiler::new().without_blocks(), &weights, 5);
    let inputs: Vec<f64> = weights.iter().chain(&[0.5; 5]).copied().collect();
    once(&function, &Compiler::new(), &inputs);
}

/// Every operation on lanes, beside numbers that are the same for all of them, and on single numbers.
#[test]
fn operations() {
    // The crate `libm` has lines of assembly for these, which Miri doesn't run.
    let has_assembly = |op: &Op| {
        use Op::{Acos, Acosh, Asin, Asinh, Cbrt, Digamma, Erf, Erfc, Gamma, Hypot, LnGamma, Pow};
        matches!(
            op,
            Acos | Acosh
                | Asin
                | Asinh
                | Cbrt
                | Digamma
                | Erf
                | Erfc
                | Gamma
                | Hypot
                | LnGamma
                | Pow
        )
    };
    let is_left_out = |op: &Op| op.whole_operand().is_some() || cfg!(miri) && has_assembly(op);
    let ops = Op::ALL.iter().filter(|op| !is_left_out(op));
    for &op in ops {
        let count = (1..=4).find(|&count| op.arity().accepts(count)).unwrap();
        let function = Function::record_many(Inputs::new().variables("x", count), |x| {
            let mut mixed = x.to_vec();
            mixed[count - 1] = Var::constant(0.75);
            vec![Scalar::apply(op, x), Scalar::apply(op, &mixed)]
        });
        let function = function.unwrap();
        over_samples(&each(&function, &["x"]), &Compiler::new(), &[], count);
        once(&function, &Compiler::new(), &[0.6, 0.4, 0.9, 0.2][..count]);
    }
    let powers = Function::record(["x"], |x| x[0].powi(-3) + x[0].powi(5)).unwrap();
    over_samples(&summed(&powers, &["x"]), &Compiler::new(), &[], 1);
    once(&powers, &Compiler::new(), &[1.5]);
}

/// Loops with addresses that move by steps and by tables.
#[test]
fn repetitions() {
    let chain = |links: usize| {
        let function = Function::record(["a", "b", "c"], |w| {
            let (mut y, mut p) = (Var::constant(0.5), Var::constant(0.0));
            for _ in 0..links {
                y = y.sin() * w[0] + w[1] * y - y * y * w[2];
                p += y;
            }
            p
        });
        function.unwrap().with_gradient().unwrap()
    };
    for compiler in [Compiler::new(), Compiler::new().without_loops()] {
        once(&chain(40), &compiler, &[1.3, 0.4, 0.3]);
    }
    let irregular = Function::record(Inputs::new().variables("w", 2).parameters("x", 30), |v| {
        let (w, x) = v.split_at(2);
        let terms = (0..20).map(|s| (x[s * s % 29] - w[0] * (w[1] * x[s * 7 % 30]).exp()).square());
        -terms.sum::<Var<'_>>()
    });
    let irregular = irregular.unwrap().with_gradient().unwrap();
    let inputs: Vec<f64> = (0..32).map(|k| f64::from(k) / 32.0).collect();
    once(&irregular, &Compiler::new(), &inputs);
    over_samples(&summed(&chain(12), &["a", "c"]), &Compiler::new(), &[0.4], 2);
}

/// Code that runs once a call, before and after the samples.
#[test]
fn what_samples_share() {
    let inputs = Inputs::new().variables("w", 2).parameter("x");
    let term = Function::record(inputs, |v| ((v[0].exp() * v[2]).tanh() * v[1].recip()).named("S"));
    let term = term.unwrap();
    let outer = Function::record(["S", "samples"], |v| -(v[0].abs() / v[1]).sqrt()).unwrap();
    over_samples(&each(&term, &["x"]), &Compiler::new(), &[0.3, 1.7], 1);
    let p = summed(&term, &["x"]).outer(&outer).unwrap();
    over_samples(&p, &Compiler::new(), &[0.3, 1.7], 1);
}

#[test]
fn the_tape() {
    let mut tape = Tape::new();
    for links in [1, 50] {
        let run = |tape: &mut Tape| {
            tape.gradient(&[1.3, 0.4], |w| {
                let mut y = w[0] * w[1];
                for _ in 0..links {
                    y = y.sin() * w[0] + w[1] * y - y / (w[0] + 2.0);
                }
                y
            })
        };
        let (value, gradient) = run(&mut tape).unwrap();
        assert_eq!(run(&mut Tape::new()).unwrap(), (value, gradient));
    }
}
