//! One check for every derivative rule: the partials of a row against differences of its value.
//!
//! Central differences with Richardson extrapolation (Ridders 1982) at the row's sample points. Only the value function
//! is called, so a wrong rule cannot hide behind itself.

use std::borrow::Cow;

use super::Op;

/// A derivative rule that disagrees with its value function.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "the rule of `{op}` for operand {operand} at {at:?} gives {rule}, but differences of the value give {difference} \
     (tolerance {tolerance}): correct the partial in the operation's row"
)]
#[non_exhaustive]
pub struct RuleError {
    /// The operation.
    pub op: &'static str,
    /// Which operand's partial it is, from 0.
    pub operand: usize,
    /// The sample point.
    pub at: Vec<f64>,
    /// What the rule gives.
    pub rule: f64,
    /// What differences of the value give.
    pub difference: f64,
    /// The relative tolerance.
    pub tolerance: f64,
}

impl Op {
    /// Points where the operation is smooth: what [`Op::check_rule`] uses.
    #[must_use]
    pub fn samples(self) -> Vec<Cow<'static, [f64]>> {
        match self {
            Op::Custom(custom) => {
                custom.samples().iter().map(|x| Cow::Borrowed(x.as_slice())).collect()
            }
            _ => self.row_samples().iter().map(|x| Cow::Borrowed(*x)).collect(),
        }
    }

    /// Checks the derivative rule against differences of the value, at every sample point and for every operand.
    ///
    /// # Errors
    ///
    /// The first [`RuleError`], which names the operand, the point and both numbers.
    ///
    /// ```
    /// use uphill_graph::Op;
    /// for op in Op::ALL {
    ///     op.check_rule()?;
    /// }
    /// # Ok::<(), uphill_graph::RuleError>(())
    /// ```
    pub fn check_rule(self) -> Result<(), RuleError> {
        for at in self.samples() {
            let z = self.value(&at);
            for operand in (0..at.len()).filter(|&k| self.differentiable(k)) {
                let rule = self.partial(operand, &at, z);
                let difference = difference(|x| self.value(x), &at, operand);
                let scale = rule.abs().max(difference.abs()).max(1.0);
                let tolerance = self.tolerance();
                if (rule - difference).abs() > tolerance * scale || rule.is_nan() {
                    let (op, at) = (self.name(), at.into_owned());
                    return Err(RuleError { op, operand, at, rule, difference, tolerance });
                }
            }
        }
        Ok(())
    }
}

/// The derivative of `f` by `x[k]`: Ridders' method, the table entry with the smallest error estimate.
fn difference(f: impl Fn(&[f64]) -> f64, x: &[f64], k: usize) -> f64 {
    const SHRINK: f64 = 2.0;
    const ROWS: usize = 8;
    let mut point = x.to_vec();
    let mut central = |h: f64| {
        point[k] = x[k] + h;
        let above = f(&point);
        point[k] = x[k] - h;
        (above - f(&point)) / (2.0 * h)
    };
    let mut step = 0.0625 * x[k].abs().clamp(0.5, 4.0);
    let mut previous = vec![central(step)];
    let (mut best, mut error) = (previous[0], f64::INFINITY);
    for _ in 1..ROWS {
        step /= SHRINK;
        let mut row = vec![central(step)];
        let mut weight = SHRINK * SHRINK;
        for (column, &coarser) in previous.iter().enumerate() {
            let refined = (row[column] * weight - coarser) / (weight - 1.0);
            let estimate = (refined - row[column]).abs().max((refined - coarser).abs());
            if estimate < error {
                (best, error) = (refined, estimate);
            }
            row.push(refined);
            weight *= SHRINK * SHRINK;
        }
        previous = row;
    }
    best
}
