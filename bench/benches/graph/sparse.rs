//! Sparse Jacobians and Hessians of functions of 10³ to 10⁵ inputs: sweeps, and time an entry.
//!
//! `cargo bench --features graph --bench sparse` runs all of it in about a minute and prints one table. Times are the least
//! of three runs, from a recorded function to one that computes the entries, gradient and simplification included.

#![allow(clippy::print_stdout, reason = "the table is what people run this for")]

use std::time::{Duration, Instant};

use uphill_graph::{Error, Function, Inputs, Scalar, Sparse, Var};

fn by(inputs: usize, code: impl for<'g> Fn(&[Var<'g>]) -> Vec<Var<'g>>) -> Result<Function, Error> {
    Function::record_many(Inputs::new().variables("x", inputs), code)
}

/// Each number pulls at the next ones.
fn band(n: usize, reach: usize) -> Result<Function, Error> {
    by(n, |x| {
        let pulls = (1..=reach).flat_map(|by| x.iter().zip(&x[by..]));
        vec![pulls.map(|(&a, &b)| (a - b * b).sin()).sum()]
    })
}

/// All numbers pull at the first.
fn arrow(n: usize) -> Result<Function, Error> {
    by(n, |x| vec![x[1..].iter().map(|&y| (x[0] * y).exp()).sum()])
}

/// Points on a square grid, each with its four neighbours.
fn grid(n: usize) -> Result<Function, Error> {
    let side = n.isqrt();
    by(side * side, |x| {
        let at = |row: usize, column: usize| x[row * side + column];
        let pairs = (0..side).flat_map(|a| (1..side).map(move |b| (a, b)));
        let pulls = pairs.map(|(a, b)| {
            (at(a, b) - at(a, b - 1)).square().exp() + (at(b, a) - at(b - 1, a)).square().exp()
        });
        vec![pulls.sum()]
    })
}

/// Numbers that pull at others as a fixed generator draws them.
fn drawn(n: usize) -> Result<Function, Error> {
    by(n, |x| {
        let mut state = 1_u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            x[(state >> 33) as usize % x.len()]
        };
        vec![x.iter().flat_map(|&a| [a * draw(), a * draw()]).map(Var::sin).sum()]
    })
}

/// The first output reads all, all read the first input.
fn cross(n: usize) -> Result<Function, Error> {
    by(n, |x| {
        let all = x.iter().map(|x| x.square()).sum();
        std::iter::once(all).chain(x[1..].iter().map(|&y| (x[0] * y).sin())).collect()
    })
}

/// All outputs read what a long computation makes of the first three inputs.
fn shared(n: usize) -> Result<Function, Error> {
    by(n, |x| {
        let made = (0..n).fold(x[0], |made, k| (made * x[1 + k % 2]).sin() + made);
        x[3..].iter().map(|&y| made * y).collect()
    })
}

fn report(name: &str, n: usize, made: impl Fn() -> Result<Sparse, Error>) -> Result<(), Error> {
    let mut least = Duration::MAX;
    let mut sparse = None;
    for _ in 0..3 {
        let begun = Instant::now();
        sparse = Some(made()?);
        least = least.min(begun.elapsed());
    }
    let Some(sparse) = sparse else { return Ok(()) };
    let (entries, sweeps) = (sparse.entries.len(), sparse.sweeps);
    let each = least.as_secs_f64() * 1e9 / entries as f64;
    let milliseconds = least.as_secs_f64() * 1e3;
    println!("| {name} | {n} | {entries} | {sweeps} | {milliseconds:.1} | {each:.0} |");
    Ok(())
}

type Workload = (&'static str, fn(usize) -> Result<Function, Error>);

fn main() -> Result<(), Error> {
    let hessians: [Workload; 5] = [
        ("Hessian, three diagonals", |n| band(n, 1)),
        ("Hessian, five diagonals", |n| band(n, 2)),
        ("Hessian, arrow", arrow),
        ("Hessian, grid", grid),
        ("Hessian, four drawn neighbours", drawn),
    ];
    let jacobians: [Workload; 2] =
        [("Jacobian, full row and column", cross), ("Jacobian, long shared part", shared)];
    println!(
        "| pattern | n | entries | sweeps | ms | ns an entry |\n|---|---:|---:|---:|---:|---:|"
    );
    for n in [1000, 10_000, 100_000] {
        for (name, record) in hessians {
            let f = record(n)?;
            report(name, n, || f.sparse_hessian())?;
        }
        for (name, record) in jacobians {
            let f = record(n)?;
            report(name, n, || f.sparse_jacobian())?;
        }
    }
    Ok(())
}
