//! Elementary functions in lanes: what one costs for one element, beyond the addition that gives it its operand.

use std::time::Duration;

use uphill_engine::{Compiler, OverSamples, Program, Samples};
use uphill_graph::{Function, Inputs, Op, Scalar};

use crate::network;
use crate::summary;
use crate::table::Table;

/// How often each function is called for a sample.
const CALLS: usize = 16;
const SAMPLES: usize = 9600;

/// Those that the figure counts: the kernels that were measured as building blocks.
const COUNTED: [Op; 6] = [Op::Exp, Op::Ln, Op::Sin, Op::Cos, Op::Sigmoid, Op::Tanh];
const OTHERS: [Op; 19] = [
    Op::Exp2,
    Op::Expm1,
    Op::Log2,
    Op::Log10,
    Op::Log1p,
    Op::Tan,
    Op::Sinh,
    Op::Cosh,
    Op::Softplus,
    Op::Sqrt,
    Op::Atan,
    Op::Asin,
    Op::Acos,
    Op::Asinh,
    Op::Acosh,
    Op::Atanh,
    Op::Cbrt,
    Op::Erf,
    Op::LnGamma,
];

/// Totals of a function at `x + shift`, at many shifts; without a function, of the sums themselves.
fn program(op: Option<Op>) -> Program {
    let first = if op == Some(Op::Acosh) { 1.1 } else { 0.0 };
    let function = Function::record_many(Inputs::new().parameter("x"), |x| {
        let at = |k: usize| x[0] + (first + k as f64 / 1000.0);
        (0..CALLS).map(|k| op.map_or(at(k), |op| Scalar::apply(op, &[at(k)]))).collect()
    });
    let sums = OverSamples::new(function.expect("records"), ["x"]).expect("columns").sum();
    Compiler::new().compile_samples(&sums).expect("compiles")
}

pub fn run() {
    let x: Vec<f64> = (0..SAMPLES).map(|k| 0.1 + 0.8 * k as f64 / SAMPLES as f64).collect();
    let ops = || COUNTED.into_iter().chain(OTHERS);
    let nothing = program(None);
    let programs: Vec<(Op, Program)> = ops().map(|op| (op, program(Some(op)))).collect();
    let samples = Samples::rows(&x, 1).expect("shape");
    let title = "Functions in lanes, with the addition before";
    let mut table = Table::new(title, "ns an element", (SAMPLES * CALLS) as f64);
    table.row("the addition alone (1)", network::call(&nothing, &[], &samples));
    for (op, program) in &programs {
        table.row(op.name(), network::call(program, &[], &samples));
    }
    table.run(Duration::from_millis(300));

    println!("\nFunctions in lanes, ns an element without the addition");
    let time = |row: &str| summary::find(title, row).expect("it was just measured");
    let addition = time("the addition alone (1)");
    for op in ops() {
        let net = (time(op.name()) - addition).max(0.0);
        println!("  {:<12}{:.3}", op.name(), net * 1e9);
        if COUNTED.contains(&op) {
            summary::note("Functions, net", op.name(), net);
        }
    }
}
