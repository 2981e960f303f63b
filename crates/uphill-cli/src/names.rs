//! Names in messages: nearest ones and the first few, as errors of tables have them, and in backquotes.

pub(crate) use uphill_table::words::{few, nearest, shortened};

/// How many names are more than a message shows.
const TOO_MANY: usize = 13;

/// As [`few`], each name in backquotes, as formulas take any name.
pub(crate) fn quoted<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = known.take(TOO_MANY).map(|name| format!("`{name}`")).collect();
    few(names.iter().map(String::as_str))
}
