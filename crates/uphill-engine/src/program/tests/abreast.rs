//! Loops whose iterations don't need each other: which these are, and that they have the bits of one iteration after the
//! other, value, gradient and products with the Hessian, over several pieces of iterations.

use uphill_graph::{At, Function, Inputs, Scalar, Table, Var, loops};

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
    ("a counter as a number", 0, |x, n| loops::sum(0..n, |i| i.value() * x.at(i).sin())),
    ("what the last one leaves", 1, |x, n| {
        let y = loops::map(0..n, |i| x.at(i).sin() * x[0]);
        y[n - 1] * y[0]
    }),
];

fn bits(program: &Program, backend: Backend, inputs: &[f64]) -> Vec<u64> {
    let mut workspace = program.workspace().backend(backend);
    let mut outputs = vec![f64::NAN; program.output_count()];
    // Twice in the same memory.
    program.run(&mut workspace, inputs, &mut outputs).unwrap();
    program.run(&mut workspace, inputs, &mut outputs).unwrap();
    outputs.into_iter().map(f64::to_bits).collect()
}

fn numbers(count: usize) -> Vec<f64> {
    (0..count).map(|k| 0.1 + (k * 7919 % 1013) as f64 / 900.0).collect()
}

#[test]
fn the_bits_of_one_after_the_other() {
    for (name, _, code) in CASES {
        for n in [40, 1300] {
            let f = Function::record(Inputs::new().variables("x", n), |x| code(x, n)).unwrap();
            let derivatives = [f.clone(), f.with_gradient().unwrap(), f.hvp().unwrap()];
            let sparse = f.sparse_hessian().unwrap().function;
            for (which, function) in derivatives.iter().chain([&sparse]).enumerate() {
                let compilers = [Compiler::new(), Compiler::new().strict()];
                for compiler in &compilers[..if n < 100 { 2 } else { 1 }] {
                    let program = compiler.compile(function).unwrap();
                    let inputs = numbers(function.inputs().len());
                    let due = bits(&program, Backend::Reference, &inputs);
                    let got = bits(&program, Backend::Scalar, &inputs);
                    assert!(got == due, "{name}, n = {n}, function {which}\n{program}");
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
