//! The statements of a model's text, told apart as the notation does: by lines and semicolons outside of brackets.

use std::ops::Range;

/// The sides of a statement, as ranges of the text.
pub(super) struct Statement {
    pub(super) left: Range<usize>,
    pub(super) right: Range<usize>,
}

/// The statements that have a left and a right side.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let bytes = text.as_bytes();
    let mut list = Vec::new();
    let (mut start, mut equals, mut depth) = (0, None, 0_usize);
    // The last byte that is neither space nor comment: after an operator a statement goes on in the next line.
    let mut last = b' ';
    let mut at = 0;
    while at <= bytes.len() {
        let byte = bytes.get(at).copied();
        let next = bytes.get(at + 1).copied();
        match byte {
            Some(b'#') => {
                at = line_end(bytes, at);
                continue;
            }
            Some(b'/') if next == Some(b'/') => {
                at = line_end(bytes, at);
                continue;
            }
            Some(b'`') => {
                let close = bytes[at + 1..].iter().position(|&byte| byte == b'`');
                at += close.map_or(0, |length| length + 1);
                last = b'`';
            }
            Some(b'(' | b'[') => (depth, last) = (depth + 1, b'('),
            Some(b')' | b']') => (depth, last) = (depth.saturating_sub(1), b')'),
            Some(b'=') if depth == 0 && equals.is_none() && next != Some(b'=') => {
                if !matches!(last, b'<' | b'>' | b'!' | b'=') {
                    equals = Some(at);
                }
                last = b'=';
            }
            None | Some(b';' | b'\n')
                if byte.is_none()
                    || depth == 0 && (byte == Some(b';') || !b"+-*/^,=<>".contains(&last)) =>
            {
                if let Some(equals) = equals.take() {
                    list.push(Statement { left: start..equals, right: equals + 1..at });
                }
                start = at + 1;
                last = b' ';
            }
            Some(byte) if !byte.is_ascii_whitespace() => last = byte,
            _ => {}
        }
        at += 1;
    }
    for statement in &mut list {
        // Comments and empty lines before a statement are none of its left side.
        let left = &text[statement.left.clone()];
        let mut skipped = 0;
        for line in left.split_inclusive('\n') {
            let shown = line.trim_start();
            if !(shown.is_empty() || shown.starts_with('#') || shown.starts_with("//")) {
                break;
            }
            skipped += line.len();
        }
        statement.left.start += skipped;
    }
    list
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |length| from + length)
}
