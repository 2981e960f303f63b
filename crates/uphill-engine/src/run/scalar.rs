//! The fast interpreter for one number at a time: compiled for processors with fused multiply-add too, and without
//! checks that [`Program::new`](crate::Program) has made once and for all.
//!
//! In a loop the addresses of the body lie in one list, in the order in which they are read; all of it is moved on after
//! each iteration, which is vector code.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use uphill_graph::Op;
use uphill_kernels as kernel;

use crate::program::{Action, Block, Code, Step, Verified};
use crate::scalar_kernels as fast;

/// Runs code over a slice of memory; `moving` is scratch.
pub(crate) fn run(code: &Verified, memory: &mut [f64], moving: &mut Vec<u32>) {
    assert!(memory.len() >= code.memory(), "memory for every address");
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2") {
        // SAFETY: the features were just detected; the memory has all addresses.
        unsafe { run_fused(code.code(), memory.as_mut_ptr(), moving) };
        return;
    }
    // SAFETY: the memory has all addresses.
    unsafe { all(code.code(), memory.as_mut_ptr(), moving) };
}

/// Entries behind the last address of a loop's body, so that three operands can be read anywhere.
const SPARE: usize = 3;

/// How many entries `moving` gets at most.
pub(super) fn moving(code: &Code) -> usize {
    let loops = code.instructions.iter().enumerate().filter(|(_, i)| i.action == Action::Loop);
    let entries = loops.map(|(at, instruction)| {
        let length = code.loops[instruction.x as usize].length as usize;
        let body = &code.instructions[at + 1..at + 1 + length];
        let count: usize = body.iter().map(|each| 2 + code.operands(each).len()).sum();
        2 * (count + SPARE)
    });
    entries.max().unwrap_or(0)
}

/// # Safety
///
/// As [`all`]; and the processor must have the features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_fused(code: &Code, memory: *mut f64, moving: &mut Vec<u32>) {
    // SAFETY: the caller vouches for it.
    unsafe { all(code, memory, moving) }
}

/// # Safety
///
/// `memory` must be good for all addresses of verified code.
#[inline(always)]
unsafe fn all(code: &Code, memory: *mut f64, moving: &mut Vec<u32>) {
    let mut rest = code.instructions.as_slice();
    while let Some((instruction, behind)) = rest.split_first() {
        rest = behind;
        let (x, y, z) = (instruction.x, instruction.y, instruction.z);
        // SAFETY: the code was verified: lists lie in the pool, loops have their bodies, addresses are in the memory.
        unsafe {
            match instruction.action {
                Action::Loop => {
                    let length = code.loops.get_unchecked(x as usize).length as usize;
                    repeat(code, x, rest.get_unchecked(..length), memory, moving);
                    rest = rest.get_unchecked(length..);
                }
                Action::Block => block(code.blocks.get_unchecked(x as usize), memory),
                action => {
                    let list = || code.pool.get_unchecked(x as usize..x as usize + y as usize);
                    step(action, memory, instruction.target, [x, y, z], list);
                }
            }
        }
    }
}

/// # Safety
///
/// As [`all`]; `body` must be the loop's.
#[inline(always)]
unsafe fn repeat(
    code: &Code,
    number: u32,
    body: &[crate::program::Instruction],
    memory: *mut f64,
    moving: &mut Vec<u32>,
) {
    let repeat = code.loops[number as usize];
    let mut steps = code.steps[repeat.first_step as usize..].iter();
    moving.clear();
    // For each instruction: how many entries it has, its target, its operands; and behind all, how far each moves.
    for instruction in body {
        moving.push(0);
        let start = moving.len();
        moving.push(instruction.target);
        moving.extend(code.operands(instruction));
        moving[start - 1] = (moving.len() - start) as u32;
    }
    let count = moving.len();
    moving.resize(2 * (count + SPARE), 0);
    let (addresses, by) = moving.split_at_mut(count + SPARE);
    let mut tables = smallvec::SmallVec::<[(usize, u32); 4]>::new();
    let mut at = 0;
    while at < count {
        let length = addresses[at] as usize;
        for (entry, by) in by.iter_mut().enumerate().skip(at + 1).take(length) {
            match steps.next() {
                Some(Step::By(distance)) => *by = *distance as u32,
                Some(Step::Table(start)) => tables.push((entry, *start)),
                None => {}
            }
        }
        at += 1 + length;
    }
    let has_tables = !tables.is_empty();
    for iteration in 0..repeat.iterations {
        if has_tables {
            for &(entry, start) in &tables {
                addresses[entry] = code.pool[(start + iteration) as usize];
            }
        }
        let mut at = 0;
        for instruction in body {
            // SAFETY: the list has an entry for each target and operand, and spare ones; addresses were verified for
            // all iterations.
            unsafe {
                let length = *addresses.get_unchecked(at) as usize;
                let target = *addresses.get_unchecked(at + 1);
                let x = *addresses.get_unchecked(at + 2);
                let y = *addresses.get_unchecked(at + 3);
                let z = *addresses.get_unchecked(at + 4);
                let list = || addresses.get_unchecked(at + 2..at + 1 + length);
                step(instruction.action, memory, target, [x, y, z], list);
                at += 1 + length;
            }
        }
        for (address, by) in addresses.iter_mut().zip(&*by) {
            *address = address.wrapping_add(*by);
        }
    }
}

/// # Safety
///
/// `memory` must be good for the target and all operands.
#[inline(always)]
unsafe fn step<'c>(
    action: Action,
    memory: *mut f64,
    target: u32,
    xyz: [u32; 3],
    list: impl Fn() -> &'c [u32],
) {
    // SAFETY: the caller vouches for it.
    let at = |address: u32| unsafe { *memory.add(address as usize) };
    let [x, y, z] = xyz;
    let value = match action {
        Action::Op(op) => match op {
            Op::Add => at(x) + at(y),
            Op::Sub => at(x) - at(y),
            Op::Mul => at(x) * at(y),
            Op::Div => at(x) / at(y),
            Op::Neg => -at(x),
            Op::Recip => 1.0 / at(x),
            Op::Square => at(x) * at(x),
            Op::Sqrt => kernel::sqrt(at(x)),
            Op::StrongProduct => strong(at(x), at(y)),
            Op::Select => {
                if at(x) == 0.0 {
                    at(z)
                } else {
                    at(y)
                }
            }
            Op::Powi => kernel::powi(at(x), at(y) as i32),
            Op::Exp => fast::exp(at(x)),
            Op::Ln => fast::ln(at(x)),
            Op::Sin => fast::sin(at(x)),
            Op::Cos => fast::cos(at(x)),
            Op::Sigmoid => fast::sigmoid(at(x)),
            Op::Tanh => fast::tanh(at(x)),
            Op::Sum => sum(list(), at),
            Op::Mean => sum(list(), at) / list().len() as f64,
            Op::Product => {
                let mut product = 1.0;
                for (k, &x) in list().iter().enumerate() {
                    product = if k == 0 { at(x) } else { product * at(x) };
                }
                product
            }
            Op::Dot => {
                let mut sum = 0.0;
                for (k, pair) in list().chunks_exact(2).enumerate() {
                    let product = at(pair[0]) * at(pair[1]);
                    sum = if k == 0 { product } else { sum + product };
                }
                sum
            }
            Op::Exp2
            | Op::Expm1
            | Op::Log2
            | Op::Log10
            | Op::Log1p
            | Op::Tan
            | Op::Asin
            | Op::Acos
            | Op::Atan
            | Op::Sinh
            | Op::Cosh
            | Op::Asinh
            | Op::Acosh
            | Op::Atanh
            | Op::Cbrt
            | Op::Softplus
            | Op::Relu
            | Op::Erf
            | Op::LnGamma
            | Op::Digamma
            | Op::Trigamma
            | Op::Abs
            | Op::Sign => fast::value(op, &[at(x)]),
            Op::Pow
            | Op::Hypot
            | Op::Atan2
            | Op::Polygamma
            | Op::Min
            | Op::Max
            | Op::Xlogy
            | Op::Less
            | Op::LessEqual
            | Op::Greater
            | Op::GreaterEqual
            | Op::Equal
            | Op::NotEqual
            | Op::StrongBoth => fast::value(op, &[at(x), at(y)]),
            Op::Clamp => fast::value(op, &[at(x), at(y), at(z)]),
            Op::LogSumExp | Op::Custom(_) => {
                let operands: smallvec::SmallVec<[f64; 8]> =
                    list().iter().map(|&x| at(x)).collect();
                fast::value(op, &operands)
            }
        },
        Action::Copy => at(x),
        Action::MultiplyAdd => at(x).mul_add(at(y), at(z)),
        Action::NegativeMultiplyAdd => (-at(x)).mul_add(at(y), at(z)),
        Action::MultiplySubtract => at(x).mul_add(at(y), -at(z)),
        Action::SigmoidSlope => strong(at(x), at(y) * (1.0 - at(y))),
        Action::TanhSlope => strong(at(x), 1.0 - at(y) * at(y)),
        // Loops instead of `fold`, whose closure would not be compiled for the features.
        Action::Dot => {
            let mut sum = 0.0;
            for (k, pair) in list().chunks_exact(2).enumerate() {
                let (x, y) = (at(pair[0]), at(pair[1]));
                sum = if k == 0 { x * y } else { x.mul_add(y, sum) };
            }
            sum
        }
        Action::StrongDot => {
            let mut sum = 0.0;
            for (k, pair) in list().chunks_exact(2).enumerate() {
                let (x, y) = (at(pair[0]), at(pair[1]));
                sum = if k == 0 { strong(x, y) } else { add_strong(x, y, sum) };
            }
            sum
        }
        // Code of samples has totals, and doesn't run here; blocks and loops are no steps.
        Action::Total | Action::OuterTotal | Action::Block | Action::Loop => return,
    };
    // SAFETY: the caller vouches for the target.
    unsafe { *memory.add(target as usize) = value };
}

#[inline(always)]
fn sum(list: &[u32], at: impl Fn(u32) -> f64) -> f64 {
    let mut sum = 0.0;
    for (k, &x) in list.iter().enumerate() {
        sum = if k == 0 { at(x) } else { sum + at(x) };
    }
    sum
}

#[inline(always)]
fn strong(x: f64, y: f64) -> f64 {
    let product = x * y;
    if product.is_nan() && x == 0.0 { 0.0 } else { product }
}

/// A block, for machine code.
///
/// # Safety
///
/// `memory` must be good for all addresses of the block.
#[cfg(feature = "jit")]
pub(crate) unsafe fn run_block(it: &Block, memory: *mut f64) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn fused(it: &Block, memory: *mut f64) {
            // SAFETY: the caller vouches for it.
            unsafe { block(it, memory) }
        }
        if is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2") {
            // SAFETY: the features were just detected; the caller vouches for the rest.
            return unsafe { fused(it, memory) };
        }
    }
    // SAFETY: the caller vouches for it.
    unsafe { block(it, memory) }
}

/// `x·y + sum`, rounded once; strong if asked for.
#[cfg(feature = "jit")]
#[inline]
pub(crate) fn add_product(is_strong: bool, x: f64, y: f64, sum: f64) -> f64 {
    if is_strong { add_strong(x, y, sum) } else { x.mul_add(y, sum) }
}

#[inline(always)]
fn add_strong(x: f64, y: f64, sum: f64) -> f64 {
    let next = x.mul_add(y, sum);
    // Looked at only where something is NaN already.
    if next.is_nan() && x == 0.0 && (x * y).is_nan() { sum + 0.0 } else { next }
}

/// Dot products with the same inputs, several at a time: each is one chain of dependent additions.
///
/// # Safety
///
/// `memory` must be good for all addresses of the block.
#[inline(always)]
unsafe fn block(block: &Block, memory: *mut f64) {
    const TOGETHER: usize = 8;
    // SAFETY: the caller vouches for it.
    let at = |address: u32| unsafe { *memory.add(address as usize) };
    let count = block.inputs.len();
    let mut row = 0;
    while row < block.targets.len() {
        let rows = TOGETHER.min(block.targets.len() - row);
        let mut sums = [0.0; TOGETHER];
        for (k, &input) in block.inputs.iter().enumerate() {
            let x = at(input);
            for (r, sum) in sums[..rows].iter_mut().enumerate() {
                let weight = at(block.weights.address(row + r, k, count));
                *sum = match (k, block.strong) {
                    (0, false) => x * weight,
                    (0, true) => strong(x, weight),
                    (_, false) => x.mul_add(weight, *sum),
                    (_, true) => add_strong(x, weight, *sum),
                };
            }
        }
        for (target, sum) in block.targets[row..row + rows].iter().zip(sums) {
            // SAFETY: the caller vouches for it.
            unsafe { *memory.add(*target as usize) = sum };
        }
        row += rows;
    }
}
