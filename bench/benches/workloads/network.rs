//! W3: the gradient of a sigmoid network over 1000 samples, built from scalars.

use std::time::Duration;

use faer::Par;
use uphill_engine::{Backend, Compiler, InstructionSet, OverSamples, Program, Samples, Workspace};
use uphill_graph::{Function, Inputs, Scalar, Var};

use crate::by_hand::{Network, layers};
use crate::matrices::{Matrices, Product};
use crate::numbers::{Random, Sums, weights};
use crate::table::Table;

const SIZES: [usize; 4] = [64, 128, 64, 10];
const SAMPLES: usize = 1000;
const DUE: Sums = Sums(-840.6013387388915, 6952.62411932268, -2208.7167954731617);

/// The performance of one sample, in loops over scalars.
pub fn term(sizes: &[usize]) -> Function {
    let (layers, weights) = layers(sizes);
    let last = sizes[sizes.len() - 1];
    let inputs =
        Inputs::new().variables("w", weights).parameters("x", sizes[0]).parameters("d", last);
    Function::record(inputs, |all| {
        let (w, data) = all.split_at(weights);
        let (x, d) = data.split_at(sizes[0]);
        let mut outputs = x.to_vec();
        for layer in &layers {
            let biases = layer.first + layer.inputs * layer.outputs;
            let node = |j: usize| {
                let row = &w[layer.first + j * layer.inputs..][..layer.inputs];
                let sum: Var<'_> = row.iter().zip(&outputs).map(|(&w, &o)| w * o).sum();
                (sum + w[biases + j]).sigmoid()
            };
            outputs = (0..layer.outputs).map(node).collect();
        }
        let errors = d.iter().zip(&outputs).map(|(&d, &o)| (d - o).square());
        -errors.sum::<Var<'_>>()
    })
    .expect("the names are fit")
}

fn gradient(program: &Program, w: &[f64], x: &[f64], d: &[f64]) -> Vec<f64> {
    let samples = Samples::rows(x, SIZES[0]).and_then(|s| s.beside(d, SIZES[3])).expect("shape");
    program.eval_samples(w, &samples).expect("shape")
}

pub fn run() {
    let w = weights(&SIZES, 11);
    let mut random = Random::new(13);
    let x: Vec<f64> = (0..SAMPLES * SIZES[0]).map(|_| 2.0 * random.unit() - 1.0).collect();
    let d: Vec<f64> = (0..SAMPLES * SIZES[3]).map(|_| random.unit()).collect();
    let transpose = |rows: &[f64], width: usize| -> Vec<f64> {
        (0..width).flat_map(|c| rows.iter().skip(c).step_by(width).copied()).collect()
    };
    let (xt, dt) = (transpose(&x, SIZES[0]), transpose(&d, SIZES[3]));

    let function = term(&SIZES).with_gradient().expect("one output");
    let sums = OverSamples::new(function, ["x", "d"]).expect("columns").sum();
    let start = std::time::Instant::now();
    let program = Compiler::new().compile_samples(&sums).expect("compiles");
    println!("W3: compiled in {:?}", start.elapsed());
    let plain = Compiler::new().without_blocks().compile_samples(&sums).expect("compiles");

    println!("W3: check sums");
    let all = gradient(&program, &w, &x, &d);
    Sums::of(all[0], &all[1..]).check("uphill", DUE, 1e-12);
    let all = gradient(&plain, &w, &x, &d);
    Sums::of(all[0], &all[1..]).check("uphill without blocks", DUE, 1e-12);
    let mut slopes = vec![0.0; w.len()];
    let mut hand = Network::new(&SIZES);
    let (w, x, d) = (w.as_slice(), x.as_slice(), d.as_slice());
    let mut by_hand = |slopes: &mut [f64]| {
        slopes.fill(0.0);
        let samples = x.chunks_exact(SIZES[0]).zip(d.chunks_exact(SIZES[3]));
        samples.map(|(x, d)| hand.sample(w, x, d, slopes)).sum::<f64>()
    };
    let p = by_hand(&mut slopes);
    Sums::of(p, &slopes).check("by hand", DUE, 1e-12);
    let mut matrices = Matrices::new(&SIZES, SAMPLES);
    let p = matrices.pass(w, &xt, &dt, &mut slopes, Par::Seq);
    Sums::of(p, &slopes).check("faer", DUE, 1e-12);
    let mut others = Matrices::new(&SIZES, SAMPLES);
    let p = others.pass_with(w, &xt, &dt, &mut slopes, |product| product.by_matrixmultiply());
    Sums::of(p, &slopes).check("matrixmultiply", DUE, 1e-12);

    let columns: Vec<Vec<f64>> = (0..SIZES[0])
        .map(|c| x.iter().skip(c).step_by(SIZES[0]).copied().collect())
        .chain((0..SIZES[3]).map(|c| d.iter().skip(c).step_by(SIZES[3]).copied().collect()))
        .collect();
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let by_columns = Samples::columns(&slices).expect("shape");
    let rows = Samples::rows(x, SIZES[0]).and_then(|s| s.beside(d, SIZES[3])).expect("shape");
    let (mut slopes_2, mut slopes_3) = (slopes.clone(), slopes.clone());
    let mut table = Table::new("W3, one gradient over 1000 samples, one thread", "ms", 1.0);
    table.row("faer's products, vectorised sigmoids (1)", || {
        std::hint::black_box(matrices.pass(w, &xt, &dt, &mut slopes_2, Par::Seq));
    });
    table.row("matrixmultiply's products, the same sigmoids", || {
        let multiply = |product: Product<'_>| product.by_matrixmultiply();
        std::hint::black_box(others.pass_with(w, &xt, &dt, &mut slopes_3, multiply));
    });
    table.row("uphill, from scalars; samples in columns", call(&program, w, &by_columns));
    table.row("uphill, from scalars; samples in rows", call(&program, w, &rows));
    let avx2 = InstructionSet::Avx2;
    if InstructionSet::best() > avx2 {
        let workspace = program.workspace().backend(Backend::Lanes(avx2));
        table.row("uphill with AVX2 alone", call_in(workspace, &program, w, &by_columns));
    }
    table.row("uphill without dense blocks", call(&plain, w, &rows));
    table.row("by hand, loops over scalars", || {
        std::hint::black_box(by_hand(&mut slopes));
    });
    table.run(Duration::from_secs(2));

    let mut matrices_2 = Matrices::new(&SIZES, SAMPLES);
    let mut table = Table::new("W3 on two threads", "ms", 1.0);
    table.row("faer's products, vectorised sigmoids (1)", || {
        std::hint::black_box(matrices_2.pass(w, &xt, &dt, &mut slopes_2, Par::rayon(2)));
    });
    let workspace = program.workspace().threads(2).expect("two threads");
    table.row("uphill, from scalars", call_in(workspace, &program, w, &by_columns));
    table.row("the same on one thread", call(&program, w, &by_columns));
    table.run(Duration::from_secs(2));
}

/// One call after the other in the same memory.
pub fn call<'a>(
    program: &'a Program,
    shared: &'a [f64],
    samples: &Samples<'a>,
) -> impl FnMut() + 'a {
    call_in(program.workspace(), program, shared, samples)
}

/// The same in this memory.
pub fn call_in<'a>(
    mut workspace: Workspace,
    program: &'a Program,
    shared: &'a [f64],
    samples: &Samples<'a>,
) -> impl FnMut() + 'a {
    let samples = samples.clone();
    let mut outputs = vec![0.0; program.output_length(samples.len())];
    move || program.run_samples(&mut workspace, shared, &samples, &mut outputs).expect("shape")
}
