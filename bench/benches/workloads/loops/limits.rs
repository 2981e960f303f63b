//! What the number of nodes and of sweeps does, apart from any program: the gradient of a very long chain, the Hessian of
//! an arrow.

use std::time::Instant;

use uphill_graph::{Function, Inputs, Scalar};

use super::Lines;
use crate::chain::chain;
use crate::memory;
use crate::summary;

/// Links of eight operations: 10⁷ nodes.
const LINKS: usize = 1_250_000;
const ARROWS: [usize; 2] = [1_000, 4_000];

/// One number that stands beside each of the others: a row, a column and a diagonal.
fn arrow<S: Scalar>(x: &[S]) -> S {
    let mut total = S::constant(0.0);
    for &other in &x[1..] {
        total -= (x[0] * other).sin() + other.square();
    }
    total
}

pub(super) fn run(_: &mut Lines) {
    println!("\nThe gradient of a chain of 10^7 nodes, the Hessian of an arrow");
    let held = memory::count(|| {
        let start = Instant::now();
        let function = Function::record(["a", "b", "c"], |w| chain(w, LINKS)).expect("names");
        let record = start.elapsed().as_secs_f64();
        let gradient = function.gradient().expect("one output");
        let derivative = start.elapsed().as_secs_f64() - record;
        (gradient.output_names().count(), record, derivative)
    });
    let (_, record, gradient) = held.result;
    println!(
        "  chain: record {record:.3} s, gradient {gradient:.3} s, {} MB at most",
        held.most >> 20
    );
    let figure = format!("gradient, recording = 1, at {}", 8 * LINKS);
    summary::note("Loops, chain", &figure, gradient / record);
    for n in ARROWS {
        let function = Function::record(Inputs::new().variables("x", n), |x| arrow(x));
        let function = function.expect("names");
        let start = Instant::now();
        let held = memory::count(|| function.sparse_hessian().expect("one output"));
        let (hessian, seconds) = (held.result, start.elapsed().as_secs_f64());
        assert_eq!(hessian.entries.len(), 3 * n - 2);
        println!(
            "  arrow, n = {n}: {} sweeps, {seconds:.3} s, {} MB at most",
            hessian.sweeps,
            held.most >> 20
        );
        summary::note("Loops, arrow", &format!("sweeps, at {n}"), hessian.sweeps as f64);
    }
}
