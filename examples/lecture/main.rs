//! The lecture on backpropagation from the first slide to the trained network, with every blank filled in.
//! Each formula is derived from a recorded graph; each trained network is checked against closed form.
//! Run: `cargo run --release --example lecture`

#![allow(clippy::print_stdout)] // an example speaks to people

mod training;
mod walk;

fn main() -> Result<(), walk::Failure> {
    print!("{}", walk::lecture()?);
    Ok(())
}
