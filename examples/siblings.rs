//! The Acquaintance/Sibling network of the lecture, trained as in its book: first acquaintances alone, then both.
//! Counts the changes by the book's rule and prints the weights beside the published two decimals.
//! Run: `cargo run --release --example siblings`; `uphill siblings --rate 0.25` takes any other rate.
#![allow(clippy::print_stdout)] // an example speaks to people

use uphill_lecture::Siblings;

fn main() -> Result<(), uphill_nn::Error> {
    for rate in [0.25, 0.5, 1.0] {
        let siblings = Siblings::train(rate)?;
        print!("{}", siblings.line());
        if rate == 1.0 {
            print!("{}", siblings.table());
        }
    }
    Ok(())
}
