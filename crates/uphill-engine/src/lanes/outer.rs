//! Sums over samples: totals, and the outer products of the sensitivities and activations that are a layer's gradient.
//!
//! A sum has as many partial sums as a cache line has numbers: sample `s` of the tile adds to partial `s mod LINE`. Where
//! a register has half as many lanes, it goes over the tile twice. In the end the upper half of the partial sums is
//! added to the lower half, and so on, which is the tile's total, and this is added to the running sum in `f64`.
//!
//! For `f64` these are eight partial sums, for `f32` sixteen, whose total is rounded to `f32` at each step.

use super::prepare::{Columns, PreparedOuter};
use super::vector::{Element, Set, Task, Vector, pieces};

/// Bytes of the rows that stay in the first cache while the columns pass by.
const PANEL: usize = 16 << 10;

/// Runs one outer total.
///
/// Safety of the task: `first` is good for reading the rows and columns up to `lanes`, a multiple of [`Element::LINE`].
pub(super) struct RunOuter<'a, E: Element> {
    pub(super) outer: &'a PreparedOuter,
    pub(super) first: *const E,
    pub(super) totals: &'a mut [f64],
    pub(super) lanes: usize,
}

impl<E: Element> Task for RunOuter<'_, E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(mut self) {
        assert!(self.outer.sum_end <= self.totals.len(), "another program's sums");
        let (outer, rows) = (self.outer, self.outer.rows.len());
        let (most_rows, _) = S::OUTER;
        // Whole pieces, so that few of them have fewer rows than registers allow.
        let fit = PANEL / (self.lanes * size_of::<E>()) / most_rows;
        let panel = fit.max(1) * most_rows;
        for first in (0..rows).step_by(panel) {
            for &columns in &outer.pieces {
                for (row, rows) in pieces(panel.min(rows - first), most_rows) {
                    let row = first + row;
                    // SAFETY: the caller vouches for everything; no set takes more than four rows together.
                    unsafe {
                        match rows {
                            1 => self.columns::<S, 1>(row, columns),
                            2 => self.columns::<S, 2>(row, columns),
                            3 if const { S::OUTER.0 >= 3 } => self.columns::<S, 3>(row, columns),
                            4 if const { S::OUTER.0 >= 4 } => self.columns::<S, 4>(row, columns),
                            _ => unreachable!("at most {most_rows} rows are taken together"),
                        }
                    }
                }
            }
        }
    }
}

impl<E: Element> RunOuter<'_, E> {
    /// # Safety
    ///
    /// As for the task; there are `R` rows from `row` on, and the columns are a piece of the outer total.
    #[inline(always)]
    unsafe fn columns<S: Set, const R: usize>(&mut self, row: usize, columns: Columns) {
        let (_, most) = S::OUTER;
        // SAFETY: the caller vouches for everything; no set takes more than six columns together.
        unsafe {
            match columns.count {
                1 => self.piece::<E::Vector<S>, R, 1>(row, columns),
                2 => self.piece::<E::Vector<S>, R, 2>(row, columns),
                3 if const { S::OUTER.1 >= 3 } => self.piece::<E::Vector<S>, R, 3>(row, columns),
                4 if const { S::OUTER.1 >= 4 } => self.piece::<E::Vector<S>, R, 4>(row, columns),
                5 if const { S::OUTER.1 >= 5 } => self.piece::<E::Vector<S>, R, 5>(row, columns),
                6 if const { S::OUTER.1 >= 6 } => self.piece::<E::Vector<S>, R, 6>(row, columns),
                _ => unreachable!("at most {most} columns are taken together"),
            }
        }
    }

    /// # Safety
    ///
    /// As for the task; there are `R` rows from `row` on, and the columns are a piece of `C`.
    #[inline(always)]
    unsafe fn piece<V: Vector<Element = E>, const R: usize, const C: usize>(
        &mut self,
        row: usize,
        columns: Columns,
    ) {
        let column = columns.first;
        // SAFETY: the caller vouches for everything.
        let totals = unsafe { self.kernel::<V, R, C>(row, column) };
        for r in 0..R {
            if columns.beside {
                let start = self.outer.sum(row + r, column);
                // SAFETY: preparing checked that there are `C` sums from here on, and running that there are all.
                let sums = unsafe { self.totals.get_unchecked_mut(start..start + C) };
                for c in 0..C {
                    sums[c] += totals[r][c];
                }
            } else {
                for c in 0..C {
                    self.totals[self.outer.sum(row + r, column + c)] += totals[r][c];
                }
            }
        }
    }

    /// The totals of this tile.
    ///
    /// # Safety
    ///
    /// As for [`RunOuter::piece`].
    #[inline(always)]
    unsafe fn kernel<V: Vector<Element = E>, const R: usize, const C: usize>(
        &self,
        row: usize,
        column: usize,
    ) -> [[f64; C]; R] {
        // SAFETY: the caller vouches for instructions, rows, columns and lanes.
        unsafe {
            let mut rows = [self.first; R];
            for r in 0..R {
                rows[r] = self.first.add(*self.outer.rows.get_unchecked(row + r));
            }
            let mut columns = [self.first; C];
            for c in 0..C {
                columns[c] = self.first.add(*self.outer.columns.get_unchecked(column + c));
            }
            let mut sums = partial::<V, R, C>(rows, columns, 0, self.lanes);
            if V::LANES < E::LINE {
                // Volatile: the compiler would keep some of these in registers, and spill those of the second half, in
                // each step.
                let mut kept = sums;
                for r in 0..R {
                    for c in 0..C {
                        (&raw mut kept[r][c]).write_volatile(sums[r][c]);
                    }
                }
                sums = partial::<V, R, C>(rows, columns, V::LANES, self.lanes);
                for r in 0..R {
                    for c in 0..C {
                        sums[r][c] = (&raw const kept[r][c]).read_volatile().add(sums[r][c]);
                    }
                }
            }
            let zero = V::splat(E::ZERO);
            let mut totals = [[0.0; C]; R];
            // Constant bounds and steps of 1, which are unrolled early: then all sums stay in registers.
            for group in 0..(R * C).div_ceil(8) {
                let mut eight = [zero; 8];
                for k in 0..8 {
                    if 8 * group + k < R * C {
                        eight[k] = sums[(8 * group + k) / C][(8 * group + k) % C];
                    }
                }
                let eight = V::totals(eight);
                for k in 0..8 {
                    if 8 * group + k < R * C {
                        totals[(8 * group + k) / C][(8 * group + k) % C] = eight[k];
                    }
                }
            }
            totals
        }
    }
}

/// The sums of the products of rows and columns: of each line of lanes one register, `part` numbers after its start.
///
/// # Safety
///
/// The processor must have the vector's instructions, and rows and columns must have so many lanes.
#[inline(always)]
unsafe fn partial<V: Vector, const R: usize, const C: usize>(
    rows: [*const V::Element; R],
    columns: [*const V::Element; C],
    part: usize,
    lanes: usize,
) -> [[V; C]; R] {
    // SAFETY: the caller vouches for instructions and lanes.
    unsafe {
        let zero = V::splat(V::Element::ZERO);
        let mut sums = [[zero; C]; R];
        let mut lane = part;
        while lane < lanes {
            let mut x = [zero; R];
            for r in 0..R {
                x[r] = V::load(rows[r].add(lane));
            }
            for c in 0..C {
                let y = V::load(columns[c].add(lane));
                for r in 0..R {
                    sums[r][c] = x[r].fused(y, sums[r][c]);
                }
            }
            lane += V::Element::LINE;
        }
        sums
    }
}
