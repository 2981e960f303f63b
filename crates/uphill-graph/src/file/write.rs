//! Writing: one line an input, node and output, so that two files can be compared line by line.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use serde_json::ser::Formatter;

use super::{CUSTOM, FORMAT, VERSION};
use crate::function::{Function, Output};
use crate::graph::Graph;
use crate::node::{Node, NodeId};
use crate::number_format::Exact;
use crate::op::Op;

pub(super) fn write(function: &Function, mut writer: impl Write) -> io::Result<()> {
    let layout = OneEntryALine { depth: 0 };
    function.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, layout))?;
    writer.write_all(b"\n")
}

impl Serialize for Function {
    /// As [`Function::to_json`] does, in any self-describing format.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_struct("Function", 6)?;
        file.serialize_field("format", FORMAT)?;
        file.serialize_field("version", &VERSION)?;
        file.serialize_field("inputs", self.inputs().groups())?;
        file.serialize_field("nodes", &Nodes(self.graph()))?;
        file.serialize_field("names", &Names(self.graph()))?;
        file.serialize_field("outputs", &Outputs(self.outputs()))?;
        file.end()
    }
}

struct Nodes<'a>(&'a Graph);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.ids().map(|id| Entry(self.0.node(id))))
    }
}

struct Entry<'a>(Node<'a>);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Node::Input(_) => serializer.serialize_str("input"),
            Node::Constant(number) => {
                let mut entry = serializer.serialize_map(Some(1))?;
                entry.serialize_entry("constant", &Exact(number))?;
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
            Node::Copy(_) | Node::Result { .. } => Err(serde::ser::Error::custom(
                "a function with loops can't be written yet: write `unrolled` of it",
            )),
        }
    }
}

struct Names<'a>(&'a Graph);

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.names().map(|(id, name)| (name, id)))
    }
}

struct Outputs<'a>(&'a [Output]);

impl Serialize for Outputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Entry<'a> {
            name: &'a str,
            node: NodeId,
        }
        serializer.collect_seq(self.0.iter().map(|o| Entry { name: &o.name, node: o.node }))
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
