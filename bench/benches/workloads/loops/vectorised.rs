//! What the best engineers would write for loops whose iterations don't need each other: groups of eight iterations for the
//! compiler to make vector code of, compiled for what the processor has, with uphill's elementary functions, which have no
//! branches. What iterations give to their neighbours is kept a tile at a time and added up in a second pass, since adding
//! to overlapping places would wait for each other's stores.

use uphill_kernels::{exp, mul_add, sin_cos_bounded};

/// Iterations in a group.
pub const LANES: usize = 8;
/// Iterations whose terms are kept: they stay in the first cache.
const TILE: usize = 512;

pub type Lanes = [f64; LANES];

/// A function that is compiled for AVX-512, for AVX2 and for all processors, of one that is inlined into it.
macro_rules! compiled_for_lanes {
    ($name:ident, $generic:ident, ($($arg:ident: $type:ty),*) -> $out:ty) => {
        pub fn $name($($arg: $type),*) -> $out {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
                fn avx512($($arg: $type),*) -> $out {
                    $generic($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) -> $out {
                    $generic($($arg),*)
                }
                if uphill_engine::InstructionSet::Avx512.is_available() {
                    // SAFETY: the features were just asked for.
                    return unsafe { avx512($($arg),*) };
                }
                if uphill_engine::InstructionSet::Avx2.is_available() {
                    // SAFETY: as above.
                    return unsafe { avx2($($arg),*) };
                }
            }
            $generic($($arg),*)
        }
    };
}

pub(super) use compiled_for_lanes;

compiled_for_lanes!(chained_gradient, gradient_of_chain, (x: &[f64], multipliers: &[f64], g: &mut [f64]) -> f64);
compiled_for_lanes!(chained_hessian, hessian_of_chain, (x: &[f64], multipliers: &[f64], d: &mut [f64], e: &mut [f64]) -> ());
compiled_for_lanes!(rosenbrock_hessian, hessian_of_rosenbrock, (x: &[f64], d: &mut [f64], e: &mut [f64]) -> ());
compiled_for_lanes!(surface_gradient, gradient_of_surface, (u: &[f64], n: usize, g: &mut [f64]) -> f64);

/// Groups of eight entries of a part of a slice, and the rest.
#[inline(always)]
fn groups(all: &[f64], first: usize, count: usize) -> (&[Lanes], &[f64]) {
    all[first..first + count].as_chunks::<LANES>()
}

#[inline(always)]
fn groups_mut(all: &mut [f64], first: usize, count: usize) -> (&mut [Lanes], &mut [f64]) {
    all[first..first + count].as_chunks_mut::<LANES>()
}

/// W5, a link and what is held, of three neighbours: the value, and what flows to each of the three.
#[inline(always)]
fn chained_terms(x: f64, y: f64, z: f64, multiplier: f64) -> [f64; 4] {
    let (gap, off) = (mul_add(x, x, -y), x - 1.0);
    let ((s, c), (t, k)) = (sin_cos_bounded(y - z), sin_cos_bounded(y + z));
    let power = exp(x - y);
    let held = mul_add(3.0 * y * y, y, mul_add(s, t, 2.0 * z + 4.0 * y)) - x * power - 8.0;
    let value = mul_add(100.0 * gap, gap, mul_add(off, off, multiplier * held));
    let (both, other) = (s * k, c * t);
    let of_y = 9.0 * y * y + (both + other) + 4.0 + x * power;
    [
        value,
        mul_add(400.0 * gap, x, 2.0 * off) - multiplier * (1.0 + x) * power,
        mul_add(multiplier, of_y, -200.0 * gap),
        multiplier * (2.0 + (both - other)),
    ]
}

#[inline(always)]
fn gradient_of_chain(x: &[f64], multipliers: &[f64], g: &mut [f64]) -> f64 {
    let n = x.len();
    let (mut sums, mut rest) = ([0.0; LANES], 0.0);
    // What the last two terms of the tile before give to its neighbours comes first.
    let (mut a, mut b, mut c) = ([0.0; TILE], [0.0; TILE + 1], [0.0; TILE + 2]);
    for first in (0..n - 2).step_by(TILE) {
        let count = TILE.min(n - 2 - first);
        let ((x0, x0_rest), (x1, x1_rest)) = (groups(x, first, count), groups(x, first + 1, count));
        let ((x2, x2_rest), (m, m_rest)) =
            (groups(x, first + 2, count), groups(multipliers, first, count));
        let ((a_all, a_rest), (b_all, b_rest)) =
            (groups_mut(&mut a, 0, count), groups_mut(&mut b, 1, count));
        let (c_all, c_rest) = groups_mut(&mut c, 2, count);
        for group in 0..x0.len() {
            let (x, y, z, m) = (&x0[group], &x1[group], &x2[group], &m[group]);
            let (a, b, c) = (&mut a_all[group], &mut b_all[group], &mut c_all[group]);
            for lane in 0..LANES {
                let value;
                [value, a[lane], b[lane], c[lane]] =
                    chained_terms(x[lane], y[lane], z[lane], m[lane]);
                sums[lane] += value;
            }
        }
        for k in 0..x0_rest.len() {
            let value;
            [value, a_rest[k], b_rest[k], c_rest[k]] =
                chained_terms(x0_rest[k], x1_rest[k], x2_rest[k], m_rest[k]);
            rest += value;
        }
        for (k, g) in g[first..first + count].iter_mut().enumerate() {
            *g = a[k] + b[k] + c[k];
        }
        (b[0], c[0], c[1]) = (b[count], c[count], c[count + 1]);
    }
    let (x, y) = (x[n - 2], x[n - 1]);
    let (gap, off) = (x * x - y, x - 1.0);
    g[n - 2] = b[0] + c[0] + (400.0 * gap * x + 2.0 * off);
    g[n - 1] = c[1] - 200.0 * gap;
    sums.iter().sum::<f64>() + rest + (100.0 * gap * gap + off * off)
}

/// The same of the Hessian: what is added to three neighbours' own entries, and the one between the first two.
#[inline(always)]
fn chained_seconds(x: f64, y: f64, z: f64, multiplier: f64) -> [f64; 4] {
    let ((s, c), (t, k)) = (sin_cos_bounded(y - z), sin_cos_bounded(y + z));
    let power = exp(x - y);
    let (both, other) = (c * k, s * t);
    let of_y = 18.0 * y + 2.0 * (both - other) - x * power;
    [
        mul_add(1200.0 * x, x, -400.0 * y) + 2.0 - multiplier * (2.0 + x) * power,
        mul_add(multiplier, of_y, 200.0),
        -2.0 * multiplier * (both + other),
        mul_add(multiplier * (1.0 + x), power, -400.0 * x),
    ]
}

#[inline(always)]
fn hessian_of_chain(x: &[f64], multipliers: &[f64], d: &mut [f64], e: &mut [f64]) {
    let n = x.len();
    let (mut a, mut b, mut c) = ([0.0; TILE], [0.0; TILE + 1], [0.0; TILE + 2]);
    for first in (0..n - 2).step_by(TILE) {
        let count = TILE.min(n - 2 - first);
        let ((x0, x0_rest), (x1, x1_rest)) = (groups(x, first, count), groups(x, first + 1, count));
        let ((x2, x2_rest), (m, m_rest)) =
            (groups(x, first + 2, count), groups(multipliers, first, count));
        let ((a_all, a_rest), (b_all, b_rest)) =
            (groups_mut(&mut a, 0, count), groups_mut(&mut b, 1, count));
        let ((c_all, c_rest), (e_all, e_rest)) =
            (groups_mut(&mut c, 2, count), groups_mut(e, first, count));
        for group in 0..x0.len() {
            let (x, y, z, m) = (&x0[group], &x1[group], &x2[group], &m[group]);
            let (a, b, c) = (&mut a_all[group], &mut b_all[group], &mut c_all[group]);
            let e = &mut e_all[group];
            for lane in 0..LANES {
                [a[lane], b[lane], c[lane], e[lane]] =
                    chained_seconds(x[lane], y[lane], z[lane], m[lane]);
            }
        }
        for k in 0..x0_rest.len() {
            [a_rest[k], b_rest[k], c_rest[k], e_rest[k]] =
                chained_seconds(x0_rest[k], x1_rest[k], x2_rest[k], m_rest[k]);
        }
        for (k, d) in d[first..first + count].iter_mut().enumerate() {
            *d = a[k] + b[k] + c[k];
        }
        (b[0], c[0], c[1]) = (b[count], c[count], c[count + 1]);
    }
    let (x, y) = (x[n - 2], x[n - 1]);
    d[n - 2] = b[0] + c[0] + (1200.0 * x * x - 400.0 * y + 2.0);
    d[n - 1] = c[1] + 200.0;
    e[n - 2] = -400.0 * x;
}

/// One pass: the compiler makes vector code of it as it stands.
#[inline(always)]
fn hessian_of_rosenbrock(x: &[f64], d: &mut [f64], e: &mut [f64]) {
    let n = x.len();
    let (d, e) = (&mut d[..n], &mut e[..n - 1]);
    d[0] = 1200.0 * x[0] * x[0] - 400.0 * x[1] + 2.0;
    for k in 1..n - 1 {
        d[k] = mul_add(1200.0 * x[k], x[k], -400.0 * x[k + 1]) + 202.0;
    }
    d[n - 1] = 200.0;
    for (e, x) in e.iter_mut().zip(x) {
        *e = -400.0 * x;
    }
}

/// W7, the size of a cell, and what flows from its two slopes.
#[inline(always)]
fn cell_terms(corner: f64, below: f64, right: f64, cells: f64) -> [f64; 3] {
    let (down, across) = ((below - corner) * cells, (right - corner) * cells);
    let size = mul_add(down, down, mul_add(across, across, 1.0)).sqrt();
    let scale = 1.0 / (size * cells);
    [size, down * scale, across * scale]
}

/// W7, a row at a time; what the row of cells gives to the points below waits for the next row.
#[inline(always)]
fn gradient_of_surface(u: &[f64], n: usize, g: &mut [f64]) -> f64 {
    let cells = (n - 1) as f64;
    let (mut sums, mut rest) = ([0.0; LANES], 0.0);
    let (mut down, mut across, mut below) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    for i in 0..n - 1 {
        let (row, next) = (&u[i * n..][..n], &u[(i + 1) * n..][..n]);
        let ((u0, u0_rest), (u1, u1_rest)) = (groups(row, 0, n - 1), groups(next, 0, n - 1));
        let (u2, u2_rest) = groups(row, 1, n - 1);
        let (down_all, down_rest) = groups_mut(&mut down, 0, n - 1);
        // One place behind, so that a point and the cell to its left stand side by side.
        let (across_all, across_rest) = groups_mut(&mut across, 1, n - 1);
        for group in 0..u0.len() {
            let (corner, low, right) = (&u0[group], &u1[group], &u2[group]);
            let (down, across) = (&mut down_all[group], &mut across_all[group]);
            for lane in 0..LANES {
                let size;
                [size, down[lane], across[lane]] =
                    cell_terms(corner[lane], low[lane], right[lane], cells);
                sums[lane] += size;
            }
        }
        for k in 0..u0_rest.len() {
            let size;
            [size, down_rest[k], across_rest[k]] =
                cell_terms(u0_rest[k], u1_rest[k], u2_rest[k], cells);
            rest += size;
        }
        let g = &mut g[i * n..][..n];
        for k in 0..n - 1 {
            g[k] = down[k] + across[k + 1] - across[k] - below[k];
        }
        g[n - 1] = -across[n - 1] - below[n - 1];
        std::mem::swap(&mut down, &mut below);
        below[n - 1] = 0.0;
    }
    for (g, below) in g[(n - 1) * n..].iter_mut().zip(&below) {
        *g = -below;
    }
    -(sums.iter().sum::<f64>() + rest) / (cells * cells)
}
