//! Eight `f64` or sixteen `f32` in a 512-bit register: a whole cache line.

use std::arch::x86_64::*;

use super::Vector;
use super::avx2::{totals_of_4, totals_of_8};

/// Eight `f64`.
#[derive(Clone, Copy)]
pub(crate) struct F64x8(__m512d);

/// Sixteen `f32`.
#[derive(Clone, Copy)]
pub(crate) struct F32x16(__m512);

macro_rules! avx512 {
    (
        $Vector:ident: $lanes:literal of $Element:ident, $Mask:ident;
        $load:ident $store:ident $splat:ident
        $add:ident $subtract:ident $multiply:ident $divide:ident $fused:ident $root:ident
        $xor:ident $magnitude:ident $compare:ident $blend:ident
        $totals:expr
    ) => {
        impl Vector for $Vector {
            type Element = $Element;
            /// One bit a lane.
            type Mask = $Mask;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn load(from: *const $Element) -> Self {
                // SAFETY: the caller vouches for the instructions and for the numbers.
                $Vector(unsafe { $load(from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $Element) {
                // SAFETY: the caller vouches for the room; `self` proves the instructions.
                unsafe { $store(to, self.0) }
            }
            #[inline(always)]
            unsafe fn splat(number: $Element) -> Self {
                // SAFETY: the caller vouches for the instructions.
                $Vector(unsafe { $splat(number) })
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: `self` proves the instructions, here and below.
                $Vector(unsafe { $add(self.0, other.0) })
            }
            #[inline(always)]
            fn subtract(self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $subtract(self.0, other.0) })
            }
            #[inline(always)]
            fn multiply(self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $multiply(self.0, other.0) })
            }
            #[inline(always)]
            fn divide(self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $divide(self.0, other.0) })
            }
            #[inline(always)]
            fn fused(self, factor: Self, addend: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $fused(self.0, factor.0, addend.0) })
            }
            #[inline(always)]
            fn negate(self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $xor($splat(-0.0), self.0) })
            }
            #[inline(always)]
            fn magnitude(self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $magnitude(self.0) })
            }
            #[inline(always)]
            fn root(self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $root(self.0) })
            }

            #[inline(always)]
            fn less(self, other: Self) -> $Mask {
                // SAFETY: see above.
                unsafe { $compare::<_CMP_LT_OQ>(self.0, other.0) }
            }
            #[inline(always)]
            fn less_equal(self, other: Self) -> $Mask {
                // SAFETY: see above.
                unsafe { $compare::<_CMP_LE_OQ>(self.0, other.0) }
            }
            #[inline(always)]
            fn equal(self, other: Self) -> $Mask {
                // SAFETY: see above.
                unsafe { $compare::<_CMP_EQ_OQ>(self.0, other.0) }
            }
            #[inline(always)]
            fn unordered(self, other: Self) -> $Mask {
                // SAFETY: see above.
                unsafe { $compare::<_CMP_UNORD_Q>(self.0, other.0) }
            }
            #[inline(always)]
            fn only_where(self, mask: $Mask, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $blend(mask, other.0, self.0) })
            }

            #[inline(always)]
            fn both(a: $Mask, b: $Mask) -> $Mask {
                a & b
            }
            #[inline(always)]
            fn either(a: $Mask, b: $Mask) -> $Mask {
                a | b
            }
            #[inline(always)]
            fn any(mask: $Mask) -> bool {
                mask != 0
            }

            #[inline(always)]
            fn totals([a, b, c, d]: [Self; 4]) -> [f64; 4] {
                use halve::$Element as halve;
                // SAFETY: see above; whatever has AVX-512 has AVX.
                unsafe { $totals([halve(a.0), halve(b.0), halve(c.0), halve(d.0)]) }
            }
        }
    };
}

avx512! {
    F64x8: 8 of f64, __mmask8;
    _mm512_loadu_pd _mm512_storeu_pd _mm512_set1_pd
    _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_fmadd_pd _mm512_sqrt_pd
    _mm512_xor_pd _mm512_abs_pd _mm512_cmp_pd_mask _mm512_mask_blend_pd
    totals_of_4
}

avx512! {
    F32x16: 16 of f32, __mmask16;
    _mm512_loadu_ps _mm512_storeu_ps _mm512_set1_ps
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_fmadd_ps _mm512_sqrt_ps
    _mm512_xor_ps _mm512_abs_ps _mm512_cmp_ps_mask _mm512_mask_blend_ps
    totals_of_8
}

/// The upper half added to the lower half.
mod halve {
    use super::*;

    /// # Safety
    ///
    /// The processor must have AVX-512.
    #[inline(always)]
    pub(super) unsafe fn f64(x: __m512d) -> __m256d {
        // SAFETY: the caller vouches for the instructions.
        unsafe { _mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd::<1>(x)) }
    }

    /// # Safety
    ///
    /// The processor must have AVX-512.
    #[inline(always)]
    pub(super) unsafe fn f32(x: __m512) -> __m256 {
        // SAFETY: the caller vouches for the instructions.
        unsafe { _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x)) }
    }
}
