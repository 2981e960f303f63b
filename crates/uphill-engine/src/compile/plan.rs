//! What is laid out before instructions are written: the numbers known at compile time, each once, and addresses within
//! loops.

use rustc_hash::FxHashMap;
use uphill_graph::{Feed, Outcome};

use super::draft::{Definition, Draft, DraftLoop, Source, Wide};
use super::slots;
use super::writer::TURNS;

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

/// Addresses within a loop's body.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Of constants and vectors of numbers the address, of computed values the slot within the loop.
    pub(super) addresses: Vec<u32>,
    /// For each wide value of the body: the plan, if it is a loop.
    pub(super) inner: Vec<Plan>,
    /// For each of those, where its slots start among the body's.
    pub(super) bases: Vec<u32>,
    /// By input and by outcome: where states and sums start, behind the body's slots.
    pub(super) states: Vec<u32>,
    pub(super) sums: Vec<u32>,
    /// By input: the slot of a counter, and the addresses of its first number and of its step.
    pub(super) counters: Vec<Option<(u32, u32, u32)>>,
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
