//! Words of messages: names that were meant, lists of the first few, and numbers with a few digits.
//!
//! Public, so that whoever tells of a table can speak as its errors do.

/// How many names a message shows.
pub const SHOWN: usize = 12;
/// How many letters of each.
const LETTERS: usize = 60;

/// The known name with the fewest letters changed, if that is at most a third of them and one; not one with all changed.
/// Else the one name that begins with this one or has it as a word, as `chain` is in `chain-rule`.
///
/// It costs the product of both names' lengths for each known name.
///
/// ```
/// use uphill_table::words::nearest;
///
/// let known = ["sepal_length", "petal_length", "species"];
/// assert_eq!(nearest("specie", known.into_iter()), Some("species"));
/// assert_eq!(nearest("sepal", known.into_iter()), Some("sepal_length"));
/// assert_eq!(nearest("length", known.into_iter()), None); // two have it
/// ```
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    /// A name with fewer letters is a part of too many others.
    const SHORTEST_PART: usize = 3;
    let length = name.chars().count();
    let longest = 1 + length / 3;
    let candidates = known.clone().map(|candidate| (distance(name, candidate), candidate));
    let near = candidates
        .filter(|(changes, _)| *changes <= longest && *changes < length)
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, candidate)| candidate);
    if near.is_some() || length < SHORTEST_PART {
        return near;
    }
    let lower = name.to_lowercase();
    let has = |candidate: &&str| {
        let candidate = candidate.to_lowercase();
        let mut words = candidate.split(|c: char| !c.is_alphanumeric());
        candidate.starts_with(&lower) || words.any(|word| word == lower)
    };
    let mut with = known.filter(has);
    let first = with.next()?;
    with.next().is_none().then_some(first)
}

/// The number of letters to insert, take out, change or swap with their neighbours; capitals count as small ones.
fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(&one.to_lowercase(), &other.to_lowercase())
}

/// The first few names, with an ellipsis if there are more; of long ones, their beginnings.
///
/// ```
/// assert_eq!(uphill_table::words::few(["a", "b"].into_iter()), "a, b");
/// assert_eq!(uphill_table::words::few(std::iter::empty()), "none");
/// ```
pub fn few<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = known.take(SHOWN + 1).map(shortened).collect();
    if names.len() > SHOWN {
        names[SHOWN] = "…".into();
    }
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// The beginning of a text that may be long: cells and names of a table can have a megabyte.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// `1 row`, `2 rows`.
#[must_use]
pub fn counted(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// So many significant digits, without an exponent where that is readable.
///
/// ```
/// use uphill_table::words::digits;
///
/// assert_eq!(digits(12.345_678, 4), "12.35");
/// assert_eq!(digits(1e12, 4), "1.000e12");
/// ```
#[must_use]
pub fn digits(number: f64, count: usize) -> String {
    if number == 0.0 || !number.is_finite() {
        return format!("{}", number + 0.0);
    }
    let scientific = format!("{number:.*e}", count - 1);
    let Some((_, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match exponent {
        -4..0 => format!("{number:.*}", count - 1 + exponent.unsigned_abs() as usize),
        0..9 => format!("{number:.*}", (count - 1).saturating_sub(exponent as usize)),
        _ => scientific,
    }
}

/// At most so many significant digits, without zeros at the end.
#[must_use]
pub fn short(number: f64, count: usize) -> String {
    let text = digits(number, count);
    let (digits, exponent) = match text.split_once('e') {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (text.as_str(), None),
    };
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    };
    exponent.map_or(digits.to_owned(), |exponent| format!("{digits}e{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::{digits, distance, few, nearest, short};

    #[test]
    fn distances() {
        for (one, other, expected) in [
            ("", "abc", 3),
            ("species", "Specis", 1),
            ("petal", "petla", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn the_nearest_is_near() {
        let known = ["sepal_length", "petal_length", "species"];
        assert_eq!(nearest("specie", known.into_iter()), Some("species"));
        assert_eq!(nearest("petal length", known.into_iter()), Some("petal_length"));
        assert_eq!(nearest("colour", known.into_iter()), None);
        assert_eq!(nearest("sepal", known.into_iter()), Some("sepal_length"));
        assert_eq!(nearest("length", known.into_iter()), None, "two have it");
        assert_eq!(nearest("chain", ["p-alone", "chain-rule"].into_iter()), Some("chain-rule"));
        assert_eq!(nearest("b", ["x", "y"].into_iter()), None);
        assert_eq!(few(known.into_iter()), "sepal_length, petal_length, species");
    }

    #[test]
    fn people_see_a_few_digits() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12.345_678, "12.35"),
            (-0.001_234_56, "-0.001235"),
            (0.000_012_345, "1.234e-5"),
            (123_456.7, "123457"),
            (1e12, "1.000e12"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(digits(number, 4), expected);
        }
        for (number, expected) in
            [(-11.0, "-11"), (100.0, "100"), (0.25, "0.25"), (1e12, "1e12"), (1.5e-9, "1.5e-9")]
        {
            assert_eq!(short(number, 6), expected);
        }
    }
}
