//! Names in messages: nearest ones and the first few, as errors of tables have them, and in backquotes.

use uphill_table::words::SHOWN;
pub(crate) use uphill_table::words::{few, nearest, shortened};

/// As [`few`], each name in backquotes, as formulas take any name.
pub(crate) fn quoted<'a>(known: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = known.take(SHOWN + 1).map(|name| format!("`{name}`")).collect();
    few(names.iter().map(String::as_str))
}
