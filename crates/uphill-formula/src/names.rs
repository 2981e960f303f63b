//! Names: which are the notation's own, how they are written, and which known one is nearest to a slip of the keys.

use std::borrow::Cow;

use crate::functions;

/// The one spelling of a constant's name, and its value.
pub(crate) fn constant(name: &str) -> Option<(&'static str, f64)> {
    match name {
        "e" => Some(("e", std::f64::consts::E)),
        "pi" | "π" => Some(("pi", std::f64::consts::PI)),
        _ => None,
    }
}

/// What a name of the notation's own stands for.
pub(crate) fn reserved(name: &str) -> Option<String> {
    if let Some((_, value)) = constant(name) {
        Some(format!("the constant {value:.3}…"))
    } else if matches!(name, "and" | "or" | "not") {
        Some("an operator".into())
    } else if functions::is_reserved(name) {
        Some("a function".into())
    } else {
        None
    }
}

/// What to write where a name of the notation's own is wanted for something else.
pub(crate) fn advice(name: &str) -> String {
    format!("in backquotes, {}, it is a name like any other", quoted(name))
}

pub(crate) fn begins_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Raised digits would look like powers, so they belong to no name.
pub(crate) fn continues_word(c: char) -> bool {
    (c.is_alphanumeric() && !matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹')) || c == '_'
}

pub(crate) fn is_word(name: &str) -> bool {
    name.starts_with(begins_word) && name.chars().all(continues_word)
}

/// A name in backquotes; a backquote in it stands twice.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The base and the indices of `w[3]` or `w[1,2]`, exactly as the notation would write them.
pub(crate) fn entry(name: &str) -> Option<(&str, Vec<u64>)> {
    let (base, rest) = name.split_once('[')?;
    let indices: Option<Vec<u64>> =
        rest.strip_suffix(']')?.split(',').map(canonical_index).collect();
    (!base.is_empty()).then_some((base, indices?))
}

/// The name of an entry: `w[1,2]`.
pub(crate) fn entry_name(base: &str, indices: &[u64]) -> String {
    let indices: Vec<String> = indices.iter().map(u64::to_string).collect();
    format!("{base}[{}]", indices.join(","))
}

fn canonical_index(digits: &str) -> Option<u64> {
    let index: u64 = digits.parse().ok()?;
    (index <= functions::LARGEST_WHOLE as u64 && index.to_string() == digits).then_some(index)
}

/// A name as the notation writes it: as it is, or in backquotes.
pub(crate) fn written(name: &str) -> Cow<'_, str> {
    if is_word(name) && reserved(name).is_none() {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(quoted(name))
    }
}

/// The name that groups inputs: `w` for `w[3]`.
pub(crate) fn base(name: &str) -> &str {
    entry(name).map_or(name, |(base, _)| base)
}

/// As [`written`], but an entry of a vector stands as one, `w[3]`.
pub(crate) fn written_target(name: &str) -> Cow<'_, str> {
    match entry(name) {
        Some((base, _)) if written(base) == base => Cow::Borrowed(name),
        _ => written(name),
    }
}

/// The name that is nearest to an unknown one, if one is near.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    const LONGEST: usize = 32;
    let letters = |name: &str| -> Vec<char> { name.to_lowercase().chars().collect() };
    let wanted = letters(name);
    if wanted.len() > LONGEST {
        return None;
    }
    let most = (wanted.len() / 3).max(1);
    let distances = known.filter(|known| known.len() <= 2 * LONGEST).map(|known| {
        let letters = letters(known);
        // Where the distance ties, a name that one begins to type is nearer.
        let begins = letters.starts_with(&wanted) || wanted.starts_with(&letters);
        (distance(&wanted, &letters), !begins, known)
    });
    let (distance, _, known) = distances.min()?;
    (distance <= most && distance < wanted.len()).then_some(known)
}

/// How many letters must be inserted, removed, changed or exchanged with their neighbour.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

/// `did you mean …?`, or nothing.
pub(crate) fn suggestion<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    match nearest(name, known) {
        Some(known) => format!("did you mean `{known}`?"),
        None => String::new(),
    }
}

/// The first few names, for a message.
pub(crate) fn few<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = names.take(SHOWN + 1).map(|name| format!("`{name}`")).collect();
    if shown.len() > SHOWN {
        shown[SHOWN] = "…".into();
    }
    if shown.is_empty() { "nothing".into() } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for (name, text) in [
            ("w1", "w1"),
            ("σ_2", "σ_2"),
            ("w₁", "w₁"),
            ("w[3]", "w[3]"),
            ("w[1,2]", "w[1,2]"),
            ("w[03]", "`w[03]`"),
            ("w[1][2]", "`w[1][2]`"),
            ("[3]", "`[3]`"),
            ("dP/dx", "`dP/dx`"),
            ("sepal length", "`sepal length`"),
            ("x²", "`x²`"),
            ("2x", "`2x`"),
            ("e", "`e`"),
            ("sin", "`sin`"),
            ("sin[1]", "`sin[1]`"),
            ("a`b", "`a``b`"),
        ] {
            assert_eq!(written_target(name), text);
        }
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["sin", "sinh", "asin", "sigmoid", "log", "log2", "log1p", "sqrt", "mean"];
        for (name, near) in [
            ("sine", Some("sin")),
            ("Sin", Some("sin")),
            ("isn", Some("sin")),
            ("sigmod", Some("sigmoid")),
            ("sqr", Some("sqrt")),
            ("maen", Some("mean")),
            ("f", None),
            ("gamma", None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), near, "{name}");
        }
    }
}
