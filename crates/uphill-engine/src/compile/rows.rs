//! Which dot products have inputs in common: all of them, or from the first on, as in a triangle.

use rustc_hash::FxHashMap;

use super::draft::{Draft, Statement};
use crate::code::Action;

/// Dot products of fewer terms are left alone…
const INPUTS: u32 = 4;
/// …and so are blocks of fewer products.
pub(super) const PRODUCTS: usize = 32;
/// Rows of a triangle that become a block together: as many as the kernels take at once.
const TOGETHER: usize = 8;

/// One dot product as inputs and weights.
pub(super) struct Row {
    pub(super) position: usize,
    pub(super) value: u32,
    /// For the inputs of its group.
    pub(super) weights: Vec<u32>,
    /// Inputs and weights that are its own, added behind those.
    pub(super) rest: Vec<(u32, u32)>,
}

/// Dot products with the same inputs.
pub(super) struct Group {
    pub(super) inputs: Vec<u32>,
    pub(super) rows: Vec<Row>,
}

/// All groups of at least two dot products with the same inputs, the largest first.
pub(super) fn find(draft: &Draft, sides: Sides) -> Vec<Group> {
    // Most dot products of a long calculation share their inputs with none: counting comes before copying.
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    for statement in &draft.statements {
        sides.each(draft, statement, |way| {
            *counts.entry(sides.hash(draft, statement, way)).or_default() += 1;
        });
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut places: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (position, statement) in draft.statements.iter().enumerate() {
        sides.each(draft, statement, |way| {
            let hash = sides.hash(draft, statement, way);
            if counts.get(&hash).is_none_or(|&count| count < 2) {
                return;
            }
            let (inputs, weights): (Vec<u32>, Vec<u32>) =
                sides.split(draft, statement, way).unzip();
            let same = places.entry(hash).or_default();
            let known = |&g: &usize| groups[g].inputs == inputs;
            let row = Row { position, value: statement.value, weights, rest: Vec::new() };
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

/// Which statements are dot products of numbers that differ from sample to sample with weights that don't, several with the
/// same numbers: the neurons of a layer.
pub(super) fn layers(draft: &Draft, sides: Sides) -> Vec<bool> {
    let mut layers = vec![false; draft.statements.len()];
    for Group { inputs, rows } in find(draft, sides) {
        for row in rows.iter().filter(|_| rows.len() * inputs.len() >= PRODUCTS) {
            layers[row.position] = draft.is_varying(&draft.statements[row.position]);
        }
    }
    layers
}

/// Rows that have their first or last inputs in common, as those of a triangle have: in parts, of which each is a block,
/// longest rows first. Up to two products at that end may be a row's own: a diagonal that was written first, behind the zero
/// that a sum began with. What is a row's own comes last.
pub(super) fn triangles(draft: &Draft, sides: Sides, taken: &[bool]) -> Vec<Group> {
    /// The rows that begin or end alike: by the way, the end, how many terms are left out there, and the next input.
    type Key = (Way, End, usize, u32);
    let mut places: FxHashMap<Key, usize> = FxHashMap::default();
    let mut all: Vec<(Key, Vec<usize>)> = Vec::new();
    for (position, statement) in draft.statements.iter().enumerate().filter(|(at, _)| !taken[*at]) {
        sides.each(draft, statement, |way| {
            for end in [End::First, End::Last] {
                let pairs = end.order(sides.split(draft, statement, way).collect());
                for (left_out, (input, _)) in pairs.into_iter().take(3).enumerate() {
                    let key = (way, end, left_out, input);
                    let place = *places.entry(key).or_insert_with(|| {
                        all.push((key, Vec::new()));
                        all.len() - 1
                    });
                    all[place].1.push(position);
                }
            }
        });
    }
    all.retain(|(_, positions)| positions.len() > 1);
    all.sort_by_key(|(_, positions)| std::cmp::Reverse(positions.len()));
    let mut gone = vec![false; draft.statements.len()];
    let mut groups = Vec::new();
    for ((way, end, left_out, _), mut positions) in all {
        positions.retain(|&position| !gone[position]);
        positions.sort_by_key(|&at| (std::cmp::Reverse(draft.statements[at].count), at));
        let pairs = |at: usize| -> Vec<(u32, u32)> {
            end.order(sides.split(draft, &draft.statements[at], way).collect())
        };
        let mut rest = positions.as_slice();
        while rest.len() > 1 {
            let all: Vec<_> = rest.iter().take(TOGETHER).map(|&at| pairs(at)).collect();
            let common = |count: usize| {
                let first = &all[0][left_out..];
                all[1..count].iter().fold(first.len(), |common, other| {
                    let both = first.iter().zip(&other[left_out..]);
                    both.take(common).take_while(|(x, y)| x.0 == y.0).count()
                })
            };
            let best = (2..=all.len()).max_by_key(|&count| (count * common(count), count));
            let Some(count) =
                best.filter(|&n| common(n) >= INPUTS as usize && n * common(n) >= PRODUCTS)
            else {
                rest = &rest[1..];
                continue;
            };
            let common = left_out..left_out + common(count);
            let take = |pairs: &[(u32, u32)]| end.order(pairs[common.clone()].to_vec()).into_iter();
            let inputs = take(&all[0]).map(|(input, _)| input).collect();
            let mut rows: Vec<Row> = rest[..count]
                .iter()
                .zip(&all)
                .map(|(&position, pairs)| Row {
                    position,
                    value: draft.statements[position].value,
                    weights: take(pairs).map(|(_, weight)| weight).collect(),
                    rest: [&pairs[common.end..], &pairs[..common.start]]
                        .into_iter()
                        .flat_map(|own| end.order(own.to_vec()))
                        .collect(),
                })
                .collect();
            rows.sort_by_key(|row| row.position);
            rows.iter().for_each(|row| gone[row.position] = true);
            groups.push(Group { inputs, rows });
            rest = &rest[count..];
        }
    }
    groups
}

/// From which end dot products are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum End {
    First,
    Last,
}

impl End {
    /// The terms as they are seen from this end; and back.
    fn order(self, mut pairs: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
        if self == End::Last {
            pairs.reverse();
        }
        pairs
    }
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

/// How a dot product is told as inputs and weights: the values 1, of a call and of each sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    pub(super) one: u32,
    pub(super) ones: u32,
}

impl Sides {
    /// Whether a statement is the copy that gives each sample its 1.
    pub(super) fn gives_ones(self, statement: &Statement) -> bool {
        statement.action == Action::Copy && statement.value == self.ones
    }

    /// All ways in which a statement could be a row of a block.
    fn each(self, draft: &Draft, statement: &Statement, mut visit: impl FnMut(Way)) {
        if statement.action != Action::Dot || statement.count < 2 * INPUTS {
            return;
        }
        if draft.is_varying(statement) {
            let mut pairs = draft.operands(statement).chunks_exact(2);
            if pairs.all(|pair| self.varying(draft, pair).is_some()) {
                visit(Way::Varying);
            }
        } else {
            visit(Way::Left);
            visit(Way::Right);
        }
    }

    fn varying(self, draft: &Draft, pair: &[u32]) -> Option<(u32, u32)> {
        let (x, y) = (pair[0], pair[1]);
        let varies = |value: u32| draft.definitions[value as usize].is_varying();
        match (varies(x), varies(y)) {
            (true, false) => Some((x, y)),
            (false, true) => Some((y, x)),
            (false, false) if y == self.one => Some((self.ones, x)),
            (false, false) if x == self.one => Some((self.ones, y)),
            _ => None,
        }
    }

    /// Inputs with their weights.
    fn split(
        self,
        draft: &Draft,
        statement: &Statement,
        way: Way,
    ) -> impl Iterator<Item = (u32, u32)> {
        draft.operands(statement).chunks_exact(2).map(move |pair| match way {
            Way::Varying => self.varying(draft, pair).unwrap_or((pair[0], pair[1])),
            Way::Left if pair[1] == self.one => (self.one, pair[0]),
            Way::Left => (pair[0], pair[1]),
            Way::Right => (pair[1], pair[0]),
        })
    }

    fn hash(self, draft: &Draft, statement: &Statement, way: Way) -> u64 {
        let start = u64::from(way == Way::Varying);
        self.split(draft, statement, way).fold(start, |hash, (input, _)| {
            (hash ^ u64::from(input)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        })
    }
}
