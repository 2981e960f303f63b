//! What a node costs: to record, to differentiate, to simplify, to evaluate.
//!
//! The workload is one long scalar chain, with the check sums that other tools give for it. Beside uphill's arena stand a
//! plain `Vec` of operations, petgraph's `DiGraph`, and the same computation written by hand. `cargo bench
//! --features graph --bench arena` runs all of it in about a minute and ends with a table of ratios.

#![allow(clippy::print_stdout, reason = "the table is what people run this for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use petgraph::graph::{DiGraph, NodeIndex};
use uphill_bench::by_hand::chain_back;
use uphill_bench::chain::{ABC, LINK, chain};
use uphill_graph::{Function, Op};

/// Operations, then the value and two sums over the gradient, each to nine digits at least.
const CHAINS: [(usize, [f64; 3]); 2] = [
    (10_000, [1581.2161778986667, 4927.5596854677215, -1696.9547587365714]),
    (1_000_000, [158204.49998132544, 493034.9277819921, -170364.96485863402]),
];

fn record(operations: usize) -> Function {
    let f = Function::record(["a", "b", "c"], |abc| chain(abc, operations / LINK));
    f.expect("the names are fit")
}

/// The value by hand.
fn value_by_hand([a, b, c]: [f64; 3], operations: usize) -> f64 {
    let (mut y, mut performance) = (0.5, 0.0);
    for _ in 0..operations / LINK {
        y = uphill_kernels::sin(y) * a + b * y - y * y * c;
        performance += y;
    }
    performance
}

/// The gradient by hand: a sweep that keeps each y with its sine and cosine, and one back.
fn gradient_by_hand([a, b, c]: [f64; 3], operations: usize, kept: &mut Vec<[f64; 3]>) -> [f64; 3] {
    kept.clear();
    let mut y: f64 = 0.5;
    for _ in 0..operations / LINK {
        let (sine, cosine) = (uphill_kernels::sin(y), uphill_kernels::cos(y));
        kept.push([y, sine, cosine]);
        y = sine * a + b * y - y * y * c;
    }
    chain_back([a, b, c], kept)
}

/// The least that a recording can be: an operation and two operands, pushed to a vector.
#[derive(Default)]
struct Plain(Vec<(u8, [u32; 2])>);

impl Plain {
    fn push(&mut self, op: Op, x: u32, y: u32) -> u32 {
        self.0.push((code(op), [x, y]));
        self.0.len() as u32 - 1
    }
}

/// A graph of petgraph's: operations as nodes, operand places as edges.
#[derive(Default)]
struct Linked(DiGraph<u8, u8>);

impl Linked {
    fn push(&mut self, op: Op, operands: &[NodeIndex]) -> NodeIndex {
        let node = self.0.add_node(code(op));
        for (place, &operand) in operands.iter().enumerate() {
            self.0.add_edge(operand, node, place as u8);
        }
        node
    }
}

fn code(op: Op) -> u8 {
    match op {
        Op::Sin => 1,
        Op::Mul => 2,
        Op::Add => 3,
        _ => 4,
    }
}

fn record_plain(operations: usize) -> Plain {
    let mut nodes = Plain::default();
    let (a, b, c) = (0, 1, 2);
    for _ in 0..5 {
        nodes.0.push((0, [0, 0]));
    }
    let (mut y, mut performance) = (3, 4);
    for _ in 0..operations / LINK {
        let sine = nodes.push(Op::Sin, y, 0);
        let first = nodes.push(Op::Mul, sine, a);
        let second = nodes.push(Op::Mul, b, y);
        let sum = nodes.push(Op::Add, first, second);
        let square = nodes.push(Op::Mul, y, y);
        let third = nodes.push(Op::Mul, square, c);
        y = nodes.push(Op::Sub, sum, third);
        performance = nodes.push(Op::Add, performance, y);
    }
    nodes
}

fn record_linked(operations: usize) -> Linked {
    let mut nodes = Linked::default();
    let [a, b, c, mut y, mut performance] = [0; 5].map(|code| nodes.0.add_node(code));
    for _ in 0..operations / LINK {
        let sine = nodes.push(Op::Sin, &[y]);
        let first = nodes.push(Op::Mul, &[sine, a]);
        let second = nodes.push(Op::Mul, &[b, y]);
        let sum = nodes.push(Op::Add, &[first, second]);
        let square = nodes.push(Op::Mul, &[y, y]);
        let third = nodes.push(Op::Mul, &[square, c]);
        y = nodes.push(Op::Sub, &[sum, third]);
        performance = nodes.push(Op::Add, &[performance, y]);
    }
    nodes
}

/// No time counts unless the numbers are right.
fn check(operations: usize, [value, sum, weighted]: [f64; 3]) {
    let agree = |what: &str, got: f64, expected: f64| {
        let error = ((got - expected) / expected).abs();
        assert!(error < 1e-9, "{what} of {operations} operations: {got}, expected {expected}");
        println!("{operations} operations, {what}: relative difference {error:.1e}");
    };
    let sums = |gradient: &[f64]| {
        let weights = gradient.iter().enumerate().map(|(i, g)| g * (1 + i % 7) as f64);
        (gradient.iter().map(|g| g.abs()).sum::<f64>(), weights.sum::<f64>())
    };
    let f = record(operations);
    let all = f.with_gradient().expect("one output").eval(&ABC).expect("three inputs");
    let (g1, g2) = sums(&all[1..]);
    agree("P", all[0], value);
    agree("g1", g1, sum);
    agree("g2", g2, weighted);
    assert_eq!(f.eval(&ABC).expect("three inputs"), [value_by_hand(ABC, operations)]);
    let (g1, g2) = sums(&gradient_by_hand(ABC, operations, &mut Vec::new()));
    agree("g1 by hand", g1, sum);
    agree("g2 by hand", g2, weighted);
}

/// Times of one workload: each with the time of what it is compared with.
struct Run<'c> {
    group: BenchmarkGroup<'c, WallTime>,
    operations: usize,
    rows: Vec<(&'static str, f64)>,
}

impl Run<'_> {
    /// Measures one thing; dropping what it made is not counted.
    fn time<T>(&mut self, name: &'static str, mut work: impl FnMut() -> T) {
        let mut times = Vec::new();
        self.group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                let mut total = Duration::ZERO;
                for _ in 0..rounds {
                    let start = Instant::now();
                    let made = black_box(work());
                    total += start.elapsed();
                    drop(made);
                }
                times.push(total.as_secs_f64() / rounds as f64);
                total
            });
        });
        times.sort_by(f64::total_cmp);
        if let Some(median) = times.get(times.len() / 2) {
            self.rows.push((name, median * 1e9 / self.operations as f64));
        }
    }

    /// The table in ns an operation of the chain, and as ratios to the first row of each kind.
    fn print(self) {
        println!("\n{:>9} operations        ns an operation   ratio", self.operations);
        let mut base = 1.0;
        for (name, time) in self.rows {
            if name.contains("(1)") {
                base = time;
            }
            println!("{name:<38}{time:>8.2}{:>8.2}", time / base);
        }
        println!();
        self.group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();
    for (operations, sums) in CHAINS {
        check(operations, sums);
        let mut group = criterion.benchmark_group(format!("{operations}"));
        group.throughput(Throughput::Elements(operations as u64));
        let mut run = Run { group, operations, rows: Vec::new() };
        run.time("record, plain Vec (1)", || record_plain(operations));
        run.time("record, uphill", || record(operations));
        run.time("record, petgraph DiGraph", || record_linked(operations));
        let f = record(operations);
        let gradient = f.gradient().expect("one output");
        run.time("simplify, uphill", || f.simplify());
        run.time("gradient, uphill", || f.gradient());
        run.time("value, by hand (1)", || value_by_hand(black_box(ABC), operations));
        run.time("value, uphill", || f.eval(&ABC));
        let mut kept = Vec::new();
        run.time("gradient's value, by hand (1)", || {
            gradient_by_hand(black_box(ABC), operations, &mut kept)
        });
        run.time("gradient's value, uphill", || gradient.eval(&ABC));
        run.print();
    }
    criterion.final_summary();
}
