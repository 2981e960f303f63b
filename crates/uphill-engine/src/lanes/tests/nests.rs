//! Loops in loops, with blocks and totals in them: random ones, in double and in single precision.

use super::check_program;
use crate::lanes::{Element, InstructionSet};
use crate::program::Program;
use crate::program::tests::{number, random};

fn check_as<E: Element>(program: &Program, set: InstructionSet) {
    let layout = &program.layout;
    let mut numbers: Vec<E> =
        (0..layout.per_call as usize).map(|k| E::from_f64(number(k))).collect();
    for (number, &constant) in numbers.iter_mut().zip(&layout.constants) {
        *number = E::from_f64(constant);
    }
    let samples = program.tile as usize + 9;
    let columns: Vec<Vec<f64>> = (0..layout.column_count as usize)
        .map(|k| (0..samples).map(|s| number(1000 * k + s)).collect())
        .collect();
    check_program::<E>(program, &numbers, &columns, set);
}

#[test]
fn nests() {
    for seed in 0..16 {
        let [program, _] = random::programs(500 + seed, true);
        for set in InstructionSet::available() {
            check_as::<f64>(&program, set);
            check_as::<f32>(&program, set);
        }
    }
}
