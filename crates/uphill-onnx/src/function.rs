//! A function as a graph of ONNX: its inputs as columns, one operator after the other, its outputs as columns.

use std::collections::HashMap;

use uphill_graph::{Function, Graph, Node, NodeId};

use crate::error::Error;
use crate::operations;
use crate::writer::{Kind, Width, Writer};

/// The most operations that are written: a program that reads more takes minutes to begin.
const MOST_OPERATIONS: u64 = 1_000_000;

/// A function as a file of ONNX. It is computed for as many rows at once as it is given: an input is a tensor with an entry a
/// row, a vector of inputs one with rows and columns, and so are outputs. Loops are written out.
///
/// # Errors
///
/// [`Error::Operation`] for an operation that ONNX has not, with its name; [`Error::Unsupported`] for values that
/// equations define, and for more than a million operations; [`Error::TooLarge`].
pub fn function(function: &Function, width: Width) -> Result<Vec<u8>, Error> {
    let written_out = written_out(function)?;
    let mut writer = Writer::new("function", width);
    for name in written_out.inputs().groups().iter().map(|group| &group.name) {
        writer.reserve(name);
    }
    for output in function.outputs() {
        writer.reserve(&output.name);
    }
    let mut inputs = Vec::new();
    for group in written_out.inputs().groups() {
        let columns = group.length.map(|length| length as usize);
        writer.input(&group.name, Kind::Numbers, columns, "");
        match columns {
            None => inputs.push(group.name.clone()),
            Some(count) => {
                for k in 0..count {
                    let place = writer.whole_numbers(&[], &[k as i64]);
                    let axis = vec![operations::whole("axis", 1)];
                    inputs.push(writer.op_with("Gather", &[&group.name, &place], axis));
                }
            }
        }
    }
    let values = writer.values(&written_out, &inputs)?;
    let mut first = 0;
    for output in function.outputs() {
        let columns = &values[first..first + output.count()];
        first += output.count();
        let has_rows = !inputs.is_empty();
        let mut each = Vec::with_capacity(columns.len());
        for value in columns {
            each.push(if has_rows {
                writer.in_every_row(value, &inputs[0])
            } else {
                value.clone()
            });
        }
        if output.length.is_some() && has_rows {
            let axis = writer.whole_numbers(&[1], &[1]);
            let each: Vec<String> =
                each.iter().map(|value| writer.op("Unsqueeze", &[value, &axis])).collect();
            let each: Vec<&str> = each.iter().map(String::as_str).collect();
            let all = writer.op_with("Concat", &each, vec![operations::whole("axis", 1)]);
            writer.output(&output.name, &all, Kind::Numbers, (true, Some(each.len())), "");
        } else {
            for (name, value) in output.names().zip(&each) {
                writer.output(&name, value, Kind::Numbers, (has_rows, None), "");
            }
        }
    }
    Ok(writer.finish(&format!("{} of uphill", function.signature())))
}

/// A function without loops.
fn written_out(function: &Function) -> Result<Function, Error> {
    let graph = function.graph();
    let operations = graph.run_operations();
    if operations > MOST_OPERATIONS {
        return Err(Error::Unsupported(format!(
            "{operations} operations, loops written out; ONNX takes at most {MOST_OPERATIONS} here, so take fewer \
             iterations"
        )));
    }
    Ok(function.unrolled()?)
}

impl Writer {
    /// The outputs of a function for inputs that are there, one after the other. Tensors of any shape will do, where all have
    /// the same: each operation is one of entries.
    ///
    /// # Errors
    ///
    /// As [`function`].
    ///
    /// # Panics
    ///
    /// If there are fewer inputs than the function has.
    pub fn values(&mut self, function: &Function, inputs: &[String]) -> Result<Vec<String>, Error> {
        let function = &written_out(function)?;
        let graph = function.graph();
        let needed = needed(function);
        let mut values: HashMap<NodeId, String> = HashMap::new();
        for id in graph.ids().filter(|id| needed[id.index()]) {
            let value = match graph.node(id) {
                Node::Input(position) => inputs[position].clone(),
                Node::Constant(number) => self.number(number)?,
                Node::Copy(of) => values[&of].clone(),
                Node::Op(op, operands) => {
                    let operands: Vec<&str> =
                        operands.iter().map(|operand| values[operand].as_str()).collect();
                    operations::write(self, op, &operands, || place(graph, id))?
                }
                Node::Result { .. } => {
                    return Err(Error::Unsupported(format!(
                        "ONNX has nothing for values that equations define, which are found step by step{}",
                        place(graph, id)
                    )));
                }
            };
            values.insert(id, value);
        }
        let outputs = function.outputs().iter().flat_map(|output| output.nodes());
        Ok(outputs.map(|node| values[&node].clone()).collect())
    }

    /// A value that may be one number for all rows, as one a row of a tensor that is there.
    fn in_every_row(&mut self, value: &str, row: &str) -> String {
        let shape = self.op("Shape", &[row]);
        self.op("Expand", &[value, &shape])
    }
}

/// Which nodes the outputs need.
fn needed(function: &Function) -> Vec<bool> {
    let graph = function.graph();
    let mut needed = vec![false; graph.len()];
    for output in function.outputs() {
        output.nodes().for_each(|node| needed[node.index()] = true);
    }
    for id in graph.ids().rev() {
        if !needed[id.index()] {
            continue;
        }
        match graph.node(id) {
            Node::Copy(of) => needed[of.index()] = true,
            _ => graph.operands(id).iter().for_each(|operand| needed[operand.index()] = true),
        }
    }
    needed
}

fn place(graph: &Graph, id: NodeId) -> String {
    graph.name(id).map_or(String::new(), |name| format!(", for `{name}`"))
}
