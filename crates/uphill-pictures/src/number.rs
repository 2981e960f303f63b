//! Numbers as people read them in pictures: few digits, a true minus, powers of ten raised.

use uphill_graph::Scalar;

/// Rounded to significant digits; very large and very small ones as `1.5×10⁶`.
pub(crate) fn rounded(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        let name = if x.is_nan() { "NaN" } else { "∞" };
        return if x < 0.0 { format!("−{name}") } else { name.into() };
    }
    if x == 0.0 {
        return "0".into();
    }
    let digits = digits.clamp(1, 17);
    let scientific = format!("{x:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        return minus(&trimmed(&format!("{x:.decimals$}")));
    }
    minus(&format!("{}×{}", trimmed(mantissa), power_of_ten(exponent)))
}

/// As shown where a difference in the last digits matters little: five digits.
pub(crate) fn short(x: f64) -> String {
    rounded(x, 5)
}

/// With this many decimals.
pub(crate) fn with_decimals(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    if text.trim_matches(['-', '0', '.']).is_empty() {
        return text.trim_start_matches('-').into();
    }
    minus(&text)
}

/// `10⁻³`.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |letter: char| match letter.to_digit(10) {
        Some(digit) => RAISED[digit as usize],
        None => '⁻',
    };
    "10".chars().chain(exponent.to_string().chars().map(raise)).collect()
}

/// The order of magnitude: the largest power of ten that is not above |x|, for x other than 0.
pub(crate) fn magnitude(x: f64) -> i32 {
    let scientific = format!("{x:e}");
    scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// Ten to a power, as the nearest number.
pub(crate) fn ten_to(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

/// The logarithm to base ten, with the same bits everywhere.
pub(crate) fn log10(x: f64) -> f64 {
    <f64 as Scalar>::log10(x)
}

fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text.into(),
    }
}

fn minus(text: &str) -> String {
    text.replacen('-', "−", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let numbers = [0.0, -0.5, 1.0 / 3.0, 12345.678, -1234567.0, 0.000012, f64::MIN, f64::NAN];
        let expected =
            ["0", "−0.5", "0.33333", "12346", "−1.2346×10⁶", "1.2×10⁻⁵", "−1.7977×10³⁰⁸", "NaN"];
        assert_eq!(numbers.map(short), expected);
        assert_eq!(with_decimals(-0.04, 1), "0.0");
        assert_eq!([0.09, 1.0, 999.9, -1e-300].map(magnitude), [-2, 0, 2, -300]);
    }
}
