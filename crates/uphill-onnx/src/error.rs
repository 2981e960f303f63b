//! Why something can't be written as ONNX.

/// Why something can't be written as ONNX.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation for which ONNX has nothing.
    #[error(
        "ONNX has no operator for `{op}`, and none of which it could be made without losing digits{place}"
    )]
    Operation {
        /// The operation.
        op: String,
        /// Which value it computes, if that has a name.
        place: String,
    },
    /// What a function holds that is no operation.
    #[error("{0}")]
    Unsupported(String),
    /// A number beyond the largest float of 32 bits.
    #[error("the number {0:e} is beyond floats of 32 bits; write 64 bits")]
    TooLarge(f64),
    /// From the function.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
}
