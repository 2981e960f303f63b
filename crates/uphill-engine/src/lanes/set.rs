//! Which instructions run the lanes, and how code gets compiled for them.
//!
//! A [`Task`] is written once. [`Set::enter`] makes one function of it for each instruction set, with the set's
//! `#[target_feature]`, into which everything is inlined: that is what turns `f64::mul_add` into one instruction and a
//! loop over lanes into vector code.

use super::vector::portable::Array;
#[cfg(target_arch = "x86_64")]
use super::vector::x86::{F32x8, F32x16, F64x4, F64x8};
use super::vector::{Curve, CurveTask, Element, Set, Task};

/// The vector instructions that a compiled program runs with.
///
/// The results are the same bits with each of them; they differ in speed alone.
///
/// ```
/// use uphill_engine::InstructionSet;
/// assert!(InstructionSet::available().contains(&InstructionSet::best()));
/// assert!(InstructionSet::Portable.is_available());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum InstructionSet {
    /// What every processor of the target has: NEON on AArch64. On x86-64 that includes no fused multiply-add, which
    /// is then a call of a function: correct, and slow.
    Portable,
    /// 256-bit vectors with fused multiply-add, on x86-64.
    Avx2,
    /// 512-bit vectors (AVX-512 F, DQ, VL and BW), on x86-64.
    Avx512,
}

impl InstructionSet {
    /// The fastest one that this processor has. Costs a load once it is known.
    #[must_use]
    pub fn best() -> InstructionSet {
        let fastest_first = [InstructionSet::Avx512, InstructionSet::Avx2];
        fastest_first.into_iter().find(|set| set.is_available()).unwrap_or(InstructionSet::Portable)
    }

    /// All that this processor has, the slowest first.
    #[must_use]
    pub fn available() -> Vec<InstructionSet> {
        let all = [InstructionSet::Portable, InstructionSet::Avx2, InstructionSet::Avx512];
        all.into_iter().filter(|set| set.is_available()).collect()
    }

    /// Whether this processor has these instructions. (The standard library caches what the processor says.)
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            InstructionSet::Portable => true,
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => {
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
            }
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => {
                InstructionSet::Avx2.is_available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512bw")
            }
            #[cfg(not(target_arch = "x86_64"))]
            InstructionSet::Avx2 | InstructionSet::Avx512 => false,
        }
    }
}

/// Does something with the type of an instruction set, which is known only now; something else where no processor of this
/// kind has it.
macro_rules! with_set {
    ($set:expr, $S:ident => $do:expr, else $none:expr) => {
        match $set {
            $crate::lanes::InstructionSet::Portable => {
                type $S = $crate::lanes::set::Portable;
                $do
            }
            #[cfg(target_arch = "x86_64")]
            $crate::lanes::InstructionSet::Avx2 => {
                type $S = $crate::lanes::set::Avx2;
                $do
            }
            #[cfg(target_arch = "x86_64")]
            $crate::lanes::InstructionSet::Avx512 => {
                type $S = $crate::lanes::set::Avx512;
                $do
            }
            #[cfg(not(target_arch = "x86_64"))]
            $crate::lanes::InstructionSet::Avx2 | $crate::lanes::InstructionSet::Avx512 => $none,
        }
    };
}

pub(super) use with_set;

/// [`InstructionSet::Portable`].
pub(crate) struct Portable;

impl Set for Portable {
    type F64 = Array<f64, { f64::LINE / 2 }>;
    type F32 = Array<f32, { f32::LINE / 2 }>;
    const BLOCK: (usize, usize) = (4, 1);
    const OUTER: (usize, usize) = (2, 2);

    #[inline(always)]
    unsafe fn enter<T: Task>(task: T) -> T::Output {
        unsafe fn compiled<T: Task>(task: T) -> T::Output {
            // SAFETY: every processor has these instructions; the rest the caller vouches for.
            unsafe { task.run::<Portable>() }
        }
        // SAFETY: the caller vouches for it.
        unsafe { compiled(task) }
    }

    fn address<C: CurveTask>() -> Curve {
        C::run::<Portable>
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! set {
    ($(#[$doc:meta])* $Set:ident, $features:literal, $F64:ident, $F32:ident, $block:expr, $outer:expr) => {
        $(#[$doc])*
        pub(crate) struct $Set;

        impl Set for $Set {
            type F64 = $F64;
            type F32 = $F32;
            const BLOCK: (usize, usize) = $block;
            const OUTER: (usize, usize) = $outer;

            #[inline(always)]
            unsafe fn enter<T: Task>(task: T) -> T::Output {
                #[target_feature(enable = $features)]
                unsafe fn compiled<T: Task>(task: T) -> T::Output {
                    // SAFETY: the caller vouches for it.
                    unsafe { task.run::<$Set>() }
                }
                // SAFETY: the caller vouches for it.
                unsafe { compiled(task) }
            }

            fn address<C: CurveTask>() -> Curve {
                #[target_feature(enable = $features)]
                unsafe fn compiled<C: CurveTask>(
                    x: *const f64,
                    target: *mut f64,
                    other: *mut f64,
                    lanes: usize,
                ) {
                    // SAFETY: the caller vouches for it.
                    unsafe { C::run::<$Set>(x, target, other, lanes) }
                }
                compiled::<C>
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
set! {
    /// [`InstructionSet::Avx2`]: 16 registers.
    Avx2, "avx2,fma", F64x4, F32x8, (6, 2), (2, 6)
}

#[cfg(target_arch = "x86_64")]
set! {
    /// [`InstructionSet::Avx512`]: 32 registers.
    Avx512, "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma", F64x8, F32x16, (8, 3), (4, 4)
}
