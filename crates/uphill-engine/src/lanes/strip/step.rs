//! What runs in lanes: steps of one size, each with what it makes of the value that is passed along; strips of them, and
//! what stands between strips.

use std::ops::Range;

use uphill_graph::Op;

use super::super::vector::Curve;
use crate::code::{Action, Path, Spot};

/// All of a program's sample code.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Strips {
    /// In the order of the code; behind a loop its body.
    pub(in super::super) pieces: Vec<Piece>,
    pub(super) steps: Vec<Step>,
    /// Of each total of each strip, which of the program's sums it adds to.
    pub(super) sums: Vec<u32>,
    pub(super) moves: Vec<Move>,
    /// What other instructions read.
    pub(in super::super) spots: Vec<Spot>,
    /// How places move; number 0 stands for those that stay.
    pub(in super::super) paths: Vec<Path>,
    /// The paths along which places of each loop move.
    pub(in super::super) along: Vec<u32>,
    /// Functions of one number or of two, or two of one number, each once, and the operations that they are.
    pub(super) curves: Vec<Curve>,
    pub(super) ops: Vec<(Op, Option<Op>)>,
}

#[derive(Debug, Clone)]
pub(in super::super) enum Piece {
    Strip(Strip),
    Other(Other),
    /// So many of the next pieces, again and again; their places move along some of the paths.
    Loop {
        iterations: u32,
        pieces: usize,
        along: Range<usize>,
    },
}

/// Instructions as steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Strip {
    pub(super) steps: Range<usize>,
    pub(super) sums: Range<usize>,
    pub(super) moves: Range<usize>,
}

/// An instruction that is no steps: a block, a large outer total, an operation without code for lanes.
#[derive(Debug, Clone)]
pub(in super::super) struct Other {
    pub(in super::super) action: Action,
    /// Of a block or an outer total.
    pub(in super::super) number: usize,
    pub(in super::super) target: Spot,
    /// In the list of spots.
    pub(in super::super) operands: Range<usize>,
}

/// A place that a loop moves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// Of the strip's steps, or of its sums.
    pub(super) at: usize,
    pub(super) place: Place,
    pub(super) spot: Spot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Target,
    X,
    Y,
    Sum,
}

/// What runs in place of some instructions.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Part<'s> {
    pub(super) steps: &'s [Step],
    /// For each total of the steps, which of the program's sums it adds to.
    pub(super) sums: &'s [u32],
    /// All of the program's.
    pub(super) curves: &'s [Curve],
}

/// Where the places of a strip in a loop are now.
#[derive(Debug, Default)]
pub(in super::super) struct Moved {
    steps: Vec<Step>,
    sums: Vec<u32>,
}

impl Moved {
    /// The most that it takes for so many steps and sums.
    pub(super) fn bytes(steps: usize, sums: usize) -> usize {
        steps * size_of::<Step>() + sums * size_of::<u32>()
    }
}

impl Strips {
    /// A strip as it is where paths lead so far; the first vector and the first sum are at these addresses.
    ///
    /// # Panics
    ///
    /// If a place is none of the program's: code that was verified has no such.
    #[inline]
    pub(in super::super) fn part<'s>(
        &'s self,
        strip: &Strip,
        moved: &'s mut Moved,
        offsets: &[u32],
        layout: &crate::code::Layout,
    ) -> Part<'s> {
        let (steps, sums) = (&self.steps[strip.steps.clone()], &self.sums[strip.sums.clone()]);
        let curves = self.curves.as_slice();
        if strip.moves.is_empty() {
            return Part { steps, sums, curves };
        }
        moved.steps.clear();
        moved.steps.reserve_exact(steps.len());
        moved.steps.extend_from_slice(steps);
        moved.sums.clear();
        moved.sums.reserve_exact(sums.len());
        moved.sums.extend_from_slice(sums);
        for &Move { at, place, spot } in &self.moves[strip.moves.clone()] {
            let address = spot.address.wrapping_add(offsets[spot.path as usize]);
            assert!(address < layout.end, "no vector of lanes at address {address}");
            let is_number = address < layout.per_call;
            let index = if is_number { address } else { address - layout.per_call };
            if place == Place::Sum {
                let sum = address.wrapping_sub(layout.sums);
                assert!(sum < layout.sum_count, "no sum at address {address}");
                moved.sums[at] = sum;
                continue;
            }
            let step = &mut moved.steps[at];
            let (to, number) = match place {
                Place::X => (&mut step.x, form::X),
                Place::Y => (&mut step.y, form::Y),
                Place::Target | Place::Sum => (&mut step.target, 0),
            };
            *to = index;
            assert!(!is_number || number != 0, "no vector of lanes at address {address}");
            step.form = if is_number { step.form | number } else { step.form & !number };
        }
        Part { steps: &moved.steps, sums: &moved.sums, curves }
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

impl Step {
    /// Whether it does to other operands what another one does, and that is no more than its operation.
    #[inline(always)]
    pub(super) fn is_like(&self, other: &Step) -> bool {
        self.operation == other.operation
            && self.form == other.form
            && self.form & form::NEGATIVE == 0
    }
}

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
    /// The value divided by the number `y`.
    Share,

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
    /// The value and a product, which is rounded first.
    AddProduct,

    /// A function of the value: that of this number among the strips' curves, which is `x`.
    Curve,
    /// Two functions of the value at once: the value becomes the second one, which goes to the vector `y`, and the first
    /// one to the target.
    Curves,
    /// A function of the value and `x`: that of the number `y` among the curves.
    Surface,

    /// The value is added to a sum, and stays. So are these:
    Total,
    /// Its product with `x`.
    TotalProduct,
}

impl Operation {
    pub(super) fn is_total(self) -> bool {
        self as u8 >= Operation::Total as u8
    }
}
