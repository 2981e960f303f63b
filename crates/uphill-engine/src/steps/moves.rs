//! Numbers on their way between memory and lanes: what iterations read, and what they store.
//!
//! Everything here is inlined into code that is compiled for an instruction set.

#![allow(unsafe_code, reason = "addresses were verified when the program was made")]

use crate::code::{At, Code};
use crate::lanes::{Set, Task};

/// One number, or one an iteration.
#[derive(Clone, Copy)]
pub(super) enum Values {
    Same(f64),
    Each(*const f64),
}

impl Values {
    /// Whether these are the numbers at this place.
    pub(super) fn are_at(self, place: *const f64) -> bool {
        matches!(self, Values::Each(values) if values == place)
    }
}

/// Reads what is at a place from an iteration on.
///
/// Safety of the task: `memory` is good for the addresses of the place in these iterations, and `to` for as many numbers.
pub(super) struct Read<'c> {
    pub(super) code: &'c Code,
    pub(super) memory: *const f64,
    pub(super) at: At,
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) to: *mut f64,
}

impl Task for Read<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        let Read { code, memory, at, first, count, to } = self;
        // SAFETY: the caller vouches for all addresses.
        unsafe {
            match (at.table, at.by as i32) {
                (None, 1) => {
                    let from = memory.add(at.place(code, first));
                    std::ptr::copy_nonoverlapping(from, to, count);
                }
                (None, -1) => {
                    let from = memory.add(at.place(code, first) + 1 - count);
                    for k in 0..count {
                        *to.add(k) = *from.add(count - 1 - k);
                    }
                }
                (None, _) => {
                    let mut place = at.place(code, first) as u32;
                    for k in 0..count {
                        *to.add(k) = *memory.add(place as usize);
                        place = place.wrapping_add(at.by);
                    }
                }
                (Some(start), 0) => {
                    let entries = code.pool[start + first..][..count].as_ptr();
                    for k in 0..count {
                        let place = at.address.wrapping_add(*entries.add(k));
                        *to.add(k) = *memory.add(place as usize);
                    }
                }
                (Some(start), _) => {
                    let entries = code.pool[start + first..][..count].as_ptr();
                    let mut even = at.address.wrapping_add(at.by.wrapping_mul(first as u32));
                    for k in 0..count {
                        *to.add(k) = *memory.add(even.wrapping_add(*entries.add(k)) as usize);
                        even = even.wrapping_add(at.by);
                    }
                }
            }
        }
    }
}

/// Stores values at a place from an iteration on.
///
/// Safety of the task: `memory` is good for the addresses of the place in these iterations, and values for as many numbers.
pub(super) struct Write<'c> {
    pub(super) code: &'c Code,
    pub(super) memory: *mut f64,
    pub(super) at: At,
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) values: Values,
}

impl Task for Write<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Set>(self) {
        let Write { code, memory, at, first, count, values } = self;
        // SAFETY: the caller vouches for all addresses.
        unsafe {
            match (at.table, at.by as i32, values) {
                (None, 1, Values::Each(values)) => {
                    let to = memory.add(at.place(code, first));
                    std::ptr::copy_nonoverlapping(values, to, count);
                }
                (None, 1, Values::Same(number)) => {
                    let to = memory.add(at.place(code, first));
                    std::slice::from_raw_parts_mut(to, count).fill(number);
                }
                (None, -1, Values::Each(values)) => {
                    let to = memory.add(at.place(code, first) + 1 - count);
                    for k in 0..count {
                        *to.add(count - 1 - k) = *values.add(k);
                    }
                }
                (None, _, Values::Each(values)) => {
                    let mut place = at.place(code, first) as u32;
                    for k in 0..count {
                        *memory.add(place as usize) = *values.add(k);
                        place = place.wrapping_add(at.by);
                    }
                }
                (_, _, Values::Each(values)) => {
                    for k in 0..count {
                        *memory.add(at.place(code, first + k)) = *values.add(k);
                    }
                }
                (_, _, Values::Same(number)) => {
                    for k in 0..count {
                        *memory.add(at.place(code, first + k)) = number;
                    }
                }
            }
        }
    }
}
