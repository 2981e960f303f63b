//! From values to addresses: slots are used again as soon as the value in them is dead.
//!
//! In a loop, a value that only its own iteration reads has one slot; so has one that the next iteration reads before it
//! is written again (a running sum); all others have an array, one slot an iteration.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::draft::Draft;
use super::roll::Segment;
use super::wide::width;
use crate::program::Action;

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

/// How a value that is computed in a loop is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Keep {
    /// One slot within an iteration.
    Iteration,
    /// One slot from iteration to iteration.
    Carried,
    /// One slot an iteration.
    Array,
}

/// The same statement of all iterations of a loop.
#[derive(Debug, Clone, Copy)]
struct Family {
    keep: Keep,
    /// The last position in the body that reads it in its own iteration.
    last_in_body: usize,
    /// The last position at all that reads any member.
    last: usize,
    /// Members before and after the loop, which live in the array or the carried slot too.
    before: usize,
    after: usize,
    slot: Option<u32>,
}

const NOT_GIVEN: u32 = u32::MAX;
/// A position behind all others: for what is read after the code.
const LATER: usize = usize::MAX;

pub(crate) struct Slots<'d> {
    draft: &'d Draft,
    order: &'d [u32],
    /// By position: which loop, or none; and where its families start.
    segments: &'d [Segment],
    segment_of: Vec<u32>,
    families: Vec<Vec<Family>>,
    /// By value: its position.
    given_at: Vec<u32>,
    /// By position: the last position that reads its value.
    last_use: Vec<usize>,
    /// By position, for straight statements: the loop and family that it belongs to, before or after the loop.
    guest_of: Vec<Option<(u32, u32)>>,
    /// How many slots the body of a loop needs.
    within: &'d dyn Fn(u32) -> u32,
    bases: Vec<(u32, u32)>,
}

/// Gives each value of some statements an address from `base` on; returns how many slots there are.
///
/// `order` holds the statements; `later` tells which values are read after this code, `within` how many slots a loop needs
/// for its body.
pub(crate) fn assign(
    draft: &Draft,
    order: &[u32],
    segments: &[Segment],
    later: impl Fn(u32) -> bool,
    within: &dyn Fn(u32) -> u32,
    base: u32,
    addresses: &mut [u32],
) -> Assigned {
    let mut slots = Slots::new(draft, order, segments, within);
    slots.classify(later);
    slots.invite();
    slots.run(base, addresses)
}

/// How many slots there are, and where those within loops start.
pub(crate) struct Assigned {
    pub(crate) slots: u32,
    pub(crate) bases: Vec<(u32, u32)>,
}

impl<'d> Slots<'d> {
    fn new(
        draft: &'d Draft,
        order: &'d [u32],
        segments: &'d [Segment],
        within: &'d dyn Fn(u32) -> u32,
    ) -> Slots<'d> {
        let mut given_at = vec![NOT_GIVEN; draft.definitions.len()];
        for (position, &statement) in order.iter().enumerate() {
            let statement = &draft.statements[statement as usize];
            draft.each_result(statement, |value| given_at[value as usize] = position as u32);
        }
        let mut segment_of = vec![0; order.len()];
        let mut families = Vec::with_capacity(segments.len());
        for (number, segment) in segments.iter().enumerate() {
            families.push(match *segment {
                Segment::Straight(ref range) => {
                    segment_of[range.clone()].fill(number as u32);
                    Vec::new()
                }
                Segment::Loop { start, period, iterations } => {
                    segment_of[start..start + period * iterations].fill(number as u32);
                    let family = |position| Family {
                        keep: Keep::Iteration,
                        last_in_body: position,
                        last: start + period * iterations - 1,
                        before: 0,
                        after: 0,
                        slot: None,
                    };
                    (0..period).map(family).collect()
                }
            });
        }
        Slots {
            draft,
            order,
            segments,
            segment_of,
            families,
            given_at,
            last_use: (0..order.len()).collect(),
            guest_of: vec![None; order.len()],
            within,
            bases: Vec::new(),
        }
    }

    /// Finds how each value of a loop is read.
    fn classify(&mut self, later: impl Fn(u32) -> bool) {
        for (position, &statement) in self.order.iter().enumerate() {
            let draft = self.draft;
            draft.each_operand(&draft.statements[statement as usize], |value| {
                let given = self.given_at[value as usize];
                if given != NOT_GIVEN {
                    self.reads(given as usize, position);
                }
            });
            draft.each_result(&draft.statements[statement as usize], |value| {
                if later(value) {
                    self.reads(position, LATER);
                }
            });
        }
    }

    fn reads(&mut self, given: usize, reader: usize) {
        self.last_use[given] = self.last_use[given].max(reader);
        let number = self.segment_of[given] as usize;
        let Segment::Loop { start, period, iterations } = self.segments[number] else { return };
        let (iteration, place) = ((given - start) / period, (given - start) % period);
        let family = &mut self.families[number][place];
        family.last = family.last.max(reader);
        let end = start + period * iterations;
        let keep = if reader < end {
            let (reading, reading_place) = ((reader - start) / period, (reader - start) % period);
            if reading == iteration {
                family.last_in_body = family.last_in_body.max(reading_place);
                Keep::Iteration
            } else if reading == iteration + 1 && reading_place <= place {
                Keep::Carried
            } else {
                Keep::Array
            }
        } else if iteration + 1 == iterations {
            Keep::Carried
        } else {
            Keep::Array
        };
        family.keep = family.keep.max(keep);
    }

    /// Straight statements one period before or after one of a loop may live with it: then what reads them all, the
    /// loop's own first iteration among others, finds them at even distances.
    fn invite(&mut self) {
        for number in 0..self.segments.len() {
            let Segment::Loop { start, period, iterations } = self.segments[number] else {
                continue;
            };
            let end = start + period * iterations;
            for place in 0..period {
                if !self.has_one_result(start + place) {
                    continue;
                }
                let keep = self.families[number][place].keep;
                let before = (start + place).checked_sub(period);
                if let Some(before) = before.filter(|&before| self.may_move(before)) {
                    let only_first = self.last_use[before] <= start + place;
                    if keep == Keep::Array || keep == Keep::Carried && only_first {
                        self.guest_of[before] = Some((number as u32, place as u32));
                        let family = &mut self.families[number][place];
                        family.before = 1;
                        family.last = family.last.max(self.last_use[before]);
                    }
                }
                let after = end + place;
                if keep == Keep::Array && self.may_move(after) {
                    self.guest_of[after] = Some((number as u32, place as u32));
                    let family = &mut self.families[number][place];
                    family.after = 1;
                    family.last = family.last.max(self.last_use[after]);
                }
            }
        }
    }

    fn has_one_result(&self, position: usize) -> bool {
        let action = self.draft.statements[self.order[position] as usize].action;
        !matches!(action, Action::Total | Action::OuterTotal | Action::Block | Action::Loop)
    }

    /// Whether a statement is straight, has one result, and lives nowhere else.
    fn may_move(&self, position: usize) -> bool {
        position < self.order.len()
            && matches!(self.segments[self.segment_of[position] as usize], Segment::Straight(_))
            && self.guest_of[position].is_none()
            && self.has_one_result(position)
    }

    fn run(mut self, base: u32, addresses: &mut [u32]) -> Assigned {
        let mut space = Space::default();
        // What becomes free behind a position.
        let mut frees = Calendar::new(self.order.len());
        for number in 0..self.segments.len() {
            match self.segments[number].clone() {
                Segment::Straight(range) => {
                    for position in range {
                        self.straight(position, base, addresses, &mut space, &mut frees);
                    }
                }
                Segment::Loop { start, period, iterations } => {
                    frees.release(&mut space, start);
                    for place in 0..period {
                        if self.families[number][place].keep != Keep::Iteration {
                            self.lasting(number, place, &mut space, &mut frees);
                        }
                    }
                    let mut dying: BinaryHeap<Reverse<(usize, u32)>> = BinaryHeap::new();
                    for place in 0..period {
                        while let Some(&Reverse((last, slot))) = dying.peek() {
                            if last > place {
                                break;
                            }
                            space.give(slot, 1);
                            dying.pop();
                        }
                        let statement = self.draft.statements[self.order[start + place] as usize];
                        if statement.action == Action::Total {
                            continue;
                        }
                        let family = self.families[number][place];
                        let (slot, step) = match (family.keep, family.slot) {
                            (Keep::Iteration, _) | (_, None) => {
                                let slot = space.take(1);
                                dying.push(Reverse((family.last_in_body, slot)));
                                (slot, 0)
                            }
                            (Keep::Carried, Some(slot)) => (slot, 0),
                            (Keep::Array, Some(slot)) => (slot + family.before as u32, 1),
                        };
                        for iteration in 0..iterations {
                            let position = start + place + iteration * period;
                            let value = self.draft.statements[self.order[position] as usize].value;
                            addresses[value as usize] = base + slot + step * iteration as u32;
                        }
                    }
                    for Reverse((_, slot)) in dying {
                        space.give(slot, 1);
                    }
                }
            }
        }
        Assigned { slots: space.end, bases: self.bases }
    }

    /// A place for a value that outlives an iteration; the first who needs it takes it.
    fn lasting(
        &mut self,
        number: usize,
        place: usize,
        space: &mut Space,
        frees: &mut Calendar,
    ) -> u32 {
        let Segment::Loop { iterations, .. } = self.segments[number] else { return 0 };
        let family = &mut self.families[number][place];
        if let Some(slot) = family.slot {
            return slot;
        }
        let length = match family.keep {
            Keep::Array => (family.before + iterations + family.after) as u32,
            _ => 1,
        };
        let slot = space.take(length);
        family.slot = Some(slot);
        if family.last != LATER {
            frees.push(family.last, slot, length);
        }
        slot
    }

    fn straight(
        &mut self,
        position: usize,
        base: u32,
        addresses: &mut [u32],
        space: &mut Space,
        frees: &mut Calendar,
    ) {
        let draft = self.draft;
        let statement = &draft.statements[self.order[position] as usize];
        // A block writes its first results while it still reads its inputs; others may write over what they read.
        // So does a loop.
        let keeps = matches!(statement.action, Action::Block | Action::Loop);
        let freed = if keeps { position } else { position + 1 };
        frees.release(space, freed);
        if let Some((number, place)) = self.guest_of[position] {
            let (number, place) = (number as usize, place as usize);
            let slot = self.lasting(number, place, space, frees);
            let family = self.families[number][place];
            let Segment::Loop { start, iterations, .. } = self.segments[number] else { return };
            let index = match family.keep {
                Keep::Array if position >= start => (family.before + iterations) as u32,
                _ => 0,
            };
            addresses[statement.value as usize] = base + slot + index;
            return;
        }
        let last = self.last_use[position];
        draft.each_result(statement, |value| {
            let length = width(draft, value);
            let slot = space.take(length);
            addresses[value as usize] = base + slot;
            if last != LATER {
                frees.push(last, slot, length);
            }
        });
        if statement.action == Action::Loop {
            let own = (self.within)(statement.value);
            if own > 0 {
                let slot = space.take(own);
                self.bases.push((statement.value, base + slot));
                frees.push(position, slot, own);
            }
        }
    }
}
