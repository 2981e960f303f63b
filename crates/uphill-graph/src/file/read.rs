//! Reading: nodes are checked one by one as they come, into flat lists as long as the file has entries; the graph is
//! built only when inputs, nodes and names are known to fit together, by the calls that a recorder uses.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

use super::object::Object;
use super::words::{printable, shortened, unknown_operation};
use super::{CUSTOM, FORMAT, VERSION};
use crate::error::Error;
use crate::function::{Function, InputGroup, Output};
use crate::graph::Graph;
use crate::inputs::check_name;
use crate::node::NodeId;
use crate::number_format::Exact;
use crate::op::{Custom, Op};

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
    #[allow(dead_code, reason = "checked as it is read")]
    version: (),
    inputs: Vec<Object<InputGroup>>,
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
            Some(VERSION) | None => None,
            Some(version) => Some(format!(
                "it has version {version}, and this release reads version {VERSION}{}",
                if version > VERSION { "; a newer release of uphill may read it" } else { "" }
            )),
        }
    }
}

fn format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    let header = Header { format: String::deserialize(deserializer)?, version: None };
    header.objection().map_or(Ok(()), |reason| Err(D::Error::custom(reason)))
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    let version = Some(u64::deserialize(deserializer)?);
    let header = Header { format: FORMAT.into(), version };
    header.objection().map_or(Ok(()), |reason| Err(D::Error::custom(reason)))
}

impl Parts {
    fn build(self) -> Result<Function, Error> {
        let format = |what: String| Err(Error::Format { what });
        let nodes = self.nodes;
        let declared: u64 =
            self.inputs.iter().map(|Object(group)| u64::from(group.length.unwrap_or(1))).sum();
        let found = nodes.kinds.iter().filter(|kind| matches!(kind, Entry::Input)).count();
        if declared != found as u64 {
            return format(format!(
                "`inputs` declares {declared} in all, entries of vectors counted, but `nodes` has {found} times \"input\""
            ));
        }
        for Object(group) in &self.inputs {
            check_name(&group.name)?;
        }
        let mut graph = Graph::default();
        let mut groups = self.inputs.into_iter().map(|Object(group)| group);
        let mut kinds = nodes.kinds.into_iter().enumerate().peekable();
        let mut operands = nodes.operands.as_slice();
        while let Some((number, kind)) = kinds.next() {
            match kind {
                Entry::Constant(value) => {
                    graph.push_constant(value);
                }
                Entry::Op(op, count) => {
                    let (own, rest) = operands.split_at(count as usize);
                    graph.push_op(op, own);
                    operands = rest;
                }
                Entry::Input => {
                    // There are as many as were declared, so a group is left; empty vectors have no node.
                    let Some(group) = groups.find(|group| {
                        let empty = group.length == Some(0);
                        if empty {
                            graph.push_inputs([group.clone()].into_iter().collect());
                        }
                        !empty
                    }) else {
                        return format(format!("node n{number} is an input that is not declared"));
                    };
                    let following = group.length.unwrap_or(1) - 1;
                    for place in 1..=following {
                        if kinds.next_if(|(_, kind)| matches!(kind, Entry::Input)).is_none() {
                            return format(format!(
                                "node n{} stands where the input `{}[{place}]` must be: entries of a vector follow one another",
                                number + place as usize,
                                shortened(&group.name),
                            ));
                        }
                    }
                    graph.push_inputs([group].into_iter().collect());
                }
            }
        }
        for empty in groups {
            graph.push_inputs([empty].into_iter().collect());
        }
        let length = graph.len() as u64;
        for (node, name) in self.names.0 {
            if node >= length {
                return format(format!(
                    "the name `{}` is given to node n{node}, of {length} nodes",
                    shortened(&name)
                ));
            }
            graph.set_name(NodeId::new(node as usize), &name);
        }
        let mut outputs = Vec::new();
        for Object(OutputEntry { name, node: NodeNumber(node) }) in self.outputs {
            if node >= length {
                return format(format!(
                    "the output `{}` is node n{node}, of {length} nodes",
                    shortened(&name)
                ));
            }
            outputs.push(Output::new(name, NodeId::new(node as usize)));
        }
        Function::new(graph, outputs)
    }
}

/// The number of a node, not yet known to exist.
struct NodeNumber(u64);

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
struct Names(BTreeMap<u64, String>);

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

/// A node of the file; operands lie in one list, this many for each operation.
enum Entry {
    Input,
    Constant(f64),
    Op(Op, u32),
}

#[derive(Default)]
struct Nodes {
    kinds: Vec<Entry>,
    operands: Vec<NodeId>,
    /// Operations that the file has used so far, by the names there.
    known: HashMap<Box<str>, Op>,
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
            let number = nodes.kinds.len();
            match entries.next_element_seed(NextNode(&mut nodes)) {
                Ok(Some(())) => {}
                Ok(None) => return Ok(nodes),
                Err(error) => return Err(A::Error::custom(format!("node n{number}: {error}"))),
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
        f.write_str(r#""input", {"constant": number} or ["operation", operand, ...]"#)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if text != "input" {
            return Err(E::invalid_value(Unexpected::Str(shortened(text).as_str()), &self));
        }
        self.0.kinds.push(Entry::Input);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Key {
            Constant,
        }
        let Some((Key::Constant, Exact(number))) = map.next_entry()? else {
            return Err(A::Error::missing_field("constant"));
        };
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("a constant has the field `constant` alone"));
        }
        self.0.kinds.push(Entry::Constant(number));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entry: A) -> Result<(), A::Error> {
        let Some(op) = entry.next_element_seed(OpName(&mut self.0.known))? else {
            return Err(A::Error::custom("an operation is missing its name"));
        };
        let (number, start) = (self.0.kinds.len() as u64, self.0.operands.len());
        while let Some(NodeNumber(operand)) = entry.next_element()? {
            if operand >= number {
                return Err(A::Error::custom(format!(
                    "its operand n{operand} does not come before it"
                )));
            }
            self.0.operands.push(NodeId::new(operand as usize));
        }
        if self.0.operands.len().max(self.0.kinds.len()) >= u32::MAX as usize {
            return Err(A::Error::custom("a graph has at most 4 billion nodes and operands"));
        }
        self.0.kinds.push(Entry::Op(op, (self.0.operands.len() - start) as u32));
        Ok(())
    }
}

/// Reads an operation's name.
struct OpName<'a>(&'a mut HashMap<Box<str>, Op>);

impl<'de> DeserializeSeed<'de> for OpName<'_> {
    type Value = Op;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Op, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for OpName<'_> {
    type Value = Op;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an operation")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Op, E> {
        if let Some(&op) = self.0.get(name) {
            return Ok(op);
        }
        let op = match name.strip_prefix(CUSTOM) {
            Some(custom) => Custom::from_name(custom).map(Custom::op).ok_or_else(|| {
                E::custom(format!(
                    "the custom operation `{}` is not defined in this process; call `Custom::define` before reading",
                    shortened(custom)
                ))
            })?,
            None => Op::from_name(name).ok_or_else(|| E::custom(unknown_operation(name)))?,
        };
        self.0.insert(name.into(), op);
        Ok(op)
    }
}
