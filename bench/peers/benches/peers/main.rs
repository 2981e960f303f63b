//! uphill beside other libraries that differentiate: num-dual, echidna, ad_trait and reverse, the newest of each.
//!
//! Run: `cargo bench` in this folder, or with names of workloads behind `--`. The same generic code runs on all libraries'
//! numbers. Check sums come first: no time counts unless the numbers are right. Times are taken in turns in one run, and what
//! counts are ratios to the first row of a table, which is written by hand. A summary comes last.

mod chain;
mod chained;
mod directions;
mod figures;
mod rosenbrock;
mod samples;
mod tiny;

use uphill_bench::summary;

/// How long each row of a table is measured.
const EACH: std::time::Duration = std::time::Duration::from_millis(700);

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let workloads: [(&str, fn()); 6] = [
        ("w1", chain::run),
        ("w2", samples::run),
        ("w4", tiny::run),
        ("w5", chained::run),
        ("directions", directions::run),
        ("rosenbrock", rosenbrock::run),
    ];
    for (name, run) in workloads {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            run();
        }
    }
    summary::print(figures::all(), &only);
}
