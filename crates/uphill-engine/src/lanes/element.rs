//! What lanes are made of: `f64` or `f32`.
//!
//! Arithmetic and comparisons run in the element's own precision. Elementary functions of `f32` run as `f64` kernels on
//! widened lanes and are rounded back: an error of at most 0.51 ulp, and one kernel a function.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::set::Set;
use super::vector::Vector;

/// A floating-point number that fills lanes.
pub(crate) trait Element:
    Copy
    + Debug
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// As many as fill a cache line; also how many partial sums a sum over samples has.
    const LINE: usize;
    const ZERO: Self;
    const ONE: Self;

    /// Whether this is `f64`, so that `*mut Self` is `*mut f64`.
    const DOUBLE: bool;

    /// One cache line of them, aligned to it.
    type Line: Copy + Debug + Send + Sync + 'static;
    const ZERO_LINE: Self::Line;

    /// The registers that hold them under an instruction set.
    type Vector<S: Set>: Vector<Element = Self>;

    fn from_f64(number: f64) -> Self;
    fn to_f64(self) -> f64;
    fn fused(self, factor: Self, addend: Self) -> Self;
    fn magnitude(self) -> Self;
    fn root(self) -> Self;
}

/// Eight `f64` in a cache line of their own.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line64([f64; 8]);

/// Sixteen `f32` in a cache line of their own.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Line32([f32; 16]);

macro_rules! element {
    ($Number:ident, $Line:ident, $count:literal, $vector:ident, $double:literal, $from:expr) => {
        impl Element for $Number {
            const LINE: usize = $count;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const DOUBLE: bool = $double;

            type Line = $Line;
            const ZERO_LINE: $Line = $Line([0.0; $count]);

            type Vector<S: Set> = S::$vector;

            #[inline(always)]
            fn from_f64(number: f64) -> Self {
                $from(number)
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn fused(self, factor: Self, addend: Self) -> Self {
                self.mul_add(factor, addend)
            }
            #[inline(always)]
            fn magnitude(self) -> Self {
                self.abs()
            }
            #[inline(always)]
            fn root(self) -> Self {
                self.sqrt()
            }
        }
    };
}

element!(f64, Line64, 8, F64, true, |number| number);
element!(f32, Line32, 16, F32, false, |number| number as f32);
