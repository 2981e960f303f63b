//! Nothing but a place for benches: `cargo bench` in this folder. Docs: docs/performance.md.
