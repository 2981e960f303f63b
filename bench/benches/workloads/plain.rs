//! Generic code without a graph: functions of plain numbers beside the standard library's.

use std::hint::black_box;
use std::time::Duration;

use uphill_graph::Scalar;

use crate::numbers::check;
use crate::table::Table;

/// The functions that a figure is due for.
pub const FUNCTIONS: [&str; 3] = ["exp", "sin", "sigmoid"];

const NUMBERS: usize = 1000;
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
