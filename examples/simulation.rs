//! A simulation with a million steps, and the parameters with which it does what was observed: found by its gradient.
//!
//! Prey and predators by Lotka and Volterra, by Euler's method, which needs many steps. The loops are recorded as loops, so
//! functions, derivatives and programs are as small with a million steps as with a thousand.
//!
//! Run: `cargo run --release --example simulation`, or with another number of steps at its end.
#![allow(clippy::print_stdout)] // an example speaks to people

use std::time::Instant;

use uphill::engine::Compiler;
use uphill::prelude::*;
use uphill::solve::Climb;

const OBSERVATIONS: usize = 20;
const TIME: f64 = 10.0;
/// How fast prey is born and eaten, how fast predators grow by it and die.
const TRUE: [f64; 4] = [1.1, 0.4, 0.1, 0.4];

/// How many there are at each observation.
fn simulate<S: Scalar>(w: &[S], steps: usize) -> Vec<[S; 2]> {
    let h = TIME / steps as f64;
    let step = |[prey, predators]: [S; 2]| {
        let met = prey * predators;
        [prey + h * (w[0] * prey - w[1] * met), predators + h * (w[2] * met - w[3] * predators)]
    };
    let start = [10.0, 5.0].map(S::constant);
    let (_, observed) = loops::scan(0..OBSERVATIONS, start, |_, y| {
        let y = loops::fold(0..steps / OBSERVATIONS, y, |_, y| step(y));
        (y, y)
    });
    observed
}

/// How well the parameters explain what was observed.
fn performance<S: Scalar>(w: &[S], steps: usize, data: &[[f64; 2]]) -> S {
    let computed = simulate(w, steps);
    let off =
        |(y, data): (&[S; 2], &[f64; 2])| (y[0] - data[0]).square() + (y[1] - data[1]).square();
    -computed.iter().zip(data).map(off).sum::<S>()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let steps = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    // On plain numbers it is plain Rust. Observers write down two decimals.
    let observed = |y: [f64; 2]| y.map(|number| (100.0 * number).round() / 100.0);
    let data: Vec<[f64; 2]> = simulate(&TRUE, steps).into_iter().map(observed).collect();

    let begin = Instant::now();
    let names = ["born", "eaten", "growing", "dying"];
    let p = Function::record(names, |w| performance(w, steps, &data))?;
    let with_gradient = p.with_gradient()?;
    let program = Compiler::new().compile(&with_gradient)?;
    println!("{steps} steps, ready after {:.4} s", begin.elapsed().as_secs_f64());
    for (what, f) in [("P", &p), ("P and its gradient", &with_gradient)] {
        let (written, made) = (f.graph().operation_count(), f.graph().run_operations());
        println!("{what}: {written} operations written down, {made} made");
    }
    println!("program: {} instructions", program.report().instructions);

    let start = [1.0, 0.35, 0.12, 0.45];
    let begin = Instant::now();
    let outputs = program.eval(&start)?;
    println!("\none run, at the start: {:.3} s", begin.elapsed().as_secs_f64());
    println!("P = {:.4}, gradient = {:.3?}", outputs[0], &outputs[1..]);

    let begin = Instant::now();
    // Rounding in a million steps is seen in P before a summit is sure to its last digits: enough is enough.
    let summit = Climb::new(&p).start(start).most_iterations(25).run()?;
    let seconds = begin.elapsed().as_secs_f64();
    println!("\n{} iterations in {seconds:.1} s: {}", summit.iterations, summit.ending);
    for ((name, found), due) in names.iter().zip(&summit.values).zip(TRUE) {
        println!("{name}: {found:.3}, true {due}");
    }
    Ok(())
}
