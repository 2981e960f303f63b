//! The workloads: uphill beside hand-written code and matrix products. Other libraries are in `peers`.
//!
//! Run: `cargo bench` in the folder `bench`, or with names of workloads behind `--`. Check sums come first: no
//! time counts unless the numbers are right. Times are taken in turns in one run, and what counts are ratios to the first
//! row of a table. A summary of what was to be reached comes last.

mod chain;
mod clock;
mod figures;
mod functions;
mod gmm;
mod growth;
mod loops;
mod matrices;
mod memory;
mod network;
mod peaks;
mod plain;
mod single;
mod training;

use uphill_bench::{by_hand, numbers, summary, table};

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let workloads: [(&str, fn()); 12] = [
        ("w1", chain::run),
        ("w2", peaks::run),
        ("w3", network::run),
        ("w4", peaks::tiny),
        ("functions", functions::run),
        ("f32", single::run),
        ("training", training::run),
        ("gmm", gmm::run),
        ("plain", plain::run),
        ("growth", growth::run),
        ("loops", loops::run),
        ("abreast", loops::abreast),
    ];
    for (name, run) in workloads {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            run();
        }
    }
    summary::print(figures::all(), &only);
}
