//! Dot products that share their inputs become dense blocks: a layer of a network, found and not told.
//!
//! In sample code a block's inputs differ from sample to sample and its weights don't; in per-call code the inputs are
//! whichever side several dot products have in common. A term `b` of a sum is `1·b`: a threshold is the weight of a
//! constant input, as in the book.

use rustc_hash::{FxHashMap, FxHashSet};
use uphill_graph::Feed;

use super::draft::{Definition, Draft, DraftBlock, DraftLoop, Statement};
use crate::code::Action;

/// Dot products of fewer terms are left alone…
const INPUTS: u32 = 4;
/// …and so are blocks of fewer products.
const PRODUCTS: usize = 32;

/// One dot product as inputs and weights.
struct Row {
    position: usize,
    weights: Vec<u32>,
}

/// Dot products with the same inputs.
struct Group {
    inputs: Vec<u32>,
    rows: Vec<Row>,
}

/// Returns how many dot products went into blocks.
pub(crate) fn blocks(draft: &mut Draft) -> usize {
    let one = draft.one();
    let ones = draft.ones();
    let groups = find(draft, one, ones);
    let is_ones = |s: &Statement| s.action == Action::Copy && s.value == ones;
    let mut uses_ones = draft.statements.iter().any(is_ones);
    if groups.is_empty() && !uses_ones {
        return 0;
    }
    let givers = draft.givers();
    let ready = |value: u32| match givers.get(value as usize) {
        None | Some(&u32::MAX) => 0,
        Some(&position) => position as usize,
    };
    let mut taken = vec![false; draft.statements.len()];
    let mut at: Vec<(usize, Statement)> = Vec::new();
    let mut found = 0;
    for group in groups {
        let mut rows: Vec<Row> =
            group.rows.into_iter().filter(|row| !taken[row.position]).collect();
        let Some(first) = rows.first().map(|row| row.position) else { continue };
        let is_there =
            |value: u32| ready(value) < first || givers.get(value as usize) == Some(&u32::MAX);
        rows.retain(|row| row.weights.iter().all(|&weight| is_there(weight) || weight == ones));
        if rows.first().map(|row| row.position) != Some(first)
            || rows.len() < 2
            || rows.len() * group.inputs.len() < PRODUCTS
        {
            continue;
        }
        uses_ones |= group.inputs.contains(&ones);
        let results = rows.iter().map(|row| draft.statements[row.position].value).collect();
        found += rows.len();
        for row in &rows {
            taken[row.position] = true;
        }
        let block = DraftBlock {
            inputs: group.inputs,
            results,
            weights: rows.into_iter().flat_map(|row| row.weights).collect(),
        };
        let statement = Statement {
            action: Action::Block,
            value: u32::MAX,
            first: draft.blocks.len() as u32,
            count: 0,
        };
        draft.blocks.push(block);
        at.push((first, statement));
    }
    at.sort_unstable_by_key(|(position, _)| *position);
    let mut at = at.into_iter().peekable();
    let old = std::mem::take(&mut draft.statements);
    draft.statements.reserve_exact(old.len() + 1);
    if uses_ones {
        let copy = draft.statement(Action::Copy, ones, &[one]);
        draft.statements.push(copy);
    }
    for (position, statement) in old.into_iter().enumerate() {
        if let Some((_, block)) = at.next_if(|(first, _)| *first == position) {
            draft.statements.push(block);
        } else if !taken[position] && !is_ones(&statement) {
            draft.statements.push(statement);
        }
    }
    found
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

/// All groups of at least two dot products with the same inputs, the largest first.
fn find(draft: &Draft, one: u32, ones: u32) -> Vec<Group> {
    let sides = Sides { draft, one, ones };
    // Most dot products of a long calculation share their inputs with none: counting comes before copying.
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    for statement in &draft.statements {
        sides.each(statement, |way| {
            *counts.entry(sides.hash(statement, way)).or_default() += 1;
        });
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut places: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (position, statement) in draft.statements.iter().enumerate() {
        sides.each(statement, |way| {
            let hash = sides.hash(statement, way);
            if counts.get(&hash).is_none_or(|&count| count < 2) {
                return;
            }
            let (inputs, weights): (Vec<u32>, Vec<u32>) = sides.split(statement, way).unzip();
            let same = places.entry(hash).or_default();
            let known = |&g: &usize| groups[g].inputs == inputs;
            let row = Row { position, weights };
            match same.iter().copied().find(known) {
                Some(place) => groups[place].rows.push(row),
                None => {
                    same.push(groups.len());
                    groups.push(Group { inputs, rows: vec![row] });
                }
            }
        });
    }
    groups.retain(|group| group.rows.len() > 1);
    groups.sort_by_key(|group| std::cmp::Reverse(group.rows.len()));
    groups
}

/// Which side of the pairs of a dot product its inputs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// The side that differs from sample to sample.
    Varying,
    /// The left side, but for terms `b·1`, whose input is 1.
    Left,
    Right,
}

struct Sides<'d> {
    draft: &'d Draft,
    one: u32,
    ones: u32,
}

impl Sides<'_> {
    /// All ways in which a statement could be a row of a block.
    fn each(&self, statement: &Statement, mut visit: impl FnMut(Way)) {
        if statement.action != Action::Dot || statement.count < 2 * INPUTS {
            return;
        }
        if self.draft.is_varying(statement) {
            let mut pairs = self.draft.operands(statement).chunks_exact(2);
            if pairs.all(|pair| self.varying(pair).is_some()) {
                visit(Way::Varying);
            }
        } else {
            visit(Way::Left);
            visit(Way::Right);
        }
    }

    fn varying(&self, pair: &[u32]) -> Option<(u32, u32)> {
        let (x, y) = (pair[0], pair[1]);
        let varies = |value: u32| self.draft.definitions[value as usize].is_varying();
        match (varies(x), varies(y)) {
            (true, false) => Some((x, y)),
            (false, true) => Some((y, x)),
            (false, false) if y == self.one => Some((self.ones, x)),
            (false, false) if x == self.one => Some((self.ones, y)),
            _ => None,
        }
    }

    /// Inputs with their weights.
    fn split(&self, statement: &Statement, way: Way) -> impl Iterator<Item = (u32, u32)> {
        self.draft.operands(statement).chunks_exact(2).map(move |pair| match way {
            Way::Varying => self.varying(pair).unwrap_or((pair[0], pair[1])),
            Way::Left if pair[1] == self.one => (self.one, pair[0]),
            Way::Left => (pair[0], pair[1]),
            Way::Right => (pair[1], pair[0]),
        })
    }

    fn hash(&self, statement: &Statement, way: Way) -> u64 {
        let start = u64::from(way == Way::Varying);
        self.split(statement, way).fold(start, |hash, (input, _)| {
            (hash ^ u64::from(input)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        })
    }
}
