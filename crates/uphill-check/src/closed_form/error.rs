//! What can be wrong with a network or its numbers, in words that name the node, weight or sample.
//!
//! Every function of [`closed_form`](crate::closed_form) that depends on a user's data returns this
//! [`Error`]; none panics. Counting in messages starts at 1 (sample 1 is the first); only a weight's
//! index starts at 0, since it is an index into the slice of weights.

use thiserror::Error;

/// Why a network could not be built or evaluated.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Two inputs or nodes have the same name.
    #[error("the name {name:?} is given twice: each input and each node needs a name of its own")]
    DuplicateName {
        /// The name that came twice.
        name: String,
    },
    /// Two weights have the same name.
    #[error(
        "the weight name {name:?} is given twice: each weight needs a name of its own (to share a \
         weight, use the same one on several edges)"
    )]
    DuplicateWeight {
        /// The name that came twice.
        name: String,
    },
    /// An output is listed twice.
    #[error("{name:?} is listed twice among the outputs: list each output once")]
    DuplicateOutput {
        /// The output that came twice.
        name: String,
    },
    /// A name that belongs to no input and no node.
    #[error("{place} names {name:?}, but there is no input or node of that name")]
    UnknownNode {
        /// The name that nobody has.
        name: String,
        /// Who asked for it, such as ``node "H1"``.
        place: String,
    },
    /// A weight index outside the list of weight names.
    #[error("{place} uses weight index {index}, but there are {count} weights, counted from 0")]
    UnknownWeight {
        /// The index that is too large.
        index: usize,
        /// The number of weights.
        count: usize,
        /// Who asked for it, such as ``node "H1"``.
        place: String,
    },
    /// The weights run in a circle, so that no order of evaluation exists.
    #[error(
        "the weights run in a circle: {} → {}; closed-form backpropagation needs an acyclic network",
        nodes.join(" → "), nodes.first().map_or("", String::as_str)
    )]
    Cycle {
        /// The nodes of one circle, each feeding the next and the last feeding the first.
        nodes: Vec<String>,
    },
    /// A node with neither incoming weights nor threshold nor bias.
    #[error("node {node:?} has no incoming weight, threshold or bias: give it at least one")]
    NothingIncoming {
        /// The node.
        node: String,
    },
    /// A node was given a second threshold or bias.
    #[error("node {node:?} has a threshold or bias already: a node takes one of the two, once")]
    SecondOffset {
        /// The node.
        node: String,
    },
    /// No outputs are listed.
    #[error("the network has no outputs: list at least one node as an output")]
    NoOutputs,
    /// An input is listed as an output.
    #[error("output {name:?} is an input: an output must be a node that computes")]
    OutputIsInput {
        /// The input.
        name: String,
    },
    /// Sizes of layers that describe no network.
    #[error("layers {layers:?} describe no network: give at least two sizes, none of them 0")]
    Layers {
        /// The sizes as they came.
        layers: Vec<usize>,
    },
    /// There are no samples to measure the performance on.
    #[error("there are no samples: the performance needs at least one")]
    NoSamples,
    /// A list of numbers with the wrong length.
    #[error("expected {expected} numbers as {place}, found {found}")]
    WrongLength {
        /// What the list is, such as `inputs of sample 2`.
        place: String,
        /// The length that fits the network.
        expected: usize,
        /// The length that came.
        found: usize,
    },
    /// A number that is infinite or not a number.
    #[error("{place} is {value}: expected a finite number")]
    NotFinite {
        /// Where the number is, such as ``input "Robert" of sample 3``.
        place: String,
        /// The number.
        value: f64,
    },
    /// The gradient of the negative root mean squared error where that error is zero.
    #[error(
        "the root mean squared error is 0, where its square root has no derivative: stop here, or \
         take the squared error"
    )]
    UndefinedGradient,
}

/// Checks that `value` is finite; `place` is only asked for its words when it is not.
pub(super) fn finite(value: f64, place: impl FnOnce() -> String) -> Result<f64, Error> {
    if value.is_finite() { Ok(value) } else { Err(Error::NotFinite { place: place(), value }) }
}

/// Checks that a list has the length that the network expects.
pub(super) fn length(
    expected: usize,
    found: usize,
    place: impl FnOnce() -> String,
) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::WrongLength { place: place(), expected, found })
    }
}
