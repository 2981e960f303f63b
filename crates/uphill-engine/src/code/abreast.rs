//! Which loops can run abreast, and how.
//!
//! A body is gone through once. What it reads before it was written comes from outside: a column if the loop moves the
//! place, else a number. What it only adds to is added behind, in the order of iterations: a running sum, a sum by turns, a
//! target. Then places are compared: if an iteration may read what another one writes, the loop is left alone. A loop over
//! blocks of terms of a sum is one loop over all terms (`flat.rs`).

use std::sync::Arc;

use rustc_hash::FxHashMap;
use uphill_graph::{Op, Outcome};

use super::dead::{Events, may_be_given};
use super::flat::Turns;
use super::instructions::{Action, Code};
use super::nest::{Item, Nest, Paths, Reach, Single, Spot};
use super::outputs::Outputs;
use super::plan::{Abreast, Computed, Counter, Gives, Group, Plan, Source, Tail};
use super::verify::Verified;
use super::ways::Way;
use crate::error::Error;

/// Loops of fewer iterations run one at a time. In this crate's own tests few are enough, so that drawn programs have some.
const FEWEST: u32 = if cfg!(test) { 2 } else { 32 };
/// A body of more instructions is not looked at.
const LONGEST: usize = 1000;

/// Code that runs once a call, with the loops of it that can run many iterations at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallCode {
    code: Verified,
    abreast: Arc<[Abreast]>,
}

impl CallCode {
    /// `is_output` tells what is read when all of the code has run; `outputs`, if all of these are outputs and nothing
    /// else, where they lie.
    ///
    /// # Errors
    ///
    /// None: the code is verified.
    pub(crate) fn new(
        code: Verified,
        is_output: &dyn Fn(u32) -> bool,
        outputs: Option<&Outputs>,
    ) -> Result<CallCode, Error> {
        let mut paths = Paths::default();
        let mut plans = plans(&code, &mut paths);
        let mut given: Vec<Option<Gives>> = vec![None; plans.len()];
        let outputs = outputs.filter(|outputs| !plans.is_empty() && may_be_given(outputs));
        if outputs.is_some() || plans.iter().any(|(_, plan)| !plan.lasts.is_empty()) {
            let events = Events::new(&code, &mut paths, is_output);
            for (gives, (number, plan)) in given.iter_mut().zip(&plans) {
                *gives = outputs.and_then(|outputs| events.gives(*number, plan, outputs));
            }
            for (number, plan) in &mut plans {
                let places = plan.lasts.iter().filter_map(|(way, _)| way.fixed()).collect();
                let read = events.read_later(*number, places);
                let is_read = |way: &Way| way.fixed().is_none_or(|address| read.contains(&address));
                plan.lasts.retain(|(way, _)| is_read(way));
            }
        }
        let abreast = |((number, plan), gives): ((u32, Plan), Option<Gives>)| {
            plan.body().map(|program| Abreast { number, plan, program, gives })
        };
        let abreast = plans.into_iter().zip(given).map(abreast).collect::<Result<_, Error>>()?;
        Ok(CallCode { code, abreast })
    }

    /// How many outputs there must be room for.
    pub(crate) fn given(&self) -> usize {
        let end = |one: &Abreast| one.gives.map(|gives| gives.at + one.plan.iterations as usize);
        self.abreast.iter().filter_map(end).max().unwrap_or(0)
    }

    /// Whether the outputs from this one on are stored where the caller wants them, if the caller says where.
    pub(crate) fn gives(&self, at: usize) -> bool {
        self.abreast.iter().any(|one| one.gives.is_some_and(|gives| gives.at == at))
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

fn plans(code: &Code, paths: &mut Paths) -> Vec<(u32, Plan)> {
    let (mut found, mut position) = (Vec::new(), 0);
    while let Some(instruction) = code.instructions.get(position) {
        if instruction.action == Action::Loop {
            let nest = Nest::of(code, position, paths);
            look(code, paths, &nest, &mut found);
            position += code.loops[instruction.x as usize].length as usize;
        }
        position += 1;
    }
    found
}

fn look(code: &Code, paths: &Paths, nest: &Nest, found: &mut Vec<(u32, Plan)>) {
    if let Some(turns) = Turns::of(code, paths, nest)
        && let Some(plan) = turns.inner().and_then(|inner| plan(code, paths, inner))
        && let Some(plan) = turns.flat(code, paths, plan)
    {
        found.push((nest.number, plan));
        return;
    }
    for item in &nest.items {
        if let Item::Nest(inner) = item {
            look(code, paths, inner, found);
        }
    }
    found.extend(plan(code, paths, nest).map(|plan| (nest.number, plan)));
}

/// The plan of a loop without others in it.
fn plan(code: &Code, paths: &Paths, nest: &Nest) -> Option<Plan> {
    let iterations = nest.iterations.last().copied().unwrap_or(0);
    if iterations < FEWEST || !(1..=LONGEST).contains(&nest.items.len()) {
        return None;
    }
    let mut maker = Maker::new(code, paths, nest);
    maker.all().then(|| maker.plan()).flatten()
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
    counters: Vec<(Spot, Counter)>,
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
            counters: Vec::new(),
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
        let others = |spot: &Spot| *spot != target && single.operands.contains(spot);
        let is_done = |spot: &Spot| *spot == target || single.operands.contains(spot);
        if self.tails.iter().any(|(spot, _)| others(spot))
            || self.counters.iter().any(|(spot, _)| is_done(spot))
        {
            return false;
        }
        if single.operands.contains(&target) && !self.written.contains_key(&target) {
            return if self.outside.contains_key(&target) {
                self.counter(single)
            } else {
                self.tail(single)
            };
        }
        if self.tails.iter().any(|(spot, _)| *spot == target) {
            return false;
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
        let tail = Tail { action, target: way, factors, takes_turns, blocks: None };
        self.tails.push((target, tail));
        true
    }

    /// What was read and now goes on by a number, which stays.
    fn counter(&mut self, single: &Single) -> bool {
        let (target, x) = (single.target, &single.operands);
        let is_sum = single.instruction.action == Action::Op(Op::Add) && x[0] == target;
        let place = self.way(target);
        if !is_sum || x[1] == target || place.moves() {
            return false;
        }
        let step = self.read(x[1]);
        if !matches!(step, Source::Number(_)) {
            return false;
        }
        self.counters.push((target, Counter { place, step }));
        true
    }

    fn iterations(&self) -> u32 {
        self.nest.iterations.last().copied().unwrap_or(0)
    }

    fn reach(&self, spot: Spot) -> Reach {
        self.way(spot).reach(self.code, &self.nest.iterations)
    }

    /// The plan, unless an iteration may read what another one writes, or the order of what is written matters.
    fn plan(mut self) -> Option<Plan> {
        let reads: Vec<(Spot, Reach)> =
            self.outside.keys().map(|&spot| (spot, self.reach(spot))).collect();
        self.put_first();
        let targets: Vec<(Spot, Reach)> =
            self.targets.iter().map(|&spot| (spot, self.reach(spot))).collect();
        let added: Vec<Reach> = self.tails.iter().map(|(spot, _)| self.reach(*spot)).collect();
        let mut in_place = false;
        for (position, &(target, reach)) in targets.iter().enumerate() {
            let own = |spot: Spot| spot == target && self.way(spot).is_even();
            let crosses = reads.iter().any(|&(spot, read)| reach.meets(read) && !own(spot))
                || targets[..position].iter().any(|&(_, other)| reach.meets(other))
                || added.iter().any(|&other| reach.meets(other));
            // An even place that loops around move too may come again.
            let is_own = reads.iter().any(|&(spot, _)| own(spot));
            if crosses || is_own && self.nest.depth() > 1 {
                return None;
            }
            in_place |= is_own;
        }
        if reads.iter().any(|&(_, read)| added.iter().any(|&other| read.meets(other))) {
            return None;
        }
        if !self.count(&reads, &targets, &added) {
            return None;
        }
        for (_, tail) in &mut self.tails {
            for k in 0..2 {
                // What is added has a lane for each iteration.
                let Source::Number(_) = tail.factors[k] else { continue };
                let operands = vec![tail.factors[k]];
                self.steps.push(Computed { action: Action::Copy, operands });
                let own = tail.factors[k];
                let lanes = Source::Computed(self.steps.len() as u32 - 1);
                tail.factors.iter_mut().filter(|f| **f == own).for_each(|f| *f = lanes);
            }
        }
        let (tails, groups) = grouped(std::mem::take(&mut self.tails), &added);
        let is_ordered = |group: &Group| group.is_ordered(&tails[group.tails.clone()]);
        if !groups.iter().all(is_ordered) {
            return None;
        }
        let (mut stores, mut lasts) = (Vec::new(), Vec::new());
        for &target in &self.targets {
            let (way, value) = (self.way(target), self.written[&target]);
            if way.moves() { stores.push((way, value)) } else { lasts.push((way, value)) }
        }
        Some(Plan {
            iterations: self.iterations(),
            numbers: self.numbers,
            columns: self.columns,
            counters: self.counters.into_iter().map(|(_, counter)| counter).collect(),
            steps: self.steps,
            stores,
            lasts,
            tails,
            groups,
            in_place,
        })
    }

    /// What is stored at places that move among others that are written is the first term there.
    fn put_first(&mut self) {
        let added = self.tails.iter().map(|(spot, _)| *spot);
        let written: Vec<(Spot, Reach)> = self
            .targets
            .iter()
            .copied()
            .chain(added)
            .map(|spot| (spot, self.reach(spot)))
            .collect();
        for (target, reach) in written[..self.targets.len()].iter().copied() {
            let is_among = written.iter().any(|&(spot, own)| spot != target && reach.meets(own));
            let way = self.way(target);
            if !is_among || !way.is_even() {
                continue;
            }
            self.targets.retain(|other| *other != target);
            let (action, factors) = (Action::Copy, [self.written[&target]; 2]);
            let tail = Tail { action, target: way, factors, takes_turns: false, blocks: None };
            self.tails.push((target, tail));
        }
    }

    /// Makes columns of counters, unless somebody else reads or writes there.
    fn count(
        &mut self,
        reads: &[(Spot, Reach)],
        targets: &[(Spot, Reach)],
        added: &[Reach],
    ) -> bool {
        for k in 0..self.counters.len() {
            let spot = self.counters[k].0;
            let own = self.reach(spot);
            let is_read = reads.iter().any(|&(other, reach)| other != spot && reach.meets(own));
            let is_written = targets.iter().any(|&(_, reach)| reach.meets(own));
            if is_read || is_written || added.iter().any(|&reach| reach.meets(own)) {
                return false;
            }
            let column = Source::Column((self.columns.len() + k) as u32);
            let Some(Source::Number(number)) = self.outside.insert(spot, column) else {
                return false;
            };
            let own = Source::Number(number);
            let change = |source: &mut Source| {
                if *source == own {
                    *source = column;
                }
            };
            self.steps.iter_mut().for_each(|step| step.operands.iter_mut().for_each(change));
            self.written.values_mut().for_each(change);
            self.tails.iter_mut().for_each(|(_, tail)| tail.factors.iter_mut().for_each(change));
        }
        true
    }
}

/// Tails that reach so far, in groups: those of different groups never meet.
fn grouped(tails: Vec<(Spot, Tail)>, reach: &[Reach]) -> (Vec<Tail>, Vec<Group>) {
    let mut order: Vec<usize> = (0..tails.len()).collect();
    order.sort_by_key(|&k| (reach[k].low, k));
    let mut clusters: Vec<(i64, Vec<usize>)> = Vec::new();
    for k in order {
        match clusters.last_mut() {
            Some((end, cluster)) if reach[k].low <= *end => {
                *end = reach[k].high.max(*end);
                cluster.push(k);
            }
            _ => clusters.push((reach[k].high, vec![k])),
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
