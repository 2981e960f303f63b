//! The numbers known at compile time, each once.

use rustc_hash::FxHashMap;

use super::draft::{Definition, Draft, Source};

/// Numbers, and where each lies.
#[derive(Default)]
pub(super) struct Constants {
    pub(super) numbers: Vec<f64>,
    places: FxHashMap<u64, u32>,
}

impl Constants {
    /// The address of a number.
    pub(super) fn number(&mut self, number: f64) -> u32 {
        let next = self.numbers.len() as u32;
        let place = *self.places.entry(number.to_bits()).or_insert(next);
        if place == next {
            self.numbers.push(number);
        }
        place
    }

    /// Those that a draft reads.
    pub(super) fn gather(&mut self, draft: &Draft, addresses: &mut [u32]) {
        let mut read = |value: u32| match draft.definitions[value as usize] {
            Definition::Constant(number) => addresses[value as usize] = self.number(number),
            Definition::Vector { of: Source::Numbers(list), .. }
                if addresses[value as usize] == u32::MAX =>
            {
                addresses[value as usize] = self.numbers.len() as u32;
                self.numbers.extend(&draft.numbers[list as usize]);
            }
            _ => {}
        };
        for statement in &draft.statements {
            draft.each_operand(statement, &mut read);
        }
        for (_, output) in &draft.outputs {
            let Some(value) = output.value() else { continue };
            read(value);
            if let Definition::Entry { of, .. } = draft.definitions[value as usize] {
                read(of);
            }
        }
    }
}
