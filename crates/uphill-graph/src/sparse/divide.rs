//! Which entries of a rectangular pattern are best read by columns, in forward sweeps, and which by rows, in reverse ones.
//!
//! A full row costs forward sweeps a colour for each of its entries, and a reverse sweep gives it at once; so it is with a
//! full column the other way round. Lines are taken off one by one, the emptiest first: a row's entries go to the forward
//! sweeps, a column's to the reverse ones, whichever lets the fewest sweeps be needed (the order of Coleman and Verma
//! 1998). What is full is left to the end, when little of it is left. Cost: linear in entries.

use super::pattern::Pattern;

/// For each slot of `rows`, whether a forward sweep is to give it. `columns` is the same pattern, transposed, and `slots`
/// says for each of its slots which slot of `rows` it was.
pub(super) fn divide(rows: &Pattern, columns: &Pattern, slots: &[u32]) -> Vec<bool> {
    let mut forward = vec![false; rows.len()];
    let mut taken = vec![false; rows.len()];
    let (mut by_row, mut by_column) = (Queue::new(rows), Queue::new(columns));
    // How many sweeps of either kind are needed at least for what is given to them.
    let (mut forward_sweeps, mut reverse_sweeps) = (0, 0);
    // Among equals the last kind of line is kept to: a line whose entries go both ways hinders both.
    let mut last_was_row = false;
    while let (Some((row, of_row)), Some((column, of_column))) =
        (by_row.emptiest(), by_column.emptiest())
    {
        let as_row = reverse_sweeps + forward_sweeps.max(of_row);
        let as_column = forward_sweeps + reverse_sweeps.max(of_column);
        last_was_row = as_row < as_column || (as_row == as_column && last_was_row);
        if last_was_row {
            forward_sweeps = forward_sweeps.max(of_row);
            by_row.take(row);
            for slot in rows.slots(row).filter(|&slot| !taken[slot]) {
                forward[slot] = true;
            }
            for (slot, &column) in rows.slots(row).zip(rows.row(row)) {
                if !std::mem::replace(&mut taken[slot], true) {
                    by_column.lose_one(column as usize);
                }
            }
        } else {
            reverse_sweeps = reverse_sweeps.max(of_column);
            by_column.take(column);
            for (slot, &row) in columns.slots(column).zip(columns.row(column)) {
                if !std::mem::replace(&mut taken[slots[slot] as usize], true) {
                    by_row.lose_one(row as usize);
                }
            }
        }
    }
    forward
}

/// Lines by the number of entries that are left on them.
struct Queue {
    left: Vec<usize>,
    /// Lines that had as many entries left when they were put there.
    buckets: Vec<Vec<u32>>,
    /// No line with entries is in a bucket below.
    lowest: usize,
}

impl Queue {
    fn new(lines: &Pattern) -> Queue {
        let left: Vec<usize> = (0..lines.rows()).map(|line| lines.row(line).len()).collect();
        let mut buckets = vec![Vec::new(); left.iter().max().map_or(1, |most| most + 1)];
        for (line, &left) in left.iter().enumerate().rev() {
            buckets[left].push(line as u32);
        }
        Queue { left, buckets, lowest: 1 }
    }

    /// A line with the fewest entries left, and how many; `None` if no entries are left.
    fn emptiest(&mut self) -> Option<(usize, usize)> {
        while let Some(bucket) = self.buckets.get_mut(self.lowest) {
            match bucket.last() {
                None => self.lowest += 1,
                Some(&line) if self.left[line as usize] == self.lowest => {
                    return Some((line as usize, self.lowest));
                }
                // It has lost entries since, and stands in another bucket.
                Some(_) => {
                    bucket.pop();
                }
            }
        }
        None
    }

    fn take(&mut self, line: usize) {
        self.left[line] = 0;
    }

    fn lose_one(&mut self, line: usize) {
        let left = &mut self.left[line];
        *left -= 1;
        if *left > 0 {
            self.buckets[*left].push(line as u32);
            self.lowest = self.lowest.min(*left);
        }
    }
}
