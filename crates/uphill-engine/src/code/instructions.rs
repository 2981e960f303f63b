//! What a program is made of: instructions over one space of addresses.
//!
//! Addresses below [`Layout::per_call`] hold one number a call: constants, shared inputs, what is computed from them
//! alone, and the sums over samples. Those from there on hold one number a *sample*: first the columns, then slots that
//! are reused as values die. An interpreter for one sample at a time keeps the whole space in one slice of numbers; lanes
//! keep a vector of samples for each of the upper addresses.
//!
//! **Invariant:** an instruction reads only addresses that were written before it in the same run; per-call code never
//! reads or writes a per-sample address. Every target of sample code is a per-sample address or, for totals, a sum.

use uphill_graph::{Arity, Op};

/// Where numbers lie.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Layout {
    /// Numbers known at compile time, at addresses from 0.
    pub(crate) constants: Vec<f64>,
    /// Address of the first input that is the same for all samples; they lie one after the other.
    pub(crate) shared: u32,
    /// How many those are.
    pub(crate) shared_count: u32,
    /// Address of the first sum over samples.
    pub(crate) sums: u32,
    /// How many sums there are.
    pub(crate) sum_count: u32,
    /// Address of the number of samples, which code after the sums may read.
    pub(crate) sample_count: u32,
    /// Address of the first number that samples add to at places of their own.
    pub(crate) targets: u32,
    /// How many those are.
    pub(crate) target_count: u32,
    /// From this address on there is one number a sample: first the columns.
    pub(crate) per_call: u32,
    /// How many columns there are: inputs that differ from sample to sample, given ones and then gathered ones.
    pub(crate) column_count: u32,
    /// One past the last address.
    pub(crate) end: u32,
}

impl Layout {
    /// The number of per-sample addresses, columns included.
    pub(crate) fn per_sample(&self) -> usize {
        (self.end - self.per_call) as usize
    }

    /// Whether an address holds one number a sample.
    pub(crate) fn is_per_sample(&self, address: u32) -> bool {
        address >= self.per_call
    }
}

/// What one instruction does.
///
/// "Rounded once" is a fused multiply-add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// An operation of the table. With a fixed arity of up to three, and unless it is custom, its operands are `x`, `y`,
    /// `z`; else they are `pool[x .. x + y]`.
    Op(Op),
    /// `x`.
    Copy,
    /// `x·y + z`, rounded once.
    MultiplyAdd,
    /// `z − x·y`, rounded once.
    NegativeMultiplyAdd,
    /// `x·y − z`, rounded once.
    MultiplySubtract,
    /// The product of `x` and `y·(1 − y)`: what a sigmoid with output `y` passes back of an adjoint `x`.
    SigmoidSlope,
    /// The product of `x` and `1 − y²`: what a tanh with output `y` passes back.
    TanhSlope,
    /// `pool[x .. x + y]` holds pairs: the first product rounded, each further one added, rounded once.
    Dot,
    /// `blocks[x]`: dot products that share their left factors. Writes the block's targets, not `target`.
    Block,
    /// Adds `x`, a per-sample value, to the sum at address `target`. In sample code only. A sum gets one term a sample, in
    /// loops too: several would be added in an order that depends on who runs them.
    Total,
    /// `outer[x]`: adds products to sums. In sample code only.
    OuterTotal,
    /// `loops[x]`: runs the instructions that follow again and again. Its body may hold further loops, and blocks, but no
    /// outer totals.
    Loop,
}

/// One step of a program: 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) action: Action,
    /// The address that it writes.
    pub(crate) target: u32,
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) z: u32,
}

const _: () = assert!(size_of::<Instruction>() == 24);

/// Repeats the instructions that follow it, further loops with their bodies among them.
///
/// An address of an instruction is the instruction's own plus what the step of each loop around it adds in that loop's
/// present iteration, counted from 0; sums wrap around. So an own address is that of the first iterations, unless a table
/// moves it then. A loop of no iterations is left out: where its body would lead, nobody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loop {
    pub(crate) iterations: u32,
    /// How many instructions its body has, with those of inner loops, and these loops themselves.
    pub(crate) length: u32,
    /// Where the steps of the body start in `Code::steps`: one for each place ([`Action::places`]) of each instruction
    /// of the body, in order, those of inner bodies too. So what stands in two loops has steps for both.
    pub(crate) first_step: u32,
}

/// How many loops can stand in one another.
pub(crate) const DEEPEST: usize = 16;

/// How a place moves from one iteration of a loop to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// In iteration `i` it adds `i` times this number.
    By(i32),
    /// In iteration `i` it adds `pool[start + i]`: an offset, in two's complement.
    Table(u32),
    /// It adds nothing, but in iteration `i` the next table further in starts `i` times this number of entries later. All
    /// entries between the first and the last one that a table is read at are offsets that lead somewhere, read or not.
    Row(i32),
}

/// Where a run is in one of the loops around an instruction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    pub(crate) iteration: u32,
    /// The step of the place that comes next.
    pub(crate) next_step: u32,
}

/// `targets[r] = Σ_k inputs[k]·weights[r][k]`: dot products that share their left factors.
///
/// Each is the same as [`Action::Dot`].
///
/// In a loop it has three places: all targets move alike, all inputs do, and all weights do. Those of a table don't move.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    /// The shared left factors; in sample code these are per-sample addresses.
    pub(crate) inputs: Vec<u32>,
    /// Where the dot products go; never the address of an input.
    pub(crate) targets: Vec<u32>,
    /// The right factors; in sample code these are per-call addresses.
    pub(crate) weights: Weights,
}

/// How far a block has moved: what is added to each address of a kind, wrapping around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Moved {
    pub(crate) targets: u32,
    pub(crate) inputs: u32,
    pub(crate) weights: u32,
}

/// The addresses of a matrix with one row a dot product and one column an input.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Weights {
    /// `first + row·row_step + column·column_step`.
    Affine { first: u32, row_step: i32, column_step: i32 },
    /// Row after row.
    Table(Vec<u32>),
}

/// `sums[r·columns.len() + c] += rows[r]·columns[c]`, rounded once: products that are added up over all samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outer {
    /// Per-sample addresses.
    pub(crate) rows: Vec<u32>,
    /// Per-sample addresses.
    pub(crate) columns: Vec<u32>,
    /// Addresses of sums, row after row.
    pub(crate) sums: Vec<u32>,
}

/// Instructions in order of evaluation, and what they refer to.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Code {
    pub(crate) instructions: Vec<Instruction>,
    /// Operand lists and index tables.
    pub(crate) pool: Vec<u32>,
    pub(crate) loops: Vec<Loop>,
    pub(crate) steps: Vec<Step>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) outers: Vec<Outer>,
}

/// How the operands of an action are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operands {
    /// The first so many of `x`, `y`, `z`.
    Inline(usize),
    /// `pool[x .. x + y]`.
    Pool,
    /// In a table of their own.
    None,
}

/// Whether an operation takes a few instructions of a processor and no call: those that machine code writes out.
pub(crate) fn takes_few_instructions(op: Op) -> bool {
    matches!(
        op,
        Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Neg
            | Op::Recip
            | Op::Square
            | Op::Sqrt
            | Op::Abs
            | Op::Less
            | Op::LessEqual
            | Op::Greater
            | Op::GreaterEqual
            | Op::Equal
            | Op::NotEqual
            | Op::Select
            | Op::Min
            | Op::Max
            | Op::Relu
            | Op::Sum
            | Op::Mean
            | Op::Product
            | Op::Dot
    )
}

impl Action {
    /// How the operands of this action are given.
    pub(crate) fn operands(self) -> Operands {
        match self {
            Action::Op(Op::Custom(_)) | Action::Dot => Operands::Pool,
            Action::Op(op) => match op.arity() {
                Arity::Exactly(count @ ..=3) => Operands::Inline(count),
                Arity::Exactly(_) | Arity::Any | Arity::Pairs => Operands::Pool,
            },
            Action::Copy | Action::Total => Operands::Inline(1),
            Action::SigmoidSlope | Action::TanhSlope => Operands::Inline(2),
            Action::MultiplyAdd | Action::NegativeMultiplyAdd | Action::MultiplySubtract => {
                Operands::Inline(3)
            }
            Action::Block | Action::OuterTotal | Action::Loop => Operands::None,
        }
    }

    /// How many places of an instruction with so many operands move in a loop: its target's and its operands', in this
    /// order; of a block, that of its targets, of its inputs and of its weights; of a loop, none.
    pub(crate) fn places(self, operands: usize) -> usize {
        match self {
            Action::Loop | Action::OuterTotal => 0,
            Action::Block => 3,
            _ => 1 + operands,
        }
    }
}

impl Code {
    /// The addresses that an instruction reads, unless they lie in a table of its own.
    pub(crate) fn operands(&self, instruction: &Instruction) -> smallvec::SmallVec<[u32; 4]> {
        match instruction.action.operands() {
            Operands::Inline(count) => {
                [instruction.x, instruction.y, instruction.z][..count].into()
            }
            Operands::Pool => self.pool(instruction).into(),
            Operands::None => smallvec::SmallVec::new(),
        }
    }

    /// The list of an instruction with [`Operands::Pool`].
    pub(crate) fn pool(&self, instruction: &Instruction) -> &[u32] {
        &self.pool[instruction.x as usize..(instruction.x + instruction.y) as usize]
    }

    /// How many places of these instructions move in a loop around them.
    pub(crate) fn places(&self, instructions: &[Instruction]) -> u32 {
        let count = |each: &Instruction| {
            let operands = match each.action.operands() {
                Operands::Inline(count) => count,
                Operands::Pool => each.y as usize,
                Operands::None => 0,
            };
            each.action.places(operands) as u32
        };
        instructions.iter().map(count).sum()
    }

    /// The body of a loop, which starts at this position.
    pub(crate) fn body(&self, number: u32, start: usize) -> &[Instruction] {
        &self.instructions[start..][..self.loops[number as usize].length as usize]
    }

    /// The address of the next place of a body, in these turns of the loops around it, outermost first; they go on to
    /// the place behind it.
    pub(crate) fn moved(&self, address: u32, turns: &mut [Turn]) -> u32 {
        let (mut address, mut row) = (address, 0_u32);
        for Turn { iteration, next_step } in turns {
            let step = self.steps[*next_step as usize];
            *next_step += 1;
            match step {
                Step::By(by) => address = address.wrapping_add(iteration.wrapping_mul(by as u32)),
                Step::Row(by) => row = row.wrapping_add(iteration.wrapping_mul(by as u32)),
                Step::Table(start) => {
                    let entry = start.wrapping_add(row).wrapping_add(*iteration);
                    address = address.wrapping_add(self.pool[entry as usize]);
                    row = 0;
                }
            }
        }
        address
    }

    /// How far the block that comes next has moved.
    pub(crate) fn moved_block(&self, turns: &mut [Turn]) -> Moved {
        let [targets, inputs, weights] = [0; 3].map(|none| self.moved(none, turns));
        Moved { targets, inputs, weights }
    }
}

impl Weights {
    /// The address of one entry; `columns` is the number of inputs.
    pub(crate) fn address(&self, row: usize, column: usize, columns: usize) -> u32 {
        match self {
            Weights::Affine { first, row_step, column_step } => {
                let row = row as i64 * i64::from(*row_step);
                (i64::from(*first) + row + column as i64 * i64::from(*column_step)) as u32
            }
            Weights::Table(table) => table[row * columns + column],
        }
    }
}
