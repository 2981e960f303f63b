//! A small reader of ONNX: decodes a file and goes through its nodes, one row at a time, in 64 bits.
//!
//! A tensor is the list of its entries in that row, a text its place among those that are known. It knows the operators that functions are written with, and nothing of
//! how they are chosen.

#![allow(dead_code)] // tests of several crates use a part of it each

use std::collections::HashMap;

use prost::Message;
use uphill_graph::Op;
use uphill_onnx::message::{DOUBLE, FLOAT, INT64, Model, Node, STRING, Tensor};

/// The file as a message.
pub(crate) fn decoded(file: &[u8]) -> Model {
    Model::decode(file).unwrap()
}

/// All nodes, a line each, for people.
pub(crate) fn listed(file: &[u8]) -> String {
    let model = decoded(file);
    let graph = model.graph.unwrap();
    let mut text = String::new();
    for value in &graph.input {
        text += &format!("input {}\n", shown(value));
    }
    for tensor in &graph.initializer {
        text += &format!("{} = {:?}\n", tensor.name(), numbers(tensor));
    }
    for node in &graph.node {
        let told: Vec<String> = node
            .attribute
            .iter()
            .map(|a| {
                format!(" {}={}", a.name(), a.i.map_or(format!("{:?}", a.ints), |i| i.to_string()))
            })
            .collect();
        let operands = node.input.join(", ");
        text += &format!("{} = {}({operands}){}\n", node.output[0], node.op_type(), told.concat());
    }
    for value in &graph.output {
        text += &format!("output {}\n", shown(value));
    }
    text
}

fn shown(value: &uphill_onnx::message::Value) -> String {
    let tensor = value.r#type.as_ref().unwrap().tensor_type.as_ref().unwrap();
    let dims = tensor.shape.as_ref().unwrap().dim.iter().map(|dim| match &dim.length {
        Some(uphill_onnx::message::Length::Fixed(count)) => count.to_string(),
        Some(uphill_onnx::message::Length::Named(name)) => name.clone(),
        None => "?".into(),
    });
    let kind = match tensor.elem_type() {
        DOUBLE => "double",
        FLOAT => "float",
        INT64 => "int64",
        _ => "other",
    };
    format!("{}: {kind} [{}]", value.name(), dims.collect::<Vec<_>>().join(", "))
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let bytes = tensor.raw_data();
    match tensor.data_type() {
        DOUBLE => bytes.chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect(),
        FLOAT => {
            bytes.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()).into()).collect()
        }
        INT64 => {
            bytes.chunks(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f64).collect()
        }
        // A text by its place.
        STRING => (0..tensor.string_data.len()).map(|place| place as f64).collect(),
        other => panic!("entries of type {other}"),
    }
}

/// The outputs, one after the other, for inputs in the order of the graph's.
pub(crate) fn outputs(file: &[u8], inputs: &[f64]) -> Vec<f64> {
    let graph = decoded(file).graph.unwrap();
    let mut values: HashMap<String, Vec<f64>> = HashMap::new();
    let mut given = inputs.iter().copied();
    for input in &graph.input {
        let dims = &input.r#type.as_ref().unwrap().tensor_type.as_ref().unwrap().shape;
        let count = match dims.as_ref().unwrap().dim.get(1).and_then(|dim| dim.length.clone()) {
            Some(uphill_onnx::message::Length::Fixed(count)) => count as usize,
            _ => 1,
        };
        values.insert(input.name().to_owned(), given.by_ref().take(count).collect());
    }
    for tensor in &graph.initializer {
        assert!(values.insert(tensor.name().to_owned(), numbers(tensor)).is_none(), "a name twice");
    }
    for node in &graph.node {
        assert_eq!(node.output.len(), 1, "{node:?}");
        assert_eq!(node.domain() == "ai.onnx.ml", node.op_type() == "OneHotEncoder", "{node:?}");
        let operands: Vec<&[f64]> = node.input.iter().map(|name| &*values[name]).collect();
        let value = value(node, &operands);
        assert!(values.insert(node.output[0].clone(), value).is_none(), "a name twice: {node:?}");
    }
    graph.output.iter().flat_map(|output| values[output.name()].clone()).collect()
}

fn value(node: &Node, operands: &[&[f64]]) -> Vec<f64> {
    match node.op_type() {
        "Gather" => return operands[1].iter().map(|&place| operands[0][place as usize]).collect(),
        "Concat" => return operands.concat(),
        "Shape" => return Vec::new(),
        "MatMul" => {
            let (row, matrix) = (operands[0], operands[1]);
            let width = matrix.len() / row.len();
            let entry = |k: usize, column: usize| row[k] * matrix[k * width + column];
            let product = |column| (0..row.len()).map(|k| entry(k, column)).sum();
            return (0..width).map(product).collect();
        }
        "Softmax" => {
            let powers: Vec<f64> = operands[0].iter().map(|x| x.exp()).collect();
            return powers.iter().map(|power| power / powers.iter().sum::<f64>()).collect();
        }
        "ArgMax" => {
            let largest = operands[0].iter().copied().reduce(f64::max).unwrap();
            return vec![operands[0].iter().position(|&x| x == largest).unwrap_or(0) as f64];
        }
        "ReduceSum" => return vec![operands[0].iter().sum()],
        "OneHotEncoder" => {
            let known =
                node.attribute.iter().map(|attribute| attribute.strings.len()).max().unwrap();
            return (0..known).map(|k| f64::from(u8::from(k as f64 == operands[0][0]))).collect();
        }
        "Identity" | "Expand" | "Unsqueeze" | "Squeeze" | "Cast" => return operands[0].to_vec(),
        _ => {}
    }
    let count = operands.iter().map(|operand| operand.len()).max().unwrap();
    let entry = |operand: &[f64], k: usize| operand[if operand.len() == 1 { 0 } else { k }];
    (0..count)
        .map(|k| {
            let x: Vec<f64> = operands.iter().map(|operand| entry(operand, k)).collect();
            of_entries(node.op_type(), &x)
        })
        .collect()
}

fn of_entries(op: &str, x: &[f64]) -> f64 {
    let truth = |truth: bool| f64::from(u8::from(truth));
    let same = |op: Op| op.value(x);
    match op {
        "Add" => x[0] + x[1],
        "Sub" => x[0] - x[1],
        "Mul" => x[0] * x[1],
        "Div" => x[0] / x[1],
        "Neg" => -x[0],
        "Reciprocal" => 1.0 / x[0],
        "Mod" => x[0] % x[1],
        "Sum" => x.iter().sum(),
        "Min" => x.iter().copied().reduce(f64::min).unwrap(),
        "Max" => x.iter().copied().reduce(f64::max).unwrap(),
        "Abs" => x[0].abs(),
        "Sign" => {
            if x[0] > 0.0 {
                1.0
            } else if x[0] < 0.0 {
                -1.0
            } else {
                x[0]
            }
        }
        "Floor" => x[0].floor(),
        "Ceil" => x[0].ceil(),
        "Less" => truth(x[0] < x[1]),
        "LessOrEqual" => truth(x[0] <= x[1]),
        "Greater" => truth(x[0] > x[1]),
        "GreaterOrEqual" => truth(x[0] >= x[1]),
        "Equal" => truth(x[0] == x[1]),
        "Not" => truth(x[0] == 0.0),
        "Xor" => truth((x[0] == 0.0) != (x[1] == 0.0)),
        "Where" => {
            if x[0] == 0.0 {
                x[2]
            } else {
                x[1]
            }
        }
        "IsNaN" => truth(x[0].is_nan()),
        "Sqrt" => x[0].sqrt(),
        "Exp" => x[0].exp(),
        "Log" => x[0].ln(),
        "Pow" => x[0].powf(x[1]),
        "Sin" => x[0].sin(),
        "Cos" => x[0].cos(),
        "Tan" => x[0].tan(),
        "Asin" => x[0].asin(),
        "Acos" => x[0].acos(),
        "Atan" => x[0].atan(),
        "Sinh" => x[0].sinh(),
        "Cosh" => x[0].cosh(),
        "Tanh" => x[0].tanh(),
        "Asinh" => x[0].asinh(),
        "Acosh" => x[0].acosh(),
        "Atanh" => x[0].atanh(),
        "Relu" => x[0].max(0.0),
        "Sigmoid" => same(Op::Sigmoid),
        "Softplus" => same(Op::Softplus),
        "Erf" => same(Op::Erf),
        other => panic!("no operator `{other}` is known"),
    }
}
