//! Whether the iterations of a loop in a list are rows of a matrix times a vector, or several loops are each a row.

use rustc_hash::{FxHashMap, FxHashSet};

use super::dense::{Factor, MOST, Products};
use super::list::{Items, Kind, List, Slot, Template};
use crate::op::Op;

/// Whether those of a loop with these operands are: rows with all products in them, or with a loop for these.
pub(super) fn is_dense(
    list: &List,
    number: u32,
    operands: &[u32],
    is_variable: impl Fn(u32) -> bool,
) -> bool {
    let template = &list.templates[number as usize];
    let mut products = Products::default();
    factors(template, |slot, base| match slot {
        Slot::Walk { stride: 0 } => Factor::Still { variable: is_variable(operands[base]) },
        _ => Factor::Moving(base as u32),
    })
    .for_each(|(kind, factors)| match kind {
        Kind::Found(number) => {
            let inner = &list.templates[number as usize];
            let times = u64::from(inner.iterations);
            let of_row = self::factors(inner, |_, base| match factors[base] {
                // What it computes itself has places of its own.
                Factor::Own(_) => Factor::Part,
                factor => factor,
            });
            of_row.for_each(|(kind, factors)| {
                if let Kind::Op(op) = kind {
                    products.add(op, &factors, times);
                }
            });
        }
        Kind::Op(op) => products.add(op, &factors, 1),
        Kind::Whole(_) => {}
    });
    let rows = u64::from(template.iterations);
    products.are_dense(rows, template.operations / rows.max(1), |moving| {
        are_weights(list, number, operands, moving, is_variable)
    })
}

/// Whether what a loop reads by these bases are variables, and none of them twice.
fn are_weights(
    list: &List,
    number: u32,
    operands: &[u32],
    bases: &[u32],
    is_variable: impl Fn(u32) -> bool,
) -> bool {
    let mut known = FxHashSet::default();
    bases.iter().all(|&base| {
        let mut all = true;
        list.each_place(Kind::Found(number), base as usize, &mut |place| {
            let address = (i64::from(operands[base as usize]) + place) as u32;
            all = all && is_variable(address) && known.insert(address);
        });
        all
    })
}

/// Which items are loops that are each a row, of as many rows as go along the same vector: a layer that is wide, but has fewer
/// outputs than a loop has iterations.
pub(super) fn wide(
    list: &List,
    items: &Items<u32>,
    is_variable: impl Fn(u32) -> bool,
) -> Vec<bool> {
    let mut along: FxHashMap<Vector, Vec<usize>> = FxHashMap::default();
    for item in 0..items.len() {
        if let Kind::Found(number) = items.kinds[item]
            && let Some(vector) = row(list, number, items.operands(item), &is_variable)
        {
            along.entry(vector).or_default().push(item);
        }
    }
    let mut wide = vec![false; items.len()];
    let operations = |&item: &usize| list.operations(items.kinds[item]);
    for rows in along.into_values() {
        if rows.len() > 1 && rows.iter().map(operations).sum::<u64>() < MOST {
            rows.into_iter().for_each(|item| wide[item] = true);
        }
    }
    wide
}

/// What rows go along: its first address and its stride, and how long it is.
type Vector = (u32, i32, u32);

/// The vector that a loop goes along, if products of its entries with weights, or with one number, are what it does.
fn row(
    list: &List,
    number: u32,
    operands: &[u32],
    is_variable: impl Fn(u32) -> bool,
) -> Option<Vector> {
    let template = &list.templates[number as usize];
    let mut strides = FxHashMap::default();
    let mut products = 0;
    let (mut weights, mut vector) = (Vec::new(), None);
    let all = factors(template, |slot, base| match slot {
        Slot::Walk { stride: 0 } => Factor::Still { variable: is_variable(operands[base]) },
        Slot::Walk { stride } => {
            strides.insert(base as u32, stride);
            Factor::Moving(base as u32)
        }
        _ => Factor::Other,
    });
    let all: Vec<(Kind, Vec<Factor>)> = all.collect();
    for (kind, factors) in &all {
        let Kind::Op(op) = *kind else { return None };
        if op != Op::Mul {
            continue;
        }
        products += 1;
        let mut moving = |base: u32| {
            if is_variable(operands[base as usize]) {
                weights.push(base);
                return true;
            }
            let this = (operands[base as usize], strides[&base], template.iterations);
            *vector.get_or_insert(this) == this
        };
        let fits = match factors[..] {
            [Factor::Moving(x), Factor::Moving(y)] => {
                is_variable(operands[x as usize]) != is_variable(operands[y as usize])
                    && moving(x)
                    && moving(y)
            }
            [Factor::Moving(x), Factor::Still { variable: false }]
            | [Factor::Still { variable: false }, Factor::Moving(x)] => moving(x),
            _ => false,
        };
        if !fits {
            return None;
        }
    }
    let fits =
        3 * products >= all.len() && are_weights(list, number, operands, &weights, is_variable);
    vector.filter(|_| fits)
}

/// What each item reads, a factor for each operand; `outside` tells which it is that is read outside, with the number of its
/// base: of the operand of the loop itself.
fn factors<'t>(
    template: &'t Template,
    mut outside: impl FnMut(Slot, usize) -> Factor + 't,
) -> impl Iterator<Item = (Kind, Vec<Factor>)> + 't {
    let mut base = 0;
    (0..template.items.len()).map(move |item| {
        let mut factors = Vec::new();
        for &slot in template.items.operands(item) {
            let factor = match slot {
                Slot::Own { place } => Factor::Own(place),
                Slot::Carried { .. } => Factor::Other,
                Slot::Walk { .. } | Slot::Table { .. } => outside(slot, base),
            };
            factors.push(factor);
            base += slot.bases();
        }
        (template.items.kinds[item], factors)
    })
}
