//! Loops in loops, with blocks in them: by hand, and random ones.

use super::super::Language;
use super::UNREAD_C;
use super::harness::{Case, Run, check};
use crate::program::Program;
use crate::program::tests::{by_hand, number, random};

pub(super) fn cases() -> Vec<Case> {
    let random = (0..6).flat_map(|seed| {
        [false, true].map(|over_samples| {
            (format!("nests of seed {seed}"), random::programs(1000 + seed, over_samples))
        })
    });
    by_hand::programs()
        .into_iter()
        .chain(random)
        .map(|(name, [program, _])| case(name, program))
        .collect()
}

fn case(name: String, program: Program) -> Case {
    let layout = &program.layout;
    let inputs: Vec<f64> = (0..layout.shared_count as usize).map(number).collect();
    let samples = if program.over_samples { 9 } else { 0 };
    let rows = (0..samples * layout.column_count as usize).map(|k| number(k + 99)).collect();
    Case::new(name, program, vec![Run { inputs, samples, rows }])
}

#[test]
fn in_rust() {
    check(Language::Rust, &cases(), &[("rustc", &[])]);
}

#[test]
fn in_c() {
    check(Language::C, &cases(), UNREAD_C);
}
