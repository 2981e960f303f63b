//! What all benches stand on: the random numbers and check sums that tools share, work written by hand, workloads as
//! generic code with their data, tables of times taken in turns, and the summary. `cargo bench` in this folder measures
//! uphill; the folder `peers` is a workspace of its own that measures other libraries beside it. Docs: docs/performance.md.

pub mod by_hand;
pub mod chain;
pub mod chained;
pub mod numbers;
pub mod peaks;
pub mod summary;
pub mod table;
