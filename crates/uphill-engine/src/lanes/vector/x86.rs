//! Registers of x86-64: 256 bits with AVX2 and fused multiply-add, or 512, a whole cache line, with AVX-512.

use std::arch::x86_64::*;

use super::Vector;

macro_rules! register {
    (
        $(#[$doc:meta])* $Vector:ident($Register:ident): $lanes:literal of $Element:ident, $Mask:ident;
        $load:ident $store:ident $splat:ident
        $add:ident $subtract:ident $multiply:ident $divide:ident $fused:ident $root:ident
        $xor:ident $magnitude:ident $compare:ident $blend:ident $totals:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $Vector($Register);

        impl Vector for $Vector {
            type Element = $Element;
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

register! {
    /// Four `f64`. A mask has all bits of a lane, or none.
    F64x4(__m256d): 4 of f64, __m256d;
    _mm256_loadu_pd _mm256_storeu_pd _mm256_set1_pd
    _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd _mm256_fmadd_pd _mm256_sqrt_pd
    _mm256_xor_pd magnitude_f64x4 _mm256_cmp_pd blend_f64x4 totals_f64x4
}

register! {
    /// Eight `f32`, as those.
    F32x8(__m256): 8 of f32, __m256;
    _mm256_loadu_ps _mm256_storeu_ps _mm256_set1_ps
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_fmadd_ps _mm256_sqrt_ps
    _mm256_xor_ps magnitude_f32x8 _mm256_cmp_ps blend_f32x8 totals_f32x8
}

register! {
    /// Eight `f64`. A mask has one bit a lane.
    F64x8(__m512d): 8 of f64, __mmask8;
    _mm512_loadu_pd _mm512_storeu_pd _mm512_set1_pd
    _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_fmadd_pd _mm512_sqrt_pd
    _mm512_xor_pd _mm512_abs_pd _mm512_cmp_pd_mask _mm512_mask_blend_pd totals_f64x8
}

register! {
    /// Sixteen `f32`, as those.
    F32x16(__m512): 16 of f32, __mmask16;
    _mm512_loadu_ps _mm512_storeu_ps _mm512_set1_ps
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_fmadd_ps _mm512_sqrt_ps
    _mm512_xor_ps _mm512_abs_ps _mm512_cmp_ps_mask _mm512_mask_blend_ps totals_f32x16
}

/// What AVX2 has no single instruction for, or has it with operands in another order.
macro_rules! of_256_bits {
    (
        $Register:ident; $magnitude:ident: $splat:ident $without:ident; $blend:ident: $choose:ident;
        $totals:ident: $of_four:ident
    ) => {
        /// # Safety
        ///
        /// The processor must have AVX.
        #[inline(always)]
        unsafe fn $magnitude(x: $Register) -> $Register {
            // SAFETY: the caller vouches for the instructions, here and below.
            unsafe { $without($splat(-0.0), x) }
        }

        /// # Safety
        ///
        /// The processor must have AVX.
        #[inline(always)]
        unsafe fn $blend(mask: $Register, other: $Register, own: $Register) -> $Register {
            // SAFETY: see above.
            unsafe { $choose(other, own, mask) }
        }

        /// # Safety
        ///
        /// The processor must have AVX.
        #[inline(always)]
        unsafe fn $totals([a, b, c, d, e, f, g, h]: [$Register; 8]) -> [f64; 8] {
            // SAFETY: see above.
            let [first, second] = unsafe { [$of_four([a, b, c, d]), $of_four([e, f, g, h])] };
            let ([a, b, c, d], [e, f, g, h]) = (first, second);
            [a, b, c, d, e, f, g, h]
        }
    };
}

of_256_bits! {
    __m256d; magnitude_f64x4: _mm256_set1_pd _mm256_andnot_pd; blend_f64x4: _mm256_blendv_pd;
    totals_f64x4: totals_of_4
}
of_256_bits! {
    __m256; magnitude_f32x8: _mm256_set1_ps _mm256_andnot_ps; blend_f32x8: _mm256_blendv_ps;
    totals_f32x8: totals_of_8
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
unsafe fn totals_of_8([a, b, c, d]: [__m256; 4]) -> [f64; 4] {
    // SAFETY: the caller vouches for the instructions. An array of four numbers is as large as the register.
    unsafe {
        let (a, b, c, d) = (halve_256(a), halve_256(b), halve_256(c), halve_256(d));
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
unsafe fn halve_256(x: __m256) -> __m128 {
    // SAFETY: the caller vouches for the instructions.
    unsafe { _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x)) }
}

/// `((x0 + x4) + (x2 + x6)) + ((x1 + x5) + (x3 + x7))` of each.
///
/// # Safety
///
/// The processor must have AVX-512.
#[inline(always)]
unsafe fn totals_f64x8([a, b, c, d, e, f, g, h]: [__m512d; 8]) -> [f64; 8] {
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
unsafe fn totals_f32x16([a, b, c, d, e, f, g, h]: [__m512; 8]) -> [f64; 8] {
    // SAFETY: the caller vouches for the instructions; whatever has AVX-512 has AVX.
    unsafe {
        totals_f32x8([
            halve_512(a),
            halve_512(b),
            halve_512(c),
            halve_512(d),
            halve_512(e),
            halve_512(f),
            halve_512(g),
            halve_512(h),
        ])
    }
}

/// The upper half added to the lower half.
///
/// # Safety
///
/// The processor must have AVX-512.
#[inline(always)]
unsafe fn halve_512(x: __m512) -> __m256 {
    // SAFETY: the caller vouches for the instructions.
    unsafe { _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x)) }
}
