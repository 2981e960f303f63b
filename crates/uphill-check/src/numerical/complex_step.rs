//! The complex step: the imaginary part of `f(x + ih)` over `h`, for a step so small that its square is lost.
//!
//! Nothing is subtracted, so nothing cancels: the result is as exact as the function itself. Three steps whose digits
//! have nothing in common must agree; their disagreement is the error estimate.
//! (W. Squire and G. Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40, 1998.)

use uphill_graph::Complex64;

use super::{Error, Estimate, Method, Subject};

/// Squares of these are below the last bit of 1, and so they are for inputs as small as 1e-80.
const STEPS: [f64; 3] = [1e-100, 3.7e-101, 7.3e-102];

/// The slope of each output by each input along `direction`, which has one part an input.
pub(super) fn slopes<S: Subject + ?Sized>(
    subject: &S,
    x: &[f64],
    direction: impl Fn(usize) -> f64,
) -> Result<Vec<Estimate>, Error> {
    let mut columns: Vec<Vec<f64>> = Vec::with_capacity(STEPS.len());
    for step in STEPS {
        let point: Vec<Complex64> = x
            .iter()
            .enumerate()
            .map(|(position, &re)| Complex64::new(re, step * direction(position)))
            .collect();
        let values = subject.complex_values(&point)?;
        columns.push(values.iter().map(|value| value.im / step).collect());
    }
    let [first, second, third] = [0, 1, 2].map(|column| &columns[column]);
    let estimate = |output: usize| {
        let list = [first[output], second[output], third[output]];
        if !list.iter().all(|slope| slope.is_finite()) {
            return Estimate::none();
        }
        let largest = list.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let smallest = list.into_iter().fold(f64::INFINITY, f64::min);
        let rounding = 8.0 * f64::EPSILON * list[0].abs();
        Estimate {
            value: list[0],
            error: 4.0 * (largest - smallest) + rounding,
            step: STEPS[0],
            method: Method::ComplexStep,
            ..Estimate::none()
        }
    };
    let outputs = columns.iter().map(Vec::len).min().unwrap_or(0);
    Ok((0..outputs).map(estimate).collect())
}

/// Takes the complex step's number where differences can't tell it from theirs, and it is the surer one.
pub(super) fn sharpen(differences: &mut Estimate, complex: Estimate) {
    let near = (complex.value - differences.value).abs() <= 4.0 * differences.error;
    if differences.kink.is_none()
        && complex.is_finite()
        && near
        && complex.error < differences.error
    {
        let (switch, span) = (differences.switch.take(), differences.span);
        *differences = Estimate { switch, span, ..complex };
    }
}
