//! A graph of ONNX as it is written: operators one after the other, constants once each, names that are never given twice.

use std::collections::{HashMap, HashSet};

use prost::Message;

use crate::error::Error;
use crate::message::{
    Attribute, BOOL, DOUBLE, Dimension, FLOAT, Graph, INT64, Length, Model, Node, OperatorSet,
    STRING, Shape, Tensor, TensorType, Type, Value,
};

/// The version of ONNX's operators that files ask for, of 2022.
pub const OPSET: i64 = 17;
/// The version of the format that belongs to it.
const IR_VERSION: i64 = 8;
/// The set of operators for tables, and its version.
const TABLES: (&str, i64) = ("ai.onnx.ml", 3);

/// How many bits a number has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    /// 64 bits, as everywhere in uphill.
    Double,
    /// 32 bits, which some programs and devices want.
    Single,
}

/// What the entries of a value are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Numbers,
    /// Texts.
    Texts,
    /// Whole numbers of 64 bits.
    WholeNumbers,
    /// Truths.
    Truths,
}

/// Takes operators until all are there.
#[derive(Debug)]
pub struct Writer {
    width: Width,
    graph: Graph,
    taken: HashSet<String>,
    constants: HashMap<u64, String>,
    count: usize,
    uses_tables: bool,
}

impl Writer {
    /// A graph of this name.
    #[must_use]
    pub fn new(name: &str, width: Width) -> Writer {
        let graph = Graph { name: Some(name.into()), ..Graph::default() };
        Writer {
            width,
            graph,
            taken: HashSet::new(),
            constants: HashMap::new(),
            count: 0,
            uses_tables: false,
        }
    }

    /// How many bits its numbers have.
    #[must_use]
    pub fn width(&self) -> Width {
        self.width
    }

    /// Something that the graph is given: a row an entry of its first axis, and so many columns, if it has a second one.
    pub fn input(&mut self, name: &str, kind: Kind, columns: Option<usize>, about: &str) {
        self.taken.insert(name.to_owned());
        let value = self.value(name, kind, true, columns, about);
        self.graph.input.push(value);
    }

    /// What the graph gives: a value under this name, with rows as its first axis if there are any.
    pub fn output(
        &mut self,
        name: &str,
        value: &str,
        kind: Kind,
        (has_rows, columns): (bool, Option<usize>),
        about: &str,
    ) {
        self.taken.insert(name.to_owned());
        self.push("Identity", &[value], Vec::new(), name.to_owned(), None);
        let value = self.value(name, kind, has_rows, columns, about);
        self.graph.output.push(value);
    }

    fn value(
        &self,
        name: &str,
        kind: Kind,
        has_rows: bool,
        columns: Option<usize>,
        about: &str,
    ) -> Value {
        let rows = has_rows.then(|| Length::Named("rows".into()));
        let columns = columns.map(|count| Length::Fixed(count as i64));
        let dim = [rows, columns].into_iter().flatten();
        let dim = dim.map(|length| Dimension { length: Some(length) }).collect();
        let elem_type = Some(self.entries(kind));
        let tensor_type = Some(TensorType { elem_type, shape: Some(Shape { dim }) });
        let doc_string = (!about.is_empty()).then(|| about.to_owned());
        Value { name: Some(name.into()), r#type: Some(Type { tensor_type }), doc_string }
    }

    /// The number that ONNX gives to a type of entries.
    #[must_use]
    pub fn entries(&self, kind: Kind) -> i32 {
        match (kind, self.width) {
            (Kind::Numbers, Width::Double) => DOUBLE,
            (Kind::Numbers, Width::Single) => FLOAT,
            (Kind::Texts, _) => STRING,
            (Kind::WholeNumbers, _) => INT64,
            (Kind::Truths, _) => BOOL,
        }
    }

    /// Keeps a name from being given to a value in between.
    pub fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    fn fresh(&mut self) -> String {
        loop {
            self.count += 1;
            let name = format!("v{}", self.count);
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    /// The result of an operator.
    pub fn op(&mut self, op: &str, operands: &[&str]) -> String {
        self.op_with(op, operands, Vec::new())
    }

    /// The result of an operator that is told more than its operands.
    pub fn op_with(&mut self, op: &str, operands: &[&str], attribute: Vec<Attribute>) -> String {
        let name = self.fresh();
        self.push(op, operands, attribute, name.clone(), None);
        name
    }

    /// The result of an operator for tables, of the set `ai.onnx.ml`.
    pub fn table_op(&mut self, op: &str, operands: &[&str], attribute: Vec<Attribute>) -> String {
        let name = self.fresh();
        self.uses_tables = true;
        self.push(op, operands, attribute, name.clone(), Some(TABLES.0.into()));
        name
    }

    fn push(
        &mut self,
        op: &str,
        operands: &[&str],
        attribute: Vec<Attribute>,
        output: String,
        domain: Option<String>,
    ) {
        let input = operands.iter().map(|&name| name.to_owned()).collect();
        let op_type = Some(op.to_owned());
        self.graph.node.push(Node { input, output: vec![output], op_type, attribute, domain });
    }

    /// A number, once however often it is asked for.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`].
    pub fn number(&mut self, number: f64) -> Result<String, Error> {
        if let Some(name) = self.constants.get(&number.to_bits()) {
            return Ok(name.clone());
        }
        let name = self.numbers(&[], &[number])?;
        self.constants.insert(number.to_bits(), name.clone());
        Ok(name)
    }

    /// Numbers as a tensor, its last axis the quickest.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`].
    pub fn numbers(&mut self, dims: &[usize], numbers: &[f64]) -> Result<String, Error> {
        let mut bytes = Vec::with_capacity(8 * numbers.len());
        for &number in numbers {
            match self.width {
                Width::Double => bytes.extend(number.to_le_bytes()),
                Width::Single => {
                    let single = number as f32;
                    if single.is_infinite() && number.is_finite() {
                        return Err(Error::TooLarge(number));
                    }
                    bytes.extend(single.to_le_bytes());
                }
            }
        }
        let data_type = Some(self.entries(Kind::Numbers));
        Ok(self.constant(dims, Tensor { data_type, raw_data: Some(bytes), ..Tensor::default() }))
    }

    /// Whole numbers as a tensor.
    pub fn whole_numbers(&mut self, dims: &[usize], numbers: &[i64]) -> String {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let data_type = Some(INT64);
        self.constant(dims, Tensor { data_type, raw_data: Some(bytes), ..Tensor::default() })
    }

    /// Texts as a tensor of one axis.
    pub fn texts(&mut self, texts: &[String]) -> String {
        let string_data = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        let data_type = Some(STRING);
        self.constant(&[texts.len()], Tensor { data_type, string_data, ..Tensor::default() })
    }

    fn constant(&mut self, dims: &[usize], tensor: Tensor) -> String {
        let name = self.fresh();
        let dims = dims.iter().map(|&count| count as i64).collect();
        self.graph.initializer.push(Tensor { dims, name: Some(name.clone()), ..tensor });
        name
    }

    /// The file, with words about it for people.
    #[must_use]
    pub fn finish(self, about: &str) -> Vec<u8> {
        let mut opset_import =
            vec![OperatorSet { domain: Some(String::new()), version: Some(OPSET) }];
        if self.uses_tables {
            let (domain, version) = TABLES;
            opset_import.push(OperatorSet { domain: Some(domain.into()), version: Some(version) });
        }
        let model = Model {
            ir_version: Some(IR_VERSION),
            producer_name: Some("uphill".into()),
            producer_version: Some(env!("CARGO_PKG_VERSION").into()),
            doc_string: (!about.is_empty()).then(|| about.to_owned()),
            graph: Some(self.graph),
            opset_import,
        };
        model.encode_to_vec()
    }
}
