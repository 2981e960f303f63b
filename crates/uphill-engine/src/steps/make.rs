//! From instructions to steps, twice: once to learn how long the lists get, and once to write them.
//!
//! A step is kept open until the next one is known, since some two or three instructions are one step.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use uphill_graph::Op;

use super::abreast::Running;
use super::open::{Functions, Open, is_even};
use super::room::Sizes;
use super::step::{Form, Kind, Places, Repeat, Row, Segment, Step, Steps, Table, form};
use crate::code::{Action, CallCode, Code, Instruction, Path, Paths, Spot, Trail};

/// How many steps and tables a loop has.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    steps: u32,
    tables: u32,
}

impl Steps {
    /// Takes as much memory as [`Steps::bytes`] says.
    pub(crate) fn new(code: &CallCode, threads: usize) -> Steps {
        let (sizes, extents) = Maker::sizes(code);
        let mut maker = Maker::new(code, Steps::with_room(code.memory(), &sizes), extents);
        maker.counts_only = false;
        maker.out.abreast = Running::all(code, threads);
        let numbers = code.abreast().iter().map(|abreast| abreast.number).zip(0..);
        maker.abreast = numbers.collect();
        maker.all();
        maker.functions.write(&mut maker.out.rare);
        maker.out
    }

    /// How many bytes the steps of this code take, to run on so many threads.
    pub(crate) fn bytes(code: &CallCode, threads: usize) -> usize {
        let (sizes, _) = Maker::sizes(code);
        sizes.bytes()
            + Running::bytes(code, threads)
            // Which loops these are: a map.
            + 32 * code.abreast().len()
            // These lists grow, and a list of paths has a map beside it.
            + 3 * sizes.loops * size_of::<Extent>()
            + 8 * sizes.paths * size_of::<Path>()
    }
}

struct Maker<'c> {
    code: &'c Code,
    /// Nothing is written: only sizes are found out.
    counts_only: bool,
    sizes: Sizes,
    out: Steps,
    /// Where the step before has written.
    last: Option<Spot>,
    /// The step before, which may take in another instruction.
    open: Option<Open>,
    functions: Functions,
    paths: Paths,
    /// The loops around, outermost first.
    around: SmallVec<[Frame; 2]>,
    /// Of each loop, in order: found out when only sizes are.
    extents: Vec<Extent>,
    /// The loops that run abreast, by their numbers in the code.
    abreast: FxHashMap<u32, u32>,
}

/// A loop whose steps are being made.
struct Frame {
    /// Its number in the list of extents.
    number: usize,
    first: usize,
    /// Where its moves start, and where its next table comes.
    moves: usize,
    next_table: usize,
}

fn spots(target: Spot, operands: &[Spot]) -> SmallVec<[Spot; 8]> {
    [target].into_iter().chain(operands.iter().copied()).collect()
}

impl<'c> Maker<'c> {
    fn new(code: &'c Code, out: Steps, extents: Vec<Extent>) -> Maker<'c> {
        Maker {
            code,
            counts_only: true,
            sizes: Sizes::default(),
            out,
            last: None,
            open: None,
            functions: Functions::default(),
            paths: Paths::default(),
            around: SmallVec::new(),
            extents,
            abreast: FxHashMap::default(),
        }
    }

    fn sizes(code: &Code) -> (Sizes, Vec<Extent>) {
        let mut maker = Maker::new(code, Steps::none(), Vec::new());
        maker.all();
        maker.sizes.paths = maker.paths.len();
        let Functions { unary, binary, pairs } = &maker.functions;
        maker.sizes.unary = unary.len();
        maker.sizes.binary = binary.len();
        maker.sizes.pairs = pairs.len();
        (maker.sizes, maker.extents)
    }

    fn all(&mut self) {
        self.part(&self.code.instructions, &mut Trail::default());
    }

    /// Instructions with the same loops around them. Gives how many steps and tables the loops among them need at most
    /// while they run.
    fn part(&mut self, instructions: &[Instruction], trail: &mut Trail) -> Extent {
        let code = self.code;
        let mut rest = instructions;
        let mut start = self.sizes.steps;
        let (mut most, mut has_loops) = (Extent::default(), false);
        while let Some((instruction, behind)) = rest.split_first() {
            rest = behind;
            match instruction.action {
                Action::Loop => {
                    let repeat = code.loops[instruction.x as usize];
                    let (body, behind) = rest.split_at(repeat.length as usize);
                    rest = behind;
                    if repeat.iterations == 0 || body.is_empty() {
                        trail.skip(code, body);
                        continue;
                    }
                    has_loops = true;
                    self.straight(&mut start);
                    let own = self.repeated(instruction.x, body, trail);
                    most.steps = most.steps.max(own.steps);
                    most.tables = most.tables.max(own.tables);
                    start = self.sizes.steps;
                }
                Action::Block if self.around.is_empty() => {
                    self.straight(&mut start);
                    self.segment(Segment::Block(instruction.x));
                    self.last = None;
                }
                Action::Block => {
                    let [target, inputs, weights] =
                        [0; 3].map(|none| self.paths.spot(code, none, trail));
                    let number = Spot::fixed(instruction.x);
                    self.put(Kind::Block, target, &[inputs, weights, number]);
                    self.last = None;
                }
                _ => {
                    let mut spot = |address| self.paths.spot(code, address, trail);
                    let target = spot(instruction.target);
                    let operands = code.operands(instruction).into_iter().map(spot);
                    let operands: SmallVec<[Spot; 8]> = operands.collect();
                    self.instruction(instruction.action, target, &operands);
                }
            }
        }
        // An innermost loop has its steps without a segment.
        if self.around.is_empty() || has_loops {
            self.straight(&mut start);
        } else {
            self.close();
        }
        most
    }

    /// Ends a segment of straight code, unless it is empty.
    fn straight(&mut self, start: &mut usize) {
        self.close();
        if self.sizes.steps > *start {
            *start = self.sizes.steps;
            self.segment(Segment::Straight { end: self.sizes.steps as u32 });
        }
    }

    fn segment(&mut self, segment: Segment) {
        self.sizes.segments += 1;
        if !self.counts_only {
            self.out.segments.push(segment);
        }
    }

    /// Gives how many steps and tables this loop needs while it runs, with those of the loops in it.
    fn repeated(&mut self, number: u32, body: &[Instruction], trail: &mut Trail) -> Extent {
        let repeat = self.code.loops[number as usize];
        let mut inner = trail.inner(repeat);
        trail.skip(self.code, body);
        let abreast = self.abreast.get(&number).copied();
        let number = self.sizes.loops;
        self.sizes.loops += 1;
        if self.counts_only {
            self.extents.push(Extent::default());
        }
        let (first, segment) = (self.sizes.steps, self.sizes.segments);
        let (moves, tables) = (self.out.moves.len(), self.out.tables.len());
        if !self.counts_only {
            let Extent { steps, tables: own } = self.extents[number];
            self.out.moves.resize(moves + steps as usize, Places::default());
            self.out.tables.resize(tables + own as usize, Table::default());
        }
        self.segment(Segment::Loop(Repeat::default()));
        self.around.push(Frame { number, first, moves, next_table: tables });
        self.last = None;
        let most = self.part(body, &mut inner);
        self.last = None;
        self.around.pop();
        let own = self.extents[number];
        if !self.counts_only {
            let segments = (self.sizes.segments - segment - 1) as u32;
            self.out.segments[segment] = Segment::Loop(Repeat {
                iterations: repeat.iterations,
                first: first as u32,
                end: self.sizes.steps as u32,
                moves: moves as u32,
                tables: (tables as u32, tables as u32 + own.tables),
                segments,
                abreast,
            });
        }
        let steps = own.steps + most.steps;
        let is_nest = !self.around.is_empty() || self.sizes.segments > segment + 1;
        let tables = if is_nest { own.tables + most.tables } else { 0 };
        self.sizes.body = self.sizes.body.max(steps as usize);
        self.sizes.moved_tables = self.sizes.moved_tables.max(tables as usize);
        Extent { steps, tables }
    }

    fn instruction(&mut self, action: Action, target: Spot, x: &[Spot]) {
        let is_last = |spot| self.last == Some(spot) && is_even(&self.paths, spot);
        match form(action) {
            Form::One([_, kind]) if is_last(x[0]) => self.put(kind, target, x),
            Form::One([kind, _]) => self.put(kind, target, x),
            Form::Two([_, kind, _]) if is_last(x[0]) => self.put(kind, target, x),
            Form::Two([.., kind]) if is_last(x[1]) => self.put(kind, target, &x[..1]),
            Form::Two([kind, ..]) | Form::Three(kind) => self.put(kind, target, x),
            Form::Pairs([one, two, three, start, more, end_1, end_2, end_3]) => match x.len() {
                0 => self.value(Op::Sum, target, x),
                2 => self.put(one, target, x),
                4 => self.put(two, target, x),
                6 => self.put(three, target, x),
                _ => self.long([start, more, end_1, end_2, end_3], 2, target, x),
            },
            Form::Terms => match x.len() {
                0 => self.value(Op::Sum, target, x),
                1 => self.put(Kind::Copy, target, x),
                2 => self.put(Kind::Add, target, x),
                3 => self.put(Kind::Sum3, target, x),
                _ => {
                    let ends = [Kind::SumEnd1, Kind::SumEnd2, Kind::SumEnd3];
                    let [end_1, end_2, end_3] = ends;
                    let kinds = [Kind::SumStart, Kind::SumMore, end_1, end_2, end_3];
                    self.long(kinds, 1, target, x);
                }
            },
            Form::Unary(op) if is_last(x[0]) => self.call(Kind::UnaryLast, op, target, x),
            Form::Unary(op) => self.call(Kind::Unary, op, target, x),
            Form::Binary(op) => self.call(Kind::Binary, op, target, x),
            Form::Value(op) => self.value(op, target, x),
            Form::Other => {}
        }
    }

    /// A list of more than three terms of so many operands each.
    fn long(&mut self, [start, more, ends @ ..]: [Kind; 5], each: usize, target: Spot, x: &[Spot]) {
        let mut kind = start;
        let mut rest = x;
        while rest.len() > 3 * each {
            let (now, behind) = rest.split_at(3 * each);
            self.put(kind, target, now);
            (kind, rest) = (more, behind);
        }
        self.put(ends[rest.len() / each - 1], target, rest);
    }

    fn value(&mut self, op: Op, target: Spot, x: &[Spot]) {
        let (threes, ones) = x.as_chunks::<3>();
        for three in threes {
            self.put(Kind::Push3, target, three);
        }
        for &one in ones {
            self.put(Kind::Push1, target, &[one]);
        }
        let number = Spot::fixed(self.sizes.ops as u32);
        self.sizes.ops += 1;
        self.sizes.stack = self.sizes.stack.max(x.len());
        if !self.counts_only {
            self.out.rare.ops.push(op);
        }
        self.put(Kind::Value, target, &[number]);
    }

    fn put(&mut self, kind: Kind, target: Spot, operands: &[Spot]) {
        self.next(Open { kind, op: None, function: 0, spots: spots(target, operands) });
    }

    /// A step that calls an operation's code.
    fn call(&mut self, kind: Kind, op: Op, target: Spot, operands: &[Spot]) {
        let (function, spots) = (self.functions.of(op), spots(target, operands));
        self.next(Open { kind, op: Some(op), function, spots });
    }

    fn next(&mut self, next: Open) {
        // Whether a step writes is up to its kind; one that does not is followed by steps that don't look here.
        self.last = Some(next.spots[0]);
        let (paths, functions) = (&self.paths, &mut self.functions);
        if self.open.as_mut().is_some_and(|open| open.merge(paths, functions, &next)) {
            return;
        }
        self.close();
        self.open = Some(next);
    }

    /// Writes the step before.
    fn close(&mut self) {
        let Some(Open { kind, function, spots, .. }) = self.open.take() else { return };
        let step = self.sizes.steps;
        self.sizes.steps += 1;
        self.sizes.moves += self.around.len();
        for depth in 0..self.around.len() {
            self.extend(depth, step, &spots);
        }
        if !self.counts_only {
            let mut at = Places::default();
            for (at, spot) in at.0.iter_mut().zip(&spots) {
                *at = spot.address;
            }
            self.out.steps.push(Step { at, kind, function });
        }
    }

    /// What the loop at this depth does with a step.
    fn extend(&mut self, depth: usize, step: usize, spots: &[Spot]) {
        let frame = &mut self.around[depth];
        let extent = &mut self.extents[frame.number];
        if self.counts_only {
            extent.steps += 1;
        }
        let mut by = Places::default();
        for (place, spot) in spots.iter().enumerate() {
            let path = self.paths.get(spot.path);
            by.0[place] = path.by(depth + 1) as u32;
            for table in path.tables.iter().filter(|table| table.rows.len() == depth + 1) {
                let rows = table.rows[..depth].iter().enumerate().filter(|(_, by)| **by != 0);
                self.sizes.tables += 1;
                self.sizes.rows += rows.clone().count();
                if self.counts_only {
                    extent.tables += 1;
                    continue;
                }
                let first_row = self.out.rows.len() as u32;
                let rows = rows.map(|(depth, &by)| Row { depth: depth as u32, by: by as u32 });
                self.out.rows.extend(rows);
                self.out.tables[frame.next_table] = Table {
                    step: (step - frame.first) as u32,
                    place: place as u32,
                    start: table.start,
                    base: spot.address,
                    rows: (first_row, self.out.rows.len() as u32),
                };
                frame.next_table += 1;
            }
        }
        if !self.counts_only {
            self.out.moves[frame.moves + step - frame.first] = by;
        }
    }
}
