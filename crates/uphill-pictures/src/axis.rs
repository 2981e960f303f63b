//! Axes: where a number lies between the ends of a range, and which round numbers are marked on the way.

use crate::error::Error;
use crate::number::{log10, magnitude, power_of_ten, rounded, ten_to, with_decimals};

/// Farther numbers are refused, so that sums and products of them stay finite.
pub(crate) const FARTHEST: f64 = 1e300;

/// A named range of numbers: one side of a picture.
///
/// The name is written beside it, so it can tell a unit: `temperature (°C)`.
///
/// ```
/// use uphill_pictures::Axis;
/// let axis = Axis::new("w2", -20.0, 20.0)?;
/// assert_eq!((axis.name(), axis.low(), axis.high()), ("w2", -20.0, 20.0));
/// let error = Axis::new("w2", 3.0, 3.0).unwrap_err();
/// assert_eq!(error.to_string(), "the range of `w2` from 3 to 3 can't be drawn: its upper end must be above its lower end");
/// # Ok::<(), uphill_pictures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    name: String,
    low: f64,
    high: f64,
}

impl Axis {
    /// The range from `low` to `high` of what is called `name`.
    ///
    /// # Errors
    ///
    /// [`Error::Range`] if the ends are not finite or beyond 1e300, the upper one is not above the lower one, or they are
    /// so close that `f64` can't hold round numbers between.
    pub fn new(name: impl Into<String>, low: f64, high: f64) -> Result<Axis, Error> {
        let name = name.into();
        let span = high - low;
        let why = if !low.is_finite() || !high.is_finite() {
            "its ends must be finite"
        } else if span <= 0.0 {
            "its upper end must be above its lower end"
        } else if low.abs().max(high.abs()) > FARTHEST {
            "numbers beyond 1e300 leave no room to draw"
        } else if span < 1e-12 * low.abs().max(high.abs()) || span < 1e-300 {
            "its ends are too close together"
        } else {
            return Ok(Axis { name, low, high });
        };
        Err(Error::Range { axis: name, low, high, why })
    }

    /// The range of these numbers, and a little room at both ends.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] without numbers, [`Error::NotFinite`], [`Error::Range`] if they are beyond 1e300.
    ///
    /// ```
    /// use uphill_pictures::Axis;
    /// let axis = Axis::around("w1", &[1.0, 3.0, 2.0])?;
    /// assert_eq!((axis.low(), axis.high()), (0.8, 3.2));
    /// # Ok::<(), uphill_pictures::Error>(())
    /// ```
    pub fn around(name: impl Into<String>, numbers: &[f64]) -> Result<Axis, Error> {
        let name = name.into();
        Error::check_enough(&format!("numbers for `{name}`"), 1, numbers.len())?;
        Error::check_finite(&name, numbers)?;
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let widest = low.abs().max(high.abs());
        let span = high - low;
        // One number, or nearly: a range as wide as it is far from 0.
        let room =
            if span > (1e-9 * widest).max(1e-290) { span / 10.0 } else { widest.max(1e-9) / 2.0 };
        let room = if widest == 0.0 { 1.0 } else { room };
        Axis::new(name, low - room, high + room)
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its lower end.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Its upper end.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.high
    }

    pub(crate) fn scale(&self) -> Scale {
        Scale { kind: Kind::Linear, low: self.low, high: self.high }
    }

    /// Evenly spaced numbers from one end to the other.
    pub(crate) fn steps(&self, count: usize) -> Vec<f64> {
        let last = count.saturating_sub(1).max(1) as f64;
        let at = |k: usize| {
            let part = k as f64 / last;
            self.low * (1.0 - part) + self.high * part
        };
        (0..count).map(at).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Linear,
    /// Each step a factor, for numbers above 0.
    Log,
    /// The same for numbers below 0, which come nearer to it upwards.
    NegativeLog,
}

/// How numbers lie along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    pub(crate) kind: Kind,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// A marked number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) label: String,
}

impl Scale {
    /// A scale for numbers: by factors where they span some and all have one sign.
    pub(crate) fn fitting(name: &str, numbers: &[f64]) -> Result<Scale, Error> {
        let axis = Axis::around(name, numbers)?;
        let nearest = numbers.iter().map(|x| x.abs()).fold(f64::INFINITY, f64::min);
        let farthest = numbers.iter().map(|x| x.abs()).fold(0.0, f64::max);
        let spread = nearest > 1e-300 && farthest / nearest > 30.0;
        let scale = |kind, low, high| Scale { kind, low, high };
        Ok(if spread && numbers.iter().all(|&x| x > 0.0) {
            scale(Kind::Log, nearest / 1.3, farthest * 1.3)
        } else if spread && numbers.iter().all(|&x| x < 0.0) {
            scale(Kind::NegativeLog, -farthest * 1.3, -nearest / 1.3)
        } else {
            axis.scale()
        })
    }

    fn warped(&self, x: f64) -> f64 {
        match self.kind {
            Kind::Linear => x,
            Kind::Log => log10(x.max(f64::MIN_POSITIVE)),
            Kind::NegativeLog => -log10((-x).max(f64::MIN_POSITIVE)),
        }
    }

    /// 0 at the lower end, 1 at the upper one.
    pub(crate) fn place(&self, x: f64) -> f64 {
        let (low, high) = (self.warped(self.low), self.warped(self.high));
        (self.warped(x) - low) / (high - low)
    }

    /// About so many round numbers on it.
    pub(crate) fn ticks(&self, about: usize) -> Vec<Tick> {
        match self.kind {
            Kind::Linear => linear_ticks(self.low, self.high, about),
            Kind::Log => log_ticks(self.low, self.high, about, 1.0),
            Kind::NegativeLog => {
                let mut ticks = log_ticks(-self.high, -self.low, about, -1.0);
                ticks.reverse();
                ticks
            }
        }
    }
}

/// The distance of round numbers, 1, 2 or 5 times a power of ten, so that about so many lie in a span.
pub(crate) fn round_step(span: f64, about: usize) -> f64 {
    let raw = span / about.max(1) as f64;
    let power = ten_to(magnitude(raw));
    let factor = match raw / power {
        ..1.5 => 1.0,
        ..3.5 => 2.0,
        ..7.5 => 5.0,
        _ => 10.0,
    };
    factor * power
}

fn linear_ticks(low: f64, high: f64, about: usize) -> Vec<Tick> {
    let step = round_step(high - low, about);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let count = (last - first).clamp(0.0, 100.0) as usize;
    let numbers: Vec<f64> = (0..=count).map(|k| (first + k as f64) * step).collect();
    let labels = labels(&numbers, step);
    numbers.into_iter().zip(labels).map(|(at, label)| Tick { at, label }).collect()
}

/// Labels that all have the same decimals.
pub(crate) fn labels(numbers: &[f64], step: f64) -> Vec<String> {
    let largest = numbers.iter().map(|x| x.abs()).fold(0.0, f64::max);
    let decimals = (-magnitude(step)).max(0) as usize;
    if largest >= 1e6 || decimals > 4 {
        let digits = (magnitude(largest.max(step)) - magnitude(step) + 1).clamp(1, 15) as usize;
        let clean = |x: f64| if x.abs() < step / 2.0 { 0.0 } else { x };
        return numbers.iter().map(|&x| rounded(clean(x), digits)).collect();
    }
    numbers.iter().map(|&x| with_decimals(x, decimals)).collect()
}

fn log_ticks(low: f64, high: f64, about: usize, sign: f64) -> Vec<Tick> {
    let (first, last) = (magnitude(low), magnitude(high) + 1);
    let inside = |x: f64| x >= low * 0.999 && x <= high * 1.001;
    let decades: Vec<i32> = (first..=last).filter(|&k| inside(ten_to(k))).collect();
    let label = |k: i32| {
        let text = if (-3..4).contains(&k) { rounded(ten_to(k), 1) } else { power_of_ten(k) };
        if sign < 0.0 { format!("−{text}") } else { text }
    };
    if decades.len() >= 3 {
        let every = decades.len().div_ceil(about.max(1)) as i32;
        let kept = decades.into_iter().filter(|k| k.rem_euclid(every) == 0);
        return kept.map(|k| Tick { at: sign * ten_to(k), label: label(k) }).collect();
    }
    let fine = (first..=last).flat_map(|k| [1.0, 2.0, 5.0].map(|factor| factor * ten_to(k)));
    let fine = fine.filter(|&x| inside(x));
    fine.map(|x| Tick { at: sign * x, label: rounded(sign * x, 1) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(scale: Scale, about: usize) -> String {
        scale.ticks(about).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn marks_are_round() {
        let linear = |low, high| Scale { kind: Kind::Linear, low, high };
        assert_eq!(told(linear(-20.0, 20.0), 5), "−20 −10 0 10 20");
        assert_eq!(told(linear(0.0, 1.0), 5), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(told(linear(-0.31, 0.12), 5), "−0.3 −0.2 −0.1 0.0 0.1");
        assert_eq!(told(linear(1e9, 1.5e9), 5), "1×10⁹ 1.1×10⁹ 1.2×10⁹ 1.3×10⁹ 1.4×10⁹ 1.5×10⁹");
        assert_eq!(told(linear(0.0, 3e-7), 3), "0 1×10⁻⁷ 2×10⁻⁷ 3×10⁻⁷");
        let log = |low, high| Scale { kind: Kind::Log, low, high };
        assert_eq!(told(log(0.0004, 30.0), 6), "0.001 0.01 0.1 1 10");
        assert_eq!(told(log(0.2, 9.0), 6), "0.2 0.5 1 2 5");
        assert_eq!(told(log(1e-12, 1.0), 5), "10⁻¹² 10⁻⁹ 10⁻⁶ 0.001 1");
        let negative = Scale { kind: Kind::NegativeLog, low: -20.0, high: -0.005 };
        assert_eq!(told(negative, 6), "−10 −1 −0.1 −0.01");
        assert!(negative.place(-10.0) < negative.place(-0.01));
    }

    #[test]
    fn hostile_ranges_are_refused() {
        for (low, high) in [
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
            (-1e308, 1e308),
            (1.0, 1.0 + 1e-15),
            (0.0, 5e-324),
            (2.0, 1.0),
        ] {
            assert!(Axis::new("x", low, high).is_err(), "{low} {high}");
        }
        for numbers in [&[0.0][..], &[1e299], &[-5.0, -5.0], &[1e-200, 2e-200], &[5e-324]] {
            let axis = Axis::around("x", numbers).unwrap();
            assert!(axis.scale().ticks(5).len() < 20, "{axis:?}");
        }
    }
}
