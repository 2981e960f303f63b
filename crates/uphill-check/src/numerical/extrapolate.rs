//! Ridders' table: quotients at steps that shrink, and from them the limit for the step going to zero.
//!
//! If `D(h) = D + a h + b h² + …` then `(r D(h/r) - D(h)) / (r - 1)` has no term in `h`, and so on, column by column;
//! central quotients have even powers only. Entries that agree with both their parents are to be trusted.
//! (C. J. F. Ridders, Accurate computation of F′(x) and F′(x)F″(x), Advances in Engineering Software 4, 1982.)

/// Each step is the last one divided by this. Not by 2: doubled angles look like the angles of a slower oscillation, so
/// that steps over many periods, each half the last, could agree on a slope that isn't there.
pub(super) const SHRINK: f64 = 1.75;

/// More columns than this only amplify rounding.
const COLUMNS: usize = 8;

/// Which powers of the step the error of a quotient has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Powers {
    /// h, h², h³, …: one-sided quotients.
    All,
    /// h², h⁴, …: central quotients.
    Even,
}

/// A limit and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limit {
    pub(super) value: f64,
    pub(super) error: f64,
}

/// One table, of which only the last row is kept.
#[derive(Debug, Clone)]
pub(super) struct Extrapolation {
    powers: Powers,
    row: Vec<f64>,
}

impl Extrapolation {
    pub(super) fn new(powers: Powers) -> Extrapolation {
        Extrapolation { powers, row: Vec::with_capacity(COLUMNS + 1) }
    }

    /// Forgets all rows: what comes next is unrelated.
    pub(super) fn restart(&mut self) {
        self.row.clear();
    }

    /// The quotient at the next step; gives the best entry of the new row, none for the first one.
    pub(super) fn push(&mut self, quotient: f64) -> Option<Limit> {
        if !quotient.is_finite() {
            self.restart();
            return None;
        }
        let mut row = Vec::with_capacity(COLUMNS + 1);
        row.push(quotient);
        let factor = if self.powers == Powers::All { SHRINK } else { SHRINK * SHRINK };
        let mut weight = factor;
        let mut best: Option<Limit> = None;
        for (column, &coarser) in self.row.iter().take(COLUMNS).enumerate() {
            // In this form nothing overflows that needn't.
            let refined = row[column] + (row[column] - coarser) / (weight - 1.0);
            let error = (refined - row[column]).abs().max((refined - coarser).abs());
            if best.is_none_or(|best| error < best.error) && refined.is_finite() {
                best = Some(Limit { value: refined, error });
            }
            row.push(refined);
            weight *= factor;
        }
        self.row = row;
        best
    }
}

#[cfg(test)]
mod tests {
    use super::{Extrapolation, Powers, SHRINK};

    #[test]
    fn polynomials_in_the_step_are_extrapolated_exactly() {
        let mut table = Extrapolation::new(Powers::All);
        let steps = [0, 1, 2, 3, 4].map(|power| SHRINK.powi(-power));
        let quotients = steps.map(|h| 3.0 + h - 2.0 * h * h);
        let limits: Vec<_> = quotients.into_iter().map(|q| table.push(q)).collect();
        assert_eq!(limits[0], None);
        let last = limits[4].expect("the fifth row has a limit");
        assert!((last.value - 3.0).abs() < 1e-14 && last.error < 1e-14, "{last:?}");
    }

    #[test]
    fn a_quotient_that_is_no_number_restarts() {
        let mut table = Extrapolation::new(Powers::Even);
        assert_eq!(table.push(1.0), None);
        assert!(table.push(1.0).is_some());
        assert_eq!(table.push(f64::NAN), None);
        assert_eq!(table.push(1.0), None);
        assert!(table.push(1.0).is_some());
    }
}
