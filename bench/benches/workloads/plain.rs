//! Generic code without a graph: functions of plain numbers beside the standard library's, duals beside num-dual's.

use std::hint::black_box;
use std::time::Duration;

use num_dual::{Dual64, DualNum};
use uphill_graph::{Dual, Scalar};

use crate::chain;
use crate::network;
use crate::numbers::check;
use crate::peers;
use crate::table::Table;

/// The functions that a figure is due for.
pub const FUNCTIONS: [&str; 3] = ["exp", "sin", "sigmoid"];
/// The same code on both kinds of duals.
pub const DUALS: [&str; 3] = ["W1's chain", "a polynomial", "a 2-2-1 network"];

const NUMBERS: usize = 1000;
const LINKS: usize = 1000;
const EACH: Duration = Duration::from_millis(200);

pub fn run() {
    println!("\nPlain numbers");
    function("exp", |x| Scalar::exp(x), f64::exp);
    function("sin", |x| Scalar::sin(x), f64::sin);
    function("sigmoid", |x| Scalar::sigmoid(x), |x| 1.0 / (1.0 + (-x).exp()));
    function("cos", |x| Scalar::cos(x), f64::cos);
    function("tan", |x| Scalar::tan(x), f64::tan);
    function("tanh", |x| Scalar::tanh(x), f64::tanh);
    function("ln", |x| Scalar::ln(x), f64::ln);
    function("atan", |x| Scalar::atan(x), f64::atan);
    function("pow", |x| Scalar::pow(x, 1.7), |x| x.powf(black_box(1.7)));

    let chain_at = [1.3, 0.4, 0.3];
    duals(
        DUALS[0],
        (8 * LINKS) as f64,
        || chain::chain(&black_box(ours(chain_at)), LINKS),
        || peers::dual_chain(&black_box(theirs(chain_at)), LINKS),
    );
    let coefficients: [f64; 20] = std::array::from_fn(|k| 1.0 / (k + 1) as f64);
    duals(
        DUALS[1],
        40.0,
        || polynomial(black_box(&coefficients), black_box(ours([0.7]))[0]),
        || dual_polynomial(black_box(&coefficients), black_box(theirs([0.7]))[0]),
    );
    let w: [f64; 9] = network::weights(&[2, 2, 1], 5).try_into().expect("nine");
    // All of them move, as when a step is taken along a direction.
    let (own, other) = (w.map(|w| Dual::new(w, 0.1)), w.map(|w| Dual64::new(w, 0.1)));
    duals(
        DUALS[2],
        1.0,
        || small_network(black_box(&own), black_box([0.3, -0.8]), 1.0),
        || peers::dual_network(black_box(&other), black_box([0.3, -0.8]), 1.0),
    );
}

fn function(name: &str, ours: impl Fn(f64) -> f64, library: impl Fn(f64) -> f64) {
    let x: Vec<f64> = (0..NUMBERS).map(|k| 0.1 + 2.0 * k as f64 / NUMBERS as f64).collect();
    let sum = |f: &dyn Fn(&[f64]) -> f64| f(black_box(&x));
    let (library, ours) = (
        |x: &[f64]| x.iter().map(|&x| library(x)).sum::<f64>(),
        |x: &[f64]| x.iter().map(|&x| ours(x)).sum::<f64>(),
    );
    check(name, &[(sum(&ours), sum(&library))], 1e-14);
    let title = format!("Plain numbers, {name}");
    let mut table = Table::new(title, "ns a call", NUMBERS as f64);
    table.row("the standard library (1)", || {
        black_box(sum(&library));
    });
    table.row("uphill", || {
        black_box(sum(&ours));
    });
    table.run(EACH);
}

fn duals(name: &str, per: f64, ours: impl Fn() -> Dual<f64>, theirs: impl Fn() -> Dual64) {
    let (own, due) = (ours(), theirs());
    check(name, &[(own.value, due.re), (own.tangent, due.eps)], 1e-11);
    let unit = if per == 1.0 { "ns" } else { "ns an operation" };
    let mut table = Table::new(format!("Duals, {name}"), unit, per);
    table.row("num-dual (1)", || {
        black_box(theirs());
    });
    table.row("uphill", || {
        black_box(ours());
    });
    table.run(EACH);
}

/// The first number moves.
fn ours<const N: usize>(x: [f64; N]) -> [Dual<f64>; N] {
    std::array::from_fn(|k| if k == 0 { Dual::variable(x[k]) } else { Dual::constant(x[k]) })
}

fn theirs<const N: usize>(x: [f64; N]) -> [Dual64; N] {
    std::array::from_fn(|k| Dual64::new(x[k], if k == 0 { 1.0 } else { 0.0 }))
}

/// By Horner's rule.
fn polynomial<S: Scalar>(coefficients: &[f64], x: S) -> S {
    coefficients.iter().fold(S::constant(0.0), |sum, &c| sum * x + c)
}

fn dual_polynomial<T: DualNum<Primitive = f64> + Copy>(coefficients: &[f64], x: T) -> T {
    coefficients.iter().fold(T::from(0.0), |sum, &c| sum * x + c)
}

/// P of a 2-2-1 network, its sigmoids written out as num-dual, which has none, needs them.
fn small_network<S: Scalar>(w: &[S], x: [f64; 2], desired: f64) -> S {
    let sigmoid = |sum: S| ((-sum).exp() + 1.0).recip();
    let h1 = sigmoid(w[0] * x[0] + w[1] * x[1] + w[4]);
    let h2 = sigmoid(w[2] * x[0] + w[3] * x[1] + w[5]);
    let e = -sigmoid(w[6] * h1 + w[7] * h2 + w[8]) + desired;
    -e * e
}
