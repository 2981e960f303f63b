//! From instructions to steps, twice: once to learn how long the lists get, and once to write them.
//!
//! A step is kept open until the next one is known, since some two or three instructions are one step.

use smallvec::SmallVec;
use uphill_graph::Op;

use super::{Form, Kind, Places, Rare, Segment, Step, Steps, Table, form};
use crate::program::{self, Action, Code, Instruction, Verified};
use crate::run::scalar;
use crate::scalar_kernels::{Binary, Unary};

/// How long the lists of [`Steps`] are.
#[derive(Debug, Clone, Copy, Default)]
struct Sizes {
    segments: usize,
    steps: usize,
    moves: usize,
    tables: usize,
    unary: usize,
    binary: usize,
    ops: usize,
    body: usize,
    stack: usize,
}

/// An address, and how it moves in a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spot {
    address: u32,
    by: u32,
    table: Option<u32>,
}

impl Spot {
    fn fixed(address: u32) -> Spot {
        Spot { address, by: 0, table: None }
    }

    /// Whether it is another address in every iteration.
    fn is_apart_from(&self, other: Spot) -> bool {
        self.table.is_none() && self.by == other.by && self.address != other.address
    }
}

impl Steps {
    /// No steps.
    pub(in crate::run) fn none() -> Steps {
        Steps::with_room(0, &Sizes::default())
    }

    fn with_room(memory: usize, sizes: &Sizes) -> Steps {
        let rare = Rare {
            unary: Vec::with_capacity(sizes.unary),
            binary: Vec::with_capacity(sizes.binary),
            ops: Vec::with_capacity(sizes.ops),
            stack: Vec::with_capacity(sizes.stack),
        };
        Steps {
            memory,
            run: scalar::best(),
            segments: Vec::with_capacity(sizes.segments),
            steps: Vec::with_capacity(sizes.steps),
            moves: Vec::with_capacity(sizes.moves),
            tables: Vec::with_capacity(sizes.tables),
            rare,
            body: Vec::with_capacity(sizes.body),
        }
    }

    /// Takes as much memory as [`Steps::bytes`] says.
    pub(in crate::run) fn new(code: &Verified) -> Steps {
        let out = Steps::with_room(code.memory(), &Maker::sizes(code));
        let mut maker = Maker {
            code,
            counts_only: false,
            sizes: Sizes::default(),
            out,
            last: None,
            open: None,
        };
        maker.all();
        maker.out
    }

    /// How many bytes the steps of this code take.
    pub(in crate::run) fn bytes(code: &Verified) -> usize {
        let sizes = Maker::sizes(code);
        sizes.segments * size_of::<Segment>()
            + (sizes.steps + sizes.body) * size_of::<Step>()
            + sizes.moves * size_of::<Places>()
            + sizes.tables * size_of::<Table>()
            + sizes.unary * size_of::<Unary>()
            + sizes.binary * size_of::<Binary>()
            + sizes.ops * size_of::<Op>()
            + sizes.stack * size_of::<f64>()
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
}

/// A step that is not written yet.
struct Open {
    kind: Kind,
    /// The target and the operands.
    spots: SmallVec<[Spot; 8]>,
    /// In a loop, its first step.
    body: Option<usize>,
}

impl Open {
    /// One step for two instructions, where there is one.
    fn merge(&mut self, kind: Kind, target: Spot, operands: &[Spot]) -> bool {
        use Kind::{Cos, CosLast, CosSin, CosSinLast, Sin, SinCos, SinCosLast, SinLast};
        use Kind::{Dot3, DotSigmoid, Mul, MulLast, SigmoidLast};
        use Kind::{MulPair, MulPairLast, MulTriple, MulTripleLast};
        if (self.kind, kind) == (Dot3, SigmoidLast) {
            self.kind = DotSigmoid;
            self.spots.push(target);
            return true;
        }
        let more = match (self.kind, kind) {
            (Mul, Mul) => MulPair,
            (MulLast, Mul) => MulPairLast,
            (MulPair, Mul) => MulTriple,
            (MulPairLast, Mul) => MulTripleLast,
            (Sin, Cos) => SinCos,
            (SinLast, Cos) => SinCosLast,
            (Cos, Sin) => CosSin,
            (CosLast, Sin) => CosSinLast,
            _ => return false,
        };
        // `x` is read once, so it must not be written in between.
        let x = self.spots[1];
        let is_free = |written: &Spot| written.is_apart_from(x);
        let targets = [self.spots.first(), self.spots.get(3)];
        if operands[0] != x || x.table.is_some() || !targets.into_iter().flatten().all(is_free) {
            return false;
        }
        self.kind = more;
        self.spots.push(target);
        self.spots.extend_from_slice(&operands[1..]);
        true
    }
}

impl Maker<'_> {
    fn sizes(code: &Code) -> Sizes {
        let (sizes, out) = (Sizes::default(), Steps::none());
        let mut maker = Maker { code, counts_only: true, sizes, out, last: None, open: None };
        maker.all();
        maker.sizes
    }

    fn all(&mut self) {
        let code = self.code;
        let mut rest = code.instructions.as_slice();
        let mut start = 0;
        while let Some((instruction, behind)) = rest.split_first() {
            rest = behind;
            match instruction.action {
                Action::Loop => {
                    self.straight(&mut start);
                    let length = code.loops[instruction.x as usize].length as usize;
                    let (body, behind) = rest.split_at(length);
                    rest = behind;
                    self.repeated(instruction.x, body);
                    start = self.sizes.steps;
                }
                Action::Block => {
                    self.straight(&mut start);
                    self.segment(Segment::Block(instruction.x));
                    self.last = None;
                }
                _ => {
                    let operands = code.operands(instruction).into_iter().map(Spot::fixed);
                    let operands: SmallVec<[Spot; 8]> = operands.collect();
                    let target = Spot::fixed(instruction.target);
                    self.instruction(instruction.action, target, &operands, None);
                }
            }
        }
        self.straight(&mut start);
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

    fn repeated(&mut self, number: u32, body: &[Instruction]) {
        let code = self.code;
        let repeat = code.loops[number as usize];
        let first = self.sizes.steps;
        let mut steps = code.steps[repeat.first_step as usize..].iter();
        let mut next = |address| match steps.next() {
            Some(&program::Step::By(by)) => Spot { address, by: by as u32, table: None },
            Some(&program::Step::Table(start)) => Spot { address, by: 0, table: Some(start) },
            None => Spot::fixed(address),
        };
        self.last = None;
        for instruction in body {
            let target = next(instruction.target);
            let operands = code.operands(instruction).into_iter().map(&mut next);
            let operands: SmallVec<[Spot; 8]> = operands.collect();
            self.instruction(instruction.action, target, &operands, Some(first));
        }
        self.close();
        self.last = None;
        self.sizes.body = self.sizes.body.max(self.sizes.steps - first);
        let (end, tables) = (self.sizes.steps as u32, self.sizes.tables as u32);
        self.segment(Segment::Loop { end, iterations: repeat.iterations, tables });
    }

    /// `body`: in a loop, its first step.
    fn instruction(&mut self, action: Action, target: Spot, x: &[Spot], body: Option<usize>) {
        let is_last = |spot| self.last == Some(spot) && spot.table.is_none();
        match form(action) {
            Form::One([_, kind]) if is_last(x[0]) => self.put(kind, target, x, body),
            Form::One([kind, _]) => self.put(kind, target, x, body),
            Form::Two([_, kind, _]) if is_last(x[0]) => self.put(kind, target, x, body),
            Form::Two([.., kind]) if is_last(x[1]) => self.put(kind, target, &x[..1], body),
            Form::Two([kind, ..]) | Form::Three(kind) => self.put(kind, target, x, body),
            Form::Pairs([one, two, three, start, more, end_1, end_2, end_3]) => match x.len() {
                0 => self.value(Op::Sum, target, x, body),
                2 => self.put(one, target, x, body),
                4 => self.put(two, target, x, body),
                6 => self.put(three, target, x, body),
                _ => self.long([start, more, end_1, end_2, end_3], 2, target, x, body),
            },
            Form::Terms => match x.len() {
                0 => self.value(Op::Sum, target, x, body),
                1 => self.put(Kind::Copy, target, x, body),
                2 => self.put(Kind::Add, target, x, body),
                3 => self.put(Kind::Sum3, target, x, body),
                _ => {
                    let ends = [Kind::SumEnd1, Kind::SumEnd2, Kind::SumEnd3];
                    let [end_1, end_2, end_3] = ends;
                    let kinds = [Kind::SumStart, Kind::SumMore, end_1, end_2, end_3];
                    self.long(kinds, 1, target, x, body);
                }
            },
            Form::Unary(function) => {
                let number = Spot::fixed(self.sizes.unary as u32);
                self.sizes.unary += 1;
                if !self.counts_only {
                    self.out.rare.unary.push(function);
                }
                self.put(Kind::Unary, target, &[x[0], number], body);
            }
            Form::Binary(function) => {
                let number = Spot::fixed(self.sizes.binary as u32);
                self.sizes.binary += 1;
                if !self.counts_only {
                    self.out.rare.binary.push(function);
                }
                self.put(Kind::Binary, target, &[x[0], x[1], number], body);
            }
            Form::Value(op) => self.value(op, target, x, body),
            Form::Other => {}
        }
    }

    /// A list of more than three terms of so many operands each.
    fn long(
        &mut self,
        [start, more, ends @ ..]: [Kind; 5],
        each: usize,
        target: Spot,
        x: &[Spot],
        body: Option<usize>,
    ) {
        let mut kind = start;
        let mut rest = x;
        while rest.len() > 3 * each {
            let (now, behind) = rest.split_at(3 * each);
            self.put(kind, target, now, body);
            (kind, rest) = (more, behind);
        }
        self.put(ends[rest.len() / each - 1], target, rest, body);
    }

    fn value(&mut self, op: Op, target: Spot, x: &[Spot], body: Option<usize>) {
        let (threes, ones) = x.as_chunks::<3>();
        for three in threes {
            self.put(Kind::Push3, target, three, body);
        }
        for &one in ones {
            self.put(Kind::Push1, target, &[one], body);
        }
        let number = Spot::fixed(self.sizes.ops as u32);
        self.sizes.ops += 1;
        self.sizes.stack = self.sizes.stack.max(x.len());
        if !self.counts_only {
            self.out.rare.ops.push(op);
        }
        self.put(Kind::Value, target, &[number], body);
    }

    fn put(&mut self, kind: Kind, target: Spot, operands: &[Spot], body: Option<usize>) {
        // Whether a step writes is up to its kind; one that does not is followed by steps that don't look here.
        self.last = Some(target);
        if self.open.as_mut().is_some_and(|open| open.merge(kind, target, operands)) {
            return;
        }
        self.close();
        let spots = [target].into_iter().chain(operands.iter().copied()).collect();
        self.open = Some(Open { kind, spots, body });
    }

    /// Writes the step before.
    fn close(&mut self) {
        let Some(Open { kind, spots, body }) = self.open.take() else { return };
        let step = self.sizes.steps;
        self.sizes.steps += 1;
        self.sizes.moves += usize::from(body.is_some());
        let (mut at, mut by) = (Places::default(), Places::default());
        for (place, spot) in spots.iter().enumerate() {
            (at.0[place], by.0[place]) = (spot.address, spot.by);
            if let (Some(first), Some(start)) = (body, spot.table) {
                self.sizes.tables += 1;
                if !self.counts_only {
                    let step = (step - first) as u32;
                    self.out.tables.push(Table { step, place: place as u32, start });
                }
            }
        }
        if !self.counts_only {
            self.out.steps.push(Step { at, kind });
            if body.is_some() {
                self.out.moves.push(by);
            }
        }
    }
}
