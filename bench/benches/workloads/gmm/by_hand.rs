//! GMM as a person would write it for speed: the reverse sweep by hand, a tile of points at a time, and within a tile
//! pieces of rows whose sums the compiler keeps in vector registers.

use super::Shape;

const LANES: usize = 8;
/// Registers of eight points in a tile.
const GROUPS: usize = 6;
const TILE: usize = LANES * GROUPS;

type Lanes = [f64; LANES];

/// A number a point of the tile.
type Points = [Lanes; GROUPS];

const NONE: Points = [[0.0; LANES]; GROUPS];

/// Room for one tile, and what is derived from the parameters.
pub struct ByHand {
    shape: Shape,
    /// Rows of the triangles, whole squares: `triangles[(bell·d + row)·d + column]`.
    triangles: Vec<f64>,
    /// The same of the gradient.
    slopes: Vec<f64>,
    /// For each bell, what the points are away from its mean, and the products with its triangle.
    away: Vec<Points>,
    y: Vec<Points>,
    /// For each bell the logarithm of its height, and then its share.
    bells: Vec<Points>,
    x: Vec<Points>,
    adjoints: Vec<Points>,
}

impl ByHand {
    pub fn new(shape: Shape) -> ByHand {
        let (k, d) = (shape.bells, shape.dimensions);
        ByHand {
            shape,
            triangles: vec![0.0; k * d * d],
            slopes: vec![0.0; k * d * d],
            away: vec![NONE; k * d],
            y: vec![NONE; k * d],
            bells: vec![NONE; k],
            x: vec![NONE; d],
            adjoints: vec![NONE; d],
        }
    }

    /// P, and its gradient into `gradient`.
    pub fn run(&mut self, w: &[f64], columns: &[&[f64]], gradient: &mut [f64]) -> f64 {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            // SAFETY: the features were just detected.
            return unsafe { self.run_avx512(w, columns, gradient) };
        }
        self.run_avx2(w, columns, gradient)
    }

    /// The same without AVX-512.
    pub fn run_avx2(&mut self, w: &[f64], columns: &[&[f64]], gradient: &mut [f64]) -> f64 {
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2,fma")]
            fn compiled(it: &mut ByHand, w: &[f64], x: &[&[f64]], gradient: &mut [f64]) -> f64 {
                it.pass::<4, 1, 2>(w, x, gradient)
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                // SAFETY: the features were just detected.
                return unsafe { compiled(self, w, columns, gradient) };
            }
        }
        self.pass::<2, 1, 2>(w, columns, gradient)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    fn run_avx512(&mut self, w: &[f64], columns: &[&[f64]], gradient: &mut [f64]) -> f64 {
        self.pass::<8, 3, 4>(w, columns, gradient)
    }

    /// `R` rows and `G` groups of points at once, and squares of `C` sums of products.
    #[inline(always)]
    fn pass<const R: usize, const G: usize, const C: usize>(
        &mut self,
        w: &[f64],
        columns: &[&[f64]],
        gradient: &mut [f64],
    ) -> f64 {
        let shape = self.shape;
        let (k, d, n) = (shape.bells, shape.dimensions, columns[0].len());
        gradient.fill(0.0);
        self.slopes.fill(0.0);
        let mut logarithms = vec![0.0; k];
        let mut squares = 0.0;
        for bell in 0..k {
            let icf = &w[shape.icf(bell)];
            let triangle = &mut self.triangles[bell * d * d..][..d * d];
            let mut next = d;
            for i in 0..d {
                triangle[i * d + i] = icf[i].exp();
                squares += triangle[i * d + i] * triangle[i * d + i];
                logarithms[bell] += icf[i];
                for j in i + 1..d {
                    triangle[j * d + i] = icf[next];
                    squares += icf[next] * icf[next];
                    next += 1;
                }
            }
        }
        let mut performance = 0.0;
        for first in (0..n).step_by(TILE) {
            let count = TILE.min(n - first);
            for (x, column) in self.x.iter_mut().zip(columns) {
                for i in 0..TILE {
                    x[i / LANES][i % LANES] = column[first + i.min(count - 1)];
                }
            }
            for bell in 0..k {
                self.forward::<R, G>(bell, w, w[bell] + logarithms[bell]);
            }
            performance += self.shares(count);
            for bell in 0..k {
                let share = self.bells[bell];
                let total: f64 = share.iter().map(|lanes| lanes.iter().sum::<f64>()).sum();
                gradient[bell] += total;
                for i in 0..d {
                    let y = &mut self.y[bell * d + i];
                    for g in 0..GROUPS {
                        for lane in 0..LANES {
                            y[g][lane] *= -share[g][lane];
                        }
                    }
                }
                self.backward::<R, G>(bell);
                for (slope, adjoint) in gradient[shape.mean(bell)].iter_mut().zip(&self.adjoints) {
                    *slope -= sum(adjoint);
                }
                self.products::<C>(bell);
            }
        }
        // The prior, the weights' sum, and diagonals by their logarithms.
        let largest = w[..k].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let all: f64 = w[..k].iter().map(|a| (a - largest).exp()).sum();
        for bell in 0..k {
            let share = gradient[bell];
            gradient[bell] -= n as f64 * (w[bell] - largest).exp() / all;
            let icf = &w[shape.icf(bell)];
            let slopes = &mut gradient[shape.icf(bell)];
            let square = super::GAMMA * super::GAMMA;
            let mut next = d;
            for i in 0..d {
                let at = |row: usize| (bell * d + row) * d + i;
                let q = self.triangles[at(i)];
                slopes[i] = share - super::M + q * (self.slopes[at(i)] + square * q);
                for j in i + 1..d {
                    slopes[next] = self.slopes[at(j)] + square * icf[next];
                    next += 1;
                }
            }
        }
        let logarithm = largest + all.ln();
        let prior =
            0.5 * super::GAMMA * super::GAMMA * squares - super::M * logarithms.iter().sum::<f64>();
        performance + shape.constant(n) - n as f64 * logarithm + prior
    }

    /// `y = L(x − mean)`, and the height's logarithm.
    #[inline(always)]
    fn forward<const R: usize, const G: usize>(&mut self, bell: usize, w: &[f64], start: f64) {
        let d = self.shape.dimensions;
        let mean = &w[self.shape.mean(bell)];
        let away = &mut self.away[bell * d..][..d];
        for i in 0..d {
            for g in 0..GROUPS {
                for lane in 0..LANES {
                    away[i][g][lane] = self.x[i][g][lane] - mean[i];
                }
            }
        }
        let triangle = &self.triangles[bell * d * d..][..d * d];
        let y = &mut self.y[bell * d..][..d];
        let mut squares = NONE;
        for g in (0..GROUPS).step_by(G) {
            let mut first = 0;
            while first < d {
                if first + R <= d {
                    lower::<R, G>(triangle, away, y, d, first, g);
                    first += R;
                } else {
                    lower::<1, G>(triangle, away, y, d, first, g);
                    first += 1;
                }
            }
            for y in y.iter() {
                for h in g..g + G {
                    for lane in 0..LANES {
                        squares[h][lane] = y[h][lane].mul_add(y[h][lane], squares[h][lane]);
                    }
                }
            }
        }
        for g in 0..GROUPS {
            for lane in 0..LANES {
                self.bells[bell][g][lane] = start - 0.5 * squares[g][lane];
            }
        }
    }

    /// Shares of the bells, of points that are there; the sum of the logarithms.
    #[inline(always)]
    fn shares(&mut self, count: usize) -> f64 {
        let mut performance = 0.0;
        for g in 0..GROUPS {
            let (mut largest, mut total) = ([f64::NEG_INFINITY; LANES], [0.0; LANES]);
            for bell in &self.bells {
                for lane in 0..LANES {
                    let x = bell[g][lane];
                    largest[lane] = if x > largest[lane] { x } else { largest[lane] };
                }
            }
            for bell in &mut self.bells {
                for lane in 0..LANES {
                    bell[g][lane] = uphill_kernels::exp(bell[g][lane] - largest[lane]);
                    total[lane] += bell[g][lane];
                }
            }
            let mut logarithm = [0.0; LANES];
            let mut scale = [0.0; LANES];
            for lane in 0..LANES {
                logarithm[lane] = largest[lane] + uphill_kernels::ln(total[lane]);
                let is_there = g * LANES + lane < count;
                scale[lane] = if is_there { 1.0 / total[lane] } else { 0.0 };
                logarithm[lane] = if is_there { logarithm[lane] } else { 0.0 };
            }
            performance += logarithm.iter().sum::<f64>();
            for bell in &mut self.bells {
                for lane in 0..LANES {
                    bell[g][lane] *= scale[lane];
                }
            }
        }
        performance
    }

    /// `Lᵀ` times the adjoints of `y`.
    #[inline(always)]
    fn backward<const R: usize, const G: usize>(&mut self, bell: usize) {
        let d = self.shape.dimensions;
        let triangle = &self.triangles[bell * d * d..][..d * d];
        let y = &self.y[bell * d..][..d];
        for g in (0..GROUPS).step_by(G) {
            let mut first = 0;
            while first < d {
                if first + R <= d {
                    upper::<R, G>(triangle, y, &mut self.adjoints, d, first, g);
                    first += R;
                } else {
                    upper::<1, G>(triangle, y, &mut self.adjoints, d, first, g);
                    first += 1;
                }
            }
        }
    }

    /// Adjoints of `y` times what points are away, summed over the tile: the slopes of the triangle.
    #[inline(always)]
    fn products<const C: usize>(&mut self, bell: usize) {
        let d = self.shape.dimensions;
        let (away, y) = (&self.away[bell * d..][..d], &self.y[bell * d..][..d]);
        let slopes = &mut self.slopes[bell * d * d..][..d * d];
        for row in (0..d).step_by(C) {
            for column in (0..row + 1).step_by(C) {
                if row + C <= d && column + C <= d {
                    square::<C>(y, away, slopes, d, row, column);
                } else {
                    for r in row..d.min(row + C) {
                        for c in column..d.min(column + C) {
                            square::<1>(y, away, slopes, d, r, c);
                        }
                    }
                }
            }
        }
    }
}

/// `R` rows of the lower triangle, with the zeros of the last square.
#[inline(always)]
fn lower<const R: usize, const G: usize>(
    triangle: &[f64],
    x: &[Points],
    y: &mut [Points],
    d: usize,
    first: usize,
    g: usize,
) {
    let mut sums = [[[0.0; LANES]; G]; R];
    for column in 0..first + R {
        for r in 0..R {
            let weight = triangle[(first + r) * d + column];
            for h in 0..G {
                for lane in 0..LANES {
                    sums[r][h][lane] = x[column][g + h][lane].mul_add(weight, sums[r][h][lane]);
                }
            }
        }
    }
    for r in 0..R {
        for h in 0..G {
            y[first + r][g + h] = sums[r][h];
        }
    }
}

/// `R` columns of the lower triangle.
#[inline(always)]
fn upper<const R: usize, const G: usize>(
    triangle: &[f64],
    y: &[Points],
    adjoints: &mut [Points],
    d: usize,
    first: usize,
    g: usize,
) {
    let mut sums = [[[0.0; LANES]; G]; R];
    for row in first..d {
        let weights = &triangle[row * d + first..][..R];
        for r in 0..R {
            for h in 0..G {
                for lane in 0..LANES {
                    sums[r][h][lane] = y[row][g + h][lane].mul_add(weights[r], sums[r][h][lane]);
                }
            }
        }
    }
    for r in 0..R {
        for h in 0..G {
            adjoints[first + r][g + h] = sums[r][h];
        }
    }
}

#[inline(always)]
fn square<const C: usize>(
    y: &[Points],
    x: &[Points],
    slopes: &mut [f64],
    d: usize,
    row: usize,
    column: usize,
) {
    let mut sums = [[[0.0; LANES]; C]; C];
    for g in 0..GROUPS {
        for r in 0..C {
            for c in 0..C {
                for lane in 0..LANES {
                    let (y, x) = (y[row + r][g][lane], x[column + c][g][lane]);
                    sums[r][c][lane] = y.mul_add(x, sums[r][c][lane]);
                }
            }
        }
    }
    for r in 0..C {
        for c in 0..C {
            let [a, b, c0, d0, e, f, g, h] = sums[r][c];
            slopes[(row + r) * d + column + c] += ((a + e) + (c0 + g)) + ((b + f) + (d0 + h));
        }
    }
}

#[inline(always)]
fn sum(points: &Points) -> f64 {
    let mut sums = [0.0; LANES];
    for lanes in points {
        for lane in 0..LANES {
            sums[lane] += lanes[lane];
        }
    }
    sums.iter().sum()
}
