//! The text that is read in place of the user's to find what is wrong in it: `desired` and `computed` are definitions, all
//! else stands where it stood, so that errors can be shown in the user's own.

use std::ops::Range;

use super::statements::Statement;
use crate::error::Error;

/// A column whose name must stand in backquotes and doesn't, where the text is not understood.
pub(super) fn unquoted<'h>(text: &str, at: usize, header: &'h [String]) -> Option<&'h str> {
    let is_word = |name: &str| {
        !name.starts_with(|c: char| c.is_numeric())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let stands_there = |name: &&str| {
        let mut found = text.match_indices(name);
        found.any(|(start, _)| {
            (start..=start + name.len()).contains(&at) && !text[..start].ends_with('`')
        })
    };
    let names = header.iter().map(String::as_str).filter(|name| !is_word(name));
    names.filter(stands_there).max_by_key(|name| name.len())
}

/// The text that is read in place of the user's: both sides of the model as definitions, and the performance.
pub(super) struct Written {
    text: String,
    /// The user's statement, and where its sides and the performance stand in `text`.
    model: Range<usize>,
    left: (usize, Range<usize>),
    right: (usize, Range<usize>),
    performance: usize,
}

impl Written {
    pub(super) fn new(text: &str, model: &Statement, performance: Option<&str>) -> Written {
        let (before, after) = (&text[..model.left.start], &text[model.right.end..]);
        let (left, right) = (&text[model.left.clone()], &text[model.right.clone()]);
        let mut written = format!("{before}desired = ");
        let left_at = written.len();
        written += left.trim();
        written += "; computed =";
        let right_at = written.len();
        written += right;
        written += after;
        if performance.is_some() {
            written += "\n; performance = ";
        }
        let performance_at = written.len();
        written += performance.unwrap_or_default();
        let left_from = model.left.start + (left.len() - left.trim_start().len());
        Written {
            text: written,
            model: model.left.start..model.right.end,
            left: (left_at, left_from..left_from + left.trim().len()),
            right: (right_at, model.right.clone()),
            performance: performance_at,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// An error in this text, shown in the one that the user wrote.
    pub(super) fn shown(
        &self,
        error: uphill_formula::Error,
        text: &str,
        performance: Option<&str>,
        header: &[String],
    ) -> Error {
        let Some(span) = error.place().map(uphill_formula::Place::span) else {
            return error.into();
        };
        // Lines and columns in a hint are those of this text.
        let own = error.place().map_or("", |place| place.hint()).split_once(" in line ");
        let hint = own.map_or(String::new(), |(bracket, _)| format!("{bracket} is open"));
        if let Some(performance) = performance
            && span.start >= self.performance
        {
            let span = span.start - self.performance..span.end - self.performance;
            return error.shown_in(performance, span, &hint).into();
        }
        let place = |at: usize| {
            let (left_at, left) = &self.left;
            let (right_at, right) = &self.right;
            let place = if at < self.model.start {
                at
            } else if at < *left_at {
                left.start
            } else if at <= left_at + left.len() {
                at - left_at + left.start
            } else if at < *right_at {
                right.start
            } else {
                at - right_at + right.start
            };
            place.min(text.len())
        };
        let span = place(span.start)..place(span.end);
        let hint = unquoted(text, span.start, header)
            .map_or(hint, |column| format!("the column's name stands in backquotes: `{column}`"));
        error.shown_in(text, span, &hint).into()
    }
}
