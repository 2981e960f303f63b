//! W2 and W3 in single precision, beside the same in double precision: time, and how far the numbers are apart.

use std::hint::black_box;
use std::time::Duration;

use uphill_engine::{Compiler, OverSamples, Program, Samples};

use crate::network;
use crate::numbers::{self, Random};
use crate::peaks;
use crate::table::Table;

const SIZES: [usize; 4] = [64, 128, 64, 10];

pub fn run() {
    let function = network::term(&SIZES).with_gradient().expect("one output");
    let sums = OverSamples::new(function, ["x", "d"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&sums).expect("compiles");
    let mut random = Random::new(13);
    let columns: Vec<Vec<f64>> =
        (0..74).map(|_| (0..1000).map(|_| 2.0 * random.unit() - 1.0).collect()).collect();
    beside(
        "Single precision, W3, one gradient over 1000 samples",
        &program,
        &numbers::weights(&SIZES, 11),
        &columns,
    );

    let sums = OverSamples::new(peaks::function(), ["x", "y"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&sums);
    let (x, y) = peaks::data();
    let title = "Single precision, W2, P and gradient over 100,000 samples";
    beside(title, &program.expect("compiles"), &peaks::AT, &[x, y]);
}

fn beside(title: &str, program: &Program, shared: &[f64], columns: &[Vec<f64>]) {
    let double: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let rounded: Vec<Vec<f32>> =
        columns.iter().map(|column| column.iter().map(|&x| x as f32).collect()).collect();
    let single: Vec<&[f32]> = rounded.iter().map(Vec::as_slice).collect();
    let double = Samples::columns(&double).expect("shape");
    let single = Samples::columns(&single).expect("shape");

    println!("\n{title}");
    let due = program.eval_samples(shared, &double).expect("shape");
    let got = program.eval_samples_f32(shared, &single).expect("shape").per_call;
    let largest = due[1..].iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let gaps = got[1..].iter().zip(&due[1..]).map(|(x, y)| (x - y).abs() / largest);
    println!(
        "  P differs by {:.1e}, the gradient by {:.1e} of its largest entry",
        ((got[0] - due[0]) / due[0]).abs(),
        gaps.fold(0.0, f64::max)
    );
    let mut table = Table::new(title, "ms", 1.0);
    table.row("uphill in f64 (1)", network::call(program, shared, &double));
    let mut workspace = program.workspace_f32();
    let mut sums = vec![0.0; got.len()];
    table.row("uphill in f32", move || {
        program
            .run_samples_f32(&mut workspace, black_box(shared), &single, &mut sums, &mut [])
            .expect("shape");
    });
    table.run(Duration::from_secs(2));
}
