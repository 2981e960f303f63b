//! How deep an evaluation is, and where it goes on when it is deep.
//!
//! Definitions, functions and entries that need each other nest twice as deep as a text may, and each level takes more of the
//! stack than a level of a text: with no optimisation, two mebibytes in all. A caller has perhaps one. So what is deeper than
//! texts are that people write goes on on a stack of its own.

use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::syntax::Expression;
use crate::tape::Value;

/// The level at which an evaluation goes on on a stack of its own.
pub(crate) const SHALLOW: usize = 36;
/// For all the other levels, with room to spare; the system gives what is used of it.
const LARGER_STACK: usize = 16 << 20;

impl<'p> Evaluation<'p> {
    /// What few texts need goes on where there is room, on a thread that lives as long. Where there are no threads, such a text
    /// is too deep.
    pub(crate) fn on_a_larger_stack(&mut self, x: &'p Expression) -> Result<Value, Error> {
        let done = std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(LARGER_STACK);
            let deeper = thread.spawn_scoped(scope, || self.of_kind(x)).ok()?;
            Some(deeper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        done.unwrap_or_else(|| Err(self.too_deep(SHALLOW - 1, x)))
    }

    pub(crate) fn descend(&mut self, x: &Expression) -> Result<(), Error> {
        self.depth += 1;
        match self.depth <= self.deepest {
            true => Ok(()),
            false => Err(self.too_deep(self.deepest, x)),
        }
    }

    fn too_deep(&self, limit: usize, x: &Expression) -> Error {
        let hint = "definitions and functions need each other in too many steps";
        Error::TooDeep { limit, place: self.program.source.place(&x.span, hint) }
    }
}
