//! Strips: runs of simple instructions that go over a few registers of lanes together, before the next few.
//!
//! Instruction after instruction over a whole tile, each value is written to the first cache and read again. Most are
//! read once, by the next instruction. So a strip passes one value along in registers, as an accumulator machine does,
//! and writes only what is read later (`plan` finds out what that is, and `order` lets readers follow givers). Totals
//! take their terms from the registers too. What is rounded, and the order of sums, are those of the instructions.

mod join;
mod order;
mod pieces;
mod plan;
mod run;
mod steps;
mod sums;

use std::ops::Range;

pub(super) use run::{MOST_SUMS, RunStrip};

/// All strips of a program's sample code.
#[derive(Debug, Clone, Default)]
pub(super) struct Strips {
    /// In the order of the code.
    strips: Vec<Strip>,
    steps: Vec<Step>,
    /// Of each total of each strip, which of the program's sums it adds to.
    sums: Vec<u32>,
}

/// One strip.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Strip {
    /// The instructions that it stands for.
    instructions: Range<usize>,
    steps: Range<usize>,
    sums: Range<usize>,
}

/// What runs in place of some instructions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'s> {
    pub(super) steps: &'s [Step],
    /// For each total of the steps, which of the program's sums it adds to.
    pub(super) sums: &'s [u32],
    /// The instruction that comes next.
    pub(super) next: usize,
}

impl Strips {
    /// The strip that starts at an instruction. `turn` counts the strips that were there already.
    #[inline(always)]
    pub(super) fn at(&self, instruction: usize, turn: &mut usize) -> Option<Part<'_>> {
        let strip =
            self.strips.get(*turn).filter(|strip| strip.instructions.start == instruction)?;
        *turn += 1;
        let (steps, sums) = (&self.steps[strip.steps.clone()], &self.sums[strip.sums.clone()]);
        Some(Part { steps, sums, next: strip.instructions.end })
    }
}

/// One step of a strip: 16 bytes. The *value* is what the strip passes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    operation: Operation,
    /// Some of [`form`].
    form: u8,
    /// Whether the value goes to `target`, too.
    keep: bool,
    /// A vector, or for totals which of the strip's.
    target: u32,
    /// Vectors, or numbers of the call.
    x: u32,
    y: u32,
}

const _: () = assert!(size_of::<Step>() == 16);

/// How the operands of a step are given.
mod form {
    /// `x` is a number of the call.
    pub(super) const X: u8 = 1;
    /// `y` is a number of the call.
    pub(super) const Y: u8 = 2;
    /// The value is the last operand of the operation, and not the first.
    pub(super) const LAST: u8 = 4;
    /// First of all the value becomes the vector `y`.
    pub(super) const LOAD: u8 = 8;
    /// In the end the value is negated.
    pub(super) const NEGATIVE: u8 = 16;
}

/// What a step makes of the value and its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// `x`.
    Load,

    Neg,
    Recip,
    Square,
    Sqrt,
    Relu,
    Abs,
    Sign,

    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    SigmoidSlope,
    TanhSlope,

    Clamp,
    Select,
    MultiplyAdd,
    NegativeMultiplyAdd,
    MultiplySubtract,

    /// Elementary functions, of `f64` alone. They go through the target, so that is always written.
    Exp,
    Exp2,
    Expm1,
    Ln,
    Log2,
    Log10,
    Log1p,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Sigmoid,
    Softplus,
    /// With a kernel for small arguments.
    Sin,
    Cos,
    Tan,

    /// The value is added to a sum, and stays. So are these:
    Total,
    /// Its product with `x`.
    TotalProduct,
}

impl Operation {
    fn is_curve(self) -> bool {
        (Operation::Exp as u8..=Operation::Tan as u8).contains(&(self as u8))
    }

    fn is_total(self) -> bool {
        self as u8 >= Operation::Total as u8
    }
}
