//! Growth: nodes, samples, weights and lines of a formula, ten times as many a line of the table. Time and memory for each
//! must stay what they are.

use std::hint::black_box;

use uphill_engine::{Compiler, OverSamples, Samples};
use uphill_graph::{Function, Scalar};
use uphill_nn::{Network, Problem, SquaredError};

use crate::clock::{once, seconds};
use crate::memory;
use crate::network;
use crate::numbers;
use crate::peaks;
use crate::summary;
use uphill_bench::chain::chain;

pub fn run() {
    nodes();
    samples();
    weights();
    problems();
    lines();
}

/// By how much the largest size takes more for a unit than the one that takes the least.
fn judge(title: &str, rows: &[(&str, Vec<f64>)]) {
    for (row, units) in rows {
        let least = units.iter().copied().fold(f64::INFINITY, f64::min);
        let last = units[units.len() - 1];
        println!("  {row}: the largest takes {:.2} times the least for a unit", last / least);
        summary::note(title, row, last / least);
    }
}

/// How much more twice the size takes in all: figures for a unit come in pairs, a size and its double as the last two.
fn twice(title: &str, rows: &[(&str, &[f64])]) {
    for (row, units) in rows {
        if let [.., once, double] = units {
            let ratio = 2.0 * double / once;
            println!("  {row}: twice the largest but one takes {ratio:.2} times as much in all");
            summary::note(title, row, ratio);
        }
    }
}

/// W1 at any length.
fn nodes() {
    println!("\nGrowth: operations of W1; ns and bytes an operation");
    println!(
        "{:>10}{:>9}{:>10}{:>9}{:>11}{:>10}{:>10}{:>10}{:>10}",
        "operations",
        "record",
        "gradient",
        "compile",
        "evaluate",
        "function",
        "gradient",
        "program",
        "at most"
    );
    let mut times = [const { Vec::new() }; 4];
    let mut bytes = [const { Vec::new() }; 4];
    for operations in [1e3_f64, 1e4, 1e5, 1e6, 1e7] {
        let links = operations as usize / 8;
        let record = || Function::record(["a", "b", "c"], |w| chain(w, links)).expect("names");
        let (recorded, record) = once(record);
        let function = recorded.result;
        let (differentiated, gradient) = once(|| function.with_gradient().expect("one output"));
        let whole = differentiated.result;
        let (compiled, compile) = once(|| Compiler::new().compile(&whole).expect("compiles"));
        let program = compiled.result;
        let mut workspace = program.workspace();
        let mut outputs = [0.0; 4];
        let mut evaluate = || {
            let abc = black_box(&[1.3, 0.4, 0.3]);
            program.run(&mut workspace, abc, &mut outputs).expect("shape");
        };
        let evaluated = memory::count(&mut evaluate);
        let evaluate = seconds(evaluate);
        let most = recorded.most.max(differentiated.most).max(compiled.most);
        let ns = [record, gradient, compile, evaluate].map(|time| time * 1e9 / operations);
        let held = [recorded.left, differentiated.left, compiled.left + evaluated.left, most]
            .map(|bytes| bytes as f64 / operations);
        println!(
            "{operations:>10}{:>9.1}{:>10.1}{:>9.1}{:>11.2}{:>10.1}{:>10.1}{:>10.1}{:>10.1}",
            ns[0], ns[1], ns[2], ns[3], held[0], held[1], held[2], held[3]
        );
        for k in 0..4 {
            times[k].push(ns[k]);
            bytes[k].push(held[k]);
        }
    }
    let [record, gradient, compile, evaluate] = times;
    let rows =
        [("record", record), ("gradient", gradient), ("compile", compile), ("evaluate", evaluate)];
    judge("Growth of time, nodes", &rows);
    let [function, gradient, program, most] = bytes;
    let rows = [
        ("function", function),
        ("its gradient", gradient),
        ("program and workspace", program),
        ("at most", most),
    ];
    judge("Growth of memory, nodes", &rows);
}

/// W2 over any number of samples, in `f64` and `f32`.
fn samples() {
    println!("\nGrowth: samples of W2; ns a sample, bytes in all");
    println!("{:>10}{:>10}{:>10}{:>12}", "samples", "f64", "f32", "workspace");
    let sums = OverSamples::new(peaks::function(), ["x", "y"]).expect("columns").sum();
    let program = Compiler::new().compile_samples(&sums).expect("compiles");
    let (mut double, mut single) = (Vec::new(), Vec::new());
    for count in [100, 1_000, 10_000, 100_000, 1_000_000] {
        let (x, y) = peaks::data();
        let repeated =
            |numbers: &[f64]| -> Vec<f64> { numbers.iter().cycle().take(count).copied().collect() };
        let (x, y) = (repeated(&x), repeated(&y));
        let columns: [&[f64]; 2] = [&x, &y];
        let samples = Samples::columns(&columns).expect("shape");
        let mut workspace = program.workspace();
        let mut sums = [0.0; 9];
        let mut run = || {
            let b = black_box(&peaks::AT);
            program.run_samples(&mut workspace, b, &samples, &mut sums).expect("shape");
        };
        let bytes = memory::count(&mut run).left;
        let time = seconds(run) * 1e9 / count as f64;

        let rounded = [&x, &y].map(|column| column.iter().map(|&x| x as f32).collect::<Vec<_>>());
        let columns: [&[f32]; 2] = [&rounded[0], &rounded[1]];
        let samples = Samples::columns(&columns).expect("shape");
        let mut workspace = program.workspace_f32();
        let time_f32 = seconds(|| {
            let b = black_box(&peaks::AT);
            program
                .run_samples_f32(&mut workspace, b, &samples, &mut sums, &mut [])
                .expect("shape");
        });
        let time_f32 = time_f32 * 1e9 / count as f64;
        println!("{count:>10}{time:>10.2}{time_f32:>10.2}{bytes:>12}");
        double.push(time);
        single.push(time_f32);
    }
    judge("Growth of time, samples", &[("f64", double), ("f32", single)]);
}

/// One layer of sigmoids with ten inputs and ten sigmoids behind it, over 96 samples.
fn weights() {
    const SAMPLES: usize = 96;
    println!(
        "\nGrowth: weights of a network; ns and bytes a weight, evaluated over {SAMPLES} samples"
    );
    println!(
        "{:>10}{:>9}{:>10}{:>9}{:>22}{:>10}{:>10}",
        "weights", "record", "gradient", "compile", "evaluate, each sample", "program", "at most"
    );
    let mut times = [const { Vec::new() }; 4];
    let mut bytes = [const { Vec::new() }; 2];
    for about in [100, 1_000, 10_000, 100_000, 1_000_000] {
        let sizes = [10, about / 21, 10];
        let weights = numbers::weights(&sizes, 11);
        let count = weights.len() as f64;
        let (recorded, record) = once(|| network::term(&sizes));
        let function = recorded.result;
        let (differentiated, gradient) = once(|| function.with_gradient().expect("one output"));
        let whole = differentiated.result;
        let sums = OverSamples::new(whole.clone(), ["x", "d"]).expect("columns").sum();
        let (compiled, compile) =
            once(|| Compiler::new().compile_samples(&sums).expect("compiles"));
        let program = compiled.result;
        let data: Vec<f64> = (0..SAMPLES * 20).map(|k| (k % 17) as f64 / 17.0).collect();
        let samples = Samples::rows(&data, 20).expect("shape");
        let mut workspace = program.workspace();
        let mut sums = vec![0.0; weights.len() + 1];
        let mut run =
            || program.run_samples(&mut workspace, &weights, &samples, &mut sums).expect("shape");
        let evaluated = memory::count(&mut run).left;
        let evaluate = seconds(run) / SAMPLES as f64;
        let most = recorded.most.max(differentiated.most).max(compiled.most);
        let ns = [record, gradient, compile, evaluate].map(|time| time * 1e9 / count);
        let held = [compiled.left + evaluated, most].map(|bytes| bytes as f64 / count);
        println!(
            "{:>10}{:>9.1}{:>10.1}{:>9.1}{:>22.3}{:>10.1}{:>10.1}",
            weights.len(),
            ns[0],
            ns[1],
            ns[2],
            ns[3],
            held[0],
            held[1]
        );
        for k in 0..4 {
            times[k].push(ns[k]);
        }
        for k in 0..2 {
            bytes[k].push(held[k]);
        }
    }
    let [record, gradient, compile, evaluate] = times;
    let rows =
        [("record", record), ("gradient", gradient), ("compile", compile), ("evaluate", evaluate)];
    judge("Growth of time, weights", &rows);
    let [program, most] = bytes;
    judge("Growth of memory, weights", &[("program and workspace", program), ("at most", most)]);
}

/// A network of `uphill-nn` as a training meets it: built, and asked for a gradient for the first and the second time.
fn problems() {
    const SAMPLES: usize = 96;
    println!(
        "\nGrowth: weights of a problem of uphill-nn; ns and bytes a weight, {SAMPLES} samples"
    );
    println!(
        "{:>10}{:>9}{:>16}{:>15}{:>10}{:>10}",
        "weights", "network", "first gradient", "each sample", "held", "at most"
    );
    let mut times = [const { Vec::new() }; 3];
    let mut bytes = [const { Vec::new() }; 2];
    for about in [1_000, 10_000, 100_000, 500_000, 1_000_000] {
        let layers = [10, about / 22, 10];
        let (built, build) = once(|| Network::layered(&layers).build().expect("layers"));
        let network = built.result;
        let count = network.weight_count() as f64;
        let row = |k: usize| (0..10).map(|i| ((k + i) % 17) as f64 / 17.0).collect::<Vec<f64>>();
        let samples = uphill_nn::Samples::new(
            (0..SAMPLES).map(row).collect::<Vec<_>>(),
            (0..SAMPLES).map(|k| row(k + 5)).collect::<Vec<_>>(),
        );
        let samples = samples.expect("shape");
        let weights = numbers::weights(&[1, network.weight_count()], 11);
        let weights = &weights[..network.weight_count()];
        let first = || {
            let problem = Problem::new(&network, SquaredError, &samples).expect("shape");
            problem.gradient(weights).expect("shape");
            problem
        };
        let (first, compile) = once(first);
        let problem = first.result;
        let again = seconds(|| drop(black_box(problem.gradient(weights)))) / SAMPLES as f64;
        let ns = [build, compile, again].map(|time| time * 1e9 / count);
        let held = [first.left, first.most].map(|bytes| bytes as f64 / count);
        println!(
            "{:>10}{:>9.1}{:>16.1}{:>15.3}{:>10.1}{:>10.1}",
            count, ns[0], ns[1], ns[2], held[0], held[1]
        );
        for k in 0..3 {
            times[k].push(ns[k]);
        }
        for k in 0..2 {
            bytes[k].push(held[k]);
        }
    }
    let [build, first, again] = times;
    let rows: [(&str, &[f64]); 3] =
        [("network", &build), ("first gradient", &first), ("each sample", &again)];
    twice("Twice the weights of a problem", &rows);
    let rows = [("network", build), ("first gradient", first), ("each sample", again)];
    judge("Growth of time, weights of a problem", &rows);
    let [held, most] = bytes;
    judge("Growth of memory, weights of a problem", &[("held", held), ("at most", most)]);
}

/// A formula of many named values, each of the one before, of an input of its own and of one that all read: explained for
/// the first input, for that one, and for each of the last hundred. Twice as many lines are recorded as a loop, which is
/// explained up to 10,000 operations.
fn lines() {
    println!("\nGrowth: lines of a formula that is explained; ns a line");
    println!("{:>10}{:>11}{:>12}{:>12}", "lines", "one input", "all read", "the last");
    let mut times = [const { Vec::new() }; 3];
    for lines in [300, 3_000, 7_500, 15_000] {
        let inputs = uphill_graph::Inputs::new().variables("x", lines).variable("b");
        let function = Function::record(inputs, |v| {
            let (x, b) = (&v[..lines], v[lines]);
            let mut y = x[0];
            for (k, &x) in x.iter().enumerate() {
                y = (y * 0.5 + b * x.sin()).named(&format!("y{k}"));
            }
            y
        });
        let function = function.expect("names");
        let of = function.outputs()[0].name.clone();
        let at = vec![0.3; lines + 1];
        let last: Vec<String> = (lines - 100..lines).map(|k| format!("x[{k}]")).collect();
        let told = |by| function.explain(&of, by, &at).expect("known").to_string();
        let one = seconds(|| drop(told("x[0]")));
        let all = seconds(|| drop(told("b")));
        let each = seconds(|| drop(function.explain_each(&of, &last, &at).expect("known")));
        let ns = [one, all, each].map(|time| time * 1e9 / lines as f64);
        println!("{lines:>10}{:>11.0}{:>12.0}{:>12.0}", ns[0], ns[1], ns[2]);
        for k in 0..3 {
            times[k].push(ns[k]);
        }
    }
    let [one, all, last] = times;
    let rows: [(&str, &[f64]); 3] =
        [("one input", &one), ("one that all read", &all), ("the last", &last)];
    twice("Twice the lines of an explanation", &rows);
    let rows = [("one input", one), ("one that all read", all), ("the last", last)];
    judge("Growth of time, lines of an explanation", &rows);
}
