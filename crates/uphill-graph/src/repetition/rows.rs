//! Whether the iterations of a loop in a list are rows of a matrix times a vector.

use rustc_hash::FxHashSet;

use super::dense::{Factor, Products};
use super::list::{Kind, List, Slot, Template};

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
        let mut known = FxHashSet::default();
        moving.iter().all(|&base| {
            let (kind, mut all) = (Kind::Found(number), true);
            list.each_place(kind, base as usize, &mut |place| {
                let address = (i64::from(operands[base as usize]) + place) as u32;
                all = all && is_variable(address) && known.insert(address);
            });
            all
        })
    })
}

/// What each item reads, a factor for each operand; `outside` tells which it is that is read outside, with the number of its
/// base: of the operand of the loop itself.
fn factors<'t>(
    template: &'t Template,
    outside: impl Fn(Slot, usize) -> Factor + 't,
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
