//! A dense block for one number at a time: several dot products together, compiled for fused multiply-add too.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use crate::code::{Block, Moved};

#[cfg(target_arch = "x86_64")]
pub(super) fn has_fused() -> bool {
    is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2")
}

/// A block that has moved so far, for machine code too.
///
/// # Safety
///
/// `memory` must be good for all addresses of the block there.
#[inline(never)]
pub(crate) unsafe fn run_block(it: &Block, moved: Moved, memory: *mut f64) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn fused(it: &Block, moved: Moved, memory: *mut f64) {
            // SAFETY: the caller vouches for it.
            unsafe { block(it, moved, memory) }
        }
        if has_fused() {
            // SAFETY: the features were just detected; the caller vouches for the rest.
            return unsafe { fused(it, moved, memory) };
        }
    }
    // SAFETY: the caller vouches for it.
    unsafe { block(it, moved, memory) }
}

/// `x·y + sum`, rounded once.
#[cfg(feature = "jit")]
#[inline]
pub(crate) fn add_product(x: f64, y: f64, sum: f64) -> f64 {
    x.mul_add(y, sum)
}

/// Dot products with the same inputs, several at a time: each is one chain of dependent additions.
///
/// # Safety
///
/// `memory` must be good for all addresses of the block there.
#[inline(always)]
unsafe fn block(block: &Block, moved: Moved, memory: *mut f64) {
    const TOGETHER: usize = 8;
    // SAFETY: the caller vouches for it.
    let at = |address: u32| unsafe { *memory.add(address as usize) };
    let Moved { targets: by, inputs, weights } = moved;
    let count = block.inputs.len();
    let mut row = 0;
    while row < block.targets.len() {
        let rows = TOGETHER.min(block.targets.len() - row);
        let mut sums = [0.0; TOGETHER];
        for (k, &input) in block.inputs.iter().enumerate() {
            let x = at(input.wrapping_add(inputs));
            for (r, sum) in sums[..rows].iter_mut().enumerate() {
                let weight = at(block.weights.address(row + r, k, count).wrapping_add(weights));
                *sum = if k == 0 { x * weight } else { x.mul_add(weight, *sum) };
            }
        }
        for (target, sum) in block.targets[row..row + rows].iter().zip(sums) {
            // SAFETY: the caller vouches for it.
            unsafe { *memory.add(target.wrapping_add(by) as usize) = sum };
        }
        row += rows;
    }
}
