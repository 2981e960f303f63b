//! Rows go to where they are summed up: from ranks that read any number of them to ranks with their [`share`].
//!
//! A rank has most of its share already, so rows go to neighbours as a rule, in messages of bounded size. Across each border
//! they go one way, so that ranks that wait for each other never make a circle.

use crate::communicator::Communicator;
use crate::error::{Error, RankError};
use crate::message::{Reader, Writer};
use crate::share::{counts, share};
use crate::together::agree;

/// Numbers in a message, about.
const MESSAGE: usize = 1 << 17;

/// Gives each rank its [`share`] of the rows of all: a rank has so many, of `width` numbers each, that `read` reads from a row
/// on, as many as there is room for. `take` gets the rows of the share one by one, in order.
///
/// # Errors
///
/// Those of `read` and `take`, on the rank where they happen; then [`Error::Elsewhere`] on the others. Those of
/// [`gather`](crate::gather).
pub fn level<E: RankError>(
    ranks: &dyn Communicator,
    rows: usize,
    width: usize,
    mut read: impl FnMut(usize, &mut [f64]) -> Result<(), E>,
    mut take: impl FnMut(&[f64]) -> Result<(), E>,
) -> Result<(), E> {
    let (rank, count) = (ranks.rank(), ranks.count());
    let mut starts = vec![0];
    for rows in counts(ranks, rows)? {
        starts.push(starts[starts.len() - 1] + rows);
    }
    let all = starts[count];
    // Rows of one rank that belong to another.
    let between = |from: usize, to: usize| {
        let share = share(all, to, count);
        share.start.max(starts[from])..share.end.min(starts[from + 1])
    };
    let block = (MESSAGE / width.max(1)).max(1);
    // After a failure messages still flow, so that nobody waits in vain.
    let mut failed: Result<(), E> = Ok(());
    let mut numbers = Vec::new();
    for to in (0..count).filter(|&to| to != rank) {
        let rows = between(rank, to);
        for first in rows.clone().step_by(block) {
            numbers.resize(block.min(rows.end - first) * width, 0.0);
            if failed.is_ok() {
                failed = read(first - starts[rank], &mut numbers);
            }
            let mut message = Writer::default();
            message.numbers(&numbers);
            ranks.send(to, &message.0)?;
        }
    }
    for from in 0..count {
        let rows = between(from, rank);
        for first in rows.clone().step_by(block) {
            let length = block.min(rows.end - first) * width;
            if from != rank {
                let message = ranks.receive(from)?;
                let strange = Error::Strange { rank: from };
                numbers = Reader(&message).numbers().ok_or_else(|| strange.clone())?;
                if numbers.len() != length {
                    return Err(strange.into());
                }
            } else {
                numbers.resize(length, 0.0);
                if failed.is_ok() {
                    failed = read(first - starts[rank], &mut numbers);
                }
            }
            if failed.is_ok() {
                failed = numbers.chunks_exact(width.max(1)).try_for_each(&mut take);
            }
        }
    }
    agree(ranks, failed)
}
