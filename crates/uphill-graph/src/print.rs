//! Numbers as text, and lines of equalities below each other.

/// A number as text: the shortest that reads back to the same `f64`, or rounded to significant digits; never `-0`.
pub(crate) fn number(x: f64, digits: Option<usize>) -> String {
    let rounded = match digits {
        Some(digits) if x.is_finite() => {
            format!("{:.*e}", digits.clamp(1, 17) - 1, x).parse().unwrap_or(x)
        }
        _ => x,
    };
    if rounded == 0.0 {
        "0".into()
    } else if !rounded.is_finite() || (1e-5..1e16).contains(&rounded.abs()) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

/// `label = formula` lines, the equals signs below each other.
pub(crate) fn align(rows: &[(String, String)], indent: &str) -> String {
    const WIDEST: usize = 16;
    let width = |label: &str| label.chars().count();
    let widest =
        rows.iter().map(|(label, _)| width(label)).filter(|&w| w <= WIDEST).max().unwrap_or(0);
    rows.iter().fold(String::new(), |text, (label, rest)| {
        let pad = " ".repeat(widest.saturating_sub(width(label)));
        text + indent + label + &pad + " = " + rest + "\n"
    })
}
