//! What the number of nodes and of sweeps does, apart from any program: the gradient of a very long chain, the Hessian of
//! an arrow; and what recording costs where there is no loop.

use std::hint::black_box;
use std::time::{Duration, Instant};

use uphill_graph::{Function, Inputs, Scalar};

use super::Lines;
use crate::clock::in_turns;
use crate::memory;
use crate::numbers::Random;
use crate::summary;
use uphill_bench::chain::chain;

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

/// An operation and its operands among the latest values: no turn is like another.
#[derive(Clone, Copy)]
struct Drawn {
    operation: u8,
    operands: [u8; 2],
}

const RECENT: usize = 64;

fn drawn(operations: usize) -> Vec<Drawn> {
    let mut random = Random::new(37);
    let mut below = |limit: usize| (random.unit() * limit as f64) as u8;
    let mut draw = |_| Drawn { operation: below(8), operands: [below(RECENT), below(RECENT)] };
    (0..operations).map(&mut draw).collect()
}

fn irregular<S: Scalar>(x: &[S], all: &[Drawn]) -> S {
    let mut recent: [S; RECENT] = std::array::from_fn(|k| x[k % 2]);
    for (k, drawn) in all.iter().enumerate() {
        let [x, y] = drawn.operands.map(|place| recent[usize::from(place)]);
        recent[k % RECENT] = match drawn.operation {
            0 => x + y,
            1 => x - y,
            2 => x * y,
            3 => x.sin(),
            4 => x.tanh(),
            5 => x.hypot(y),
            6 => x.atan(),
            _ => x * x + y,
        };
    }
    S::total(&recent)
}

/// The same as a list: an operation and the numbers of two nodes each, nothing checked, nothing named, in memory that is
/// there already.
fn listed(all: &[Drawn], list: &mut Vec<(u8, [u32; 2])>) {
    let mut recent = [0_u32; RECENT];
    list.clear();
    for (k, drawn) in all.iter().enumerate() {
        let operands = drawn.operands.map(|place| recent[usize::from(place)]);
        recent[k % RECENT] = list.len() as u32;
        list.push((drawn.operation, operands));
    }
    black_box(list);
}

/// Code without a loop must not pay for code that has some: recording it and its gradient, beside a plain list.
fn without_repetitions() {
    let all = drawn(1_000_000);
    let record = || Function::record(["x", "y"], |x| irregular(x, &all)).expect("names");
    let function = record();
    let mut list = Vec::new();
    let [list, record, gradient] = in_turns(
        Duration::from_secs(3),
        [
            &mut || listed(black_box(&all), &mut list),
            &mut || drop(black_box(record())),
            &mut || drop(black_box(function.gradient().expect("one output"))),
        ],
    );
    for (what, seconds) in [("list", list), ("record", record), ("gradient", gradient)] {
        println!(
            "  without repetitions: {what} {:.1} ns an operation, {:.1} times the list",
            seconds * 1e9 / all.len() as f64,
            seconds / list
        );
        summary::note("Loops, without repetitions", what, seconds / list);
    }
}

pub(super) fn run(_: &mut Lines) {
    println!("\nA chain of 10^7 nodes, the Hessian of an arrow, code without repetitions");
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
    without_repetitions();
}
