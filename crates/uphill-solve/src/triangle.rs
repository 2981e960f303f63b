//! Least squares in bounded memory: rows are folded into a triangle by Householder reflections as they come.
//!
//! With J the rows and r their right sides, `[J r] = Q·[R z; 0 rho]`; the triangle keeps R, z and rho alone. No normal
//! equations are formed, so the condition of J is not squared (Golub and Van Loan, Matrix Computations, 5.2 and 6.5.2).

use uphill_graph::Scalar;

use crate::dense::Square;

/// √(a² + b²) without overflow, the same bits on every machine, which the system's library doesn't promise.
fn hypot(a: f64, b: f64) -> f64 {
    Scalar::hypot(a, b)
}

/// A column that adds less than this part of itself to those before it adds nothing but rounding.
const LEAST: f64 = 1e-14;

/// What rows of `width` numbers, and a right side each, come down to.
#[derive(Debug, Clone)]
pub(crate) struct Triangle {
    width: usize,
    /// `[R z; 0 rho]`, row by row.
    numbers: Vec<f64>,
}

impl Triangle {
    pub(crate) fn new(width: usize) -> Triangle {
        Triangle { width, numbers: vec![0.0; (width + 1) * (width + 1)] }
    }

    /// With these numbers, row by row.
    pub(crate) fn of(width: usize, numbers: Vec<f64>) -> Triangle {
        Triangle { width, numbers }
    }

    /// Its numbers, row by row.
    pub(crate) fn into_numbers(self) -> Vec<f64> {
        self.numbers
    }

    /// Its columns, the right sides last.
    pub(crate) fn columns(&self) -> Vec<Vec<f64>> {
        let column = |k: usize| (0..=self.width).map(|row| self.entry(row, k)).collect();
        (0..=self.width).map(column).collect()
    }

    /// Entry of R; column `width` is z.
    pub(crate) fn entry(&self, row: usize, column: usize) -> f64 {
        self.numbers[row * (self.width + 1) + column]
    }

    /// `‖r‖` beyond what the columns explain.
    pub(crate) fn rest(&self) -> f64 {
        self.entry(self.width, self.width).abs()
    }

    /// The length of z: the part of r that lies in the span of the columns.
    pub(crate) fn explained(&self) -> f64 {
        (0..self.width).fold(0.0, |length: f64, row| hypot(length, self.entry(row, self.width)))
    }

    /// The length of a column of J.
    pub(crate) fn length(&self, column: usize) -> f64 {
        (0..=column).fold(0.0, |length: f64, row| hypot(length, self.entry(row, column)))
    }

    /// Whether all numbers are finite.
    pub(crate) fn is_finite(&self) -> bool {
        self.numbers.iter().all(|number| number.is_finite())
    }

    /// Folds rows in, given as columns of equal length, the right sides last. The columns are used up.
    pub(crate) fn absorb(&mut self, columns: &mut [Vec<f64>]) {
        let side = self.width + 1;
        for k in 0..side {
            let (own, others) = columns[k..].split_at_mut(1);
            let vector = &mut own[0];
            let alpha = self.numbers[k * side + k];
            let largest = vector.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            if largest == 0.0 {
                // The maximum passes over NaN, which is no 0.
                if vector.iter().any(|x| x.is_nan()) {
                    self.numbers[k * side + k] = f64::NAN;
                }
                continue;
            }
            // Scaled, so that squares neither overflow nor vanish.
            let below = vector.iter().map(|x| (x / largest) * (x / largest)).sum::<f64>();
            let alpha_scaled = alpha / largest;
            let length = (alpha_scaled * alpha_scaled + below).sqrt();
            let first =
                if alpha <= 0.0 { alpha_scaled - length } else { -below / (alpha_scaled + length) };
            let factor = 2.0 * first * first / (below + first * first);
            vector.iter_mut().for_each(|x| *x = *x / largest / first);
            self.numbers[k * side + k] = length * largest;
            for (j, column) in (k + 1..side).zip(others) {
                let along = vector.iter().zip(column.iter()).map(|(v, x)| v * x).sum::<f64>();
                let change = factor * (self.numbers[k * side + j] + along);
                self.numbers[k * side + j] -= change;
                column.iter_mut().zip(vector.iter()).for_each(|(x, v)| *x -= change * v);
            }
        }
    }

    /// The triangle of some of the columns, with a weight on each unknown: rows `weight_j·s_j = 0` added.
    pub(crate) fn damped(&self, chosen: &[usize], weights: Option<&[f64]>) -> Triangle {
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(chosen.len() + 1);
        for &column in chosen.iter().chain([&self.width]) {
            columns.push((0..=self.width).map(|row| self.entry(row, column)).collect());
        }
        let mut triangle = Triangle::new(chosen.len());
        triangle.absorb(&mut columns);
        if let Some(weights) = weights {
            let mut columns = vec![vec![0.0; chosen.len()]; chosen.len() + 1];
            for (place, weight) in weights.iter().enumerate() {
                columns[place][place] = *weight;
            }
            triangle.absorb(&mut columns);
        }
        triangle
    }

    /// The s with least `‖J·s + r‖`; 0 for unknowns that add nothing, at the precision of numbers, to those before.
    pub(crate) fn step(&self) -> Vec<f64> {
        let mut step = vec![0.0; self.width];
        for row in (0..self.width).rev() {
            let known: f64 = (row + 1..self.width).map(|j| self.entry(row, j) * step[j]).sum();
            let pivot = self.entry(row, row);
            if pivot.abs() > LEAST * self.length(row) {
                step[row] = (-self.entry(row, self.width) - known) / pivot;
            }
        }
        step
    }

    /// By how much the squares of `J·s + r` are less than those of r.
    pub(crate) fn reduction(&self, step: &[f64]) -> f64 {
        let mut reduction = 0.0;
        for row in 0..self.width {
            let moved: f64 = (row..self.width).map(|j| self.entry(row, j) * step[j]).sum();
            reduction -= moved * (moved + 2.0 * self.entry(row, self.width));
        }
        reduction
    }

    /// For each column that adds nothing, at the precision of numbers, to those before it: the mix of columns that comes
    /// to nothing, with 1 for the column itself.
    pub(crate) fn idle(&self) -> Vec<Vec<f64>> {
        let adds = |column: usize| self.entry(column, column).abs() > LEAST * self.length(column);
        let mut ways = Vec::new();
        for column in (0..self.width).filter(|&column| !adds(column)) {
            let mut way = vec![0.0; self.width];
            way[column] = 1.0;
            for row in (0..column).rev().filter(|&row| adds(row)) {
                let known: f64 = (row + 1..=column).map(|j| self.entry(row, j) * way[j]).sum();
                way[row] = -known / self.entry(row, row);
            }
            ways.push(way);
        }
        ways
    }

    /// `(JᵀJ)⁻¹`. None if a column adds nothing, at the precision of numbers, to those before it.
    pub(crate) fn inverse_square(&self) -> Option<Square> {
        let inverse = self.inverse()?;
        let width = self.width;
        let entry = |row: usize, column: usize| {
            (row.max(column)..width).map(|k| inverse.at(row, k) * inverse.at(column, k)).sum()
        };
        let square = Square::from_fn(width, entry);
        square.is_finite().then_some(square)
    }

    /// R⁻¹. None if a column adds nothing, at the precision of numbers, to those before it.
    fn inverse(&self) -> Option<Square> {
        let mut inverse = Square::new(self.width);
        for column in 0..self.width {
            if self.entry(column, column).abs() <= LEAST * self.length(column) {
                return None;
            }
            // By back substitution.
            for row in (0..=column).rev() {
                let known: f64 =
                    (row + 1..=column).map(|j| self.entry(row, j) * inverse.at(j, column)).sum();
                let unit = if row == column { 1.0 } else { 0.0 };
                inverse.set(row, column, (unit - known) / self.entry(row, row));
            }
        }
        Some(inverse)
    }

    /// The lengths of the rows of R⁻¹: the roots of the diagonal of `(JᵀJ)⁻¹`. None if a column adds nothing, at the
    /// precision of numbers, to those before it.
    pub(crate) fn inverse_lengths(&self) -> Option<Vec<f64>> {
        let inverse = self.inverse()?;
        let length = |row: usize| {
            (row..self.width).fold(0.0, |length: f64, k| hypot(length, inverse.at(row, k)))
        };
        let lengths: Vec<f64> = (0..self.width).map(length).collect();
        lengths.iter().all(|x| x.is_finite()).then_some(lengths)
    }
}

#[cfg(test)]
mod tests {
    use super::Triangle;

    /// A line through five points, folded in by pieces: least squares by hand.
    #[test]
    fn a_line_through_points() {
        let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 4.0), (3.0, 8.0), (4.0, 9.0)];
        for piece in [1, 2, 5] {
            let mut triangle = Triangle::new(2);
            for points in points.chunks(piece) {
                let column = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).collect::<Vec<_>>();
                triangle.absorb(&mut [column(|_| 1.0), column(|p| p.0), column(|p| -p.1)]);
            }
            let line = triangle.step();
            // By the normal equations: slope 21/10, intercept 5 - 2·2.1.
            assert!((line[0] - 0.8).abs() < 1e-14 && (line[1] - 2.1).abs() < 1e-14, "{line:?}");
            let squares: f64 = points.iter().map(|(x, y)| (0.8 + 2.1 * x - y).powi(2)).sum();
            assert!((triangle.rest() - squares.sqrt()).abs() < 1e-14);
            let total: f64 = points.iter().map(|(_, y)| y * y).sum();
            assert!((triangle.reduction(&line) - (total - squares)).abs() < 1e-12);
            // (JᵀJ)⁻¹ = [30 -10; -10 5]/50.
            let lengths = triangle.inverse_lengths().unwrap();
            assert!((lengths[0] - (0.6_f64).sqrt()).abs() < 1e-14);
            assert!((lengths[1] - (0.1_f64).sqrt()).abs() < 1e-14);
            // Of the second column alone.
            let slope = triangle.damped(&[1], None).step();
            assert!((slope[0] - 71.0 / 30.0).abs() < 1e-14, "{slope:?}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_not_lost() {
        for column in 0..3 {
            let mut columns = [vec![1.0, 2.0], vec![2.0, 5.0], vec![1.0, 0.0]];
            columns[column] = vec![f64::NAN; 2];
            let mut triangle = Triangle::new(2);
            triangle.absorb(&mut columns);
            assert!(!triangle.is_finite(), "{triangle:?}");
        }
    }

    #[test]
    fn a_column_twice_is_noticed() {
        let mut triangle = Triangle::new(2);
        triangle.absorb(&mut [vec![1.0, 2.0, 3.0], vec![2.0, 4.0, 6.0], vec![1.0, 0.0, 1.0]]);
        assert_eq!(triangle.inverse_lengths(), None);
        let damped = triangle.damped(&[0, 1], Some(&[0.1, 0.1]));
        assert!(damped.step().iter().all(|s| s.is_finite()));
    }
}
