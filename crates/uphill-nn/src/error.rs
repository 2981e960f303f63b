//! What can go wrong on a user's data: each message names the thing, what was expected, what came, and what to do.

use uphill_ranks::{Failure, RankError};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// From the graph: a recording of a user's code failed.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
    /// The performance can't be compiled.
    #[error(transparent)]
    Engine(#[from] uphill_engine::Error),
    /// Another rank failed or is lost, where several share the samples.
    #[error(transparent)]
    Ranks(#[from] uphill_ranks::Error),
    /// A name that nothing has.
    #[error("no {kind} is named `{name}`; known: {known}")]
    UnknownName {
        /// What was looked for: a weight, a node, an input.
        kind: &'static str,
        /// The name that was given, and where.
        name: String,
        /// The names that exist, the first few.
        known: String,
    },
    /// A node fed by a name that nothing has.
    #[error("node `{node}` is fed by `{from}`, but no input or node is named so; known: {known}")]
    UnknownSource {
        /// The node.
        node: String,
        /// The name that was given as its source.
        from: String,
        /// The names that exist, the first few.
        known: String,
    },
    /// One name for two things.
    #[error("{first} and {second} are both named `{name}`; give each a name of its own")]
    DuplicateName {
        /// What has the name first.
        first: &'static str,
        /// What has it again.
        second: &'static str,
        /// The name.
        name: String,
    },
    /// Nodes that feed themselves.
    #[error("the network has a cycle: {path}; a node can't wait for its own output")]
    Cycle {
        /// The nodes around, `A → B → A`.
        path: String,
    },
    /// A wiring that can't be a network.
    #[error("the network can't be built: {what}")]
    Network {
        /// Which node, and what is wrong with it.
        what: String,
    },
    /// A slice with the wrong number of entries.
    #[error("{what}: expected {expected} numbers, got {got}")]
    WrongLength {
        /// What the slice was for.
        what: String,
        /// How many entries it must have.
        expected: usize,
        /// How many it had.
        got: usize,
    },
    /// A weight that is infinite or NaN.
    #[error("weight `{weight}` is {value}; weights must be finite")]
    WeightNotFinite {
        /// The weight's name.
        weight: String,
        /// Its value.
        value: f64,
    },
    /// Samples that can't be used.
    #[error("samples: {what}")]
    Samples {
        /// Row, column and value, and what was expected.
        what: String,
    },
    /// A setting of the trainer that can't be used.
    #[error("can't train: {what}")]
    Setting {
        /// The setting and its value, and what was expected.
        what: String,
    },
    /// Training ran into numbers that are infinite or NaN.
    #[error("{0}")]
    Diverged(Box<Divergence>),
    /// A training state that doesn't belong to this trainer.
    #[error("can't resume: {what}")]
    Resume {
        /// What differs, then and now.
        what: String,
    },
    /// A file that is damaged, of another kind, or newer than this crate.
    #[error("can't read the {kind}: {what}")]
    Format {
        /// What was to be read.
        kind: &'static str,
        /// What was expected and what came.
        what: String,
    },
    /// What is wrong with a file, by its name.
    #[error("`{}`: {source}", .path.display())]
    InFile {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        source: Box<Error>,
    },
    /// Reading or writing failed.
    #[error("{what}: {source}")]
    Io {
        /// What was to be read or written.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// Where training ran into numbers that are infinite or NaN, and the last weights before.
///
/// Usually the rate is too large. Where `change` is `last_good_change`, they never were finite, before any change.
#[derive(Debug, Clone, PartialEq)]
pub struct Divergence {
    /// The number of changes made to the weights when the trouble showed.
    pub change: usize,
    /// The weight that shows the trouble, or that feeds the node that does.
    pub weight: Option<String>,
    /// The node that it leads to.
    pub node: Option<String>,
    /// What is infinite or NaN, in words.
    pub what: String,
    /// The last weights at which the performance and its gradient were finite; the starting weights if they never were.
    pub last_good: Vec<f64>,
    /// The number of changes that led to them.
    pub last_good_change: usize,
}

impl std::fmt::Display for Divergence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Where nothing was good before, no rate is to blame.
        let never = self.change == self.last_good_change;
        match never {
            true => write!(f, "training can't begin: {} at the starting weights", self.what)?,
            false => write!(f, "training diverged after change {}: {}", self.change, self.what)?,
        }
        if let Some(weight) = &self.weight {
            write!(f, ", weight `{weight}`")?;
        }
        if let Some(node) = &self.node {
            write!(f, ", node `{node}`")?;
        }
        if never {
            return f.write_str("; P and its gradient must be finite there");
        }
        write!(f, "; the weights after change {} are the last good ones", self.last_good_change)?;
        f.write_str("; try a smaller rate")
    }
}

impl RankError for Error {
    fn failure(&self) -> Failure {
        if self.is_interruption() {
            Failure::Interrupted
        } else {
            Failure::Failed(self.to_string())
        }
    }
}

impl Error {
    /// Whether it says that somebody raised the flag of [`Problem::interrupted_by`](crate::Problem::interrupted_by), and
    /// nothing is wrong.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        matches!(
            self,
            Error::Engine(uphill_engine::Error::Interrupted)
                | Error::Ranks(uphill_ranks::Error::Interrupted)
        )
    }

    /// An unknown name, with the first few that are known.
    pub(crate) fn unknown<'a>(
        kind: &'static str,
        name: impl Into<String>,
        known: impl Iterator<Item = &'a str>,
    ) -> Error {
        Error::UnknownName { kind, name: name.into(), known: few(known) }
    }

    pub(crate) fn in_file(self, path: &std::path::Path) -> Error {
        Error::InFile { path: path.into(), source: Box::new(self) }
    }

    pub(crate) fn network(what: impl Into<String>) -> Error {
        Error::Network { what: what.into() }
    }

    pub(crate) fn setting(what: impl Into<String>) -> Error {
        Error::Setting { what: what.into() }
    }
}

/// The first few names.
pub(crate) fn few<'a>(known: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<&str> = known.take(SHOWN + 1).collect();
    if names.len() > SHOWN {
        names[SHOWN] = "…";
    }
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// Checks the number of entries of a slice.
pub(crate) fn check_length(what: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::WrongLength { what: what.into(), expected, got })
    }
}
