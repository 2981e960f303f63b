//! What can go wrong on a user's text: each message names the thing, what was expected and what came, and shows where.

use std::ops::Range;

use crate::place::{Place, Source};

/// An error of this crate.
///
/// Shown, it is one line that says what is wrong and, for errors in a text, the place in it:
///
/// ```
/// use uphill_formula::Formula;
///
/// let error = Formula::parse("P = sine(x)").unwrap_err();
/// assert_eq!(error.to_string(), "\
/// no function is named `sine`
///   |
/// 1 | P = sine(x)
///   |     ^^^^ did you mean `sin`?");
/// assert_eq!(error.headline(), "no function is named `sine`");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text that is no formula.
    #[error("expected {expected}, found {found}{place}")]
    Syntax {
        /// What could stand here.
        expected: String,
        /// What stands here.
        found: String,
        /// Where.
        place: Place,
    },
    /// Characters that begin nothing, or a number, name or bracket that doesn't end.
    #[error("{what}{place}")]
    Unreadable {
        /// What is wrong with it.
        what: String,
        /// Where.
        place: Place,
    },
    /// A name that nothing has.
    #[error("no {kind} is named `{name}`{place}")]
    UnknownName {
        /// What was looked for: a function, an input, a definition.
        kind: &'static str,
        /// The name.
        name: String,
        /// Where.
        place: Place,
    },
    /// An output was asked for, by name, that the formula doesn't define.
    #[error("the formula doesn't define `{name}`; it defines {known}")]
    UnknownOutput {
        /// The name.
        name: String,
        /// The names that it defines, the first few.
        known: String,
    },
    /// A function with the wrong number of arguments.
    #[error("`{name}` takes {expected}, got {got}{place}")]
    ArgumentCount {
        /// The function.
        name: String,
        /// How many it takes, in words.
        expected: String,
        /// How many it was given.
        got: usize,
        /// Where.
        place: Place,
    },
    /// A name that is defined, declared or listed twice.
    #[error("`{name}` is {first} and {second}{place}")]
    DefinedTwice {
        /// The name.
        name: String,
        /// What it is first, and in which line.
        first: String,
        /// What it is then.
        second: String,
        /// Where it is given the second meaning.
        place: Place,
    },
    /// A name of the notation's own that can't be defined.
    #[error("`{name}` can't be defined: it is {meaning}{place}")]
    Reserved {
        /// The name.
        name: String,
        /// What it stands for.
        meaning: String,
        /// Where.
        place: Place,
    },
    /// A name used as something that it isn't: a function as a number, a vector as one input.
    #[error("`{name}` is {meaning}{place}")]
    Misused {
        /// The name.
        name: String,
        /// What it is.
        meaning: String,
        /// Where.
        place: Place,
    },
    /// Definitions that need each other, or a function that calls itself.
    #[error("`{name}` needs itself: {path}{place}")]
    Cycle {
        /// One of them.
        name: String,
        /// The names around, `a → b → a`.
        path: String,
        /// Where it is defined.
        place: Place,
    },
    /// `a < b < c`.
    #[error("comparisons can't be chained{place}")]
    ChainedComparison {
        /// Where.
        place: Place,
    },
    /// An index, an end of a range, an exponent or an order that must be known as the text is read.
    #[error("{what} must be {expected}, {got}{place}")]
    NotConstant {
        /// Which number.
        what: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        got: String,
        /// Where.
        place: Place,
    },
    /// A reduction that has no value without operands, over an empty range.
    #[error("the range {range} is empty, and `{reduction}` of nothing has no value{place}")]
    EmptyRange {
        /// The range.
        range: String,
        /// The reduction.
        reduction: String,
        /// Where.
        place: Place,
    },
    /// A constraint that says nothing, that nothing can meet, or that has no optimum.
    #[error("{what}{place}")]
    Constraint {
        /// What is wrong with it.
        what: String,
        /// Where.
        place: Place,
    },
    /// A text for [`Problem`](crate::Problem) that is read as a formula.
    #[error("this is a problem, not a formula{place}")]
    NotAFormula {
        /// Where it says so.
        place: Place,
    },
    /// A text for [`Formula`](crate::Formula) that is read as a problem.
    #[error("the text says nothing to minimise or maximise; {hint}")]
    NotAProblem {
        /// What to write, for example.
        hint: String,
    },
    /// A text without outputs.
    #[error("the text defines no output; {hint}")]
    NoOutput {
        /// What to write, for example.
        hint: String,
    },
    /// A text longer than [`Limits::bytes`](crate::Limits::bytes).
    #[error("the text has {bytes} bytes, the limit is {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Nesting deeper than [`Limits::depth`](crate::Limits::depth).
    #[error("the formula is nested too deeply, the limit is {limit} levels{place}")]
    TooDeep {
        /// The limit.
        limit: usize,
        /// Where.
        place: Place,
    },
    /// More operations than [`Limits::operations`](crate::Limits::operations), or than
    /// [`Limits::run_operations`](crate::Limits::run_operations) in a run.
    #[error("the formula is too large, the limit is {limit} operations{place}")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// Where.
        place: Place,
    },
    /// From the graph: a name that was passed can't be an input's, or a name was passed twice.
    #[error(transparent)]
    Graph(#[from] uphill_graph::Error),
}

/// The place of an error, if it has one, borrowed as the error is.
macro_rules! place_of {
    ($error:expr) => {
        match $error {
            Error::Syntax { place, .. }
            | Error::Unreadable { place, .. }
            | Error::UnknownName { place, .. }
            | Error::ArgumentCount { place, .. }
            | Error::DefinedTwice { place, .. }
            | Error::Reserved { place, .. }
            | Error::Misused { place, .. }
            | Error::Cycle { place, .. }
            | Error::ChainedComparison { place }
            | Error::NotConstant { place, .. }
            | Error::EmptyRange { place, .. }
            | Error::Constraint { place, .. }
            | Error::NotAFormula { place }
            | Error::TooDeep { place, .. }
            | Error::TooLarge { place, .. } => Some(place),
            Error::UnknownOutput { .. }
            | Error::NoOutput { .. }
            | Error::NotAProblem { .. }
            | Error::TooLong { .. }
            | Error::Graph(_) => None,
        }
    };
}

impl Error {
    /// Where in the text, if the error is about a part of it.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        place_of!(self)
    }

    /// The same error, shown in another text: for callers who read a text that they made from a user's, and know where
    /// this one's place is in that. Without a hint it keeps its own; errors without a place stay as they are.
    ///
    /// ```
    /// use uphill_formula::Formula;
    ///
    /// let error = Formula::parse("left = y; right = 2 3").unwrap_err();
    /// assert_eq!(error.place().map(|place| place.span()), Some(20..21));
    /// assert_eq!(error.shown_in("y = 2 3", 6..7, "").to_string(), "\
    /// expected an operator or the end of the definition, found `3`
    ///   |
    /// 1 | y = 2 3
    ///   |       ^ to multiply, write `*`");
    /// ```
    #[must_use]
    pub fn shown_in(mut self, text: &str, span: Range<usize>, hint: &str) -> Error {
        if let Some(place) = self.place_mut() {
            let hint = if hint.is_empty() { place.hint().to_owned() } else { hint.to_owned() };
            *place = Source(text).place(&span, hint);
        }
        self
    }

    /// The first line of the message: what is wrong, without the picture of where.
    #[must_use]
    pub fn headline(&self) -> String {
        self.to_string().lines().next().unwrap_or_default().to_owned()
    }

    fn place_mut(&mut self) -> Option<&mut Place> {
        place_of!(self)
    }
}
