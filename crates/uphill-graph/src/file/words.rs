//! Names of operations, and words of a file in messages: cut short, made printable, and the nearest known one for what may be a slip.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Visitor};

use super::CUSTOM;
use crate::op::{Custom, Op};

/// The message about a name that no built-in operation has.
fn unknown_operation(name: &str) -> String {
    let shown = shortened(name);
    if Custom::from_name(name).is_some() {
        return format!(
            "no operation is named `{shown}`; a custom one is written `{CUSTOM}{name}`"
        );
    }
    let (known, lower) = (Op::ALL.iter().map(|op| op.name()), shown.to_lowercase());
    match known.map(|known| (distance(&lower, known), known)).min_by_key(|(edits, _)| *edits) {
        Some((edits, known)) if edits <= 2 || edits <= known.len() / 2 => {
            format!("no operation is named `{shown}`; did you mean `{known}`?")
        }
        _ => format!("no operation is named `{shown}`"),
    }
}

/// How many letters must be put in, left out or exchanged to make one word the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &b) in other.iter().enumerate() {
            let exchanged = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

/// A message that may hold text of the file: on one line, without control characters, not too long.
pub(super) fn printable(message: &str) -> String {
    const ENDS: usize = 200;
    let escaped = |c: char| match c {
        c if c.is_control() => c.escape_default().collect(),
        c => String::from(c),
    };
    let count = message.chars().count();
    let start: String = message.chars().take(ENDS).map(escaped).collect();
    let end = message.chars().skip(ENDS.max(count.saturating_sub(ENDS))).map(escaped);
    let cut = if count > 2 * ENDS { "…" } else { "" };
    start + cut + &end.collect::<String>()
}

/// A name or word of the file as it can stand in a message.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    text.chars().take(SHOWN).flat_map(char::escape_debug).chain(more.chars()).collect()
}

/// Reads an operation's name.
pub(super) struct OpName<'a>(pub(super) &'a mut HashMap<Box<str>, Op>);

impl<'de> DeserializeSeed<'de> for OpName<'_> {
    type Value = Op;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Op, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for OpName<'_> {
    type Value = Op;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an operation")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Op, E> {
        if let Some(&op) = self.0.get(name) {
            return Ok(op);
        }
        let op = match name.strip_prefix(CUSTOM) {
            Some(custom) => Custom::from_name(custom).map(Custom::op).ok_or_else(|| {
                E::custom(format!(
                    "the custom operation `{}` is not defined in this process; call `Custom::define` before reading",
                    shortened(custom)
                ))
            })?,
            None => Op::from_name(name).ok_or_else(|| E::custom(unknown_operation(name)))?,
        };
        self.0.insert(name.into(), op);
        Ok(op)
    }
}
