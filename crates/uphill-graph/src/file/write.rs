//! Writing: one line an input, node and output, so that two files can be compared line by line.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use serde_json::ser::Formatter;

use super::entries::{
    AddEntry, CarriedEntry, CounterEntry, FeedEntry, ReadEntry, ResultEntry, SliceEntry,
    TargetEntry, WalkEntry,
};
use super::object::Object;
use super::{CUSTOM, FLAT, FORMAT, MOST_INPUTS, WITH_LOOPS};
use crate::function::{Function, Output};
use crate::graph::{Graph, Loop};
use crate::node::{Node, NodeId};
use crate::number_format::Exact;
use crate::op::Op;
use crate::walk::{Feed, Outcome, Walk};

pub(super) fn write(function: &Function, mut writer: impl Write) -> io::Result<()> {
    let layout = OneEntryALine { depth: 0 };
    function.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, layout))?;
    writer.write_all(b"\n")
}

impl Serialize for Function {
    /// As [`Function::to_json`] does, in any self-describing format.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let graph = self.graph();
        let mut plan = Plan::of(graph);
        if self.outputs().iter().any(|output| output.length.is_some()) {
            plan.version = WITH_LOOPS;
        }
        let tables = !plan.tables.is_empty();
        let mut file = serializer.serialize_struct("Function", 6 + usize::from(tables))?;
        file.serialize_field("format", FORMAT)?;
        file.serialize_field("version", &plan.version)?;
        file.serialize_field("inputs", self.inputs().groups())?;
        if tables {
            let tables: Vec<&[u32]> = plan.tables.iter().map(|places| &**places).collect();
            file.serialize_field("tables", &tables)?;
        }
        file.serialize_field("nodes", &Nodes(graph, &plan))?;
        file.serialize_field("names", &Names(graph))?;
        file.serialize_field("outputs", &Outputs(self.outputs()))?;
        file.end()
    }
}

/// How a function is written.
struct Plan {
    version: u64,
    /// The tables of all walks, each once.
    tables: Vec<Arc<[u32]>>,
    numbers: HashMap<*const u32, u64>,
    /// Whether a vector of inputs is one entry.
    whole_vectors: bool,
}

impl Plan {
    fn of(graph: &Graph) -> Plan {
        let mut plan = Plan {
            version: FLAT,
            tables: Vec::new(),
            numbers: HashMap::new(),
            whole_vectors: false,
        };
        let mut lengths = 0;
        plan.look_at(graph, &mut lengths);
        plan.whole_vectors = plan.version > FLAT && lengths <= MOST_INPUTS;
        plan
    }

    fn look_at(&mut self, graph: &Graph, lengths: &mut u64) {
        for group in graph.inputs().groups() {
            *lengths += u64::from(group.length.unwrap_or(0));
        }
        for id in graph.heads() {
            let is_input = matches!(graph.node(id), Node::Input(_));
            if graph.single(id).is_none() && !is_input {
                self.version = WITH_LOOPS;
            }
            let Some(repeated) = graph.loop_of(id) else { continue };
            let fed = repeated.feeds().iter().filter_map(|feed| match feed {
                Feed::Read(walk) => Some(walk),
                _ => None,
            });
            let added = repeated.targets().iter().flat_map(|target| &target.writes);
            for lookup in fed.chain(added.map(|(_, walk)| walk)).filter_map(|w| w.lookup.as_ref()) {
                let next = self.tables.len() as u64;
                self.numbers.entry(lookup.places.as_ptr()).or_insert_with(|| {
                    self.tables.push(Arc::clone(&lookup.places));
                    next
                });
            }
            self.look_at(repeated.body(), lengths);
        }
    }

    /// A walk; none if it stays where it begins.
    fn walk(&self, walk: &Walk) -> Option<Object<WalkEntry>> {
        let mut entry =
            WalkEntry { start: walk.start, stride: walk.stride, ..WalkEntry::default() };
        if let Some(lookup) = &walk.lookup {
            entry.table = self.numbers.get(&lookup.places.as_ptr()).copied();
            (entry.first, entry.step) = (lookup.first, lookup.step);
        }
        (*walk != Walk::STILL).then_some(Object(entry))
    }
}

struct Nodes<'a>(&'a Graph, &'a Plan);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Nodes(graph, plan) = *self;
        let entries = graph.heads().flat_map(|id| {
            let one_by_one = matches!(graph.node(id), Node::Input(_)) && !plan.whole_vectors;
            let times = if one_by_one { graph.width(id) } else { 1 };
            std::iter::repeat_with(move || Entry { graph, plan, id }).take(times)
        });
        serializer.collect_seq(entries)
    }
}

struct Entry<'a> {
    graph: &'a Graph,
    plan: &'a Plan,
    id: NodeId,
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Entry { graph, plan, id } = *self;
        let is_single = graph.single(id).is_some();
        match graph.node(id) {
            Node::Input(_) if !is_single && plan.whole_vectors => {
                serializer.serialize_str("inputs")
            }
            Node::Input(_) => serializer.serialize_str("input"),
            Node::Constant(number) if is_single => {
                let mut entry = serializer.serialize_map(Some(1))?;
                entry.serialize_entry("constant", &Exact(number))?;
                entry.end()
            }
            Node::Constant(_) => {
                let numbers: Vec<Exact> =
                    graph.constants_from(id).iter().map(|&number| Exact(number)).collect();
                let mut entry = serializer.serialize_map(Some(1))?;
                entry.serialize_entry("constants", &numbers)?;
                entry.end()
            }
            Node::Op(op, operands) => {
                let mut entry = serializer.serialize_seq(Some(1 + operands.len()))?;
                match op {
                    Op::Custom(custom) => {
                        entry.serialize_element(&format!("{CUSTOM}{}", custom.name()))?;
                    }
                    built_in => entry.serialize_element(built_in.name())?,
                }
                for operand in operands {
                    entry.serialize_element(operand)?;
                }
                entry.end()
            }
            Node::Copy(_) => {
                let mut entry = serializer.serialize_map(Some(1))?;
                entry.serialize_entry("vector", graph.vector(id))?;
                entry.end()
            }
            Node::Result { number, operands, .. } => {
                let repeated: &Loop = graph.repeated(number);
                let mut entry = serializer.serialize_map(Some(1))?;
                entry.serialize_entry("loop", &Repeated { repeated, operands, plan })?;
                entry.end()
            }
        }
    }
}

struct Repeated<'a> {
    repeated: &'a Loop,
    operands: &'a [NodeId],
    plan: &'a Plan,
}

impl Serialize for Repeated<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Repeated { repeated, operands, plan } = *self;
        let mut entry = serializer.serialize_map(None)?;
        entry.serialize_entry("iterations", &repeated.iterations())?;
        entry.serialize_entry("inputs", &self.feeds())?;
        entry.serialize_entry("nodes", &Nodes(repeated.body(), plan))?;
        if repeated.body().names().next().is_some() {
            entry.serialize_entry("names", &Names(repeated.body()))?;
        }
        let outputs = repeated.outputs().iter();
        let outputs: Vec<SliceEntry> = outputs
            .map(|slice| SliceEntry {
                first: slice.first.index() as u64,
                width: slice.width as u64,
            })
            .collect();
        entry.serialize_entry("outputs", &outputs)?;
        if !repeated.targets().is_empty() {
            let targets = repeated.targets().iter().map(|target| {
                let adds = target.writes.iter().map(|(output, walk)| {
                    Object(AddEntry { output: *output as u64, walk: plan.walk(walk) })
                });
                TargetEntry { length: target.width as u64, adds: adds.collect() }
            });
            entry.serialize_entry("targets", &targets.collect::<Vec<_>>())?;
        }
        let results = repeated.outcomes().iter().map(|outcome| match *outcome {
            Outcome::Last { input } => ResultEntry::Last(input as u64),
            Outcome::Sequence { output } => ResultEntry::Sequence(output as u64),
            Outcome::Sum { output } => ResultEntry::Sum(output as u64),
            Outcome::Target { target } => ResultEntry::Target(target as u64),
        });
        entry.serialize_entry("results", &results.collect::<Vec<_>>())?;
        if let Some(equations) = &repeated.equations {
            entry.serialize_entry("zeros", &equations.residuals().collect::<Vec<_>>())?;
        }
        debug_assert_eq!(operands.len(), repeated.operand_places().flatten().count());
        entry.end()
    }
}

impl Repeated<'_> {
    fn feeds(&self) -> Vec<FeedEntry> {
        let groups = self.repeated.body().inputs().groups();
        let feeds = self.repeated.feeds().iter().zip(self.repeated.operand_places());
        let entries = groups.iter().zip(feeds).map(|(group, (feed, operand))| {
            let node = operand.map_or(0, |operand| self.operands[operand].index() as u64);
            let mut entry = FeedEntry {
                name: group.name.clone(),
                length: group.length,
                role: group.role,
                read: None,
                carried: None,
                counter: None,
            };
            match feed {
                Feed::Read(walk) => {
                    entry.read = Some(Object(ReadEntry { node, walk: self.plan.walk(walk) }));
                }
                Feed::Carried { from } => {
                    let next = *from as u64;
                    entry.carried = Some(Object(CarriedEntry { first: node, next }));
                }
                Feed::Counter { start, step } => {
                    entry.counter = Some(Object(CounterEntry { start: *start, step: *step }));
                }
            }
            entry
        });
        entries.collect()
    }
}

struct Names<'a>(&'a Graph);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.names().map(|(id, name)| (name, id)))
    }
}

struct Outputs<'a>(&'a [Output]);

impl<'a> Serialize for Outputs<'a> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Entry<'a> {
            name: &'a str,
            node: NodeId,
            #[serde(skip_serializing_if = "Option::is_none")]
            length: Option<u32>,
        }
        let entry = |o: &'a Output| Entry { name: &o.name, node: o.node, length: o.length };
        serializer.collect_seq(self.0.iter().map(entry))
    }
}

/// Breaks lines between the fields of the file and between the entries of their lists, and nowhere deeper.
struct OneEntryALine {
    depth: usize,
}

impl OneEntryALine {
    fn begin(&mut self, bracket: &[u8], writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(bracket)
    }

    fn separate(&self, first: bool, writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        writer.write_all(match (self.depth, first) {
            (1, true) => b"\n",
            (1, false) => b",\n",
            (2, true) => b"\n  ",
            (2, false) => b",\n  ",
            (_, true) => b"",
            (_, false) => b", ",
        })
    }

    fn end(&mut self, bracket: &[u8], writer: &mut (impl Write + ?Sized)) -> io::Result<()> {
        if self.depth <= 2 {
            writer.write_all(b"\n")?;
        }
        self.depth -= 1;
        writer.write_all(bracket)
    }
}

impl Formatter for OneEntryALine {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(b"[", writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(b"]", writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.separate(first, writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(b"{", writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(b"}", writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.separate(first, writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
