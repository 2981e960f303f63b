//! Models that many rows share, and data made by a formula with small fixed noise.

use uphill_graph::{Function, Scalar, Var};

/// Columns by their names.
pub(crate) type Data = Vec<(&'static str, Vec<f64>)>;

/// Noise between -1 and 1, the same in each run.
pub(crate) fn wobble(row: usize) -> f64 {
    let place = row as f64 + 1.0;
    (7.0 * place * place + 0.3).sin()
}

/// `x` from `first` on by `step`, and `y` by a formula, with noise of this size.
pub(crate) fn made(
    rows: usize,
    first: f64,
    step: f64,
    noise: f64,
    formula: impl Fn(f64) -> f64,
) -> Data {
    let x: Vec<f64> = (0..rows).map(|row| first + row as f64 * step).collect();
    let y = x.iter().enumerate().map(|(row, x)| formula(*x) + noise * wobble(row)).collect();
    vec![("x", x), ("y", y)]
}

pub(crate) fn line(rows: usize, a: f64, b: f64) -> Data {
    made(rows, 1.0, 1.0, 0.05, |x| b * x + a)
}

/// The same with a column that is computed from row, `x` and `y`, in place of one of that name.
pub(crate) fn with(
    mut data: Data,
    name: &'static str,
    column: impl Fn(usize, f64, f64) -> f64,
) -> Data {
    let rows = data[0].1.iter().zip(&data[1].1).enumerate();
    let column = rows.map(|(row, (x, y))| column(row, *x, *y)).collect();
    match data.iter_mut().find(|(other, _)| *other == name) {
        Some((_, old)) => *old = column,
        None => data.push((name, column)),
    }
    data
}

/// With this column of desired numbers.
pub(crate) fn aims(y: &[f64]) -> Data {
    vec![("x", (0..y.len()).map(|row| row as f64).collect()), ("y", y.to_vec())]
}

pub(crate) fn decay<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] * (-w[1] * x[0]).exp() + w[2]
}

pub(crate) fn decays() -> Data {
    made(20, 0.5, 0.5, 0.02, |x| 5.0 * (-0.3 * x).exp() + 1.0)
}

pub(crate) fn logistic<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] / (1.0 + (-w[1] * (x[0] - w[2])).exp())
}

pub(crate) fn gauss<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] * (-(x[0] - w[1]).square() / (2.0 * w[2].square())).exp()
}

pub(crate) fn gausses() -> Data {
    made(21, 0.0, 0.5, 0.03, |x| 3.0 * (-(x - 5.0).powi(2) / (2.0 * 1.2 * 1.2)).exp())
}

pub(crate) fn low_pass<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] / (1.0 + (w[1] * x[0]).square()).sqrt()
}

pub(crate) fn rise<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] * (1.0 - (-w[1] * x[0]).exp())
}

pub(crate) fn saturation<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] * x[0] / (w[1] + x[0])
}

pub(crate) fn two_decays<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] * (-w[1] * x[0]).exp() + w[2] * (-w[3] * x[0]).exp()
}

pub(crate) fn polynomial<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w.iter().rev().fold(Var::constant(0.0), |sum, w| sum * x[0] + *w)
}

pub(crate) fn wave<'g>(w: &[Var<'g>], x: &[Var<'g>]) -> Var<'g> {
    w[0] * (w[1] * x[0] + w[2]).sin()
}

pub(crate) fn epidemic() -> Data {
    made(31, 0.0, 2.0, 30.0, |x| 25.0 * (0.068 * x).exp() - 20.0)
}

pub(crate) fn two_sides(code: impl for<'g> FnOnce(Var<'g>, Var<'g>) -> Var<'g>) -> Function {
    Function::record(["desired", "computed"], |sides| code(sides[0], sides[1])).unwrap()
}
