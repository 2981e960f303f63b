//! One training step on the iris data: the gradient of a 4-6-3 network over all 150 samples, and the move uphill.

use std::hint::black_box;
use std::time::Duration;

use uphill_engine::{Compiler, OverSamples, Samples as Rows};
use uphill_nn::{Network, Samples, SquaredError, Stop, Trainer};

use crate::by_hand;
use crate::network;
use crate::numbers;
use crate::table::Table;

const SIZES: [usize; 3] = [4, 6, 3];
const RATE: f64 = 0.01;
/// Changes in one call of the trainer, so that recording and compiling, which it does once, hardly count.
const CHANGES: usize = 2_000;

/// Measurements in decimetres, and a desired 1 for the species.
fn iris() -> (Vec<f64>, Vec<f64>) {
    let text = include_str!("../../../crates/uphill-nn/tests/data/iris.csv");
    let (mut x, mut d) = (Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        x.extend(cells[..4].iter().map(|cell| cell / 10.0));
        d.extend((0..3).map(|species| f64::from(cells[4] == f64::from(species))));
    }
    (x, d)
}

/// Weights from layers with all biases at their end to nodes each with its bias at its end.
fn by_nodes(weights: &[f64]) -> Vec<f64> {
    let mut all = Vec::new();
    for layer in by_hand::layers(&SIZES).0 {
        let biases = layer.first + layer.inputs * layer.outputs;
        for j in 0..layer.outputs {
            all.extend(&weights[layer.first + j * layer.inputs..][..layer.inputs]);
            all.push(weights[biases + j]);
        }
    }
    all
}

struct ByHand {
    network: by_hand::Network,
    weights: Vec<f64>,
    gradient: Vec<f64>,
}

impl ByHand {
    fn new(weights: &[f64]) -> ByHand {
        let gradient = vec![0.0; weights.len()];
        ByHand { network: by_hand::Network::new(&SIZES), weights: weights.to_vec(), gradient }
    }

    fn step(&mut self, x: &[f64], d: &[f64]) {
        self.gradient.fill(0.0);
        for (x, d) in x.chunks_exact(4).zip(d.chunks_exact(3)) {
            self.network.sample(&self.weights, x, d, &mut self.gradient);
        }
        climb(&mut self.weights, &self.gradient);
    }
}

fn climb(weights: &mut [f64], gradient: &[f64]) {
    for (weight, slope) in weights.iter_mut().zip(gradient) {
        *weight += RATE * slope;
    }
}

pub fn run() {
    println!("\nTraining, iris 4-6-3");
    let (x, d) = iris();
    let start = numbers::weights(&SIZES, 3);
    let layered = Network::layered(&SIZES).bias().build().expect("layers");
    let samples = Samples::from_pairs(x.chunks_exact(4).zip(d.chunks_exact(3))).expect("samples");
    let train = |changes| {
        let trainer = Trainer::new(&layered, SquaredError, &samples);
        let trainer = trainer.weights(&by_nodes(&start)).rate(RATE);
        trainer.stop(Stop::changes(changes)).train().expect("trains").weights
    };

    let mut hand = ByHand::new(&start);
    (0..300).for_each(|_| hand.step(&x, &d));
    let (due, got) = (by_nodes(&hand.weights), train(300));
    let gap = due.iter().zip(&got).fold(0.0, |most: f64, (x, y)| most.max((x - y).abs()));
    println!("  after 300 steps weights differ by {gap:.1e} at most");
    assert!(gap < 1e-10, "{got:?}, by hand {due:?}");

    let function = network::term(&SIZES).with_gradient().expect("one output");
    let sums = OverSamples::new(function, ["x", "d"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&sums).expect("compiles");
    let rows = Rows::rows(&x, 4).and_then(|rows| rows.beside(&d, 3)).expect("shape");
    let mut workspace = program.workspace();
    let (mut weights, mut sums) = (start.clone(), vec![0.0; start.len() + 1]);

    let mut table = Table::new("Training, iris 4-6-3, one full-batch step", "µs", 1.0);
    table.row("by hand, loops over scalars (1)", || hand.step(black_box(&x), &d));
    table.row_over("uphill, the trainer of uphill-nn", CHANGES as f64, || {
        black_box(train(CHANGES));
    });
    table.row("uphill, the engine and a loop over weights", || {
        program.run_samples(&mut workspace, &weights, &rows, &mut sums).expect("shape");
        climb(&mut weights, &sums[1..]);
    });
    table.run(Duration::from_secs(2));
}
