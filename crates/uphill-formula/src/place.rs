//! Where something stands in a text, and the picture of it below a message: the line, carets, a hint.

use std::fmt;
use std::ops::Range;

/// A text that is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'t>(pub(crate) &'t str);

/// Where an error stands in the text that was read.
///
/// Shown, it is the part of the message below the first line:
///
/// ```
/// use uphill_formula::Formula;
///
/// let error = Formula::parse("a = 2\nP = a*sine(x)").unwrap_err();
/// let place = error.place().unwrap();
/// assert_eq!((place.line(), place.column(), place.span()), (2, 7, 12..16));
/// assert_eq!(place.hint(), "did you mean `sin`?");
/// assert_eq!(place.to_string(), "
///   |
/// 2 | P = a*sine(x)
///   |       ^^^^ did you mean `sin`?");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Place(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    span: Range<usize>,
    line: usize,
    column: usize,
    /// The line, or the part of a long one around the carets.
    shown: String,
    /// How many characters of that stand before the carets, and below how many the carets stand.
    before: usize,
    carets: usize,
    hint: String,
}

/// Of longer lines, a part around the carets is shown.
const WIDEST_LINE: usize = 100;
const SHOWN_BEFORE: usize = 40;
/// Quotations in messages are cut here.
const LONGEST_QUOTATION: usize = 40;

impl<'t> Source<'t> {
    /// The place of a span of bytes, with a hint that stands behind the carets (or none).
    pub(crate) fn place(self, span: &Range<usize>, hint: impl Into<String>) -> Place {
        let text = self.0;
        // Whole characters, whatever the span is.
        let boundary = |at: usize| (at..text.len()).find(|at| text.is_char_boundary(*at));
        let start = boundary(span.start).unwrap_or(text.len());
        let end = boundary(span.end.max(start)).unwrap_or(text.len());
        let first = byte_order_mark(text).min(start);
        let line_start = text[..start].rfind('\n').map_or(first, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let column = text[line_start..start].chars().count();
        let carets = text[start..end.min(line_end)].chars().count().max(1);
        let line = text[line_start..line_end].trim_end_matches('\r');
        let (shown, before, carets) = window(line, column, carets);
        Place(Box::new(Inner {
            span: start..end,
            line: text[..start].matches('\n').count() + 1,
            column: column + 1,
            shown,
            before,
            carets,
            hint: hint.into(),
        }))
    }

    /// The text of a span, in backquotes, its middle cut if it is long.
    pub(crate) fn quote(self, span: &Range<usize>) -> String {
        quote(self.0.get(span.clone()).unwrap_or_default())
    }
}

/// A piece of text in backquotes, its middle cut if it is long.
pub(crate) fn quote(text: &str) -> String {
    let text: String = text.trim().chars().take(4 * LONGEST_QUOTATION).map(visible).collect();
    let length = text.chars().count();
    if length <= LONGEST_QUOTATION {
        return format!("`{text}`");
    }
    let begin: String = text.chars().take(LONGEST_QUOTATION - 4).collect();
    format!("`{begin}…`")
}

/// A character in backquotes; one without a glyph by its number, U+200B.
pub(crate) fn character(c: char) -> String {
    if c.is_control() || is_unseen(c) { format!("U+{:04X}", c as u32) } else { format!("`{c}`") }
}

/// The length of the mark that some editors put in front of a text in UTF-8: nothing that a user has written.
pub(crate) fn byte_order_mark(text: &str) -> usize {
    if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 }
}

/// Text from a stranger must not move the cursor or turn the reading direction of a message, and carets need a place.
pub(crate) fn visible(c: char) -> char {
    match c {
        c if is_unseen(c) => '\u{FFFD}',
        c if c.is_control() => ' ',
        c => c,
    }
}

/// Characters without a glyph or a width: marks of direction, joiners, soft hyphens, byte order marks.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

fn window(line: &str, column: usize, carets: usize) -> (String, usize, usize) {
    let length = line.chars().count();
    if length <= WIDEST_LINE {
        return (line.chars().map(visible).collect(), column, carets);
    }
    let from = column.saturating_sub(SHOWN_BEFORE);
    let to = (from + WIDEST_LINE).min(length);
    let (cut_before, cut_after) =
        (if from > 0 { "…" } else { "" }, if to < length { "…" } else { "" });
    let middle: String = line.chars().skip(from).take(to - from).map(visible).collect();
    let before = column - from + cut_before.chars().count();
    (
        format!("{cut_before}{middle}{cut_after}"),
        before,
        carets.min(to.saturating_sub(column).max(1)),
    )
}

impl Place {
    /// The bytes of the text that the error is about.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.0.span.clone()
    }

    /// The line where it begins; the first one is 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The character of that line where it begins; the first one is 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.0.column
    }

    /// What might help, empty if nothing comes to mind.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.0.hint
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { line, shown, before, carets, hint, .. } = &*self.0;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        write!(f, "\n{margin} |\n{number} | {shown}\n{margin} | ")?;
        write!(f, "{}{}", " ".repeat(*before), "^".repeat(*carets))?;
        if hint.is_empty() { Ok(()) } else { write!(f, " {hint}") }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { span, line, column, hint, .. } = &*self.0;
        write!(f, "Place({span:?}, line {line}, column {column}, {hint:?})")
    }
}
