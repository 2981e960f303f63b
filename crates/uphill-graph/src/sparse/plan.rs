//! From a pattern to the fewest sweeps: what each is seeded with, and where each entry is read.
//!
//! An entry is read *clean* if no other seed of its sweep reaches the place. That is looked up here in the finished
//! colouring, whichever way it was found; a colouring that leaves an entry without a clean place is a fault of ours, and
//! panics rather than give wrong numbers. Where two places are clean, the seed that is needed anyway is preferred, and
//! seeds that nothing reads are left out, with whole sweeps at times.

use super::colour::{self, Colouring, NONE};
use super::divide::divide;
use super::pattern::Pattern;

/// Which way a sweep goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From columns, the inputs, to rows, the outputs.
    Forward,
    /// From rows to columns.
    Reverse,
}

/// One pass over the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) direction: Direction,
    /// The columns (forward) or rows (reverse) that start it, ascending.
    pub(super) seeds: Vec<u32>,
}

/// Where an entry is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    /// The number of the sweep.
    pub(super) pass: u32,
    /// The row (forward) or column (reverse).
    pub(super) at: u32,
}

/// All sweeps, and for each slot of the pattern its place in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) passes: Vec<Pass>,
    pub(super) reads: Vec<Read>,
}

impl Plan {
    /// The plan for a Jacobian: sweeps of one direction, or of both if these are fewer.
    pub(super) fn rectangular(pattern: &Pattern) -> Plan {
        let (columns, slots) = pattern.transposed();
        let (by_column, by_row) = directions(pattern, &columns, &slots);
        let columns_at = |column: u32| by_column.as_ref().map_or(NONE, |c| c.of[column as usize]);
        let rows_at = |row: u32| by_row.as_ref().map_or(NONE, |c| c.of[row as usize]);
        let clean_forward = clean(pattern, columns_at);
        let clean_reverse = {
            let transposed = clean(&columns, rows_at);
            let mut clean = vec![false; pattern.len()];
            for (slot, is_clean) in transposed.into_iter().enumerate() {
                clean[slots[slot] as usize] = is_clean;
            }
            clean
        };
        // Seeds are numbered: columns, then rows.
        let width = pattern.width() as u32;
        let ways = pattern.entries().enumerate().map(|(slot, (row, column))| Ways {
            first: clean_forward[slot].then_some((column as u32, row as u32)),
            second: clean_reverse[slot].then_some((width + row as u32, column as u32)),
        });
        let seeds = pattern.width() + pattern.rows();
        let (needed, read) = choose(ways, seeds, pattern.entries());
        let (needed_columns, needed_rows) = needed.split_at(pattern.width());
        let (mut sweeps, of_column) = passes(Direction::Forward, columns_at, needed_columns);
        let (reverse, of_row) = passes(Direction::Reverse, rows_at, needed_rows);
        let behind = sweeps.len() as u32;
        sweeps.extend(reverse);
        let reads = read.into_iter().map(|(seed, at)| match seed.checked_sub(width) {
            None => Read { pass: of_column[seed as usize], at },
            Some(row) => Read { pass: behind + of_row[row as usize], at },
        });
        Plan { passes: sweeps, reads: reads.collect() }
    }

    /// The plan for a Hessian, given the symmetric pattern: both places of an entry read the same number.
    pub(super) fn symmetric(pattern: &Pattern) -> Plan {
        let Colouring { of, .. } = colour::star(pattern);
        let clean = clean(pattern, |vertex| of[vertex as usize]);
        let mirror = mirror(pattern);
        // What is above the diagonal decides for both sides.
        let upper = pattern.entries().enumerate().filter(|(_, (row, column))| row <= column);
        let ways = upper.clone().map(|(slot, (row, column))| {
            let (row, column) = (row as u32, column as u32);
            Ways {
                // Seeded by the row and read at the column, if the row is alone with its colour around there.
                first: clean[mirror[slot] as usize].then_some((row, column)),
                second: clean[slot].then_some((column, row)),
            }
        });
        let (needed, read) = choose(ways, pattern.rows(), upper.clone().map(|(_, at)| at));
        let (passes, pass_of) = passes(Direction::Reverse, |vertex| of[vertex as usize], &needed);
        let mut reads = vec![Read { pass: NONE, at: NONE }; pattern.len()];
        for ((slot, _), (seed, at)) in upper.zip(read) {
            reads[slot] = Read { pass: pass_of[seed as usize], at };
            reads[mirror[slot] as usize] = reads[slot];
        }
        Plan { passes, reads }
    }
}

/// Colours for the columns, the rows, or a part of each, whichever are fewest; rows among equals.
fn directions(
    rows: &Pattern,
    columns: &Pattern,
    slots: &[u32],
) -> (Option<Colouring>, Option<Colouring>) {
    let forward = divide(rows, columns, slots);
    let by_column = colour::apart(columns, |slot| forward[slots[slot] as usize], NONE);
    let by_row = colour::apart(rows, |slot| !forward[slot], NONE);
    let both = count(by_column.as_ref()) + count(by_row.as_ref());
    // One direction alone may need as many as both; columns must need fewer than rows.
    let rows_alone = colour::apart(rows, |_| true, both);
    let most = rows_alone.as_ref().map_or(both + 1, |rows| rows.count);
    let columns_alone = most.checked_sub(1).and_then(|most| colour::apart(columns, |_| true, most));
    match (columns_alone, rows_alone) {
        (None, None) => (by_column, by_row),
        (None, rows) => (None, rows),
        (columns, _) => (columns, None),
    }
}

fn count(colouring: Option<&Colouring>) -> u32 {
    colouring.map_or(0, |colouring| colouring.count)
}

/// For each slot, whether its column has a colour, and is the only one of it in the row.
fn clean(pattern: &Pattern, colour: impl Fn(u32) -> u32) -> Vec<bool> {
    let mut clean = vec![false; pattern.len()];
    // For each colour, the last row that met it, and the slot where it did.
    let mut met: Vec<(u32, usize)> = Vec::new();
    for row in 0..pattern.rows() {
        for (slot, &column) in pattern.slots(row).zip(pattern.row(row)) {
            let colour = colour(column);
            if colour == NONE {
                continue;
            }
            if colour as usize >= met.len() {
                met.resize(colour as usize + 1, (NONE, 0));
            }
            let (last, first) = &mut met[colour as usize];
            if *last == row as u32 {
                clean[*first] = false;
            } else {
                (*last, *first) = (row as u32, slot);
                clean[slot] = true;
            }
        }
    }
    clean
}

/// For each slot of a symmetric pattern, the slot of the entry on the other side of the diagonal.
fn mirror(pattern: &Pattern) -> Vec<u32> {
    // Rows come in order, so the entries of each column do.
    let mut next: Vec<usize> = (0..pattern.rows()).map(|row| pattern.slots(row).start).collect();
    let entries = pattern.entries().map(|(_, column)| {
        next[column] += 1;
        next[column] as u32 - 1
    });
    entries.collect()
}

/// The clean ways to an entry: the number of the seed, and the line at which its sweep is read.
#[derive(Debug, Clone, Copy)]
struct Ways {
    first: Option<(u32, u32)>,
    second: Option<(u32, u32)>,
}

/// Chooses a way for each entry; says which seeds are needed for that.
///
/// # Panics
///
/// If an entry has no way.
fn choose(
    ways: impl Iterator<Item = Ways> + Clone,
    seeds: usize,
    entries: impl Iterator<Item = (usize, usize)>,
) -> (Vec<bool>, Vec<(u32, u32)>) {
    let mut needed = vec![false; seeds];
    for (ways, (row, column)) in ways.clone().zip(entries) {
        match (ways.first, ways.second) {
            (Some((seed, _)), None) | (None, Some((seed, _))) => needed[seed as usize] = true,
            // The diagonal of a Hessian.
            (Some((seed, _)), Some((same, _))) if seed == same => needed[seed as usize] = true,
            (Some(_), Some(_)) => {}
            (None, None) => {
                panic!("no sweep gives the entry in row {row}, column {column}: invalid colouring")
            }
        }
    }
    let chosen = ways.filter_map(|ways| {
        let (Some(first), Some(second)) = (ways.first, ways.second) else {
            return ways.first.or(ways.second);
        };
        let way = match (needed[first.0 as usize], needed[second.0 as usize]) {
            (false, true) => second,
            _ => first,
        };
        needed[way.0 as usize] = true;
        Some(way)
    });
    let chosen = chosen.collect();
    (needed, chosen)
}

/// The sweeps of one direction, in the order of their first seeds; and which of them each line seeds.
fn passes(
    direction: Direction,
    colour: impl Fn(u32) -> u32,
    needed: &[bool],
) -> (Vec<Pass>, Vec<u32>) {
    let mut passes: Vec<Pass> = Vec::new();
    let mut of_colour: Vec<u32> = Vec::new();
    let mut of_line = vec![NONE; needed.len()];
    for line in (0..needed.len() as u32).filter(|&line| needed[line as usize]) {
        let colour = colour(line) as usize;
        if colour >= of_colour.len() {
            of_colour.resize(colour + 1, NONE);
        }
        let pass = &mut of_colour[colour];
        if *pass == NONE {
            *pass = passes.len() as u32;
            passes.push(Pass { direction, seeds: Vec::new() });
        }
        of_line[line as usize] = *pass;
        passes[*pass as usize].seeds.push(line);
    }
    (passes, of_line)
}
