//! Reading: nodes are checked one by one as they come, into flat lists as long as the file has entries; the graph is
//! built from these in the end.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

use super::build::Builder;
use super::entries::{FeedEntry, ResultEntry, SliceEntry, TargetEntry};
use super::object::Object;
use super::words::{OpName, printable, shortened};
use super::{FLAT, FORMAT, WITH_LOOPS};
use crate::error::Error;
use crate::function::{Function, InputGroup, Output};
use crate::node::NodeId;
use crate::number_format::Exact;
use crate::op::Op;
use crate::verify::DEEPEST;

pub(super) fn read(text: &[u8]) -> Result<Function, Error> {
    match serde_json::from_slice::<Object<Parts>>(text) {
        Ok(parts) => parts.0.build(),
        Err(error) => {
            // A file of another format or version may differ anywhere; say so rather than where.
            let header = serde_json::from_slice::<Object<Header>>(text);
            let reason = header.ok().and_then(|header| header.0.objection());
            Err(Error::Format { what: reason.unwrap_or_else(|| printable(&error.to_string())) })
        }
    }
}

impl<'de> Deserialize<'de> for Function {
    /// As [`Function::from_json`] does, from any self-describing format.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Function, D::Error> {
        Object::<Parts>::deserialize(deserializer)?.0.build().map_err(D::Error::custom)
    }
}

/// The fields of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(deserialize_with = "format")]
    #[allow(dead_code, reason = "checked as it is read")]
    format: (),
    #[serde(deserialize_with = "version")]
    version: u64,
    inputs: Vec<Object<InputGroup>>,
    #[serde(default)]
    tables: Vec<Vec<u32>>,
    nodes: Nodes,
    #[serde(default)]
    names: Names,
    outputs: Vec<Object<OutputEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputEntry {
    name: String,
    node: NodeNumber,
    /// Of a vector, in version 2.
    #[serde(default)]
    length: Option<u32>,
}

/// What every version has, for the message about one that can't be read.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: Option<u64>,
}

impl Header {
    fn objection(&self) -> Option<String> {
        if self.format != FORMAT {
            return Some(format!(
                "its format is `{}`, expected `{FORMAT}`",
                shortened(&self.format)
            ));
        }
        match self.version {
            Some(FLAT | WITH_LOOPS) | None => None,
            Some(version) => Some(format!(
                "it has version {version}, and this release reads versions {FLAT} and {WITH_LOOPS}{}",
                if version > WITH_LOOPS { "; a newer release of uphill may read it" } else { "" }
            )),
        }
    }
}

fn format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    let header = Header { format: String::deserialize(deserializer)?, version: None };
    header.objection().map_or(Ok(()), |reason| Err(D::Error::custom(reason)))
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let version = u64::deserialize(deserializer)?;
    let header = Header { format: FORMAT.into(), version: Some(version) };
    header.objection().map_or(Ok(version), |reason| Err(D::Error::custom(reason)))
}

impl Parts {
    fn build(self) -> Result<Function, Error> {
        let format = |what: String| Err(Error::Format { what });
        if self.version == FLAT && (!self.tables.is_empty() || self.nodes.wide > 0) {
            return format(format!(
                "vectors, loops and tables are of version {WITH_LOOPS}, and its version is {FLAT}"
            ));
        }
        let mut builder =
            Builder { tables: self.tables.into_iter().map(Into::into).collect(), inputs: 0 };
        let groups = self.inputs.into_iter().map(|Object(group)| group).collect();
        let graph = builder.graph(groups, self.nodes, self.names, DEEPEST)?;
        let length = graph.len() as u64;
        let mut outputs = Vec::new();
        for Object(OutputEntry { name, node: NodeNumber(node), length: entries }) in self.outputs {
            if node >= length {
                return format(format!(
                    "the output `{}` is node n{node}, of {length} nodes",
                    shortened(&name)
                ));
            }
            let output = Output::new(name, NodeId::new(node as usize));
            outputs.push(Output { length: entries, ..output });
        }
        Function::new(graph, outputs)
    }
}

/// The number of a node, not yet known to exist.
pub(super) struct NodeNumber(u64);

impl<'de> Deserialize<'de> for NodeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NodeNumber, D::Error> {
        deserializer.deserialize_u64(NodeNumberVisitor)
    }
}

struct NodeNumberVisitor;

impl Visitor<'_> for NodeNumberVisitor {
    type Value = NodeNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of a node")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<NodeNumber, E> {
        Ok(NodeNumber(number))
    }
}

/// The names by node; in the file it is the other way round.
#[derive(Default)]
pub(super) struct Names(pub(super) BTreeMap<u64, String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Names, D::Error> {
        deserializer.deserialize_map(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the node number of each name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
        let mut names = BTreeMap::new();
        while let Some((name, NodeNumber(node))) = map.next_entry::<String, _>()? {
            if let Some(first) = names.insert(node, name) {
                return Err(A::Error::custom(format!(
                    "node n{node} has two names, one is `{}`",
                    shortened(&first)
                )));
            }
        }
        Ok(Names(names))
    }
}

/// An entry of the list of nodes; operands and numbers lie in one list each, so many for an entry.
pub(super) enum Entry {
    Input,
    /// A whole vector of inputs.
    Inputs,
    Constant(f64),
    Constants(u32),
    Op(Op, u32),
    Vector(u32),
    Loop(Box<LoopEntry>),
}

/// A loop, whose body has nodes of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoopEntry {
    pub(super) iterations: u64,
    pub(super) inputs: Vec<Object<FeedEntry>>,
    pub(super) nodes: Nodes,
    #[serde(default)]
    pub(super) names: Names,
    pub(super) outputs: Vec<SliceEntry>,
    #[serde(default)]
    pub(super) targets: Vec<Object<TargetEntry>>,
    pub(super) results: Vec<ResultEntry>,
    /// Outputs of the body that are 0 where the loop ends, if its results are defined by that.
    #[serde(default)]
    pub(super) zeros: Option<Vec<u64>>,
}

#[derive(Default)]
pub(super) struct Nodes {
    pub(super) kinds: Vec<Entry>,
    pub(super) operands: Vec<NodeId>,
    pub(super) numbers: Vec<f64>,
    /// How many entries are of several nodes.
    wide: usize,
    /// Operations that the file has used so far, by the names there.
    known: HashMap<Box<str>, Op>,
}

impl Nodes {
    /// Takes the number of a node that an entry reads.
    fn read<E: serde::de::Error>(&mut self, operand: u64) -> Result<(), E> {
        // Behind an entry of several nodes, numbers are known only when the graph is built.
        let next = if self.wide == 0 { self.kinds.len() as u64 } else { u64::from(u32::MAX) };
        if operand >= next {
            return Err(E::custom(format!("its operand n{operand} does not come before it")));
        }
        self.operands.push(NodeId::new(operand as usize));
        self.check_room()
    }

    fn check_room<E: serde::de::Error>(&self) -> Result<(), E> {
        let longest = self.operands.len().max(self.kinds.len()).max(self.numbers.len());
        if longest >= u32::MAX as usize {
            return Err(E::custom("a graph has at most 4 billion nodes and operands"));
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Nodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Nodes, D::Error> {
        deserializer.deserialize_seq(NodesVisitor)
    }
}

struct NodesVisitor;

impl<'de> Visitor<'de> for NodesVisitor {
    type Value = Nodes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of nodes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Nodes, A::Error> {
        let mut nodes = Nodes::default();
        loop {
            let (number, is_flat) = (nodes.kinds.len(), nodes.wide == 0);
            match entries.next_element_seed(NextNode(&mut nodes)) {
                Ok(Some(())) => {}
                Ok(None) => return Ok(nodes),
                Err(error) if is_flat => {
                    return Err(A::Error::custom(format!("node n{number}: {error}")));
                }
                Err(error) => {
                    return Err(A::Error::custom(format!("entry {number} of `nodes`: {error}")));
                }
            }
        }
    }
}

/// Reads one node behind the others.
struct NextNode<'a>(&'a mut Nodes);

impl<'de> DeserializeSeed<'de> for NextNode<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NextNode<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            r#""input", {"constant": number}, ["operation", operand, ...], or a vector or loop"#,
        )
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        match text {
            "input" => self.0.kinds.push(Entry::Input),
            "inputs" => {
                self.0.kinds.push(Entry::Inputs);
                self.0.wide += 1;
            }
            _ => return Err(E::invalid_value(Unexpected::Str(shortened(text).as_str()), &self)),
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Key {
            Constant,
            Constants,
            Vector,
            Loop,
        }
        let nodes = self.0;
        let (kind, name) = match map.next_key()? {
            Some(Key::Constant) => {
                let Exact(number) = map.next_value()?;
                (Entry::Constant(number), "constant")
            }
            Some(Key::Constants) => {
                let before = nodes.numbers.len();
                map.next_value_seed(NextNumbers(nodes))?;
                (Entry::Constants((nodes.numbers.len() - before) as u32), "constants")
            }
            Some(Key::Vector) => {
                let before = nodes.operands.len();
                map.next_value_seed(NextOperands(nodes))?;
                (Entry::Vector((nodes.operands.len() - before) as u32), "vector")
            }
            Some(Key::Loop) => {
                let Object(entry) = map.next_value()?;
                (Entry::Loop(Box::new(entry)), "loop")
            }
            None => return Err(A::Error::missing_field("constant")),
        };
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom(format!("a {name} has the field `{name}` alone")));
        }
        nodes.wide += usize::from(!matches!(kind, Entry::Constant(_)));
        nodes.kinds.push(kind);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entry: A) -> Result<(), A::Error> {
        let Some(op) = entry.next_element_seed(OpName(&mut self.0.known))? else {
            return Err(A::Error::custom("an operation is missing its name"));
        };
        let start = self.0.operands.len();
        while let Some(NodeNumber(operand)) = entry.next_element()? {
            self.0.read(operand)?;
        }
        self.0.check_room()?;
        self.0.kinds.push(Entry::Op(op, (self.0.operands.len() - start) as u32));
        Ok(())
    }
}

/// Reads the numbers of a vector behind the others.
struct NextNumbers<'a>(&'a mut Nodes);

impl<'de> DeserializeSeed<'de> for NextNumbers<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for NextNumbers<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(Exact(number)) = list.next_element()? {
            self.0.numbers.push(number);
            self.0.check_room()?;
        }
        Ok(())
    }
}

/// Reads the nodes of a vector behind the other operands.
struct NextOperands<'a>(&'a mut Nodes);

impl<'de> DeserializeSeed<'de> for NextOperands<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for NextOperands<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of node numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(NodeNumber(operand)) = list.next_element()? {
            self.0.read(operand)?;
        }
        Ok(())
    }
}
