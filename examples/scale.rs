//! Ten million operations in one chain: recorded, differentiated, simplified, evaluated and dropped, on a thread with a
//! stack of 64 KiB, since nothing recurses over the depth of a graph. Prints seconds and memory of each phase.
//! Run: `cargo run --release --example scale -- 10000000`
#![allow(clippy::print_stdout)] // an example speaks to people

use std::time::Instant;

use uphill::prelude::*;

/// `y = 0.5; repeat: y = sin(y)*a + b*y - y*y*c; P += y`: eight operations a link.
fn chain<S: Scalar>(abc: &[S], operations: usize) -> S {
    let (mut y, mut performance) = (S::constant(0.5), S::constant(0.0));
    for _ in 0..operations / 8 {
        y = y.sin() * abc[0] + abc[1] * y - y * y * abc[2];
        performance += y;
    }
    performance
}

/// A line of /proc/self/status in MiB, where there is such a file.
fn memory(line: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let row = status.lines().find_map(|row| row.strip_prefix(line))?;
    let kibibytes: f64 = row.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// Runs a phase, then says how long it took and how much memory is in use.
fn phase<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    let memory =
        memory("VmRSS").map_or(String::new(), |now| format!("   then {now:>6.0} MiB in use"));
    println!("{name:<36}{seconds:>8.3} s{memory}");
    result
}

fn scale(operations: usize) -> Result<(), uphill::Error> {
    let abc = [1.3, 0.4, 0.3];
    let f = phase("record", || Function::record(["a", "b", "c"], |abc| chain(abc, operations)))?;
    let bytes = f.graph().heap_bytes() as f64 / f.graph().len() as f64;
    println!("  {}\n  {bytes:.1} bytes a node", f.summary());

    let value = phase("evaluate", || f.value(&abc))?;
    let plain = phase("  the same code on plain numbers", || chain(&abc, operations));
    println!("  P = {value}; on plain numbers {plain}");

    let simple = phase("simplify", || f.simplify());
    println!("  {}", simple.summary());
    phase("drop the simplified function", || drop(simple));

    let gradient = phase("differentiate, which simplifies", || f.gradient())?;
    println!("  {}", gradient.summary());
    phase("drop the function", || drop(f));

    let slopes = phase("evaluate the gradient", || gradient.eval(&abc))?;
    println!("  dP/da, dP/db, dP/dc = {slopes:?}");
    phase("drop the gradient", || drop(gradient));

    if let Some(peak) = memory("VmHWM") {
        println!("at most {peak:.0} MiB in use at any time");
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let operations = std::env::args().nth(1).map_or(Ok(10_000_000), |text| text.parse())?;
    let small_stack = std::thread::Builder::new().stack_size(64 << 10);
    let thread = small_stack.spawn(move || scale(operations))?;
    thread.join().map_err(|_| "the thread panicked")??;
    Ok(())
}
