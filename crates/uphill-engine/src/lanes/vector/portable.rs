//! Half a cache line of numbers as an array: for every processor.
//!
//! The compiler turns these loops into what vector instructions the target has (NEON on AArch64). The fused multiply-add
//! is always rounded once; where the target lacks the instruction, as x86-64 without FMA does, it is a slow call.

use super::{Element, Vector};

/// `N` numbers.
#[derive(Clone, Copy)]
pub(crate) struct Array<E, const N: usize>([E; N]);

impl<E: Element, const N: usize> Array<E, N> {
    #[inline(always)]
    fn each(mut self, other: Self, f: impl Fn(E, E) -> E) -> Self {
        for lane in 0..N {
            self.0[lane] = f(self.0[lane], other.0[lane]);
        }
        self
    }

    #[inline(always)]
    fn compare(self, other: Self, f: impl Fn(&E, &E) -> bool) -> [bool; N] {
        let mut mask = [false; N];
        for lane in 0..N {
            mask[lane] = f(&self.0[lane], &other.0[lane]);
        }
        mask
    }
}

impl<E: Element, const N: usize> Vector for Array<E, N> {
    type Element = E;
    type Mask = [bool; N];
    const LANES: usize = N;

    #[inline(always)]
    unsafe fn load(from: *const E) -> Self {
        // SAFETY: the caller vouches for `N` numbers.
        Array(unsafe { from.cast::<[E; N]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut E) {
        // SAFETY: the caller vouches for room for `N` numbers.
        unsafe { to.cast::<[E; N]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn splat(number: E) -> Self {
        Array([number; N])
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.each(other, |x, y| x + y)
    }
    #[inline(always)]
    fn subtract(self, other: Self) -> Self {
        self.each(other, |x, y| x - y)
    }
    #[inline(always)]
    fn multiply(self, other: Self) -> Self {
        self.each(other, |x, y| x * y)
    }
    #[inline(always)]
    fn divide(self, other: Self) -> Self {
        self.each(other, |x, y| x / y)
    }
    #[inline(always)]
    fn fused(self, factor: Self, addend: Self) -> Self {
        let mut result = addend;
        for lane in 0..N {
            result.0[lane] = self.0[lane].fused(factor.0[lane], addend.0[lane]);
        }
        result
    }
    #[inline(always)]
    fn negate(self) -> Self {
        self.each(self, |x, _| -x)
    }
    #[inline(always)]
    fn magnitude(self) -> Self {
        self.each(self, |x, _| x.magnitude())
    }
    #[inline(always)]
    fn root(self) -> Self {
        self.each(self, |x, _| x.root())
    }

    #[inline(always)]
    fn less(self, other: Self) -> [bool; N] {
        self.compare(other, E::lt)
    }
    #[inline(always)]
    fn less_equal(self, other: Self) -> [bool; N] {
        self.compare(other, E::le)
    }
    #[inline(always)]
    fn equal(self, other: Self) -> [bool; N] {
        self.compare(other, E::eq)
    }
    #[inline(always)]
    fn only_where(self, mask: [bool; N], other: Self) -> Self {
        let mut result = other;
        for lane in 0..N {
            result.0[lane] = if mask[lane] { self.0[lane] } else { other.0[lane] };
        }
        result
    }

    #[inline(always)]
    fn totals(eight: [Self; 8]) -> [f64; 8] {
        eight.map(|vector| {
            let mut lanes = vector.0;
            let mut half = N / 2;
            while half > 0 {
                for lane in 0..half {
                    lanes[lane] = lanes[lane] + lanes[lane + half];
                }
                half /= 2;
            }
            lanes[0].to_f64()
        })
    }
}
