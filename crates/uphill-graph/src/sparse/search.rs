//! On which columns each output depends, found by walking what depends on what.
//!
//! A walk from each output down to the columns is enough where outputs share little. What many outputs read would be
//! walked by each of them, so there the set of columns behind a shared value is kept, and walks stop at it. But sets can be
//! longer than walks: those of a chain that takes up a column at each link grow with its length. So sets are kept up to a
//! length only, none at first, and longer ones if the walks turn out to be long: no more than a few times the work
//! of the best choice is ever done.

use super::depend::{Dependencies, NONE};
use super::pattern::Pattern;
use crate::error::Error;

/// How many steps a walk may take for each value and edge, before sets are kept.
const PATIENCE: usize = 8;
/// By how much the longest set grows from one attempt to the next.
const GROWTH: usize = 8;
/// How many members all kept sets may have: half a gigabyte.
const MOST_KEPT: usize = 1 << 27;
/// In the place of a set that is too long to be kept.
const LONG: u32 = u32::MAX - 1;

/// For each output, the columns on which it depends; `None` if that is more entries than `most`.
///
/// # Errors
///
/// [`Error::Unsupported`] beyond 2³² entries.
pub(super) fn pattern(
    dependencies: &Dependencies,
    outputs: &[u32],
    most: usize,
) -> Result<Option<Pattern>, Error> {
    let mut search = Search::new(dependencies, outputs);
    let mut longest = 0;
    loop {
        match search.attempt(longest, most)? {
            Attempt::Found(pattern) => return Ok(Some(pattern)),
            Attempt::TooManyEntries => return Ok(None),
            Attempt::TooManySteps => longest = (longest * GROWTH).max(GROWTH),
        }
    }
}

enum Attempt {
    Found(Pattern),
    TooManyEntries,
    TooManySteps,
}

struct Search<'d> {
    dependencies: &'d Dependencies,
    outputs: &'d [u32],
    /// Values that are read more than once on the way from the outputs.
    shared: Vec<u32>,
    /// The number of the set that is kept of a value; `NONE` if it isn't shared, `LONG` if its set is too long.
    kept: Vec<u32>,
    /// Where each kept set lies in `pool`.
    sets: Vec<(u32, u32)>,
    pool: Vec<u32>,
    /// The last walk that met each value.
    met: Vec<u32>,
    walk: u32,
    waiting: Vec<u32>,
    /// Values, edges and members of sets that were looked at in this attempt.
    steps: usize,
}

impl<'d> Search<'d> {
    fn new(dependencies: &'d Dependencies, outputs: &'d [u32]) -> Search<'d> {
        Search {
            dependencies,
            outputs,
            shared: Vec::new(),
            kept: Vec::new(),
            sets: Vec::new(),
            pool: Vec::new(),
            met: vec![NONE; dependencies.len()],
            walk: 0,
            waiting: Vec::new(),
            steps: 0,
        }
    }

    /// The pattern, with sets of up to `longest` columns kept, if that doesn't take too many steps.
    fn attempt(&mut self, longest: usize, most: usize) -> Result<Attempt, Error> {
        let size = self.dependencies.len() + self.dependencies.edges();
        let mut budget = size * (PATIENCE + longest);
        self.steps = 0;
        if longest > 0 {
            self.keep(longest);
            budget += self.steps;
        }
        // Sets can't help where none is longer than this.
        let last = longest >= self.dependencies.width();
        let mut pattern = Pattern::new(self.dependencies.width());
        let mut columns = Vec::new();
        for &output in self.outputs {
            columns.clear();
            self.columns(output, None, &mut columns);
            columns.sort_unstable();
            // What is found is written in any case.
            budget += 4 * columns.len();
            if pattern.len() + columns.len() > most {
                return Ok(Attempt::TooManyEntries);
            }
            pattern.push_row(columns.iter().copied())?;
            if self.steps > budget && !last {
                return Ok(Attempt::TooManySteps);
            }
        }
        Ok(Attempt::Found(pattern))
    }

    /// Keeps the sets of shared values, of up to `longest` columns.
    fn keep(&mut self, longest: usize) {
        if self.shared.is_empty() {
            self.shared = self.find_shared();
        }
        self.kept.clear();
        self.kept.resize(self.dependencies.len(), NONE);
        self.sets.clear();
        self.pool.clear();
        let mut columns = Vec::new();
        for at in 0..self.shared.len() {
            let value = self.shared[at];
            columns.clear();
            let room = (MOST_KEPT - self.pool.len()).min(longest);
            if self.columns(value, Some(room), &mut columns) {
                let start = self.pool.len() as u32;
                self.pool.extend_from_slice(&columns);
                self.kept[value as usize] = self.sets.len() as u32;
                self.sets.push((start, self.pool.len() as u32));
            } else {
                self.kept[value as usize] = LONG;
            }
        }
    }

    /// Values behind the columns that are read more than once on the way from the outputs, in order.
    fn find_shared(&self) -> Vec<u32> {
        let mut readers = vec![0_u8; self.dependencies.len()];
        for &output in self.outputs.iter().filter(|&&output| output != NONE) {
            let readers = &mut readers[output as usize];
            *readers = readers.saturating_add(1);
        }
        let mut shared = Vec::new();
        for value in (self.dependencies.width()..self.dependencies.len()).rev() {
            if readers[value] == 0 {
                continue;
            }
            if readers[value] > 1 {
                shared.push(value as u32);
            }
            for &operand in self.dependencies.operands(value as u32) {
                let readers = &mut readers[operand as usize];
                *readers = readers.saturating_add(1);
            }
        }
        shared.reverse();
        shared
    }

    /// Collects the columns behind a value, in any order; false if there are more than `most`, or a set on the way is
    /// too long already.
    fn columns(&mut self, from: u32, most: Option<usize>, columns: &mut Vec<u32>) -> bool {
        if from == NONE {
            return true;
        }
        self.walk = self.walk.wrapping_add(1);
        if self.walk == NONE {
            // Marks of the round before could be taken for ours.
            self.met.fill(NONE);
            self.walk = 0;
        }
        let width = self.dependencies.width();
        self.waiting.clear();
        self.waiting.push(from);
        while let Some(value) = self.waiting.pop() {
            self.steps += 1;
            let index = value as usize;
            if self.met[index] == self.walk {
                continue;
            }
            self.met[index] = self.walk;
            let kept = self.kept.get(index).copied().unwrap_or(NONE);
            if kept == LONG && most.is_some() {
                return false;
            }
            if index < width {
                columns.push(value);
            } else if kept < LONG {
                let (start, end) = self.sets[kept as usize];
                self.steps += (end - start) as usize;
                for &column in &self.pool[start as usize..end as usize] {
                    if self.met[column as usize] != self.walk {
                        self.met[column as usize] = self.walk;
                        columns.push(column);
                    }
                }
            } else {
                self.waiting.extend_from_slice(self.dependencies.operands(value));
            }
            if most.is_some_and(|most| columns.len() > most) {
                return false;
            }
        }
        true
    }
}
