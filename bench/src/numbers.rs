//! The random numbers and check sums that all tools share.

/// Knuth's linear congruential generator, the upper 53 bits.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

/// Weights of layers, one layer after the other: its matrix row by row, then its biases.
pub fn weights(sizes: &[usize], seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let mut weights = Vec::new();
    for pair in sizes.windows(2) {
        let scale = 2.0 / (pair[0] as f64).sqrt();
        weights.extend((0..pair[1] * (pair[0] + 1)).map(|_| (random.unit() - 0.5) * scale));
    }
    weights
}

/// P, `Σ|g_i|` and `Σ g_i·(1 + i mod 7)`.
#[derive(Debug, Clone, Copy)]
pub struct Sums(pub f64, pub f64, pub f64);

impl Sums {
    pub fn of(performance: f64, gradient: &[f64]) -> Sums {
        let (mut absolute, mut weighted) = (Total::default(), Total::default());
        for (i, g) in gradient.iter().enumerate() {
            absolute.add(g.abs());
            weighted.add(g * (1 + i % 7) as f64);
        }
        Sums(performance, absolute.sum(), weighted.sum())
    }

    pub fn check(self, what: &str, expected: Sums, tolerance: f64) {
        let pairs = [(self.0, expected.0), (self.1, expected.1), (self.2, expected.2)];
        check(what, &pairs, tolerance);
    }
}

/// No time counts unless the numbers are right: pairs of what came and what is due, to a relative tolerance.
pub fn check(what: &str, pairs: &[(f64, f64)], tolerance: f64) {
    let off = |&(got, due): &(f64, f64)| ((got - due) / due).abs();
    let worst = pairs
        .iter()
        .map(off)
        .fold(0.0, |worst: f64, off| if off.is_nan() { f64::INFINITY } else { worst.max(off) });
    println!("  {what}: differs by {worst:.1e} at most");
    assert!(worst <= tolerance, "{what}: got and due: {pairs:?}");
}

/// A sum that doesn't drift: what rounding takes away is kept beside it (Neumaier 1974). A million terms of one pattern,
/// each rounded the same way, are off by more than 10⁻¹² in a plain sum.
#[derive(Debug, Clone, Copy, Default)]
pub struct Total {
    sum: f64,
    lost: f64,
}

impl Total {
    pub fn add(&mut self, term: f64) {
        let sum = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() {
            self.sum - sum + term
        } else {
            term - sum + self.sum
        };
        self.sum = sum;
    }

    pub fn sum(self) -> f64 {
        self.sum + self.lost
    }
}

impl FromIterator<f64> for Total {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Total {
        let mut total = Total::default();
        terms.into_iter().for_each(|term| total.add(term));
        total
    }
}
