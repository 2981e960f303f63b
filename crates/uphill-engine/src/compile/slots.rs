//! From values to addresses: slots are used again as soon as the value in them is dead.

use std::collections::BTreeMap;

use super::draft::Draft;
use crate::code::Action;

/// Free places among the slots.
#[derive(Debug, Default)]
struct Space {
    single: Vec<u32>,
    /// Start and length.
    ranges: BTreeMap<u32, u32>,
    end: u32,
}

impl Space {
    fn take(&mut self, length: u32) -> u32 {
        if length == 1
            && let Some(slot) = self.single.pop()
        {
            return slot;
        }
        let fit = self.ranges.iter().find(|(_, free)| **free >= length).map(|(s, l)| (*s, *l));
        if let Some((start, free)) = fit {
            self.ranges.remove(&start);
            if free > length {
                self.ranges.insert(start + length, free - length);
            }
            return start;
        }
        let start = self.end;
        self.end += length;
        start
    }

    fn give(&mut self, start: u32, length: u32) {
        if length == 1 {
            self.single.push(start);
            return;
        }
        let (mut start, mut length) = (start, length);
        if let Some((&before, &free)) = self.ranges.range(..start).next_back()
            && before + free == start
        {
            self.ranges.remove(&before);
            (start, length) = (before, free + length);
        }
        if let Some(free) = self.ranges.remove(&(start + length)) {
            length += free;
        }
        self.ranges.insert(start, length);
    }
}

/// Which slots become free behind which position.
#[derive(Debug)]
struct Calendar {
    /// By position: the latest entry, or `u32::MAX`.
    latest: Vec<u32>,
    /// Each with the one before it for the same position.
    entries: Vec<(u32, u32, u32)>,
    /// Up to which position all has been given back.
    done: usize,
    /// For one position at a time, to go from low slots to high ones.
    sorted: Vec<(u32, u32)>,
}

impl Calendar {
    fn new(positions: usize) -> Calendar {
        let (entries, sorted) = (Vec::with_capacity(positions), Vec::new());
        Calendar { latest: vec![u32::MAX; positions + 1], entries, done: 0, sorted }
    }

    fn push(&mut self, last: usize, slot: u32, length: u32) {
        let latest = &mut self.latest[last.max(self.done)];
        self.entries.push((*latest, slot, length));
        *latest = self.entries.len() as u32 - 1;
    }

    /// Gives back what is free before a position.
    fn release(&mut self, space: &mut Space, position: usize) {
        while self.done < position {
            let mut entry = self.latest[self.done];
            self.done += 1;
            while let Some(&(next, slot, length)) = self.entries.get(entry as usize) {
                self.sorted.push((slot, length));
                entry = next;
            }
            self.sorted.sort_unstable();
            self.sorted.drain(..).for_each(|(slot, length)| space.give(slot, length));
        }
    }
}

const NOT_GIVEN: u32 = u32::MAX;
/// A position behind all others: for what is read after the code.
const LATER: usize = usize::MAX;

/// How many slots there are, and where those within loops start.
pub(crate) struct Assigned {
    pub(crate) slots: u32,
    pub(crate) bases: Vec<(u32, u32)>,
}

/// Gives each value of some statements an address from `base` on; returns how many slots there are.
///
/// `order` holds the statements; `later` tells which values are read after this code, `within` how many slots a loop needs
/// for its body.
pub(crate) fn assign(
    draft: &Draft,
    order: &[u32],
    later: impl Fn(u32) -> bool,
    within: &dyn Fn(u32) -> u32,
    base: u32,
    addresses: &mut [u32],
) -> Assigned {
    let last_uses = last_uses(draft, order, later);
    let mut space = Space::default();
    // What becomes free behind a position.
    let mut frees = Calendar::new(order.len());
    let mut bases = Vec::new();
    for (position, &statement) in order.iter().enumerate() {
        let statement = &draft.statements[statement as usize];
        // A block writes its first results while it still reads its inputs; others may write over what they read.
        // So does a loop.
        let keeps = matches!(statement.action, Action::Block | Action::Loop);
        frees.release(&mut space, if keeps { position } else { position + 1 });
        let last = last_uses[position];
        draft.each_result(statement, |value| {
            let length = draft.width(value);
            let slot = space.take(length);
            addresses[value as usize] = base + slot;
            if last != LATER {
                frees.push(last, slot, length);
            }
        });
        if statement.action == Action::Loop {
            let own = within(statement.value);
            if own > 0 {
                let slot = space.take(own);
                bases.push((statement.value, base + slot));
                frees.push(position, slot, own);
            }
        }
    }
    Assigned { slots: space.end, bases }
}

/// By position: the last one that reads what is given there.
fn last_uses(draft: &Draft, order: &[u32], later: impl Fn(u32) -> bool) -> Vec<usize> {
    let mut given_at = vec![NOT_GIVEN; draft.definitions.len()];
    let mut last_uses: Vec<usize> = (0..order.len()).collect();
    for (position, &statement) in order.iter().enumerate() {
        let statement = &draft.statements[statement as usize];
        draft.each_operand(statement, |value| {
            let given = given_at[value as usize];
            if given != NOT_GIVEN {
                let last = &mut last_uses[given as usize];
                *last = position.max(*last);
            }
        });
        draft.each_result(statement, |value| {
            given_at[value as usize] = position as u32;
            if later(value) {
                last_uses[position] = LATER;
            }
        });
    }
    last_uses
}
