//! What may help where a table can't be used, as data: an error carries it, and whoever shows the error chooses words.
//!
//! Here it is told in the words of this library, by fields of a format. The command `uphill` tells the same advice by its
//! options.

use std::fmt;

use crate::notation::Notation;

/// What may help where a table can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Columns seem to end at this character: [`Format::delimiter`](crate::Format::delimiter).
    Delimiter(char),
    /// Commas are decimal signs and end columns, too; one of them must be something else.
    DelimiterBesideCommas,
    /// Lines that begin with this character may be comments: [`Format::comment`](crate::Format::comment).
    Comment(char),
    /// The text may be in another encoding, such as `latin1`: [`Format::encoding`](crate::Format::encoding).
    Encoding,
    /// The text looks like this encoding.
    EncodingNamed(&'static str),
    /// The text may be UTF-16, of one of two kinds.
    Utf16,
    /// This text is a number in another notation: [`Format::decimal`](crate::Format::decimal) and
    /// [`Format::thousands`](crate::Format::thousands).
    Notation {
        /// The text.
        text: String,
        /// The signs by which it was read.
        given: Notation,
        /// The signs by which it is a number.
        other: Notation,
    },
    /// This text may mark missing cells: [`Format::missing`](crate::Format::missing).
    Missing(String),
    /// As [`Advice::Missing`], of a text that is not the one that the error is about.
    MissingNamed(String),
    /// This text is no number in any notation.
    NoNumber(String),
    /// Empty cells may be missing ones.
    EmptyIsMissing,
    /// All cells of this column may be texts: [`Kind::Texts`](crate::Kind::Texts).
    Texts(String),
    /// The column may be learnt as a number, or this column's cells taken as texts.
    NumberOrTexts(String),
    /// The column may be left out.
    LeaveOut(String),
    /// Another column may be the target.
    AnotherTarget,
}

impl Advice {
    /// That a text is a number in each of these notations.
    pub(crate) fn notations(text: &str, given: Notation, others: Vec<Notation>) -> Vec<Advice> {
        let advice = |other| Advice::Notation { text: text.to_owned(), given, other };
        others.into_iter().map(advice).collect()
    }

    /// What a number of another notation is read as, and by which sign: `0.398, with a decimal sign`; empty for other
    /// advice.
    #[must_use]
    pub fn reading(&self) -> String {
        let Advice::Notation { text, other, .. } = self else { return String::new() };
        let read = other.number(text).map_or_else(String::new, |x| crate::words::short(x, 15));
        let what = match other.thousands {
            Some(_) => "separated thousands",
            None => "a decimal sign",
        };
        format!("{read}, with {what}")
    }
}

/// With the sign that joins it to the sentence before.
impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Advice::Delimiter(sign) => {
                write!(f, "; if columns end at another character, set the format's delimiter to {sign:?}")
            }
            Advice::DelimiterBesideCommas => f.write_str(
                "; where commas are decimal signs, columns end at another character: set the format's delimiter",
            ),
            Advice::Comment(sign) => write!(
                f,
                "; if lines that begin with `{sign}` are comments, set the format's comment to {sign:?}"
            ),
            Advice::Encoding => {
                f.write_str(", or set the format's encoding, such as Coding::named(\"latin1\")")
            }
            Advice::EncodingNamed(name) => {
                write!(f, "; set the format's encoding to Coding::named({name:?})")
            }
            Advice::Utf16 => f.write_str(
                "; if the text is UTF-16 without a mark, set the format's encoding to that of \"utf-16le\" or \
                 \"utf-16be\"",
            ),
            Advice::Notation { given, other, .. } => {
                f.write_str("; ")?;
                let mut before = "";
                if given.decimal != other.decimal {
                    write!(f, "the decimal sign {:?}", other.decimal)?;
                    before = " and ";
                }
                match (given.thousands, other.thousands) {
                    (given, Some(sign)) if given != Some(sign) => {
                        write!(f, "{before}thousands separated by {sign:?}")?;
                    }
                    (Some(_), None) => write!(f, "{before}no separator of thousands")?,
                    _ => {}
                }
                write!(f, " would make it {}", self.reading())
            }
            Advice::Missing(text) => {
                write!(f, "; add {text:?} to the format's missing if it marks a missing cell")
            }
            Advice::MissingNamed(text) => {
                write!(f, "; add {text:?} to the format's missing if `{text}` marks a missing cell")
            }
            Advice::NoNumber(text) => write!(f, "; `{text}` is no number"),
            Advice::EmptyIsMissing => {
                f.write_str("; fill it in, or set the format's missing, by which rows with empty fields are skipped")
            }
            Advice::Texts(column) => write!(f, "; Kind::Texts takes all cells of `{column}` as text"),
            Advice::NumberOrTexts(column) => write!(
                f,
                "; take `{column}` as Kind::Numbers to learn a number, or as Kind::Texts to take every text as a class"
            ),
            Advice::LeaveOut(column) => write!(f, "; leave the column `{column}` out"),
            Advice::AnotherTarget => f.write_str("; take another target"),
        }
    }
}
