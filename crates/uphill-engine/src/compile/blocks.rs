//! Dot products that share their inputs become dense blocks: a layer of a network, found and not told.
//!
//! In sample code a block's inputs differ from sample to sample and its weights don't; in per-call code the inputs are
//! whichever side several dot products have in common. A term `b` of a sum is `1·b`: a threshold is the weight of a
//! constant input, as in the book.

use rustc_hash::{FxHashMap, FxHashSet};
use uphill_graph::Feed;

use super::draft::{Definition, Draft, DraftBlock, DraftLoop, Statement};
use super::rows::{Group, PRODUCTS, Row, Sides, find, triangles};
use crate::code::Action;

/// Returns how many dot products went into blocks, whole or in part.
pub(crate) fn blocks(draft: &mut Draft) -> usize {
    let sides = Sides { one: draft.one(), ones: draft.ones() };
    let uses_ones = draft.statements.iter().any(|statement| sides.gives_ones(statement));
    let mut placing = Placing::new(draft, sides.ones);
    let mut found = placing.all(draft, sides);
    if !placing.late.is_empty() && earlier(draft, &placing.late) {
        placing = Placing::new(draft, sides.ones);
        found = placing.all(draft, sides);
    }
    if found.is_empty() && !uses_ones {
        return 0;
    }
    found.sort_by_key(|(place, group)| (*place, group.rows[0].position));
    let uses_ones = uses_ones || found.iter().any(|(_, group)| group.inputs.contains(&sides.ones));
    let dots = found.iter().map(|(_, group)| group.rows.len()).sum();
    write(draft, sides, found, &placing.taken, uses_ones);
    dots
}

/// Where blocks can stand: behind all that they read, and before what reads them.
struct Placing {
    /// For each value the position from which on it is there.
    ready: Vec<usize>,
    /// For each value the position of the first statement that reads it.
    needed: Vec<usize>,
    /// Dot products that are part of a block.
    taken: Vec<bool>,
    /// Weights that come too late for a row to be in one.
    late: Vec<u32>,
}

impl Placing {
    fn new(draft: &Draft, ones: u32) -> Placing {
        let givers = draft.givers();
        let ready = |&position: &u32| if position == u32::MAX { 0 } else { position as usize + 1 };
        let mut ready: Vec<usize> = givers.iter().map(ready).collect();
        // It is copied before all else.
        ready[ones as usize] = 0;
        let mut needed = vec![draft.statements.len(); draft.definitions.len()];
        for (position, statement) in draft.statements.iter().enumerate().rev() {
            draft.each_operand(statement, |value| needed[value as usize] = position);
        }
        Placing { ready, needed, taken: vec![false; draft.statements.len()], late: Vec::new() }
    }

    /// All blocks, with their places.
    fn all(&mut self, draft: &Draft, sides: Sides) -> Vec<(usize, Group)> {
        let mut found = Vec::new();
        let whole = find(draft, sides);
        self.place(whole, &mut found);
        let triangles = triangles(draft, sides, &self.taken);
        self.place(triangles, &mut found);
        found
    }

    fn place(&mut self, groups: Vec<Group>, found: &mut Vec<(usize, Group)>) {
        let is_large = |rows: usize, inputs: usize| rows > 1 && rows * inputs >= PRODUCTS;
        for Group { inputs, mut rows } in groups {
            rows.retain(|row| !self.taken[row.position]);
            if !is_large(rows.len(), inputs.len()) {
                continue;
            }
            let (rows, place) = self.together(rows);
            if is_large(rows.len(), inputs.len()) {
                rows.iter().for_each(|row| self.taken[row.position] = true);
                found.push((place, Group { inputs, rows }));
            }
        }
    }

    /// The rows that can be computed at one place, and that place: a weight may be ready later than the first row was.
    fn together(&mut self, rows: Vec<Row>) -> (Vec<Row>, usize) {
        let Some(first) = rows.first() else { return (rows, 0) };
        let (mut from, mut until) = (first.position, usize::MAX);
        let mut fits = |row: &Row| {
            let weights = row.weights.iter().map(|&weight| self.ready[weight as usize]);
            let (own, needed) =
                (weights.max().unwrap_or(0).max(from), self.needed[row.value as usize]);
            let fits = own <= until.min(needed);
            if fits {
                (from, until) = (own, until.min(needed));
            } else {
                let late = row.weights.iter().filter(|&&weight| self.ready[weight as usize] > from);
                self.late.extend(late);
            }
            fits
        };
        let rows: Vec<Row> = rows.into_iter().filter(|row| fits(row)).collect();
        (rows, from)
    }
}

/// Computes values in front of all else, with all that they need, unless that is a dot product that a block may take:
/// weights that are written down between the products that they are weights of. False if nothing moves.
fn earlier(draft: &mut Draft, values: &[u32]) -> bool {
    let givers = draft.givers();
    let giver = |value: u32| givers.get(value as usize).copied().filter(|&at| at != u32::MAX);
    // Whether a statement can move: without a dot product behind it, or in sample code if it is the same for all samples.
    let mut free = vec![false; draft.statements.len()];
    for (position, statement) in draft.statements.iter().enumerate() {
        let mut fits = statement.action != Action::Dot && !draft.is_varying(statement);
        draft.each_operand(statement, |value| {
            fits &= giver(value).is_none_or(|at| free[at as usize]);
        });
        free[position] = fits;
    }
    let mut moves = vec![false; draft.statements.len()];
    let mut open: Vec<u32> = values.iter().filter_map(|&value| giver(value)).collect();
    while let Some(position) = open.pop() {
        let at = position as usize;
        if free[at] && !std::mem::replace(&mut moves[at], true) {
            let statement = draft.statements[at];
            draft.each_operand(&statement, |value| open.extend(giver(value)));
        }
    }
    let old = std::mem::take(&mut draft.statements);
    let (front, rest): (Vec<_>, Vec<_>) =
        old.into_iter().zip(&moves).partition(|(_, moves)| **moves);
    let moved = !front.is_empty();
    draft.statements.extend(front.into_iter().chain(rest).map(|(statement, _)| statement));
    moved
}

/// Writes the statements anew, with blocks where they were found to fit.
fn write(
    draft: &mut Draft,
    sides: Sides,
    found: Vec<(usize, Group)>,
    taken: &[bool],
    uses_ones: bool,
) {
    let old = std::mem::take(&mut draft.statements);
    draft.statements.reserve(old.len() + 1);
    if uses_ones {
        let copy = draft.statement(Action::Copy, sides.ones, &[sides.one]);
        draft.statements.push(copy);
    }
    // What is left of rows that stand behind their block.
    let mut rests: FxHashMap<usize, Vec<Statement>> = FxHashMap::default();
    let mut found = found.into_iter().peekable();
    let ends = old.into_iter().zip(taken).map(Some).chain([None]);
    for (position, end) in ends.enumerate() {
        while let Some((_, Group { inputs, rows })) = found.next_if(|(at, _)| *at == position) {
            let (mut results, mut weights) = (Vec::with_capacity(rows.len()), Vec::new());
            let mut behind = Vec::new();
            for row in rows {
                weights.extend(row.weights);
                if row.rest.is_empty() {
                    results.push(row.value);
                    continue;
                }
                let varying = draft.definitions[row.value as usize].is_varying();
                let mut sum = draft.new_value(varying);
                results.push(sum);
                let mut rest = Vec::with_capacity(row.rest.len());
                let last = row.rest.len() - 1;
                for (k, (input, weight)) in row.rest.into_iter().enumerate() {
                    let next = if k == last { row.value } else { draft.new_value(varying) };
                    let input = if input == sides.ones { sides.one } else { input };
                    rest.push(draft.statement(Action::MultiplyAdd, next, &[input, weight, sum]));
                    sum = next;
                }
                match row.position < position {
                    true => behind.extend(rest),
                    false => {
                        rests.insert(row.position, rest);
                    }
                }
            }
            let first = draft.blocks.len() as u32;
            draft.blocks.push(DraftBlock { inputs, results, weights });
            let action = Action::Block;
            draft.statements.push(Statement { action, value: u32::MAX, first, count: 0 });
            draft.statements.append(&mut behind);
        }
        let Some((statement, &is_taken)) = end else { continue };
        if let Some(rest) = rests.remove(&position) {
            draft.statements.extend(rest);
        } else if !is_taken && !sides.gives_ones(&statement) {
            draft.statements.push(statement);
        }
    }
}

/// Lets blocks in a loop's body read what moves with the loop from copies: all inputs of a block move alike.
pub(crate) fn hold(repeated: &mut DraftLoop) {
    let body = &mut repeated.body;
    let feeds = repeated.repeated.feeds().iter().zip(&repeated.inputs);
    let moving = feeds.filter(|(feed, _)| matches!(feed, Feed::Read(walk) if !walk.is_still()));
    let moving: FxHashSet<u32> = moving.map(|(_, &value)| value).collect();
    let mut copies: FxHashMap<u32, u32> = FxHashMap::default();
    let mut insertions = Vec::new();
    for position in 0..body.statements.len() {
        let Statement { action: Action::Block, first, .. } = body.statements[position] else {
            continue;
        };
        for place in 0..body.blocks[first as usize].inputs.len() {
            let input = body.blocks[first as usize].inputs[place];
            let definition = body.definitions[input as usize];
            let vector = if let Definition::Entry { of, .. } = definition { of } else { input };
            if !moving.contains(&vector) {
                continue;
            }
            let copy = copies.get(&input).copied().unwrap_or_else(|| {
                let copy = body.new_value(definition.is_varying());
                let statement = body.statement(Action::Copy, copy, &[input]);
                insertions.push((position as u32, statement));
                copies.insert(input, copy);
                copy
            });
            body.blocks[first as usize].inputs[place] = copy;
        }
    }
    // In front of the block: behind the statement before it.
    let (front, behind): (Vec<_>, Vec<_>) = insertions.into_iter().partition(|(at, _)| *at == 0);
    body.insert(behind.into_iter().map(|(at, statement)| (at - 1, statement)).collect());
    body.statements.splice(0..0, front.into_iter().map(|(_, statement)| statement));
}
