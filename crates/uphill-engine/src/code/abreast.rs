//! Which loops can run abreast, and how.
//!
//! A body is gone through once. What it reads before it was written comes from outside: a column if the loop moves the
//! place, else a number. What it only adds to is added behind, in the order of iterations: a running sum, a sum by turns, a
//! target. Then places are compared: if an iteration may read what another one writes, the loop is left alone.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use uphill_graph::{Op, Outcome};

use super::instructions::{Action, Code, Instruction, Layout, Operands};
use super::nest::{Item, Nest, Paths, Single, Spot};
use super::outputs::Outputs;
use super::sampled::{Sampled, tile_size};
use super::verify::{Section, Verified, verify, verify_layout};
use super::ways::Way;
use crate::error::Error;

/// Loops of fewer iterations run one at a time. In this crate's own tests few are enough, so that drawn programs have some.
const FEWEST: u32 = if cfg!(test) { 2 } else { 32 };
/// A body of more instructions is not looked at.
const LONGEST: usize = 1000;

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

/// `place = place + x`, or with a product of two.
#[derive(Debug, Clone)]
pub(crate) struct Tail {
    pub(crate) action: Action,
    pub(crate) target: Way,
    pub(crate) factors: [Source; 2],
    /// Whether it goes to the place whose turn it is.
    pub(crate) takes_turns: bool,
}

/// A loop, as numbers and columns, what is computed of them, and what becomes of that.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) iterations: u32,
    pub(crate) numbers: Vec<Way>,
    pub(crate) columns: Vec<Way>,
    steps: Vec<Computed>,
    pub(crate) stores: Vec<(Way, Source)>,
    /// What the last iteration leaves in places that stay.
    pub(crate) lasts: Vec<(Way, Source)>,
    pub(crate) tails: Vec<Tail>,
    pub(crate) groups: Vec<Group>,
}

/// Tails that may add to the same places.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) tails: Range<usize>,
    /// By how much all of them move, if they do alike.
    pub(crate) along: Option<i32>,
}

/// A statement.
#[derive(Debug, Clone)]
struct Computed {
    action: Action,
    operands: Vec<Source>,
}

/// A loop that can run abreast.
#[derive(Debug)]
pub(crate) struct Abreast {
    /// Its number in the code.
    pub(crate) number: u32,
    pub(crate) plan: Plan,
    /// What an iteration computes.
    pub(crate) program: Body,
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

/// Code that runs once a call, with the loops of it that can run many iterations at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallCode {
    code: Verified,
    abreast: Arc<[Abreast]>,
}

impl CallCode {
    /// # Errors
    ///
    /// None: the code is verified.
    pub(crate) fn new(code: Verified) -> Result<CallCode, Error> {
        let abreast = |(number, plan): (u32, Plan)| {
            plan.body().map(|program| Abreast { number, plan, program })
        };
        let abreast = plans(&code).into_iter().map(abreast).collect::<Result<_, Error>>()?;
        Ok(CallCode { code, abreast })
    }

    pub(crate) fn abreast(&self) -> &Arc<[Abreast]> {
        &self.abreast
    }
}

impl std::ops::Deref for CallCode {
    type Target = Verified;

    fn deref(&self) -> &Verified {
        &self.code
    }
}

fn plans(code: &Code) -> Vec<(u32, Plan)> {
    let (mut found, mut paths, mut position) = (Vec::new(), Paths::default(), 0);
    while let Some(instruction) = code.instructions.get(position) {
        if instruction.action == Action::Loop {
            let nest = Nest::of(code, position, &mut paths);
            look(code, &paths, &nest, &mut found);
            position += code.loops[instruction.x as usize].length as usize;
        }
        position += 1;
    }
    found
}

fn look(code: &Code, paths: &Paths, nest: &Nest, found: &mut Vec<(u32, Plan)>) {
    let mut innermost = true;
    for item in &nest.items {
        if let Item::Nest(inner) = item {
            innermost = false;
            look(code, paths, inner, found);
        }
    }
    let iterations = nest.iterations.last().copied().unwrap_or(0);
    if innermost && iterations >= FEWEST && (1..=LONGEST).contains(&nest.items.len()) {
        let mut maker = Maker::new(code, paths, nest);
        found.extend(maker.all().then(|| maker.plan()).flatten().map(|plan| (nest.number, plan)));
    }
}

struct Maker<'c> {
    code: &'c Code,
    paths: &'c Paths,
    nest: &'c Nest,
    /// What is read from outside.
    outside: FxHashMap<Spot, Source>,
    /// What the body has written so far.
    written: FxHashMap<Spot, Source>,
    /// Places that are written, in order.
    targets: Vec<Spot>,
    tails: Vec<(Spot, Tail)>,
    numbers: Vec<Way>,
    columns: Vec<Way>,
    steps: Vec<Computed>,
}

impl<'c> Maker<'c> {
    fn new(code: &'c Code, paths: &'c Paths, nest: &'c Nest) -> Maker<'c> {
        Maker {
            code,
            paths,
            nest,
            outside: FxHashMap::default(),
            written: FxHashMap::default(),
            targets: Vec::new(),
            tails: Vec::new(),
            numbers: Vec::new(),
            columns: Vec::new(),
            steps: Vec::new(),
        }
    }

    fn way(&self, spot: Spot) -> Way {
        Way::new(spot, self.paths.get(spot.path), self.nest.depth() - 1)
    }

    /// Goes through the body; false if something in it can't be.
    fn all(&mut self) -> bool {
        let nest = self.nest;
        nest.items.iter().all(|item| match item {
            Item::Single(single) => self.one(single),
            Item::Nest(_) => false,
        })
    }

    fn one(&mut self, single: &Single) -> bool {
        let action = single.instruction.action;
        if matches!(
            action,
            Action::Block
                | Action::OuterTotal
                | Action::Total
                | Action::Loop
                | Action::Op(Op::Custom(_))
        ) {
            return false;
        }
        let target = single.target;
        if self.tails.iter().any(|(spot, _)| *spot == target || single.operands.contains(spot)) {
            return false;
        }
        if single.operands.contains(&target) && !self.written.contains_key(&target) {
            return self.tail(single);
        }
        let operands: Vec<Source> = single.operands.iter().map(|&spot| self.read(spot)).collect();
        let value = if action == Action::Copy {
            operands[0]
        } else {
            self.steps.push(Computed { action, operands });
            Source::Computed(self.steps.len() as u32 - 1)
        };
        if self.written.insert(target, value).is_none() {
            self.targets.push(target);
        }
        true
    }

    fn read(&mut self, spot: Spot) -> Source {
        if let Some(&value) = self.written.get(&spot).or_else(|| self.outside.get(&spot)) {
            return value;
        }
        let way = self.way(spot);
        let source = if way.moves() {
            self.columns.push(way);
            Source::Column(self.columns.len() as u32 - 1)
        } else {
            self.numbers.push(way);
            Source::Number(self.numbers.len() as u32 - 1)
        };
        self.outside.insert(spot, source);
        source
    }

    /// What is added to a place that was not written before in this iteration.
    fn tail(&mut self, single: &Single) -> bool {
        let (action, target, x) = (single.instruction.action, single.target, &single.operands);
        let factors = match action {
            Action::Op(Op::Add) if x[0] == target && x[1] != target => [x[1]; 2],
            Action::Op(Op::Add) if x[1] == target && x[0] != target => [x[0]; 2],
            Action::Op(Op::Sub) if x[0] == target && x[1] != target => [x[1]; 2],
            Action::MultiplyAdd | Action::NegativeMultiplyAdd
                if x[2] == target && x[0] != target && x[1] != target =>
            {
                [x[0], x[1]]
            }
            _ => return false,
        };
        if self.outside.contains_key(&target) {
            return false;
        }
        let factors = factors.map(|spot| self.read(spot));
        let way = self.way(target);
        let own =
            way.own().filter(|table| table.rows[..table.rows.len() - 1].iter().all(|&r| r == 0));
        let takes_turns = own.is_some_and(|table| {
            let start = table.start as usize;
            let entries = &self.code.pool[start..start + self.iterations() as usize];
            !way.is_even()
                && entries.iter().enumerate().all(|(i, &at)| at as usize == i % Outcome::TURNS)
        });
        self.tails.push((target, Tail { action, target: way, factors, takes_turns }));
        true
    }

    fn iterations(&self) -> u32 {
        self.nest.iterations.last().copied().unwrap_or(0)
    }

    fn reach(&self, spot: Spot) -> (i64, i64) {
        self.way(spot).reach(self.code, &self.nest.iterations)
    }

    /// The plan, unless an iteration may read what another one writes, or the order of what is written matters.
    fn plan(mut self) -> Option<Plan> {
        let meets = |a: (i64, i64), b: (i64, i64)| a.0 <= b.1 && b.0 <= a.1;
        let reads: Vec<(Spot, (i64, i64))> =
            self.outside.keys().map(|&spot| (spot, self.reach(spot))).collect();
        let targets: Vec<(Spot, (i64, i64))> =
            self.targets.iter().map(|&spot| (spot, self.reach(spot))).collect();
        let added: Vec<(i64, i64)> = self.tails.iter().map(|(spot, _)| self.reach(*spot)).collect();
        for (position, &(target, reach)) in targets.iter().enumerate() {
            let own = |spot: Spot| spot == target && self.way(spot).is_even();
            let crosses = reads.iter().any(|&(spot, read)| meets(reach, read) && !own(spot))
                || targets[..position].iter().any(|&(_, other)| meets(reach, other))
                || added.iter().any(|&other| meets(reach, other));
            // An even place that loops around move too may come again.
            let comes_again = reads.iter().any(|&(spot, _)| own(spot)) && self.nest.depth() > 1;
            if crosses || comes_again {
                return None;
            }
        }
        if reads.iter().any(|&(_, read)| added.iter().any(|&other| meets(read, other))) {
            return None;
        }
        let (tails, groups) = grouped(std::mem::take(&mut self.tails), &added);
        let (mut stores, mut lasts) = (Vec::new(), Vec::new());
        for &target in &self.targets {
            let (way, value) = (self.way(target), self.written[&target]);
            if way.moves() { stores.push((way, value)) } else { lasts.push((way, value)) }
        }
        Some(Plan {
            iterations: self.iterations(),
            numbers: self.numbers,
            columns: self.columns,
            steps: self.steps,
            stores,
            lasts,
            tails,
            groups,
        })
    }
}

/// Tails that reach so far, in groups: those of different groups never meet.
fn grouped(tails: Vec<(Spot, Tail)>, reach: &[(i64, i64)]) -> (Vec<Tail>, Vec<Group>) {
    let mut order: Vec<usize> = (0..tails.len()).collect();
    order.sort_by_key(|&k| (reach[k].0, k));
    let mut clusters: Vec<(i64, Vec<usize>)> = Vec::new();
    for k in order {
        match clusters.last_mut() {
            Some((end, cluster)) if reach[k].0 <= *end => {
                *end = reach[k].1.max(*end);
                cluster.push(k);
            }
            _ => clusters.push((reach[k].1, vec![k])),
        }
    }
    let mut tails: Vec<Option<Tail>> = tails.into_iter().map(|(_, tail)| Some(tail)).collect();
    let (mut all, mut groups) = (Vec::new(), Vec::new());
    for (_, mut cluster) in clusters {
        // As the body has them.
        cluster.sort_unstable();
        let first = all.len();
        all.extend(cluster.into_iter().filter_map(|k| tails[k].take()));
        let mut paces = all[first..].iter().map(|tail: &Tail| tail.target.pace());
        let pace = paces.next().flatten();
        let along = pace.filter(|_| paces.all(|other| other == pace));
        groups.push(Group { tails: first..all.len(), along });
    }
    (all, groups)
}

impl Plan {
    /// What is computed.
    fn body(&self) -> Result<Body, Error> {
        let (numbers, columns) = (self.numbers.len() as u32, self.columns.len() as u32);
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
        let (kept, tile) = (kept.collect(), tile_size(layout.per_sample()));
        verify_layout(&layout, &Outputs::default())?;
        let sample = verify(code, &layout, Section::PerSample)?;
        Ok(Body { layout, sample, tile, kept })
    }
}
