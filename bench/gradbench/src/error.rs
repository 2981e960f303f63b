//! What may go wrong between a message and its answer: told to the eval, which notes it and goes on.

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A message or an input that has another shape.
    #[error("the message can't be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A module that this tool doesn't have.
    #[error("module `{0}`: expected one of {1}")]
    Module(String, String),
    /// A function that the module doesn't have.
    #[error("function `{0}`: expected one of {1}")]
    Function(String, &'static str),
    /// Numbers that don't fit together.
    #[error("input: {0}")]
    Input(String),
    /// From recording or differentiating.
    #[error(transparent)]
    Graph(#[from] uphill::Error),
    /// From compiling or running.
    #[error(transparent)]
    Engine(#[from] uphill::engine::Error),
}
