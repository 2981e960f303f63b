//! The steps of P between two contours: round and even where that shows the surface, else such that each band has an
//! equal share of it.

use crate::axis::{FARTHEST, labels, round_step};
use crate::error::Error;
use crate::number::{rounded, short};

const BANDS: usize = 12;

/// The bounds of bands, from the lowest to the highest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Levels {
    bounds: Vec<f64>,
    labels: Vec<String>,
    low: f64,
    high: f64,
}

impl Levels {
    /// Levels for these values, of which some are finite.
    pub(crate) fn of(values: &[f64]) -> Result<Levels, Error> {
        let mut finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        finite.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (finite.first(), finite.last()) else {
            return Err(Error::FiniteNowhere { what: "P".into() });
        };
        let span = high - low;
        if low.abs().max(high.abs()) > FARTHEST {
            let why = "numbers beyond 1e300 leave no room to draw";
            return Err(Error::Range { axis: "P".into(), low, high, why });
        }
        if span <= 1e-12 * low.abs().max(high.abs()) || span < 1e-300 {
            let (bounds, labels) = (vec![low], vec![short(low)]);
            return Ok(Levels { bounds, labels, low, high });
        }
        let step = round_step(span, BANDS);
        let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        let count = (last - first).clamp(1.0, 40.0) as usize;
        let even: Vec<f64> = (0..=count).map(|k| (first + k as f64) * step).collect();
        let share = |pair: &[f64]| {
            let below = |bound: f64| finite.partition_point(|&x| x < bound);
            (below(pair[1]) - below(pair[0])) as f64 / finite.len() as f64
        };
        if even.windows(2).all(|pair| share(pair) <= 0.6) {
            return Ok(Levels { labels: labels(&even, step), bounds: even, low, high });
        }
        let mut bounds = vec![low];
        for k in 1..BANDS {
            let value = finite[k * (finite.len() - 1) / BANDS];
            let round: f64 = format!("{value:.2e}").parse().unwrap_or(value);
            if bounds.last().is_some_and(|&last| round > last) && round < high {
                bounds.push(round);
            }
        }
        bounds.push(high);
        let labels = bounds.iter().map(|&bound| rounded(bound, 3)).collect();
        Ok(Levels { bounds, labels, low, high })
    }

    pub(crate) fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    pub(crate) fn bands(&self) -> usize {
        (self.bounds.len() - 1).max(1)
    }

    /// The lowest and the highest value.
    pub(crate) fn extremes(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The colour of a band, between 0 and 1.
    pub(crate) fn shade(&self, band: usize) -> f64 {
        (band as f64 + 0.5) / self.bands() as f64
    }

    /// Where a value lies among the bands, between 0 and 1.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let above = self.bounds.partition_point(|&bound| bound <= value);
        if self.bounds.len() < 2 {
            return 0.5;
        }
        let band = above.clamp(1, self.bounds.len() - 1) - 1;
        let (low, high) = (self.bounds[band], self.bounds[band + 1]);
        let part = ((value - low) / (high - low)).clamp(0.0, 1.0);
        (band as f64 + part) / self.bands() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::Levels;

    #[test]
    fn even_values_have_even_levels() {
        let values: Vec<f64> = (0..=100).map(|k| f64::from(k) / 10.0).collect();
        let levels = Levels::of(&values).unwrap();
        assert_eq!(levels.bounds(), [0., 1., 2., 3., 4., 5., 6., 7., 8., 9., 10.]);
        assert_eq!(levels.place(5.0), 0.5);
    }

    #[test]
    fn steep_values_have_shares() {
        let values: Vec<f64> = (0..=1000).map(|k| -(f64::from(k) / 100.0).powi(6)).collect();
        let levels = Levels::of(&values).unwrap();
        assert!(levels.bands() > 8, "{levels:?}");
        assert!(levels.bounds().is_sorted());
    }

    #[test]
    fn a_plain_is_one_band() {
        assert_eq!(Levels::of(&[3.0, f64::NAN, 3.0]).unwrap().bands(), 1);
        assert!(Levels::of(&[f64::NAN]).is_err());
        assert!(Levels::of(&[-1e308, 1e308]).is_err());
    }
}
