//! In which order the instructions of a strip run: who reads a value follows who gave it, where that is possible.
//!
//! What one instruction writes and another reads or writes keeps its order, so all results stay what they are. Totals
//! go to different sums and can be moved freely. Two functions that are computed at once are one.

use std::collections::{BTreeSet, HashMap};

use smallvec::SmallVec;

use super::pieces::{each_read, takes, written};
use crate::code::{Code, Instruction, Layout};

/// What is known of an address on the way through the code.
#[derive(Debug, Default)]
struct Address {
    writer: Option<usize>,
    /// Who has read it since.
    readers: SmallVec<[usize; 4]>,
}

/// Positions of the instructions; of `couples` the first ones alone.
pub(super) fn order(
    layout: &Layout,
    code: &Code,
    instructions: &[Instruction],
    couples: &[bool],
) -> Vec<usize> {
    let count = instructions.len();
    let is_second = |position: usize| position > 0 && couples[position - 1];
    let mut after: Vec<SmallVec<[usize; 4]>> = vec![SmallVec::new(); count];
    let mut waits_for = vec![0_u32; count];
    let mut addresses: HashMap<u32, Address> = HashMap::new();
    for (position, instruction) in instructions.iter().enumerate() {
        let position = position - usize::from(is_second(position));
        let mut wait = |first: usize| {
            if first != position {
                after[first].push(position);
                waits_for[position] += 1;
            }
        };
        each_read(layout, code, instruction, |address| {
            let known = addresses.entry(address).or_default();
            known.writer.into_iter().for_each(&mut wait);
            known.readers.push(position);
        });
        if let Some(target) = written(instruction) {
            let known = addresses.entry(target).or_default();
            known.writer.into_iter().for_each(&mut wait);
            known.readers.drain(..).for_each(&mut wait);
            known.writer = Some(position);
        }
    }

    let is_ready = |position: &usize| waits_for[*position] == 0 && !is_second(*position);
    let mut ready: BTreeSet<usize> = (0..count).filter(is_ready).collect();
    let mut order = Vec::with_capacity(count);
    // Who gave the value that is passed along, and its address.
    let mut value: Option<(usize, u32)> = None;
    while let Some(&first) = ready.first() {
        let follows = value.and_then(|(giver, address)| {
            let readers = after[giver].iter().copied().filter(|position| {
                ready.contains(position)
                    && takes(
                        code,
                        &instructions[*position],
                        &code.operands(&instructions[*position]),
                        address,
                        |at| at,
                    )
                    .is_some()
            });
            // Totals leave the value where it is.
            readers.min_by_key(|&position| (written(&instructions[position]).is_some(), position))
        });
        let next = follows.unwrap_or(first);
        ready.remove(&next);
        order.push(next);
        match written(&instructions[next + usize::from(couples[next])]) {
            Some(target) => value = Some((next, target)),
            None if follows.is_none() => value = None,
            None => {}
        }
        for &position in &after[next] {
            waits_for[position] -= 1;
            if waits_for[position] == 0 {
                ready.insert(position);
            }
        }
    }
    order
}
