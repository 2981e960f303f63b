//! A network written as loops over scalars, at the speed of matrices: what the engine finds in it, and how long a
//! gradient over a thousand samples takes beside faer's matrix products.
//! Run: `cargo run --release --example tensor_speed` in the folder `bench`
#![allow(clippy::print_stdout)] // an example speaks to people

use std::time::Instant;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use uphill::engine::{Backend, Compiler, OverSamples, Program, Samples};
use uphill::prelude::*;

const SIZES: [usize; 4] = [64, 128, 64, 10];
const SAMPLES: usize = 1000;

/// P of one sample: −Σ (d − o)² of a network of sigmoid nodes with biases. Nothing but scalars in loops.
fn performance<S: Scalar>(weights: &[S], inputs: &[S], desired: &[S]) -> S {
    let mut outputs = inputs.to_vec();
    let mut first = 0;
    for size in SIZES.windows(2) {
        let (inputs, nodes) = (size[0], size[1]);
        let biases = first + inputs * nodes;
        outputs = (0..nodes)
            .map(|node| {
                let mut sum = S::constant(0.0);
                for (input, &output) in outputs.iter().enumerate() {
                    sum += weights[first + node * inputs + input] * output;
                }
                (sum + weights[biases + node]).sigmoid()
            })
            .collect();
        first = biases + nodes;
    }
    let mut sum = S::constant(0.0);
    for (&desired, &output) in desired.iter().zip(&outputs) {
        sum += (desired - output).square();
    }
    -sum
}

/// The same with matrices, one row a node and one column a sample: what the speed is compared with.
struct Matrices {
    outputs: Vec<Vec<f64>>,
    deltas: Vec<Vec<f64>>,
}

impl Matrices {
    fn pass(&mut self, weights: &[f64], desired: &[f64], gradient: &mut [f64]) -> f64 {
        let m = SAMPLES;
        let mut first = 0;
        let mut starts = Vec::new();
        for (l, size) in SIZES.windows(2).enumerate() {
            let (k, n) = (size[0], size[1]);
            starts.push(first);
            let (before, after) = self.outputs.split_at_mut(l + 1);
            let matrix = MatRef::from_row_major_slice(&weights[first..first + n * k], n, k);
            for (row, &bias) in after[0].chunks_exact_mut(m).zip(&weights[first + n * k..]) {
                row.fill(bias);
            }
            let input = MatRef::from_row_major_slice(&before[l], k, m);
            let output = MatMut::from_row_major_slice_mut(&mut after[0], n, m);
            matmul(output, Accum::Add, matrix, input, 1.0, Par::Seq);
            after[0].iter_mut().for_each(|x| *x = 1.0 / (1.0 + (-*x).exp()));
            first += n * (k + 1);
        }
        let mut performance = 0.0;
        for ((delta, &o), &d) in self.deltas[3].iter_mut().zip(&self.outputs[3]).zip(desired) {
            performance -= (d - o) * (d - o);
            *delta = 2.0 * (d - o) * o * (1.0 - o);
        }
        for (l, size) in SIZES.windows(2).enumerate().rev() {
            let (k, n, first) = (size[0], size[1], starts[l]);
            let (before, after) = self.deltas.split_at_mut(l + 1);
            let delta = MatRef::from_row_major_slice(&after[0], n, m);
            let input = MatRef::from_row_major_slice(&self.outputs[l], k, m);
            let (slopes, biases) = gradient[first..first + n * (k + 1)].split_at_mut(n * k);
            let slopes = MatMut::from_row_major_slice_mut(slopes, n, k);
            matmul(slopes, Accum::Replace, delta, input.transpose(), 1.0, Par::Seq);
            for (slope, row) in biases.iter_mut().zip(after[0].chunks_exact(m)) {
                *slope = row.iter().sum();
            }
            let matrix = MatRef::from_row_major_slice(&weights[first..first + n * k], n, k);
            let beta = MatMut::from_row_major_slice_mut(&mut before[l], k, m);
            matmul(beta, Accum::Replace, matrix.transpose(), delta, 1.0, Par::Seq);
            for (beta, o) in before[l].iter_mut().zip(&self.outputs[l]) {
                *beta *= o * (1.0 - o);
            }
        }
        performance
    }
}

/// The median of several runs, in milliseconds.
fn time(mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..31)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn runs(program: &Program, backend: Backend, weights: &[f64], samples: &Samples<'_>) -> f64 {
    let mut workspace = program.workspace().backend(backend);
    let mut outputs = vec![0.0; program.output_length(samples.len())];
    time(|| {
        program.run_samples(&mut workspace, weights, samples, &mut outputs).expect("shapes fit");
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let weight_count: usize = SIZES.windows(2).map(|size| size[1] * (size[0] + 1)).sum();
    let inputs = Inputs::new()
        .variables("w", weight_count)
        .parameters("x", SIZES[0])
        .parameters("d", SIZES[3]);
    let start = Instant::now();
    let p = Function::record(inputs, |all| {
        let (weights, sample) = all.split_at(weight_count);
        performance(weights, &sample[..SIZES[0]], &sample[SIZES[0]..])
    })?;
    let gradient = p.with_gradient()?;
    println!("recorded and differentiated in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    println!(
        "{}: {} scalar operations\n",
        gradient.signature(),
        gradient.graph().operation_count()
    );

    let sums = OverSamples::new(gradient, ["x", "d"])?.sum();
    let start = Instant::now();
    let program = Compiler::new().compile_samples(&sums)?;
    println!("compiled in {:.0} ms; found:", start.elapsed().as_secs_f64() * 1e3);
    println!("{}", program.report());

    let mut state = 11_u64;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let weights: Vec<f64> = (0..weight_count).map(|_| 0.3 * random()).collect();
    // One row a node, one column a sample, as both like it.
    let x: Vec<f64> = (0..SIZES[0] * SAMPLES).map(|_| 2.0 * random()).collect();
    let d: Vec<f64> = (0..SIZES[3] * SAMPLES).map(|_| 0.5 + random()).collect();
    let columns: Vec<&[f64]> = x.chunks(SAMPLES).chain(d.chunks(SAMPLES)).collect();
    let samples = Samples::columns(&columns)?;

    let table = || SIZES.iter().map(|&n| vec![0.0; n * SAMPLES]).collect::<Vec<_>>();
    let mut matrices = Matrices { outputs: table(), deltas: table() };
    matrices.outputs[0].copy_from_slice(&x);
    let mut slopes = vec![0.0; weight_count];
    let due = matrices.pass(&weights, &d, &mut slopes);
    let found = program.eval_samples(&weights, &samples)?;
    let scale = slopes.iter().fold(0.0, |most: f64, slope| most.max(slope.abs()));
    let gap = slopes.iter().zip(&found[1..]).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
    println!(
        "P = {:.6}, by matrices {due:.6}; gradients differ by {:.1e} of the largest entry\n",
        found[0],
        gap / scale
    );

    let by_matrices = time(|| {
        matrices.pass(&weights, &d, &mut slopes);
    });
    let by_scalars = runs(&program, Backend::Automatic, &weights, &samples);
    let plain = Compiler::new().without_blocks().compile_samples(&sums)?;
    let without = runs(&plain, Backend::Automatic, &weights, &samples);
    println!("P and its gradient over {SAMPLES} samples, one thread:");
    println!("  matrices (faer), sigmoids by the standard library  {by_matrices:>7.2} ms    1.00");
    println!(
        "  loops over scalars, compiled                       {by_scalars:>7.2} ms    {:.2}",
        by_scalars / by_matrices
    );
    println!(
        "  the same without dense blocks                      {without:>7.2} ms    {:.2}",
        without / by_matrices
    );
    Ok(())
}
