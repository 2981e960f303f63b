//! A register of lanes: the few operations from which everything hot is built.
//!
//! Their results are those of the same operations on single numbers, lane by lane, so code over vectors has the same
//! bits for every width.
//!
//! **Invariant:** a vector exists only where the processor has its instructions, since every constructor is unsafe and
//! asks for that. So whoever holds a vector may calculate with it, and the arithmetic is safe.

use super::element::Element;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::{F32x8, F64x4};
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::{F32x16, F64x8};
pub(crate) use portable::Array;

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
    /// Where one of the two is NaN.
    fn unordered(self, other: Self) -> Self::Mask;
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
