//! How long something takes, once or in turns with something else.

use std::time::{Duration, Instant};

use crate::memory::{self, Held};

/// Seconds that one call of some work takes: the least of some tenths of a second's worth of calls.
pub fn seconds(mut work: impl FnMut()) -> f64 {
    let (begin, mut least, mut calls) = (Instant::now(), f64::INFINITY, 0);
    while calls < 2 || (begin.elapsed().as_secs_f64() < 0.3 && calls < 10_000) {
        least = least.min(call(&mut work));
        calls += 1;
    }
    least
}

/// Seconds of one call of each, one after the other, the least of about as long: a slow spell of the machine hits all.
pub fn in_turns<const N: usize>(each: Duration, mut work: [&mut dyn FnMut(); N]) -> [f64; N] {
    let (begin, mut least, mut rounds) = (Instant::now(), [f64::INFINITY; N], 0);
    while rounds < 3 || begin.elapsed() < each * N as u32 {
        for (least, work) in least.iter_mut().zip(&mut work) {
            *least = least.min(call(work));
        }
        rounds += 1;
    }
    least
}

fn call(work: &mut (impl FnMut() + ?Sized)) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// What some work makes, with its bytes, and the least seconds of a few times.
pub fn once<T>(work: impl Fn() -> T) -> (Held<T>, f64) {
    let start = Instant::now();
    let held = memory::count(&work);
    let first = start.elapsed().as_secs_f64();
    let again = if first < 1.0 { seconds(|| drop(work())) } else { first };
    (held, first.min(again))
}
