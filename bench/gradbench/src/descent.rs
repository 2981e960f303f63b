//! GradBench's gradient descent, as all its tools have it: steps that double after ten successes and halve after a failure.

use uphill::Valued;

use crate::error::Error;

/// No change of a place that is smaller, and no gradient, counts.
const SMALL: f64 = 1e-5;

/// Where a function is least, from `start` downhill. On duals or a tape the place has derivatives, by the way that was gone.
pub(crate) fn argmin<S: Valued, const N: usize>(
    start: [S; N],
    mut objective: impl FnMut(&[S; N]) -> Result<S, Error>,
    mut gradient: impl FnMut(&[S; N]) -> Result<[S; N], Error>,
) -> Result<[S; N], Error> {
    let (mut x, mut value, mut slope) = (start, objective(&start)?, gradient(&start)?);
    let (mut successes, mut rate) = (0, 1e-5);
    while length::<N>(slope.map(Valued::value)) > SMALL {
        if successes == 10 {
            rate *= 2.0;
            successes = 0;
            continue;
        }
        let next: [S; N] = std::array::from_fn(|k| x[k] - rate * slope[k]);
        if length::<N>(std::array::from_fn(|k| x[k].value() - next[k].value())) <= SMALL {
            break;
        }
        let there = objective(&next)?;
        if there.value() < value.value() {
            (x, value, slope) = (next, there, gradient(&next)?);
            successes += 1;
        } else {
            rate /= 2.0;
            successes = 0;
        }
    }
    Ok(x)
}

fn length<const N: usize>(x: [f64; N]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}
