//! Random nests: loops in loops with steps of all kinds, values that are carried along, lists, blocks and totals.

use uphill_graph::Op;

use super::tree::{At, Node, at, code, unrolled};
use crate::code::{Action, Block, Code, DEEPEST, Layout, Step, Weights};
use crate::program::Program;

/// Numbers that depend on the seed alone.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `count`.
    fn below(&mut self, count: u32) -> u32 {
        (self.next() >> 33) as u32 % count
    }

    fn within(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1) as u32) as i32
    }

    fn chance(&mut self, one_in: u32) -> bool {
        self.below(one_in) == 0
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u32) as usize]
    }
}

/// Addresses from `.0` up to and without `.1`.
type Region = (u32, u32);

/// Writes one piece of code.
struct Writer<'r> {
    random: &'r mut Random,
    /// Where operands are, and where results go; operands that differ from sample to sample.
    reads: Vec<Region>,
    writes: Region,
    varying: Region,
    /// Where weights are, and where sums are, if there are any.
    weights: Vec<Region>,
    sums: Option<Region>,
    pool: Vec<u32>,
}

impl Writer<'_> {
    /// First all numbers get a value, so that all can be read.
    fn all(&mut self, pieces: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        for address in self.writes.0..self.writes.1 {
            let (first, end) = self.random.one_of(&self.reads[..1]);
            let from = first + self.random.below(end - first);
            nodes.push(Node::One(Action::Op(Op::Sin), at(address, &[]), vec![at(from, &[])]));
        }
        for _ in 0..pieces {
            let mut recent = Vec::new();
            match self.random.below(3) {
                0 => {
                    let piece = self.instruction(&[], &mut recent);
                    nodes.push(piece);
                }
                _ => nodes.push(self.nest(&[], &[])),
            }
        }
        nodes
    }

    fn nest(&mut self, around: &[u32], known: &[At]) -> Node {
        let product: u32 = around.iter().map(|&n| n.max(1)).product();
        let counts: &[u32] = if product > 60 { &[1, 2] } else { &[0, 1, 2, 2, 3, 4, 7] };
        let iterations = [around, &[self.random.one_of(counts)]].concat();
        let inner =
            |place: &At| At { steps: [&place.steps[..], &[Step::By(0)]].concat(), ..*place };
        let mut recent: Vec<At> = known.iter().map(inner).collect();
        let mut body = Vec::new();
        for _ in 0..self.random.within(1, 6) {
            if iterations.len() < 4 && self.random.chance(3) {
                body.push(self.nest(&iterations, &recent));
            } else {
                body.push(self.instruction(&iterations, &mut recent));
            }
        }
        Node::Loop(iterations[around.len()], body)
    }

    /// A place that stays within a region in all of these iterations.
    fn place(&mut self, (first, end): Region, iterations: &[u32]) -> At {
        for attempt in 0..8 {
            let before = self.pool.len();
            let (steps, low, high) = self.steps(iterations, attempt == 7);
            let (low, high) = (i64::from(first) - low, i64::from(end) - 1 - high);
            if low <= high {
                let address = low + i64::from(self.random.below((high - low + 1) as u32));
                return At { address: address as u32, steps };
            }
            self.pool.truncate(before);
        }
        unreachable!("a place that stays fits")
    }

    /// Steps, and how far they lead.
    fn steps(&mut self, iterations: &[u32], stays: bool) -> (Vec<Step>, i64, i64) {
        let (mut steps, mut low, mut high) = (Vec::new(), 0, 0);
        // From the inside to the outside: the rows that a table has got so far.
        let mut table: Option<(usize, i64, i64)> = None;
        for &count in iterations.iter().rev() {
            let last = i64::from(count.max(1)) - 1;
            let choice = if stays { 0 } else { self.random.below(9) };
            let step = match choice {
                0..=3 => {
                    let by = if stays { 0 } else { self.random.one_of(&[0, 0, 1, 1, -1, 2, 5]) };
                    low += (i64::from(by) * last).min(0);
                    high += (i64::from(by) * last).max(0);
                    Step::By(by)
                }
                4 | 5 if table.is_some() => {
                    let by = self.random.within(-3, 4);
                    if let Some((_, from, to)) = &mut table {
                        *from += (i64::from(by) * last).min(0);
                        *to += (i64::from(by) * last).max(0);
                    }
                    Step::Row(by)
                }
                6 | 7 => {
                    self.fill(&mut steps, table.take(), &mut low, &mut high);
                    table = Some((steps.len(), 0, last));
                    Step::Table(0)
                }
                _ => Step::By(0),
            };
            steps.push(step);
        }
        self.fill(&mut steps, table, &mut low, &mut high);
        steps.reverse();
        (steps, low, high)
    }

    /// Entries for a table.
    fn fill(
        &mut self,
        steps: &mut [Step],
        table: Option<(usize, i64, i64)>,
        low: &mut i64,
        high: &mut i64,
    ) {
        let Some((place, from, to)) = table else { return };
        steps[place] = Step::Table((self.pool.len() as i64 - from) as u32);
        let entries: Vec<i32> = (from..=to).map(|_| self.random.within(-4, 4)).collect();
        *low += i64::from(entries.iter().copied().min().unwrap_or(0));
        *high += i64::from(entries.iter().copied().max().unwrap_or(0));
        self.pool.extend(entries.into_iter().map(|entry| entry as u32));
    }

    fn operand(&mut self, iterations: &[u32], recent: &[At]) -> At {
        if !recent.is_empty() && self.random.chance(2) {
            return recent[self.random.below(recent.len() as u32) as usize].clone();
        }
        let region = self.random.one_of(&self.reads.clone());
        self.place(region, iterations)
    }

    fn instruction(&mut self, iterations: &[u32], recent: &mut Vec<At>) -> Node {
        if self.random.chance(8) {
            return self.block(iterations);
        }
        if self.random.chance(4)
            && let Some(target) = self.sum(iterations)
        {
            let is_varying = |place: &&At| (self.writes.0..self.writes.1).contains(&place.address);
            let x = recent.iter().rev().find(is_varying).cloned();
            let x = x.filter(|x| x.steps.iter().all(|step| *step == Step::By(0)));
            let x = x.unwrap_or_else(|| self.place(self.varying, iterations));
            return Node::One(Action::Total, target, vec![x]);
        }
        let (action, count) = self.action();
        let mut operands: Vec<At> = (0..count).map(|_| self.operand(iterations, recent)).collect();
        let target = match self.random.below(5) {
            // A place again, or a value that goes on in place.
            0 if !recent.is_empty() => {
                let place = recent[self.random.below(recent.len() as u32) as usize].clone();
                if self.is_writable(&place, iterations) {
                    place
                } else {
                    self.place(self.writes, iterations)
                }
            }
            _ => self.place(self.writes, iterations),
        };
        if let Some(first) = operands.first_mut() {
            match self.random.below(4) {
                0 => *first = target.clone(),
                1 => *first = self.before(&target, iterations).unwrap_or_else(|| first.clone()),
                _ => {}
            }
        }
        recent.extend(operands.iter().cloned());
        recent.push(target.clone());
        Node::One(action, target, operands)
    }

    /// Whether a place stays where results go.
    fn is_writable(&self, place: &At, iterations: &[u32]) -> bool {
        let mut reach = (i64::from(place.address), i64::from(place.address));
        for (step, &count) in place.steps.iter().zip(iterations) {
            let Step::By(by) = *step else { return false };
            let last = i64::from(by) * (i64::from(count.max(1)) - 1);
            reach = (reach.0 + last.min(0), reach.1 + last.max(0));
        }
        reach.0 >= i64::from(self.writes.0) && reach.1 < i64::from(self.writes.1)
    }

    /// Where a place that moves evenly was one iteration before.
    fn before(&self, place: &At, iterations: &[u32]) -> Option<At> {
        let &Step::By(by) = place.steps.last()? else { return None };
        let address = u32::try_from(i64::from(place.address) - i64::from(by)).ok()?;
        let before = At { address, ..place.clone() };
        self.is_writable(&before, iterations).then_some(before)
    }

    /// A sum of its own for each iteration, if there are so many left.
    fn sum(&mut self, iterations: &[u32]) -> Option<At> {
        let (first, end) = self.sums?;
        let count: u32 = iterations.iter().map(|&n| n.max(1)).product();
        if end - first < count {
            return None;
        }
        self.sums = Some((first + count, end));
        let mut stride = 1;
        let mut steps: Vec<Step> = Vec::new();
        for &count in iterations.iter().rev() {
            steps.push(if self.random.chance(3) {
                let start = self.pool.len() as u32;
                self.pool.extend((0..count.max(1)).rev().map(|k| k * stride));
                Step::Table(start)
            } else {
                Step::By(stride as i32)
            });
            stride *= count.max(1);
        }
        steps.reverse();
        Some(At { address: first, steps })
    }

    fn action(&mut self) -> (Action, usize) {
        let list = self.random.within(0, 9) as usize;
        let choices = [
            (Action::Op(Op::Sin), 1),
            (Action::Op(Op::Cos), 1),
            (Action::Op(Op::Tanh), 1),
            (Action::Op(Op::Sigmoid), 1),
            (Action::Op(Op::Sigmoid), 1),
            (Action::Op(Op::Atan), 1),
            (Action::Op(Op::Add), 2),
            (Action::Op(Op::Sub), 2),
            (Action::Op(Op::Mul), 2),
            (Action::Op(Op::Mul), 2),
            (Action::Op(Op::Max), 2),
            (Action::Op(Op::Atan2), 2),
            (Action::Op(Op::Select), 3),
            (Action::Op(Op::Mean), list.max(1)),
            (Action::Op(Op::LogSumExp), list.max(1)),
            (Action::Op(Op::Sum), list.min(5)),
            (Action::Dot, 2 * (list / 2)),
            (Action::Copy, 1),
            (Action::TanhSlope, 2),
            (Action::SigmoidSlope, 2),
            (Action::MultiplyAdd, 3),
            (Action::NegativeMultiplyAdd, 3),
            (Action::MultiplySubtract, 3),
        ];
        self.random.one_of(&choices)
    }

    /// A block: what it reads lies in the first half of the results or elsewhere, what it writes in the second.
    fn block(&mut self, iterations: &[u32]) -> Node {
        let (first, end) = self.writes;
        let middle = first.midpoint(end);
        let read = if self.random.chance(3) { (first, middle) } else { self.varying };
        let mut shapes = vec![(1, 1), (2, 3), (5, 2), (4, 7), (7, 5)];
        shapes.retain(|&(rows, columns)| rows < end - middle && columns < read.1 - read.0);
        let (rows, columns) = self.random.one_of(&shapes);
        let list = |writer: &mut Self, count: u32, (first, end): Region| {
            let even = writer.random.chance(2);
            let place = writer.place((first, end - count), iterations);
            let mut list: Vec<u32> = (0..count).collect();
            if !even {
                list.reverse();
                list.swap(0, count as usize / 2);
            }
            let address = place.address;
            (
                list.into_iter().map(|k| address.wrapping_add(k)).collect::<Vec<u32>>(),
                At { address: 0, ..place },
            )
        };
        let (targets, by_targets) = list(self, rows, (middle, end));
        let (inputs, by_inputs) = list(self, columns, read);
        let (low, high) = self.random.one_of(&self.weights.clone());
        let (row_step, column_step) =
            self.random.one_of(&[(columns as i32, 1), (1, rows as i32), (0, 1), (1, 0)]);
        let reach = (rows - 1) * row_step as u32 + (columns - 1) * column_step as u32;
        let stays = self.random.chance(4);
        let place = match stays || high - low <= reach {
            true => At { address: low, steps: vec![Step::By(0); iterations.len()] },
            false => self.place((low, high - reach), iterations),
        };
        let first = place.address;
        let mut weights = Weights::Affine { first, row_step, column_step };
        if stays || high - low <= reach {
            let table = (0..rows * columns).map(|_| low + self.random.below(high - low));
            weights = Weights::Table(table.collect());
        }
        let by_weights = At { address: 0, ..place };
        Node::Block(Block { inputs, targets, weights }, [by_targets, by_inputs, by_weights])
    }
}

/// A random program and the same without loops: over samples, or not.
pub(crate) fn programs(seed: u64, over_samples: bool) -> [Program; 2] {
    let random = &mut Random(seed);
    let [constants, shared, before, sums, after, columns, slots] = match over_samples {
        true => [5, 40, 16, 24, 12, 5, 40],
        false => [5, 40, 60, 0, 0, 0, 0],
    };
    let sums_at = constants + shared + before;
    let per_call = sums_at + sums + 1 + after;
    let layout = Layout {
        constants: vec![0.5, -1.0, 1.0, 0.25, 1.5],
        shared: constants,
        shared_count: shared,
        sums: sums_at,
        sum_count: sums,
        sample_count: sums_at + sums,
        targets: 0,
        target_count: 0,
        per_call,
        column_count: columns,
        end: per_call + columns + slots,
    };
    let given = (0, constants + shared);
    let own = (constants + shared, sums_at);
    let mut piece = |reads: Vec<Region>, writes: Region, varying, weights, sums, pieces: usize| {
        let pool = Vec::new();
        let mut writer = Writer { random, reads, writes, varying, weights, sums, pool };
        let nodes = writer.all(pieces);
        [code(&nodes, &writer.pool), unrolled(&nodes, &writer.pool)]
    };
    let mut codes = [(); 2].map(|()| [Code::default(), Code::default(), Code::default()]);
    let mut put = |which: usize, both: [Code; 2]| {
        for (codes, code) in codes.iter_mut().zip(both) {
            codes[which] = code;
        }
    };
    put(0, piece(vec![given, own], own, given, vec![given], None, 6));
    if over_samples {
        let varying = (per_call, layout.end);
        let slots = (per_call + columns, layout.end);
        let reads = vec![(per_call, per_call + columns), slots, (0, sums_at)];
        let sums = Some((sums_at, sums_at + sums));
        let weights = vec![given, (0, sums_at)];
        put(1, piece(reads, slots, (varying.0, slots.0), weights, sums, 6));
        let last = (layout.sample_count + 1, per_call);
        put(2, piece(vec![(0, layout.sample_count), last], last, given, vec![given], None, 4));
    }
    assert!(layout.per_call > 0 && DEEPEST > 4, "nests of four loops");
    codes.map(|codes| super::program(&layout, codes, over_samples).unwrap())
}
