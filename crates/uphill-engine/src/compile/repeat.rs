//! Loops of a draft, as loops of a program: where a body's values lie in each iteration, and the instructions.
//!
//! What a body reads lies where it was computed, at places that move; so does what it gives: sequences are written where
//! they are kept, and carried states stay in one slot each. A sum has eight slots that take turns, folded after each block
//! (the shape of `uphill_graph`'s sums), so a loop with sums of more terms than a block is a loop of blocks.

use smallvec::{SmallVec, smallvec};
use uphill_graph::{Feed, Outcome};

use super::draft::{Definition, Draft, DraftLoop, Source, Statement, Wide};
use super::firsts::Firsts;
use super::plan::Plan;
use super::writer::{BLOCK, Counted, FEW, FEW_SUMS, Place, TURNS, Writer};
use crate::code::{Action, Step};

/// A loop, or a vector that is put together; `place` tells where values around lie, `base` where the loop's own slots
/// start.
pub(super) fn put(
    writer: &mut Writer<'_>,
    draft: &Draft,
    statement: &Statement,
    place: &dyn Fn(u32) -> Place,
    plan: &Plan,
    base: &Place,
) {
    match &draft.wide[statement.value as usize] {
        Wide::Vector { result } => {
            let vector = place(*result);
            for (k, &value) in draft.operands(statement).iter().enumerate() {
                writer.copy(&vector.behind(k as u32), &place(value));
            }
        }
        Wide::Loop(repeated) => Repeat { repeated, plan, place, base }.write(writer),
    }
}

/// A loop that is being written.
struct Repeat<'a> {
    repeated: &'a DraftLoop,
    plan: &'a Plan,
    /// Where values around it lie.
    place: &'a dyn Fn(u32) -> Place,
    base: &'a Place,
}

impl Repeat<'_> {
    fn slot(&self, slot: u32) -> Place {
        self.base.behind(slot)
    }

    fn outcomes(&self) -> impl Iterator<Item = (usize, Outcome, Place)> {
        let outcomes = self.repeated.repeated.outcomes().iter().enumerate();
        outcomes.map(|(k, &outcome)| (k, outcome, (self.place)(self.repeated.results[k])))
    }

    /// Where a state lies: where its last value is wanted, if it is.
    fn state(&self, input: usize) -> Place {
        let last = self.outcomes().find(|(_, outcome, _)| *outcome == Outcome::Last { input });
        last.map_or_else(|| self.slot(self.plan.states[input]), |(_, _, place)| place)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        let graph = &self.repeated.repeated;
        let iterations = graph.iterations() as u32;
        for (input, feed) in graph.feeds().iter().enumerate() {
            if let (Feed::Carried { .. }, Some(first)) = (feed, self.repeated.operands[input]) {
                writer.copy_all(
                    graph.input_width(input) as u32,
                    &self.state(input),
                    &(self.place)(first),
                );
            }
        }
        for (slot, start, _) in self.plan.counters.iter().flatten() {
            writer.copy(&self.slot(*slot), &Place::still(*start));
        }
        let mut sums = false;
        for (_, outcome, result) in self.outcomes() {
            match outcome {
                Outcome::Sum { output } => {
                    sums = true;
                    writer.clear(graph.output_width(output) as u32, &result);
                }
                Outcome::Target { target } => {
                    for places in Firsts::of(graph, target).cleared {
                        writer.clear(places.len() as u32, &result.behind(places.start));
                    }
                }
                _ => {}
            }
        }
        if !sums {
            self.run(writer, 0, iterations, 1);
            return;
        }
        let blocks = iterations / BLOCK;
        let rest = iterations % BLOCK;
        match blocks {
            0 => {}
            1 => self.block(writer, 0, BLOCK, 1),
            _ => {
                writer.open(blocks);
                self.block(writer, 0, BLOCK, blocks);
                writer.close();
            }
        }
        if rest > 0 {
            self.block(writer, blocks * BLOCK, rest, 1);
        }
    }

    /// A block of terms: sums take turns, and go to the totals.
    fn block(&self, writer: &mut Writer<'_>, first: u32, iterations: u32, blocks: u32) {
        let graph = &self.repeated.repeated;
        let width = |output: usize| graph.output_width(output) as u32;
        let depth = writer.depth();
        let still = |place: Place| {
            let mut place = place;
            place.steps.resize(depth, Step::By(0));
            place
        };
        // The turns of all sums lie one after the other.
        let sums = self.outcomes().filter_map(|(k, outcome, _)| match outcome {
            Outcome::Sum { output } => Some((self.plan.sums[k], TURNS * width(output))),
            _ => None,
        });
        let turns = sums.reduce(|(start, count), (_, more)| (start, count + more));
        if let Some((start, count)) = turns {
            writer.clear(count, &still(self.slot(start)));
        }
        self.run(writer, first, iterations, blocks);
        for (k, outcome, total) in self.outcomes() {
            let Outcome::Sum { output } = outcome else { continue };
            let turns = self.slot(self.plan.sums[k]);
            writer.each(width(output), FEW_SUMS, &mut |writer, at| {
                let turn = |turn: u32| at(&turns.behind(turn), TURNS);
                for (a, b) in [(0, 4), (2, 6), (0, 2), (1, 5), (3, 7), (1, 3), (0, 1)] {
                    writer.add(&turn(a), &turn(b));
                }
                writer.add(&at(&total, 1), &turn(0));
            });
        }
    }

    /// So many iterations, from `first` on, and in a loop of so many blocks, if there is more than one.
    fn run(&self, writer: &mut Writer<'_>, first: u32, iterations: u32, blocks: u32) {
        let outer: SmallVec<[u32; 2]> =
            if blocks > 1 { smallvec![iterations] } else { smallvec![] };
        let counted = |factors: SmallVec<[u32; 2]>, writer: &Writer<'_>| Counted {
            first,
            total: iterations * blocks,
            depth: writer.depth() - factors.len(),
            factors,
        };
        match iterations {
            0 => {}
            1 if outer.is_empty() => self.iteration(writer, &counted(outer, writer)),
            _ => {
                let mut factors = outer;
                factors.push(1);
                writer.open(iterations);
                self.iteration(writer, &counted(factors, writer));
                writer.close();
            }
        }
    }

    /// One iteration.
    fn iteration(&self, writer: &mut Writer<'_>, counted: &Counted) {
        let (graph, body) = (&self.repeated.repeated, &self.repeated.body);
        let mut fed: Vec<Option<Place>> = vec![None; body.definitions.len()];
        for (input, feed) in graph.feeds().iter().enumerate() {
            let value = self.repeated.inputs[input] as usize;
            fed[value] = Some(match (feed, self.repeated.operands[input]) {
                (Feed::Read(walk), Some(operand)) => {
                    counted.walk(writer, &(self.place)(operand), walk)
                }
                _ => match self.plan.counters[input] {
                    Some((slot, _, _)) => self.slot(slot),
                    None => self.state(input),
                },
            });
        }
        for (value, place) in self.direct(writer, counted) {
            fed[value as usize] = Some(place);
        }
        let depth = writer.depth();
        let place = |value: u32| -> Place {
            let (value, behind) = match body.definitions[value as usize] {
                Definition::Entry { of, place, .. } => (of, place),
                _ => (value, 0),
            };
            if let Some(place) = &fed[value as usize] {
                return place.behind(behind);
            }
            let address = self.plan.addresses[value as usize];
            match body.definitions[value as usize] {
                Definition::Constant(_) | Definition::Vector { of: Source::Numbers(_), .. } => {
                    Place::still(address + behind)
                }
                _ => self.slot(address + behind),
            }
        };
        for statement in &body.statements {
            if statement.action == Action::Loop {
                let wide = statement.value as usize;
                let base = self.slot(self.plan.bases[wide]);
                put(writer, body, statement, &place, &self.plan.inner[wide], &base);
                continue;
            }
            if statement.action == Action::Block {
                writer.block(&body.blocks[statement.first as usize], &place);
                continue;
            }
            let operands = body.operands(statement).iter().map(|&value| place(value));
            let operands: SmallVec<[Place; 4]> = operands.collect();
            writer.write(statement.action, &place(statement.value), &operands);
        }
        debug_assert_eq!(depth, writer.depth(), "inner loops are closed");
        self.give(writer, counted, &place);
        self.carry_on(writer, &place);
    }

    /// What an iteration gives goes to sequences, sums and targets.
    fn give(&self, writer: &mut Writer<'_>, counted: &Counted, place: &dyn Fn(u32) -> Place) {
        let graph = &self.repeated.repeated;
        let value = |output: usize| place(self.repeated.outputs[output]);
        for (k, outcome, result) in self.outcomes() {
            match outcome {
                Outcome::Last { .. } => {}
                Outcome::Sequence { output } => {
                    let width = graph.output_width(output) as u32;
                    let own = counted.even(&result, i64::from(width));
                    writer.copy_all(width, &own, &value(output));
                }
                Outcome::Sum { output } => {
                    let turn = counted.turn(writer, &self.slot(self.plan.sums[k]));
                    let (width, value) = (graph.output_width(output) as u32, value(output));
                    writer.each(width, FEW_SUMS, &mut |writer, at| {
                        writer.add(&at(&turn, TURNS), &at(&value, 1));
                    });
                }
                Outcome::Target { target } => {
                    let stores = Firsts::of(graph, target).stores;
                    for ((output, walk), stored) in
                        graph.targets()[target].writes().iter().zip(stores)
                    {
                        let own = counted.walk(writer, &result, walk);
                        let value = value(*output);
                        let width = graph.output_width(*output) as u32;
                        if stored {
                            writer.copy(&own, &value);
                        } else {
                            writer.each(width, FEW, &mut |writer, at| {
                                writer.add(&at(&own, 1), &at(&value, 1));
                            });
                        }
                    }
                }
            }
        }
    }

    /// States become what the next iteration starts from; one that becomes another state waits until that was read.
    fn carry_on(&self, writer: &mut Writer<'_>, place: &dyn Fn(u32) -> Place) {
        for (slot, _, step) in self.plan.counters.iter().flatten() {
            writer.add(&self.slot(*slot), &Place::still(*step));
        }
        let graph = &self.repeated.repeated;
        let carried = graph.feeds().iter().enumerate().filter_map(|(input, feed)| match *feed {
            // What no iteration changes stays where it is.
            Feed::Carried { from }
                if self.repeated.outputs[from] != self.repeated.inputs[input] =>
            {
                Some((input, from, graph.input_width(input) as u32))
            }
            _ => None,
        });
        let carried: Vec<(usize, usize, u32)> = carried.collect();
        let is_state = |output: usize| {
            let value = self.repeated.outputs[output];
            carried.iter().any(|&(input, _, _)| self.repeated.inputs[input] == value)
        };
        let spare = |input: usize, width: u32| self.slot(self.plan.states[input] + width);
        for &(input, from, width) in carried.iter().filter(|(_, from, _)| is_state(*from)) {
            writer.copy_all(width, &spare(input, width), &place(self.repeated.outputs[from]));
        }
        for &(input, from, width) in &carried {
            let next = match is_state(from) {
                true => spare(input, width),
                false => place(self.repeated.outputs[from]),
            };
            writer.copy_all(width, &self.state(input), &next);
        }
    }

    /// Values that are computed where they are wanted: next states and entries of sequences.
    fn direct(&self, writer: &mut Writer<'_>, counted: &Counted) -> Vec<(u32, Place)> {
        let (graph, body) = (&self.repeated.repeated, &self.repeated.body);
        let givers = body.givers();
        let is_single = |value: u32| {
            let giver = body.statements.get(givers[value as usize] as usize);
            giver.is_some_and(|giver| !matches!(giver.action, Action::Loop | Action::Block))
        };
        let mut direct: Vec<(u32, Place)> = Vec::new();
        for (input, feed) in graph.feeds().iter().enumerate() {
            let Feed::Carried { from } = *feed else { continue };
            let (state, next) = (self.repeated.inputs[input], self.repeated.outputs[from]);
            let taken = direct.iter().any(|(value, _)| *value == next);
            if taken || !is_single(next) || self.repeated.outputs.contains(&state) {
                continue;
            }
            // The state must not be read any more once the next one is there.
            let computed = givers[next as usize] as usize;
            let mut late = false;
            for statement in &body.statements[computed + 1..] {
                body.each_operand(statement, |value| late |= value == state);
            }
            if !late {
                direct.push((next, self.state(input)));
            }
        }
        for (_, outcome, result) in self.outcomes() {
            let places: SmallVec<[(usize, Place); 4]> = match outcome {
                Outcome::Sequence { output } => smallvec![(output, counted.even(&result, 1))],
                Outcome::Target { target } => {
                    let writes = graph.targets()[target].writes().iter();
                    let stored = writes.zip(Firsts::of(graph, target).stores).filter(|each| each.1);
                    stored.map(|((k, walk), _)| (*k, counted.walk(writer, &result, walk))).collect()
                }
                _ => continue,
            };
            for (output, place) in places {
                let value = self.repeated.outputs[output];
                if graph.output_width(output) == 1
                    && is_single(value)
                    && !direct.iter().any(|(other, _)| *other == value)
                {
                    direct.push((value, place));
                }
            }
        }
        direct
    }
}
