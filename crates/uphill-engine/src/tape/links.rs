//! The tape itself: for each operation, which values it read, and the partial derivative by each.
//!
//! Two flat lists. A *link* is a word: the number of the operand, a bit that begins a new operation, and a bit that says
//! that the partial derivative is 1. Other partials lie in the second list, in the same order. So a sum takes 8 bytes, a
//! product 24; and the reverse sweep reads both lists from the end to the beginning, once.
//!
//! Links of one operation are written from its last operand to its first: the sweep, going backwards, then adds to the
//! adjoints in the order in which a gradient graph does.

#![allow(
    unsafe_code,
    reason = "appending without a borrow flag and without a second check of the room"
)]

use std::cell::UnsafeCell;

/// The bit of a link that was written first of its operation's.
const FIRST: u32 = 1 << 31;
/// The bit of a link whose partial derivative is 1, and is not in the list.
const ONE: u32 = 1 << 30;
/// The bits that hold the operand's number.
const NUMBER: u32 = ONE - 1;

/// What a link and its partial take at most.
const BYTES: usize = size_of::<u32>() + size_of::<f64>();
/// Up to how many links the lists double; longer ones grow by a quarter, to leave less memory unused.
const DOUBLING: usize = 1 << 22;

/// A partial derivative; 1 is told apart where the code knows it, since it takes no memory.
#[derive(Debug, Clone, Copy)]
pub(super) enum Partial {
    One,
    Is(f64),
}

impl Partial {
    #[inline(always)]
    fn flag(self) -> u32 {
        match self {
            Partial::One => ONE,
            Partial::Is(_) => 0,
        }
    }

    /// Writes the partial, if it needs a place; gives how many it needs.
    ///
    /// # Safety
    ///
    /// The place can be written.
    #[inline(always)]
    unsafe fn write(self, place: *mut f64) -> usize {
        match self {
            Partial::One => 0,
            Partial::Is(partial) => {
                // SAFETY: as the caller promises.
                unsafe { place.write(partial) };
                1
            }
        }
    }
}

/// An operand as an operation sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operand {
    pub(super) number: u32,
    pub(super) partial: Partial,
    /// Whether it is on the tape; else the number means nothing.
    pub(super) active: bool,
}

/// The links of one recording. Values are numbered: first the inputs, then the results of operations.
#[derive(Debug)]
pub(super) struct Links {
    // Not a `RefCell`: its flag would cost a fifth of the time of an operation.
    lists: UnsafeCell<Lists>,
}

#[derive(Debug)]
struct Lists {
    links: Vec<u32>,
    /// Never longer than `links`.
    partials: Vec<f64>,
    /// How many links there may be before `grow`. **Invariant:** at most the capacity of either list.
    room: usize,
    inputs: usize,
    /// How many values have a number.
    values: u32,
    /// How many bytes the lists may take.
    limit: usize,
    /// The number of bytes that the lists would have had to grow to, and how many they may have or can get.
    refused: Option<(usize, usize)>,
}

impl Links {
    pub(super) fn with_limit(limit: usize) -> Links {
        Links {
            lists: UnsafeCell::new(Lists {
                links: Vec::new(),
                partials: Vec::new(),
                room: 0,
                inputs: 0,
                values: 0,
                limit,
                refused: None,
            }),
        }
    }

    /// Begins a recording with so many inputs, at most 2³⁰.
    pub(super) fn reset(&mut self, inputs: usize) {
        let lists = self.lists.get_mut();
        lists.links.clear();
        lists.partials.clear();
        lists.inputs = inputs;
        lists.values = inputs as u32;
        lists.refused = None;
        lists.measure();
    }

    /// How many inputs there can be.
    pub(super) const MOST_INPUTS: usize = NUMBER as usize;

    /// The bytes that were needed, and those that could be had: the recording is not complete then.
    pub(super) fn refused(&self) -> Option<(usize, usize)> {
        self.read(|lists| lists.refused)
    }

    /// How many values have a number, inputs included.
    pub(super) fn values(&self) -> usize {
        self.read(|lists| lists.values as usize)
    }

    /// How many operations have been written.
    pub(super) fn operations(&self) -> usize {
        self.read(|lists| lists.values as usize - lists.inputs)
    }

    /// The bytes in use, and those held.
    pub(super) fn bytes(&self) -> (usize, usize) {
        let sum = |links, partials| links * size_of::<u32>() + partials * size_of::<f64>();
        self.read(|lists| {
            (
                sum(lists.links.len(), lists.partials.len()),
                sum(lists.links.capacity(), lists.partials.capacity()),
            )
        })
    }

    fn read<R>(&self, what: impl Fn(&Lists) -> R) -> R {
        // SAFETY: as in `push`; the closures of this module give numbers alone.
        what(unsafe { &*self.lists.get() })
    }

    /// Writes an operation on one operand; gives the number of its result.
    #[inline(always)]
    pub(super) fn push_one(&self, number: u32, partial: Partial) -> u32 {
        self.push(
            Operand { number, partial, active: false },
            Operand { number, partial, active: true },
        )
    }

    /// Writes an operation on the operands that are active, at least one of two; gives the number of its result.
    ///
    /// Without a branch: what is not active is written, too, and then written over.
    #[inline(always)]
    pub(super) fn push(&self, x: Operand, y: Operand) -> u32 {
        // SAFETY: no reference to the lists is alive. The type is not `Sync`, so no other thread has one; methods that
        // take `&self` make one, call nothing that could come back here, and end it before they return; the others
        // take `&mut self`.
        let lists = unsafe { &mut *self.lists.get() };
        let length = lists.links.len();
        if lists.room - length < 2 && !lists.grow(2) {
            return if x.active { x.number } else { y.number };
        }
        let place = lists.partials.len();
        let (x_flag, y_links) = if y.active { (0, 1) } else { (FIRST, 0) };
        // SAFETY: there is room for two links and two partials, by the check above and the invariant of `room`; partials are
        // no more than links. So all four places are within the capacity, and those that then count have been written.
        unsafe {
            let link = lists.links.as_mut_ptr().add(length);
            let partial = lists.partials.as_mut_ptr().add(place);
            let y_partials = y.partial.write(partial) & y_links;
            link.write(y.number | y.partial.flag() | FIRST);
            let x_partials = x.partial.write(partial.add(y_partials)) & usize::from(x.active);
            link.add(y_links).write(x.number | x.partial.flag() | x_flag);
            lists.links.set_len(length + y_links + usize::from(x.active));
            lists.partials.set_len(place + y_partials + x_partials);
        }
        let value = lists.values;
        lists.values = value + 1;
        value
    }

    /// Where an operation on any number of operands begins: its links follow, from the last operand's to the first's.
    pub(super) fn begin(&self) -> usize {
        self.read(|lists| lists.links.len())
    }

    /// Writes one link of an operation that has begun.
    pub(super) fn link(&self, number: u32, partial: Partial) {
        // SAFETY: as in `push`.
        let lists = unsafe { &mut *self.lists.get() };
        if lists.room == lists.links.len() && !lists.grow(1) {
            return;
        }
        match partial {
            Partial::One => lists.links.push(number | ONE),
            Partial::Is(partial) => {
                lists.links.push(number);
                lists.partials.push(partial);
            }
        }
    }

    /// Ends the operation that began there; gives the number of its result, or `None` if it has no link.
    pub(super) fn end(&self, begin: usize) -> Option<u32> {
        // SAFETY: as in `push`.
        let lists = unsafe { &mut *self.lists.get() };
        *lists.links.get_mut(begin)? |= FIRST;
        lists.values += 1;
        Some(lists.values - 1)
    }

    /// The reverse sweep: from the adjoints of the seeded values to those of the inputs, by the chain rule. Adjoints of
    /// operations are set back to 0 as soon as they have been passed on, so that after the sweep only those of inputs are
    /// left.
    ///
    /// Most adjoints that are exactly 0 are those of values from which nothing leads to a seed: they pass nothing on. What
    /// other ones pass on are zeros, so they are passed over too; but 0 times a partial that is not finite is NaN, and
    /// then it is found out which of the two it is.
    ///
    /// Most operations read the result of the one before. Its adjoint stays in a register: the way through memory would
    /// take longer than the arithmetic.
    pub(super) fn sweep(&mut self, adjoints: &mut [f64], seeds: &[Option<u32>]) {
        let lists = &*self.lists.get_mut();
        let mut reached = None;
        let mut links = lists.links.iter().rev();
        let mut partials = lists.partials.iter().rev();
        let adjoints = &mut adjoints[..lists.values as usize];
        let take = |adjoints: &mut [f64], value: usize| {
            adjoints.get_mut(value).map_or(0.0, std::mem::take)
        };
        let mut below = adjoints.len().wrapping_sub(1);
        let mut adjoint_below = take(adjoints, below);
        'values: loop {
            let adjoint = adjoint_below;
            below = below.wrapping_sub(1);
            adjoint_below = take(adjoints, below);
            if adjoint == 0.0 {
                let here = (links.clone(), partials.clone());
                let mut all_finite = true;
                let mut ends = false;
                for &link in links.by_ref() {
                    if link & ONE == 0 {
                        all_finite &= partials.next().is_none_or(|partial| partial.is_finite());
                    }
                    ends = link & FIRST != 0;
                    if ends {
                        break;
                    }
                }
                if !ends {
                    break;
                }
                let passes_on = !all_finite
                    && reached.get_or_insert_with(|| lists.reached(seeds))[below.wrapping_add(1)];
                if !passes_on {
                    continue;
                }
                (links, partials) = here;
            }
            for &link in links.by_ref() {
                let operand = (link & NUMBER) as usize;
                let term = if link & ONE == 0 {
                    adjoint * partials.next().copied().unwrap_or(0.0)
                } else {
                    adjoint
                };
                if operand == below {
                    adjoint_below += term;
                } else {
                    adjoints[operand] += term;
                }
                if link & FIRST != 0 {
                    continue 'values;
                }
            }
            // All operations are done, and this is the last input's.
            adjoints[below.wrapping_add(1)] = adjoint;
            break;
        }
        if let Some(place) = adjoints.get_mut(below) {
            *place = adjoint_below;
        }
    }
}

impl Lists {
    /// Of each value, whether links lead to it from a seed.
    #[cold]
    #[inline(never)]
    fn reached(&self, seeds: &[Option<u32>]) -> Vec<bool> {
        let mut reached = vec![false; self.values as usize];
        seeds.iter().flatten().for_each(|&seed| reached[seed as usize] = true);
        let mut value = reached.len();
        let mut is_last = true;
        for &link in self.links.iter().rev() {
            value -= usize::from(is_last);
            reached[(link & NUMBER) as usize] |= reached[value];
            is_last = link & FIRST != 0;
        }
        reached
    }

    /// How many links there can be: each operation has one, so that there are never more values than inputs and links.
    fn most(&self) -> usize {
        (self.limit / BYTES).min(Links::MOST_INPUTS - self.inputs)
    }

    /// Sets `room` by what the lists hold and may hold.
    fn measure(&mut self) {
        self.room = self.links.capacity().min(self.partials.capacity()).min(self.most());
    }

    /// Makes room for so many links more; `false` where that is more than the limit or the memory.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, additional: usize) -> bool {
        let length = self.links.len();
        let needed = length + additional;
        let step = if length < DOUBLING { length } else { length / 4 };
        let most = self.most();
        if needed > most {
            let limit = self.limit.min(most * BYTES);
            self.refused.get_or_insert((needed * BYTES, limit));
            return false;
        }
        let wanted = (length + step).max(256).max(needed).min(most);
        if self.partials.try_reserve_exact(wanted - self.partials.len()).is_err()
            || self.links.try_reserve_exact(wanted - length).is_err()
        {
            self.refused.get_or_insert((wanted * BYTES, self.room * BYTES));
            return false;
        }
        self.measure();
        true
    }
}
