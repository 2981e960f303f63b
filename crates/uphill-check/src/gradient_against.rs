//! Two sets of named numbers, compared by name: autodiff with a closed form, one program with another.
//!
//! The order of the names doesn't matter; that both sides have the same ones does.

use std::collections::{HashMap, HashSet};

use crate::gradient::Gradient;
use crate::numerical::{Error, Estimate};
use crate::report::{Allowed, Entry, Place, Report};

/// Compares two sets of named numbers.
///
/// # Arguments
///
/// `computed`: what is judged; `expected`: what it is judged by. Each a [`Gradient`], an array or a vector of pairs of
/// name and number.
///
/// # Returns
///
/// An [`Against`], with settings and then [`assert`](Against::assert) or [`report`](Against::report).
///
/// ```
/// use uphill_check as check;
///
/// let computed = [("a", 1.0), ("b", 2.0 + 1e-15)];
/// let expected = [("b", 2.0), ("a", 1.0)];
/// check::against(computed, expected).tolerance(1e-12).assert();
/// ```
pub fn against(computed: impl Into<Gradient>, expected: impl Into<Gradient>) -> Against {
    Against {
        computed: computed.into(),
        expected: expected.into(),
        title: "computed against expected".to_owned(),
        tolerance: 1e-12,
        absolute: 0.0,
        of_largest: false,
    }
}

/// A comparison of named numbers that is about to be made: see [`against`].
#[derive(Debug, Clone, PartialEq)]
#[must_use = "nothing is compared until `assert` or `report` is called"]
pub struct Against {
    computed: Gradient,
    expected: Gradient,
    title: String,
    tolerance: f64,
    absolute: f64,
    of_largest: bool,
}

impl Against {
    /// What the report is called; `computed against expected` unless it is given.
    pub fn title(self, title: impl Into<String>) -> Against {
        Against { title: title.into(), ..self }
    }

    /// The difference that is allowed, as a part of the larger of two numbers: 1e-12 unless it is given.
    pub fn tolerance(self, relative: f64) -> Against {
        Against { tolerance: relative, ..self }
    }

    /// A difference that is always allowed: none unless it is given.
    pub fn absolute_tolerance(self, absolute: f64) -> Against {
        Against { absolute, ..self }
    }

    /// Takes the tolerance as a part of the largest expected number instead of each entry's own: for sums in which
    /// small entries are differences of large terms.
    pub fn of_largest(self) -> Against {
        Against { of_largest: true, ..self }
    }

    /// Compares.
    ///
    /// # Errors
    ///
    /// [`Error::Names`] if a name comes twice or one side lacks it; [`Error::Setting`] for a tolerance below 0 or NaN.
    pub fn report(self) -> Result<Report, Error> {
        tolerance("the tolerance", self.tolerance)?;
        tolerance("the absolute tolerance", self.absolute)?;
        self.computed.check()?;
        self.expected.check()?;
        let expected: HashMap<&str, f64> = self.expected.iter().collect();
        let known: HashSet<&str> = self.computed.iter().map(|(name, _)| name).collect();
        if let Some((name, _)) = self.expected.iter().find(|(name, _)| !known.contains(name)) {
            return Err(Error::Names { what: format!("`{name}` is expected and not computed") });
        }
        let largest = self.expected.values().iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        let absolute = if self.of_largest {
            self.absolute.max(self.tolerance * largest)
        } else {
            self.absolute
        };
        let allowed = Allowed { relative: self.tolerance, absolute, scale: 0.0 };
        let mut entries = Vec::with_capacity(self.computed.len());
        for (column, (name, computed)) in self.computed.iter().enumerate() {
            let Some(&expected) = expected.get(name) else {
                return Err(Error::Names {
                    what: format!("`{name}` is computed and not expected"),
                });
            };
            let place = Place {
                name: name.to_owned(),
                output: String::new(),
                input: name.to_owned(),
                point: 0,
                row: 0,
                column,
            };
            entries.push(Entry::new(place, computed, &Estimate::exact(expected), allowed));
        }
        Ok(Report::new(self.title, self.tolerance, Vec::new(), Vec::new(), entries))
    }

    /// Compares, and does nothing if every entry agrees.
    ///
    /// # Panics
    ///
    /// With the report if one does not, and with the error if there is nothing to compare.
    #[track_caller]
    pub fn assert(self) {
        match self.report() {
            Ok(report) => report.assert(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// That a tolerance is a number to compare with.
pub(crate) fn tolerance(what: &'static str, value: f64) -> Result<(), Error> {
    if value >= 0.0 { Ok(()) } else { Err(Error::Setting { what, value, rule: "0 or more" }) }
}
