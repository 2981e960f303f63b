//! What comes to a sample, and goes from it, by columns of indices: around a program's code, which knows nothing of it.
//!
//! Gathered inputs are columns like others for the code; before a sample they are loaded from numbers of the call. What a
//! sample adds at places of its own is a number a sample like others, added to the targets afterwards.

use crate::code::Layout;
use crate::error::Error;

/// What is loaded before a sample and added behind it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gathering {
    /// How many columns a run takes; gathered ones come behind them.
    pub(crate) given: u32,
    pub(crate) indices: Vec<Index>,
    pub(crate) gathers: Vec<Gather>,
    pub(crate) scatters: Vec<Scatter>,
}

/// A column of indices, and what they are less than.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Index {
    pub(crate) column: u32,
    pub(crate) rows: u32,
    /// The vector whose rows they are.
    pub(crate) of: String,
}

/// Columns from `to` on are the row of a vector of shared numbers, which starts at address `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gather {
    /// By its position among the columns of indices.
    pub(crate) index: u32,
    pub(crate) from: u32,
    pub(crate) width: u32,
    pub(crate) to: u32,
}

/// The number of a sample at this address is added to target `first + stride · index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scatter {
    pub(crate) index: u32,
    pub(crate) address: u32,
    pub(crate) first: u32,
    pub(crate) stride: u32,
}

impl Gathering {
    /// The position of a column of indices, which is added unless it is there.
    pub(crate) fn index(&mut self, column: u32, rows: u32, of: &str) -> u32 {
        let known = self.indices.iter().position(|each| (each.column, each.rows) == (column, rows));
        let position = known.unwrap_or_else(|| {
            self.indices.push(Index { column, rows, of: of.into() });
            self.indices.len() - 1
        });
        position as u32
    }

    /// Checks all places, so that runs need not.
    pub(crate) fn check(&self, layout: &Layout) -> Result<(), Error> {
        let wrong =
            |what: String| Error::Invalid { what: format!("the program is broken: {what}") };
        let rows = |index: u32| self.indices.get(index as usize).map(|index| u64::from(index.rows));
        let is_within = |first: u64, count: u64, start: u32, length: u32| {
            first >= u64::from(start) && first + count <= u64::from(start) + u64::from(length)
        };
        if self.indices.iter().any(|index| index.column >= self.given) {
            return Err(wrong("indices in a column that is not given".into()));
        }
        let (mut to, sums) = (u64::from(self.given), u64::from(layout.sample_count) + 1);
        for gather in &self.gathers {
            let numbers = rows(gather.index).map(|rows| rows * u64::from(gather.width));
            let fits = numbers.is_some_and(|numbers| {
                is_within(gather.from.into(), numbers, layout.shared, layout.shared_count)
            });
            if !fits || u64::from(gather.to) != to {
                return Err(wrong(format!("{gather:?} lies outside")));
            }
            to += u64::from(gather.width);
        }
        if to != u64::from(layout.column_count) {
            return Err(wrong(format!("{to} columns of {}", layout.column_count)));
        }
        let targets = u64::from(layout.targets) + u64::from(layout.target_count);
        if layout.target_count > 0
            && (u64::from(layout.targets) < sums || targets > u64::from(layout.per_call))
        {
            return Err(wrong("targets overlap with other numbers".into()));
        }
        for scatter in &self.scatters {
            let last = rows(scatter.index).map(|rows| {
                u64::from(scatter.first) + rows.saturating_sub(1) * u64::from(scatter.stride)
            });
            let fits = last.is_some_and(|last| last < u64::from(layout.target_count).max(1));
            if !fits || !(layout.per_call..layout.end).contains(&scatter.address) {
                return Err(wrong(format!("{scatter:?} leads outside")));
            }
        }
        Ok(())
    }
}
