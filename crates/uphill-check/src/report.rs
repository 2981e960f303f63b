//! Two sets of derivatives side by side: what agrees, what doesn't, and what to look at.
//!
//! A [`Report`] is plain data, made by the checks of this crate ([`gradient`](crate::gradient()),
//! [`against`](crate::against) and their like). `Display` prints the worst entries as a table and, if the report does
//! not pass, sentences on likely causes; [`Report::assert`] makes a test of it.

mod advice;
mod judge;
pub(crate) mod number;
mod table;

pub(crate) use judge::{Allowed, Place};

/// What a comparison says of one entry.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// Both numbers are the same within the tolerance, or within the oracle's error if that is small.
    Agrees,
    /// The numbers differ by more than the tolerance and by more than the oracle's error explains.
    Disagrees,
    /// The function has two slopes here, and the computed number is one of them or lies between them; or it jumps, and the
    /// computed number is NaN, since there is no slope.
    Kink {
        /// The slope on the left; infinite at a jump.
        #[serde(with = "number")]
        left: f64,
        /// The slope on the right; infinite at a jump.
        #[serde(with = "number")]
        right: f64,
    },
    /// The numbers differ by more than the tolerance, and the oracle's error is as large: nothing can be said.
    Unreliable,
    /// One of the numbers is infinite or NaN.
    NotFinite,
}

impl Verdict {
    /// Whether an entry with this verdict lets a report pass: it agrees, or is a slope of a kink.
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(self, Verdict::Agrees | Verdict::Kink { .. })
    }

    /// The order in which entries are shown: the worst first.
    fn rank(self) -> u8 {
        match self {
            Verdict::Disagrees => 0,
            Verdict::NotFinite => 1,
            Verdict::Unreliable => 2,
            Verdict::Kink { .. } => 3,
            Verdict::Agrees => 4,
        }
    }
}

/// One derivative, computed and expected.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// Its name: `dP/dw3`, or the name that was given.
    pub name: String,
    /// The output that is differentiated; for a Hessian, the derivative that is differentiated again.
    pub output: String,
    /// The input by which it is.
    pub input: String,
    /// At which of [`Report::points`].
    pub point: usize,
    /// The row of a Jacobian or Hessian, from 0; 0 in a gradient.
    pub row: usize,
    /// The column, from 0.
    pub column: usize,
    /// The number that is judged.
    #[serde(with = "number")]
    pub computed: f64,
    /// The number that it is judged by: the oracle's.
    #[serde(with = "number")]
    pub expected: f64,
    /// `|computed - expected|`.
    #[serde(with = "number")]
    pub absolute: f64,
    /// The same as a part of the larger of both.
    #[serde(with = "number")]
    pub relative: f64,
    /// How many steps of the last bit lie between both; none if one is infinite or NaN.
    pub ulps: Option<u64>,
    /// The oracle's estimate of its own error; 0 if it gave none.
    #[serde(with = "number")]
    pub oracle_error: f64,
    /// What follows.
    pub verdict: Verdict,
    /// An operation that switches between branches at this point, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<String>,
}

/// A comparison of computed derivatives with expected ones.
///
/// ```
/// use uphill_check as check;
///
/// let computed = [("w1", 2.0), ("w2", 6.0)];
/// let expected = [("w1", 1.0), ("w2", 3.0)];
/// let report = check::against(computed, expected).report()?;
/// assert!(!report.passed());
/// assert!(report.to_string().contains("every entry is twice the expected one"));
/// # Ok::<(), check::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Report {
    /// What was compared: `gradient of P by w1, w2`.
    pub title: String,
    /// The relative tolerance.
    #[serde(with = "number")]
    pub tolerance: f64,
    /// The names of the inputs, in the order of each point's numbers.
    pub inputs: Vec<String>,
    /// The points at which derivatives were compared; none for numbers that were given.
    #[serde(with = "number::lists")]
    pub points: Vec<Vec<f64>>,
    /// All entries, the worst first.
    pub entries: Vec<Entry>,
}

/// A report that did not pass, as an error: its text is the report's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Failed(
    /// The report.
    pub Box<Report>,
);

impl Report {
    pub(crate) fn new(
        title: String,
        tolerance: f64,
        inputs: Vec<String>,
        points: Vec<Vec<f64>>,
        mut entries: Vec<Entry>,
    ) -> Report {
        let order = |a: &Entry, b: &Entry| {
            let rank = a.verdict.rank().cmp(&b.verdict.rank());
            rank.then(b.relative.total_cmp(&a.relative))
        };
        entries.sort_by(order);
        Report { title, tolerance, inputs, points, entries }
    }

    /// Whether every entry agrees or lies at a kink. A report without entries passes.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.entries.iter().all(|entry| entry.verdict.passes())
    }

    /// The worst entry: one that does not pass if there is any, else the one with the largest relative error.
    #[must_use]
    pub fn worst(&self) -> Option<&Entry> {
        self.entries.first()
    }

    /// The entry of this name, at the first point that has it.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().filter(|entry| entry.name == name).min_by_key(|entry| entry.point)
    }

    /// Sentences on what to look at: which output and input, and likely causes, such as a constant factor, swapped
    /// rows and columns, or a kink nearby. None if the report passes.
    #[must_use]
    pub fn advice(&self) -> Vec<String> {
        advice::advice(self)
    }

    /// The table with up to `rows` entries, without advice; [`Display`](std::fmt::Display) shows ten, or all with
    /// `{:#}`.
    #[must_use]
    pub fn table(&self, rows: usize) -> String {
        table::table(self, rows)
    }

    /// Does nothing if the report passed.
    ///
    /// # Panics
    ///
    /// With the table and the [advice](Report::advice) if it did not.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.passed(), "{self}");
    }

    /// The report itself if it passed.
    ///
    /// # Errors
    ///
    /// [`Failed`], which holds the report, if it did not.
    pub fn result(self) -> Result<Report, Failed> {
        if self.passed() { Ok(self) } else { Err(Failed(Box::new(self))) }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const ROWS: usize = 10;
        f.write_str(&self.table(if f.alternate() { usize::MAX } else { ROWS }))?;
        for sentence in self.advice() {
            write!(f, "\n- {sentence}")?;
        }
        Ok(())
    }
}
