//! A loop that is followed while it is recorded: operations are compared with those of one iteration before, and not
//! written down again.
//!
//! From time to time the recorder looks whether what it wrote last has a period ([`period`](super::period::period)). If so, one more iteration is
//! learnt, and from then on an operation costs a comparison and no memory, but where its operands move unevenly or are
//! data. What does not fit ends the loop: the piece of an iteration that is left is written as it is. Nodes of the
//! followed iterations have numbers like all others, and a stand-in in the graph, until the list takes the loop up.

use smallvec::SmallVec;

use super::dense::{Factor, MOST, Products};
use crate::node::NodeId;
use crate::op::Op;

/// How many operations in a row must have a period.
pub(crate) const LOOKED_AT: usize = 1 << 15;
/// Fewer values than this are written out in the end.
const FEWEST: u64 = 1 << 15;
/// Up to how many iterations back a value is carried.
pub(super) const MOST_BACK: u32 = 4;

/// What moved evenly for so many iterations is not looked up in a table later.
const EVEN: u32 = 16;

/// What an operation reads: a node, or a number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Operand {
    Node(u32),
    Number(f64),
}

/// How an operand went on so far.
#[derive(Debug, Clone)]
enum Pace {
    /// Known from one iteration only.
    Once(Operand),
    /// By an equal step within the loop: own values and those of the iteration before, with the first operands.
    Along(Firsts),
    /// By an equal step outside of the loop.
    Outside {
        base: u32,
        step: i64,
    },
    /// At places of their own, and for how many iterations these were nonetheless even.
    Listed(Vec<u32>, u32),
    Same(f64),
    Data(Vec<f64>),
}

/// The operands of the first iterations, which read what lies before the loop.
type Firsts = SmallVec<[Operand; 1]>;

/// What is expected of an operand next, in few bytes: most operations ask for nothing else.
#[derive(Debug, Clone, Copy)]
struct Expected {
    /// A node's number, or the bits of a number.
    word: u64,
    /// By how much a node moves on.
    step: u32,
    /// Which nodes will not do. 0 if a number is expected, or what only the pace can tell.
    end: u32,
}

impl Expected {
    /// That of operands which are compared with their paces.
    const UNKNOWN: Expected = Expected { word: 0, step: 1, end: 0 };

    fn node(next: u32, step: u32, end: u32) -> Expected {
        Expected { word: u64::from(next), step, end }
    }

    fn number(number: f64) -> Expected {
        Expected { word: number.to_bits(), step: 0, end: 0 }
    }

    /// Whether it is this operand; moves on.
    #[inline]
    fn is(&mut self, operand: Operand) -> bool {
        match operand {
            Operand::Node(node) => {
                let is = u64::from(node) == self.word && node < self.end;
                if is {
                    self.word = u64::from(node.wrapping_add(self.step));
                }
                is
            }
            Operand::Number(number) => {
                number.to_bits() == self.word && self.step == 0 && self.end == 0
            }
        }
    }
}

/// A loop that is being followed.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    first: u32,
    period: usize,
    ops: Vec<Op>,
    /// Where each operation's operands begin.
    starts: Vec<u32>,
    paces: Vec<Pace>,
    /// One a pace.
    expected: Vec<Expected>,
    iteration: u32,
    /// How many operations of an iteration that is not complete there are.
    partial: usize,
    names: Vec<(NodeId, String)>,
}

/// A loop that was followed to its end.
#[derive(Debug, Clone)]
pub(crate) struct Repeated {
    pub(crate) first: u32,
    pub(crate) iterations: u32,
    pub(crate) ops: Vec<Op>,
    pub(crate) starts: Vec<u32>,
    pub(crate) operands: Vec<Moves>,
}

impl Repeated {
    /// How many values it has.
    pub(crate) fn width(&self) -> u32 {
        self.iterations * self.ops.len() as u32
    }
}

/// How an operand moves in a loop that was followed.
#[derive(Debug, Clone)]
pub(crate) enum Moves {
    /// A value of the same iteration.
    Own(u32),
    /// A value of an iteration before, with what the first iterations read instead.
    Carried {
        place: u32,
        firsts: Firsts,
    },
    /// Nodes outside, at an equal distance.
    Evenly {
        base: u32,
        step: i64,
    },
    /// Nodes outside.
    Listed(Vec<u32>),
    Number(f64),
    Data(Vec<f64>),
}

/// What is to be written as it is, in order: operations and their operands.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) ops: Vec<(Op, u32)>,
    pub(crate) operands: Vec<Operand>,
    pub(crate) names: Vec<(NodeId, String)>,
}

impl Follower {
    /// Follows what begins at a node.
    pub(crate) fn new(first: usize, period: usize) -> Follower {
        Follower {
            first: first as u32,
            period,
            ops: Vec::with_capacity(period),
            starts: vec![0],
            paces: Vec::new(),
            expected: Vec::new(),
            iteration: 0,
            partial: 0,
            names: Vec::new(),
        }
    }

    /// The number of the next node.
    #[inline]
    fn next(&self) -> u32 {
        self.first + self.iteration * self.period as u32 + self.partial as u32
    }

    /// Takes an operation, and gives the number of its node; nothing if it does not fit.
    #[inline]
    pub(crate) fn take(&mut self, op: Op, operands: &[Operand]) -> Option<NodeId> {
        let at = self.partial;
        let id = self.next();
        // The last numbers are left for what is written behind the loop.
        if id >= crate::graph::BODIES - (1 << 21) {
            return None;
        }
        if self.iteration == 0 {
            self.ops.push(op);
            self.paces.extend(operands.iter().map(|&operand| Pace::Once(operand)));
            self.expected.resize(self.paces.len(), Expected::UNKNOWN);
            self.starts.push(self.paces.len() as u32);
        } else {
            let own = self.starts[at] as usize..self.starts[at + 1] as usize;
            if self.ops[at] != op || own.len() != operands.len() {
                return None;
            }
            let expected = &mut self.expected[own.clone()];
            for (k, (expected, &operand)) in expected.iter_mut().zip(operands).enumerate() {
                if !expected.is(operand) {
                    let begin = self.first + self.iteration * self.period as u32;
                    let place = (self.first, begin, self.period as u32, self.iteration);
                    *expected = self.paces[own.start + k].turn(operand, place)?;
                }
            }
        }
        self.partial += 1;
        if self.partial == self.period {
            self.partial = 0;
            self.iteration += 1;
            // Of the iteration before the last one nobody asks.
            let complete = self.next() - self.period as u32;
            self.names.retain(|(node, _)| node.index() >= complete as usize);
        }
        Some(NodeId::new(id as usize))
    }

    /// Whether a node is one of the loop.
    pub(crate) fn has(&self, node: NodeId) -> bool {
        node.index() >= self.first as usize
    }

    /// Names a node of the loop; false if it is none.
    pub(crate) fn name(&mut self, node: NodeId, name: &str) -> bool {
        let here = self.has(node);
        if here && !self.names.iter().any(|(named, _)| *named == node) {
            self.names.push((node, name.to_owned()));
        }
        here
    }

    pub(crate) fn given_name(&self, node: NodeId) -> Option<&str> {
        self.names.iter().find(|(named, _)| *named == node).map(|(_, name)| &**name)
    }

    /// Ends it: the loop, if it is long enough, and what is to be written behind it.
    pub(crate) fn end(mut self) -> (Option<Repeated>, Written) {
        let (first, period, iterations) = (self.first, self.period as u32, self.iteration);
        let mut rest = Written { names: std::mem::take(&mut self.names), ..Written::default() };
        for (k, &op) in self.ops[..self.partial].iter().enumerate() {
            let own = self.starts[k] as usize..self.starts[k + 1] as usize;
            rest.ops.push((op, own.len() as u32));
            let each = self.paces[own.clone()].iter().zip(&self.expected[own]);
            rest.operands.extend(each.map(|(pace, expected)| pace.latest(expected)));
        }
        let paces = self.paces.into_iter().zip(&self.expected);
        let repeated = Repeated {
            first,
            iterations,
            starts: std::mem::take(&mut self.starts),
            operands: paces
                .map(|(pace, expected)| pace.ended(expected, first, period, iterations))
                .collect(),
            ops: std::mem::take(&mut self.ops),
        };
        let all = u64::from(iterations) * u64::from(period);
        if all >= FEWEST && iterations > MOST_BACK && (all >= MOST || !repeated.is_dense()) {
            return (Some(repeated), rest);
        }
        let mut all = Written { names: std::mem::take(&mut rest.names), ..Written::default() };
        for iteration in 0..iterations {
            for (k, &op) in repeated.ops.iter().enumerate() {
                let own = repeated.starts[k] as usize..repeated.starts[k + 1] as usize;
                all.ops.push((op, own.len() as u32));
                let operands = repeated.operands[own].iter();
                all.operands.extend(operands.map(|moves| moves.at(iteration, first, period)));
            }
        }
        all.ops.append(&mut rest.ops);
        all.operands.append(&mut rest.operands);
        (None, all)
    }
}

impl Repeated {
    /// Whether the iterations are rows of a matrix times a vector.
    fn is_dense(&self) -> bool {
        let mut products = Products::default();
        let factor = |place: usize| match &self.operands[place] {
            Moves::Evenly { step: 0, .. } => Factor::Still { variable: false },
            Moves::Evenly { .. } | Moves::Listed(_) => Factor::Moving(place as u32),
            Moves::Own(place) => Factor::Own(*place),
            Moves::Carried { .. } | Moves::Number(_) | Moves::Data(_) => Factor::Other,
        };
        for (k, &op) in self.ops.iter().enumerate() {
            let own = self.starts[k] as usize..self.starts[k + 1] as usize;
            let factors: SmallVec<[Factor; 2]> = own.map(factor).collect();
            products.add(op, &factors, 1);
        }
        // Which are variables is not known here, but where the list takes the loop up.
        products.are_dense(u64::from(self.iterations), self.ops.len() as u64, |_| false)
    }
}

impl Pace {
    /// What is not as expected: another pace, if there is one, and what is expected then.
    #[cold]
    #[inline(never)]
    fn turn(&mut self, operand: Operand, place: (u32, u32, u32, u32)) -> Option<Expected> {
        let (first, begin, period, iteration) = place;
        match (&mut *self, operand) {
            (Pace::Data(data), Operand::Number(number)) => {
                data.push(number);
                Some(Expected::UNKNOWN)
            }
            (Pace::Once(before), Operand::Number(number)) => match *before {
                Operand::Number(before) if before.to_bits() == number.to_bits() => {
                    *self = Pace::Same(before);
                    Some(Expected::number(before))
                }
                Operand::Number(before) => {
                    *self = Pace::Data(vec![before, number]);
                    Some(Expected::UNKNOWN)
                }
                Operand::Node(_) => None,
            },
            (Pace::Once(before), Operand::Node(node)) if node >= first => {
                let own = i64::from(node) - i64::from(begin);
                let fits = match *before {
                    _ if own < -i64::from(period) => false,
                    Operand::Node(before) if own < 0 => before < first,
                    Operand::Node(before) => before == node - period,
                    Operand::Number(_) => own < 0,
                };
                if !fits {
                    return None;
                }
                *self = Pace::Along(SmallVec::from_slice(&[*before]));
                Some(Expected::node(node.wrapping_add(period), period, u32::MAX))
            }
            (Pace::Once(Operand::Node(before)), Operand::Node(node)) => {
                let base = *before;
                let step = i64::from(node) - i64::from(base);
                *self = Pace::Outside { base, step };
                Some(Expected::node(node.wrapping_add(step as u32), step as u32, first))
            }
            (Pace::Outside { base, step }, Operand::Node(node)) => {
                let at = |i: u32| (i64::from(*base) + *step * i64::from(i)) as u32;
                if node < first && iteration >= EVEN {
                    // A row ends: loops of loops are found in the list.
                    return None;
                }
                if node < first {
                    let mut list: Vec<u32> = (0..iteration).map(at).collect();
                    list.push(node);
                    *self = Pace::Listed(list, 0);
                    return Some(Expected::UNKNOWN);
                }
                // From the first iteration that meets the loop on: what was so many iterations before.
                let own = i64::from(node) - i64::from(begin);
                let back = (-own + i64::from(period) - 1).div_euclid(i64::from(period));
                if back != i64::from(iteration) || iteration > MOST_BACK {
                    return None;
                }
                *self = Pace::Along((0..iteration).map(|i| Operand::Node(at(i))).collect());
                Some(Expected::node(node.wrapping_add(period), period, u32::MAX))
            }
            (Pace::Listed(list, even), Operand::Node(node)) if node < first => {
                list.push(node);
                let step = |pair: &[u32]| i64::from(pair[1]) - i64::from(pair[0]);
                let last = list.len() - 3;
                *even = if step(&list[last..]) == step(&list[last + 1..]) { *even + 1 } else { 0 };
                // Only the first row was short.
                (*even < EVEN).then_some(Expected::UNKNOWN)
            }
            (Pace::Same(number), Operand::Number(other)) => {
                let mut data = vec![*number; iteration as usize];
                data.push(other);
                *self = Pace::Data(data);
                Some(Expected::UNKNOWN)
            }
            _ => None,
        }
    }

    /// The operand that came last, by what is expected next.
    fn latest(&self, expected: &Expected) -> Operand {
        match self {
            Pace::Once(operand) => *operand,
            Pace::Along(_) | Pace::Outside { .. } => {
                Operand::Node((expected.word as u32).wrapping_sub(expected.step))
            }
            Pace::Listed(list, _) => Operand::Node(list[list.len() - 1]),
            Pace::Same(number) => Operand::Number(*number),
            Pace::Data(data) => Operand::Number(data[data.len() - 1]),
        }
    }

    /// How it moved in so many complete iterations.
    fn ended(self, expected: &Expected, first: u32, period: u32, iterations: u32) -> Moves {
        match self {
            Pace::Once(Operand::Number(number)) | Pace::Same(number) => Moves::Number(number),
            Pace::Once(Operand::Node(base)) => match base.checked_sub(first) {
                Some(place) => Moves::Own(place),
                None => Moves::Evenly { base, step: 0 },
            },
            Pace::Along(firsts) => match firsts[0] {
                Operand::Node(node) if node >= first => Moves::Own(node - first),
                _ => {
                    // The place in the iteration that was read, so many back.
                    let place = (expected.word as u32 - first) % period;
                    Moves::Carried { place, firsts }
                }
            },
            Pace::Outside { base, step } => Moves::Evenly { base, step },
            Pace::Listed(mut list, _) => {
                list.truncate(iterations as usize);
                Moves::Listed(list)
            }
            Pace::Data(mut data) => {
                data.truncate(iterations as usize);
                Moves::Data(data)
            }
        }
    }
}

impl Moves {
    /// The operand in an iteration.
    pub(crate) fn at(&self, iteration: u32, first: u32, period: u32) -> Operand {
        match self {
            Moves::Own(place) => Operand::Node(first + iteration * period + place),
            Moves::Carried { place, firsts } => match firsts.get(iteration as usize) {
                Some(&first) => first,
                None => Operand::Node(first + (iteration - firsts.len() as u32) * period + place),
            },
            Moves::Evenly { base, step } => {
                Operand::Node((i64::from(*base) + step * i64::from(iteration)) as u32)
            }
            Moves::Listed(list) => Operand::Node(list[iteration as usize]),
            Moves::Number(number) => Operand::Number(*number),
            Moves::Data(data) => Operand::Number(data[iteration as usize]),
        }
    }
}
