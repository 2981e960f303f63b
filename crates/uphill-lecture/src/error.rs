//! What can go wrong: a section that isn't there. All else is a fault of this crate, told rather than hidden.

/// An error of the lecture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A section that isn't there.
    #[error("no section is named `{name}`; known: {known}")]
    UnknownSection {
        /// What was asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// From a recorded graph; no input leads there.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
    /// From training: a rate that is not positive, or so large that training diverges.
    #[error(transparent)]
    Network(#[from] uphill_nn::Error),
    /// From backpropagation in closed form; no input leads there.
    #[error(transparent)]
    ClosedForm(#[from] uphill_check::closed_form::Error),
    /// Recorded formulas that are not instances of the law that they are to show; no input leads there.
    #[error("{0}")]
    NoLaw(String),
    /// From writing; no input leads there.
    #[error(transparent)]
    Text(#[from] std::fmt::Error),
}
