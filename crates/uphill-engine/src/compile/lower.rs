//! The last step: addresses for all values, and instructions.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::draft::{Definition, Draft, Output, Source, Statement};
use super::plan::{self, Constants, Plan};
use super::repeat;
use super::slots;
use super::writer::{Place, Tables, Writer, weights};
use crate::code::{
    Action, Block, Code, Instruction, Layout, Operands, Outer, Outputs, Place as Found,
};
use crate::program::Lowered;

/// How many numbers there are of each kind that a run takes, and that samples add to at places of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) shared: usize,
    pub(crate) columns: usize,
    pub(crate) targets: u32,
}

/// A place for every value, then the instructions; and where the outputs of the draft lie, whatever comes after it: of
/// vectors the first entry.
pub(crate) fn lower(draft: &Draft, after: Option<&Draft>, counts: Counts) -> (Lowered, Vec<Found>) {
    let mut layout = Layout::default();
    let mut constants = Constants::default();
    let mut addresses = vec![u32::MAX; draft.definitions.len()];
    constants.gather(draft, &mut addresses);
    let plans = plan::plans(draft, &mut constants);
    let mut after_addresses = vec![u32::MAX; after.map_or(0, |after| after.definitions.len())];
    if let Some(after) = after {
        constants.gather(after, &mut after_addresses);
    }
    let after_plans = after.map_or(Vec::new(), |after| plan::plans(after, &mut constants));
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
    let is_later = |value: u32| later[value as usize];
    let within = |wide: u32| plans[wide as usize].slots;
    let before_slots = slots::assign(draft, &before, is_later, &within, base, &mut addresses);
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
        let mut outputs = vec![false; after.definitions.len()];
        after.mark_outputs(&mut outputs);
        let is_output = |value: u32| outputs[value as usize];
        let within = |wide: u32| after_plans[wide as usize].slots;
        let slots =
            slots::assign(after, &order, is_output, &within, after_base, &mut after_addresses);
        layout.per_call += slots.slots;
        let loops =
            Loops { plans: &after_plans, bases: slots.bases.into_iter().collect(), nothing };
        after_code = emit(after, &order, &after_addresses, &layout, &loops);
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
    let mut outputs = vec![false; draft.definitions.len()];
    draft.mark_outputs(&mut outputs);
    let is_output = |value: u32| outputs[value as usize];
    let slots = slots::assign(draft, &sample, is_output, &within, base, &mut addresses);
    layout.end = base + slots.slots;

    let own = places(draft, &addresses, &layout);
    let outputs = after.map_or(Outputs::default(), |after| {
        named(after, &places(after, &after_addresses, &layout))
    });
    let bases = before_slots.bases.into_iter().chain(slots.bases).collect();
    let loops = Loops { plans: &plans, bases, nothing };
    let lowered = Lowered {
        before: emit(draft, &before, &addresses, &layout, &loops),
        sample: emit(draft, &sample, &addresses, &layout, &loops),
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
    addresses: &[u32],
    layout: &Layout,
    loops: &Loops<'_>,
) -> Code {
    let (tables, code) = (Tables::default(), Code::default());
    let mut emitter = Emitter { draft, addresses, layout, loops, tables, code };
    emitter.code.instructions.reserve_exact(order.len());
    for &statement in order {
        emitter.one(&draft.statements[statement as usize]);
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
        repeat::put(&mut writer, draft, statement, &place, plan, &base);
    }
}
