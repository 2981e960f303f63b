//! Nests of loops in a form that says at once how each place moves: what those need who translate code or look ahead in
//! it. Who runs code needs only [`Code::moved`].

use std::collections::HashMap;

use smallvec::SmallVec;

use super::instructions::{Action, Code, Instruction, Loop, Step};

/// A table on the way of a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Table {
    /// Where in the pool it is read in the first iterations.
    pub(crate) start: u32,
    /// By how many entries each loop moves that, outermost first; the last one is its own loop, with 1.
    pub(crate) rows: SmallVec<[i32; 2]>,
}

/// How a place moves with the loops around it: the sum of what each does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Path {
    /// By how much in an iteration of each loop, outermost first, up to the last that moves it.
    pub(crate) by: SmallVec<[i32; 2]>,
    pub(crate) tables: SmallVec<[Table; 1]>,
}

/// The lowest and the highest of some numbers. Beyond the ends of `i64` it stays there: no memory goes so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reach {
    pub(crate) low: i64,
    pub(crate) high: i64,
}

impl Reach {
    pub(crate) const NONE: Reach = Reach { low: 0, high: 0 };

    /// Of multiples, up to the last iteration.
    fn of(by: i32, iterations: u32) -> Reach {
        Reach::NONE.and(by.into(), iterations)
    }

    /// And so many times this number, up to the last iteration.
    pub(crate) fn and(self, by: i64, iterations: u32) -> Reach {
        let last = by.saturating_mul(i64::from(iterations) - 1);
        self.plus(Reach { low: last.min(0), high: last.max(0) })
    }

    /// Of sums of one number of each.
    pub(crate) fn plus(self, other: Reach) -> Reach {
        let (low, high) =
            (self.low.saturating_add(other.low), self.high.saturating_add(other.high));
        Reach { low, high }
    }

    /// Of these numbers, of which there is at least one.
    pub(crate) fn around(numbers: impl Iterator<Item = i64> + Clone) -> Option<Reach> {
        Some(Reach { low: numbers.clone().min()?, high: numbers.max()? })
    }

    /// Of places that begin at this address.
    pub(crate) fn at(self, address: u32) -> Reach {
        self.plus(Reach { low: address.into(), high: address.into() })
    }

    pub(crate) fn meets(self, other: Reach) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

impl Path {
    /// The path of the next place, by the steps of the loops around it, which go on to the place behind it.
    fn next(code: &Code, trail: &mut Trail) -> Path {
        let mut path = Path::default();
        let mut rows: SmallVec<[i32; 2]> = SmallVec::new();
        for next_step in &mut trail.0 {
            let step = code.steps[*next_step as usize];
            *next_step += 1;
            let (by, row) = match step {
                Step::By(by) => (by, 0),
                Step::Row(by) => (0, by),
                Step::Table(start) => {
                    let mut rows = rows.clone();
                    rows.push(1);
                    path.tables.push(Table { start, rows });
                    (0, 0)
                }
            };
            path.by.push(by);
            if matches!(step, Step::Table(_)) {
                rows.iter_mut().for_each(|row| *row = 0);
            }
            rows.push(row);
        }
        while path.by.last() == Some(&0) {
            path.by.pop();
        }
        path
    }

    /// Whether it leads nowhere else.
    pub(crate) fn stays(&self) -> bool {
        self.by.is_empty() && self.tables.is_empty()
    }

    /// By how much the innermost of so many loops moves it, tables aside.
    pub(crate) fn by(&self, depth: usize) -> i32 {
        if depth == 0 { 0 } else { self.by.get(depth - 1).copied().unwrap_or(0) }
    }

    /// How far it leads in these iterations of the loops around.
    pub(crate) fn offset(&self, code: &Code, iterations: &[u32]) -> u32 {
        let mut offset = along(&self.by, iterations);
        for table in &self.tables {
            let entry = table.start.wrapping_add(along(&table.rows, iterations));
            offset = offset.wrapping_add(code.pool[entry as usize]);
        }
        offset
    }

    /// How far it leads in all iterations of these loops, each of which has some.
    pub(crate) fn reach(&self, code: &Code, iterations: &[u32]) -> Reach {
        let mut reach = Reach::NONE;
        for (&by, &iterations) in self.by.iter().zip(iterations) {
            reach = reach.and(by.into(), iterations);
        }
        for table in &self.tables {
            reach = reach.plus(table.reach(code, iterations));
        }
        reach
    }
}

/// The sum of so much an iteration of each loop.
pub(super) fn along(by: &[i32], iterations: &[u32]) -> u32 {
    let terms = by.iter().zip(iterations).map(|(&by, &i)| i.wrapping_mul(by as u32));
    terms.fold(0, u32::wrapping_add)
}

impl Table {
    /// The entries that it is read at in all iterations of these loops, and those between.
    pub(crate) fn entries<'c>(&self, code: &'c Code, iterations: &[u32]) -> &'c [u32] {
        let rows = self.rows.iter().zip(iterations);
        let reach = rows.fold(Reach::NONE, |reach, (&by, &n)| reach.and(by.into(), n));
        let start = i64::from(self.start);
        &code.pool[(start + reach.low) as usize..=(start + reach.high) as usize]
    }

    /// How many entries before the first iteration's the first one lies.
    pub(crate) fn before(&self, iterations: &[u32]) -> i64 {
        let rows = self.rows.iter().zip(iterations);
        rows.map(|(&by, &iterations)| -Reach::of(by, iterations).low).sum()
    }

    pub(crate) fn reach(&self, code: &Code, iterations: &[u32]) -> Reach {
        let entries = self.entries(code, iterations).iter().map(|&entry| i64::from(entry as i32));
        Reach::around(entries).unwrap_or_default()
    }
}

/// Where the steps of the next place are, for each loop around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail(pub(crate) SmallVec<[u32; 4]>);

impl Trail {
    /// Into a loop.
    pub(crate) fn inner(&self, repeat: Loop) -> Trail {
        let mut inner = self.clone();
        inner.0.push(repeat.first_step);
        inner
    }

    /// Over some instructions.
    pub(crate) fn skip(&mut self, code: &Code, instructions: &[Instruction]) {
        let places = code.places(instructions);
        self.0.iter_mut().for_each(|next_step| *next_step += places);
    }
}

/// An address in a nest: where it is in the first iterations, tables aside, and the number of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Spot {
    pub(crate) address: u32,
    pub(crate) path: u32,
}

impl Spot {
    /// One that stays.
    pub(crate) const fn fixed(address: u32) -> Spot {
        Spot { address, path: 0 }
    }

    pub(crate) fn stays(self) -> bool {
        self.path == 0
    }
}

/// The paths of a nest, each once; number 0 is the one that leads nowhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths {
    stays: Path,
    list: Vec<Path>,
    numbers: HashMap<Path, u32>,
}

impl Paths {
    pub(crate) fn get(&self, number: u32) -> &Path {
        match number {
            0 => &self.stays,
            _ => &self.list[number as usize - 1],
        }
    }

    /// How many there are but that one.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn number(&mut self, path: Path) -> u32 {
        if path.stays() {
            return 0;
        }
        let next = self.list.len() as u32 + 1;
        *self.numbers.entry(path).or_insert_with_key(|path| {
            self.list.push(path.clone());
            next
        })
    }

    /// The place that comes next.
    pub(crate) fn spot(&mut self, code: &Code, address: u32, trail: &mut Trail) -> Spot {
        Spot { address, path: self.number(Path::next(code, trail)) }
    }

    /// Each address that a place may have in these loops; and some between, where it moves in more than one way.
    pub(crate) fn each(
        &self,
        code: &Code,
        spot: Spot,
        iterations: &[u32],
        mut visit: impl FnMut(u32),
    ) {
        let path = self.get(spot.path);
        let first = i64::from(spot.address);
        let mut moving = path.by.iter().zip(iterations).filter(|(by, _)| **by != 0);
        match (moving.next(), moving.next(), path.tables.as_slice()) {
            (None, _, []) => visit(spot.address),
            (Some((&by, &iterations)), None, []) => {
                for iteration in 0..i64::from(iterations) {
                    visit((first + i64::from(by) * iteration) as u32);
                }
            }
            (None, _, [table]) => {
                let entries = table.entries(code, iterations).iter();
                entries.for_each(|&entry| visit(spot.address.wrapping_add(entry)));
            }
            _ => {
                let reach = path.reach(code, iterations);
                (first + reach.low..=first + reach.high).for_each(|address| visit(address as u32));
            }
        }
    }
}

/// An instruction in a nest.
#[derive(Debug, Clone)]
pub(crate) struct Single {
    #[cfg_attr(not(feature = "jit"), expect(dead_code, reason = "machine code has plans for it"))]
    pub(crate) position: usize,
    pub(crate) instruction: Instruction,
    /// Of a block, how far its targets move, counted from 0.
    pub(crate) target: Spot,
    /// Of a block, how far its inputs move, then its weights.
    pub(crate) operands: SmallVec<[Spot; 4]>,
}

impl Single {
    /// The instruction at a position, whose places are at these spots: its target's, then those of its operands.
    pub(crate) fn of(code: &Code, position: usize, mut spot: impl FnMut(u32) -> Spot) -> Single {
        let instruction = code.instructions[position];
        let (own, operands) = match instruction.action {
            Action::Block => (0, SmallVec::from_slice(&[0; 2])),
            _ => (instruction.target, code.operands(&instruction)),
        };
        let target = spot(own);
        let operands = operands.into_iter().map(spot).collect();
        Single { position, instruction, target, operands }
    }
}

/// A loop with its body; one that never runs has nothing in it.
#[derive(Debug, Clone)]
pub(crate) struct Nest {
    /// The number of its loop in the code.
    pub(crate) number: u32,
    /// How often it and the loops around it run, itself last.
    pub(crate) iterations: SmallVec<[u32; 4]>,
    pub(crate) items: Vec<Item>,
}

/// What a body is made of.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Single(Single),
    Nest(Nest),
}

impl Nest {
    /// The nest that starts at this position.
    pub(crate) fn of(code: &Code, position: usize, paths: &mut Paths) -> Nest {
        Nest::inside(code, position, paths, &Trail::default(), &[])
    }

    fn inside(
        code: &Code,
        position: usize,
        paths: &mut Paths,
        trail: &Trail,
        around: &[u32],
    ) -> Nest {
        let number = code.instructions[position].x;
        let repeat = code.loops[number as usize];
        let mut trail = trail.inner(repeat);
        let mut iterations: SmallVec<[u32; 4]> = around.into();
        iterations.push(repeat.iterations);
        let (mut next, end) = (position + 1, position + 1 + repeat.length as usize);
        let mut items = Vec::new();
        if repeat.iterations == 0 {
            return Nest { number, iterations, items };
        }
        while next < end {
            let (position, instruction) = (next, code.instructions[next]);
            next += 1;
            if instruction.action == Action::Loop {
                let body = code.body(instruction.x, next);
                next += body.len();
                let nest = Nest::inside(code, position, paths, &trail, &iterations);
                trail.skip(code, body);
                if !nest.items.is_empty() {
                    items.push(Item::Nest(nest));
                }
                continue;
            }
            let spot = |address| paths.spot(code, address, &mut trail);
            items.push(Item::Single(Single::of(code, position, spot)));
        }
        Nest { number, iterations, items }
    }

    pub(crate) fn depth(&self) -> usize {
        self.iterations.len()
    }

    /// All instructions but loops, each with how often the loops around it run.
    pub(crate) fn each<'n>(&'n self, visit: &mut dyn FnMut(&'n Single, &'n [u32])) {
        for item in &self.items {
            match item {
                Item::Single(single) => visit(single, &self.iterations),
                Item::Nest(nest) => nest.each(visit),
            }
        }
    }
}
