//! Dot products that share their left factors: a matrix of weights times the lanes of the inputs.
//!
//! A few rows times a few registers of lanes make a piece, whose sums stay in registers while the inputs run by: each
//! weight that is read serves all lanes, and each register of lanes all rows. Pieces of the same lanes follow each
//! other, so that the lanes of the inputs stay in the first cache while the weights stream through.

use super::prepare::{Matrix, PreparedBlock};
use super::vector::{Element, Set, Task, Vector, pieces};

/// Runs one block.
///
/// Safety of the task: `first` is good for reading the inputs and for writing the targets of the block, which are other
/// vectors, up to `lanes`, a multiple of [`Element::LINE`]; `weights` is good for reading what the matrix says.
pub(super) struct RunBlock<'a, E: Element> {
    pub(super) block: &'a PreparedBlock,
    pub(super) first: *mut E,
    pub(super) weights: *const E,
    pub(super) lanes: usize,
}

impl<E: Element> Task for RunBlock<'_, E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        let width = E::Vector::<S>::LANES;
        let (_, most) = S::BLOCK;
        for (start, count) in pieces(self.lanes / width, most) {
            // SAFETY: the caller vouches for everything.
            unsafe {
                match count {
                    1 => self.rows::<S, 1>(start * width),
                    2 if const { S::BLOCK.1 >= 2 } => self.rows::<S, 2>(start * width),
                    3 if const { S::BLOCK.1 >= 3 } => self.rows::<S, 3>(start * width),
                    _ => unreachable!("at most {most} registers are taken together"),
                }
            }
        }
    }
}

impl<E: Element> RunBlock<'_, E> {
    /// # Safety
    ///
    /// As for the task; `W` registers of lanes from `lane` on exist.
    #[inline(always)]
    unsafe fn rows<S: Set, const W: usize>(&self, lane: usize) {
        let (most, _) = S::BLOCK;
        for (row, count) in pieces(self.block.targets.len(), most) {
            let matrix = self.block.matrix.rows(row, count, self.block.inputs.len());
            let targets = &self.block.targets[row..row + count];
            // SAFETY: the caller vouches for everything; no set takes more than eight rows together.
            unsafe {
                match count {
                    1 => self.piece::<E::Vector<S>, 1, W>(lane, matrix, targets),
                    2 => self.piece::<E::Vector<S>, 2, W>(lane, matrix, targets),
                    3 => self.piece::<E::Vector<S>, 3, W>(lane, matrix, targets),
                    4 => self.piece::<E::Vector<S>, 4, W>(lane, matrix, targets),
                    5 if const { S::BLOCK.0 >= 5 } => {
                        self.piece::<E::Vector<S>, 5, W>(lane, matrix, targets);
                    }
                    6 if const { S::BLOCK.0 >= 6 } => {
                        self.piece::<E::Vector<S>, 6, W>(lane, matrix, targets);
                    }
                    7 if const { S::BLOCK.0 >= 7 } => {
                        self.piece::<E::Vector<S>, 7, W>(lane, matrix, targets);
                    }
                    8 if const { S::BLOCK.0 >= 8 } => {
                        self.piece::<E::Vector<S>, 8, W>(lane, matrix, targets);
                    }
                    _ => unreachable!("at most {most} rows are taken together"),
                }
            }
        }
    }

    /// # Safety
    ///
    /// As for the task; `W` registers of lanes from `lane` on exist, and `targets` has `R` entries.
    #[inline(always)]
    unsafe fn piece<V: Vector<Element = E>, const R: usize, const W: usize>(
        &self,
        lane: usize,
        matrix: Matrix,
        targets: &[usize],
    ) {
        // SAFETY: the caller vouches for instructions, lanes and weights. `wrapping_offset` may leave the weights after
        // the last one, where nothing is read.
        unsafe {
            let lanes = self.first.add(lane);
            let mut sums = [[V::splat(E::ZERO); W]; R];
            let mut rows = [self.weights; R];
            for r in 0..R {
                let distance = matrix.first + r as isize * matrix.row_step;
                rows[r] = self.weights.wrapping_offset(distance);
            }
            let mut column = 0;
            let mut inputs = self.block.inputs.iter();
            if let Some(&input) = inputs.next() {
                let x = load::<V, W>(lanes.add(input));
                for r in 0..R {
                    let weight = V::splat(*rows[r]);
                    for w in 0..W {
                        sums[r][w] = x[w].multiply(weight);
                    }
                }
            }
            for &input in inputs {
                column += matrix.column_step;
                let x = load::<V, W>(lanes.add(input));
                for r in 0..R {
                    let weight = V::splat(*rows[r].offset(column));
                    for w in 0..W {
                        sums[r][w] = x[w].fused(weight, sums[r][w]);
                    }
                }
            }
            // Loops with constant bounds and steps of 1 are unrolled early: an array with an index that is known late is
            // kept in memory, and each sum is then stored in each step of the kernel.
            for r in 0..R {
                for w in 0..W {
                    sums[r][w].store(lanes.add(*targets.get_unchecked(r) + w * V::LANES));
                }
            }
        }
    }
}

/// `W` registers of lanes.
///
/// # Safety
///
/// The processor must have the vector's instructions, and the lanes must exist.
#[inline(always)]
unsafe fn load<V: Vector, const W: usize>(first: *const V::Element) -> [V; W] {
    // SAFETY: the caller vouches for it.
    unsafe {
        let mut x = [V::splat(V::Element::ZERO); W];
        for w in 0..W {
            x[w] = V::load(first.add(w * V::LANES));
        }
        x
    }
}
