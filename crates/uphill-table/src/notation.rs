//! How numbers are written: the decimal sign, what stands between thousands, and what a text that is no number may have
//! been meant as.
//!
//! A point is never read as a decimal sign where a comma is one, and groups of thousands are counted, so that `2,590`
//! can't become 2.59 by a wrong guess: what can be read in several ways is told with all of them.

/// The signs in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notation {
    /// A point or a comma.
    pub decimal: char,
    /// What separates thousands, if anything does.
    pub thousands: Option<char>,
}

/// The notations that are tried on a text to say what it may be; a set of them is a bit each.
const ALL: [Notation; 8] = [
    Notation { decimal: '.', thousands: None },
    Notation { decimal: ',', thousands: None },
    Notation { decimal: '.', thousands: Some(',') },
    Notation { decimal: ',', thousands: Some('.') },
    Notation { decimal: '.', thousands: Some(' ') },
    Notation { decimal: ',', thousands: Some(' ') },
    Notation { decimal: '.', thousands: Some('\'') },
    Notation { decimal: ',', thousands: Some('\'') },
];

impl Notation {
    /// The number that a text is, infinite if it is too large for one; `None` for any other text, `inf` and `nan` too.
    ///
    /// ```
    /// use uphill_table::Notation;
    ///
    /// let german = Notation { decimal: ',', thousands: Some('.') };
    /// assert_eq!(german.number("1.234,5"), Some(1234.5));
    /// assert_eq!(german.number("1234.5"), None);
    /// ```
    #[must_use]
    pub fn number(&self, text: &str) -> Option<f64> {
        if *self == ALL[0]
            && let Ok(number) = text.parse::<f64>()
        {
            let is_word = !number.is_finite() && !text.bytes().any(|byte| byte.is_ascii_digit());
            return (!is_word).then_some(number);
        }
        let (sign, rest) = match text.strip_prefix(['-', '+', '\u{2212}']) {
            Some(rest) if text.starts_with('+') => ("", rest),
            Some(rest) => ("-", rest),
            None => ("", text),
        };
        let (digits, exponent) = match rest.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent),
            None => (rest, "0"),
        };
        let (whole, fraction) = digits.split_once(self.decimal).unwrap_or((digits, ""));
        let whole = self.without_groups(whole)?;
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(&whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        format!("{sign}{whole}.{fraction}e{exponent}").parse().ok()
    }

    /// Whether a text is a number in any notation.
    #[must_use]
    pub fn reads(text: &str) -> bool {
        !Readings::of(text).is_none()
    }

    /// The digits before the decimal sign; `None` if they are separated elsewhere than before groups of three. Groups of
    /// two in between, as in 12,34,567, are India's.
    fn without_groups(&self, whole: &str) -> Option<String> {
        let Some(separator) = self.thousands else { return Some(whole.to_owned()) };
        let groups: Vec<&str> = whole.split(|c| is_separator(c, separator)).collect();
        let [first, between @ .., last] = groups.as_slice() else { return Some(whole.to_owned()) };
        let is_grouped = (1..=3).contains(&first.len())
            && !first.starts_with('0')
            && between.iter().all(|group| (2..=3).contains(&group.len()))
            && last.len() == 3;
        is_grouped.then(|| groups.concat())
    }
}

/// Whether a sign separates thousands: spaces are of several widths, apostrophes straight or curved.
fn is_separator(c: char, separator: char) -> bool {
    match separator {
        ' ' => matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}'),
        '\'' => matches!(c, '\'' | '\u{2019}'),
        _ => c == separator,
    }
}

/// The notations by which a text is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Readings(u8);

impl Readings {
    /// Those of a text.
    pub(crate) fn of(text: &str) -> Readings {
        let read = ALL.iter().enumerate().filter(|(_, notation)| notation.number(text).is_some());
        Readings(read.fold(0, |set, (place, _)| set | 1 << place))
    }

    /// Those of two texts in common.
    pub(crate) fn and(self, other: Readings) -> Readings {
        Readings(self.0 & other.0)
    }

    /// Whether there are none.
    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    fn has(self, notation: Notation) -> bool {
        ALL.iter().position(|other| *other == notation).is_some_and(|k| self.0 & 1 << k != 0)
    }

    /// Those that take the fewest changes of what is given, the likeliest first.
    pub(crate) fn likeliest(self, given: Notation) -> Vec<Notation> {
        let simplest = ALL.into_iter().filter(|&notation| {
            let same_sign = Notation { decimal: given.decimal, ..notation };
            let no_groups = Notation { thousands: None, ..notation };
            self.has(notation)
                && (no_groups == notation || !self.has(no_groups))
                && (same_sign == notation || !self.has(same_sign))
        });
        // Where both are possible, thousands are the better guess, and the one that is seldom thought of.
        let mut simplest: Vec<Notation> = simplest.collect();
        simplest.sort_by_key(|notation| notation.thousands.is_none());
        simplest
    }
}

/// Whether a text is what programs and people write where nothing is known.
pub(crate) fn looks_missing(text: &str) -> bool {
    const KNOWN: [&str; 22] = [
        "", "?", "??", "-", "--", "---", "\u{2013}", "\u{2014}", ".", "..", "*", "na", "n/a",
        "n.a.", "#n/a", "nan", "<na>", "null", "none", "nil", "missing", "k.a.",
    ];
    let text = text.to_lowercase();
    KNOWN.contains(&text.as_str())
}

#[cfg(test)]
mod tests {
    use super::{ALL, Notation, Readings, looks_missing};

    #[test]
    fn numbers_by_notation() {
        let dot = Notation { decimal: '.', thousands: None };
        let comma = Notation { decimal: ',', thousands: None };
        let grouped = |decimal, thousands| Notation { decimal, thousands: Some(thousands) };
        for (notation, text, expected) in [
            (dot, "1.5", Some(1.5)),
            (dot, "-1.5e-3", Some(-0.0015)),
            (dot, "+.5", Some(0.5)),
            (dot, "\u{2212}2", Some(-2.0)),
            (dot, "1,5", None),
            (dot, "nan", None),
            (dot, "-Infinity", None),
            (dot, "1e999", Some(f64::INFINITY)),
            (dot, "", None),
            (dot, ".", None),
            (dot, "e5", None),
            (dot, "1e", None),
            (dot, "0x10", None),
            (comma, "1,5", Some(1.5)),
            (comma, "-0,5E2", Some(-50.0)),
            (comma, "7", Some(7.0)),
            (comma, ",5", Some(0.5)),
            (comma, "1.5", None),
            (comma, "1,5,0", None),
            (comma, "--5", None),
            (grouped('.', ','), "2,590", Some(2590.0)),
            (grouped('.', ','), "-1,234,567.5", Some(-1_234_567.5)),
            (grouped('.', ','), "12,34,567", Some(1_234_567.0)),
            (grouped('.', ','), "250", Some(250.0)),
            (grouped('.', ','), "1234.5", Some(1234.5)),
            (grouped('.', ','), "2,59", None),
            (grouped('.', ','), "0,398", None),
            (grouped('.', ','), "1234,567", None),
            (grouped('.', ','), "1,234.567,8", None),
            (grouped(',', '.'), "1.234,5", Some(1234.5)),
            (grouped(',', '.'), "1.25", None),
            (grouped(',', ' '), "1 234\u{a0}567,5", Some(1_234_567.5)),
            (grouped('.', '\''), "1\u{2019}234'567", Some(1_234_567.0)),
        ] {
            assert_eq!(notation.number(text), expected, "{text} by {notation:?}");
        }
    }

    #[test]
    fn what_a_text_may_be() {
        let given = ALL[0];
        let of = |decimal, thousands| Notation { decimal, thousands };
        for (texts, expected) in [
            (&["0,398"][..], &[of(',', None)][..]),
            (&["2,590"], &[of('.', Some(',')), of(',', None)]),
            (&["2,590", "0,5"], &[of(',', None)]),
            (&["2,590", "1,000,000"], &[of('.', Some(','))]),
            (&["1.234,5", "2,5"], &[of(',', Some('.'))]),
            (&["1 234"], &[of('.', Some(' '))]),
            (&["5 kg"], &[]),
            (&["2004-03-10"], &[]),
            (&["10.0.0.1"], &[]),
        ] {
            let all = texts.iter().map(|text| Readings::of(text));
            let all = all.reduce(Readings::and).unwrap();
            assert_eq!(all.likeliest(given), expected, "{texts:?}");
        }
        let german = of(',', None);
        let both = [of(',', Some('.')), of('.', None)];
        assert_eq!(Readings::of("1.250").likeliest(german), both);
        assert!(["?", "NA", "n/a", "NaN", "-", ""].into_iter().all(looks_missing));
        assert!(!["red", "0", "nano"].into_iter().any(looks_missing));
    }
}
