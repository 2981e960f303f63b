//! A small network's performance and gradient as a Rust function, or as C99: what a build script would write to a file.
//! Run: `cargo run --release --example emit_source`, or with `-- c` behind it.
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill::engine::{Compiler, OverSamples};
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
    let in_c = std::env::args().nth(1).is_some_and(|language| language == "c");
    let text = if in_c { program.to_c("climb")? } else { program.to_rust("climb")? };
    println!("{text}");
    Ok(())
}
