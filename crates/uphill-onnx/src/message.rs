//! The messages of a file of ONNX, as its `onnx.proto` numbers their fields: those that are written here, and no others.
//!
//! Declared by hand, since a dozen structs are less than a compiler of protocols. What isn't declared is skipped by
//! whoever decodes a file with them.

use prost::{Message, Oneof};

/// A file.
#[derive(Clone, PartialEq, Message)]
pub struct Model {
    /// The version of this format.
    #[prost(int64, optional, tag = "1")]
    pub ir_version: Option<i64>,
    /// The program that wrote it.
    #[prost(string, optional, tag = "2")]
    pub producer_name: Option<String>,
    /// The program's version.
    #[prost(string, optional, tag = "3")]
    pub producer_version: Option<String>,
    /// What it is, for people.
    #[prost(string, optional, tag = "6")]
    pub doc_string: Option<String>,
    /// What is computed.
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    /// The versions of the operators' sets.
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSet>,
}

/// A set of operators and its version.
#[derive(Clone, PartialEq, Message)]
pub struct OperatorSet {
    /// Its name; empty for ONNX's own.
    #[prost(string, optional, tag = "1")]
    pub domain: Option<String>,
    /// Its version.
    #[prost(int64, optional, tag = "2")]
    pub version: Option<i64>,
}

/// What is computed.
#[derive(Clone, PartialEq, Message)]
pub struct Graph {
    /// Operations, each behind those that it needs.
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    /// Its name.
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    /// Constants.
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Tensor>,
    /// What it is, for people.
    #[prost(string, optional, tag = "10")]
    pub doc_string: Option<String>,
    /// What it is given.
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<Value>,
    /// What it gives.
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<Value>,
}

/// An operation.
#[derive(Clone, PartialEq, Message)]
pub struct Node {
    /// The names of its operands.
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    /// The names of its results.
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    /// Which operation.
    #[prost(string, optional, tag = "4")]
    pub op_type: Option<String>,
    /// What else it is told.
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
    /// The set of operators; none for ONNX's own.
    #[prost(string, optional, tag = "7")]
    pub domain: Option<String>,
}

/// What an operation is told beside its operands.
#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    /// Its name.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// One whole number.
    #[prost(int64, optional, tag = "3")]
    pub i: Option<i64>,
    /// Whole numbers.
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
    /// Texts.
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub strings: Vec<Vec<u8>>,
    /// Which of these it is: [`INT`], [`INTS`] or [`STRINGS`].
    #[prost(int32, optional, tag = "20")]
    pub r#type: Option<i32>,
}

/// The type of an [`Attribute`] of one whole number.
pub const INT: i32 = 2;
/// The type of an [`Attribute`] of whole numbers.
pub const INTS: i32 = 7;
/// The type of an [`Attribute`] of texts.
pub const STRINGS: i32 = 8;

/// A constant.
#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    /// How many entries along each axis.
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    /// What an entry is: [`FLOAT`] and so on.
    #[prost(int32, optional, tag = "2")]
    pub data_type: Option<i32>,
    /// Texts.
    #[prost(bytes = "vec", repeated, tag = "6")]
    pub string_data: Vec<Vec<u8>>,
    /// Its name.
    #[prost(string, optional, tag = "8")]
    pub name: Option<String>,
    /// Numbers, the lowest byte first.
    #[prost(bytes = "vec", optional, tag = "9")]
    pub raw_data: Option<Vec<u8>>,
}

/// Entries of 32-bit floats.
pub const FLOAT: i32 = 1;
/// Entries of 64-bit whole numbers.
pub const INT64: i32 = 7;
/// Entries of texts.
pub const STRING: i32 = 8;
/// Entries of truths.
pub const BOOL: i32 = 9;
/// Entries of 64-bit floats.
pub const DOUBLE: i32 = 11;

/// What a graph is given, or gives.
#[derive(Clone, PartialEq, Message)]
pub struct Value {
    /// Its name.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// Its type.
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<Type>,
    /// What it is, for people.
    #[prost(string, optional, tag = "3")]
    pub doc_string: Option<String>,
}

/// The type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct Type {
    /// A tensor's.
    #[prost(message, optional, tag = "1")]
    pub tensor_type: Option<TensorType>,
}

/// The type of a tensor.
#[derive(Clone, PartialEq, Message)]
pub struct TensorType {
    /// What an entry is.
    #[prost(int32, optional, tag = "1")]
    pub elem_type: Option<i32>,
    /// Its axes.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

/// The axes of a tensor.
#[derive(Clone, PartialEq, Message)]
pub struct Shape {
    /// One after the other.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// An axis.
#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    /// How long it is.
    #[prost(oneof = "Length", tags = "1, 2")]
    pub length: Option<Length>,
}

/// How long an axis is.
#[derive(Clone, PartialEq, Eq, Oneof)]
pub enum Length {
    /// So long.
    #[prost(int64, tag = "1")]
    Fixed(i64),
    /// As long as all of this name.
    #[prost(string, tag = "2")]
    Named(String),
}
