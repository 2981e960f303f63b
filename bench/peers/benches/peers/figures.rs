//! What is to be reached beside other libraries, and what uphill takes beside the fastest of them.

use uphill_bench::summary::{Due, Figure, best, ratio};

use crate::directions;

/// How rows of other libraries begin.
const OTHERS: [&str; 4] = ["num-dual", "echidna", "ad_trait", "reverse"];

/// Workloads, the titles of their tables, and what both sides do there.
const TABLES: [(&str, &str, &str); 12] = [
    ("W1", "W1, 10000 operations", "10^4 operations, P and gradient"),
    ("W1", "W1, 1000000 operations", "10^6 operations, P and gradient"),
    ("W2", "W2, P and gradient", "100,000 samples, P and gradient"),
    ("W4", "W4, 2-2-1 network", "2-2-1 network, P and gradient"),
    ("W5", "W5, 1000, P and gradient", "10^3 numbers, P and gradient"),
    ("W5", "W5, 10000, P and gradient", "10^4 numbers, P and gradient"),
    ("W5", "W5, 1000, sparse", "10^3 numbers, sparse Hessian"),
    ("W5", "W5, 10000, sparse", "10^4 numbers, sparse Hessian"),
    ("W5", "W5, 10000, from nothing", "10^4 numbers, from nothing to a sparse Hessian"),
    ("Rosenbrock", "Rosenbrock, 10, P and gradient", "10 numbers, P and gradient"),
    ("Rosenbrock", "Rosenbrock, 1000, P and gradient", "1000 numbers, P and gradient"),
    ("Rosenbrock", "Rosenbrock, 10, Hessian", "10 numbers, Hessian"),
];

pub fn all() -> Vec<Figure> {
    let mut all = Vec::new();
    for (workload, title, what) in TABLES {
        let others = OTHERS.iter().filter_map(|name| Some((best(title, name, &[])?, *name)));
        let fastest = others.min_by(|a, b| a.0.total_cmp(&b.0));
        let whose = fastest.map_or(String::new(), |(_, name)| format!(", {name}"));
        let ours = best(title, "uphill", &[]);
        let measured = ratio(ours, fastest.map(|(seconds, _)| seconds));
        let what = format!("{what}: the fastest other{whose} = 1");
        all.push(Figure { workload, what, measured, due: Due::AtMost(1.0) });
    }
    let title = "W1, 1000000 operations";
    let measured = ratio(best(title, "uphill, fresh tape", &[]), best(title, "reverse", &[]));
    let what = "10^6 operations, fresh tape: `reverse` = 1".into();
    all.push(Figure { workload: "W1", what, measured, due: Due::AtMost(1.0) });
    for name in directions::NAMES {
        let title = format!("Duals, {name}");
        let measured = ratio(best(&title, "uphill", &[]), best(&title, "num-dual", &[]));
        let what = format!("{name}, one direction forward: num-dual = 1");
        all.push(Figure { workload: "directions", what, measured, due: Due::AtMost(1.3) });
    }
    all
}
