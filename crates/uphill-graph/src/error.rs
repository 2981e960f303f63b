//! What can go wrong on a user's data, each with the thing's name, what was expected and what came.

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A slice has the wrong number of entries.
    #[error("{what}: expected {expected} numbers, got {got}")]
    WrongLength {
        /// What the slice was for.
        what: String,
        /// How many entries it must have.
        expected: usize,
        /// How many it had.
        got: usize,
    },
    /// A name that nothing has.
    #[error("no {kind} is named `{name}`; known: {known}")]
    UnknownName {
        /// What was looked for: an input, an output, a node.
        kind: &'static str,
        /// The name that was given.
        name: String,
        /// The names that exist, the first few.
        known: String,
    },
    /// Two things with one name.
    #[error("two {kind}s are named `{name}`; give each a name of its own")]
    DuplicateName {
        /// What they are.
        kind: &'static str,
        /// Their name.
        name: String,
    },
    /// A name that text forms could not show.
    #[error("the name `{}` can't be used: {rule}", name.escape_debug())]
    InvalidName {
        /// The name that was given.
        name: String,
        /// What a name must be.
        rule: &'static str,
    },
    /// A gradient or Hessian of a function with several outputs, or none.
    #[error(
        "{what} needs a function with one output, this one has {outputs}; take `jacobian`, or `select` one output"
    )]
    NotScalar {
        /// What was asked for.
        what: &'static str,
        /// How many outputs there are.
        outputs: usize,
    },
    /// A result that is infinite or NaN where finite numbers were asked for.
    #[error("output `{output}` is {value}: {born}")]
    NotFinite {
        /// The output's name.
        output: String,
        /// Its value.
        value: f64,
        /// Where the first infinity or NaN arose, in words.
        born: String,
    },
    /// A graph that breaks an invariant: see [`Graph::verify`](crate::Graph::verify).
    #[error("the graph is invalid: {what}")]
    Invalid {
        /// Which node breaks what.
        what: String,
    },
    /// A table of places in a vector with a place outside.
    #[error("entry {entry} of a table of places is {place}: expected less than {bound}")]
    Place {
        /// Which entry.
        entry: usize,
        /// What it holds.
        place: String,
        /// The length of the vector.
        bound: u32,
    },
    /// A file that isn't a function, or of another version.
    #[error("can't read the function: {what}")]
    Format {
        /// What was expected and what came.
        what: String,
    },
    /// A budget of memory that is too small.
    #[error(
        "{bytes} bytes do not hold what the loops of {function} keep for one another: at least {least} bytes are needed"
    )]
    Budget {
        /// The function.
        function: String,
        /// The budget.
        bytes: usize,
        /// With which it can be done.
        least: usize,
    },
    /// Something that can't be done.
    #[error("not supported: {what}")]
    Unsupported {
        /// What was asked for.
        what: String,
    },
}

impl Error {
    /// An unknown name, with the first few that are known.
    pub(crate) fn unknown(
        kind: &'static str,
        name: &str,
        known: impl Iterator<Item = String>,
    ) -> Error {
        const SHOWN: usize = 8;
        let mut names: Vec<String> = known.take(SHOWN + 1).collect();
        if names.len() > SHOWN {
            names[SHOWN] = "…".into();
        }
        let known = if names.is_empty() { "none".into() } else { names.join(", ") };
        Error::UnknownName { kind, name: name.into(), known }
    }
}
