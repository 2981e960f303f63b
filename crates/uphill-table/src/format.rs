//! How a table is written: what separates its columns, how its numbers look, what marks a missing cell, its encoding.
//!
//! A [`Recipe`](crate::Recipe) remembers it, so that a table of the same kind needs to be told of only once.

use encoding_rs::Encoding;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::notation::Notation;

/// How a table is written.
///
/// ```
/// use uphill_table::Format;
///
/// let german = Format { delimiter: ';', decimal: ',', ..Format::default() };
/// assert!(german.check().is_ok() && !german.is_default());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// What separates columns: one character of ASCII.
    pub delimiter: char,
    /// The decimal sign, `.` or `,`.
    pub decimal: char,
    /// What separates thousands.
    pub thousands: Option<char>,
    /// The texts of cells that are missing, beside empty cells; `None` if no cell may be missing.
    pub missing: Option<Vec<String>>,
    /// What begins a line that is no row.
    pub comment: Option<char>,
    /// The encoding of a file that has no mark at its beginning.
    pub encoding: Coding,
}

impl Default for Format {
    fn default() -> Format {
        Format {
            delimiter: ',',
            decimal: '.',
            thousands: None,
            missing: None,
            comment: None,
            encoding: Coding(encoding_rs::UTF_8),
        }
    }
}

impl Format {
    /// Whether it is that of every table for which nothing else was said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Format::default()
    }

    /// The signs of its numbers.
    #[must_use]
    pub fn notation(&self) -> Notation {
        Notation { decimal: self.decimal, thousands: self.thousands }
    }

    /// Whether tables can be written so; what is wrong is told in words.
    ///
    /// # Errors
    ///
    /// A sentence: for a delimiter or comment sign that is no single byte, a decimal sign that is none, and one sign with
    /// two meanings.
    pub fn check(&self) -> Result<(), String> {
        let Format { delimiter, decimal, thousands, comment, .. } = *self;
        if !is_delimiter(delimiter) || comment.is_some_and(|c| !is_delimiter(c)) {
            return Err("its delimiter or comment sign is no single character of ASCII".into());
        }
        if !matches!(decimal, '.' | ',') {
            return Err(format!("its decimal sign is `{decimal}`, expected a point or a comma"));
        }
        if thousands == Some(decimal) {
            return Err(format!(
                "thousands can't be separated by the decimal sign, `{decimal}`; give another for one of them"
            ));
        }
        if comment == Some(delimiter) {
            return Err(format!("`{delimiter}` can't both end columns and begin comments"));
        }
        Ok(())
    }
}

/// Whether a character can stand between columns, or begin comments: one byte that has no other meaning in CSV.
#[must_use]
pub fn is_delimiter(c: char) -> bool {
    c.is_ascii() && !matches!(c, '"' | '\r' | '\n' | '\0')
}

/// An encoding of text, by one of the names that browsers know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Coding(pub(crate) &'static Encoding);

impl Coding {
    /// The encoding of this name, such as `latin1` or `utf-16le`.
    #[must_use]
    pub fn named(name: &str) -> Option<Coding> {
        // What other programs call it.
        let name = match name.trim().to_ascii_lowercase().as_str() {
            "latin-1" => "latin1".to_owned(),
            "latin-9" | "latin9" => "iso-8859-15".to_owned(),
            "utf16le" | "utf16" => "utf-16le".to_owned(),
            "utf16be" => "utf-16be".to_owned(),
            other => match other.strip_prefix("cp") {
                Some(page) => format!("windows-{page}"),
                None => other.to_owned(),
            },
        };
        Encoding::for_label(name.as_bytes()).map(Coding)
    }
}

impl std::fmt::Debug for Coding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Serialize for Coding {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for Coding {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Coding, D::Error> {
        let name = String::deserialize(from)?;
        Coding::named(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown encoding `{name}`")))
    }
}
