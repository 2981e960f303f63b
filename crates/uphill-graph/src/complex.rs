//! Complex numbers, for the complex step: `Im f(x + ih) / h` is `f′(x)` without cancellation (Squire and Trapp 1998).
//!
//! Operations that are no analytic functions follow the real part, as the complex step needs (Martins, Sturdza and
//! Alonso 2003): `abs` turns the sign where the real part is negative, `max` keeps the operand with the larger real
//! part, `floor` is that of the real part. Functions without a complex kernel here give NaN: `erf` and `gamma` with their
//! kin and derivatives, custom operations.

use num_complex::Complex64;

use crate::implicit::{Problem, linear};
use crate::op::Op;
use crate::scalar::Scalar;

impl Op {
    /// Whether the operation works on complex numbers.
    #[must_use]
    pub fn is_analytic(self) -> bool {
        !matches!(
            self,
            Op::Erf
                | Op::Erfc
                | Op::Erfcx
                | Op::ErfcxDerivative
                | Op::LogNdtr
                | Op::LogNdtrDerivative
                | Op::Gamma
                | Op::LnGamma
                | Op::Digamma
                | Op::Trigamma
                | Op::Polygamma
                | Op::Custom(_)
        )
    }
}

impl Scalar for Complex64 {
    fn constant(value: f64) -> Complex64 {
        Complex64::new(value, 0.0)
    }

    /// Comparisons look at real parts, so what steers a loop is real.
    fn known(self) -> Option<f64> {
        Some(self.re)
    }

    /// From the root at the real parts on, Newton's method again: a small imaginary part is right after a step.
    fn implicit(problem: &Problem<Complex64>) -> Vec<Complex64> {
        let real = f64::implicit(&problem.map(|x| x.re));
        let mut y: Vec<Complex64> = real.into_iter().map(Complex64::constant).collect();
        let mut last = f64::INFINITY;
        for _ in 0..problem.repeated.iterations() {
            let (residuals, slopes) = problem.equations_at(&y);
            let steps = linear::eliminate(&slopes, &residuals);
            y.iter_mut().zip(&steps).for_each(|(y, step)| *y -= step);
            let size = steps.iter().map(|step| step.norm()).fold(0.0, f64::max);
            // The steps shrink until rounding is all that is left.
            if size < last {
                last = size;
            } else {
                break; // NaN, too
            }
        }
        y
    }

    fn apply(op: Op, x: &[Complex64]) -> Complex64 {
        let one = Complex64::new(1.0, 0.0);
        let truth = |condition: bool| Complex64::new(f64::from(u8::from(condition)), 0.0);
        let zero = Complex64::new(0.0, 0.0);
        match (op, x) {
            (Op::Add, &[x, y]) => x + y,
            (Op::Sub, &[x, y]) => x - y,
            (Op::Mul, &[x, y]) => x * y,
            (Op::Div, &[x, y]) => x / y,
            (Op::Neg, &[x]) => -x,
            (Op::Recip, &[x]) => one / x,
            (Op::Square, &[x]) => x * x,
            (Op::Powi, &[x, n]) => Complex64::powi(&x, n.re as i32),
            (Op::Pow, &[x, y]) if x == zero => {
                if y == zero {
                    one
                } else {
                    zero
                }
            }
            (Op::Pow, &[x, y]) => x.powc(y),
            (Op::Sqrt, &[x]) => x.sqrt(),
            (Op::Cbrt, &[x]) if x.re < 0.0 => -(-x).cbrt(),
            (Op::Cbrt, &[x]) => x.cbrt(),
            (Op::Hypot, &[x, y]) => (x * x + y * y).sqrt(),
            (Op::Direction, &[x, y, _]) => x / (x * x + y * y).sqrt(),
            (Op::Exp, &[x]) => x.exp(),
            (Op::Exp2, &[x]) => x.exp2(),
            // 2 sinh(x/2) e^(x/2) keeps the digits near 0.
            (Op::Expm1, &[x]) => (x * 0.5).sinh() * (x * 0.5).exp() * 2.0,
            (Op::Ln, &[x]) => x.ln(),
            (Op::Log2, &[x]) => x.log2(),
            (Op::Log10, &[x]) => x.log10(),
            // 2 artanh(x/(2+x)) keeps the digits near 0.
            (Op::Log1p, &[x]) => (x / (x + 2.0)).atanh() * 2.0,
            (Op::Sin, &[x]) => x.sin(),
            (Op::Cos, &[x]) => x.cos(),
            (Op::Tan, &[x]) => x.tan(),
            (Op::Asin, &[x]) => arc_sine(x),
            (Op::Acos, &[x]) => arc_cosine(x),
            (Op::Atan, &[x]) => arc_tangent(x),
            (Op::Atan2, &[y, x]) => {
                // The angle at the real parts is kept; what the imaginary parts add is small and analytic.
                let turn = Complex64::new(x.re, y.re);
                let ratio = (y * turn.re - x * turn.im) / (x * turn.re + y * turn.im);
                arc_tangent(ratio) + turn.im.atan2(turn.re)
            }
            (Op::Sinh, &[x]) => x.sinh(),
            (Op::Cosh, &[x]) => x.cosh(),
            (Op::Tanh, &[x]) => x.tanh(),
            (Op::Asinh, &[x]) => x.asinh(),
            (Op::Acosh, &[x]) => x.acosh(),
            (Op::Atanh, &[x]) => x.atanh(),
            (Op::Sigmoid, &[x]) if x.re < 0.0 => x.exp() / (x.exp() + 1.0),
            (Op::Sigmoid, &[x]) => one / ((-x).exp() + 1.0),
            (Op::SigmoidSlope, &[x, _]) => {
                let f = |x| Complex64::apply(Op::Sigmoid, &[x]);
                f(x) * f(-x)
            }
            (Op::TanhSlope, &[x, _]) => one / (x.cosh() * x.cosh()),
            (Op::OneMinusSquare, &[x]) => (one - x) * (one + x),
            (Op::Softplus, &[x]) if x.re > 0.0 => x + ((-x).exp() + 1.0).ln(),
            (Op::Softplus, &[x]) => (x.exp() + 1.0).ln(),
            (Op::Relu, &[x]) => {
                if x.re > 0.0 {
                    x
                } else {
                    zero
                }
            }
            (Op::Abs, &[x]) => {
                if x.re < 0.0 {
                    -x
                } else {
                    x
                }
            }
            (Op::Sign | Op::Floor | Op::Ceil | Op::Round, &[x]) => {
                Complex64::new(op.value(&[x.re]), 0.0)
            }
            (Op::Mod | Op::Fmod, &[x, y]) => {
                // The real part exactly, and as many multiples as it is away.
                let rest = op.value(&[x.re, y.re]);
                let turns = ((x.re - rest) / y.re).round();
                Complex64::new(rest, x.im - y.im * turns)
            }
            (Op::Softsign, &[x]) => x / (Complex64::apply(Op::Abs, &[x]) + 1.0),
            (Op::Min, &[x, y]) => {
                if x.re < y.re {
                    x
                } else {
                    y
                }
            }
            (Op::Max, &[x, y]) => {
                if x.re > y.re {
                    x
                } else {
                    y
                }
            }
            (Op::Clamp, &[x, lower, upper]) => {
                let raised = Complex64::apply(Op::Max, &[x, lower]);
                Complex64::apply(Op::Min, &[raised, upper])
            }
            (Op::Xlogy, &[x, y]) => {
                if x == zero {
                    zero
                } else {
                    x * y.ln()
                }
            }
            (Op::Less, &[x, y]) => truth(x.re < y.re),
            (Op::LessEqual, &[x, y]) => truth(x.re <= y.re),
            (Op::Greater, &[x, y]) => truth(x.re > y.re),
            (Op::GreaterEqual, &[x, y]) => truth(x.re >= y.re),
            (Op::Equal, &[x, y]) => truth(x.re == y.re),
            (Op::NotEqual, &[x, y]) => truth(x.re != y.re),
            (Op::Select, &[c, x, y]) => {
                if c.re == 0.0 {
                    y
                } else {
                    x
                }
            }
            (Op::Sum, x) => x.iter().copied().reduce(|a, b| a + b).unwrap_or(zero),
            (Op::Product, x) => x.iter().copied().reduce(|a, b| a * b).unwrap_or(one),
            (Op::Dot, x) => {
                x.chunks_exact(2).map(|pair| pair[0] * pair[1]).reduce(|a, b| a + b).unwrap_or(zero)
            }
            (Op::LogSumExp, x) => {
                let Some(largest) = x.iter().map(|x| x.re).reduce(f64::max) else {
                    return Complex64::new(f64::NEG_INFINITY, 0.0);
                };
                x.iter().map(|x| (x - largest).exp()).sum::<Complex64>().ln() + largest
            }
            (Op::Mean, x) => x.iter().copied().sum::<Complex64>() / x.len() as f64,
            _ => {
                debug_assert!(!op.is_analytic(), "`{}` on {} complex numbers", op.name(), x.len());
                Complex64::new(f64::NAN, f64::NAN)
            }
        }
    }
}

// The inverse functions of `num-complex` go through logarithms and lose imaginary parts as small as the complex step's.
// These keep them (Kahan 1987, "Branch cuts for complex elementary functions").

fn arc_sine(z: Complex64) -> Complex64 {
    let (minus, plus) = ((1.0 - z).sqrt(), (1.0 + z).sqrt());
    Complex64::new(z.re.atan2((minus * plus).re), (minus.conj() * plus).im.asinh())
}

fn arc_cosine(z: Complex64) -> Complex64 {
    let (minus, plus) = ((1.0 - z).sqrt(), (1.0 + z).sqrt());
    Complex64::new(2.0 * minus.re.atan2(plus.re), (plus.conj() * minus).im.asinh())
}

fn arc_tangent(z: Complex64) -> Complex64 {
    let (x, y) = (z.re, z.im);
    let re = 0.5 * (2.0 * x).atan2((1.0 - x) * (1.0 + x) - y * y);
    let im = 0.25 * (4.0 * y / (x * x + (1.0 - y) * (1.0 - y))).ln_1p();
    Complex64::new(re, im)
}
