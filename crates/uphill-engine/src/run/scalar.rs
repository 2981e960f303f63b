//! The fast interpreter for one number at a time: compiled for processors with fused multiply-add too, and without
//! checks that [`Program::new`](crate::Program) has made once and for all.
//!
//! It runs [`Steps`], whose kinds say all that there is to know: one jump a step, and no call but for rare operations.
//! In a loop the places of all steps are moved on after each iteration, one vector addition a step.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use uphill_kernels as kernel;

use super::nests::Nests;
use super::steps::{Kind, Places, Rare, Segment, Step, Steps, Table};
use super::workspace::Threads;
use crate::program::{Block, Moved, Verified};

/// Runs steps: those of straight code, or else those of a loop's body.
pub(super) type Run = unsafe fn(&[Step], &mut [Step], &Times<'_>, &mut Rare, *mut f64);

/// How often steps run, and how they change from one time to the next.
pub(super) struct Times<'s> {
    pub(super) iterations: u32,
    pub(super) moves: &'s [Places],
    pub(super) tables: &'s [Table],
    pub(super) pool: &'s [u32],
    pub(super) blocks: &'s [Block],
}

pub(super) static ONCE: Times<'_> =
    Times { iterations: 1, moves: &[], tables: &[], pool: &[], blocks: &[] };

/// The code that is best here. To be asked once, since the answer takes time.
pub(super) fn best() -> Run {
    #[cfg(target_arch = "x86_64")]
    if has_fused() {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn fused(
            steps: &[Step],
            body: &mut [Step],
            times: &Times<'_>,
            rare: &mut Rare,
            memory: *mut f64,
        ) {
            // SAFETY: the caller vouches for it.
            unsafe { all(steps, body, times, rare, memory) }
        }
        return fused;
    }
    unsafe fn plain(
        steps: &[Step],
        body: &mut [Step],
        times: &Times<'_>,
        rare: &mut Rare,
        memory: *mut f64,
    ) {
        // SAFETY: the caller vouches for it.
        unsafe { all(steps, body, times, rare, memory) }
    }
    plain
}

#[cfg(target_arch = "x86_64")]
fn has_fused() -> bool {
    is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2")
}

/// Runs code over a slice of memory. The steps must have been made of it; if there are none, they are.
#[inline]
pub(super) fn run(
    code: &Verified,
    steps: &mut Option<Steps>,
    memory: &mut [f64],
    threads: &Threads,
) {
    let it = steps.get_or_insert_with(|| Steps::new(code, threads.count()));
    let fits = memory.len() >= it.memory && code.memory() == it.memory;
    assert!(fits, "memory for every address");
    let memory = memory.as_mut_ptr();
    let Steps { segments, steps, moves, tables, rows, rare, body, moved_tables, abreast, .. } = it;
    // What a custom operation that panicked has left.
    rare.stack.clear();
    let (mut at, mut next) = (0, 0);
    while let Some(segment) = segments.get(next) {
        next += 1;
        match *segment {
            Segment::Straight { end } => {
                let range = at..end as usize;
                at = end as usize;
                let these = &steps[range];
                // SAFETY: the memory has all addresses of verified code, and the processor what the code is for.
                unsafe { (it.run)(these, &mut [], &ONCE, rare, memory) };
            }
            Segment::Loop(repeat) => {
                at = repeat.end as usize;
                if let Some(number) = repeat.abreast {
                    // SAFETY: the memory has all addresses of verified code, in all iterations.
                    unsafe { abreast[number as usize].run(code, memory, &[], threads) };
                    next += repeat.segments as usize;
                    continue;
                }
                // A copy, which moves: if a custom operation panics, the next run starts from the beginning.
                body.clear();
                if repeat.segments > 0 {
                    moved_tables.clear();
                    let run = it.run;
                    let mut nests = Nests {
                        code,
                        run,
                        segments,
                        steps,
                        moves,
                        tables,
                        rows,
                        rare,
                        body,
                        moved_tables,
                        abreast,
                        threads,
                        memory,
                    };
                    // SAFETY: as above, in all iterations of all loops.
                    unsafe { nests.run(next - 1) };
                    next += repeat.segments as usize;
                    continue;
                }
                let steps = &steps[repeat.first as usize..at];
                body.extend_from_slice(steps);
                let times = Times {
                    iterations: repeat.iterations,
                    moves: &moves[repeat.moves as usize..][..steps.len()],
                    tables: &tables[repeat.tables.0 as usize..repeat.tables.1 as usize],
                    pool: &code.pool,
                    blocks: &code.blocks,
                };
                // SAFETY: as above, in all iterations.
                unsafe { (it.run)(&[], body, &times, rare, memory) };
            }
            Segment::Block(number) => {
                let block = &code.blocks[number as usize];
                // SAFETY: as above.
                unsafe { run_block(block, Moved::default(), memory) }
            }
        }
    }
}

/// Runs the steps, or, in a loop, the body.
///
/// # Safety
///
/// `memory` must be good for all addresses of the steps in all iterations.
#[inline(always)]
#[rustfmt::skip]
unsafe fn all(
    steps: &[Step],
    body: &mut [Step],
    times: &Times<'_>,
    rare: &mut Rare,
    memory: *mut f64,
) {
    let mut last = 0.0_f64;
    for iteration in 0..times.iterations {
        for table in times.tables {
            let entry = times.pool[(table.start + iteration) as usize];
            body[table.step as usize].at.0[table.place as usize] = table.base.wrapping_add(entry);
        }
        for step in if times.moves.is_empty() { steps } else { &*body } {
            let (at, kind) = (&step.at.0, step.kind);
            // Macros, since closures would not be compiled for the features.
            macro_rules! at {
                ($place:literal) => {
                    // SAFETY: the caller vouches for all addresses.
                    unsafe { *memory.add(at[$place] as usize) }
                };
                ($place:literal = $value:expr) => {{
                    let value = $value;
                    // SAFETY: as above.
                    unsafe { *memory.add(at[$place] as usize) = value };
                    value
                }};
            }
            macro_rules! add {
                ($add:ident($sum:expr), $($x:literal $y:literal),+) => {{
                    let sum = $sum;
                    $(let sum = $add(at!($x), at!($y), sum);)+
                    sum
                }};
            }
            let value = match kind {
                Kind::Copy => at!(1),
                Kind::CopyLast => last,
                Kind::Neg => -at!(1),
                Kind::NegLast => -last,
                Kind::Recip => 1.0 / at!(1),
                Kind::RecipLast => 1.0 / last,
                Kind::Square => at!(1) * at!(1),
                Kind::SquareLast => last * last,
                Kind::Sqrt => kernel::sqrt(at!(1)),
                Kind::SqrtLast => kernel::sqrt(last),
                Kind::Exp => kernel::exp(at!(1)),
                Kind::ExpLast => kernel::exp(last),
                Kind::Ln => kernel::ln(at!(1)),
                Kind::LnLast => kernel::ln(last),
                Kind::Sin => kernel::sin(at!(1)),
                Kind::SinLast => kernel::sin(last),
                Kind::Cos => kernel::cos(at!(1)),
                Kind::CosLast => kernel::cos(last),
                Kind::Sigmoid => kernel::sigmoid(at!(1)),
                Kind::SigmoidLast => kernel::sigmoid(last),
                Kind::Tanh => kernel::tanh(at!(1)),
                Kind::TanhLast => kernel::tanh(last),
                Kind::Add => at!(1) + at!(2),
                Kind::AddLast => last + at!(2),
                Kind::AddToLast => at!(1) + last,
                Kind::Sub => at!(1) - at!(2),
                Kind::SubLast => last - at!(2),
                Kind::SubFromLast => at!(1) - last,
                Kind::Mul => at!(1) * at!(2),
                Kind::MulLast => last * at!(2),
                Kind::MulByLast => at!(1) * last,
                Kind::Div => at!(1) / at!(2),
                Kind::DivLast => last / at!(2),
                Kind::DivByLast => at!(1) / last,
                Kind::SigmoidSlope => sigmoid_slope(at!(1), at!(2)),
                Kind::SigmoidSlopeLast => sigmoid_slope(last, at!(2)),
                Kind::SigmoidSlopeByLast => sigmoid_slope(at!(1), last),
                Kind::TanhSlope => tanh_slope(at!(1), at!(2)),
                Kind::TanhSlopeLast => tanh_slope(last, at!(2)),
                Kind::TanhSlopeByLast => tanh_slope(at!(1), last),
                Kind::MultiplyAdd => at!(1).mul_add(at!(2), at!(3)),
                Kind::NegativeMultiplyAdd => (-at!(1)).mul_add(at!(2), at!(3)),
                Kind::MultiplySubtract => at!(1).mul_add(at!(2), -at!(3)),
                Kind::Select => {
                    if at!(1) == 0.0 { at!(3) } else { at!(2) }
                }
                Kind::MulPair | Kind::MulPairLast => {
                    let x = if kind == Kind::MulPair { at!(1) } else { last };
                    at!(0 = x * at!(2));
                    last = at!(3 = x * at!(4));
                    continue;
                }
                Kind::MulTriple | Kind::MulTripleLast => {
                    let x = if kind == Kind::MulTriple { at!(1) } else { last };
                    at!(0 = x * at!(2));
                    at!(3 = x * at!(4));
                    last = at!(5 = x * at!(6));
                    continue;
                }
                Kind::SinCos | Kind::SinCosLast | Kind::CosSin | Kind::CosSinLast => {
                    let x = if matches!(kind, Kind::SinCos | Kind::CosSin) { at!(1) } else { last };
                    let (sin, cos) = kernel::sin_cos(x);
                    let is_sin_first = matches!(kind, Kind::SinCos | Kind::SinCosLast);
                    let (first, second) = if is_sin_first { (sin, cos) } else { (cos, sin) };
                    at!(0 = first);
                    last = at!(2 = second);
                    continue;
                }
                Kind::DotSigmoid => {
                    let dot = at!(0 = add!(add_fused(at!(1) * at!(2)), 3 4, 5 6));
                    last = at!(7 = kernel::sigmoid(dot));
                    continue;
                }
                Kind::Dot2 => add!(add_fused(at!(1) * at!(2)), 3 4),
                Kind::Dot3 => add!(add_fused(at!(1) * at!(2)), 3 4, 5 6),
                Kind::DotStart => {
                    last = add!(add_fused(at!(1) * at!(2)), 3 4, 5 6);
                    continue;
                }
                Kind::DotMore => {
                    last = add!(add_fused(last), 1 2, 3 4, 5 6);
                    continue;
                }
                Kind::DotEnd1 => add!(add_fused(last), 1 2),
                Kind::DotEnd2 => add!(add_fused(last), 1 2, 3 4),
                Kind::DotEnd3 => add!(add_fused(last), 1 2, 3 4, 5 6),
                Kind::PlainDot2 => add!(add_plain(at!(1) * at!(2)), 3 4),
                Kind::PlainDot3 => add!(add_plain(at!(1) * at!(2)), 3 4, 5 6),
                Kind::PlainDotStart => {
                    last = add!(add_plain(at!(1) * at!(2)), 3 4, 5 6);
                    continue;
                }
                Kind::PlainDotMore => {
                    last = add!(add_plain(last), 1 2, 3 4, 5 6);
                    continue;
                }
                Kind::PlainDotEnd1 => add!(add_plain(last), 1 2),
                Kind::PlainDotEnd2 => add!(add_plain(last), 1 2, 3 4),
                Kind::PlainDotEnd3 => add!(add_plain(last), 1 2, 3 4, 5 6),
                Kind::Sum3 => at!(1) + at!(2) + at!(3),
                Kind::SumStart => {
                    last = at!(1) + at!(2) + at!(3);
                    continue;
                }
                Kind::SumMore => {
                    last = last + at!(1) + at!(2) + at!(3);
                    continue;
                }
                Kind::SumEnd1 => last + at!(1),
                Kind::SumEnd2 => last + at!(1) + at!(2),
                Kind::SumEnd3 => last + at!(1) + at!(2) + at!(3),
                Kind::Unary => rare.unary[at[2] as usize](at!(1)),
                Kind::Binary => rare.binary[at[3] as usize](at!(1), at!(2)),
                Kind::Push3 => {
                    rare.stack.extend_from_slice(&[at!(1), at!(2), at!(3)]);
                    continue;
                }
                Kind::Push1 => {
                    rare.stack.push(at!(1));
                    continue;
                }
                Kind::Value => {
                    let value = rare.ops[at[1] as usize].value(&rare.stack);
                    rare.stack.clear();
                    value
                }
                Kind::Block => {
                    let moved = Moved { targets: at[0], inputs: at[1], weights: at[2] };
                    // SAFETY: as above.
                    unsafe { run_block(&times.blocks[at[3] as usize], moved, memory) };
                    continue;
                }
            };
            last = at!(0 = value);
        }
        for (step, &by) in body.iter_mut().zip(times.moves) {
            step.at = step.at.moved(by);
        }
    }
}

#[inline(always)]
fn sigmoid_slope(x: f64, y: f64) -> f64 {
    x * (y * (1.0 - y))
}

#[inline(always)]
fn tanh_slope(x: f64, y: f64) -> f64 {
    x * (1.0 - y * y)
}

#[inline(always)]
fn add_fused(x: f64, y: f64, sum: f64) -> f64 {
    x.mul_add(y, sum)
}

#[inline(always)]
fn add_plain(x: f64, y: f64, sum: f64) -> f64 {
    sum + x * y
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
