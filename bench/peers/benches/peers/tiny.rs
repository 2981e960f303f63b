//! W4: a tiny function, many calls: a 2-2-1 network of sigmoid nodes on one sample, value and gradient by nine weights.

use std::hint::black_box;

use uphill_bench::by_hand;
use uphill_bench::numbers::{self, Sums};
use uphill_bench::table::Table;
use uphill_engine::Backend;
use uphill_graph::{Function, Inputs};
use uphill_peers::{Calls, Gradients, Number, Performance, network};

const X: [f64; 2] = [0.3, -0.8];

/// The network's performance on its sample, by weights.
pub struct Network;

impl Performance for Network {
    fn of<N: Number>(&self, w: &[N], _constant: impl Fn(f64) -> N) -> N {
        network(w, black_box(X), 1.0)
    }
}

pub fn weights() -> [f64; 9] {
    numbers::weights(&[2, 2, 1], 5).try_into().expect("nine")
}

pub fn run() {
    println!("\nW4");
    let w = weights();
    let mut gradient = [0.0; 9];
    let p = by_hand::small_network(&w, &X, 1.0, &mut gradient);
    // Where a gradient is made ready once, the sample can be another at each call.
    let inputs: Vec<f64> = w.iter().chain(&X).chain(&[1.0]).copied().collect();
    let names = Inputs::new().variables("w", 9).parameters("x", 2).parameter("d");
    let function = Function::record(names, |v| network(&v[..9], [v[9], v[10]], v[11]));
    let both = function.and_then(|f| f.with_gradient()).expect("one output");
    let calls = |backend| Calls::new(&both, backend, &inputs);
    let record = || echidna::record(|v| network(&v[..9], [v[9], v[10]], v[11]), black_box(&inputs));
    let (mut recorded, recorded_p) = record();
    let mut adjoints = Vec::new();

    let table = Table::new("W4, 2-2-1 network, P and gradient of one sample", "ns", 1.0);
    let mut gradients = Gradients::new(&Network, &w, Sums::of(p, &gradient), 1e-12, table);
    gradients.table.row("by hand (1)", || {
        let x = black_box(&X);
        black_box(by_hand::small_network(black_box(&w), x, 1.0, &mut gradient));
        black_box(&gradient);
    });
    gradients.compiled("uphill, machine code", calls(Backend::MachineCode));
    gradients.compiled("uphill, interpreter", calls(Backend::Scalar));
    gradients.check("echidna, recorded once", recorded_p, &recorded.gradient(&inputs)[..9]);
    gradients.table.row("echidna, recorded once", || {
        black_box(recorded.gradient_with_buf(black_box(&inputs), &mut adjoints));
    });
    gradients.taped();
    gradients.table.row("echidna, record and gradient", || {
        let (mut tape, _) = record();
        black_box(tape.gradient(&inputs));
    });
    gradients.forward::<9>("nine");
    gradients.table.run(crate::EACH);
}
