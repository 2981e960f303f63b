//! Code as the fast interpreter runs it: steps of one size, with a kind for each way to find the operands.
//!
//! An instruction may have its operands in a list, or move them on in a loop; to find that out takes longer than the
//! arithmetic. So the first run with a workspace makes steps of all instructions. A step has up to six operands; a longer
//! list becomes several steps, which hand on in a register what they have so far. Where an operand is what the step
//! before has just written, it is in that register too: reading it back from memory takes as long as two additions.

use uphill_graph::{Address, Op};
use uphill_kernels::native::Two;

use super::abreast::Running;
use crate::code::{Action, Block};

/// What a step does. `x`, `y`, … are its operands, `last` is what the step before gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[rustfmt::skip]
pub(super) enum Kind {
    // Of `x`, or of `last`.
    Copy, CopyLast, Neg, NegLast, Recip, RecipLast, Square, SquareLast, Sqrt, SqrtLast,
    // The step's function of `x`, or of `last`.
    Unary, UnaryLast,
    // Of `x` and `y`; with `last` for `x`; with `last` for `y`.
    Add, AddLast, AddToLast, Sub, SubLast, SubFromLast, Mul, MulLast, MulByLast, Div, DivLast, DivByLast,
    SigmoidSlope, SigmoidSlopeLast, SigmoidSlopeByLast,
    TanhSlope, TanhSlopeLast, TanhSlopeByLast,
    MultiplyAdd, NegativeMultiplyAdd, MultiplySubtract, Select,
    // Two or three instructions in one step: products of one `x` and several `y`, and two functions of one `x` that are
    // computed together, with the later targets behind; a function of a dot product, with its target behind the pairs.
    MulPair, MulPairLast, MulTriple, MulTripleLast, UnaryPair, UnaryPairLast, DotUnary,
    // Of two or three pairs; the first three of more; three more; the last one to three.
    Dot2, Dot3, DotStart, DotMore, DotEnd1, DotEnd2, DotEnd3,
    PlainDot2, PlainDot3, PlainDotStart, PlainDotMore, PlainDotEnd1, PlainDotEnd2, PlainDotEnd3,
    // The same of single terms.
    Sum3, SumStart, SumMore, SumEnd1, SumEnd2, SumEnd3,
    // The step's function of two.
    Binary,
    // Puts three operands, or one, on a stack; applies an operation to all that is there.
    Push3, Push1, Value,
    // A block in a loop, by its number, which is the last operand; how far targets, inputs and weights have moved.
    Block,
}

/// The address of the target, then those of the operands.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places(pub(super) [u32; 8]);

impl Places {
    /// Each address moved on.
    #[inline(always)]
    pub(super) fn moved(self, by: Places) -> Places {
        let mut at = self.0;
        for (address, by) in at.iter_mut().zip(by.0) {
            *address = address.wrapping_add(by);
        }
        Places(at)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) at: Places,
    pub(super) kind: Kind,
    /// By its number in the list of such functions.
    pub(super) function: u16,
}

const _: () = assert!(size_of::<Step>() == 36);

/// A function of one number.
pub(super) type Unary = extern "C" fn(f64) -> f64;
/// A function of two numbers.
pub(super) type Binary = extern "C" fn(f64, f64) -> f64;
/// Two functions of one number.
pub(super) type UnaryPair = extern "C" fn(f64) -> Two;

/// A place of a step that a table moves in each iteration.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Table {
    /// Counted from the first of the loop.
    pub(super) step: u32,
    pub(super) place: u32,
    /// Where it is in the pool.
    pub(super) start: u32,
    /// What its entries are added to.
    pub(super) base: u32,
    /// By how much outer loops move the start: some rows of [`Steps::rows`].
    pub(super) rows: (u32, u32),
}

/// A loop moves the start of a table by so many entries an iteration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// How many loops are around that loop.
    pub(super) depth: u32,
    pub(super) by: u32,
}

/// A loop: its steps, how they move, and its tables.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Repeat {
    pub(super) iterations: u32,
    pub(super) first: u32,
    pub(super) end: u32,
    /// Where its moves start, one for each step.
    pub(super) moves: u32,
    pub(super) tables: (u32, u32),
    /// How many segments behind it are its body. None of an innermost loop, whose body is nothing but steps.
    pub(super) segments: u32,
    /// Its number among the loops that run abreast.
    pub(super) abreast: Option<u32>,
}

/// Steps up to `end`, from where the segment before ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Segment {
    Straight {
        end: u32,
    },
    Loop(Repeat),
    /// A block of the code, without steps, in no loop.
    Block(u32),
}

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

/// The steps of a piece of code.
#[derive(Debug)]
pub(crate) struct Steps {
    /// How many numbers the memory must have.
    pub(super) memory: usize,
    /// What runs them.
    pub(super) run: Run,
    pub(super) segments: Vec<Segment>,
    pub(super) steps: Vec<Step>,
    /// By how much the steps of loops move: for each loop one entry a step, those of inner loops too.
    pub(super) moves: Vec<Places>,
    pub(super) tables: Vec<Table>,
    pub(super) rows: Vec<Row>,
    pub(super) rare: Rare,
    /// The bodies of the loops that run, which move: an inner one behind the outer one that it is a part of.
    pub(super) body: Vec<Step>,
    /// Their tables, as far as outer loops have moved them.
    pub(super) moved_tables: Vec<Table>,
    /// Loops that run many iterations at once.
    pub(super) abreast: Vec<Running>,
}

/// What steps refer to by number, and a stack.
#[derive(Debug, Default)]
pub(super) struct Rare {
    pub(super) unary: Vec<Unary>,
    pub(super) binary: Vec<Binary>,
    pub(super) pairs: Vec<UnaryPair>,
    pub(super) ops: Vec<Op>,
    pub(super) stack: Vec<f64>,
}

/// How an action becomes steps.
pub(super) enum Form {
    One([Kind; 2]),
    Two([Kind; 3]),
    Three(Kind),
    Pairs([Kind; 8]),
    Terms,
    Unary(Op),
    Binary(Op),
    Value(Op),
    /// Loops and blocks have a way of their own; totals are in code of samples alone, which doesn't run here.
    Other,
}

#[rustfmt::skip]
pub(super) fn form(action: Action) -> Form {
    use Kind::*;
    match action {
        Action::Copy => Form::One([Copy, CopyLast]),
        Action::Op(Op::Neg) => Form::One([Neg, NegLast]),
        Action::Op(Op::Recip) => Form::One([Recip, RecipLast]),
        Action::Op(Op::Square) => Form::One([Square, SquareLast]),
        Action::Op(Op::Sqrt) => Form::One([Sqrt, SqrtLast]),
        Action::Op(Op::Add) => Form::Two([Add, AddLast, AddToLast]),
        Action::Op(Op::Sub) => Form::Two([Sub, SubLast, SubFromLast]),
        Action::Op(Op::Mul) => Form::Two([Mul, MulLast, MulByLast]),
        Action::Op(Op::Div) => Form::Two([Div, DivLast, DivByLast]),
        Action::SigmoidSlope => Form::Two([SigmoidSlope, SigmoidSlopeLast, SigmoidSlopeByLast]),
        Action::TanhSlope => Form::Two([TanhSlope, TanhSlopeLast, TanhSlopeByLast]),
        Action::MultiplyAdd => Form::Three(MultiplyAdd),
        Action::NegativeMultiplyAdd => Form::Three(NegativeMultiplyAdd),
        Action::MultiplySubtract => Form::Three(MultiplySubtract),
        Action::Op(Op::Select) => Form::Three(Select),
        Action::Dot => Form::Pairs([Mul, Dot2, Dot3, DotStart, DotMore, DotEnd1, DotEnd2, DotEnd3]),
        Action::Op(Op::Dot) => Form::Pairs([
            Mul, PlainDot2, PlainDot3, PlainDotStart, PlainDotMore, PlainDotEnd1, PlainDotEnd2, PlainDotEnd3,
        ]),
        Action::Op(Op::Sum) => Form::Terms,
        // Any other operation: by its own code, if it has any, else by that for all.
        Action::Op(op) => match op.address() {
            Some(Address::One(_)) => Form::Unary(op),
            Some(Address::Two(_)) => Form::Binary(op),
            None => Form::Value(op),
        },
        Action::Total | Action::OuterTotal | Action::Block | Action::Loop => Form::Other,
    }
}
