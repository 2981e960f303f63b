//! The workloads W1 to W4: uphill beside hand-written code and other libraries.
//!
//! Run: `cargo bench -p uphill-bench`. Check sums come first: no time counts unless the numbers are right. Times are
//! taken in turns in one run, and what counts are ratios to the first row of a table.

mod by_hand;
mod chain;
mod matrices;
mod network;
mod numbers;
mod peaks;
mod single;
mod table;

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
    if wanted("w1") {
        chain::run();
    }
    if wanted("w2") {
        peaks::run();
    }
    if wanted("w3") {
        network::run();
    }
    if wanted("w4") {
        peaks::tiny();
    }
    if wanted("f32") {
        single::run();
    }
}
