//! Names that were meant: the nearest known one, and lists of the first few.

/// How many names a message shows.
const SHOWN: usize = 12;
/// How many letters of each.
const LETTERS: usize = 60;

/// The known name with the fewest letters changed, if that is at most a third of them and one; not one with all changed.
/// Else the one name that begins with this one or has it as a word, as `chain` is in `chain-rule`.
pub(crate) fn nearest<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
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

/// The first few names, with an ellipsis if there are more; of long ones, their beginnings.
pub(crate) fn few<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = known.take(SHOWN + 1).map(shortened).collect();
    if names.len() > SHOWN {
        names[SHOWN] = "…".into();
    }
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// The beginning of a text that may be long: cells and names of a table can have a megabyte.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// As [`few`], each name in backquotes, as formulas take any name.
pub(crate) fn quoted<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = known.take(SHOWN + 1).map(|name| format!("`{name}`")).collect();
    few(names.iter().map(String::as_str))
}

/// The number of letters to insert, take out, change or swap with their neighbours; capitals count as small ones.
fn distance(one: &str, other: &str) -> usize {
    let letters = |name: &str| name.to_lowercase().chars().collect::<Vec<char>>();
    let (one, other) = (letters(one), letters(other));
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for i in 0..one.len() {
        let mut row = vec![i + 1];
        for j in 0..other.len() {
            let change = above[j] + usize::from(one[i] != other[j]);
            let mut least = change.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, few, nearest};

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
        assert_eq!(few(std::iter::empty()), "none");
    }
}
