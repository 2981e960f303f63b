//! Control characters made visible: no header, cell or path of a stranger moves the cursor of a terminal or colours it.
//!
//! Line ends and tabs stay; every other control character, and those that turn the direction of writing, are shown as in
//! Rust: an escape is `\u{1b}`.

use std::borrow::Cow;
use std::io::{self, Write};

/// Whether a terminal would do something by this character rather than show it.
pub(crate) fn is_control(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

/// A text as a terminal may have it.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_control(c) {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// A stream whose reader is a terminal.
pub(crate) struct Visible<W: Write> {
    to: W,
    /// The first bytes of a character whose others are still to come.
    begun: Vec<u8>,
}

impl<W: Write> Visible<W> {
    pub(crate) fn new(to: W) -> Visible<W> {
        Visible { to, begun: Vec::new() }
    }
}

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&all) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => all.len(),
        };
        let text = String::from_utf8_lossy(&all[..whole]);
        self.to.write_all(visible(&text).as_bytes())?;
        self.begun.extend_from_slice(&all[whole..]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_is_left() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            let shown = visible(&text);
            let is_plain = !c.is_control() || c == '\n' || c == '\t';
            assert!(!shown.chars().any(is_control), "{c:?}");
            assert!(shown == text || !is_plain || is_control(c), "{c:?}");
        }
        assert_eq!(visible("\u{1b}]0;x\u{7}\r\u{9b}31m"), r"\u{1b}]0;x\u{7}\u{d}\u{9b}31m");
        assert_eq!(visible("σ(x) = 1\n\tö"), "σ(x) = 1\n\tö");
    }

    #[test]
    fn streams_may_be_cut_anywhere() {
        let text = "x\u{1b}[31m,\u{9b}2J,ö,\u{202e}\n".as_bytes();
        let bytes = [text, b"\xff\x1b"].concat();
        for size in 1..bytes.len() {
            let mut shown = Visible::new(Vec::new());
            bytes.chunks(size).for_each(|part| shown.write_all(part).unwrap());
            let shown = String::from_utf8(shown.to).unwrap();
            assert_eq!(shown, "x\\u{1b}[31m,\\u{9b}2J,ö,\\u{202e}\n\u{fffd}\\u{1b}", "{size}");
        }
    }
}
