//! A graph as a list of items in an order of evaluation, whose operands are addresses.
//!
//! Inputs have the first addresses, by position; then come the values of all items, one after the other; single numbers
//! lie apart. So an operand that moves evenly from iteration to iteration is seen by its address, whatever it is. A loop
//! that was found stands in the list as one item: a [`Template`], with the addresses that its first iteration reads.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::addresses::{Addresses, NO_ADDRESS};
use super::follow::{Moves, Operand, Repeated};
use crate::function::Function;
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::op::Op;

/// From this address on: single numbers.
pub(super) const NUMBERS: u32 = 0x8000_0000;

/// What an item does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Op(Op),
    /// A loop that was found: a template's number.
    Found(u32),
    /// A vector, wide numbers or a loop of the graph: its first node there. No two are alike.
    Whole(NodeId),
}

/// Items, and what each reads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Items<O> {
    pub(super) kinds: Vec<Kind>,
    /// Where each item's operands begin, then the total.
    pub(super) starts: Vec<u32>,
    pub(super) operands: Vec<O>,
    /// The address of each item's first value, then one past the last.
    pub(super) values: Vec<u32>,
}

impl<O: Copy> Items<O> {
    pub(super) fn new(first: u32) -> Items<O> {
        Items { kinds: Vec::new(), starts: vec![0], operands: Vec::new(), values: vec![first] }
    }

    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    pub(super) fn operands(&self, item: usize) -> &[O] {
        &self.operands[self.starts[item] as usize..self.starts[item + 1] as usize]
    }

    pub(super) fn push(&mut self, kind: Kind, operands: impl IntoIterator<Item = O>, width: u32) {
        self.kinds.push(kind);
        self.operands.extend(operands);
        self.starts.push(self.operands.len() as u32);
        self.values.push(self.values[self.len() - 1] + width);
    }

    /// Takes over items of another list.
    pub(super) fn copy(&mut self, from: &Items<O>, items: Range<usize>) {
        for item in items {
            let width = from.values[item + 1] - from.values[item];
            self.push(from.kinds[item], from.operands(item).iter().copied(), width);
        }
    }
}

/// How an operand of a loop's item comes by its value, seen from one iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// A value of the same iteration.
    Own { place: u32 },
    /// A value of an iteration before, so many back. There are as many bases: for the first iterations, in order.
    Carried { back: u32, place: u32 },
    /// At the base, and so much further in each iteration.
    Walk { stride: i32 },
    /// At the base, and as far behind it as the table of this number says.
    Table { number: u32 },
}

impl Slot {
    /// How many bases it has.
    pub(super) fn bases(self) -> usize {
        match self {
            Slot::Own { .. } => 0,
            Slot::Carried { back, .. } => back as usize,
            Slot::Walk { .. } | Slot::Table { .. } => 1,
        }
    }
}

/// A loop that was found: what one iteration does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Template {
    pub(super) iterations: u32,
    /// With addresses of values within one iteration.
    pub(super) items: Items<Slot>,
    /// The slot of each base: of each operand of the loop.
    pub(super) bases: Vec<u32>,
    /// How far behind each base the loop reads: the first and the last.
    pub(super) spans: Vec<(i64, i64)>,
    /// How many operations all iterations make.
    pub(super) operations: u64,
}

impl Template {
    /// How many values one iteration has.
    pub(super) fn width(&self) -> u32 {
        self.items.values[self.items.len()]
    }
}

/// A list with all that its items refer to.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) items: Items<u32>,
    pub(super) addresses: Addresses,
    pub(super) numbers: Vec<f64>,
    pub(super) templates: Vec<Template>,
    pub(super) tables: Vec<Arc<[u32]>>,
    known_templates: HashMap<u64, Vec<u32>>,
    known_tables: HashMap<u64, Vec<u32>>,
    /// The addresses of data, by a hash.
    known_data: HashMap<u64, Vec<u32>>,
}

impl List {
    /// The items of a graph, in which each of these loops has a stand-in; nothing if it has more values than there are
    /// addresses.
    pub(super) fn read(function: &Function, followed: &[Repeated]) -> Option<List> {
        let graph = function.graph();
        let inputs = graph.input_nodes().len();
        if graph.len() + inputs >= NUMBERS as usize {
            return None;
        }
        let items = Items::new(inputs as u32);
        let addresses = Addresses::new(graph, followed);
        let mut list = List { items, addresses, ..List::default() };
        list.items.kinds.reserve(graph.stored_count());
        let mut followed = followed.iter().peekable();
        let mut operands = Vec::new();
        for (position, node) in graph.input_nodes().iter().enumerate() {
            list.addresses.set(*node, position as u32);
        }
        for head in graph.heads() {
            let node = graph.node(head);
            if matches!(node, Node::Input(_)) {
                continue;
            }
            let width = if matches!(node, Node::Op(..)) { 1 } else { graph.width(head) };
            if width == 1 && matches!(node, Node::Constant(_)) {
                list.address(graph, head);
                continue;
            }
            let first = list.items.values[list.items.len()];
            if let Some(repeated) = followed.next_if(|r| r.first as usize == head.index()) {
                list.addresses.set(head, first);
                list.push_followed(graph, repeated);
                continue;
            }
            for k in 0..width {
                list.addresses.set(NodeId::new(head.index() + k), first + k as u32);
            }
            let (kind, read) = match node {
                Node::Op(op, operands) => (Kind::Op(op), operands),
                Node::Copy(_) => (Kind::Whole(head), graph.vector(head)),
                _ => (Kind::Whole(head), graph.operands(head)),
            };
            operands.clear();
            operands.extend(read.iter().map(|&operand| list.address(graph, operand)));
            list.items.push(kind, operands.iter().copied(), width as u32);
        }
        Some(list)
    }

    /// The address of a node. Numbers may be written behind what reads them.
    fn address(&mut self, graph: &Graph, node: NodeId) -> u32 {
        let known = self.addresses.of(node);
        if known != NO_ADDRESS {
            return known;
        }
        let new = match graph.node(node) {
            Node::Constant(number) => self.push_numbers([number]),
            _ => known,
        };
        self.addresses.set(node, new);
        new
    }

    /// A loop that was followed.
    fn push_followed(&mut self, graph: &Graph, repeated: &Repeated) {
        let (first, iterations) = (repeated.first, repeated.iterations);
        let period = repeated.ops.len() as u32;
        let mut items = Items::new(0);
        let (mut bases, mut spans, mut operands) = (Vec::new(), Vec::new(), Vec::new());
        for (k, &op) in repeated.ops.iter().enumerate() {
            let own = repeated.starts[k] as usize..repeated.starts[k + 1] as usize;
            let mut slots = Vec::with_capacity(own.len());
            for place in own {
                let all = |list: &mut List, node: Operand| match node {
                    Operand::Node(node) => list.address(graph, NodeId::new(node as usize)),
                    Operand::Number(number) => list.push_numbers([number]),
                };
                let moves = &repeated.operands[place];
                let (slot, own): (Slot, Vec<u32>) = match moves {
                    Moves::Own(place) => (Slot::Own { place: *place }, Vec::new()),
                    Moves::Carried { place, firsts } => {
                        let bases = firsts.iter().map(|&first| all(self, first)).collect();
                        (Slot::Carried { back: firsts.len() as u32, place: *place }, bases)
                    }
                    Moves::Number(number) => {
                        (Slot::Walk { stride: 0 }, vec![self.push_numbers([*number])])
                    }
                    Moves::Data(data) => (Slot::Walk { stride: 1 }, vec![self.push_data(data)]),
                    Moves::Evenly { base, step: 0 } => {
                        (Slot::Walk { stride: 0 }, vec![all(self, Operand::Node(*base))])
                    }
                    Moves::Evenly { .. } | Moves::Listed(_) => {
                        let each = (0..iterations)
                            .map(|iteration| all(self, moves.at(iteration, first, period)))
                            .collect();
                        self.outside(each)
                    }
                };
                let span = self.reach(slot, (0, 0), iterations as usize);
                bases.extend(own.iter().map(|_| place as u32));
                spans.extend(own.iter().map(|_| span));
                operands.extend(own);
                slots.push(slot);
            }
            items.push(Kind::Op(op), slots, 1);
        }
        let operations = u64::from(iterations) * u64::from(period);
        let template = self.template(Template { iterations, items, bases, spans, operations });
        self.items.push(Kind::Found(template), operands, iterations * period);
    }

    /// A slot that reads at these addresses, one an iteration: evenly, or by a table.
    pub(super) fn outside(&mut self, addresses: Vec<u32>) -> (Slot, Vec<u32>) {
        let step = |pair: &[u32]| i64::from(pair[1]) - i64::from(pair[0]);
        let stride = addresses.windows(2).next().map_or(0, step);
        if let Ok(stride) = i32::try_from(stride)
            && addresses.windows(2).all(|pair| step(pair) == i64::from(stride))
        {
            return (Slot::Walk { stride }, vec![addresses[0]]);
        }
        let base = addresses.iter().copied().min().unwrap_or(0);
        let table = addresses.iter().map(|address| address - base).collect();
        (Slot::Table { number: self.table(table) }, vec![base])
    }

    /// Numbers one after the other: the address of the first.
    pub(super) fn push_numbers(&mut self, numbers: impl IntoIterator<Item = f64>) -> u32 {
        let first = self.numbers.len() as u32;
        self.numbers.extend(numbers);
        NUMBERS + first
    }

    /// Numbers that a loop goes along: the address of the first. The same data are there once.
    pub(super) fn push_data(&mut self, data: &[f64]) -> u32 {
        let mut hasher = FxHasher::default();
        data.iter().for_each(|number| number.to_bits().hash(&mut hasher));
        let alike = self.known_data.entry(hasher.finish()).or_default();
        let same = |&&address: &&u32| {
            let first = (address - NUMBERS) as usize;
            let known = self.numbers.get(first..first + data.len()).unwrap_or(&[]).iter();
            known.len() == data.len()
                && known.zip(data).all(|(known, new)| known.to_bits() == new.to_bits())
        };
        if let Some(&known) = alike.iter().find(same) {
            return known;
        }
        let address = NUMBERS + self.numbers.len() as u32;
        alike.push(address);
        self.numbers.extend_from_slice(data);
        address
    }

    /// So many numbers from an address on.
    pub(super) fn numbers_at(&self, address: u32, count: usize) -> &[f64] {
        let first = (address - NUMBERS) as usize;
        &self.numbers[first..first + count]
    }

    /// The number of a template; equal ones have one.
    pub(super) fn template(&mut self, template: Template) -> u32 {
        number_of(&mut self.known_templates, &mut self.templates, template)
    }

    /// The number of a table; equal ones have one.
    pub(super) fn table(&mut self, table: Arc<[u32]>) -> u32 {
        number_of(&mut self.known_tables, &mut self.tables, table)
    }

    /// How far behind the address of an operand an item reads: the first and the last place.
    pub(super) fn span(&self, kind: Kind, operand: usize) -> (i64, i64) {
        match kind {
            Kind::Found(number) => self.templates[number as usize].spans[operand],
            Kind::Op(_) | Kind::Whole(_) => (0, 0),
        }
    }

    /// How far behind its base a slot reads in all iterations, if it reads so far in one.
    pub(super) fn reach(&self, slot: Slot, inner: (i64, i64), iterations: usize) -> (i64, i64) {
        let (low, high) = match slot {
            Slot::Own { .. } | Slot::Carried { .. } => (0, 0),
            Slot::Walk { stride } => {
                let all = i64::from(stride) * (iterations as i64 - 1);
                (all.min(0), all.max(0))
            }
            Slot::Table { number } => {
                let table = &self.tables[number as usize];
                (0, table.iter().copied().max().map_or(0, i64::from))
            }
        };
        (low + inner.0, high + inner.1)
    }

    /// How many operations an item makes.
    pub(super) fn operations(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Op(_) => 1,
            Kind::Found(number) => self.templates[number as usize].operations,
            Kind::Whole(_) => 0,
        }
    }

    /// Calls for each place behind the address of an operand at which an item reads.
    pub(super) fn each_place(&self, kind: Kind, operand: usize, f: &mut dyn FnMut(i64)) {
        let Kind::Found(number) = kind else { return f(0) };
        let template = &self.templates[number as usize];
        let slot = template.bases[operand] as usize;
        let (item, within) = owner(template, slot);
        let inner = template.items.kinds[item];
        match template.items.operands[slot] {
            Slot::Own { .. } => {}
            Slot::Carried { .. } | Slot::Walk { stride: 0 } => self.each_place(inner, within, f),
            Slot::Walk { stride } => (0..i64::from(template.iterations)).for_each(|i| {
                self.each_place(inner, within, &mut |place| f(i * i64::from(stride) + place));
            }),
            Slot::Table { number } => self.tables[number as usize].iter().for_each(|&behind| {
                self.each_place(inner, within, &mut |place| f(i64::from(behind) + place));
            }),
        }
    }
}

/// The item of a slot, and the position among its operands.
pub(super) fn owner(template: &Template, slot: usize) -> (usize, usize) {
    let item = template.items.starts.partition_point(|&start| start as usize <= slot) - 1;
    (item, slot - template.items.starts[item] as usize)
}

fn number_of<T: Hash + Eq>(known: &mut HashMap<u64, Vec<u32>>, all: &mut Vec<T>, new: T) -> u32 {
    let hash = known.hasher().hash_one(&new);
    let alike = known.entry(hash).or_default();
    if let Some(&number) = alike.iter().find(|&&number| all[number as usize] == new) {
        return number;
    }
    let number = all.len() as u32;
    alike.push(number);
    all.push(new);
    number
}
