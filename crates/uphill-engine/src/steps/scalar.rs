//! The loop over steps: compiled for processors with fused multiply-add too, and without checks that verified code has
//! behind it.
//!
//! The kinds of steps say all that there is to know: one jump a step, and no call but for rare operations. In a loop the
//! places of all steps are moved on after each iteration, one vector addition a step.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use uphill_kernels as kernel;
use uphill_kernels::native::Two;

#[cfg(target_arch = "x86_64")]
use super::block::has_fused;
use super::block::run_block;
use super::step::{Kind, Rare, Run, Step, Times};
use crate::code::Moved;

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
                Kind::Unary => rare.unary[step.function as usize](at!(1)),
                Kind::UnaryLast => rare.unary[step.function as usize](last),
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
                Kind::UnaryPair | Kind::UnaryPairLast => {
                    let x = if kind == Kind::UnaryPair { at!(1) } else { last };
                    let Two(first, second) = rare.pairs[step.function as usize](x);
                    at!(0 = first);
                    last = at!(2 = second);
                    continue;
                }
                Kind::DotUnary => {
                    let dot = at!(0 = add!(add_fused(at!(1) * at!(2)), 3 4, 5 6));
                    last = at!(7 = rare.unary[step.function as usize](dot));
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
                Kind::Binary => rare.binary[step.function as usize](at!(1), at!(2)),
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
