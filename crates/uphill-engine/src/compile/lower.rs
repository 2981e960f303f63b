//! The last step: addresses for all values, and instructions.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::draft::{Definition, Draft, Output, Source, Statement};
use super::pace::{Pace, steady};
use super::repeat::{self, Place, Plan, Tables, Writer};
use super::roll::{Segment, Sequence, roll};
use super::slots;
use super::wide::width;
use crate::program::{
    Action, Block, Code, Instruction, Layout, Loop, Operands, Outer, Outputs, Place as Found, Step,
    Weights,
};

/// What lowering makes of a draft, and of the draft of the code after the sums.
pub(crate) struct Lowered {
    pub(crate) layout: Layout,
    pub(crate) before: Code,
    pub(crate) sample: Code,
    pub(crate) after: Code,
    pub(crate) outputs: Outputs,
}

/// How many numbers there are of each kind that a run takes, and that samples add to at places of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) shared: usize,
    pub(crate) columns: usize,
    pub(crate) targets: u32,
}

/// Whether pieces that repeat become loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rolling {
    On,
    Off,
}

/// A place for every value, then the instructions; and where the outputs of the draft lie, whatever comes after it: of
/// vectors the first entry.
pub(crate) fn lower(
    draft: &Draft,
    after: Option<&Draft>,
    counts: Counts,
    rolling: Rolling,
) -> (Lowered, Vec<Found>) {
    let mut layout = Layout::default();
    let mut constants = Constants::default();
    let mut addresses = vec![u32::MAX; draft.definitions.len()];
    constants.gather(draft, &mut addresses);
    let plans = repeat::plans(draft, &mut constants);
    let mut after_addresses = vec![u32::MAX; after.map_or(0, |after| after.definitions.len())];
    if let Some(after) = after {
        constants.gather(after, &mut after_addresses);
    }
    let after_plans = after.map_or(Vec::new(), |after| repeat::plans(after, &mut constants));
    let loops = !plans.is_empty() || !after_plans.is_empty();
    let nothing = if loops { constants.number(-0.0) } else { 0 };
    layout.constants = constants.numbers;
    layout.shared = layout.constants.len() as u32;
    layout.shared_count = counts.shared as u32;

    let (before, sample): (Vec<u32>, Vec<u32>) = (0..draft.statements.len() as u32)
        .partition(|&s| !draft.is_varying(&draft.statements[s as usize]));
    let mut later = vec![false; draft.definitions.len()];
    for &statement in &sample {
        draft.each_operand(&draft.statements[statement as usize], |v| later[v as usize] = true);
    }
    draft.mark_outputs(&mut later);
    for (value, definition) in draft.definitions.iter().enumerate() {
        match definition {
            Definition::Shared(position)
            | Definition::Vector { of: Source::Shared(position), .. } => {
                addresses[value] = layout.shared + position;
            }
            _ => {}
        }
    }

    let base = layout.shared + layout.shared_count;
    let before_segments = segments(draft, &before, rolling);
    let is_later = |value: u32| later[value as usize];
    let within = |wide: u32| plans[wide as usize].slots;
    let before_slots =
        slots::assign(draft, &before, &before_segments, is_later, &within, base, &mut addresses);
    layout.sums = base + before_slots.slots;
    layout.sum_count = draft.sum_count;
    layout.sample_count = layout.sums + layout.sum_count;

    layout.targets = layout.sample_count + 1;
    layout.target_count = counts.targets;
    let after_base = layout.targets + layout.target_count;
    let mut after_code = Code::default();
    layout.per_call = after_base;
    if let Some(after) = after {
        for (value, definition) in after.definitions.iter().enumerate() {
            match definition {
                Definition::Shared(position)
                | Definition::Vector { of: Source::Shared(position), .. } => {
                    after_addresses[value] = layout.shared + position;
                }
                Definition::Sum(position)
                | Definition::Vector { of: Source::Sums(position), .. } => {
                    after_addresses[value] = layout.sums + position;
                }
                Definition::Target(position)
                | Definition::Vector { of: Source::Targets(position), .. } => {
                    after_addresses[value] = layout.targets + position;
                }
                Definition::SampleCount => after_addresses[value] = layout.sample_count,
                _ => {}
            }
        }
        let order: Vec<u32> = (0..after.statements.len() as u32).collect();
        let segments = segments(after, &order, rolling);
        let mut outputs = vec![false; after.definitions.len()];
        after.mark_outputs(&mut outputs);
        let is_output = |value: u32| outputs[value as usize];
        let within = |wide: u32| after_plans[wide as usize].slots;
        let slots = slots::assign(
            after,
            &order,
            &segments,
            is_output,
            &within,
            after_base,
            &mut after_addresses,
        );
        layout.per_call += slots.slots;
        let loops =
            Loops { plans: &after_plans, bases: slots.bases.into_iter().collect(), nothing };
        after_code = emit(after, &order, &segments, &after_addresses, &layout, &loops);
    }

    layout.column_count = counts.columns as u32;
    for (value, definition) in draft.definitions.iter().enumerate() {
        match definition {
            Definition::Column(position)
            | Definition::Vector { of: Source::Columns(position), .. } => {
                addresses[value] = layout.per_call + position;
            }
            _ => {}
        }
    }
    let base = layout.per_call + layout.column_count;
    let sample_segments = segments(draft, &sample, rolling);
    let mut outputs = vec![false; draft.definitions.len()];
    draft.mark_outputs(&mut outputs);
    let is_output = |value: u32| outputs[value as usize];
    let slots =
        slots::assign(draft, &sample, &sample_segments, is_output, &within, base, &mut addresses);
    layout.end = base + slots.slots;

    let own = places(draft, &addresses, &layout);
    let outputs = after.map_or(Outputs::default(), |after| {
        named(after, &places(after, &after_addresses, &layout))
    });
    let bases = before_slots.bases.into_iter().chain(slots.bases).collect();
    let loops = Loops { plans: &plans, bases, nothing };
    let lowered = Lowered {
        before: emit(draft, &before, &before_segments, &addresses, &layout, &loops),
        sample: emit(draft, &sample, &sample_segments, &addresses, &layout, &loops),
        after: after_code,
        outputs,
        layout,
    };
    (lowered, own)
}

/// Where a value lies; an entry of a vector, as far behind its first one as it is.
fn address_of(draft: &Draft, addresses: &[u32], value: u32) -> u32 {
    match draft.definitions[value as usize] {
        Definition::Entry { of, place, .. } => addresses[of as usize] + place,
        _ => addresses[value as usize],
    }
}

/// What is known of a draft's loops.
struct Loops<'l> {
    plans: &'l [Plan],
    /// Where the slots of each start.
    bases: FxHashMap<u32, u32>,
    /// The address of -0.
    nothing: u32,
}

fn places(draft: &Draft, addresses: &[u32], layout: &Layout) -> Vec<Found> {
    let place = |output: &Output| {
        let address = match *output {
            Output::Sum(position) => layout.sums + position,
            Output::Value(value) => address_of(draft, addresses, value),
            Output::Entries { of, first, .. } => addresses[of as usize] + first,
        };
        if layout.is_per_sample(address) {
            Found::PerSample(address)
        } else {
            Found::PerCall(address)
        }
    };
    draft.outputs.iter().map(|(_, output)| place(output)).collect()
}

/// The outputs of a draft, which lie at these places.
pub(super) fn named(draft: &Draft, places: &[Found]) -> Outputs {
    let mut outputs = Outputs::with_capacity(draft.outputs.len());
    for ((name, output), &place) in draft.outputs.iter().zip(places) {
        let (first, count) = match *output {
            Output::Entries { count, .. } => (Some(0), count),
            Output::Value(_) | Output::Sum(_) => (None, 1),
        };
        outputs.push(name.clone(), first, place, count);
    }
    outputs
}

/// The numbers known at compile time, each once.
#[derive(Default)]
pub(super) struct Constants {
    numbers: Vec<f64>,
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

/// Loops, and what lies between them.
fn segments(draft: &Draft, order: &[u32], rolling: Rolling) -> Vec<Segment> {
    if rolling == Rolling::Off {
        return vec![Segment::Straight(0..order.len())];
    }
    let (mut numbers, offset) = numbered(draft);
    let mut sequence = Sequence { keys: Vec::new(), operands: Vec::new(), starts: vec![0] };
    sequence.keys.reserve_exact(order.len());
    sequence.starts.reserve_exact(order.len());
    sequence.operands.reserve(draft.pool.len());
    let mut kinds: FxHashMap<(Action, u32), u64> = FxHashMap::default();
    for (position, &statement) in order.iter().enumerate() {
        let statement = &draft.statements[statement as usize];
        let next = kinds.len() as u64;
        let mut key = *kinds.entry((statement.action, statement.count)).or_insert(next);
        match statement.action {
            // These are in no loop: no other has the same key.
            Action::Block | Action::OuterTotal | Action::Loop => key = !(position as u64),
            Action::Total => {
                let sum = statement.value;
                sequence
                    .operands
                    .extend(draft.operands(statement).iter().map(|&v| numbers[v as usize]));
                sequence.operands.push(sum);
            }
            _ => {
                let operands = draft.operands(statement).iter().map(|&v| numbers[v as usize]);
                sequence.operands.extend(operands);
            }
        }
        sequence.keys.push(key);
        sequence.starts.push(sequence.operands.len() as u32);
        draft.each_result(statement, |value| numbers[value as usize] = offset + position as u32);
    }
    roll(&sequence)
}

/// A number for each value that is there from the start, and the next one: entries of a vector have numbers one after the
/// other, so that it is seen where they are read one after the other.
fn numbered(draft: &Draft) -> (Vec<u32>, u32) {
    let mut numbers: Vec<u32> = (0..draft.definitions.len() as u32).collect();
    let mut next = draft.definitions.len() as u32;
    let mut firsts: FxHashMap<u32, u32> = FxHashMap::default();
    for (value, definition) in draft.definitions.iter().enumerate() {
        if let Definition::Entry { of, place, .. } = *definition {
            let first = *firsts.entry(of).or_insert_with(|| {
                let first = next;
                next += width(draft, of);
                first
            });
            numbers[value] = first + place;
        }
    }
    (numbers, next)
}

struct Emitter<'d> {
    draft: &'d Draft,
    addresses: &'d [u32],
    layout: &'d Layout,
    loops: &'d Loops<'d>,
    tables: Tables,
    code: Code,
}

fn emit(
    draft: &Draft,
    order: &[u32],
    segments: &[Segment],
    addresses: &[u32],
    layout: &Layout,
    loops: &Loops<'_>,
) -> Code {
    let (tables, code) = (Tables::default(), Code::default());
    let mut emitter = Emitter { draft, addresses, layout, loops, tables, code };
    for segment in segments {
        match *segment {
            Segment::Straight(ref range) => {
                emitter.code.instructions.reserve_exact(range.len());
                for &statement in &order[range.clone()] {
                    emitter.one(&draft.statements[statement as usize]);
                }
            }
            Segment::Loop { start, period, iterations } => {
                emitter.repeated(&order[start..start + period * iterations], period);
            }
        }
    }
    emitter.code
}

impl Emitter<'_> {
    fn address(&self, value: u32) -> u32 {
        address_of(self.draft, self.addresses, value)
    }

    fn list(&self, values: &[u32]) -> Vec<u32> {
        values.iter().map(|&value| self.address(value)).collect()
    }

    /// Where a statement writes.
    fn target(&self, statement: &Statement) -> u32 {
        match statement.action {
            Action::Total => self.layout.sums + statement.value,
            Action::OuterTotal | Action::Block | Action::Loop => 0,
            _ => self.address(statement.value),
        }
    }

    fn one(&mut self, statement: &Statement) {
        if statement.action == Action::Loop {
            return self.wide(statement);
        }
        let [x, y, z] = match statement.action {
            Action::Block => {
                let block = &self.draft.blocks[statement.first as usize];
                let number = self.code.blocks.len() as u32;
                let block = Block {
                    inputs: self.list(&block.inputs),
                    targets: self.list(&block.results),
                    weights: weights(self.list(&block.weights), block.inputs.len()),
                };
                self.code.blocks.push(block);
                [number, 0, 0]
            }
            Action::OuterTotal => {
                let outer = &self.draft.outers[statement.first as usize];
                let number = self.code.outers.len() as u32;
                let outer = Outer {
                    rows: self.list(&outer.rows),
                    columns: self.list(&outer.columns),
                    sums: outer.sums.iter().map(|sum| self.layout.sums + sum).collect(),
                };
                self.code.outers.push(outer);
                [number, 0, 0]
            }
            action => {
                let operands = self.draft.operands(statement);
                match action.operands() {
                    Operands::Inline(_) => {
                        let mut each = operands.iter().map(|&value| self.address(value));
                        [0; 3].map(|none| each.next().unwrap_or(none))
                    }
                    Operands::Pool | Operands::None => {
                        let first = self.code.pool.len() as u32;
                        let addresses: SmallVec<[u32; 8]> =
                            operands.iter().map(|&value| self.address(value)).collect();
                        self.code.pool.extend(addresses);
                        [first, operands.len() as u32, 0]
                    }
                }
            }
        };
        let target = self.target(statement);
        self.code.instructions.push(Instruction { action: statement.action, target, x, y, z });
    }

    /// A loop of the draft, or a vector that is put together.
    fn wide(&mut self, statement: &Statement) {
        let (draft, addresses) = (self.draft, self.addresses);
        let place = |value: u32| Place::still(address_of(draft, addresses, value));
        let wide = statement.value;
        let base = Place::still(self.loops.bases.get(&wide).copied().unwrap_or(0));
        let plan = &self.loops.plans[wide as usize];
        let mut writer = Writer::new(&mut self.code, self.loops.nothing, &mut self.tables);
        writer.wide(draft, statement, &place, plan, &base);
    }

    /// A loop: the instructions of its first iteration, and how their addresses go on.
    fn repeated(&mut self, order: &[u32], period: usize) {
        let iterations = order.len() / period;
        let number = self.code.loops.len() as u32;
        self.code.loops.push(Loop {
            iterations: iterations as u32,
            length: period as u32,
            first_step: self.code.steps.len() as u32,
        });
        let (action, target) = (Action::Loop, 0);
        self.code.instructions.push(Instruction { action, target, x: number, y: 0, z: 0 });
        let paces = self.paces(order, period);
        let mut paces = paces.iter();
        for place in 0..period {
            let statement = self.draft.statements[order[place] as usize];
            self.one(&statement);
            for (which, pace) in paces.by_ref().take(1 + statement.count as usize).enumerate() {
                let step = match pace.step() {
                    Some(by) => Step::By(by),
                    None => {
                        let start = self.code.pool.len() as u32;
                        let own = self.moving(&statement, which);
                        let same = order[place..].iter().step_by(period);
                        let offsets = same.map(|&statement| {
                            let statement = &self.draft.statements[statement as usize];
                            self.moving(statement, which).wrapping_sub(own)
                        });
                        let offsets: Vec<u32> = offsets.collect();
                        self.code.pool.extend(offsets);
                        Step::Table(start)
                    }
                };
                self.code.steps.push(step);
            }
        }
    }

    /// Where a statement writes, and the places of its operands, by number.
    fn moving(&self, statement: &Statement, which: usize) -> u32 {
        match which {
            0 => self.target(statement),
            _ => self.address(self.draft.operands(statement)[which - 1]),
        }
    }

    /// How each address of a loop's statements goes on. Looks at statements in order, since there may be many.
    fn paces(&self, order: &[u32], period: usize) -> Vec<Pace> {
        let mut paces = Vec::new();
        for (iteration, order) in order.chunks_exact(period).enumerate() {
            let mut number = 0;
            for &statement in order {
                let statement = &self.draft.statements[statement as usize];
                for which in 0..=statement.count as usize {
                    let address = self.moving(statement, which);
                    match iteration {
                        0 => paces.push(Pace::new(address)),
                        _ => paces[number].next(address),
                    }
                    number += 1;
                }
            }
        }
        paces
    }
}

/// The addresses of a matrix, in short form if they are regular.
fn weights(addresses: Vec<u32>, columns: usize) -> Weights {
    let row = |r: usize| &addresses[r * columns..(r + 1) * columns];
    let firsts: Vec<u32> = addresses.iter().step_by(columns.max(1)).copied().collect();
    let affine = steady(&firsts)
        .zip(steady(row(0)))
        .filter(|&(_, column_step)| (0..firsts.len()).all(|r| steady(row(r)) == Some(column_step)));
    match affine {
        Some((row_step, column_step)) => {
            Weights::Affine { first: addresses[0], row_step, column_step }
        }
        None => Weights::Table(addresses),
    }
}
