//! Where a row stands in its file: at a line of text, or as the row of this number where a file has no lines.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a row stands in its file; the first line, and the first row of data, is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Position {
    /// The line of a text.
    Line(u64),
    /// The row of a file without lines.
    Row(u64),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Line(line) => write!(f, "line {line}"),
            Position::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// Where a row stands: [`Position`], and the name of its file, if the table has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    /// The name of the file, if the table has several.
    pub part: Option<String>,
    /// Where in the file.
    pub position: Position,
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Some(part) => write!(f, "{part}, {}", self.position),
            None => self.position.fmt(f),
        }
    }
}
