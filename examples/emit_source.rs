//! A small network's performance and gradient as a Rust function, or as C99: what a build script would write to a file.
//! Run: `cargo run --release --example emit_source`, with `-- c` behind it for C, with `-- single` or `-- c single` for
//! small devices: what there is one of a sample is `f32` then, weights and sums stay `f64`.
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::engine::{Compiler, OverSamples, Source};
use uphill::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // One sigmoid node for each of two hidden outputs, one behind them; x and d differ from sample to sample.
    let inputs = Inputs::new().variables("w", 7).parameter("x").parameter("d");
    let performance = Function::record(inputs, |v| {
        let (w, x, d) = (&v[..7], v[7], v[8]);
        let hidden = [(w[0] * x + w[1]).sigmoid(), (w[2] * x + w[3]).sigmoid()];
        let o = (w[4] * hidden[0] + w[5] * hidden[1] + w[6]).sigmoid();
        -(d - o).square()
    })?;
    let sum = OverSamples::new(performance, ["x", "d"])?.sum();
    let program = Compiler::new().compile_samples(&sum.with_gradient()?)?;
    let is_asked = |what: &str| std::env::args().skip(1).any(|word| word == what);
    let source = if is_asked("c") { Source::c() } else { Source::rust() };
    let source = if is_asked("single") { source.in_single_precision() } else { source };
    let text = source.function("climb", &program).text()?;
    println!("{text}");
    Ok(())
}
