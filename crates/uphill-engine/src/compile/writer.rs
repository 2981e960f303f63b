//! Instructions in loops as they are written: places that move with the loops that are open, blocks, and what is done for
//! each entry of a vector.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use uphill_graph::{Op, Outcome, Walk};

use super::draft::DraftBlock;
use crate::code::{Action, Block, Code, Instruction, Loop, Operands, Step, Weights};

pub(super) const TURNS: u32 = Outcome::TURNS as u32;
pub(super) const BLOCK: u32 = Outcome::BLOCK as u32;
/// Up to so many entries of a vector are copied one by one, and up to so many added up.
pub(super) const FEW: u32 = 4;
pub(super) const FEW_SUMS: u32 = 32;

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
    pub(super) fn behind(&self, entries: u32) -> Place {
        Place { address: self.address.wrapping_add(entries), steps: self.steps.clone() }
    }

    /// With a further open loop, that moves it so.
    pub(super) fn moved(&self, step: Step) -> Place {
        let mut place = self.clone();
        place.steps.push(step);
        place
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
pub(super) type ForEach<'f, 'c> = dyn FnMut(&mut Writer<'c>, &dyn Fn(&Place, u32) -> Place) + 'f;

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
pub(super) struct Counted {
    pub(super) first: u32,
    pub(super) factors: SmallVec<[u32; 2]>,
    /// How many iterations they count in all.
    pub(super) total: u32,
    /// How many loops are open around them.
    pub(super) depth: usize,
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

    /// How many loops are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn open(&mut self, iterations: u32) {
        let number = self.code.loops.len();
        self.code.loops.push(Loop { iterations, length: 0, first_step: 0 });
        let (action, target) = (Action::Loop, 0);
        self.code.instructions.push(Instruction { action, target, x: number as u32, y: 0, z: 0 });
        let first = self.code.instructions.len();
        self.open.push(Open { number, first, steps: Vec::new() });
    }

    pub(super) fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let repeat = &mut self.code.loops[open.number];
        repeat.length = (self.code.instructions.len() - open.first) as u32;
        repeat.first_step = self.code.steps.len() as u32;
        self.code.steps.extend(open.steps);
    }

    /// One instruction; what moves with fewer loops than are open stands still in the others.
    pub(super) fn write(&mut self, action: Action, target: &Place, operands: &[Place]) {
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
    pub(super) fn block(&mut self, block: &DraftBlock, place: &dyn Fn(u32) -> Place) {
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

    pub(super) fn copy(&mut self, target: &Place, value: &Place) {
        if target != value {
            self.write(Action::Copy, target, std::slice::from_ref(value));
        }
    }

    /// For each entry of vectors of so many: a loop, if there are more than a few.
    pub(super) fn each(&mut self, entries: u32, few: u32, write: &mut ForEach<'_, 'c>) {
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

    pub(super) fn copy_all(&mut self, entries: u32, target: &Place, value: &Place) {
        self.each(entries, FEW, &mut |writer, at| writer.copy(&at(target, 1), &at(value, 1)));
    }

    pub(super) fn clear(&mut self, entries: u32, target: &Place) {
        let nothing = Place::still(self.nothing);
        self.each(entries, FEW, &mut |writer, at| writer.copy(&at(target, 1), &nothing));
    }

    pub(super) fn add(&mut self, target: &Place, value: &Place) {
        self.write(Action::Op(Op::Add), target, &[target.clone(), value.clone()]);
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
    pub(super) fn even(&self, first: &Place, stride: i64) -> Place {
        let mut place = self.around(first).behind((stride * i64::from(self.first)) as u32);
        for factor in &self.factors {
            place.steps.push(Step::By((stride * i64::from(*factor)) as i32));
        }
        place
    }

    /// A place that moves as a walk does.
    pub(super) fn walk(&self, writer: &mut Writer<'_>, operand: &Place, walk: &Walk) -> Place {
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
    pub(super) fn turn(&self, writer: &mut Writer<'_>, first: &Place) -> Place {
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

/// The addresses of a matrix, in short form if they are regular.
pub(super) fn weights(addresses: Vec<u32>, columns: usize) -> Weights {
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

/// The distance between neighbours, if it is the same throughout.
fn steady(addresses: &[u32]) -> Option<i32> {
    let mut steps = addresses.windows(2).map(|pair| i64::from(pair[1]) - i64::from(pair[0]));
    let first = steps.next().unwrap_or(0);
    let even = steps.all(|step| step == first);
    i32::try_from(first).ok().filter(|_| even)
}

#[cfg(test)]
mod tests {
    use super::steady;

    #[test]
    fn only_even_distances_are_steady() {
        assert_eq!(steady(&[7]), Some(0));
        assert_eq!(steady(&[7, 5, 3, 1]), Some(-2));
        assert_eq!(steady(&[7, 7, 7]), Some(0));
        assert_eq!(steady(&[7, 8, 9, 11]), None);
        assert_eq!(steady(&[0, u32::MAX]), None);
    }
}
