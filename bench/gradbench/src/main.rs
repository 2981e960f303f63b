//! A tool of GradBench: reads messages as JSON lines, answers each with a line, until there are no more.
//!
//! GradBench runs an eval, which asks, and a tool, which answers; `bench/gradbench/README.md` tells how. What is asked lies in
//! [`protocol`], what is computed in [`evals`], what is timed in [`timing`].

mod compiled;
mod descent;
mod error;
mod evals;
mod protocol;
#[cfg(test)]
mod tests;
mod timing;

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = protocol::answer(&line?)?;
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}
