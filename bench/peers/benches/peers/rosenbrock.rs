//! Rosenbrock's chain: gradient of 10 and of 1000 numbers, and the whole Hessian of 10.

use std::hint::black_box;

use ad_trait::differentiable_function::{
    DerivativeMethodTrait, ForwardADMulti, HessianAD, HessianMethodTrait, ReverseAD,
};
use ad_trait::forward_ad::adfn::adfn;
use ad_trait::hyper_ad::hyper::HyperAD_ADFN;
use ad_trait::reverse_ad::adr::adr;
use nalgebra::SVector;
use num_dual::{Dual2SVec64, DualSVec64};
use reverse::Gradient as _;
use uphill_bench::chained::rosenbrock_hessian;
use uphill_bench::numbers::{Sums, Total, check};
use uphill_bench::table::Table;
use uphill_engine::tape::Tape;
use uphill_engine::{Backend, Compiler, Program};
use uphill_graph::{Function, Inputs};
use uphill_peers::{Code, rosenbrock};

pub fn run() {
    gradient::<10>();
    gradient::<1000>();
    hessian();
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| if i % 2 == 1 { 1.0 } else { -1.2 }).collect()
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

fn record(n: usize) -> Function {
    Function::record(Inputs::new().variables("x", n), |x| rosenbrock(x)).expect("names")
}

fn compile(function: &Function) -> Program {
    Compiler::new().machine_code().compile(function).expect("compiles")
}

/// Forward mode in as many directions as there are numbers is left out where these are many.
fn gradient<const N: usize>() {
    println!("\nRosenbrock, gradient of {N} numbers");
    let x = point(N);
    let mut g = vec![0.0; N];
    let p = by_hand(&x, &mut g);
    let due = Sums::of(p, &g);
    let check = |what: &str, p: f64, g: &[f64]| Sums::of(p, g).check(what, due, 1e-12);

    let program = compile(&record(N).with_gradient().expect("one output"));
    let mut workspace = program.workspace().backend(Backend::MachineCode);
    let mut outputs = vec![0.0; N + 1];
    program.run(&mut workspace, &x, &mut outputs).expect("shape");
    check("uphill, compiled", outputs[0], &outputs[1..]);
    let mut tape = Tape::new();
    let (p, slopes) = tape.gradient(&x, |x| rosenbrock(x)).expect("memory");
    check("uphill, fresh tape", p, &slopes);

    let few: Option<[f64; 10]> = x.as_slice().try_into().ok();
    let duals = |x: [f64; 10]| {
        let at = SVector::from(black_box(x));
        num_dual::gradient(|x: SVector<DualSVec64<10>, 10>| rosenbrock(x.as_slice()), &at)
    };
    let forward = Code { inputs: 10, code: |x: &[adfn<10>]| rosenbrock(x) };
    let forward = |x: [f64; 10]| ForwardADMulti::<adfn<10>>::new().derivative(&x, &forward);
    if let Some(x) = few {
        let (p, g) = duals(x);
        check("num-dual", p, g.as_slice());
        let (p, g) = forward(x);
        check("ad_trait, forward", p[0], g.as_slice());
    }

    let (mut recorded, p) = echidna::record(|x| rosenbrock(x), &x);
    check("echidna, recorded", p, &recorded.gradient(&x));
    let swept = || echidna::grad(|x| rosenbrock(x), black_box(&x));
    check("echidna, swept", p, &swept());
    let backward = Code { inputs: N, code: |x: &[adr]| rosenbrock(x) };
    let backward = || ReverseAD::new().derivative(black_box(&x), &backward);
    let (p, slopes) = backward();
    check("ad_trait, reverse", p[0], slopes.as_slice());
    let noted = || {
        let tape = reverse::Tape::new();
        let x = tape.add_vars(black_box(&x));
        let p = rosenbrock(&x);
        (p.val(), p.grad().wrt(&x))
    };
    let (p, slopes) = noted();
    check("reverse", p, &slopes);

    let mut adjoints = Vec::new();
    let mut slopes = vec![0.0; N];
    let mut table = Table::new(format!("Rosenbrock, {N}, P and gradient"), "ns a number", N as f64);
    table.row("by hand (1)", || {
        black_box(by_hand(black_box(&x), &mut g));
        black_box(&g);
    });
    table.row("uphill, compiled once", || {
        program.run(&mut workspace, black_box(&x), &mut outputs).expect("shape");
        black_box(&outputs);
    });
    table.row("echidna, recorded once", || {
        black_box(recorded.gradient_with_buf(black_box(&x), &mut adjoints));
    });
    table.row("uphill, fresh tape", || {
        let value = tape.gradient_into(black_box(&x), &mut slopes, |x| rosenbrock(x));
        black_box(value.expect("memory"));
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
    if let Some(x) = few {
        table.row("num-dual, ten directions forward", move || {
            black_box(duals(x));
        });
        table.row("ad_trait, ten directions forward", move || {
            black_box(forward(black_box(x)));
        });
    }
    table.run(crate::EACH);
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

    let program = compile(&record(N).hessian().expect("one output"));
    let mut workspace = program.workspace().backend(Backend::MachineCode);
    let mut outputs = vec![0.0; N * N];
    program.run(&mut workspace, &x, &mut outputs).expect("shape");
    check("uphill", &outputs);
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
        program.run(&mut workspace, black_box(&x), &mut outputs).expect("shape");
        black_box(&outputs);
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
