//! Eight `f64` or sixteen `f32` in a 512-bit register: a whole cache line.

use std::arch::x86_64::*;

use super::Vector;
use super::avx2::totals_of_8;

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
            fn totals([a, b, c, d, e, f, g, h]: [Self; 8]) -> [f64; 8] {
                // SAFETY: see above.
                unsafe { $totals([a.0, b.0, c.0, d.0, e.0, f.0, g.0, h.0]) }
            }
        }
    };
}

avx512! {
    F64x8: 8 of f64, __mmask8;
    _mm512_loadu_pd _mm512_storeu_pd _mm512_set1_pd
    _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_fmadd_pd _mm512_sqrt_pd
    _mm512_xor_pd _mm512_abs_pd _mm512_cmp_pd_mask _mm512_mask_blend_pd
    totals_f64
}

avx512! {
    F32x16: 16 of f32, __mmask16;
    _mm512_loadu_ps _mm512_storeu_ps _mm512_set1_ps
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_fmadd_ps _mm512_sqrt_ps
    _mm512_xor_ps _mm512_abs_ps _mm512_cmp_ps_mask _mm512_mask_blend_ps
    totals_f32
}

/// `((x0 + x4) + (x2 + x6)) + ((x1 + x5) + (x3 + x7))` of each.
///
/// # Safety
///
/// The processor must have AVX-512.
#[inline(always)]
unsafe fn totals_f64([a, b, c, d, e, f, g, h]: [__m512d; 8]) -> [f64; 8] {
    // SAFETY: the caller vouches for the instructions. An array of eight numbers is as large as the register.
    unsafe {
        // Halves of two vectors beside each other, then quarters of four, then single numbers of eight.
        let halves = [fold::<0x44, 0xEE>(a, c), fold::<0x44, 0xEE>(e, g)];
        let others = [fold::<0x44, 0xEE>(b, d), fold::<0x44, 0xEE>(f, h)];
        let even = fold::<0x88, 0xDD>(halves[0], halves[1]);
        let odd = fold::<0x88, 0xDD>(others[0], others[1]);
        let total = _mm512_add_pd(_mm512_unpacklo_pd(even, odd), _mm512_unpackhi_pd(even, odd));
        std::mem::transmute::<__m512d, [f64; 8]>(total)
    }
}

/// Two selections of quarters of two vectors, added.
///
/// # Safety
///
/// The processor must have AVX-512.
#[inline(always)]
unsafe fn fold<const FIRST: i32, const SECOND: i32>(x: __m512d, y: __m512d) -> __m512d {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        _mm512_add_pd(_mm512_shuffle_f64x2::<FIRST>(x, y), _mm512_shuffle_f64x2::<SECOND>(x, y))
    }
}

/// The same shape for sixteen numbers of each.
///
/// # Safety
///
/// The processor must have AVX-512.
#[inline(always)]
unsafe fn totals_f32([a, b, c, d, e, f, g, h]: [__m512; 8]) -> [f64; 8] {
    // SAFETY: the caller vouches for the instructions; whatever has AVX-512 has AVX.
    let (first, second) = unsafe {
        (
            totals_of_8([halve(a), halve(b), halve(c), halve(d)]),
            totals_of_8([halve(e), halve(f), halve(g), halve(h)]),
        )
    };
    let ([a, b, c, d], [e, f, g, h]) = (first, second);
    [a, b, c, d, e, f, g, h]
}

/// The upper half added to the lower half.
///
/// # Safety
///
/// The processor must have AVX-512.
#[inline(always)]
unsafe fn halve(x: __m512) -> __m256 {
    // SAFETY: the caller vouches for the instructions.
    unsafe { _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x)) }
}
