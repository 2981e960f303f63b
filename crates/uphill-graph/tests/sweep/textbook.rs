//! First and second derivatives of every operation as textbooks have them, in numbers of 77 digits.
//!
//! Nothing here comes from the table. Formulas are written so that 77 digits are enough for every double.

use uphill_graph::Op;

use crate::big::Big;
use crate::gamma::{ln_gamma, polygamma};

/// The derivatives of one operation at a point.
pub(crate) struct Derivatives {
    pub(crate) first: Vec<Big>,
    /// By rows.
    pub(crate) second: Vec<Big>,
}

fn number(x: f64) -> Big {
    Big::from(x)
}

fn one(first: Big, second: Big) -> Derivatives {
    Derivatives { first: vec![first], second: vec![second] }
}

fn two(by_x: Big, by_y: Big, xx: Big, xy: Big, yy: Big) -> Derivatives {
    Derivatives { first: vec![by_x, by_y], second: vec![xx, xy, xy, yy] }
}

/// Slopes of a function that is a plane around the point.
fn plane(first: &[f64]) -> Derivatives {
    let n = first.len();
    Derivatives {
        first: first.iter().map(|&x| number(x)).collect(),
        second: vec![number(0.0); n * n],
    }
}

/// The textbook's derivatives at `x`; `None` where there are none: outside of the domain, at kinks and poles.
///
/// Panics for an operation that is not known here.
pub(crate) fn derivatives(op: Op, x: &[Big]) -> Option<Derivatives> {
    let made = match (op, x) {
        (_, &[x]) => of_one(op, x)?,
        (Op::Direction, &[x, y, _]) => direction(x, y)?,
        (Op::ErfcxDerivative | Op::LogNdtrDerivative, &[n, x]) => with_a_parameter(op, n, x)?,
        (Op::Powi | Op::Pow | Op::Polygamma | Op::SigmoidSlope | Op::TanhSlope, &[x, y]) => {
            with_a_parameter(op, x, y)?
        }
        (_, &[x, y]) => of_two(op, x, y)?,
        _ => of_many(op, x)?,
    };
    made.first.iter().chain(&made.second).all(|x| x.is_number()).then_some(made)
}

fn of_one(op: Op, x: Big) -> Option<Derivatives> {
    let zero = number(0.0);
    let sign = number(if x.is_negative() { -1.0 } else { 1.0 });
    let inside = (1.0 - x) * (1.0 + x);
    let more = 1.0 + x.square();
    let within = || (!inside.is_negative() && !inside.is_zero()).then_some(());
    let positive = || (!x.is_negative() && !x.is_zero()).then_some(());
    let logarithm = |base: Big| one(1.0 / (x * base.ln()), -1.0 / (x.square() * base.ln()));
    Some(match op {
        Op::Neg => one(number(-1.0), zero),
        Op::Recip => one(-1.0 / x.square(), 2.0 / x.cube()),
        Op::Square => one(2.0 * x, number(2.0)),
        Op::Sqrt => {
            positive()?;
            one(0.5 / x.sqrt(), -0.25 / (x * x.sqrt()))
        }
        Op::Cbrt => {
            let root = x.cbrt();
            one(1.0 / (3.0 * root.square()), -2.0 / (9.0 * x * root.square()))
        }
        Op::Exp | Op::Expm1 => one(x.exp(), x.exp()),
        Op::Exp2 => {
            let ln_2 = number(2.0).ln();
            let z = (x * ln_2).exp();
            one(ln_2 * z, ln_2.square() * z)
        }
        Op::Ln => {
            positive()?;
            one(1.0 / x, -1.0 / x.square())
        }
        Op::Log2 | Op::Log10 => {
            positive()?;
            logarithm(number(if op == Op::Log2 { 2.0 } else { 10.0 }))
        }
        Op::Log1p => {
            let y = 1.0 + x;
            if y.is_negative() || y.is_zero() {
                return None;
            }
            one(1.0 / y, -1.0 / y.square())
        }
        Op::Sin => one(x.cos(), -x.sin()),
        Op::Cos => one(-x.sin(), -x.cos()),
        Op::Tan => {
            let t = x.sin() / x.cos();
            one(1.0 + t.square(), 2.0 * t * (1.0 + t.square()))
        }
        Op::Asin | Op::Acos => {
            within()?;
            let way = number(if op == Op::Asin { 1.0 } else { -1.0 });
            one(way / inside.sqrt(), way * x / (inside * inside.sqrt()))
        }
        Op::Atan => one(1.0 / more, -2.0 * x / more.square()),
        Op::Sinh => one(x.cosh(), x.sinh()),
        Op::Cosh => one(x.sinh(), x.cosh()),
        Op::Tanh => {
            let slope = 1.0 / x.cosh().square();
            one(slope, -2.0 * x.tanh() * slope)
        }
        Op::Asinh => one(1.0 / more.sqrt(), -x / (more * more.sqrt())),
        Op::Acosh => {
            if x.partial_cmp(&number(1.0)) != Some(std::cmp::Ordering::Greater) {
                return None;
            }
            let root = -inside;
            one(1.0 / root.sqrt(), -x / (root * root.sqrt()))
        }
        Op::Atanh => {
            within()?;
            one(1.0 / inside, 2.0 * x / inside.square())
        }
        Op::Sigmoid => one(bell(x), bend(x)),
        Op::Softplus => one(1.0 / (1.0 + (-x).exp()), bell(x)),
        Op::Erf => {
            let slope = 2.0 / Big::pi().sqrt() * (-x.square()).exp();
            one(slope, -2.0 * x * slope)
        }
        Op::Erfc => {
            let slope = -2.0 / Big::pi().sqrt() * (-x.square()).exp();
            one(slope, -2.0 * x * slope)
        }
        Op::Erfcx => {
            let w = erfcx_derivatives(x, 2);
            one(w[1], w[2])
        }
        Op::LogNdtr => {
            let l = log_ndtr_derivatives(x, 2);
            one(l[0], l[1])
        }
        Op::Gamma => {
            let (psi, psi_1) = (polygamma(0, x)?, polygamma(1, x)?);
            let size = ln_gamma(x)?.exp();
            let is_negative = x.is_negative() && x.near().floor() % 2.0 != 0.0;
            let z = if is_negative { -size } else { size };
            one(z * psi, z * (psi.square() + psi_1))
        }
        Op::Softsign => {
            let a = 1.0 + x.abs();
            one(1.0 / a.square(), -2.0 * sign / a.cube())
        }
        Op::Floor | Op::Ceil if x.near() != x.near().floor() => plane(&[0.0]),
        Op::Round if x.near() - x.near().floor() != 0.5 => plane(&[0.0]),
        Op::Floor | Op::Ceil | Op::Round => return None,
        Op::LnGamma => one(polygamma(0, x)?, polygamma(1, x)?),
        Op::Digamma => one(polygamma(1, x)?, polygamma(2, x)?),
        Op::Trigamma => one(polygamma(2, x)?, polygamma(3, x)?),
        Op::OneMinusSquare => {
            within()?;
            one(-2.0 * x, number(-2.0))
        }
        Op::Abs if !x.is_zero() => one(sign, zero),
        Op::Relu if !x.is_zero() => one(if x.is_negative() { zero } else { sign }, zero),
        Op::Sign if !x.is_zero() => one(zero, zero),
        Op::Abs | Op::Relu | Op::Sign => return None,
        Op::Sum | Op::Product | Op::Mean | Op::LogSumExp => one(number(1.0), zero),
        _ => panic!("the textbook lacks the derivatives of `{}`: add them here", op.name()),
    })
}

/// The slope of the sigmoid.
fn bell(x: Big) -> Big {
    let e = (-x.abs()).exp();
    e / (1.0 + e).square()
}

/// Its second derivative.
fn bend(x: Big) -> Big {
    -bell(x) * (x * 0.5).tanh()
}

/// Operations whose second operand is fixed, or follows from the first; and powers of positive numbers.
fn with_a_parameter(op: Op, x: Big, y: Big) -> Option<Derivatives> {
    let zero = number(0.0);
    Some(match op {
        Op::Powi => {
            let n = y.near();
            let power = |less: i32| {
                let exponent = n as i32 - less;
                if x.is_zero() && exponent < 0 { zero } else { x.powi(exponent) }
            };
            two(n * power(1), zero, n * (n - 1.0) * power(2), zero, zero)
        }
        Op::Polygamma => {
            let (n, x) = (x.near() as usize, y);
            two(zero, polygamma(n + 1, x)?, zero, zero, polygamma(n + 2, x)?)
        }
        Op::ErfcxDerivative => {
            let n = x.near() as usize;
            let w = erfcx_derivatives(y, n + 2);
            two(zero, w[n + 1], zero, zero, w[n + 2])
        }
        Op::LogNdtrDerivative => {
            let n = x.near() as usize;
            let l = log_ndtr_derivatives(y, n + 2);
            two(zero, l[n], zero, zero, l[n + 1])
        }
        Op::SigmoidSlope => {
            let (s, t) = (bell(x), (x * 0.5).tanh());
            two(bend(x), zero, s * (t.square() - 2.0 * s), zero, zero)
        }
        Op::TanhSlope => {
            let (t, s) = (x.tanh(), 1.0 / x.cosh().square());
            two(-2.0 * t * s, zero, s * (4.0 * t.square() - 2.0 * s), zero, zero)
        }
        _ => {
            if x.is_negative() || x.is_zero() {
                return None;
            }
            let (z, ln) = (x.pow(y), x.ln());
            let slope = z / x;
            two(
                y * slope,
                z * ln,
                y * (y - 1.0) * slope / x,
                slope * (1.0 + y * ln),
                z * ln.square(),
            )
        }
    })
}

/// `e^(x²) erfc x` and its derivatives up to the `n`-th: w′ = 2xw - 2/√π, and w⁽ᵏ⁺¹⁾ = 2xw⁽ᵏ⁾ + 2kw⁽ᵏ⁻¹⁾.
fn erfcx_derivatives(x: Big, n: usize) -> Vec<Big> {
    let root = Big::pi().sqrt();
    let size = x.near();
    if size > 1e5 {
        // 1/(x√π) · Σ (-1)ᵏ (2k-1)!!/(2x²)ᵏ, term by term.
        let mut all = vec![number(0.0); n + 1];
        let mut factor = 1.0 / root;
        for k in 0..16 {
            let power = 2 * k + 1;
            let mut term = factor / x.powi(power);
            for (order, sum) in all.iter_mut().enumerate() {
                *sum = *sum + term;
                term = -term * f64::from(power + order as i32) / x;
            }
            factor = -factor * f64::from(2 * k + 1) * 0.5;
        }
        return all;
    }
    let w = if size < -2.0 {
        2.0 * x.square().exp() - erfcx_derivatives(-x, 0)[0]
    } else if size < 2.0 {
        // 1 - erf, by the series of erf.
        let (mut term, mut sum) = (x, x);
        for k in 1..160 {
            term = -term * x.square() / f64::from(k);
            sum = sum + term / f64::from(2 * k + 1);
        }
        (1.0 - 2.0 * sum / root) * x.square().exp()
    } else {
        // Laplace's continued fraction.
        let fraction = (1..700).rev().fold(x, |below, k| x + 0.5 * f64::from(k) / below);
        1.0 / (root * fraction)
    };
    let mut all = vec![w, 2.0 * x * w - 2.0 / root];
    for k in 1..n {
        all.push(2.0 * x * all[k] + 2.0 * k as f64 * all[k - 1]);
    }
    all
}

/// The first derivative of `ln Φ(x)` and `n` more: h = φ/Φ has h′ = -h(x + h).
fn log_ndtr_derivatives(x: Big, n: usize) -> Vec<Big> {
    if x.near() < -1e5 {
        // -x - 1/x + 2/x³ - 10/x⁵ + …, term by term: the numbers of indecomposable pairings.
        let mut all = vec![number(0.0); n + 1];
        for (k, pairings) in [-1.0, 2.0, -10.0, 74.0, -706.0, 8162.0].into_iter().enumerate() {
            let power = 2 * k as i32 + 1;
            let mut term = pairings / x.powi(power);
            for (order, sum) in all.iter_mut().enumerate() {
                *sum = *sum + term;
                term = -term * f64::from(power + order as i32) / x;
            }
        }
        all[0] = all[0] - x;
        all[1] = all[1] - 1.0;
        return all;
    }
    let root_2 = number(2.0).sqrt();
    let mut h = vec![(number(2.0) / Big::pi()).sqrt() / erfcx_derivatives(-x / root_2, 0)[0]];
    for k in 0..n {
        // Leibniz's rule, with g = x + h.
        let g = |m: usize, h: &[Big]| match m {
            0 => x + h[0],
            1 => 1.0 + h[1],
            _ => h[m],
        };
        let (mut binomial, mut sum) = (1.0, number(0.0));
        for j in 0..=k {
            sum = sum + binomial * h[j] * g(k - j, &h);
            binomial = binomial * (k - j) as f64 / (j + 1) as f64;
        }
        h.push(-sum);
    }
    h
}

/// x/h for the length h of (x, y).
fn direction(x: Big, y: Big) -> Option<Derivatives> {
    let square = x.square() + y.square();
    if square.is_zero() {
        return None;
    }
    let (cube, fifth) = (square * square.sqrt(), square.square() * square.sqrt());
    let made = two(
        y.square() / cube,
        -x * y / cube,
        -3.0 * x * y.square() / fifth,
        y * (2.0 * x.square() - y.square()) / fifth,
        x * (2.0 * y.square() - x.square()) / fifth,
    );
    // The third operand is the length, which goes along.
    let zero = number(0.0);
    let (by, of) = (made.first, made.second);
    Some(Derivatives {
        first: vec![by[0], by[1], zero],
        second: vec![of[0], of[1], zero, of[2], of[3], zero, zero, zero, zero],
    })
}

fn of_two(op: Op, x: Big, y: Big) -> Option<Derivatives> {
    let zero = number(0.0);
    let one = number(1.0);
    let half = number(0.5);
    let length = || {
        let square = x.square() + y.square();
        (!square.is_zero()).then(|| (square, square.sqrt()))
    };
    Some(match op {
        Op::Add | Op::Sum => plane(&[1.0, 1.0]),
        Op::Sub => plane(&[1.0, -1.0]),
        Op::Mul | Op::Dot | Op::Product => two(y, x, zero, one, zero),
        Op::Mean => plane(&[0.5, 0.5]),
        Op::Div => {
            let square = y.square();
            two(1.0 / y, -x / square, zero, -1.0 / square, 2.0 * x / (square * y))
        }
        Op::Hypot => {
            let (square, h) = length()?;
            let cube = square * h;
            two(x / h, y / h, y.square() / cube, -x * y / cube, x.square() / cube)
        }
        Op::Atan2 => {
            // The angle of the point (y, x) in the names of here.
            let (square, _) = length()?;
            let fourth = square.square();
            let both = 2.0 * x * y / fourth;
            two(y / square, -x / square, -both, (x - y) * (x + y) / fourth, both)
        }
        Op::Min | Op::Max => {
            let first =
                if x == y { half } else { number(f64::from(u8::from((x < y) == (op == Op::Min)))) };
            two(first, 1.0 - first, zero, zero, zero)
        }
        Op::Mod | Op::Fmod => {
            let quotient = x / y;
            // Beyond it the next number is another multiple away.
            if y.is_zero() || quotient.abs() > number(2f64.powi(50)) {
                return None;
            }
            let floor = quotient.floor();
            if (floor * y - x).is_zero() {
                return None;
            }
            let up = op == Op::Fmod && quotient.is_negative();
            let count = if up { floor + 1.0 } else { floor };
            two(one, -count, zero, zero, zero)
        }
        Op::Xlogy => {
            if y.is_negative() || y.is_zero() {
                return None;
            }
            two(y.ln(), x / y, zero, 1.0 / y, -x / y.square())
        }
        Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual | Op::Equal | Op::NotEqual => {
            plane(&[0.0, 0.0])
        }
        _ => return of_many(op, &[x, y]),
    })
}

fn of_many(op: Op, x: &[Big]) -> Option<Derivatives> {
    let zero = number(0.0);
    let n = x.len();
    let matrix = |entry: &dyn Fn(usize, usize) -> Big| {
        (0..n * n).map(|index| entry(index / n, index % n)).collect::<Vec<Big>>()
    };
    Some(match op {
        Op::Sum => plane(&vec![1.0; n]),
        Op::Mean => {
            Derivatives { first: vec![1.0 / number(n as f64); n], second: vec![zero; n * n] }
        }
        Op::Product => {
            let without = |a: usize, b: usize| {
                let others = (0..n).filter(|&k| k != a && k != b).map(|k| x[k]);
                others.fold(number(1.0), |product, factor| product * factor)
            };
            Derivatives {
                first: (0..n).map(|k| without(k, k)).collect(),
                second: matrix(&|a, b| if a == b { zero } else { without(a, b) }),
            }
        }
        Op::Dot => Derivatives {
            first: (0..n).map(|k| x[k ^ 1]).collect(),
            second: matrix(&|a, b| number(f64::from(u8::from(a == b ^ 1)))),
        },
        Op::LogSumExp => {
            let weight = |k: usize| {
                let terms = x.iter().map(|&other| (other - x[k]).exp());
                1.0 / terms.fold(zero, |sum, term| sum + term)
            };
            let weights: Vec<Big> = (0..n).map(weight).collect();
            let others =
                |k: usize| (0..n).filter(|&j| j != k).fold(zero, |sum, j| sum + weights[j]);
            let second = matrix(&|a, b| {
                if a == b { weights[a] * others(a) } else { -weights[a] * weights[b] }
            });
            Derivatives { first: weights, second }
        }
        Op::Clamp => {
            let &[x, lower, upper] = x else { unreachable!("three operands") };
            if x == lower || x == upper || lower >= upper {
                return None;
            }
            match (x < lower, x > upper) {
                (true, _) => plane(&[0.0, 1.0, 0.0]),
                (_, true) => plane(&[0.0, 0.0, 1.0]),
                _ => plane(&[1.0, 0.0, 0.0]),
            }
        }
        Op::Select if x[0].is_zero() => plane(&[0.0, 0.0, 1.0]),
        Op::Select => plane(&[0.0, 1.0, 0.0]),
        _ => panic!("the textbook lacks the derivatives of `{}`: add them here", op.name()),
    })
}
