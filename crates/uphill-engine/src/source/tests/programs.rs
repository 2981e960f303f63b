//! Programs of every kind: networks with blocks and sums, loops, long straight code, random graphs.

use uphill_graph::{Function, Inputs, Op, Scalar, Var};

use super::harness::{Case, Run};
use super::random;
use crate::{Compiler, OverSamples, Program};

pub(super) fn number(k: usize) -> f64 {
    let mixed = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5) * 4.0
}

fn network(sizes: &[usize], tanh: bool) -> Function {
    let weights: usize = sizes.windows(2).map(|s| s[1] * (s[0] + 1)).sum();
    let last = sizes[sizes.len() - 1];
    let inputs =
        Inputs::new().variables("w", weights).parameters("x", sizes[0]).parameters("d", last);
    let function = Function::record(inputs, |all| {
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
    });
    function.unwrap().with_gradient().unwrap()
}

fn peaks() -> Function {
    let inputs = Inputs::new().variables("b", 5).parameter("x").parameter("y");
    let function = Function::record(inputs, |v| {
        let (b, x, y) = (&v[..5], v[5], v[6]);
        let bump = (-((x - b[3]) / b[4]).square()).exp();
        let model = b[0] * (-b[1] * x).exp() + b[2] * bump;
        let e = y - model;
        -Scalar::select(e.abs().less(Var::constant(0.5)), e.square(), e.abs() - 0.25)
    });
    function.unwrap().with_gradient().unwrap()
}

fn mixed() -> Function {
    let inputs = Inputs::new().variables("w", 3).parameter("x").parameter("y");
    let function = Function::record_many(inputs, |v| {
        let (w, x, y) = (&v[..3], v[3], v[4]);
        vec![
            w[0] * w[1] + 2.0,
            x,
            w[2],
            Var::constant(-0.5),
            Scalar::max(x, y) - (x * y - w[1]) + Scalar::apply(Op::Sum, &[x, y, w[0]]),
        ]
    });
    function.unwrap()
}

fn chain(links: usize) -> Function {
    let function = Function::record(["a", "b", "c"], |w| {
        let (mut y, mut p) = (Var::constant(0.5), Var::constant(0.0));
        for _ in 0..links {
            y = y.sin() * w[0] + w[1] * y - y * y * w[2];
            p += y;
        }
        p
    });
    function.unwrap().with_gradient().unwrap()
}

/// Samples written out; compilers need long for more.
const WRITTEN_OUT: usize = 60;

/// Residuals of samples that the user wrote one after the other: loops over tables of inputs and constants.
fn written_out(irregular: bool, constants: bool) -> Function {
    let inputs = Inputs::new().variables("w", 3).parameters("x", 2 * WRITTEN_OUT);
    let function = Function::record(inputs, |v| {
        let (w, x) = v.split_at(3);
        let mut p = Var::constant(0.0);
        for s in 0..WRITTEN_OUT {
            let (mut x, y) = match irregular {
                true => (x[s * s % (x.len() - 3)], x[s * 7 % (x.len() - 1)]),
                false => (x[s], x[WRITTEN_OUT + s]),
            };
            if constants {
                x = Var::constant(number(s));
            }
            let e = y - w[0] * (w[1] * x).exp() - w[2];
            p -= e * e;
        }
        p
    });
    function.unwrap().with_gradient().unwrap()
}

/// A graph of random operations over five inputs.
fn random_graph(seed: u64, length: usize) -> Function {
    const OPS: [Op; 22] = [
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::Div,
        Op::Neg,
        Op::Square,
        Op::Sin,
        Op::Tanh,
        Op::Sigmoid,
        Op::Exp,
        Op::Abs,
        Op::Min,
        Op::Max,
        Op::Select,
        Op::Sum,
        Op::Product,
        Op::Dot,
        Op::Mean,
        Op::LogSumExp,
        Op::Less,
        Op::Relu,
        Op::Clamp,
    ];
    let mut state = seed;
    let function = Function::record_many(["a", "b", "c", "d", "e"], |inputs| {
        let mut values = inputs.to_vec();
        for _ in 0..length {
            let op = OPS[random(&mut state) as usize % OPS.len()];
            let count = match op.arity() {
                uphill_graph::Arity::Exactly(count) => count,
                uphill_graph::Arity::Any => random(&mut state) as usize % 12,
                uphill_graph::Arity::Pairs => 2 * (random(&mut state) as usize % 12),
            };
            let x: Vec<Var<'_>> = (0..count)
                .map(|_| match random(&mut state) % 9 {
                    0 => Var::constant(number(random(&mut state) as usize % 100)),
                    _ => {
                        values
                            [values.len() - 1 - random(&mut state) as usize % values.len().min(40)]
                    }
                })
                .collect();
            let value = Scalar::apply(op, &x);
            // Values stay in a range where they differ.
            values.push(if random(&mut state).is_multiple_of(4) { value.tanh() } else { value });
        }
        let step = values.len() / 7 + 1;
        values.iter().rev().step_by(step).copied().collect()
    });
    function.unwrap()
}

fn runs(program: &Program, samples: &[usize]) -> Vec<Run> {
    let layout = &program.layout;
    let (inputs, width) = (layout.shared_count as usize, layout.column_count as usize);
    let run = |&samples: &usize| Run {
        inputs: (0..inputs).map(|k| 0.5 * number(k + samples)).collect(),
        samples,
        rows: (0..samples * width).map(|k| number(k + 77)).collect(),
    };
    samples.iter().map(run).collect()
}

/// Inputs that columns of indices gather, two of them from one vector: values a sample, sums and products.
fn gathered() -> Vec<Case> {
    let inputs = Inputs::new().variables("a", 2).variables("b", 2).variable("c");
    let term = Function::record(inputs.parameter("x"), |v| {
        ((v[0] * v[2] - v[1]).sin() * v[4] + v[3] * v[5]).square().named("S")
    });
    let inputs = Inputs::new().variable("S").variables("all", 14).parameter("samples");
    let outer =
        Function::record(inputs, |v| -(v[0] / v[15]).sqrt() - Scalar::dot(&v[1..15], &v[1..15]));
    let p = OverSamples::new(term.unwrap(), ["x"]).unwrap();
    let p = p.gathered("a", "all", 7, "from").unwrap().gathered("b", "all", 7, "to").unwrap();
    let p_of_sums = p.clone().sum().outer(&outer.unwrap()).unwrap();
    let functions = [
        ("each", p.clone()),
        ("sums", p.sum().gradient().unwrap()),
        ("outer", p_of_sums.with_gradient().unwrap()),
        ("products", p_of_sums.hvp().unwrap()),
    ];
    let cases = functions.map(|(name, function)| {
        let program = Compiler::new().compile_samples(&function).unwrap();
        let run = |samples: usize| {
            let rows = (0..samples).flat_map(|k| [number(k), (k % 7) as f64, (k * k % 7) as f64]);
            let inputs = program.layout.shared_count as usize;
            let inputs = (0..inputs).map(|k| 0.5 * number(k + samples)).collect();
            Run { inputs, samples, rows: rows.collect() }
        };
        let runs = [0, 1, 9, 200].map(run).into();
        Case::new(format!("gathered, {name}"), program, runs)
    });
    cases.into()
}

/// Functions at a point.
pub(super) fn plain() -> Vec<(String, Function)> {
    let mut plain: Vec<(String, Function)> = vec![
        ("2-2-1".into(), network(&[2, 2, 1], false)),
        ("3-9-4 tanh".into(), network(&[3, 9, 4], true)),
        ("7-13-11-5".into(), network(&[7, 13, 11, 5], false)),
        ("peaks".into(), peaks()),
        ("mixed".into(), mixed()),
    ];
    for links in [3, 100, 200] {
        plain.push((format!("chain of {links}"), chain(links)));
    }
    for (irregular, constants) in [(false, false), (true, false), (false, true), (true, true)] {
        let name = format!("written out, irregular {irregular}, constants {constants}");
        plain.push((name, written_out(irregular, constants)));
    }
    for seed in 0..12 {
        let length = if seed < 11 { 60 } else { 1300 };
        plain.push((format!("random graph {seed}"), random_graph(seed, length)));
    }
    plain
}

pub(super) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    let counts = [0, 1, 7, 8, 9, 65, 192, 193, 1000];
    let base = |function: &Function, columns: &[&str]| {
        OverSamples::new(function.clone(), columns.iter().copied()).unwrap()
    };
    let mut over = |name: &str, function: &Function, columns: &[&str], counts: &[usize]| {
        let each = base(function, columns);
        let sums = each.clone().sum();
        for (kind, compiler, over_samples) in [
            ("summed", Compiler::new(), &sums),
            ("one by one", Compiler::new(), &each),
            ("summed, strict", Compiler::new().strict(), &sums),
            ("summed, without blocks", Compiler::new().without_blocks(), &sums),
        ] {
            let program = compiler.compile_samples(over_samples).unwrap();
            let runs = runs(&program, counts);
            cases.push(Case::new(format!("{name}, {kind}"), program, runs));
        }
    };
    over("2-2-1", &network(&[2, 2, 1], false), &["x", "d"], &counts);
    over("3-9-4 tanh", &network(&[3, 9, 4], true), &["x", "d"], &counts);
    over("7-13-11-5", &network(&[7, 13, 11, 5], false), &["x", "d"], &counts);
    over("peaks", &peaks(), &["x", "y"], &[0, 5, 20_011]);
    over("mixed", &mixed(), &["x", "y"], &counts);
    over("all columns", &written_out(true, false), &["x"], &[3]);

    let mean = Function::record(["w", "x"], |v| (v[0] * v[1]).exp()).unwrap();
    let mean = mean.with_gradient().unwrap();
    let program = Compiler::new().compile_samples(&base(&mean, &["x"]).sum()).unwrap();
    let list = runs(&program, &counts);
    cases.push(Case::new("a sum of exponentials", program, list));
    let program = Compiler::new().compile_samples(&base(&mean, &[]).sum()).unwrap();
    let list = runs(&program, &counts);
    cases.push(Case::new("sums without columns", program, list));

    cases.extend(gathered());

    let plain = plain();
    for (name, function) in &plain {
        for (kind, compiler) in [
            ("plain", Compiler::new()),
            ("strict", Compiler::new().strict()),
            ("without loops", Compiler::new().without_loops()),
        ] {
            let is_long =
                name == "chain of 200" || name.contains("written") || name.ends_with("11");
            if kind == "without loops" && is_long {
                continue;
            }
            let program = compiler.compile(function).unwrap();
            let runs = runs(&program, &[0, 1, 2]);
            let runs = runs.into_iter().map(|run| Run::once(run.inputs)).collect();
            cases.push(Case::new(format!("{name}, {kind}"), program, runs));
        }
    }
    cases
}
