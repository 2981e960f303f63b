//! Sums over samples: totals, and the outer products of the sensitivities and activations that are a layer's gradient.
//!
//! A sum has as many partial sums as a cache line has numbers: sample `s` of the tile adds to partial `s mod LINE`. Where
//! a register has half as many lanes, it goes over the tile twice. In the end the upper half of the partial sums is
//! added to the lower half, and so on, which is the tile's total, and this is added to the running sum in `f64`.
//!
//! For `f64` these are eight partial sums, for `f32` sixteen, whose total is rounded to `f32` at each step.

use super::block::pieces;
use super::element::Element;
use super::prepare::PreparedOuter;
use super::set::{Set, Task};
use super::vector::Vector;

/// Bytes of the rows that stay in the first cache while the columns pass by.
const PANEL: usize = 16 << 10;

/// Adds up one vector.
///
/// Safety of the task: `x` is good for reading `lanes` numbers, a multiple of [`Element::LINE`].
pub(super) struct Total<E> {
    pub(super) x: *const E,
    pub(super) lanes: usize,
}

impl<E: Element> Task for Total<E> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<S: Set>(self) -> f64 {
        // SAFETY: the caller vouches for instructions and lanes.
        unsafe {
            let zero = E::Vector::<S>::splat(E::ZERO);
            let mut sum = zero;
            for part in (0..E::LINE).step_by(E::Vector::<S>::LANES) {
                let mut partial = zero;
                for lane in (part..self.lanes).step_by(E::LINE) {
                    partial = partial.add(E::Vector::<S>::load(self.x.add(lane)));
                }
                sum = if part == 0 { partial } else { sum.add(partial) };
            }
            E::Vector::<S>::totals([sum, zero, zero, zero])[0]
        }
    }
}

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
        let (rows, columns) = (self.outer.rows.len(), self.outer.columns.len());
        let (most_rows, most_columns) = S::OUTER;
        let panel = (PANEL / (self.lanes * size_of::<E>())).max(most_rows);
        for (panel_start, panel_rows) in pieces(rows, panel) {
            for (column, column_count) in pieces(columns, most_columns) {
                for (row, row_count) in pieces(panel_rows, most_rows) {
                    // SAFETY: the caller vouches for everything; no set takes more than four together.
                    unsafe {
                        let place = (panel_start + row, column);
                        match (row_count, column_count) {
                            (1, 1) if const { fits::<S>(1, 1) } => {
                                self.piece::<E::Vector<S>, 1, 1>(place);
                            }
                            (1, 2) if const { fits::<S>(1, 2) } => {
                                self.piece::<E::Vector<S>, 1, 2>(place);
                            }
                            (1, 3) if const { fits::<S>(1, 3) } => {
                                self.piece::<E::Vector<S>, 1, 3>(place);
                            }
                            (1, 4) if const { fits::<S>(1, 4) } => {
                                self.piece::<E::Vector<S>, 1, 4>(place);
                            }
                            (2, 1) if const { fits::<S>(2, 1) } => {
                                self.piece::<E::Vector<S>, 2, 1>(place);
                            }
                            (2, 2) if const { fits::<S>(2, 2) } => {
                                self.piece::<E::Vector<S>, 2, 2>(place);
                            }
                            (2, 3) if const { fits::<S>(2, 3) } => {
                                self.piece::<E::Vector<S>, 2, 3>(place);
                            }
                            (2, 4) if const { fits::<S>(2, 4) } => {
                                self.piece::<E::Vector<S>, 2, 4>(place);
                            }
                            (3, 1) if const { fits::<S>(3, 1) } => {
                                self.piece::<E::Vector<S>, 3, 1>(place);
                            }
                            (3, 2) if const { fits::<S>(3, 2) } => {
                                self.piece::<E::Vector<S>, 3, 2>(place);
                            }
                            (3, 3) if const { fits::<S>(3, 3) } => {
                                self.piece::<E::Vector<S>, 3, 3>(place);
                            }
                            (3, 4) if const { fits::<S>(3, 4) } => {
                                self.piece::<E::Vector<S>, 3, 4>(place);
                            }
                            (4, 1) if const { fits::<S>(4, 1) } => {
                                self.piece::<E::Vector<S>, 4, 1>(place);
                            }
                            (4, 2) if const { fits::<S>(4, 2) } => {
                                self.piece::<E::Vector<S>, 4, 2>(place);
                            }
                            (4, 3) if const { fits::<S>(4, 3) } => {
                                self.piece::<E::Vector<S>, 4, 3>(place);
                            }
                            (4, 4) if const { fits::<S>(4, 4) } => {
                                self.piece::<E::Vector<S>, 4, 4>(place);
                            }
                            _ => unreachable!("at most {most_rows} times {most_columns}"),
                        }
                    }
                }
            }
        }
    }
}

/// Whether the set takes so many rows and columns together.
const fn fits<S: Set>(rows: usize, columns: usize) -> bool {
    rows <= S::OUTER.0 && columns <= S::OUTER.1
}

impl<E: Element> RunOuter<'_, E> {
    /// # Safety
    ///
    /// As for the task; there are `R` rows and `C` columns from `place` on.
    #[inline(always)]
    unsafe fn piece<V: Vector<Element = E>, const R: usize, const C: usize>(
        &mut self,
        place: (usize, usize),
    ) {
        let (row, column) = place;
        // SAFETY: the caller vouches for everything.
        let mut totals = unsafe { self.kernel::<V, R, C, false>(row, column) };
        // As for blocks: strong products differ from plain ones only where the plain sum is NaN.
        if self.outer.strong && totals.as_flattened().iter().any(|total| total.is_nan()) {
            // SAFETY: as above.
            totals = unsafe { self.kernel::<V, R, C, true>(row, column) };
        }
        for (r, four) in totals.iter().enumerate() {
            let sums = self.outer.sums(row + r, column, C);
            match sums {
                Ok(start) => {
                    for (sum, total) in self.totals[start..start + C].iter_mut().zip(four) {
                        *sum += total;
                    }
                }
                Err(scattered) => {
                    for (&sum, total) in scattered.iter().zip(four) {
                        self.totals[sum] += total;
                    }
                }
            }
        }
    }

    /// The totals of this tile, four a row.
    ///
    /// # Safety
    ///
    /// As for [`RunOuter::piece`].
    #[inline(always)]
    unsafe fn kernel<V: Vector<Element = E>, const R: usize, const C: usize, const STRONG: bool>(
        &self,
        row: usize,
        column: usize,
    ) -> [[f64; 4]; R] {
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
            let zero = V::splat(E::ZERO);
            let mut sums = [[zero; 4]; R];
            let mut part = 0;
            while part < E::LINE {
                let mut partial = [[zero; C]; R];
                let mut lane = part;
                while lane < self.lanes {
                    let mut x = [zero; R];
                    for r in 0..R {
                        x[r] = V::load(rows[r].add(lane));
                    }
                    for c in 0..C {
                        let y = V::load(columns[c].add(lane));
                        for r in 0..R {
                            partial[r][c] = if STRONG {
                                x[r].strong_fused(y, partial[r][c])
                            } else {
                                x[r].fused(y, partial[r][c])
                            };
                        }
                    }
                    lane += E::LINE;
                }
                for r in 0..R {
                    for c in 0..C {
                        sums[r][c] =
                            if part == 0 { partial[r][c] } else { sums[r][c].add(partial[r][c]) };
                    }
                }
                part += V::LANES;
            }
            let mut totals = [[0.0; 4]; R];
            for r in 0..R {
                totals[r] = V::totals(sums[r]);
            }
            totals
        }
    }
}
