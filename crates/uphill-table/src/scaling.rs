//! How columns of numbers are brought to a common size, by what their training rows are like.

/// How numbers are brought to a common size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// Mean 0 and standard deviation 1 over the training rows.
    Standard,
    /// From 0 to 1 over the training rows.
    Range,
    /// As they are.
    None,
}

/// Mean, spread and range of numbers that come one after the other.
///
/// ```
/// use uphill_table::scaling::{Scaling, Summary};
///
/// let mut summary = Summary::default();
/// [1.0, f64::NAN, 3.0].into_iter().for_each(|number| summary.note(number));
/// assert_eq!(summary.mean(), 2.0);
/// assert_eq!(summary.scaling(Scaling::Standard), (2.0, 1.0));
/// assert_eq!(summary.scaling(Scaling::Range), (1.0, 2.0));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Summary {
    count: f64,
    mean: f64,
    squares: f64,
    least: f64,
    most: f64,
}

impl Default for Summary {
    fn default() -> Summary {
        Summary {
            count: 0.0,
            mean: 0.0,
            squares: 0.0,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
        }
    }
}

impl Summary {
    /// Takes note of a number (Welford's method); of a missing one, NaN, not.
    pub fn note(&mut self, number: f64) {
        if number.is_nan() {
            return;
        }
        self.count += 1.0;
        let before = number - self.mean;
        self.mean += before / self.count;
        self.squares += before * (number - self.mean);
        self.least = self.least.min(number);
        self.most = self.most.max(number);
    }

    /// Takes note of the numbers of another one that come behind these (Chan, Golub and LeVeque 1979).
    pub fn join(&mut self, later: &Summary) {
        if later.count == 0.0 {
            return;
        }
        let (count, off) = (self.count + later.count, later.mean - self.mean);
        let part = later.count / count;
        self.squares += later.squares + off * off * self.count * part;
        self.mean += off * part;
        self.count = count;
        self.least = self.least.min(later.least);
        self.most = self.most.max(later.most);
    }

    /// All that it knows, as numbers.
    #[must_use]
    pub fn numbers(&self) -> [f64; 5] {
        [self.count, self.mean, self.squares, self.least, self.most]
    }

    /// From all that it knows.
    #[must_use]
    pub fn of([count, mean, squares, least, most]: [f64; 5]) -> Summary {
        Summary { count, mean, squares, least, most }
    }

    /// The mean; NaN if there were no numbers.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count > 0.0 { self.mean } else { f64::NAN }
    }

    /// The number that all of them are, if they are one.
    #[must_use]
    pub fn only(&self) -> Option<f64> {
        (self.least == self.most).then_some(self.least)
    }

    /// Center and width for a scaling. A column that is the same everywhere has width 1.
    #[must_use]
    pub fn scaling(&self, scaling: Scaling) -> (f64, f64) {
        let (center, width) = match scaling {
            Scaling::Standard => (self.mean, (self.squares / self.count).sqrt()),
            Scaling::Range => (self.least, self.most - self.least),
            Scaling::None => (0.0, 1.0),
        };
        (center, if width > 0.0 && width.is_finite() { width } else { 1.0 })
    }
}
