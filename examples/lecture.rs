//! The lecture on backpropagation from the first slide to the trained network, with every blank filled in.
//! Each formula is derived from a recorded graph; each trained network is checked against closed form.
//! Run: `cargo run --release --example lecture`; `uphill lecture` gives the same, or one section of it.

#![allow(clippy::print_stdout)] // an example speaks to people

fn main() -> Result<(), uphill_lecture::Error> {
    print!("{}", uphill_lecture::whole()?);
    Ok(())
}
