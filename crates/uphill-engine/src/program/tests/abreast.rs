//! Loops whose iterations don't need each other: which these are, and that they have the bits of one iteration after the
//! other: value, gradient and products with the Hessian, over several pieces of iterations, by the interpreter and by machine
//! code, on one to three threads.

use uphill_graph::{At, Function, Inputs, Outcome, Scalar, Table, Var, loops};

use crate::code::{Abreast, Action};
use crate::run::Backend;
use crate::{Compiler, Program};

type Code = for<'g> fn(&[Var<'g>], usize) -> Var<'g>;

/// Code on so many inputs, and how many of the loops in a program of its value run abreast.
const CASES: &[(&str, usize, Code)] = &[
    ("a sum", 1, |x, n| loops::sum(1..n, |i| (x.at(i) * x.at(i - 1)).sin())),
    ("a map and a sum", 2, |x, n| {
        let y = loops::map(0..n, |i| x.at(i).exp());
        loops::sum(0..n - 1, |i| y.at(i) * y.at(i + 1).square())
    }),
    ("a map that is read backwards", 2, |x, n| {
        let y = loops::map(0..n, |i| x.at(i).cos() + x[0]);
        loops::sum(0..n, |i| y.at(i) * x.at(n - 1 - i))
    }),
    ("a running sum", 1, |x, n| {
        loops::fold(0..n, x[0], |i, sum: Var<'_>| sum + (x.at(i) - x[1]).square().tanh())
    }),
    ("a running sum of products", 1, |x, n| {
        loops::fold(1..n, x[0], |i, sum: Var<'_>| sum + x.at(i) * x.at(i - 1))
    }),
    ("a running difference", 1, |x, n| {
        loops::fold(0..n, x[0], |i, sum: Var<'_>| sum - x.at(i).sin())
    }),
    ("a state that is changed", 0, |x, n| {
        loops::fold(0..n, x[0], |i, state: Var<'_>| (state + x.at(i)).sin())
    }),
    ("two states, one of the other", 0, |x, n| {
        let [a, b] = loops::fold(0..n, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [a + x.at(i).sin(), b + 0.1 * a]
        });
        a * b
    }),
    ("a running sum that is kept", 0, |x, n| {
        let (last, all) = loops::scan(0..n, x[0], |i, sum: Var<'_>| (sum + x.at(i), sum));
        last + all[n / 2] * all[3]
    }),
    ("gathered pairs", 1, |x, n| {
        let table = |by: usize| Table::new((0..2 * n).map(move |i| i * by % n), n).unwrap();
        let (a, b) = (table(7), table(11));
        loops::sum(0..2 * n, |i| (x.at(a.at(i)) - x.at(b.at(i))).square().exp())
    }),
    ("a grid", 1, |x, n| {
        let rows = n / 10;
        loops::sum(1..rows, |i| {
            loops::sum(1..10, |j| {
                let here = x.at(10 * i + j);
                ((here - x.at(10 * i + j - 1)).square() + (here - x.at(10 * i + j - 10)).square())
                    .sqrt()
            })
        })
    }),
    ("choices", 1, |x, n| {
        loops::sum(0..n, |i| {
            let x = x.at(i);
            Scalar::select(x.greater(Var::constant(0.2)), x.ln(), -x.square())
        })
    }),
    ("a counter as a number", 1, |x, n| loops::sum(0..n, |i| i.value() * x.at(i).sin())),
    ("a counter in a map", 2, |x, n| {
        let y = loops::map(0..n, |i| (i.value() * x.at(i)).cos());
        loops::sum(0..n, |i| y.at(i) * x.at(n - 1 - i))
    }),
    ("two sums", 1, |x, n| {
        let [a, b] = loops::fold(0..n, [x[0], x[1]], |i, [a, b]: [Var<'_>; 2]| {
            [a + x.at(i).sin(), b - x.at(n - 1 - i)]
        });
        a * b
    }),
    ("a running sum of two terms", 0, |x, n| {
        loops::fold(1..n, x[0], |i, sum: Var<'_>| sum + x.at(i).sin() + x.at(i - 1))
    }),
    ("neighbours on both sides", 1, |x, n| {
        loops::sum(2..n - 2, |i| {
            let around = x.at(i - 2) - x.at(i - 1) * x.at(i + 1) + x.at(i + 2);
            (around * x.at(i)).tanh()
        })
    }),
    ("every third", 1, |x, n| {
        loops::sum(0..n / 3, |i| x.at(3 * i) * x.at(3 * i + 1).square() - x.at(3 * i + 2).sin())
    }),
    ("pairs that overlap", 1, |x, n| {
        loops::sum(0..n / 2 - 1, |i| {
            let ends = x.at(2 * i) * x.at(2 * i + 1) - x.at(2 * i + 2);
            ends.sin() * x.at(2 * i + 3)
        })
    }),
    ("neighbours from the end", 1, |x, n| {
        loops::sum(1..n, |i| (x.at(n - 1 - i) * x.at(n - i)).sin() * x.at(n - i))
    }),
    ("what the last one leaves", 1, |x, n| {
        let y = loops::map(0..n, |i| x.at(i).sin() * x[0]);
        y[n - 1] * y[0]
    }),
];

fn bits(program: &Program, backend: Backend, threads: usize, inputs: &[f64]) -> Vec<u64> {
    let workspace = program.workspace().backend(backend);
    #[cfg(feature = "threads")]
    let workspace = workspace.threads(threads).unwrap();
    let mut workspace = workspace.limit(program.workspace_bytes(0, threads));
    let mut outputs = vec![f64::NAN; program.output_count()];
    // Twice in the same memory.
    program.run(&mut workspace, inputs, &mut outputs).unwrap();
    program.run(&mut workspace, inputs, &mut outputs).unwrap();
    outputs.into_iter().map(f64::to_bits).collect()
}

fn numbers(count: usize) -> Vec<f64> {
    (0..count).map(|k| 0.1 + (k * 7919 % 1013) as f64 / 900.0).collect()
}

#[cfg(feature = "jit")]
fn with_machine_code(compiler: &Compiler, function: &Function) -> Option<Program> {
    Some(compiler.clone().machine_code().compile(function).unwrap())
}

#[cfg(not(feature = "jit"))]
fn with_machine_code(_: &Compiler, _: &Function) -> Option<Program> {
    None
}

/// A number of entries, with which all cases have several pieces of iterations; one with several blocks of a sum; one with
/// several stretches for threads.
const SIZES: [usize; 3] = [40, 1300, 4200];

#[test]
fn the_bits_of_one_after_the_other() {
    for (name, _, code) in CASES {
        for n in SIZES {
            let f = Function::record(Inputs::new().variables("x", n), |x| code(x, n)).unwrap();
            let gradient = f.with_gradient().unwrap();
            let mut functions = vec![gradient];
            if n == SIZES[0] {
                functions.extend([f.hvp().unwrap(), f.sparse_hessian().unwrap().function, f]);
            }
            for (which, function) in functions.iter().enumerate() {
                let compilers = [Compiler::new(), Compiler::new().strict()];
                for compiler in &compilers[..if n < 100 { 2 } else { 1 }] {
                    let program = compiler.compile(function).unwrap();
                    let inputs = numbers(function.inputs().len());
                    let due = bits(&program, Backend::Reference, 1, &inputs);
                    let compiled = with_machine_code(compiler, function);
                    let threads = if cfg!(feature = "threads") { 3 } else { 1 };
                    let fewest = if n == SIZES[2] { threads } else { 1 };
                    for threads in fewest..=threads {
                        let what = format!("{name}, n = {n}, function {which}, {threads} threads");
                        let got = bits(&program, Backend::Scalar, threads, &inputs);
                        assert!(got == due, "{what}\n{program}");
                        if let Some(compiled) = &compiled {
                            let got = bits(compiled, Backend::Automatic, threads, &inputs);
                            assert!(got == due, "{what}, machine code\n{program}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn which_they_are() {
    let n = 500;
    for (name, due, code) in CASES {
        let f = Function::record(Inputs::new().variables("x", n), |x| code(x, n)).unwrap();
        let program = Compiler::new().compile(&f).unwrap();
        let long = |number: u32| program.before.code().loops[number as usize].iterations > 8;
        let found = program.before.abreast().iter().filter(|loops| long(loops.number)).count();
        assert_eq!(found, *due, "{name}\n{program}");
    }
}

/// What comes first to the places of a gradient is stored there: nobody clears them, but at the ends.
#[test]
fn gradients_begin_with_what_comes_first() {
    let n = 500;
    for name in ["a sum", "neighbours on both sides", "every third", "pairs that overlap"] {
        let (.., code) = CASES.iter().find(|case| case.0 == name).unwrap();
        let f = Function::record(Inputs::new().variables("x", n), |x| code(x, n)).unwrap();
        let program = Compiler::new().compile(&f.gradient().unwrap()).unwrap();
        let loops = &program.before.code().loops;
        let long = loops.iter().filter(|repeat| repeat.iterations > 8).count();
        assert_eq!(long, 1, "{name}\n{program}");
        let first = |one: &Abreast| one.plan.tails.iter().any(|tail| tail.action == Action::Copy);
        let stores = program.before.abreast().iter().filter(|one| first(one)).count();
        assert_eq!(stores, 1, "{name}\n{program}");
    }
}

#[test]
fn blocks_of_a_sum_are_one_loop() {
    let n = 7 * Outcome::BLOCK + 100;
    for (name, blocks) in [
        ("a sum", 7),
        ("neighbours on both sides", 7),
        ("every third", 2),
        ("a counter as a number", 0),
    ] {
        let (.., code) = CASES.iter().find(|case| case.0 == name).unwrap();
        let f = Function::record(Inputs::new().variables("x", n), |x| code(x, n)).unwrap();
        for function in [f.clone(), f.with_gradient().unwrap()] {
            let program = Compiler::new().compile(&function).unwrap();
            let sums = program.before.abreast().iter().map(|one| one.plan.blocks());
            assert_eq!(sums.sum::<usize>(), blocks, "{name}\n{program}");
        }
    }
}

type Outputs = for<'g> fn(&[Var<'g>], usize) -> Vec<Var<'g>>;

/// Outputs of code on so many inputs, and how many vectors of them are stored where the caller wants them.
const GIVEN: &[(&str, usize, Outputs)] = &[
    ("a map", 1, |x, n| loops::map(0..n, |i| x.at(i).sin())),
    ("a map beside a number", 1, |x, n| {
        let mut all = loops::map(0..n, |i| x.at(i) * x[0]);
        all.insert(0, x[1].exp() * x[n - 1]);
        all
    }),
    ("two maps, one of the other", 1, |x, n| {
        let y = loops::map(0..n, |i| x.at(i).cos());
        let z = loops::map(0..n, |i| (y.at(n - 1 - i) + x.at(i)).sin());
        z.into_iter().chain([x[3]]).chain(y).collect()
    }),
    ("the same twice", 0, |x, n| {
        let y = loops::map(0..n, |i| x.at(i).exp());
        y.iter().copied().chain([x[0]]).chain(y.iter().copied()).collect()
    }),
    ("a part", 0, |x, n| loops::map(0..n, |i| x.at(i).exp())[3..].to_vec()),
    ("in another loop", 0, |x, n| {
        let rows = loops::map(0..n / 10, |i| {
            loops::map(0..10, |j| x.at(10 * i + j).sin()).into_iter().reduce(|a, b| a - b).unwrap()
        });
        rows.into_iter().rev().collect()
    }),
];

#[test]
fn vectors_of_outputs_go_where_they_belong() {
    let threads = if cfg!(feature = "threads") { 3 } else { 1 };
    for (name, given, code) in GIVEN {
        for n in SIZES {
            let f = Function::record_many(Inputs::new().variables("x", n), |x| code(x, n)).unwrap();
            let program = Compiler::new().compile(&f).unwrap();
            let found = program.before.abreast().iter().filter(|one| one.gives.is_some()).count();
            assert_eq!(found, *given, "{name}, n = {n}\n{program}");
            let inputs = numbers(n);
            let due = bits(&program, Backend::Reference, 1, &inputs);
            let got = bits(&program, Backend::Scalar, threads, &inputs);
            assert!(got == due, "{name}, n = {n}");
            if let Some(compiled) = with_machine_code(&Compiler::new(), &f) {
                let got = bits(&compiled, Backend::Automatic, threads, &inputs);
                assert!(got == due, "{name}, n = {n}, machine code");
            }
        }
    }
}
