//! W2: value and gradient of a performance over 100,000 samples, by eight parameters.

use std::hint::black_box;

use ad_trait::differentiable_function::{DerivativeMethodTrait, ForwardADMulti, ReverseAD};
use ad_trait::forward_ad::adfn::adfn;
use ad_trait::reverse_ad::adr::adr;
use nalgebra::SVector;
use num_dual::DualSVec64;
use reverse::Gradient as _;
use uphill_bench::by_hand;
use uphill_bench::numbers::Sums;
use uphill_bench::peaks::{AT, DUE, data};
use uphill_bench::table::Table;
use uphill_engine::tape::Tape;
use uphill_engine::{Compiler, InstructionSet, OverSamples, Samples};
use uphill_graph::{Function, Inputs};
use uphill_peers::{Code, Number, residual};

/// P by its terms, one sample after the other.
fn performance<N: Number>(b: &[N], x: &[f64], y: &[f64]) -> N {
    let term = |(&x, &y): (&f64, &f64)| residual(b, x, y).square();
    let mut samples = x.iter().zip(y);
    let first = term(samples.next().expect("a sample"));
    -samples.fold(first, |total, sample| total + term(sample))
}

pub fn run() {
    println!("\nW2");
    let (x, y) = data();
    let check = |what: &str, p: f64, g: &[f64]| Sums::of(p, g).check(what, DUE, 1e-11);
    let (p, g) = by_hand::peaks(&AT, &x, &y);
    check("by hand", p, &g);

    let inputs = Inputs::new().variables("b", 8).parameter("x").parameter("y");
    let term = Function::record(inputs, |v| -residual(&v[..8], v[8], v[9]).square());
    let both = term.and_then(|f| f.with_gradient()).expect("one output");
    let sums = OverSamples::new(both, ["x", "y"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&sums).expect("compiles");
    let columns = [x.as_slice(), y.as_slice()];
    let samples = Samples::columns(&columns).expect("shape");
    let mut workspace = program.workspace();
    let mut outputs = [0.0; 9];
    program.run_samples(&mut workspace, &AT, &samples, &mut outputs).expect("shape");
    check("uphill, compiled", outputs[0], &outputs[1..]);
    let mut tape = Tape::new();
    let (p, g) = tape.gradient(&AT, |b| performance(b, &x, &y)).expect("memory");
    check("uphill, fresh tape", p, &g);

    let duals = || {
        let at = SVector::from(black_box(AT));
        num_dual::gradient(|b: SVector<DualSVec64<8>, 8>| performance(b.as_slice(), &x, &y), &at)
    };
    let (p, g) = duals();
    check("num-dual", p, g.as_slice());

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
    let (p, g) = over_samples();
    check("echidna, recorded", p, &g);
    let swept = || echidna::grad(|b| performance(b, &x, &y), black_box(&AT));
    check("echidna, swept", p, &swept());

    let forward = Code { inputs: 8, code: |b: &[adfn<8>]| performance(b, &x, &y) };
    let backward = Code { inputs: 8, code: |b: &[adr]| performance(b, &x, &y) };
    let forward = || ForwardADMulti::<adfn<8>>::new().derivative(black_box(&AT), &forward);
    let backward = || ReverseAD::new().derivative(black_box(&AT), &backward);
    let (p, g) = forward();
    check("ad_trait, forward", p[0], g.as_slice());
    let (p, g) = backward();
    check("ad_trait, reverse", p[0], g.as_slice());

    let noted = || {
        let tape = reverse::Tape::new();
        let b = tape.add_vars(&black_box(AT));
        let p = performance(&b, &x, &y);
        (p.val(), p.grad().wrt(&b))
    };
    let (p, g) = noted();
    check("reverse", p, &g);

    let mut table = Table::new("W2, P and gradient over 100,000 samples", "ms", 1.0);
    table.row("by hand, one sample at a time (1)", || {
        black_box(by_hand::peaks(black_box(&AT), &x, &y));
    });
    let set = InstructionSet::best();
    table.row("by hand, vectorised by the compiler", || {
        black_box(by_hand::peaks_in_lanes(set, black_box(&AT), &x, &y));
    });
    table.row("uphill, compiled once", || {
        program.run_samples(&mut workspace, black_box(&AT), &samples, &mut outputs).expect("shape");
    });
    table.row("echidna, one sample recorded once", || {
        black_box(over_samples());
    });
    table.row("uphill, fresh tape", || {
        black_box(tape.gradient(black_box(&AT), |b| performance(b, &x, &y)).expect("memory"));
    });
    table.row("echidna, its tape for one sweep", || {
        black_box(swept());
    });
    table.row("ad_trait, reverse", || {
        black_box(backward());
    });
    table.row("reverse, fresh tape", || {
        black_box(noted());
    });
    table.row("num-dual, eight directions forward", || {
        black_box(duals());
    });
    table.row("ad_trait, eight directions forward", || {
        black_box(forward());
    });
    table.run(crate::EACH);
}
