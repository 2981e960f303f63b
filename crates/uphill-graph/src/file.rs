//! Functions as JSON files: what is written reads back as the same graph, and what is read is a valid graph or an error.
//!
//! A file says what it is and which version it has, then lists inputs, nodes and outputs. A node's number is its place
//! in the list. Version 2 holds vectors and loops, which are entries of several nodes; what has none of these is written
//! as version 1. docs/function-file.md tells the format for people who write such files with other tools.
//!
//! ```json
//! {
//! "format": "uphill-function",
//! "version": 1,
//! "inputs": [
//!   {"name": "w", "length": 2, "role": "variable"}
//! ],
//! "nodes": [
//!   "input",
//!   "input",
//!   {"constant": 3.0},
//!   ["mul", 2, 0],
//!   ["sub", 3, 1]
//! ],
//! "names": {
//!   "o1": 3
//! },
//! "outputs": [
//!   {"name": "P", "node": 4}
//! ]
//! }
//! ```
//!
//! **Invariant:** reading allocates in proportion to the file, whatever the file declares; only vectors of inputs may declare
//! a bounded number of entries.

mod build;
mod entries;
mod object;
mod read;
mod words;
mod write;

use std::io::{Read, Write};

use crate::error::Error;
use crate::function::Function;

/// What a file calls itself.
const FORMAT: &str = "uphill-function";
/// The version of functions without loops and vectors, as all were once.
const FLAT: u64 = 1;
/// The version of functions with loops; it can hold all others, too.
const WITH_LOOPS: u64 = 2;
/// As many inputs in all may be declared by the lengths of vectors alone, in bodies of loops too; a file with more lists
/// them one by one. So memory is in proportion to the file, but for this: 4 bytes for each.
const MOST_INPUTS: u64 = 1 << 24;
/// Stands before the names of custom operations, so that no later built-in operation can be taken for one.
const CUSTOM: &str = "custom:";

impl Function {
    /// The function as JSON text, one line an input, node and output; a loop with its body is one node.
    ///
    /// [`Function::from_json`] reads it back as an equal function: the same nodes in the same order, every name, and
    /// every number to the bit. (A NaN comes back as a NaN: which of its bit patterns it has is not kept.) The text is
    /// the same on every platform. A [custom operation](crate::Custom) is written by name alone.
    ///
    /// # Complexity
    ///
    /// Linear in nodes and edges; about 20 bytes a node.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * 0.1 - v[1])?;
    /// let text = f.to_json();
    /// assert!(text.contains(r#"["mul", 0, 2]"#)); // node 2 is the number 0.1
    /// assert_eq!(Function::from_json(&text)?, f);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = Vec::new();
        self.to_writer(&mut text).expect("writing to memory does not fail");
        String::from_utf8(text).expect("JSON is UTF-8")
    }

    /// Writes what [`Function::to_json`] gives, in many small pieces: pass a [buffered](std::io::BufWriter) file.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x"], |x| x[0] * x[0])?;
    /// let mut file = Vec::new(); // or a `BufWriter<File>`
    /// f.to_writer(&mut file)?;
    /// assert_eq!(Function::from_reader(file.as_slice())?, f);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_writer(&self, writer: impl Write) -> std::io::Result<()> {
        write::write(self, writer)
    }

    /// Reads a function from JSON text.
    ///
    /// Everything is checked, so text from an untrusted source gives a valid function or an error: never a panic, and
    /// never more memory than is proportional to the text. [Custom operations](crate::Custom) must have been defined in
    /// this process before.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if the text is not JSON, not a function file, of a version that this release does not read, or
    /// names an operation that does not exist, with line and column where they are known; [`Error::Invalid`],
    /// [`Error::InvalidName`], [`Error::DuplicateName`] or [`Error::Unsupported`] if it describes a graph that would
    /// break an invariant: see [`Function::verify`].
    ///
    /// # Complexity
    ///
    /// Linear in the length of the text, and in the entries of tables that the walks of loops look up: each walk is checked.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::from_json(
    ///     r#"{
    ///         "format": "uphill-function",
    ///         "version": 1,
    ///         "inputs": [{"name": "x", "role": "variable"}],
    ///         "nodes": ["input", ["sin", 0], ["mul", 0, 1]],
    ///         "outputs": [{"name": "P", "node": 2}]
    ///     }"#,
    /// )?;
    /// assert_eq!(f.to_string(), "P(x)\n  P = x*sin(x)\n");
    ///
    /// let error = Function::from_json(&f.to_json().replace("sin", "sinn")).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "can't read the function: node n1: no operation is named `sinn`; did you mean `sin`? at line 9 column 9"
    /// );
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Function, Error> {
        read::read(text.as_bytes())
    }

    /// Reads a function from JSON text that something else holds, to its end.
    ///
    /// # Errors
    ///
    /// As [`Function::from_json`]; [`Error::Format`] also if reading fails.
    pub fn from_reader(mut reader: impl Read) -> Result<Function, Error> {
        let mut text = Vec::new();
        match reader.read_to_end(&mut text) {
            Ok(_) => read::read(&text),
            Err(error) => Err(Error::Format { what: error.to_string() }),
        }
    }
}
