//! Which operands an operation is defined for, in words: for messages on a NaN whose operands are none.

use super::Op;

impl Op {
    /// The operands that the operation is defined for, as the end of the sentence `ln is defined for …`. None if every
    /// tuple of finite numbers has a value, finite or not.
    ///
    /// ```
    /// use uphill_graph::Op;
    /// assert_eq!(Op::Sqrt.domain(), Some("numbers from 0 on"));
    /// assert_eq!(Op::Cbrt.domain(), None);
    /// ```
    #[must_use]
    pub fn domain(self) -> Option<&'static str> {
        // A wildcard, since most operations are defined everywhere; `tests/domains.rs` finds those that aren't.
        Some(match self {
            Op::Div | Op::Mod | Op::Fmod => "numbers of which the second is not 0",
            Op::Sqrt | Op::Ln | Op::Log2 | Op::Log10 => "numbers from 0 on",
            Op::Log1p => "numbers from -1 on",
            Op::Asin | Op::Acos | Op::Atanh | Op::OneMinusSquare => "numbers from -1 to 1",
            Op::Acosh => "numbers from 1 on",
            Op::Pow => "bases from 0 on, and for negative ones with whole exponents",
            Op::Xlogy => "numbers of which the second is 0 or more",
            Op::Gamma => "numbers other than negative whole ones",
            Op::Digamma | Op::Trigamma | Op::Polygamma => "numbers other than 0, -1, -2, …",
            Op::Mean => "one number or more",
            _ => return None,
        })
    }
}
