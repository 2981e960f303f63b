//! W3 as people write it with a matrix library: faer's products, and vectorised sigmoids between them.

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

    /// P, and its gradient into `gradient`. Samples are the columns of all matrices, stored row after row: one row a
    /// node, as in lanes.
    pub fn pass(&mut self, w: &[f64], x: &[f64], d: &[f64], gradient: &mut [f64], par: Par) -> f64 {
        let m = self.samples;
        self.outputs[0].copy_from_slice(x);
        for (l, layer) in self.layers.iter().enumerate() {
            let (before, after) = self.outputs.split_at_mut(l + 1);
            let (n, k) = (layer.outputs, layer.inputs);
            let weights = MatRef::from_row_major_slice(&w[layer.first..][..n * k], n, k);
            let biases = &w[layer.first + n * k..][..n];
            for (row, &bias) in after[0].chunks_exact_mut(m).zip(biases) {
                row.fill(bias);
            }
            let product = MatMut::from_row_major_slice_mut(&mut after[0], n, m);
            let input = MatRef::from_row_major_slice(&before[l], k, m);
            matmul(product, Accum::Add, weights, input, 1.0, par);
            sigmoids(&mut after[0]);
        }
        let last = self.layers.len();
        let performance = last_delta(&mut self.deltas[last], &self.outputs[last], d);
        for (l, layer) in self.layers.iter().enumerate().rev() {
            let (n, k) = (layer.outputs, layer.inputs);
            let (before, after) = self.deltas.split_at_mut(l + 1);
            let delta = MatRef::from_row_major_slice(&after[0], n, m);
            let input = MatRef::from_row_major_slice(&self.outputs[l], k, m);
            let (slopes, biases) = gradient[layer.first..][..n * (k + 1)].split_at_mut(n * k);
            let product = MatMut::from_row_major_slice_mut(slopes, n, k);
            matmul(product, Accum::Replace, delta, input.transpose(), 1.0, par);
            for (slope, row) in biases.iter_mut().zip(after[0].chunks_exact(m)) {
                *slope = sum(row);
            }
            if l > 0 {
                let weights = MatRef::from_row_major_slice(&w[layer.first..][..n * k], n, k);
                let product = MatMut::from_row_major_slice_mut(&mut before[l], k, m);
                matmul(product, Accum::Replace, weights.transpose(), delta, 1.0, par);
                for (beta, o) in before[l].iter_mut().zip(&self.outputs[l]) {
                    *beta *= o * (1.0 - o);
                }
            }
        }
        performance
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
