//! Loops in loops, with blocks in them: random ones.

use super::super::Language;
use super::C_FLAGS;
use super::harness::{Case, Run, check};
use crate::program::tests::{number, random};

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for seed in 0..16 {
        for over_samples in [false, true] {
            let [program, _] = random::programs(1000 + seed, over_samples);
            let layout = &program.layout;
            let inputs: Vec<f64> = (0..layout.shared_count as usize).map(number).collect();
            let samples = if over_samples { 9 } else { 0 };
            let rows = (0..samples * layout.column_count as usize).map(|k| number(k + 99));
            let run = Run { inputs, samples, rows: rows.collect() };
            cases.push(Case::new(format!("nests of seed {seed}"), program, vec![run]));
        }
    }
    cases
}

#[test]
fn in_rust() {
    check(Language::Rust, &cases(), &[&[]]);
}

#[test]
fn in_c() {
    check(Language::C, &cases(), &C_FLAGS[..1]);
}
