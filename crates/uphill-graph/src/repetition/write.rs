//! From a list with loops back to a graph: each loop's body is written once, and gives what others read of it.
//!
//! An operand climbs from the item that reads it to the graph in which its value is known, and comes down again through
//! what each loop on the way is fed. A loop that reads many values needs them as one vector: inputs of one group and the
//! results of a loop lie so already, others are put together.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::list::{Kind, List, NUMBERS, Slot, Template, owner};
use crate::function::{Function, Output};
use crate::graph::{Body, Graph, Loop, Slice};
use crate::inputs::InputGroup;
use crate::node::{Node, NodeId};
use crate::walk::{Feed, Lookup, Outcome, Walk};

/// Places behind a base: `low`, `low + step`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Places {
    low: i64,
    step: i64,
    count: usize,
}

const ONE: Places = Places { low: 0, step: 1, count: 1 };

impl Places {
    fn high(self) -> i64 {
        self.low + self.step * (self.count as i64 - 1)
    }

    /// Places that are as much further on in each iteration as these numbers say, of which the common step and the ends
    /// are given.
    fn moved(self, step: i64, low: i64, high: i64) -> Places {
        if low == 0 && high == 0 {
            return self;
        }
        let step = common(step, if self.count == 1 { 0 } else { self.step });
        let (low, high) = (self.low + low, self.high() + high);
        Places { low, step, count: ((high - low) / step) as usize + 1 }
    }
}

fn common(one: i64, other: i64) -> i64 {
    let (mut one, mut other) = (one.abs(), other.abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one.max(1)
}

/// Nodes at an even distance: for the first of some places, and from one to the next.
#[derive(Debug, Clone, Copy)]
struct Spread {
    first: NodeId,
    step: i64,
}

/// Values of a loop that have nodes: those at `first + Σ stride·k`, in the order of the nodes.
#[derive(Debug, Clone)]
struct Group {
    first: u32,
    /// From the outermost loop inwards: stride and count.
    dimensions: Vec<(u32, u32)>,
    node: NodeId,
}

impl Group {
    fn count(&self) -> usize {
        self.dimensions.iter().map(|&(_, count)| count as usize).product()
    }

    /// The node of a value this far behind the loop's first.
    fn node_of(&self, behind: u32) -> Option<NodeId> {
        let mut rest = behind.checked_sub(self.first)?;
        let mut node = 0;
        for &(stride, count) in &self.dimensions {
            let along = (rest / stride).min(count - 1);
            rest -= along * stride;
            node = node * count + along;
        }
        (rest == 0).then(|| NodeId::new(self.node.index() + node as usize))
    }
}

/// The nodes of consecutive addresses.
enum Segment {
    Nodes(Vec<NodeId>),
    Loop(Vec<Group>),
}

/// A graph that is being written: the main one, or a body.
#[derive(Default)]
struct Level {
    graph: Graph,
    /// By first address.
    known: Vec<(u32, Segment)>,
    numbers: HashMap<u64, NodeId>,
    vectors: HashMap<(u32, Places), Spread>,
    body: BodyOf,
}

/// What a body is fed.
#[derive(Default)]
struct BodyOf {
    template: usize,
    /// Where the operands of its loop begin, among those of the level around.
    operands_from: usize,
    /// For each slot, which base is its first.
    base_of: Vec<u32>,
    feeds: Vec<Feed>,
    operands: Vec<Option<NodeId>>,
    reads: HashMap<(NodeId, Option<u32>, i64, i64, usize), NodeId>,
    carried: HashMap<(Option<NodeId>, u32, Places, NodeId), NodeId>,
    /// What is carried on: the place among the outputs, and the places of the values.
    pending: Vec<(usize, u32, Places)>,
    outputs: Vec<Option<Slice>>,
}

/// Which values of a loop others read: by place in an iteration, of the last one alone or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    No,
    Last,
    All,
}

/// Of each loop in the main list, in order: its addresses, and what of it is read.
struct WantedOfLoops(Vec<(Range<u32>, Vec<Wanted>)>);

impl WantedOfLoops {
    fn new(list: &List) -> WantedOfLoops {
        let of_item = |item: usize| {
            let Kind::Found(number) = list.items.kinds[item] else { return None };
            let values = list.items.values[item]..list.items.values[item + 1];
            Some((values, vec![Wanted::No; list.templates[number as usize].width() as usize]))
        };
        WantedOfLoops((0..list.items.len()).filter_map(of_item).collect())
    }

    /// An address that is read.
    #[inline]
    fn add(&mut self, address: i64) {
        let begun = self.0.partition_point(|(values, _)| i64::from(values.start) <= address);
        let Some((values, each)) = begun.checked_sub(1).map(|last| &mut self.0[last]) else {
            return;
        };
        if address < i64::from(values.end) {
            let (width, behind) = (each.len(), (address - i64::from(values.start)) as usize);
            let is_last = behind + width >= values.len();
            let own = if is_last { Wanted::Last } else { Wanted::All };
            each[behind % width] = own.max(each[behind % width]);
        }
    }
}

pub(super) struct Writer<'l> {
    source: &'l Function,
    list: &'l List,
    levels: Vec<Level>,
    wanted: WantedOfLoops,
    /// Tables whose entries were divided.
    tables: HashMap<(u32, i64), Arc<[u32]>>,
}

/// The function that a list stands for.
pub(super) fn write(source: &Function, list: &List) -> Function {
    let items = &list.items;
    let mut wanted = WantedOfLoops::new(list);
    if !wanted.0.is_empty() {
        for item in 0..items.len() {
            for (operand, &address) in items.operands(item).iter().enumerate() {
                match items.kinds[item] {
                    kind @ Kind::Found(_) if address < NUMBERS => {
                        let want = &mut |place| wanted.add(i64::from(address) + place);
                        list.each_place(kind, operand, want);
                    }
                    _ if address < NUMBERS => wanted.add(i64::from(address)),
                    _ => {}
                }
            }
        }
        for node in source.outputs().iter().flat_map(Output::nodes) {
            wanted.add(i64::from(list.addresses.of(node)));
        }
    }
    let main = Level { graph: source.graph().same_inputs(), ..Level::default() };
    let levels = vec![main];
    let writer = Writer { source, list, levels, wanted, tables: HashMap::new() };
    writer.items()
}

impl Writer<'_> {
    fn items(mut self) -> Function {
        let list = self.list;
        let addresses = &list.addresses;
        let items = &list.items;
        let mut wanted = std::mem::take(&mut self.wanted.0).into_iter();
        for item in 0..items.len() {
            let first = items.values[item];
            let from = items.starts[item] as usize;
            match items.kinds[item] {
                Kind::Found(number) => {
                    let each = wanted.next().map_or(Vec::new(), |(_, each)| each);
                    let groups = self.found(0, from, number as usize, &each);
                    self.levels[0].known.push((first, Segment::Loop(groups)));
                }
                kind => {
                    let count = items.operands(item).len();
                    let nodes = (from..from + count).map(|slot| self.one(0, slot)).collect();
                    self.push(0, first, kind, nodes);
                }
            }
        }
        let node = |writer: &mut Writer<'_>, id: NodeId| {
            let address = addresses.of(id);
            writer.node(0, address)
        };
        let mut outputs = Vec::new();
        for output in self.source.outputs() {
            let first = node(&mut self, output.node);
            let nodes: Vec<NodeId> = output.nodes().map(|id| node(&mut self, id)).collect();
            let slice = Slice { first, width: nodes.len() };
            let graph = &mut self.levels[0].graph;
            let in_order = |nodes: &[NodeId]| {
                nodes.windows(2).all(|pair| pair[0].index() + 1 == pair[1].index())
            };
            let first = match nodes.len() {
                0 => output.node,
                _ if in_order(&nodes) && graph.is_one_part(slice) => first,
                _ => graph.push_vector(&nodes).first,
            };
            outputs.push(output.at(first));
        }
        for (id, name) in self.source.graph().names() {
            let address = addresses.of(id);
            let found = (address < NUMBERS).then(|| locate(&self.levels[0], address)).flatten();
            if let Some(node) = found.filter(|node| self.levels[0].graph.single(*node).is_some()) {
                self.levels[0].graph.set_name(node, name);
            }
        }
        let graph = self.levels.swap_remove(0).graph;
        Function::from_pass(graph, outputs)
    }

    /// Writes an item that is no loop.
    fn push(&mut self, level: usize, first: u32, kind: Kind, operands: Vec<NodeId>) {
        let source = self.source.graph();
        let Level { graph, known, .. } = &mut self.levels[level];
        let (node, width) = match kind {
            Kind::Op(op) => (graph.push_op(op, &operands), 1),
            Kind::Whole(head) => match source.node(head) {
                Node::Copy(_) => (graph.push_vector(&operands).first, operands.len()),
                Node::Result { number, .. } => {
                    let repeated = source.repeated(number);
                    (graph.push_loop(Arc::clone(repeated), &operands), repeated.width())
                }
                _ => {
                    let numbers = source.constants_from(head);
                    let width = numbers.len();
                    (graph.push_constants(numbers.iter().copied()).first, width)
                }
            },
            Kind::Found(_) => return,
        };
        let nodes = (node.index()..node.index() + width).map(NodeId::new);
        match known.last_mut() {
            Some((start, Segment::Nodes(all))) if *start as usize + all.len() == first as usize => {
                all.extend(nodes);
            }
            _ => known.push((first, Segment::Nodes(nodes.collect()))),
        }
    }

    /// The node of an operand that is one value.
    fn one(&mut self, level: usize, slot: usize) -> NodeId {
        self.resolve(level, slot, ONE).first
    }

    /// The node of an address of the level.
    fn node(&mut self, level: usize, address: u32) -> NodeId {
        if address >= NUMBERS {
            let number = self.list.numbers_at(address, 1)[0];
            return self.number(level, number);
        }
        // Between the values that are read there may be some that are not: any node stands for these.
        let level = &mut self.levels[level];
        locate(level, address).unwrap_or_else(|| {
            let Level { graph, numbers, .. } = level;
            *numbers.entry(0).or_insert_with(|| graph.push_constant(0.0))
        })
    }

    fn number(&mut self, level: usize, number: f64) -> NodeId {
        let Level { graph, numbers, .. } = &mut self.levels[level];
        *numbers.entry(number.to_bits()).or_insert_with(|| graph.push_constant(number))
    }

    /// The nodes of values at places behind an operand, in a graph that reads it.
    fn resolve(&mut self, level: usize, slot: usize, places: Places) -> Spread {
        if level == 0 {
            let address = self.list.items.operands[slot];
            return self.spread(0, address, places);
        }
        let body = &self.levels[level].body;
        let template = &self.list.templates[body.template];
        let around = body.operands_from + body.base_of[slot] as usize;
        match template.items.operands[slot] {
            Slot::Own { place } => self.spread(level, place, places),
            Slot::Carried { back, place } => {
                let firsts: Vec<NodeId> = (0..back as usize)
                    .rev()
                    .map(|base| {
                        let spread = self.resolve(level - 1, around + base, places);
                        self.together(level - 1, spread, places.count)
                    })
                    .collect();
                self.carried(level, place, places, &firsts)
            }
            Slot::Walk { stride: 0 } => {
                if places == ONE
                    && let Some(number) = self.constant(level - 1, around)
                {
                    return Spread { first: self.number(level, number), step: 1 };
                }
                let outer = self.resolve(level - 1, around, places);
                self.read(level, outer, (0, None), places, places)
            }
            Slot::Walk { stride } => {
                let stride = i64::from(stride);
                let all = stride * (i64::from(template.iterations) - 1);
                let outer = places.moved(stride, all.min(0), all.max(0));
                let spread = self.resolve(level - 1, around, outer);
                self.read(level, spread, (stride, None), outer, places)
            }
            Slot::Table { number } => {
                let table = &self.list.tables[number as usize];
                let apart = table.iter().filter(|&&behind| behind > 0);
                let step = apart.fold(0, |step, &behind| common(i64::from(behind), step));
                let high = table.iter().copied().max().map_or(0, i64::from);
                let outer = places.moved(step.max(1), 0, high);
                let spread = self.resolve(level - 1, around, outer);
                self.read(level, spread, (outer.step, Some(number)), outer, places)
            }
        }
    }

    /// An input of a body that moves over nodes around it, which are at `outer`, and holds those at `places`.
    fn read(
        &mut self,
        level: usize,
        around: Spread,
        (stride, table): (i64, Option<u32>),
        outer: Places,
        places: Places,
    ) -> Spread {
        // In nodes: where the first iteration's places begin, and how far apart they are.
        let start = around.step * ((places.low - outer.low) / outer.step);
        let step = if places.count == 1 { 1 } else { around.step * places.step / outer.step };
        let width = step as usize * (places.count - 1) + 1;
        let pace = around.step * (stride / outer.step);
        let key = (around.first, table, start, pace, width);
        if let Some(&input) = self.levels[level].body.reads.get(&key) {
            return Spread { first: input, step };
        }
        let walk = match table {
            None => Walk::even(start, pace),
            Some(number) => {
                let list = self.list;
                let places = self.tables.entry((number, outer.step)).or_insert_with(|| {
                    let table = list.tables[number as usize].iter();
                    table.map(|&behind| (i64::from(behind) / outer.step) as u32).collect()
                });
                let lookup = Lookup { places: Arc::clone(places), first: 0, step: 1 };
                Walk { start, stride: around.step, lookup: Some(lookup) }
            }
        };
        let input = self.feed(level, Feed::Read(walk), around.first, width);
        self.levels[level].body.reads.insert(key, input);
        Spread { first: input, step }
    }

    /// A further input of a body.
    fn feed(&mut self, level: usize, feed: Feed, operand: NodeId, width: usize) -> NodeId {
        let Level { graph, body, .. } = &mut self.levels[level];
        body.feeds.push(feed);
        body.operands.push(Some(operand));
        graph.push_group(InputGroup::fed(body.feeds.len() - 1, width))
    }

    /// An input that holds what an iteration before had in some places; `firsts` from the nearest back to the farthest.
    fn carried(&mut self, level: usize, place: u32, places: Places, firsts: &[NodeId]) -> Spread {
        let mut input = None;
        for &first in firsts {
            let key = (input, place, places, first);
            if let Some(&known) = self.levels[level].body.carried.get(&key) {
                input = Some(known);
                continue;
            }
            let from = self.levels[level].body.outputs.len();
            let new = self.feed(level, Feed::Carried { from }, first, places.count);
            let body = &mut self.levels[level].body;
            body.outputs.push(input.map(|first| Slice { first, width: places.count }));
            if input.is_none() {
                body.pending.push((from, place, places));
            }
            body.carried.insert(key, new);
            input = Some(new);
        }
        Spread { first: input.unwrap_or(NodeId::new(0)), step: 1 }
    }

    /// The number that an operand is in all iterations of all loops around, if it is one.
    fn constant(&self, level: usize, slot: usize) -> Option<f64> {
        if level == 0 {
            let address = self.list.items.operands[slot];
            return (address >= NUMBERS).then(|| self.list.numbers_at(address, 1)[0]);
        }
        let body = &self.levels[level].body;
        match self.list.templates[body.template].items.operands[slot] {
            Slot::Walk { stride: 0 } => {
                self.constant(level - 1, body.operands_from + body.base_of[slot] as usize)
            }
            _ => None,
        }
    }

    /// The nodes of places behind an address of a level.
    fn spread(&mut self, level: usize, address: u32, places: Places) -> Spread {
        if places.count == 1 {
            let at = (i64::from(address) + places.low) as u32;
            return Spread { first: self.node(level, at), step: 1 };
        }
        if let Some(&known) = self.levels[level].vectors.get(&(address, places)) {
            return known;
        }
        let each = (0..places.count as i64)
            .map(|k| (i64::from(address) + places.low + places.step * k) as u32);
        let spread = if address >= NUMBERS {
            let numbers: Vec<f64> = each.map(|at| self.list.numbers_at(at, 1)[0]).collect();
            let first = self.levels[level].graph.push_constants(numbers).first;
            Spread { first, step: 1 }
        } else {
            let nodes: Vec<Option<NodeId>> =
                each.clone().map(|at| locate(&self.levels[level], at)).collect();
            match lie_evenly(&self.levels[level].graph, &nodes) {
                Some(spread) => spread,
                None => {
                    let nodes: Vec<NodeId> = each.map(|at| self.node(level, at)).collect();
                    let first = self.levels[level].graph.push_vector(&nodes).first;
                    Spread { first, step: 1 }
                }
            }
        };
        self.levels[level].vectors.insert((address, places), spread);
        spread
    }

    /// Nodes one after the other, copied if they lie apart.
    fn together(&mut self, level: usize, spread: Spread, count: usize) -> NodeId {
        if count == 1 || spread.step == 1 {
            return spread.first;
        }
        let nodes: Vec<NodeId> = (0..count as i64)
            .map(|k| NodeId::new((spread.first.index() as i64 + spread.step * k) as usize))
            .collect();
        self.levels[level].graph.push_vector(&nodes).first
    }

    /// Writes a loop; gives what of it has nodes.
    fn found(
        &mut self,
        around: usize,
        operands_from: usize,
        number: usize,
        wanted: &[Wanted],
    ) -> Vec<Group> {
        let list = self.list;
        let template = &list.templates[number];
        let items = &template.items;
        let level = around + 1;
        if wanted.iter().all(|&wanted| wanted == Wanted::No) {
            return Vec::new();
        }
        let mut base_of = vec![u32::MAX; items.operands.len()];
        for (base, &slot) in template.bases.iter().enumerate().rev() {
            base_of[slot as usize] = base as u32;
        }
        let body = BodyOf { template: number, operands_from, base_of, ..BodyOf::default() };
        self.levels.push(Level { body, ..Level::default() });
        let needed = needed_inside(list, template, wanted);
        for item in 0..items.len() {
            let (first, from) = (items.values[item], items.starts[item] as usize);
            match items.kinds[item] {
                Kind::Found(inner) => {
                    let width = list.templates[inner as usize].width() as usize;
                    let needed = &needed[first as usize..items.values[item + 1] as usize];
                    let mut each = vec![Wanted::No; width];
                    for (behind, _) in needed.iter().enumerate().filter(|(_, needed)| **needed) {
                        let last = behind >= needed.len() - width;
                        let own = if last { Wanted::Last } else { Wanted::All };
                        each[behind % width] = own.max(each[behind % width]);
                    }
                    let groups = self.found(level, from, inner as usize, &each);
                    self.levels[level].known.push((first, Segment::Loop(groups)));
                }
                kind => {
                    let count = items.operands(item).len();
                    let nodes = (from..from + count).map(|slot| self.one(level, slot)).collect();
                    self.push(level, first, kind, nodes);
                }
            }
        }
        self.close(around, wanted)
    }

    /// Ends a body: what is carried on, and what the loop gives.
    fn close(&mut self, around: usize, wanted: &[Wanted]) -> Vec<Group> {
        let level = around + 1;
        let template = &self.list.templates[self.levels[level].body.template];
        let iterations = template.iterations;
        let width = template.width();
        for (output, place, places) in std::mem::take(&mut self.levels[level].body.pending) {
            let spread = self.spread(level, place, places);
            let first = self.together(level, spread, places.count);
            self.levels[level].body.outputs[output] = Some(Slice { first, width: places.count });
        }
        // What of one iteration is wanted, as groups of nodes of the body.
        let mut parts: Vec<(Group, Wanted)> = Vec::new();
        for (start, segment) in &self.levels[level].known {
            match segment {
                Segment::Nodes(nodes) => {
                    for (k, &node) in nodes.iter().enumerate() {
                        let first = start + k as u32;
                        let group = Group { first, dimensions: Vec::new(), node };
                        parts.push((group, wanted[first as usize]));
                    }
                }
                Segment::Loop(groups) => {
                    for group in groups {
                        let each = places_of(group).map(|place| wanted[(start + place) as usize]);
                        let most = each.max().unwrap_or(Wanted::No);
                        parts.push((Group { first: start + group.first, ..group.clone() }, most));
                    }
                }
            }
        }
        let mut outcomes = Vec::new();
        let mut given = Vec::new();
        for (group, wanted) in parts {
            let slice = Slice { first: group.node, width: group.count() };
            match wanted {
                Wanted::No => continue,
                Wanted::All => {
                    let body = &mut self.levels[level].body;
                    outcomes.push(Outcome::Sequence { output: body.outputs.len() });
                    body.outputs.push(Some(slice));
                    let mut dimensions = vec![(width, iterations)];
                    dimensions.extend_from_slice(&group.dimensions);
                    given.push(Group { dimensions, ..group });
                }
                Wanted::Last => {
                    outcomes.push(Outcome::Last { input: self.kept(around, slice) });
                    let first = group.first + (iterations - 1) * width;
                    given.push(Group { first, ..group });
                }
            }
        }
        let Some(Level { graph, body, .. }) = self.levels.pop() else { return Vec::new() };
        let mut graph = graph;
        graph.shrink_to_fit();
        let outputs = body.outputs.into_iter().flatten().collect();
        let repeated = Loop {
            body: Arc::new(Body { graph, outputs }),
            iterations: iterations as usize,
            feeds: body.feeds,
            outcomes,
            targets: Vec::new(),
            equations: None,
        };
        let starts: Vec<usize> = repeated.places().map(|(_, place)| place.start).collect();
        let operands: Vec<NodeId> = body.operands.into_iter().flatten().collect();
        let head = self.levels[around].graph.push_loop(Arc::new(repeated), &operands);
        for (group, start) in given.iter_mut().zip(starts) {
            group.node = NodeId::new(head.index() + start);
        }
        given
    }

    /// The input that carries these nodes of a body on.
    fn kept(&mut self, around: usize, slice: Slice) -> usize {
        let body = &self.levels[around + 1].body;
        let carried = body.feeds.iter().position(|feed| match feed {
            Feed::Carried { from } => body.outputs[*from] == Some(slice),
            _ => false,
        });
        carried.unwrap_or_else(|| {
            // There is an iteration, so what it starts from is never seen.
            let zero = self.number(around, 0.0);
            let first = match slice.width {
                1 => zero,
                width => self.levels[around].graph.push_vector(&vec![zero; width]).first,
            };
            let from = self.levels[around + 1].body.outputs.len();
            self.feed(around + 1, Feed::Carried { from }, first, slice.width);
            let body = &mut self.levels[around + 1].body;
            body.outputs.push(Some(slice));
            body.feeds.len() - 1
        })
    }
}

/// The places of a group, in order of its nodes.
fn places_of(group: &Group) -> impl Iterator<Item = u32> + '_ {
    (0..group.count() as u32).map(|number| {
        let mut rest = number;
        let behind = group.dimensions.iter().rev().map(|&(stride, count)| {
            let along = rest % count;
            rest /= count;
            along * stride
        });
        group.first + behind.sum::<u32>()
    })
}

/// Which values of one iteration are read: by others, and by the items of the loop.
fn needed_inside(list: &List, template: &Template, wanted: &[Wanted]) -> Vec<bool> {
    let mut needed: Vec<bool> = wanted.iter().map(|&wanted| wanted != Wanted::No).collect();
    for (slot, &how) in template.items.operands.iter().enumerate() {
        if let Slot::Own { place } | Slot::Carried { place, .. } = how {
            let (item, operand) = owner(template, slot);
            list.each_place(template.items.kinds[item], operand, &mut |behind| {
                needed[(i64::from(place) + behind) as usize] = true;
            });
        }
    }
    needed
}

/// The node of an address, if it has one.
fn locate(level: &Level, address: u32) -> Option<NodeId> {
    let before = level.known.partition_point(|(first, _)| *first <= address);
    let Some((first, segment)) = before.checked_sub(1).map(|before| &level.known[before]) else {
        return level.graph.input_nodes().get(address as usize).copied();
    };
    match segment {
        Segment::Nodes(nodes) => nodes.get((address - first) as usize).copied(),
        Segment::Loop(groups) => groups.iter().find_map(|group| group.node_of(address - first)),
    }
}

/// Nodes that are at an even distance, in one vector.
fn lie_evenly(graph: &Graph, nodes: &[Option<NodeId>]) -> Option<Spread> {
    let number = |node: Option<NodeId>| node.map(|node| node.index() as i64);
    let (first, second) = (number(nodes[0])?, number(nodes[1])?);
    let step = second - first;
    let even = step > 0
        && nodes.iter().enumerate().all(|(k, &node)| number(node) == Some(first + step * k as i64));
    let width = (step * (nodes.len() as i64 - 1) + 1) as usize;
    let first = nodes[0]?;
    (even && graph.is_one_part(Slice { first, width })).then_some(Spread { first, step })
}
