//! Loops of a draft, as loops of a program: where a body's values lie in each iteration, and the instructions.
//!
//! What a body reads lies where it was computed, at places that move; so does what it gives: sequences are written where
//! they are kept, and carried states stay in one slot each. A sum has eight slots that take turns, folded after each block
//! (the shape of `uphill_graph`'s sums), so a loop with sums of more terms than a block is a loop of blocks.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};
use uphill_graph::{Feed, Op, Outcome, Walk};

use super::constants::Constants;
use super::draft::{Definition, Draft, DraftBlock, DraftLoop, Source, Statement, Wide};
use super::slots;
use super::weights::weights;
use crate::code::{Action, Block, Code, Instruction, Loop, Operands, Step, Weights};

const TURNS: u32 = Outcome::TURNS as u32;
const BLOCK: u32 = Outcome::BLOCK as u32;
/// Up to so many entries of a vector are copied one by one, and up to so many added up.
const FEW: u32 = 4;
const FEW_SUMS: u32 = 32;

/// Where a value lies: an address in the first iterations, and how it moves with each open loop, outermost first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) address: u32,
    pub(super) steps: SmallVec<[Step; 2]>,
}

impl Place {
    pub(super) fn still(address: u32) -> Place {
        Place { address, steps: SmallVec::new() }
    }

    /// The place so many addresses further on.
    fn behind(&self, entries: u32) -> Place {
        Place { address: self.address.wrapping_add(entries), steps: self.steps.clone() }
    }

    /// With a further open loop, that moves it so.
    fn moved(&self, step: Step) -> Place {
        let mut place = self.clone();
        place.steps.push(step);
        place
    }
}

/// Addresses within a loop's body.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Of constants and vectors of numbers the address, of computed values the slot within the loop.
    addresses: Vec<u32>,
    /// For each wide value of the body: the plan, if it is a loop.
    inner: Vec<Plan>,
    /// For each of those, where its slots start among the body's.
    bases: Vec<u32>,
    /// By input and by outcome: where states and sums start, behind the body's slots.
    states: Vec<u32>,
    sums: Vec<u32>,
    /// By input: the slot of a counter, and the addresses of its first number and of its step.
    counters: Vec<Option<(u32, u32, u32)>>,
    /// How many slots there are.
    pub(super) slots: u32,
}

/// The plans of all wide values of a draft.
pub(super) fn plans(draft: &Draft, constants: &mut Constants) -> Vec<Plan> {
    let plan = |wide: &Wide| match wide {
        Wide::Loop(repeated) => Plan::new(repeated, constants),
        Wide::Vector { .. } => Plan::default(),
    };
    draft.wide.iter().map(plan).collect()
}

impl Plan {
    fn new(repeated: &DraftLoop, constants: &mut Constants) -> Plan {
        let body = &repeated.body;
        let inner = plans(body, constants);
        let mut addresses = vec![u32::MAX; body.definitions.len()];
        let order: Vec<u32> = (0..body.statements.len() as u32).collect();
        let mut later = vec![false; body.definitions.len()];
        body.mark_outputs(&mut later);
        let within = |wide: u32| inner[wide as usize].slots;
        let is_later = |value: u32| later[value as usize];
        let assigned = slots::assign(body, &order, is_later, &within, 0, &mut addresses);
        let mut bases = vec![0; body.wide.len()];
        assigned.bases.iter().for_each(|&(wide, base)| bases[wide as usize] = base);
        constants.gather(body, &mut addresses);
        let mut plan = Plan { addresses, inner, bases, slots: assigned.slots, ..Plan::default() };
        let graph = &repeated.repeated;
        for input in 0..graph.feeds().len() {
            plan.states.push(plan.slots);
            match graph.feeds()[input] {
                // Twice: a state may become another one, which then must wait.
                Feed::Carried { .. } => plan.slots += 2 * graph.input_width(input) as u32,
                Feed::Counter { start, step } => {
                    let [start, step] = [start, step].map(|number| constants.number(number as f64));
                    plan.counters.push(Some((plan.slots, start, step)));
                    plan.slots += 1;
                    continue;
                }
                Feed::Read(_) => {}
            }
            plan.counters.push(None);
        }
        for outcome in graph.outcomes() {
            plan.sums.push(plan.slots);
            if let Outcome::Sum { output } = *outcome {
                plan.slots += TURNS * graph.output_width(output) as u32;
            }
        }
        plan
    }
}

/// A loop whose body is being written.
struct Open {
    number: usize,
    first: usize,
    steps: Vec<Step>,
}

/// Writes what is done for each entry of vectors. It is given how to find the entry's place by that of the first one, and
/// by how far two of them lie apart.
type ForEach<'f, 'c> = dyn FnMut(&mut Writer<'c>, &dyn Fn(&Place, u32) -> Place) + 'f;

/// Writes instructions, in loops or not.
pub(super) struct Writer<'c> {
    code: &'c mut Code,
    open: Vec<Open>,
    /// The address of -0.
    nothing: u32,
    tables: &'c mut Tables,
}

/// Tables in the pool of a piece of code, which its loops share.
#[derive(Default)]
pub(super) struct Tables {
    /// Where that of turns starts, once it is there.
    turns: Option<u32>,
    /// Where those of distances do, by what they were made of.
    distances: FxHashMap<(usize, i64, i64, i64, u32), u32>,
}

/// How the iterations of a loop are counted by open loops of the program: from `first` on, each of these so many times.
#[derive(Debug, Clone)]
struct Counted {
    first: u32,
    factors: SmallVec<[u32; 2]>,
    /// How many iterations they count in all.
    total: u32,
    /// How many loops are open around them.
    depth: usize,
}

/// How all of these places move in so many open loops, if they do alike.
fn alike(places: &[Place], depth: usize) -> Option<SmallVec<[Step; 2]>> {
    let steps = |place: &Place| {
        let mut steps = place.steps.clone();
        steps.resize(depth, Step::By(0));
        steps
    };
    let first = steps(places.first()?);
    places.iter().all(|place| steps(place) == first).then_some(first)
}

fn is_still(step: &Step) -> bool {
    *step == Step::By(0)
}

impl<'c> Writer<'c> {
    pub(super) fn new(code: &'c mut Code, nothing: u32, tables: &'c mut Tables) -> Writer<'c> {
        Writer { code, open: Vec::new(), nothing, tables }
    }

    fn open(&mut self, iterations: u32) {
        let number = self.code.loops.len();
        self.code.loops.push(Loop { iterations, length: 0, first_step: 0 });
        let (action, target) = (Action::Loop, 0);
        self.code.instructions.push(Instruction { action, target, x: number as u32, y: 0, z: 0 });
        let first = self.code.instructions.len();
        self.open.push(Open { number, first, steps: Vec::new() });
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let repeat = &mut self.code.loops[open.number];
        repeat.length = (self.code.instructions.len() - open.first) as u32;
        repeat.first_step = self.code.steps.len() as u32;
        self.code.steps.extend(open.steps);
    }

    /// One instruction; what moves with fewer loops than are open stands still in the others.
    fn write(&mut self, action: Action, target: &Place, operands: &[Place]) {
        for place in std::iter::once(target).chain(operands) {
            for (level, open) in self.open.iter_mut().enumerate() {
                open.steps.push(place.steps.get(level).copied().unwrap_or(Step::By(0)));
            }
        }
        let [x, y, z] = match action.operands() {
            Operands::Inline(_) => {
                let mut each = operands.iter().map(|place| place.address);
                [0; 3].map(|none| each.next().unwrap_or(none))
            }
            Operands::Pool | Operands::None => {
                let first = self.code.pool.len() as u32;
                self.code.pool.extend(operands.iter().map(|place| place.address));
                [first, operands.len() as u32, 0]
            }
        };
        self.code.instructions.push(Instruction { action, target: target.address, x, y, z });
    }

    /// A dense block, if what it reads of a kind moves alike; else each of its dot products by itself.
    fn block(&mut self, block: &DraftBlock, place: &dyn Fn(u32) -> Place) {
        let places = |values: &[u32]| values.iter().map(|&x| place(x)).collect::<Vec<Place>>();
        let [targets, inputs, rows] =
            [&block.results, &block.inputs, &block.weights].map(|values| places(values));
        let depth = self.open.len();
        let alike = [&targets, &inputs, &rows].map(|places| alike(places, depth));
        let addresses = |places: &[Place]| places.iter().map(|place| place.address).collect();
        let matrix = weights(addresses(&rows), inputs.len());
        if let [Some(of_targets), Some(of_inputs), Some(of_rows)] = alike
            && (matches!(matrix, Weights::Affine { .. }) || of_rows.iter().all(is_still))
        {
            for steps in [of_targets, of_inputs, of_rows] {
                let levels = self.open.iter_mut().zip(steps);
                levels.for_each(|(open, step)| open.steps.push(step));
            }
            let number = self.code.blocks.len() as u32;
            let (inputs, targets) = (addresses(&inputs), addresses(&targets));
            self.code.blocks.push(Block { inputs, targets, weights: matrix });
            let (action, target) = (Action::Block, 0);
            self.code.instructions.push(Instruction { action, target, x: number, y: 0, z: 0 });
            return;
        }
        for (target, row) in targets.iter().zip(rows.chunks_exact(inputs.len())) {
            let pairs = inputs.iter().zip(row).flat_map(|(x, y)| [x.clone(), y.clone()]);
            let pairs: Vec<Place> = pairs.collect();
            self.write(Action::Dot, target, &pairs);
        }
    }

    fn copy(&mut self, target: &Place, value: &Place) {
        if target != value {
            self.write(Action::Copy, target, std::slice::from_ref(value));
        }
    }

    /// For each entry of vectors of so many: a loop, if there are more than a few.
    fn each(&mut self, entries: u32, few: u32, write: &mut ForEach<'_, 'c>) {
        if entries <= few {
            for k in 0..entries {
                write(self, &|place, apart| place.behind(k * apart));
            }
            return;
        }
        let level = self.open.len();
        self.open(entries);
        write(self, &|place, apart| {
            let mut place = place.clone();
            place.steps.resize(level, Step::By(0));
            place.moved(Step::By(apart as i32))
        });
        self.close();
    }

    fn copy_all(&mut self, entries: u32, target: &Place, value: &Place) {
        self.each(entries, FEW, &mut |writer, at| writer.copy(&at(target, 1), &at(value, 1)));
    }

    fn clear(&mut self, entries: u32, target: &Place) {
        let nothing = Place::still(self.nothing);
        self.each(entries, FEW, &mut |writer, at| writer.copy(&at(target, 1), &nothing));
    }

    fn add(&mut self, target: &Place, value: &Place) {
        self.write(Action::Op(Op::Add), target, &[target.clone(), value.clone()]);
    }

    /// A loop, or a vector that is put together; `place` tells where values around lie, `base` where the loop's own slots
    /// start.
    pub(super) fn wide(
        &mut self,
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
                    self.copy(&vector.behind(k as u32), &place(value));
                }
            }
            Wide::Loop(repeated) => Repeat { repeated, plan, place, base }.write(self),
        }
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
                Outcome::Target { target } if self.stored(target).is_none() => {
                    writer.clear(graph.targets()[target].width() as u32, &result);
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
        let depth = writer.open.len();
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
            depth: writer.open.len() - factors.len(),
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

    /// The target's output, if it is written once to each place, evenly: then it is stored, not added.
    fn stored(&self, target: usize) -> Option<usize> {
        let graph = &self.repeated.repeated;
        let (width, writes) = (graph.targets()[target].width(), graph.targets()[target].writes());
        let [(output, walk)] = writes else { return None };
        let covers = walk.lookup().is_none()
            && walk.stride().abs() == 1
            && graph.output_width(*output) == 1
            && graph.iterations() == width;
        covers.then_some(*output)
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
        let depth = writer.open.len();
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
                writer.wide(body, statement, &place, &self.plan.inner[wide], &base);
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
        debug_assert_eq!(depth, writer.open.len(), "inner loops are closed");
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
                    let stored = self.stored(target).is_some();
                    for (output, walk) in graph.targets()[target].writes() {
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
            let (output, place) = match outcome {
                Outcome::Sequence { output } => (output, counted.even(&result, 1)),
                Outcome::Target { target } => match self.stored(target) {
                    Some(output) => (
                        output,
                        counted.walk(writer, &result, &graph.targets()[target].writes()[0].1),
                    ),
                    None => continue,
                },
                _ => continue,
            };
            let value = self.repeated.outputs[output];
            if graph.output_width(output) == 1
                && is_single(value)
                && !direct.iter().any(|(other, _)| *other == value)
            {
                direct.push((value, place));
            }
        }
        direct
    }
}

impl Counted {
    /// The place with a step for each loop that is open around.
    fn around(&self, place: &Place) -> Place {
        let mut place = place.clone();
        place.steps.resize(self.depth, Step::By(0));
        place
    }

    /// A place that moves evenly with the iterations.
    fn even(&self, first: &Place, stride: i64) -> Place {
        let mut place = self.around(first).behind((stride * i64::from(self.first)) as u32);
        for factor in &self.factors {
            place.steps.push(Step::By((stride * i64::from(*factor)) as i32));
        }
        place
    }

    /// A place that moves as a walk does.
    fn walk(&self, writer: &mut Writer<'_>, operand: &Place, walk: &Walk) -> Place {
        let start = operand.behind(walk.start() as u32);
        let Some((table, first, step)) = walk.lookup().filter(|_| !walk.is_still()) else {
            return self.even(&start, walk.stride());
        };
        let first = first + step * i64::from(self.first);
        let distance = |i: u32| {
            let entry = (first + step * i64::from(i)) as usize;
            (walk.stride() * i64::from(table[entry])) as u32
        };
        if self.factors.is_empty() {
            return start.behind(distance(0));
        }
        let key = (table.as_ptr() as usize, first, step, walk.stride(), self.total);
        let code = &mut *writer.code;
        let pool = *writer.tables.distances.entry(key).or_insert_with(|| {
            let pool = code.pool.len() as u32;
            code.pool.extend((0..self.total).map(distance));
            pool
        });
        self.looked_up(&start, pool)
    }

    /// A place that moves by a table of distances in the pool.
    fn looked_up(&self, start: &Place, pool: u32) -> Place {
        let mut place = self.around(start);
        let outer = self.factors.len().saturating_sub(1);
        place.steps.extend(self.factors[..outer].iter().map(|&factor| Step::Row(factor as i32)));
        place.moved(Step::Table(pool))
    }

    /// The sum whose turn it is.
    fn turn(&self, writer: &mut Writer<'_>, first: &Place) -> Place {
        let mut place = self.around(first);
        let Some(outer) = self.factors.len().checked_sub(1) else { return place };
        place.steps.extend((0..outer).map(|_| Step::By(0)));
        let code = &mut *writer.code;
        let start = *writer.tables.turns.get_or_insert_with(|| {
            let start = code.pool.len() as u32;
            code.pool.extend((0..BLOCK).map(|i| i % TURNS));
            start
        });
        place.moved(Step::Table(start))
    }
}
