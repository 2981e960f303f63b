//! GMM: a mixture of Gaussian bells with a Wishart prior, as ADBench has it: P and its whole gradient.
//!
//! Each of `k` bells has a weight, a mean, and a lower triangle whose diagonal is kept as logarithms (`icf`), column after
//! column. What is summed over points is the logarithm of a sum of bells: small triangular matrices, one a bell, times what
//! a point is away from the bell's mean.

use std::f64::consts::PI;
use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use uphill_engine::{Backend, Compiler, InstructionSet, OverSamples, Program, Samples};
use uphill_graph::{Function, Inputs, Scalar};

use crate::network;
use crate::numbers::{Random, Sums};
use crate::table::Table;

mod by_hand;

use by_hand::ByHand;

const POINTS: usize = 1000;
/// Dimensions, and P with check sums of its gradient, from JAX.
const SIZES: [(usize, Sums); 2] = [
    (10, Sums(-7957.651268055517, 14146.695145991622, 32537.815660771535)),
    (32, Sums(-6312.749454395511, 68667.94530483219, 111507.12442634816)),
];
/// The prior's.
const GAMMA: f64 = 1.0;
const M: f64 = 0.0;

/// How many numbers there are of each kind, and where they lie among the parameters.
#[derive(Debug, Clone, Copy)]
struct Shape {
    bells: usize,
    dimensions: usize,
}

impl Shape {
    /// Numbers of one bell's triangle.
    fn triangle(self) -> usize {
        self.dimensions * (self.dimensions + 1) / 2
    }

    fn mean(self, bell: usize) -> Range<usize> {
        let start = self.bells + bell * self.dimensions;
        start..start + self.dimensions
    }

    fn icf(self, bell: usize) -> Range<usize> {
        let start = self.bells * (1 + self.dimensions) + bell * self.triangle();
        start..start + self.triangle()
    }

    fn parameters(self) -> usize {
        self.bells * (1 + self.dimensions + self.triangle())
    }

    /// What of P depends on nothing.
    fn constant(self, points: usize) -> f64 {
        let d = self.dimensions as f64;
        let half = 0.5 * (d + M + 1.0);
        let gammas = (0..self.dimensions).map(|j| uphill_kernels::ln_gamma(half - 0.5 * j as f64));
        let gamma = 0.25 * d * (d - 1.0) * PI.ln() + gammas.sum::<f64>();
        let wishart = 2.0 * half * d * (GAMMA.ln() - 0.5 * 2.0_f64.ln()) - gamma;
        -0.5 * points as f64 * d * (2.0 * PI).ln() - self.bells as f64 * wishart
    }

    /// The parameters, then the points row after row.
    fn data(self) -> (Vec<f64>, Vec<f64>) {
        let mut random = Random::new(23);
        let mut parameters = Vec::with_capacity(self.parameters());
        parameters.extend((0..self.bells).map(|_| random.unit() - 0.5));
        parameters.extend((0..self.bells * self.dimensions).map(|_| random.unit()));
        let triangles = self.bells * self.triangle();
        parameters.extend((0..triangles).map(|_| (random.unit() - 0.5) * 0.5));
        let points = (0..POINTS * self.dimensions).map(|_| random.unit()).collect();
        (parameters, points)
    }
}

/// The diagonals of all bells, as scalar code has them.
fn diagonals<S: Scalar>(shape: Shape, w: &[S]) -> Vec<Vec<S>> {
    let diagonal = |bell| w[shape.icf(bell)][..shape.dimensions].iter().map(|&q| q.exp()).collect();
    (0..shape.bells).map(diagonal).collect()
}

/// What one point adds to P.
fn point<S: Scalar>(shape: Shape, w: &[S], diagonals: &[Vec<S>], x: &[S]) -> S {
    let d = shape.dimensions;
    let mut bells = Vec::with_capacity(shape.bells);
    for bell in 0..shape.bells {
        let (mean, icf) = (&w[shape.mean(bell)], &w[shape.icf(bell)]);
        let away: Vec<S> = (0..d).map(|i| x[i] - mean[i]).collect();
        let mut y: Vec<S> = (0..d).map(|i| diagonals[bell][i] * away[i]).collect();
        let mut next = d;
        for i in 0..d {
            for j in i + 1..d {
                y[j] += icf[next] * away[i];
                next += 1;
            }
        }
        let mut squares = S::constant(0.0);
        for &y in &y {
            squares += y * y;
        }
        let mut logarithm = S::constant(0.0);
        for &q in &icf[..d] {
            logarithm += q;
        }
        bells.push(w[bell] + logarithm - 0.5 * squares);
    }
    S::log_sum_exp(&bells)
}

/// What is added to the sum over points: weights that sum to 1, and the prior.
fn rest<S: Scalar>(shape: Shape, w: &[S], points: f64) -> S {
    let d = shape.dimensions;
    let mut squares = S::constant(0.0);
    let mut logarithms = S::constant(0.0);
    for bell in 0..shape.bells {
        let icf = &w[shape.icf(bell)];
        for &q in &icf[..d] {
            squares += q.exp().square();
            logarithms += q;
        }
        for &l in &icf[d..] {
            squares += l * l;
        }
    }
    let prior = 0.5 * GAMMA * GAMMA * squares - M * logarithms;
    prior - points * S::log_sum_exp(&w[..shape.bells]) + shape.constant(points as usize)
}

/// As a function over samples: the term of a point, and what comes after the sum.
fn over_points(shape: Shape) -> OverSamples {
    let inputs = Inputs::new().variables("w", shape.parameters());
    let term = Function::record(inputs.parameters("x", shape.dimensions), |all| {
        let (w, x) = all.split_at(shape.parameters());
        point(shape, w, &diagonals(shape, w), x).named("S")
    });
    let inputs = Inputs::new().variable("S").variables("w", shape.parameters());
    let outer = Function::record(inputs, |all| all[0] + rest(shape, &all[1..], POINTS as f64));
    let term = term.expect("the names are fit");
    let sums = OverSamples::new(term, ["x"]).expect("columns").sum();
    let function = sums.outer(&outer.expect("the names are fit")).expect("it reads S");
    function.with_gradient().expect("one output")
}

/// As plain scalar code, with a `for` over the points.
fn plain(shape: Shape) -> Function {
    let inputs = Inputs::new().variables("w", shape.parameters());
    let function = Function::record(inputs.parameters("x", POINTS * shape.dimensions), |all| {
        let (w, x) = all.split_at(shape.parameters());
        let diagonals = diagonals(shape, w);
        let mut performance = rest(shape, w, POINTS as f64);
        for x in x.chunks_exact(shape.dimensions) {
            performance += point(shape, w, &diagonals, x);
        }
        performance
    });
    function.and_then(|f| f.with_gradient()).expect("one output")
}

/// How often what takes long is run.
const LONG: Duration = Duration::from_secs(1);

pub fn run() {
    for (dimensions, due) in SIZES {
        let shape = Shape { bells: 25, dimensions };
        println!("\nGMM, d = {dimensions}");
        let (w, x) = shape.data();
        let start = Instant::now();
        let over = over_points(shape);
        println!("  over samples: recorded and differentiated in {:?}", start.elapsed());
        let start = Instant::now();
        let program = Compiler::new().compile_samples(&over).expect("compiles");
        println!("  over samples: compiled in {:?}", start.elapsed());
        println!("{}", short(&program));
        let columns: Vec<Vec<f64>> = (0..dimensions)
            .map(|c| x.iter().skip(c).step_by(dimensions).copied().collect())
            .collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let samples = Samples::columns(&slices).expect("shape");
        let all = program.eval_samples(&w, &samples).expect("shape");
        Sums::of(all[0], &all[1..]).check("uphill, over samples", due, 1e-10);
        let mut gradient = vec![0.0; shape.parameters()];
        let mut hand = ByHand::new(shape);
        let p = hand.run(&w, &slices, &mut gradient);
        Sums::of(p, &gradient).check("by hand", due, 1e-10);
        let worst = all[1..].iter().zip(&gradient).map(|(a, b)| (a - b).abs() / (1.0 + b.abs()));
        let worst = worst.fold(0.0, f64::max);
        println!("  entries differ by {worst:.1e} at most");
        assert!(worst < 1e-10, "gradients differ");

        let (mut hand_2, mut gradient_2) = (ByHand::new(shape), gradient.clone());
        let title = format!("GMM, d = {dimensions}, k = 25, 1000 points, one thread");
        let mut table = Table::new(title, "ms", 1.0);
        table.row("by hand, eight points at once (1)", || {
            black_box(hand.run(black_box(&w), &slices, &mut gradient));
        });
        table.row("uphill, over samples", network::call(&program, &w, &samples));
        let avx2 = InstructionSet::Avx2;
        if InstructionSet::best() > avx2 {
            let (w, slices) = (&w, &slices);
            table.row("by hand with AVX2 alone", move || {
                black_box(hand_2.run_avx2(black_box(w), slices, &mut gradient_2));
            });
            let workspace = program.workspace().backend(Backend::Lanes(avx2));
            table.row("uphill with AVX2 alone", network::call_in(workspace, &program, w, &samples));
        }
        table.run(Duration::from_secs(2));
        if !skips_plain() {
            plain_loops(shape, &w, &x, due, &mut hand, &slices);
        }
    }
}

/// The plain form takes its time to be recorded.
fn skips_plain() -> bool {
    std::env::var_os("UPHILL_BENCH_SHORT").is_some()
}

fn plain_loops(
    shape: Shape,
    w: &[f64],
    x: &[f64],
    due: Sums,
    hand: &mut ByHand,
    columns: &[&[f64]],
) {
    let dimensions = shape.dimensions;
    let start = Instant::now();
    let function = plain(shape);
    println!("  plain loops: recorded and differentiated in {:?}", start.elapsed());
    let start = Instant::now();
    let interpreted = Compiler::new().compile(&function).expect("compiles");
    println!("  plain loops: compiled in {:?}", start.elapsed());
    let start = Instant::now();
    let machine = Compiler::new().machine_code().compile(&function).expect("compiles");
    println!("  plain loops: compiled to machine code in {:?}", start.elapsed());
    println!("{}", short(&interpreted));
    let inputs = [w, x].concat();
    let mut gradient = vec![0.0; shape.parameters()];
    let title = format!("GMM, d = {dimensions}, plain loops");
    let mut table = Table::new(title, "ms", 1.0);
    table.row("by hand, eight points at once (1)", || {
        black_box(hand.run(black_box(w), columns, &mut gradient));
    });
    for (name, program, backend) in [
        ("uphill, interpreter", &interpreted, Backend::Scalar),
        ("uphill, machine code", &machine, Backend::MachineCode),
    ] {
        let mut workspace = program.workspace().backend(backend);
        let mut outputs = vec![0.0; 1 + shape.parameters()];
        program.run(&mut workspace, &inputs, &mut outputs).expect("shape");
        Sums::of(outputs[0], &outputs[1..]).check(name, due, 1e-10);
        let inputs = &inputs;
        table.row(name, move || {
            program.run(&mut workspace, black_box(inputs), &mut outputs).expect("shape");
        });
    }
    table.run(LONG);
}

/// What the compiler found, without the lists of all bells.
fn short(program: &Program) -> String {
    let report = program.report();
    format!(
        "  {} operations a sample, {} in dense code; {} blocks, first {:?}; {} outer products, \
         first {:?}; {} loops; {} instructions; {} numbers a sample, tile {}; {} a call",
        report.operations_per_sample,
        report.dense_operations,
        report.blocks.len(),
        report.blocks.first(),
        report.outer_products.len(),
        report.outer_products.first(),
        report.loops.len(),
        report.instructions,
        report.numbers_per_sample,
        report.tile,
        report.operations_per_call,
    )
}
