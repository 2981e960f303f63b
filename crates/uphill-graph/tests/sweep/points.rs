//! Where rules are tried: over the whole range of exponents, near 0, 1 and -1, near roots, poles and switches, at ties.

use uphill_graph::{Arity, Op};

/// A small generator of random bits (Steele, Lea and Flood 2014): the same draw everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 0 { 1.0 } else { -1.0 }
    }

    /// A magnitude between `2^low` and `2^high`, each exponent as likely as the other.
    fn magnitude(&mut self, low: f64, high: f64) -> f64 {
        self.between(low, high).exp2() * self.between(1.0, 2.0)
    }
}

/// Roots, poles, extremes and switches of one function or another.
const SPECIAL: [f64; 32] = [
    0.5,
    2.0,
    3.0,
    std::f64::consts::E,
    std::f64::consts::FRAC_PI_2,
    std::f64::consts::PI,
    3.0 * std::f64::consts::FRAC_PI_2,
    355.0,
    1e22,
    // The roots of digamma and of ln Γ.
    1.461_632_144_968_362_2,
    -0.504_083_008_264_455_4,
    -1.573_498_473_162_390_5,
    -2.457_024_738_220_800_6,
    -2.747_682_646_727_412_6,
    -3.143_580_888_349_980_6,
    -4.039_361_839_740_537,
    -10.000_000_274_889_28,
    -32.769_229_980_141_745,
    // Where slopes have their steepest point or turn.
    1.316_957_896_924_816_6,
    0.658_478_948_462_408_3,
    std::f64::consts::FRAC_1_SQRT_2,
    0.577_350_269_189_625_8,
    // Where kernels switch or end.
    0.346_573_590_279_972_6,
    10.0,
    12.0,
    22.0,
    36.7,
    37.333_829_799_263_21,
    354.9,
    709.78,
    745.13,
    1e154,
];

fn number(random: &mut Random) -> f64 {
    let step = |random: &mut Random| random.sign() * random.magnitude(-60.0, -1.0);
    match random.below(9) {
        0 => random.sign() * random.magnitude(-1074.0, 1023.0),
        1 => random.sign() * random.magnitude(-1022.0, 1023.0).recip(),
        2 => random.sign() * random.magnitude(-40.0, 40.0),
        3 => random.between(-10.0, 10.0),
        4 => random.sign() * SPECIAL[random.below(SPECIAL.len())] * (1.0 + step(random)),
        5 => random.sign() * (1.0 + step(random)),
        6 => random.between(-40.0, 40.0).round() + step(random),
        7 => random.between(-800.0, 800.0),
        _ => random.between(-1.0, 1.0),
    }
}

/// A partner of `x`: beside it, opposite to it, far above or below it, or anywhere.
fn partner(random: &mut Random, x: f64) -> f64 {
    match random.below(8) {
        0 => x,
        1 => -x,
        2 => x * (1.0 + random.sign() * random.magnitude(-52.0, -1.0)),
        3 => x * random.magnitude(-60.0, 60.0),
        4 => random.between(-8.0, 8.0).round(),
        _ => number(random),
    }
}

/// Operands for `op`.
pub(crate) fn operands(random: &mut Random, op: Op) -> Vec<f64> {
    let count = match op.arity() {
        Arity::Exactly(n) => n,
        Arity::Any => 1 + random.below(if op == Op::LogSumExp { 6 } else { 4 }),
        Arity::Pairs => 2 + 2 * random.below(2),
    };
    let mut x = vec![number(random)];
    while x.len() < count {
        let before = x[random.below(x.len())];
        x.push(partner(random, before));
    }
    match op {
        Op::Powi => x[1] = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 7.0][random.below(9)],
        Op::Polygamma => {
            x[1] = x[0];
            x[0] = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0][random.below(6)];
        }
        Op::Pow => {
            // Below the normal range `1/x` is infinite.
            x[0] = x[0].abs().max(f64::MIN_POSITIVE * 4.0);
            if x[1].abs() < 1e-6 {
                // Else `x^(y-2)` overflows where `y·x^(y-2)` doesn't.
                x[0] = x[0].clamp(1e-120, 1e120);
            }
        }
        Op::Xlogy => x[1] = x[1].abs(),
        Op::ErfcxDerivative => {
            x[1] = x[0];
            x[0] = [0.0, 1.0, 2.0, 3.0][random.below(4)];
        }
        Op::LogNdtrDerivative => {
            // Farther to the right all are 0.
            x[1] = x[0].min(1e4);
            x[0] = [1.0, 2.0, 3.0][random.below(3)];
        }
        Op::LogNdtr => x[0] = x[0].min(1e4),
        Op::SigmoidSlope => x[1] = Op::Sigmoid.value(&[x[0]]),
        Op::TanhSlope => x[1] = Op::Tanh.value(&[x[0]]),
        // Its second derivative is the third of `hypot`: a range in which that has no end.
        Op::Direction => {
            x.iter_mut().for_each(|x| *x = x.signum() * x.abs().clamp(1e-90, 1e90));
            x[2] = Op::Hypot.value(&x[..2]);
        }
        // Else factors overflow before the others make them small again.
        Op::Product if count > 3 => {
            x.iter_mut().for_each(|x| *x = x.signum() * x.abs().clamp(1e-75, 1e75));
        }
        Op::Select => x[0] = f64::from(u8::from(random.below(2) == 0)),
        Op::Log1p if x[0] < -1.0 => x[0] = -1.0 / x[0],
        Op::Acosh => x[0] = if x[0].abs() < 1.0 { 1.0 + x[0].abs() } else { x[0].abs() },
        Op::Asin | Op::Acos | Op::Atanh | Op::OneMinusSquare if x[0].abs() > 1.0 => {
            x[0] = 1.0 / x[0];
        }
        Op::Sqrt | Op::Ln | Op::Log2 | Op::Log10 => x[0] = x[0].abs(),
        _ => {}
    }
    x
}
