//! A loop that was followed takes up the iterations before it, which were written down while its period was not yet known.

use super::cut::{Found, with_found};
use super::list::{Kind, List, NUMBERS, Slot, Template};

/// Lets each loop that was followed take up what lies before it.
pub(super) fn absorb(list: &mut List) {
    let mut found = Vec::new();
    let mut at = 0;
    for item in 0..list.items.len() {
        let Kind::Found(number) = list.items.kinds[item] else { continue };
        let template = list.templates[number as usize].clone();
        let mut longer = Longer::new(list, template, list.items.operands(item));
        let period = longer.template.items.len();
        let mut start = item;
        while start >= at + period && longer.take(list, start - period) {
            start -= period;
        }
        at = item + 1;
        let (template, operands) = longer.end(list);
        let template = list.template(template);
        found.push(Found { start, length: at - start, template, operands });
    }
    with_found(list, found);
}

/// A loop with more iterations in front.
struct Longer {
    template: Template,
    /// For each slot, its bases, and for tables and data what was put in front, the nearest first.
    bases: Vec<Vec<u32>>,
    front: Vec<Vec<u32>>,
    /// The numbers, by their bits, that are the same in all iterations.
    same: Vec<Option<u64>>,
    more: u32,
}

impl Longer {
    fn new(list: &List, template: Template, operands: &[u32]) -> Longer {
        let mut operands = operands.iter().copied();
        let slots = template.items.operands.iter();
        let bases: Vec<Vec<u32>> =
            slots.map(|slot| operands.by_ref().take(slot.bases()).collect()).collect();
        let same = bases.iter().zip(&template.items.operands).map(|(bases, slot)| match slot {
            Slot::Walk { stride: 0 } if bases[0] >= NUMBERS => Some(bits(list, bases[0])),
            _ => None,
        });
        Longer {
            same: same.collect(),
            front: vec![Vec::new(); bases.len()],
            bases,
            template,
            more: 0,
        }
    }

    /// Takes up the iteration that begins at an item, if it is one.
    fn take(&mut self, list: &List, start: usize) -> bool {
        let items = &list.items;
        let first = items.values[start];
        let kinds = &self.template.items.kinds;
        if items.kinds[start..start + kinds.len()] != kinds[..] {
            return false;
        }
        let mut operands = Vec::with_capacity(self.bases.len());
        for item in 0..kinds.len() {
            let own = items.operands(start + item);
            if own.len() != self.template.items.operands(item).len() {
                return false;
            }
            operands.extend_from_slice(own);
        }
        let fits = |slot: usize| {
            let (address, bases) = (operands[slot], &self.bases[slot]);
            let outside = address >= NUMBERS || address < first;
            match self.template.items.operands[slot] {
                Slot::Own { place } => address == first + place,
                // What the iteration after so many read there must come from this one.
                Slot::Carried { place, .. } => outside && bases.last() == Some(&(first + place)),
                Slot::Walk { stride: 0 } => match self.same[slot] {
                    Some(same) => address >= NUMBERS && bits(list, address) == same,
                    None => address == bases[0],
                },
                Slot::Walk { stride } if bases[0] < NUMBERS => {
                    outside && i64::from(address) == i64::from(bases[0]) - i64::from(stride)
                }
                Slot::Walk { .. } => address >= NUMBERS,
                Slot::Table { .. } => address < first,
            }
        };
        if !(0..operands.len()).all(fits) {
            return false;
        }
        for (slot, &address) in operands.iter().enumerate() {
            let bases = &mut self.bases[slot];
            match self.template.items.operands[slot] {
                Slot::Carried { .. } => bases.rotate_right(1),
                Slot::Walk { stride } if stride != 0 && bases[0] >= NUMBERS => {
                    self.front[slot].push(address);
                    continue;
                }
                Slot::Table { .. } => {
                    self.front[slot].push(address);
                    continue;
                }
                Slot::Own { .. } | Slot::Walk { .. } => {}
            }
            if let Some(base) = bases.first_mut() {
                *base = address;
            }
        }
        self.more += 1;
        true
    }

    /// The template and the operands of the longer loop.
    fn end(self, list: &mut List) -> (Template, Vec<u32>) {
        let Longer { mut template, mut bases, front, more, .. } = self;
        let before = template.iterations as usize;
        template.iterations += more;
        template.operations = template.operations / before as u64 * u64::from(template.iterations);
        for (slot, front) in front.into_iter().enumerate().filter(|(_, front)| !front.is_empty()) {
            let base = bases[slot][0];
            match template.items.operands[slot] {
                Slot::Table { number } => {
                    let table = list.tables[number as usize].iter().map(|&behind| base + behind);
                    let all = front.into_iter().rev().chain(table).collect();
                    let (slot_now, bases_now) = list.outside(all);
                    template.items.operands[slot] = slot_now;
                    bases[slot] = bases_now;
                }
                _ => {
                    let new = front.iter().rev().map(|&address| list.numbers_at(address, 1)[0]);
                    let data = list.numbers_at(base, before).iter().copied();
                    let all: Vec<f64> = new.chain(data).collect();
                    bases[slot] = vec![list.push_data(&all)];
                }
            }
        }
        let reach = |&slot: &u32| {
            let slot = template.items.operands[slot as usize];
            list.reach(slot, (0, 0), template.iterations as usize)
        };
        template.spans = template.bases.iter().map(reach).collect();
        (template, bases.into_iter().flatten().collect())
    }
}

/// The bits of a number of the list.
fn bits(list: &List, address: u32) -> u64 {
    list.numbers_at(address, 1)[0].to_bits()
}
