//! Which places nobody reads any more, once a loop has run: what its last iteration leaves there need not be kept.
//!
//! Code is written down as what it reads and writes, in order, with marks where loops begin and end. From the end of a loop
//! on, a place is dead if all ways lead to a write of it before a read, or to the end, where it is no output.

use rustc_hash::FxHashSet;

use super::instructions::{Action, Code};
use super::nest::{Item, Nest, Paths, Single};

/// What happens, in order.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// Some of the addresses from one to another are read.
    Read(i64, i64),
    Write(u32),
    /// The loop of this number begins; its body may run again from here.
    Begin(u32),
    End(u32),
}

/// What a piece of code reads and writes.
pub(super) struct Events<'e> {
    all: Vec<Event>,
    /// Whether an address is read when the code has run.
    is_output: &'e dyn Fn(u32) -> bool,
}

impl<'e> Events<'e> {
    pub(super) fn new(
        code: &Code,
        paths: &mut Paths,
        is_output: &'e dyn Fn(u32) -> bool,
    ) -> Events<'e> {
        let mut events = Events { all: Vec::new(), is_output };
        let mut position = 0;
        while let Some(instruction) = code.instructions.get(position) {
            match instruction.action {
                Action::Loop => {
                    let nest = Nest::of(code, position, paths);
                    events.nest(code, paths, &nest);
                    position += code.loops[instruction.x as usize].length as usize;
                }
                Action::Block => events.all.push(EVERYTHING),
                _ => {
                    let read = |&at: &u32| Event::Read(at.into(), at.into());
                    events.all.extend(code.operands(instruction).iter().map(read));
                    events.all.push(Event::Write(instruction.target));
                }
            }
            position += 1;
        }
        events
    }

    fn nest(&mut self, code: &Code, paths: &Paths, nest: &Nest) {
        if nest.items.is_empty() {
            return;
        }
        self.all.push(Event::Begin(nest.number));
        for item in &nest.items {
            match item {
                Item::Nest(inner) => self.nest(code, paths, inner),
                Item::Single(single) => self.single(code, paths, nest, single),
            }
        }
        self.all.push(Event::End(nest.number));
    }

    fn single(&mut self, code: &Code, paths: &Paths, nest: &Nest, single: &Single) {
        if single.instruction.action == Action::Block {
            self.all.push(EVERYTHING);
            return;
        }
        for spot in &single.operands {
            let (address, path) = (i64::from(spot.address), paths.get(spot.path));
            let reach = path.reach(code, &nest.iterations);
            self.all.push(Event::Read(address + reach.low, address + reach.high));
        }
        if single.target.stays() {
            self.all.push(Event::Write(single.target.address));
        }
    }

    /// Of these places, which a loop writes before it reads them, those that are read later.
    pub(super) fn read_later(&self, number: u32, places: FxHashSet<u32>) -> FxHashSet<u32> {
        let mut read = FxHashSet::default();
        let is_mark = |event: &Event, begins: bool| match *event {
            Event::Begin(other) => begins && other == number,
            Event::End(other) => !begins && other == number,
            _ => false,
        };
        let begin = self.all.iter().position(|event| is_mark(event, true));
        let end = self.all.iter().position(|event| is_mark(event, false));
        let (Some(begin), Some(end)) = (begin, end) else { return places };
        let mut pending = places;
        // Loops that were entered on the way.
        let mut inside = 0;
        for (position, event) in self.all.iter().enumerate().skip(end + 1) {
            if pending.is_empty() {
                return read;
            }
            match *event {
                Event::Begin(_) => inside += 1,
                Event::End(_) if inside > 0 => inside -= 1,
                Event::End(around) => {
                    // From here the loop around may start once more, and would come to this one again.
                    let start = self.all[..position]
                        .iter()
                        .rposition(|event| matches!(event, Event::Begin(own) if *own == around));
                    let mut again = pending.clone();
                    for event in &self.all[start.unwrap_or(0)..begin] {
                        step(event, &mut again, &mut read);
                    }
                }
                _ => step(event, &mut pending, &mut read),
            }
        }
        read.extend(pending.into_iter().filter(|&address| (self.is_output)(address)));
        read
    }
}

/// A read of anything.
const EVERYTHING: Event = Event::Read(i64::MIN, i64::MAX);

/// Places that are read leave those that wait, and so do those that are written.
fn step(event: &Event, pending: &mut FxHashSet<u32>, read: &mut FxHashSet<u32>) {
    match *event {
        Event::Read(low, high) if low == high => {
            let address = u32::try_from(low).ok().filter(|address| pending.remove(address));
            read.extend(address);
        }
        Event::Read(low, high) => pending.retain(|&address| {
            let is_read = (low..=high).contains(&i64::from(address));
            if is_read {
                read.insert(address);
            }
            !is_read
        }),
        Event::Write(address) => {
            pending.remove(&address);
        }
        Event::Begin(_) | Event::End(_) => {}
    }
}
