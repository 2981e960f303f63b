//! What helps with a table that can't be used, told by the options that do it.

use uphill_table::{Advice, Notation};

use crate::list::{for_shell, name_for_shell};

/// All advice of an error, as options, each joined to the sentence before.
pub(crate) fn told(advice: &[Advice]) -> String {
    let before = std::iter::once(None).chain(advice.iter().map(Some));
    before.zip(advice).map(|(before, advice)| option(advice, before)).collect()
}

/// A piece of advice as the option that follows it.
fn option(advice: &Advice, before: Option<&Advice>) -> String {
    match advice {
        Advice::Delimiter(sign) => {
            let sign = match sign {
                '\t' => "tab".to_owned(),
                sign => format!("'{sign}'"),
            };
            format!("; if columns end at another character, give --delimiter {sign}")
        }
        Advice::DelimiterBesideCommas => {
            "; where commas are decimal signs, columns end at another character: see --delimiter"
                .into()
        }
        Advice::Comment(sign) => {
            format!("; if lines that begin with `{sign}` are comments, give --comment '{sign}'")
        }
        Advice::Encoding => ", or give its encoding, such as --encoding latin1".into(),
        Advice::EncodingNamed(name) => format!("; give --encoding {name}"),
        Advice::Utf16 => {
            "; if the text is UTF-16 without a mark, give --encoding utf-16le or utf-16be".into()
        }
        Advice::Notation { given, other, .. } => {
            format!("; {} reads it as {}", signs(*given, *other), advice.reading())
        }
        Advice::Missing(text) => {
            format!("; --missing {} takes it as a missing cell", for_shell(text))
        }
        Advice::MissingNamed(text) => {
            format!("; --missing {} takes `{text}` as a missing cell", for_shell(text))
        }
        Advice::EmptyIsMissing => {
            "; fill it in, or give --missing '', which skips rows with empty fields".into()
        }
        Advice::Texts(column) => {
            let joined = if matches!(before, Some(Advice::Missing(_))) { "," } else { ";" };
            format!("{joined} --category {} takes all cells as text", name_for_shell(column))
        }
        Advice::NumberOrTexts(column) => format!(
            "; leave out --as-classes to learn a number, or take every text as a class by --category {}",
            name_for_shell(column)
        ),
        Advice::LeaveOut(column) => {
            format!("; leave the column out by --ignore {}", name_for_shell(column))
        }
        other => other.to_string(),
    }
}

/// The options that lead from one notation to another.
fn signs(given: Notation, other: Notation) -> String {
    let mut options = Vec::new();
    if given.decimal != other.decimal {
        options.push(format!("--decimal {}", other.decimal));
    }
    match (given.thousands, other.thousands) {
        (before, Some(sign)) if before != Some(sign) => {
            let sign = match sign {
                ' ' => "space".into(),
                '\'' => "apostrophe".into(),
                other => other.to_string(),
            };
            options.push(format!("--thousands {sign}"));
        }
        (Some(_), None) => options.push("no --thousands".into()),
        _ => {}
    }
    options.join(" and ")
}

#[cfg(test)]
mod tests {
    use uphill_table::{Kind, Reader, Table, Wanted};

    use crate::error::Error;

    /// Advice leads to options that exist, in words that say so.
    #[test]
    fn advice_is_told_by_options() {
        for (cells, expected) in [
            ("0,398", "--decimal , reads it as 0.398, with a decimal sign"),
            (
                "2,590",
                "--thousands , reads it as 2590, with separated thousands; --decimal , reads it as 2.59, with a decimal \
                 sign",
            ),
            (
                "1.234,5",
                "--decimal , and --thousands . reads it as 1234.5, with separated thousands",
            ),
            ("1 234", "--thousands space reads it as 1234, with separated thousands"),
            ("1'234", "--thousands apostrophe reads it as 1234, with separated thousands"),
            (
                "1'234|2'000|?",
                "; --missing '?' takes `?` as a missing cell; --category x takes all cells as text",
            ),
            ("0,5|0,6|a", "; `a` is no number; --category x takes all cells as text"),
            ("1|?", "got the text `?`; --missing '?' takes it as a missing cell"),
            (
                "1|red",
                "; --missing red takes it as a missing cell, --category x takes all cells as text",
            ),
        ] {
            let text = format!("x\n\"{}\"\n", cells.replace('|', "\"\n\""));
            let read = || {
                let from = std::io::Cursor::new(text.clone());
                let mut reader = Reader::new(from, "t.csv", uphill_table::Format::default())?;
                let wanted = Wanted { kind: Kind::Either, ..Wanted::numbers("x") };
                Table::read(&mut reader, &[wanted], 1 << 20)
            };
            let error = read().map_err(Error::from).unwrap_err().to_string();
            assert!(error.contains(expected), "{cells}: {error}");
        }
    }
}
