//! A number with few digits, for sentences.

use std::fmt;

/// At most four significant digits, without zeros at the end.
pub(crate) struct Short(pub(crate) f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.3e}", self.0);
        match text.parse::<f64>() {
            // Rounded, the shortest text of it has no more digits.
            Ok(rounded) if (1e-4..1e9).contains(&rounded.abs()) || rounded == 0.0 => {
                write!(f, "{}", rounded + 0.0)
            }
            Ok(rounded) if rounded.is_finite() => write!(f, "{rounded:e}"),
            _ => write!(f, "{}", self.0),
        }
    }
}
