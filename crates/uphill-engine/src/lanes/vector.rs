//! What lanes are made of: numbers, registers of them, instruction sets, and work for these.
//!
//! The results of vector operations are those of the same operations on single numbers, lane by lane, so code over vectors
//! has the same bits for every width. Arithmetic and comparisons run in the element's own precision. Elementary functions
//! of `f32` run as `f64` kernels on widened lanes and are rounded back: an error of at most 0.51 ulp, and one kernel a
//! function.
//!
//! **Invariant:** a vector exists only where the processor has its instructions, since every constructor is unsafe and
//! asks for that. So whoever holds a vector may calculate with it, and the arithmetic is safe.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

pub(super) mod portable;
#[cfg(target_arch = "x86_64")]
pub(super) mod x86;

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

/// Lanes in a register.
pub(crate) trait Vector: Copy {
    type Element: Element;
    /// One truth value a lane.
    type Mask: Copy;
    /// How many lanes there are: all or half of [`Element::LINE`].
    const LANES: usize;

    /// # Safety
    ///
    /// The processor must have this type's instructions, and `from` must be good for reading [`Vector::LANES`] numbers.
    unsafe fn load(from: *const Self::Element) -> Self;

    /// # Safety
    ///
    /// `to` must be good for writing [`Vector::LANES`] numbers.
    unsafe fn store(self, to: *mut Self::Element);

    /// The same number in all lanes.
    ///
    /// # Safety
    ///
    /// The processor must have this type's instructions.
    unsafe fn splat(number: Self::Element) -> Self;

    fn add(self, other: Self) -> Self;
    fn subtract(self, other: Self) -> Self;
    fn multiply(self, other: Self) -> Self;
    fn divide(self, other: Self) -> Self;
    /// `self·factor + addend`, rounded once.
    fn fused(self, factor: Self, addend: Self) -> Self;
    fn negate(self) -> Self;
    fn magnitude(self) -> Self;
    fn root(self) -> Self;

    fn less(self, other: Self) -> Self::Mask;
    fn less_equal(self, other: Self) -> Self::Mask;
    fn equal(self, other: Self) -> Self::Mask;
    /// `self` where the mask holds, else `other`.
    fn only_where(self, mask: Self::Mask, other: Self) -> Self;

    /// The sum of the lanes of each of eight vectors: the upper half is added to the lower half, and so on.
    fn totals(eight: [Self; 8]) -> [f64; 8];

    /// The same number in all lanes of another vector.
    #[inline(always)]
    fn constant(self, number: Self::Element) -> Self {
        // SAFETY: `self` exists, so the processor has its instructions.
        unsafe { Self::splat(number) }
    }

    #[inline(always)]
    fn zero(self) -> Self {
        self.constant(Self::Element::ZERO)
    }

    #[inline(always)]
    fn one(self) -> Self {
        self.constant(Self::Element::ONE)
    }

    /// 1 where the mask holds, else 0.
    #[inline(always)]
    fn truth(self, mask: Self::Mask) -> Self {
        self.one().only_where(mask, self.zero())
    }
}

/// An instruction set as a type.
pub(crate) trait Set: 'static {
    type F64: Vector<Element = f64>;
    type F32: Vector<Element = f32>;

    /// How many rows and registers of lanes of a block are calculated together: as many as leave room for the lanes of
    /// one input and one weight among the registers.
    const BLOCK: (usize, usize);
    /// How many rows and columns of an outer total are.
    const OUTER: (usize, usize);

    /// Runs the task with these instructions.
    ///
    /// # Safety
    ///
    /// The processor must have them, and what the task itself asks for must hold.
    unsafe fn enter<T: Task>(task: T) -> T::Output;

    /// The address of a curve's code with these instructions.
    fn address<C: CurveTask>() -> Curve;
}

/// A function of so many lanes of `f64`, a multiple of [`f64::LINE`]: of one number, in place, which is the target alone; of
/// two numbers, from the first lanes and the last ones to the target; or two functions of one number, in place and to the
/// last ones. Lanes that are used don't overlap.
pub(crate) type Curve = unsafe fn(*const f64, *mut f64, *mut f64, usize);

/// The code of a curve, which is called by its address.
pub(crate) trait CurveTask {
    /// `#[inline(always)]` in every implementation.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions of the set; those that a [`Curve`] of this kind uses of `x`, `target` and
    /// `other` must be good for reading and writing so many lanes, a multiple of [`f64::LINE`], and must not overlap.
    unsafe fn run<S: Set>(x: *const f64, target: *mut f64, other: *mut f64, lanes: usize);
}

/// Work for one instruction set.
pub(crate) trait Task {
    type Output;

    /// `#[inline(always)]` in every implementation.
    ///
    /// # Safety
    ///
    /// The processor must have the instructions of the set; each task adds its own conditions.
    unsafe fn run<S: Set>(self) -> Self::Output;
}

/// Cuts a range into the fewest pieces of at most `most`, as equal as can be: start and length of each.
pub(super) fn pieces(total: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = total.div_ceil(most);
    (0..count).map(move |i| {
        let start = i * total / count;
        (start, (i + 1) * total / count - start)
    })
}
