//! Small dense matrices: symmetric ones, their eigenvalues and inverses.

/// A square matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Square {
    width: usize,
    numbers: Vec<f64>,
}

impl Square {
    /// Zeros.
    pub(crate) fn new(width: usize) -> Square {
        Square { width, numbers: vec![0.0; width * width] }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.numbers[row * self.width + column]
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, number: f64) {
        self.numbers[row * self.width + column] = number;
    }

    /// Entries from a function of row and column.
    pub(crate) fn from_fn(width: usize, entry: impl Fn(usize, usize) -> f64) -> Square {
        let numbers = (0..width * width).map(|k| entry(k / width, k % width)).collect();
        Square { width, numbers }
    }

    /// The mean with its transpose: what rounding made of a symmetric matrix.
    pub(crate) fn symmetric(&self) -> Square {
        let mean = |row, column| (self.at(row, column) + self.at(column, row)) / 2.0;
        Square::from_fn(self.width, mean)
    }

    /// The rows and columns of these places.
    pub(crate) fn part(&self, places: &[usize]) -> Square {
        Square::from_fn(places.len(), |row, column| self.at(places[row], places[column]))
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.numbers.iter().all(|number| number.is_finite())
    }

    /// Eigenvalues, and for each its vector of length 1, of a symmetric matrix: Jacobi's rotations (Golub and Van Loan,
    /// Matrix Computations, 8.5).
    pub(crate) fn eigen(&self) -> Vec<(f64, Vec<f64>)> {
        const MOST_SWEEPS: usize = 60;
        let width = self.width;
        let mut a = self.clone();
        let mut vectors = Square::from_fn(width, |row, column| f64::from(row == column));
        for _ in 0..MOST_SWEEPS {
            let mut is_done = true;
            for p in 0..width {
                for q in p + 1..width {
                    let off = a.at(p, q);
                    let (one, other) = (a.at(p, p), a.at(q, q));
                    if off.abs() <= f64::EPSILON / 4.0 * (one.abs() * other.abs()).sqrt()
                        || off.abs() < f64::MIN_POSITIVE
                    {
                        continue;
                    }
                    is_done = false;
                    let tau = (other - one) / (2.0 * off);
                    let tangent = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
                    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
                    let sine = tangent * cosine;
                    for k in 0..width {
                        let (x, y) = (a.at(k, p), a.at(k, q));
                        a.set(k, p, cosine * x - sine * y);
                        a.set(k, q, sine * x + cosine * y);
                    }
                    for k in 0..width {
                        let (x, y) = (a.at(p, k), a.at(q, k));
                        a.set(p, k, cosine * x - sine * y);
                        a.set(q, k, sine * x + cosine * y);
                        let (x, y) = (vectors.at(k, p), vectors.at(k, q));
                        vectors.set(k, p, cosine * x - sine * y);
                        vectors.set(k, q, sine * x + cosine * y);
                    }
                }
            }
            if is_done {
                break;
            }
        }
        let vector = |column: usize| (0..width).map(|row| vectors.at(row, column)).collect();
        (0..width).map(|place| (a.at(place, place), vector(place))).collect()
    }
}

/// `Σ xₖ yₖ`.
pub(crate) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::{Square, dot};

    #[test]
    fn eigenvectors_are_turned_into_multiples_of_themselves() {
        for width in 1..7 {
            let matrix = Square::from_fn(width, |row, column| {
                ((row + 1) * (column + 1)) as f64 % 5.0 - 2.0 + f64::from(row == column)
            });
            let eigen = matrix.eigen();
            let trace: f64 = (0..width).map(|place| matrix.at(place, place)).sum();
            assert!((eigen.iter().map(|(value, _)| value).sum::<f64>() - trace).abs() < 1e-13);
            for (value, vector) in &eigen {
                assert!((dot(vector, vector) - 1.0).abs() < 1e-13);
                for row in 0..width {
                    let line: Vec<f64> = (0..width).map(|column| matrix.at(row, column)).collect();
                    assert!((dot(&line, vector) - value * vector[row]).abs() < 1e-12, "{matrix:?}");
                }
            }
        }
    }
}
