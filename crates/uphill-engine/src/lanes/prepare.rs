//! What is derived from a program before its samples run: distances instead of addresses, checked once, so that the
//! kernels need not; and, once a call, weights in the order in which the kernel reads them.

use std::ops::Range;

use super::memory::Shape;
use super::set::{InstructionSet, with_set};
use super::strip::Strips;
use super::vector::{Element, Set, pieces};
use crate::code::{Action, Block, Moved, Nest, Outer, Paths, Sampled, Weights};

/// A program, made ready for one instruction set.
///
/// [`Prepared::new`] depends on the program alone; [`Prepared::load`] follows once a call, when the numbers of the call
/// are known. Then any number of threads can run tiles with it.
#[derive(Debug, Clone)]
pub(crate) struct Prepared<E: Element> {
    pub(super) set: InstructionSet,
    pub(super) shape: Shape,
    /// How many numbers of the call there are.
    pub(super) numbers: usize,
    pub(super) blocks: Vec<PreparedBlock>,
    pub(super) outers: Vec<PreparedOuter>,
    pub(super) strips: Strips,
    /// Weights of the blocks whose matrix is [`Matrix::packed`].
    pub(super) packed: Vec<E>,
}

/// Where the numbers of a matrix lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Matrix {
    /// In [`Prepared::packed`], else among the numbers of the call.
    pub(super) packed: bool,
    pub(super) first: isize,
    pub(super) row_step: isize,
    pub(super) column_step: isize,
}

impl Matrix {
    /// The part of so many rows from `row` on, which the kernel takes together. Packed weights lie so that these rows
    /// are neighbours in each column.
    #[inline(always)]
    pub(super) fn rows(self, row: usize, count: usize, columns: usize) -> Matrix {
        if self.packed {
            let first = self.first + (row * columns) as isize;
            Matrix { first, row_step: 1, column_step: count as isize, ..self }
        } else {
            Matrix { first: self.first + row as isize * self.row_step, ..self }
        }
    }
}

/// A block whose addresses have been checked.
#[derive(Debug, Clone, Default)]
pub(super) struct PreparedBlock {
    /// Distances from the first number of the first vector.
    pub(super) inputs: Vec<usize>,
    pub(super) targets: Vec<usize>,
    pub(super) matrix: Matrix,
}

impl PreparedBlock {
    /// Makes `to` the same block with what its addresses are when it has moved so far.
    ///
    /// # Panics
    ///
    /// If they are none of the prepared program's.
    pub(super) fn moved<E: Element>(
        &self,
        block: &Block,
        moved: Moved,
        prepared: &Prepared<E>,
        to: &mut PreparedBlock,
    ) {
        let fill = |to: &mut Vec<usize>, addresses: &[u32], by: u32| {
            to.clear();
            to.extend(addresses.iter().map(|address| {
                distance(prepared.numbers, prepared.shape, address.wrapping_add(by))
            }));
        };
        fill(&mut to.inputs, &block.inputs, moved.inputs);
        fill(&mut to.targets, &block.targets, moved.targets);
        to.matrix = self.matrix;
        if self.matrix.packed {
            assert_eq!(moved.weights, 0, "packed weights don't move");
        } else {
            check_corners(block, moved.weights, prepared.numbers);
            to.matrix.first = (self.matrix.first as u32).wrapping_add(moved.weights) as isize;
        }
    }
}

/// An outer total whose addresses have been checked.
///
/// The sums of a column are wherever they are. But often those of neighbouring columns lie side by side in every row,
/// and are then added to as vectors: such columns are a run.
#[derive(Debug, Clone)]
pub(super) struct PreparedOuter {
    /// Distances from the first number of the first vector.
    pub(super) rows: Vec<usize>,
    pub(super) columns: Vec<usize>,
    /// What is calculated together.
    pub(super) pieces: Vec<Columns>,
    /// For each run of columns, the sum of its first column in each row, counted from the first sum of the program.
    starts: Vec<usize>,
    /// For each column, its run and its place there.
    places: Vec<(u32, u32)>,
    /// More than any of the sums.
    pub(super) sum_end: usize,
}

/// Neighbouring columns of an outer total.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    pub(super) first: usize,
    pub(super) count: usize,
    /// Whether their sums lie side by side, in each row.
    pub(super) beside: bool,
}

impl PreparedOuter {
    /// The sum for a row and a column.
    #[inline(always)]
    pub(super) fn sum(&self, row: usize, column: usize) -> usize {
        let (run, place) = self.places[column];
        self.starts[run as usize * self.rows.len() + row] + place as usize
    }
}

impl<E: Element> Prepared<E> {
    /// Makes a program ready for an instruction set, or, since the bits are the same, for the best one that this
    /// processor has if it lacks this one.
    ///
    /// # Panics
    ///
    /// If blocks or outer totals refer to addresses that the layout doesn't have: a bug of the compiler's.
    pub(crate) fn new(set: InstructionSet, program: &dyn Sampled) -> Prepared<E> {
        let set = if set.is_available() { set } else { InstructionSet::best() };
        let shape = Shape::of::<E>(program);
        let mut packed = 0;
        let code = program.sample();
        let blocks = code.blocks.iter().zip(uses(program)).map(|(block, uses)| {
            let prepared = prepare_block(program, shape, block, packed, uses);
            if prepared.matrix.packed {
                packed += block.inputs.len() * block.targets.len();
            }
            prepared
        });
        let blocks = blocks.collect();
        let most = columns_together(set);
        let outers = code.outers.iter().map(|outer| prepare_outer(program, shape, outer, most));
        let outers = outers.collect();
        let numbers = program.layout().per_call as usize;
        let strips = Strips::of(set, program);
        Prepared { set, shape, numbers, blocks, outers, strips, packed: vec![E::ZERO; packed] }
    }

    /// The instructions that it is for, which this processor has.
    pub(crate) fn set(&self) -> InstructionSet {
        self.set
    }

    /// The most that it takes.
    pub(crate) fn bytes(program: &dyn Sampled) -> usize {
        let code = program.sample();
        let blocks = code.blocks.iter().map(|block| {
            let (rows, columns) = (block.targets.len(), block.inputs.len());
            size_of::<PreparedBlock>()
                + (rows + columns) * size_of::<usize>()
                + rows * columns * size_of::<E>()
        });
        let outers = code.outers.iter().map(|outer| {
            let (rows, columns) = (outer.rows.len(), outer.columns.len());
            size_of::<PreparedOuter>()
                + (rows + columns + rows * columns) * size_of::<usize>()
                + columns * (size_of::<Columns>() + size_of::<(u32, u32)>())
        });
        blocks.sum::<usize>() + outers.sum::<usize>() + Strips::bytes(program)
    }

    /// Takes the weights from the numbers of a call, which must be all that the layout has.
    pub(crate) fn load(&mut self, program: &dyn Sampled, per_call: &[E]) {
        let most = rows_together(self.set);
        for (block, prepared) in program.sample().blocks.iter().zip(&self.blocks) {
            if !prepared.matrix.packed {
                continue;
            }
            let columns = block.inputs.len();
            for (row, count) in pieces(block.targets.len(), most) {
                let start = prepared.matrix.first as usize + row * columns;
                let piece = &mut self.packed[start..start + count * columns];
                pack(&block.weights, row, count, columns, per_call, piece);
            }
        }
    }
}

/// The weights of so many rows, column after column; along the memory that they come from.
fn pack<E: Element>(
    weights: &Weights,
    row: usize,
    count: usize,
    columns: usize,
    per_call: &[E],
    piece: &mut [E],
) {
    match weights {
        Weights::Table(table) => {
            let rows = table[row * columns..].chunks_exact(columns.max(1)).take(count);
            for (r, addresses) in rows.enumerate() {
                for (entries, &address) in piece.chunks_exact_mut(count).zip(addresses) {
                    entries[r] = per_call[address as usize];
                }
            }
        }
        &Weights::Affine { first, row_step, column_step } => {
            let mut start = i64::from(first) + row as i64 * i64::from(row_step);
            for entries in piece.chunks_exact_mut(count) {
                let mut address = start;
                for entry in entries {
                    *entry = per_call[address as usize];
                    address += i64::from(row_step);
                }
                start += i64::from(column_step);
            }
        }
    }
}

/// The rows of a block that a kernel takes together.
fn rows_together(set: InstructionSet) -> usize {
    shapes(set).0.0
}

/// The columns of an outer total that a kernel takes together.
fn columns_together(set: InstructionSet) -> usize {
    shapes(set).1.1
}

/// How much the kernels for blocks and for outer totals take together.
fn shapes(set: InstructionSet) -> ((usize, usize), (usize, usize)) {
    fn of<S: Set>() -> ((usize, usize), (usize, usize)) {
        (S::BLOCK, S::OUTER)
    }
    with_set!(set, S => of::<S>(), else of::<super::set::Portable>())
}

/// The distance of a vector from the first one; as many numbers of the call lie before that.
fn distance(numbers: usize, shape: Shape, address: u32) -> usize {
    let index = (address as usize).wrapping_sub(numbers);
    assert!(index < shape.vectors, "no vector of lanes at address {address}");
    index * shape.stride
}

/// Checks that weights which have moved so far are among so many numbers of the call.
fn check_corners(block: &Block, moved: u32, numbers: usize) {
    let (rows, columns) = (block.targets.len(), block.inputs.len());
    let &Weights::Affine { first, row_step, column_step } = &block.weights else { return };
    if rows * columns == 0 {
        return;
    }
    let row = (rows as i64 - 1) * i64::from(row_step);
    let column = (columns as i64 - 1) * i64::from(column_step);
    for corner in [0, row, column, row + column] {
        let address = i64::from(first.wrapping_add(moved)) + corner;
        let is_inside = (0..numbers as i64).contains(&address);
        assert!(is_inside, "no number of the call at address {address}");
    }
}

/// How a block is used.
#[derive(Debug, Clone, Copy, Default)]
struct Uses {
    /// In no loop.
    as_it_is: bool,
    weights_stay: bool,
    weights_move: bool,
}

/// How each block is used, in code that runs.
fn uses(program: &dyn Sampled) -> Vec<Uses> {
    let code = program.sample().code();
    let mut uses = vec![Uses::default(); code.blocks.len()];
    let mut next = 0;
    while let Some(instruction) = code.instructions.get(next) {
        let position = next;
        next += 1;
        match instruction.action {
            Action::Block => {
                let uses = &mut uses[instruction.x as usize];
                (uses.as_it_is, uses.weights_stay) = (true, true);
            }
            Action::Loop => {
                next += code.body(instruction.x, next).len();
                if code.blocks.is_empty() {
                    continue;
                }
                Nest::of(code, position, &mut Paths::default()).each(&mut |single, _| {
                    if single.instruction.action == Action::Block {
                        let uses = &mut uses[single.instruction.x as usize];
                        uses.weights_stay |= single.operands[1].stays();
                        uses.weights_move |= !single.operands[1].stays();
                    }
                });
            }
            _ => {}
        }
    }
    uses
}

fn prepare_block(
    program: &dyn Sampled,
    shape: Shape,
    block: &Block,
    packed: usize,
    uses: Uses,
) -> PreparedBlock {
    let (rows, columns) = (block.targets.len(), block.inputs.len());
    let numbers = program.layout().per_call as usize;
    let in_order = Matrix { packed: true, first: packed as isize, row_step: 0, column_step: 0 };
    let matrix = match &block.weights {
        // In loops that never run, which may lead anywhere.
        _ if !uses.weights_stay && !uses.weights_move => Matrix::default(),
        // A row is read from its start to its end: as good as packed.
        &Weights::Affine { first, row_step, column_step } => {
            if uses.weights_stay {
                check_corners(block, 0, numbers);
            }
            if uses.weights_move || column_step.abs() <= 1 {
                let (row_step, column_step) = (row_step as isize, column_step as isize);
                Matrix { packed: false, first: first as isize, row_step, column_step }
            } else {
                in_order
            }
        }
        Weights::Table(table) => {
            assert_eq!(table.len(), rows * columns, "the table of a block's weights");
            let is_inside = table.iter().all(|&address| (address as usize) < numbers);
            assert!(is_inside, "a block has a weight that is no number of the call");
            in_order
        }
    };
    // In loops, they are found as they are needed.
    let distances = |addresses: &[u32]| {
        let addresses = addresses.iter().filter(|_| uses.as_it_is);
        addresses.map(|&address| distance(numbers, shape, address)).collect()
    };
    PreparedBlock { inputs: distances(&block.inputs), targets: distances(&block.targets), matrix }
}

fn prepare_outer(program: &dyn Sampled, shape: Shape, outer: &Outer, most: usize) -> PreparedOuter {
    let (rows, columns) = (outer.rows.len(), outer.columns.len());
    let numbers = program.layout().per_call as usize;
    assert_eq!(outer.sums.len(), rows * columns, "the sums of an outer total");
    let sum = |row: usize, column: usize| {
        let address = outer.sums[row * columns + column];
        let index = (address as usize).wrapping_sub(program.layout().sums as usize);
        assert!(index < program.layout().sum_count as usize, "no sum at address {address}");
        index
    };
    let beside = |column: usize| (0..rows).all(|row| sum(row, column) == sum(row, column - 1) + 1);
    // Where runs start, and the end.
    let mut cuts: Vec<usize> = (0..columns).filter(|&c| c == 0 || !beside(c)).collect();
    let mut starts = Vec::with_capacity(cuts.len() * rows);
    let mut places = Vec::with_capacity(columns);
    starts.extend(cuts.iter().flat_map(|&cut| (0..rows).map(move |row| sum(row, cut))));
    cuts.push(columns);
    let mut all = Vec::with_capacity(columns);
    let mut stretch = 0;
    for (run, pair) in cuts.windows(2).enumerate() {
        let (first, end) = (pair[0], pair[1]);
        places.extend((0..end - first).map(|place| (run as u32, place as u32)));
        // Short runs make scattered pieces together with their neighbours.
        if end - first >= most {
            add_pieces(&mut all, stretch..first, most, false);
            add_pieces(&mut all, first..end, most, true);
            stretch = end;
        }
    }
    add_pieces(&mut all, stretch..columns, most, false);
    let distances = |addresses: &[u32]| {
        addresses.iter().map(|&address| distance(numbers, shape, address)).collect()
    };
    PreparedOuter {
        rows: distances(&outer.rows),
        columns: distances(&outer.columns),
        pieces: all,
        starts,
        places,
        sum_end: program.layout().sum_count as usize,
    }
}

fn add_pieces(all: &mut Vec<Columns>, range: Range<usize>, most: usize, beside: bool) {
    let whole = pieces(range.len(), most);
    all.extend(whole.map(|(start, count)| Columns { first: range.start + start, count, beside }));
}
