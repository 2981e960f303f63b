//! Conformance: every operation and every action, on every instruction set that this processor has, against an executor
//! that takes one sample at a time. The same bits, but for the bits of a NaN.

mod actions;
mod dense;
mod nests;
mod operations;
mod reference;
mod sketch;
mod strips;

use super::{Element, InstructionSet, LaneMemory, Prepared, run_tile};
use crate::program::Program;
use reference::Reference;
use sketch::Sketch;

/// How many samples tiles are tested with; the last stands for a full tile.
const COUNTS: [usize; 12] = [1, 7, 8, 9, 16, 17, 23, 24, 25, 63, 64, 65];

/// Runs a sketch over its samples, tile after tile, and compares its outputs and sums.
fn check(sketch: &Sketch) {
    for set in InstructionSet::available() {
        check_element::<f64>(sketch, set);
        check_element::<f32>(sketch, set);
    }
}

fn check_element<E: Element>(sketch: &Sketch, set: InstructionSet) {
    let numbers: Vec<E> = sketch.per_call().into_iter().map(E::from_f64).collect();
    check_program(&sketch.program(), &numbers, &sketch.columns, set);
}

fn check_program<E: Element>(
    program: &Program,
    numbers: &[E],
    columns: &[Vec<f64>],
    set: InstructionSet,
) {
    let mut prepared = Prepared::new(set, program);
    prepared.load(program, numbers);
    let mut lanes = LaneMemory::new(program);
    let mut totals = vec![0.0; program.layout.sum_count as usize];
    let mut reference = Reference::new(program, numbers);
    let (tile, all) = (program.tile as usize, columns.first().map_or(0, Vec::len));
    for start in (0..all).step_by(tile) {
        let samples = tile.min(all - start);
        for vector in 0..program.layout.per_sample() {
            lanes.vector_mut(vector).fill(E::from_f64(f64::NAN));
        }
        for (index, column) in columns.iter().enumerate() {
            for (lane, &x) in lanes.vector_mut(index).iter_mut().zip(&column[start..]) {
                *lane = E::from_f64(x);
            }
        }
        run_tile(&prepared, program, numbers, &mut lanes, samples, &mut totals);
        let expected = reference.tile(columns, start, samples);
        for address in program.outputs.sample_addresses() {
            let (address, vector) =
                (address as usize, (address - program.layout.per_call) as usize);
            for (lane, &found) in lanes.vector(vector)[..samples].iter().enumerate() {
                let due = expected[lane][address];
                assert!(
                    same(found.to_f64(), due.to_f64()),
                    "{set:?}, {}: sample {} of {samples} from {start} at address {address} is \
                     {found:?}, should be {due:?}; operands {:?}; {:#?}",
                    std::any::type_name::<E>(),
                    lane,
                    &expected[lane],
                    program.sample.instructions.iter().take(6).collect::<Vec<_>>(),
                );
            }
        }
        for (sum, (&found, &due)) in totals.iter().zip(&reference.totals).enumerate() {
            assert!(
                same(found, due),
                "{set:?}, {}: sum {sum} after {samples} samples from {start} is {found:?}, should be {due:?}",
                std::any::type_name::<E>(),
            );
        }
    }
}

/// The same bits, or both NaN.
fn same(x: f64, y: f64) -> bool {
    x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan()
}
