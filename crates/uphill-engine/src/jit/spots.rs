//! What is known of the places in a loop: which the next iteration reads, and whether two of them may be one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use smallvec::SmallVec;

use crate::code::{Action, Code, Item, Nest, Path, Paths, Reach, Single, Spot};

/// The operands of an instruction.
pub(super) type Spots = SmallVec<[Spot; 4]>;

impl Path {
    /// What the first so many loops do of it, tables aside.
    pub(crate) fn outer(&self, depth: usize) -> Path {
        let mut by: SmallVec<[i32; 2]> = self.by.iter().take(depth).copied().collect();
        while by.last() == Some(&0) {
            by.pop();
        }
        Path { by, tables: SmallVec::new() }
    }

    /// How much further it leads than another one, in the same iteration of these loops.
    pub(crate) fn distance(&self, other: &Path, code: &Code, iterations: &[u32]) -> Reach {
        let mut reach = Reach::NONE;
        for (k, &iterations) in iterations.iter().enumerate() {
            let by = i64::from(self.by(k + 1)) - i64::from(other.by(k + 1));
            reach = reach.and(by, iterations);
        }
        for table in &self.tables {
            reach = reach.plus(table.reach(code, iterations));
        }
        for table in &other.tables {
            let Reach { low, high } = table.reach(code, iterations);
            reach = reach.plus(Reach { low: -high, high: -low });
        }
        reach
    }
}

impl Paths {
    /// Whether two places may be one, in the same iteration of these loops.
    pub(crate) fn may_meet(&self, code: &Code, one: Spot, other: Spot, iterations: &[u32]) -> bool {
        if one.path == other.path {
            return one.address == other.address;
        }
        let between = i64::from(other.address.wrapping_sub(one.address) as i32);
        let apart = self.get(one.path).distance(self.get(other.path), code, iterations);
        (apart.low..=apart.high).contains(&between)
    }
}

impl Nest {
    /// Whether it holds no other loop.
    pub(crate) fn is_innermost(&self) -> bool {
        self.items.iter().all(|item| matches!(item, Item::Single(_)))
    }

    /// The instructions that stand in no inner loop.
    pub(crate) fn singles(&self) -> impl Iterator<Item = &Single> {
        self.items.iter().filter_map(|item| match item {
            Item::Single(single) => Some(single),
            Item::Nest(_) => None,
        })
    }
}

/// Whether the innermost of so many loops leaves a place where it is.
pub(super) fn stays_in(paths: &Paths, spot: Spot, depth: usize) -> bool {
    let path = paths.get(spot.path);
    path.by(depth) == 0 && path.tables.iter().all(|table| table.rows.len() < depth)
}

/// The place one iteration before, of a place that a loop moves evenly.
fn before(paths: &Paths, spot: Spot, depth: usize) -> Option<Spot> {
    let path = paths.get(spot.path);
    let by = path.by(depth);
    let is_even = by != 0 && path.tables.iter().all(|table| table.rows.len() < depth);
    let address = i64::from(spot.address) - i64::from(by);
    is_even.then_some(Spot { address: address as u32, ..spot })
}

/// What a single instruction writes; a total has no place of its own.
pub(super) fn written(single: &Single) -> Option<Spot> {
    (single.instruction.action != Action::Total).then_some(single.target)
}

/// What the next iteration of a loop reads of this one: the place written, and the place before it, where it is read.
pub(super) fn handed_on(nest: &Nest, paths: &Paths) -> Vec<(Spot, Spot)> {
    let read: HashSet<Spot> = nest.singles().flat_map(|single| &single.operands).copied().collect();
    let mut pairs: Vec<(Spot, Spot)> = nest
        .singles()
        .filter_map(written)
        .filter_map(|target| Some((target, before(paths, target, nest.depth())?)))
        .filter(|(_, before)| read.contains(before))
        .collect();
    let mut seen = HashSet::new();
    pairs.retain(|pair| seen.insert(*pair));
    pairs
}

/// Whether a place that is written may be the same as one that moves otherwise, in some iteration. Of the instructions of
/// a loop that stand in no inner one, and are no blocks.
pub(super) fn may_meet(code: &Code, nest: &Nest, paths: &Paths) -> bool {
    // Own addresses can lie before the first one, where a table leads on.
    let signed = |spot: Spot| i64::from(spot.address as i32);
    let mut places: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    let mut targets = places.clone();
    for single in nest.singles().filter(|single| single.instruction.action != Action::Block) {
        for spot in single.operands.iter().copied().chain(written(single)) {
            places.entry(spot.path).or_default().insert(signed(spot));
        }
        if let Some(spot) = written(single) {
            targets.entry(spot.path).or_default().insert(signed(spot));
        }
    }
    targets.iter().any(|(&path, targets)| {
        let others = places.iter().filter(|(other, _)| **other != path);
        others.into_iter().any(|(&other, places)| {
            let apart = paths.get(path).distance(paths.get(other), code, &nest.iterations);
            targets.iter().any(|&target| {
                places.range(target + apart.low..=target + apart.high).next().is_some()
            })
        })
    })
}

/// The positions of instructions that are in no loop; of loops, that of the head.
pub(super) fn outside_of_loops(code: &Code) -> Vec<usize> {
    let mut positions = Vec::with_capacity(code.instructions.len());
    let mut position = 0;
    while let Some(instruction) = code.instructions.get(position) {
        positions.push(position);
        position += 1;
        if instruction.action == Action::Loop {
            position += code.loops[instruction.x as usize].length as usize;
        }
    }
    positions
}
