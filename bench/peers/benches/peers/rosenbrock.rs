//! Rosenbrock's chain: gradient of 10 and of 1000 numbers, and the whole Hessian of 10.

use std::hint::black_box;

use ad_trait::differentiable_function::{HessianAD, HessianMethodTrait};
use ad_trait::hyper_ad::hyper::HyperAD_ADFN;
use nalgebra::SVector;
use num_dual::Dual2SVec64;
use uphill_bench::chained::{point, rosenbrock_hessian};
use uphill_bench::numbers::{Sums, Total, check};
use uphill_bench::table::Table;
use uphill_engine::Backend;
use uphill_peers::{Calls, Code, Gradients, Number, Performance, record, rosenbrock};

struct Rosenbrock;

impl Performance for Rosenbrock {
    fn of<N: Number>(&self, x: &[N], _constant: impl Fn(f64) -> N) -> N {
        rosenbrock(x)
    }
}

pub fn run() {
    gradient(10);
    gradient(1000);
    hessian();
}

/// Value and gradient as a person would write them.
fn by_hand(x: &[f64], g: &mut [f64]) -> f64 {
    g.fill(0.0);
    let mut total = 0.0;
    for i in 0..x.len() - 1 {
        let (gap, off) = (x[i] * x[i] - x[i + 1], x[i] - 1.0);
        total += 100.0 * gap * gap + off * off;
        g[i] += 400.0 * gap * x[i] + 2.0 * off;
        g[i + 1] -= 200.0 * gap;
    }
    total
}

/// Forward mode in as many directions as there are numbers is left out where these are many.
fn gradient(n: usize) {
    println!("\nRosenbrock, gradient of {n} numbers");
    let x = point(n);
    let mut g = vec![0.0; n];
    let p = by_hand(&x, &mut g);
    let table = Table::new(format!("Rosenbrock, {n}, P and gradient"), "ns a number", n as f64);
    let mut gradients = Gradients::new(&Rosenbrock, &x, Sums::of(p, &g), 1e-12, table);
    gradients.table.row("by hand (1)", || {
        black_box(by_hand(black_box(&x), &mut g));
        black_box(&g);
    });
    let both = record(&Rosenbrock, n).with_gradient().expect("one output");
    gradients.compiled("uphill, compiled once", Calls::new(&both, Backend::MachineCode, &x));
    gradients.recorded();
    gradients.taped();
    if n == 10 {
        gradients.forward::<10>("ten");
    }
    gradients.table.run(crate::EACH);
}

/// The crate `reverse` has no second derivatives.
fn hessian() {
    const N: usize = 10;
    println!("\nRosenbrock, the whole Hessian of {N} numbers");
    let x: [f64; N] = point(N).try_into().expect("ten");
    let (mut d, mut e) = ([0.0; N], [0.0; N - 1]);
    rosenbrock_hessian(&x, &mut d, &mut e);
    let magnitude = |all: &[f64]| all.iter().map(|x| x.abs()).collect::<Total>().sum();
    let due = magnitude(&d) + 2.0 * magnitude(&e);
    let check = |what: &str, all: &[f64]| check(what, &[(magnitude(all), due)], 1e-12);

    let function = record(&Rosenbrock, N).hessian().expect("one output");
    let mut calls = Calls::new(&function, Backend::MachineCode, &x);
    check("uphill", calls.run());
    let duals = || {
        let at = SVector::from(black_box(x));
        num_dual::hessian(|x: SVector<Dual2SVec64<N>, N>| rosenbrock(x.as_slice()), &at)
    };
    check("num-dual", duals().2.as_slice());
    let (recorded, _) = echidna::record(|x| rosenbrock(x), &x);
    let one_by_one = || recorded.hessian(black_box(&x));
    check("echidna", &one_by_one().2.concat());
    let at_once = || recorded.hessian_vec::<N>(black_box(&x));
    check("echidna, ten at once", &at_once().2.concat());
    let code = Code { inputs: N, code: |x: &[HyperAD_ADFN<N>]| rosenbrock(x) };
    let twice = || HessianAD::<N>::new().hessian(black_box(&x), &code);
    check("ad_trait", twice().2[0].as_slice());

    let mut table = Table::new("Rosenbrock, 10, Hessian", "ns", 1.0);
    table.row("by hand, its diagonals (1)", || {
        rosenbrock_hessian(black_box(&x), &mut d, &mut e);
        black_box((&d, &e));
    });
    table.row("uphill, compiled once", || {
        black_box(calls.run());
    });
    table.row("num-dual, second order forward", || {
        black_box(duals());
    });
    table.row("echidna, recorded once", || {
        black_box(one_by_one());
    });
    table.row("echidna, recorded once, ten directions at once", || {
        black_box(at_once());
    });
    table.row("ad_trait, forward over forward", || {
        black_box(twice());
    });
    table.run(crate::EACH);
}
