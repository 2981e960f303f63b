//! Loops whose iterations don't need each other, beside the best that is written by hand: vectorised, where that is due, and
//! one iteration at a time; on one thread and on two.

use std::hint::black_box;

use uphill_bench::chained;
use uphill_graph::{At, Function, Inputs, Scalar, loops};

use super::rivals::{Rival, compare, total};
use super::{lstm, springs, surface, trajectory, vectorised};

/// Of a diagonal and what stands beside it, which a program gives twice.
fn symmetric(all: &[f64]) -> f64 {
    let (diagonal, beside) = all.split_at(all.len().div_ceil(2));
    total(diagonal) + 2.0 * total(beside)
}

fn rosenbrock<S: Scalar>(x: &[S]) -> S {
    loops::sum(1..x.len(), |i| chained::link(x.at(i - 1), x.at(i)))
}

fn hessian(function: &Function) -> Function {
    function.sparse_hessian().expect("one output").function
}

fn gradient(function: &Function) -> Function {
    function.with_gradient().expect("one output")
}

fn chain() {
    let n = 100_000;
    let (inputs, function) = (chained::inputs(n), chained::record_summed(n));
    let (x, multipliers) = inputs.split_at(n);
    let mut by_hand = chained::ByHand::new(n);
    let title = "W5, 100000, value and gradient";
    let rivals = vec![
        Rival::new("by hand, vectorised (1)", n + 1, |all| {
            let (value, g) = all.split_at_mut(1);
            value[0] = vectorised::chained_gradient(black_box(x), multipliers, g);
        }),
        Rival::new("by hand", 0, |_| {
            black_box(by_hand.run::<false>(black_box(x), multipliers));
        }),
    ];
    compare(title, &gradient(&function), &inputs, total, rivals);
    let mut by_hand = chained::ByHand::new(n);
    let rivals = vec![
        Rival::new("by hand, vectorised (1)", 2 * n - 1, |all| {
            let (d, e) = all.split_at_mut(n);
            vectorised::chained_hessian(black_box(x), multipliers, d, e);
        }),
        Rival::new("by hand, with value and gradient", 0, |_| {
            black_box(by_hand.run::<true>(black_box(x), multipliers));
        }),
    ];
    compare("W5, 100000, Hessian", &hessian(&function), &inputs, symmetric, rivals);
}

fn short_chain() {
    let n = 10_000;
    let inputs = chained::inputs(n);
    let x = &inputs[..n];
    let function =
        Function::record(Inputs::new().variables("x", n), |x| rosenbrock(x)).expect("names");
    let rivals = vec![
        Rival::new("by hand (1)", 2 * n - 1, |all| {
            let (d, e) = all.split_at_mut(n);
            chained::rosenbrock_hessian(black_box(x), d, e);
        }),
        Rival::new("by hand, vectorised", 2 * n - 1, |all| {
            let (d, e) = all.split_at_mut(n);
            vectorised::rosenbrock_hessian(black_box(x), d, e);
        }),
    ];
    compare("Rosenbrock, 10000, Hessian", &hessian(&function), x, symmetric, rivals);
}

fn grid() {
    let n = 300;
    let (u, function) = (surface::heights(n), surface::record_summed(n));
    let mut by_hand = surface::ByHand::new(n);
    let rivals = vec![
        Rival::new("by hand, vectorised (1)", n * n + 1, |all| {
            let (value, g) = all.split_at_mut(1);
            value[0] = vectorised::surface_gradient(black_box(&u), n, g);
        }),
        Rival::new("by hand", 0, |_| {
            black_box(by_hand.run::<false>(black_box(&u), n));
        }),
    ];
    compare("W7, 300, value and gradient", &gradient(&function), &u, total, rivals);
    let mut by_hand = surface::ByHand::new(n);
    let rivals = vec![Rival::new("by hand, with value and gradient (1)", 0, |_| {
        black_box(by_hand.run::<true>(black_box(&u), n));
    })];
    compare("W7, 300, Hessian", &hessian(&function), &u, total, rivals);
}

fn pairs() {
    let all = springs::Springs::new(100_000);
    let function = springs::record_gathered(100_000);
    for (what, is_hessian) in [("value and gradient", false), ("Hessian", true)] {
        let mut by_hand = springs::ByHand::new(&all);
        let rivals = vec![Rival::new("by hand (1)", 0, |_| {
            match is_hessian {
                true => black_box(by_hand.run::<true>(black_box(&all))),
                false => black_box(by_hand.run::<false>(black_box(&all))),
            };
        })];
        let function = if is_hessian { hessian(&function) } else { gradient(&function) };
        let title = format!("W8, 100000, {what}");
        compare(&title, &function, &all.positions, total, rivals);
    }
}

fn states() {
    let steps = 20_000;
    let data = trajectory::plain(&trajectory::TRUE, steps);
    let mut kept = Vec::new();
    let rivals = vec![Rival::new("by hand (1)", 7, |all| {
        let (at, steps) = (black_box(&trajectory::AT), steps);
        all.copy_from_slice(&trajectory::by_hand(at, &data, steps, &mut kept));
    })];
    let function = gradient(&trajectory::record_scanned(steps));
    compare("W6, 20000, value and gradient", &function, &trajectory::AT, total, rivals);
    trajectory::many_at_once();
    lstm::beside_loss();
}

pub fn run() {
    println!("\nLoops abreast");
    chain();
    short_chain();
    grid();
    pairs();
    states();
}
