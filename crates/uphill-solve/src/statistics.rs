//! How far numbers may be off: covariances from the Jacobian or from P's curvature, and quantiles.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use crate::dense::{Square, dot};
use crate::error::Error;
use crate::performance::{Influence, Sums};

/// What standard errors rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// The Jacobian, and the residuals' own spread: `s²·(JᵀJ)⁻¹`.
    Residuals,
    /// The Jacobian, and the errors of measurement that were given: `(JᵀWJ)⁻¹`.
    Sigma,
    /// The Jacobian, and how far each error reaches under Huber's performance: those beyond its width count as the width
    /// (Huber 1973), so that outliers do little harm here too.
    Robust,
    /// The second derivatives of P, as if it were a log-likelihood: `(-∇²P)⁻¹`.
    Curvature,
    /// There are none: P doesn't bend at its summit, or not all free parameters are determined.
    Undetermined,
    /// There are none: as many free parameters as observations.
    NoDegrees,
    /// There are none: they tell of a smooth summit, and the climb ended elsewhere.
    NoSummit,
}

/// Covariances, and what they rest on.
#[derive(Debug, Clone)]
pub(crate) struct Errors {
    pub(crate) covariance: Option<Square>,
    pub(crate) basis: Basis,
}

impl Errors {
    pub(crate) fn none(basis: Basis) -> Errors {
        Errors { covariance: None, basis }
    }

    /// From `(JᵀJ)⁻¹` of the free parameters and the sum of squares that was made least.
    pub(crate) fn of_squares(
        inverse: Option<Square>,
        squares: f64,
        sums: &Sums,
        free: usize,
    ) -> Errors {
        let degrees = sums.observations - free as f64;
        let Some(inverse) = inverse else { return Errors::none(Basis::Undetermined) };
        let (variance, basis) = match sums.is_known {
            true => (1.0, Basis::Sigma),
            false if degrees > 0.0 => (squares / degrees, Basis::Residuals),
            false => return Errors::none(Basis::NoDegrees),
        };
        let scaled = |row, column| variance * inverse.at(row, column);
        Errors { covariance: Some(Square::from_fn(inverse.width(), scaled)), basis }
    }

    /// From `(JᵀJ)⁻¹` of plain errors, for Huber's performance: Huber's own formula, with his correction for few rows.
    pub(crate) fn robust(
        inverse: Option<Square>,
        influence: &Influence,
        sums: &Sums,
        free: usize,
    ) -> Errors {
        let (count, free) = (sums.observations, free as f64);
        let Some(inverse) = inverse else { return Errors::none(Basis::Undetermined) };
        if count <= free {
            return Errors::none(Basis::NoDegrees);
        }
        let inside = influence.inside / count;
        let few = 1.0 + free / count * (1.0 - inside) / inside;
        let variance = few * few * influence.squares / (count - free) / (inside * inside);
        if !variance.is_finite() {
            return Errors::none(Basis::Undetermined);
        }
        let scaled = |row, column| variance * inverse.at(row, column);
        Errors { covariance: Some(Square::from_fn(inverse.width(), scaled)), basis: Basis::Robust }
    }

    /// From the second derivatives of a log-likelihood by the free parameters.
    pub(crate) fn of_curvature(curvature: &Square) -> Errors {
        /// Of scaled second derivatives, an eigenvalue so small is rounding.
        const STRAIGHT: f64 = 1e-12;
        let width = curvature.width();
        let scales: Vec<f64> = (0..width).map(|k| 1.0 / (-curvature.at(k, k)).sqrt()).collect();
        let scaled =
            |row: usize, column: usize| -curvature.at(row, column) * scales[row] * scales[column];
        let scaled = Square::from_fn(width, scaled);
        if !scaled.is_finite() {
            return Errors::none(Basis::Undetermined);
        }
        let eigen = scaled.eigen();
        if eigen.iter().any(|(value, _)| *value <= STRAIGHT) {
            return Errors::none(Basis::Undetermined);
        }
        let entry = |row: usize, column: usize| {
            let parts = eigen.iter().map(|(value, vector)| vector[row] * vector[column] / value);
            parts.sum::<f64>() * scales[row] * scales[column]
        };
        Errors { covariance: Some(Square::from_fn(width, entry)), basis: Basis::Curvature }
    }

    /// Among all parameters, of which these were free: the others have no error.
    pub(crate) fn spread(self, free: &[usize], width: usize) -> Errors {
        let place = |parameter: usize| free.iter().position(|&other| other == parameter);
        let covariance = self.covariance.map(|own| {
            Square::from_fn(width, |row, column| match (place(row), place(column)) {
                (Some(row), Some(column)) => own.at(row, column),
                _ => 0.0,
            })
        });
        Errors { covariance, ..self }
    }

    pub(crate) fn standard_error(&self, place: usize) -> Option<f64> {
        self.covariance.as_ref().map(|covariance| covariance.at(place, place).sqrt())
    }

    /// The variance of a number with these slopes by the parameters.
    pub(crate) fn variance(&self, slopes: &[f64]) -> Option<f64> {
        let covariance = self.covariance.as_ref()?;
        let row = |row: usize| {
            let line: Vec<f64> =
                (0..slopes.len()).map(|column| covariance.at(row, column)).collect();
            slopes[row] * dot(&line, slopes)
        };
        Some((0..slopes.len()).map(row).sum::<f64>().max(0.0))
    }
}

/// How many standard errors an interval reaches to each side; by the normal distribution without degrees of freedom.
pub(crate) fn half_width(level: f64, degrees: Option<f64>) -> Result<f64, Error> {
    if !(level > 0.0 && level < 1.0) {
        let what = format!("a confidence level lies between 0 and 1, such as 0.95; got {level}");
        return Err(Error::invalid(what));
    }
    let upper = 0.5 + level / 2.0;
    Ok(match degrees.map(|degrees| StudentsT::new(0.0, 1.0, degrees)) {
        Some(Ok(student)) => student.inverse_cdf(upper),
        // Without a degree of freedom nothing is certain.
        Some(Err(_)) => f64::INFINITY,
        None => Normal::standard().inverse_cdf(upper),
    })
}
