//! W2: a performance function over many samples; and W4: tiny functions, many calls.

use std::hint::black_box;
use std::time::Duration;

pub use uphill_bench::peaks::{AT, data};
use uphill_bench::peaks::{DUE, model};
use uphill_engine::{Backend, Compiler, InstructionSet, OverSamples, Samples};
use uphill_graph::{Function, Inputs, Scalar};

use crate::by_hand;
use crate::network;
use crate::numbers::{Sums, weights};
use crate::table::Table;

/// P of one sample, and its gradient.
pub fn function() -> Function {
    let inputs = Inputs::new().variables("b", 8).parameter("x").parameter("y");
    let function = Function::record(inputs, |v| -(v[9] - model(&v[..8], v[8])).square());
    function.and_then(|f| f.with_gradient()).expect("one output")
}

pub fn run() {
    println!("\nW2");
    let (x, y) = data();
    let function = function();
    let sums = OverSamples::new(function, ["x", "y"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&sums).expect("compiles");
    let columns = [x.as_slice(), y.as_slice()];
    let samples = Samples::columns(&columns).expect("shape");
    let all = program.eval_samples(&AT, &samples).expect("shape");
    Sums::of(all[0], &all[1..]).check("uphill", DUE, 1e-12);
    let (p, g) = by_hand::peaks(&AT, &x, &y);
    Sums::of(p, &g).check("by hand", DUE, 1e-12);
    let (best, avx2) = (InstructionSet::best(), InstructionSet::Avx2);
    let mut sets = vec![(best, "")];
    sets.extend((best > avx2).then_some((avx2, ", AVX2 alone")));
    for &(set, name) in &sets {
        let (p, g) = by_hand::peaks_in_lanes(set, &AT, &x, &y);
        Sums::of(p, &g).check(&format!("by hand in lanes{name}"), DUE, 1e-12);
    }
    println!("{}", program.report());

    let mut table = Table::new("W2, P and gradient over 100,000 samples", "ms", 1.0);
    for &(set, name) in &sets {
        let first = if set == best { " (1)" } else { name };
        let (x, y) = (&x, &y);
        table.row(format!("by hand, vectorised by the compiler{first}"), move || {
            black_box(by_hand::peaks_in_lanes(set, black_box(&AT), x, y));
        });
        let workspace = program.workspace().backend(Backend::Lanes(set));
        let run = network::call_in(workspace, &program, &AT, &samples);
        table.row(format!("uphill, lanes{name}"), run);
    }
    let mut two = program.workspace().threads(2).expect("threads");
    let mut outputs = [0.0; 9];
    let (program, samples) = (&program, &samples);
    table.row("uphill, lanes, two threads", move || {
        program.run_samples(&mut two, black_box(&AT), samples, &mut outputs).expect("shape");
    });
    table.row("by hand, one sample at a time", || {
        black_box(by_hand::peaks(black_box(&AT), &x, &y));
    });
    table.run(Duration::from_secs(2));
}

/// W4.
pub fn tiny() {
    println!("\nW4");
    let sizes = [2, 2, 1];
    let function = network::term(&sizes).with_gradient().expect("one output");
    let w = weights(&sizes, 5);
    let inputs = [w.as_slice(), &[0.3, -0.8, 1.0]].concat();
    let interpreted = Compiler::new().compile(&function).expect("compiles");
    let machine = Compiler::new().machine_code().compile(&function).expect("compiles");
    let weights: &[f64; 9] = w.as_slice().try_into().expect("nine");
    let mut gradient = [0.0; 9];
    let p = by_hand::small_network(weights, &[0.3, -0.8], 1.0, &mut gradient);
    let due = Sums::of(p, &gradient);
    let all = machine.eval(&inputs).expect("shape");
    Sums::of(all[0], &all[1..]).check("uphill and by hand", due, 1e-12);
    println!("{interpreted}");

    let mut table = Table::new("W4, 2-2-1 network, P and gradient of one sample", "ns", 1.0);
    // Results are looked at where they lie: a copy in wide registers would wait for the narrow stores before it.
    table.row("by hand (1)", || {
        let x = black_box(&[0.3, -0.8]);
        black_box(by_hand::small_network(black_box(weights), x, 1.0, &mut gradient));
        black_box(&gradient);
    });
    for (name, program, backend) in [
        ("uphill, machine code", &machine, Backend::MachineCode),
        ("uphill, scalar interpreter", &interpreted, Backend::Scalar),
    ] {
        let mut workspace = program.workspace().backend(backend);
        let mut outputs = [0.0; 10];
        let inputs = inputs.clone();
        table.row(name, move || {
            program.run(&mut workspace, black_box(&inputs), &mut outputs).expect("shape");
            black_box(&outputs);
        });
    }
    table.row("uphill, Function::eval", || {
        black_box(function.eval(black_box(&inputs)).expect("shape"));
    });
    table.run(Duration::from_secs(2));

    let linear = Function::record(["w1", "w2", "w3"], |w| {
        3.0 * (w[0] - 2.0 * w[1] + 5.0 * w[2]) - 7.0 * (2.0 * w[0] - w[1] - 6.0)
    });
    let linear = linear.and_then(|f| f.with_gradient()).expect("one output");
    let machine = Compiler::new().machine_code().compile(&linear).expect("compiles");
    let mut table = Table::new("W4, the lecture's linear example", "ns", 1.0);
    table.row("by hand (1)", || {
        let w = black_box([1.0, 1.0, 1.0]);
        let p = 3.0 * (w[0] - 2.0 * w[1] + 5.0 * w[2]) - 7.0 * (2.0 * w[0] - w[1] - 6.0);
        black_box([p, -11.0, 1.0, 15.0]);
    });
    for (name, backend) in [
        ("uphill, machine code", Backend::MachineCode),
        ("uphill, scalar interpreter", Backend::Scalar),
    ] {
        let mut workspace = machine.workspace().backend(backend);
        let mut outputs = [0.0; 4];
        let machine = &machine;
        table.row(name, move || {
            machine.run(&mut workspace, black_box(&[1.0; 3]), &mut outputs).expect("shape");
            black_box(&outputs);
        });
    }
    table.run(Duration::from_secs(1));
}
