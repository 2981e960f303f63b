//! W2: value and gradient of a performance over 100,000 samples, by eight parameters.

use std::hint::black_box;

use uphill_bench::by_hand;
use uphill_bench::peaks::{AT, DUE, data};
use uphill_bench::table::Table;
use uphill_engine::{Compiler, InstructionSet, OverSamples, Samples};
use uphill_graph::{Function, Inputs};
use uphill_peers::{Gradients, Number, Performance, residual};

/// P by its terms, one sample after the other.
struct Peaks<'a> {
    x: &'a [f64],
    y: &'a [f64],
}

impl Performance for Peaks<'_> {
    fn of<N: Number>(&self, b: &[N], _constant: impl Fn(f64) -> N) -> N {
        let term = |(&x, &y): (&f64, &f64)| residual(b, x, y).square();
        let mut samples = self.x.iter().zip(self.y);
        let first = term(samples.next().expect("a sample"));
        -samples.fold(first, |total, sample| total + term(sample))
    }
}

pub fn run() {
    println!("\nW2");
    let (x, y) = data();
    let set = InstructionSet::best();
    let inputs = Inputs::new().variables("b", 8).parameter("x").parameter("y");
    let term = Function::record(inputs, |v| -residual(&v[..8], v[8], v[9]).square());
    let both = term.and_then(|f| f.with_gradient()).expect("one output");
    let sums = OverSamples::new(both, ["x", "y"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&sums).expect("compiles");
    let columns = [x.as_slice(), y.as_slice()];
    let samples = Samples::columns(&columns).expect("shape");
    let mut workspace = program.workspace();
    let mut outputs = [0.0; 9];
    // One sample is recorded; all others are other values of two inputs.
    let inputs = |x: f64, y: f64| -> [f64; 10] {
        std::array::from_fn(|k| if k < 8 { AT[k] } else { [x, y][k - 8] })
    };
    let code = |v: &[echidna::BReverse<f64>]| -residual(&v[..8], v[8], v[9]).square();
    let (mut recorded, _) = echidna::record(code, &inputs(x[0], y[0]));
    let mut adjoints = Vec::new();
    let mut over_samples = || {
        let (mut p, mut g) = (0.0, [0.0; 8]);
        for (&x, &y) in x.iter().zip(&y) {
            let slopes = recorded.gradient_with_buf(&inputs(x, y), &mut adjoints);
            p += recorded.output_value();
            g.iter_mut().zip(slopes).for_each(|(g, slope)| *g += slope);
        }
        (p, g)
    };

    let performance = Peaks { x: &x, y: &y };
    let table = Table::new("W2, P and gradient over 100,000 samples", "ms", 1.0);
    let mut gradients = Gradients::new(&performance, &AT, DUE, 1e-11, table);
    let (p, g) = by_hand::peaks(&AT, &x, &y);
    gradients.check("by hand", p, &g);
    gradients.table.row("by hand, one sample at a time (1)", || {
        black_box(by_hand::peaks(black_box(&AT), &x, &y));
    });
    gradients.table.row("by hand, vectorised by the compiler", || {
        black_box(by_hand::peaks_in_lanes(set, black_box(&AT), &x, &y));
    });
    program.run_samples(&mut workspace, &AT, &samples, &mut outputs).expect("shape");
    gradients.check("uphill, compiled once", outputs[0], &outputs[1..]);
    gradients.table.row("uphill, compiled once", || {
        program.run_samples(&mut workspace, black_box(&AT), &samples, &mut outputs).expect("shape");
    });
    let (p, g) = over_samples();
    gradients.check("echidna, one sample recorded once", p, &g);
    gradients.table.row("echidna, one sample recorded once", || {
        black_box(over_samples());
    });
    gradients.taped();
    gradients.forward::<8>("eight");
    gradients.table.run(crate::EACH);
}
