//! Nothing but a place for benches: `cargo bench -p uphill-bench`. Docs: docs/performance.md.
