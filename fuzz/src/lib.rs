//! What must hold whatever the bytes: a reader gives a thing that is sound, or an error; executors give the same bits.
//!
//! Each target takes bytes and panics where something doesn't hold. Two look for such bytes: `tests/fuzz` of the workspace
//! above, on any toolchain, by changing the files in `corpus`, and libFuzzer, by way of `fuzz_targets`, which sees what
//! the bytes reach. CONTRIBUTING.md tells how both are run.

mod functions;
mod programs;
mod recipe;
mod tables;
mod texts;
mod trained;

/// A claim about all bytes, by the name that its folder in `corpus` has.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Panics if the claim doesn't hold for these bytes.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "formula", run: texts::formula },
    Target { name: "problem", run: texts::problem },
    Target { name: "performance", run: texts::performance },
    Target { name: "function_file", run: functions::function_file },
    Target { name: "trace", run: functions::trace },
    Target { name: "report", run: functions::report },
    Target { name: "model", run: trained::model },
    Target { name: "weights", run: trained::weights },
    Target { name: "table_model", run: trained::table_model },
    Target { name: "table", run: tables::table },
    Target { name: "history", run: tables::history },
    Target { name: "programs", run: programs::programs },
];

/// Runs the target of this name.
///
/// # Panics
///
/// If what it claims doesn't hold, or no target has the name.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target").run)(bytes);
}
