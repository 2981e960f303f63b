//! How much a text may ask for, so that a stranger's text gets an error and not the whole machine.

/// The deepest nesting that any text may have: reading recurses, and even unoptimised it must fit a stack of a mebibyte.
const DEEPEST: usize = 100;

/// How much a text may ask for. What goes beyond is an [`Error`](crate::Error).
///
/// ```
/// use uphill_formula::{Error, Formula, Limits};
///
/// let limits = Limits { run_operations: 1000, ..Limits::default() };
/// let error = Formula::parse_within("P = sum(i, 1..1000, x^i)", &limits).unwrap_err();
/// assert!(matches!(error, Error::TooLarge { limit: 1000, .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The length of the text.
    pub bytes: usize,
    /// How deep brackets, signs and powers may nest. More than 100 counts as 100.
    pub depth: usize,
    /// How many operations all definitions may have: calls of functions are counted each time, and the body of a loop once.
    pub operations: usize,
    /// How many operations a run may have: those of a loop's body are counted each time.
    pub run_operations: usize,
}

impl Default for Limits {
    /// A mebibyte of text, 100 levels, a million operations, of which loops make at most a hundred million in a run.
    fn default() -> Limits {
        Limits {
            bytes: 1 << 20,
            depth: DEEPEST,
            operations: 1_000_000,
            run_operations: 100_000_000,
        }
    }
}

impl Limits {
    pub(crate) fn deepest(&self) -> usize {
        self.depth.min(DEEPEST)
    }
}
