//! Four `f64` or eight `f32` in a 256-bit register.

use std::arch::x86_64::*;

use super::Vector;

/// Four `f64`.
#[derive(Clone, Copy)]
pub(crate) struct F64x4(pub(super) __m256d);

/// Eight `f32`.
#[derive(Clone, Copy)]
pub(crate) struct F32x8(pub(super) __m256);

macro_rules! avx2 {
    (
        $Vector:ident: $lanes:literal of $Element:ident;
        $load:ident $store:ident $splat:ident
        $add:ident $subtract:ident $multiply:ident $divide:ident $fused:ident $root:ident
        $xor:ident $without:ident $compare:ident $blend:ident $and:ident $or:ident $signs:ident
        $totals:expr
    ) => {
        impl Vector for $Vector {
            type Element = $Element;
            /// All bits of a lane, or none.
            type Mask = $Vector;
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
                $Vector(unsafe { $without($splat(-0.0), self.0) })
            }
            #[inline(always)]
            fn root(self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $root(self.0) })
            }

            #[inline(always)]
            fn less(self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $compare::<_CMP_LT_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn less_equal(self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $compare::<_CMP_LE_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn equal(self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $compare::<_CMP_EQ_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn unordered(self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $compare::<_CMP_UNORD_Q>(self.0, other.0) })
            }
            #[inline(always)]
            fn only_where(self, mask: Self, other: Self) -> Self {
                // SAFETY: see above.
                $Vector(unsafe { $blend(other.0, self.0, mask.0) })
            }

            #[inline(always)]
            fn totals([a, b, c, d, e, f, g, h]: [Self; 8]) -> [f64; 8] {
                // SAFETY: see above.
                let [a, b, c, d] = unsafe { $totals([a.0, b.0, c.0, d.0]) };
                // SAFETY: see above.
                let [e, f, g, h] = unsafe { $totals([e.0, f.0, g.0, h.0]) };
                [a, b, c, d, e, f, g, h]
            }
        }
    };
}

avx2! {
    F64x4: 4 of f64;
    _mm256_loadu_pd _mm256_storeu_pd _mm256_set1_pd
    _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd _mm256_fmadd_pd _mm256_sqrt_pd
    _mm256_xor_pd _mm256_andnot_pd _mm256_cmp_pd _mm256_blendv_pd _mm256_and_pd _mm256_or_pd _mm256_movemask_pd
    totals_of_4
}

avx2! {
    F32x8: 8 of f32;
    _mm256_loadu_ps _mm256_storeu_ps _mm256_set1_ps
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_fmadd_ps _mm256_sqrt_ps
    _mm256_xor_ps _mm256_andnot_ps _mm256_cmp_ps _mm256_blendv_ps _mm256_and_ps _mm256_or_ps _mm256_movemask_ps
    totals_of_8
}

/// `(x0 + x2) + (x1 + x3)` of each.
///
/// # Safety
///
/// The processor must have AVX.
#[inline(always)]
unsafe fn totals_of_4([a, b, c, d]: [__m256d; 4]) -> [f64; 4] {
    // SAFETY: the caller vouches for the instructions. An array of four numbers is as large as the register.
    unsafe {
        // Halves of two vectors beside each other, then pairs: (a0, a1, c2, c3) + (a2, a3, c0, c1).
        let (ac, ca) = (_mm256_blend_pd::<0b1100>(a, c), _mm256_permute2f128_pd::<0x21>(a, c));
        let (bd, db) = (_mm256_blend_pd::<0b1100>(b, d), _mm256_permute2f128_pd::<0x21>(b, d));
        let total = _mm256_hadd_pd(_mm256_add_pd(ac, ca), _mm256_add_pd(bd, db));
        std::mem::transmute::<__m256d, [f64; 4]>(total)
    }
}

/// `((x0 + x4) + (x2 + x6)) + ((x1 + x5) + (x3 + x7))` of each.
///
/// # Safety
///
/// The processor must have AVX.
#[inline(always)]
pub(super) unsafe fn totals_of_8([a, b, c, d]: [__m256; 4]) -> [f64; 4] {
    // SAFETY: the caller vouches for the instructions. An array of four numbers is as large as the register.
    unsafe {
        let (a, b, c, d) = (halve(a), halve(b), halve(c), halve(d));
        let first = _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a));
        let second = _mm_add_ps(_mm_movelh_ps(c, d), _mm_movehl_ps(d, c));
        let even = _mm_shuffle_ps::<0b10_00_10_00>(first, second);
        let odd = _mm_shuffle_ps::<0b11_01_11_01>(first, second);
        std::mem::transmute::<__m256d, [f64; 4]>(_mm256_cvtps_pd(_mm_add_ps(even, odd)))
    }
}

/// The upper half added to the lower half.
///
/// # Safety
///
/// The processor must have AVX.
#[inline(always)]
unsafe fn halve(x: __m256) -> __m128 {
    // SAFETY: the caller vouches for the instructions.
    unsafe { _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x)) }
}
