//! Lists on the command line: names, `name=value`, or values between commas. All options that take one read it here.
//!
//! A name may hold anything: in backquotes, as in formulas, commas, `=` and spaces belong to it, and a backquote stands
//! twice. Without them, spaces inside of a name stay, and brackets may hold commas: `w[1, 2]` is the entry `w[1,2]`.

use std::borrow::Cow;

/// What is wrong with a list, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotAList(pub(crate) String);

/// The parts between commas that stand outside of brackets and backquotes: `w[1,2]=3,b=1` has two.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quoted) = (0_usize, false);
    let between = move |c: char| {
        match c {
            '`' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0 && !quoted
    };
    text.split(between).map(str::trim).filter(|part| !part.is_empty())
}

/// A part as a name and what stands behind its first `=`, if there is one outside of backquotes.
///
/// # Errors
///
/// [`NotAList`] for a name that is missing, and backquotes that aren't closed.
pub(crate) fn pair<'t>(option: &str, part: &'t str) -> Result<(String, Option<&'t str>), NotAList> {
    let mut quoted = false;
    let equals = part.find(|c| {
        quoted ^= c == '`';
        c == '=' && !quoted
    });
    let (written, value) = match equals {
        Some(place) => (&part[..place], Some(part[place + 1..].trim())),
        None => (part, None),
    };
    match name(written) {
        Ok(name) if name.is_empty() => {
            Err(NotAList(format!("{option} `{part}`: the name before `=` is missing")))
        }
        Ok(name) => Ok((name.into_owned(), value)),
        Err(what) => Err(NotAList(format!("{option} `{part}`: {what}"))),
    }
}

/// Names between commas, of an option that may be given several times.
///
/// # Errors
///
/// As [`pair`].
pub(crate) fn names(option: &str, texts: &[String]) -> Result<Vec<String>, NotAList> {
    let wrong = |part: &str, what| NotAList(format!("{option} `{part}`: {what}"));
    let one = |part| match name(part) {
        Ok(name) => Ok(name.into_owned()),
        Err(what) => Err(wrong(part, what)),
    };
    texts.iter().flat_map(|text| parts(text)).map(one).collect()
}

/// A single name: all of a text, or what is between its backquotes.
pub(crate) fn one(text: &str) -> String {
    match name(text) {
        Ok(name) if text.starts_with('`') => name.into_owned(),
        _ => text.to_owned(),
    }
}

/// As [`one`], for options.
pub(crate) fn single(text: &str) -> Result<String, std::convert::Infallible> {
    Ok(one(text))
}

/// A word as a shell takes it: as it is, or in single quotes.
pub(crate) fn for_shell(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-+=.,:/@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
}

/// A column's name as a shell's command line has it.
pub(crate) fn name_for_shell(name: &str) -> String {
    for_shell(&written(name)).into_owned()
}

/// A name as it is written, or what is wrong with its backquotes.
fn name(written: &str) -> Result<Cow<'_, str>, &'static str> {
    let written = written.trim();
    let Some(rest) = written.strip_prefix('`') else {
        return match written.contains('`') {
            true => {
                Err("a name with a backquote in it stands in backquotes, and the one in it twice")
            }
            false => Ok(entry(written)),
        };
    };
    let Some(inner) = rest.strip_suffix('`') else {
        return Err("its backquotes are not closed");
    };
    let name = inner.replace("``", "`");
    match inner.matches('`').count() == 2 * name.matches('`').count() {
        true => Ok(Cow::Owned(name)),
        false => Err("a backquote inside of backquotes stands twice"),
    }
}

/// `w[1, 2]` as formulas name it, `w[1,2]`; other names as they are.
fn entry(written: &str) -> Cow<'_, str> {
    let indices = written.strip_suffix(']').and_then(|rest| rest.split_once('['));
    let is_index = |c: char| c.is_ascii_digit() || c == ',' || c == ' ';
    match indices {
        Some((base, indices)) if !base.contains('[') && indices.chars().all(is_index) => {
            Cow::Owned(format!("{}[{}]", base.trim_end(), indices.replace(' ', "")))
        }
        _ => Cow::Borrowed(written),
    }
}

/// A name as these lists read it, and formulas as well: as it is, or in backquotes.
pub(crate) fn written(name: &str) -> Cow<'_, str> {
    let reads_back = || {
        // With another part behind it, so that it leaves no bracket open.
        let list = format!("{name},x");
        parts(&list).eq([name, "x"])
            && pair("", name).is_ok_and(|(read, value)| value.is_none() && read == name)
    };
    if reads_back() { Cow::Borrowed(name) } else { Cow::Owned(backquoted(name)) }
}

/// A name in backquotes.
pub(crate) fn backquoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_can_be_written() {
        for name in [
            "w1",
            "petal length",
            "a=b",
            "a,b",
            "a`b",
            "`",
            "``",
            " a ",
            "w[1,2]",
            "w[1][2]",
            "length [mm]",
            "(",
            ")",
            "]a[",
            "a,",
            "=",
            "species=Iris setosa",
            "h1.1→species=b",
            "-1",
            "1",
            "",
            "x`y`,z=`",
        ] {
            for text in [backquoted(name), written(name).into_owned()] {
                let (before, after) = (format!("first=1,{text}"), format!("{text}=2,last=3"));
                let [before, after] = [&before, &after].map(|text| parts(text).collect::<Vec<_>>());
                let read = |part| pair("--at", part);
                assert_eq!((before.len(), after.len()), (2, 2), "{text}");
                if name.is_empty() {
                    assert!(read(after[0]).is_err());
                    continue;
                }
                assert_eq!(read(before[1]).unwrap(), (name.to_owned(), None), "{text}");
                assert_eq!(read(after[0]).unwrap(), (name.to_owned(), Some("2")), "{text}");
                assert_eq!(names("--inputs", &[format!("a,{text}")]).unwrap(), ["a", name]);
            }
            assert_eq!(one(&backquoted(name)), name);
        }
    }

    #[test]
    fn what_is_no_name_is_told() {
        for (part, expected) in [
            ("`a=1", "--at ``a=1`: its backquotes are not closed"),
            (
                "a`=1",
                "--at `a`=1`: a name with a backquote in it stands in backquotes, and the one in it twice",
            ),
            ("`a`b`c`=1", "--at ``a`b`c`=1`: a backquote inside of backquotes stands twice"),
            ("=1", "--at `=1`: the name before `=` is missing"),
        ] {
            assert_eq!(pair("--at", part).unwrap_err().to_string(), expected);
        }
        assert_eq!(one("petal length"), "petal length");
        assert_eq!(one("a`b"), "a`b");
    }
}
