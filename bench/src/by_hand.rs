//! What a person would write: the yardstick of every ratio.

use uphill_engine::InstructionSet;

/// W1: P and its gradient; sine and cosine stored on the way.
pub fn chain([a, b, c]: [f64; 3], links: usize, kept: &mut Vec<[f64; 3]>) -> (f64, [f64; 3]) {
    kept.clear();
    let (mut y, mut performance) = (0.5_f64, 0.0);
    for _ in 0..links {
        let (sine, cosine) = y.sin_cos();
        kept.push([y, sine, cosine]);
        y = sine * a + b * y - y * y * c;
        performance += y;
    }
    (performance, chain_back([a, b, c], kept))
}

/// W1's way back: the gradient by what each link kept, its y with sine and cosine.
#[inline(always)]
pub fn chain_back([a, b, c]: [f64; 3], kept: &[[f64; 3]]) -> [f64; 3] {
    let (mut dy, mut gradient) = (0.0, [0.0; 3]);
    for &[y, sine, cosine] in kept.iter().rev() {
        let d = dy + 1.0;
        gradient[0] += d * sine;
        gradient[1] += d * y;
        gradient[2] -= d * (y * y);
        dy = d * (a * cosine + b - 2.0 * y * c);
    }
    gradient
}

/// W2: P and its gradient by eight parameters over all samples, one sample at a time, with the platform's exp.
pub fn peaks(b: &[f64; 8], x: &[f64], y: &[f64]) -> (f64, [f64; 8]) {
    let (mut performance, mut gradient) = (0.0, [0.0; 8]);
    for (&x, &y) in x.iter().zip(y) {
        let (r, d) = peak(b, x, y, f64::exp);
        performance -= r * r;
        for k in 0..8 {
            gradient[k] += d[k];
        }
    }
    (performance, gradient)
}

/// The residual of one sample, and what it adds to the gradient.
#[inline(always)]
fn peak(b: &[f64; 8], x: f64, y: f64, exp: impl Fn(f64) -> f64) -> (f64, [f64; 8]) {
    let decay = exp(-b[1] * x);
    let (u, v) = ((x - b[3]) / b[4], (x - b[6]) / b[7]);
    let (first, second) = (exp(-u * u), exp(-v * v));
    let r = y - (b[0] * decay + b[2] * first + b[5] * second);
    let d = 2.0 * r;
    let (first_slope, second_slope) = (d * b[2] * first * 2.0 * u, d * b[5] * second * 2.0 * v);
    let gradient = [
        d * decay,
        -d * b[0] * decay * x,
        d * first,
        first_slope / b[4],
        first_slope * u / b[4],
        d * second,
        second_slope / b[7],
        second_slope * v / b[7],
    ];
    (r, gradient)
}

/// The same in groups of as many samples as a register or two hold, for the compiler to make vector code of: with uphill's
/// exp, which has no branches, since the platform's is a call. This is the yardstick for lanes.
pub fn peaks_in_lanes(set: InstructionSet, b: &[f64; 8], x: &[f64], y: &[f64]) -> (f64, [f64; 8]) {
    #[cfg(target_arch = "x86_64")]
    {
        if set == InstructionSet::Avx512 && set.is_available() {
            // SAFETY: the features were just asked for.
            return unsafe { peaks_avx512(b, x, y) };
        }
        if set == InstructionSet::Avx2 && set.is_available() {
            // SAFETY: as above.
            return unsafe { peaks_avx2(b, x, y) };
        }
    }
    groups::<8>(b, x, y)
}

// All sums of a group, nine registers, and what a term needs fit sixteen registers if a group is one of four.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn peaks_avx2(b: &[f64; 8], x: &[f64], y: &[f64]) -> (f64, [f64; 8]) {
    groups::<4>(b, x, y)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
fn peaks_avx512(b: &[f64; 8], x: &[f64], y: &[f64]) -> (f64, [f64; 8]) {
    groups::<8>(b, x, y)
}

#[inline(always)]
fn groups<const LANES: usize>(b: &[f64; 8], x: &[f64], y: &[f64]) -> (f64, [f64; 8]) {
    let (mut performance, mut sums) = ([0.0; LANES], [[0.0; LANES]; 8]);
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (y, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in x.iter().zip(y) {
        for lane in 0..LANES {
            let (r, d) = peak(b, x[lane], y[lane], uphill_kernels::exp);
            performance[lane] -= r * r;
            for k in 0..8 {
                sums[k][lane] += d[k];
            }
        }
    }
    let mut value: f64 = performance.iter().sum();
    let mut gradient = sums.map(|lanes| lanes.iter().sum::<f64>());
    for (&x, &y) in x_rest.iter().zip(y_rest) {
        let (r, d) = peak(b, x, y, uphill_kernels::exp);
        value -= r * r;
        for k in 0..8 {
            gradient[k] += d[k];
        }
    }
    (value, gradient)
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Layers with their weights, row by row, then their biases.
pub struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    /// Where its weights start; its biases follow them.
    pub first: usize,
}

pub fn layers(sizes: &[usize]) -> (Vec<Layer>, usize) {
    let mut first = 0;
    let layers = sizes.windows(2).map(|pair| {
        let layer = Layer { inputs: pair[0], outputs: pair[1], first };
        first += pair[1] * (pair[0] + 1);
        layer
    });
    let layers: Vec<Layer> = layers.collect();
    (layers, first)
}

/// W3 and W4: plain loops over one sample at a time; adds to `gradient` and returns the sample's performance.
pub struct Network {
    layers: Vec<Layer>,
    outputs: Vec<Vec<f64>>,
    deltas: Vec<Vec<f64>>,
}

impl Network {
    pub fn new(sizes: &[usize]) -> Network {
        let vectors = || sizes.iter().map(|&n| vec![0.0; n]).collect();
        Network { layers: layers(sizes).0, outputs: vectors(), deltas: vectors() }
    }

    pub fn sample(&mut self, w: &[f64], x: &[f64], desired: &[f64], gradient: &mut [f64]) -> f64 {
        self.outputs[0].copy_from_slice(x);
        for (l, layer) in self.layers.iter().enumerate() {
            let (before, after) = self.outputs.split_at_mut(l + 1);
            for (j, output) in after[0].iter_mut().enumerate() {
                let row = &w[layer.first + j * layer.inputs..][..layer.inputs];
                let bias = w[layer.first + layer.inputs * layer.outputs + j];
                let sum: f64 = row.iter().zip(&before[l]).map(|(w, o)| w * o).sum();
                *output = sigmoid(sum + bias);
            }
        }
        let last = self.layers.len();
        let mut performance = 0.0;
        for ((delta, &o), &d) in self.deltas[last].iter_mut().zip(&self.outputs[last]).zip(desired)
        {
            performance -= (d - o) * (d - o);
            *delta = 2.0 * (d - o) * o * (1.0 - o);
        }
        for (l, layer) in self.layers.iter().enumerate().rev() {
            let (before, after) = self.deltas.split_at_mut(l + 1);
            before[l].fill(0.0);
            for (j, &delta) in after[0].iter().enumerate() {
                let start = layer.first + j * layer.inputs;
                let row = &w[start..start + layer.inputs];
                let slopes = &mut gradient[start..start + layer.inputs];
                for i in 0..layer.inputs {
                    slopes[i] += delta * self.outputs[l][i];
                    before[l][i] += delta * row[i];
                }
                gradient[layer.first + layer.inputs * layer.outputs + j] += delta;
            }
            for (beta, o) in before[l].iter_mut().zip(&self.outputs[l]) {
                *beta *= o * (1.0 - o);
            }
        }
        performance
    }
}

/// W4: the 2-2-1 network, written out.
#[inline(never)]
pub fn small_network(w: &[f64; 9], x: &[f64; 2], desired: f64, gradient: &mut [f64; 9]) -> f64 {
    let h1 = sigmoid(w[0] * x[0] + w[1] * x[1] + w[4]);
    let h2 = sigmoid(w[2] * x[0] + w[3] * x[1] + w[5]);
    let o = sigmoid(w[6] * h1 + w[7] * h2 + w[8]);
    let e = desired - o;
    let d = 2.0 * e * o * (1.0 - o);
    let (d1, d2) = (d * w[6] * h1 * (1.0 - h1), d * w[7] * h2 * (1.0 - h2));
    *gradient = [d1 * x[0], d1 * x[1], d2 * x[0], d2 * x[1], d1, d2, d * h1, d * h2, d];
    -e * e
}
