//! How a place moves in an innermost loop, and where that begins in the present iterations of the loops around.

use super::instructions::Code;
use super::nest::{Path, Reach, Spot, Table, along};

/// A place of a loop's body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Way {
    address: u32,
    path: Path,
    /// How many loops are around the innermost one.
    around: usize,
}

/// A place from the first iteration of the innermost loop on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) address: u32,
    pub(crate) by: u32,
    /// Where its table begins in the pool.
    pub(crate) table: Option<usize>,
}

impl Way {
    pub(crate) fn new(spot: Spot, path: &Path, around: usize) -> Way {
        Way { address: spot.address, path: path.clone(), around }
    }

    /// The table of the innermost loop.
    pub(crate) fn own(&self) -> Option<&Table> {
        self.path.tables.iter().find(|table| table.rows.len() == self.around + 1)
    }

    /// How many loops are around the innermost one.
    pub(crate) fn around(&self) -> usize {
        self.around
    }

    /// The address, if no loop moves it.
    pub(crate) fn fixed(&self) -> Option<u32> {
        self.path.stays().then_some(self.address)
    }

    /// The place in the first iteration, if only a table of the innermost loop moves it, which all iterations of the loops
    /// around read alike.
    pub(crate) fn by_table(&self) -> Option<u32> {
        let [table] = self.path.tables.as_slice() else { return None };
        let (own, rows) = table.rows.split_last()?;
        let alike = rows.iter().all(|&row| row == 0) && rows.len() == self.around && *own == 1;
        (alike && self.path.by.is_empty()).then_some(self.address)
    }

    /// Whether the innermost loop moves it.
    pub(crate) fn moves(&self) -> bool {
        self.path.by(self.around + 1) != 0 || self.own().is_some()
    }

    /// Whether the innermost loop moves it evenly.
    pub(crate) fn is_even(&self) -> bool {
        self.path.by(self.around + 1) != 0 && self.own().is_none()
    }

    /// Whether no loop is around the innermost one, which moves it from this address on to the next ones.
    pub(crate) fn is_alone_along(&self, first: u32) -> bool {
        self.around == 0 && self.address == first && self.pace() == Some(1)
    }

    /// By how much the innermost loop moves it, if it does evenly.
    pub(crate) fn pace(&self) -> Option<i32> {
        Some(self.path.by(self.around + 1)).filter(|_| self.is_even())
    }

    /// Whether it comes to all places that both come to before another one does, and to none in the same iteration.
    pub(crate) fn is_before(&self, other: &Way) -> bool {
        let Some(pace) = self.pace().filter(|_| self.path == other.path) else { return false };
        let between = i64::from(self.address.wrapping_sub(other.address) as i32);
        between % i64::from(pace) != 0 || between * i64::from(pace) > 0
    }

    /// The lowest and the highest address in all iterations of these loops.
    pub(crate) fn reach(&self, code: &Code, iterations: &[u32]) -> Reach {
        self.path.reach(code, iterations).at(self.address)
    }

    /// The same place in one loop that stands for the innermost one, of so many iterations, and the one around it; if the place
    /// goes on there as it does within.
    pub(crate) fn flat(&self, iterations: u32) -> Option<Way> {
        let around = self.around.checked_sub(1)?;
        let along = self.path.by(self.around + 1);
        if self.path.by(self.around) != along.wrapping_mul(iterations as i32) {
            return None;
        }
        let mut path = self.path.clone();
        path.by.truncate(around);
        path.by.resize(around, 0);
        path.by.push(along);
        while path.by.last() == Some(&0) {
            path.by.pop();
        }
        for table in &mut path.tables {
            match table.rows.len().checked_sub(self.around) {
                Some(1) if table.rows[around] == iterations as i32 => {
                    table.rows.remove(around);
                }
                Some(_) => return None,
                None => {}
            }
        }
        Some(Way { address: self.address, path, around })
    }

    /// Where it begins, in these iterations of the loops around.
    pub(crate) fn at(&self, code: &Code, around: &[u32]) -> At {
        let mut at = At {
            address: self.address.wrapping_add(along(&self.path.by, around)),
            by: self.path.by(self.around + 1) as u32,
            table: None,
        };
        for table in &self.path.tables {
            let entry = table.start.wrapping_add(along(&table.rows, around)) as usize;
            if table.rows.len() == self.around + 1 {
                at.table = Some(entry);
            } else {
                at.address = at.address.wrapping_add(code.pool[entry]);
            }
        }
        at
    }
}

impl At {
    /// Whether iterations have places one after the other.
    #[inline]
    pub(crate) fn is_contiguous(self) -> bool {
        self.table.is_none() && self.by == 1
    }

    /// The address in an iteration.
    #[inline]
    pub(crate) fn place(self, code: &Code, iteration: usize) -> usize {
        let even = self.address.wrapping_add(self.by.wrapping_mul(iteration as u32));
        match self.table {
            None => even as usize,
            Some(start) => even.wrapping_add(code.pool[start + iteration]) as usize,
        }
    }
}
