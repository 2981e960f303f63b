//! THE op table: one row an operation.
//!
//! A row reads: the documentation with formula and derivative; the name and the operands; how it prints; the value on
//! `f64`; one rule an operand; what happens at kinks and edges; sample points and the tolerance of the derivative check.
//! In the rules `x, y, …` are the operands, `z` is the result and `d` the incoming adjoint or tangent. A rule is one of
//! `(partial)`, the partial derivative, which the chain rule multiplies by `d`; `[condition => contribution]`, a choice:
//! what `d` becomes where the condition holds, and no dependence elsewhere (`[not condition => …]` for the other branch);
//! and `none`, no dependence anywhere. Where value and slope share work, `with_slope` gives both at once on `f64`, with the
//! bits of the value and the rule.

use uphill_kernels::native as kernel;
use uphill_kernels::native::addresses;

use super::code::{Address, Pair, PairVisitor, RowVisitor};
use super::rows::{Row, address, chooses, count, depends, op_table, rule};
use super::{Arity, COMPARISON, Contribution, Custom, Form, POWER, PRODUCT, SIGN, SUM, nary};
use crate::scalar::Scalar;

fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

fn one<S: Scalar>() -> S {
    S::constant(1.0)
}

fn zero<S: Scalar>() -> S {
    S::constant(0.0)
}

/// Where two operands tie, each gets half.
fn half_if<S: Scalar>(ties: S, d: S) -> S {
    S::select(ties, d * 0.5, d)
}

/// Whether one of two numbers is not 0.
fn either<S: Scalar>(x: S, y: S) -> S {
    S::select(x, one(), y)
}

fn cos_with_slope(x: f64) -> (f64, f64) {
    let (sin, cos) = kernel::sin_cos(x);
    (cos, -sin)
}

impl Op {
    /// Code for this operation and another one behind it that computes both in little more time than one.
    #[doc(hidden)]
    #[must_use]
    pub fn beside(self, other: Op) -> Option<Pair> {
        match (self, other) {
            (Op::Sin, Op::Cos) => Some(Pair::OfOne(addresses::sine_and_cosine())),
            (Op::Cos, Op::Sin) => Some(Pair::OfOne(addresses::cosine_and_sine())),
            (Op::Exp, Op::Exp) => Some(Pair::OfTwo(addresses::two_exponentials())),
            (Op::Sigmoid, Op::Sigmoid) => Some(Pair::OfTwo(addresses::two_sigmoids())),
            _ => None,
        }
    }

    /// What a visitor makes of the rows of this operation and another one of the same number, if both at once are
    /// [`Pair::OfOne`].
    #[doc(hidden)]
    pub fn visit_beside<V: PairVisitor>(self, other: Op, visitor: V) -> Option<V::Output> {
        match (self, other) {
            (Op::Sin, Op::Cos) => Some(visitor.visit::<row::Sin, row::Cos>()),
            (Op::Cos, Op::Sin) => Some(visitor.visit::<row::Cos, row::Sin>()),
            _ => None,
        }
    }
}

op_table! { z d;
fixed {
    /// `x + y`; derivatives 1 and 1.
    Add "add" (x, y) Form::Infix("+", SUM);
    value { x + y } rules { (one()) (one()) } kinks "none";
    samples [[1.5, -2.25], [0.0, 3.0]] within 1e-10;

    /// `x - y`; derivatives 1 and -1.
    Sub "sub" (x, y) Form::Infix("-", SUM);
    value { x - y } rules { (one()) (S::constant(-1.0)) } kinks "none";
    samples [[1.5, -2.25], [0.0, 3.0]] within 1e-10;

    /// `x * y`; derivatives `y` and `x`.
    Mul "mul" (x, y) Form::Infix("*", PRODUCT);
    value { x * y } rules { (y) (x) } kinks "none";
    samples [[1.5, -2.25], [0.0, 3.0]] within 1e-10;

    /// `x / y`; derivatives `1/y` and `-z/y`.
    Div "div" (x, y) Form::Infix("/", PRODUCT);
    value { x / y } rules { (y.recip()) (-(z / y)) } kinks "none; infinite or NaN at y = 0";
    samples [[1.5, -2.25], [0.0, 3.0], [-4.0, 0.5]] within 1e-10;

    /// `-x`; derivative -1.
    Neg "neg" (x) Form::Prefix("-", SIGN);
    value { -x } rules { (S::constant(-1.0)) } kinks "none";
    samples [[1.5], [-0.25]] within 1e-10;

    /// `1 / x`; derivative `-z²`.
    Recip "recip" (x) Form::Reciprocal;
    value { 1.0 / x } rules { (-z.square()) } kinks "none; -inf at 0";
    samples [[1.5], [-0.25]] within 1e-10;

    /// `x²`; derivative `2x`.
    Square "square" (x) Form::Superscript("2");
    value { x * x } rules { (x * 2.0) } kinks "none";
    samples [[1.5], [-0.25], [0.0]] within 1e-10;

    /// `xⁿ` for a constant whole number `n`, by repeated squaring; derivative `n xⁿ⁻¹`, and 0 for n = 0.
    Powi "powi" (x, n) Form::Infix("^", POWER);
    value { kernel::powi(x, n as i32) } rules { [n.not_equal(zero()) => d.times(n * row::Powi::of([x, n - 1.0]))] none }
    kinks "none; x^0 has derivative 0 everywhere";
    samples [[1.5, 3.0], [-0.75, 4.0], [1.25, -2.0], [0.5, 0.0], [2.0, 1.0]] within 1e-9;

    /// `x^y`; derivatives `y x^(y-1)` and `z ln x`.
    Pow "pow" (x, y) Form::Infix("^", POWER);
    value { kernel::pow(x, y) }
    rules {
        // x⁰ is 1 everywhere, at the origin too; but there the slope by y isn't known: `sign` says so.
        (S::select(either(y, x), y * x.pow(y - 1.0), y.sign()))
        // 0^y is 0 for every positive y; its slope by x isn't known.
        (S::select(either(x, y.less_equal(zero())), z * x.ln(), x.sign()))
    }
    kinks "x^0 has derivative 0 in x; 0^y has derivative 0 in y for positive y, and -inf for y = 0";
    samples [[1.5, 2.5], [0.3, -1.25], [4.0, 0.5], [1.0, 3.0]] within 1e-9;

    /// `√x`; derivative `1/(2z)`.
    Sqrt "sqrt" (x) Form::Call;
    // Adding +0 turns the root of -0 into +0: the slope is +inf at both zeros.
    value { kernel::sqrt(x) } rules { (S::constant(0.5) / (z + 0.0)) } kinks "+inf at 0 and -0";
    samples [[0.5], [2.0], [100.0]] within 1e-9;

    /// `∛x`, defined for negative `x` too; derivative `1/(3z²)`.
    Cbrt "cbrt" (x) Form::Call;
    value { kernel::cbrt(x) } rules { ((z.square() * 3.0).recip()) } kinks "+inf at 0";
    samples [[0.5], [-2.0], [100.0]] within 1e-9;

    /// `√(x² + y²)` without overflow; derivatives `x/z` and `y/z`.
    Hypot "hypot" (x, y) Form::Call;
    value { kernel::hypot(x, y) }
    rules { (row::Direction::of([x, y, z])) (row::Direction::of([y, x, z])) }
    kinks "0 at the origin, and NaN to second order";
    samples [[3.0, 4.0], [-0.5, 0.25], [1.0, 0.0]] within 1e-9;

    /// `x/r` with `r = √(x² + y²)`, the slope of [`Op::Hypot`], whose value goes along; derivatives `(y/r)²/r` and
    /// `-(x/r)(y/r)/r`.
    Direction "direction" (x, y, r) Form::Call;
    value { let _ = r; let r = kernel::hypot(x, y); if r == 0.0 { 0.0 } else { x / r } }
    rules {
        ({ let other = row::Direction::of([y, x, r]); other * (other / x.hypot(y)) })
        (-(z * (row::Direction::of([y, x, r]) / x.hypot(y))))
        none
    }
    kinks "0 at the origin, where derivatives are NaN";
    samples [[3.0, 4.0, 5.0], [-0.5, 0.25, 0.5590169943749475], [1.0, 0.0, 1.0]] within 1e-9;

    /// `eˣ`; derivative `z`.
    Exp "exp" (x) Form::Call;
    value { kernel::exp(x) } rules { (z) } kinks "none";
    samples [[-1.5], [0.0], [2.0]] within 1e-9;

    /// `2ˣ`; derivative `z ln 2`.
    Exp2 "exp2" (x) Form::Call;
    value { kernel::exp2(x) } rules { (z * std::f64::consts::LN_2) } kinks "none";
    samples [[-1.5], [0.0], [2.5]] within 1e-9;

    /// `eˣ - 1`, exact near 0; derivative `eˣ`.
    Expm1 "expm1" (x) Form::Call;
    value { kernel::expm1(x) } rules { (x.exp()) } kinks "none";
    samples [[-1.5], [1e-3], [2.0]] within 1e-9;

    /// The natural logarithm; derivative `1/x`.
    Ln "ln" (x) Form::Call;
    value { kernel::ln(x) } rules { (x.recip()) } kinks "+inf at 0";
    samples [[0.25], [1.0], [30.0]] within 1e-9;

    /// The logarithm to base 2; derivative `1/(x ln 2)`.
    Log2 "log2" (x) Form::Call;
    value { kernel::log2(x) } rules { (S::constant(std::f64::consts::LOG2_E) / x) } kinks "+inf at 0";
    samples [[0.25], [1.5], [30.0]] within 1e-9;

    /// The logarithm to base 10; derivative `1/(x ln 10)`.
    Log10 "log10" (x) Form::Call;
    value { kernel::log10(x) } rules { (S::constant(std::f64::consts::LOG10_E) / x) } kinks "+inf at 0";
    samples [[0.25], [1.5], [30.0]] within 1e-9;

    /// `ln(1 + x)`, exact near 0; derivative `1/(1 + x)`.
    Log1p "log1p" (x) Form::Call;
    value { kernel::log1p(x) } rules { ((x + 1.0).recip()) } kinks "+inf at -1";
    samples [[-0.5], [1e-3], [3.0]] within 1e-9;

    /// Sine of radians; derivative `cos x`.
    Sin "sin" (x) Form::Call;
    value { kernel::sin(x) } with_slope { kernel::sin_cos } within TRIGONOMETRIC_BOUND { uphill_kernels::sin_bounded }
    rules { (x.cos()) } kinks "none";
    samples [[-2.0], [0.0], [1.0]] within 1e-9;

    /// Cosine of radians; derivative `-sin x`.
    Cos "cos" (x) Form::Call;
    value { kernel::cos(x) } with_slope { cos_with_slope } within TRIGONOMETRIC_BOUND { uphill_kernels::cos_bounded }
    rules { (-x.sin()) } kinks "none";
    samples [[-2.0], [0.0], [1.0]] within 1e-9;

    /// Tangent of radians; derivative `1 + z²`.
    Tan "tan" (x) Form::Call;
    value { kernel::tan(x) } within TRIGONOMETRIC_BOUND { uphill_kernels::tan_bounded } rules { (z.square() + 1.0) } kinks "none";
    samples [[-1.0], [0.0], [0.5]] within 1e-9;

    /// Arc sine; derivative `1/√((1-x)(1+x))`.
    Asin "asin" (x) Form::Call;
    value { kernel::asin(x) } rules { (row::OneMinusSquare::of([x]).sqrt().recip()) } kinks "+inf at -1 and 1";
    samples [[-0.5], [0.0], [0.75]] within 1e-9;

    /// Arc cosine; derivative `-1/√((1-x)(1+x))`.
    Acos "acos" (x) Form::Call;
    value { kernel::acos(x) } rules { (-row::OneMinusSquare::of([x]).sqrt().recip()) } kinks "-inf at -1 and 1";
    samples [[-0.5], [0.0], [0.75]] within 1e-9;

    /// `1 - x²` on [-1, 1], where arc functions are, NaN outside; derivative `-2x`, without what cancels in `1 - x` and
    /// `1 + x`.
    OneMinusSquare "one_minus_square" (x) Form::Call;
    value { if x.abs() <= 1.0 { (1.0 - x) * (1.0 + x) } else { f64::NAN } } rules { (x * -2.0) } kinks "NaN outside [-1, 1]";
    samples [[-0.5], [0.0], [0.75]] within 1e-9;

    /// Arc tangent; derivative `1/(1 + x²)`.
    Atan "atan" (x) Form::Call;
    value { kernel::atan(x) } rules { (x.hypot(one()).recip().square()) } kinks "none";
    samples [[-2.0], [0.0], [0.75]] within 1e-9;

    /// The angle of the point (x, y), the arguments in the usual order `atan2(y, x)`; derivatives `x/r²` and `-y/r²`.
    Atan2 "atan2" (y, x) Form::Call;
    value { kernel::atan2(y, x) }
    rules {
        ({ let r = x.hypot(y); row::Direction::of([x, y, r]) / r })
        ({ let r = x.hypot(y); -(row::Direction::of([y, x, r]) / r) })
    }
    kinks "NaN at the origin, where no direction is better than another";
    samples [[1.0, 2.0], [-0.5, 0.25], [0.5, -3.0]] within 1e-9;

    /// Hyperbolic sine; derivative `cosh x`.
    Sinh "sinh" (x) Form::Call;
    value { kernel::sinh(x) } rules { (x.cosh()) } kinks "none";
    samples [[-2.0], [0.0], [0.75]] within 1e-9;

    /// Hyperbolic cosine; derivative `sinh x`.
    Cosh "cosh" (x) Form::Call;
    value { kernel::cosh(x) } rules { (x.sinh()) } kinks "none";
    samples [[-2.0], [0.0], [0.75]] within 1e-9;

    /// Hyperbolic tangent; derivative `1 - z²`.
    Tanh "tanh" (x) Form::Call;
    value { kernel::tanh(x) } rules { (row::TanhSlope::of([x, z])) } kinks "none";
    samples [[-2.0], [0.0], [0.75]] within 1e-9;

    /// `1/cosh² x`, the slope of [`Op::Tanh`], whose value `t` goes along for `1 - t²`; derivative `-2z tanh x`.
    TanhSlope "tanh_slope" (x, t) Form::Call;
    value { let _ = t; let root = 1.0 / kernel::cosh(x); root * root } rules { (z * x.tanh() * -2.0) none } kinks "none";
    samples [[-2.0, -0.9640275800758169], [0.0, 0.0], [0.75, 0.6351489523872873]] within 1e-9;

    /// Inverse hyperbolic sine; derivative `1/√(1 + x²)`.
    Asinh "asinh" (x) Form::Call;
    value { kernel::asinh(x) } rules { (x.hypot(one()).recip()) } kinks "none";
    samples [[-2.0], [0.0], [0.75]] within 1e-9;

    /// Inverse hyperbolic cosine; derivative `1/(√(x-1) √(x+1))`.
    Acosh "acosh" (x) Form::Call;
    value { kernel::acosh(x) } rules { (((x - 1.0).sqrt() * (x + 1.0).sqrt()).recip()) } kinks "+inf at 1";
    samples [[1.5], [4.0], [20.0]] within 1e-9;

    /// Inverse hyperbolic tangent; derivative `1/((1-x)(1+x))`.
    Atanh "atanh" (x) Form::Call;
    value { kernel::atanh(x) } rules { (row::OneMinusSquare::of([x]).recip()) } kinks "+inf at -1 and 1";
    samples [[-0.5], [0.0], [0.75]] within 1e-9;

    /// The lecture's `f(σ) = 1/(1 + e^-σ)`; derivative `f(1 - f)`.
    Sigmoid "sigmoid" (x) Form::Call;
    value { kernel::sigmoid(x) } with_slope { kernel::sigmoid_with_slope } rules { (row::SigmoidSlope::of([x, z])) } kinks "none";
    samples [[-3.0], [0.0], [1.5]] within 1e-9;

    /// `f(x)·f(-x)`, the slope of [`Op::Sigmoid`], whose value `f` goes along for `f(1 - f)`; derivative `-z tanh(x/2)`.
    SigmoidSlope "sigmoid_slope" (x, f) Form::Call;
    value { let _ = f; kernel::sigmoid(x) * kernel::sigmoid(-x) } rules { (-(z * (x * 0.5).tanh())) none } kinks "none";
    samples [[-3.0, 0.04742587317756678], [0.0, 0.5], [1.5, 0.8175744761936437]] within 1e-9;

    /// `ln(1 + eˣ)`; derivative `sigmoid x`.
    Softplus "softplus" (x) Form::Call;
    value { kernel::softplus(x) } rules { (x.sigmoid()) } kinks "none";
    samples [[-3.0], [0.0], [1.5]] within 1e-9;

    /// `max(x, 0)`; derivative 1 for positive `x`, else 0.
    Relu "relu" (x) Form::Call;
    value { if x <= 0.0 { 0.0 } else { x } } rules { [x.greater(zero()) => d] } kinks "0 at 0";
    samples [[-3.0], [1.5]] within 1e-9;

    /// `x / (1 + |x|)`; derivative `1/(1 + |x|)²`.
    Softsign "softsign" (x) Form::Call;
    // At infinity the quotient would be no number.
    value { if x.is_infinite() { 1.0f64.copysign(x) } else { x / (x.abs() + 1.0) } }
    rules { ((x.abs() + 1.0).recip().square()) } kinks "none in the slope; its own slope is 0 at 0";
    samples [[-3.0], [0.5], [1.5]] within 1e-9;

    /// The error function; derivative `2/√π · e^(-x²)`.
    Erf "erf" (x) Form::Call;
    value { kernel::erf(x) } rules { ((-(x * x)).exp() * std::f64::consts::FRAC_2_SQRT_PI) } kinks "none";
    samples [[-1.0], [0.0], [0.75]] within 1e-9;

    /// The complementary error function `1 - erf x`, exact far out too; derivative `-2/√π · e^(-x²)`.
    Erfc "erfc" (x) Form::Call;
    value { kernel::erfc(x) } rules { ((-(x * x)).exp() * -std::f64::consts::FRAC_2_SQRT_PI) } kinks "none";
    samples [[-1.0], [0.0], [0.75], [3.0]] within 1e-9;

    /// `e^(x²) · erfc x`, the scaled complementary error function; derivative `erfcx_derivative(1, x)`.
    Erfcx "erfcx" (x) Form::Call;
    value { kernel::erfcx(x) } rules { (row::ErfcxDerivative::of([one(), x])) } kinks "none";
    samples [[-1.0], [0.0], [0.75], [3.0]] within 1e-9;

    /// The `n`-th derivative of `erfcx` for a constant whole number `n`, where differences would cancel; derivative
    /// `erfcx_derivative(n + 1, x)`.
    ErfcxDerivative "erfcx_derivative" (n, x) Form::Call;
    value { kernel::erfcx_derivative(n as u32, x) }
    rules { none (row::ErfcxDerivative::of([n + 1.0, x])) } kinks "none";
    samples [[1.0, -1.0], [1.0, 0.25], [2.0, 0.75], [3.0, 3.0]] within 1e-8;

    /// `ln Φ(x)`, the logarithm of the standard normal distribution function; derivative `φ(x)/Φ(x)`, which is
    /// `log_ndtr_derivative(1, x)`.
    LogNdtr "log_ndtr" (x) Form::Call;
    value { kernel::log_ndtr(x) } rules { (row::LogNdtrDerivative::of([one(), x])) } kinks "none";
    samples [[-9.0], [-1.0], [0.0], [0.75]] within 1e-9;

    /// The `n`-th derivative of `log_ndtr` for a constant whole number `n`; derivative `log_ndtr_derivative(n + 1, x)`.
    LogNdtrDerivative "log_ndtr_derivative" (n, x) Form::Call;
    value { kernel::log_ndtr_derivative(n as u32, x) }
    rules { none (row::LogNdtrDerivative::of([n + 1.0, x])) } kinks "none";
    samples [[1.0, -3.0], [1.0, 0.25], [2.0, -1.0], [2.0, 0.75]] within 1e-8;

    /// The gamma function `Γ(x)`; derivative `z · digamma x`.
    Gamma "gamma" (x) Form::Call;
    value { kernel::gamma(x) } rules { (z * x.digamma()) } kinks "poles at 0, -1, -2, …";
    samples [[0.5], [2.5], [6.0], [-1.5]] within 1e-9;

    /// `ln |Γ(x)|`; derivative `digamma x`.
    LnGamma "ln_gamma" (x) Form::Call;
    value { kernel::ln_gamma(x) } rules { (x.digamma()) } kinks "poles at 0, -1, -2, …";
    samples [[0.5], [2.5], [10.0], [-1.5]] within 1e-9;

    /// The derivative of `ln Γ`; its own derivative is `trigamma x`.
    Digamma "digamma" (x) Form::Call;
    value { kernel::digamma(x) } rules { (x.trigamma()) } kinks "poles at 0, -1, -2, …";
    samples [[0.5], [2.5], [10.0], [-1.5]] within 1e-8;

    /// The derivative of `digamma`; its own derivative is `polygamma(2, x)`.
    Trigamma "trigamma" (x) Form::Call;
    value { kernel::trigamma(x) } rules { (row::Polygamma::of([S::constant(2.0), x])) } kinks "poles at 0, -1, -2, …";
    samples [[0.5], [2.5], [10.0], [-1.5]] within 1e-8;

    /// `n`-th derivative of `digamma` for a constant whole number `n`; derivative `polygamma(n + 1, x)`.
    Polygamma "polygamma" (n, x) Form::Call;
    value { kernel::polygamma(n as u32, x) } rules { none (row::Polygamma::of([n + 1.0, x])) } kinks "poles at 0, -1, -2, …";
    samples [[2.0, 0.5], [3.0, 2.5], [2.0, 10.0], [4.0, 1.5]] within 1e-8;

    /// `|x|`; derivative `sign x`.
    Abs "abs" (x) Form::Call;
    value { x.abs() } rules { (x.sign()) } kinks "0 at 0";
    samples [[-3.0], [1.5]] within 1e-9;

    /// -1, 0 or 1; derivative 0, and NaN at the step.
    Sign "sign" (x) Form::Call;
    value { if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { x * 0.0 + 0.0 } } rules { [x.equals(zero()) => S::constant(f64::NAN)] } kinks "0 at 0; a step has no slope there: NaN";
    samples [[-3.0], [1.5]] within 1e-9;

    /// The largest whole number that is not above `x`; derivative 0, and none at whole numbers.
    Floor "floor" (x) Form::Call;
    value { kernel::floor(x) } rules { [x.equals(z) => S::constant(f64::NAN)] } kinks "NaN at whole numbers, where it jumps";
    samples [[-3.5], [1.25]] within 1e-9;

    /// The smallest whole number that is not below `x`; derivative 0, and none at whole numbers.
    Ceil "ceil" (x) Form::Call;
    value { kernel::ceil(x) } rules { [x.equals(z) => S::constant(f64::NAN)] } kinks "NaN at whole numbers, where it jumps";
    samples [[-3.5], [1.25]] within 1e-9;

    /// The nearest whole number, halves away from zero; derivative 0, and none at halves.
    Round "round" (x) Form::Call;
    value { kernel::round(x) }
    rules { [(x - z).abs().equals(S::constant(0.5)) => S::constant(f64::NAN)] } kinks "NaN at halves, where it jumps";
    samples [[-3.25], [1.125]] within 1e-9;

    /// `x - y floor(x/y)`, the remainder with the sign of `y`; derivatives 1 and `-floor(x/y)`.
    Mod "mod" (x, y) Form::Call;
    value { kernel::modulo(x, y) }
    rules {
        (S::select(z.equals(zero()), S::constant(f64::NAN), one()))
        (S::select(z.equals(zero()), S::constant(f64::NAN), -(x / y - z / y).round()))
    }
    kinks "NaN where x is a multiple of y: it jumps there";
    samples [[7.5, 2.0], [-7.75, 2.0], [7.25, -2.0], [0.5, 3.0]] within 1e-9;

    /// `x - y n` with `n = x/y` rounded towards zero, the remainder with the sign of `x`; derivatives 1 and `-n`.
    Fmod "fmod" (x, y) Form::Call;
    value { kernel::fmod(x, y) }
    rules {
        (S::select(S::select(x, z.equals(zero()), zero()), S::constant(f64::NAN), one()))
        (S::select(S::select(x, z.equals(zero()), zero()), S::constant(f64::NAN), -(x / y - z / y).round()))
    }
    kinks "NaN where x is a multiple of y but 0: it jumps there";
    samples [[7.5, 2.0], [-7.75, 2.0], [7.25, -2.0], [0.5, 3.0]] within 1e-9;

    /// The smaller one, NaN if either is NaN; derivative 1 for the smaller, 0 for the other.
    Min "min" (x, y) Form::Call;
    value { if x < y { x } else if y <= x { y } else { x + y } }
    rules { [x.less_equal(y) => half_if(x.equals(y), d)] [y.less_equal(x) => half_if(x.equals(y), d)] } kinks "½ and ½ at a tie";
    samples [[-3.0, 1.0], [1.5, 0.5]] within 1e-9;

    /// The larger one, NaN if either is NaN; derivative 1 for the larger, 0 for the other.
    Max "max" (x, y) Form::Call;
    value { if x > y { x } else if y >= x { y } else { x + y } }
    rules { [x.greater_equal(y) => half_if(x.equals(y), d)] [y.greater_equal(x) => half_if(x.equals(y), d)] } kinks "½ and ½ at a tie";
    samples [[-3.0, 1.0], [1.5, 0.5]] within 1e-9;

    /// `min(max(x, lower), upper)`; the derivative goes to the one that the result equals.
    Clamp "clamp" (x, lower, upper) Form::Call;
    value { row::Min::value([row::Max::value([x, lower]), upper]) }
    rules {
        [S::select(lower.less(x), x.less(upper), zero()) => d]
        [S::select(x.less_equal(lower), lower.less(upper), zero()) => d]
        [upper.less_equal(x.max(lower)) => d]
    }
    kinks "0 in x at a bound: the bound has it";
    samples [[0.5, -1.0, 1.0], [-3.0, -1.0, 1.0], [3.0, -1.0, 1.0]] within 1e-9;

    /// `x ln y`, 0 for x = 0 whatever `y`; derivatives `ln y` and `x/y`.
    Xlogy "xlogy" (x, y) Form::Call;
    value { if x == 0.0 && !y.is_nan() { 0.0 } else { x * kernel::ln(y) } }
    rules { (y.ln()) (S::select(either(x, y), x / y, x.sign())) } kinks "0 in y for x = 0; -inf in x for y = 0";
    samples [[0.5, 2.0], [-1.5, 0.25], [0.0, 2.0]] within 1e-9;

    /// 1 if `x < y`, else 0; no derivative.
    Less "less" (x, y) Form::Infix("<", COMPARISON);
    value { truth(x < y) } rules { none none } kinks "0 everywhere";
    samples [[1.0, 2.0], [2.0, 1.0]] within 1e-9;

    /// 1 if `x <= y`, else 0; no derivative.
    LessEqual "less_equal" (x, y) Form::Infix("<=", COMPARISON);
    value { truth(x <= y) } rules { none none } kinks "0 everywhere";
    samples [[1.0, 2.0], [2.0, 1.0]] within 1e-9;

    /// 1 if `x > y`, else 0; no derivative.
    Greater "greater" (x, y) Form::Infix(">", COMPARISON);
    value { truth(x > y) } rules { none none } kinks "0 everywhere";
    samples [[1.0, 2.0], [2.0, 1.0]] within 1e-9;

    /// 1 if `x >= y`, else 0; no derivative.
    GreaterEqual "greater_equal" (x, y) Form::Infix(">=", COMPARISON);
    value { truth(x >= y) } rules { none none } kinks "0 everywhere";
    samples [[1.0, 2.0], [2.0, 1.0]] within 1e-9;

    /// 1 if `x = y`, else 0; no derivative.
    Equal "equal" (x, y) Form::Infix("==", COMPARISON);
    value { truth(x == y) } rules { none none } kinks "0 everywhere";
    samples [[1.0, 2.0], [2.0, 1.0]] within 1e-9;

    /// 1 if `x ≠ y`, else 0; no derivative.
    NotEqual "not_equal" (x, y) Form::Infix("!=", COMPARISON);
    value { truth(x != y) } rules { none none } kinks "0 everywhere";
    samples [[1.0, 2.0], [2.0, 1.0]] within 1e-9;

    /// `x` where the condition is not 0, else `y`; the derivative goes to the one chosen.
    Select "select" (c, x, y) Form::Call;
    value { if c == 0.0 { y } else { x } } rules { none [c => d] [not c => d] }
    kinks "the chosen branch's, exactly 0 for the other";
    samples [[1.0, 2.0, 3.0], [0.0, 2.0, 3.0]] within 1e-9;
}
nary {
    /// `x₁ + x₂ + …`, added from the first to the last; 0 if empty; derivatives 1.
    Sum "sum" Arity::Any, Form::Sum; kinks "none";
    samples [[1.0, -2.5, 4.0], [0.25]] within 1e-10;

    /// `x₁ · x₂ · …`, multiplied from the first to the last; 1 if empty; derivatives: the product of the others.
    Product "product" Arity::Any, Form::Product; kinks "none: right at zeros too";
    samples [[1.0, -2.5, 4.0], [0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.25], [2.0, 3.0]] within 1e-9;

    /// `x₁·y₁ + x₂·y₂ + …` over pairs `x₁, y₁, x₂, y₂, …`, added from the first to the last; derivatives: the partner.
    Dot "dot" Arity::Pairs, Form::SumOfProducts; kinks "none";
    samples [[1.0, -2.5, 4.0, 0.5], [0.25, 3.0]] within 1e-9;

    /// `ln Σ e^xₖ` without overflow; -inf if empty; derivatives `e^(xₖ - z)`.
    LogSumExp "log_sum_exp" Arity::Any, Form::Call; kinks "NaN where all operands are -inf";
    samples [[1.0, -2.5, 4.0], [0.25]] within 1e-9;

    /// `(x₁ + … + xₙ) / n`; NaN if empty; derivatives `1/n`.
    Mean "mean" Arity::Any, Form::Call; kinks "none";
    samples [[1.0, -2.5, 4.0], [0.25]] within 1e-9;
}
}
