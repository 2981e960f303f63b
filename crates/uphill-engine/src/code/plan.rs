//! How a loop runs abreast: what an iteration reads, computes, stores and adds, as code that runs once a sample and ways to
//! get there and back. `abreast.rs` finds out which loops can.

use std::ops::Range;

use uphill_graph::Outcome;

use super::instructions::{Action, Code, Instruction, Layout, Operands, takes_few_instructions};
use super::outputs::Outputs;
use super::sampled::{Sampled, tile_size};
use super::verify::{Section, Verified, verify, verify_layout};
use super::ways::Way;
use crate::error::Error;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// One for all iterations.
    Number(u32),
    /// What is read in a place that moves.
    Column(u32),
    /// What a statement gives, by its position.
    Computed(u32),
}

/// `place = place + x`, or with a product of two; or `place = x`, which comes first.
#[derive(Debug, Clone)]
pub(crate) struct Tail {
    pub(crate) action: Action,
    pub(crate) target: Way,
    pub(crate) factors: [Source; 2],
    /// Whether it goes to the place whose turn it is.
    pub(crate) takes_turns: bool,
    /// Where blocks of terms go, if there are several: by turns within a block.
    pub(crate) blocks: Option<Blocks>,
}

/// Of a sum over blocks of terms, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blocks {
    /// What turns begin with, and the total.
    pub(crate) nothing: u32,
    pub(crate) total: u32,
}

/// A place that a number is added to in each iteration, and that is read before: a counter.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    pub(crate) place: Way,
    pub(crate) step: Source,
}

/// A loop, as numbers and columns, what is computed of them, and what becomes of that.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) iterations: u32,
    pub(crate) numbers: Vec<Way>,
    pub(crate) columns: Vec<Way>,
    /// What the columns behind those hold.
    pub(crate) counters: Vec<Counter>,
    pub(super) steps: Vec<Computed>,
    pub(crate) stores: Vec<(Way, Source)>,
    /// What the last iteration leaves in places that stay.
    pub(crate) lasts: Vec<(Way, Source)>,
    pub(crate) tails: Vec<Tail>,
    pub(crate) groups: Vec<Group>,
    /// Whether a place is read and then stored in the same iteration.
    pub(crate) in_place: bool,
}

/// Tails that may add to the same places.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) tails: Range<usize>,
    /// By how much all of them move, if they do alike.
    pub(crate) along: Option<i32>,
}

impl Group {
    /// Whether what is stored by these tails, which are all of the group's, comes to each place before the others.
    pub(super) fn is_ordered(&self, tails: &[Tail]) -> bool {
        let mut firsts = tails.iter().enumerate().filter(|(_, tail)| tail.action == Action::Copy);
        firsts.all(|(k, first)| {
            let mut others = tails.iter().enumerate().filter(|(other, _)| *other != k);
            self.along.is_some() && others.all(|(_, tail)| first.target.is_before(&tail.target))
        })
    }
}

/// A statement.
#[derive(Debug, Clone)]
pub(super) struct Computed {
    pub(super) action: Action,
    pub(super) operands: Vec<Source>,
}

/// A loop that can run abreast.
#[derive(Debug)]
pub(crate) struct Abreast {
    /// Its number in the code.
    pub(crate) number: u32,
    pub(crate) plan: Plan,
    /// What an iteration computes.
    pub(crate) program: Body,
    /// A vector of outputs that the loop stores as a whole, where nobody else needs it.
    pub(crate) gives: Option<Gives>,
}

/// Which of a loop's stores gives a run of outputs, and where that begins among all outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gives {
    pub(crate) store: usize,
    pub(crate) at: usize,
}

/// What an iteration computes, as code that runs once a sample: numbers are its shared inputs.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) layout: Layout,
    pub(crate) sample: Verified,
    pub(crate) tile: u32,
    /// What goes back to memory: lanes hold nothing else for sure.
    kept: Vec<u32>,
}

impl Sampled for Body {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn sample(&self) -> &Verified {
        &self.sample
    }

    fn tile(&self) -> usize {
        self.tile as usize
    }

    fn kept(&self) -> Vec<u32> {
        self.kept.clone()
    }
}

/// Whether an action computes no elementary function.
fn is_quick(action: Action) -> bool {
    match action {
        Action::Op(op) => takes_few_instructions(op),
        _ => true,
    }
}

/// How many iterations make a piece: as [`tile_size`], and more where an iteration has few numbers, so that what a piece
/// costs once is little; most numbers are passed along in registers. Stretches are whole pieces of any of these sizes.
fn piece_size(numbers: usize) -> u32 {
    const SIZES: [u32; 3] = [768, 384, 192];
    let fits = |&size: &u32| numbers * size as usize * size_of::<f64>() <= 64 << 10;
    SIZES.into_iter().find(fits).unwrap_or_else(|| tile_size(numbers))
}

impl Plan {
    /// About how much an iteration computes and adds.
    pub(crate) fn weight(&self) -> usize {
        let steps = self.steps.iter().map(|step| if is_quick(step.action) { 1 } else { 8 });
        steps.sum::<usize>() + self.columns.len() + self.stores.len() + 2 * self.tails.len()
    }

    /// Whether machine code is slower than lanes: it computes elementary functions one at a time, and goes over numbers that
    /// lie one after the other one at a time. Where much is added for little that is computed, it is faster, since it goes
    /// over memory once.
    pub(crate) fn is_faster_in_lanes(&self) -> bool {
        let is_beside = |way: &Way| way.pace() == Some(1);
        let stores = self.stores.iter().map(|(way, _)| way);
        let only_stores = self.tails.is_empty() && stores.chain(&self.columns).all(is_beside);
        only_stores || self.steps.iter().any(|step| !is_quick(step.action))
    }

    /// Whether iterations can be shared out in stretches: of all that is added to a place, few iterations give a part. Not so
    /// where a running sum or a table says what comes first.
    pub(crate) fn splits(&self) -> bool {
        let sums = |tail: &Tail| tail.blocks.is_some();
        self.counters.is_empty()
            && self.stores.iter().all(|(way, _)| way.is_even())
            && self.groups.iter().all(|group| {
                group.along.is_some() || self.tails[group.tails.clone()].iter().all(sums)
            })
    }

    /// How often an iteration reads each column.
    pub(crate) fn reads(&self) -> Vec<usize> {
        let mut reads = vec![0; self.columns.len()];
        let stored = self.stores.iter().chain(&self.lasts).map(|(_, source)| source);
        let added = self.tails.iter().flat_map(|tail| &tail.factors);
        let computed = self.steps.iter().flat_map(|step| &step.operands);
        for source in stored.chain(added).chain(computed) {
            if let Source::Column(column) = *source
                && let Some(reads) = reads.get_mut(column as usize)
            {
                *reads += 1;
            }
        }
        reads
    }

    /// Whether a tail stores what nobody but the body reads elsewhere.
    pub(crate) fn is_only_stored(&self, tail: &Tail) -> bool {
        let stored = self.stores.iter().chain(&self.lasts).map(|(_, source)| source);
        let all = stored.chain(self.tails.iter().flat_map(|tail| &tail.factors));
        // Its two factors are one.
        tail.action == Action::Copy && all.filter(|source| **source == tail.factors[0]).count() == 2
    }

    /// How many blocks of terms its sums have.
    pub(crate) fn blocks(&self) -> usize {
        let sums = self.tails.iter().filter(|tail| tail.blocks.is_some()).count();
        sums * (self.iterations as usize).div_ceil(Outcome::BLOCK)
    }

    /// What is computed.
    pub(super) fn body(&self) -> Result<Body, Error> {
        let numbers = self.numbers.len() as u32;
        let columns = (self.columns.len() + self.counters.len()) as u32;
        let per_call = numbers + 1;
        let mut code = Code::default();
        let address = |source: Source| match source {
            Source::Number(number) => number,
            Source::Column(column) => per_call + column,
            Source::Computed(number) => per_call + columns + number,
        };
        for (number, step) in self.steps.iter().enumerate() {
            let target = address(Source::Computed(number as u32));
            let mut each = step.operands.iter().map(|&operand| address(operand));
            let [x, y, z] = match step.action.operands() {
                Operands::Inline(_) => [0; 3].map(|none| each.next().unwrap_or(none)),
                Operands::Pool | Operands::None => {
                    let first = code.pool.len() as u32;
                    code.pool.extend(each);
                    [first, step.operands.len() as u32, 0]
                }
            };
            code.instructions.push(Instruction { action: step.action, target, x, y, z });
        }
        let layout = Layout {
            shared_count: numbers,
            sums: numbers,
            sample_count: numbers,
            targets: per_call,
            per_call,
            column_count: columns,
            end: per_call + columns + self.steps.len() as u32,
            ..Layout::default()
        };
        let kept = self.stores.iter().chain(&self.lasts).map(|(_, source)| *source);
        let kept = kept.chain(self.tails.iter().flat_map(|tail| tail.factors));
        let kept = kept.filter(|source| matches!(source, Source::Computed(_))).map(address);
        let (kept, tile) = (kept.collect(), piece_size(layout.per_sample()));
        verify_layout(&layout, &Outputs::default())?;
        let sample = verify(code, &layout, Section::PerSample)?;
        Ok(Body { layout, sample, tile, kept })
    }
}
