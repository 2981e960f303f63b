//! Sparse symmetric matrices as L·D·Lᵀ, ordered so that L stays sparse; the signs of D tell how many eigenvalues are
//! negative (Sylvester's law of inertia).
//!
//! L is computed row by row along the elimination tree (Davis, *Direct Methods for Sparse Linear Systems*, 2006, chapter
//! 4). There is no pivoting: matrices of interior-point methods are made quasi-definite, for which any order will do
//! (Vanderbei 1995), and what rounding spoils is mended by refinement, or told as a pivot that can't be used.

/// Places of a symmetric matrix, ordered once, and the numbers of its factors.
#[derive(Debug)]
pub(crate) struct Ldlt {
    /// The row of the matrix that is eliminated k-th.
    order: Vec<usize>,
    /// Columns of the ordered upper triangle.
    starts: Vec<usize>,
    rows: Vec<usize>,
    /// For each entry as it was given, its place in the ordered triangle.
    slots: Vec<usize>,
    parent: Vec<usize>,
    l_starts: Vec<usize>,
    l_rows: Vec<usize>,
    l_values: Vec<f64>,
    d: Vec<f64>,
    // Memory of a run.
    numbers: Vec<f64>,
    row: Vec<f64>,
    seen: Vec<usize>,
    path: Vec<usize>,
    filled: Vec<usize>,
}

const NONE: usize = usize::MAX;

impl Ldlt {
    /// The places of a matrix of this size: each entry's row and column, in one triangle or the other; numbers of entries at
    /// the same place are added up. All of the diagonal has to be there.
    pub(crate) fn new(size: usize, entries: &[(usize, usize)]) -> Ldlt {
        let order = ordered(size, entries);
        let mut position = vec![0; size];
        for (now, &row) in order.iter().enumerate() {
            position[row] = now;
        }
        let placed = |&(row, column): &(usize, usize)| {
            let (a, b) = (position[row], position[column]);
            (a.max(b), a.min(b))
        };
        let (starts, rows) = columns(size, entries.iter().map(placed));
        let slot = |entry| {
            let (column, row) = placed(entry);
            let first = starts[column];
            first + rows[first..starts[column + 1]].partition_point(|&other| other < row)
        };
        let slots = entries.iter().map(slot).collect();
        let (parent, l_starts) = tree(size, &starts, &rows);
        let filled = l_starts[size];
        Ldlt {
            order,
            numbers: vec![0.0; rows.len()],
            starts,
            rows,
            slots,
            parent,
            l_rows: vec![0; filled],
            l_values: vec![0.0; filled],
            l_starts,
            d: vec![0.0; size],
            row: vec![0.0; size],
            seen: vec![NONE; size],
            path: vec![0; size],
            filled: vec![0; size],
        }
    }

    /// Factors the matrix with these numbers, one an entry as they were given: how many eigenvalues are negative, or nothing
    /// if a pivot is 0 or not finite.
    pub(crate) fn factorise(&mut self, values: &[f64]) -> Option<usize> {
        self.numbers.fill(0.0);
        for (&slot, value) in self.slots.iter().zip(values) {
            self.numbers[slot] += value;
        }
        self.seen.fill(NONE);
        self.filled.copy_from_slice(&self.l_starts[..self.d.len()]);
        let mut negative = 0;
        for k in 0..self.d.len() {
            let mut top = self.reach(k);
            let mut pivot = std::mem::take(&mut self.row[k]);
            while top < self.d.len() {
                let i = self.path[top];
                top += 1;
                let above = std::mem::take(&mut self.row[i]);
                let column = self.l_starts[i]..self.filled[i];
                for (&row, value) in self.l_rows[column.clone()].iter().zip(&self.l_values[column])
                {
                    self.row[row] -= value * above;
                }
                let entry = above / self.d[i];
                pivot -= entry * above;
                let slot = self.filled[i];
                (self.l_rows[slot], self.l_values[slot]) = (k, entry);
                self.filled[i] = slot + 1;
            }
            if pivot == 0.0 || !pivot.is_finite() {
                self.row.fill(0.0);
                return None;
            }
            negative += usize::from(pivot < 0.0);
            self.d[k] = pivot;
        }
        Some(negative)
    }

    /// Scatters a column of the matrix, and finds which columns of L its row reaches: the end of `path`, in order.
    fn reach(&mut self, k: usize) -> usize {
        let mut top = self.d.len();
        self.seen[k] = k;
        for at in self.starts[k]..self.starts[k + 1] {
            let mut i = self.rows[at];
            self.row[i] += self.numbers[at];
            let mut length = 0;
            while self.seen[i] != k {
                self.path[length] = i;
                length += 1;
                self.seen[i] = k;
                i = self.parent[i];
            }
            while length > 0 {
                length -= 1;
                top -= 1;
                self.path[top] = self.path[length];
            }
        }
        top
    }

    /// Solves for this right side, which becomes the solution.
    pub(crate) fn solve(&mut self, side: &mut [f64]) {
        let x = &mut self.row;
        for (x, &row) in x.iter_mut().zip(&self.order) {
            *x = side[row];
        }
        for k in 0..x.len() {
            let now = x[k];
            let column = self.l_starts[k]..self.l_starts[k + 1];
            for (&row, value) in self.l_rows[column.clone()].iter().zip(&self.l_values[column]) {
                x[row] -= value * now;
            }
        }
        for (x, d) in x.iter_mut().zip(&self.d) {
            *x /= d;
        }
        for k in (0..x.len()).rev() {
            let column = self.l_starts[k]..self.l_starts[k + 1];
            let below = self.l_rows[column.clone()].iter().zip(&self.l_values[column]);
            x[k] -= below.map(|(&row, value)| value * x[row]).sum::<f64>();
        }
        for (x, &row) in x.iter_mut().zip(&self.order) {
            side[row] = std::mem::take(x);
        }
    }
}

/// Entries by column, rows ascending and each once: where columns start, and the rows.
fn columns(size: usize, entries: impl Iterator<Item = (usize, usize)>) -> (Vec<usize>, Vec<usize>) {
    let mut sorted: Vec<(usize, usize)> = entries.collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut starts = vec![0; size + 1];
    for &(column, _) in &sorted {
        starts[column + 1] += 1;
    }
    for column in 0..size {
        starts[column + 1] += starts[column];
    }
    (starts, sorted.into_iter().map(|(_, row)| row).collect())
}

/// An order of rows in which L has few entries: approximate minimum degree.
fn ordered(size: usize, entries: &[(usize, usize)]) -> Vec<usize> {
    let (starts, rows) = columns(size, entries.iter().map(|&(a, b)| (a.max(b), a.min(b))));
    match amd::order(size, &starts, &rows, &amd::Control::default()) {
        Ok((order, _, _)) => order,
        // It refuses what is no matrix; the order as it stands is right, only slower.
        Err(_) => (0..size).collect(),
    }
}

/// The elimination tree of an ordered upper triangle, and where the columns of L start.
fn tree(size: usize, starts: &[usize], rows: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let (mut parent, mut seen) = (vec![NONE; size], vec![NONE; size]);
    let mut l_starts = vec![0; size + 1];
    for k in 0..size {
        seen[k] = k;
        for &row in &rows[starts[k]..starts[k + 1]] {
            let mut i = row;
            while seen[i] != k {
                if parent[i] == NONE {
                    parent[i] = k;
                }
                l_starts[i + 1] += 1;
                seen[i] = k;
                i = parent[i];
            }
        }
    }
    for k in 0..size {
        l_starts[k + 1] += l_starts[k];
    }
    (parent, l_starts)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// Random matrices with a diagonal that decides, or not: the product of the factors solves, and the signs of D are those
    /// of the eigenvalues that were put in.
    #[test]
    fn factors_solve_and_tell_the_inertia() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        for size in [1, 2, 3, 7, 30, 100] {
            for negative in [0, size / 3, size] {
                let mut entries: Vec<(usize, usize)> = (0..size).map(|k| (k, k)).collect();
                let mut values: Vec<f64> =
                    (0..size).map(|k| if k < negative { -9.0 } else { 9.0 }).collect();
                for _ in 0..size {
                    let (a, b) = (random.random_range(0..size), random.random_range(0..size));
                    if a != b {
                        entries.push((a, b));
                        values.push(random.random_range(-0.5..0.5));
                    }
                }
                let mut factors = Ldlt::new(size, &entries);
                for _ in 0..2 {
                    assert_eq!(factors.factorise(&values), Some(negative));
                }
                let x: Vec<f64> = (0..size).map(|_| random.random_range(-1.0..1.0)).collect();
                let mut side = vec![0.0; size];
                for (&(a, b), value) in entries.iter().zip(&values) {
                    side[a] += value * x[b];
                    if a != b {
                        side[b] += value * x[a];
                    }
                }
                factors.solve(&mut side);
                for (x, got) in x.iter().zip(&side) {
                    assert!((x - got).abs() < 1e-12, "{size} {negative}: {x} {got}");
                }
            }
        }
        let mut singular = Ldlt::new(2, &[(0, 0), (1, 1), (0, 1)]);
        assert_eq!(singular.factorise(&[1.0, 1.0, 1.0]), None);
        assert_eq!(singular.factorise(&[1.0, 2.0, 1.0]), Some(0));
    }
}
