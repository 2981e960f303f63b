//! W3 as people write it with a matrix library: its products, and vectorised sigmoids between them.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::by_hand::{Layer, layers};

/// A full pass over all samples at once.
pub struct Matrices {
    layers: Vec<Layer>,
    samples: usize,
    outputs: Vec<Vec<f64>>,
    deltas: Vec<Vec<f64>>,
}

impl Matrices {
    pub fn new(sizes: &[usize], samples: usize) -> Matrices {
        let tables = || sizes.iter().map(|&n| vec![0.0; n * samples]).collect();
        Matrices { layers: layers(sizes).0, samples, outputs: tables(), deltas: tables() }
    }

    /// P, and its gradient into `gradient`, with faer's products. Samples are the columns of all matrices, stored row
    /// after row: one row a node, as in lanes.
    pub fn pass(&mut self, w: &[f64], x: &[f64], d: &[f64], gradient: &mut [f64], par: Par) -> f64 {
        self.pass_with(w, x, d, gradient, |product| product.by_faer(par))
    }

    /// The same with any library's products.
    pub fn pass_with(
        &mut self,
        w: &[f64],
        x: &[f64],
        d: &[f64],
        gradient: &mut [f64],
        multiply: impl Fn(Product<'_>),
    ) -> f64 {
        let m = self.samples;
        self.outputs[0].copy_from_slice(x);
        for (l, layer) in self.layers.iter().enumerate() {
            let (before, after) = self.outputs.split_at_mut(l + 1);
            let (n, k) = (layer.outputs, layer.inputs);
            let biases = &w[layer.first + n * k..][..n];
            for (row, &bias) in after[0].chunks_exact_mut(m).zip(biases) {
                row.fill(bias);
            }
            let (left, right) =
                (Factor::new(&w[layer.first..], n, k), Factor::new(&before[l], k, m));
            multiply(Product { left, right, add: true, target: &mut after[0] });
            sigmoids(&mut after[0]);
        }
        let last = self.layers.len();
        let performance = last_delta(&mut self.deltas[last], &self.outputs[last], d);
        for (l, layer) in self.layers.iter().enumerate().rev() {
            let (n, k) = (layer.outputs, layer.inputs);
            let (before, after) = self.deltas.split_at_mut(l + 1);
            let delta = Factor::new(&after[0], n, m);
            let input = Factor::new(&self.outputs[l], k, m).transposed();
            let (slopes, biases) = gradient[layer.first..][..n * (k + 1)].split_at_mut(n * k);
            multiply(Product { left: delta, right: input, add: false, target: slopes });
            for (slope, row) in biases.iter_mut().zip(after[0].chunks_exact(m)) {
                *slope = sum(row);
            }
            if l > 0 {
                let weights = Factor::new(&w[layer.first..], n, k).transposed();
                let product =
                    Product { left: weights, right: delta, add: false, target: &mut before[l] };
                multiply(product);
                for (beta, o) in before[l].iter_mut().zip(&self.outputs[l]) {
                    *beta *= o * (1.0 - o);
                }
            }
        }
        performance
    }
}

/// One of the matrices that are multiplied: rows, columns, and the distance from one to the next.
#[derive(Clone, Copy)]
pub struct Factor<'a> {
    entries: &'a [f64],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl Factor<'_> {
    /// The first entries, row after row.
    fn new(entries: &[f64], rows: usize, columns: usize) -> Factor<'_> {
        let entries = &entries[..rows * columns];
        Factor { entries, rows, columns, row_step: columns, column_step: 1 }
    }

    fn transposed(self) -> Self {
        Factor {
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }
}

/// `target = left·right`, or that added to it; the target has its entries row after row.
pub struct Product<'a> {
    left: Factor<'a>,
    right: Factor<'a>,
    add: bool,
    target: &'a mut [f64],
}

impl Product<'_> {
    pub fn by_faer(self, par: Par) {
        let view = |factor: Factor<'_>| {
            let steps = (factor.row_step as isize, factor.column_step as isize);
            // SAFETY: a factor's entries are as many as its rows and columns say, transposed or not.
            unsafe {
                MatRef::from_raw_parts(
                    factor.entries.as_ptr(),
                    factor.rows,
                    factor.columns,
                    steps.0,
                    steps.1,
                )
            }
        };
        let (left, right) = (view(self.left), view(self.right));
        let target =
            MatMut::from_row_major_slice_mut(self.target, self.left.rows, self.right.columns);
        let accum = if self.add { Accum::Add } else { Accum::Replace };
        matmul(target, accum, left, right, 1.0, par);
    }

    pub fn by_matrixmultiply(self) {
        let (left, right) = (self.left, self.right);
        assert_eq!(left.columns, right.rows);
        assert_eq!(self.target.len(), left.rows * right.columns);
        let beta = if self.add { 1.0 } else { 0.0 };
        // SAFETY: the shapes fit, and a factor's entries are as many as its rows and columns say.
        unsafe {
            matrixmultiply::dgemm(
                left.rows,
                left.columns,
                right.columns,
                1.0,
                left.entries.as_ptr(),
                left.row_step as isize,
                left.column_step as isize,
                right.entries.as_ptr(),
                right.row_step as isize,
                right.column_step as isize,
                beta,
                self.target.as_mut_ptr(),
                right.columns as isize,
                1,
            );
        }
    }
}

fn last_delta(delta: &mut [f64], output: &[f64], desired: &[f64]) -> f64 {
    let mut performance = 0.0;
    for ((delta, &o), &d) in delta.iter_mut().zip(output).zip(desired) {
        let e = d - o;
        performance -= e * e;
        *delta = 2.0 * e * o * (1.0 - o);
    }
    performance
}

/// In eight chains, for the compiler to make vector code of.
fn sum(row: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (groups, rest) = row.as_chunks::<8>();
    for group in groups {
        for lane in 0..8 {
            sums[lane] += group[lane];
        }
    }
    sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

fn sigmoids(x: &mut [f64]) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the features were just detected.
            return unsafe { sigmoids_avx512(x) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the features were just detected.
            return unsafe { sigmoids_avx2(x) };
        }
    }
    x.iter_mut().for_each(|x| *x = uphill_kernels::sigmoid(*x));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn sigmoids_avx2(x: &mut [f64]) {
    x.iter_mut().for_each(|x| *x = uphill_kernels::sigmoid(*x));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
fn sigmoids_avx512(x: &mut [f64]) {
    x.iter_mut().for_each(|x| *x = uphill_kernels::sigmoid(*x));
}
