//! How a place moves in an innermost loop, and where that begins in the present iterations of the loops around.

use super::instructions::Code;
use super::nest::{Path, Spot, Table};

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

    /// Whether the innermost loop moves it.
    pub(crate) fn moves(&self) -> bool {
        self.path.by(self.around + 1) != 0 || self.own().is_some()
    }

    /// Whether the innermost loop moves it evenly.
    pub(crate) fn is_even(&self) -> bool {
        self.path.by(self.around + 1) != 0 && self.own().is_none()
    }

    /// By how much the innermost loop moves it, if it does evenly.
    pub(crate) fn pace(&self) -> Option<i32> {
        Some(self.path.by(self.around + 1)).filter(|_| self.is_even())
    }

    /// The lowest and the highest address in all iterations of these loops.
    pub(crate) fn reach(&self, code: &Code, iterations: &[u32]) -> (i64, i64) {
        let reach = self.path.reach(code, iterations);
        (i64::from(self.address) + reach.low, i64::from(self.address) + reach.high)
    }

    /// Where it begins, in these iterations of the loops around.
    pub(crate) fn at(&self, code: &Code, around: &[u32]) -> At {
        let along = |by: &[i32]| {
            let terms = by.iter().zip(around).map(|(&by, &i)| i.wrapping_mul(by as u32));
            terms.fold(0_u32, u32::wrapping_add)
        };
        let mut at = At {
            address: self.address.wrapping_add(along(&self.path.by)),
            by: self.path.by(self.around + 1) as u32,
            table: None,
        };
        for table in &self.path.tables {
            let entry = table.start.wrapping_add(along(&table.rows)) as usize;
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
    pub(crate) fn stays(self) -> bool {
        self.by == 0 && self.table.is_none()
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

    /// What is there, from an iteration on.
    pub(crate) fn read(self, code: &Code, memory: &[f64], first: usize, to: &mut [f64]) {
        match (self.table, self.by) {
            (None, 1) => {
                let start = self.place(code, first);
                to.copy_from_slice(&memory[start..start + to.len()]);
            }
            (None, _) => {
                let mut place = self.place(code, first) as u32;
                for value in to {
                    *value = memory[place as usize];
                    place = place.wrapping_add(self.by);
                }
            }
            (Some(start), by) => {
                let mut even = self.address.wrapping_add(by.wrapping_mul(first as u32));
                let count = to.len();
                for (value, &entry) in to.iter_mut().zip(&code.pool[start + first..][..count]) {
                    *value = memory[even.wrapping_add(entry) as usize];
                    even = even.wrapping_add(by);
                }
            }
        }
    }

    /// Puts values there.
    pub(crate) fn write(self, code: &Code, memory: &mut [f64], first: usize, values: &[f64]) {
        if (self.table, self.by) == (None, 1) {
            let start = self.place(code, first);
            memory[start..start + values.len()].copy_from_slice(values);
            return;
        }
        for (i, value) in values.iter().enumerate() {
            memory[self.place(code, first + i)] = *value;
        }
    }

    /// Puts one number there, so many times.
    pub(crate) fn fill(
        self,
        code: &Code,
        memory: &mut [f64],
        first: usize,
        count: usize,
        number: f64,
    ) {
        if (self.table, self.by) == (None, 1) {
            let start = self.place(code, first);
            memory[start..start + count].fill(number);
            return;
        }
        for i in 0..count {
            memory[self.place(code, first + i)] = number;
        }
    }
}
