//! What a strip is: steps of one size, each with what it makes of the value that is passed along.

use std::ops::Range;

use uphill_graph::Op;

use super::super::elementary::Curve;

/// All strips of a program's sample code.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Strips {
    /// In the order of the code.
    pub(super) strips: Vec<Strip>,
    pub(super) steps: Vec<Step>,
    /// Of each total of each strip, which of the program's sums it adds to.
    pub(super) sums: Vec<u32>,
    /// Functions of one number, or two of one number, each once, and the operations that they are.
    pub(super) curves: Vec<Curve>,
    pub(super) ops: Vec<(Op, Option<Op>)>,
}

/// One strip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strip {
    /// The instructions that it stands for.
    pub(super) instructions: Range<usize>,
    pub(super) steps: Range<usize>,
    pub(super) sums: Range<usize>,
}

/// What runs in place of some instructions.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Part<'s> {
    pub(super) steps: &'s [Step],
    /// For each total of the steps, which of the program's sums it adds to.
    pub(super) sums: &'s [u32],
    /// All of the program's.
    pub(super) curves: &'s [Curve],
    /// The instruction that comes next.
    pub(in super::super) next: usize,
}

impl Strips {
    /// The strip that starts at an instruction. `turn` counts the strips that were there already.
    #[inline(always)]
    pub(in super::super) fn at(&self, instruction: usize, turn: &mut usize) -> Option<Part<'_>> {
        let strip =
            self.strips.get(*turn).filter(|strip| strip.instructions.start == instruction)?;
        *turn += 1;
        let (steps, sums) = (&self.steps[strip.steps.clone()], &self.sums[strip.sums.clone()]);
        Some(Part { steps, sums, curves: &self.curves, next: strip.instructions.end })
    }
}

/// One step of a strip: 16 bytes. The *value* is what the strip passes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Step {
    pub(super) operation: Operation,
    /// Some of [`form`].
    pub(super) form: u8,
    /// Whether the value goes to `target`, too.
    pub(super) keep: bool,
    /// A vector, or for totals which of the strip's.
    pub(super) target: u32,
    /// Vectors, or numbers of the call.
    pub(super) x: u32,
    pub(super) y: u32,
}

const _: () = assert!(size_of::<Step>() == 16);

/// How the operands of a step are given.
pub(super) mod form {
    /// `x` is a number of the call.
    pub(in super::super) const X: u8 = 1;
    /// `y` is a number of the call.
    pub(in super::super) const Y: u8 = 2;
    /// The value is the last operand of the operation, and not the first.
    pub(in super::super) const LAST: u8 = 4;
    /// First of all the value becomes the vector `y`.
    pub(in super::super) const LOAD: u8 = 8;
    /// In the end the value is negated.
    pub(in super::super) const NEGATIVE: u8 = 16;
}

/// What a step makes of the value and its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
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

    /// A function of the value, of `f64` alone: that of this number among the strips' curves, which is `x`. It goes through
    /// the target, so that is always written.
    Curve,
    /// Two functions of the value at once: the value becomes the second one, which also goes to the vector `y`.
    Curves,

    /// The value is added to a sum, and stays. So are these:
    Total,
    /// Its product with `x`.
    TotalProduct,
}

impl Operation {
    pub(super) fn is_curve(self) -> bool {
        matches!(self, Operation::Curve | Operation::Curves)
    }

    pub(super) fn is_total(self) -> bool {
        self as u8 >= Operation::Total as u8
    }
}
