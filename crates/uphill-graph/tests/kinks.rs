//! Kinks and edges are decided once, and every mode knows the decision: value, slope and curvature of each case.
//!
//! A row says what a function gives at a point where mathematics alone does not tell. First derivatives are taken by
//! gradient graphs, duals and `jvp`; second ones by the Hessian, by gradients of gradients, forward over reverse,
//! reverse over forward, duals over gradient graphs, and nested duals.

mod common;

use common::{Report, by_duals, by_gradients, same_number};
use uphill_graph::{Function, Inputs, Op, Scalar, Var};

type Code = for<'g> fn(&[Var<'g>]) -> Var<'g>;

struct Row {
    name: &'static str,
    code: Code,
    at: &'static [f64],
    value: f64,
    gradient: &'static [f64],
    hessian: &'static [f64],
}

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn zero<'g>() -> Var<'g> {
    Var::constant(0.0)
}

/// `x` where it is positive, else 0, of a function that has no finite slope, or no value, elsewhere.
fn guarded<'g>(x: Var<'g>, of: impl Fn(Var<'g>) -> Var<'g>) -> Var<'g> {
    Scalar::select(x.greater(zero()), of(x), zero())
}

macro_rules! rows {
    ($($name:literal, |$x:ident| $code:expr, $at:expr => $value:expr, $gradient:expr, $hessian:expr;)+) => {
        [$(Row {
            name: $name,
            code: |$x| $code,
            at: &$at,
            value: $value,
            gradient: &$gradient,
            hessian: &$hessian,
        }),+]
    };
}

fn rows() -> Vec<Row> {
    rows! {
        "select(x > 0, sqrt x, 0)", |x| guarded(x[0], Var::sqrt), [0.0] => 0.0, [0.0], [0.0];
        "select(x > 0, sqrt x, 0)", |x| guarded(x[0], Var::sqrt), [-0.0] => 0.0, [0.0], [0.0];
        "select(x > 0, sqrt x, 0)", |x| guarded(x[0], Var::sqrt), [-1.0] => 0.0, [0.0], [0.0];
        "select(x > 0, sqrt x, 0)", |x| guarded(x[0], Var::sqrt), [4.0] => 2.0, [0.25], [-0.03125];
        "select(x > 0, ln x, 0)", |x| guarded(x[0], Var::ln), [0.0] => 0.0, [0.0], [0.0];
        "select(x > 0, 1/x, 0)", |x| guarded(x[0], Var::recip), [0.0] => 0.0, [0.0], [0.0];
        "select(x > 0, x ln x, 0)", |x| guarded(x[0], |x| x * x.ln()), [0.0] => 0.0, [0.0], [0.0];
        "select(x > 0, sqrt x, y²)", |x| Var::select(x[0].greater(zero()), x[0].sqrt(), x[1].square()),
            [0.0, 3.0] => 9.0, [0.0, 6.0], [0.0, 0.0, 0.0, 2.0];
        "select(x > 0, sqrt x, 0)²", |x| guarded(x[0], Var::sqrt).square(), [0.0] => 0.0, [0.0], [0.0];
        "exp(select(x > 0, sqrt x, 0))", |x| guarded(x[0], Var::sqrt).exp(), [0.0] => 1.0, [0.0], [0.0];
        "select(x, y, z) on NaN", |x| Var::select(x[0], x[1], x[2]), [NAN, 2.0, 3.0]
            => 2.0, [0.0, 1.0, 0.0], [0.0; 9];
        "max(x, x)", |x| x[0].max(x[0]), [3.0] => 3.0, [1.0], [0.0];
        "min(x, x)", |x| x[0].min(x[0]), [3.0] => 3.0, [1.0], [0.0];
        "max(x, y)", |x| x[0].max(x[1]), [2.0, 2.0] => 2.0, [0.5, 0.5], [0.0; 4];
        "min(x, y)", |x| x[0].min(x[1]), [2.0, 2.0] => 2.0, [0.5, 0.5], [0.0; 4];
        "max(x, y)", |x| x[0].max(x[1]), [0.0, -0.0] => -0.0, [0.5, 0.5], [0.0; 4];
        "max(x², y)", |x| x[0].square().max(x[1]), [1.0, 1.0] => 1.0, [1.0, 0.5], [1.0, 0.0, 0.0, 0.0];
        "max(x, 0)", |x| x[0].max(zero()), [0.0] => 0.0, [0.5], [0.0];
        "abs x", |x| x[0].abs(), [0.0] => 0.0, [0.0], [NAN];
        "abs x", |x| x[0].abs(), [-0.0] => 0.0, [0.0], [NAN];
        "x abs x", |x| x[0] * x[0].abs(), [0.0] => 0.0, [0.0], [NAN];
        "(abs x)²", |x| x[0].abs().square(), [0.0] => 0.0, [0.0], [NAN];
        "relu x", |x| x[0].relu(), [0.0] => 0.0, [0.0], [0.0];
        "relu x", |x| x[0].relu(), [-0.0] => 0.0, [0.0], [0.0];
        "relu(x)²", |x| x[0].relu().square(), [0.0] => 0.0, [0.0], [0.0];
        "relu sqrt x", |x| x[0].sqrt().relu(), [0.0] => 0.0, [0.0], [0.0];
        "clamp(x, -1, 1)", |x| x[0].clamp(Var::constant(-1.0), Var::constant(1.0)), [-1.0]
            => -1.0, [0.0], [0.0];
        "clamp(x, -1, 1)", |x| x[0].clamp(Var::constant(-1.0), Var::constant(1.0)), [1.0]
            => 1.0, [0.0], [0.0];
        "clamp(x, l, u)", |x| x[0].clamp(x[1], x[2]), [-1.0, -1.0, 1.0] => -1.0, [0.0, 1.0, 0.0], [0.0; 9];
        "clamp(x, l, u)", |x| x[0].clamp(x[1], x[2]), [1.0, -1.0, 1.0] => 1.0, [0.0, 0.0, 1.0], [0.0; 9];
        "clamp(x, l, u)", |x| x[0].clamp(x[1], x[2]), [2.0, 2.0, 2.0] => 2.0, [0.0, 0.0, 1.0], [0.0; 9];
        "clamp(x, l, u), crossed bounds", |x| x[0].clamp(x[1], x[2]), [0.0, 1.0, -1.0]
            => -1.0, [0.0, 0.0, 1.0], [0.0; 9];
        "clamp(x, x, x)", |x| x[0].clamp(x[0], x[0]), [2.0] => 2.0, [1.0], [0.0];
        "sign x", |x| x[0].sign(), [0.0] => 0.0, [NAN], [0.0];
        "sign x", |x| x[0].sign(), [2.0] => 1.0, [0.0], [0.0];
        "sign x", |x| x[0].sign(), [-0.0] => 0.0, [NAN], [0.0];
        "x < y", |x| x[0].less(x[1]), [1.0, 1.0] => 0.0, [0.0; 2], [0.0; 4];
        "x == y", |x| x[0].equals(x[1]), [1.0, 1.0] => 1.0, [0.0; 2], [0.0; 4];
        // A live 0 times infinity is NaN, and no 0.
        "cbrt(x)³", |x| x[0].cbrt().powi(3), [0.0] => 0.0, [NAN], [NAN];
        "exp(ln x)", |x| x[0].ln().exp(), [0.0] => 0.0, [NAN], [NAN];
        "1/(1/x)", |x| x[0].recip().recip(), [0.0] => 0.0, [NAN], [NAN];
        "cosh(sqrt x)", |x| x[0].sqrt().cosh(), [0.0] => 1.0, [NAN], [NAN];
        "select(x >= 0, cbrt(x)³, 0)", |x| Scalar::select(x[0].greater_equal(zero()), x[0].cbrt().powi(3), zero()),
            [0.0] => 0.0, [NAN], [NAN];
        "select(x > 0, cbrt(x)³, 0)", |x| guarded(x[0], |x| x.cbrt().powi(3)), [0.0] => 0.0, [0.0], [0.0];
        "sqrt(relu x)", |x| x[0].relu().sqrt(), [-1.0] => 0.0, [0.0], [0.0];
        "relu(-sqrt x)", |x| (-x[0].sqrt()).relu(), [0.0] => 0.0, [0.0], [0.0];
        "max(sqrt x, 1)", |x| x[0].sqrt().max(Var::constant(1.0)), [0.0] => 1.0, [0.0], [0.0];
        "clamp(1/x, -1, 1)", |x| x[0].recip().clamp(Var::constant(-1.0), Var::constant(1.0)), [0.0] => 1.0, [0.0], [0.0];
        "sqrt x", |x| x[0].sqrt(), [0.0] => 0.0, [INF], [-INF];
        "sqrt x", |x| x[0].sqrt(), [-0.0] => -0.0, [INF], [-INF];
        "cbrt x", |x| x[0].cbrt(), [0.0] => 0.0, [INF], [NAN];
        "cbrt x", |x| x[0].cbrt(), [-0.0] => -0.0, [INF], [NAN];
        "ln x", |x| x[0].ln(), [0.0] => -INF, [INF], [-INF];
        "recip x", |x| x[0].recip(), [0.0] => INF, [-INF], [INF];
        "max(x, NaN)", |x| x[0].max(x[1]), [1.0, NAN] => NAN, [0.0, 0.0], [0.0; 4];
        "min(x, NaN)", |x| x[0].min(x[1]), [1.0, NAN] => NAN, [0.0, 0.0], [0.0; 4];
        "max(0, -0)", |x| x[0].max(x[1]), [-0.0, 0.0] => 0.0, [0.5, 0.5], [0.0; 4];
        "powi(x, 0)", |x| x[0].powi(0), [NAN] => 1.0, [0.0], [0.0];
        "pow(x, 2)", |x| x[0].pow(Var::constant(2.0)), [0.0] => 0.0, [0.0], [2.0];
        "pow(x, 1)", |x| x[0].pow(Var::constant(1.0)), [0.0] => 0.0, [1.0], [0.0];
        "pow(x, 0)", |x| x[0].pow(Var::constant(0.0)), [0.0] => 1.0, [0.0], [0.0];
        "pow(0, y)", |x| Var::constant(0.0).pow(x[0]), [0.0] => 1.0, [-INF], [INF];
        "pow(0, y)", |x| Var::constant(0.0).pow(x[0]), [2.0] => 0.0, [0.0], [0.0];
        "x^x", |x| x[0].pow(x[0]), [0.0] => 1.0, [-INF], [NAN];
        "powi(x, 0)", |x| x[0].powi(0), [0.0] => 1.0, [0.0], [0.0];
        "powi(x, 1)", |x| x[0].powi(1), [0.0] => 0.0, [1.0], [0.0];
        "powi(x, 2)", |x| x[0].powi(2), [0.0] => 0.0, [0.0], [2.0];
        "powi(x, 3)", |x| x[0].powi(3), [0.0] => 0.0, [0.0], [0.0];
        "xlogy(x, y)", |x| x[0].xlogy(x[1]), [0.0, 1.0] => 0.0, [0.0, 0.0], [0.0, 1.0, 1.0, 0.0];
        "xlogy(0, y)", |x| Var::constant(0.0).xlogy(x[0]), [0.0] => 0.0, [0.0], [0.0];
        "hypot(x, y)", |x| x[0].hypot(x[1]), [0.0, 0.0] => 0.0, [0.0, 0.0], [NAN; 4];
        "hypot(x, y)²", |x| x[0].hypot(x[1]).square(), [0.0, 0.0] => 0.0, [0.0, 0.0], [NAN; 4];
        "hypot(x, y)", |x| x[0].hypot(x[1]), [3.0, 0.0] => 3.0, [1.0, 0.0], [0.0, 0.0, 0.0, 1.0 / 3.0];
        "product", |x| Var::apply(Op::Product, x), [0.0, 0.0, 3.0]
            => 0.0, [0.0; 3], [0.0, 3.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        "log_sum_exp of -∞", |x| Var::log_sum_exp(x), [-INF, 0.0] => 0.0, [0.0, 1.0], [0.0; 4];
        "log_sum_exp of two -∞", |x| Var::log_sum_exp(x), [-INF, -INF] => -INF, [NAN; 2], [NAN; 4];
        "floor at a whole number", |x| x[0].floor(), [3.0] => 3.0, [NAN], [0.0];
        "floor between", |x| x[0].floor(), [3.5] => 3.0, [0.0], [0.0];
        "ceil at a whole number", |x| x[0].ceil(), [-2.0] => -2.0, [NAN], [0.0];
        "ceil between", |x| x[0].ceil(), [-2.5] => -2.0, [0.0], [0.0];
        "round at a half", |x| x[0].round(), [2.5] => 3.0, [NAN], [0.0];
        "round at a negative half", |x| x[0].round(), [-0.5] => -1.0, [NAN], [0.0];
        "round at a whole number", |x| x[0].round(), [2.0] => 2.0, [0.0], [0.0];
        "mod at a multiple", |x| x[0].modulo(x[1]), [6.0, 2.0] => 0.0, [NAN; 2], [0.0; 4];
        "mod between", |x| x[0].modulo(x[1]), [-7.5, 2.0] => 0.5, [1.0, 4.0], [0.0; 4];
        "fmod at a multiple", |x| x[0].fmod(x[1]), [6.0, 2.0] => 0.0, [NAN; 2], [0.0; 4];
        "fmod at 0, where it is smooth", |x| x[0].fmod(x[1]), [0.0, 2.0] => 0.0, [1.0, 0.0], [0.0; 4];
        "fmod between", |x| x[0].fmod(x[1]), [-7.5, 2.0] => -1.5, [1.0, 3.0], [0.0; 4];
        "select(x > 0, floor x, 0)", |x| guarded(x[0], Var::floor), [0.0] => 0.0, [0.0], [0.0];
        "select(x > 0, mod(x, 1), 0)", |x| guarded(x[0], |x| x.modulo(Var::constant(1.0))), [0.0] => 0.0, [0.0], [0.0];
        "softsign at 0", |x| x[0].softsign(), [0.0] => 0.0, [1.0], [0.0];
        "softsign far right", |x| x[0].softsign(), [1e200] => 1.0, [0.0], [0.0];
        "softsign at infinity", |x| x[0].softsign(), [INF] => 1.0, [0.0], [0.0];
        "elu(x, 1) at 0", |x| x[0].elu(Var::constant(1.0)), [0.0] => 0.0, [1.0], [1.0];
        "elu(x, 1) far right", |x| x[0].elu(Var::constant(1.0)), [1e3] => 1e3, [1.0], [0.0];
        "norm of one zero, as abs", |x| Var::norm(x), [0.0] => 0.0, [0.0], [NAN];
        "softmax of one", |x| Var::softmax(x)[0], [7.0] => 1.0, [0.0], [0.0];
        "erfc far right", |x| x[0].erfc(), [40.0] => 0.0, [0.0], [0.0];
        "log_ndtr far right", |x| x[0].log_ndtr(), [40.0] => -0.0, [0.0], [0.0];
        "log_ndtr far left", |x| x[0].log_ndtr(), [-1e150] => -4.9999999999999995e299, [1e150], [-1.0];
        "gamma at 0", |x| x[0].gamma(), [0.0] => INF, [-INF], [INF];
        "beta outside of its domain", |x| x[0].beta(x[1]), [-0.5, 1.0] => NAN, [NAN; 2], [NAN; 4];
        "softplus far left", |x| x[0].softplus(), [-1e4] => 0.0, [0.0], [0.0];
        "sigmoid far right", |x| x[0].sigmoid(), [1e4] => 1.0, [0.0], [0.0];
        "tanh far right", |x| x[0].tanh(), [1e4] => 1.0, [0.0], [0.0];
    }
    .into()
}

fn recorded(row: &Row) -> Function {
    Function::record(Inputs::new().variables("x", row.at.len()), row.code).unwrap()
}

fn unit(n: usize, axis: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |k| if k == axis { 1.0 } else { 0.0 })
}

#[test]
fn values_and_first_derivatives_are_as_decided() {
    let mut report = Report::default();
    for row in rows() {
        let (name, x, n) = (row.name, row.at, row.at.len());
        let f = recorded(&row);
        for (how, value) in [
            ("recorded", f.value(x).unwrap()),
            ("simplified", f.simplify().value(x).unwrap()),
            ("with its gradient", f.with_gradient().unwrap().eval(x).unwrap()[0]),
        ] {
            report.check(common::same_bits(value, row.value), || {
                format!("{name} at {x:?}, {how}: expected {:?}, got {value:?}", row.value)
            });
        }
        let (gradient, jvp) = (f.gradient().unwrap().eval(x).unwrap(), f.jvp().unwrap());
        let of_simple = f.simplify().gradient().unwrap().eval(x).unwrap();
        let vjp = f.vjp().unwrap().eval(&[x, &[1.0]].concat()).unwrap();
        for axis in 0..n {
            let direction: Vec<f64> = x.iter().copied().chain(unit(n, axis)).collect();
            for (mode, slope) in [
                ("reverse", gradient[axis]),
                ("reverse, simplified first", of_simple[axis]),
                ("vjp", vjp[axis]),
                ("forward (dual)", by_duals(&f, x, &[axis])),
                ("forward (jvp)", jvp.eval(&direction).unwrap()[0]),
            ] {
                report.check(same_number(slope, row.gradient[axis]), || {
                    let expected = row.gradient[axis];
                    format!(
                        "{name} at {x:?}, d/dx{axis}, {mode}: expected {expected:?}, got {slope:?}"
                    )
                });
            }
        }
    }
}

/// The derivative by `x[a]`, then by `x[b]`, in every mode.
fn second_derivatives(f: &Function, x: &[f64], a: usize, b: usize) -> [(&'static str, f64); 6] {
    let n = x.len();
    let direction: Vec<f64> = x.iter().copied().chain(unit(n, b)).collect();
    let dual: Vec<_> =
        x.iter().zip(unit(n, b)).map(|(&x, tangent)| common::along(x, tangent)).collect();
    let by_b = f.jvp().unwrap().gradient().unwrap();
    let gradient = f.gradient().unwrap();
    [
        ("hessian", f.hessian().unwrap().eval(x).unwrap()[a * n + b]),
        ("reverse over reverse", by_gradients(f, x, &[a, b])),
        ("forward over reverse (hvp)", f.hvp().unwrap().eval(&direction).unwrap()[a]),
        ("forward over reverse (dual)", gradient.eval_scalar(&dual).unwrap()[a].tangent),
        ("reverse over forward", by_b.eval(&direction).unwrap()[a]),
        ("forward over forward (nested duals)", by_duals(f, x, &[a, b])),
    ]
}

#[test]
fn second_derivatives_are_as_decided_in_every_mode() {
    let mut report = Report::default();
    for row in rows() {
        let (name, x, n) = (row.name, row.at, row.at.len());
        let f = recorded(&row);
        for (a, b) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))) {
            let expected = row.hessian[a * n + b];
            for (mode, found) in second_derivatives(&f, x, a, b) {
                report.check(same_number(found, expected), || {
                    format!("{name} at {x:?}, d2/dx{a}dx{b}, {mode}: expected {expected:?}, got {found:?}")
                });
            }
        }
    }
}

/// Points where the second derivative does not exist and is not decided either: there the modes may part, since each
/// takes the limits of sums and products in its own order. What they may answer is written down.
#[test]
fn modes_part_only_where_told() {
    let mut report = Report::default();
    // Name, code, point, value, first derivatives, and what second derivatives may be.
    type Singular = (&'static str, Code, &'static [f64], f64, &'static [f64], &'static [f64]);
    let rows: [Singular; 10] = [
        ("xlogy(x, y)", |x| x[0].xlogy(x[1]), &[0.0, 0.0], 0.0, &[-INF, 0.0], &[0.0, INF, NAN]),
        ("asin x", |x| x[0].asin(), &[1.0], std::f64::consts::FRAC_PI_2, &[INF], &[INF, NAN]),
        ("acos x", |x| x[0].acos(), &[1.0], 0.0, &[-INF], &[-INF, NAN]),
        ("acosh x", |x| x[0].acosh(), &[1.0], 0.0, &[INF], &[-INF, NAN]),
        ("atanh x", |x| x[0].atanh(), &[1.0], INF, &[INF], &[INF, NAN]),
        ("pow(x, y)", |x| x[0].pow(x[1]), &[0.0, 0.0], 1.0, &[0.0, -INF], &[0.0, INF, -INF, NAN]),
        ("pow(x, y)", |x| x[0].pow(x[1]), &[0.0, 1.0], 0.0, &[1.0, 0.0], &[0.0, -INF, NAN]),
        ("pow(x, y)", |x| x[0].pow(x[1]), &[0.0, 2.0], 0.0, &[0.0, 0.0], &[0.0, 2.0, NAN]),
        ("pow(x, y)", |x| x[0].pow(x[1]), &[0.0, 0.5], 0.0, &[INF, 0.0], &[0.0, INF, -INF, NAN]),
        ("atan2(y, x)", |x| x[0].atan2(x[1]), &[0.0, 0.0], 0.0, &[NAN; 2], &[0.0, INF, -INF, NAN]),
    ];
    for (name, code, at, value, gradient, curvatures) in rows {
        let row = Row { name, code, at, value, gradient, hessian: &[] };
        let f = recorded(&row);
        for (a, &slope) in gradient.iter().enumerate() {
            for (mode, found) in
                [("reverse", by_gradients(&f, at, &[a])), ("dual", by_duals(&f, at, &[a]))]
            {
                report.check(same_number(slope, found), || {
                    format!("{name} at {at:?}, d/dx{a}, {mode}: expected {slope:?}, got {found:?}")
                });
            }
            for b in 0..at.len() {
                for (mode, found) in second_derivatives(&f, at, a, b) {
                    report.check(curvatures.iter().any(|&c| same_number(c, found)), || {
                        format!("{name} at {at:?}, d2/dx{a}dx{b}, {mode}: got {found:?}")
                    });
                }
            }
        }
    }
}

/// The square of a root is known: slope 1 at 0 too, so that a squared length has its Hessian. Duals see one operation
/// at a time, and 0 times ∞ is NaN there; so it is where the root has a name, and with it an adjoint of its own.
#[test]
fn a_squared_root_has_its_slope_at_zero() {
    let squares: [Code; 2] = [|x| x[0].sqrt().square(), |x| x[0].sqrt().powi(2)];
    for square in squares {
        let f = Function::record(["x"], square).unwrap();
        for (at, slope) in [(0.0, 1.0), (4.0, 1.0), (-1.0, NAN)] {
            let jvp = f.jvp().unwrap().eval(&[at, 1.0]).unwrap()[0];
            let traced = f.trace(&[at]).unwrap().backward[0].adjoints[0].value;
            for found in [by_gradients(&f, &[at], &[0]), jvp, traced] {
                assert!(same_number(found, slope), "at {at}: {found:?}, due {slope:?}");
            }
        }
    }
    let length =
        Function::record(["x", "y"], |v| (v[0].square() + v[1].square()).sqrt().square() * 0.5);
    let length = length.unwrap();
    assert_eq!(length.gradient().unwrap().eval(&[0.0, 0.0]).unwrap(), [0.0, 0.0]);
    assert_eq!(length.hessian().unwrap().eval(&[0.0, 0.0]).unwrap(), [1.0, 0.0, 0.0, 1.0]);
    let named = Function::record(["x"], |x| x[0].sqrt().named("root").square()).unwrap();
    assert!(named.gradient().unwrap().eval(&[0.0]).unwrap()[0].is_nan());
    assert_eq!(by_duals(&named, &[4.0], &[0]), 1.0);
}

/// A branch that is not taken contributes exactly zero, to any order: to the fifth here, nested duals to the third.
#[test]
fn routed_selects_stay_zero_to_any_order() {
    let mut report = Report::default();
    let branches: [(&str, Code); 6] = [
        ("sqrt", |x| x[0].sqrt()),
        ("ln", |x| x[0].ln()),
        ("recip", |x| x[0].recip()),
        ("x ln x", |x| x[0] * x[0].ln()),
        ("pow(x, 1.5)", |x| x[0].pow(Var::constant(1.5))),
        ("sin(1/x)", |x| x[0].recip().sin()),
    ];
    for (name, branch) in branches {
        let f = Function::record(["x"], |x| {
            Scalar::select(x[0].greater(zero()), branch(x), zero()) + 0.0 * x[0]
        });
        let f = f.unwrap();
        for order in 1..=5 {
            let axes = vec![0; order];
            let mut modes = vec![("gradients of gradients", by_gradients(&f, &[0.0], &axes))];
            if order <= 3 {
                modes.push(("nested duals", by_duals(&f, &[0.0], &axes)));
            }
            for (mode, derivative) in modes {
                report.check(derivative == 0.0, || {
                    format!("select(x > 0, {name}, 0) at 0, order {order}, {mode}: expected 0, got {derivative:?}")
                });
            }
        }
    }
}

/// Kinks are told in words too: an operation with a kink says what happens there.
#[test]
fn every_operation_tells_its_kinks() {
    for op in Op::ALL {
        assert!(!op.kinks().is_empty(), "`{}` says nothing of its kinks", op.name());
    }
}
