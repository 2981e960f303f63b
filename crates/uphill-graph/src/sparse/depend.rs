//! Which values depend on which, and nothing else: what a search for a pattern walks through.
//!
//! The first values are the columns. Each other value has a list of values before it. What depends on one value only is
//! that value, and what depends on none is no value at all: so chains of functions of one thing leave nothing behind, and
//! a loop's iteration leaves little more than what it reads. No graph is known here.

use crate::error::Error;

/// In place of a value: it depends on no column.
pub(super) const NONE: u32 = u32::MAX;

/// How many values and edges there may be: four gigabytes.
const MOST: usize = 1 << 30;

/// Values, each with those that it depends on.
#[derive(Debug, Clone)]
pub(super) struct Dependencies {
    width: usize,
    /// For each value behind the columns where its list starts, then the total.
    starts: Vec<u32>,
    operands: Vec<u32>,
}

impl Dependencies {
    /// This many columns, and no more.
    pub(super) fn new(width: usize) -> Dependencies {
        Dependencies { width, starts: vec![0], operands: Vec::new() }
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How many values there are, columns among them.
    pub(super) fn len(&self) -> usize {
        self.width + self.starts.len() - 1
    }

    /// How many edges there are.
    pub(super) fn edges(&self) -> usize {
        self.operands.len()
    }

    /// What a value depends on; a column on nothing.
    #[inline]
    pub(super) fn operands(&self, value: u32) -> &[u32] {
        match (value as usize).checked_sub(self.width) {
            None => &[],
            Some(at) => &self.operands[self.starts[at] as usize..self.starts[at + 1] as usize],
        }
    }

    /// The value that depends on these, which may be `NONE` or there twice. The list is left in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] where there would be too many.
    pub(super) fn value(&mut self, of: &mut Vec<u32>) -> Result<u32, Error> {
        of.retain(|&operand| operand != NONE);
        if of.len() > 1 {
            of.sort_unstable();
            of.dedup();
        }
        match *of.as_slice() {
            [] => Ok(NONE),
            [one] => Ok(one),
            _ => {
                if self.starts.len() + self.operands.len() + of.len() > MOST {
                    return Err(Error::Unsupported {
                        what: format!(
                            "a sparse derivative through more than {MOST} dependencies, those of each iteration counted; \
                             take fewer iterations, or products with vectors: `jvp`, `vjp`, `hvp`"
                        ),
                    });
                }
                self.operands.extend_from_slice(of);
                self.starts.push(self.operands.len() as u32);
                Ok(self.len() as u32 - 1)
            }
        }
    }

    /// Those values alone that these depend on, the columns in their places; and the new numbers of these.
    pub(super) fn behind(&self, values: &[u32]) -> (Dependencies, Vec<u32>) {
        let mut needed = vec![false; self.len()];
        values.iter().filter(|&&value| value != NONE).for_each(|&v| needed[v as usize] = true);
        for value in (self.width..self.len()).rev() {
            if needed[value] {
                self.operands(value as u32).iter().for_each(|&v| needed[v as usize] = true);
            }
        }
        let mut kept = Dependencies::new(self.width);
        let mut new: Vec<u32> = (0..self.len() as u32).collect();
        for value in (self.width..self.len()).filter(|&value| needed[value]) {
            kept.operands.extend(self.operands(value as u32).iter().map(|&v| new[v as usize]));
            kept.starts.push(kept.operands.len() as u32);
            new[value] = kept.len() as u32 - 1;
        }
        let renumbered = values.iter().map(|&v| if v == NONE { NONE } else { new[v as usize] });
        (kept, renumbered.collect())
    }
}
