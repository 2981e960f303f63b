//! A repetition becomes loops: where operands move evenly, where the body begins, and how it comes by its values.
//!
//! Equal items in equal order are not enough. An operand must be read from the same iteration, from one a fixed number of
//! iterations before, or from outside: at an even pace, or at places that a table lists. Where that ends, the loop ends.

use std::ops::Range;

use smallvec::{SmallVec, smallvec};

use super::find::Run;
use super::follow::MOST_BACK;
use super::list::{Items, Kind, List, NUMBERS, Slot, Template};
use super::period::least_crossed;

/// A loop has so many iterations…
const ITERATIONS: usize = 16;
/// …and makes so many operations.
const OPERATIONS: u64 = 1024;

/// A loop that was found in a list.
pub(super) struct Found {
    pub(super) start: usize,
    /// How many items it stands for.
    pub(super) length: usize,
    pub(super) template: u32,
    /// One a base of the template.
    pub(super) operands: Vec<u32>,
}

/// Why a repetition is none, or not for longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// A value of the loop is read at no fixed distance.
    Crossing,
    /// A value is read from more iterations before than are carried on.
    FarBack,
    /// Operands move unevenly, and a table would not pay.
    Uneven,
    /// Too few iterations or operations.
    Short,
    /// Rows of a matrix times a vector.
    Dense,
}

/// A repetition that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missed {
    pub(super) iterations: usize,
    /// How many operations each iteration makes.
    pub(super) operations: u64,
    pub(super) why: Why,
}

/// A refusal: up to how many iterations it would do.
struct Refusal {
    iterations: usize,
    why: Why,
}

/// The loops in a run.
pub(super) struct Cut<'l> {
    pub(super) list: &'l mut List,
    pub(super) keys: &'l [u64],
    pub(super) found: Vec<Found>,
    pub(super) missed: Vec<Missed>,
}

impl Cut<'_> {
    /// Takes what loops there are in a run; false for none.
    pub(super) fn take(&mut self, run: &Run, free: &mut [bool]) -> bool {
        let before = self.found.len();
        let operations = self.operations(run.range.start, run.period);
        let count = run.range.len() / run.period;
        let enough = |count: usize| count >= ITERATIONS && count as u64 * operations >= OPERATIONS;
        if !enough(count) {
            return false;
        }
        let mut why = Why::Uneven;
        let mut covered = 0;
        for even in self.even(run) {
            if enough(even.len() / run.period) {
                covered += self.take_all(even, run.period, false, free, &mut why);
            }
        }
        // Where nothing moves evenly for long, tables tell where to read.
        if covered < run.range.len() / 2 && run.period >= 4 && self.found.len() == before {
            self.take_all(run.range.clone(), run.period, true, free, &mut why);
        }
        let taken = self.found.len() > before;
        if !taken {
            self.missed.push(Missed { iterations: count, operations, why });
        }
        taken
    }

    /// How many operations the items of one period make.
    fn operations(&self, start: usize, period: usize) -> u64 {
        let kinds = &self.list.items.kinds[start..start + period];
        kinds.iter().map(|&kind| self.list.operations(kind)).sum()
    }

    /// The stretches of a run in which all operands move evenly.
    fn even(&self, run: &Run) -> Vec<Range<usize>> {
        let items = &self.list.items;
        let period = run.period;
        let mut stretches = Vec::new();
        let mut start = run.range.start;
        for at in run.range.start + 2 * period..run.range.end {
            let [now, before, long_before] =
                [at, at - period, at - 2 * period].map(|item| items.operands(item));
            let even = now.iter().zip(before).zip(long_before).all(|((&now, &before), &first)| {
                match [now, before, first].map(|address| address >= NUMBERS) {
                    [false, false, false] => {
                        i64::from(now) + i64::from(first) == 2 * i64::from(before)
                    }
                    [now, before, first] => now && before && first,
                }
            });
            if !even {
                stretches.push(start..at);
                start = at + 1 - 2 * period;
            }
        }
        stretches.push(start..run.range.end);
        stretches
    }

    /// The loops of a stretch, one after the other: how many items they cover.
    fn take_all(
        &mut self,
        mut stretch: Range<usize>,
        period: usize,
        tables: bool,
        free: &mut [bool],
        why: &mut Why,
    ) -> usize {
        // Stretches overlap: what the one before took is gone.
        while stretch.start < stretch.end && !free[stretch.start] {
            stretch.start += 1;
        }
        if stretch.len() < ITERATIONS * period {
            return 0;
        }
        let begin = self.begin(&stretch, period, tables, free);
        let mut covered = 0;
        let mut at = begin;
        // After a loop that ended early the next one is not hoped to be much longer.
        let mut hope = usize::MAX;
        loop {
            let most = ((stretch.end - at) / period).min(hope);
            let Some(found) = self.at(at, period, most, tables, free, why) else { break };
            let end = found.start + found.length;
            hope = found.length / period * 2;
            free[found.start..end].fill(false);
            covered += found.length;
            self.found.push(found);
            if end + ITERATIONS * period > stretch.end {
                break;
            }
            at = end;
        }
        covered
    }

    /// The loop whose body begins here, with at most so many iterations.
    fn at(
        &mut self,
        start: usize,
        period: usize,
        most: usize,
        tables: bool,
        free: &[bool],
        why: &mut Why,
    ) -> Option<Found> {
        let mut count = most;
        let earlier = self.earlier(start, period, free);
        let operations = self.operations(start, period);
        while count >= ITERATIONS && count as u64 * operations >= OPERATIONS {
            match self.describe(start, period, count, tables) {
                Ok(one) => {
                    let one = earlier
                        .and_then(|earlier| self.describe(earlier, period, count + 1, tables).ok())
                        .unwrap_or(one);
                    return Some(one);
                }
                Err(refusal) => {
                    *why = refusal.why;
                    count = refusal.iterations.min(count - 1);
                }
            }
        }
        if *why == Why::Uneven && count > 0 {
            *why = Why::Short;
        }
        None
    }

    /// One iteration more in front, where what is carried comes from elsewhere.
    fn earlier(&self, start: usize, period: usize, free: &[bool]) -> Option<usize> {
        start.checked_sub(period).filter(|&earlier| {
            (earlier..start).all(|at| free[at] && self.keys[at] == self.keys[at + period])
        })
    }

    /// Where a body begins best: where the fewest values go from one iteration to the next, and of these places where there
    /// are the most iterations.
    fn begin(
        &mut self,
        stretch: &Range<usize>,
        period: usize,
        tables: bool,
        free: &[bool],
    ) -> usize {
        const TRIES: usize = 4;
        let best = self.least_crossed(stretch.start, period);
        let tried = best.iter().rev().take(TRIES).chain(best.first());
        let iterations = |&&begin: &&usize| {
            let earlier = self.earlier(begin, period, free);
            let more =
                earlier.is_some_and(|at| self.describe(at, period, ITERATIONS, tables).is_ok());
            (stretch.end - begin) / period + usize::from(more)
        };
        tried.max_by_key(iterations).copied().unwrap_or(stretch.start)
    }

    /// The places before which the fewest values are alive.
    fn least_crossed(&self, start: usize, period: usize) -> Vec<usize> {
        let items = &self.list.items;
        let values = &items.values[start..=start + 2 * period];
        let reads = (period..2 * period).flat_map(|reader| {
            let inside = move |&&address: &&u32| address >= values[0] && address < NUMBERS;
            let addresses = items.operands(start + reader).iter().filter(inside);
            addresses.map(move |&address| (values.partition_point(|&v| v <= address) - 1, reader))
        });
        least_crossed(period, reads).into_iter().map(|cut| start + cut).collect()
    }

    /// The template of a loop, and its operands.
    fn describe(
        &mut self,
        start: usize,
        period: usize,
        count: usize,
        tables: bool,
    ) -> Result<Found, Refusal> {
        let items = &self.list.items;
        let first = items.values[start];
        let mut template = Template {
            iterations: count as u32,
            items: Items::new(0),
            bases: Vec::new(),
            spans: Vec::new(),
            operations: self.operations(start, period) * count as u64,
        };
        let reader = Reader {
            first: i64::from(first),
            width: i64::from(items.values[start + period] - first),
            count,
            tables,
            begin: items.starts[start] as usize,
            step: (items.starts[start + period] - items.starts[start]) as usize,
        };
        let mut operands = Vec::new();
        let mut place = 0;
        for item in start..start + period {
            let kind = self.list.items.kinds[item];
            let width = self.list.items.values[item + 1] - self.list.items.values[item];
            let mut slots = Vec::new();
            for operand in 0..self.list.items.operands(item).len() {
                let inner = self.list.span(kind, operand);
                let (slot, bases) = reader.slot(self.list, place, inner)?;
                let span = self.list.reach(slot, inner, count);
                template.bases.extend(bases.iter().map(|_| place as u32));
                template.spans.extend(bases.iter().map(|_| span));
                operands.extend(bases);
                slots.push(slot);
                place += 1;
            }
            template.items.push(kind, slots, width);
        }
        let template = self.list.template(template);
        Ok(Found { start, length: period * count, template, operands })
    }
}

/// The bases of a slot: one, or as many as iterations that a value is carried.
type Bases = SmallVec<[u32; 2]>;

/// Reads the operands of all iterations.
struct Reader {
    /// The first value of the first iteration, and how many values each has.
    first: i64,
    width: i64,
    count: usize,
    tables: bool,
    /// The first operand of the first iteration, and how many each has.
    begin: usize,
    step: usize,
}

impl Reader {
    fn address(&self, list: &List, place: usize, iteration: usize) -> u32 {
        list.items.operands[self.begin + iteration * self.step + place]
    }

    /// How an operand comes by its value, and its bases.
    fn slot(
        &self,
        list: &mut List,
        place: usize,
        (low, high): (i64, i64),
    ) -> Result<(Slot, Bases), Refusal> {
        let at = |list: &List, iteration| self.address(list, place, iteration);
        let [one, two] = [1, 2].map(|iteration| at(list, iteration));
        if one >= NUMBERS {
            let width = high as usize + 1;
            return self.numbers(list, place, width);
        }
        let (one, two) = (i64::from(one), i64::from(two));
        let behind = one - self.first - self.width;
        let back = |behind: i64| (-behind + self.width - 1).div_euclid(self.width);
        let until = |list: &List, from: usize, holds: &dyn Fn(i64, i64) -> bool| {
            let wrong = (from..self.count).find(|&iteration| {
                let address = at(list, iteration);
                address >= NUMBERS || !holds(iteration as i64, i64::from(address))
            });
            wrong.map_or(Ok(()), Err)
        };
        let evenly =
            |iteration: i64, address: i64| address == self.first + iteration * self.width + behind;
        if two - one == self.width && behind + high >= -self.width * (self.count as i64 - 1) {
            // It moves with the iterations, and meets them.
            if behind + low >= 0 && behind + high < self.width {
                until(list, 0, &evenly)
                    .map_err(|iterations| Refusal { iterations, why: Why::Uneven })?;
                return Ok((Slot::Own { place: behind as u32 }, smallvec![]));
            }
            let (far, near) = (back(behind + low), back(behind + high));
            if behind + high >= 0 || far != near {
                return Err(Refusal { iterations: 1, why: Why::Crossing });
            }
            if far > i64::from(MOST_BACK) {
                return Err(Refusal { iterations: near as usize, why: Why::FarBack });
            }
            until(list, far as usize, &evenly)
                .map_err(|iterations| Refusal { iterations, why: Why::Uneven })?;
            let bases: Bases = (0..far as usize).map(|iteration| at(list, iteration)).collect();
            let inside = |&base: &u32| base < NUMBERS && i64::from(base) + high >= self.first;
            if bases.iter().any(inside) {
                return Err(Refusal { iterations: 0, why: Why::Crossing });
            }
            let place = (behind + far * self.width) as u32;
            return Ok((Slot::Carried { back: far as u32, place }, bases));
        }
        until(list, 0, &|_, address| address + high < self.first)
            .map_err(|iterations| Refusal { iterations, why: Why::Crossing })?;
        let base = at(list, 0);
        let stride = two - one;
        let even = until(list, 0, &|i, address| address == one + (i - 1) * stride);
        match (even, i32::try_from(stride)) {
            (Ok(()), Ok(stride)) => Ok((Slot::Walk { stride }, smallvec![base])),
            _ if self.tables => {
                let all = (0..self.count).map(|iteration| at(list, iteration)).collect();
                let (slot, bases) = list.outside(all);
                Ok((slot, bases.into()))
            }
            (Err(iterations), _) => Err(Refusal { iterations, why: Why::Uneven }),
            (Ok(()), Err(_)) => Err(Refusal { iterations: 1, why: Why::Uneven }),
        }
    }

    /// Numbers: the same in all iterations, or data.
    fn numbers(
        &self,
        list: &mut List,
        place: usize,
        width: usize,
    ) -> Result<(Slot, Bases), Refusal> {
        let all: Vec<u32> =
            (0..self.count).map(|iteration| self.address(list, place, iteration)).collect();
        if let Some(iterations) = all.iter().position(|&address| address < NUMBERS) {
            return Err(Refusal { iterations, why: Why::Uneven });
        }
        let bits = |list: &List, address: u32| {
            list.numbers_at(address, width)
                .iter()
                .map(|number| number.to_bits())
                .collect::<Vec<_>>()
        };
        let first = bits(list, all[0]);
        if all.iter().all(|&address| address == all[0] || bits(list, address) == first) {
            return Ok((Slot::Walk { stride: 0 }, smallvec![all[0]]));
        }
        let stride = i64::from(all[1]) - i64::from(all[0]);
        let in_order = |(i, &address): (usize, &u32)| {
            i64::from(address) == i64::from(all[0]) + i as i64 * stride
        };
        if stride >= width as i64 && all.iter().enumerate().all(in_order) {
            return Ok((Slot::Walk { stride: stride as i32 }, smallvec![all[0]]));
        }
        let stride = width as i32;
        let data: Vec<f64> =
            all.iter().flat_map(|&address| list.numbers_at(address, width).to_vec()).collect();
        Ok((Slot::Walk { stride }, smallvec![list.push_data(&data)]))
    }
}

/// The list with loops in the place of the items that they stand for.
pub(super) fn with_found(list: &mut List, mut found: Vec<Found>) {
    found.sort_unstable_by_key(|found| found.start);
    let old = std::mem::take(&mut list.items);
    let mut new = Items::new(old.values[0]);
    let mut at = 0;
    for Found { start, length, template, operands } in found {
        new.copy(&old, at..start);
        at = start + length;
        new.push(Kind::Found(template), operands, old.values[at] - old.values[start]);
    }
    new.copy(&old, at..old.len());
    list.items = new;
}
