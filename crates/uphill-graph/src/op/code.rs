//! Rows of the op table as code, for those who run operations in ways of their own: the address of an operation's code, that
//! of two at once, and a row as a type where the operation is known only when a program runs.
//!
//! So an engine names no operation that has a kernel: what it makes of one it makes of all.

use uphill_kernels::native::Two;

use super::Row;

/// The address of an operation's code, which generated code can call. Its values are those of the row.
#[derive(Debug, Clone, Copy)]
pub enum Address {
    /// Of one number.
    One(extern "C" fn(f64) -> f64),
    /// Of two numbers.
    Two(extern "C" fn(f64, f64) -> f64),
}

/// The address of code that computes two operations in little more time than one: first the one, then the other.
#[derive(Debug, Clone, Copy)]
pub enum Pair {
    /// Both of the same number.
    OfOne(extern "C" fn(f64) -> Two),
    /// Of a number each.
    OfTwo(extern "C" fn(f64, f64) -> Two),
}

/// What is done with two rows as types, whose operations on one number share their work.
pub trait PairVisitor {
    /// What it gives.
    type Output;

    /// Of these rows.
    fn visit<R: Row<1>, T: Row<1>>(self) -> Self::Output;
}

/// What is done with a row as a type.
pub trait RowVisitor {
    /// What it gives.
    type Output;

    /// Of this row.
    fn visit<R: Row<N>, const N: usize>(self) -> Self::Output;
}
