//! Which places nobody reads any more, once a loop has run: what its last iteration leaves there need not be kept. And
//! which nobody touches any more: what a loop stores there can as well be stored elsewhere.
//!
//! Code is written down as what it reads and writes, in order, with marks where loops begin and end. From the end of a loop
//! on, a place is dead if all ways lead to a write of it before a read, or to the end, where it is no output.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::instructions::{Action, Code};
use super::nest::{Item, Nest, Paths, Reach, Single, Spot};
use super::outputs::Outputs;
use super::plan::{Gives, Plan};

/// Fewer outputs are copied out of memory with all others.
const FEWEST: usize = if cfg!(test) { 2 } else { 256 };

/// Whether there are as many outputs one after the other as are worth it.
pub(super) fn may_be_given(outputs: &Outputs) -> bool {
    outputs.call_runs().any(|(_, run)| run.len() >= FEWEST)
}

/// What happens, in order.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// Some of these addresses are read.
    Read(Reach),
    Write(u32),
    /// Some of these addresses are written.
    Writes(Reach),
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
                    let read = |&at: &u32| Event::Read(Reach::NONE.at(at));
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
        let reach =
            |spot: Spot| paths.get(spot.path).reach(code, &nest.iterations).at(spot.address);
        self.all.extend(single.operands.iter().map(|&spot| Event::Read(reach(spot))));
        self.all.push(match single.target.stays() {
            true => Event::Write(single.target.address),
            false => Event::Writes(reach(single.target)),
        });
    }

    /// A vector of outputs that a loop, in no other one, stores from first to last, if nobody touches it afterwards.
    pub(super) fn gives(&self, number: u32, plan: &Plan, outputs: &Outputs) -> Option<Gives> {
        if plan.in_place || !plan.is_faster_in_lanes() {
            return None;
        }
        let is_its =
            |run: &Range<u32>| run.len() >= FEWEST && run.len() == plan.iterations as usize;
        let store = |run: &Range<u32>| {
            plan.stores.iter().position(|(way, _)| way.is_alone_along(run.start))
        };
        let mut runs = outputs.call_runs().filter(|(_, run)| is_its(run));
        let (at, store, run) = runs.find_map(|(at, run)| Some((at, store(&run)?, run)))?;
        // Outputs may be there more than once.
        let meets = |other: &Range<u32>| other.start < run.end && run.start < other.end;
        let is_once = outputs.call_runs().filter(|(_, other)| meets(other)).count() == 1;
        let places = Reach { low: run.start.into(), high: i64::from(run.end) - 1 };
        (is_once && self.is_last_at(number, places)).then_some(Gives { store, at })
    }

    /// Whether nobody reads or writes any of these addresses once a loop has run that is in no other one.
    fn is_last_at(&self, number: u32, places: Reach) -> bool {
        let is_end = |event: &Event| matches!(event, Event::End(own) if *own == number);
        let Some(end) = self.all.iter().position(is_end) else { return false };
        self.all[end..].iter().all(|event| match *event {
            Event::Read(reach) | Event::Writes(reach) => !reach.meets(places),
            Event::Write(address) => !Reach::NONE.at(address).meets(places),
            Event::Begin(_) | Event::End(_) => true,
        })
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
const EVERYTHING: Event = Event::Read(Reach { low: i64::MIN, high: i64::MAX });

/// Places that are read leave those that wait, and so do those that are written.
fn step(event: &Event, pending: &mut FxHashSet<u32>, read: &mut FxHashSet<u32>) {
    match *event {
        Event::Read(Reach { low, high }) if low == high => {
            let address = u32::try_from(low).ok().filter(|address| pending.remove(address));
            read.extend(address);
        }
        Event::Read(reach) => pending.retain(|&address| {
            let is_read = reach.meets(Reach::NONE.at(address));
            if is_read {
                read.insert(address);
            }
            !is_read
        }),
        Event::Write(address) => {
            pending.remove(&address);
        }
        Event::Writes(..) | Event::Begin(_) | Event::End(_) => {}
    }
}
